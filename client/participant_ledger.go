package client

import (
	"cmp"
	"slices"
	"sync"
)

// Progress is how far a participant has come in one case. The empty value is a case never heard of.
type Progress string

// The stages of a participant's part in a case, a closed list.
const (
	ProgressNone        Progress = ""
	ProgressPrepared    Progress = "prepared"
	ProgressRefused     Progress = "refused"
	ProgressCommitted   Progress = "committed"
	ProgressCompensated Progress = "compensated"
)

// Next is the whole rule of a case, without I/O, for a product that keeps cases as rows of its own database: load the row,
// ask Next, act if act is true, and store next in the same transaction as the act.
//
//	            prepare          commit             compensate
//	none        act → prepared   not_prepared       compensated
//	prepared    prepared         act → committed    compensated
//	refused     refused          not_prepared       compensated
//	committed   committed        committed          act → compensated
//	compensated compensated      case_compensated   compensated
//
// "act" stands where something is really done: for prepare the check, for commit the removal, for compensate the
// restoring. All else is the old answer given again. A prepare that finds the case compensated is answered refused: so a
// prepare that was overtaken by its own compensate cannot open the case again.
func (p Progress) Next(op Op) (next Progress, act bool, err error) {
	switch op {
	case OpPrepare:
		if p == ProgressNone {
			return ProgressPrepared, true, nil
		}
		return p, false, nil
	case OpCommit:
		switch p {
		case ProgressPrepared:
			return ProgressCommitted, true, nil
		case ProgressCommitted:
			return p, false, nil
		case ProgressCompensated:
			return p, false, conflict("case_compensated", "this case was compensated; it cannot be committed any more")
		}
		return p, false, conflict("not_prepared", "this case was not prepared; prepare it before committing it")
	case OpCompensate:
		return ProgressCompensated, p == ProgressCommitted, nil
	}
	return p, false, nil
}

// Ledger remembers in memory what was asked and done in each case, so that repeated, late and reordered requests do nothing
// twice. It is for tests, for demonstrations, and for systems that can afford to forget on restart; everything else keeps
// [Progress] in its own database. The zero value is ready. Functions handed to it run one at a time, with the ledger locked;
// they must not call the ledger.
type Ledger struct {
	mu    sync.Mutex
	cases map[string]*caseRecord
	steps map[string]string // step → case
	tally map[tallyKey]*LedgerEntry
}

type caseRecord struct {
	about    StepRequest // without its step, which differs from request to request
	progress Progress
	reason   Text            // why it was refused
	cleared  map[string]bool // by residue
}

type tallyKey struct {
	step    string
	op      Op
	residue string
}

// LedgerEntry counts how often an operation was asked for under one step and how often it was really done. Applied adding up
// to more than 1 over the entries of a case with the same operation and residue would break exactly-once (invariant S20).
type LedgerEntry struct {
	Case    string `json:"case"`
	Step    string `json:"step"`
	Op      Op     `json:"op"`
	Residue string `json:"residue,omitempty"` // for cleanup
	Asked   int    `json:"asked"`
	Applied int    `json:"applied"`
}

// Prepare answers prepared, or refused with the reason that check gives. A nil check refuses nobody. A case that was
// compensated is refused.
func (l *Ledger) Prepare(req StepRequest, check func() (refusal *Text)) (Answer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rec, entry, err := l.asked(req, OpPrepare, "")
	if err != nil {
		return Answer{}, err
	}
	next, act, err := rec.progress.Next(OpPrepare)
	if err != nil {
		return Answer{}, err
	}
	if act {
		entry.Applied++
		rec.look(next, check)
	}
	switch rec.progress {
	case ProgressRefused:
		return Answer{State: StateRefused, Reason: rec.reason}, nil
	case ProgressCompensated:
		return Answer{State: StateRefused, Reason: alreadyCalledOff()}, nil
	}
	return Answer{State: StatePrepared}, nil
}

