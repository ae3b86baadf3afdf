package client

import (
	"fmt"
	"slices"
)

// The checks below say what a well-formed answer is. Handler applies them before it sends an answer and CheckConformance
// after it received one, so that both mean the same. Each gives what is wrong, or nothing.

func answers(final ...State) func(Answer) string {
	return func(a Answer) string { return checkAnswer(a, final) }
}

func checkAnswer(a Answer, final []State) string {
	if a.State != StatePending && !slices.Contains(final, a.State) {
		return fmt.Sprintf("state %q; allowed are pending and %v", a.State, final)
	}
	if a.State == StateRefused && !a.Reason.complete() {
		return "refused without a reason in both languages"
	}
	return ""
}

func checkDescription(d description) string {
	seen := map[string]bool{}
	for _, dep := range d.Dependents {
		if dep.ID == "" || seen[dep.ID] {
			return fmt.Sprintf("dependent ID %q is empty or used twice", dep.ID)
		}
		seen[dep.ID] = true
		if wrong := checkDependent(dep); wrong != "" {
			return fmt.Sprintf("dependent %q: %s", dep.ID, wrong)
		}
	}
	return ""
}

func checkDependent(d Dependent) string {
	switch {
	case !slices.Contains([]Module{
		ModuleSignIn, ModulePayment, ModuleGames, ModuleFiles, ModuleMiniProgram,
		ModuleOfficialAccount, ModuleMerchant, ModuleOther,
	}, d.Module):
		return fmt.Sprintf("unknown module %q", d.Module)
	case d.Effect != EffectLost && d.Effect != EffectChanged && d.Effect != EffectKept:
		return fmt.Sprintf("unknown effect %q", d.Effect)
	case d.Count < 0 || d.Bytes < 0:
		return "negative count or bytes"
	case len(d.Rule) > 32:
		return "a rule of more than 32 characters"
	case !d.Title.complete() || !d.Detail.complete() || !d.Remedy.complete():
		return "title, detail and remedy are needed in both languages"
	}
	return ""
}

func checkVerification(v Verification) string {
	switch v.State {
	case StatePending:
		return ""
	case StateClean, StateResidue:
		if (v.State == StateClean) != (len(v.Residues) == 0) {
			return fmt.Sprintf("state %q with %d residues", v.State, len(v.Residues))
		}
	default:
		return fmt.Sprintf("state %q; allowed are clean, residue and pending", v.State)
	}
	seen := map[string]bool{}
	for _, r := range v.Residues {
		if r.ID == "" || seen[r.ID] {
			return fmt.Sprintf("residue ID %q is empty or used twice", r.ID)
		}
		seen[r.ID] = true
		if !r.Title.complete() || !r.Detail.complete() || !r.Cleanup.complete() {
			return fmt.Sprintf("residue %q: title, detail and cleanup are needed in both languages", r.ID)
		}
	}
	return ""
}

func (t Text) complete() bool { return t.ZH != "" && t.EN != "" }
