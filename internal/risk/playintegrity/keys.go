package playintegrity

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/go-jose/go-jose/v4"
)

// keys open the tokens of classic requests without asking anybody: a JWE (A256KW, A256GCM) that holds a JWS (ES256), both compact.
type keys struct {
	decryption   []byte
	verification *ecdsa.PublicKey
}

func newKeys(c Config) (*keys, error) {
	decryption, err := base64.StdEncoding.DecodeString(c.DecryptionKey)
	if err != nil || len(decryption) != 32 {
		return nil, errors.New("decryption_key must be the base64 of 32 bytes")
	}
	der, err := base64.StdEncoding.DecodeString(c.VerificationKey)
	if err != nil {
		return nil, errors.New("verification_key must be base64")
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	verification, ok := parsed.(*ecdsa.PublicKey)
	if err != nil || !ok || verification.Curve != elliptic.P256() {
		return nil, errors.New("verification_key must be an ECDSA P-256 public key")
	}
	return &keys{decryption, verification}, nil
}

func (k *keys) ready(context.Context) error { return nil }

func (k *keys) open(ctx context.Context, token string) (payload, error) {
	if ctx.Err() != nil {
		return payload{}, away(ctx.Err())
	}
	text, err := k.unseal(token)
	var said payload
	if err != nil || json.Unmarshal(text, &said) != nil {
		return payload{}, invalid("was not sealed and signed by Google for this app's keys")
	}
	return said, nil
}

func (k *keys) unseal(token string) ([]byte, error) {
	sealed, err := jose.ParseEncryptedCompact(token, []jose.KeyAlgorithm{jose.A256KW}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		return nil, err
	}
	inner, err := sealed.Decrypt(k.decryption)
	if err != nil {
		return nil, err
	}
	signed, err := jose.ParseSignedCompact(string(inner), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return nil, err
	}
	return signed.Verify(k.verification)
}
