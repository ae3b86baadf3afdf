package storetest

import (
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

func newSignIn(a jieling.AccountID, at time.Time, network string) jieling.SignIn {
	hash := newHash()
	return jieling.SignIn{ID: jieling.NewID[jieling.SignInID]("sin", at, [10]byte(hash[:10])), Account: a, At: at, Network: network}
}

func (x exam) signIn(a jieling.AccountID, entries ...jieling.SignIn) {
	x.t.Helper()
	x.must(x.write(store.Need{Account: a}, func(store.Snapshot) store.Change { return store.Change{SignIns: entries} }))
}

// signInsBounded appends more than is kept: the newest stay, newest first, and of those none that is too old. What was
// written is not written over, and the history of another account is left alone.
func signInsBounded(x exam) {
	a, _ := x.register(1)
	other, _ := x.register(1)
	need := store.Need{Account: a.ID, With: store.SignIns}
	foreign := newSignIn(other.ID, epoch(), "known")
	x.signIn(other.ID, foreign)
	var want []jieling.SignIn
	for i := range jieling.SignInsKept + 6 {
		s := newSignIn(a.ID, epoch().Add(time.Duration(i)*time.Hour), "unknown")
		x.signIn(a.ID, s)
		want = slices.Insert(want, 0, s)
	}
	want = want[:jieling.SignInsKept]
	x.equal("the newest", want, x.load(need).SignIns)
	changed := want[0]
	changed.Network = "known"
	if err := x.write(need, func(store.Snapshot) store.Change { return store.Change{SignIns: []jieling.SignIn{changed}} }); err == nil {
		x.t.Error("an entry was written over")
	}
	x.must(x.s.Update(x.ctx(), need, func(sn store.Snapshot) (store.Change, error) {
		x.equal("under the lock", want, sn.SignIns)
		return store.Change{}, nil
	}))
	much := newSignIn(a.ID, want[9].At.Add(jieling.SignInsFor), "unknown") // what is older than the tenth newest is too old then
	x.signIn(a.ID, much)
	x.equal("what is not too old", append([]jieling.SignIn{much}, want[:10]...), x.load(need).SignIns)
	x.equal("another account's", []jieling.SignIn{foreign}, x.load(store.Need{Account: other.ID, With: store.SignIns}).SignIns)
	if got := x.load(store.Need{Account: a.ID}).SignIns; got != nil {
		x.t.Errorf("nobody asked for %d sign-ins", len(got))
	}
}
