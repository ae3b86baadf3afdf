package policy

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/jieling-id/jieling"
)

// Problem is one thing wrong with a pack: where it stands, and what it is.
type Problem struct {
	Line   int // from 1
	Column int // from 1, in characters
	Said       // what is wrong
}

// Instead says what to write instead.
func (p Problem) Instead() jieling.Text { return faults[p.Code].instead.with(p.Args) }

// MarshalJSON writes the place, the sentences in English under their old names, the code, and the sentences in Chinese.
func (p Problem) MarshalJSON() ([]byte, error) {
	what, instead := p.Text(), p.Instead()
	return json.Marshal(struct {
		Line, Column          int
		What, Instead         string
		Code                  Code
		WhatInZH, InsteadInZH string
	}{p.Line, p.Column, what.EN, instead.EN, p.Code, what.ZH, instead.ZH})
}

// LoadError is every problem that [Load] found in one pack, in the order of the file.
type LoadError struct {
	File     string
	Problems []Problem // at least one
}

// Error is In English, as logs are.
func (e *LoadError) Error() string { return e.In("en") }

// In puts each problem on a line of its own, in a language: file:line:column: what; what to write instead.
func (e *LoadError) In(lang string) string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.In(e.File, lang)
	}
	return strings.Join(lines, "\n")
}

// In puts a problem of a file on one line, in a language.
func (p Problem) In(file, lang string) string {
	join := jieling.Text{ZH: "；", EN: "; "}
	return fmt.Sprintf("%s:%d:%d: %s%s%s", file, p.Line, p.Column, p.Text().In(lang), join.In(lang), p.Instead().In(lang))
}

// spot is a place in the file.
type spot struct{ line, column int }

// problems gathers what is wrong, so that one run of Load names as much as it can.
type problems []Problem

func (ps *problems) add(at spot, code Code, args ...any) {
	*ps = append(*ps, Problem{Line: at.line, Column: at.column, Said: say(code, args...)})
}

// err returns the problems as an error, sorted and each once, or nil where there are none.
func (ps problems) err(file string) error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column, cmp.Compare(a.Text().EN, b.Text().EN))
	})
	return &LoadError{File: file, Problems: slices.CompactFunc([]Problem(ps), func(a, b Problem) bool { return reflect.DeepEqual(a, b) })}
}

// suggest says what to write instead of a word that is not among known: the one it was probably meant to be, or all of them.
func suggest(wrong string, known []string) jieling.Text {
	best, distance := "", max(1, len([]rune(wrong))/3)
	for _, k := range known {
		if d := editDistance(wrong, k); d <= distance && (best == "" || d < distance) {
			best, distance = k, d
		}
	}
	switch {
	case best != "":
		return jieling.Text{ZH: "写成 " + best, EN: "write " + best}
	case len(known) == 0:
		return jieling.Text{ZH: "去掉它", EN: "leave it out"}
	case len(known) == 1:
		return jieling.Text{ZH: "写成 " + known[0], EN: "write " + known[0]}
	default:
		return jieling.Text{ZH: "写成其中一个：" + strings.Join(known, "、"), EN: "write one of " + strings.Join(known, ", ")}
	}
}

// editDistance is the number of insertions, deletions, replacements and swaps of neighbours between a and b.
func editDistance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, above := make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range above {
		above[j] = j
	}
	for i := range s {
		row := make([]int, len(t)+1)
		row[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, above[j+1]+1, above[j]+cost)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above = above, row
	}
	return above[len(t)]
}
