package policy

import (
	"slices"

	"github.com/jieling-id/jieling"
)

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
	Rules  []string         // the IDs of the rules behind a change, in the order of the packs; of one that is the same or unjudged: none
	Err    error            // why it is unjudged
}

// Try asks the pack about a situation that was decided before. was is the pack that decided it, which tells the rules behind a change
// exactly; where it is not at hand (nil, or of another ID), they are told from what the decision names.
func (p *Pack) Try(s Situation, before jieling.Decision, was *Pack) Trial {
	facts, err := p.Facts(s)
	if err != nil {
		return Trial{Change: Unjudged, Err: err}
	}
	out := Trial{After: p.Decide(facts)}
	more, less := AtLeast(out.After, before), AtLeast(before, out.After)
	switch {
	case more && less:
		out.Change = Same
		return out
	case more:
		out.Change = More
	case less:
		out.Change = Less
	default:
		out.Change = Other
	}
	if out.Change != Less {
		out.Rules = p.beyond(facts, before)
	}
	if out.Change != More {
		out.Rules = append(out.Rules, fallen(s, before, out.After, was)...)
	}
	out.Rules = unique(out.Rules)
	return out
}

// beyond lists the rules that apply to a situation and, each alone, ask for something that a decision does not.
func (p *Pack) beyond(f Facts, d jieling.Decision) (ids []string) {
	set := p.applying(p.key(&f.at))
	for i := range p.rules {
		if r := &p.rules[i]; set.has(r.test) && !AtLeast(d, r.alone()) {
			ids = append(ids, r.id)
		}
	}
	return ids
}

// fallen lists the rules that asked for something before that is not asked any more.
func fallen(s Situation, before, after jieling.Decision, was *Pack) (ids []string) {
	if was != nil && was.ID() == before.Pack {
		if f, err := was.Facts(s); err == nil {
			return was.beyond(f, after)
		}
	}
	now := idsOf(after)
	for _, id := range idsOf(before) {
		if !slices.Contains(now, id) {
			ids = append(ids, id)
		}
	}
	if ids == nil { // it asks for less by the same name
		return idsOf(before)
	}
	return ids
}

// alone is the decision that a rule would be by itself.
func (r *rule) alone() jieling.Decision {
	d := jieling.Decision{
		Requirement: r.then.require.Requirement, Wait: r.then.wait, Guard: r.then.guard, Replacement: r.then.replacement || r.then.needPhone,
		NeedPhone: r.then.needPhone, Backup: r.then.backup,
	}
	if r.then.refuse {
		d.Refusals = []jieling.Because{{Rule: r.id}}
	}
	return d
}

// idsOf lists the rules that a decision names.
func idsOf(d jieling.Decision) (ids []string) {
	for _, b := range slices.Concat(d.Reasons, d.Refusals) {
		ids = append(ids, b.Rule)
	}
	return ids
}

// unique drops what is there already, and keeps the order.
func unique(words []string) (out []string) {
	for _, w := range words {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
