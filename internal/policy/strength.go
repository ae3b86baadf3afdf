package policy

import (
	"slices"

	"github.com/jieling-id/jieling"
)

// maxCompared bounds the factors two requirements may name between them: Stronger looks at every set of them.
const maxCompared = 24

// Stronger reports whether a is at least as strong as b: every set of factors that meets a meets b too (V4). It is exact, by
// the truth table over the factors that a and b name; its cost is two to the power of their number. Above 24 factors it
// answers false, which claims nothing.
func Stronger(a, b jieling.Requirement) bool {
	named := jieling.AllOf(a, b).Factors()
	if len(named) > maxCompared {
		return false
	}
	var set uint32
	has := func(f jieling.Factor) bool {
		i := slices.Index(named, f)
		return i >= 0 && set>>i&1 == 1
	}
	for set = range uint32(1) << len(named) {
		if a.Met(has) && !b.Met(has) {
			return false
		}
	}
	return true
}

// join asks all of some requirements as one, without nesting all-of in all-of and each part once.
func join(parts []jieling.Requirement) jieling.Requirement {
	var flat []jieling.Requirement
	var add func(jieling.Requirement)
	add = func(r jieling.Requirement) {
		for _, part := range r.All {
			add(part)
		}
		if r.All == nil && !r.Zero() && !slices.ContainsFunc(flat, func(o jieling.Requirement) bool { return same(o, r) }) {
			flat = append(flat, r)
		}
	}
	for _, p := range parts {
		add(p)
	}
	switch len(flat) {
	case 0:
		return jieling.Requirement{}
	case 1:
		return flat[0]
	}
	return jieling.AllOf(flat...)
}

// same reports that two requirements are written alike.
func same(a, b jieling.Requirement) bool {
	return a.Factor == b.Factor && slices.EqualFunc(a.All, b.All, same) && slices.EqualFunc(a.Any, b.Any, same)
}
