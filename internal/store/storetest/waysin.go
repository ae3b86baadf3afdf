package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// neverZero lets every way of many accounts be removed at once. Both halves must hold: never zero ways in, and never
// acknowledged but still there.
func neverZero(x exam) {
	type removal struct {
		account jieling.AccountID
		binding jieling.BindingID
		err     error
	}
	var tasks []removal
	var accounts []jieling.AccountID
	for i := range crowd(1000) {
		a, bindings := x.register(2 + i%3)
		accounts = append(accounts, a.ID)
		for _, b := range bindings {
			tasks = append(tasks, removal{account: a.ID, binding: b.ID})
		}
	}
	workers(16, len(tasks), func(i int) {
		tasks[i].err = x.s.Update(x.ctx(), store.Need{Account: tasks[i].account}, unlink(tasks[i].binding))
	})

	now := map[jieling.BindingID]jieling.BindingState{}
	for _, a := range accounts {
		sn := x.load(store.Need{Account: a, With: store.Removed})
		usable := 0
		for _, b := range sn.Bindings {
			now[b.ID] = b.State
			if b.Usable() {
				usable++
			}
		}
		if usable != 1 || sn.Account.WaysIn != 1 {
			x.t.Errorf("%s has %d ways in and counts %d, want the one that had to stay", a, usable, sn.Account.WaysIn)
		}
	}
	for _, r := range tasks {
		want := jieling.BindingRemoved
		switch {
		case jieling.CodeOf(r.err) == jieling.CodeLastWayIn:
			want = jieling.BindingActive
		case r.err != nil:
			x.t.Errorf("removing %s: %v", r.binding, r.err)
			continue
		}
		if now[r.binding] != want {
			x.t.Errorf("removing %s was answered %v, but it is %s", r.binding, r.err, now[r.binding])
		}
	}
}

// naiveIsStopped counts before the lock and believes the count under it, as so many do. The schema must stop it.
func naiveIsStopped(x exam) {
	for range crowd(100) {
		a, bindings := x.register(2)
		counted := len(x.load(store.Need{Account: a.ID}).Bindings)
		errs := make([]error, len(bindings))
		together(len(bindings), func(i int) {
			errs[i] = x.write(store.Need{Account: a.ID}, func(sn store.Snapshot) store.Change {
				gone, _ := remove(bindings, bindings[i].ID)
				ch := begin(*sn.Account, "naive")
				ch.Account.WaysIn, ch.Bindings = counted-1, []jieling.Binding{*gone}
				return ch
			})
		})
		stopped := slices.IndexFunc(errs, func(err error) bool { return errors.Is(err, store.ErrLastWayIn) })
		if stopped < 0 || errs[1-stopped] != nil {
			x.t.Fatalf("two naive removals of two ways were answered %v, want one done and one ErrLastWayIn", errs)
		}
		sn := x.load(store.Need{Account: a.ID})
		if len(sn.Bindings) != 1 || sn.Bindings[0].ID != bindings[stopped].ID || sn.Account.Version != 2 {
			x.t.Fatalf("after one removal of two there are %d bindings at version %d", len(sn.Bindings), sn.Account.Version)
		}
	}
}

// guardItself tries each way past the guard, and each thing it must let through.
func guardItself(x exam) {
	a, b := x.register(2)
	put := func(ways int, bindings ...jieling.Binding) error {
		return x.write(store.Need{Account: a.ID}, func(sn store.Snapshot) store.Change {
			ch := begin(*sn.Account, "put")
			ch.Account.WaysIn, ch.Bindings = ways, bindings
			return ch
		})
	}
	in := func(b jieling.Binding, s jieling.BindingState) jieling.Binding { b.State = s; return b }
	removed, suspended, pending := jieling.BindingRemoved, jieling.BindingSuspended, jieling.BindingPending
	for _, last := range []struct {
		name string
		err  error
	}{
		{"all removed, and said so", put(0, in(b[0], removed), in(b[1], removed))},
		{"all removed, but two claimed", put(2, in(b[0], removed), in(b[1], removed))},
		{"all suspended", put(1, in(b[0], suspended), in(b[1], suspended))},
		{"back to pending", put(1, in(b[0], pending), in(b[1], removed))},
		{"none counted though two are there", put(0)},
	} {
		if !errors.Is(last.err, store.ErrLastWayIn) {
			x.t.Errorf("%s: %v, want ErrLastWayIn", last.name, last.err)
		}
	}
	fresh := newBinding(a.ID, jieling.Email, jieling.BindingActive)
	if err := put(1, in(b[0], removed), in(b[1], removed), fresh); err != nil {
		x.t.Errorf("replacing all ways by a new one in one change: %v", err)
	}
	x.register(0) // an account that never had a way in may be without one
}

