package access_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jieling-id/jieling/internal/access"
)

// wide is a graph of 48 vertices and 60 rules, of which 20 vertices can be taken, with 21 losses (210 pairs), in which no
// attack of fewer than four things succeeds: the search sees all there is to see.
func wide() access.Graph {
	draw := rand.New(rand.NewPCG(1, 2))
	g := access.Graph{Template: "wide@1", Account: "v47"}
	name := func(i int) string { return fmt.Sprint("v", i) }
	for i := range 48 {
		v := access.Vertex{Name: name(i)}
		if i < 20 {
			v.Theft = 3
			g.Holds = append(g.Holds, v.Name)
		}
		g.Vertices = append(g.Vertices, v)
	}
	for i := range 59 {
		to := 20 + i%27
		g.Rules = append(g.Rules, access.Rule{To: name(to), From: []string{name(draw.IntN(to)), name(draw.IntN(20)), name(draw.IntN(20))}})
	}
	g.Rules = append(g.Rules, access.Rule{To: "v47", From: []string{"v44", "v45", "v46"}})
	for i := range 21 {
		g.Losses = append(g.Losses, access.Loss{Name: fmt.Sprint("l", i), Lost: []string{name(i % 20)}})
	}
	for i := range 8 {
		g.Attackers = append(g.Attackers, access.Attacker{Name: fmt.Sprint("a", i), Takes: []string{name(i), name(i + 8)}})
	}
	return g
}

// T6: everything about 48 vertices and 60 rules; at most 2.5 ms.
func BenchmarkT6_Verdict(b *testing.B) {
	n := compiled(b, wide())
	if v := n.Verdict(); v.Tolerates() < 1 || v.Attack != nil {
		b.Fatalf("the search ends early: %+v", v)
	}
	b.ReportAllocs()
	for b.Loop() {
		n.Verdict()
	}
}

// T6: the lockout of 48 vertices and 60 rules, every pair of 21 losses; at most 100 µs.
func BenchmarkT6_Lockout(b *testing.B) {
	g := wide()
	g.Attackers = nil
	for i := range g.Vertices {
		g.Vertices[i].Theft = 0
	}
	n := compiled(b, g)
	b.ReportAllocs()
	for b.Loop() {
		n.Verdict()
	}
}

// What a plan shows of a routine account: building its graph, before, during and after, and the repair.
func BenchmarkCompareRoutine(b *testing.B) {
	tpl, f := shipped(b), routine()
	b.ReportAllocs()
	for b.Loop() {
		tpl.Compare(f, nil)
	}
}

// What the commit point asks of a routine account.
func BenchmarkUnsafeRoutine(b *testing.B) {
	tpl, f := shipped(b), routine()
	b.ReportAllocs()
	for b.Loop() {
		tpl.Unsafe(f)
	}
}
