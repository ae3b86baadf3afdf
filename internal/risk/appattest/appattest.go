// Package appattest reads what Apple says of an iPhone and the app on it: objects of App Attest. Nobody is asked: what comes
// from the phone is checked against Apple's root certificate.
//
// An app makes a key that stays in the phone's secure element, and has Apple attest it once, with the SHA-256 of our nonce's
// characters as the clientDataHash. Such an attestation says that the key is new, and lives in an unchanged copy of the app on a
// device of Apple's. From then on the key itself signs: an assertion over another nonce, whose counter only rises. Both are CBOR,
// and told apart by their keys; both are worth the same here.
//
// Apple says nothing of a phone it does not vouch for, so this package knows no word but "attested": whatever does not hold is no
// statement. The receipt in an attestation, which Apple trades for a count of keys, is not looked at.
package appattest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/risk"
)

// Config says which app is ours and whom to believe.
type Config struct {
	AppID       string // "TEAMID.com.example.app"
	Roots       []byte // PEM: Apple's App Attestation Root CA
	Development bool   // take builds of the development environment too; never in production
}

// Reader implements [risk.Attester].
type Reader struct {
	app         [32]byte
	roots       *x509.CertPool
	development bool
	strict      cbor.DecMode
}

var _ risk.Attester = (*Reader)(nil)

var appID = regexp.MustCompile(`^[A-Z0-9]{10}\.[A-Za-z0-9._-]+$`)

// New checks the configuration.
func New(c Config) (*Reader, error) {
	if !appID.MatchString(c.AppID) {
		return nil, errors.New("app attest: app_id must be the team's ten characters, a dot, and the bundle identifier")
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(c.Roots) {
		return nil, errors.New("app attest: the root file holds no certificate in PEM")
	}
	strict, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive, MaxNestedLevels: 4, MaxArrayElements: 16, MaxMapPairs: 16,
	}.DecMode()
	if err != nil {
		return nil, fmt.Errorf("app attest: %w", err)
	}
	return &Reader{sha256.Sum256([]byte(c.AppID)), roots, c.Development, strict}, nil
}

// object is an attestation or an assertion.
type object struct {
	Format    string `cbor:"fmt"`
	Statement struct {
		Chain [][]byte `cbor:"x5c"`
	} `cbor:"attStmt"`
	AuthData []byte `cbor:"authData"`

	Signature     []byte `cbor:"signature"`
	Authenticator []byte `cbor:"authenticatorData"`
}

// sizeLimit bounds a statement, in characters.
const sizeLimit = 64 << 10

// Attest implements [risk.Attester]. An assertion needs the key that an attestation left.
func (r *Reader) Attest(ctx context.Context, s risk.Statement) (risk.Attested, error) {
	switch {
	case ctx.Err() != nil:
		return risk.Attested{}, stopped(ctx.Err())
	case s.Nonce == "" || s.Given == "":
		return risk.Attested{}, invalid("is missing")
	case len(s.Given) > sizeLimit:
		return risk.Attested{}, invalid("is larger than 64 KiB")
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(s.Given, "=")))
	if err != nil {
		return risk.Attested{}, invalid("is not base64")
	}
	var o object
	if r.strict.Unmarshal(raw, &o) != nil {
		return risk.Attested{}, invalid("is not CBOR as App Attest makes it")
	}
	client := sha256.Sum256([]byte(s.Nonce))
	switch {
	case o.Format == "apple-appattest" && o.Signature == nil && o.Authenticator == nil:
		return r.attestation(o, client, s.Now)
	case o.Format == "" && o.AuthData == nil && o.Statement.Chain == nil && o.Signature != nil:
		return r.assertion(o, client, s.Key)
	}
	return risk.Attested{}, invalid("is neither an attestation nor an assertion")
}

// Where the authenticator data has what (WebAuthn §6.1). An attestation's goes on with the new credential: its AAGUID, the
// length of its ID, and the ID, which is the hash of its key. What follows there Apple signed too, and says nothing new.
const (
	atCounter = 33
	atAAGUID  = 37
	atLength  = 53
	atID      = 55
	atEnd     = 87
)

// The environments an app is built for, as AAGUIDs.
const (
	production  = "appattest\x00\x00\x00\x00\x00\x00\x00"
	development = "appattestdevelop"
)

