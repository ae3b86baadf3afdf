package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// benchReport is what a run found. Only its ratios travel to other machines.
type benchReport struct {
	Machine  machineLine   `json:"machine"`
	Settings benchSettings `json:"settings"`
	Lines    []benchLine   `json:"lines"`
	Pages    []pageLine    `json:"pages"`
	Race     []raceLine    `json:"race"`
	Decide   []decideLine  `json:"decide"`
	Access   []decideLine  `json:"access"`
	Process  []processLine `json:"process"`
	Missed   []string      `json:"missed"` // what could not be measured, and why
	postgres bool
}

type machineLine struct {
	CPUs       int    `json:"cpus"`
	System     string `json:"system"`
	Go         string `json:"go"`
	LoadBefore string `json:"load_before"` // over 1, 5 and 15 minutes; "" where the system does not say
	LoadAfter  string `json:"load_after"`
}

type benchSettings struct {
	Rounds   int     `json:"rounds"`
	Accounts int     `json:"accounts"`
	Seconds  float64 `json:"seconds"`
	Pairs    int     `json:"pairs"`
}

// benchLine is one path beside its ceiling. Rates and times are medians over the rounds; ratios are medians of each round's.
type benchLine struct {
	Store      string  `json:"store"`
	Target     string  `json:"target,omitempty"`
	What       string  `json:"what"`
	Clients    int     `json:"clients"`
	Ours       float64 `json:"ours_per_second"`
	Ceiling    float64 `json:"ceiling_per_second"`
	Ratio      float64 `json:"ratio"`
	Low        float64 `json:"ratio_min"`
	High       float64 `json:"ratio_max"`
	P99        float64 `json:"p99_ms"`
	CeilingP99 float64 `json:"ceiling_p99_ms"`
	P99Ratio   float64 `json:"p99_ratio"`
	CPU        float64 `json:"cpu_us"` // processor time an answer, the database's and the generator's included; 0: unknown
	CeilingCPU float64 `json:"ceiling_cpu_us"`
	Want       float64 `json:"want_ratio,omitempty"`
	WantP99    float64 `json:"want_p99_ratio,omitempty"`
	Met        *bool   `json:"met,omitempty"` // nil where there is no target
}

// fold takes the rounds in.
func (l *benchLine) fold(mine, theirs []driven) {
	ratio, p99 := make([]float64, len(mine)), make([]float64, len(mine))
	for i := range mine {
		ratio[i], p99[i] = mine[i].rate/theirs[i].rate, float64(mine[i].p99)/float64(theirs[i].p99)
	}
	l.Ratio, l.Low, l.High, l.P99Ratio = median(ratio), slices.Min(ratio), slices.Max(ratio), median(p99)
	l.Ours, l.Ceiling = median(each(mine, func(d driven) float64 { return d.rate })), median(each(theirs, func(d driven) float64 { return d.rate }))
	l.P99, l.CeilingP99 = median(each(mine, func(d driven) float64 { return millis(d.p99) })), median(each(theirs, func(d driven) float64 { return millis(d.p99) }))
	l.CPU, l.CeilingCPU = median(each(mine, func(d driven) float64 { return 1000 * millis(d.cpu) })), median(each(theirs, func(d driven) float64 { return 1000 * millis(d.cpu) }))
	if l.Want > 0 {
		met := l.Ratio >= l.Want && (l.WantP99 == 0 || l.P99Ratio <= l.WantP99)
		l.Met = &met
	}
}

