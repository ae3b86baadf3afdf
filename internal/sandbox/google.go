package sandbox

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/client"
)

// phoneState is what a phone, and our app on it, are.
type phoneState string

// What a phone can be, a closed list.
const (
	phoneSound   phoneState = "sound"   // certified, with the app as Play hands it out
	phoneRooted  phoneState = "rooted"  // Google sees signs of compromise
	phoneChanged phoneState = "changed" // the app was changed and signed by somebody else
	phoneBasic   phoneState = "basic"   // not certified, and nothing speaks against it
)

// text words the state.
func (s phoneState) text() client.Text {
	switch s {
	case phoneSound:
		return client.Text{ZH: "手机经过认证，App 是从 Google Play 装的。", EN: "A certified phone, with the app from Google Play."}
	case phoneRooted:
		return client.Text{ZH: "手机已被 root，Google 看得出来。", EN: "The phone is rooted, and Google can tell."}
	case phoneChanged:
		return client.Text{ZH: "App 被人改过，用别人的证书重新签了名。", EN: "The app was changed, and signed again by somebody else."}
	default:
		return client.Text{ZH: "手机没有经过认证，Google 不为它作保，也没说它不好。", EN: "The phone is not certified. Google neither vouches for it nor speaks against it."}
	}
}

// google plays Google's token endpoint and the Play Integrity API, and is where a person chooses what a phone is.
type google struct {
	*party
	base, app, certificate string
	seal                   seal
	mu                     sync.Mutex
	phones                 map[string]phoneState     // by person
	access                 map[string]time.Time      // bearer tokens, and until when they are good
	minted                 map[string]map[string]any // integrity tokens, and what is sealed in them
	disabled               map[string]bool           // accounts, by person
	client                 string                    // what we are called in the tokens about accounts
	hook                   *hook
}

// phoneOf is a person's phone, and what it is.
type phoneOf struct {
	Key   string      `json:"person"`
	Name  client.Text `json:"name"`
	Ours  bool        `json:"android"` // an iPhone is nothing that Google speaks of
	State phoneState  `json:"state"`

	Subject  string `json:"subject"`  // what Google knows them by
	Disabled bool   `json:"disabled"` // their account
}

// What Google knows the service account as, and the digest of a certificate that is nobody's.
const (
	googleAccount = "jieling@sandbox.iam.gserviceaccount.com"
	googleScope   = "https://www.googleapis.com/auth/playintegrity"
	accessLife    = time.Hour
	otherSigner   = "c29tZWJvZHkgZWxzZSdzIGNlcnRpZmljYXRlIDAwMSE"
)

// googleKey is the service account's key: made when it is first wanted, and the same in every world of a process, since it takes a while.
var googleKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func newGoogle(c Config, l *looks, base string) (*google, error) {
	sealed, err := newSeal()
	if err != nil {
		return nil, err
	}
	g := &google{
		party: newParty(Google, client.Text{ZH: "Google Play", EN: "Google Play"},
			client.Text{ZH: "Google Play 完整性校验：手机上的 App 问它要凭证，解铃再向它核对。", EN: "Google Play integrity: the app on a phone asks it for a token, and Jieling has it say what the token holds."},
			[]string{"token", "decodeIntegrityToken", "certs"}, c, l),
		base: base, app: c.Credentials.GooglePackage, certificate: c.Credentials.GoogleCertificate, seal: sealed,
		phones: map[string]phoneState{}, access: map[string]time.Time{}, minted: map[string]map[string]any{},
		disabled: map[string]bool{}, client: c.Credentials.GoogleClient, hook: newHook(c.Log),
	}
	for _, p := range People() {
		g.phones[p.Key] = phoneSound
	}
	g.state = func() any { return g.all() }
	g.wire("POST /token", g.grant)
	g.wire("POST /v1/{call}", g.decode)
	g.page("GET /{$}", func(r *http.Request, v view) templ.Component {
		return v.google(only(r, g.all(), func(p phoneOf) string { return p.Key }))
	})
	g.mux.HandleFunc("POST /phone", g.become)
	g.mux.HandleFunc("POST /account", g.account)
	g.wire("GET /oauth2/v3/certs", g.certs)
	g.mux.HandleFunc("POST /_mint", g.mint)
	return g, nil
}

