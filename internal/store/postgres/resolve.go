package postgres

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// lookup is one call of Resolve on its way.
type lookup struct {
	provider jieling.Provider
	index    [32]byte

	done chan struct{} // closed when the two below hold
	res  store.Resolved
	err  error
}

// flights coalesces look-ups: one query at a time is in the air, and calls that come meanwhile share the next. A call never
// joins a query that began before it, so no answer is older than its call.
type flights struct {
	mu     sync.Mutex
	flying bool
	next   []*lookup
}

// board lets a call fly at once (true) or joins it to the next flight.
func (f *flights) board(l *lookup) (alone bool) {
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
func (f *flights) land() []*lookup {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := f.next
	f.next, f.flying = nil, next != nil
	return next
}

// Resolve finds who an identity opens. A call with nobody before it goes straight through; calls at the same time share a
// query. The query is not bound to one caller's context, since others wait for it; a caller whose context ends stops waiting.
func (s *Store) Resolve(ctx context.Context, provider jieling.Provider, index [32]byte) (store.Resolved, error) {
	l := &lookup{provider: provider, index: index}
	if s.flights.board(l) {
		s.fly([]*lookup{l})
		if next := s.flights.land(); next != nil {
			go s.flyOn(next)
		}
		return l.res, l.err
	}
	select {
	case <-l.done:
		return l.res, l.err
	case <-ctx.Done():
		return store.Resolved{}, ctx.Err()
	}
}

func (s *Store) flyOn(all []*lookup) {
	for ; all != nil; all = s.flights.land() {
		s.fly(all)
		for _, l := range all {
			close(l.done)
		}
	}
}

// fly answers all look-ups by one query.
func (s *Store) fly(all []*lookup) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	providers, indexes := make([]string, len(all)), make([][]byte, len(all))
	for i, l := range all {
		providers[i], indexes[i] = string(l.provider), l.index[:]
		l.err = store.ErrNotFound
	}
	err := s.reading(ctx, "resolve", func(ctx context.Context, conn *pgxpool.Conn) error {
		rows, err := conn.Query(ctx, "resolve", providers, indexes)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n int
			var r store.Resolved
			if err := rows.Scan(&n, (*string)(&r.Account), (*string)(&r.Binding), (*string)(&r.State), &r.Frozen, &r.Epoch,
				(*instant)(&r.GuardedUntil), (*instant)(&r.Now)); err != nil {
				return err
			}
			r.Now = r.Now.Add(s.offset())
			all[n-1].res, all[n-1].err = r, nil
		}
		return rows.Err()
	})
	if err != nil {
		for _, l := range all {
			l.res, l.err = store.Resolved{}, err
		}
	}
}
