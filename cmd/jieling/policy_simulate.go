package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math"
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
	DB string `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
}

// Help teaches the command.
func (policyRecordCommand) Help() string {
	return `Example: jieling policy record --db sqlite:/var/lib/jieling/jieling.db > cases.jsonl

Writes out, as JSON lines, the situation that each case was opened in and what was decided. No names, numbers or subjects.`
}

// Run writes the records.
func (c policyRecordCommand) Run(ctx context.Context, in *policyCommand) error {
	st, err := openStore(ctx, c.DB, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	start, out := time.Now(), bufio.NewWriter(os.Stdout)
	lines, written, without, far := json.NewEncoder(out), 0, 0, newJourney(os.Stderr, in.speaks(), 0)
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
			far.at(written + without)
		default:
			written++
			far.at(written + without)
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
	Pack    string   `arg:"positional,required" help:"The changed pack: a file, or the name of a shipped one."`
	Records existing `arg:"positional,required" help:"Recorded cases, as jieling policy record writes them."`
	Only    outcome  `placeholder:"OUTCOME" help:"List these alone: less, refused, more, other or unjudged."`
	Rules   string   `placeholder:"RULES" help:"List those alone that change through these rules, as the counts name them."`
	Limit   int      `placeholder:"N" help:"List at most so many; 50 if left out, and as JSON all of them."`
	After   string   `placeholder:"CASE" help:"List what comes after this case: the last one of the page before."`
	JSON    bool     `help:"As JSON."`
}

// Help teaches the command.
func (policySimulateCommand) Help() string {
	return `Example: jieling policy record --db sqlite:jieling.db > cases.jsonl
         jieling policy simulate my-pack.yaml cases.jsonl
         jieling policy simulate my-pack.yaml cases.jsonl --only less --rules V1

Asks the changed pack about every recorded case. It counts who would have been asked for more, less or something else, and through which rules, and then lists
a page of them. Exit 1 when anybody would have been asked for less, or could not be judged at all.`
}

// change is how a changed pack treats one recorded case.
type change struct {
	Case     jieling.CaseID   `json:"case"`
	Change   string           `json:"change"` // more, less, other, unjudged
	Rules    []string         `json:"rules"`  // behind it
	Before   jieling.Decision `json:"before"`
	After    jieling.Decision `json:"after"`
	Unjudged string           `json:"unjudged,omitempty"` // why the pack could not judge it
}

// simulated is what a simulation says.
type simulated struct {
	Pack         string         `json:"pack"`
	Totals       map[string]int `json:"totals"` // by change, and same
	Groups       []policy.Group `json:"groups"` // by outcome and rules; who would be refused is told apart from who is asked for more
	Changes      []change       `json:"changes"`
	Next         jieling.CaseID `json:"next,omitempty"` // what to list after, where there is more
	Milliseconds float64        `json:"milliseconds"`
}

// listedCases is how many cases are listed for people at a time.
const listedCases = 50

// Run simulates.
func (c policySimulateCommand) Run(_ context.Context, in *policyCommand) error {
	l := in.speaks()
	pack, err := loadPack(c.Pack)
	if err != nil {
		return sayBroken(err, l, c.JSON)
	}
	file, err := os.Open(string(c.Records))
	if err != nil {
		return misuse("%w", err)
	}
	defer file.Close()
	start := time.Now()
	tally, err := c.tally(pack, file, l)
	if err != nil {
		return err
	}
	out := told(pack, tally)
	out.Milliseconds = milliseconds(start)
	if c.JSON {
		err = printJSON(out)
	} else {
		out.print(os.Stdout, l, pack, tally)
	}
	if err == nil && out.Totals["less"]+out.Totals["unjudged"] > 0 {
		return errNo
	}
	return err
}

// tally asks the pack about every case of a file, and keeps the page that was asked for.
func (c policySimulateCommand) tally(pack *policy.Pack, file *os.File, l lang.Lang) (*policy.Tally, error) {
	size := int64(0)
	if info, err := file.Stat(); err == nil {
		size = info.Size()
	}
	page := c.Limit
	switch {
	case page > 0:
	case c.JSON:
		page = math.MaxInt
	default:
		page = listedCases
	}
	was, far := newDeciders(), newJourney(os.Stderr, l, size)
	tally := &policy.Tally{Choice: policy.Choice{Outcome: string(c.Only), Rules: c.Rules, After: jieling.CaseID(c.After), Size: page}}
	for r, err := range readRecords(string(c.Records), far.over(file)) {
		if err != nil {
			return nil, err
		}
		tally.Add(r.Case, r.Situation, r.Decision, pack.Try(r.Situation, r.Decision, was.by(r.Decision.Pack)))
		far.at(tally.Cases)
	}
	if tally.Lost() {
		return nil, misuse("--after %s: no case that is listed has this ID; take the one that the page before ended with", c.After)
	}
	return tally, nil
}

// deciders are the shipped packs by their ID: the one that decided a case tells exactly which rule is behind a change.
type deciders map[string]*policy.Pack

func newDeciders() deciders {
	d := deciders{}
	for _, name := range policy.ShippedNames() {
		if p, err := policy.Shipped(name); err == nil {
			d[p.ID()] = p
		}
	}
	return d
}

func (d deciders) by(id string) *policy.Pack { return d[id] }

// told puts a tally into the words that scripts know.
func told(pack *policy.Pack, t *policy.Tally) simulated {
	n := t.Totals
	out := simulated{
		Pack: pack.ID(), Groups: t.Groups(), Changes: make([]change, 0, len(t.Page)), Next: t.Next,
		Totals: map[string]int{"same": n["same"], "more": n["more"] + n[policy.Refused], "less": n["less"], "other": n["other"], "unjudged": n["unjudged"]},
	}
	for _, one := range t.Page {
		c := change{Case: one.Case, Change: string(one.Trial.Change), Rules: append([]string{}, one.Trial.Rules...), Before: one.Before, After: one.Trial.After}
		if one.Trial.Err != nil {
			c.Unjudged = one.Trial.Err.Error()
		}
		out.Changes = append(out.Changes, c)
	}
	return out
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

// print writes the counts first, by outcome and by the rules behind it, and then the page.
func (s simulated) print(w io.Writer, l lang.Lang, pack *policy.Pack, t *policy.Tally) {
	n := func(change string) string { return strconv.Itoa(s.Totals[change]) }
	fmt.Fprintln(w, l.Say(lang.ToolTotals, "pack", s.Pack, "n", strconv.Itoa(t.Cases), "ms", inMS(s.Milliseconds),
		"same", n("same"), "more", n("more"), "less", n("less"), "other", n("other"), "unjudged", n("unjudged")))
	for _, g := range s.Groups {
		fmt.Fprintf(w, "  %7d  %-8s  %s\n", g.Cases, g.Outcome, cmp.Or(g.Rules, "-"))
	}
	for i, c := range s.Changes {
		if i == 0 {
			fmt.Fprintln(w)
		}
		said := c.Unjudged
		if said == "" {
			said = brief(l, pack, c.Before) + " → " + brief(l, pack, c.After)
		}
		fmt.Fprintf(w, "%-8s %s: %s\n", c.Change, c.Case, said)
	}
	if s.Next != "" {
		fmt.Fprintln(w, l.Say(lang.ToolNext, "case", string(s.Next)))
	}
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
