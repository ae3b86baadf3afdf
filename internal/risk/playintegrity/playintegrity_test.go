package playintegrity

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/risk/attesttest"
	"github.com/jieling-id/jieling/internal/sandbox"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func world(t *testing.T) *sandbox.World {
	t.Helper()
	w, err := sandbox.Start(t.Context(), sandbox.Config{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

func configured(t *testing.T, w *sandbox.World) Config {
	t.Helper()
	account, err := w.GoogleAccount()
	if err != nil {
		t.Fatal(err)
	}
	c := sandbox.DefaultCredentials()
	return Config{
		BaseURL: w.URL(sandbox.Google), ServiceAccount: account, Package: c.GooglePackage, Certificates: []string{c.GoogleCertificate},
		Now: func() time.Time { return now },
	}
}

func reader(t *testing.T, c Config) *Reader {
	t.Helper()
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// token has the app on lin's phone ask Google for one.
func token(t *testing.T, w *sandbox.World, kind, nonce, app string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"person": "lin", kind: nonce, "package": app})
	if err != nil {
		t.Fatal(err)
	}
	reply, err := http.Post(w.URL(sandbox.Google)+"/_mint", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	var said struct{ Token string }
	if err := json.NewDecoder(reply.Body).Decode(&said); err != nil || said.Token == "" {
		t.Fatalf("%s: %v", reply.Status, err)
	}
	return said.Token
}

func TestItPassesTheExam(t *testing.T) {
	for _, kind := range []string{"request_hash", "nonce"} {
		t.Run(kind, func(t *testing.T) {
			w, elsewhere := world(t), world(t)
			attesttest.Run(t, attesttest.Exam{
				Attester: reader(t, configured(t, w)), Now: now, Stale: 5*time.Minute + time.Second, Early: time.Minute + time.Second, Down: w.Close,
				Sound:       func(t *testing.T, nonce string) string { return token(t, w, kind, nonce, "") },
				OtherApp:    func(t *testing.T, nonce string) string { return token(t, w, kind, nonce, "com.example.other") },
				OtherSigner: func(t *testing.T, nonce string) string { return token(t, elsewhere, kind, nonce, "") },
			})
		})
	}
}

// What a person chooses on Google's page is what comes out here.
func TestWhatThePhoneIs(t *testing.T) {
	w := world(t)
	r := reader(t, configured(t, w))
	for is, want := range map[string]string{"sound": jieling.Sound, "rooted": jieling.Rooted, "changed": jieling.Rooted, "basic": jieling.Unattested} {
		reply, err := http.PostForm(w.URL(sandbox.Google)+"/phone", url.Values{"person": {"lin"}, "is": {is}})
		if err != nil || reply.StatusCode != http.StatusOK {
			t.Fatal(reply, err)
		}
		reply.Body.Close()
		got, err := r.Attest(t.Context(), risk.Statement{Nonce: attesttest.Nonce, Given: token(t, w, "request_hash", attesttest.Nonce, ""), Now: now})
		if err != nil || got.Level != want {
			t.Errorf("%s: %+v, %v, want %s", is, got, err, want)
		}
	}
}

// play answers as Google with a payload.
type play struct {
	*httptest.Server
	grants, decodes atomic.Int32
	payload         string
	status          int // of decodeIntegrityToken; 0: 200
}

func answering(t *testing.T, payload string) (*play, *Reader) {
	t.Helper()
	p := &play{payload: payload}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			fmt.Fprintf(w, `{"access_token": "secret-%d", "expires_in": 3600, "token_type": "Bearer"}`, p.grants.Add(1))
			return
		}
		p.decodes.Add(1)
		if p.status != 0 {
			w.WriteHeader(p.status)
		}
		_, _ = io.WriteString(w, p.payload)
	}))
	t.Cleanup(p.Close)
	c := configured(t, world(t))
	c.BaseURL, c.ServiceAccount = p.URL, changed(t, c.ServiceAccount, "token_uri", p.URL+"/token")
	return p, reader(t, c)
}

func asked(t *testing.T, r *Reader) (risk.Attested, error) {
	t.Helper()
	return r.Attest(t.Context(), risk.Statement{Nonce: attesttest.Nonce, Given: "a-token-of-googles", Now: now})
}

