package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
)

// follow reads a case's events as whoever follows it does: a stretch, and then what comes after it.
func (w *world) follow(id jieling.CaseID) (all []jieling.Event) {
	w.t.Helper()
	for after := int64(0); ; {
		next, err := w.Events(w.ctx, w.product, id, after)
		w.ok(err)
		if len(next) == 0 {
			return all
		}
		if next[0].Seq <= after {
			w.t.Fatalf("after event %d comes event %d", after, next[0].Seq)
		}
		all, after = append(all, next[0]), next[0].Seq
	}
}

// S25: whatever comes at a case at the same moment, its events come one after another without a gap, each once, in the order of the
// account's own record, and are the case that is shown.
func TestS25_EventsComeInTheOrderOfTheirAccount(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		w.quickly()
		cases, err := w.readyWith("busy", threeWays...)
		w.ok(err)
		together(12, func(i int) {
			r := cases[i%len(cases)]
			if i < 9 {
				_, _ = w.BackUp(w.ctx, r.by, engine.Idem{}, r.id, []jieling.BackupChoice{jieling.BackupMade, jieling.BackupDeclined}[i%2])
			} else {
				_, _ = w.Confirm(w.ctx, r.by, engine.Idem{}, r.id)
			}
		})
		w.drain()
		rows, err := w.Store.AuditTail(w.ctx, cases[0].account, 0, 200)
		w.ok(err)
		slices.Reverse(rows)
		for _, r := range cases {
			events := w.follow(r.id)
			for i, e := range events {
				if e.Seq != int64(i+1) || i > 0 && e.At.Before(events[i-1].At) {
					t.Errorf("event %d is number %d at %s", i+1, e.Seq, e.At)
				}
			}
			folded, err := casework.Replay(events)
			w.ok(err)
			is, err := w.Case(w.ctx, w.product, r.id)
			w.ok(err)
			if folded.Stage != is.Stage || folded.Version != is.Version || int(is.Version) != len(events) || len(events) < 4 {
				t.Errorf("%d events lead to %s, the case is %s at version %d", len(events), folded.Stage, is.Stage, is.Version)
			}
			next := 0
			for _, row := range rows {
				for row.Case == r.id && next < len(events) && events[next].At.Equal(row.At) {
					next++
				}
			}
			if next != len(events) {
				t.Errorf("event %d of %d is not where the account's record has it", next+1, len(events))
			}
		}
	})
}

// S25: what a worker did and could not report, because it died, is done again by another; what was reported is not.
func TestS25_WhatAWorkerDidNotReportIsDoneAgain(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin", number)
		w.drain()
		w.inbox.sent = nil
		_, err := w.Freeze(w.ctx, o.by, engine.Idem{}, o.account, "")
		w.ok(err)
		lost, err := w.Store.Claim(w.ctx, time.Minute, 10)
		w.ok(err)
		if len(lost) != 1 || lost[0].Kind != jieling.EffectNotify {
			t.Fatalf("due are %+v", lost)
		}
		w.ok(w.Sender.Send(w.ctx, string(lost[0].ID), jieling.Message{To: number})) // and then it died
		w.drain()
		if n := len(w.inbox.sent); n != 1 {
			t.Fatalf("another worker took it out of its hands: sent %d times", n)
		}
		w.later(2 * time.Minute)
		w.drain()
		w.later(time.Hour)
		w.drain()
		if n := len(w.inbox.sent); n != 2 {
			t.Errorf("sent %d times", n)
		}
		w.refused(jieling.CodeStale, w.Act(w.ctx, lost[0]))
	})
}

// S25: a verb that the schema refuses in its commit, after everything of it was decided, leaves nothing that is told: no event, no
// row on record, no effect.
func TestS25_WhatIsRolledBackIsNeverTold(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, next := w.owner("lin", number), w.owner("sun")
		v := o.ready()
		_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
		w.ok(err)
		w.drain()
		_, err = w.AddBinding(w.ctx, w.product, engine.Idem{}, next.account, engine.NewBinding{Provider: jieling.QQ, Subject: subject + "lin"})
		w.ok(err)
		before, account := w.follow(v.ID), o.view()
		count := func() (n int) {
			for _, state := range []jieling.EffectState{jieling.EffectDue, jieling.EffectDone, jieling.EffectDead} {
				effects, err := w.Store.Effects(w.ctx, o.account, state, 100)
				w.ok(err)
				n += len(effects)
			}
			return n
		}
		effects, did := count(), len(w.parties["wallet"].did)
		for range 3 {
			_, err = w.Undo(w.ctx, o.by, engine.Idem{}, v.ID)
			w.refused(jieling.CodeBindingExists, err)
		}
		w.drain()
		if after := o.view(); len(w.follow(v.ID)) != len(before) || after.Version != account.Version || count() != effects || len(w.parties["wallet"].did) != did {
			t.Errorf("%d events for %d, version %d for %d, %d effects for %d, the wallet was asked %v",
				len(w.follow(v.ID)), len(before), after.Version, account.Version, count(), effects, w.parties["wallet"].did)
		}
	}, "wallet")
}
