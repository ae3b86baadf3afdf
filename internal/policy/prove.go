package policy

import (
	"math/big"
	"slices"
	"strings"

	"github.com/jieling-id/jieling"
)

// Claim is one property that a pack should have in every situation there is, not in a sample of them.
type Claim struct {
	Name string // complete, monotone, reachable, elsewhere, detours, losses, playbooks
	Row  string // the requirement behind it
	Says string
	pack *Pack
	find func(*prover) *Counterexample
}

// Proof is the outcome of one claim. It is exact: it holds for all situations, or there is a counter-example, or the pack is
// too wide to be walked, which counts as not proven.
type Proof struct {
	Claim   string          `json:"claim"`
	Row     string          `json:"row"`
	Says    string          `json:"says"`
	Holds   bool            `json:"holds"`
	Steps   int             `json:"steps"` // combinations looked at
	Counter *Counterexample `json:"counter_example,omitempty"`
}

// Counterexample is two situations side by side that should not stand so.
type Counterexample struct {
	What  Said    `json:"what"`
	Sides [2]Side `json:"sides"` // one without a title is empty
}

// Side is one of the two situations: as small as could be found, so every fact that is named matters; the others are at
// their calmest.
type Side struct {
	Title    Said             `json:"title"`
	Facts    []string         `json:"facts"` // "name=value"
	Decision jieling.Decision `json:"decision"`
	Holds    []jieling.Factor `json:"holds,omitempty"` // the factors that somebody has here
}

// Claims lists what can be proven of the pack.
func (p *Pack) Claims() []Claim {
	return []Claim{
		{"complete", "V1", "every situation asks for something or refuses", p, (*prover).complete},
		{"monotone", "V4", "a riskier situation never asks for less", p, (*prover).monotone},
		{"reachable", "V8", "who has set nothing up still has a way, by a detour if need be", p, (*prover).reachable},
		{"elsewhere", "V8", "what is refused on one platform can be done on another", p, (*prover).elsewhere},
		{"detours", "V8", "no detour is easier for any thief than what it stands in for", p, (*prover).detours},
		{"losses", "V6", "no requirement is met by what one loss hands over", p, (*prover).losses},
		{"playbooks", "P4", "every playbook puts safety before function and can be gone through to its end", p, (*prover).playbooks},
	}
}

// Prove walks the tables that decide.
func (c Claim) Prove() Proof {
	pr := newProver(c.pack)
	counter := c.find(pr)
	if counter == nil && pr.steps > maxSteps {
		counter = &Counterexample{What: say(notWithin, maxSteps)}
	}
	return Proof{Claim: c.Name, Row: c.Row, Says: c.Says, Holds: counter == nil, Steps: pr.steps, Counter: counter}
}

// Situations counts the situations that a pack's facts can be in.
func (p *Pack) Situations() *big.Int {
	n := big.NewInt(1)
	for _, f := range p.facts {
		n.Mul(n, big.NewInt(int64(len(f.values))))
	}
	return n
}

// complete looks for a situation that asks for nothing and refuses nothing.
func (pr *prover) complete() *Counterexample {
	asks := pr.rules(func(r *rule) bool { return r.then.refuse || !r.then.require.Zero() })
	v, found := pr.search(always, pr.decisive, func(set *rowSet) bool { return pr.any(asks, set) })
	if !found {
		return nil
	}
	v = pr.calm(v, nil, func(v *vector) bool { d := pr.decide(v); return d.Allowed() && d.Requirement.Zero() })
	return &Counterexample{What: say(asksNothing), Sides: [2]Side{pr.side(say(theSituation), v, nil), {}}}
}

