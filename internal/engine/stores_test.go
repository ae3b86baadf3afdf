package engine_test

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/store/postgres"
)

// onBothStores runs a test over each store that a product may use. Races are only worth running on the real ones: what keeps
// them apart is the store's lock, and behind it the schema.
func onBothStores(t *testing.T, test func(t *testing.T, w *world), parties ...string) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, newWorld(t, parties...)) })
	t.Run("postgres", func(t *testing.T) { test(t, newPostgresWorld(t, parties...)) })
}

func newPostgresWorld(t *testing.T, parties ...string) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), inbox: &inbox{}, parties: map[string]*party{}}
	st, err := postgres.Open(t.Context(), freshDatabase(t), postgres.Config{Offset: w.offset})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return w.over(st, parties...)
}

// freshDatabase makes an empty PostgreSQL database for one test, dropped when it ends.
func freshDatabase(t *testing.T) string {
	t.Helper()
	admin := os.Getenv("JIELING_TEST_PG")
	if admin == "" {
		t.Fatal("JIELING_TEST_PG is not set. Run the tests by scripts/with-postgres go test ./internal/engine, " +
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

func execute(t *testing.T, database, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}

// quick is a payment PIN without the hashing, which is slow on purpose and would be all that a crowd's test does.
type quick struct{ factor.PIN }

// Enrol implements factor.Enroller.
func (quick) Enrol(context.Context, jieling.Account, []byte, []byte) (factor.Kept, error) {
	return factor.Kept{Secret: []byte("kept")}, nil
}

// Check implements factor.Factor.
func (quick) Check(_ context.Context, _ jieling.Challenge, _ []byte, _ []factor.Enrolled, a factor.Answer) (factor.Verdict, error) {
	return factor.Verdict{Passed: string(a.Given) == pin}, nil
}

func (w *world) quickly() {
	w.Factors[jieling.PaymentPIN] = quick{factor.PIN{Keys: w.Keys}}
}

// together calls do n times at once and waits for all.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() { <-begin; do(i) })
	}
	close(begin)
	all.Wait()
}

// workers calls do for 0…n-1, width at a time.
func workers(width, n int, do func(i int)) {
	next := make(chan int)
	var all sync.WaitGroup
	for range width {
		all.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}
