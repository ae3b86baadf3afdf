package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jieling-id/jieling/internal/store"
)

// Staff lists everybody by name.
func (s *Store) Staff(ctx context.Context) ([]store.Staff, error) {
	var all []store.Staff
	err := s.query(ctx, "list staff", collected(&all, staffColumns), "list_staff", s.offset())
	return all, err
}

// PutStaff adds a member at their first version, and replaces one at the others. What is done again because its answer was
// lost is refused: its version is no longer the next.
func (s *Store) PutStaff(ctx context.Context, m store.Staff) error {
	session, statement := m.Session[:], "change_staff"
	if m.SignedInAt.IsZero() {
		session = nil
	}
	if m.Version == 1 {
		statement = "add_staff"
	}
	_, err := one(ctx, s, "put staff", func(name *string) []any { return []any{name} }, statement, m.Name, string(m.Role), m.Password, m.TOTP, m.Step,
		session, moment(m.SignedInAt), moment(m.SeenAt), moment(m.CreatedAt), moment(m.DisabledAt), string(m.Account), m.Version)
	if errors.Is(err, store.ErrNotFound) {
		return store.ErrStale
	}
	return err
}

// ReserveGuess counts a guess under the lock of its row. One that is counted twice, because an answer was lost, is one less.
func (s *Store) ReserveGuess(ctx context.Context, who [32]byte, limit int, window time.Duration) (bool, error) {
	made, err := one(ctx, s, "reserve a guess", func(n *int64) []any { return []any{n} }, "reserve_guess", who[:], s.offset(), window, int64(limit))
	return err == nil && made <= int64(limit), err
}

// ForgetGuesses starts anew.
func (s *Store) ForgetGuesses(ctx context.Context, who [32]byte) error {
	var made []int64
	return s.query(ctx, "forget guesses", collected(&made, func(n *int64) []any { return []any{n} }), "forget_guesses", who[:])
}

func staffColumns(m *store.Staff) []any {
	return []any{
		&m.Name, (*string)(&m.Role), &m.Password, &m.TOTP, &m.Step, (*hash)(&m.Session), (*instant)(&m.SignedInAt), (*instant)(&m.SeenAt),
		(*instant)(&m.CreatedAt), (*instant)(&m.DisabledAt), (*string)(&m.Account), &m.Version, (*instant)(&m.Now),
	}
}
