package engine_test

import (
	"slices"
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
	code := []byte(w.inbox.code(number))
	wrong := slices.Clone(code)
	wrong[5] = '0' + (wrong[5]-'0'+1)%10
	for range 5 { // the code has five guesses, and no more
		w.ok(w.Hold(w.ctx, number, string(wrong)))
	}
	w.ok(w.Hold(w.ctx, number, string(code)))
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

// unlinkNumber takes the number off the account, as a thief does first.
func (o *owner) unlinkNumber() engine.CaseView {
	o.t.Helper()
	v, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, engine.NewCase{
		Account: o.account, Goal: jieling.Unlink, Binding: o.bound(number).ID, Platform: jieling.Android, Reason: jieling.ReasonSeparate,
	})
	o.ok(err)
	if v.Decision.Backup {
		_, err = o.BackUp(o.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
		o.ok(err)
	}
	o.prove(v.ID, jieling.PaymentPIN)
	_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	if v, err = o.Case(o.ctx, o.by, v.ID); err != nil || v.RemovedAt.IsZero() {
		o.t.Fatalf("the number is not unlinked: %s (%v)", v.Stage, err)
	}
	return v
}

// asksHold asks with the number and gives the code that was sent, "" where none was.
func (w *world) asksHold() string {
	w.t.Helper()
	w.inbox.sent = nil
	w.ok(w.AskHold(w.ctx, number, "en"))
	w.drain()
	return w.inbox.code(number)
}

// A thief unlinks the owner's number first. While it can be put back its holder can hold the account; not afterwards, also where a
// residue keeps the case open, and whatever is said sounds the same.
func TestAHoldIsAskedForByTheNumberThatWasJustUnlinked(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin", number, otherNumber)
		w.parties["pay"].residue = true
		o.unlinkNumber()
		code := w.asksHold()
		w.ok(w.Hold(w.ctx, number, code))
		if a := o.view(); code == "" || !a.Held(a.Now) || a.WaysIn != 2 {
			t.Fatalf("code %q, held until %v, %d ways in", code, a.HeldUntil, a.WaysIn)
		}
	}, "pay")
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin", number, otherNumber)
		w.parties["pay"].residue = true
		v := o.unlinkNumber()
		w.later(24*time.Hour - time.Minute)
		code := w.asksHold()
		w.later(2 * time.Minute)
		w.drain()
		w.ok(w.Hold(w.ctx, number, code))
		again := w.asksHold()
		v, err := w.Case(w.ctx, o.by, v.ID)
		w.ok(err)
		if a := o.view(); again != "" || a.Held(a.Now) || v.Stage != jieling.StageGuarded {
			t.Errorf("code %q, held until %v, the case is %s", again, a.HeldUntil, v.Stage)
		}
	}, "pay")
}

// A number that is bound to another account by now speaks for that one alone, also with a code that was sent before; and one that its
// carrier says has changed hands speaks for nobody.
func TestAHoldIsNotForWhoeverHasTheNumberNow(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, next := w.owner("lin", number, otherNumber), w.owner("sun")
		o.unlinkNumber()
		code := w.asksHold()
		_, err := w.AddBinding(w.ctx, w.product, engine.Idem{}, next.account, engine.NewBinding{Provider: jieling.Phone, Subject: number})
		w.ok(err)
		w.ok(w.Hold(w.ctx, number, code))
		if a, b := o.view(), next.view(); code == "" || a.Held(a.Now) || b.Held(b.Now) {
			t.Fatalf("code %q: held until %v and %v", code, a.HeldUntil, b.HeldUntil)
		}
		w.ok(w.Hold(w.ctx, number, w.asksHold()))
		if a, b := o.view(), next.view(); a.Held(a.Now) || !b.Held(b.Now) {
			t.Errorf("held until %v and %v", a.HeldUntil, b.HeldUntil)
		}
	})
	onBothStores(t, func(t *testing.T, w *world) {
		x := &exchange{says: map[string]jieling.Holder{number: jieling.HolderSame}, asked: map[string]time.Time{}}
		w.Carrier = x
		a, err := w.RegisterAccount(w.ctx, w.product, engine.Idem{}, engine.NewAccount{ExternalID: "only", Kind: jieling.Personal})
		w.ok(err)
		o := &owner{world: w, account: a.ID, by: w.product}
		_, err = w.AddBinding(w.ctx, w.product, engine.Idem{}, a.ID, engine.NewBinding{Provider: jieling.Phone, Subject: number}) // stays a way in, in name
		w.ok(err)
		code := w.asksHold()
		x.says[number] = jieling.HolderChanged
		o.resolvePhone(number)
		w.ok(w.Hold(w.ctx, number, code))
		again := w.asksHold()
		if a := o.view(); code == "" || again != "" || a.Held(a.Now) || !o.bound(number).Usable() {
			t.Errorf("codes %q and %q: held until %v", code, again, a.HeldUntil)
		}
	})
}
