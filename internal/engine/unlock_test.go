package engine_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/factor"
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
	if seen.Unlock != jieling.PaymentPIN {
		o.t.Fatalf("the phone asks for %q besides", seen.Unlock)
	}
	return shown.Code, shown.Number
}

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
	_, err = o.Approve(o.ctx, o.onPhone(), engine.Idem{}, code, engine.Approving{Number: n + 1, Unlock: []byte(pin)})
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