// Every verdict that Google documents, and what it is worth. Each row says what is other than on a sound phone.
func TestWhatEachVerdictIsWorth(t *testing.T) {
	const us, them = `["c2FuZGJveCBjZXJ0aWZpY2F0ZSBvZiB0aGUgYXBwISE"]`, `["c29tZWJvZHkgZWxzZSdzIGNlcnRpZmljYXRlIDAwMSE"]`
	app := func(verdict, signers string) string {
		return fmt.Sprintf(`{"appRecognitionVerdict": %q, "packageName": "com.example.jieling", "certificateSha256Digest": %s}`, verdict, signers)
	}
	labels := func(all string) string { return `{"deviceRecognitionVerdict": [` + all + `]}` }
	recognised, certified := app("PLAY_RECOGNIZED", us), labels(`"MEETS_DEVICE_INTEGRITY"`)
	const unevaluated, tester = `{"appRecognitionVerdict": "UNEVALUATED"}`, `, "testingDetails": {"isTestingResponse": true}`
	for name, row := range map[string]struct{ app, device, more, want string }{
		"certified":                     {recognised, certified, "", jieling.Sound},
		"certified, with updates":       {recognised, labels(`"MEETS_STRONG_INTEGRITY"`), "", jieling.Sound},
		"all labels":                    {recognised, labels(`"MEETS_BASIC_INTEGRITY", "MEETS_DEVICE_INTEGRITY", "MEETS_STRONG_INTEGRITY"`), "", jieling.Sound},
		"no label":                      {recognised, labels(""), "", jieling.Rooted},
		"blank":                         {recognised, labels(`""`), "", jieling.Rooted},
		"left out":                      {recognised, `{}`, "", jieling.Rooted},
		"left out, and not evaluated":   {unevaluated, `{}`, "", jieling.Rooted},
		"nothing of the device":         {recognised, `null`, "", jieling.Unattested},
		"basic":                         {recognised, labels(`"MEETS_BASIC_INTEGRITY"`), "", jieling.Unattested},
		"virtual":                       {recognised, labels(`"MEETS_VIRTUAL_INTEGRITY"`), "", jieling.Unattested},
		"unknown":                       {recognised, labels(`"UNKNOWN"`), "", jieling.Unattested},
		"a label of later":              {recognised, labels(`"MEETS_LATER_INTEGRITY"`), "", jieling.Unattested},
		"changed":                       {app("UNRECOGNIZED_VERSION", them), certified, "", jieling.Rooted},
		"changed, and nobody signed":    {app("UNRECOGNIZED_VERSION", "[]"), certified, "", jieling.Rooted},
		"ours from another store":       {app("UNRECOGNIZED_VERSION", us), certified, "", jieling.Unattested},
		"ours, elsewhere, and no label": {app("UNRECOGNIZED_VERSION", us), `{}`, "", jieling.Rooted},
		"not evaluated":                 {unevaluated, certified, "", jieling.Unattested},
		"an app's verdict of later":     {app("LATER", us), certified, "", jieling.Unattested},
		"written for a tester":          {recognised, certified, tester, jieling.Unattested},
		"rooted, written for a tester":  {recognised, `{}`, tester, jieling.Rooted},
	} {
		request := fmt.Sprintf(`{"requestPackageName": "com.example.jieling", "requestHash": %q, "timestampMillis": "%d"}`, attesttest.Nonce, now.UnixMilli())
		_, r := answering(t, fmt.Sprintf(`{"tokenPayloadExternal": {"requestDetails": %s, "appIntegrity": %s, "deviceIntegrity": %s%s}}`, request, row.app, row.device, row.more))
		if got, err := asked(t, r); err != nil || got.Level != row.want {
			t.Errorf("%s: %+v, %v, want %s", name, got, err, row.want)
		}
	}
}