// providerTakes lets a provider take an account's last way in away, which is true whatever is written here, and tries to get past the guard
// in its name. The mark comes with such a binding alone, goes with the first way in, and cannot be taken off without one.
func providerTakes(x exam) {
	a, b := x.register(2)
	put := func(ways int, since time.Time, bindings ...jieling.Binding) error {
		return x.write(store.Need{Account: a.ID}, func(sn store.Snapshot) store.Change {
			ch := begin(*sn.Account, "put")
			ch.Account.WaysIn, ch.Account.StrandedAt, ch.Bindings = ways, since, bindings
			return ch
		})
	}
	in := func(b jieling.Binding, s jieling.BindingState, said jieling.NoticeKind) jieling.Binding {
		b.State, b.Said = s, said
		return b
	}
	suspended, removed := jieling.BindingSuspended, jieling.BindingRemoved
	first, last := in(b[0], suspended, jieling.ConsentWithdrawn), in(b[1], suspended, jieling.AccountDeleted)
	for name, err := range map[string]error{
		"a mark with nothing taken":            put(0, at(1)),
		"a mark for a removal":                 put(0, at(1), first, in(b[1], removed, "")),
		"a mark for what a carrier said":       put(0, at(1), in(b[0], suspended, ""), in(b[1], suspended, "")),
		"a mark for what a provider gave back": put(0, at(1), in(b[0], suspended, jieling.AccountEnabled), in(b[1], suspended, jieling.AccountEnabled)),
		"the last one taken without a mark":    put(0, time.Time{}, first, last),
	} {
		if !errors.Is(err, store.ErrLastWayIn) {
			x.t.Errorf("%s: %v, want ErrLastWayIn", name, err)
		}
	}
	x.must(put(1, time.Time{}, first))
	x.must(put(0, at(2), last))
	if sn := x.load(store.Need{Account: a.ID}); !sn.Account.StrandedAt.Equal(at(2)) || sn.Account.WaysIn != 0 {
		x.t.Errorf("stranded at %v with %d ways in", sn.Account.StrandedAt, sn.Account.WaysIn)
	}
	x.must(put(0, at(2))) // and goes on changing
	if err := put(0, time.Time{}); !errors.Is(err, store.ErrLastWayIn) {
		x.t.Errorf("the mark taken off without a way in: %v, want ErrLastWayIn", err)
	}
	x.must(put(1, time.Time{}, in(b[1], jieling.BindingActive, "")))
	if err := put(0, time.Time{}, in(b[1], removed, "")); !errors.Is(err, store.ErrLastWayIn) {
		x.t.Errorf("removing the way in that came back: %v, want ErrLastWayIn", err)
	}
}

// freezeWins races a freeze against removals that were decided under the epoch before it (S13).
func freezeWins(x exam) {
	for range crowd(200) {
		a, bindings := x.register(4)
		before := x.load(store.Need{Account: a.ID}).Account.Epoch
		errs := make([]error, 4)
		together(4, func(i int) {
			decide := unlinkUnder(before, bindings[i].ID)
			if i == 3 {
				decide = freeze
			}
			errs[i] = x.s.Update(x.ctx(), store.Need{Account: a.ID}, decide)
		})
		if errs[3] != nil {
			x.t.Fatalf("freezing: %v", errs[3])
		}
		acknowledged := 0
		for _, err := range errs[:3] {
			switch {
			case err == nil:
				acknowledged++
			case jieling.CodeOf(err) != jieling.CodeFrozen:
				x.t.Fatalf("unlinking beside a freeze: %v", err)
			}
		}
		x.frozenLast(a.ID, acknowledged)
	}
}

func freeze(sn store.Snapshot) (store.Change, error) {
	ch := begin(*sn.Account, "freeze")
	ch.Account.Frozen, ch.Account.Epoch = true, sn.Account.Epoch+1
	return ch, nil
}