func (r *caseRecord) look(next Progress, check func() *Text) {
	r.progress = next
	if check == nil {
		return
	}
	if refusal := check(); refusal != nil {
		r.progress, r.reason = ProgressRefused, *refusal
	}
}

func alreadyCalledOff() Text {
	return Text{
		ZH: "这次解绑已经撤回，不会再执行。需要的话请重新发起。",
		EN: "This unlinking was called off and will not go ahead. Start a new one if you still want it.",
	}
}

// Commit runs apply once for a prepared case and answers committed. If apply fails nothing is recorded, and the next request
// will run it again.
func (l *Ledger) Commit(req StepRequest, apply func() error) (Answer, error) {
	return l.act(req, OpCommit, apply, StateCommitted)
}

// Compensate runs restore once, and only in a case whose commit was applied. A case never heard of is answered compensated
// and remembered as such: whatever arrives late for it is refused.
func (l *Ledger) Compensate(req StepRequest, restore func() error) (Answer, error) {
	return l.act(req, OpCompensate, restore, StateCompensated)
}

func (l *Ledger) act(req StepRequest, op Op, do func() error, done State) (Answer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rec, entry, err := l.asked(req, op, "")
	if err != nil {
		return Answer{}, err
	}
	next, act, err := rec.progress.Next(op)
	if err != nil {
		return Answer{}, err
	}
	if act {
		if err := do(); err != nil {
			return Answer{}, err
		}
		entry.Applied++
	}
	rec.progress = next
	return Answer{State: done}, nil
}

// Cleanup runs clear once for each residue of a case and answers cleared. A refusal that clear gives is answered but not
// remembered, because what stands in the way may be gone the next time.
func (l *Ledger) Cleanup(req CleanupRequest, clear func() (refusal *Text, err error)) (Answer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rec, entry, err := l.asked(req.StepRequest, OpCleanup, req.Residue)
	if err != nil {
		return Answer{}, err
	}
	if rec.cleared[req.Residue] {
		return Answer{State: StateCleared}, nil
	}
	refusal, err := clear()
	if err != nil {
		return Answer{}, err
	}
	if refusal != nil {
		return Answer{State: StateRefused, Reason: *refusal}, nil
	}
	entry.Applied++
	rec.cleared[req.Residue] = true
	return Answer{State: StateCleared}, nil
}

// Entries lists what was asked and done, ordered by case, step and operation.
func (l *Ledger) Entries() []LedgerEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := []LedgerEntry{}
	for _, entry := range l.tally {
		all = append(all, *entry)
	}
	slices.SortFunc(all, func(a, b LedgerEntry) int {
		return cmp.Or(cmp.Compare(a.Case, b.Case), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Op, b.Op), cmp.Compare(a.Residue, b.Residue))
	})
	return all
}

// asked finds or opens the case and counts the request. A step that comes back in another case, or a case that comes back
// about another account, binding or action, is refused: an answer given again would be an answer to another question.
func (l *Ledger) asked(req StepRequest, op Op, residue string) (*caseRecord, *LedgerEntry, error) {
	if l.cases == nil {
		l.cases, l.steps, l.tally = map[string]*caseRecord{}, map[string]string{}, map[tallyKey]*LedgerEntry{}
	}
	about := req
	about.Step = ""
	rec, known := l.cases[req.Case]
	if used, again := l.steps[req.Step]; (again && used != req.Case) || (known && rec.about != about) {
		return nil, nil, conflict("step_mismatch", "this step or case came before with another case, account, binding or action")
	}
	if !known {
		rec = &caseRecord{about: about, cleared: map[string]bool{}}
		l.cases[req.Case] = rec
	}
	l.steps[req.Step] = req.Case
	key := tallyKey{req.Step, op, residue}
	if l.tally[key] == nil {
		l.tally[key] = &LedgerEntry{Case: req.Case, Step: req.Step, Op: op, Residue: residue}
	}
	l.tally[key].Asked++
	return rec, l.tally[key], nil
}
