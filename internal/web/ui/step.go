package ui

import (
	"slices"

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
	last := v.Next == casework.MoveStep && v.Stage == jieling.StageGuarded // of the playbook: the removal itself is done
	past := v.Next == casework.MoveDone || v.Next == casework.MoveClean || last
	running := past || v.Next == casework.MoveWatch
	add(v.first() && !last, lang.StepPlaybook, v.due() == nil, casework.MoveStep)
	add(v.first() && last, lang.StepPlaybook, true)
	add(v.Decision.Replacement, lang.StepReplace, v.Replaced || running, casework.MoveReplace)
	add(v.Decision.Backup, lang.StepBackUp, v.Backup != jieling.BackupUnsettled || running, casework.MoveBackUp)
	add(!v.Decision.Requirement.Zero(), lang.StepVerify, v.Decision.Met(v.Proved) || running, casework.MoveVerify, casework.MoveAwait)
	add(true, lang.StepConfirm, !v.ConfirmedAt.IsZero(), casework.MoveConfirm)
	add(v.Decision.Wait > 0, lang.StepWait, running, casework.MoveWait)
	add(true, lang.StepCarryOut, past, casework.MoveWatch)
	if last {
		add(true, lang.StepDone, false, casework.MoveStep)
	} else {
		add(true, lang.StepDone, false, casework.MoveDone, casework.MoveClean)
	}
	return out
}

// first reports that a playbook has steps before the removal that somebody has to see to.
func (v CaseView) first() bool {
	remove := v.Playbook.Does(jieling.DoesRemove)
	return remove != nil && slices.ContainsFunc(v.Playbook.Steps, func(s jieling.Step) bool { return s.Does == "" && v.Playbook.Waits(remove.Name, s.Name) })
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
