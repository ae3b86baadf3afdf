package engine

import (
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/store"
)

// sweepParts is what a sweep looks at.
const sweepParts = store.OpenCases | store.AllChallenges | store.Sessions | store.Enrolments | store.Devices

// swept counts what a sweep ended, for the audit row.
type swept struct {
	Sessions  int `json:"sessions"`
	Factors   int `json:"factors"`
	Pending   int `json:"pending"`   // logins that were named and not proven yet
	Questions int `json:"questions"` // challenges that could still be answered
	Cases     int `json:"cases"`     // sent back to their beginning
}

// mayProve reports that an answer to the located challenge can be the first proof of a login, so that it needs what a sweep does.
func mayProve(s store.Snapshot) bool {
	if s.Challenge.Purpose == jieling.ForReplacement {
		return true
	}
	return slices.ContainsFunc(s.Bindings, func(b jieling.Binding) bool { return b.ID == s.Challenge.Binding && !b.Proven() })
}

// sweep is what the first proof of a login leads to (S17). Until now it was only named, or vouched for, and whoever was here before
// may not be its holder. So everything ends that does not descend from the proof: sessions and unused hand-offs, logins somebody
// else began to set up, factors that only a session vouched for, questions and proofs of cases. Its own session stays, with the
// case it began and made the proof in. A case past its commit point goes on, and no login that opens the account goes: one that
// is not the owner's is unlinked by a case.
func (w *work) sweep(id jieling.BindingID) error {
	own := w.ownCase()
	n := swept{
		Sessions: w.sweepSessions(id), Factors: w.sweepFactors(), Pending: w.sweepPending(own), Questions: w.questions(own), Cases: w.unfinished(own),
	}
	w.note("swept", n)
	if n != (swept{}) {
		w.tell(toldSwept, string(id))
	}
	if n.Questions+n.Cases == 0 {
		return nil
	}
	w.restartCases(own)
	switch {
	case own != "":
		return w.step(casework.Carried{Epoch: w.Account.Epoch})
	case w.Case != nil:
		return w.catchUp()
	}
	return nil
}

// session is the one that acts; "" where none does.
func (w *work) session() jieling.SessionID {
	if w.by.Kind != jieling.ActorPerson {
		return ""
	}
	return jieling.SessionID(w.by.Name)
}

// ownCase is the located case where whoever acts began it: in this session, or on the device they sit at, where that is known. ""
// otherwise.
func (w *work) ownCase() jieling.CaseID {
	if c := w.Case; c != nil && (c.By == w.session() || c.Device != "" && c.Device == w.by.Device) {
		return c.ID
	}
	return ""
}

// sweepSessions ends every session but the one that acts and those that came in by the login itself, and hand-offs nobody used.
func (w *work) sweepSessions(proven jieling.BindingID) (n int) {
	w.change.EndAllSessions = true
	for _, s := range w.Sessions {
		if s.ID == w.session() || s.Binding == proven {
			w.change.Sessions = append(w.change.Sessions, s) // written after all have ended
		} else {
			n++
		}
	}
	return n
}

// sweepFactors removes what somebody set up from a session that was swept, on a device nobody trusts.
func (w *work) sweepFactors() (n int) {
	began := w.Now
	for _, s := range w.Sessions {
		if s.ID == w.session() {
			began = s.CreatedAt
		}
	}
	for _, f := range w.Enrolments {
		own := f.Device == w.by.Device && (f.Device != "" || !f.CreatedAt.Before(began))
		if onlyASession(f, w.Devices) && !own {
			w.dropFactor(f)
			n++
		}
	}
	return n
}

// sweepPending forgets logins that another case named.
func (w *work) sweepPending(own jieling.CaseID) (n int) {
	for _, b := range slices.Clone(w.Bindings) {
		if b.State == jieling.BindingPending && (own == "" || !w.pendingOf(b.ID)) {
			w.removeQuietly(b.ID)
			n++
		}
	}
	return n
}

// questions counts the challenges that are not the own case's, and that sessions asked for.
func (w *work) questions(own jieling.CaseID) (n int) {
	for _, ch := range w.Challenges {
		if !sentToOwner(ch) && (own == "" || ch.Case != own) {
			n++
		}
	}
	return n
}

// unfinished counts the cases but the own one that are not past their commit point, nor on the way back.
func (w *work) unfinished(own jieling.CaseID) (n int) {
	for _, c := range w.Cases {
		if c.ID != own && c.RemovedAt.IsZero() && c.Ending.Empty() {
			n++
		}
	}
	return n
}
