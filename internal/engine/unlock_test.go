package engine_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/factor/webauthn"
	"github.com/jieling-id/jieling/internal/sandbox"
	"github.com/jieling-id/jieling/internal/store"
)

// scan claims a fresh code of the case with the phone, and returns the code and the number on the screen.
func (o *owner) scan(id jieling.CaseID) (code string, n int) {
	o.t.Helper()
	ch, err := o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: id, Factor: jieling.QRApproval})
	o.ok(err)
	var shown factor.QRPublic
	o.ok(json.Unmarshal(ch.Public, &shown))
	seen, err := o.ClaimApproval(o.ctx, o.onPhone(), shown.Code)
	o.ok(err)
	if len(seen.Unlocks) == 0 || seen.Unlocks[len(seen.Unlocks)-1].Factor != jieling.PaymentPIN {
		o.t.Fatalf("the phone asks for %+v besides", seen.Unlocks)
	}
	return shown.Code, shown.Number
}

// another is a number of two digits that is not the one shown.
func another(n int) int { return 10 + (n-9)%90 }

// wrong is what an account's budget of a factor says.
func (o *owner) wrong(f jieling.Factor) int {
	o.t.Helper()
	s, err := o.Store.Load(o.ctx, store.Need{Account: o.account, With: store.Budgets})
	o.ok(err)
	i := slices.IndexFunc(s.Budgets, func(b jieling.Budget) bool { return b.Factor == f })
	if i < 0 {
		return 0
	}
	return s.Budgets[i].Wrong
}

// TestV1_AnUnlockedPhoneAloneDoesNotApprove holds the engine to what the pack demands of an approval: the SMS code and the
// scanner are both on the phone, so the phone's owner has to give what is not.
func TestV1_AnUnlockedPhoneAloneDoesNotApprove(t *testing.T) {
	w := newWorld(t)
	o := w.owner("zhao", number)
	v := o.open(jieling.Web)
	code, n := o.scan(v.ID)
	for _, given := range []string{"", "20481", "two hundred"} {
		_, err := o.Approve(o.ctx, o.onPhone(), engine.Idem{}, code, engine.Approving{Number: n, Unlock: []byte(given)})
		w.refused(jieling.CodeInvalid, err)
	}
	if got := o.wrong(jieling.PaymentPIN); got != 0 {
		t.Fatalf("%d guesses are counted for what is no password", got)
	}
	_, err := o.Approve(o.ctx, o.onPhone(), engine.Idem{}, code, engine.Approving{Number: n, Unlock: []byte("111222")})
	w.refused(jieling.CodeWrongAnswer, err)
	if got := o.wrong(jieling.PaymentPIN); got != 1 {
		t.Fatalf("%d guesses at the password are counted", got)
	}
	_, err = o.Approve(o.ctx, o.onPhone(), engine.Idem{}, code, engine.Approving{Number: n, Unlock: []byte(pin)})
	w.refused(jieling.CodeTooMany, err) // one mistake ends the code

	code, n = o.scan(v.ID)
	_, err = o.Approve(o.ctx, o.onPhone(), engine.Idem{}, code, engine.Approving{Number: another(n), Unlock: []byte(pin)})
	w.refused(jieling.CodeWrongAnswer, err) // the number still counts
	code, n = o.scan(v.ID)
	_, err = o.Approve(o.ctx, o.onPhone(), engine.Idem{}, code, engine.Approving{Number: n, Unlock: []byte(pin)})
	w.ok(err)
	v, err = o.Case(o.ctx, o.by, v.ID)
	w.ok(err)
	if len(v.Proofs) != 1 || v.Proofs[0].Factor != jieling.QRApproval {
		t.Fatalf("proofs: %+v", v.Proofs)
	}
	if got := o.wrong(jieling.PaymentPIN); got != 1 {
		t.Errorf("%d guesses stand after the right ones were given back", got)
	}
}