func each[In, Out any](in []In, f func(In) Out) []Out {
	out := make([]Out, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

func newBenchReport(b benchCommand) benchReport {
	return benchReport{
		Machine:  machineLine{CPUs: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), LoadBefore: loadAverage()},
		Settings: benchSettings{b.Rounds, b.Accounts, b.Seconds, b.Pairs},
		Lines:    []benchLine{}, Pages: []pageLine{}, Race: []raceLine{}, Decide: []decideLine{}, Access: []decideLine{}, Process: []processLine{}, Missed: []string{}, postgres: b.DB != "",
	}
}

// loadAverage is how busy the machine was with everything, ourselves among it.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

func (r *benchReport) missed(what string, err error) {
	progress("%s could not be measured: %v", what, err)
	r.Missed = append(r.Missed, what+": "+err.Error())
}

// sound reports that everything was measured and the race was not lost. A target that was missed is a finding, no failure.
func (r benchReport) sound() bool {
	return len(r.Missed) == 0 && !slices.ContainsFunc(r.Race, func(l raceLine) bool { return l.Lost+l.Lied > 0 })
}

func (r benchReport) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	if len(r.Lines) > 0 {
		fmt.Fprintln(w, "\tpath\tclients\tours/s\tceiling/s\tratio\tmin–max\tp99 ms\tp99 ratio\tcpu µs\tceiling\ttarget\tmet")
	}
	for _, l := range r.Lines {
		fmt.Fprintf(w, "%s\t%s\t%d\t%.0f\t%.0f\t%.2f\t%.2f–%.2f\t%.1f\t%.2f\t%.0f\t%.0f\t%s\t%s\n",
			l.Store, l.What, l.Clients, l.Ours, l.Ceiling, l.Ratio, l.Low, l.High, l.P99, l.P99Ratio, l.CPU, l.CeilingCPU, l.target(), l.met())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, l := range r.Pages {
		fmt.Fprintf(out, "\n%s page %s, %d people at once beside %.0f commits/s: p50 %.1f ms, p99 %.1f ms (worst round %.1f; target ≤ %.0f, %s), %.0f/s",
			l.Store, l.What, l.Clients, l.Commits, l.P50, l.P99, l.Worst, l.Want, yes(l.Met), l.Pages)
	}
	if len(r.Pages) > 0 {
		fmt.Fprintln(out)
	}
	printDecide(out, r.Decide)
	printAccessTimes(out, r.Access)
	for _, l := range r.Race {
		fmt.Fprintf(out, "\n%s race, two removals at once of %d accounts with two logins: %d left with none, %d acknowledged but still linked (T7: 0 and 0, %s).\n"+
			"The naive control, count then delete: %d of %d left with none.\n",
			l.Store, l.Pairs, l.Lost, l.Lied, yes(l.Met), l.NaiveLost, l.NaivePairs)
	}
	for _, l := range r.Process {
		fmt.Fprintf(out, "\n%s process: ready in %.0f ms (slowest of %d: %.0f; T10 ≤ 150) · resident %.0f MiB idle (T9 ≤ 48), %.0f MiB after %d look-ups (T9 ≤ 64) · binary %.0f MB (T10 ≤ 45)\n",
			l.Store, l.ColdMillis, coldStarts, l.ColdSlow, l.IdleMiB, l.BusyMiB, l.Resolves, l.BinaryMB)
	}
	m := r.Machine
	fmt.Fprintf(out, "\n%d rounds, %d accounts · %d CPUs, %s, %s · load %s before, %s after. Only the ratios say something.\n",
		r.Settings.Rounds, r.Settings.Accounts, m.CPUs, m.System, m.Go, m.LoadBefore, m.LoadAfter)
	if !r.postgres {
		fmt.Fprintln(out, "PostgreSQL was not measured: make bench brings one along, --db URL takes yours.")
	}
	for _, what := range r.Missed {
		fmt.Fprintln(out, "NOT measured:", what)
	}
	return nil
}

func (l benchLine) target() string {
	switch {
	case l.Want == 0:
		return ""
	case l.WantP99 > 0:
		return fmt.Sprintf("%s ≥ %.1f, p99 ≤ %.1f", l.Target, l.Want, l.WantP99)
	}
	return fmt.Sprintf("%s ≥ %.1f", l.Target, l.Want)
}

func (l benchLine) met() string {
	if l.Met == nil {
		return ""
	}
	return yes(*l.Met)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "NO"
}
