package postgres

import (
	"context"
	"slices"
	"sync"

	"github.com/jieling-id/jieling/internal/store"
)

// verb is one call of Update on its way through.
type verb struct {
	ctx    context.Context // its caller's: asked before it is carried, never waited for after
	need   store.Need
	decide func(store.Snapshot) (store.Change, error)

	done     chan struct{} // closed when the two below hold
	err      error
	panicked any // what decide panicked with: it goes on in the caller, not in the committer
}

func (v *verb) finish(err error) {
	v.err = err
	close(v.done)
}

// run calls decide. ok is false when it panicked; the verb is finished then.
func (v *verb) run(snapshot store.Snapshot) (change store.Change, err error, ok bool) {
	defer func() {
		if !ok {
			v.panicked = recover()
			v.finish(nil)
		}
	}()
	change, err = v.decide(snapshot)
	return change, err, true
}

// key is something only one verb at a time may be under way with: what locates its account, or its idempotency key.
type key struct {
	kind byte
	text string
}

func (v *verb) keys() []key {
	keys := make([]key, 0, 2)
	switch n := v.need; {
	case n.Account != "":
		keys = append(keys, key{'a', string(n.Account)})
	case n.Case != "":
		keys = append(keys, key{'c', string(n.Case)})
	case n.Challenge != "":
		keys = append(keys, key{'h', string(n.Challenge)})
	case n.Code != [32]byte{}:
		keys = append(keys, key{'q', string(n.Code[:])})
	case n.Ticket != [32]byte{}:
		keys = append(keys, key{'t', string(n.Ticket[:])})
	}
	if !v.need.Idem.Zero() {
		keys = append(keys, key{'i', v.need.Idem.Caller + "\x00" + v.need.Idem.Key})
	}
	return keys
}

// queue holds the verbs that wait for a committer. A committer is a goroutine that lives while there is something to take.
type queue struct {
	committers, group int

	mu      sync.Mutex
	waiting []*verb
	busy    map[key]bool // keys of the verbs under way
	running int          // committers
}

// put adds a verb and reports whether the caller must start a committer.
func (q *queue) put(v *verb) (start bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, v)
	if q.running == q.committers {
		return false
	}
	q.running++
	return true
}

// withdraw takes a verb back and reports whether that was in time.
func (q *queue) withdraw(v *verb) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, v)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// take gives a committer its next group: the verbs that have waited longest and share no key with one another or with any
// under way. An empty group ends the committer; a verb left behind then waits for a key, and whoever holds the key will
// take it next.
func (q *queue) take() []*verb {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.busy == nil {
		q.busy = map[key]bool{}
	}
	var group []*verb
	rest := q.waiting[:0]
	for _, v := range q.waiting {
		if err := v.ctx.Err(); err != nil {
			v.finish(err)
			continue
		}
		if len(group) == q.group || !q.reserve(v.keys()) {
			rest = append(rest, v)
			continue
		}
		group = append(group, v)
	}
	clear(q.waiting[len(rest):])
	q.waiting = rest
	if len(group) == 0 {
		q.running--
	}
	return group
}

func (q *queue) reserve(keys []key) bool {
	for _, k := range keys {
		if q.busy[k] {
			return false
		}
	}
	for _, k := range keys {
		q.busy[k] = true
	}
	return true
}

// release frees the keys of a group that is through, and puts the verbs it could not carry back in front.
func (q *queue) release(group, postponed []*verb) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, v := range group {
		for _, k := range v.keys() {
			delete(q.busy, k)
		}
	}
	q.waiting = append(postponed, q.waiting...)
}

// Update carries out one verb, together with others that wait. A verb whose context ends while it waits is not carried
// out; one that is under way is waited for, so that its caller learns the truth.
func (s *Store) Update(ctx context.Context, need store.Need, decide func(store.Snapshot) (store.Change, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	v := &verb{ctx: ctx, need: need, decide: decide, done: make(chan struct{})}
	if s.queue.put(v) {
		go s.commitAll()
	}
	select {
	case <-v.done:
	case <-ctx.Done():
		if s.queue.withdraw(v) {
			return ctx.Err()
		}
		<-v.done
	}
	if v.panicked != nil {
		panic(v.panicked)
	}
	return v.err
}

// commitAll is a committer.
func (s *Store) commitAll() {
	for group := s.queue.take(); len(group) > 0; group = s.queue.take() {
		postponed := s.carry(group)
		s.queue.release(group, postponed)
	}
}
