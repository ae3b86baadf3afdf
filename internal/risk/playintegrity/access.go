package playintegrity

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jieling-id/jieling/internal/outbound"
)

// scope is what the access is for.
const scope = "https://www.googleapis.com/auth/playintegrity"

// assertionLife is the longest that Google takes.
const assertionLife = time.Hour

// grant is how a service account asks for access: with an assertion that its key signed (RFC 7523, 2.1). The file is the one that
// Google's console hands out; no error holds a part of it.
func grant(file []byte, now func() time.Time) (outbound.Grant, error) {
	var account struct {
		Email string `json:"client_email"`
		KeyID string `json:"private_key_id"`
		Key   string `json:"private_key"` // PEM, PKCS #8
		URI   string `json:"token_uri"`
	}
	if json.Unmarshal(file, &account) != nil || account.Email == "" {
		return outbound.Grant{}, errors.New("it is not the JSON key file of one")
	}
	endpoint, err := outbound.Base(account.URI)
	if err != nil {
		return outbound.Grant{}, fmt.Errorf("token_uri: %w", err)
	}
	key, err := outbound.ReadKey(account.Key)
	if err != nil {
		return outbound.Grant{}, err
	}
	if now == nil {
		now = time.Now
	}
	return outbound.Grant{Endpoint: endpoint, Now: now, Form: func() (url.Values, error) {
		at := now()
		assertion, err := outbound.Assertion(key, account.KeyID, map[string]any{
			"iss": account.Email, "scope": scope, "aud": endpoint.String(), "iat": at.Unix(), "exp": at.Add(assertionLife).Unix(),
		})
		return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}, err
	}}, nil
}
