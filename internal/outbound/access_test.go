package outbound_test

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
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jieling-id/jieling/internal/outbound"
)

// endpoint gives out tokens, "token-1" and on, or what a test has it say.
type endpoint struct {
	*httptest.Server
	asked  atomic.Int64
	ahead  atomic.Int64 // of the clock
	status int
	body   string
}

func access(t *testing.T, form func() (url.Values, error)) (*endpoint, *outbound.Access) {
	t.Helper()
	e := &endpoint{status: http.StatusOK}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := e.asked.Add(1)
		w.WriteHeader(e.status)
		if e.body != "" {
			_, _ = io.WriteString(w, e.body)
			return
		}
		fmt.Fprintf(w, `{"access_token": "token-%d", "token_type": "bearer", "expires_in": 3600}`, n)
	}))
	t.Cleanup(e.Close)
	u, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	if form == nil {
		form = func() (url.Values, error) { return url.Values{"grant_type": {"client_credentials"}}, nil }
	}
	began := time.Now()
	return e, outbound.New().Access(outbound.Grant{Endpoint: u, Form: form, ID: "us", Secret: "secret-word", Now: func() time.Time {
		return began.Add(time.Duration(e.ahead.Load()))
	}})
}

// Many ask at once and one token is got; it serves until shortly before its end, and one that was refused is not given again.
func TestATokenIsKeptForAsLongAsItIsGood(t *testing.T) {
	e, a := access(t, nil)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if got, err := a.Token(t.Context(), ""); got != "token-1" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	all.Wait()
	want := func(token, refused string) {
		t.Helper()
		if got, err := a.Token(t.Context(), refused); got != token || err != nil {
			t.Errorf("%q, %v, want %s", got, err, token)
		}
	}
	e.ahead.Store(int64(time.Hour - 31*time.Second))
	want("token-1", "")
	e.ahead.Store(int64(time.Hour - 30*time.Second))
	want("token-2", "")
	want("token-3", "token-2")
	want("token-3", "token-2") // whoever comes later with the same complaint is served from what is kept
}

// After an error nothing is kept: the next one asks again. A caller who has gone waits for nobody.
func TestNoTokenIsAnErrorThatSaysNothing(t *testing.T) {
	e, a := access(t, nil)
	for _, row := range []struct {
		status int
		body   string
	}{
		{http.StatusBadRequest, `{"error": "invalid_grant", "error_description": "secret-word"}`},
		{http.StatusServiceUnavailable, "secret-word"},
		{http.StatusOK, "secret-word"},
		{http.StatusOK, `{"access_token": "", "token_type": "bearer"}`},
		{http.StatusOK, `{"access_token": "secret-word", "token_type": "mac"}`},
		{http.StatusFound, "secret-word"},
	} {
		e.status, e.body = row.status, row.body
		if got, err := a.Token(t.Context(), ""); got != "" || err == nil || strings.Contains(err.Error(), "secret-word") {
			t.Errorf("%+v: %q, %v", row, got, err)
		}
	}
	e.status, e.body = http.StatusOK, ""
	if got, err := a.Token(t.Context(), ""); got != "token-7" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := a.Token(gone, "token-7"); got != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("%q, %v", got, err)
	}
	_, broken := access(t, func() (url.Values, error) { return nil, errors.New("cannot sign") })
	if got, err := broken.Token(t.Context(), ""); got != "" || err == nil {
		t.Errorf("%q, %v", got, err)
	}
}

// An assertion is a JWT that anybody with the public key can verify, by the standard library alone.
func TestAnAssertionIsSigned(t *testing.T) {
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	es, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for alg, key := range map[string]crypto.Signer{"RS256": rs, "ES256": es} {
		text, err := outbound.Assertion(key, "key-1", map[string]any{"iss": "us"})
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(text, ".")
		var raw [3][]byte
		for i, part := range parts {
			if raw[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
				t.Fatal(err)
			}
		}
		var head, claims map[string]string
		if json.Unmarshal(raw[0], &head) != nil || head["alg"] != alg || head["typ"] != "JWT" || head["kid"] != "key-1" {
			t.Errorf("%s: %s", alg, raw[0])
		}
		if json.Unmarshal(raw[1], &claims) != nil || claims["iss"] != "us" {
			t.Errorf("%s: %s", alg, raw[1])
		}
		digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		good := alg == "RS256" && rsa.VerifyPKCS1v15(&rs.PublicKey, crypto.SHA256, digest[:], raw[2]) == nil ||
			alg == "ES256" && len(raw[2]) == 64 && ecdsa.Verify(&es.PublicKey, digest[:], new(big.Int).SetBytes(raw[2][:32]), new(big.Int).SetBytes(raw[2][32:]))
		if !good {
			t.Errorf("%s: the signature does not verify", alg)
		}
	}
}

func TestKeysAreRead(t *testing.T) {
	der := func(key any) []byte {
		raw, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	make1 := func(key any, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return der(key)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	good := der(p256)
	for name, text := range map[string]string{
		"":                  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: good})),
		" ":                 base64.StdEncoding.EncodeToString(good) + "\n",
		"another curve":     base64.StdEncoding.EncodeToString(der(p384)),
		"a short key":       base64.StdEncoding.EncodeToString(make1(small, err)),
		"no key":            base64.StdEncoding.EncodeToString([]byte("words")),
		"words":             "-words-",
		"nothing":           "",
		"a PEM of anything": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("words")})),
	} {
		key, err := outbound.ReadKey(text)
		if fine := strings.TrimSpace(name) == ""; (err == nil) != fine || (key != nil) != fine || err != nil && strings.Contains(err.Error(), "words") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
