package camara

import (
	"crypto"
	"crypto/rand"
	"net/url"
	"time"

	"github.com/jieling-id/jieling/internal/outbound"
)

// scope is what is asked for: the check alone.
const scope = "sim-swap:check"

// assertionLife is well below the 300 seconds that CAMARA's profile allows.
const assertionLife = 2 * time.Minute

// byKey asks for a token with an assertion of who we are, for this endpoint alone and once (OpenID Connect Core, 9: private_key_jwt).
func byKey(endpoint, id string, key crypto.Signer, now func() time.Time) func() (url.Values, error) {
	return func() (url.Values, error) {
		at := now()
		assertion, err := outbound.Assertion(key, "", map[string]any{
			"iss": id, "sub": id, "aud": endpoint, "jti": rand.Text(), "iat": at.Unix(), "exp": at.Add(assertionLife).Unix(),
		})
		return url.Values{
			"grant_type": {"client_credentials"}, "scope": {scope}, "client_id": {id}, "client_assertion": {assertion},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		}, err
	}
}

// bySecret asks for a token with the secret, which goes into the header.
func bySecret() (url.Values, error) {
	return url.Values{"grant_type": {"client_credentials"}, "scope": {scope}}, nil
}