// The request is looked at before any verdict: a sound phone that speaks of something else says nothing.
func TestWhatATokenWasMadeFor(t *testing.T) {
	at := func(d time.Duration) string { return fmt.Sprintf(`"%d"`, now.Add(d).UnixMilli()) }
	const name, signer, nonce = "com.example.jieling", "c2FuZGJveCBjZXJ0aWZpY2F0ZSBvZiB0aGUgYXBwISE", attesttest.Nonce
	for why, row := range map[string]struct{ asked, app, signer, made, at string }{
		"":                         {name, name, signer, `"requestHash": "` + nonce + `"`, at(0)},
		" ":                        {name, name, signer, `"nonce": "` + nonce + `=="`, at(-5 * time.Minute)}, // padded on the way
		"  ":                       {name, name, signer, `"nonce": "` + nonce + `"`, at(time.Minute)},
		"   ":                      {name, name, signer, `"nonce": "` + nonce + `"`, fmt.Sprint(now.UnixMilli())}, // a number
		"another app":              {"com.example.other", name, signer, `"requestHash": "` + nonce + `"`, at(0)},
		"for another app":          {name, "com.example.other", signer, `"requestHash": "` + nonce + `"`, at(0)},
		"a certificate nobody":     {name, name, "c29tZWJvZHkgZWxzZSdzIGNlcnRpZmljYXRlIDAwMSE", `"requestHash": "` + nonce + `"`, at(0)},
		"another nonce":            {name, name, signer, `"requestHash": "` + attesttest.Other + `"`, at(0)},
		"for another nonce":        {name, name, signer, `"requestHash": "` + attesttest.Other + `", "nonce": "` + nonce + `"`, at(0)},
		"made for another nonce":   {name, name, signer, `"requestHash": ""`, at(0)},
		"is too old":               {name, name, signer, `"requestHash": "` + nonce + `"`, at(-5*time.Minute - time.Millisecond)},
		"too old":                  {name, name, signer, `"requestHash": "` + nonce + `"`, `null`},
		"is of the future":         {name, name, signer, `"requestHash": "` + nonce + `"`, at(time.Minute + time.Millisecond)},
		"dependency_unavailable: ": {name, name, signer, `"requestHash": "` + nonce + `"`, `"soon"`},
	} {
		_, r := answering(t, fmt.Sprintf(`{"tokenPayloadExternal": {"requestDetails": {"requestPackageName": %q, %s, "timestampMillis": %s},
			"appIntegrity": {"appRecognitionVerdict": "PLAY_RECOGNIZED", "packageName": %q, "certificateSha256Digest": [%q]},
			"deviceIntegrity": {"deviceRecognitionVerdict": ["MEETS_DEVICE_INTEGRITY"]}}}`, row.asked, row.made, row.at, row.app, row.signer))
		got, err := asked(t, r)
		if fine := strings.TrimSpace(why) == ""; (err == nil) != fine || (got.Level == jieling.Sound) != fine || err != nil && !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %+v, %v", why, got, err)
		}
	}
}

// What cannot be a token is not sent, and a token for no nonce is none for a case whose nonce got lost.
func TestWhatIsNotSentToGoogle(t *testing.T) {
	p, r := answering(t, fmt.Sprintf(`{"tokenPayloadExternal": {"requestDetails": {"requestPackageName": "com.example.jieling", "timestampMillis": "%d"},
		"deviceIntegrity": {"deviceRecognitionVerdict": ["MEETS_DEVICE_INTEGRITY"]}}}`, now.UnixMilli()))
	for name, s := range map[string]risk.Statement{
		"no nonce": {Given: "a-token-of-googles", Now: now}, "no token": {Nonce: attesttest.Nonce, Now: now},
		"overlong": {Nonce: attesttest.Nonce, Given: strings.Repeat("a", 64<<10+1), Now: now},
	} {
		if got, err := r.Attest(t.Context(), s); jieling.CodeOf(err) != jieling.CodeInvalid || p.grants.Load()+p.decodes.Load() > 0 {
			t.Errorf("%s: %+v, %v (Google was asked %d times)", name, got, err, p.grants.Load()+p.decodes.Load())
		}
	}
}

// S30: whatever else Google answers is no level, and nothing of the secrets is in an error.
func TestS30_NoAnswerIsNoLevel(t *testing.T) {
	for _, payload := range []string{"", "<html>a-token-of-googles", "{}", "null", `{"tokenPayloadExternal": null}`, `{"tokenPayloadExternal": []}`} {
		_, r := answering(t, payload)
		refusedQuietly(t, payload, r)
	}
	for _, status := range []int{401, 403, 404, 408, 429, 500, 503} {
		p, r := answering(t, `{"tokenPayloadExternal": {"deviceIntegrity": {}}, "echo": "a-token-of-googles"}`)
		p.status = status
		refusedQuietly(t, fmt.Sprint(status), r)
	}
}

