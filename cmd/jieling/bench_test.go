package main

import (
	"os"
	"testing"
)

// asCommand makes the test's own binary behave as the command, for what starts it as a child.
const asCommand = "JIELING_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// A tiny run says nothing of speed; it shows that everything is measured, and that the race is not lost.
func TestBench_MeasuresEveryPathAndLosesNoRace(t *testing.T) {
	t.Setenv(asCommand, "1")
	stores := []string{"sqlite"}
	b := benchCommand{Rounds: 1, Accounts: 40, Seconds: 0.1, Pairs: 12, DB: os.Getenv("JIELING_TEST_PG"), self: os.Args[0]}
	if b.DB != "" {
		stores = append(stores, "postgres")
	}
	report, err := b.measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Lines) != 7*len(stores) || len(report.Race) != len(stores) || len(report.Process) != len(stores) || len(report.Pages) != 4*len(stores) {
		t.Fatalf("%d stores gave %d paths, %d pages, %d races, %d processes; not measured: %v",
			len(stores), len(report.Lines), len(report.Pages), len(report.Race), len(report.Process), report.Missed)
	}
	for _, l := range report.Lines {
		if l.Ours <= 0 || l.Ceiling <= 0 || l.Ratio <= 0 || l.Low > l.Ratio || l.High < l.Ratio || (l.Want > 0) != (l.Met != nil) {
			t.Errorf("%+v", l)
		}
	}
	for _, l := range report.Pages {
		if l.P50 <= 0 || l.P99 < l.P50 || l.Worst < l.P99 || l.Pages <= 0 || l.Commits <= 0 || l.Met != (l.P99 <= l.Want) {
			t.Errorf("%+v", l)
		}
	}
	if len(report.Decide) != 6 {
		t.Errorf("%d questions to the policy were measured", len(report.Decide))
	}
	if len(report.Access) != 4 {
		t.Errorf("%d questions about access were measured", len(report.Access))
	}
	for _, l := range append(report.Decide, report.Access...) {
		if l.Nanoseconds <= 0 || (l.Want > 0) != (l.Met != nil) {
			t.Errorf("%+v", l)
		}
	}
	for _, l := range report.Race {
		if l.Pairs != b.Pairs || l.Lost != 0 || l.Lied != 0 {
			t.Errorf("%+v", l)
		}
	}
	for _, l := range report.Process {
		if l.ColdMillis <= 0 || l.IdleMiB <= 0 || l.Resolves == 0 || l.BinaryMB <= 0 {
			t.Errorf("%+v", l)
		}
	}
}

func TestBench_RefusesWhatCannotBeMeasured(t *testing.T) {
	for name, b := range map[string]benchCommand{
		"no rounds":      {Accounts: 100, Seconds: 1, Pairs: 1},
		"no time":        {Accounts: 100, Rounds: 1, Pairs: 1},
		"few accounts":   {Accounts: 5, Rounds: 1, Seconds: 1, Pairs: 1},
		"not PostgreSQL": {Accounts: 100, Rounds: 1, Seconds: 1, Pairs: 1, DB: "sqlite:x.db"},
	} {
		if _, err := b.measure(t.Context()); err == nil {
			t.Errorf("%s: nothing was said", name)
		}
	}
}

func TestBench_Medians(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v is %v", c.values, got)
		}
	}
}
