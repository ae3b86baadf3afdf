package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// identity is what a sign-in shows.
type identity struct {
	provider jieling.Provider
	index    [32]byte
}

// Resolve finds who an identity opens, together with others that ask at the same time.
func (s *Store) Resolve(ctx context.Context, provider jieling.Provider, index [32]byte) (store.Resolved, error) {
	return s.resolving.get(ctx, identity{provider, index})
}

func (s *Store) resolveAll(all []*lookup[identity, store.Resolved]) {
	providers, indexes := make([]string, len(all)), make([][]byte, len(all))
	for i, l := range all {
		providers[i], indexes[i] = string(l.key.provider), l.key.index[:]
		l.err = store.ErrNotFound
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := s.query(ctx, "resolve", func(rows pgx.Rows) error {
		for rows.Next() {
			var n int
			var r store.Resolved
			if err := rows.Scan(&n, (*string)(&r.Account), (*string)(&r.Binding), (*string)(&r.State), (*string)(&r.Said), &r.QuickOff, &r.QuickAsks, &r.Frozen, &r.Epoch,
				(*instant)(&r.GuardedUntil), &r.DeviceLock, &r.NamedOnly, (*text)(&r.LetIn), (*instant)(&r.Now)); err != nil {
				return err
			}
			r.Now = r.Now.Add(s.offset())
			all[n-1].res, all[n-1].err = r, nil
		}
		return rows.Err()
	}, "resolve", providers, indexes)
	if err != nil {
		for _, l := range all {
			l.res, l.err = store.Resolved{}, err
		}
	}
}

// loadAccounts reads accounts with their bindings, which is what most reads are, in one statement and so in one view without a
// transaction. The snapshot is empty where there is no such account. No two callers share a snapshot: it is theirs to change.
func (s *Store) loadAccounts(all []*lookup[jieling.AccountID, store.Snapshot]) {
	ids, asked := make([]string, len(all)), make(map[jieling.AccountID][]*lookup[jieling.AccountID, store.Snapshot], len(all))
	for i, l := range all {
		ids[i], asked[l.key] = string(l.key), append(asked[l.key], l)
	}
	type row struct {
		account jieling.Account
		binding jieling.Binding
		now     time.Time
	}
	columns := func(r *row) []any {
		return append(append(accountColumns(&r.account), bindingColumns(&r.binding)...), (*instant)(&r.now))
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := s.query(ctx, "load accounts", each(columns, func(r *row) {
		for i, l := range asked[r.account.ID] {
			if l.res.Account == nil {
				account := r.account
				l.res.Account, l.res.Now = &account, r.now.Add(s.offset())
			}
			b := r.binding
			if i > 0 {
				b.Subject, b.Union, b.Grant = slices.Clone(b.Subject), slices.Clone(b.Union), slices.Clone(b.Grant)
			}
			if b.ID != "" {
				l.res.Bindings = append(l.res.Bindings, b)
			}
		}
	}), "load_accounts", ids)
	if err != nil {
		for _, l := range all {
			l.res, l.err = store.Snapshot{}, err
		}
	}
}
