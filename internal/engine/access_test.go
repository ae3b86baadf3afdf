package engine_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/engine"
)

func exposure(t *testing.T, a jieling.Access, name string) [3]bool {
	t.Helper()
	i := slices.IndexFunc(a.Exposure, func(e jieling.Exposure) bool { return e.Name == name })
	if i < 0 {
		t.Fatalf("%s is not told of: %+v", name, a.Exposure)
	}
	return [3]bool{a.Exposure[i].Before, a.Exposure[i].During, a.Exposure[i].After}
}

func (o *owner) plan() jieling.Access {
	o.t.Helper()
	p, err := o.Plan(o.ctx, o.by, engine.PlanQuery{Account: o.account, Binding: o.qq.ID, Platform: jieling.Android})
	o.ok(err)
	return p.Access
}

// A plan says who gets in before, while something is left behind at a participant, and after; the devices and sessions of
// this account are in it.
func TestAccess_ThePlanCountsWhatIsLeftBehind(t *testing.T) {
	for name, tt := range map[string]struct {
		parties []string
		want    [3]bool
	}{
		"nobody is concerned": {nil, [3]bool{true, false, false}},
		"a wallet is":         {[]string{"wallet"}, [3]bool{true, true, false}},
	} {
		t.Run(name, func(t *testing.T) {
			o := newWorld(t, tt.parties...).owner("lin", number)
			a := o.plan()
			if got := exposure(t, a, "stolen_qq"); got != tt.want {
				t.Errorf("a stolen QQ gets in %v, want %v", got, tt.want)
			}
			if got := exposure(t, a, "sim_swap"); got != [3]bool{true, true, true} {
				t.Errorf("a SIM swap gets in %v", got)
			}
			if got := exposure(t, a, "stolen_phone"); got != [3]bool{true, true, true} {
				t.Errorf("a stolen phone gets in %v", got)
			}
			i := slices.IndexFunc(a.Exposure, func(e jieling.Exposure) bool { return e.Name == "stolen_phone" })
			if via := a.Exposure[i].Via.EN; via != "the phone that is signed in and trusted" {
				t.Errorf("a stolen phone gets in by %s", via)
			}
			if a.Template != o.Engine.Access.ID() {
				t.Errorf("the verdict names %q", a.Template)
			}
		})
	}
}

// Whoever is signed in is part of who could get in.
func TestAccess_ASessionIsPartOfThePlan(t *testing.T) {
	o := newWorld(t).owner("lin", number)
	has := func() bool {
		return slices.ContainsFunc(o.plan().Exposure, func(e jieling.Exposure) bool { return e.Name == "live_session" && e.After })
	}
	if has() {
		t.Error("a session is told of before there is one")
	}
	in, err := o.Handoff(o.ctx, o.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Web})
	o.ok(err)
	_, err = o.Redeem(o.ctx, in.Token, "")
	o.ok(err)
	if !has() {
		t.Error("a live session is not told of")
	}
}

// A case says how it stands by itself: what is left behind counts until it was verified to be clean, or cleared.
func TestAccess_ACaseCountsAResidueUntilItIsCleared(t *testing.T) {
	w := newWorld(t, "wallet")
	o := w.owner("lin", number)
	w.parties["wallet"].residue = true
	v := o.ready()
	during := func() bool {
		t.Helper()
		v, err := w.Case(w.ctx, o.by, v.ID)
		w.ok(err)
		return exposure(t, *v.Access, "stolen_qq")[1]
	}
	if !during() {
		t.Error("before it is confirmed the wallet is not counted")
	}
	_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	w.drain()
	if !during() {
		t.Error("with a residue at the wallet a stolen QQ reaches nothing")
	}
	_, err = w.CleanUp(w.ctx, o.by, engine.Idem{}, v.ID, "wallet", "real_name")
	w.ok(err)
	w.drain()
	if during() {
		t.Error("the residue is cleared and still counts")
	}
}

// age makes the owner's phone number one that nobody has proven for longer than the template trusts.
func (o *owner) age() {
	o.t.Helper()
	o.later(731 * 24 * time.Hour)
}

// S14 on what the commit reads: an account whose only other login is a number nobody has proven for two years is not left to
// it, until its owner says that they know, in so many words. What they said is in the history and in the audit log.
func TestS14_AnUnsafeRemovalDoesNotCommitWithoutAWaiver(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin", number)
		o.age()
		v := o.ready()
		_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
		w.refused(jieling.CodeLockout, err)
		w.drain()
		if acc, err := w.Account(w.ctx, o.by, o.account); err != nil || acc.WaysIn != 2 {
			t.Fatalf("%d ways in, %v", acc.WaysIn, err)
		}
		seen, err := w.Case(w.ctx, o.by, v.ID)
		w.ok(err)
		losses := seen.Access.MustWaive
		if !slices.Equal(losses, []string{"nothing", "phone_lost"}) {
			t.Fatalf("must be waived: %v", losses)
		}
		_, err = w.Waive(w.ctx, o.by, engine.Idem{}, v.ID, engine.NewWaiver{Losses: losses[:1], Reason: "I know."})
		w.refused(jieling.CodeStale, err)
		_, err = w.Waive(w.ctx, o.by, engine.Idem{}, v.ID, engine.NewWaiver{Losses: losses})
		w.refused(jieling.CodeInvalid, err)
		_, err = w.Waive(w.ctx, o.by, engine.Idem{}, v.ID, engine.NewWaiver{Losses: losses, Reason: "The number is still mine."})
		w.ok(err)
		_, err = w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
		w.ok(err)
		w.drain()
		o.signed(v.ID, "The number is still mine.")
		if got := o.waysIn(); got != 1 {
			t.Errorf("%d ways in", got)
		}
	}, "wallet")
}

