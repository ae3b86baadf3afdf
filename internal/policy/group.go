package policy

import "math/bits"

// Bounds of one pack. A rowSet has a bit for every conditioned row.
const (
	maxRows  = 256
	maxGroup = 1 << 12 // combinations that one group tells apart, beyond what its widest condition needs alone
)

// rowSet is a set of conditioned rows: what a situation comes down to.
type rowSet [maxRows / 64]uint64

func (s *rowSet) add(test int) { s[test/64] |= 1 << (test % 64) }

// has reports whether a row applies; always is in every set.
func (s *rowSet) has(test int) bool { return test == always || s[test/64]>>(test%64)&1 == 1 }

func (s *rowSet) join(other *rowSet) {
	for i := range s {
		s[i] |= other[i]
	}
}

// less is what s has and other has not.
func (s rowSet) less(other *rowSet) rowSet {
	for i := range s {
		s[i] &^= other[i]
	}
	return s
}

// meets reports that two sets have something in common.
func (s *rowSet) meets(other *rowSet) bool {
	for i := range s {
		if s[i]&other[i] != 0 {
			return true
		}
	}
	return false
}

// both is what s and other have in common.
func (s rowSet) both(other *rowSet) rowSet {
	for i := range s {
		s[i] &= other[i]
	}
	return s
}

// each visits the tests of a set, ascending.
func (s *rowSet) each(visit func(test int)) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			visit(i*64 + bits.TrailingZeros64(word))
		}
	}
}

// always stands in place of a test where a row has no condition.
const always = -1

// group is the truth of several conditions over the facts they share. Each combination of the facts has a digit, which stands
// for the set of rows that hold there; the digits of all groups, mixed-radix, make the key of a situation's answer.
type group struct {
	grid
	digits []uint64 // by combination: the digit, times the group's place value
	place  uint64
	sets   []rowSet // by digit
	tests  rowSet   // all that are tabulated here
}

// compileGroups gathers the conditions that look at the same facts, so that few look-ups find all rows that apply.
func (p *Pack) compileGroups(ps *problems) {
	var members [][]int
	var parted []parting
	for t := range p.tests {
		own := p.tests[t].parting()
		best, least := -1, maxGroup+1
		for g := range members {
			both := parting{}
			both.refine(parted[g])
			both.refine(own)
			if growth := both.size(maxGroup) - parted[g].size(maxGroup); both.size(maxGroup) <= maxGroup && growth < least {
				best, least = g, growth
			}
		}
		if best < 0 {
			members, parted = append(members, nil), append(parted, parting{})
			best = len(members) - 1
		}
		members[best] = append(members[best], t)
		parted[best].refine(own)
	}
	place := uint64(1)
	for g := range members {
		p.groups = append(p.groups, p.newGroup(parted[g], members[g], place))
		high, low := bits.Mul64(place, uint64(len(p.groups[g].sets)))
		if place = low; high != 0 {
			ps.add(spot{1, 1}, tooManySituations)
			return
		}
	}
}

func (p *Pack) newGroup(parted parting, tests []int, place uint64) group {
	g := group{grid: newGrid(parted), place: place}
	for _, t := range tests {
		g.tests.add(t)
	}
	g.digits = make([]uint64, g.size)
	digit := map[rowSet]uint64{}
	var v vector
	g.walk(&v, func(at int) {
		var set rowSet
		for _, t := range tests {
			if p.tests[t].true(&v) {
				set.add(t)
			}
		}
		d, ok := digit[set]
		if !ok {
			d = uint64(len(g.sets))
			digit[set] = d
			g.sets = append(g.sets, set)
		}
		g.digits[at] = d * place
	})
	return g
}

// rows is the set of rows of the group that hold in a situation.
func (g *group) rows(v *vector) *rowSet { return &g.sets[g.digits[g.at(v)]/g.place] }

// key finds the answer of a situation: one look-up for each group.
func (p *Pack) key(v *vector) (key uint64) {
	for i := range p.groups {
		g := &p.groups[i]
		key += g.digits[g.at(v)]
	}
	return key
}

// applying is the set of rows behind a key.
func (p *Pack) applying(key uint64) (set rowSet) {
	for i := range p.groups {
		g := &p.groups[i]
		set.join(&g.sets[key/g.place%uint64(len(g.sets))])
	}
	return set
}

// checkRows holds the pack to the rows a rowSet has room for.
func (p *Pack) checkRows(ps *problems) {
	if len(p.tests) > maxRows {
		ps.add(spot{1, 1}, tooMany, len(p.tests), noun("条件", "conditions"), maxRows)
	}
}
