package storetest

import (
	"context"
	"errors"
	"sync"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// badNeighbours sends 16 verbs at once, some of which the database refuses and some of which refuse themselves. A store that
// carries many verbs in one transaction must let the others through untouched.
func badNeighbours(x exam) {
	no := jieling.Refuse(jieling.CodeForbidden, "不行。", "No.")
	accounts := make([]jieling.AccountID, 16)
	for i := range accounts {
		a, _ := x.register(1)
		accounts[i] = a.ID
	}
	rounds := crowd(50)
	for round := range rounds {
		errs := make([]error, len(accounts))
		together(len(accounts), func(i int) {
			errs[i] = x.s.Update(x.ctx(), store.Need{Account: accounts[i]}, func(sn store.Snapshot) (store.Change, error) {
				ch := begin(*sn.Account, "move")
				ch.Effects = []jieling.Effect{newEffect(sn.Account.ID)}
				switch i % 8 {
				case 1:
					ch.Account.Kind = "robot"
				case 3:
					return ch, no
				case 5:
					ch.Account.Version += 2
				case 7:
					ch.Bindings = []jieling.Binding{newBinding(sn.Account.ID, jieling.QQ, "gone")}
				}
				return ch, nil
			})
		})
		for i, err := range errs {
			if bad := i%2 == 1; bad != (err != nil) {
				x.t.Fatalf("round %d: verb %d was answered %v", round, i, err)
			}
		}
	}
	for i, a := range accounts {
		want := int64(1)
		if i%2 == 0 {
			want += int64(rounds)
		}
		effects, err := x.s.Effects(x.ctx(), a, jieling.EffectDue, 1000)
		x.must(err)
		if v := x.version(a); v != want || len(effects) != int(want-1) {
			x.t.Errorf("account %d is at version %d with %d effects, want %d with %d", i, v, len(effects), want, want-1)
		}
	}
}

// panics lets one decide panic beside others: the panic reaches the goroutine that called, and nobody else is harmed.
func panics(x exam) {
	accounts := make([]jieling.AccountID, 8)
	for i := range accounts {
		a, _ := x.register(1)
		accounts[i] = a.ID
	}
	caught := make([]any, len(accounts))
	together(len(accounts), func(i int) {
		defer func() { caught[i] = recover() }()
		err := x.write(store.Need{Account: accounts[i]}, func(sn store.Snapshot) store.Change {
			if i == 3 {
				panic("a bug in a law")
			}
			return begin(*sn.Account, "move")
		})
		if err != nil {
			x.t.Errorf("beside a panic: %v", err)
		}
	})
	for i, a := range accounts {
		if v := x.version(a); (v == 1) != (i == 3) || (caught[i] != nil) != (i == 3) {
			x.t.Errorf("account %d is at version %d and its caller recovered %v", i, v, caught[i])
		}
	}
}

// cancelled gives up before a verb was begun: at once, and while it waits for another verb of the same account.
func cancelled(x exam) {
	a, _ := x.register(1)
	move := func(sn store.Snapshot) (store.Change, error) { return begin(*sn.Account, "move"), nil }
	gone, cancel := context.WithCancel(x.ctx())
	cancel()
	if err := x.s.Update(gone, store.Need{Account: a.ID}, move); !errors.Is(err, context.Canceled) {
		x.t.Errorf("a request that was given up is answered %v, want context.Canceled", err)
	}

	var once sync.Once
	entered, release := make(chan struct{}), make(chan struct{})
	waiting, giveUp := context.WithCancel(x.ctx())
	var slow, queued error
	var wait sync.WaitGroup
	wait.Go(func() {
		slow = x.s.Update(x.ctx(), store.Need{Account: a.ID}, func(sn store.Snapshot) (store.Change, error) {
			once.Do(func() { close(entered) })
			<-release
			return move(sn)
		})
	})
	<-entered
	wait.Go(func() { queued = x.s.Update(waiting, store.Need{Account: a.ID}, move) })
	giveUp()
	close(release)
	wait.Wait()
	if slow != nil || !errors.Is(queued, context.Canceled) {
		x.t.Errorf("the verb that held the account was answered %v, the one given up behind it %v", slow, queued)
	}
	if v := x.version(a.ID); v != 2 {
		x.t.Errorf("the account is at version %d, want 2: only what was not given up", v)
	}
}
