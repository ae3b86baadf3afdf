package ui

import (
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/lang"
)

// HomeView is what the security centre shows.
type HomeView struct {
	Account    jieling.Account
	Bindings   []jieling.Binding
	Cases      []jieling.Case // open ones, newest first
	Devices    []jieling.Device
	This       jieling.DeviceID // the device of this session, where it is known
	Enrolments []jieling.Enrolment
	CheckUp    aftercare.CheckUp
	Access     *jieling.Access    // nil where it is not known
	SignIns    []jieling.Provider // by which people can sign in here
	Office     bool               // whoever looks administers their organisation
	Recent     []Deed             // newest first; empty where they could not be read
	Now        time.Time
}

// BindingView is what the page of one sign-in method shows. Home is the account around it.
type BindingView struct {
	Home    HomeView
	Binding jieling.Binding
	Plan    *jieling.Plan // nil where it could not be computed
}

// ways lists the bindings a person may see, those that are not removed.
func (v HomeView) ways() []jieling.Binding {
	var out []jieling.Binding
	for _, b := range v.Bindings {
		if b.State != jieling.BindingRemoved {
			out = append(out, b)
		}
	}
	return out
}

// caseOf finds the open case of a binding; the empty ID where there is none.
func (v HomeView) caseOf(b jieling.BindingID) jieling.CaseID {
	for _, c := range v.Cases {
		if c.Binding == b && c.Stage != jieling.StageGuarded {
			return c.ID
		}
	}
	return ""
}

// Going finds the binding a case takes away; with its provider alone where it is gone already.
func (v HomeView) Going(c jieling.Case) jieling.Binding {
	for _, b := range v.Bindings {
		if b.ID == c.Binding {
			return b
		}
	}
	return jieling.Binding{ID: c.Binding, Provider: c.Provider}
}

// stuck says why a binding cannot be unlinked now, and nothing where it can.
func (v HomeView) stuck(b jieling.Binding) lang.Sentence {
	switch {
	case v.Account.Frozen:
		return lang.MethodFrozen
	case !b.Usable() && !b.Withdrawn():
		return lang.MethodUnusable
	}
	return ""
}

// remedy says what would let a binding be unlinked that cannot be now.
func (v HomeView) remedy(b jieling.Binding) lang.Sentence {
	if v.Account.Frozen {
		return lang.MethodFrozenNext
	}
	return lang.MethodUnusableNext
}

// only reports that b is the one way in. It may be unlinked all the same: its case begins with a replacement (D4, A1).
func (v HomeView) only(b jieling.Binding) bool { return b.Usable() && v.Account.WaysIn <= 1 }

// UnlinkView is what is asked before a case is begun.
type UnlinkView struct {
	Goal    jieling.Goal // unlink or replace
	Binding jieling.Binding
	Plan    *jieling.Plan // nil where it could not be computed
	Reason  jieling.Reason
}

// TitleOf is the heading of what is done with a binding.
func TitleOf(goal jieling.Goal) lang.Sentence { return swaps(goal, lang.SwapTitle, lang.UnlinkTitle) }

// swaps chooses between the words for replacing and those for unlinking.
func swaps(goal jieling.Goal, swap, unlink lang.Sentence) lang.Sentence {
	if goal == jieling.Replace {
		return swap
	}
	return unlink
}

// refused reports whether the plan says no.
func (v UnlinkView) refused() bool { return v.Plan != nil && !v.Plan.Decision.Allowed() }

// CaseView is a case as its pages show it.
type CaseView struct {
	jieling.Case
	Next        casework.Move
	Factors     []jieling.FactorState
	Open        []Challenge
	Binding     jieling.Binding   // the one that goes
	Others      []jieling.Binding // what stays
	Account     string            // the account's masked name
	Access      *jieling.Access   // who could get in without it; nil where the case has ended
	Guide       jieling.Text      // how the person takes the grant back at the provider, where only they can
	History     []jieling.Event   // what has happened so far, oldest first; may be empty
	Reviews     []jieling.Review  // what staff make of what was handed in
	Offered     []jieling.Factor  // that staff decide on here
	Due         time.Duration     // within which they do
	Plan        *jieling.Plan     // nil where the case is past asking, or where it could not be computed
	Now         time.Time
	After       []aftercare.After // what to look after once the login is gone; none before
	Permissions []Permission      // as they were before and are now
}

// Challenge is a question that can still be answered, with what is needed to answer it.
type Challenge struct {
	jieling.Challenge
	To      string // where a code was sent, masked
	Minutes int    // how long a code by mail is valid
	Late    bool   // a code by mail may come late (A6)
	Vendor  string // address of the vendor's page
	Options string // the browser's own options for a passkey, as JSON
	Scan    string // address a QR code holds
	Number  int    // the number to choose on the phone

	Organisation string  // that is asked
	Hours        int     // within which it answers
	Message      string  // that a certificate signs
	Consent      Consent // of a review: what to agree to before anything is handed in
}

