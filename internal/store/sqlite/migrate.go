package sqlite

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
)

//go:embed migration/*.sql
var migrationFiles embed.FS

// Migrate brings the schema of the file at path up to date and creates the file where it is missing. [Open] does the same;
// this is for an operator who wants it done first. It reports the names of the migrations it carried out, in order.
func Migrate(path string) (applied []string, err error) {
	c, err := connect(path, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("sqlite: migrate: %w", err)
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if applied, err = migrateAll(c); err != nil {
		return applied, fmt.Errorf("sqlite: migrate: %w", err)
	}
	return applied, nil
}

func migrate(c *conn) error {
	_, err := migrateAll(c)
	return err
}

// migrateAll runs each migration that the file does not name yet, in the order of their numbers.
func migrateAll(c *conn) ([]string, error) {
	err := c.script("CREATE TABLE IF NOT EXISTS migrations (name TEXT NOT NULL PRIMARY KEY, at TEXT NOT NULL) STRICT")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(migrationFiles, "migration/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var applied []string
	for _, name := range names {
		done, err := migrateOne(c, name)
		if err != nil {
			return applied, fmt.Errorf("%s: %w", name, err)
		}
		if done {
			applied = append(applied, path.Base(name))
		}
	}
	return applied, nil
}

// migrateOne runs a migration and records its name in one transaction, so that it happens whole and once, also when two
// processes begin at the same time.
func migrateOne(c *conn, name string) (done bool, err error) {
	text, err := migrationFiles.ReadFile(name)
	if err != nil {
		return false, err
	}
	if err := c.script("BEGIN IMMEDIATE"); err != nil {
		return false, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.script("ROLLBACK"))
		}
	}()
	known, err := c.recorded(path.Base(name))
	if err != nil {
		return false, err
	}
	if !known {
		record := "INSERT INTO migrations (name, at) VALUES ('" + path.Base(name) + "', datetime('now'))"
		if err := errors.Join(c.script(string(text)), c.script(record)); err != nil {
			return false, err
		}
	}
	return !known, c.script("COMMIT")
}

// recorded reports whether a migration's name stands in the file.
func (c *conn) recorded(name string) (bool, error) {
	s, err := c.c.Prepare("SELECT name FROM migrations WHERE name = ?")
	if err != nil {
		return false, err
	}
	defer s.Close()
	c.prepared["recorded"] = s.(statement)
	defer delete(c.prepared, "recorded")
	found, err := one(c, "recorded", func(r *row) (string, error) { return r.text(), nil }, name)
	return found != nil, err
}