func unlinkUnder(epoch int64, b jieling.BindingID) func(store.Snapshot) (store.Change, error) {
	return func(sn store.Snapshot) (store.Change, error) {
		if sn.Account.Frozen || sn.Account.Epoch != epoch {
			return store.Change{}, jieling.Refuse(jieling.CodeFrozen, "账号已冻结。", "The account is frozen.")
		}
		return unlink(b)(sn)
	}
}

// frozenLast checks by the account's chain that what was acknowledged was done, and all of it before the freeze.
func (x exam) frozenLast(a jieling.AccountID, acknowledged int) {
	x.t.Helper()
	entries, _, err := x.s.AuditChain(x.ctx(), a)
	x.must(err)
	verbs := make([]string, len(entries))
	for i, e := range entries {
		verbs[i] = e.Verb
	}
	if len(verbs) != acknowledged+2 || verbs[len(verbs)-1] != "freeze" {
		x.t.Fatalf("%d removals were acknowledged beside a freeze; the chain reads %v", acknowledged, verbs)
	}
	if sn := x.load(store.Need{Account: a}); len(sn.Bindings) != 4-acknowledged || !sn.Account.Frozen {
		x.t.Fatalf("%d removals acknowledged, %d of 4 bindings left, frozen %v", acknowledged, len(sn.Bindings), sn.Account.Frozen)
	}
}

// identityIsUnique lets four accounts bind the same identity at once, many times over (S7).
func identityIsUnique(x exam) {
	var accounts [4]jieling.AccountID
	for i := range accounts {
		a, _ := x.register(1)
		accounts[i] = a.ID
	}
	for range crowd(100) {
		wanted := newBinding("", jieling.QQ, jieling.BindingActive)
		var errs [len(accounts)]error
		together(len(accounts), func(i int) { errs[i] = x.bind(accounts[i], wanted.Index) })
		winner := slices.IndexFunc(errs[:], func(err error) bool { return err == nil })
		for i, err := range errs {
			if i != winner && !errors.Is(err, store.ErrBindingExists) {
				x.t.Fatalf("four accounts bound one identity and were answered %v, want one done and ErrBindingExists", errs)
			}
		}
		if r, err := x.s.Resolve(x.ctx(), jieling.QQ, wanted.Index); err != nil || r.Account != accounts[winner] {
			x.t.Fatalf("the identity opens %v (%v), but it was %s who bound it", r.Account, err, accounts[winner])
		}
	}
	bound := 0
	for _, a := range accounts {
		sn := x.load(store.Need{Account: a})
		bound += len(sn.Bindings) - 1
		if int(sn.Account.Version) != len(sn.Bindings) {
			x.t.Errorf("%s has %d bindings at version %d: a refused change left something", a, len(sn.Bindings), sn.Account.Version)
		}
	}
	if bound != crowd(100) {
		x.t.Errorf("%d identities are bound, want %d", bound, crowd(100))
	}
}

// namedIsNotBound: who only names an identity opens nothing with it, keeps nobody from it, and is refused when they would
// make it theirs (S6, S7).
func namedIsNotBound(x exam) {
	owner, _ := x.register(1)
	stranger, _ := x.register(1)
	index := newHash()
	pending := newBinding(stranger.ID, jieling.QQ, jieling.BindingPending)
	pending.Index = index
	x.must(x.put1(stranger.ID, pending, 0))
	if _, err := x.s.Resolve(x.ctx(), jieling.QQ, index); !errors.Is(err, store.ErrNotFound) {
		x.t.Errorf("an identity that is only named is answered %v, want ErrNotFound", err)
	}
	x.must(x.bind(owner.ID, index))
	if r, err := x.s.Resolve(x.ctx(), jieling.QQ, index); err != nil || r.Account != owner.ID {
		x.t.Errorf("the identity opens %s (%v), want its owner %s", r.Account, err, owner.ID)
	}
	pending.State = jieling.BindingActive
	if err := x.put1(stranger.ID, pending, 1); !errors.Is(err, store.ErrBindingExists) {
		x.t.Errorf("making an owned identity one's own is answered %v, want ErrBindingExists", err)
	}
}

// bind puts an active QQ binding with this index on the account.
func (x exam) bind(a jieling.AccountID, index [32]byte) error {
	b := newBinding(a, jieling.QQ, jieling.BindingActive)
	b.Index = index
	return x.put1(a, b, 1)
}

