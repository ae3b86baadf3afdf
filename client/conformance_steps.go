package client

import (
	"bytes"
	"fmt"
	"net/http"
	"reflect"
	"sync"
)

func largeBody(x *examiner) string {
	r := x.newRequest(OpDescribe, x.describeRequest())
	r.body = append(bytes.Repeat([]byte(" "), BodyLimit), r.body...)
	return x.refused(r, http.StatusRequestEntityTooLarge, "")
}

func brokenBody(x *examiner) string {
	for _, body := range []string{``, `[]`, `{"account":`, `{"account":7}`} {
		r := x.newRequest(OpDescribe, nil)
		r.body = []byte(body)
		if wrong := x.refused(r, http.StatusBadRequest, ""); wrong != "" {
			return fmt.Sprintf("for %q: %s", body, wrong)
		}
	}
	return ""
}

func unknownField(x *examiner) string {
	type stranger struct {
		StepRequest
		Shoe int `json:"shoe_size"`
	}
	return x.refused(x.newRequest(OpPrepare, stranger{x.step(), 42}), http.StatusBadRequest, "shoe_size")
}

func missingField(x *examiner) string {
	step := x.step()
	step.Step = ""
	if wrong := x.refused(x.newRequest(OpPrepare, step), http.StatusBadRequest, "step"); wrong != "" {
		return wrong
	}
	step = x.step()
	step.Binding.Subject = ""
	return x.refused(x.newRequest(OpPrepare, step), http.StatusBadRequest, "binding.subject")
}

func unknownAction(x *examiner) string {
	step := x.step()
	step.Action = "obliterate"
	return x.refused(x.newRequest(OpPrepare, step), http.StatusBadRequest, "action")
}

func prepareHarmless(x *examiner) string {
	return x.unchangedBy(func() string {
		return x.prepared(func(StepRequest) string { return "" })
	})
}

func prepareRepeat(x *examiner) string {
	return x.prepared(func(step StepRequest) string { return x.want(OpPrepare, step, StatePrepared) })
}

func stepMismatch(x *examiner) string {
	return x.prepared(func(step StepRequest) string {
		elsewhere, other := step, step
		elsewhere.Case = x.id("case")
		if wrong := x.refused(x.newRequest(OpPrepare, elsewhere), http.StatusConflict, ""); wrong != "" {
			return "the same step in another case: " + wrong
		}
		other.Step, other.Binding.ID = x.id("step"), x.id("binding")
		if wrong := x.refused(x.newRequest(OpPrepare, other), http.StatusConflict, ""); wrong != "" {
			return "the same case about another binding: " + wrong
		}
		return ""
	})
}

func commitUnprepared(x *examiner) string {
	return x.unchangedBy(func() string {
		return x.refused(x.newRequest(OpCommit, x.step()), http.StatusConflict, "")
	})
}

func verifyBefore(x *examiner) string {
	before, wrong := x.describe()
	if wrong != "" || len(takenAway(before)) == 0 {
		return wrong
	}
	return x.prepared(func(step StepRequest) string {
		v, wrong := ask[Verification](x, OpVerify, step)
		if wrong == "" && v.State == StateClean {
			return "clean"
		}
		return wrong
	})
}

func commitActs(x *examiner) string {
	return x.committed(func(step StepRequest) string {
		after, wrong := x.describe()
		if wrong != "" {
			return wrong
		}
		v, wrong := x.settledVerification(step)
		if wrong != "" {
			return wrong
		}
		if left := takenAway(after); len(left) > 0 && v.State == StateClean {
			return fmt.Sprintf("verify says clean, describe still lists %v", left)
		}
		return ""
	})
}

func commitRepeat(x *examiner) string {
	return x.committed(func(step StepRequest) string {
		for _, id := range []string{step.Step, x.id("step")} {
			step.Step = id
			if wrong := x.unchangedBy(func() string { return x.want(OpCommit, step, StateCommitted) }); wrong != "" {
				return wrong
			}
		}
		return ""
	})
}