// TestS26_ApprovalsBuyNoGuessesAtThePassword guesses through approvals until the password's own budget is used up.
func TestS26_ApprovalsBuyNoGuessesAtThePassword(t *testing.T) {
	w := newWorld(t)
	o := w.owner("zhao", number)
	v := o.open(jieling.Web)
	guesses := 0
	for range 40 {
		ch, err := o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.QRApproval})
		if jieling.CodeOf(err) == jieling.CodeTooMany {
			break
		}
		w.ok(err)
		var shown factor.QRPublic
		w.ok(json.Unmarshal(ch.Public, &shown))
		_, err = o.ClaimApproval(o.ctx, o.onPhone(), shown.Code)
		w.ok(err)
		_, err = o.Approve(o.ctx, o.onPhone(), engine.Idem{}, shown.Code, engine.Approving{Number: shown.Number, Unlock: []byte("111222")})
		if jieling.CodeOf(err) == jieling.CodeTooMany {
			break
		}
		w.refused(jieling.CodeWrongAnswer, err)
		guesses++
	}
	if guesses != 20 {
		t.Errorf("%d guesses at the password through approvals", guesses)
	}
	_, err := o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: o.open(jieling.Web).ID, Factor: jieling.QRApproval})
	w.refused(jieling.CodeTooMany, err)
	other := o.wrong(jieling.PaymentPIN)
	if other != 20 {
		t.Errorf("the password's own budget says %d", other)
	}
}

// TestV8_WhatAnApprovalLacksIsSaid plans for somebody with a trusted phone and no payment password: approving is not set up, and
// the hint is about the password, with the way round.
func TestV8_WhatAnApprovalLacksIsSaid(t *testing.T) {
	w := newWorld(t)
	a, err := w.RegisterAccount(w.ctx, w.product, engine.Idem{}, engine.NewAccount{ExternalID: "no-pin", Kind: jieling.Personal})
	w.ok(err)
	qq, err := w.AddBinding(w.ctx, w.product, engine.Idem{}, a.ID, engine.NewBinding{Provider: jieling.QQ, Subject: subject})
	w.ok(err)
	_, err = w.AddDevice(w.ctx, w.product, engine.Idem{}, a.ID, engine.NewDevice{Name: "phone", Platform: jieling.Android, Trusted: true})
	w.ok(err)
	plan, err := w.Plan(w.ctx, w.product, engine.PlanQuery{Account: a.ID, Binding: qq.ID, Platform: jieling.Web})
	w.ok(err)
	i := slices.IndexFunc(plan.Factors, func(f jieling.FactorState) bool { return f.Factor == jieling.QRApproval })
	got := plan.Factors[i]
	want := w.PackInForce().FactorHint(jieling.PaymentPIN)
	if got.Enrolled || !strings.HasPrefix(got.Hint.ZH, want.ZH) || !strings.HasSuffix(got.Hint.EN, "It takes up to 3 days.") {
		t.Errorf("%+v", got)
	}
}

// locked is somebody whose phone has its own lock set up, and, with a second phone, on that one too.
func locked(t *testing.T) (o *owner, lock *sandbox.Authenticator) {
	w := newWorld(t)
	f, err := webauthn.New(webauthn.Config{RPID: "localhost", RPName: "x", Origins: []string{"http://localhost"}})
	w.ok(err)
	w.Factors[jieling.DeviceUnlock] = f
	o = w.owner("lock", number)
	lock = o.setUp(o.phone.ID)
	o.later(time.Hour)
	return o, lock
}

// setUp sets a device's own lock up, with the device trusted.
func (o *owner) setUp(device jieling.DeviceID) *sandbox.Authenticator {
	o.t.Helper()
	lock := &sandbox.Authenticator{Origin: "http://localhost"}
	begun, err := o.EnrolOptions(o.ctx, o.product, o.account, jieling.DeviceUnlock)
	o.ok(err)
	made, err := lock.Create(begun.Public)
	o.ok(err)
	_, err = o.Enrol(o.ctx, o.product, engine.Idem{}, o.account, engine.NewFactor{Factor: jieling.DeviceUnlock, Device: device, State: begun.State, Given: made})
	o.ok(err)
	return lock
}

// offered is a scanned code with the options of the phone's own lock.
func (o *owner) offered(id jieling.CaseID) (code string, n int, options []byte) {
	o.t.Helper()
	code, n = o.scan(id)
	seen, err := o.Approval(o.ctx, o.onPhone(), code)
	o.ok(err)
	if seen.Unlocks[0].Factor != jieling.DeviceUnlock {
		o.t.Fatalf("offered %+v", seen.Unlocks)
	}
	return code, n, seen.Unlocks[0].Public
}

