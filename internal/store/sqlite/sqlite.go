// Package sqlite keeps everything in one SQLite file: the store of a product on one machine.
//
// One goroutine writes. Whatever changes something is a job in its queue; it carries the jobs of many callers out one after
// the other and commits them together (group commit): as durable as one transaction each (synchronous=FULL), without one
// fsync each. One that fails takes nobody along. That there is one writer is also the lock of every account. Reading goes to a
// small pool of connections of its own, which in WAL mode neither waits for the writer nor makes it wait.
//
// The SQL is SQLite's own and stands in query/*.sql; the schema, in migration/*.sql, holds what no program may break. Both
// are used through the driver's own interface (package database/sql/driver): statements are prepared once for each
// connection, and nothing is converted twice.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/jieling-id/jieling/internal/store"
)

// readers is how many connections read at once. Each keeps a cache of its own, so there are no more than help: one for each
// processor, of which the machines this store is for have few.
var readers = min(max(2, runtime.NumCPU()), 8) // never changed

// Config says how a store behaves; the zero value is right for production.
type Config struct {
	// Offset is added to the process's clock: how a demonstration lets a day pass. If nil, the clock is as it is. It is
	// called by many goroutines.
	Offset func() time.Duration
}

// Store implements store.Store in one file.
type Store struct {
	cfg    Config
	writer *writer
	bases  *store.Bases
	pool   chan *conn    // the readers that are free
	opened int           // how many there are
	alone  chan struct{} // held by the one Sequence at a time
}

var _ store.Store = (*Store)(nil)

// Open opens the file at path, which must be on a disk of this machine, creates it where it is missing, brings its schema up
// to date ([Migrate]) and checks that the file is set up to lose nothing. The directory must exist.
func Open(path string, cfg Config) (*Store, error) {
	if path == "" || path == ":memory:" {
		return nil, errors.New("sqlite: open: a file is needed, memory is not durable")
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	queries, err := loadQueries()
	if err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	bases := new(store.Bases)
	c, err := connect(full, queries, bases)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	if err := migrate(c); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open: %w", err), c.close())
	}
	s := &Store{cfg: cfg, writer: startWriter(c), bases: bases, pool: make(chan *conn, readers), alone: make(chan struct{}, 1)}
	for range readers {
		c, err := connectReader(full, queries, bases)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("sqlite: open: %w", err), s.Close())
		}
		s.pool <- c
		s.opened++
	}
	return s, nil
}

// Close lets what was begun end, refuses the rest, and closes the file. It must be called once.
func (s *Store) Close() error {
	err := s.writer.close()
	for range s.opened {
		err = errors.Join(err, (<-s.pool).close())
	}
	return err
}

// Ping reads one row.
func (s *Store) Ping(ctx context.Context) error {
	return s.read(ctx, "ping", func(c *conn) error { return c.each("ping", func(*row) error { return nil }) })
}

// now is the store's clock, to the microsecond it can keep.
func (s *Store) now() time.Time {
	t := time.Now()
	if s.cfg.Offset != nil {
		t = t.Add(s.cfg.Offset())
	}
	return t.UTC().Truncate(time.Microsecond)
}

// read lends a reader to do. Reading is short, so ctx is asked before and not during.
func (s *Store) read(ctx context.Context, what string, do func(*conn) error) error {
	select {
	case c := <-s.pool:
		defer func() { s.pool <- c }()
		if err := ctx.Err(); err != nil {
			return err
		}
		return doing(what, do(c))
	case <-s.writer.stopped:
		return doing(what, errClosed)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// readOnce lets everything do reads be of one moment.
func (s *Store) readOnce(ctx context.Context, what string, do func(*conn) error) error {
	return s.read(ctx, what, func(c *conn) (err error) {
		if err := c.run("begin read"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.run("commit")) }()
		return do(c)
	})
}

// doing says what failed; the errors of the contract keep their meaning below it.
func doing(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sqlite: %s: %w", what, err)
}
