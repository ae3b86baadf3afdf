package main

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"os"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/policy"
)

type policyProveCommand struct {
	Pack string `arg:"positional,required" help:"A file, or the name of a shipped pack."`
	JSON bool   `help:"As JSON."`
}

// Help teaches the command.
func (policyProveCommand) Help() string {
	return `Example: jieling policy prove my-pack.yaml

Walks every situation there is, not a sample, through the very tables that decide:
  complete   every situation asks for something or refuses
  monotone   a riskier situation never asks for less (V4)
  reachable  who has set nothing up still has a way, by a detour if need be (V8)
  elsewhere  what is refused on one platform can be done on another (V8)
  detours    no detour is easier for any thief than what it stands in for (V8)
  losses     no requirement is met by what one loss hands over: a phone, a SIM, a QQ (V6)

Exit 1 shows, for each claim that fails, the smallest counter-example as two situations side by side.`
}

// timedProof is a proof with what it took.
type timedProof struct {
	policy.Proof
	Milliseconds float64 `json:"milliseconds"`
}

// proven is everything `policy prove` says.
type proven struct {
	Pack       string       `json:"pack"`
	Situations *big.Int     `json:"situations"`
	Loading    float64      `json:"load_milliseconds"`
	Holds      bool         `json:"holds"`
	Proofs     []timedProof `json:"proofs"`
}

// Run proves.
func (c policyProveCommand) Run(_ context.Context, in *policyCommand) error {
	start, l := time.Now(), in.speaks()
	pack, err := loadPack(c.Pack)
	if err != nil {
		return sayBroken(err, l, c.JSON)
	}
	out := proven{Pack: pack.ID(), Situations: pack.Situations(), Loading: milliseconds(start), Holds: true}
	for _, claim := range pack.Claims() {
		start := time.Now()
		proof := claim.Prove()
		out.Proofs = append(out.Proofs, timedProof{proof, milliseconds(start)})
		out.Holds = out.Holds && proof.Holds
	}
	if c.JSON {
		err = printJSON(out)
	} else {
		err = out.print(os.Stdout, l, pack)
	}
	if err == nil && !out.Holds {
		return errNo
	}
	return err
}

func milliseconds(since time.Time) float64 { return float64(time.Since(since).Microseconds()) / 1000 }

func (o proven) print(w io.Writer, l lang.Lang, pack *policy.Pack) error {
	fmt.Fprintln(w, l.Say(lang.ToolSpace, "pack", o.Pack, "n", o.Situations.String(), "ms", inMS(o.Loading)))
	took := 0.0
	for _, p := range o.Proofs {
		verdict := l.Say(lang.ToolHolds)
		if !p.Holds {
			verdict = l.Say(lang.ToolFails)
		}
		fmt.Fprintf(w, "  %s  %-9s  %-3s %5.1f ms  %s\n", verdict, p.Claim, p.Row, p.Milliseconds, claimed(l, p.Proof))
		if p.Counter != nil {
			if err := printCounter(w, l, pack, p.Counter); err != nil {
				return err
			}
		}
		took += p.Milliseconds
	}
	end := lang.ToolNotProven
	if o.Holds {
		end = lang.ToolProven
	}
	_, err := fmt.Fprintln(w, l.Say(end, "ms", inMS(took)))
	return err
}

// claimed says what was to be proven, in English in the words of the package that proves it.
func claimed(l lang.Lang, p policy.Proof) string {
	if l == lang.EN {
		return p.Says
	}
	return l.Say(lang.Claim(p.Claim))
}

// printCounter puts two situations side by side.
func printCounter(w io.Writer, l lang.Lang, pack *policy.Pack, c *policy.Counterexample) error {
	fmt.Fprintf(w, "\n    %s\n\n", l.Read(c.What.Text()))
	left, right := c.Sides[0], c.Sides[1]
	if left.Title.Code == "" {
		return nil
	}
	t := columns{before: "    ", gap: 3}
	row := func(name string, left, right string) {
		if left != "" || right != "" {
			t.row(name, left, right)
		}
	}
	row("", strings.ToUpper(l.Read(left.Title.Text())), strings.ToUpper(l.Read(right.Title.Text())))
	for i := range max(len(left.Facts), len(right.Facts)) {
		row(first(i, l.Say(lang.ToolSituation)), factIn(l, pack, left.Facts, i), factIn(l, pack, right.Facts, i))
	}
	row(l.Say(lang.ToolAsks), asks(l, pack, left), asks(l, pack, right))
	row(l.Say(lang.ToolWaits), waits(l, left.Decision.Wait), waits(l, right.Decision.Wait))
	row(l.Say(lang.ToolGuard), waits(l, left.Decision.Guard), waits(l, right.Decision.Guard))
	row(l.Say(lang.ToolFirst), firstly(l, left), firstly(l, right))
	row(l.Say(lang.ToolRules), rulesOf(left.Decision), rulesOf(right.Decision))
	row(l.Say(lang.ToolHas), hands(l, pack, left.Holds), hands(l, pack, right.Holds))
	if err := t.write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

func first(i int, name string) string {
	if i == 0 {
		return name
	}
	return ""
}

// factIn is one of the facts of a side: as conditions write it, and in Chinese with the words for it.
func factIn(l lang.Lang, pack *policy.Pack, facts []string, i int) string {
	if i >= len(facts) {
		return ""
	}
	if l == lang.EN {
		return facts[i]
	}
	name, value, _ := strings.Cut(facts[i], "=")
	return facts[i] + " " + l.Fact(name, value, l.Read(pack.ValueTitle(name, value)))
}

func asks(l lang.Lang, pack *policy.Pack, s policy.Side) string {
	switch {
	case s.Title.Code == "":
		return ""
	case !s.Decision.Allowed():
		return l.Say(lang.ToolRefused)
	case s.Decision.Requirement.Zero():
		return l.Say(lang.ToolNothing)
	}
	return l.Read(pack.InWords(s.Decision.Requirement))
}

func waits(l lang.Lang, d time.Duration) string {
	if d == 0 {
		return ""
	}
	return span(l, d)
}

func firstly(l lang.Lang, s policy.Side) string {
	if d := s.Decision; !d.Replacement && !d.NeedPhone && !d.Backup {
		return ""
	}
	return inPlace(l, s.Decision)
}

func rulesOf(d jieling.Decision) string {
	var ids []string
	for _, b := range append(append([]jieling.Because{}, d.Reasons...), d.Refusals...) {
		ids = append(ids, b.Rule)
	}
	return strings.Join(ids, " ")
}

// hands lists factors: by the names that packs give them, and in Chinese by their titles.
func hands(l lang.Lang, pack *policy.Pack, fs []jieling.Factor) string {
	words := make([]string, len(fs))
	for i, f := range fs {
		if words[i] = string(f); l != lang.EN {
			words[i] = l.Read(pack.FactorTitle(f))
		}
	}
	return listed(l, words)
}
