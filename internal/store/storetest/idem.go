package storetest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// rename is a verb behind an idempotency key: done once, then answered from memory. heard gets the answer.
func rename(idem store.Idem, ref string, heard *store.Answer) func(store.Snapshot) (store.Change, error) {
	return func(sn store.Snapshot) (store.Change, error) {
		if sn.Replay != nil {
			if sn.Replay.Fingerprint != idem.Fingerprint {
				return store.Change{}, jieling.Refuse(jieling.CodeIdempotency, "幂等键已用于另一个请求。", "The key was used for another request.")
			}
			*heard = *sn.Replay
			return store.Change{Replayed: true}, nil
		}
		ch := begin(*sn.Account, "rename")
		ch.Answer = &store.Answer{Fingerprint: idem.Fingerprint, Ref: ref, Code: jieling.CodeConflict, Detail: []byte{0, 1, 255}}
		*heard = *ch.Answer
		return ch, nil
	}
}

func replays(x exam) {
	a, _ := x.register(1)
	idem := store.Idem{Caller: "key:shop", Key: "k-1", Fingerprint: newHash()}
	call := func(idem store.Idem, ref string) (heard store.Answer, err error) {
		err = x.s.Update(x.ctx(), store.Need{Account: a.ID, Idem: idem}, rename(idem, ref, &heard))
		return heard, err
	}
	first, err := call(idem, "case-1")
	x.must(err)
	for range 3 {
		again, err := call(idem, "case-2")
		x.must(err)
		x.equal("a repeat's answer", first, again)
	}
	if v := x.version(a.ID); v != 2 {
		x.t.Errorf("four calls under one key moved the account to version %d, want 2", v)
	}
	if sn := x.load(store.Need{Account: a.ID, Idem: idem}); sn.Replay == nil {
		x.t.Errorf("Load does not see the answer under the key")
	}

	other := idem
	other.Fingerprint = newHash()
	if _, err := call(other, "case-3"); jieling.CodeOf(err) != jieling.CodeIdempotency {
		x.t.Errorf("the key with another request is answered %v; decide did not see the first", err)
	}
	for _, own := range []store.Idem{
		{Caller: "key:bank", Key: idem.Key, Fingerprint: idem.Fingerprint},
		{Caller: idem.Caller, Key: strings.Repeat("键", 255), Fingerprint: idem.Fingerprint},
	} {
		if got, err := call(own, "case-4"); err != nil || got.Ref != "case-4" {
			x.t.Errorf("another caller's or another key's request was answered %q (%v), want its own answer", got.Ref, err)
		}
	}
	if v := x.version(a.ID); v != 4 {
		x.t.Errorf("the account is at version %d, want 4", v)
	}
}

// replaysInParallel sends one request many times at once: to one account, to several, and to make a new one.
func replaysInParallel(x exam) {
	for round := range crowd(20) {
		first, _ := x.register(1)
		second, _ := x.register(1)
		targets := map[string][]jieling.AccountID{"one account": {first.ID}, "two accounts": {first.ID, second.ID}, "a new account": {""}}
		for name, accounts := range targets {
			x.once(fmt.Sprintf("%s, round %d", name, round), accounts)
		}
	}
}

func (x exam) once(name string, accounts []jieling.AccountID) {
	x.t.Helper()
	idem := store.Idem{Caller: "key:shop", Key: "k-" + name, Fingerprint: newHash()}
	heard := make([]store.Answer, 8)
	errs := make([]error, len(heard))
	before := x.counted()
	together(len(heard), func(i int) {
		need := store.Need{Account: accounts[i%len(accounts)], Idem: idem}
		errs[i] = x.s.Update(x.ctx(), need, func(sn store.Snapshot) (store.Change, error) {
			if sn.Account == nil {
				made := newAccount()
				sn.Account = &made
			}
			return rename(idem, fmt.Sprint(i), &heard[i])(sn)
		})
	})
	x.equal(name+": answers", map[jieling.Code]int{"": len(heard)}, tally(errs))
	for _, h := range heard {
		x.equal(name+": what each was told", heard[0], h)
	}
	if after := x.counted(); after != before+1 {
		x.t.Fatalf("%s: %d transitions were made under one key, want 1", name, after-before)
	}
}

