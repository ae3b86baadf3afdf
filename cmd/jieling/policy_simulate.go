package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/store"
)

type policyRecordCommand struct {
	DB string `name:"db" required:"" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
}

// Help teaches the command.
func (policyRecordCommand) Help() string {
	return `Example: jieling policy record --db sqlite:/var/lib/jieling/jieling.db > cases.jsonl

Writes out, as JSON lines, the situation that each case was opened in and what was decided. No names, numbers or subjects.`
}

// Run writes the records.
func (c policyRecordCommand) Run(ctx context.Context) error {
	st, err := openStore(ctx, c.DB, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	start, out := time.Now(), bufio.NewWriter(os.Stdout)
	lines, written, without := json.NewEncoder(out), 0, 0
	for first, err := range openings(ctx, st) {
		if err != nil {
			return err
		}
		r, ok, err := engine.ReadRecorded(first)
		switch {
		case err != nil:
			return err
		case !ok:
			without++
		default:
			written++
			if err := lines.Encode(r); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(os.Stderr, "%d cases written, %d of an older version without their situation left out, in %.1f ms.\n", written, without, milliseconds(start))
	return out.Flush()
}

// openings walks over the first event of every case there is, newest first.
func openings(ctx context.Context, st store.Store) iter.Seq2[jieling.Event, error] {
	return func(yield func(jieling.Event, error) bool) {
		var before jieling.CaseID
		for {
			page, err := st.Openings(ctx, before, 500)
			if err != nil {
				yield(jieling.Event{}, err)
				return
			}
			if len(page) == 0 {
				return
			}
			for _, first := range page {
				if !yield(first, nil) {
					return
				}
			}
			before = page[len(page)-1].Case
		}
	}
}

type policySimulateCommand struct {
	Pack    string `arg:"" help:"The changed pack: a file, or the name of a shipped one."`
	Records string `arg:"" type:"existingfile" help:"Recorded cases, as jieling policy record writes them."`
	JSON    bool   `name:"json" help:"As JSON."`
}

// Help teaches the command.
func (policySimulateCommand) Help() string {
	return `Example: jieling policy record --db sqlite:jieling.db > cases.jsonl
         jieling policy simulate my-pack.yaml cases.jsonl

Asks the changed pack about every recorded case, and lists who would have been asked for more, less or something else.
Exit 1 when anybody would have been asked for less, or could not be judged at all.`
}

// change is how a changed pack treats one recorded case.
type change struct {
	Case     jieling.CaseID   `json:"case"`
	Change   string           `json:"change"` // more, less, other, unjudged
	Before   jieling.Decision `json:"before"`
	After    jieling.Decision `json:"after"`
	Unjudged string           `json:"unjudged,omitempty"` // why the pack could not judge it
}

// simulated is what a simulation says.
type simulated struct {
	Pack         string         `json:"pack"`
	Totals       map[string]int `json:"totals"` // by change, and same
	Changes      []change       `json:"changes"`
	Milliseconds float64        `json:"milliseconds"`
}

// Run simulates.
func (c policySimulateCommand) Run(in *policyCommand) error {
	l := in.speaks()
	pack, err := loadPack(c.Pack)
	if err != nil {
		return sayBroken(err, l, c.JSON)
	}
	file, err := os.Open(c.Records)
	if err != nil {
		return misuse("%w", err)
	}
	defer file.Close()
	start := time.Now()
	out := simulated{Pack: pack.ID(), Totals: map[string]int{"same": 0, "more": 0, "less": 0, "other": 0, "unjudged": 0}, Changes: []change{}}
	for r, err := range readRecords(c.Records, file) {
		if err != nil {
			return err
		}
		if one := compare(pack, r); one.Change != "same" {
			out.Changes = append(out.Changes, one)
			out.Totals[one.Change]++
		} else {
			out.Totals["same"]++
		}
	}
	out.Milliseconds = milliseconds(start)
	if c.JSON {
		err = printJSON(out)
	} else {
		out.print(os.Stdout, l, pack)
	}
	if err == nil && out.Totals["less"]+out.Totals["unjudged"] > 0 {
		return errNo
	}
	return err
}

// readRecords reads JSON lines, strictly.
func readRecords(name string, r io.Reader) iter.Seq2[engine.Recorded, error] {
	return func(yield func(engine.Recorded, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 1<<20)
		for n := 1; lines.Scan(); n++ {
			var one engine.Recorded
			if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
				yield(one, misuse("%s:%d: this is not a recorded case: %w", name, n, err))
				return
			}
			if !yield(one, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(engine.Recorded{}, misuse("%s: %w", name, err))
		}
	}
}

// compare asks the pack about a recorded case.
func compare(pack *policy.Pack, r engine.Recorded) change {
	trial := pack.Try(r.Situation, r.Decision)
	out := change{Case: r.Case, Change: string(trial.Change), Before: r.Decision, After: trial.After}
	if trial.Err != nil {
		out.Unjudged = trial.Err.Error()
	}
	return out
}

func (s simulated) print(w io.Writer, l lang.Lang, pack *policy.Pack) {
	total := 0
	for _, n := range s.Totals {
		total += n
	}
	for _, c := range s.Changes {
		said := c.Unjudged
		if said == "" {
			said = brief(l, pack, c.Before) + " → " + brief(l, pack, c.After)
		}
		fmt.Fprintf(w, "%-8s %s: %s\n", c.Change, c.Case, said)
	}
	n := func(change string) string { return strconv.Itoa(s.Totals[change]) }
	fmt.Fprintln(w, l.Say(lang.ToolTotals, "pack", s.Pack, "n", strconv.Itoa(total), "ms", inMS(s.Milliseconds),
		"same", n("same"), "more", n("more"), "less", n("less"), "other", n("other"), "unjudged", n("unjudged")))
}

// brief says a decision in one line.
func brief(l lang.Lang, pack *policy.Pack, d jieling.Decision) string {
	if !d.Allowed() {
		return l.Say(lang.ToolRefused)
	}
	parts := []string{l.Read(pack.InWords(d.Requirement))}
	if d.Wait > 0 {
		parts = append(parts, l.Say(lang.ToolWaitsFor, "span", span(l, d.Wait)))
	}
	if d.Guard > 0 {
		parts = append(parts, l.Say(lang.ToolGuardedFor, "span", span(l, d.Guard)))
	}
	if d.Replacement || d.NeedPhone || d.Backup {
		parts = append(parts, l.Say(lang.ToolFirstly, "what", inPlace(l, d)))
	}
	return listed(l, parts)
}
