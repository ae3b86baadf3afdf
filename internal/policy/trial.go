package policy

import "github.com/jieling-id/jieling"

// Change is how what a pack asks stands to what was asked before.
type Change string

// The changes.
const (
	Same     Change = "same"
	More     Change = "more" // or refused
	Less     Change = "less"
	Other    Change = "other"    // stricter in one thing and less so in another
	Unjudged Change = "unjudged" // the pack does not know the situation
)

// Changes lists the closed list above.
var Changes = [...]Change{Same, More, Less, Other, Unjudged}

// Trial is what a pack makes of a situation that was decided before.
type Trial struct {
	Change Change
	After  jieling.Decision // zero where it is unjudged
	Err    error            // why it is
}

// Try asks the pack about a situation that was decided before, by whichever pack.
func (p *Pack) Try(s Situation, before jieling.Decision) Trial {
	facts, err := p.Facts(s)
	if err != nil {
		return Trial{Change: Unjudged, Err: err}
	}
	out := Trial{After: p.Decide(facts)}
	more, less := AtLeast(out.After, before), AtLeast(before, out.After)
	switch {
	case more && less:
		out.Change = Same
	case more:
		out.Change = More
	case less:
		out.Change = Less
	default:
		out.Change = Other
	}
	return out
}
