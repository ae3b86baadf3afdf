package outbound

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
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

	"github.com/go-jose/go-jose/v4"
)

// Grant says how a party's token endpoint is asked for access (RFC 6749, 4.4 and RFC 7523).
type Grant struct {
	Endpoint   *url.URL
	Form       func() (url.Values, error) // what to ask with, made anew each time
	ID, Secret string                     // for HTTP Basic, where there is a secret
	Now        func() time.Time           // nil means time.Now
}

// Access keeps one bearer token for as long as it is good. It is safe for concurrent use.
type Access struct {
	grant  Grant
	client *Client
	held   chan bearer // one: whoever has taken it out asks, and the others wait
}

type bearer struct {
	token string
	until time.Time
}

// spare is how long before its end a token is no longer used, and longest what a party may say of its life.
const (
	spare   = 30 * time.Second
	longest = 24 * time.Hour
)

// Access makes the keeper of a token; it asks nobody yet.
func (c *Client) Access(g Grant) *Access {
	if g.Now == nil {
		g.Now = time.Now
	}
	a := &Access{grant: g, client: c, held: make(chan bearer, 1)}
	a.held <- bearer{}
	return a
}

// Token gives a token that is good for a while. One that was refused by whom it was for is not given again, nor is one that has
// ended. No error holds a part of a token, or of what it was asked for with.
func (a *Access) Token(ctx context.Context, refused string) (string, error) {
	var b bearer
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case b = <-a.held:
	}
	if b.token != refused && a.grant.Now().Before(b.until) {
		a.held <- b
		return b.token, nil
	}
	b, err := a.ask(ctx)
	a.held <- b // after an error nothing, so that the next caller asks
	return b.token, err
}

func (a *Access) ask(ctx context.Context) (bearer, error) {
	form, err := a.grant.Form()
	if err != nil {
		return bearer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.grant.Endpoint.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return bearer{}, errors.New("the request for a token cannot be made")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if a.grant.Secret != "" {
		req.SetBasicAuth(url.QueryEscape(a.grant.ID), url.QueryEscape(a.grant.Secret)) // RFC 6749, 2.3.1
	}
	asked := a.grant.Now()
	reply, err := a.client.Do(req)
	if err != nil {
		return bearer{}, err
	}
	var said struct {
		Token string `json:"access_token"`
		Kind  string `json:"token_type"`
		Lives int64  `json:"expires_in"` // seconds
	}
	switch {
	case reply.Status != http.StatusOK:
		return bearer{}, fmt.Errorf("the token endpoint answers with status %d", reply.Status)
	case json.Unmarshal(reply.Body, &said) != nil || said.Token == "" || !strings.EqualFold(said.Kind, "bearer"):
		return bearer{}, errors.New("the token endpoint gives no bearer token")
	}
	life := time.Duration(min(said.Lives, int64(longest/time.Second))) * time.Second
	return bearer{said.Token, asked.Add(life - spare)}, nil
}

// Assertion signs claims as a JWT: RS256 or ES256, as the key is. keyID may be empty.
func Assertion(key crypto.Signer, keyID string, claims map[string]any) (string, error) {
	alg := jose.RS256
	if _, ok := key.(*ecdsa.PrivateKey); ok {
		alg = jose.ES256
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: keyID}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", errors.New("the assertion cannot be signed")
	}
	text, err := json.Marshal(claims)
	if err != nil {
		return "", errors.New("the assertion cannot be written")
	}
	signed, err := signer.Sign(text)
	if err != nil {
		return "", errors.New("the assertion cannot be signed")
	}
	return signed.CompactSerialize()
}

// ReadKey reads a private key in PKCS #8, as PEM or as the base64 between its two lines: ECDSA on P-256, or RSA of 2048 bits and
// more (RFC 7518, 3.3). No error holds a part of it.
func ReadKey(text string) (crypto.Signer, error) {
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
		if key.N.BitLen() >= 2048 {
			return key, nil
		}
	}
	return nil, errors.New("the key is neither ECDSA on P-256 nor RSA of at least 2048 bits")
}
