package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/store"
)

// Sequence reads the log and lets it grow on a reader, so that hashing and signing hold nobody up; only the result goes to
// the writer, which takes it when the log is still as it was read.
func (s *Store) Sequence(ctx context.Context, limit int, grow func(store.LogTail) (store.LogGrowth, error)) (int, error) {
	select {
	case s.alone <- struct{}{}:
		defer func() { <-s.alone }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	for {
		n, err := s.sequence(ctx, limit, grow)
		if !errors.Is(err, store.ErrStale) { // another process was faster
			return n, err
		}
	}
}

func (s *Store) sequence(ctx context.Context, limit int, grow func(store.LogTail) (store.LogGrowth, error)) (int, error) {
	var tail store.LogTail
	var growth store.LogGrowth
	err := s.readOnce(ctx, "sequence", func(c *conn) (err error) {
		if tail, err = c.tail(limit); err != nil || len(tail.Entries) == 0 {
			return err
		}
		growth, err = grow(tail)
		return err
	})
	if err != nil || len(tail.Entries) == 0 {
		return 0, err
	}
	err = s.writer.do(ctx, func(c *conn) error { return c.grow(tail, growth) })
	if err != nil {
		return 0, doing("sequence", err)
	}
	return len(tail.Entries), nil
}

// tail reads the log's size and the rows behind it.
func (c *conn) tail(limit int) (store.LogTail, error) {
	head, err := one(c, "log head", readHead)
	if err != nil {
		return store.LogTail{}, err
	}
	entries, err := list(c, "audit after log", readEntry, head.size, int64(limit))
	return store.LogTail{Size: head.size, Entries: entries, Hashes: tlog.HashReaderFunc(c.hashes)}, err
}

// hashes reads stored hashes by their indexes.
func (c *conn) hashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hash, err := one(c, "log hash", readHash, index)
		if err != nil {
			return nil, err
		}
		if hash == nil {
			return nil, fmt.Errorf("the log has no hash %d", index)
		}
		out[i] = *hash
	}
	return out, nil
}

// grow writes what Sequence's grow answered.
func (c *conn) grow(tail store.LogTail, growth store.LogGrowth) error {
	size := tail.Size + int64(len(tail.Entries))
	first := tlog.StoredHashCount(tail.Size)
	if want := tlog.StoredHashCount(size) - first; int64(len(growth.Hashes)) != want {
		return fmt.Errorf("%d hashes were given for a log growing from %d to %d, which needs %d", len(growth.Hashes), tail.Size, size, want)
	}
	n, err := c.exec("put log head", size, bytes(growth.Checkpoint), tail.Size)
	if err != nil {
		return err
	}
	if n == 0 {
		return store.ErrStale
	}
	for i, hash := range growth.Hashes {
		if err := c.run("add log hash", first+int64(i), hash[:]); err != nil {
			return err
		}
	}
	return nil
}

// AuditLog reads the log by position.
func (s *Store) AuditLog(ctx context.Context, from int64, limit int) ([]audit.Entry, error) {
	return all(s, ctx, "audit log", readEntry, from, int64(limit))
}

// AuditHead reads the checkpoint and every hash, of one moment.
func (s *Store) AuditHead(ctx context.Context) (checkpoint []byte, hashes []tlog.Hash, err error) {
	err = s.readOnce(ctx, "audit head", func(c *conn) error {
		head, err := one(c, "log head", readHead)
		if err != nil {
			return err
		}
		checkpoint = head.checkpoint
		hashes, err = list(c, "log hashes", readHash)
		return err
	})
	return checkpoint, hashes, err
}

// AuditChain reads an account's rows and the head its own row holds, of one moment.
func (s *Store) AuditChain(ctx context.Context, account jieling.AccountID) (chain []audit.Entry, head [32]byte, err error) {
	err = s.readOnce(ctx, "audit chain", func(c *conn) error {
		a, err := one(c, "account", readAccount, string(account))
		if err != nil {
			return err
		}
		head = orZero(a).AuditHead
		chain, err = list(c, "audit chain", readEntry, string(account))
		return err
	})
	return chain, head, err
}

// AuditTail reads an account's latest rows by the key of their chain.
func (s *Store) AuditTail(ctx context.Context, account jieling.AccountID, before int64, limit int) ([]audit.Entry, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	return all(s, ctx, "audit tail", readEntry, string(account), before, int64(limit))
}

// logHead is the one row that says where the log ends.
type logHead struct {
	size       int64
	checkpoint []byte
}

func readHead(r *row) (logHead, error) { return logHead{r.int(), r.blob()}, nil }

func readHash(r *row) (tlog.Hash, error) { return r.hash(), nil }