// V1: the approving phone's own lock does for the payment password: freshly, for this approval, on this phone.
func TestV1_APhoneApprovesWithItsOwnLock(t *testing.T) {
	o, lock := locked(t)
	v := o.open(jieling.Web)
	approve := func(code string, n int, given []byte) error {
		_, err := o.Approve(o.ctx, o.onPhone(), engine.Idem{}, code, engine.Approving{Number: n, By: jieling.DeviceUnlock, Unlock: given})
		return err
	}
	code, n, options := o.offered(v.ID)
	again, err := o.Approval(o.ctx, o.onPhone(), code)
	o.ok(err)
	if string(again.Unlocks[0].Public) != string(options) {
		t.Error("looking twice gives other options, which the first answer would not fit")
	}
	first, err := lock.Get(options)
	o.ok(err)
	o.refused(jieling.CodeWrongAnswer, approve(code, another(n), first)) // the number still counts

	code, n, _ = o.offered(v.ID)
	o.refused(jieling.CodeWrongAnswer, approve(code, n, first)) // S8: of another approval

	code, n, _ = o.offered(v.ID)
	o.refused(jieling.CodeInvalid, approve(code, n, []byte("{}")))

	code, n, options = o.offered(v.ID)
	given, err := lock.Get(options)
	o.ok(err)
	o.ok(approve(code, n, given))
	v, err = o.Case(o.ctx, o.by, v.ID)
	o.ok(err)
	if !v.Proved(jieling.QRApproval) || v.Proved(jieling.DeviceUnlock) || len(v.Proofs) != 1 {
		t.Fatalf("proofs %+v", v.Proofs)
	}
	lock.Rewind() // a copy of the key counts from the beginning
	code, n, options = o.offered(v.ID)
	given, err = lock.Get(options)
	o.ok(err)
	o.refused(jieling.CodeWrongAnswer, approve(code, n, given))
}

// V1: a lock that was set up on another phone, or since the case was opened, says nothing about this one.
func TestV1_AnotherPhonesLockDoesNotApprove(t *testing.T) {
	o, _ := locked(t)
	v := o.open(jieling.Web)
	o.later(time.Second)
	second, err := o.AddDevice(o.ctx, o.product, engine.Idem{}, o.account, engine.NewDevice{Name: "second", Platform: jieling.Android, Trusted: true})
	o.ok(err)
	theirs := o.setUp(second.ID)
	code, n, options := o.offered(v.ID)
	if _, err := theirs.Get(options); err == nil {
		t.Error("the options name another phone's credentials")
	}
	first, err := o.Approve(o.ctx, o.onPhone(), engine.Idem{}, code, engine.Approving{Number: another(n), By: jieling.PaymentPIN, Unlock: []byte(pin)})
	o.refused(jieling.CodeWrongAnswer, err)
	if len(first.Unlocks) != 0 {
		t.Errorf("an approval that has ended offers %+v", first.Unlocks)
	}

	o.phone = second
	code, n = o.scan(v.ID)
	shown, err := o.Approval(o.ctx, o.onPhone(), code)
	o.ok(err)
	if len(shown.Unlocks) != 1 || shown.Unlocks[0].Factor != jieling.PaymentPIN {
		t.Errorf("a lock younger than the case is offered: %+v", shown.Unlocks)
	}
	_, err = o.Approve(o.ctx, o.onPhone(), engine.Idem{}, code, engine.Approving{Number: n, By: jieling.DeviceUnlock, Unlock: []byte("{}")})
	o.refused(jieling.CodeNotEnrolled, err)
}

// V8: who has the phone's own lock and no payment password can approve; who has the lock on the device the case begins on cannot.
func TestV8_ALockOnThePhoneIsEnoughToApprove(t *testing.T) {
	o, _ := locked(t)
	for name, c := range map[string]struct {
		trusted bool
		want    bool
	}{"on a trusted phone": {true, true}, "on one nobody trusts": {false, false}} {
		a, err := o.RegisterAccount(o.ctx, o.product, engine.Idem{}, engine.NewAccount{ExternalID: name, Kind: jieling.Personal})
		o.ok(err)
		o.account = a.ID
		qq, err := o.AddBinding(o.ctx, o.product, engine.Idem{}, a.ID, engine.NewBinding{Provider: jieling.QQ, Subject: subject + name})
		o.ok(err)
		d, err := o.AddDevice(o.ctx, o.product, engine.Idem{}, a.ID, engine.NewDevice{Name: "phone", Platform: jieling.Android, Trusted: c.trusted})
		o.ok(err)
		o.setUp(d.ID)
		plan, err := o.Plan(o.ctx, o.product, engine.PlanQuery{Account: a.ID, Binding: qq.ID, Platform: jieling.Web})
		o.ok(err)
		i := slices.IndexFunc(plan.Factors, func(f jieling.FactorState) bool { return f.Factor == jieling.QRApproval })
		if plan.Factors[i].Enrolled != c.want {
			t.Errorf("a lock %s: %+v", name, plan.Factors[i])
		}
	}
}
