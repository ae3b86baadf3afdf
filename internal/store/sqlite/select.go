package sqlite

import (
	"context"
	"database/sql/driver"

	"github.com/jieling-id/jieling/internal/store"
)

// first reads the one row a statement yields, or answers ErrNotFound.
func first[T any](s *Store, ctx context.Context, name string, read func(*row) (T, error), args ...driver.Value) (v T, err error) {
	err = s.read(ctx, name, func(c *conn) error {
		found, err := one(c, name, read, args...)
		if err == nil && found == nil {
			return store.ErrNotFound
		}
		v = orZero(found)
		return err
	})
	return v, err
}

// all reads every row a statement yields.
func all[T any](s *Store, ctx context.Context, name string, read func(*row) (T, error), args ...driver.Value) (rows []T, err error) {
	err = s.read(ctx, name, func(c *conn) (err error) {
		rows, err = list(c, name, read, args...)
		return err
	})
	return rows, err
}

// pick reads at most one row into a snapshot.
func pick[T any](l *loading, name string, read func(*row) (T, error), args ...driver.Value) *T {
	if l.err != nil {
		return nil
	}
	var found *T
	found, l.err = one(l.c, name, read, args...)
	return found
}

// gather reads every row into a snapshot.
func gather[T any](l *loading, name string, read func(*row) (T, error), args ...driver.Value) []T {
	if l.err != nil {
		return nil
	}
	var rows []T
	rows, l.err = list(l.c, name, read, args...)
	return rows
}

func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