// monotone looks for two neighbouring situations of which the riskier asks for less. Neighbours are enough: any two
// situations of which one is riskier are joined by steps of one fact each, and being at least as strong carries over.
func (pr *prover) monotone() *Counterexample {
	for f := range pr.p.facts {
		for _, step := range pr.risesOf(f) {
			v, found := pr.drop(f, step)
			if !found {
				continue
			}
			worse := func(v *vector) bool {
				low, high := *v, *v
				low[f], high[f] = step[0], step[1]
				return !AtLeast(pr.decide(&high), pr.decide(&low))
			}
			v = pr.calm(v, []int{f}, worse)
			low, high := v, v
			low[f], high[f] = step[0], step[1]
			return &Counterexample{
				What:  say(lessForMore, pr.p.facts[f].said[step[1]], pr.p.facts[f].said[step[0]]),
				Sides: [2]Side{pr.side(say(calmer), low, nil, f), pr.side(say(riskier), high, nil, f)},
			}
		}
	}
	return nil
}

// risesOf lists the steps of one fact that make a situation riskier: to the next value where it rises, and from the first
// scenario and the last reason to any other, since declaring and giving a reason may only add.
func (pr *prover) risesOf(f int) (steps [][2]uint8) {
	fact := &pr.p.facts[f]
	for v := range fact.values {
		switch {
		case f == declaredFact && v > 0:
			steps = append(steps, [2]uint8{0, uint8(v)})
		case f == reasonFact && v < len(fact.values)-1:
			steps = append(steps, [2]uint8{uint8(len(fact.values) - 1), uint8(v)})
		case fact.rising && v > 0:
			steps = append(steps, [2]uint8{uint8(v - 1), uint8(v)})
		}
	}
	return steps
}

// AtLeast reports that decision a is at least as strict as b in everything: what it asks (see [Stronger]), how long it waits and
// guards, what it wants in place, and whether it refuses.
func AtLeast(a, b jieling.Decision) bool {
	switch {
	case !a.Allowed():
		return true
	case !b.Allowed(), a.Wait < b.Wait, a.Guard < b.Guard, b.Replacement && !a.Replacement, b.NeedPhone && !a.NeedPhone, b.Backup && !a.Backup:
		return false
	}
	return Stronger(a.Requirement, b.Requirement)
}

// reachable looks for a situation that a person who set nothing up cannot get through. Whoever has set up more has more, so
// this one person stands for every set of enrolled factors.
func (pr *prover) reachable() *Counterexample {
	open := pr.open()
	stuck := pr.rules(func(r *rule) bool { return !r.then.require.Met(open.has) })
	refuses := pr.rules(func(r *rule) bool { return r.then.refuse })
	for _, r := range stuck {
		v, found := pr.search(pr.p.rules[r].test, pr.decisive, func(set *rowSet) bool { return pr.any(refuses, set) })
		if !found {
			continue
		}
		v = pr.calm(v, nil, func(v *vector) bool { d := pr.decide(v); return d.Allowed() && !d.Requirement.Met(open.has) })
		missing := slices.DeleteFunc(pr.decide(&v).Requirement.Factors(), open.has)
		return &Counterexample{
			What:  say(deadEnd, pr.p.titled(missing)),
			Sides: [2]Side{pr.side(say(setUp), v, missing), pr.side(say(nothingSetUp), v, open)},
		}
	}
	return nil
}

// elsewhere looks for a situation that is refused on every platform.
func (pr *prover) elsewhere() *Counterexample {
	refuses := pr.rules(func(r *rule) bool { return r.then.refuse })
	if len(refuses) == 0 {
		return nil
	}
	v, found := pr.everywhere(refuses)
	if !found {
		return nil
	}
	v = pr.calm(v, []int{platformFact}, func(v *vector) bool { return pr.refusedEverywhere(*v) })
	last := v
	v[platformFact], last[platformFact] = 0, uint8(len(pr.p.doc.platforms)-1)
	return &Counterexample{What: say(refusedEverywhere), Sides: [2]Side{pr.side(say(here), v, nil), pr.side(say(andThere), last, nil)}}
}

