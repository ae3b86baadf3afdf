package sandbox

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"strings"

	"github.com/jieling-id/jieling/client"
)

// GoogleIssuer is what Google calls itself in the tokens of Cross-Account Protection.
const GoogleIssuer = "https://accounts.google.com/"

// GoogleSubject is what Google knows the person by.
func (p Person) GoogleSubject() string { return "1" + strings.TrimPrefix(p.Phone, "+") }

// googleActs is what can happen to an account at Google, and which event tells of it.
var googleActs = map[string]struct {
	said          client.Text
	event, reason string
	disables      bool
	enables       bool
}{
	"disable": {client.Text{ZH: "停用账号", EN: "Disable the account"}, "risc/event-type/account-disabled", "", true, false},
	"hijack":  {client.Text{ZH: "账号被盗，停用", EN: "Disable it: somebody else has it"}, "risc/event-type/account-disabled", "hijacking", true, false},
	"enable":  {client.Text{ZH: "恢复账号", EN: "Enable it again"}, "risc/event-type/account-enabled", "", false, true},
	"signout": {client.Text{ZH: "退出所有登录", EN: "Sign out everywhere"}, "risc/event-type/sessions-revoked", "", false, false},
	"revoke":  {client.Text{ZH: "取消对应用的授权", EN: "Take the app's permission back"}, "oauth/event-type/tokens-revoked", "", false, false},
}

// Acts are those that an account is offered, in their order.
func (p phoneOf) Acts() []string {
	if p.Disabled {
		return []string{"enable"}
	}
	return []string{"disable", "hijack", "signout", "revoke"}
}

// account is what happens to a person's account: person and act, from a form. Google tells the product, in the form that it has had since before
// there was a standard: the subject stands inside the event.
func (g *google) account(w http.ResponseWriter, r *http.Request) {
	who, known := personByKey(r.FormValue("person"))
	act, possible := googleActs[r.FormValue("act")]
	if !known || !possible {
		http.Error(w, "say which person of the cast, and act: disable, hijack, enable, signout or revoke", http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	if act.disables || act.enables {
		g.disabled[who.Key] = act.disables
	}
	g.mu.Unlock()
	now := g.now()
	event := map[string]any{"subject": map[string]string{"subject_type": "iss-sub", "iss": GoogleIssuer, "sub": who.GoogleSubject()}}
	if act.reason != "" {
		event["reason"] = act.reason
	}
	claims := map[string]any{
		"iss": GoogleIssuer, "aud": g.client, "iat": now.Unix(), "jti": rand.Text(),
		"events": map[string]any{"https://schemas.openid.net/secevent/" + act.event: event},
	}
	g.hook.tell(r.Context(), func(to string) (*http.Request, error) {
		token, err := signedByGoogle(claims)
		if err != nil {
			return nil, err
		}
		req, err := http.NewRequest(http.MethodPost, to, bytes.NewReader([]byte(token)))
		if err == nil {
			req.Header.Set("Content-Type", "application/secevent+jwt")
		}
		return req, err
	})
	back(w, r, "/")
}

const googleKeyID = "sandbox-1"

// signedByGoogle makes a token (RS256).
func signedByGoogle(claims map[string]any) (string, error) {
	key, err := googleKey()
	if err != nil {
		return "", err
	}
	header, err := json.Marshal(map[string]string{"alg": "RS256", "kid": googleKeyID})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), err
}

// certs publishes the key.
func (g *google) certs(w http.ResponseWriter, _ *http.Request) {
	key, err := googleKey()
	if err != nil {
		http.Error(w, "no key", http.StatusInternalServerError)
		return
	}
	e := big.NewInt(int64(key.E)).Bytes()
	writeJSON(w, map[string]any{"keys": []any{map[string]string{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": googleKeyID,
		"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(e),
	}}})
}
