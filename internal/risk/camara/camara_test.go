package camara

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
)

const number = "+34666111333"

// operator is one that answers a check as a test says, and gives out tokens.
type operator struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	body   string
	asked  []string // bodies of checks
	tokens []http.Header
	forms  []map[string][]string
	refuse int // so many checks are answered with 401
	life   int64
}

func newOperator(t *testing.T, status int, body string) *operator {
	o := &operator{status: status, body: body, life: 3600}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		defer o.mu.Unlock()
		_ = r.ParseForm()
		o.tokens, o.forms = append(o.tokens, r.Header), append(o.forms, r.PostForm)
		fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"Bearer","expires_in":%d}`, len(o.tokens), o.life)
	})
	mux.HandleFunc("POST /sim-swap/v2/check", func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		defer o.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		o.asked = append(o.asked, string(body))
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", len(o.tokens)) || o.refuse > 0 {
			o.refuse--
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"status":401,"code":"UNAUTHENTICATED"}`))
			return
		}
		w.WriteHeader(o.status)
		_, _ = w.Write([]byte(o.body))
	})
	o.Server = httptest.NewServer(mux)
	t.Cleanup(o.Close)
	return o
}

func (o *operator) client(t *testing.T, edit func(*Config)) *SIM {
	t.Helper()
	c := Config{BaseURL: o.URL + "/sim-swap/v2", TokenURL: o.URL + "/token", ClientID: "jieling", Secret: "s p"}
	if edit != nil {
		edit(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestA1_TheAnswersOfAnOperator(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   jieling.SIM
	}{
		"swapped":              {200, `{"swapped":true}`, jieling.SIMSwapped},
		"not swapped":          {200, `{"swapped":false}`, jieling.SIMSame},
		"no number of theirs":  {404, `{"status":404,"code":"IDENTIFIER_NOT_FOUND","message":"x"}`, jieling.SIMUnknown},
		"a number without SIM": {422, `{"status":422,"code":"SERVICE_NOT_APPLICABLE","message":"x"}`, jieling.SIMUnknown},
	} {
		o := newOperator(t, c.status, c.body)
		got, err := o.client(t, nil).Swapped(t.Context(), number, 72*time.Hour)
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if len(o.asked) != 1 || o.asked[0] != `{"maxAge":72,"phoneNumber":"`+number+`"}` {
			t.Errorf("%s: asked %q", name, o.asked)
		}
		if scope := o.forms[0]["scope"]; len(scope) != 1 || scope[0] != "sim-swap:check" || o.forms[0]["grant_type"][0] != "client_credentials" {
			t.Errorf("%s: a token was asked for with %v", name, o.forms[0])
		}
	}
}

// A number that is not the operator's to know is not told to it.
func TestA1_NumbersOfOthersAreNotAskedAbout(t *testing.T) {
	o := newOperator(t, 200, `{"swapped":true}`)
	s := o.client(t, func(c *Config) { c.Numbers = []string{"+34", "+49"} })
	for asked, want := range map[string]jieling.SIM{number: jieling.SIMSwapped, "+8613800000001": jieling.SIMUnknown, "+3": jieling.SIMUnknown} {
		if got, err := s.Swapped(t.Context(), asked, time.Hour); err != nil || got != want {
			t.Errorf("%s: %q, %v", asked, got, err)
		}
	}
	if len(o.asked) != 1 || len(o.tokens) != 1 {
		t.Errorf("asked %v with %d tokens", o.asked, len(o.tokens))
	}
}

// S30: whatever else comes is an error, never an answer, and says nothing of the number or of what was sent.
func TestS30_NoAnswerIsNoSIM(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
	}{
		{200, ""},
		{200, "<html>"},
		{200, "null"},
		{200, "{}"},
		{200, `{"swapped":null}`},
		{200, `{"swapped":"false"}`},
		{201, `{"swapped":false}`},
		{500, `{"swapped":false}`},
		{404, `{"swapped":false}`},
		{404, `{"status":404,"code":"NOT_FOUND","message":"` + number + `"}`},
		{400, `{"code":"OUT_OF_RANGE"}`},
		{400, `{"code":"INVALID_ARGUMENT","message":"` + number + `"}`},
		{403, `{"code":"PERMISSION_DENIED"}`},
		{422, `{"code":"UNNECESSARY_IDENTIFIER"}`},
		{422, `{"code":"` + number + `"}`},
		{429, `{"code":"QUOTA_EXCEEDED"}`},
		{503, "down"},
		{http.StatusFound, ""},
	} {
		got, err := newOperator(t, c.status, c.body).client(t, nil).Swapped(t.Context(), number, 72*time.Hour)
		if got != jieling.SIMUnknown || jieling.CodeOf(err) != jieling.CodeDependency || strings.Contains(fmt.Sprintf("%+v", err), number[1:]) {
			t.Errorf("%d %s: %q, %v", c.status, c.body, got, err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := newOperator(t, 200, `{"swapped":false}`).client(t, nil).Swapped(gone, number, time.Hour); got != jieling.SIMUnknown || err == nil {
		t.Errorf("cancelled: %q, %v", got, err)
	}
}

// One token serves until shortly before its end; one that is refused is replaced once, and not for ever.
func TestATokenServesUntilItsEnd(t *testing.T) {
	now := time.Now()
	o := newOperator(t, 200, `{"swapped":false}`)
	s := o.client(t, func(c *Config) { c.Now = func() time.Time { return now } })
	ask := func(want jieling.SIM, tokens int) {
		t.Helper()
		if got, _ := s.Swapped(t.Context(), number, time.Hour); got != want || len(o.tokens) != tokens {
			t.Errorf("%q with %d tokens, want %q with %d", got, len(o.tokens), want, tokens)
		}
	}
	ask(jieling.SIMSame, 1)
	now = now.Add(59 * time.Minute)
	ask(jieling.SIMSame, 1)
	now = now.Add(time.Minute)
	ask(jieling.SIMSame, 2)
	o.refuse = 1
	ask(jieling.SIMSame, 3)
	o.refuse = 9
	ask(jieling.SIMUnknown, 4)
	if o.refuse != 7 {
		t.Errorf("a refused check was tried %d times", 9-o.refuse)
	}
	if id, secret, ok := (&http.Request{Header: o.tokens[0]}).BasicAuth(); !ok || id != "jieling" || secret != "s+p" {
		t.Errorf("%q, %q", id, secret)
	}
}

// The bounds of maxAge are the interface's own.
func TestTheWhileIsInWholeHoursWithinBounds(t *testing.T) {
	for within, want := range map[time.Duration]string{0: "1", 90 * time.Minute: "1", 72 * time.Hour: "72", 9000 * time.Hour: "2400"} {
		o := newOperator(t, 200, `{"swapped":false}`)
		if _, err := o.client(t, nil).Swapped(t.Context(), number, within); err != nil || !strings.Contains(o.asked[0], `"maxAge":`+want+`,`) {
			t.Errorf("%s: %v, %v", within, o.asked, err)
		}
	}
}

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// What private_key_jwt must say (OpenID Connect Core 9, CAMARA's security profile), verified as an operator would.
func TestAnAssertionIsOurs(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for alg, c := range map[string]struct {
		key    any
		verify func(sum, signature []byte) bool
	}{
		"ES256": {ec, func(sum, sig []byte) bool {
			return len(sig) == 64 && ecdsa.Verify(&ec.PublicKey, sum, new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
		}},
		"RS256": {rs, func(sum, sig []byte) bool { return rsa.VerifyPKCS1v15(&rs.PublicKey, crypto.SHA256, sum, sig) == nil }},
	} {
		o := newOperator(t, 200, `{"swapped":true}`)
		o.life = 1 // every question takes a token of its own
		s := o.client(t, func(cfg *Config) { cfg.Key, cfg.Secret = pkcs8(t, c.key), "" })
		seen := map[string]bool{}
		for range 2 {
			if _, err := s.Swapped(t.Context(), number, time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		for i, form := range o.forms {
			part := strings.Split(form["client_assertion"][0], ".")
			sum := sha256.Sum256([]byte(part[0] + "." + part[1]))
			sig, _ := base64.RawURLEncoding.DecodeString(part[2])
			head, _ := base64.RawURLEncoding.DecodeString(part[0])
			raw, _ := base64.RawURLEncoding.DecodeString(part[1])
			var claims struct {
				Iss, Sub, Aud, Jti string
				Iat, Exp           int64
			}
			if err := json.Unmarshal(raw, &claims); err != nil || !c.verify(sum[:], sig) || !strings.Contains(string(head), alg) {
				t.Fatalf("%s: %s, %v", alg, raw, err)
			}
			if claims.Iss != "jieling" || claims.Sub != "jieling" || claims.Aud != o.URL+"/token" || claims.Exp-claims.Iat > 300 || claims.Exp <= claims.Iat || seen[claims.Jti] {
				t.Errorf("%s: %+v", alg, claims)
			}
			seen[claims.Jti] = true
			if form["client_assertion_type"][0] != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" || o.tokens[i].Get("Authorization") != "" {
				t.Errorf("%s: %v", alg, form)
			}
		}
		if len(seen) != 2 {
			t.Errorf("%s: %d assertions for two tokens", alg, len(seen))
		}
	}
}

// S30: a token endpoint that gives none leaves the operator unasked.
func TestS30_WithoutATokenNothingIsAsked(t *testing.T) {
	for _, body := range []string{"", "{}", `{"access_token":"x","token_type":"mac","expires_in":60}`, `{"token_type":"Bearer"}`, `{"error":"invalid_client"}`} {
		o := newOperator(t, 200, `{"swapped":false}`)
		token := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
		t.Cleanup(token.Close)
		s := o.client(t, func(c *Config) { c.TokenURL = token.URL })
		if got, err := s.Swapped(t.Context(), number, time.Hour); got != jieling.SIMUnknown || jieling.CodeOf(err) != jieling.CodeDependency || len(o.asked) != 0 {
			t.Errorf("%s: %q, %v, asked %v", body, got, err, o.asked)
		}
	}
}

func TestTheConfigurationIsChecked(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	alone := strings.Join(strings.Split(pkcs8(t, p256), "\n")[1:4], " ")
	if _, err := New(Config{BaseURL: "https://x.test", TokenURL: "https://x.test/token", ClientID: "a", Key: alone}); err != nil {
		t.Errorf("a key without its lines: %v", err)
	}
	good := Config{BaseURL: "https://x.test/sim-swap/v2", TokenURL: "https://x.test/token", ClientID: "a", Secret: "b"}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*Config){
		"plain http":        func(c *Config) { c.BaseURL = "http://x.test" },
		"a plain token URL": func(c *Config) { c.TokenURL = "http://x.test" },
		"no beginning":      func(c *Config) { c.Numbers = []string{"34"} },
		"nobody":            func(c *Config) { c.ClientID = "" },
		"no proof":          func(c *Config) { c.Secret = "" },
		"two proofs":        func(c *Config) { c.Key = pkcs8(t, p384) },
		"no PEM":            func(c *Config) { c.Secret, c.Key = "", "key ..." },
		"another curve":     func(c *Config) { c.Secret, c.Key = "", pkcs8(t, p384) },
	} {
		c := good
		edit(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