// detours looks for a way round a factor that some thief has and the factor not: for every set of losses together.
func (pr *prover) detours() *Counterexample {
	for losses := range 1 << len(pr.p.doc.losses) {
		var names []jieling.Text
		var hands []word
		for i, l := range pr.p.doc.losses {
			if losses>>i&1 == 1 {
				names, hands = append(names, l.title), append(hands, l.hands...)
			}
		}
		pr.steps++
		thief := pr.thief(hands)
		for _, d := range pr.p.doc.detours {
			for _, f := range d.round {
				factor := jieling.Factor(f.text)
				if !thief.has(factor) && d.require.Met(thief.has) {
					return &Counterexample{
						What: say(easierDetour, pr.p.titled([]jieling.Factor{factor}), together(names)),
						Sides: [2]Side{
							{Title: say(asAsked), Decision: jieling.Decision{Requirement: jieling.Need(factor)}, Holds: thief},
							{Title: say(byDetour), Decision: jieling.Decision{Requirement: d.require.Requirement}, Holds: thief},
						},
					}
				}
			}
		}
	}
	return nil
}

// losses looks for a situation in which everything that is asked falls to one loss.
func (pr *prover) losses() *Counterexample {
	for i, l := range pr.p.doc.losses {
		thief := pr.thief(l.hands)
		holds := pr.rules(func(r *rule) bool { return r.then.refuse || !r.then.require.Met(thief.has) })
		matter := pr.decisive
		if pr.p.losses[i] != always {
			matter.add(pr.p.losses[i])
		}
		v, found := pr.search(pr.p.losses[i], matter, func(set *rowSet) bool { return pr.any(holds, set) })
		if !found {
			continue
		}
		v = pr.calm(v, nil, func(v *vector) bool {
			set, d := pr.p.applying(pr.p.key(v)), pr.decide(v)
			return set.has(pr.p.losses[i]) && d.Allowed() && d.Requirement.Met(thief.has)
		})
		return &Counterexample{
			What: say(oneLoss, l.title),
			Sides: [2]Side{
				pr.side(say(theOwner), v, pr.decide(&v).Requirement.Factors()),
				pr.side(say(whoHas, l.title), v, thief),
			},
		}
	}
	return nil
}

// playbooks goes through each of them as a person would who hurries to what they came for: of all steps that are ready a step of function
// first. Whatever can come before a step of safety does then.
func (pr *prover) playbooks() *Counterexample {
	for _, b := range pr.p.Playbooks() {
		settled := map[string]bool{}
		for len(settled) < len(b.Steps) {
			pr.steps++
			s := hurried(b, settled)
			if s == nil {
				return &Counterexample{What: say(neverThrough, b.Title)}
			}
			for _, o := range b.Steps {
				if s.Class == jieling.Function && o.Class == jieling.Safety && !settled[o.Name] {
					return &Counterexample{What: say(functionEarly, b.Title, s.Title, o.Title)}
				}
			}
			settled[s.Name] = true
		}
	}
	return nil
}

// hurried is the step that is taken next; nil where none is ready.
func hurried(b *jieling.Playbook, settled map[string]bool) (next *jieling.Step) {
	for i := range b.Steps {
		s := &b.Steps[i]
		if settled[s.Name] || slices.ContainsFunc(s.After, func(a string) bool { return !settled[a] }) {
			continue
		}
		if next == nil || s.Class == jieling.Function {
			next = s
		}
	}
	return next
}

// titled lists factors as JSON and English have always named them, and in Chinese by their titles.
func (p *Pack) titled(fs []jieling.Factor) jieling.Text {
	var zh, en []string
	for _, f := range fs {
		zh, en = append(zh, p.FactorTitle(f).ZH), append(en, string(f))
	}
	return jieling.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
}

// together joins what falls into wrong hands at once.
func together(losses []jieling.Text) jieling.Text {
	var zh, en []string
	for _, l := range losses {
		zh, en = append(zh, l.ZH), append(en, l.EN)
	}
	return jieling.Text{ZH: strings.Join(zh, "，并且"), EN: strings.Join(en, " and ")}
}
