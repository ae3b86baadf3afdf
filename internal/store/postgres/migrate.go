package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
)

//go:embed migration/*.sql
var migrations embed.FS

// Migrate brings the schema of the database at url up to date: each file of the folder migration that the database has not
// seen, in the order of their numbers, in a transaction of its own that also records its name. Several nodes may start at
// once: one works, the others wait and find it done.
func Migrate(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("postgres: read the database URL: %w", err)
	}
	return migrate(ctx, config)
}

func migrate(ctx context.Context, config *pgx.ConnConfig) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("postgres: connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	names, err := fs.Glob(migrations, "migration/*.sql")
	if err != nil {
		return fmt.Errorf("postgres: list migrations: %w", err)
	}
	for _, name := range names {
		step := func(tx pgx.Tx) error { return migrateFile(ctx, tx, name) }
		if err := pgx.BeginFunc(ctx, conn, step); err != nil {
			return fmt.Errorf("postgres: migrate %s: %w", name, err)
		}
	}
	return nil
}

// migrateFile runs one file unless it ran before. The advisory lock ends with the transaction; its number is "jieling" in
// ASCII and means nothing else.
func migrateFile(ctx context.Context, tx pgx.Tx, name string) error {
	const serialize = `
		select pg_advisory_xact_lock(x'6a69656c696e67'::bigint);
		create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())`
	if _, err := tx.Exec(ctx, serialize); err != nil {
		return err
	}
	var done bool
	if err := tx.QueryRow(ctx, "select exists (select from migrations where name = $1)", name).Scan(&done); err != nil || done {
		return err
	}
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, string(text)); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "insert into migrations (name) values ($1)", name)
	return err
}
