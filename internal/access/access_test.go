package access_test

import (
	"fmt"
	"math/bits"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/jieling-id/jieling/internal/access"
)

// small draws a graph of at most 12 vertices, with losses and attackers, that can be looked at subset by subset.
func small(t *rapid.T) access.Graph {
	n := rapid.IntRange(2, 12).Draw(t, "vertices")
	g := access.Graph{Template: "drawn@1", Account: "v0"}
	for i := range n {
		g.Vertices = append(g.Vertices, access.Vertex{Name: fmt.Sprint("v", i), Theft: rapid.IntRange(0, 5).Draw(t, "theft")})
	}
	for range rapid.IntRange(1, 18).Draw(t, "rules") {
		g.Rules = append(g.Rules, someRule(t, n))
	}
	g.Holds = some(t, n, 0, "holds")
	for i := range rapid.IntRange(0, 4).Draw(t, "losses") {
		g.Losses = append(g.Losses, access.Loss{Name: fmt.Sprint("l", i), Lost: some(t, n, 1, "lost"), Gone: some(t, n, 0, "gone"), Required: i == 0})
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "attackers") {
		g.Attackers = append(g.Attackers, access.Attacker{Name: fmt.Sprint("a", i), Takes: some(t, n, 1, "takes")})
	}
	return g
}

func someRule(t *rapid.T, n int) access.Rule {
	to := rapid.IntRange(0, n-1).Draw(t, "to")
	from := rapid.SliceOfNDistinct(rapid.IntRange(0, n-1).Filter(func(i int) bool { return i != to }), 1, min(3, n-1), rapid.ID[int]).Draw(t, "from")
	who := rapid.SampledFrom([]access.Who{access.Both, access.Both, access.Owner, access.Stranger}).Draw(t, "who")
	return access.Rule{To: fmt.Sprint("v", to), From: named(from), Who: who}
}

func some(t *rapid.T, n, least int, what string) []string {
	return named(rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), least, min(n, least+4), rapid.ID[int]).Draw(t, what))
}

func named(is []int) []string {
	out := make([]string, len(is))
	for i, v := range is {
		out[i] = fmt.Sprint("v", v)
	}
	return out
}

func compiled(t rapid.TB, g access.Graph) *access.Net {
	t.Helper()
	n, err := access.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// slow is accessFrom as it is defined: of all sets that hold have, lack what is gone and are closed under the rules, the one
// that is contained in every other.
func slow(g access.Graph, n *access.Net, who access.Who, have, gone access.Set) access.Set {
	have &^= gone
	least := access.Set(1)<<len(g.Vertices) - 1
	for set := access.Set(0); set < 1<<len(g.Vertices); set++ {
		if set.Has(have) && set&gone == 0 && closed(g, n, who, set, gone) {
			least &= set
		}
	}
	return least &^ gone
}

func closed(g access.Graph, n *access.Net, who access.Who, set, gone access.Set) bool {
	return !slices.ContainsFunc(g.Rules, func(r access.Rule) bool {
		applies := r.Who == access.Both || r.Who == who
		return applies && set.Has(n.Set(r.From...)) && !set.Has(n.Set(r.To)&^gone)
	})
}

// accessFrom is the least closed set, for everybody and from everywhere.
func TestAccess_FromIsTheLeastClosedSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := small(t)
		n := compiled(t, g)
		have := n.Set(some(t, len(g.Vertices), 0, "have")...)
		for _, who := range []access.Who{access.Owner, access.Stranger} {
			if got, want := n.From(who, have), slow(g, n, who, have, 0); got != want {
				t.Fatalf("%s reaches %b from %b, want %b", who, got, have, want)
			}
		}
	})
}

// Everything a verdict says is what looking at every subset says.
func TestAccess_AVerdictIsWhatEverySubsetSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := small(t)
		n := compiled(t, g)
		out := func(losses ...access.Loss) bool {
			var lost, gone access.Set
			for _, l := range losses {
				lost |= n.Set(l.Lost...)
				gone |= n.Set(l.Gone...)
			}
			return !slow(g, n, access.Owner, n.Set(g.Holds...)&^lost, gone).Has(n.Set(g.Account))
		}
		want := access.Verdict{Template: "drawn@1", Shut: out(), Attack: slowAttack(g, n)}
		for i, l := range g.Losses {
			if out(l) {
				want.Locks = append(want.Locks, l.Name)
			}
			for _, m := range g.Losses[i+1:] {
				if want.Pair == nil && !out(l) && !out(m) && out(l, m) {
					want.Pair = []string{l.Name, m.Name}
				}
			}
		}
		for _, a := range g.Attackers {
			if slow(g, n, access.Stranger, n.Set(a.Takes...), 0).Has(n.Set(g.Account)) {
				want.Enters = append(want.Enters, a.Name)
			}
		}
		got := n.Verdict()
		if (got.Attack == nil) != (want.Attack == nil) || got.Attack != nil && (got.Attack.Cost != want.Attack.Cost || len(got.Attack.Takes) != len(want.Attack.Takes)) {
			t.Fatalf("the cheapest attack is %+v, want one like %+v", got.Attack, want.Attack)
		}
		if got.Attack != nil && !n.From(access.Stranger, n.Set(got.Attack.Takes...)).Has(n.Set(g.Account)) {
			t.Fatalf("%v is no attack", got.Attack.Takes)
		}
		got.Attack, want.Attack = nil, nil
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