func refusedQuietly(t *testing.T, name string, r *Reader) {
	t.Helper()
	got, err := asked(t, r)
	if got.Level != "" || jieling.CodeOf(err) != jieling.CodeDependency {
		t.Errorf("%s: %+v, %v", name, got, err)
		return
	}
	for _, secret := range []string{"secret-1", "a-token-of-googles", "gserviceaccount", "PRIVATE KEY", "Bearer"} {
		if strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
			t.Errorf("%s: the error holds %q: %v", name, secret, err)
		}
	}
}

// Access that Google no longer takes is replaced once, and then Google is away.
func TestAccessThatIsRefusedIsReplacedOnce(t *testing.T) {
	p, r := answering(t, "{}")
	p.status = http.StatusUnauthorized
	_, err := asked(t, r)
	if jieling.CodeOf(err) != jieling.CodeDependency || p.grants.Load() != 2 || p.decodes.Load() != 2 {
		t.Errorf("%v after %d grants and %d tokens", err, p.grants.Load(), p.decodes.Load())
	}
}

// The sandbox's Google verifies what we sign; whoever signs with another key gets no access.
func TestAccessIsRefusedToOthers(t *testing.T) {
	w := world(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	c := configured(t, w)
	c.ServiceAccount = changed(t, c.ServiceAccount, "private_key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	got, err := reader(t, c).Attest(t.Context(), risk.Statement{Nonce: attesttest.Nonce, Given: token(t, w, "nonce", attesttest.Nonce, ""), Now: now})
	if got.Level != "" || jieling.CodeOf(err) != jieling.CodeDependency || !strings.Contains(err.Error(), "token endpoint answers with status 400") {
		t.Errorf("%+v, %v", got, err)
	}
}

// changed is a key file with another value for a name.
func changed(t *testing.T, file []byte, name, value string) []byte {
	t.Helper()
	var account map[string]string
	if err := json.Unmarshal(file, &account); err != nil {
		t.Fatal(err)
	}
	account[name] = value
	out, err := json.Marshal(account)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAConfigurationThatCannotWorkIsRefused(t *testing.T) {
	good := configured(t, world(t))
	for name, bad := range map[string]func(*Config){
		"plain http":           func(c *Config) { c.BaseURL = "http://play.test" },
		"no package":           func(c *Config) { c.Package = "" },
		"a package with a way": func(c *Config) { c.Package = "com.example/../x" },
		"an age before it":     func(c *Config) { c.MaxAge = -time.Second },
		"no certificate":       func(c *Config) { c.Certificates = nil },
		"half a certificate":   func(c *Config) { c.Certificates = []string{"6a6a1474b5cbbb2b1aa57e0bc3"} },
		"no account":           func(c *Config) { c.ServiceAccount = nil },
		"an account in words":  func(c *Config) { c.ServiceAccount = []byte("secret words") },
		"no key":               func(c *Config) { c.ServiceAccount = []byte(`{"client_email": "a", "token_uri": "https://x.test"}`) },
		"a token_uri in clear": func(c *Config) {
			c.ServiceAccount = bytes.ReplaceAll(c.ServiceAccount, []byte("http://127.0.0.1"), []byte("http://x.test"))
		},
	} {
		c := good
		bad(&c)
		if _, err := New(c); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, digest := range []string{
		"73:61:6E:64:62:6F:78:20:63:65:72:74:69:66:69:63:61:74:65:20:6F:66:20:74:68:65:20:61:70:70:21:21",
		"73616e64626f78206365727469666963617465206f6620746865206170702121", "c2FuZGJveCBjZXJ0aWZpY2F0ZSBvZiB0aGUgYXBwISE=",
	} {
		got, ok := parseDigest(digest)
		if !ok || string(got[:]) != "sandbox certificate of the app!!" {
			t.Errorf("%s: %q", digest, got)
		}
	}
}
