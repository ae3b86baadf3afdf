package webauthn

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	lib "github.com/go-webauthn/webauthn/webauthn"

	"github.com/jieling-id/jieling"
)

// vouched is what the maker of an authenticator says of it, by the statement the authenticator made when it was set up
// (WebAuthn level 3, 6.5): Sound where it leads to a root we trust now, Rooted where an Android key was made on a system that
// is not its maker's, "" where nobody vouches. The statement is read again at every answer: a root that is taken away vouches
// for nothing from then on.
func (f *Factor) vouched(c lib.Credential) string {
	var object protocol.AttestationObject
	if webauthncbor.Unmarshal(c.Attestation.Object, &object) != nil || object.AuthData.Unmarshal(object.RawAuthData) != nil ||
		!bytes.Equal(object.AuthData.AttData.CredentialPublicKey, c.PublicKey) {
		return ""
	}
	about := sha256.Sum256(c.Attestation.ClientDataJSON)
	if object.VerifyAttestation(about[:], nil, f.party.Config.Attestation, f.party.Config.Signature) != nil {
		return ""
	}
	chain := certificates(object.AttStatement["x5c"])
	if len(chain) == 0 || !f.trusted(chain) {
		return ""
	}
	if object.Format == string(protocol.AttestationFormatAndroidKey) && !bootVerified(chain[0]) {
		return jieling.Rooted
	}
	return jieling.Sound
}

// certificates reads a statement's chain; nil where there is none, or one that cannot be read. A statement without one is signed
// by the new key itself, or not at all: nobody vouches.
func certificates(x5c any) (chain []*x509.Certificate) {
	list, _ := x5c.([]any)
	for _, der := range list {
		raw, _ := der.([]byte)
		c, err := x509.ParseCertificate(raw)
		if err != nil {
			return nil
		}
		chain = append(chain, c)
	}
	return chain
}

func (f *Factor) trusted(chain []*x509.Certificate) bool {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	leaf := chain[0]
	// TPMs name themselves in a critical subject alternative name without a DNS name, which x509 leaves to its caller.
	leaf.UnhandledCriticalExtensions = slices.DeleteFunc(leaf.UnhandledCriticalExtensions, func(id asn1.ObjectIdentifier) bool {
		return id.Equal(asn1.ObjectIdentifier{2, 5, 29, 17})
	})
	_, err := leaf.Verify(x509.VerifyOptions{Roots: f.roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return err == nil
}

// Of the key description in an Android key's certificate: where it stands, the tag of the root of trust, and the boot state that
// says that the system is its maker's and the bootloader locked.
var keyDescription = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 1, 17}

const (
	rootOfTrust = 704
	byMaker     = 0
)

// bootVerified reads what the hardware itself says of the system it runs (the eighth field, teeEnforced).
func bootVerified(leaf *x509.Certificate) bool {
	for _, e := range leaf.Extensions {
		if !e.Id.Equal(keyDescription) {
			continue
		}
		var fields []asn1.RawValue
		if _, err := asn1.Unmarshal(e.Value, &fields); err != nil || len(fields) < 8 {
			return false
		}
		for rest := fields[7].Bytes; len(rest) > 0; {
			var entry asn1.RawValue
			var err error
			if rest, err = asn1.Unmarshal(rest, &entry); err != nil {
				return false
			}
			if entry.Tag != rootOfTrust {
				continue
			}
			var boot struct {
				Key    []byte
				Locked bool
				State  asn1.Enumerated
				Hash   []byte `asn1:"optional"`
			}
			_, err = asn1.Unmarshal(entry.Bytes, &boot)
			return err == nil && boot.Locked && boot.State == byMaker
		}
	}
	return false
}
