package policy

import (
	"slices"

	"github.com/jieling-id/jieling"
)

// maxSteps bounds one proof: beyond it a claim counts as not proven.
const maxSteps = 1 << 24

// prover walks the groups of a pack. It goes through the very tables that decide, one group after another, and leaves a
// branch as soon as nothing that may still come could matter.
type prover struct {
	p        *Pack
	decisive rowSet // the tests of cells and rules
	steps    int
}

func newProver(p *Pack) *prover {
	pr := &prover{p: p}
	for _, r := range p.rules {
		if r.test != always {
			pr.decisive.add(r.test)
		}
	}
	return pr
}

// picks gives, for each fact, one value of each class that some tests tell apart.
func (pr *prover) picks(tests *rowSet) [][]uint8 {
	told := parting{}
	tests.each(func(t int) { told.refine(pr.p.tests[t].parting()) })
	picks := make([][]uint8, len(pr.p.facts))
	for f := range picks {
		picks[f] = []uint8{0}
		for v, class := range told[f] {
			if int(class) == len(picks[f]) {
				picks[f] = append(picks[f], uint8(v))
			}
		}
	}
	return picks
}

// rules lists the rules, by their places, that have a property.
func (pr *prover) rules(such func(*rule) bool) (out []int) {
	for i := range pr.p.rules {
		if such(&pr.p.rules[i]) {
			out = append(out, i)
		}
	}
	return out
}

// any reports that one of some rules is in a set.
func (pr *prover) any(rules []int, set *rowSet) bool {
	return slices.ContainsFunc(rules, func(r int) bool { return set.has(pr.p.rules[r].test) })
}

func (pr *prover) decide(v *vector) jieling.Decision {
	set := pr.p.applying(pr.p.key(v))
	return pr.p.decision(&set)
}

// maxLanes bounds the situations that one search follows side by side.
const maxLanes = 8

// lanes are the rows that hold in situations which differ in one fact alone.
type lanes [maxLanes]rowSet

// hunt is a search for a situation that is not fine. fine sees, lane by lane, the rows that hold for certain while some
// groups are left; it answers for whatever may come on top, and after the last group for what is.
type hunt struct {
	matter rowSet  // the tests that fine looks at, and need
	need   int     // a test that must hold; always: none
	fact   int     // what the lanes differ in; -1: there is one lane
	values []uint8 // its values, one for each lane
	fine   func(rows *lanes, left int) bool
}

// point is how far a hunt has come. Two points with the same rows, and the same facts as far as groups to come look at them,
// go on alike.
type point struct {
	rows    lanes
	at      vector
	settled uint32 // the facts that have their value
}

// search finds a situation in which need holds and that is not fine.
func (pr *prover) search(need int, matter rowSet, fine func(*rowSet) bool) (vector, bool) {
	return pr.find(hunt{matter: matter, need: need, fact: -1, values: []uint8{0}, fine: func(rows *lanes, _ int) bool { return fine(&rows[0]) }})
}

// drop finds a situation that asks for less when a fact takes the second of two values instead of the first: rows fall away,
// and those that hold then do not make up for them. Where no row that looks at the fact ever falls away, that is all there is
// to see; otherwise the rows that look at other facts, which are the same on both sides, have their say too.
func (pr *prover) drop(f int, step [2]uint8) (vector, bool) {
	sensitive := pr.sensitive(f)
	falls := func(rows *lanes) rowSet { return rows[0].less(&rows[1]) }
	_, any := pr.find(hunt{matter: sensitive, need: always, fact: f, values: step[:], fine: func(rows *lanes, left int) bool {
		return left == 0 && falls(rows) == rowSet{}
	}})
	if !any {
		return vector{}, false
	}
	known := map[[2]rowSet]bool{}
	groups := pr.looking(&pr.decisive, f)
	others := len(groups) - len(pr.looking(&sensitive, f))
	return pr.find(hunt{matter: pr.decisive, need: always, fact: f, values: step[:], fine: func(rows *lanes, left int) bool {
		if left > others {
			return false // more rows may fall away
		}
		lost, kept := falls(rows), rows[1]
		if lost == (rowSet{}) {
			return true
		}
		makesUp, ok := known[[2]rowSet{lost, kept}]
		if !ok {
			makesUp = AtLeast(pr.p.decision(&kept), pr.p.decision(&lost))
			known[[2]rowSet{lost, kept}] = makesUp
		}
		return makesUp
	}})
}

