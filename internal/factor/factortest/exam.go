// Package factortest is the exam every way of verifying a person must pass: right answers pass, wrong ones fail without an
// error, an answer is good for its own challenge alone (S8), a vendor that is away never means yes (S30), and nothing handed
// out or kept gives the answer away.
//
// A factor's test describes the factor in an [Exam] and calls [Run]; what is special to it is tested beside it.
package factortest

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
)

// The person of the exam, the device their case was begun on, and the phone that scans.
const (
	Account   = jieling.AccountID("acc_00000000000000000000000001")
	Initiator = jieling.DeviceID("dev_00000000000000000000000001")
	Phone     = jieling.DeviceID("dev_00000000000000000000000002")
	Number    = "+8613800001234"
	Mailbox   = "lin.xiaoman@mail.example"
)

// Now is the moment of the exam. The system's clock is not used, except where a library insists.
var Now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Exam describes a factor to the examiner.
type Exam struct {
	Factor factor.Factor
	// Enrolled is what the person set up; nil for factors that are not enrolled.
	Enrolled []factor.Enrolled
	// Answer plays the person with their device or at the vendor's page, and gets it right or wrong as told.
	Answer func(t *testing.T, ch jieling.Challenge, issued factor.Issued, right bool) factor.Answer
	// Belongs is the organisation whose member the person is; nil for factors that have nothing to do with one.
	Belongs *factor.Belonging
	// Malformed are answers without the shape of one.
	Malformed []factor.Answer
	// Constant says that the right answer is the same for every challenge (a PIN): only the challenge binds it.
	Constant bool
	// Everybody says that nothing needs to be set up beforehand.
	Everybody bool
	// Down takes the vendor away for good; nil where there is none.
	Down func()
	// MaxTTL and MaxLimit are the bounds of the threat model (reliability: probability budgets).
	MaxTTL   time.Duration
	MaxLimit int
}

// Put is a challenge as the engine would hold it, with what the factor made.
type Put struct {
	Challenge jieling.Challenge
	Issued    factor.Issued
}

// Ask makes what a factor is asked with, for the n-th challenge of the exam. Its randomness is fixed by n.
func (e Exam) Ask(n byte) factor.Ask {
	random := rand.NewChaCha8([32]byte{n})
	var draw [10]byte
	_, _ = random.Read(draw[:])
	return factor.Ask{
		Challenge: jieling.NewID[jieling.ChallengeID]("chl", Now, draw),
		Account:   jieling.Account{ID: Account, ExternalID: "user-1", Locale: "zh-CN", Region: "CN"},
		Case:      "case_00000000000000000000000001",
		Device:    Initiator,
		Enrolled:  e.Enrolled,
		Belongs:   e.Belongs,
		Number:    Number,
		Mailbox:   Mailbox,
		What:      jieling.Text{ZH: "解绑 QQ 12****4821", EN: "unlink QQ 12****4821"},
		Digest:    [32]byte{n, 0xd1},
		Lang:      "zh-CN",
		Return:    "https://id.example.test/cases/case_00000000000000000000000001",
		Now:       Now,
		Random: func(n int) []byte {
			b := make([]byte, n)
			_, _ = random.Read(b)
			return b
		},
	}
}

// Put has the factor make a challenge.
func (e Exam) Put(t *testing.T, n byte) Put {
	t.Helper()
	ask := e.Ask(n)
	issued, err := e.Factor.Issue(t.Context(), ask)
	if err != nil {
		t.Fatalf("Issue: %v", err)
	}
	return Put{jieling.Challenge{
		ID: ask.Challenge, Account: ask.Account.ID, Case: ask.Case, State: jieling.ChallengeOpen, Limit: issued.Limit,
		IssuedAt: Now, ExpiresAt: Now.Add(issued.TTL), Public: issued.Public, Code: issued.Code, Claimant: Phone,
	}, issued}
}

// Run holds the exam. The vendor is taken down last.
func Run(t *testing.T, e Exam) {
	t.Run("a right answer passes", e.right)
	t.Run("a wrong answer fails without an error", e.wrong)
	t.Run("a malformed answer is invalid", e.malformed)
	t.Run("S8: an answer is good for its own challenge alone", e.foreign)
	t.Run("what is kept of another challenge does not help", e.swapped)
	t.Run("nothing gives the answer away", e.hidden)
	t.Run("S26: time and guesses are bounded", e.bounded)
	if !e.Everybody {
		t.Run("a person who has not set it up is told so", e.notEnrolled)
	}
	if e.Down != nil {
		t.Run("S30: a vendor that is away never means yes", e.down)
	}
}

func (e Exam) check(t *testing.T, p Put, secret []byte, a factor.Answer) (factor.Verdict, error) {
	t.Helper()
	return e.Factor.Check(t.Context(), p.Challenge, secret, e.Enrolled, a)
}

