package playintegrity

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
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/jieling-id/jieling/internal/outbound"
)

// scope is what the access is for.
const scope = "https://www.googleapis.com/auth/playintegrity"

// access gets bearer tokens for a service account by the JWT grant of RFC 7523, and keeps one while it lives.
type access struct {
	email, keyID, uri string
	key               *rsa.PrivateKey
	now               func() time.Time
	client            *outbound.Client
	held              chan bearer // one; whoever takes it out refreshes it for everybody
}

type bearer struct {
	token string
	until time.Time
}

// newAccess reads a key file as Google's console hands it out. No error holds a part of it.
func newAccess(file []byte, now func() time.Time, client *outbound.Client) (*access, error) {
	var account struct {
		Email string `json:"client_email"`
		KeyID string `json:"private_key_id"`
		Key   string `json:"private_key"` // PEM, PKCS #8
		URI   string `json:"token_uri"`
	}
	if json.Unmarshal(file, &account) != nil {
		return nil, errors.New("it is not the JSON key file of one")
	}
	uri, err := outbound.Base(account.URI)
	if err != nil {
		return nil, fmt.Errorf("token_uri: %w", err)
	}
	block, _ := pem.Decode([]byte(account.Key))
	if account.Email == "" || block == nil {
		return nil, errors.New("client_email and private_key are needed")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New("private_key is no RSA key in PKCS #8")
	}
	if now == nil {
		now = time.Now
	}
	a := &access{email: account.Email, keyID: account.KeyID, uri: uri.String(), key: key, now: now, client: client, held: make(chan bearer, 1)}
	a.held <- bearer{}
	return a, nil
}

// token gives a bearer token that is good for another minute at least. One caller refreshes; the others wait for it, or for
// their contexts.
func (a *access) token(ctx context.Context) (string, error) {
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case held := <-a.held:
		if held.token != "" && a.now().Before(held.until) {
			a.held <- held
			return held.token, nil
		}
		fresh, err := a.grant(ctx)
		a.held <- fresh // after an error nothing, so that the next caller tries
		return fresh.token, err
	}
}

// forget drops a token that was refused, unless it was replaced already.
func (a *access) forget(token string) {
	held := <-a.held
	if held.token == token {
		held = bearer{}
	}
	a.held <- held
}

// grant trades a signed assertion for a bearer token.
func (a *access) grant(ctx context.Context) (bearer, error) {
	assertion, err := a.assertion()
	if err != nil {
		return bearer{}, errors.New("the service account's key does not sign")
	}
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.uri, strings.NewReader(form.Encode()))
	if err != nil {
		return bearer{}, errors.New("the request for access cannot be made")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	asked := a.now()
	reply, err := a.client.Do(req)
	if err != nil {
		return bearer{}, err
	}
	var said struct {
		Token string `json:"access_token"`
		Lives int64  `json:"expires_in"` // seconds
		Kind  string `json:"token_type"`
	}
	switch {
	case reply.Status != http.StatusOK:
		return bearer{}, fmt.Errorf("access was refused with %d", reply.Status)
	case json.Unmarshal(reply.Body, &said) != nil || said.Token == "" || !strings.EqualFold(said.Kind, "bearer"):
		return bearer{}, errors.New("access was granted in a way nobody knows")
	}
	return bearer{said.Token, asked.Add(time.Duration(said.Lives)*time.Second - time.Minute)}, nil
}

// assertion says who we are and what we want, signed with RS256, for as long as Google allows: an hour.
func (a *access) assertion() (string, error) {
	now := a.now().Unix()
	head, err := json.Marshal(map[string]string{"alg": "RS256", "typ": "JWT", "kid": a.keyID})
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{"iss": a.email, "scope": scope, "aud": a.uri, "iat": now, "exp": now + 3600})
	if err != nil {
		return "", err
	}
	signed := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(claims)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, digest[:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), err
}
