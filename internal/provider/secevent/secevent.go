// Package secevent listens to issuers of security event tokens (RFC 8417): RISC and CAEP as the OpenID Shared Signals Framework pushes
// them (RFC 8935), in the form of before it that Google still sends, and Apple's server-to-server notifications, which wrap one event in
// a token of their own. What they have in common is a token signed by a key that the issuer publishes; what is read from it is who
// and what, and nothing is decided here.
package secevent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/outbound"
	"github.com/jieling-id/jieling/internal/provider"
)

// Config says whose tokens are listened to, and who we are to them.
type Config struct {
	Name     jieling.Text     // what people call the issuer
	Issuer   string           // exactly as its tokens have it: "https://accounts.google.com/"
	Audience []string         // what we are called in them: our client IDs; a token must have one
	KeysURL  string           // where it publishes its keys: "https://www.googleapis.com/oauth2/v3/certs"
	Apple    bool             // its tokens are Apple's
	Now      func() time.Time // nil means time.Now
}

// Listener hears one issuer.
type Listener struct {
	config Config
	keys   *outbound.Keys
}

var _ provider.Listener = (*Listener)(nil)

// New checks the configuration. It asks nobody yet.
func New(c Config) (*Listener, error) {
	from, err := url.Parse(c.KeysURL)
	switch {
	case err != nil || !outbound.Safe(from) || from.User != nil:
		return nil, errors.New("security events: where the keys are must be https with a host, or http to localhost")
	case c.Issuer == "" || len(c.Audience) == 0 || slices.Contains(c.Audience, ""):
		return nil, errors.New("security events: issuer and audience are needed")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Listener{c, outbound.New().Keys(from, c.Now)}, nil
}

// Listens is true: there is no half of this configuration.
func (l *Listener) Listens() bool { return true }

// Horizon is how old a token may be: transmitters try for days to be rid of one.
const Horizon = 7 * 24 * time.Hour

// Hear reads a token that is pushed.
func (l *Listener) Hear(ctx context.Context, in provider.Call) (provider.Heard, error) {
	if in.Method != http.MethodPost {
		return provider.Heard{}, provider.Forged(l.config.Name, "no POST")
	}
	if l.config.Apple {
		return l.hearApple(ctx, in)
	}
	if in.Header.Get("Content-Type") != "application/secevent+jwt" {
		return l.refused("invalid_request", provider.Unreadable(l.config.Name, errors.New("the content type is not application/secevent+jwt")))
	}
	t, failed, err := l.open(ctx, string(in.Body))
	if err != nil {
		return l.refused(failed, err)
	}
	return l.read(t)
}

// token is what tokens of either kind have. Aud is one text or several.
type token struct {
	Issuer   string          `json:"iss"`
	Audience audience        `json:"aud"`
	ID       string          `json:"jti"`
	IssuedAt int64           `json:"iat"`
	Expires  *int64          `json:"exp"`
	Subject  *string         `json:"sub"`
	SubID    json.RawMessage `json:"sub_id"`
	Time     float64         `json:"toe"` // of the event, where it differs from the token's
	Events   json.RawMessage `json:"events"`

	kind string // the header's typ
}

type audience []string

// UnmarshalJSON takes one text for a list of one (RFC 7519, 4.1.3).
func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// open checks a token: RS256 by a published key and nothing else, whose it is, for whom, and when. failed is RFC 8935's word for what is wrong.
func (l *Listener) open(ctx context.Context, compact string) (t token, failed string, err error) {
	signed, err := jose.ParseSignedCompact(compact, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return t, "invalid_request", provider.Forged(l.config.Name, "the body is not a token signed by RS256")
	}
	header := signed.Signatures[0].Protected
	key, err := l.keys.Key(ctx, header.KeyID)
	switch {
	case errors.Is(err, outbound.ErrNoKey):
		return t, "invalid_key", provider.Forged(l.config.Name, "it is signed by a key that its issuer does not publish")
	case err != nil:
		return t, "", provider.Away(l.config.Name, err)
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return t, "authentication_failed", provider.Forged(l.config.Name, "the signature does not fit")
	}
	if json.Unmarshal(payload, &t) != nil {
		return t, "invalid_request", provider.Unreadable(l.config.Name, errors.New("the token holds no claims"))
	}
	t.kind, _ = header.ExtraHeaders[jose.HeaderType].(string)
	age := l.config.Now().Sub(time.Unix(t.IssuedAt, 0))
	switch {
	case t.Issuer != l.config.Issuer:
		return t, "invalid_issuer", provider.Forged(l.config.Name, "another issuer")
	case !slices.ContainsFunc(t.Audience, func(a string) bool { return slices.Contains(l.config.Audience, a) }):
		return t, "invalid_audience", provider.Forged(l.config.Name, "another audience")
	case t.ID == "" || len(t.ID) > 256:
		return t, "invalid_request", provider.Unreadable(l.config.Name, errors.New("the token has no jti of 1 to 256 bytes"))
	case age > Horizon || age < -provider.MaxAge:
		return t, "invalid_request", provider.Forged(l.config.Name, "the token is too old, or of the future")
	}
	return t, "", nil
}

// refused answers as RFC 8935 has it. One that could not be checked is left to the door: it comes again.
func (l *Listener) refused(failed string, err error) (provider.Heard, error) {
	if failed == "" {
		return provider.Heard{}, err
	}
	body, marshalErr := json.Marshal(map[string]string{"err": failed, "description": fmt.Sprintf("The token was not accepted (%s).", jieling.CodeOf(err))})
	return provider.Heard{Reply: provider.Reply{Status: http.StatusBadRequest, ContentType: "application/json", Body: body}}, errors.Join(err, marshalErr)
}
