package factor

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
)

const certificateTTL = 5 * time.Minute

// Certificate is the organisation's certificate on the device that acts (企业证书, V3). The managed app signs what it is given with the
// certificate's key, which never leaves the device. A certificate passes that chains to an authority the organisation registered, is
// meant for clients, is within its time, stands in none of the organisation's revocation lists, and is the one that device management
// installed on this very device.
type Certificate struct{}

var _ Factor = Certificate{}

// CertificatePublic is what the device is to sign: the bytes of Message as they are.
type CertificatePublic struct {
	OrganisationPublic
	Message string `json:"message"`
}

// CertificateAnswer is what the device gives: its certificate and those between it and the authority, each DER, its own first; and the
// signature over the message: ECDSA or RSA (PKCS #1 v1.5 or PSS) with SHA-256, or Ed25519.
type CertificateAnswer struct {
	Chain     [][]byte `json:"chain"`
	Signature []byte   `json:"signature"`
}

// Issue draws what is signed: it is good for this challenge of this case and for nothing else (S8).
func (Certificate) Issue(_ context.Context, ask Ask) (Issued, error) {
	if ask.Belongs == nil {
		return Issued{}, nowhere()
	}
	message := "jieling enterprise certificate 1\n" + string(ask.Challenge) + "\n" + hex.EncodeToString(ask.Digest[:]) + "\n" + hex.EncodeToString(ask.Random(16))
	public, err := json.Marshal(CertificatePublic{OrganisationPublic{Organisation: ask.Belongs.Organisation.Name}, message})
	if err != nil {
		return Issued{}, fmt.Errorf("issue a question to a certificate: %w", err)
	}
	return Issued{Public: public, Secret: []byte(message), TTL: certificateTTL, Limit: 5}, nil
}

// Check verifies the chain first: a signature by somebody else's key teaches nothing.
func (Certificate) Check(_ context.Context, ch jieling.Challenge, secret []byte, _ []Enrolled, answer Answer) (Verdict, error) {
	var given CertificateAnswer
	if err := json.Unmarshal(answer.Given, &given); err != nil || len(given.Chain) == 0 || len(given.Chain) > 8 || len(secret) == 0 {
		return Verdict{}, Malformed("设备没有给出企业证书。请在装有企业证书的 App 里继续。", "The device gave no certificate. Go on in the app that has your organisation's certificate.")
	}
	b := answer.Belongs
	if b == nil {
		return Verdict{}, nowhere()
	}
	leaf, err := b.trusted(given.Chain)
	if err != nil {
		return Verdict{}, err
	}
	if !bytes.Contains(secret, []byte("\n"+string(ch.ID)+"\n")) || !signedBy(leaf, secret, given.Signature) {
		return Verdict{}, nil
	}
	return Verdict{Passed: true, Until: leaf.NotAfter}, nil
}

// trusted gives the device's certificate, or why it does not count.
func (b *Belonging) trusted(chain [][]byte) (*x509.Certificate, error) {
	var all []*x509.Certificate
	for _, der := range chain {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, Malformed("企业证书无法读取。", "The certificate cannot be read.")
		}
		all = append(all, c)
	}
	roots, err := ParseRoots(b.Organisation.Roots)
	if err != nil || len(roots) == 0 {
		return nil, unfit("企业还没有登记签发证书的机构。请联系企业管理员。", "Your organisation has registered no authority for certificates. Contact its administrator.")
	}
	pool, between, leaf := x509.NewCertPool(), x509.NewCertPool(), all[0]
	for _, r := range roots {
		pool.AddCert(r)
	}
	for _, c := range all[1:] {
		between.AddCert(c)
	}
	paths, err := leaf.Verify(x509.VerifyOptions{Roots: pool, Intermediates: between, CurrentTime: b.Now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return nil, unfit("企业证书不在有效期内。请联系企业管理员更换。", "The certificate is not within its time. Ask your organisation's administrator for a new one.")
	case err != nil || leaf.IsCA || !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageClientAuth):
		return nil, unfit("这不是你所在企业签发的设备证书。请在装有企业证书的设备上继续。", "This is no device certificate of your organisation. Go on from a device that has one.")
	case b.Device == nil || len(b.Device.Fingerprint) == 0 || !sameCertificate(b.Device.Fingerprint, leaf):
		return nil, unfit("这张企业证书不属于这台设备。请在企业发放证书的那台设备上继续。", "This certificate is not this device's. Go on from the device it was issued to.")
	}
	if err := notRevoked(b.Organisation.Revoked, paths, b.Now); err != nil {
		return nil, err
	}
	return leaf, nil
}

