package factor_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/factor/factortest"
)

var now = factortest.Now

// ca is an organisation's authority, with real keys.
type ca struct {
	t    *testing.T
	key  crypto.Signer
	cert *x509.Certificate
}

func newCA(t *testing.T) ca {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := ca{t, key, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Qinghe"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(99 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{1, 2, 3},
	}}
	c.cert = c.sign(c.cert, key.Public())
	return c
}

func (c ca) sign(template *x509.Certificate, key crypto.PublicKey) *x509.Certificate {
	c.t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, c.cert, key, c.key)
	if err != nil {
		c.t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

func (c ca) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.cert.Raw}))
}

func (c ca) revokes(serial int64, until time.Time) string {
	c.t.Helper()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: now.Add(-time.Hour), NextUpdate: until,
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: big.NewInt(serial), RevocationTime: now.Add(-time.Minute)}},
	}, c.cert, c.key)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}))
}

// device is a phone with a certificate of the organisation's.
type device struct {
	key  crypto.Signer
	cert *x509.Certificate
}

func leaf() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "phone"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(9 * time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
}

func (d device) belongs(c ca) *factor.Belonging {
	sum := sha256.Sum256(d.cert.Raw)
	return &factor.Belonging{
		Organisation: jieling.Organisation{Name: "青禾科技", Roots: c.pem()}, Now: now,
		Device: &jieling.ManagedDevice{Device: factortest.Phone, Compliant: true, ReportedAt: now, Fingerprint: sum[:]},
	}
}

// answer signs what was asked.
func (d device) answer(t *testing.T, issued factor.Issued, b *factor.Belonging) factor.Answer {
	t.Helper()
	var shown factor.CertificatePublic
	if err := json.Unmarshal(issued.Public, &shown); err != nil {
		t.Fatal(err)
	}
	sum, how := sha256.Sum256([]byte(shown.Message)), crypto.SignerOpts(crypto.SHA256)
	what := sum[:]
	if _, ok := d.key.(ed25519.PrivateKey); ok {
		what, how = []byte(shown.Message), crypto.Hash(0)
	}
	signature, err := d.key.Sign(rand.Reader, what, how)
	if err != nil {
		t.Fatal(err)
	}
	given, err := json.Marshal(factor.CertificateAnswer{Chain: [][]byte{d.cert.Raw}, Signature: signature})
	if err != nil {
		t.Fatal(err)
	}
	return factor.Answer{Given: given, Device: factortest.Phone, Belongs: b}
}

func TestCertificate(t *testing.T) {
	authority := newCA(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"ECDSA": ecKey, "RSA": rsaKey, "Ed25519": edKey} {
		t.Run(name, func(t *testing.T) {
			d := device{key, authority.sign(leaf(), key.Public())}
			thief, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			b := d.belongs(authority)
			factortest.Run(t, factortest.Exam{
				Factor: factor.Certificate{}, Belongs: b, MaxTTL: 5 * time.Minute, MaxLimit: 5,
				Answer: func(t *testing.T, _ jieling.Challenge, issued factor.Issued, right bool) factor.Answer {
					if !right {
						return device{thief, d.cert}.answer(t, issued, b)
					}
					return d.answer(t, issued, b)
				},
				Malformed: []factor.Answer{{}, {Given: []byte("{}"), Belongs: b}, {Given: []byte(`{"chain":["AAAA"]}`), Belongs: b}},
			})
		})
	}
}

