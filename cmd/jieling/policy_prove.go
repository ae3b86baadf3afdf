package main

import (
	"fmt"
	"io"
	"math/big"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

type policyProveCommand struct {
	Pack string `arg:"" help:"A file, or the name of a shipped pack."`
	JSON bool   `name:"json" help:"As JSON."`
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
func (c policyProveCommand) Run() error {
	start := time.Now()
	pack, err := loadPack(c.Pack)
	if err != nil {
		return sayBroken(err, c.JSON)
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
		err = out.print(os.Stdout, pack)
	}
	if err == nil && !out.Holds {
		return errNo
	}
	return err
}

func milliseconds(since time.Time) float64 { return float64(time.Since(since).Microseconds()) / 1000 }

func (o proven) print(w io.Writer, pack *policy.Pack) error {
	fmt.Fprintf(w, "%s · %s situations · loaded in %.1f ms\n", o.Pack, o.Situations, o.Loading)
	took := 0.0
	for _, p := range o.Proofs {
		verdict := "holds"
		if !p.Holds {
			verdict = "FAILS"
		}
		fmt.Fprintf(w, "  %s  %-9s  %-3s %-66s %8.1f ms\n", verdict, p.Claim, p.Row, p.Says, p.Milliseconds)
		if p.Counter != nil {
			if err := printCounter(w, pack, p.Counter); err != nil {
				return err
			}
		}
		took += p.Milliseconds
	}
	if o.Holds {
		_, err := fmt.Fprintf(w, "Proven for every situation, in %.1f ms.\n", took)
		return err
	}
	_, err := fmt.Fprintf(w, "NOT proven. It took %.1f ms.\n", took)
	return err
}

// printCounter puts two situations side by side.
func printCounter(w io.Writer, pack *policy.Pack, c *policy.Counterexample) error {
	fmt.Fprintf(w, "\n    %s\n\n", c.What)
	if c.Sides[0].Title == "" {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 4, 3, ' ', 0)
	row := func(name string, left, right string) {
		if left != "" || right != "" {
			fmt.Fprintf(t, "    %s\t%s\t%s\n", name, left, right)
		}
	}
	left, right := c.Sides[0], c.Sides[1]
	row("", strings.ToUpper(left.Title), strings.ToUpper(right.Title))
	for i := range max(len(left.Facts), len(right.Facts)) {
		row(first(i, "situation"), nth(left.Facts, i), nth(right.Facts, i))
	}
	row("asks", asks(pack, left), asks(pack, right))
	row("waits", waits(left.Decision.Wait), waits(right.Decision.Wait))
	row("guarded", waits(left.Decision.Guard), waits(right.Decision.Guard))
	row("first", firstly(left), firstly(right))
	row("by rules", rulesOf(left.Decision), rulesOf(right.Decision))
	row("has", hands(left.Holds), hands(right.Holds))
	if err := t.Flush(); err != nil {
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

func nth(words []string, i int) string {
	if i < len(words) {
		return words[i]
	}
	return ""
}

func asks(pack *policy.Pack, s policy.Side) string {
	switch {
	case s.Title == "":
		return ""
	case !s.Decision.Allowed():
		return "refused"
	case s.Decision.Requirement.Zero():
		return "nothing"
	}
	return pack.InWords(s.Decision.Requirement).EN
}

func waits(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func firstly(s policy.Side) string {
	if said := inPlace(s.Decision); said != "nothing" {
		return said
	}
	return ""
}

func rulesOf(d jieling.Decision) string {
	var ids []string
	for _, b := range append(append([]jieling.Because{}, d.Reasons...), d.Refusals...) {
		ids = append(ids, b.Rule)
	}
	return strings.Join(ids, " ")
}

func hands(fs []jieling.Factor) string {
	words := make([]string, len(fs))
	for i, f := range fs {
		words[i] = string(f)
	}
	return strings.Join(words, ", ")
}
