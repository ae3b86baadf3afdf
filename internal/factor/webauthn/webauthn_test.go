package webauthn_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/factor/factortest"
	"github.com/jieling-id/jieling/internal/factor/webauthn"
)

var account = jieling.Account{ID: factortest.Account, ExternalID: "user-1", Locale: "zh-CN"}

func newFactor(t *testing.T) *webauthn.Factor {
	t.Helper()
	f, err := webauthn.New(webauthn.Config{RPID: "id.example.test", RPName: "解铃", Origins: []string{"https://id.example.test"}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func enrol(t *testing.T, f *webauthn.Factor, d *device, have ...factor.Enrolled) (factor.Kept, error) {
	t.Helper()
	public, state, err := f.EnrolOptions(t.Context(), account, have)
	if err != nil {
		t.Fatal(err)
	}
	return f.Enrol(t.Context(), account, state, d.create(public))
}

// set is a factor with one device enrolled.
func set(t *testing.T) (*webauthn.Factor, *device, factortest.Exam) {
	t.Helper()
	f, d := newFactor(t), newDevice(t)
	kept, err := enrol(t, f, d)
	if err != nil {
		t.Fatal(err)
	}
	return f, d, factortest.Exam{
		Factor:   f,
		Enrolled: []factor.Enrolled{{Enrolment: jieling.Enrolment{ID: "fac_1"}, Open: kept.Secret}},
		Answer: func(t *testing.T, _ jieling.Challenge, issued factor.Issued, right bool) factor.Answer {
			by := *d
			if !right {
				by.key = newDevice(t).key
			}
			return factor.Answer{Given: by.get(issued.Public)}
		},
		Malformed: []factor.Answer{
			{},
			{Given: []byte("123456")},
			{Given: []byte("{}")},
			{Given: []byte(`{"id":"AA","rawId":"AA","type":"public-key"}`)},
			{Given: bytes.Repeat([]byte(" "), 1<<20)},
		},
		MaxTTL:   120 * time.Second,
		MaxLimit: 3,
	}
}

func TestDeviceUnlock(t *testing.T) {
	_, _, exam := set(t)
	factortest.Run(t, exam)
}

// Every word of an assertion that is bent makes it fail, and only the honest one passes.
func TestV1_AnAssertionMustBeTheDevicesOwnWithItsUserVerified(t *testing.T) {
	tests := map[string]struct {
		bend func(*device)
		want bool
	}{
		"honest":                            {func(*device) {}, true},
		"counter of an authenticator at 0":  {func(d *device) { d.counter = 0 }, true},
		"user not verified":                 {func(d *device) { d.flags &^= userVerified }, false},
		"user not present":                  {func(d *device) { d.flags &^= userPresent }, false},
		"another origin":                    {func(d *device) { d.origin = "https://evil.example.test" }, false},
		"another relying party":             {func(d *device) { d.rpID = "evil.example.test" }, false},
		"became a synced passkey":           {func(d *device) { d.flags |= backupEligible | backupState }, false},
		"backed up without being able to":   {func(d *device) { d.flags |= backupState }, false},
		"another person's handle":           {func(d *device) { d.handle = []byte("acc_00000000000000000000000009") }, false},
		"a credential that was never asked": {func(d *device) { d.id = []byte("another") }, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, d, exam := set(t)
			p := exam.Put(t, 1)
			test.bend(d)
			verdict, err := f.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{Given: d.get(p.Issued.Public)})
			if err != nil || verdict.Passed != test.want {
				t.Fatalf("got %+v, %v", verdict, err)
			}
		})
	}
}

func TestACopiedKeyIsRefusedByItsCounter(t *testing.T) {
	f, d, exam := set(t)
	answer := func(n byte, counter uint32) factor.Verdict {
		t.Helper()
		p := exam.Put(t, n)
		d.counter = counter
		verdict, err := f.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{Given: d.get(p.Issued.Public)})
		if err != nil {
			t.Fatal(err)
		}
		if verdict.Passed {
			exam.Enrolled[0].Open = verdict.Update
		}
		return verdict
	}
	if !answer(1, 5).Passed || !answer(2, 6).Passed {
		t.Fatal("a rising counter was refused")
	}
	for _, counter := range []uint32{6, 5, 0} {
		if v := answer(3, counter); v.Passed || v.Update != nil {
			t.Errorf("counter %d after 6 passed: %+v", counter, v)
		}
	}
	if !answer(4, 7).Passed {
		t.Error("the counter was moved by a refused answer")
	}
}

