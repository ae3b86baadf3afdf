package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/access"
)

// access measures the law of who gets in by itself: a graph of 48 vertices and 60 rules, and the account everybody has.
func (b benchCommand) access(report *benchReport) error {
	wide, err := access.Compile(wideGraph(true))
	if err != nil {
		return err
	}
	narrow, err := access.Compile(wideGraph(false))
	if err != nil {
		return err
	}
	if v := wide.Verdict(); v.Tolerates() < 1 || v.Attack != nil {
		return errors.New("the search of the wide graph ends early")
	}
	template, err := access.Shipped()
	if err != nil {
		return err
	}
	now := time.Now()
	of := func(p jieling.Provider) jieling.Binding {
		return jieling.Binding{ID: jieling.BindingID(p), Provider: p, State: jieling.BindingActive, VerifiedAt: now}
	}
	routine := access.Facts{Bindings: []jieling.Binding{of(jieling.QQ), of(jieling.Phone)}, Leaving: "qq", Now: now}
	asked := []struct {
		line decideLine
		ask  func()
	}{
		{decideLine{What: "48 vertices and 60 rules, everything: 210 pairs of losses, 6,196 attacks", Want: 2_500_000}, func() { runtime.KeepAlive(wide.Verdict()) }},
		{decideLine{What: "the same, lockout alone", Want: 100_000}, func() { runtime.KeepAlive(narrow.Verdict()) }},
		{decideLine{What: "a routine account before, during and after, in sentences"}, func() { runtime.KeepAlive(template.Compare(routine, nil)) }},
		{decideLine{What: "a routine account at the commit point"}, func() { runtime.KeepAlive(template.Unsafe(routine)) }},
	}
	took := make([][]float64, len(asked))
	for range b.Rounds {
		for i, a := range asked {
			nanoseconds, allocations := stopwatch(a.ask, time.Duration(b.Seconds*float64(time.Second))/10)
			took[i], asked[i].line.Allocations = append(took[i], nanoseconds), allocations
		}
	}
	for i, a := range asked {
		a.line.Nanoseconds = median(took[i])
		if a.line.Want > 0 {
			met := a.line.Nanoseconds <= a.line.Want
			a.line.Met = &met
		}
		report.Access = append(report.Access, a.line)
	}
	return nil
}

// wideGraph has 48 vertices, 60 rules and 21 losses that no owner is locked out by, alone or in pairs. With attacks 20 of its
// vertices can be taken, and no four of them are enough: the search sees all there is to see.
func wideGraph(attacks bool) access.Graph {
	draw := rand.New(rand.NewPCG(1, 2))
	g := access.Graph{Template: "wide@1", Account: "v47"}
	name := func(i int) string { return fmt.Sprint("v", i) }
	for i := range 48 {
		v := access.Vertex{Name: name(i)}
		if i < 20 {
			g.Holds = append(g.Holds, v.Name)
			if attacks {
				v.Theft = 3
			}
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
	return g
}

func printAccessTimes(out io.Writer, lines []decideLine) {
	for _, l := range lines {
		target := ""
		if l.Met != nil {
			target = fmt.Sprintf(" (T6 ≤ %.0f, %s)", l.Want/1000, yes(*l.Met))
		}
		fmt.Fprintf(out, "\naccess: %s: %.1f µs, %.2f allocations%s", l.What, l.Nanoseconds/1000, l.Allocations, target)
	}
	if len(lines) > 0 {
		fmt.Fprintln(out)
	}
}
