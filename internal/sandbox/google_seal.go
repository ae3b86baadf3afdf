package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// seal is what Google closes the tokens of classic requests with. An app's owner may download both keys.
type seal struct {
	encryption []byte // AES-256
	signing    *ecdsa.PrivateKey
}

func newSeal() (seal, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return seal{}, fmt.Errorf("google's seal: %w", err)
	}
	s := seal{make([]byte, 32), key}
	_, _ = rand.Read(s.encryption) // never fails
	return s, nil
}

// close signs what a token says (ES256), and encrypts that (A256KW, A256GCM).
func (s seal) close(said map[string]any) (string, error) {
	text, err := json.Marshal(said)
	if err != nil {
		return "", fmt.Errorf("google's seal: %w", err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: s.signing}, nil)
	if err != nil {
		return "", fmt.Errorf("google's seal: %w", err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		return "", fmt.Errorf("google's seal: %w", err)
	}
	inner, err := signed.CompactSerialize()
	if err != nil {
		return "", fmt.Errorf("google's seal: %w", err)
	}
	box, err := jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: jose.A256KW, Key: s.encryption}, nil)
	if err != nil {
		return "", fmt.Errorf("google's seal: %w", err)
	}
	sealed, err := box.Encrypt([]byte(inner))
	if err != nil {
		return "", fmt.Errorf("google's seal: %w", err)
	}
	return sealed.CompactSerialize()
}

// keys are the two that one would download from the Play Console, as base64: to decrypt, and (PKIX) to verify.
func (s seal) keys() (decryption, verification string, err error) {
	der, err := x509.MarshalPKIXPublicKey(&s.signing.PublicKey)
	if err != nil {
		return "", "", fmt.Errorf("google's seal: %w", err)
	}
	return base64.StdEncoding.EncodeToString(s.encryption), base64.StdEncoding.EncodeToString(der), nil
}