func commitParallel(x *examiner) string {
	before, wrong := x.describe()
	if wrong != "" {
		return wrong
	}
	step := x.step()
	if wrong := x.want(OpPrepare, step, StatePrepared); wrong != "" {
		return wrong
	}
	saw := make([]string, 8)
	var all sync.WaitGroup
	for i := range saw {
		all.Go(func() { saw[i] = x.want(OpCommit, step, StateCommitted) })
	}
	all.Wait()
	for _, wrong := range saw {
		if wrong != "" {
			return wrong
		}
	}
	if wrong := x.want(OpCompensate, step, StateCompensated); wrong != "" {
		return wrong
	}
	return x.still(before)
}

// compensateRestores compares with the very first description: a participant that restores nothing would otherwise be
// measured against its own earlier damage.
func compensateRestores(x *examiner) string {
	steps := asks{{OpPrepare, StatePrepared}, {OpCommit, StateCommitted}, {OpCompensate, StateCompensated}}
	if wrong := x.wantAll(x.step(), steps); wrong != "" {
		return wrong
	}
	return x.still(x.first)
}

func compensateRepeat(x *examiner) string {
	return x.unchangedBy(func() string {
		return x.wantAll(x.step(), asks{
			{OpPrepare, StatePrepared},
			{OpCommit, StateCommitted},
			{OpCompensate, StateCompensated},
			{OpCompensate, StateCompensated},
			{OpCompensate, StateCompensated},
		})
	})
}

func compensatePrepared(x *examiner) string {
	return x.unchangedBy(func() string {
		return x.wantAll(x.step(), asks{{OpPrepare, StatePrepared}, {OpCompensate, StateCompensated}})
	})
}

func compensateUnknown(x *examiner) string {
	return x.unchangedBy(func() string { return x.want(OpCompensate, x.step(), StateCompensated) })
}

func compensatePoisons(x *examiner) string {
	step := x.step()
	if wrong := x.want(OpCompensate, step, StateCompensated); wrong != "" {
		return wrong
	}
	return x.wantAll(step, asks{{OpPrepare, StateRefused}, {OpPrepare, StateRefused}})
}

func commitCompensated(x *examiner) string {
	step := x.step()
	return x.unchangedBy(func() string {
		if wrong := x.wantAll(step, asks{{OpPrepare, StatePrepared}, {OpCompensate, StateCompensated}}); wrong != "" {
			return wrong
		}
		return x.refused(x.newRequest(OpCommit, step), http.StatusConflict, "")
	})
}

func verifyTwice(x *examiner) string {
	return x.committed(func(step StepRequest) string {
		first, wrong := x.settledVerification(step)
		if wrong != "" {
			return wrong
		}
		return x.unchangedBy(func() string {
			second, wrong := x.settledVerification(step)
			if wrong == "" && !reflect.DeepEqual(first, second) {
				return fmt.Sprintf("first %+v, then %+v", first, second)
			}
			return wrong
		})
	})
}

func cleanupUnknown(x *examiner) string {
	return x.committed(func(step StepRequest) string {
		return x.want(OpCleanup, CleanupRequest{step, x.id("residue")}, StateRefused)
	})
}

// cleanupClears comes last, because a clean-up is not undone.
func cleanupClears(x *examiner) string {
	return x.committed(func(step StepRequest) string {
		v, wrong := x.settledVerification(step)
		if wrong != "" {
			return wrong
		}
		for _, residue := range v.Residues {
			if !residue.Cleanable {
				continue
			}
			if wrong := x.clears(step, residue.ID); wrong != "" {
				return fmt.Sprintf("residue %q: %s", residue.ID, wrong)
			}
		}
		return ""
	})
}

func (x *examiner) clears(step StepRequest, residue string) string {
	req := CleanupRequest{step, residue}
	if wrong := x.want(OpCleanup, req, StateCleared); wrong != "" {
		return wrong
	}
	v, wrong := x.settledVerification(step)
	if wrong != "" {
		return wrong
	}
	for _, left := range v.Residues {
		if left.ID == residue {
			return "cleared, but verify still names it"
		}
	}
	return x.want(OpCleanup, req, StateCleared)
}
