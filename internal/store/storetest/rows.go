package storetest

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/store"
)

// epoch is a moment no clock of a test is at, for rows whose time does not matter: UTC, whole microseconds.
func epoch() time.Time { return time.Date(2026, 3, 14, 15, 9, 26, 535897000, time.UTC) }

// newID is an ID of this moment: new rows lie together, as they do in life.
func newID[T ~string](prefix string) T {
	var random [10]byte
	rand.Read(random[:]) // never fails
	return jieling.NewID[T](prefix, time.Now(), random)
}

// newHash stands for the hash of a secret nobody needs to know.
func newHash() [32]byte {
	var h [32]byte
	rand.Read(h[:])
	return h
}

// newAccount is an account before its first transition: version 0.
func newAccount() jieling.Account {
	id := newID[jieling.AccountID]("acc")
	return jieling.Account{
		ID: id, ExternalID: "user-" + string(id), Kind: jieling.Personal, Region: "CN", Locale: "zh-CN", CreatedAt: epoch(),
	}
}

func newBinding(a jieling.AccountID, p jieling.Provider, state jieling.BindingState) jieling.Binding {
	id := newID[jieling.BindingID]("bnd")
	return jieling.Binding{
		ID: id, Account: a, Provider: p, State: state, Label: "12****4821", CreatedAt: epoch(),
		Subject: []byte("sealed"), Index: sha256.Sum256([]byte(id)),
	}
}

func newCase(a jieling.AccountID, b jieling.BindingID) jieling.Case {
	return jieling.Case{
		ID: newID[jieling.CaseID]("case"), Account: a, Goal: jieling.Unlink, Binding: b, Provider: jieling.QQ,
		Platform: jieling.IOS, Reason: jieling.ReasonPrivacy, Scenario: jieling.Routine, Stage: jieling.StageOpen,
		OpenedAt: epoch(), ExpiresAt: epoch().Add(time.Hour),
	}
}

func newChallenge(c jieling.Case) jieling.Challenge {
	return jieling.Challenge{
		ID: newID[jieling.ChallengeID]("chl"), Account: c.Account, Case: c.ID, Factor: jieling.SMSCode, Purpose: jieling.ForCase,
		State: jieling.ChallengeOpen, Limit: 5, IssuedAt: epoch(), ExpiresAt: epoch().Add(5 * time.Minute), Pack: "qq-wechat@1",
	}
}

// newEffect is due since long ago.
func newEffect(a jieling.AccountID) jieling.Effect {
	id := newID[jieling.EffectID]("eff")
	return jieling.Effect{ID: id, Key: "key-" + string(id), Kind: jieling.EffectNotify, Account: a, RunAt: epoch()}
}

// begin opens a change of an account: the row after one more transition and the audit entry that belongs to it (S24).
func begin(a jieling.Account, verb string) store.Change {
	a.Version++
	e := audit.Entry{
		Account: a.ID, Seq: a.Version, Actor: "staff:exam", Verb: verb, At: epoch(), Detail: []byte(`{"exam":true}`),
	}.After(a.AuditHead)
	a.AuditHead = e.Hash
	return store.Change{Account: &a, Audit: &e}
}

// reseal changes an entry after the fact and brings the account's head along.
func reseal(ch *store.Change, change func(*audit.Entry)) {
	change(ch.Audit)
	*ch.Audit = ch.Audit.After(ch.Audit.Prev)
	ch.Account.AuditHead = ch.Audit.Hash
}

// register makes an account with so many active bindings and gives both as they were written.
func (x exam) register(ways int) (jieling.Account, []jieling.Binding) {
	x.t.Helper()
	a := newAccount()
	a.WaysIn = ways
	bindings := make([]jieling.Binding, ways)
	for i := range bindings {
		bindings[i] = newBinding(a.ID, jieling.Phone, jieling.BindingActive)
		bindings[i].CreatedAt = epoch().Add(time.Duration(i) * time.Second)
	}
	ch := begin(a, "register")
	ch.Bindings = bindings
	x.must(x.write(store.Need{}, func(store.Snapshot) store.Change { return ch }))
	return *ch.Account, bindings
}

// open begins a case on an account, with its first event, and gives it as it was written.
func (x exam) open(a jieling.AccountID, b jieling.BindingID) jieling.Case {
	x.t.Helper()
	c := newCase(a, b)
	c.Version = 1
	x.must(x.write(store.Need{Account: a}, func(sn store.Snapshot) store.Change {
		ch := begin(*sn.Account, "open")
		ch.Case, ch.Events = &c, []jieling.Event{newEvent(c)}
		return ch
	}))
	return c
}

// newEvent is the event that brought the case to its version.
func newEvent(c jieling.Case) jieling.Event {
	return jieling.Event{
		Case: c.ID, Seq: c.Version, Kind: "opened", Actor: jieling.Actor{Kind: jieling.ActorClock, Name: "exam"},
		At: epoch(), Stage: c.Stage, Data: []byte(`{}`),
	}
}

// challenge puts a question on a case and gives it as it was written.
func (x exam) challenge(c jieling.Case, limit int) jieling.Challenge {
	x.t.Helper()
	q := newChallenge(c)
	q.Limit = limit
	x.must(x.write(store.Need{Case: c.ID}, func(store.Snapshot) store.Change {
		return store.Change{Challenges: []jieling.Challenge{q}}
	}))
	return q
}

// unlink is the engine's removal in small: it recounts the ways in under the lock and refuses to take the last (S14).
func unlink(b jieling.BindingID) func(store.Snapshot) (store.Change, error) {
	return func(sn store.Snapshot) (store.Change, error) {
		gone, left := remove(sn.Bindings, b)
		if gone == nil {
			return store.Change{}, jieling.Refuse(jieling.CodeNotFound, "没有这个绑定。", "There is no such binding.")
		}
		if left == 0 {
			return store.Change{}, jieling.Refuse(jieling.CodeLastWayIn, "这是最后一个登录途径。", "This is the last way in.")
		}
		ch := begin(*sn.Account, "unlink")
		ch.Account.WaysIn, ch.Bindings = left, []jieling.Binding{*gone}
		return ch, nil
	}
}

// remove gives the binding in its removed state and how many usable ones are left without it.
func remove(bindings []jieling.Binding, id jieling.BindingID) (gone *jieling.Binding, left int) {
	for _, b := range bindings {
		switch {
		case b.ID == id:
			b.State, b.RemovedAt = jieling.BindingRemoved, epoch().Add(time.Hour)
			gone = &b
		case b.Usable():
			left++
		}
	}
	return gone, left
}

// together runs do(0) … do(n-1) at once, all released by one signal, and waits for them.
func together(n int, do func(i int)) {
	var wait sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wait.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	wait.Wait()
}

// workers hands 0 … n-1, in order, to so many goroutines.
func workers(many, n int, do func(i int)) {
	next := make(chan int)
	go func() {
		defer close(next)
		for i := range n {
			next <- i
		}
	}()
	together(many, func(int) {
		for i := range next {
			do(i)
		}
	})
}

// external is an external ID of a length in characters, each of three bytes.
func external(characters int) string {
	s := []rune(fmt.Sprintf("%x", newHash()))[:min(characters, 16)]
	for len(s) < characters {
		s = append(s, '铃')
	}
	return string(s)
}
