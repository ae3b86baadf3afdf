package webauthn_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/factor/factortest"
	"github.com/jieling-id/jieling/internal/factor/webauthn"
)

// maker makes authenticators: a root, and the key with which a batch of them vouches for new keys.
type maker struct {
	t          *testing.T
	root, leaf *x509.Certificate
	key        *ecdsa.PrivateKey
}

func newMaker(t *testing.T, extra ...pkix.Extension) maker {
	t.Helper()
	m := maker{t: t}
	rootKey := m.newKey()
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Maker's root"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	m.root = m.sign(ca, ca, &rootKey.PublicKey, rootKey)
	m.key = m.newKey()
	m.leaf = m.sign(&x509.Certificate{ // as WebAuthn level 3, 8.2.1 has it
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, ExtraExtensions: extra,
		Subject: pkix.Name{Country: []string{"CN"}, Organization: []string{"Maker"}, OrganizationalUnit: []string{"Authenticator Attestation"}, CommonName: "batch 7"},
	}, m.root, &m.key.PublicKey, rootKey)
	return m
}

func (m maker) newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		m.t.Fatal(err)
	}
	return key
}

func (m maker) sign(c, by *x509.Certificate, key any, with *ecdsa.PrivateKey) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, c, by, key, with)
	if err != nil {
		m.t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		m.t.Fatal(err)
	}
	return made
}

func (m maker) packed(over []byte) (string, map[string]any) {
	return "packed", map[string]any{"alg": -7, "sig": signed(m.t, m.key, over), "x5c": []any{m.leaf.Raw}}
}

func signed(t *testing.T, key *ecdsa.PrivateKey, over []byte) []byte {
	digest := sha256.Sum256(over)
	sig, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

func (m maker) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(m.root)
	return pool
}

func trusting(t *testing.T, roots *x509.CertPool) *webauthn.Factor {
	t.Helper()
	f, err := webauthn.New(webauthn.Config{RPID: "id.example.test", RPName: "解铃", Origins: []string{"https://id.example.test"}, Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// answered is what a device's answer says of it, asked by a factor.
func answered(t *testing.T, f *webauthn.Factor, d *device, kept factor.Kept) string {
	t.Helper()
	exam := factortest.Exam{Factor: f, Enrolled: []factor.Enrolled{{Enrolment: jieling.Enrolment{ID: "fac_1"}, Open: kept.Secret}}}
	p := exam.Put(t, 1)
	v, err := f.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{Given: d.get(p.Issued.Public)})
	if err != nil || !v.Passed {
		t.Fatalf("%+v, %v", v, err)
	}
	return v.Vouched
}

// R2: a device is vouched for by a statement that leads to a root that is trusted now, and by nothing less. All of them may unlock.
func TestR2_AMakerVouchesForADevice(t *testing.T) {
	known, other := newMaker(t), newMaker(t)
	for name, c := range map[string]struct {
		made  func(*device) statement
		roots *x509.CertPool
		want  string
	}{
		"its maker":                 {func(*device) statement { return known.packed }, known.pool(), jieling.Sound},
		"a maker nobody knows":      {func(*device) statement { return other.packed }, known.pool(), ""},
		"itself":                    {func(d *device) statement { return d.selfPacked }, known.pool(), ""},
		"nobody":                    {func(*device) statement { return nil }, known.pool(), ""},
		"its maker, and none asked": {func(*device) statement { return known.packed }, nil, ""},
	} {
		d := newDevice(t)
		d.made = c.made(d)
		f := trusting(t, c.roots)
		kept, err := enrol(t, f, d)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := answered(t, f, d, kept); got != c.want {
			t.Errorf("vouched for by %s: %q, want %q", name, got, c.want)
		}
		if got := answered(t, trusting(t, other.pool()), d, kept); name == "its maker" && got != "" {
			t.Errorf("a root that was taken away still vouches: %q", got)
		}
	}
}

func (d *device) selfPacked(over []byte) (string, map[string]any) {
	return "packed", map[string]any{"alg": -7, "sig": signed(d.t, d.key, over)}
}

// A statement that is a lie is refused where it is made, whether or not its maker is known.
func TestEnrolmentRefusesAStatementThatIsALie(t *testing.T) {
	m := newMaker(t)
	for name, lie := range map[string]statement{
		"over something else": func([]byte) (string, map[string]any) { return m.packed([]byte("else")) },
		"by another key": func(over []byte) (string, map[string]any) {
			_, stmt := m.packed(over)
			stmt["sig"] = signed(t, newMaker(t).key, over)
			return "packed", stmt
		},
	} {
		d := newDevice(t)
		d.made = lie
		if _, err := enrol(t, trusting(t, m.pool()), d); jieling.CodeOf(err) != jieling.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEnrolmentAsksForAStatementWhereMakersAreKnown(t *testing.T) {
	public, _, err := trusting(t, newMaker(t).pool()).EnrolOptions(t.Context(), account, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, public).PublicKey.Attestation; got != "direct" {
		t.Errorf("attestation %q", got)
	}
}

// bootOf is a key description (Keystore's, version 4) of a system in some state of boot.
func bootOf(t *testing.T, locked bool, state int) []byte {
	t.Helper()
	must := func(v any, params string) []byte {
		b, err := asn1.MarshalWithParams(v, params)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	list := func(entries ...[]byte) []byte {
		v := asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true}
		for _, e := range entries {
			v.Bytes = append(v.Bytes, e...)
		}
		return must(v, "")
	}
	trust := list(must([]byte("key"), ""), must(locked, ""), must(asn1.Enumerated(state), ""))
	tee := list(must(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 702, IsCompound: true, Bytes: must(0, "")}, ""),
		must(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 704, IsCompound: true, Bytes: trust}, ""))
	return list(must(4, ""), must(asn1.Enumerated(1), ""), must(4, ""), must(asn1.Enumerated(1), ""), must([]byte("challenge"), ""), must([]byte{}, ""), list(), tee)
}

// R2: an Android key says what system it was made on; one that is not its maker's, or whose bootloader is open, is rooted.
func TestR2_AnAndroidKeyTellsAnOpenSystem(t *testing.T) {
	id := asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 1, 17}
	for name, c := range map[string]struct {
		description []byte
		want        bool
	}{
		"its maker's, locked":   {bootOf(t, true, 0), true},
		"its maker's, unlocked": {bootOf(t, false, 0), false},
		"somebody's own":        {bootOf(t, true, 1), false},
		"not verified":          {bootOf(t, true, 2), false},
		"cut short":             {bootOf(t, true, 0)[:40], false},
		"nothing":               {nil, false},
	} {
		m := newMaker(t, pkix.Extension{Id: id, Value: c.description})
		if got := webauthn.BootVerified(m.leaf); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if webauthn.BootVerified(newMaker(t).leaf) {
		t.Error("a certificate that says nothing of it is taken for a verified system")
	}
}
