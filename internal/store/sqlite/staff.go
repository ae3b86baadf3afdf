package sqlite

import (
	"context"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// Staff lists everybody by name.
func (s *Store) Staff(ctx context.Context) ([]store.Staff, error) {
	all, err := all(s, ctx, "staff", readStaff)
	now := s.now()
	for i := range all {
		all[i].Now = now
	}
	return all, err
}

// PutStaff adds a member at their first version, and replaces one at the others.
func (s *Store) PutStaff(ctx context.Context, m store.Staff) error {
	session := digest(m.Session)
	if m.SignedInAt.IsZero() {
		session = nil
	}
	return doing("put staff", s.writer.do(ctx, func(c *conn) error {
		name, otherwise := "change staff", store.ErrStale
		if m.Version == 1 {
			name, otherwise = "add staff", store.ErrExists
		}
		err := writing{c: c}.must(otherwise, name, string(m.Role), m.Password, bytes(m.TOTP), m.Step, session, moment(m.SignedInAt), moment(m.SeenAt),
			moment(m.CreatedAt), moment(m.DisabledAt), string(m.Account), m.Version, m.Name)
		return meaning(err, violations{key: store.ErrExists})
	}))
}

// ReserveGuess counts a guess in the writer's turn.
func (s *Store) ReserveGuess(ctx context.Context, who [32]byte, limit int, window time.Duration) (left bool, err error) {
	err = s.writer.do(ctx, func(c *conn) error {
		now := s.now()
		if err := c.run("drop old guesses", moment(now.Add(-window)), who[:]); err != nil {
			return err
		}
		made, err := one(c, "reserve guess", func(r *row) (int64, error) { return r.int(), nil }, who[:], moment(now), moment(now.Add(-window)), int64(limit))
		left = err == nil && *made <= int64(limit)
		return err
	})
	return left, doing("reserve a guess", err)
}

// ForgetGuesses starts anew.
func (s *Store) ForgetGuesses(ctx context.Context, who [32]byte) error {
	return doing("forget guesses", s.writer.do(ctx, func(c *conn) error { return c.run("forget guesses", who[:]) }))
}

func readStaff(r *row) (store.Staff, error) {
	return store.Staff{
		Role: store.Role(r.text()), Password: r.text(), TOTP: r.blob(), Step: r.int(), Session: r.hash(), SignedInAt: r.time(), SeenAt: r.time(),
		CreatedAt: r.time(), DisabledAt: r.time(), Account: jieling.AccountID(r.text()), Version: r.int(), Name: r.text(),
	}, nil
}
