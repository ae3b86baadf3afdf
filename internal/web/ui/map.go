package ui

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/jieling-id/jieling"
)

// spot is something a map has a box for.
type spot struct {
	Title string
	Under string // a second line; "" for none
	Kind  string // class: way, weak, gone; kept, changed, lost, unknown
}

// box is a spot in its place. Every measure is in units of the drawing.
type box struct {
	spot
	Lines      []string
	X, Y, W, H int
}

// bond joins a box to the account in the middle; cut ones are marked at their middle.
type bond struct {
	Path     string
	Kind     string
	Cut      bool
	AtX, AtY int
}

// drawing is a map laid out: boxes left and right, the account between them.
type drawing struct {
	W, H, Font  int
	HubX, HubY  int
	Reach       int // radius of the account's circle
	Boxes       []box
	Bonds       []bond
	side, lines int
}

const (
	mapWidth = 304
	mapMost  = 6 // boxes in a column; what is more is counted in the last
)

// lay puts two columns around the account. In care mode letters are larger and columns wider.
func lay(left, right []spot, care bool) drawing {
	d := drawing{W: mapWidth, Font: 13, Reach: 18, side: 106, lines: 14}
	if care {
		d.Font, d.Reach, d.side, d.lines = 18, 16, 118, 12
	}
	left, right = few(left), few(right)
	h, gap := d.Font*2+d.Font*12/10, d.Font*7/10
	tall := func(n int) int { return n*h + max(0, n-1)*gap }
	d.H = max(tall(len(left)), tall(len(right)), 5*d.Font) + 8
	d.HubX, d.HubY = mapWidth/2, d.H/2
	d.column(left, 1, (d.H-tall(len(left)))/2, h, gap, d.side+1, d.HubX-d.Reach)
	d.column(right, mapWidth-d.side-1, (d.H-tall(len(right)))/2, h, gap, mapWidth-d.side-1, d.HubX+d.Reach)
	return d
}

// column places boxes under one another and bonds each of them, from x1 at its own side to x2 at the account's.
func (d *drawing) column(all []spot, x, y, h, gap, x1, x2 int) {
	for _, s := range all {
		b := box{spot: s, X: x, Y: y, W: d.side, H: h, Lines: []string{short(s.Title, d.lines), short(s.Under, d.lines)}}
		if s.Under == "" {
			b.Lines = wrap(s.Title, d.lines)
		}
		d.Boxes = append(d.Boxes, b)
		mid, at := (x1+x2)/2, y+h/2
		d.Bonds = append(d.Bonds, bond{
			Path: "M" + joinInts(x1, at) + "C" + joinInts(mid, at, mid, d.HubY, x2, d.HubY),
			Kind: s.Kind, Cut: s.Kind == "lost" || s.Kind == "gone", AtX: mid, AtY: (at + d.HubY) / 2,
		})
		y += h + gap
	}
}

// few keeps what fits and counts the rest.
func few(all []spot) []spot {
	if len(all) <= mapMost {
		return all
	}
	rest := len(all) - mapMost + 1
	return append(all[:mapMost-1:mapMost-1], spot{Title: "+" + strconv.Itoa(rest), Kind: "more"})
}

// mixed puts first what shows every kind of change, by turns, so that a column too short for all still has some of each.
func mixed(all []jieling.Dependent) []jieling.Dependent {
	var kinds [4][]jieling.Dependent
	for _, d := range all {
		i := slices.Index([]jieling.Change{jieling.Lost, jieling.Changed, jieling.Kept}, d.Change)
		if d.Unknown || i < 0 {
			i = 3
		}
		kinds[i] = append(kinds[i], d)
	}
	out := make([]jieling.Dependent, 0, len(all))
	for turn := 0; len(out) < len(all); turn++ {
		for _, of := range kinds {
			if turn < len(of) {
				out = append(out, of[turn])
			}
		}
	}
	return out
}

func joinInts(all ...int) string {
	said := make([]string, len(all))
	for i, n := range all {
		said[i] = strconv.Itoa(n)
	}
	return strings.Join(said, " ")
}

// broad is the display width of a character: a Chinese one takes the room of two Latin ones.
func broad(r rune) int {
	if unicode.Is(unicode.Han, r) || r >= 0xff00 && r <= 0xffef || r >= 0x3000 && r <= 0x303f {
		return 2
	}
	return 1
}

func breadth(s string) int {
	n := 0
	for _, r := range s {
		n += broad(r)
	}
	return n
}

// short cuts a text to a display width, with an ellipsis at its end.
func short(s string, width int) string {
	if breadth(s) <= width {
		return s
	}
	n := 1
	for i, r := range s {
		if n += broad(r); n > width {
			return strings.TrimSpace(s[:i]) + "…"
		}
	}
	return s
}

// wrap breaks a text into at most two lines of a display width, at a space where there is one near.
func wrap(s string, width int) []string {
	if breadth(s) <= width {
		return []string{s}
	}
	n, space, cut := 0, -1, 0
	for i, r := range s {
		if n += broad(r); n > width {
			cut = i
			break
		}
		if r == ' ' {
			space = i
		}
	}
	if next := []rune(s[cut:]); space > 0 && broad(next[0]) == 1 && next[0] != ' ' {
		cut = space
	}
	return []string{strings.TrimSpace(s[:cut]), short(strings.TrimSpace(s[cut:]), width)}
}
