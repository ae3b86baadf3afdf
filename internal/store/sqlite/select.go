package sqlite

import (
	"context"
	"database/sql/driver"

	"github.com/jieling-id/jieling"
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

// cases collects the cases of a named statement; a basis that was read before is not read again.
func (c *conn) cases(name string, args ...driver.Value) ([]kept, error) {
	rows, err := list(c, name, readFiled, args...)
	if err != nil {
		return nil, err
	}
	known, out := c.bases.Known(), make([]kept, len(rows))
	for i, r := range rows {
		var basis []byte
		if !known.Has(r.mark) {
			text, err := one(c, "basis", func(r *row) (string, error) { return r.text(), nil }, r.id)
			if err != nil {
				return nil, err
			}
			basis = []byte(orZero(text))
		}
		out[i].mark = r.mark
		if out[i].Case, out[i].basis, err = known.DecodeCase([]byte(r.body), basis, r.mark); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// named is the case of an ID, or nil.
func (c *conn) named(id jieling.CaseID) (*kept, error) {
	found, err := c.cases("case", string(id))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func casesOf(all []kept) []jieling.Case {
	var out []jieling.Case
	for _, k := range all {
		out = append(out, k.Case)
	}
	return out
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
