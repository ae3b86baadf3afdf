package engine_test

import (
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

// S2: a case begins with an act of the owner, or of the product for them. Time and parties never begin one.
func TestS2_NobodyButTheOwnerOrTheProductBeginsACase(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	for _, kind := range []jieling.ActorKind{jieling.ActorClock, jieling.ActorParty, ""} {
		_, err := w.OpenCase(w.ctx, jieling.Actor{Kind: kind, Name: "x", Account: o.account}, engine.Idem{}, engine.NewCase{
			Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Web, Reason: jieling.ReasonOther,
		})
		w.refused(jieling.CodeForbidden, err)
	}
	weak := jieling.Actor{Kind: jieling.ActorProduct, Name: "weak", Scopes: []string{engine.ScopeResolve}}
	_, err := w.OpenCase(w.ctx, weak, engine.Idem{}, engine.NewCase{Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Web, Reason: jieling.ReasonOther})
	w.refused(jieling.CodeForbidden, err)
}

// S4: whoever confirms, by whatever door, needs what the pack asks. The product's key is no short cut.
func TestS4_EveryDoorAsksTheSame(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	v := o.open(jieling.Web)
	if v.Decision.Backup {
		_, err := w.BackUp(w.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
		w.ok(err)
	}
	for name, by := range map[string]jieling.Actor{"person at the desk": o.by, "person on the phone": o.onPhone(), "product": w.product} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Confirm(w.ctx, by, engine.Idem{}, v.ID)
			w.refused(jieling.CodeVerification, err)
		})
	}
	o.prove(v.ID, jieling.SMSCode)
	_, err := w.Confirm(w.ctx, w.product, engine.Idem{}, v.ID)
	w.refused(jieling.CodeVerification, err)
}

// S6: an identity that is bound elsewhere is refused; nothing is merged and neither account changes. Who only names a
// number learns nothing about it (S27) and keeps nobody from it: that it is taken is told to whoever holds it.
func TestS6_NoAccountIsMergedIntoAnother(t *testing.T) {
	w := newWorld(t)
	a, b := w.owner("a", number), w.owner("b", "+8613800000009")
	_, err := w.AddBinding(w.ctx, w.product, engine.Idem{}, b.account, engine.NewBinding{Provider: jieling.Phone, Subject: number})
	w.refused(jieling.CodeBindingExists, err)
	v := b.open(jieling.Android)
	ch, err := w.Replacement(w.ctx, b.by, engine.Idem{}, v.ID, engine.NewBinding{Provider: jieling.Phone, Subject: number}, "en")
	w.ok(err)
	w.drain()
	_, err = w.Answer(w.ctx, b.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(w.inbox.code(number))})
	w.refused(jieling.CodeBindingExists, err)
	_, err = w.Cancel(w.ctx, b.by, engine.Idem{}, v.ID)
	w.ok(err)
	for _, o := range []*owner{a, b} {
		acc, err := w.Account(w.ctx, o.by, o.account)
		w.ok(err)
		if acc.WaysIn != 2 || len(acc.Bindings) != 2 {
			t.Fatalf("%d ways in, %d bindings", acc.WaysIn, len(acc.Bindings))
		}
	}
}

// S10: a challenge that proves a number proves that number only; naming another kills it.
func TestS10_ChangingTheNumberKillsItsCode(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin")
	v := o.open(jieling.Android)
	first, err := w.Replacement(w.ctx, o.by, engine.Idem{}, v.ID, engine.NewBinding{Provider: jieling.Phone, Subject: number}, "en")
	w.ok(err)
	w.drain()
	code := w.inbox.code(number)
	_, err = w.Replacement(w.ctx, o.by, engine.Idem{}, v.ID, engine.NewBinding{Provider: jieling.Phone, Subject: "+8613800000002"}, "en")
	w.ok(err)
	_, err = w.Answer(w.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: first.ID, Given: []byte(code)})
	w.refused(jieling.CodeChallengeUsed, err)
	acc, err := w.Account(w.ctx, o.by, o.account)
	w.ok(err)
	if acc.WaysIn != 1 {
		t.Fatalf("%d ways in", acc.WaysIn)
	}
}

