package storetest

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// patience bounds how long a test asks again for something that must come.
const patience = 20 * time.Second

func (x exam) ask(a jieling.AccountID, effects ...jieling.Effect) {
	x.t.Helper()
	x.must(x.write(store.Need{Account: a}, func(store.Snapshot) store.Change { return store.Change{Effects: effects} }))
}

func (x exam) claim(lease time.Duration, limit int) []jieling.Effect {
	x.t.Helper()
	effects, err := x.s.Claim(x.ctx(), lease, limit)
	x.must(err)
	return effects
}

func (x exam) report(e jieling.Effect, r store.Report) error {
	return x.write(store.Need{Account: e.Account, Effect: e.ID}, func(store.Snapshot) store.Change { return store.Change{Report: &r} })
}

// effectKey asks for the same act of an account twice, in one change, at once and later: the first asking stands (S20).
func effectKey(x exam) {
	first, _ := x.register(1)
	errs := make([]error, 16)
	together(len(errs), func(i int) {
		e, again := newEffect(first.ID), newEffect(first.ID)
		e.Key = "case/commit/games"
		again.Key = e.Key
		errs[i] = x.write(store.Need{Account: first.ID}, func(store.Snapshot) store.Change {
			return store.Change{Effects: []jieling.Effect{e, again}}
		})
	})
	x.equal("16 askings", map[jieling.Code]int{"": 16}, tally(errs))
	stands, err := x.s.Effects(x.ctx(), "", jieling.EffectDue, 100)
	x.must(err)
	if len(stands) != 1 {
		x.t.Fatalf("one key made %d effects, want 1", len(stands))
	}
	x.must(x.report(stands[0], store.Report{State: jieling.EffectDone}))
	late := newEffect(first.ID)
	late.Key = stands[0].Key
	x.ask(first.ID, late)
	if due := x.claim(time.Minute, 100); len(due) != 0 {
		x.t.Errorf("asking again for what is done made it due again: %+v", due)
	}
}

// oneHolder lets claimers fight over effects with leases so short that they lapse all the time. A lease begins at its end
// less its length; no lease of an effect may begin before the one before it ended, and no attempt may be given twice.
func oneHolder(x exam) {
	const lease = 3 * time.Millisecond
	a, _ := x.register(1)
	for range 10 {
		x.ask(a.ID, newEffect(a.ID))
	}
	var mu sync.Mutex
	held := map[jieling.EffectID][]jieling.Effect{}
	together(6, func(int) {
		for range crowd(100) {
			got, err := x.s.Claim(x.ctx(), lease, 3)
			if err != nil {
				x.t.Errorf("claiming: %v", err)
				return
			}
			mu.Lock()
			for _, e := range got {
				held[e.ID] = append(held[e.ID], e)
			}
			mu.Unlock()
		}
	})
	if len(held) == 0 {
		x.t.Error("nothing was ever claimed")
	}
	for id, leases := range held {
		slices.SortFunc(leases, func(a, b jieling.Effect) int { return a.Attempt - b.Attempt })
		for i, e := range leases {
			if e.Attempt != i+1 {
				x.t.Fatalf("%s: attempt %d was given where %d should follow", id, e.Attempt, i+1)
			}
			if i > 0 && e.Lease.Add(-lease).Before(leases[i-1].Lease) {
				x.t.Fatalf("%s: attempt %d began before the lease of attempt %d ended", id, e.Attempt, i)
			}
		}
	}
}

