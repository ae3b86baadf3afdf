package engine

import (
	"context"
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/access"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/store"
)

// access says who could get into the snapshot's account with and without a binding, and what is left behind at the legs'
// participants until they are verified. What the snapshot did not load is not there: the owner does not count on it.
func (e *Engine) access(s store.Snapshot, leaving jieling.BindingID, legs []jieling.Leg) jieling.Access {
	return e.Access.Compare(accessFacts(s, leaving), leftBehind(legs))
}

func accessFacts(s store.Snapshot, leaving jieling.BindingID) access.Facts {
	return access.Facts{
		Bindings: s.Bindings, Enrolments: s.Enrolments, Devices: s.Devices, SignedIn: len(s.Sessions) > 0, Leaving: leaving, Now: s.Now,
	}
}

// leftBehind names the participants where somebody with the removed login may still reach something: all that are not
// verified to be clean. A leg whose residue was cleared is.
func leftBehind(legs []jieling.Leg) (left []access.Residue) {
	for _, l := range legs {
		if l.State != jieling.LegVerified && l.State != jieling.LegCompensated {
			left = append(left, access.Residue{Name: "left:" + l.Participant, Title: l.Title})
		}
	}
	return left
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

// backIn is what the guard against a lockout has to read beside the bindings: the enrolments, where the template has a factor
// that can be set up here lead back in.
func (e *Engine) backIn() store.Part {
	if slices.ContainsFunc(e.Access.Factors(), func(f jieling.Factor) bool { return e.Factors[f] != nil }) {
		return store.Enrolments
	}
	return 0
}

// NewWaiver is the owner's word that they know what could lock them out.
type NewWaiver struct {
	Losses []string // all that must be waived, by name
	Reason string   // 1..256 characters
}

// Waive records that the owner knows which losses would lock them out and goes on (S14). They must name exactly the losses that
// would, as things stand in this transaction: what they were shown is what they sign.
func (e *Engine) Waive(ctx context.Context, by jieling.Actor, idem Idem, id jieling.CaseID, in NewWaiver) (CaseView, error) {
	if !plain(in.Reason, 256) {
		return CaseView{}, jieling.Invalid("reason", "must be 1 to 256 printable characters")
	}
	return e.move(ctx, by, idem, store.Need{Case: id, With: store.Challenges | e.backIn()}, func(w *work) error {
		risks := e.Access.Unsafe(accessFacts(w.Snapshot, w.Case.Binding))
		switch {
		case !slices.ContainsFunc(risks, func(b jieling.Because) bool { return !w.Case.Waiver.Covers(b.Rule, e.Access.ID()) }): // none, or said before
			return jieling.Refuse(jieling.CodeConflict, "现在没有需要声明的风险，可以直接确认。", "Nothing needs to be waived now; the case can be confirmed.")
		case !names(risks, in.Losses):
			return jieling.Refuse(jieling.CodeStale, "会让你失联的情形有变化，请重新查看后再声明。", "What could lock you out has changed. Read the case again, then decide.")
		}
		w.transition("case.waive", map[string]any{"losses": in.Losses, "reason": in.Reason, "template": e.Access.ID()})
		return w.step(casework.Waived{Losses: in.Losses, Reason: in.Reason, Template: e.Access.ID()})
	})
}

// names reports that a list names exactly these risks, in any order.
func names(risks []jieling.Because, list []string) bool {
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return len(slices.Compact(sorted)) == len(risks) && !slices.ContainsFunc(risks, func(b jieling.Because) bool { return !slices.Contains(list, b.Rule) })
}
