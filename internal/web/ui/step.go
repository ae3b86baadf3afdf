package ui

import (
	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/lang"
)

// step is one stretch of a case's way, as the progress list shows it.
type step struct {
	Name lang.Sentence
	Done bool
	Here bool
}

// steps lays out the whole way of a case from what its decision asks. It is the same at every moment of the case, so that
// the number of steps never grows under a person's feet.
func steps(v CaseView) []step {
	var out []step
	add := func(asked bool, name lang.Sentence, done bool, move ...casework.Move) {
		if !asked {
			return
		}
		here := false
		for _, m := range move {
			here = here || m == v.Next
		}
		out = append(out, step{name, done && !here, here})
	}
	past := v.Next == casework.MoveDone || v.Next == casework.MoveClean
	running := past || v.Next == casework.MoveWatch
	add(v.Decision.Replacement, lang.StepReplace, v.Replaced || running, casework.MoveReplace)
	add(v.Decision.Backup, lang.StepBackUp, v.Backup != jieling.BackupUnsettled || running, casework.MoveBackUp)
	add(!v.Decision.Requirement.Zero(), lang.StepVerify, v.Decision.Met(v.Proved) || running, casework.MoveVerify, casework.MoveAwait)
	add(true, lang.StepConfirm, !v.ConfirmedAt.IsZero(), casework.MoveConfirm)
	add(v.Decision.Wait > 0, lang.StepWait, running, casework.MoveWait)
	add(true, lang.StepCarryOut, past, casework.MoveWatch)
	add(true, lang.StepDone, false, casework.MoveDone, casework.MoveClean)
	return out
}

// at is the position of the step that is being taken, from 1; 0 where none is.
func at(all []step) int {
	for i, s := range all {
		if s.Here {
			return i + 1
		}
	}
	return 0
}
