package sqlite

import (
	"context"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"modernc.org/sqlite"

	"github.com/jieling-id/jieling/internal/store"
)

//go:embed query/*.sql
var queryFiles embed.FS

// loadQueries reads every statement by the name above it ("-- name: put account").
func loadQueries() (map[string]string, error) {
	names, err := fs.Glob(queryFiles, "query/*.sql")
	if err != nil {
		return nil, err
	}
	queries := map[string]string{}
	for _, name := range names {
		text, err := queryFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for block := range strings.SplitSeq("\n"+string(text), "\n-- name: ") {
			title, body, _ := strings.Cut(block, "\n")
			if body = withoutComments(body); title != "" && body != "" {
				queries[title] = body
			}
		}
	}
	return queries, nil
}

// withoutComments drops lines of comment: the driver keeps a statement prepared only when nothing follows it.
func withoutComments(block string) string {
	var lines []string
	for line := range strings.SplitSeq(block, "\n") {
		if !strings.HasPrefix(line, "--") {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// conn is one connection with its statements. One goroutine at a time uses it.
type conn struct {
	c        driver.Conn
	queries  map[string]string
	prepared map[string]statement
	args     []driver.NamedValue
	bases    *store.Bases // shared by all connections
	touched  bool         // something was written, or the database failed, since somebody set it to false
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// settings are asked for and then read back: a driver that does not know one would stay silent about it.
var settings = [...]struct{ pragma, value, reads string }{
	{"busy_timeout", "10000", "10000"}, // another process on the file, milliseconds
	{"journal_mode", "WAL", "wal"},
	{"synchronous", "FULL", "2"}, // a commit is on the disk before it is acknowledged (S23)
	{"foreign_keys", "ON", "1"},
	{"temp_store", "MEMORY", "2"},
	{"trusted_schema", "OFF", "0"},
	{"cell_size_check", "ON", "1"},
	{"cache_size", "-4096", "-4096"},       // KiB a connection may keep: what is hot fits, and the whole stays under its memory target
	{"wal_autocheckpoint", "4096", "4096"}, // pages: a page written often goes to the file once
}

func connect(path string, queries map[string]string, bases *store.Bases) (*conn, error) {
	name := (&url.URL{Scheme: "file", Path: path}).String()
	dc, err := new(sqlite.Driver).Open(name)
	if err != nil {
		return nil, err
	}
	c := &conn{c: dc, queries: queries, prepared: map[string]statement{}, bases: bases}
	for _, s := range settings {
		if err := c.set(s.pragma, s.value, s.reads); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return c, nil
}

func connectReader(path string, queries map[string]string, bases *store.Bases) (*conn, error) {
	c, err := connect(path, queries, bases)
	if err != nil {
		return nil, err
	}
	if err := c.set("query_only", "ON", "1"); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// set sets a pragma and refuses to go on when it then reads otherwise.
func (c *conn) set(pragma, value, reads string) error {
	if err := c.script("PRAGMA " + pragma + " = " + value); err != nil {
		return fmt.Errorf("set %s: %w", pragma, err)
	}
	got, err := c.pragma(pragma)
	if err != nil {
		return err
	}
	if got != reads {
		return fmt.Errorf("%s is %q and must be %q: the file cannot be kept safely here", pragma, got, reads)
	}
	return nil
}

func (c *conn) pragma(name string) (string, error) {
	q := c.c.(driver.QueryerContext)
	rows, err := q.QueryContext(context.Background(), "PRAGMA "+name, nil)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	defer rows.Close()
	got := make([]driver.Value, len(rows.Columns()))
	if err := rows.Next(got); err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return fmt.Sprint(got[0]), nil
}

// script runs statements that need no arguments and are not kept.
func (c *conn) script(sql string) error {
	c.touched = true
	_, err := c.c.(driver.ExecerContext).ExecContext(context.Background(), sql, nil)
	return err
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.prepared {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.c.Close())...)
}

// statement prepares a named statement at its first use.
func (c *conn) statement(name string) (statement, error) {
	if s, ok := c.prepared[name]; ok {
		return s, nil
	}
	text, ok := c.queries[name]
	if !ok {
		return nil, fmt.Errorf("there is no statement %q", name)
	}
	prepared, err := c.c.Prepare(text)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", name, err)
	}
	s := prepared.(statement)
	c.prepared[name] = s
	return s, nil
}

// bound gives the arguments in the driver's form; they are good until the next call.
func (c *conn) bound(args []driver.Value) []driver.NamedValue {
	c.args = c.args[:0]
	for i, v := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return c.args
}

// exec runs a named statement and reports how many rows it wrote. The context is always the background: the driver would
// start a goroutine for any other, and a statement that is interrupted takes the whole group's transaction with it.
func (c *conn) exec(name string, args ...driver.Value) (int64, error) {
	c.touched = true
	s, err := c.statement(name)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(context.Background(), c.bound(args))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return result.RowsAffected()
}

// run is exec where the number of rows does not matter.
func (c *conn) run(name string, args ...driver.Value) error {
	_, err := c.exec(name, args...)
	return err
}

// each hands every row of a named statement to read, until it fails.
func (c *conn) each(name string, read func(*row) error, args ...driver.Value) (err error) {
	s, err := c.statement(name)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), c.bound(args))
	defer func() { c.touched = c.touched || err != nil }() // a statement that reads may write as well: RETURNING
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	r := &row{values: make([]driver.Value, len(rows.Columns()))}
	for {
		if err := rows.Next(r.values); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		r.next = 0
		if err := read(r); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

// list collects the rows of a named statement.
func list[T any](c *conn, name string, read func(*row) (T, error), args ...driver.Value) ([]T, error) {
	var out []T
	err := c.each(name, func(r *row) error {
		v, err := read(r)
		out = append(out, v)
		return err
	}, args...)
	return out, err
}

// one gives the row of a named statement that yields at most one, or nil.
func one[T any](c *conn, name string, read func(*row) (T, error), args ...driver.Value) (*T, error) {
	rows, err := list(c, name, read, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// row is read from left to right, column by column. The tables are STRICT, so a value is of its column's type or NULL, and
// NULL reads as zero.
type row struct {
	values []driver.Value
	next   int
}

func (r *row) value() driver.Value {
	r.next++
	return r.values[r.next-1]
}

func (r *row) int() int64 {
	v, _ := r.value().(int64)
	return v
}

func (r *row) text() string {
	v, _ := r.value().(string)
	return v
}

func (r *row) blob() []byte {
	v, _ := r.value().([]byte)
	return v
}

func (r *row) hash() (h [32]byte) {
	copy(h[:], r.blob())
	return h
}

func (r *row) bool() bool { return r.int() != 0 }

func (r *row) time() time.Time {
	micro, ok := r.value().(int64)
	if !ok {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}

// moment is a time as an argument: microseconds, or NULL for the zero time.
func moment(t time.Time) driver.Value {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// bytes is a blob as an argument, NULL where there is nothing.
func bytes(b []byte) driver.Value {
	if len(b) == 0 {
		return nil
	}
	return b
}

// digest is a hash as an argument, NULL where it is zero.
func digest(h [32]byte) driver.Value {
	if h == ([32]byte{}) {
		return nil
	}
	return h[:]
}