// attestation follows Apple's steps: the chain, the nonce, the key, the app, the counter, the environment, the credential.
func (r *Reader) attestation(o object, client [32]byte, now time.Time) (risk.Attested, error) {
	leaf, err := r.chain(o.Statement.Chain, now)
	if err != nil {
		return risk.Attested{}, invalid("was not signed by Apple, or not lately")
	}
	nonce := sha256.Sum256(append(bytes.Clone(o.AuthData), client[:]...))
	if !bytes.Equal(nonceIn(leaf), nonce[:]) {
		return risk.Attested{}, invalid("was made for another nonce")
	}
	key, ok := leaf.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() || len(o.AuthData) < atEnd {
		return risk.Attested{}, invalid("has no key as App Attest makes them")
	}
	point, err := key.Bytes()
	if err != nil {
		return risk.Attested{}, invalid("has no key as App Attest makes them")
	}
	id, environment := sha256.Sum256(point), string(o.AuthData[atAAGUID:atLength])
	switch {
	case !bytes.Equal(o.AuthData[:32], r.app[:]):
		return risk.Attested{}, invalid("was made for another app")
	case binary.BigEndian.Uint32(o.AuthData[atCounter:]) != 0:
		return risk.Attested{}, invalid("is of a key that was used before")
	case environment != production && (environment != development || !r.development):
		return risk.Attested{}, invalid("was made in another environment")
	case binary.BigEndian.Uint16(o.AuthData[atLength:]) != uint16(len(id)) || !bytes.Equal(o.AuthData[atID:atEnd], id[:]):
		return risk.Attested{}, invalid("is of another key than it says")
	}
	public, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return risk.Attested{}, invalid("has no key as App Attest makes them")
	}
	return risk.Attested{Level: jieling.Sound, Key: risk.AppKey{Public: public}}, nil
}

// chain leads from the certificate of a key to a root, at a moment. Apple's certificates name no purpose that x509 knows.
func (r *Reader) chain(der [][]byte, now time.Time) (*x509.Certificate, error) {
	if len(der) == 0 {
		return nil, errors.New("no certificates")
	}
	leaf, err := x509.ParseCertificate(der[0])
	if err != nil {
		return nil, err
	}
	between := x509.NewCertPool()
	for _, d := range der[1:] {
		c, err := x509.ParseCertificate(d)
		if err != nil {
			return nil, err
		}
		between.AddCert(c)
	}
	_, err = leaf.Verify(x509.VerifyOptions{Roots: r.roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return leaf, err
}

// nonceIn reads Apple's extension 1.2.840.113635.100.8.2: a sequence with one octet string, tagged 1. Nil: there is none.
func nonceIn(leaf *x509.Certificate) []byte {
	var value struct {
		Nonce []byte `asn1:"tag:1,explicit"`
	}
	for _, e := range leaf.Extensions {
		if !e.Id.Equal(asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 8, 2}) {
			continue
		}
		if rest, err := asn1.Unmarshal(e.Value, &value); err != nil || len(rest) > 0 {
			return nil
		}
		return value.Nonce
	}
	return nil
}

// assertion checks what the key signed, and that it counted on. Apple signs the nonce as a message, so it is hashed once more.
func (r *Reader) assertion(o object, client [32]byte, known risk.AppKey) (risk.Attested, error) {
	if known.Public == nil {
		return risk.Attested{}, invalid("is of a key that was not attested on this device; attest one first")
	}
	parsed, err := x509.ParsePKIXPublicKey(known.Public)
	key, ok := parsed.(*ecdsa.PublicKey)
	if err != nil || !ok {
		return risk.Attested{}, invalid("is of a key that was not attested on this device; attest one first")
	}
	nonce := sha256.Sum256(append(bytes.Clone(o.Authenticator), client[:]...))
	digest := sha256.Sum256(nonce[:])
	if len(o.Authenticator) < atAAGUID || !ecdsa.VerifyASN1(key, digest[:], o.Signature) {
		return risk.Attested{}, invalid("was not signed by this device's key for this nonce")
	}
	count := binary.BigEndian.Uint32(o.Authenticator[atCounter:])
	switch {
	case !bytes.Equal(o.Authenticator[:32], r.app[:]):
		return risk.Attested{}, invalid("was made for another app")
	case count <= known.Count:
		return risk.Attested{}, invalid("was shown before")
	}
	return risk.Attested{Level: jieling.Sound, Key: risk.AppKey{Public: known.Public, Count: count}}, nil
}

func invalid(message string) error { return jieling.Invalid("statement", message) }

func stopped(err error) error {
	e := jieling.Refuse(jieling.CodeDependency, "核对被中断，请再试一次。", "The check was cut short. Try again.")
	e.Err = fmt.Errorf("app attest: %w", err)
	return e
}
