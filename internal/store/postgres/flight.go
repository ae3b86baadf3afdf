package postgres

import (
	"context"
	"sync"
)

// lookup is one read on its way: what is asked, and what came of it once done is closed.
type lookup[K, V any] struct {
	key  K
	done chan struct{}
	res  V
	err  error
}

// flights coalesces look-ups of one kind: one query at a time is in the air, and calls that come meanwhile share the next. A
// call never joins a query that began before it, so no answer is older than its call.
type flights[K, V any] struct {
	fly func([]*lookup[K, V]) // answers all of them by one query

	mu     sync.Mutex
	flying bool
	next   []*lookup[K, V]
}

// get answers one call. With nobody before it it goes straight through; calls at the same time share a query. The query is not
// bound to one caller's context, since others wait for it; a caller whose context ends stops waiting.
func (f *flights[K, V]) get(ctx context.Context, key K) (V, error) {
	l := &lookup[K, V]{key: key}
	if f.board(l) {
		f.fly([]*lookup[K, V]{l})
		if next := f.land(); next != nil {
			go f.flyOn(next)
		}
		return l.res, l.err
	}
	select {
	case <-l.done:
		return l.res, l.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// board lets a call fly at once (true) or joins it to the next flight.
func (f *flights[K, V]) board(l *lookup[K, V]) (alone bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.flying {
		f.flying = true
		return true
	}
	l.done = make(chan struct{})
	f.next = append(f.next, l)
	return false
}

// land ends a flight and gives those who wait for the next.
func (f *flights[K, V]) land() []*lookup[K, V] {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := f.next
	f.next, f.flying = nil, next != nil
	return next
}

func (f *flights[K, V]) flyOn(all []*lookup[K, V]) {
	for ; all != nil; all = f.land() {
		f.fly(all)
		for _, l := range all {
			close(l.done)
		}
	}
}
