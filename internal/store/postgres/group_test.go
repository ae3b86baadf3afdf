package postgres

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
	"github.com/jieling-id/jieling/internal/store/storetest"
)

// nodes are two stores on one database, as two processes have it, asked in turns.
type nodes struct {
	*Store
	other *Store
	calls *atomic.Int64
}

func (n nodes) next() *Store {
	if n.calls.Add(1)%2 == 0 {
		return n.other
	}
	return n.Store
}

func (n nodes) Update(ctx context.Context, need store.Need, decide func(store.Snapshot) (store.Change, error)) error {
	return n.next().Update(ctx, need, decide)
}

func (n nodes) Resolve(ctx context.Context, p jieling.Provider, index [32]byte) (store.Resolved, error) {
	return n.next().Resolve(ctx, p, index)
}

func (n nodes) Claim(ctx context.Context, lease time.Duration, limit int) ([]jieling.Effect, error) {
	return n.next().Claim(ctx, lease, limit)
}

func (n nodes) Sequence(ctx context.Context, limit int, grow func(store.LogTail) (store.LogGrowth, error)) (int, error) {
	return n.next().Sequence(ctx, limit, grow)
}

// TestExamOnTwoNodes sits the exam with every second call on another node: no promise may rest on one process.
func TestExamOnTwoNodes(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		url := database(t)
		return nodes{opened(t, url, Config{}), opened(t, url, Config{}), new(atomic.Int64)}
	})
}