func (g *google) all() (all []phoneOf) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range People() {
		all = append(all, phoneOf{p.Key, p.Name, p.Handset == "android", g.phones[p.Key], p.GoogleSubject(), g.disabled[p.Key]})
	}
	return all
}

func (g *google) signs(who Person) []sign {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case who.Handset != "android":
		return []sign{{"plain", client.Text{ZH: "用的是苹果手机", EN: "carries an iPhone"}}}
	case g.phones[who.Key] == phoneSound:
		return []sign{{"good", client.Text{ZH: "手机和 App 完好", EN: "phone and app are sound"}}}
	case g.phones[who.Key] == phoneBasic:
		return []sign{{"warn", client.Text{ZH: "手机未经认证", EN: "the phone is not certified"}}}
	case g.phones[who.Key] == phoneChanged:
		return []sign{{"bad", client.Text{ZH: "App 被改动过", EN: "the app was changed"}}}
	}
	return []sign{{"bad", client.Text{ZH: "手机已被 root", EN: "the phone is rooted"}}}
}

// become makes a phone what a person chooses: person and is, from a form.
func (g *google) become(w http.ResponseWriter, r *http.Request) {
	who, known := personByKey(r.FormValue("person"))
	is := phoneState(r.FormValue("is"))
	switch is {
	case phoneSound, phoneRooted, phoneChanged, phoneBasic:
	default:
		known = false
	}
	if !known {
		http.Error(w, "say which person of the cast, and is: sound, rooted, changed or basic", http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	g.phones[who.Key] = is
	g.mu.Unlock()
	back(w, r, "/")
}

// serviceAccount is the key file that one would download from Google's console.
func (g *google) serviceAccount() ([]byte, error) {
	key, err := googleKey()
	if err != nil {
		return nil, fmt.Errorf("google's service account: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("google's service account: %w", err)
	}
	return json.MarshalIndent(map[string]string{
		"type": "service_account", "client_email": googleAccount, "private_key_id": "sandbox-1", "token_uri": g.base + "/token",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	}, "", "  ")
}

// grant trades the assertion of a service account for a bearer token (RFC 7523).
func (g *google) grant(w http.ResponseWriter, r *http.Request) {
	wrong := g.wrong(r.FormValue("grant_type"), r.FormValue("assertion"))
	if has(r.Context(), FaultRefuse) {
		wrong = "the account is disabled"
	}
	if wrong != "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusBadRequest)
		writeJSON(w, map[string]string{"error": "invalid_grant", "error_description": wrong})
		return
	}
	token := "ya29.sandbox-" + rand.Text()
	g.mu.Lock()
	g.access[token] = g.now().Add(accessLife)
	g.mu.Unlock()
	writeJSON(w, map[string]any{"access_token": token, "expires_in": int(accessLife.Seconds()), "token_type": "Bearer"})
}

// wrong says why an assertion is refused, or nothing.
func (g *google) wrong(grant, assertion string) string {
	parts := strings.Split(assertion, ".")
	if grant != "urn:ietf:params:oauth:grant-type:jwt-bearer" || len(parts) != 3 {
		return "not an assertion"
	}
	var head struct{ Alg, Typ string }
	var claims struct {
		Iss, Scope, Aud string
		Iat, Exp        int64
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !unpack(parts[0], &head) || !unpack(parts[1], &claims) {
		return "malformed assertion"
	}
	key, err := googleKey()
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	now := g.now().Unix()
	switch {
	case err != nil || head.Alg != "RS256" || rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature) != nil:
		return "Invalid JWT Signature."
	case claims.Iss != googleAccount || claims.Aud != g.base+"/token" || claims.Scope != googleScope:
		return "wrong issuer, audience or scope"
	case claims.Exp <= now || claims.Iat > now+300 || claims.Exp-claims.Iat > 3600:
		return "Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
	}
	return ""
}

func unpack(part string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(raw, into) == nil
}

// decode is decodeIntegrityToken: it opens tokens that were minted here.
func (g *google) decode(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Token string `json:"integrityToken"`
	}
	err := json.NewDecoder(io.LimitReader(r.Body, bodyLimit)).Decode(&in)
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	g.mu.Lock()
	until, known := g.access[bearer]
	sealed := g.minted[in.Token]
	g.mu.Unlock()
	switch {
	case !known || g.now().After(until):
		googleFailed(w, http.StatusUnauthorized, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
	case r.PathValue("call") != g.app+":decodeIntegrityToken":
		googleFailed(w, http.StatusForbidden, "PERMISSION_DENIED", "The caller does not have permission")
	case has(r.Context(), FaultRefuse):
		googleFailed(w, http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", "Quota exceeded.")
	case err != nil || sealed == nil:
		googleFailed(w, http.StatusBadRequest, "INVALID_ARGUMENT", "Integrity token cannot be decrypted due to invalid arguments.")
	default:
		writeJSON(w, map[string]any{"tokenPayloadExternal": g.said(r.Context(), sealed)})
	}
}

// said is what is sealed in a token, or, where the party is to lie, that everything is fine.
func (g *google) said(ctx context.Context, sealed map[string]any) map[string]any {
	if !has(ctx, FaultLie) {
		return sealed
	}
	out := g.verdicts(phoneSound)
	out["requestDetails"] = sealed["requestDetails"]
	return out
}

func googleFailed(w http.ResponseWriter, status int, name, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	writeJSON(w, map[string]any{"error": map[string]any{"code": status, "status": name, "message": message}})
}

// mint is POST /_mint, the phone's side: {"person","request_hash"} of a standard request, or {"person","nonce"} of a classic one,
// → {"token"}. Another app on the phone names itself in "package". A classic token can be opened with the app's keys, too.
func (g *google) mint(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Person  string `json:"person"`
		Package string `json:"package"`
		Hash    string `json:"request_hash"`
		Nonce   string `json:"nonce"`
	}
	err := json.NewDecoder(io.LimitReader(r.Body, bodyLimit)).Decode(&in)
	who, known := personByKey(in.Person)
	if err != nil || !known || who.Handset != "android" || (in.Hash == "") == (in.Nonce == "") {
		http.Error(w, "send person, who carries an Android phone, and request_hash or nonce, as JSON", http.StatusBadRequest)
		return
	}
	request := map[string]string{"requestPackageName": g.app, "timestampMillis": strconv.FormatInt(g.now().UnixMilli(), 10)}
	if in.Package != "" {
		request["requestPackageName"] = in.Package
	}
	if in.Hash != "" {
		request["requestHash"] = in.Hash
	} else {
		request["nonce"] = in.Nonce
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	said := g.verdicts(g.phones[who.Key])
	said["requestDetails"] = request
	token := "sandbox-integrity." + rand.Text()
	if in.Nonce != "" {
		if token, err = g.seal.close(said); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	g.minted[token] = said
	writeJSON(w, map[string]string{"token": token})
}

// verdicts are what Google says of a phone, in its own words. A compromised phone's app is not evaluated.
func (g *google) verdicts(is phoneState) map[string]any {
	app := map[string]any{
		"appRecognitionVerdict": "PLAY_RECOGNIZED", "packageName": g.app, "certificateSha256Digest": []string{g.certificate}, "versionCode": "42",
	}
	device := map[string]any{"deviceRecognitionVerdict": []string{"MEETS_BASIC_INTEGRITY", "MEETS_DEVICE_INTEGRITY"}}
	licence := "LICENSED"
	switch is {
	case phoneRooted:
		app, device, licence = map[string]any{"appRecognitionVerdict": "UNEVALUATED"}, map[string]any{}, "UNEVALUATED"
	case phoneChanged:
		app["appRecognitionVerdict"], app["certificateSha256Digest"], licence = "UNRECOGNIZED_VERSION", []string{otherSigner}, "UNLICENSED"
	case phoneBasic:
		device["deviceRecognitionVerdict"] = []string{"MEETS_BASIC_INTEGRITY"}
	}
	return map[string]any{"appIntegrity": app, "deviceIntegrity": device, "accountDetails": map[string]string{"appLicensingVerdict": licence}}
}
