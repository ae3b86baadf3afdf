package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// benchDatabase begins the names of the databases that are made, and dropped.
const benchDatabase = "jieling_bench_"

// postgresGround makes databases of its own beside the one at the given URL, and drops them.
func postgresGround(ctx context.Context, dir, db string) (*benchGround, error) {
	g := &benchGround{store: "postgres", dir: filepath.Join(dir, "postgres"), bare: barePostgres}
	conn, err := pgx.Connect(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("reach PostgreSQL: %w (make bench brings one along)", err)
	}
	var made []string
	g.fresh = func(ctx context.Context, name string) (string, error) {
		var random [6]byte
		_, _ = rand.Read(random[:]) // never fails (crypto/rand)
		name = benchDatabase + name + "_" + hex.EncodeToString(random[:])
		if _, err := conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize()); err != nil {
			return "", fmt.Errorf("make a database: %w", err)
		}
		made = append(made, name)
		u, err := url.Parse(db)
		if err != nil {
			return "", misuse("--db is not a URL")
		}
		u.Path = "/" + name
		return u.String(), nil
	}
	g.drop = func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		errs := []error{os.RemoveAll(g.dir)}
		for _, name := range made {
			_, err := conn.Exec(ctx, "drop database if exists "+pgx.Identifier{name}.Sanitize()+" with (force)")
			errs = append(errs, err)
		}
		return errors.Join(append(errs, conn.Close(ctx))...)
	}
	return g, os.MkdirAll(g.dir, 0o700)
}

const barePostgresSchema = `
	create table bare_accounts (id text collate "C" primary key, ways_in int not null check (ways_in > 0), version bigint not null default 0,
		frozen bool not null default false, epoch bigint not null default 0, guarded_until timestamptz) with (fillfactor = 70);
	create table bare_bindings (account text collate "C" not null, id text collate "C" not null, provider text not null, subject text not null,
		state text not null, label text not null, verified_at timestamptz, created_at timestamptz, primary key (account, id));
	create unique index bare_identity on bare_bindings (provider, subject) include (account, id);
	create table bare_audit (id bigint generated always as identity primary key, account text, verb text, at timestamptz default now());
	create table bare_outbox (id bigint generated always as identity primary key, account text, kind text, at timestamptz default now())`

// barePostgres has its tables in the same database as ours, and as many connections.
func barePostgres(ctx context.Context, url string) (*bare, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	c.MaxConns = int32(4 * runtime.NumCPU())
	c.MaxConnIdleTime = time.Hour
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, err
	}
	if _, err := pool.Exec(ctx, barePostgresSchema); err != nil {
		pool.Close()
		return nil, fmt.Errorf("make the bare tables: %w", err)
	}
	p := pgBare{pool}
	return &bare{
		fill: p.fill, resolve: p.resolve, list: p.list, unlink: p.unlink, naive: p.naive, left: p.left,
		close: func() error { pool.Close(); return nil },
	}, nil
}

type pgBare struct{ pool *pgxpool.Pool }

// fill copies the stock in, and then settles both sides' tables, so that neither is vacuumed on its own time.
func (p pgBare) fill(ctx context.Context, stock []stocked) error {
	accounts, bindings := make([][]any, 0, len(stock)), make([][]any, 0, 3*len(stock))
	now := time.Now()
	for _, s := range stock {
		accounts = append(accounts, []any{string(s.account), len(s.ways)})
		for _, w := range s.ways {
			bindings = append(bindings, []any{string(s.account), string(w.binding), string(w.provider), w.subject, "active", "12****4821", now, now})
		}
	}
	_, err := p.pool.CopyFrom(ctx, pgx.Identifier{"bare_accounts"}, []string{"id", "ways_in"}, pgx.CopyFromRows(accounts))
	if err != nil {
		return err
	}
	columns := []string{"account", "id", "provider", "subject", "state", "label", "verified_at", "created_at"}
	if _, err := p.pool.CopyFrom(ctx, pgx.Identifier{"bare_bindings"}, columns, pgx.CopyFromRows(bindings)); err != nil {
		return err
	}
	// Empty tables are left as a new database has them.
	if _, err := p.pool.Exec(ctx, "vacuum analyze bare_accounts, bare_bindings, accounts, bindings, cases, events, audit"); err != nil {
		return err
	}
	_, err = p.pool.Exec(ctx, "checkpoint")
	return err
}

func (p pgBare) resolve(ctx context.Context, provider, subject string) (out bareResolved, err error) {
	var guarded *time.Time
	err = p.pool.QueryRow(ctx, `
		select b.account, b.id, b.state, a.frozen, a.epoch, a.guarded_until from bare_bindings b join bare_accounts a on a.id = b.account
		where b.provider = $1 and b.subject = $2`, provider, subject).Scan(&out.Account, &out.Binding, &out.State, &out.Frozen, &out.Epoch, &guarded)
	return out, err
}

func (p pgBare) list(ctx context.Context, account string) ([]bareBinding, error) {
	rows, err := p.pool.Query(ctx, `
		select id, account, provider, state, label, verified_at, created_at from bare_bindings where account = $1 order by created_at, id`, account)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (b bareBinding, err error) {
		return b, r.Scan(&b.ID, &b.Account, &b.Provider, &b.State, &b.Label, &b.Verified, &b.CreatedAt)
	})
}

// unlink is the one statement with a guarded counter on the account's row.
func (p pgBare) unlink(ctx context.Context, account, binding string) error {
	tag, err := p.pool.Exec(ctx, `
		with a as (update bare_accounts set ways_in = ways_in - 1, version = version + 1 where id = $1 and ways_in > 1 returning id),
		     b as (delete from bare_bindings using a where account = a.id and bare_bindings.id = $2 returning account),
		     l as (insert into bare_audit (account, verb) select account, 'remove' from b)
		insert into bare_outbox (account, kind) select account, 'notify' from b`, account, binding)
	if err == nil && tag.RowsAffected() != 1 {
		err = errBare
	}
	return err
}

// naive counts and then deletes in one transaction, which under READ COMMITTED guards nothing.
func (p pgBare) naive(ctx context.Context, account, binding string) error {
	return pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, "select count(*) from bare_bindings where account = $1", account).Scan(&n); err != nil || n < 2 {
			return errors.Join(err, errBare)
		}
		_, err := tx.Exec(ctx, "delete from bare_bindings where account = $1 and id = $2", account, binding)
		return err
	})
}

func (p pgBare) left(ctx context.Context, account string) (n int, err error) {
	err = p.pool.QueryRow(ctx, "select count(*) from bare_bindings where account = $1", account).Scan(&n)
	return n, err
}
