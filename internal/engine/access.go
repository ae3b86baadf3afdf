package engine

import (
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/access"
	"github.com/jieling-id/jieling/internal/store"
)

// access says who could get into the snapshot's account with and without a binding, and what is left behind at the legs'
// participants until they are verified. What the snapshot did not load is not there: the owner does not count on it.
func (e *Engine) access(s store.Snapshot, leaving jieling.BindingID, legs []jieling.Leg) jieling.Access {
	return e.Access.Compare(accessFacts(s, leaving), leftBehind(legs, s.Case))
}

func accessFacts(s store.Snapshot, leaving jieling.BindingID) access.Facts {
	return access.Facts{
		Bindings: s.Bindings, Enrolments: s.Enrolments, Devices: s.Devices, SignedIn: len(s.Sessions) > 0, Leaving: leaving, Now: s.Now,
	}
}

// leftBehind names the participants where somebody with the removed login may still reach something: all that are not
// verified to be clean, and those whose residue still stands.
func leftBehind(legs []jieling.Leg, c *jieling.Case) (left []access.Residue) {
	for _, l := range legs {
		if l.State == jieling.LegVerified || l.State == jieling.LegCompensated || l.State == jieling.LegResidue && !residueStands(c, l.Participant) {
			continue
		}
		left = append(left, access.Residue{Name: "left:" + l.Participant, Title: l.Title})
	}
	return left
}

func residueStands(c *jieling.Case, participant string) bool {
	return slices.ContainsFunc(c.Residues, func(r jieling.Residue) bool { return r.Participant == participant && r.Open() })
}

// caseAccess is access for the snapshot's case, before it is confirmed with the legs that it would have.
func (e *Engine) caseAccess(s store.Snapshot) *jieling.Access {
	legs := s.Case.Legs
	if s.Case.ConfirmedAt.IsZero() {
		legs = e.legs(s.Case.Provider)
	}
	a := e.access(s, s.Case.Binding, legs)
	return &a
}
