// Package postgres keeps everything in PostgreSQL (15 or later), for a product that runs several nodes or outgrows one file.
//
// # Group commit
//
// Verbs that arrive while others are being committed are carried together: a committer takes up to Config.Group of them, of
// distinct accounts, and needs two round trips for all.
//
//	verbs ──► queue ──► committer ── 1: begin · lock accounts in order · read what the group needs ──► PostgreSQL
//	                        │
//	                     decide, one verb after the other (pure)
//	                        │
//	                        └──────── 2: write, a statement or two a table · fences · commit ─────────► PostgreSQL
//
// With nobody waiting a verb goes straight through. A group that fails is done again verb by verb, so that each error
// lands on its own verb. Look-ups of the sign-in path and reads of accounts are coalesced likewise (flights).
//
// # What guards what
//
// The row lock on the account makes verbs of one account take turns, on all nodes. Behind it stand guards that hold even
// if the lock did not: the account's version in every update, a CHECK on its ways in (S14), a unique index over identities
// (S7). A commit whose answer was lost is [store.ErrUnknown], never a failure.
//
// The package knows SQL and rows; what may be done, and when, is decided above.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// patience bounds one conversation with the database: longer than any wait for a lock in good order, shorter than a
// person's. A commit that takes longer is of unknown outcome.
const patience = 30 * time.Second

// Config says how a store uses its database. The zero value is good.
type Config struct {
	Offset     func() time.Duration // added to the database's clock, for demonstrations; nil: nothing
	Conns      int                  // connections at most, all kept; 0: four per core
	Committers int                  // groups under way at once, 1..Conns-1; 0: one for every two cores
	Group      int                  // verbs in a group at most; 0: 64
}

// Store is a [store.Store] in one PostgreSQL database. Several stores, in several processes, may share a database.
type Store struct {
	pool   *pgxpool.Pool
	offset func() time.Duration
	queue  queue
	bases  store.Bases

	resolving flights[identity, store.Resolved]
	loading   flights[jieling.AccountID, store.Snapshot]
}

var _ store.Store = (*Store)(nil)

// Open brings the schema of the database at url (a PostgreSQL URL or key=value string) up to date and opens it. It fails
// when the database cannot be reached within ctx, or is set up so that a commit would not be durable.
func Open(ctx context.Context, url string, cfg Config) (*Store, error) {
	pool, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("postgres: read the database URL: %w", err)
	}
	return open(ctx, pool, cfg)
}

func open(ctx context.Context, pool *pgxpool.Config, cfg Config) (*Store, error) {
	if err := migrate(ctx, pool.ConnConfig); err != nil {
		return nil, err
	}
	statements, err := statements()
	if err != nil {
		return nil, err
	}
	cfg = cfg.filled()
	pool.MaxConns = int32(cfg.Conns)
	pool.MaxConnIdleTime = time.Hour
	pool.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { return prepare(ctx, conn, statements) }
	// A ping before use would be a third round trip. Instead whatever was not a commit is tried again on a fresh connection.
	pool.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	s := &Store{offset: cfg.Offset}
	s.queue.committers, s.queue.group = cfg.Committers, cfg.Group
	s.resolving.fly, s.loading.fly = s.resolveAll, s.loadAccounts
	if s.pool, err = pgxpool.NewWithConfig(ctx, pool); err != nil {
		return nil, fmt.Errorf("postgres: open: %w", err)
	}
	if err := s.durable(ctx); err != nil {
		s.pool.Close()
		return nil, err
	}
	return s, nil
}

func (cfg Config) filled() Config {
	if cfg.Offset == nil {
		cfg.Offset = func() time.Duration { return 0 }
	}
	if cfg.Conns == 0 {
		cfg.Conns = 4 * runtime.NumCPU()
	}
	if cfg.Committers == 0 {
		// With more, groups are smaller and each verb pays a greater part of what a group costs.
		cfg.Committers = max(1, runtime.NumCPU()/2)
	}
	if cfg.Group == 0 {
		cfg.Group = 64
	}
	cfg.Conns = max(cfg.Conns, cfg.Committers+1)
	return cfg
}

// prepare readies a new connection: every statement is parsed before its first use, so that none costs a round trip later.
// Plans are generic, and made of index look-ups only, because that is what every statement is, whatever its values: a plan
// made while the tables were small must not be one that reads them whole when they have grown.
func prepare(ctx context.Context, conn *pgx.Conn, statements map[string]string) error {
	const planning = `set plan_cache_mode = force_generic_plan; set jit = off; set enable_seqscan = off;
		set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off`
	if _, err := conn.Exec(ctx, planning); err != nil {
		return fmt.Errorf("postgres: set up a connection: %w", err)
	}
	for name, sql := range statements {
		if _, err := conn.Prepare(ctx, name, sql); err != nil {
			return fmt.Errorf("postgres: prepare %s: %w", name, err)
		}
	}
	return nil
}

// durable refuses a server that acknowledges commits before they are on disk (S23).
func (s *Store) durable(ctx context.Context) error {
	var fsync, commit string
	row := s.pool.QueryRow(ctx, "select current_setting('fsync'), current_setting('synchronous_commit')")
	if err := row.Scan(&fsync, &commit); err != nil {
		return failure("read the server's settings", err)
	}
	if fsync == "off" || commit == "off" {
		return errors.New("postgres: fsync or synchronous_commit is off, so an acknowledged change could be lost; turn both on")
	}
	return nil
}

// Ping reports whether the store can answer, for readiness.
func (s *Store) Ping(ctx context.Context) error {
	return s.reading(ctx, "ping", func(ctx context.Context, conn *pgxpool.Conn) error {
		_, err := conn.Exec(ctx, "ping")
		return err
	})
}

// Close waits for what is under way and closes all connections. Verbs that come later fail.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// reading runs do on a connection and, where the connection turned out to be dead, once more on a fresh one. do must be
// harmless to repeat.
func (s *Store) reading(ctx context.Context, doing string, do func(context.Context, *pgxpool.Conn) error) error {
	for fresh := false; ; fresh = true {
		lost, err := s.on(ctx, do)
		if err == nil || !lost || fresh || ctx.Err() != nil {
			return failure(doing, err)
		}
		s.pool.Reset()
	}
}

// on runs do on a connection and reports whether the connection was lost by it.
func (s *Store) on(ctx context.Context, do func(context.Context, *pgxpool.Conn) error) (lost bool, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	err = do(ctx, conn)
	return err != nil && conn.Conn().IsClosed(), err
}
