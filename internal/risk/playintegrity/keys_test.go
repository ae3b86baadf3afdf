package playintegrity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/risk/attesttest"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// keyed is a configuration in which tokens are opened here.
func keyed(t *testing.T, decryption, verification string) Config {
	t.Helper()
	c := sandbox.DefaultCredentials()
	return Config{DecryptionKey: decryption, VerificationKey: verification, Package: c.GooglePackage, Certificates: []string{c.GoogleCertificate}}
}

func TestTokensOpenedHerePassTheExam(t *testing.T) {
	w, elsewhere := world(t), world(t)
	decryption, verification, err := w.GoogleKeys()
	if err != nil {
		t.Fatal(err)
	}
	r := reader(t, keyed(t, decryption, verification))
	attesttest.Run(t, attesttest.Exam{
		Attester: r, Now: now, Stale: 5*time.Minute + time.Second, Early: time.Minute + time.Second,
		Sound:       func(t *testing.T, nonce string) string { return token(t, w, "nonce", nonce, "") },
		OtherApp:    func(t *testing.T, nonce string) string { return token(t, w, "nonce", nonce, "com.example.other") },
		OtherSigner: func(t *testing.T, nonce string) string { return token(t, elsewhere, "nonce", nonce, "") },
	})
	if _, err := r.Attest(t.Context(), risk.Statement{Nonce: attesttest.Nonce, Given: token(t, w, "request_hash", attesttest.Nonce, ""), Now: now}); jieling.CodeOf(err) != jieling.CodeInvalid {
		t.Errorf("a standard token was opened: %v", err)
	}
	if err := r.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// Only Google's own seal around Google's own signature opens: whoever has one of the keys, or bends the algorithms, opens nothing.
func TestOnlyGooglesSealOpens(t *testing.T) {
	ours, theirs := make([]byte, 32), make([]byte, 32)
	_, _ = rand.Read(ours) // never fails
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	r := reader(t, keyed(t, base64.StdEncoding.EncodeToString(ours), base64.StdEncoding.EncodeToString(public)))
	said, err := json.Marshal(map[string]any{
		"requestDetails":  map[string]string{"requestPackageName": "com.example.jieling", "nonce": attesttest.Nonce, "timestampMillis": strconv.FormatInt(now.UnixMilli(), 10)},
		"appIntegrity":    map[string]any{"appRecognitionVerdict": "PLAY_RECOGNIZED", "packageName": "com.example.jieling", "certificateSha256Digest": []string{sandbox.DefaultCredentials().GoogleCertificate}},
		"deviceIntegrity": map[string]any{"deviceRecognitionVerdict": []string{"MEETS_DEVICE_INTEGRITY"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	signed := func(alg jose.SignatureAlgorithm, key any) string {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := signer.Sign(said)
		if err != nil {
			t.Fatal(err)
		}
		text, err := s.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	sealed := func(alg jose.KeyAlgorithm, enc jose.ContentEncryption, key []byte, text string) *jose.JSONWebEncryption {
		box, err := jose.NewEncrypter(enc, jose.Recipient{Algorithm: alg, Key: key}, nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := box.Encrypt([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	compact := func(e *jose.JSONWebEncryption) string {
		text, err := e.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	good := signed(jose.ES256, key)
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(said) + "."
	for name, given := range map[string]string{
		"":                        compact(sealed(jose.A256KW, jose.A256GCM, ours, good)),
		"signed by another":       compact(sealed(jose.A256KW, jose.A256GCM, ours, signed(jose.ES256, other))),
		"signed with our AES key": compact(sealed(jose.A256KW, jose.A256GCM, ours, signed(jose.HS256, ours))),
		"signed with the public":  compact(sealed(jose.A256KW, jose.A256GCM, ours, signed(jose.HS256, public))),
		"not signed":              compact(sealed(jose.A256KW, jose.A256GCM, ours, unsigned)),
		"nothing but words":       compact(sealed(jose.A256KW, jose.A256GCM, ours, string(said))),
		"sealed with another key": compact(sealed(jose.A256KW, jose.A256GCM, theirs, good)),
		"sealed directly":         compact(sealed(jose.DIRECT, jose.A256GCM, ours, good)),
		"another cipher":          compact(sealed(jose.A256KW, jose.A128CBC_HS256, ours, good)),
		"not sealed":              good,
		"not compact":             sealed(jose.A256KW, jose.A256GCM, ours, good).FullSerialize(),
	} {
		got, err := r.Attest(t.Context(), risk.Statement{Nonce: attesttest.Nonce, Given: given, Now: now})
		if fine := name == ""; (err == nil) != fine || (got.Level == jieling.Sound) != fine || !fine && jieling.CodeOf(err) != jieling.CodeInvalid {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	}
}

func TestKeysThatCannotOpenAreRefused(t *testing.T) {
	decryption, verification, err := world(t).GoogleKeys()
	if err != nil {
		t.Fatal(err)
	}
	wide, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&wide.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]Config{
		"one of the two":  keyed(t, decryption, ""),
		"the other":       keyed(t, "", verification),
		"neither":         keyed(t, "", ""),
		"short":           keyed(t, decryption[:20], verification),
		"exchanged":       keyed(t, verification, decryption),
		"another curve":   keyed(t, decryption, base64.StdEncoding.EncodeToString(der)),
		"not base64":      keyed(t, decryption, "***"+verification),
		"and Google, too": {BaseURL: "https://x.test", DecryptionKey: decryption, VerificationKey: verification, Package: "com.example.jieling", Certificates: []string{sandbox.DefaultCredentials().GoogleCertificate}},
	} {
		if _, err := New(c); err == nil || strings.Contains(err.Error(), decryption[:12]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
