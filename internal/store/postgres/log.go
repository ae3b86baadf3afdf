package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/store"
)

// Sequence appends audit rows to the Merkle log. The lock on the log's one head row lets one caller work and others wait.
// It needs a handful of round trips, off the hot path.
func (s *Store) Sequence(ctx context.Context, limit int, grow func(store.LogTail) (store.LogGrowth, error)) (n int, err error) {
	err = s.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			n, err = sequence(ctx, tx, limit, grow)
			return err
		})
	})
	if err != nil {
		return 0, failure("sequence the audit log", err)
	}
	return n, nil
}

func sequence(ctx context.Context, tx pgx.Tx, limit int, grow func(store.LogTail) (store.LogGrowth, error)) (int, error) {
	tail := store.LogTail{Hashes: hashReader(ctx, tx)}
	if err := tx.QueryRow(ctx, "lock_log").Scan(&tail.Size); err != nil {
		return 0, err
	}
	rows, err := tx.Query(ctx, "read_waiting", limit)
	if err != nil {
		return 0, err
	}
	if err := collected(&tail.Entries, entryColumns)(rows); err != nil || len(tail.Entries) == 0 {
		return 0, err
	}
	growth, err := grow(tail)
	if err != nil {
		return 0, err
	}
	return len(tail.Entries), extend(ctx, tx, tail, growth)
}

// extend gives the entries their places and stores the new hashes behind the present ones.
func extend(ctx context.Context, tx pgx.Tx, tail store.LogTail, growth store.LogGrowth) error {
	size := tail.Size + int64(len(tail.Entries))
	first := tlog.StoredHashCount(tail.Size)
	if first+int64(len(growth.Hashes)) != tlog.StoredHashCount(size) {
		return errors.New("the growth of the log does not fit its entries")
	}
	var places, hashes table
	for i, e := range tail.Entries {
		places.add(string(e.Account), e.Seq, tail.Size+int64(i))
	}
	for i, h := range growth.Hashes {
		hashes.add(first+int64(i), h[:])
	}
	var batch pgx.Batch
	batch.Queue("place_audit", places.columns...)
	batch.Queue("add_hashes", hashes.columns...)
	batch.Queue("grow_log", size, growth.Checkpoint)
	return tx.SendBatch(ctx, &batch).Close()
}

// hashReader reads stored hashes within the sequencer's transaction.
func hashReader(ctx context.Context, tx pgx.Tx) tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) {
		rows, err := tx.Query(ctx, "read_hashes", indexes)
		if err != nil {
			return nil, failure("read hashes", err)
		}
		type stored struct {
			index int64
			hash  tlog.Hash
		}
		found := make(map[int64]tlog.Hash, len(indexes))
		take := each(func(s *stored) []any { return []any{&s.index, (*hash)(&s.hash)} }, func(s *stored) { found[s.index] = s.hash })
		if err := take(rows); err != nil {
			return nil, failure("read hashes", err)
		}
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			h, ok := found[index]
			if !ok {
				return nil, fmt.Errorf("postgres: the log's hash %d is missing", index)
			}
			hashes[i] = h
		}
		return hashes, nil
	}
}

// AuditLog reads the log in its order.
func (s *Store) AuditLog(ctx context.Context, from int64, limit int) ([]audit.Entry, error) {
	var all []audit.Entry
	err := s.query(ctx, "read the audit log", collected(&all, entryColumns), "read_log", from, limit)
	return all, err
}

// AuditHead gives the latest checkpoint and every stored hash, as of one moment.
func (s *Store) AuditHead(ctx context.Context) (checkpoint []byte, hashes []tlog.Hash, err error) {
	err = s.reading(ctx, "read the log's head", func(ctx context.Context, conn *pgxpool.Conn) error {
		checkpoint, hashes = nil, nil
		var batch pgx.Batch
		batch.Queue("begin_view")
		batch.Queue("read_head").QueryRow(func(row pgx.Row) error { return row.Scan(&checkpoint) })
		batch.Queue("read_all_hashes").Query(collected(&hashes, func(h *tlog.Hash) []any { return []any{(*hash)(h)} }))
		batch.Queue("commit")
		return conn.SendBatch(ctx, &batch).Close()
	})
	return checkpoint, hashes, err
}

// AuditTail reads one account's latest rows by the key of their chain.
func (s *Store) AuditTail(ctx context.Context, account jieling.AccountID, before int64, limit int) ([]audit.Entry, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	var all []audit.Entry
	err := s.query(ctx, "read an audit tail", collected(&all, entryColumns), "read_tail", string(account), before, limit)
	return all, err
}

// AuditChain reads one account's rows and its head, as of one moment; ErrNotFound where there is no such account.
func (s *Store) AuditChain(ctx context.Context, account jieling.AccountID) (entries []audit.Entry, head [32]byte, err error) {
	err = s.reading(ctx, "read an audit chain", func(ctx context.Context, conn *pgxpool.Conn) error {
		entries = nil
		var batch pgx.Batch
		batch.Queue("begin_view")
		batch.Queue("read_chain_head", string(account)).QueryRow(func(row pgx.Row) error { return row.Scan((*hash)(&head)) })
		batch.Queue("read_chain", string(account)).Query(collected(&entries, entryColumns))
		batch.Queue("commit")
		return conn.SendBatch(ctx, &batch).Close()
	})
	return entries, head, err
}
