package engine_test

import (
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

// Whoever holds a number and cannot sign in stops changes for a day, and shuts nobody out; the answers tell nothing.
func TestAHoldStopsChangesAndNothingElse(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	session := o.signIn(o.desk.ID)
	v := o.ready()
	say := func(code string) {
		t.Helper()
		w.ok(w.Hold(w.ctx, number, code))
	}
	say("123456") // nothing was asked for
	for _, phone := range []string{number, "+8613900000000"} {
		w.ok(w.AskHold(w.ctx, phone, "en"))
		w.ok(w.Hold(w.ctx, phone, "nonsense"))
	}
	w.drain()
	code := w.inbox.code(number)
	if a := o.view(); code == "" || a.Held(a.Now) || w.inbox.code("+8613900000000") != "" {
		t.Fatalf("code %q, held until %v", code, a.HeldUntil)
	}
	say(code)
	a := o.view()
	if !a.Held(a.Now) || a.Held(a.Now.Add(24*time.Hour)) || a.Frozen || a.WaysIn != 2 {
		t.Fatalf("held until %v at %v, frozen %v", a.HeldUntil, a.Now, a.Frozen)
	}
	if _, _, err := w.Session(w.ctx, session.Token); err != nil {
		t.Errorf("somebody was thrown out: %v", err)
	}
	o.signIn(o.phone.ID)
	_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.refused(jieling.CodeFrozen, err)
	_, err = w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.PaymentPIN})
	w.refused(jieling.CodeFrozen, err)
	_, err = w.AddBinding(w.ctx, w.product, engine.Idem{}, o.account, engine.NewBinding{Provider: jieling.Phone, Subject: "+8613900000001"})
	w.refused(jieling.CodeFrozen, err)
	_, err = w.Enrol(w.ctx, w.product, engine.Idem{}, o.account, engine.NewFactor{Factor: jieling.PaymentPIN, Given: []byte("902741")})
	w.refused(jieling.CodeFrozen, err)

	w.later(24*time.Hour - time.Minute)
	w.drain()
	w.later(2 * time.Minute) // it ends by itself, and the proofs from before it are worth nothing (S9)
	v = o.open(jieling.Android)
	_, err = w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	if jieling.CodeOf(err) == jieling.CodeFrozen || err == nil {
		t.Errorf("afterwards: %v", err)
	}
	w.ok(w.AskHold(w.ctx, number, "en")) // once in thirty days
	w.drain()
	say(w.inbox.code(number))
	if a := o.view(); a.Held(a.Now) {
		t.Error("one number holds the account again and again")
	}
}

func TestAHoldIsLiftedByTheProduct(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	w.ok(w.AskHold(w.ctx, number, "en"))
	w.drain()
	for range 5 { // the code has five guesses, and no more
		w.ok(w.Hold(w.ctx, number, "000000"))
	}
	w.ok(w.Hold(w.ctx, number, w.inbox.code(number)))
	if a := o.view(); a.Held(a.Now) {
		t.Fatal("a sixth guess counted")
	}
	w.later(time.Hour)
	w.ok(w.AskHold(w.ctx, number, "en"))
	w.drain()
	w.ok(w.Hold(w.ctx, number, w.inbox.code(number)))
	if a := o.view(); !a.Held(a.Now) {
		t.Fatal("it is not held")
	}
	_, err := w.Unfreeze(w.ctx, w.product, engine.Idem{}, o.account, "verified")
	w.ok(err)
	if a := o.view(); a.Held(a.Now) || a.Frozen {
		t.Error("it is still held")
	}
}