// slowAttack tries every set of at most four things that can be taken.
func slowAttack(g access.Graph, n *access.Net) (best *access.Attack) {
	for set := access.Set(1); set < 1<<len(g.Vertices); set++ {
		a := access.Attack{}
		for i, v := range g.Vertices {
			if set.Has(1 << i) {
				if v.Theft == 0 || v.Name == g.Account {
					a.Cost = 1 << 20
				}
				a.Cost += v.Theft
				a.Takes = append(a.Takes, v.Name)
			}
		}
		if bits.OnesCount64(uint64(set)) > access.MaxAttack || a.Cost >= 1<<20 || !slow(g, n, access.Stranger, set, 0).Has(n.Set(g.Account)) {
			continue
		}
		if best == nil || a.Cost < best.Cost || a.Cost == best.Cost && len(a.Takes) < len(best.Takes) {
			best = &a
		}
	}
	return best
}

// Who has more reaches no less; a rule more takes nothing away.
func TestAccess_ReachIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := small(t)
		n := compiled(t, g)
		have := n.Set(some(t, len(g.Vertices), 0, "have")...)
		more := have | n.Set(some(t, len(g.Vertices), 0, "more")...)
		wider := g
		wider.Rules = append(slices.Clone(g.Rules), someRule(t, len(g.Vertices)))
		w := compiled(t, wider)
		for _, who := range []access.Who{access.Owner, access.Stranger} {
			less := n.From(who, have)
			if !less.Has(have) || !n.From(who, more).Has(less) || !w.From(who, have).Has(less) || n.From(who, less) != less {
				t.Fatalf("%s: from %b to %b, from %b to %b, with a rule more to %b", who, have, less, more, n.From(who, more), w.From(who, have))
			}
		}
	})
}

// Taking a login away whole never lets anybody further, neither at once nor after its clean-up.
func TestAccess_RemovingAWholeAlternativeNeverEnlargesReach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := small(t)
		remove := fmt.Sprint("v", rapid.IntRange(1, len(g.Vertices)-1).Draw(t, "remove"))
		c := access.Change{Remove: []string{remove}, Residues: []access.Residue{{Name: "left", From: remove}}}
		after, err := g.Apply(c)
		if err != nil {
			t.Fatal(err)
		}
		during, err := g.During(c)
		if err != nil {
			t.Fatal(err)
		}
		before, then, meanwhile := compiled(t, g), compiled(t, after), compiled(t, during)
		have := before.Set(some(t, len(g.Vertices), 0, "have")...)
		for _, who := range []access.Who{access.Owner, access.Stranger} {
			was := before.From(who, have)
			if !was.Has(then.From(who, have)) {
				t.Fatalf("%s reaches %b after the removal and %b before", who, then.From(who, have), was)
			}
			if !meanwhile.From(who, have).Has(then.From(who, have)) {
				t.Fatalf("%s reaches less while a residue stands", who)
			}
		}
		d := access.Diff(before.Verdict(), then.Verdict())
		if len(d.Opened) > 0 || len(d.Unlocked) > 0 {
			t.Fatalf("a removal alone opened %v and unlocked %v", d.Opened, d.Unlocked)
		}
	})
}

// S18: a rule that asks for a part of what another asks for is refused, whichever rule and part; the same rule, another
// target and more sources are not.
func TestS18_DroppingAMemberOfAConjunctionIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := small(t)
		conjunctions := slices.DeleteFunc(slices.Clone(g.Rules), func(r access.Rule) bool { return len(r.From) < 2 })
		if len(conjunctions) == 0 {
			t.Skip("nothing is needed together")
		}
		strong := rapid.SampledFrom(conjunctions).Draw(t, "strong")
		weak := strong
		dropped := rapid.IntRange(0, len(strong.From)-1).Draw(t, "dropped")
		weak.From = slices.Delete(slices.Clone(strong.From), dropped, dropped+1)
		there := slices.ContainsFunc(g.Rules, func(r access.Rule) bool {
			return r.To == weak.To && r.Who == weak.Who && len(r.From) == len(weak.From) && !slices.ContainsFunc(r.From, func(f string) bool { return !slices.Contains(weak.From, f) })
		})
		_, err := g.Apply(access.Change{Remove: []string{strong.From[dropped]}, Add: []access.Rule{weak}})
		if !there && reflect.TypeOf(err) != reflect.TypeFor[*access.WeakenedError]() && strong.From[dropped] != g.Account {
			t.Fatalf("%v in place of %v: %v", weak, strong, err)
		}
		if _, err := g.Apply(access.Change{Add: []access.Rule{strong}}); err != nil {
			t.Fatalf("the rule itself: %v", err)
		}
	})
}

// A login that was the second half of a way in takes the whole way with it.
func TestS18_ALoginTakesItsWholeWayWithIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := small(t)
		remove := fmt.Sprint("v", rapid.IntRange(1, len(g.Vertices)-1).Draw(t, "remove"))
		after, err := g.Apply(access.Change{Remove: []string{remove}})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range after.Rules {
			if !slices.ContainsFunc(g.Rules, func(was access.Rule) bool { return reflect.DeepEqual(was, r) }) {
				t.Fatalf("%v was no rule before", r)
			}
			if r.To == g.Account && slices.Contains(r.From, remove) {
				t.Fatalf("%v still leads in by %s", r, remove)
			}
		}
	})
}

// What one verdict says more than another, the other says less.
func TestAccess_DiffIsAntisymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := compiled(t, small(t)).Verdict(), compiled(t, small(t)).Verdict()
		d := access.Diff(a, b)
		if !reflect.DeepEqual(d.Reversed(), access.Diff(b, a)) {
			t.Fatalf("%+v one way, %+v the other", d, access.Diff(b, a))
		}
		for _, name := range d.Opened {
			if slices.Contains(a.Enters, name) || !slices.Contains(b.Enters, name) {
				t.Fatalf("%s counts as opened", name)
			}
		}
		if !reflect.DeepEqual(access.Diff(a, a), access.Difference{}) {
			t.Fatal("a verdict differs from itself")
		}
	})
}