// sensitive is the set of deciding tests that look at a fact.
func (pr *prover) sensitive(f int) (tests rowSet) {
	pr.decisive.each(func(t int) {
		if slices.ContainsFunc(pr.p.tests[t].axes, func(a axis) bool { return a.fact == f }) {
			tests.add(t)
		}
	})
	return tests
}

// everywhere finds a situation in which one of some rules applies on every platform.
func (pr *prover) everywhere(rules []int) (vector, bool) {
	var matter rowSet
	for _, r := range rules {
		if test := pr.p.rules[r].test; test != always {
			matter.add(test)
		}
	}
	platforms := make([]uint8, len(pr.p.doc.platforms))
	for i := range platforms {
		platforms[i] = uint8(i)
	}
	return pr.find(hunt{matter: matter, need: always, fact: platformFact, values: platforms, fine: func(rows *lanes, left int) bool {
		return left == 0 && slices.ContainsFunc(rows[:len(platforms)], func(set rowSet) bool { return !pr.any(rules, &set) })
	}})
}

// looking lists the groups that tabulate one of some tests, those with one that looks at a fact first.
func (pr *prover) looking(matter *rowSet, f int) (groups []int) {
	sensitive := pr.sensitive(f)
	for g := range pr.p.groups {
		if pr.p.groups[g].tests.meets(matter) {
			groups = append(groups, g)
		}
	}
	slices.SortStableFunc(groups, func(a, b int) int {
		return truth(pr.p.groups[b].tests.meets(&sensitive)) - truth(pr.p.groups[a].tests.meets(&sensitive))
	})
	return groups
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// find walks the groups depth first.
func (pr *prover) find(h hunt) (vector, bool) {
	groups, picks := pr.looking(&h.matter, h.fact), pr.picks(&h.matter)
	seen := map[point]bool{}
	var descend func(n int, from *point) (vector, bool)
	descend = func(n int, from *point) (v vector, found bool) {
		if h.fine(&from.rows, len(groups)-n) {
			return vector{}, false
		}
		if n == len(groups) {
			return from.at, from.rows[0].has(h.need)
		}
		mark := pr.ahead(from, groups[n:])
		if seen[mark] || pr.steps > maxSteps {
			return vector{}, false
		}
		seen[mark] = true
		pr.settle(groups[n], &h, picks, *from, func(to *point) bool {
			v, found = descend(n+1, to)
			return found
		})
		return v, found
	}
	return descend(0, &point{})
}

// settle gives every fact that a group looks at a value, in every way that is left, and adds the rows that hold then. It stops
// where on says so.
func (pr *prover) settle(n int, h *hunt, picks [][]uint8, from point, on func(*point) bool) {
	g := &pr.p.groups[n]
	open := make([]int, 0, len(g.axes))
	for _, a := range g.axes {
		if a.fact != h.fact && from.settled>>a.fact&1 == 0 {
			open = append(open, a.fact)
			from.settled |= 1 << a.fact
		}
	}
	to := from
	var give func(i int) bool
	give = func(i int) bool {
		if i < len(open) {
			for _, value := range picks[open[i]] {
				to.at[open[i]] = value
				if give(i + 1) {
					return true
				}
			}
			return false
		}
		pr.steps++
		to.rows = from.rows
		pr.add(g, h, &to)
		if h.need != always && g.tests.has(h.need) && !to.rows[0].has(h.need) {
			return false
		}
		return on(&to)
	}
	give(0)
}

// add joins what a group says of each lane.
func (pr *prover) add(g *group, h *hunt, to *point) {
	for lane, value := range h.values {
		v := to.at
		if h.fact >= 0 {
			v[h.fact] = value
		}
		rows := g.rows(&v).both(&h.matter)
		to.rows[lane].join(&rows)
	}
}

// ahead keeps of a point what groups to come look at.
func (pr *prover) ahead(to *point, groups []int) point {
	kept := point{rows: to.rows}
	for _, n := range groups {
		for _, a := range pr.p.groups[n].axes {
			if to.settled>>a.fact&1 == 1 {
				kept.at[a.fact] = to.at[a.fact]
				kept.settled |= 1 << a.fact
			}
		}
	}
	return kept
}

// calm takes from a bad situation all that does not matter: every fact but the kept ones is set to its calmest value where
// the situation stays bad, until none is left to set.
func (pr *prover) calm(v vector, keep []int, bad func(*vector) bool) vector {
	for again := true; again; {
		again = false
		for f := range pr.p.facts {
			calmer := v
			calmer[f] = pr.calmest(f)
			if calmer != v && !slices.Contains(keep, f) && bad(&calmer) {
				v, again = calmer, true
			}
		}
	}
	return v
}

// calmest is the value of a fact that says least: the last reason, which stands for none, and the first of everything else.
func (pr *prover) calmest(f int) uint8 {
	if f == reasonFact {
		return uint8(len(pr.p.facts[f].values) - 1)
	}
	return 0
}

// side describes a situation by the facts that are not at their calmest, by the platform, and by some more.
func (pr *prover) side(title Said, v vector, holds []jieling.Factor, more ...int) Side {
	s := Side{Title: title, Decision: pr.decide(&v), Holds: holds}
	for f := range pr.p.facts {
		if f == platformFact || v[f] != pr.calmest(f) || slices.Contains(more, f) {
			s.Facts = append(s.Facts, pr.p.facts[f].said[v[f]])
		}
	}
	return s
}

// refusedEverywhere reports that a situation is refused whatever the platform.
func (pr *prover) refusedEverywhere(v vector) bool {
	for i := range pr.p.doc.platforms {
		v[platformFact] = uint8(i)
		if d := pr.decide(&v); d.Allowed() {
			return false
		}
	}
	return true
}

// factorSet is a set of factors that somebody has.
type factorSet []jieling.Factor

func (s factorSet) has(f jieling.Factor) bool { return slices.Contains(s, f) }

// thief is what somebody can do who got hold of some factors: with what anyone can do, and without what demands more.
func (pr *prover) thief(hands []word) factorSet {
	var set factorSet
	for _, f := range pr.p.doc.factors {
		if f.by == byAnyone || slices.ContainsFunc(hands, func(w word) bool { return w.text == f.name.text }) {
			set = append(set, jieling.Factor(f.name.text))
		}
	}
	return pr.closed(set)
}

// open is what a person can do who has set nothing up: what others or anyone can do, and what detours stand in for.
func (pr *prover) open() factorSet {
	var set factorSet
	for _, f := range pr.p.doc.factors {
		if f.by != byPerson {
			set = append(set, jieling.Factor(f.name.text))
		}
	}
	set = pr.closed(set)
	for _, f := range pr.p.doc.factors {
		last := -1
		for i, d := range pr.p.doc.detours {
			if slices.Contains(texts(d.round), f.name.text) {
				last = i
			}
		}
		factor := jieling.Factor(f.name.text)
		if last >= 0 && !set.has(factor) && pr.p.doc.detours[last].require.Met(set.has) {
			set = append(set, factor)
		}
	}
	return set
}

// closed takes out what demands something that is not there, until nothing does.
func (pr *prover) closed(set factorSet) factorSet {
	for before := -1; before != len(set); {
		before = len(set)
		set = slices.DeleteFunc(set, func(f jieling.Factor) bool { return !pr.p.titles[f].demands.Met(set.has) })
	}
	return set
}