// put1 puts one binding on the account, which has that many more ways in by it.
func (x exam) put1(a jieling.AccountID, b jieling.Binding, more int) error {
	return x.write(store.Need{Account: a}, func(sn store.Snapshot) store.Change {
		ch := begin(*sn.Account, "bind")
		ch.Account.WaysIn += more
		ch.Bindings = []jieling.Binding{b}
		return ch
	})
}

func identityAgain(x exam) {
	first, _ := x.register(1)
	second, _ := x.register(1)
	index := newHash()
	x.must(x.bind(first.ID, index))
	r, err := x.s.Resolve(x.ctx(), jieling.QQ, index)
	x.must(err)
	if _, err := x.s.Resolve(x.ctx(), jieling.WeChat, index); !errors.Is(err, store.ErrNotFound) {
		x.t.Errorf("the same index at another provider is answered %v, want ErrNotFound", err)
	}

	x.must(x.s.Update(x.ctx(), store.Need{Account: first.ID}, unlink(r.Binding)))
	if _, err := x.s.Resolve(x.ctx(), jieling.QQ, index); !errors.Is(err, store.ErrNotFound) {
		x.t.Errorf("a removed identity is answered %v, want ErrNotFound", err)
	}
	x.must(x.bind(second.ID, index))
	again, err := x.s.Resolve(x.ctx(), jieling.QQ, index)
	x.must(err)
	if again.Account != second.ID || again.Binding == r.Binding {
		x.t.Errorf("bound again it opens %s by %s, want %s by a new ID", again.Account, again.Binding, second.ID)
	}

	back := x.write(store.Need{Account: first.ID, With: store.Removed}, func(sn store.Snapshot) store.Change {
		ch := begin(*sn.Account, "undo")
		i := slices.IndexFunc(sn.Bindings, func(b jieling.Binding) bool { return b.ID == r.Binding })
		b := sn.Bindings[i]
		b.State = jieling.BindingActive
		ch.Account.WaysIn++
		ch.Bindings = []jieling.Binding{b}
		return ch
	})
	if !errors.Is(back, store.ErrBindingExists) {
		x.t.Errorf("taking back an identity that is bound elsewhere is answered %v, want ErrBindingExists", back)
	}
}

// unlinkedIsFound looks for an identity while it is bound, after it was removed from two accounts one after the other, and when it is
// forgotten. A login that was named and never proven keeps no subject when it goes, and hides nobody's.
func unlinkedIsFound(x exam) {
	first, _ := x.register(1)
	second, _ := x.register(1)
	index := newHash()
	ask := func(what string, want store.Unlinked) {
		x.t.Helper()
		got, err := x.s.Unlinked(x.ctx(), jieling.QQ, index)
		if got != want || (want == store.Unlinked{}) != errors.Is(err, store.ErrNotFound) {
			x.t.Errorf("%s: %+v (%v), want %+v", what, got, err, want)
		}
	}
	bound := func(a jieling.AccountID) jieling.Binding {
		b := newBinding(a, jieling.QQ, jieling.BindingActive)
		b.Index = index
		x.must(x.put1(a, b, 1))
		return b
	}
	remove := func(b *jieling.Binding, after time.Duration, ways int) {
		b.State, b.RemovedAt = jieling.BindingRemoved, epoch().Add(after)
		x.must(x.put1(b.Account, *b, -ways))
	}
	one := bound(first.ID)
	ask("bound", store.Unlinked{})
	remove(&one, time.Hour, 1)
	ask("removed", store.Unlinked{Account: first.ID, Binding: one.ID})
	if _, err := x.s.Unlinked(x.ctx(), jieling.WeChat, index); !errors.Is(err, store.ErrNotFound) {
		x.t.Errorf("at another provider: %v, want ErrNotFound", err)
	}
	named := newBinding(second.ID, jieling.QQ, jieling.BindingPending)
	named.Index, named.Subject = index, nil
	x.must(x.put1(second.ID, named, 0))
	remove(&named, 3*time.Hour, 0)
	ask("named by another since", store.Unlinked{Account: first.ID, Binding: one.ID})
	two := bound(second.ID)
	remove(&two, 2*time.Hour, 1)
	ask("removed from another since", store.Unlinked{Account: second.ID, Binding: two.ID})
	for _, b := range []jieling.Binding{one, two} {
		b.Subject = nil
		x.must(x.put1(b.Account, b, 0))
	}
	ask("forgotten", store.Unlinked{})
}
