package casework

import "github.com/jieling-id/jieling"

// Move is what the person should see to next. A guided step never links to the next one: every page returns to the case,
// and Next alone decides from the stored state what comes.
type Move string

// The moves a person can be asked for, and the states in which they only look.
const (
	MoveStep    Move = "step"        // see to a step of the playbook, or have it seen to
	MoveReplace Move = "replacement" // put another way in in place
	MoveBackUp  Move = "backup"      // settle the offer of a backup
	MoveVerify  Move = "verify"      // prove who they are
	MoveAwait   Move = "await"       // nothing: staff or an organisation decide on what they handed in; they may leave, and are told
	MoveConfirm Move = "confirm"     // read what will happen, and say yes
	MoveWait    Move = "wait"        // the cool-off runs; they may cancel
	MoveWatch   Move = "watch"       // it is being carried out
	MoveClean   Move = "clean_up"    // it is done here, and a residue stands
	MoveDone    Move = "done"        // done; it can be undone while the window is open
	MoveThaw    Move = "frozen"      // nothing moves until the account is thawed
	MoveEnded   Move = "ended"
)

// Next says what comes next for a case.
func Next(c jieling.Case) Move {
	switch c.Stage {
	case jieling.StageOpen, jieling.StageVerifying, jieling.StageReady:
		return nextAsked(c)
	case jieling.StageReviewing, jieling.StageAwaitingApproval:
		return MoveAwait
	case jieling.StageCoolingOff:
		return MoveWait
	case jieling.StageExecuting:
		return MoveWatch
	case jieling.StageGuarded:
		for _, r := range c.Residues {
			if r.Open() {
				return MoveClean
			}
		}
		if PendingStep(c) != nil {
			return MoveStep
		}
		return MoveDone
	case jieling.StageFrozen:
		return MoveThaw
	}
	return MoveEnded
}

func nextAsked(c jieling.Case) Move {
	err := missing(c, c.Decision, c.Replaced)
	if err == nil {
		return MoveConfirm
	}
	switch err.Code {
	case jieling.CodeStep:
		return MoveStep
	case jieling.CodeReplacement:
		return MoveReplace
	case jieling.CodeBackup:
		return MoveBackUp
	}
	return MoveVerify
}
