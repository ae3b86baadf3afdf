package access

import (
	"cmp"
	"math/bits"
	"slices"
)

// Set is a set of vertices of one graph: bit i is the graph's vertex i.
type Set uint64

// Has reports that all of other is in s.
func (s Set) Has(other Set) bool { return s&other == other }

// Len is the number of vertices in the set.
func (s Set) Len() int { return bits.OnesCount64(uint64(s)) }

// step is a rule over sets; it gives one vertex.
type step struct{ need, gives Set }

// ways are rules, found by the vertices they need: those that need vertex i are steps[from[i]:from[i+1]].
type ways struct {
	steps []step
	from  [MaxVertices + 1]int32
}

func newWays(rules []step) *ways {
	w := &ways{}
	for _, r := range rules {
		for need := uint64(r.need); need != 0; need &= need - 1 {
			w.from[bits.TrailingZeros64(need)+1]++
		}
	}
	for i := range MaxVertices {
		w.from[i+1] += w.from[i]
	}
	w.steps = make([]step, w.from[MaxVertices])
	next := w.from
	for _, r := range rules {
		for need := uint64(r.need); need != 0; need &= need - 1 {
			i := bits.TrailingZeros64(need)
			w.steps[next[i]] = r
			next[i]++
		}
	}
	return w
}

// close is the least set that holds have and is closed under the rules, without what is gone. fresh is what of have the rules
// have not seen yet. Each vertex is looked at once, so this takes time linear in the size of the rules.
func (w *ways) close(have, fresh, gone Set) Set {
	have, fresh = have&^gone, fresh&^gone
	for fresh != 0 {
		i := bits.TrailingZeros64(uint64(fresh))
		fresh &= fresh - 1
		for _, s := range w.steps[w.from[i]:w.from[i+1]] {
			if have.Has(s.need) {
				got := s.gives &^ (have | gone)
				have |= got
				fresh |= got
			}
		}
	}
	return have
}

// leaf is a vertex that can be taken by itself, and how hard that is.
type leaf struct {
	bit  Set
	cost int
}

// Net is a graph made ready to be asked. It never changes and may be used from any number of goroutines.
type Net struct {
	graph     Graph
	at        map[string]Set
	rules     [2][]step // in the graph's order: those that work for the owner, and for everybody else
	owner     *ways
	stranger  *ways
	account   Set
	holds     Set
	losses    []taken
	attackers []Set
	leaves    []leaf // cheapest first
}

// taken is a loss over sets.
type taken struct{ lost, gone Set }

// Compile makes a graph ready. Its error is an [Invalid].
func Compile(g Graph) (*Net, error) {
	if err := g.Check(); err != nil {
		return nil, err
	}
	return build(g), nil
}

// build is Compile for a graph that is known to be good.
func build(g Graph) *Net {
	n := &Net{graph: g, at: make(map[string]Set, len(g.Vertices))}
	for i, v := range g.Vertices {
		n.at[v.Name] = 1 << i
		if v.Theft > 0 && v.Name != g.Account {
			n.leaves = append(n.leaves, leaf{1 << i, v.Theft})
		}
	}
	slices.SortStableFunc(n.leaves, func(a, b leaf) int { return cmp.Compare(a.cost, b.cost) })
	n.take(g.Rules, g.Holds)
	n.account = n.at[g.Account]
	for _, l := range g.Losses {
		n.losses = append(n.losses, taken{n.Set(l.Lost...), n.Set(l.Gone...)})
	}
	for _, a := range g.Attackers {
		n.attackers = append(n.attackers, n.Set(a.Takes...))
	}
	return n
}

// take adds rules and what the owner holds.
func (n *Net) take(rules []Rule, holds []string) {
	for _, r := range rules {
		s := step{n.Set(r.From...), n.at[r.To]}
		if r.Who != Stranger {
			n.rules[0] = append(n.rules[0], s)
		}
		if r.Who != Owner {
			n.rules[1] = append(n.rules[1], s)
		}
	}
	n.holds |= n.Set(holds...)
	n.owner, n.stranger = newWays(n.rules[0]), newWays(n.rules[1])
}

// with is the net once these repairs have been made.
func (n *Net) with(repairs []Repair) *Net {
	then := *n
	then.rules = [2][]step{slices.Clip(n.rules[0]), slices.Clip(n.rules[1])}
	for _, r := range repairs {
		then.take(r.Rules, r.Holds)
	}
	return &then
}

// Set gives the set of vertices of these names; a name that is no vertex adds nothing.
func (n *Net) Set(names ...string) (s Set) {
	for _, name := range names {
		s |= n.at[name]
	}
	return s
}

// From is accessFrom(have): all that somebody with these vertices reaches, themselves among it. who is Owner or Stranger.
func (n *Net) From(who Who, have Set) Set {
	if who == Owner {
		return n.owner.close(have, have, 0)
	}
	return n.stranger.close(have, have, 0)
}

// survives reports that the owner still gets in after these losses, all at once.
func (n *Net) survives(losses ...int) bool {
	var all taken
	for _, i := range losses {
		all.lost |= n.losses[i].lost
		all.gone |= n.losses[i].gone
	}
	have := n.holds &^ all.lost
	return n.owner.close(have, have, all.gone).Has(n.account)
}

// enters reports that somebody with these vertices gets in.
func (n *Net) enters(have Set) bool { return n.From(Stranger, have).Has(n.account) }

// MaxAttack is the largest number of things that the cheapest attack may need.
const MaxAttack = 4

// cheapest finds the set of at most MaxAttack leaves that gets somebody in and is easiest to take: least cost, then fewest
// things, then the order of the graph. ok is false where none does.
func (n *Net) cheapest() (set Set, cost int, ok bool) {
	s := search{n: n}
	s.from(0, 0, 0, 0)
	return s.best, s.cost, s.found
}

type search struct {
	n     *Net
	best  Set
	cost  int
	found bool
}

// from tries every leaf from place i on beside what was taken. reach is all that follows from that: what is in it need not be
// taken, and one more leaf adds to it without beginning anew.
func (s *search) from(i int, took, reach Set, cost int) {
	if reach.Has(s.n.account) {
		if !s.found || cost < s.cost || cost == s.cost && took.Len() < s.best.Len() {
			s.best, s.cost, s.found = took, cost, true
		}
		return
	}
	if took.Len() == MaxAttack {
		return
	}
	for ; i < len(s.n.leaves); i++ {
		l := s.n.leaves[i]
		if s.found && cost+l.cost > s.cost {
			return // leaves are in order of cost: none of the rest is cheaper
		}
		if !reach.Has(l.bit) {
			s.from(i+1, took|l.bit, s.n.stranger.close(reach|l.bit, l.bit, 0), cost+l.cost)
		}
	}
}
