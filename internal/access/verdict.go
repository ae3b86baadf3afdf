package access

import "slices"

// Verdict is what one graph says, in its own names.
type Verdict struct {
	Template string
	Shut     bool     // the owner cannot get in with nothing lost at all
	Locks    []string // losses after which the owner cannot get back in
	Pair     []string // two losses that together lock the owner out where neither does alone; nil: there are none
	Enters   []string // attackers who get in
	Attack   *Attack  // the cheapest; nil: none of at most MaxAttack things
}

// Attack is a set of things that gets whoever takes them in.
type Attack struct {
	Takes []string
	Cost  int // the sum of what taking each one costs
}

// Verdict asks a graph everything.
func (n *Net) Verdict() Verdict {
	v, locks := n.gates()
	v.Pair = n.pair(locks)
	if set, cost, ok := n.cheapest(); ok {
		v.Attack = &Attack{n.names(set), cost}
	}
	return v
}

// gates is the part of a verdict that asks for each loss and each attacker by itself, and which losses lock the owner out.
func (n *Net) gates() (v Verdict, locks []bool) {
	v = Verdict{Template: n.graph.Template, Shut: !n.survives()}
	locks = make([]bool, len(n.losses))
	for i := range n.losses {
		if locks[i] = !n.survives(i); locks[i] {
			v.Locks = append(v.Locks, n.graph.Losses[i].Name)
		}
	}
	for i, have := range n.attackers {
		if n.enters(have) {
			v.Enters = append(v.Enters, n.graph.Attackers[i].Name)
		}
	}
	return v, locks
}

// pair finds the first two losses that lock the owner out together and not alone.
func (n *Net) pair(alone []bool) []string {
	for i := range n.losses {
		for j := i + 1; j < len(n.losses) && !alone[i]; j++ {
			if !alone[j] && !n.survives(i, j) {
				return []string{n.graph.Losses[i].Name, n.graph.Losses[j].Name}
			}
		}
	}
	return nil
}

// Tolerates is how many losses at once, whichever they are, the owner survives: 0, 1, or 2 for two and more; -1 where the
// owner is locked out with nothing lost (k-safety).
func (v Verdict) Tolerates() int {
	switch {
	case v.Shut:
		return -1
	case len(v.Locks) > 0:
		return 0
	case v.Pair != nil:
		return 1
	}
	return 2
}

// names lists the vertices of a set in the graph's order.
func (n *Net) names(s Set) (names []string) {
	for i, v := range n.graph.Vertices {
		if s.Has(1 << i) {
			names = append(names, v.Name)
		}
	}
	return names
}

// Unsafe lists the required losses that lock the owner out, and Nothing where the owner is out with nothing lost (S14).
func (n *Net) Unsafe() (names []string) {
	if !n.survives() {
		names = append(names, Nothing)
	}
	for i, l := range n.graph.Losses {
		if l.Required && !n.survives(i) {
			names = append(names, l.Name)
		}
	}
	return names
}

// Nothing is the name of the loss of nothing: it is required of every graph that its owner can get in.
const Nothing = "nothing"

// Difference is what one verdict says that another does not.
type Difference struct {
	Opened, Closed   []string // attackers who get in only afterwards; only before
	Locked, Unlocked []string // losses that lock the owner out only afterwards; only before
}

// Diff compares two verdicts. It is antisymmetric: Diff(b, a) is Diff(a, b) reversed.
func Diff(before, after Verdict) Difference {
	return Difference{
		Opened: without(after.Enters, before.Enters), Closed: without(before.Enters, after.Enters),
		Locked: without(after.Locks, before.Locks), Unlocked: without(before.Locks, after.Locks),
	}
}

// Reversed is the difference read backwards.
func (d Difference) Reversed() Difference {
	return Difference{Opened: d.Closed, Closed: d.Opened, Locked: d.Unlocked, Unlocked: d.Locked}
}

func without(from, these []string) (rest []string) {
	for _, name := range from {
		if !slices.Contains(these, name) {
			rest = append(rest, name)
		}
	}
	return rest
}