// Consent is what somebody agrees to before they hand anything in.
type Consent struct {
	Version string
	Text    jieling.Text
}

// Tries counts the guesses that are left.
func (c Challenge) Tries() int { return max(0, c.Limit-c.Guesses) }

// asking reports that the person is still being asked for something, so that the case can be left without a trace.
func (v CaseView) asking() bool {
	switch v.Next {
	case casework.MoveReplace, casework.MoveBackUp, casework.MoveVerify, casework.MoveAwait, casework.MoveConfirm:
		return true
	case casework.MoveStep:
		return v.Stage != jieling.StageGuarded
	}
	return false
}

// due is the step of the playbook that somebody should see to now; nil where there is none.
func (v CaseView) due() *jieling.Step {
	if v.Next == casework.MoveThaw || v.Next == casework.MoveEnded {
		return nil
	}
	return casework.PendingStep(v.Case)
}

// fresh reports that nothing has been answered yet, so that what it would mean stands open.
func (v CaseView) fresh() bool {
	return v.asking() && len(v.Proofs) == 0 && !v.Replaced && v.Backup == ""
}

// impact is what the page shows of what hangs on the binding: as it was last asked and written down with the case, so that
// what was read is what is confirmed.
func (v CaseView) impact() []jieling.Dependent {
	if len(v.Impact) == 0 && v.Plan != nil {
		return v.Plan.Impact
	}
	return v.Impact
}

// open finds the question of a factor and purpose that can still be answered.
func (v CaseView) open(f jieling.Factor, why jieling.ChallengePurpose) *Challenge {
	for i := range v.Open {
		c := &v.Open[i]
		if c.Factor == f && c.Purpose == why && v.Now.Before(c.ExpiresAt) {
			return c
		}
	}
	return nil
}

// proving finds the code that proves a replacement.
func (v CaseView) proving() *Challenge {
	for i := range v.Open {
		if c := &v.Open[i]; c.Purpose == jieling.ForReplacement && v.Now.Before(c.ExpiresAt) {
			return c
		}
	}
	return nil
}

// state finds a factor as it stands for this person.
func (v CaseView) state(f jieling.Factor) jieling.FactorState {
	for _, s := range v.Factors {
		if s.Factor == f {
			return s
		}
	}
	return jieling.FactorState{Factor: f, Enrolled: true}
}

// pick lists the dependents of one kind of change; unknown ones are of no kind.
func pick(all []jieling.Dependent, change jieling.Change) []jieling.Dependent {
	var out []jieling.Dependent
	for _, d := range all {
		if d.Change == change && !d.Unknown {
			out = append(out, d)
		}
	}
	return out
}

// silent lists the dependents nobody answered for.
func silent(all []jieling.Dependent) []jieling.Dependent {
	var out []jieling.Dependent
	for _, d := range all {
		if d.Unknown {
			out = append(out, d)
		}
	}
	return out
}

// Irreversible lists the dependents that cannot be brought back: what a person has to say they know before they confirm.
func Irreversible(all []jieling.Dependent) []jieling.Dependent {
	var out []jieling.Dependent
	for _, d := range all {
		if d.Irreversible && d.Change == jieling.Lost {
			out = append(out, d)
		}
	}
	return out
}

// toSave lists the dependents a backup is offered for.
func toSave(all []jieling.Dependent) []jieling.Dependent {
	var out []jieling.Dependent
	for _, d := range all {
		if d.Backup {
			out = append(out, d)
		}
	}
	return out
}

// back reports that what was done is being taken back: an undo, or a removal that somebody stopped.
func (v CaseView) back() bool { return v.Stage == jieling.StageExecuting && !v.Ending.Empty() }

// settled counts the legs at which nothing more is awaited.
func (v CaseView) settled() int {
	n := 0
	for _, l := range v.Legs {
		switch l.State {
		case jieling.LegCompensated, jieling.LegRefused, jieling.LegUnanswered:
			n++
		case jieling.LegVerified, jieling.LegResidue:
			if !v.back() {
				n++
			}
		}
	}
	return n
}

// restorable reports that the undo window is open.
func (v CaseView) restorable() bool {
	return v.Stage == jieling.StageGuarded && v.Now.Before(v.GuardUntil)
}

// leftovers lists the residues that still stand.
func (v CaseView) leftovers() []jieling.Residue {
	var out []jieling.Residue
	for _, r := range v.Residues {
		if r.Open() {
			out = append(out, r)
		}
	}
	return out
}

// ApprovalView is what the phone shows.
type ApprovalView struct {
	Code    string
	State   jieling.ChallengeState
	What    jieling.Text
	From    jieling.Platform
	Device  string
	Account string // masked
	Numbers []int  // empty until the phone has claimed the code
	AskPIN  bool   // approving asks for the payment password as well
	Options string // or for this phone's own lock: the browser's options, as JSON; "" where it is not set up on this phone
	At      time.Time
	Now     time.Time
	Signed  bool
}
