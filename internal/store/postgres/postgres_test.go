package postgres

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jieling-id/jieling/internal/store"
	"github.com/jieling-id/jieling/internal/store/storetest"
)

func TestExam(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return opened(t, database(t), Config{}) })
}

func BenchmarkExam(b *testing.B) {
	storetest.Bench(b, func(b *testing.B) store.Store { return opened(b, database(b), Config{}) })
}

// database makes an empty database for one test, dropped when it ends, and gives its URL.
func database(t testing.TB) string {
	t.Helper()
	admin := os.Getenv("JIELING_TEST_PG")
	if admin == "" {
		t.Fatal("JIELING_TEST_PG is not set. Run the tests by scripts/with-postgres go test ./internal/store/postgres, " +
			"or give it the URL of a throw-away server whose user may create databases.")
	}
	name := "jieling_" + strings.ToLower(rand.Text())
	execute(t, admin, "create database "+name)
	t.Cleanup(func() { execute(t, admin, "drop database "+name+" with (force)") })
	at, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	at.Path = "/" + name
	return at.String()
}

// execute runs SQL on a connection of its own.
func execute(t testing.TB, url, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}

// opened is a store on a database; how lets a test stand between it and the server.
func opened(t testing.TB, url string, cfg Config, how ...func(*pgxpool.Config)) *Store {
	t.Helper()
	pool, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range how {
		change(pool)
	}
	s, err := open(context.Background(), pool, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
