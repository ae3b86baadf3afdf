package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
)

const newNumber = "+8613800000042"

// swap opens a case that replaces a login.
func (o *owner) swap(binding jieling.BindingID) engine.CaseView {
	o.t.Helper()
	v, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, engine.NewCase{
		Account: o.account, Goal: jieling.Replace, Binding: binding, Platform: jieling.Android, Reason: jieling.ReasonOther,
	})
	o.ok(err)
	return v
}

// S16: a number is replaced in one case: the new one is proven first and both work for a day, then the old one goes, and not the day
// before. Taking it back brings the old one back.
func TestS16_ANumberIsReplacedNewOneFirst(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	old := o.bound(number).ID
	v := o.swap(old)
	if !v.Decision.Replacement || v.Replaced || v.Next != casework.MoveReplace || v.Decision.Wait != 24*time.Hour {
		t.Fatalf("a second way in is there, and still the new number comes first: next %s, replaced %v, wait %s", v.Next, v.Replaced, v.Decision.Wait)
	}
	_, err := o.BackUp(o.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
	o.ok(err)
	o.prove(v.ID, jieling.PaymentPIN)
	_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.refused(jieling.CodeReplacement, err)

	o.replace(v.ID, newNumber)
	v, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	if v.Stage != jieling.StageCoolingOff {
		t.Fatalf("after the confirmation it is %s", v.Stage)
	}
	o.later(23*time.Hour + 59*time.Minute)
	o.drain()
	for _, n := range []string{number, newNumber} {
		if b := o.bound(n); !b.Usable() {
			t.Errorf("%s does not work while both should", n)
		}
	}
	o.later(2 * time.Minute)
	o.drain()
	a, err := o.Account(o.ctx, o.by, o.account)
	o.ok(err)
	if slices.ContainsFunc(a.Bindings, func(b jieling.Binding) bool { return b.ID == old && b.Usable() }) || !o.bound(newNumber).Usable() || a.WaysIn != 2 {
		t.Errorf("after a day %d ways in are left of two: %+v", a.WaysIn, a.Bindings)
	}
	_, err = o.Undo(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	if a, err = o.Account(o.ctx, o.by, o.account); err != nil || a.WaysIn != 3 || !o.bound(number).Usable() {
		t.Errorf("taken back, %d ways in: %v", a.WaysIn, err)
	}
}

// S16: what takes a number's place is a number; nothing else does, not the number itself, and not a login that is there anyway.
func TestS16_OnlyItsLikeReplacesALogin(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	for name, in := range map[string]engine.NewCase{
		"a login no code can be sent to": {Account: o.account, Goal: jieling.Replace, Binding: o.qq.ID, Platform: jieling.Android, Reason: jieling.ReasonOther},
		"a goal nobody carries out":      {Account: o.account, Goal: jieling.Migrate, Binding: o.qq.ID, Platform: jieling.Android, Reason: jieling.ReasonOther},
	} {
		if _, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, in); jieling.CodeOf(err) != jieling.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	v := o.swap(o.bound(number).ID)
	_, err := o.Replacement(o.ctx, o.by, engine.Idem{}, v.ID, engine.NewBinding{Provider: jieling.Email, Subject: "lin@mail.example"}, "en")
	o.refused(jieling.CodeInvalid, err)
	ch, err := o.Replacement(o.ctx, o.by, engine.Idem{}, v.ID, engine.NewBinding{Provider: jieling.Phone, Subject: number}, "en")
	o.ok(err)
	o.drain()
	_, err = o.Answer(o.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(o.inbox.code(number))})
	o.refused(jieling.CodeReplacement, err)
	if a, err := o.Account(o.ctx, o.by, o.account); err != nil || a.WaysIn != 2 || !o.bound(number).Usable() {
		t.Errorf("%d ways in: %v", a.WaysIn, err)
	}
}

// S16, S14: the new number goes again before the old one does: then nothing is removed, and the case asks for another.
func TestS16_ANewNumberThatIsGoneReplacesNothing(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	v := o.swap(o.bound(number).ID)
	o.replace(v.ID, newNumber)
	_, err := o.BackUp(o.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
	o.ok(err)
	o.prove(v.ID, jieling.PaymentPIN)
	gone := o.bound(newNumber).ID
	other, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, engine.NewCase{Account: o.account, Goal: jieling.Unlink, Binding: gone, Platform: jieling.Android, Reason: jieling.ReasonOther})
	o.ok(err)
	_, err = o.BackUp(o.ctx, o.by, engine.Idem{}, other.ID, jieling.BackupDeclined)
	o.ok(err)
	o.prove(other.ID, jieling.PaymentPIN)
	_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, other.ID)
	o.ok(err)
	o.drain()
	if b, ok := o.find(gone); ok && b.Usable() {
		t.Fatal("the new number is still there, so this shows nothing")
	}
	_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.refused(jieling.CodeReplacement, err)
	if !o.bound(number).Usable() {
		t.Error("the old number went, and nothing took its place")
	}
}

// find gives a binding of the account by its ID.
func (o *owner) find(id jieling.BindingID) (jieling.Binding, bool) {
	a, err := o.Account(o.ctx, o.by, o.account)
	o.ok(err)
	i := slices.IndexFunc(a.Bindings, func(b jieling.Binding) bool { return b.ID == id })
	if i < 0 {
		return jieling.Binding{}, false
	}
	return a.Bindings[i], true
}

// A second case for a login is the first one, whatever it is for: one login is not replaced and unlinked at once.
func TestASecondCaseForALoginIsTheFirst(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	first := o.swap(o.bound(number).ID)
	again, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, engine.NewCase{
		Account: o.account, Goal: jieling.Unlink, Binding: o.bound(number).ID, Platform: jieling.Android, Reason: jieling.ReasonOther,
	})
	o.ok(err)
	if again.ID != first.ID || again.Goal != jieling.Replace {
		t.Errorf("%s for %s beside %s", again.ID, again.Goal, first.ID)
	}
}

// A plan of a replacement asks for the new login and its day, which that of an unlinking does not.
func TestPlan_OfAReplacement(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	plan := func(goal jieling.Goal) jieling.Decision {
		p, err := o.Plan(o.ctx, o.by, engine.PlanQuery{Account: o.account, Goal: goal, Binding: o.bound(number).ID, Platform: jieling.Android})
		o.ok(err)
		return p.Decision
	}
	if d := plan(jieling.Replace); !d.Replacement || d.Wait != 24*time.Hour {
		t.Errorf("replace: %+v", d)
	}
	if d := plan(""); d.Replacement || d.Wait != 0 {
		t.Errorf("unlink: %+v", d)
	}
	_, err := o.Plan(o.ctx, o.by, engine.PlanQuery{Account: o.account, Goal: jieling.Link, Binding: o.bound(number).ID, Platform: jieling.Android})
	o.refused(jieling.CodeInvalid, err)
}