// counted is how many transitions there are in all.
func (x exam) counted() (n int64) {
	x.t.Helper()
	var after jieling.AccountID
	for {
		ids, err := x.s.Accounts(x.ctx(), after, 100)
		x.must(err)
		if len(ids) == 0 {
			return n
		}
		for _, id := range ids {
			n += x.version(id)
		}
		after = ids[len(ids)-1]
	}
}

func refusalWritesNothing(x exam) {
	a, b := x.register(2)
	no := jieling.Refuse(jieling.CodeForbidden, "不行。", "No.")
	idem := store.Idem{Caller: "key:shop", Key: "k", Fingerprint: newHash()}
	e := newEffect(a.ID)
	err := x.s.Update(x.ctx(), store.Need{Account: a.ID, Idem: idem}, func(sn store.Snapshot) (store.Change, error) {
		ch, _ := unlink(b[0].ID)(sn)
		ch.Effects, ch.Answer = []jieling.Effect{e}, &store.Answer{Ref: "x"}
		return ch, no
	})
	if err != error(no) {
		x.t.Errorf("decide's error came back as %v, want it unchanged", err)
	}
	sn := x.load(store.Need{Account: a.ID, Effect: e.ID, Idem: idem})
	if sn.Account.Version != 1 || len(sn.Bindings) != 2 || sn.Effect != nil || sn.Replay != nil {
		x.t.Errorf("a refused verb left version %d, %d bindings, effect %v, answer %v", sn.Account.Version, len(sn.Bindings), sn.Effect, sn.Replay)
	}
	x.must(x.write(store.Need{Account: a.ID}, func(store.Snapshot) store.Change { return store.Change{} }))
	if v := x.version(a.ID); v != 1 {
		x.t.Errorf("an empty change moved the account to version %d", v)
	}
	if err := x.write(store.Need{Account: newID[jieling.AccountID]("acc")}, func(sn store.Snapshot) store.Change {
		if sn.Account != nil {
			x.t.Errorf("an account nobody made was found: %+v", sn.Account)
		}
		return store.Change{}
	}); err != nil {
		x.t.Errorf("a verb on no account that changes nothing: %v", err)
	}
}

// staleVersions hands in account rows that do not follow the one read.
func staleVersions(x exam) {
	a, _ := x.register(1)
	for _, version := range []int64{-1, 0, 5} {
		err := x.write(store.Need{Account: a.ID}, func(sn store.Snapshot) store.Change {
			row := *sn.Account
			row.Version = version
			return begin(row, "skip")
		})
		if !errors.Is(err, store.ErrStale) {
			x.t.Errorf("version %d after version 1 is answered %v, want ErrStale", version+1, err)
		}
	}
	unread := a
	unread.AuditHead = newHash()
	for name, write := range map[string]func() error{
		"the account's second registration": func() error {
			again := newAccount()
			again.ID = a.ID
			return x.write(store.Need{}, func(store.Snapshot) store.Change { return begin(again, "register") })
		},
		"a row that was not read": func() error {
			return x.write(store.Need{}, func(store.Snapshot) store.Change { return begin(a, "blind") })
		},
		"another account's row": func() error {
			other, _ := x.register(1)
			return x.write(store.Need{Account: other.ID}, func(store.Snapshot) store.Change { return begin(a, "astray") })
		},
		"a head that is not the account's": func() error {
			return x.write(store.Need{Account: a.ID}, func(store.Snapshot) store.Change { return begin(unread, "fork") })
		},
	} {
		before := x.counted()
		if err := write(); err == nil {
			x.t.Errorf("%s was accepted", name)
		}
		if after := x.counted() - before; after > 1 {
			x.t.Errorf("%s left %d transitions", name, after)
		}
	}
	taken := newAccount()
	taken.ExternalID = a.ExternalID
	if err := x.write(store.Need{}, func(store.Snapshot) store.Change { return begin(taken, "register") }); !errors.Is(err, store.ErrExists) {
		x.t.Errorf("an external ID that is taken is answered %v, want ErrExists", err)
	}
}
