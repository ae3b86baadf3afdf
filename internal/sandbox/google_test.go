package sandbox

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// grantFor asks for access with an assertion, and gives the status and the token.
func (s *stand) grantFor(t *testing.T, key *rsa.PrivateKey, alg string, claims map[string]any) (int, string) {
	t.Helper()
	part := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	signed := part(map[string]string{"alg": alg, "typ": "JWT"}) + "." + part(claims)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	reply, err := http.PostForm(s.URL(Google)+"/token", url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {signed + "." + base64.RawURLEncoding.EncodeToString(signature)},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	var said struct {
		Token string `json:"access_token"`
	}
	_ = json.NewDecoder(reply.Body).Decode(&said)
	return reply.StatusCode, said.Token
}

// Google lets in whoever signs with the service account's key, for itself, for this and for now; nobody else.
func TestGoogleLetsNobodyElseIn(t *testing.T) {
	s := newStand(t)
	file, err := s.GoogleAccount()
	if err != nil {
		t.Fatal(err)
	}
	account := decode[map[string]string](t, string(file))
	block, _ := pem.Decode([]byte(account["private_key"]))
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	ours := parsed.(*rsa.PrivateKey)
	theirs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	at := s.clock.Now().Unix()
	for name, row := range map[string]struct {
		key    *rsa.PrivateKey
		alg    string
		change map[string]any
	}{
		"": {ours, "RS256", nil}, "another key": {theirs, "RS256", nil}, "no algorithm": {ours, "none", nil},
		"another issuer":   {ours, "RS256", map[string]any{"iss": "somebody@sandbox.iam.gserviceaccount.com"}},
		"another audience": {ours, "RS256", map[string]any{"aud": "https://oauth2.googleapis.com/token"}},
		"another scope":    {ours, "RS256", map[string]any{"scope": "https://www.googleapis.com/auth/cloud-platform"}},
		"expired":          {ours, "RS256", map[string]any{"iat": at - 3700, "exp": at - 100}},
		"of the future":    {ours, "RS256", map[string]any{"iat": at + 400, "exp": at + 500}},
		"too long":         {ours, "RS256", map[string]any{"exp": at + 3601}},
	} {
		claims := map[string]any{"iss": account["client_email"], "aud": account["token_uri"], "scope": googleScope, "iat": at, "exp": at + 3600}
		for k, v := range row.change {
			claims[k] = v
		}
		if status, token := s.grantFor(t, row.key, row.alg, claims); (status == http.StatusOK) != (name == "") || (token == "") == (name == "") {
			t.Errorf("%q: %d", name, status)
		}
	}
}

func (s *stand) opened(t *testing.T, call, bearer, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL(Google)+"/v1/"+call, strings.NewReader(`{"integrityToken": "`+token+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply.StatusCode, string(body)
}

// A token is opened for whoever has access that is still good, where it was minted here, and the faults are Google's own words.
func TestGoogleOpensWhatItSealed(t *testing.T) {
	s := newStand(t)
	reply, err := http.Post(s.URL(Google)+"/_mint", "application/json", bytes.NewReader([]byte(`{"person": "lin", "request_hash": "abc"}`)))
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	var minted struct{ Token string }
	if err := json.NewDecoder(reply.Body).Decode(&minted); err != nil {
		t.Fatal(err)
	}
	file, err := s.GoogleAccount()
	if err != nil {
		t.Fatal(err)
	}
	account := decode[map[string]string](t, string(file))
	key, err := googleKey()
	if err != nil {
		t.Fatal(err)
	}
	at := s.clock.Now().Unix()
	_, bearer := s.grantFor(t, key, "RS256", map[string]any{"iss": account["client_email"], "aud": account["token_uri"], "scope": googleScope, "iat": at, "exp": at + 60})
	const call = "com.example.jieling:decodeIntegrityToken"
	expect := func(name string, want int, call, bearer, token, word string) {
		t.Helper()
		if status, body := s.opened(t, call, bearer, token); status != want || !strings.Contains(body, word) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	expect("sound", http.StatusOK, call, bearer, minted.Token, "MEETS_DEVICE_INTEGRITY")
	expect("no access", http.StatusUnauthorized, call, "", minted.Token, "UNAUTHENTICATED")
	expect("another app's", http.StatusForbidden, "com.example.other:decodeIntegrityToken", bearer, minted.Token, "PERMISSION_DENIED")
	expect("a token of nobody", http.StatusBadRequest, call, bearer, "abc", "INVALID_ARGUMENT")
	s.fault(t, Google, Fault{Mode: FaultRefuse, Op: "decodeIntegrityToken"})
	expect("refusing", http.StatusTooManyRequests, call, bearer, minted.Token, "RESOURCE_EXHAUSTED")
	s.fault(t, Google, Fault{Mode: FaultNone})
	s.clock.Forward(2 * time.Hour)
	expect("access that ended", http.StatusUnauthorized, call, bearer, minted.Token, "UNAUTHENTICATED")
}

// On Google's page a person chooses what an Android phone is; nobody chooses for an iPhone, and nothing that is not on the list.
func TestAPhoneIsWhatSomebodyChose(t *testing.T) {
	s := newStand(t)
	for is, want := range map[string]int{"rooted": http.StatusOK, "broken": http.StatusBadRequest, "": http.StatusBadRequest} {
		reply, err := http.PostForm(s.URL(Google)+"/phone", url.Values{"person": {"lin"}, "is": {is}})
		if err != nil {
			t.Fatal(err)
		}
		reply.Body.Close()
		if reply.StatusCode != want {
			t.Errorf("%q: %d", is, reply.StatusCode)
		}
	}
	for lang, words := range map[string][]string{"zh-CN": {"手机已被 root，Google 看得出来。", "用的是苹果手机"}, "en": {"The phone is rooted, and Google can tell.", "Carries an iPhone"}} {
		for i, who := range []string{"lin", "chen"} {
			_, page := s.get(t, s.URL(Google)+"/?who="+who+"&lang="+lang)
			if !strings.Contains(page, words[i]) || strings.Count(page, "<section") < 1 || strings.Contains(page, words[1-i]) {
				t.Errorf("%s, %s: %s", lang, who, page)
			}
		}
	}
	for _, body := range []string{`{"person": "chen", "nonce": "abc"}`, `{"person": "lin"}`, `{"person": "lin", "nonce": "a", "request_hash": "b"}`, `{"person": "nobody", "nonce": "abc"}`, `{`} {
		reply, err := http.Post(s.URL(Google)+"/_mint", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		reply.Body.Close()
		if reply.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", body, reply.StatusCode)
		}
	}
}
