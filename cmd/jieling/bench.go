package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

type benchCommand struct {
	DB       string  `placeholder:"URL" help:"A PostgreSQL server to measure too: postgres://…, of a role that may create databases. A database of its own is made and dropped."`
	Rounds   int     `default:"3" help:"How often each is measured, in turns with its ceiling; medians count."`
	Accounts int     `default:"24000" help:"Accounts with three login identities and a case that is ready, for each store."`
	Seconds  float64 `default:"2" help:"How long a look-up is measured at a time."`
	Pairs    int     `default:"1000" help:"Accounts for the race."`
	Only     parts   `help:"Only these: decide, access, resolve, list, commit, pages, race, process."`
	JSON     bool    `help:"As JSON."`
	Profile  string  `placeholder:"DIR" help:"Write a CPU profile of every measurement of ours into a folder."`

	self string // the executable that "process" starts; "" means this one
}

// Help teaches the command.
func (benchCommand) Help() string {
	return `Example: make bench                                (brings a PostgreSQL along)
         jieling bench --db postgres://me@/postgres --only commit --rounds 5
         jieling bench --only race --pairs 10000
         jieling bench --only decide                (the policy by itself, beside CEL and beside Go)
         jieling bench --only access                (who could get in, by itself)

The whole service (gate, API, engine, store; its worker rests) and a bare program that does the least for the same are asked in
turns, over HTTP on loopback, by one load generator in this process. The bare program is net/http with one SELECT for a look-up;
for a removal, one statement with a guarded counter on PostgreSQL and a group-committing writer with four statements on SQLite,
with the same durability. Pages have no ceiling: how long they take is measured while removals are committed beside them. Rates are of this machine and of this minute; only ratios of one run say something.

Exit 1 when something could not be measured, or when the race was lost.`
}

// Run measures and prints.
func (b benchCommand) Run(ctx context.Context) error {
	report, err := b.measure(ctx)
	if err != nil {
		return err
	}
	if b.JSON {
		err = printJSON(report)
	} else {
		err = report.print(os.Stdout)
	}
	if err == nil && !report.sound() {
		return errNo
	}
	return err
}

func (b benchCommand) check() error {
	switch {
	case b.Rounds < 1, b.Seconds <= 0, b.Pairs < 1:
		return misuse("--rounds, --seconds and --pairs must be above zero")
	case b.Accounts < 10*b.Rounds:
		return misuse("--accounts must be at least ten for each round")
	case b.DB != "" && !strings.HasPrefix(b.DB, "postgres://") && !strings.HasPrefix(b.DB, "postgresql://"):
		return misuse("--db must be postgres://…; SQLite is always measured, in a temporary folder")
	}
	return nil
}

func (b benchCommand) wants(what ...string) bool {
	return len(b.Only) == 0 || slices.ContainsFunc(what, func(w string) bool { return slices.Contains(b.Only, w) })
}

