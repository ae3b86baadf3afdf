package sandbox

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Apple plays Apple's App Attest: a root of its own, and the service that attests keys in phones. What real phones do beyond
// that (refuse on a simulator, ask for the network) is not imitated. It is safe for concurrent use.
type Apple struct {
	now  func() time.Time
	root []byte
	ca   *x509.Certificate
	key  *ecdsa.PrivateKey
}

// leafLife is how long the certificate of a new key is good, as Apple's are.
const leafLife = 72 * time.Hour

// NewApple makes a root and a certificate authority under it; nil means time.Now.
func NewApple(now func() time.Time) (*Apple, error) {
	if now == nil {
		now = time.Now
	}
	rootKey, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("apple's root: %w", err)
	}
	a := &Apple{now: now}
	if a.key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader); err != nil {
		return nil, fmt.Errorf("apple's authority: %w", err)
	}
	root := authority("Sandbox App Attestation Root CA", 1, now())
	der, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	if err != nil {
		return nil, fmt.Errorf("apple's root: %w", err)
	}
	a.root = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	ca, err := x509.CreateCertificate(rand.Reader, authority("Sandbox App Attestation CA 1", 2, now()), root, &a.key.PublicKey, rootKey)
	if err != nil {
		return nil, fmt.Errorf("apple's authority: %w", err)
	}
	a.ca, err = x509.ParseCertificate(ca)
	return a, err
}

func authority(name string, serial int64, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name, Organization: []string{"Jieling sandbox"}},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
}

// Root is the certificate to trust, as PEM.
func (a *Apple) Root() []byte { return a.root }

// Install is one copy of an app on one phone, with its key in the secure element.
type Install struct {
	// Development makes it a build of the development environment.
	Development bool
	// Tamper, where it is set, changes the authenticator data before it is signed, to prove that a server checks for itself.
	Tamper func(authData []byte) []byte

	apple *Apple
	app   string
	key   *ecdsa.PrivateKey
	mu    sync.Mutex
	count uint32
}

// Install puts an app ("TEAMID.com.example.app") on a new phone.
func (a *Apple) Install(app string) (*Install, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return &Install{apple: a, app: app, key: key}, nil
}

// Attest has Apple attest the key for a nonce, and gives the attestation object.
func (i *Install) Attest(nonce string) ([]byte, error) {
	point, err := i.key.PublicKey.Bytes() // 0x04, x, y
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		return nil, fmt.Errorf("CBOR: %w", err)
	}
	cose, err := mode.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	environment := [16]byte{}
	copy(environment[:], "appattest")
	if i.Development {
		copy(environment[:], "appattestdevelop")
	}
	id := sha256.Sum256(point)
	data := append(i.authData(flagAT, 0), environment[:]...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(id)))
	data = append(append(data, id[:]...), cose...)
	if i.Tamper != nil {
		data = i.Tamper(data)
	}
	leaf, err := i.apple.certify(i.key, id, nonceFor(data, nonce))
	if err != nil {
		return nil, err
	}
	return mode.Marshal(map[string]any{
		"fmt": "apple-appattest", "authData": data,
		"attStmt": map[string]any{"x5c": [][]byte{leaf, i.apple.ca.Raw}, "receipt": []byte("sandbox receipt")},
	})
}

// Assert signs a nonce with the key, and gives the assertion object. The counter rises with each.
func (i *Install) Assert(nonce string) ([]byte, error) {
	i.mu.Lock()
	i.count++
	data := i.authData(0, i.count)
	i.mu.Unlock()
	if i.Tamper != nil {
		data = i.Tamper(data)
	}
	over := nonceFor(data, nonce)
	digest := sha256.Sum256(over[:]) // the nonce is signed as a message
	signature, err := ecdsa.SignASN1(rand.Reader, i.key, digest[:])
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return cbor.Marshal(map[string]any{"signature": signature, "authenticatorData": data})
}

func (i *Install) authData(flags byte, count uint32) []byte {
	hash := sha256.Sum256([]byte(i.app))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), count)
}

// nonceFor is what Apple calls the nonce: the hash of the authenticator data and the hash of what the server sent.
func nonceFor(data []byte, sent string) [32]byte {
	client := sha256.Sum256([]byte(sent))
	return sha256.Sum256(append(bytes.Clone(data), client[:]...))
}

// certify signs the certificate of a key, with the nonce in Apple's extension.
func (a *Apple) certify(key *ecdsa.PrivateKey, id, nonce [32]byte) ([]byte, error) {
	value, err := asn1.Marshal(struct {
		Nonce []byte `asn1:"tag:1,explicit"`
	}{nonce[:]})
	if err != nil {
		return nil, fmt.Errorf("nonce: %w", err)
	}
	now := a.now()
	leaf := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(id[:8]), Subject: pkix.Name{CommonName: hex.EncodeToString(id[:])},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(leafLife), BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 8, 2}, Value: value}},
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.ca, &key.PublicKey, a.key)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return der, nil
}
