// Package factor is the contract for ways of verifying a person (验证方式): how a challenge is made and how an answer is
// checked. A factor never decides how much is enough (package policy does), never counts guesses (package engine does, in
// the transaction before the check) and never writes anything.
//
// Each factor lives in a folder of its own below this one where it brings a dependency, in a file here where it does not.
package factor

import (
	"context"
	"time"

	"github.com/jieling-id/jieling"
)

// Factor is one way of verifying a person. Both methods run outside any transaction and may be slow.
type Factor interface {
	// Issue makes a challenge for a person who has what it takes. A person who has not gets a *jieling.Error with
	// CodeNotEnrolled that says what to do; a vendor that cannot be reached gives CodeDependency.
	Issue(ctx context.Context, ask Ask) (Issued, error)
	// Check reports whether an answer passes. A wrong answer is Verdict{}, not an error; an answer of the wrong shape is
	// CodeInvalid; a vendor that cannot be reached is CodeDependency, and never a pass (S30).
	Check(ctx context.Context, ch jieling.Challenge, secret []byte, enrolled []Enrolled, answer Answer) (Verdict, error)
}

// Enroller is a factor a person (or the product that vouches for them) sets up beforehand.
type Enroller interface {
	// Enrol turns what was given into what is kept: Secret is sealed by the caller. For WebAuthn given is the browser's
	// attestation response and state is what EnrolOptions returned with it; for a PIN given is the six digits.
	Enrol(ctx context.Context, account jieling.Account, state []byte, given []byte) (Kept, error)
}

// Ceremony is an Enroller that must first hand the browser something to answer (WebAuthn creation options).
type Ceremony interface {
	Enroller
	EnrolOptions(ctx context.Context, account jieling.Account, have []Enrolled) (public []byte, state []byte, err error)
}

// Kept is what an enrolment leaves: the secret to seal and a label that is safe to show.
type Kept struct {
	Secret []byte
	Label  string
}

// Enrolled is an enrolment with its secret opened.
type Enrolled struct {
	jieling.Enrolment
	Open []byte
}

// Ask is everything a factor may need to make a challenge.
type Ask struct {
	Challenge jieling.ChallengeID
	Account   jieling.Account
	Case      jieling.CaseID
	Device    jieling.DeviceID // where the case was begun, where that is known: never the device that approves it (S12)
	Enrolled  []Enrolled       // of this factor
	Belongs   *Belonging       // to an organisation, for the factors that only that can give; nil: to none
	Number    string           // the bound phone in E.164, for a code: a stored one, never one from the request (S11)
	Mailbox   string           // the bound mailbox, for a code by mail: likewise a stored one
	What      jieling.Text     // what is being approved, said in full
	Digest    [32]byte         // hash of (case, account, binding, action, policy version): what a signed challenge must cover (S8)
	Lang      string           // "zh-CN" or "en"
	Return    string           // the page to come back to, absolute
	Now       time.Time
	Random    func(n int) []byte // cryptographically secure
}

// Issued is a challenge made.
type Issued struct {
	Public []byte           // JSON for the person's device or page; no secret in it
	Secret []byte           // what Check compares with; sealed by the caller
	TTL    time.Duration    // how long it may be answered
	Limit  int              // evaluated guesses, at least 1
	Code   [32]byte         // QR only: the hash of what is scanned
	Send   *jieling.Message // delivered after the commit, by an effect
}

// Answer is what the person, or their device, gave.
type Answer struct {
	Given  []byte           // digits, or the browser's JSON; nil where the vendor is asked
	Device jieling.DeviceID // the device that answers, from its session
	Number int              // the number chosen on the phone (QR number match)

	Belongs *Belonging // to an organisation, with the device that answers; nil: to none
}

// Verdict is the outcome of a check. Update, where it is not nil, is the enrolment's new secret (a WebAuthn sign counter). Vouched is
// what the maker of the device that answered says of it, a level of the signal integrity; "" where nobody vouches.
type Verdict struct {
	Passed  bool
	Enrol   jieling.FactorID
	Update  []byte
	Vouched string
	Until   time.Time // when the proof stops counting; zero: never
	Pending bool      // the vendor has not finished: ask again, nothing was used up
}
