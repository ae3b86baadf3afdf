package ui

import (
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/policy"
)

// weight is what a signal's level means to a reader.
type weight int

// The weights, the riskiest first.
const (
	high weight = iota
	middle
	unknown
	low
	weights
)

// weighed is signals by their weight, each in the order of the assessment.
type weighed [weights][]jieling.Signal

func weigh(all []jieling.Signal) (out weighed) {
	for _, s := range all {
		if lang.Signal(s.Name) != "" {
			w := bears(s)
			out[w] = append(out[w], s)
		}
	}
	return out
}

// bears reads a signal's weight off its place among its levels. What was not measured is not known, whatever level stands for
// that; so is what was looked for and not found. A network that was never seen is known to be such.
func bears(s jieling.Signal) weight {
	i := slices.IndexFunc(policy.Signals[:], func(d policy.Signal) bool { return d.Name == s.Name })
	switch {
	case i < 0, s.Source == "", s.Level == "unknown" && s.Name != "network":
		return unknown
	case s.Level == policy.Signals[i].Levels[0]:
		return low
	case s.Level == policy.Signals[i].Levels[len(policy.Signals[i].Levels)-1]:
		return high
	}
	return middle
}

func (w weight) tag() string { return [...]string{"pending", "", "", "active"}[w] }

func (w weight) sign() string { return [...]string{"warn", "plain", "unknown", "good"}[w] }

func (w weight) word() lang.Sentence {
	return [...]lang.Sentence{lang.StandsOut, lang.InBetween, lang.NotKnown, lang.LooksUsual}[w]
}
