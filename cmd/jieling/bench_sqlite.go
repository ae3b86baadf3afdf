package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"time"
)

const bareSQLiteSchema = `
	CREATE TABLE accounts (id TEXT PRIMARY KEY, ways_in INTEGER NOT NULL CHECK (ways_in > 0), version INTEGER NOT NULL DEFAULT 0,
		frozen INTEGER NOT NULL DEFAULT 0, epoch INTEGER NOT NULL DEFAULT 0, guarded_until INTEGER) WITHOUT ROWID;
	CREATE TABLE bindings (account TEXT NOT NULL, id TEXT NOT NULL, provider TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,
		label TEXT NOT NULL, verified_at INTEGER, created_at INTEGER, PRIMARY KEY (account, id)) WITHOUT ROWID;
	CREATE UNIQUE INDEX identity ON bindings (provider, subject);
	CREATE TABLE audit (id INTEGER PRIMARY KEY, account TEXT, verb TEXT, at INTEGER);
	CREATE TABLE outbox (id INTEGER PRIMARY KEY, account TEXT, kind TEXT, at INTEGER)`

// The least that removes a login for good: count down under the guard, delete, note it, ask for what follows.
var bareSQLiteRemoval = [...]string{
	"UPDATE accounts SET ways_in = ways_in - 1, version = version + 1 WHERE id = ? AND ways_in > 1",
	"DELETE FROM bindings WHERE account = ? AND id = ?",
	"INSERT INTO audit (account, verb, at) VALUES (?, 'remove', ?)",
	"INSERT INTO outbox (account, kind, at) VALUES (?, 'notify', ?)",
}

// bareSQLite has a file of its own beside ours, in the same journal mode and as durable (synchronous=FULL).
func bareSQLite(ctx context.Context, db string) (*bare, error) {
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-16384)", "wal_autocheckpoint(4096)"}}
	file := &url.URL{Scheme: "file", Path: strings.TrimPrefix(db, "sqlite:") + "-bare", RawQuery: pragmas.Encode()}
	pool, err := sql.Open("sqlite", file.String())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(9)
	pool.SetMaxIdleConns(9)
	if _, err := pool.ExecContext(ctx, bareSQLiteSchema); err != nil {
		return nil, errors.Join(fmt.Errorf("make the bare tables: %w", err), pool.Close())
	}
	s := &sqliteBare{pool: pool, queue: make(chan *bareJob), stopped: make(chan struct{})}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	go s.write(ctx)
	return &bare{fill: s.fill, resolve: s.resolve, list: s.list, unlink: s.unlink, naive: s.naive, left: s.left, close: s.close}, nil
}

// sqliteBare reads with prepared statements and writes in one goroutine that commits for all who wait.
type sqliteBare struct {
	pool     *sql.DB
	writer   *sql.Conn
	resolved *sql.Stmt
	listed   *sql.Stmt
	begin    *sql.Stmt
	commit   *sql.Stmt
	removal  [len(bareSQLiteRemoval)]*sql.Stmt
	queue    chan *bareJob
	stopped  chan struct{}
}

type bareJob struct {
	account, binding string
	naive            bool // delete, and nothing else
	err              chan error
}

func (s *sqliteBare) prepare(ctx context.Context) (err error) {
	s.resolved, err = s.pool.PrepareContext(ctx, `
		SELECT b.account, b.id, b.state, a.frozen, a.epoch FROM bindings b JOIN accounts a ON a.id = b.account WHERE b.provider = ? AND b.subject = ?`)
	if err != nil {
		return err
	}
	s.listed, err = s.pool.PrepareContext(ctx, "SELECT id, account, provider, state, label, verified_at, created_at FROM bindings WHERE account = ?")
	if err != nil {
		return err
	}
	if s.writer, err = s.pool.Conn(ctx); err != nil {
		return err
	}
	for i, text := range bareSQLiteRemoval {
		if s.removal[i], err = s.writer.PrepareContext(ctx, text); err != nil {
			return err
		}
	}
	if s.begin, err = s.writer.PrepareContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	s.commit, err = s.writer.PrepareContext(ctx, "COMMIT")
	return err
}