// signed checks that the person's word stands in the case's history under their name, and in the audit log.
func (o *owner) signed(id jieling.CaseID, why string) {
	o.t.Helper()
	events, err := o.Events(o.ctx, o.by, id, 0)
	o.ok(err)
	i := slices.IndexFunc(events, func(e jieling.Event) bool { return e.Kind == "waived" })
	if i < 0 || events[i].Actor.Kind != jieling.ActorPerson || !strings.Contains(string(events[i].Data), why) {
		o.t.Errorf("the history does not hold the word of the person: %+v", events)
	}
	chain, _, err := o.Store.AuditChain(o.ctx, o.account)
	o.ok(err)
	if !slices.ContainsFunc(chain, func(e audit.Entry) bool { return e.Verb == "case.waive" && strings.Contains(string(e.Detail), why) }) {
		o.t.Error("the audit log does not hold it")
	}
}

func (o *owner) waysIn() int {
	o.t.Helper()
	acc, err := o.Account(o.ctx, o.by, o.account)
	o.ok(err)
	return acc.WaysIn
}

// S14, S15: it is the commit that counts. A number that goes stale between the confirmation and the commit point stops the
// removal, and everything is taken back.
func TestS14_WhatIsUnsafeByTheCommitPointIsTakenBack(t *testing.T) {
	w := newWorld(t, "wallet")
	o := w.owner("lin", number)
	w.later(729 * 24 * time.Hour)
	v := o.ready()
	_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	w.later(2 * 24 * time.Hour)
	w.drain()
	got, err := w.Case(w.ctx, o.by, v.ID)
	w.ok(err)
	if got.Stage != jieling.StageCompensated || o.waysIn() != 2 || got.Ending.EN == "" {
		t.Errorf("the case is %s (%s), %d ways in", got.Stage, got.Ending.EN, o.waysIn())
	}
}

// S14, write skew: of two removals of which each leaves a safe login and both together leave only a stale number, one passes.
// The counter of ways in does not see this: one login is left either way.
func TestS14_TwoRemovalsCannotLeaveAStaleNumberAlone(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		w.quickly()
		o := w.owner("lin", number)
		o.age()
		second, err := w.AddBinding(w.ctx, w.product, engine.Idem{}, o.account, engine.NewBinding{Provider: jieling.QQ, Subject: "another"})
		w.ok(err)
		first := o.ready()
		o.qq = second
		other := o.ready()
		if first.ID == other.ID {
			t.Fatal("one case for two logins")
		}
		var passed, refused atomic.Int32
		together(2, func(i int) {
			_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, []jieling.CaseID{first.ID, other.ID}[i])
			switch jieling.CodeOf(err) {
			case "":
				passed.Add(1)
			case jieling.CodeLockout:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
		if passed.Load() != 1 || refused.Load() != 1 || o.waysIn() != 2 {
			t.Errorf("%d passed, %d were refused, %d ways in", passed.Load(), refused.Load(), o.waysIn())
		}
	})
}

// Nothing is signed where nothing has to be.
func TestS14_ASafeRemovalTakesNoWaiver(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	v := o.ready()
	_, err := w.Waive(w.ctx, o.by, engine.Idem{}, v.ID, engine.NewWaiver{Losses: []string{"phone_lost"}, Reason: "Just so."})
	w.refused(jieling.CodeConflict, err)
	stranger := jieling.Actor{Kind: jieling.ActorPerson, Name: "ses_x", Account: "acc_x"}
	_, err = w.Waive(w.ctx, stranger, engine.Idem{}, v.ID, engine.NewWaiver{Losses: []string{"phone_lost"}, Reason: "Just so."})
	w.refused(jieling.CodeNotFound, err)
}

// A4: a number that takes a code again is its owner's today, whether they name it anew or pass a check by it, and a way back.
func TestA4_ANumberProvenAgainIsAWayBack(t *testing.T) {
	for name, prove := range map[string]func(o *owner) jieling.CaseID{
		"named anew": func(o *owner) jieling.CaseID {
			v := o.ready()
			_, err := o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
			o.refused(jieling.CodeLockout, err)
			o.replace(v.ID, number)
			return v.ID
		},
		"a check was passed": func(o *owner) jieling.CaseID {
			v := o.open(jieling.Web)
			_, err := o.BackUp(o.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
			o.ok(err)
			o.prove(v.ID, jieling.SMSCode)
			o.prove(v.ID, jieling.QRApproval)
			return v.ID
		},
	} {
		t.Run(name, func(t *testing.T) {
			onBothStores(t, func(t *testing.T, w *world) {
				o := w.owner("lin", number)
				o.age()
				id := prove(o)
				_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, id)
				w.ok(err)
				acc, err := w.Account(w.ctx, o.by, o.account)
				w.ok(err)
				if acc.WaysIn != 1 || len(acc.Bindings) != 1 || acc.Bindings[0].Provider != jieling.Phone || acc.Now.Sub(acc.Bindings[0].LastUsedAt) > time.Hour {
					t.Errorf("what is left is %+v", acc.Bindings)
				}
			})
		})
	}
}
