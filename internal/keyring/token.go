package keyring

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// tokenBits is the size of keys that sign tokens for others: what the interoperability profile of CAEP wants at least.
const tokenBits = 2048

// ErrNoTokenKey says that the ring has no key to sign tokens with: one made before there were any.
var ErrNoTokenKey = errors.New("keyring: no key signs tokens; add one with: jieling keyring rotate --tokens")

// RotateTokens returns a keyring that signs tokens with a new key and still publishes those before, so that what they signed can be
// verified. The first call makes the first key.
func (k *Keyring) RotateTokens() (*Keyring, error) {
	key, err := rsa.GenerateKey(rand.Reader, tokenBits)
	if err != nil {
		return nil, fmt.Errorf("keyring: make a token key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("keyring: write a token key: %w", err)
	}
	c := k.ring().content
	c.Tokens = append(slices.Clip(c.Tokens), der)
	return k.with(c)
}

// readTokenKeys makes the keys that sign tokens ready, each named by its thumbprint (RFC 7638).
func readTokenKeys(all [][]byte) (keys []jose.JSONWebKey, err error) {
	for _, der := range all {
		key, err := x509.ParsePKCS8PrivateKey(der)
		signer, ok := key.(*rsa.PrivateKey)
		if err != nil || !ok || signer.N.BitLen() < tokenBits {
			return nil, errors.New("keyring: a token key is damaged; restore the file from its backup")
		}
		k := jose.JSONWebKey{Key: signer, Algorithm: string(jose.RS256), Use: "sig"}
		print, err := k.Thumbprint(crypto.SHA256)
		if err != nil {
			return nil, fmt.Errorf("keyring: name a token key: %w", err)
		}
		k.KeyID = base64.RawURLEncoding.EncodeToString(print)
		keys = append(keys, k)
	}
	return keys, nil
}

// SignToken signs claims as a compact JWS (RS256) of a type, under the newest token key, whose name its header has.
func (k *Keyring) SignToken(typ string, claims []byte) (string, error) {
	keys := k.ring().tokens
	if len(keys) == 0 {
		return "", ErrNoTokenKey
	}
	options := (&jose.SignerOptions{}).WithType(jose.ContentType(typ))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: keys[len(keys)-1]}, options)
	if err != nil {
		return "", fmt.Errorf("keyring: sign a token: %w", err)
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", fmt.Errorf("keyring: sign a token: %w", err)
	}
	return signed.CompactSerialize()
}

// TokenKeys is the public half of every token key, as a JSON Web Key Set (RFC 7517), or ErrNoTokenKey.
func (k *Keyring) TokenKeys() ([]byte, error) {
	var set jose.JSONWebKeySet
	for _, key := range k.ring().tokens {
		set.Keys = append(set.Keys, key.Public())
	}
	if len(set.Keys) == 0 {
		return nil, ErrNoTokenKey
	}
	return json.Marshal(set)
}