// TestV3_ACertificateThatDoesNotCount is one of another authority, another time, another use or another device, or one that was revoked; or
// whose list of revoked ones is too old to tell (S30).
func TestV3_ACertificateThatDoesNotCount(t *testing.T) {
	authority, other := newCA(t), newCA(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	exam := func(authority ca, spoil func(*x509.Certificate), bend func(*factor.Belonging)) (factor.Verdict, error) {
		t.Helper()
		template := leaf()
		spoil(template)
		d := device{key, authority.sign(template, key.Public())}
		b := d.belongs(authority)
		bend(b)
		put := factortest.Exam{Factor: factor.Certificate{}, Belongs: b}.Put(t, 1)
		return factor.Certificate{}.Check(t.Context(), put.Challenge, put.Issued.Secret, nil, d.answer(t, put.Issued, b))
	}
	as, by := func(*x509.Certificate) {}, func(*factor.Belonging) {}
	if v, err := exam(authority, as, by); err != nil || !v.Passed || !v.Until.Equal(now.Add(9*time.Hour)) {
		t.Fatalf("the good one: %+v, %v", v, err)
	}
	if v, err := exam(authority, as, func(b *factor.Belonging) { b.Organisation.Revoked = authority.revokes(8, now.Add(time.Hour)) }); err != nil || !v.Passed {
		t.Fatalf("another one was revoked: %+v, %v", v, err)
	}
	for what, bad := range map[string]struct {
		spoil func(*x509.Certificate)
		bend  func(*factor.Belonging)
	}{
		"another authority":   {as, func(b *factor.Belonging) { b.Organisation.Roots = other.pem() }},
		"no authority":        {as, func(b *factor.Belonging) { b.Organisation.Roots = "" }},
		"expired":             {func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Minute) }, by},
		"not begun":           {func(c *x509.Certificate) { c.NotBefore = now.Add(time.Minute) }, by},
		"for servers":         {func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }, by},
		"for nothing named":   {func(c *x509.Certificate) { c.ExtKeyUsage = nil }, by},
		"another device":      {as, func(b *factor.Belonging) { b.Device.Fingerprint = make([]byte, 32) }},
		"a device of nobody":  {as, func(b *factor.Belonging) { b.Device = nil }},
		"revoked":             {as, func(b *factor.Belonging) { b.Organisation.Revoked = authority.revokes(7, now.Add(time.Hour)) }},
		"a list that is old":  {as, func(b *factor.Belonging) { b.Organisation.Revoked = authority.revokes(8, now.Add(-time.Minute)) }},
		"a list of no sense":  {as, func(b *factor.Belonging) { b.Organisation.Revoked = "x" }},
		"an authority itself": {func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }, by},
	} {
		if v, err := exam(authority, bad.spoil, bad.bend); jieling.CodeOf(err) != jieling.CodeNotEnrolled || v.Passed {
			t.Errorf("%s: %+v, %v", what, v, err)
		}
	}
}

// TestV3_WhatTheOrganisationSaysIsLookedAtWhenItCounts.
func TestV3_WhatTheOrganisationSaysIsLookedAtWhenItCounts(t *testing.T) {
	good := factor.Belonging{
		Organisation: jieling.Organisation{Name: "青禾", CertifiedUntil: now.Add(time.Hour)}, Now: now,
		Device: &jieling.ManagedDevice{Compliant: true, ReportedAt: now.Add(-time.Hour)},
	}
	check := func(f factor.Factor, b *factor.Belonging) (factor.Verdict, error) {
		return f.Check(t.Context(), jieling.Challenge{}, nil, nil, factor.Answer{Belongs: b})
	}
	if v, err := check(factor.Certification{}, &good); err != nil || !v.Passed || !v.Until.Equal(now.Add(time.Hour)) {
		t.Errorf("certified: %+v, %v", v, err)
	}
	if v, err := check(factor.MDM{}, &good); err != nil || !v.Passed || !v.Until.Equal(now.Add(23*time.Hour)) {
		t.Errorf("managed: %+v, %v", v, err)
	}
	for what, bend := range map[string]func(*factor.Belonging){
		"it ran out": func(b *factor.Belonging) { b.Organisation.CertifiedUntil = now }, "there is none": func(b *factor.Belonging) { b.Organisation.CertifiedUntil = time.Time{} },
	} {
		b := good
		bend(&b)
		if v, err := check(factor.Certification{}, &b); jieling.CodeOf(err) != jieling.CodeNotEnrolled || v.Passed {
			t.Errorf("%s: %+v, %v", what, v, err)
		}
	}
	for what, d := range map[string]*jieling.ManagedDevice{
		"not managed": nil, "out of order": {ReportedAt: now}, "old news": {Compliant: true, ReportedAt: now.Add(-jieling.ManagedFor)},
		"news from tomorrow": {Compliant: true, ReportedAt: now.Add(time.Hour)},
	} {
		b := good
		b.Device = d
		if v, err := check(factor.MDM{}, &b); jieling.CodeOf(err) != jieling.CodeNotEnrolled || v.Passed {
			t.Errorf("%s: %+v, %v", what, v, err)
		}
	}
	for _, f := range []factor.Factor{factor.AdminApproval{}, factor.Certification{}, factor.MDM{}, factor.Certificate{}} {
		if _, err := f.Issue(t.Context(), factor.Ask{Now: now}); jieling.CodeOf(err) != jieling.CodeNotEnrolled {
			t.Errorf("%T for somebody of no organisation: %v", f, err)
		}
	}
	if v, err := check(factor.AdminApproval{}, &good); jieling.CodeOf(err) != jieling.CodeForbidden || v.Passed {
		t.Errorf("V6: the person's own answer to an approval: %+v, %v", v, err)
	}
}