func TestS8_WhatIsSignedCoversChallengeAndOperation(t *testing.T) {
	f, _, exam := set(t)
	signed := func(change func(*factor.Ask)) string {
		t.Helper()
		ask := exam.Ask(1)
		change(&ask)
		issued, err := f.Issue(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		return read(t, issued.Public).PublicKey.Challenge
	}
	base := signed(func(*factor.Ask) {})
	if raw, err := base64.RawURLEncoding.DecodeString(base); err != nil || len(raw) != sha256.Size {
		t.Errorf("the challenge has %d bytes, %v", len(raw), err)
	}
	for name, change := range map[string]func(*factor.Ask){
		"operation": func(a *factor.Ask) { a.Digest[31] ^= 1 },
		"challenge": func(a *factor.Ask) { a.Challenge = "chl_other" },
		"nonce":     func(a *factor.Ask) { a.Random(1) },
	} {
		if signed(change) == base {
			t.Errorf("the %s is not signed", name)
		}
	}
}

func TestEnrolmentAsksForAVerifiedPlatformCredentialAndNoAttestation(t *testing.T) {
	f, d, exam := set(t)
	public, _, err := f.EnrolOptions(t.Context(), account, exam.Enrolled)
	if err != nil {
		t.Fatal(err)
	}
	key := read(t, public).PublicKey
	choice := key.AuthenticatorSelection
	if choice.AuthenticatorAttachment != "platform" || choice.UserVerification != "required" || choice.ResidentKey != "preferred" || key.Attestation != "none" {
		t.Errorf("got %s", public)
	}
	if len(key.ExcludeCredentials) != 1 || key.ExcludeCredentials[0].ID != b64(d.id) {
		t.Errorf("the device set up already is not excluded: %s", public)
	}
}

func TestRequestNamesOnlyTheAccountsDevices(t *testing.T) {
	_, d, exam := set(t)
	key := read(t, exam.Put(t, 1).Issued.Public).PublicKey
	if len(key.AllowCredentials) != 1 || key.AllowCredentials[0].ID != b64(d.id) || len(key.AllowCredentials[0].Transports) != 1 ||
		key.AllowCredentials[0].Transports[0] != "internal" {
		t.Errorf("allowed %+v", key.AllowCredentials)
	}
	if key.UserVerification != "required" || key.RPID != "id.example.test" || key.Timeout != 120_000 {
		t.Errorf("got %+v", key)
	}
}

func TestEnrolmentRefuses(t *testing.T) {
	for name, bend := range map[string]func(*device){
		"a synced passkey":        func(d *device) { d.flags |= backupEligible },
		"a backed-up passkey":     func(d *device) { d.flags |= backupEligible | backupState },
		"a user not verified":     func(d *device) { d.flags &^= userVerified },
		"another origin":          func(d *device) { d.origin = "https://evil.example.test" },
		"another relying party":   func(d *device) { d.rpID = "evil.example.test" },
		"an impossible backup":    func(d *device) { d.flags |= backupState },
		"a user who was not here": func(d *device) { d.flags &^= userPresent },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDevice(t)
			bend(d)
			if kept, err := enrol(t, newFactor(t), d); jieling.CodeOf(err) != jieling.CodeInvalid {
				t.Errorf("got %s, %v", kept.Label, err)
			}
		})
	}
}

func TestEnrolmentAnswersItsOwnCeremony(t *testing.T) {
	f, d := newFactor(t), newDevice(t)
	public, _, err := f.EnrolOptions(t.Context(), account, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := f.EnrolOptions(t.Context(), account, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Enrol(t.Context(), account, other, d.create(public)); jieling.CodeOf(err) != jieling.CodeInvalid {
		t.Errorf("the answer to one ceremony finished another: %v", err)
	}
	_, state, _ := f.EnrolOptions(t.Context(), jieling.Account{ID: "acc_9", ExternalID: "user-9"}, nil)
	if _, err := f.Enrol(t.Context(), account, state, d.create(public)); err == nil {
		t.Error("another account's ceremony was finished")
	}
	for _, given := range []string{"", "{}", "null", strings.Repeat("[", 1<<16+1)} {
		if _, err := f.Enrol(t.Context(), account, other, []byte(given)); jieling.CodeOf(err) != jieling.CodeInvalid {
			t.Errorf("%.20q: %v", given, err)
		}
	}
}

// A credential that was stored as synced, by an older rule or by hand, is neither asked nor accepted.
func TestAStoredSyncedPasskeyIsNoDevice(t *testing.T) {
	f, d, exam := set(t)
	p := exam.Put(t, 1)
	exam.Enrolled[0].Open = bytes.Replace(exam.Enrolled[0].Open, []byte(`"backupEligible":false`), []byte(`"backupEligible":true`), 1)
	d.flags |= backupEligible
	verdict, err := f.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{Given: d.get(p.Issued.Public)})
	if err != nil || verdict.Passed {
		t.Errorf("got %+v, %v", verdict, err)
	}
	if _, err := f.Issue(t.Context(), exam.Ask(2)); jieling.CodeOf(err) != jieling.CodeNotEnrolled {
		t.Errorf("Issue: %v", err)
	}
}

func TestASecondDeviceAnswersForItself(t *testing.T) {
	f, _, exam := set(t)
	second := newDevice(t)
	kept, err := enrol(t, f, second, exam.Enrolled...)
	if err != nil {
		t.Fatal(err)
	}
	before := exam.Put(t, 1)
	exam.Enrolled = append(exam.Enrolled, factor.Enrolled{Enrolment: jieling.Enrolment{ID: "fac_2"}, Open: kept.Secret})
	after := exam.Put(t, 2)
	check := func(p factortest.Put) factor.Verdict {
		t.Helper()
		v, err := f.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{Given: second.get(p.Issued.Public)})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := check(after); !v.Passed || v.Enrol != "fac_2" {
		t.Errorf("got %+v", v)
	}
	if check(before).Passed {
		t.Error("a device answered a challenge that was issued before it was set up")
	}
}