// TestMigrateTogether starts several nodes on an empty database at once.
func TestMigrateTogether(t *testing.T) {
	url := database(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if err := Migrate(context.Background(), url); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

// hold keeps verbs waiting; the returned function lets them go as one group, once there are so many. A verb is answered before its
// committer looks for the next one, so that the last committer may still be about: it would take some of them away.
func (s *Store) hold(t *testing.T, verbs int) (release func()) {
	t.Helper()
	for held := false; !held; runtime.Gosched() {
		s.queue.mu.Lock()
		if held = s.queue.running == 0; held {
			s.queue.running = s.queue.committers
		}
		s.queue.mu.Unlock()
	}
	return func() {
		for s.waiting() != [2]int{verbs, 0} {
			runtime.Gosched()
		}
		s.queue.mu.Lock()
		s.queue.running = 1
		s.queue.mu.Unlock()
		go s.commitAll()
	}
}

func (s *Store) waiting() [2]int {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	s.resolving.mu.Lock()
	defer s.resolving.mu.Unlock()
	return [2]int{len(s.queue.waiting), len(s.resolving.next)}
}

// TestGroupIsolation carries 16 verbs in one group, one of which the database refuses: it alone fails, and the others are
// there, each once.
func TestGroupIsolation(t *testing.T) {
	var w wire
	s := opened(t, database(t), Config{}, w.dial)
	shelves := stock(t, s, 16)
	dialled(t, s)
	for _, bad := range []int{-1, 5} {
		release := s.hold(t, len(shelves))
		before := w.turns.Load()
		errs := make([]error, len(shelves))
		var wait sync.WaitGroup
		for i, from := range shelves {
			wait.Go(func() {
				errs[i] = s.Update(context.Background(), store.Need{Account: from.account}, func(sn store.Snapshot) (store.Change, error) {
					ch := transition(*sn.Account, "move")
					if i == bad {
						ch.Account.Kind = "robot"
					}
					return ch, nil
				})
			})
		}
		release()
		wait.Wait()
		for i, err := range errs {
			if (err != nil) != (i == bad) {
				t.Errorf("with verb %d bad, verb %d was answered %v", bad, i, err)
			}
		}
		if trips := w.turns.Load() - before; bad < 0 && trips != 2 {
			t.Errorf("16 good verbs took %d round trips, want 2: they were not one group", trips)
		}
	}
	for i, from := range shelves {
		want := int64(3)
		if i == 5 {
			want = 2
		}
		if sn, err := s.Load(context.Background(), store.Need{Account: from.account}); err != nil || sn.Account.Version != want {
			t.Errorf("account %d is at version %d (%v), want %d", i, sn.Account.Version, err, want)
		}
	}
}

// TestGroupOfOneAccount carries two verbs that locate one account differently in one group: each asks a challenge unless one
// is asked already, so the second must see the first. They write different rows and leave the account's version as it is:
// neither a fence nor a key would tell, only that the second is put off to the next group.
func TestGroupOfOneAccount(t *testing.T) {
	s := opened(t, database(t), Config{})
	from := stock(t, s, 1)[0]
	release := s.hold(t, 2)
	ask := func(sn store.Snapshot) (store.Change, error) {
		if len(sn.Challenges) > 0 {
			return store.Change{}, nil
		}
		return store.Change{Challenges: []jieling.Challenge{{
			ID: newID[jieling.ChallengeID]("chl"), Account: from.account, Case: from.c, Factor: jieling.SMSCode, Purpose: jieling.ForCase,
			State: jieling.ChallengeOpen,
		}}}, nil
	}
	var wait sync.WaitGroup
	for _, need := range []store.Need{{Account: from.account, With: store.Challenges}, {Case: from.c, With: store.Challenges}} {
		wait.Go(func() {
			if err := s.Update(context.Background(), need, ask); err != nil {
				t.Error(err)
			}
		})
	}
	release()
	wait.Wait()
	sn, err := s.Load(context.Background(), store.Need{Account: from.account, With: store.Challenges})
	if err != nil || len(sn.Challenges) != 1 {
		t.Errorf("two verbs that each ask unless one is asked left %d challenges (%v), want 1", len(sn.Challenges), err)
	}
}

// TestT3_Coalescing keeps the answer to one look-up in the air, freezes the account, and lets many look-ups come meanwhile.
// The answer in the air is older than the freeze: none of them may have it. They share one query, and all see the freeze.
func TestT3_Coalescing(t *testing.T) {
	var w wire
	s := opened(t, database(t), Config{}, w.dial)
	from := stock(t, s, 1)[0]
	dialled(t, s)
	kept, letGo := w.keep("resolve")
	var wait sync.WaitGroup
	wait.Go(func() {
		if r, err := s.Resolve(context.Background(), jieling.Phone, from.kept); err != nil || r.Frozen {
			t.Errorf("before the freeze it resolved %+v (%v)", r, err)
		}
	})
	<-kept
	if err := s.Update(context.Background(), store.Need{Account: from.account}, freeze); err != nil {
		t.Fatal(err)
	}
	const calls = 50
	for range calls {
		wait.Go(func() {
			if r, err := s.Resolve(context.Background(), jieling.Phone, from.kept); err != nil || !r.Frozen {
				t.Errorf("resolved %+v (%v), want the freeze seen", r, err)
			}
		})
	}
	wait.Go(func() {
		if _, err := s.Resolve(context.Background(), jieling.Phone, [32]byte{}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an unknown identity among known ones is answered %v, want ErrNotFound", err)
		}
	})
	for s.waiting() != [2]int{0, calls + 1} {
		runtime.Gosched()
	}
	before := w.turns.Load()
	letGo()
	wait.Wait()
	if trips := w.turns.Load() - before; trips != 2 { // the end of the one in the air, and theirs
		t.Errorf("%d look-ups took %d round trips, want 1", calls+1, trips-1)
	}
}

func freeze(sn store.Snapshot) (store.Change, error) {
	ch := transition(*sn.Account, "freeze")
	ch.Account.Frozen = true
	return ch, nil
}

// TestS14_NaiveControl shows that what the exam races is worth racing: on the same rows, counting and then removing without
// the lock leaves accounts with no way in, and a test that counts them sees it.
func TestS14_NaiveControl(t *testing.T) {
	s := opened(t, database(t), Config{})
	shelves := stock(t, s, 50)
	lost := 0
	for _, from := range shelves {
		sn, err := s.Load(context.Background(), store.Need{Account: from.account})
		if err != nil {
			t.Fatal(err)
		}
		var counted, done sync.WaitGroup
		counted.Add(2)
		for _, b := range sn.Bindings {
			done.Go(func() { naive(t, s, b, &counted) })
		}
		done.Wait()
		if sn, err = s.Load(context.Background(), store.Need{Account: from.account}); err == nil && len(sn.Bindings) == 0 {
			lost++
		}
	}
	if lost < len(shelves)/2 {
		t.Errorf("the naive removal left %d of %d accounts without a way in; it should fail in half of them at least", lost, len(shelves))
	}
}

// naive is how it is done wrong: count, then remove, both in one transaction, with the other removal in between.
func naive(t *testing.T, s *Store, b jieling.Binding, counted *sync.WaitGroup) {
	ctx := context.Background()
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		counted.Done()
		t.Error(err)
		return
	}
	defer tx.Rollback(ctx)
	var ways int
	err = tx.QueryRow(ctx, "select count(*) from bindings where account = $1 and state = 'active'", string(b.Account)).Scan(&ways)
	counted.Done()
	counted.Wait()
	if err == nil && ways > 1 {
		_, err = tx.Exec(ctx, "update bindings set state = 'removed' where account = $1 and id = $2", string(b.Account), string(b.ID))
	}
	if err == nil {
		err = tx.Commit(ctx)
	}
	if err != nil {
		t.Error(err)
	}
}

// TestT4_Coalescing reads accounts while another read is in the air: they share one query, each caller gets its own account
// with its bindings, one that is unknown gets none, and what two callers of one account get is each one's to change.
func TestT4_Coalescing(t *testing.T) {
	var w wire
	s := opened(t, database(t), Config{}, w.dial)
	shelves := stock(t, s, 8)
	dialled(t, s)
	kept, letGo := w.keep("load_accounts")
	load := func(a jieling.AccountID) store.Snapshot {
		sn, err := s.Load(context.Background(), store.Need{Account: a})
		if err != nil {
			t.Error(err)
		}
		return sn
	}
	var wait sync.WaitGroup
	wait.Go(func() { load(shelves[0].account) })
	<-kept
	const each = 3
	got := make([]store.Snapshot, each*len(shelves))
	for i := range got {
		wait.Go(func() { got[i] = load(shelves[i%len(shelves)].account) })
	}
	for {
		s.loading.mu.Lock()
		waiting := len(s.loading.next)
		s.loading.mu.Unlock()
		if waiting == len(got) {
			break
		}
		runtime.Gosched()
	}
	before := w.turns.Load()
	letGo()
	wait.Wait()
	if trips := w.turns.Load() - before; trips != 2 { // the end of the one in the air, and theirs
		t.Errorf("%d reads took %d round trips, want 1", len(got), trips-1)
	}
	for i, sn := range got {
		from := shelves[i%len(shelves)]
		if sn.Account == nil || sn.Account.ID != from.account || len(sn.Bindings) != 2 || sn.Bindings[0].ID != from.binding {
			t.Fatalf("read %d got %+v with %d bindings", i, sn.Account, len(sn.Bindings))
		}
		for _, other := range got[:i] {
			if other.Account == sn.Account || &other.Bindings[0] == &sn.Bindings[0] || &other.Bindings[0].Subject[0] == &sn.Bindings[0].Subject[0] {
				t.Fatalf("read %d shares what another got", i)
			}
		}
	}
	if sn := load(newID[jieling.AccountID]("acc")); sn.Account != nil {
		t.Errorf("an unknown account reads as %+v", sn.Account)
	}
}
