package webauthn_test

import (
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/factor/factortest"
	"github.com/jieling-id/jieling/internal/factor/webauthn"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// withPhone enrols the sandbox's authenticator, an implementation that shares nothing with the one above, on localhost, as
// in the demo.
func withPhone(t *testing.T) (*sandbox.Authenticator, factortest.Exam) {
	t.Helper()
	f, err := webauthn.New(webauthn.Config{RPID: "localhost", RPName: "解铃", Origins: []string{"http://localhost:8420"}})
	if err != nil {
		t.Fatal(err)
	}
	phone := &sandbox.Authenticator{Origin: "http://localhost:8420"}
	public, state, err := f.EnrolOptions(t.Context(), account, nil)
	if err != nil {
		t.Fatal(err)
	}
	created, err := phone.Create(public)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := f.Enrol(t.Context(), account, state, created)
	if err != nil {
		t.Fatal(err)
	}
	return phone, factortest.Exam{
		Factor:   f,
		Enrolled: []factor.Enrolled{{Enrolment: jieling.Enrolment{ID: "fac_1"}, Open: kept.Secret}},
		Answer: func(t *testing.T, _ jieling.Challenge, issued factor.Issued, right bool) factor.Answer {
			phone.Unverified, phone.Force = !right, true
			given, err := phone.Get(issued.Public)
			if err != nil {
				t.Fatal(err)
			}
			return factor.Answer{Given: given}
		},
		MaxTTL:   120 * time.Second,
		MaxLimit: 3,
	}
}

func TestDeviceUnlockOnASandboxPhone(t *testing.T) {
	_, exam := withPhone(t)
	factortest.Run(t, exam)
}

func TestAClonedSandboxPhoneIsRefused(t *testing.T) {
	phone, exam := withPhone(t)
	for n, want := range []bool{true, false} {
		p := exam.Put(t, byte(n))
		verdict, err := exam.Factor.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, exam.Answer(t, p.Challenge, p.Issued, true))
		if err != nil || verdict.Passed != want {
			t.Fatalf("answer %d: %+v, %v", n, verdict, err)
		}
		if want {
			exam.Enrolled[0].Open = verdict.Update
			phone.Rewind()
		}
	}
}
