package ui

import (
	"slices"
	"time"

	"github.com/jieling-id/jieling"
)

// waiting finds what of a factor lies with others.
func (v CaseView) waiting(f jieling.Factor) *jieling.Pending {
	for i, w := range v.Pending {
		if w.Factor == f {
			return &v.Pending[i]
		}
	}
	return nil
}

// returned finds what of a factor came back.
func (v CaseView) returned(f jieling.Factor) *jieling.Returned {
	for i, r := range v.Returned {
		if r.Factor == f {
			return &v.Returned[i]
		}
	}
	return nil
}

// review finds the review of a challenge.
func (v CaseView) review(ch jieling.ChallengeID) *jieling.Review {
	for i, r := range v.Reviews {
		if r.Challenge == ch {
			return &v.Reviews[i]
		}
	}
	return nil
}

// instead lists the factors that staff decide on, and that would do instead of something asked which is not there yet.
func (v CaseView) instead() (out []jieling.Factor) {
	asked := v.wanted()
	for _, d := range v.Decision.Detours {
		if !slices.ContainsFunc(d.For, func(f jieling.Factor) bool { return slices.Contains(asked, f) && !v.Waits(f) }) {
			continue
		}
		for _, f := range d.Require.Factors() {
			if slices.Contains(v.Offered, f) && !slices.Contains(asked, f) && !slices.Contains(out, f) && !v.Proved(f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// begun reports that somebody has turned to one of these already.
func (v CaseView) begun(ways []jieling.Factor) bool {
	return slices.ContainsFunc(ways, func(f jieling.Factor) bool {
		return v.Waits(f) || v.returned(f) != nil || v.open(f, jieling.ForCase) != nil
	})
}

// ReviewsView is the queue.
type ReviewsView struct {
	Reviews []ReviewView
	Last    jieling.ChallengeID // what the next page comes after; "" where there is none
	Now     time.Time
}

// ReviewView is a review for staff; the queue leaves the case out.
type ReviewView struct {
	jieling.Review
	Own     bool // the reader's own account
	Mine    bool // the reader has it
	Voted   bool // the reader agreed already
	Decides bool // the reader's role decides reviews
	Notes   []string
	Left    int          // times the person may hand in again
	Called  jieling.Text // the pack's word for the scenario, and for the person's reason
	Said    jieling.Text
	Case    jieling.Case
	Binding jieling.Binding
	Signals []jieling.Signal
	Events  []jieling.Event
	Note    string // typed, and not taken yet
	Now     time.Time
}
