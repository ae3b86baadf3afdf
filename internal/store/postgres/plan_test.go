package postgres

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// A plan lives until the table is analysed. One of the hot path that was made while a table was empty must not read it whole later.
func TestPlans_MadeOnEmptyTablesGoByIndex(t *testing.T) {
	url := database(t)
	s := opened(t, url, Config{Conns: 2, Committers: 1})
	execute(t, url, "vacuum analyze")
	conn, err := s.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, name := range []string{"read_answers", "resolve"} {
		rows, err := conn.Query(t.Context(), "explain execute "+name+"(null, null)")
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		plan := strings.Join(lines, "\n")
		if scans, conds := strings.Count(plan, "Scan using"), strings.Count(plan, "Index Cond"); scans != conds || strings.Contains(plan, "Seq Scan") {
			t.Errorf("%s has %d scans, of which %d go by an index:\n%s", name, scans, conds, plan)
		}
	}
}
