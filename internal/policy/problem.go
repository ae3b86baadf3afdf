package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a pack: where it stands, what it is, and what to write instead.
type Problem struct {
	Line    int // from 1
	Column  int // from 1, in characters
	What    string
	Instead string
}

// LoadError is every problem that [Load] found in one pack, in the order of the file.
type LoadError struct {
	File     string
	Problems []Problem // at least one
}

// Error puts each problem on a line of its own, as file:line:column: what; what to write instead.
func (e *LoadError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s; %s", e.File, p.Line, p.Column, p.What, p.Instead)
	}
	return strings.Join(lines, "\n")
}

// spot is a place in the file.
type spot struct{ line, column int }

// problems gathers what is wrong, so that one run of Load names as much as it can.
type problems []Problem

func (ps *problems) add(at spot, what, instead string) {
	*ps = append(*ps, Problem{Line: at.line, Column: at.column, What: what, Instead: instead})
}

// err returns the problems as an error, sorted and each once, or nil where there are none.
func (ps problems) err(file string) error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column, cmp.Compare(a.What, b.What))
	})
	return &LoadError{File: file, Problems: slices.Compact([]Problem(ps))}
}

// suggest says what to write instead of a word that is not among known: the one it was probably meant to be, or all of them.
func suggest(wrong string, known []string) string {
	best, distance := "", max(1, len([]rune(wrong))/3)
	for _, k := range known {
		if d := editDistance(wrong, k); d <= distance && (best == "" || d < distance) {
			best, distance = k, d
		}
	}
	switch {
	case best != "":
		return "write " + best
	case len(known) == 0:
		return "leave it out"
	case len(known) == 1:
		return "write " + known[0]
	default:
		return "write one of " + strings.Join(known, ", ")
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
