package access

import (
	"slices"

	"github.com/jieling-id/jieling"
)

// newLogin is the vertex of a login that an account does not have yet.
const newLogin = "new"

// Gain says what a new login of a provider, proven today, would change once the login that leaves is gone (A7): the attackers it
// would let in, and the losses after which its owner would get back in by it and would not without; [Nothing] among these
// where there would be no way in at all without it. Rules are the template's names, texts its titles.
func (t *Template) Gain(f Facts, p jieling.Provider) (opens, saves []jieling.Because) {
	f.Bindings = slices.DeleteFunc(f.logins(), func(b jieling.Binding) bool { return b.ID == f.Leaving })
	f.Leaving = ""
	g, _ := t.Graph(f)
	without, _ := build(g).gates()
	f.Bindings = append(f.Bindings, jieling.Binding{ID: newLogin, Provider: p, State: jieling.BindingActive, VerifiedAt: f.Now, CreatedAt: f.Now})
	g, _ = t.Graph(f)
	with, _ := build(g).gates()
	if without.Shut && !with.Shut {
		saves = append(saves, jieling.Because{Rule: Nothing, Text: titleOfNothing})
	}
	for _, l := range g.Losses {
		if slices.Contains(without.Locks, l.Name) && !slices.Contains(with.Locks, l.Name) {
			saves = append(saves, jieling.Because{Rule: l.Name, Text: l.Title})
		}
	}
	for _, a := range g.Attackers {
		if slices.Contains(with.Enters, a.Name) && !slices.Contains(without.Enters, a.Name) {
			opens = append(opens, jieling.Because{Rule: a.Name, Text: a.Title})
		}
	}
	return opens, saves
}