func sameCertificate(fingerprint []byte, c *x509.Certificate) bool {
	sum := sha256.Sum256(c.Raw)
	return bytes.Equal(sum[:], fingerprint)
}

// notRevoked holds every certificate of a path against the lists of its issuer. A list that is too old says nothing: it fails closed (S30).
func notRevoked(lists string, paths [][]*x509.Certificate, now time.Time) error {
	all, err := ParseRevoked(lists)
	if err != nil {
		return unfit("企业的证书吊销列表无法读取。请联系企业管理员。", "Your organisation's list of revoked certificates cannot be read. Contact its administrator.")
	}
	for _, path := range paths {
		for i := range len(path) - 1 {
			for _, list := range all {
				if list.CheckSignatureFrom(path[i+1]) != nil {
					continue
				}
				if !list.NextUpdate.IsZero() && now.After(list.NextUpdate) {
					return unfit("企业的证书吊销列表已过期，无法确认证书是否有效。请联系企业管理员更新。", "Your organisation's list of revoked certificates is too old to tell. Ask its administrator for a new one.")
				}
				if slices.ContainsFunc(list.RevokedCertificateEntries, func(r x509.RevocationListEntry) bool { return r.SerialNumber.Cmp(path[i].SerialNumber) == 0 }) {
					return unfit("这张企业证书已被吊销。请联系企业管理员换发。", "This certificate was revoked. Ask your organisation's administrator for a new one.")
				}
			}
		}
	}
	return nil
}

func signedBy(c *x509.Certificate, message, signature []byte) bool {
	sum := sha256.Sum256(message)
	switch key := c.PublicKey.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, sum[:], signature)
	case ed25519.PublicKey:
		return ed25519.Verify(key, message, signature)
	case *rsa.PublicKey:
		return key.N.BitLen() >= 2048 && (rsa.VerifyPSS(key, crypto.SHA256, sum[:], signature, nil) == nil || rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil)
	}
	return false
}

// ParseRoots reads the authorities of an organisation out of PEM, at most 16.
func ParseRoots(text string) ([]*x509.Certificate, error) {
	blocks, err := pemBlocks(text, "CERTIFICATE")
	if err != nil {
		return nil, err
	}
	var all []*x509.Certificate
	for _, der := range blocks {
		c, err := x509.ParseCertificate(der)
		if err != nil || !c.IsCA {
			return nil, errors.New("must hold certificates of authorities only")
		}
		all = append(all, c)
	}
	return all, nil
}

// ParseRevoked reads revocation lists out of PEM, at most 16.
func ParseRevoked(text string) ([]*x509.RevocationList, error) {
	blocks, err := pemBlocks(text, "X509 CRL")
	if err != nil {
		return nil, err
	}
	var all []*x509.RevocationList
	for _, der := range blocks {
		l, err := x509.ParseRevocationList(der)
		if err != nil {
			return nil, errors.New("must hold revocation lists only")
		}
		all = append(all, l)
	}
	return all, nil
}

func pemBlocks(text, kind string) (all [][]byte, err error) {
	for rest := bytes.TrimSpace([]byte(text)); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil || block.Type != kind || len(all) == 16 {
			return nil, fmt.Errorf("must be PEM of at most 16 blocks of the type %s", kind)
		}
		all = append(all, block.Bytes)
	}
	return all, nil
}

func unfit(zh, en string) error { return jieling.Refuse(jieling.CodeNotEnrolled, zh, en) }
