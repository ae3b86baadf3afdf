package policy

import (
	"slices"

	"github.com/jieling-id/jieling"
)

// Remarks lists what is not wrong with a pack and still looks like a slip: facts that no condition looks at, factors that
// nobody is asked for, and cells and rules that change no decision. They are in the order of the file.
func (p *Pack) Remarks() []Problem {
	var ps problems
	p.remarkFacts(&ps)
	p.remarkFactors(&ps)
	p.remarkRules(&ps)
	slices.SortStableFunc(ps, func(a, b Problem) int { return a.Line - b.Line })
	return ps
}

func (p *Pack) remarkFacts(ps *problems) {
	for i, f := range p.doc.facts {
		looks := func(t table) bool {
			return slices.ContainsFunc(t.axes, func(a axis) bool { return a.fact == declaredFacts+i })
		}
		if !slices.ContainsFunc(p.tests, looks) {
			ps.add(f.name.at, unusedFact, f.name.text)
		}
	}
}

func (p *Pack) remarkFactors(ps *problems) {
	asked := map[string]bool{}
	for _, r := range p.rules {
		mark(asked, r.then.require.named)
	}
	for _, r := range p.doc.platforms {
		mark(asked, r.key.require.named)
	}
	for _, r := range p.doc.detours {
		mark(asked, r.require.named)
	}
	for _, r := range p.doc.factors {
		mark(asked, r.demands.named)
	}
	for _, r := range p.doc.factors {
		if !asked[r.name.text] {
			ps.add(r.at, unaskedFactor, r.name.text)
		}
	}
}

// remarkRules looks, for every cell and rule, for a situation in which it makes a difference: where what else applies is not
// at least as strict already.
func (p *Pack) remarkRules(ps *problems) {
	pr := newProver(p)
	for i := range p.rules {
		r := &p.rules[i]
		if r.test == always {
			continue
		}
		var own rowSet
		own.add(r.test)
		alone := pr.p.decision(&own)
		known := map[rowSet]bool{}
		_, differs := pr.search(r.test, pr.decisive, func(set *rowSet) bool {
			others := set.less(&own)
			covered, ok := known[others]
			if !ok {
				covered = AtLeast(pr.p.decision(&others), alone)
				known[others] = covered
			}
			return covered
		})
		if !differs && pr.steps <= maxSteps {
			ps.add(p.placeOf(r), idleRow, r.id, p.on(r))
		}
	}
}

// on names the platform of a cell.
func (p *Pack) on(r *rule) jieling.Text {
	if r.platform < 0 {
		return noun(" ", "")
	}
	platform := p.facts[platformFact].values[r.platform]
	return noun(" 在 "+platform+" 上", " on "+platform)
}

func (p *Pack) placeOf(r *rule) spot {
	if r.scenario >= 0 {
		sc := p.doc.scenarios[r.scenario]
		i := slices.IndexFunc(sc.cells, func(c cellRow) bool { return c.platform.text == p.facts[platformFact].values[r.platform] })
		return sc.cells[i].platform.at
	}
	i := slices.IndexFunc(p.doc.rules, func(o ruleRow) bool { return o.id.text == r.id })
	return p.doc.rules[i].at
}