// notBeforeItsTime claims in the order of age, up to the limit, and nothing that is not due.
func notBeforeItsTime(x exam) {
	a, _ := x.register(1)
	later := newEffect(a.ID)
	later.RunAt = x.now().Add(time.Hour)
	oldest, middle, newest := newEffect(a.ID), newEffect(a.ID), newEffect(a.ID)
	ids := []jieling.EffectID{oldest.ID, middle.ID, newest.ID}
	slices.SortFunc(ids, func(a, b jieling.EffectID) int { return strings.Compare(string(a), string(b)) })
	oldest.ID, middle.ID, newest.ID = ids[0], ids[1], ids[2]
	middle.RunAt, newest.RunAt = epoch().Add(time.Second), epoch().Add(2*time.Second)
	x.ask(a.ID, later, newest, oldest, middle)

	var got []jieling.EffectID
	for _, limit := range []int{2, 5, 5} {
		for _, e := range x.claim(time.Hour, limit) {
			got = append(got, e.ID)
		}
	}
	x.equal("claimed", ids, got)

	x.must(x.report(jieling.Effect{ID: oldest.ID, Account: a.ID}, store.Report{Attempt: 1, State: jieling.EffectDue, RunAt: later.RunAt, Error: "busy"}))
	x.must(x.report(jieling.Effect{ID: middle.ID, Account: a.ID}, store.Report{Attempt: 1, State: jieling.EffectDue, RunAt: epoch(), Error: "busy"}))
	again := x.claim(time.Hour, 5)
	if len(again) != 1 || again[0].ID != middle.ID || again[0].Attempt != 2 || again[0].LastErr != "busy" {
		x.t.Errorf("after two were put back, one for later, there came %+v, want the other's attempt 2", again)
	}
	if due, err := x.s.Effects(x.ctx(), a.ID, jieling.EffectDue, 100); err != nil || len(due) != 4 {
		x.t.Errorf("%d effects are listed as due (%v), want 4: leased ones and those for later are among them", len(due), err)
	}
}

// staleReport lets a lease lapse, has the effect claimed again, and then hears from the first holder (S29).
func staleReport(x exam) {
	a, _ := x.register(1)
	x.ask(a.ID, newEffect(a.ID))
	first := x.claim(time.Microsecond, 1)
	if len(first) != 1 || first[0].Attempt != 1 {
		x.t.Fatalf("first claim gave %+v", first)
	}
	second := x.claim(time.Hour, 1)
	for begun := time.Now(); len(second) == 0 && time.Since(begun) < patience; {
		second = x.claim(time.Hour, 1)
	}
	if len(second) != 1 || second[0].ID != first[0].ID || second[0].Attempt != 2 {
		x.t.Fatalf("after the lease lapsed the claim gave %+v, want attempt 2", second)
	}
	for _, stale := range []store.Report{
		{Attempt: 1, State: jieling.EffectDone},
		{Attempt: 1, State: jieling.EffectDue, RunAt: epoch()},
		{Attempt: 3, State: jieling.EffectDone},
	} {
		err := x.write(store.Need{Account: a.ID, Effect: first[0].ID}, func(sn store.Snapshot) store.Change {
			ch := begin(*sn.Account, "stale")
			ch.Report = &stale
			return ch
		})
		if !errors.Is(err, store.ErrStale) {
			x.t.Errorf("report %+v beside attempt 2 was answered %v, want ErrStale", stale, err)
		}
	}
	sn := x.load(store.Need{Account: a.ID, Effect: first[0].ID})
	if sn.Account.Version != 1 || sn.EffectIs != jieling.EffectDue || sn.Effect == nil || sn.Effect.Attempt != 2 {
		x.t.Fatalf("a stale report left version %d, effect %+v, state %s", sn.Account.Version, sn.Effect, sn.EffectIs)
	}

	x.must(x.report(second[0], store.Report{Attempt: 2, State: jieling.EffectDead, Error: "gave up"}))
	sn = x.load(store.Need{Account: a.ID, Effect: first[0].ID})
	if sn.EffectIs != jieling.EffectDead || sn.Effect.LastErr != "gave up" {
		x.t.Errorf("the report left %s, %+v", sn.EffectIs, sn.Effect)
	}
	if err := x.report(second[0], store.Report{Attempt: 2, State: jieling.EffectDone}); !errors.Is(err, store.ErrStale) {
		x.t.Errorf("a second report was answered %v, want ErrStale", err)
	}
	if again := x.claim(time.Hour, 10); len(again) != 0 {
		x.t.Errorf("a dead effect was claimed: %+v", again)
	}
}