func (e Exam) right(t *testing.T) {
	p := e.Put(t, 1)
	verdict, err := e.check(t, p, p.Issued.Secret, e.Answer(t, p.Challenge, p.Issued, true))
	if err != nil || !verdict.Passed || verdict.Pending {
		t.Fatalf("got %+v, %v", verdict, err)
	}
	if e.Enrolled != nil && verdict.Enrol != e.Enrolled[0].ID {
		t.Errorf("passed by enrolment %q, want %q", verdict.Enrol, e.Enrolled[0].ID)
	}
}

func (e Exam) wrong(t *testing.T) {
	p := e.Put(t, 2)
	verdict, err := e.check(t, p, p.Issued.Secret, e.Answer(t, p.Challenge, p.Issued, false))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(factor.Verdict{}, verdict); diff != "" {
		t.Error(diff)
	}
}

func (e Exam) malformed(t *testing.T) {
	p := e.Put(t, 3)
	for _, a := range e.Malformed {
		verdict, err := e.check(t, p, p.Issued.Secret, a)
		if jieling.CodeOf(err) != jieling.CodeInvalid || verdict.Passed {
			t.Errorf("%q, number %d: got %+v, %v", a.Given, a.Number, verdict, err)
		}
	}
}

func (e Exam) foreign(t *testing.T) {
	if e.Constant {
		t.Skip("the right answer is the same for every challenge")
	}
	a, b := e.Put(t, 4), e.Put(t, 5)
	answer := e.Answer(t, b.Challenge, b.Issued, true)
	if verdict, err := e.check(t, a, a.Issued.Secret, answer); verdict.Passed {
		t.Fatalf("the answer to one challenge passed another: %+v, %v", verdict, err)
	}
	if verdict, err := e.check(t, b, b.Issued.Secret, answer); err != nil || !verdict.Passed {
		t.Fatalf("it does not even pass its own: %+v, %v", verdict, err)
	}
}

func (e Exam) swapped(t *testing.T) {
	a, b := e.Put(t, 6), e.Put(t, 7)
	answer := e.Answer(t, b.Challenge, b.Issued, true)
	if verdict, _ := e.check(t, a, b.Issued.Secret, answer); verdict.Passed {
		t.Error("a challenge passed with the secret of another")
	}
	if verdict, _ := e.check(t, a, nil, answer); verdict.Passed {
		t.Error("a challenge passed without its secret")
	}
}

func (e Exam) hidden(t *testing.T) {
	p := e.Put(t, 8)
	answer := e.Answer(t, p.Challenge, p.Issued, true)
	if !json.Valid(p.Issued.Public) {
		t.Errorf("Public is not JSON: %s", p.Issued.Public)
	}
	if len(p.Issued.Secret) > 0 && bytes.Contains(p.Issued.Public, p.Issued.Secret) {
		t.Error("Public holds the secret")
	}
	if len(answer.Given) > 0 && (bytes.Contains(p.Issued.Public, answer.Given) || bytes.Contains(p.Issued.Secret, answer.Given)) {
		t.Error("the answer can be read in what is handed out or kept")
	}
	if q := e.Put(t, 9); bytes.Equal(p.Issued.Secret, q.Issued.Secret) {
		t.Error("two challenges share a secret")
	}
}

func (e Exam) bounded(t *testing.T) {
	issued := e.Put(t, 10).Issued
	if issued.TTL <= 0 || issued.TTL > e.MaxTTL {
		t.Errorf("may be answered for %v, at most %v", issued.TTL, e.MaxTTL)
	}
	if issued.Limit < 1 || issued.Limit > e.MaxLimit {
		t.Errorf("%d guesses, 1 to %d", issued.Limit, e.MaxLimit)
	}
}

func (e Exam) notEnrolled(t *testing.T) {
	ask := e.Ask(11)
	ask.Enrolled, ask.Number, ask.Mailbox, ask.Belongs = nil, "", "", nil
	_, err := e.Factor.Issue(t.Context(), ask)
	if jieling.CodeOf(err) != jieling.CodeNotEnrolled {
		t.Fatalf("got %v", err)
	}
	if e.Enrolled == nil {
		return
	}
	p := e.Put(t, 12)
	answer := e.Answer(t, p.Challenge, p.Issued, true)
	if verdict, _ := e.Factor.Check(t.Context(), p.Challenge, p.Issued.Secret, nil, answer); verdict.Passed {
		t.Error("passed by an enrolment that was taken away in between")
	}
}

func (e Exam) down(t *testing.T) {
	p := e.Put(t, 13)
	answer := e.Answer(t, p.Challenge, p.Issued, true)
	e.Down()
	verdict, err := e.check(t, p, p.Issued.Secret, answer)
	if jieling.CodeOf(err) != jieling.CodeDependency || verdict.Passed {
		t.Errorf("Check: got %+v, %v", verdict, err)
	}
	if _, err := e.Factor.Issue(t.Context(), e.Ask(14)); jieling.CodeOf(err) != jieling.CodeDependency {
		t.Errorf("Issue: got %v", err)
	}
}
