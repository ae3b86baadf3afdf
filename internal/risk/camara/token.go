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
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/jieling-id/jieling/internal/outbound"
)

// scope is what is asked for: the check alone.
const scope = "sim-swap:check"

// tokens keeps one access token of the client credentials grant (RFC 6749, 4.4) for as long as it is good.
type tokens struct {
	url, id, secret string
	signer          crypto.Signer // nil: by secret
	now             func() time.Time
	client          *outbound.Client

	mu    sync.Mutex
	token string
	until time.Time
}

// spare is how long before its end a token is no longer used.
const spare = 30 * time.Second

// get gives the token that is kept, or, where it has ended or fresh is set, a new one. Callers wait for one another: one of them
// asks.
func (t *tokens) get(ctx context.Context, fresh bool) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !fresh && t.now().Before(t.until) {
		return t.token, nil
	}
	t.until = time.Time{}
	req, err := t.request(ctx)
	if err != nil {
		return "", err
	}
	reply, err := t.client.Do(req)
	if err != nil {
		return "", err
	}
	var said struct {
		Token   string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int64  `json:"expires_in"`
	}
	switch {
	case reply.Status != http.StatusOK:
		return "", fmt.Errorf("the token endpoint answers with status %d", reply.Status)
	case json.Unmarshal(reply.Body, &said) != nil || said.Token == "" || !strings.EqualFold(said.Type, "bearer"):
		return "", errors.New("the token endpoint gives no bearer token")
	}
	t.token, t.until = said.Token, t.now().Add(time.Duration(min(said.Expires, 24*60*60))*time.Second-spare)
	return t.token, nil
}

func (t *tokens) request(ctx context.Context) (*http.Request, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {scope}}
	if t.signer != nil {
		assertion, err := t.assertion()
		if err != nil {
			return nil, err
		}
		form.Set("client_id", t.id)
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", assertion)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, errors.New("the request cannot be made")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if t.signer == nil {
		req.SetBasicAuth(url.QueryEscape(t.id), url.QueryEscape(t.secret)) // RFC 6749, 2.3.1
	}
	return req, nil
}

// assertionLife is well below the 300 seconds that CAMARA's profile allows.
const assertionLife = 2 * time.Minute

// assertion is a JWT that says who we are, for this endpoint alone and once (OpenID Connect Core, 9: private_key_jwt).
func (t *tokens) assertion() (string, error) {
	now := t.now()
	claims, err := json.Marshal(map[string]any{
		"iss": t.id, "sub": t.id, "aud": t.url, "jti": rand.Text(), "iat": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
	if err != nil {
		return "", err
	}
	alg := "RS256"
	if _, ok := t.signer.(*ecdsa.PrivateKey); ok {
		alg = "ES256"
	}
	text := encode([]byte(`{"alg":"`+alg+`","typ":"JWT"}`)) + "." + encode(claims)
	signature, err := sign(t.signer, sha256.Sum256([]byte(text)))
	if err != nil {
		return "", errors.New("the assertion cannot be signed")
	}
	return text + "." + encode(signature), nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// sign makes a signature as a JWT has it: of ECDSA the two numbers, 32 bytes each (RFC 7518, 3.4).
func sign(key crypto.Signer, sum [32]byte) ([]byte, error) {
	ec, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return key.Sign(rand.Reader, sum[:], crypto.SHA256)
	}
	r, s, err := ecdsa.Sign(rand.Reader, ec, sum[:])
	if err != nil {
		return nil, err
	}
	out := make([]byte, 64)
	r.FillBytes(out[:32])
	s.FillBytes(out[32:])
	return out, nil
}

// readKey reads a key, and takes only what its algorithm is sure of.
func readKey(text string) (crypto.Signer, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if block, _ := pem.Decode([]byte(text)); block != nil {
		der, err = block.Bytes, nil
	}
	if err != nil {
		return nil, errors.New("the key is neither PEM nor what stands between the lines of one")
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("the key is no PKCS #8")
	}
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		if key.Curve == elliptic.P256() {
			return key, nil
		}
	case *rsa.PrivateKey:
		if key.N.BitLen() >= 2048 { // RFC 7518, 3.3
			return key, nil
		}
	}
	return nil, errors.New("the key is neither ECDSA on P-256 nor RSA of at least 2048 bits")
}
