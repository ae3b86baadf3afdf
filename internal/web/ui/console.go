package ui

import (
	"strconv"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/policy"
)

// Reading is when a pack's file was read, and when it was last refused.
type Reading struct {
	At        time.Time
	RefusedAt time.Time    // zero: never since the start
	Refused   jieling.Text // why, with the file's places
}

// PackView is what the console shows of the policy in force.
type PackView struct {
	Pack    *policy.Pack
	Reading Reading
}

// TimedProof is a proof with what it took.
type TimedProof struct {
	policy.Proof
	Took time.Duration
}

// ProofsView is what was proven of a pack; without proofs nothing was run yet.
type ProofsView struct {
	Pack   *policy.Pack
	Proofs []TimedProof
}

func proven(proofs []TimedProof) bool {
	for _, p := range proofs {
		if !p.Holds {
			return false
		}
	}
	return true
}

// ExplainView is a situation, in the words of a pack, and what comes of it; without sheets nothing was asked yet.
type ExplainView struct {
	Pack   *policy.Pack
	Given  map[string]string // by fact
	Rules  []policy.Explanation
	Sheets []PlatformSheet // the chosen platform first
}

// PlatformSheet is what a pack answers on one platform.
type PlatformSheet struct {
	Platform jieling.Platform
	Sheet    *policy.Sheet
}

// SimulationView is a changed pack, and what it would have done.
type SimulationView struct {
	Text    string
	Limit   int // how many cases are read at most
	Broken  []policy.Problem
	Outcome *Simulated
}

// Simulated is what came of a simulation: counts over all cases, and one page of those that would change.
type Simulated struct {
	Pack    *policy.Pack
	Tally   *policy.Tally
	Newest  jieling.CaseID // the first case that was counted: later pages count from there
	Without int            // that kept no situation
	Took    time.Duration
	Remarks []policy.Problem // what looks like a slip
	Proofs  []TimedProof     // none where a page was turned
}

// Show is the value of the button that lists some of the cases.
func Show(outcome, rules string, after jieling.CaseID) string {
	return strings.Join([]string{outcome, rules, string(after)}, "|")
}

// outcomeNamed says which outcome is listed; "" is every change.
func (p Page) outcomeNamed(outcome string) string {
	if outcome == "" {
		return p.Say(lang.SimEvery)
	}
	return p.Say(lang.Outcome(outcome))
}

// rulesNamed says which rules are behind cases of an outcome; those of no outcome are any.
func (p Page) rulesNamed(outcome, rules string) string {
	switch {
	case rules != "":
		return rules
	case outcome == "":
		return p.Say(lang.SimAnyRule)
	}
	return p.Say(lang.SimNoRule)
}

// groupsShown bounds the groups on a page; a pack has a few.
const groupsShown = 60

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 1, 64)
}

// decided says a decision in words: what it asks and for how long, and what must be in place first.
func (p Page) decided(d jieling.Decision) string {
	if !d.Allowed() {
		var why []string
		for _, r := range d.Refusals {
			why = append(why, r.Rule)
		}
		return p.Say(lang.DecidedRefused, "why", strings.Join(why, " "))
	}
	said := []string{p.asked(d.Requirement)}
	if d.Wait > 0 {
		said = append(said, p.Say(lang.DecidedWait, "span", p.Lang.Span(d.Wait)))
	}
	if d.Guard > 0 {
		said = append(said, p.Say(lang.DecidedGuard, "span", p.Lang.Span(d.Guard)))
	}
	switch {
	case d.NeedPhone:
		said = append(said, p.Say(lang.DecidedPhone))
	case d.Replacement:
		said = append(said, p.Say(lang.DecidedOther))
	}
	if d.Backup {
		said = append(said, p.Say(lang.DecidedBackup))
	}
	if p.Lang == lang.EN {
		return strings.Join(said, "; ")
	}
	return strings.Join(said, "；")
}

// rulesOf names the rules behind a decision.
func rulesOf(d jieling.Decision) string {
	var ids []string
	for _, b := range append(append([]jieling.Because{}, d.Reasons...), d.Refusals...) {
		ids = append(ids, b.Rule)
	}
	return strings.Join(ids, " ")
}

// fact says a fact of a situation in words, from what conditions call it: "network=public".
func (p Page) fact(pack *policy.Pack, said string) string {
	name, value, _ := strings.Cut(said, "=")
	return p.Lang.Fact(name, value, p.Lang.Read(pack.ValueTitle(name, value)))
}

// value says a value that a fact can take.
func (p Page) value(pack *policy.Pack, fact, value string) string {
	return p.Lang.ValueOf(fact, value, p.Lang.Read(pack.ValueTitle(fact, value)))
}

// ownWord is the language of what was said of a value: a word that only conditions have is marked as theirs.
func (p Page) ownWord(said, value string) string {
	if said == value {
		return "en"
	}
	return string(p.Lang)
}

// facts says several.
func (p Page) facts(pack *policy.Pack, all []string) string {
	said := make([]string, len(all))
	for i, one := range all {
		said[i] = p.fact(pack, one)
	}
	if p.Lang == lang.EN {
		return strings.Join(said, "; ")
	}
	return strings.Join(said, "；")
}

// Listed joins names.
func (p Page) Listed(names []string) string {
	if p.Lang == lang.EN {
		return strings.Join(names, ", ")
	}
	return strings.Join(names, "、")
}

// named lists factors in words.
func (p Page) named(pack *policy.Pack, factors []jieling.Factor) string {
	var said []string
	for _, f := range factors {
		said = append(said, p.Lang.Read(pack.FactorTitle(f)))
	}
	return p.Listed(said)
}
