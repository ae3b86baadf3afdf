package policy

import (
	"slices"
	"strings"
)

// maxFacts bounds the facts of one pack, so that a situation is a small value without pointers.
const maxFacts = 32

// vector holds, for each fact of a pack in order, the place of its value in the fact's domain.
type vector [maxFacts]uint8

// fact is one thing a condition may look at.
type fact struct {
	name             string
	values           []string
	yesNo            bool // values are false, true
	rising           bool // each value is riskier than the one before
	unset, otherwise int  // place of the value for "not known" and for "not listed"; -1: an error
	origin           origin
	said             []string // per value: "name=value", for explanations
}

// parting says, for some facts, which of their values are told apart: values of one class are one and the same. Classes of a
// fact are numbered from 0 in the order of its values.
type parting map[int][]uint8

// split tells the values of a fact apart wherever differ says so, beside what is told apart already.
func (p parting) split(f, values int, class func(value int) int) {
	before := p[f]
	if before == nil {
		before = make([]uint8, values)
	}
	after, seen := make([]uint8, values), map[[2]int]uint8{}
	for v := range values {
		mark := [2]int{int(before[v]), class(v)}
		c, ok := seen[mark]
		if !ok {
			c = uint8(len(seen))
			seen[mark] = c
		}
		after[v] = c
	}
	p[f] = after
}

// refine tells apart whatever p or other tells apart.
func (p parting) refine(other parting) {
	for f, classes := range other {
		p.split(f, len(classes), func(v int) int { return int(classes[v]) })
	}
}

// size is the number of combinations of classes, or bound+1 where there are more than bound.
func (p parting) size(bound int) int {
	size := 1
	for _, classes := range p {
		if size *= int(slices.Max(classes)) + 1; size > bound {
			return bound + 1
		}
	}
	return size
}

// axis is one fact of a grid: how far each of its values moves the index, and one value of each class.
type axis struct {
	fact  int
	step  []uint32
	picks []uint8
}

// grid numbers the combinations of the classes of some facts, mixed-radix.
type grid struct {
	axes []axis
	size int
}

func newGrid(p parting) grid {
	g := grid{size: 1}
	facts := make([]int, 0, len(p))
	for f := range p {
		facts = append(facts, f)
	}
	slices.Sort(facts)
	for _, f := range facts {
		a := axis{fact: f}
		for v, class := range p[f] {
			a.step = append(a.step, uint32(class)*uint32(g.size))
			if int(class) == len(a.picks) {
				a.picks = append(a.picks, uint8(v))
			}
		}
		if len(a.picks) > 1 {
			g.axes = append(g.axes, a)
			g.size *= len(a.picks)
		}
	}
	return g
}

// at is the number of a situation's combination.
func (g *grid) at(v *vector) int {
	i := uint32(0)
	for n := range g.axes {
		a := &g.axes[n]
		i += a.step[v[a.fact]]
	}
	return int(i)
}

// walk visits one situation of every combination, in the order of their numbers. It writes to v and leaves other facts alone.
func (g *grid) walk(v *vector, visit func(at int)) {
	for i := range g.size {
		left := i
		for n := range g.axes {
			a := &g.axes[n]
			v[a.fact] = a.picks[left%len(a.picks)]
			left /= len(a.picks)
		}
		visit(i)
	}
}

// parting is what the grid tells apart.
func (g *grid) parting() parting {
	p := parting{}
	for _, a := range g.axes {
		p.split(a.fact, len(a.step), func(v int) int { return int(a.step[v]) })
	}
	return p
}

// table is the truth of one condition over the facts it looks at: every combination has its place in holds.
type table struct {
	grid
	holds []bool
}

// tabulate evaluates holds once for every combination that p tells apart, and forgets what turned out to make no difference.
func tabulate(p parting, holds func(*vector) bool) table {
	t := table{grid: newGrid(p)}
	t.holds = make([]bool, t.size)
	var v vector
	t.walk(&v, func(at int) { t.holds[at] = holds(&v) })
	return t.merge()
}

// true reports whether the condition holds for one situation.
func (t *table) true(v *vector) bool { return t.holds[t.at(v)] }

// merge makes one class of the values of a fact whose columns are alike, and drops facts that have one class left.
func (t table) merge() table {
	p, smaller := parting{}, false
	for _, a := range t.axes {
		columns := map[string]int{}
		class := make([]int, len(a.step))
		for v := range a.step {
			mark := t.column(&a, a.step[v])
			if _, ok := columns[mark]; !ok {
				columns[mark] = len(columns)
			}
			class[v] = columns[mark]
		}
		smaller = smaller || len(columns) < len(a.picks)
		p.split(a.fact, len(a.step), func(v int) int { return class[v] })
	}
	if !smaller {
		return t
	}
	return tabulate(p, t.true)
}

// column writes what the table says where one fact is of one class, in a fixed order of everything else.
func (t *table) column(a *axis, step uint32) string {
	var b strings.Builder
	stride := a.step[a.picks[1]]
	for i, holds := range t.holds {
		if uint32(i)/stride%uint32(len(a.picks)) != step/stride {
			continue
		}
		if holds {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	return b.String()
}