// measure does everything on each store, one after the other. What fails is noted in the report and the rest goes on.
func (b benchCommand) measure(ctx context.Context) (benchReport, error) {
	if err := b.check(); err != nil {
		return benchReport{}, err
	}
	dir, err := os.MkdirTemp("", "jieling-bench-")
	if err != nil {
		return benchReport{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	report := newBenchReport(b)
	if b.wants("decide") {
		if err := b.decide(&report); err != nil {
			report.missed("the policy", err)
		}
	}
	if b.wants("access") {
		if err := b.access(&report); err != nil {
			report.missed("who could get in", err)
		}
	}
	grounds := []func(context.Context, string) (*benchGround, error){sqliteGround}
	if b.DB != "" {
		grounds = append(grounds, func(ctx context.Context, dir string) (*benchGround, error) { return postgresGround(ctx, dir, b.DB) })
	}
	if !b.wants("resolve", "list", "commit", "pages", "race", "process") {
		grounds = nil
	}
	for _, open := range grounds {
		ground, err := open(ctx, dir)
		if err != nil {
			report.missed("a database to measure on", err)
			continue
		}
		b.on(ctx, ground, &report)
		if err := ground.drop(); err != nil {
			report.missed(ground.store+": leaving nothing behind", err)
		}
	}
	report.Machine.LoadAfter = loadAverage()
	return report, ctx.Err()
}

// on measures all that is wanted on one store.
func (b benchCommand) on(ctx context.Context, g *benchGround, report *benchReport) {
	parts := []struct {
		what string
		do   func(context.Context, *benchGround, *benchReport) error
	}{
		{"process", b.process},
		{"resolve, list, commit", b.paths},
		{"pages", b.pages},
		{"race", b.race},
	}
	for _, part := range parts {
		if !b.wants(strings.Split(part.what, ", ")...) || ctx.Err() != nil {
			continue
		}
		begun := time.Now()
		if err := part.do(ctx, g, report); err != nil {
			report.missed(g.store+": "+part.what, err)
		}
		progress("%s: %s took %s", g.store, part.what, time.Since(begun).Round(time.Second))
	}
}

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }

// benchGround is where one store is measured: fresh databases, for ours and for the bare program, as they are asked for.
type benchGround struct {
	store string // "sqlite" or "postgres"
	dir   string // of its own
	fresh func(ctx context.Context, name string) (url string, err error)
	bare  func(ctx context.Context, url string) (*bare, error)
	drop  func() error
}

func sqliteGround(_ context.Context, dir string) (*benchGround, error) {
	g := &benchGround{store: "sqlite", dir: filepath.Join(dir, "sqlite"), bare: bareSQLite}
	g.fresh = func(_ context.Context, name string) (string, error) {
		return "sqlite:" + filepath.Join(g.dir, name+".db"), nil
	}
	g.drop = func() error { return os.RemoveAll(g.dir) }
	return g, os.MkdirAll(g.dir, 0o700)
}

// paths measures the hot paths beside their ceilings.
func (b benchCommand) paths(ctx context.Context, g *benchGround, report *benchReport) (err error) {
	s, err := b.stage(ctx, g, "paths", seeding{accounts: b.Accounts, ways: commitWays, cases: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for _, c := range comparisons(s, g.store, b.Accounts/b.Rounds) {
		if !b.wants(c.what) {
			continue
		}
		line, err := b.compare(ctx, g.store, c)
		if err != nil {
			return fmt.Errorf("%s at %d: %w", c.what, c.clients, err)
		}
		report.Lines = append(report.Lines, line)
		progress("%s: %s at %d clients: %.0f/s beside %.0f/s, ratio %.2f", g.store, c.what, c.clients, line.Ours, line.Ceiling, line.Ratio)
	}
	return nil
}

// bothSides is the service and the bare program, filled alike and listening.
type bothSides struct {
	ours  *service
	least *service
	bare  *bare
	stock []stocked
}

func (s *bothSides) close() error { return errors.Join(s.ours.close(), s.least.close()) }

// stage brings both sides up and fills them.
func (b benchCommand) stage(ctx context.Context, g *benchGround, name string, what seeding) (*bothSides, error) {
	url, err := g.fresh(ctx, name)
	if err != nil {
		return nil, err
	}
	ours, err := startService(ctx, url, filepath.Join(g.dir, name+".keys"))
	if err != nil {
		return nil, err
	}
	least, err := g.bare(ctx, url)
	if err != nil {
		return nil, errors.Join(err, ours.close())
	}
	s := &bothSides{ours: ours, bare: least}
	if s.least, err = listen(least.handler(), least.close); err != nil {
		return nil, errors.Join(err, ours.close(), least.close())
	}
	progress("%s: filling %d accounts", g.store, what.accounts)
	if s.stock, err = seed(ctx, ours.app, what); err == nil {
		err = least.fill(ctx, s.stock)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("fill: %w", err), s.close())
	}
	return s, nil
}
