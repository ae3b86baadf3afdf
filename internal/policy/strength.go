package policy

import (
	"slices"

	"github.com/jieling-id/jieling"
)

// Bounds of a comparison: the factors two requirements may name between them, and the ways of meeting one of them.
const (
	maxCompared = 32
	maxWays     = 256
)

// Stronger reports whether a is at least as strong as b: every set of factors that meets a meets b too (V4). It is exact: a
// is taken apart into the least sets that meet it, and each must meet b. Above 32 factors or 256 such sets it answers false,
// which claims nothing.
func Stronger(a, b jieling.Requirement) bool {
	named := jieling.AllOf(a, b).Factors()
	if len(named) > maxCompared {
		return false
	}
	least, ok := ways(a, named)
	return ok && !slices.ContainsFunc(least, func(way uint32) bool { return !b.Met(within(way, named)) })
}

// within says what a set of factors has.
func within(set uint32, named []jieling.Factor) func(jieling.Factor) bool {
	return func(f jieling.Factor) bool {
		i := slices.Index(named, f)
		return i >= 0 && set>>i&1 == 1
	}
}

// ways lists the least sets of factors that meet r, as bits in the order of named; false where they are too many.
func ways(r jieling.Requirement, named []jieling.Factor) ([]uint32, bool) {
	switch {
	case r.Factor != "":
		return []uint32{1 << slices.Index(named, r.Factor)}, true
	case r.Any != nil:
		var least []uint32
		for _, choice := range r.Any {
			more, ok := ways(choice, named)
			for _, way := range more {
				least = insert(least, way)
			}
			if !ok || len(least) > maxWays {
				return nil, false
			}
		}
		return least, true
	}
	least := []uint32{0}
	for _, part := range r.All {
		more, ok := ways(part, named)
		if !ok {
			return nil, false
		}
		if least, ok = product(least, more); !ok {
			return nil, false
		}
	}
	return least, true
}

// product meets both of two lists of ways.
func product(a, b []uint32) ([]uint32, bool) {
	var least []uint32
	for _, x := range a {
		for _, y := range b {
			if least = insert(least, x|y); len(least) > maxWays {
				return nil, false
			}
		}
	}
	return least, true
}

// insert adds a way unless it holds another, and drops the ones that hold it.
func insert(least []uint32, way uint32) []uint32 {
	if slices.ContainsFunc(least, func(w uint32) bool { return w&way == w }) {
		return least
	}
	return append(slices.DeleteFunc(least, func(w uint32) bool { return w&way == way }), way)
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
