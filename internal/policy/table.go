package policy

import "strings"

// maxFacts bounds the facts of one pack, so that a situation is a small value without pointers.
const maxFacts = 24

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
	step             []uint32 // per value: its class times the stride of the fact in the pack's answers
}

// table is the truth of one condition over the facts it names: every combination has its place in holds.
type table struct {
	facts  []int
	stride []int
	holds  []bool
}

// at looks the condition up for one situation.
func (t *table) at(v *vector) bool {
	i := 0
	for n, f := range t.facts {
		i += int(v[f]) * t.stride[n]
	}
	return t.holds[i]
}

// domain counts the combinations of some facts, and stops counting beyond any bound in use.
func domain(facts []fact, named []int) int {
	size := 1
	for _, f := range named {
		if size *= len(facts[f].values); size > maxTable {
			return size
		}
	}
	return size
}

// tabulate evaluates holds for every combination of the named facts, ascending; the others stay at their first value.
func tabulate(facts []fact, named []int, holds func(*vector) bool) table {
	t := table{facts: named, stride: make([]int, len(named)), holds: make([]bool, domain(facts, named))}
	size := 1
	for n, f := range named {
		t.stride[n] = size
		size *= len(facts[f].values)
	}
	var v vector
	for i := range t.holds {
		for n, f := range named {
			v[f] = uint8(i / t.stride[n] % len(facts[f].values))
		}
		t.holds[i] = holds(&v)
	}
	return t
}

// column writes what the table says for one value of its n-th fact, in a fixed order of everything else. Two values with the
// same columns in every table are one and the same to the pack.
func (t *table) column(to *strings.Builder, n, width, value int) {
	for i, holds := range t.holds {
		if i/t.stride[n]%width != value {
			continue
		}
		if holds {
			to.WriteByte('1')
		} else {
			to.WriteByte('0')
		}
	}
}