func (s *sqliteBare) close() error {
	close(s.queue)
	<-s.stopped
	return errors.Join(s.writer.Close(), s.pool.Close())
}

// write commits for up to 64 callers at a time: whoever comes while it is at work.
func (s *sqliteBare) write(ctx context.Context) {
	defer close(s.stopped)
	for first := range s.queue {
		group, ctx := []*bareJob{first}, context.WithoutCancel(ctx)
		_, err := s.begin.ExecContext(ctx)
		for job := first; job != nil && err == nil; job = s.another(&group) {
			err = s.remove(ctx, job)
		}
		if err == nil {
			_, err = s.commit.ExecContext(ctx)
		} else {
			_, _ = s.writer.ExecContext(ctx, "ROLLBACK")
		}
		for _, job := range group {
			job.err <- err
		}
	}
}

// another gives callers that are about to come the same moment that our writer gives them.
func (s *sqliteBare) another(group *[]*bareJob) *bareJob {
	for range 2 {
		if len(*group) == 64 {
			return nil
		}
		select {
		case job, ok := <-s.queue:
			if ok {
				*group = append(*group, job)
			}
			return job
		default:
			runtime.Gosched()
		}
	}
	return nil
}

func (s *sqliteBare) remove(ctx context.Context, job *bareJob) error {
	if job.naive {
		_, err := s.removal[1].ExecContext(ctx, job.account, job.binding)
		return err
	}
	now := time.Now().UnixMicro()
	for i, args := range [...][]any{{job.account}, {job.account, job.binding}, {job.account, now}, {job.account, now}} {
		result, err := s.removal[i].ExecContext(ctx, args...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, errBare)
		}
	}
	return nil
}

func (s *sqliteBare) unlink(_ context.Context, account, binding string) error {
	return s.do(&bareJob{account: account, binding: binding, err: make(chan error, 1)})
}

func (s *sqliteBare) do(job *bareJob) error {
	s.queue <- job
	return <-job.err
}

func (s *sqliteBare) fill(ctx context.Context, stock []stocked) (err error) {
	tx, err := s.pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	now := time.Now().UnixMicro()
	for _, a := range stock {
		if _, err := tx.ExecContext(ctx, "INSERT INTO accounts (id, ways_in) VALUES (?, ?)", string(a.account), len(a.ways)); err != nil {
			return err
		}
		for _, w := range a.ways {
			_, err := tx.ExecContext(ctx, "INSERT INTO bindings VALUES (?, ?, ?, ?, 'active', '12****4821', ?, ?)",
				string(a.account), string(w.binding), string(w.provider), w.subject, now, now)
			if err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

func (s *sqliteBare) resolve(ctx context.Context, provider, subject string) (out bareResolved, err error) {
	err = s.resolved.QueryRowContext(ctx, provider, subject).Scan(&out.Account, &out.Binding, &out.State, &out.Frozen, &out.Epoch)
	return out, err
}

func (s *sqliteBare) list(ctx context.Context, account string) (items []bareBinding, err error) {
	rows, err := s.listed.QueryContext(ctx, account)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var b bareBinding
		var verified, created int64
		if err := rows.Scan(&b.ID, &b.Account, &b.Provider, &b.State, &b.Label, &verified, &created); err != nil {
			return nil, err
		}
		b.Verified, b.CreatedAt = time.UnixMicro(verified).UTC(), time.UnixMicro(created).UTC()
		items = append(items, b)
	}
	return items, rows.Err()
}

// naive counts on a reader, then has the writer delete.
func (s *sqliteBare) naive(ctx context.Context, account, binding string) error {
	if n, err := s.left(ctx, account); err != nil || n < 2 {
		return errors.Join(err, errBare)
	}
	return s.do(&bareJob{account: account, binding: binding, naive: true, err: make(chan error, 1)})
}

func (s *sqliteBare) left(ctx context.Context, account string) (n int, err error) {
	err = s.pool.QueryRowContext(ctx, "SELECT count(*) FROM bindings WHERE account = ?", account).Scan(&n)
	return n, err
}