// S11: a code goes to a number that is stored and was there before the case, and not to one the request brings.
func TestS11_CodesGoToStoredNumbers(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin")
	v := o.open(jieling.Web)
	o.replace(v.ID, number)
	_, err := w.BackUp(w.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
	w.ok(err)
	_, err = w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.SMSCode})
	w.refused(jieling.CodeNotEnrolled, err) // the number was bound in this very case: it verifies nobody
}

// S19: a new account has no way in and no credential that nobody set.
func TestS19_ANewAccountHasNoHiddenCredential(t *testing.T) {
	w := newWorld(t)
	a, err := w.RegisterAccount(w.ctx, w.product, engine.Idem{}, engine.NewAccount{ExternalID: "new", Kind: jieling.Personal, RegisteredThrough: jieling.QQ})
	w.ok(err)
	v, err := w.Account(w.ctx, w.product, a.ID)
	w.ok(err)
	if v.WaysIn != 0 || len(v.Bindings)+len(v.Enrolments)+len(v.Devices) != 0 {
		t.Fatalf("a new account holds %+v", v)
	}
}

// S22: a clock that steps back opens no window early, and shortens no challenge's or case's life backwards.
func TestS22_AClockThatStepsBackGivesNothingAway(t *testing.T) {
	w := newWorld(t)
	if left := time.Hour - time.Since(time.Now().Truncate(time.Hour)); left < 10*time.Minute {
		w.later(left) // the whole test within one hour of the store's clock
	}
	o := w.owner("lin", number)
	v := o.open(jieling.Web)
	if v.Decision.Backup {
		_, err := w.BackUp(w.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
		w.ok(err)
	}
	ask := func() error {
		_, err := w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.SMSCode})
		return err
	}
	for range 3 {
		w.ok(ask())
	}
	w.refused(jieling.CodeTooMany, ask())
	w.later(-3 * time.Hour)
	w.refused(jieling.CodeTooMany, ask())
	w.later(3*time.Hour + time.Minute)
	w.refused(jieling.CodeTooMany, ask())
}

// S9: a session that was opened through a binding ends with it; others stay.
func TestS9_SessionsEndWithTheirBinding(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	ticket, err := w.Handoff(w.ctx, w.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Web})
	w.ok(err)
	other, err := w.Redeem(w.ctx, ticket.Token, "")
	w.ok(err)
	_, err = w.Redeem(w.ctx, ticket.Token, "")
	w.refused(jieling.CodeUnauthenticated, err)
	v := o.ready()
	_, err = w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	if _, _, err := w.Session(w.ctx, other.Token); err != nil {
		t.Fatalf("the product's own session ended: %v", err)
	}
	_, err = w.Freeze(w.ctx, o.by, engine.Idem{}, o.account, "")
	w.ok(err)
	_, _, err = w.Session(w.ctx, other.Token)
	w.refused(jieling.CodeUnauthenticated, err)
}

// S26: one request counts one guess, also when it is sent many times at once; and it stays the same answer, so that a
// repeat under its key buys no second one.
func TestS26_OneRequestAtManyMomentsIsOneGuess(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	v := o.open(jieling.Android)
	ch, err := w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.PaymentPIN})
	w.ok(err)
	once := engine.Idem{Key: "tap", Fingerprint: [32]byte{1}}
	answers := make(chan error)
	for range 20 {
		go func() {
			_, err := w.Answer(w.ctx, o.by, once, engine.NewAnswer{Challenge: ch.ID, Given: []byte("314159")})
			answers <- err
		}()
	}
	for range 20 {
		w.refused(jieling.CodeWrongAnswer, <-answers)
	}
	_, err = w.Answer(w.ctx, o.by, engine.Idem{Key: "tap", Fingerprint: [32]byte{2}}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(pin)})
	w.refused(jieling.CodeIdempotency, err)
	v, err = w.Case(w.ctx, o.by, v.ID)
	w.ok(err)
	if len(v.Open) != 1 || v.Open[0].Guesses != 1 {
		t.Fatalf("twenty taps cost %+v", v.Open)
	}
	_, err = w.Answer(w.ctx, o.by, engine.Idem{Key: "again", Fingerprint: [32]byte{3}}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(pin)})
	w.ok(err)
}
