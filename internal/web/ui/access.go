package ui

import (
	"slices"
	"strconv"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/lang"
)

// passage is one row of a picture: who or what, and how it goes now and afterwards.
type passage struct {
	Title      string
	Now, Later mark
}

// mark is what is drawn at a gate. It says by its form what its colour says again.
type mark string

const (
	enters  mark = "in"   // an arrow: a stranger gets in
	stopped mark = "shut" // a bar: a stranger does not
	partly  mark = "part" // a dashed arrow: reaches what is left behind, until it is cleared
	returns mark = "back" // an arrow: the owner gets back in
	locked  mark = "out"  // a cross: the owner is locked out
)

// gates is a picture laid out: a column of rows, and a column of marks for each time.
type gates struct {
	W, H, Font int
	Head       int // baseline of the two headings
	At         [2]int
	Rows       []gateRow
	lines      int
}

type gateRow struct {
	box
	Marks [2]mark
	Y     int // middle
}

const gateWidth = 44 // of a column of marks

// pass puts rows under one another, those first that change or are open. What does not fit is counted in the last.
func pass(all []passage, care bool) gates {
	g := gates{W: mapWidth, Font: 13, lines: 27}
	if care {
		g.Font, g.lines = 18, 19
	}
	h, gap := g.Font*2+g.Font*12/10, g.Font*7/10
	side := g.W - 2*gateWidth - 8
	g.Head, g.At = g.Font+4, [2]int{g.W - gateWidth - gateWidth/2 - 1, g.W - gateWidth/2 - 1}
	y := g.Head + gap
	for _, p := range fewPassages(all) {
		b := box{spot: spot{Title: p.Title, Kind: "passage"}, X: 1, Y: y, W: side, H: h, Lines: wrap(p.Title, g.lines)}
		g.Rows = append(g.Rows, gateRow{box: b, Marks: [2]mark{p.Now, p.Later}, Y: y + h/2})
		y += h + gap
	}
	g.H = y
	return g
}

// fewPassages keeps what fits, the telling ones first, and counts the rest in a row without marks.
func fewPassages(all []passage) []passage {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b passage) int { return weightOf(a) - weightOf(b) })
	if len(all) <= mapMost {
		return all
	}
	return append(all[:mapMost-1:mapMost-1], passage{Title: "+" + strconv.Itoa(len(all)-mapMost+1)})
}

// weightOf puts first what becomes worse, then what becomes better, then what is bad and stays so.
func weightOf(p passage) int {
	now, later := p.Now == enters || p.Now == locked, p.Later != stopped && p.Later != returns
	switch {
	case later && !now:
		return 0
	case now && p.Now != p.Later:
		return 1
	case later:
		return 2
	}
	return 3
}

// strangers are the attackers of a verdict as rows.
func (p Page) strangers(a jieling.Access) []passage {
	var out []passage
	for _, e := range a.Exposure {
		row := passage{Title: p.Lang.Read(e.Title), Now: stopped, Later: stopped}
		if e.Before {
			row.Now = enters
		}
		switch {
		case e.After:
			row.Later = enters
		case e.During:
			row.Later = partly
		}
		out = append(out, row)
	}
	return out
}

// returnsAfter are the losses of a verdict as rows.
func (p Page) returnsAfter(a jieling.Access) []passage {
	word := func(out bool) mark {
		if out {
			return locked
		}
		return returns
	}
	var out []passage
	for _, l := range a.Lockout {
		out = append(out, passage{Title: p.Lang.Read(l.Title), Now: word(l.Before), Later: word(l.After)})
	}
	return out
}

// inWords says in a sentence what a picture shows.
func (p Page) inWords(of lang.Sentence, all []passage) string {
	now, later := 0, 0
	for _, row := range all {
		if row.Now == enters || row.Now == locked {
			now++
		}
		if row.Later == enters || row.Later == locked {
			later++
		}
	}
	return p.Say(of, "all", strconv.Itoa(len(all)), "now", strconv.Itoa(now), "later", strconv.Itoa(later))
}

// drawn is the path of a mark around a point.
func (m mark) drawn(x, y int) string {
	switch m {
	case enters, partly, returns:
		return "M" + joinInts(x-13, y) + "h24m-7-6l7 6-7 6"
	case stopped:
		return "M" + joinInts(x-13, y) + "h12M" + joinInts(x+1, y-9) + "v18"
	case locked:
		return "M" + joinInts(x-7, y-7) + "l14 14M" + joinInts(x+7, y-7) + "l-14 14"
	}
	return ""
}

// lockouts counts the losses that lock the owner out.
func lockouts(a jieling.Access, after bool) int {
	n := 0
	for _, l := range a.Lockout {
		if after && l.After || !after && l.Before {
			n++
		}
	}
	return n
}

// reaching lists the attackers who get in by what is left behind alone.
func reaching(a *jieling.Access) []jieling.Exposure {
	if a == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(a.Exposure), func(e jieling.Exposure) bool { return e.After || !e.During })
}

// mustWaive lists the losses that the owner has yet to say that they know of, in sentences.
func (v CaseView) mustWaive() []jieling.Lockout {
	if v.Access == nil {
		return nil
	}
	var out []jieling.Lockout
	for _, l := range v.Access.Lockout {
		if slices.Contains(v.Access.MustWaive, l.Name) && !v.Waiver.Covers(l.Name, v.Access.Template) {
			out = append(out, l)
		}
	}
	return out
}

// risky reports that what stays would be no way back, and that the person is not about to put a new way in in place anyway.
func (v CaseView) risky() bool {
	return v.Access != nil && len(v.Access.MustWaive) > 0 && v.Next != casework.MoveReplace
}
