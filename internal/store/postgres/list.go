package postgres

import (
	"cmp"
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// query runs one statement that may be repeated, and hands its rows over.
func (s *Store) query(ctx context.Context, doing string, take func(pgx.Rows) error, statement string, args ...any) error {
	return s.reading(ctx, doing, func(ctx context.Context, conn *pgxpool.Conn) error {
		rows, err := conn.Query(ctx, statement, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		return take(rows)
	})
}

// Claim leases up to limit effects that are due. Workers on several nodes pass over one another's.
func (s *Store) Claim(ctx context.Context, lease time.Duration, limit int) ([]jieling.Effect, error) {
	var all []jieling.Effect
	take := each(standingColumns, func(e *standing) { all = append(all, e.effect) })
	err := s.query(ctx, "claim effects", take, "claim", s.offset(), lease, limit)
	return all, err
}

// Effects lists an account's effects in a state, or with the zero account everybody's.
func (s *Store) Effects(ctx context.Context, account jieling.AccountID, state jieling.EffectState, limit int) ([]jieling.Effect, error) {
	var all []jieling.Effect
	take := each(standingColumns, func(e *standing) { all = append(all, e.effect) })
	err := s.query(ctx, "list effects", take, "list_effects", string(state), string(account), limit)
	return all, err
}

// Unlinked finds the removed binding that an identity was last.
func (s *Store) Unlinked(ctx context.Context, provider jieling.Provider, index [32]byte) (store.Unlinked, error) {
	return one[store.Unlinked](ctx, s, "find an unlinked login", func(u *store.Unlinked) []any {
		return []any{(*string)(&u.Account), (*string)(&u.Binding)}
	}, "unlinked", string(provider), index[:])
}

// FindAccount gives the account's ID for the product's own name for it.
func (s *Store) FindAccount(ctx context.Context, externalID string) (jieling.AccountID, error) {
	return one[jieling.AccountID](ctx, s, "find an account", func(id *jieling.AccountID) []any { return []any{(*string)(id)} },
		"find_account", externalID)
}

// Accounts lists account IDs in order after one.
func (s *Store) Accounts(ctx context.Context, after jieling.AccountID, limit int) ([]jieling.AccountID, error) {
	var all []jieling.AccountID
	columns := func(id *jieling.AccountID) []any { return []any{(*string)(id)} }
	err := s.query(ctx, "list accounts", collected(&all, columns), "list_accounts", string(after), limit)
	return all, err
}

// Cases lists an account's cases, newest first.
func (s *Store) Cases(ctx context.Context, account jieling.AccountID, limit int) ([]jieling.Case, error) {
	var all []jieling.Case
	known := s.bases.Known()
	take := cases(known, func(f *filed) { all = append(all, f.Case) })
	err := s.query(ctx, "list cases", take, "list_cases", string(account), limit, marks(known))
	return all, err
}

// Events lists a case's history after a sequence number, in order.
func (s *Store) Events(ctx context.Context, c jieling.CaseID, after int64) ([]jieling.Event, error) {
	var all []jieling.Event
	err := s.query(ctx, "list events", collected(&all, eventColumns), "list_events", string(c), after)
	return all, err
}

// lastID sorts after the ID of every case.
const lastID = "~"

// Openings lists the first event of every case, newest case first.
func (s *Store) Openings(ctx context.Context, before jieling.CaseID, limit int) ([]jieling.Event, error) {
	var all []jieling.Event
	err := s.query(ctx, "list openings", collected(&all, eventColumns), "list_openings", cmp.Or(string(before), lastID), limit)
	return all, err
}

// Session finds a live session by the hash of its token.
func (s *Store) Session(ctx context.Context, hash [32]byte) (store.Session, error) {
	return one(ctx, s, "find a session", sessionColumns, "find_session", hash[:], s.offset())
}

// Keys lists every API key that is not revoked, by name.
func (s *Store) Keys(ctx context.Context) ([]store.Key, error) {
	var all []store.Key
	err := s.query(ctx, "list keys", collected(&all, keyColumns), "list_keys")
	return all, err
}

// PutKey adds or replaces a key by its name.
func (s *Store) PutKey(ctx context.Context, k store.Key) error {
	return s.query(ctx, "put a key", func(rows pgx.Rows) error { rows.Close(); return rows.Err() },
		"put_key", k.Name, k.Hash[:], k.Scopes, moment(k.CreatedAt), moment(k.RevokedAt))
}

// one reads the single row of a statement, or gives ErrNotFound.
func one[T any](ctx context.Context, s *Store, doing string, columns func(*T) []any, statement string, args ...any) (T, error) {
	var all []T
	if err := s.query(ctx, doing, collected(&all, columns), statement, args...); err != nil || len(all) == 0 {
		var none T
		if err == nil {
			err = store.ErrNotFound
		}
		return none, err
	}
	return all[0], nil
}
