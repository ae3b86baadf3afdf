package client

import (
	"cmp"
	"slices"
	"sync"
)

// Progress is how far one step has come. The empty value is a step never heard of.
type Progress string

// The stages of a step, a closed list.
const (
	ProgressNone        Progress = ""
	ProgressPrepared    Progress = "prepared"
	ProgressRefused     Progress = "refused"
	ProgressCommitted   Progress = "committed"
	ProgressCompensated Progress = "compensated"
)

// Next is the whole rule of a step, without I/O, for a product that keeps steps as rows of its own database: load the row,
// ask Next, act if act is true, and store next in the same transaction as the act.
//
//	            prepare          commit             compensate
//	none        act → prepared   not_prepared       compensated (and the case is poisoned)
//	prepared    prepared         act → committed    compensated
//	refused     refused          not_prepared       compensated
//	committed   committed        committed          act → compensated
//	compensated compensated      step_compensated   compensated
//
// "act" stands where something is really done: for prepare the check, for commit the removal, for compensate the
// restoring. All else is the old answer given again. A prepare that finds the step compensated is answered refused.
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
			return p, false, conflict("step_compensated", "this step was compensated; it cannot be committed any more")
		}
		return p, false, conflict("not_prepared", "prepare this step before committing it")
	case OpCompensate:
		return ProgressCompensated, p == ProgressCommitted, nil
	}
	return p, false, nil
}

// Ledger remembers what was asked and done for each step, so that repeated, late and reordered requests do nothing twice.
// It lives in memory: for tests, for demonstrations, and for systems that can afford to forget on restart. Everything else
// keeps [Progress] in its own database. The zero value is ready. Functions handed to it run one at a time, with the ledger
// locked; they must not call the ledger.
type Ledger struct {
	mu       sync.Mutex
	steps    map[string]*stepRecord
	poisoned map[string]bool // by case
}

type stepRecord struct {
	request  StepRequest
	progress Progress
	reason   Text // why it was refused
	tally    map[tallyKey]*LedgerEntry
	cleared  map[string]bool // by residue
}

type tallyKey struct {
	op      Op
	residue string
}

// LedgerEntry counts how often an operation of a step was asked for and how often it was really done. Applied above 1
// would break exactly-once (invariant S20).
type LedgerEntry struct {
	Step    string `json:"step"`
	Case    string `json:"case"`
	Op      Op     `json:"op"`
	Residue string `json:"residue,omitempty"` // for cleanup
	Asked   int    `json:"asked"`
	Applied int    `json:"applied"`
}

// Prepare answers prepared, or refused with the reason that check gives. A nil check refuses nobody. A step of a case that was
// compensated before it was ever prepared is refused.
func (l *Ledger) Prepare(req StepRequest, check func() (refusal *Text)) (Answer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rec, err := l.record(req)
	if err != nil {
		return Answer{}, err
	}
	entry := rec.asked(OpPrepare, "")
	next, act, err := rec.progress.Next(OpPrepare)
	if err != nil {
		return Answer{}, err
	}
	if act {
		entry.Applied++
		rec.progress, rec.reason = next, Text{}
		if refusal := l.refusal(req, check); refusal != nil {
			rec.progress, rec.reason = ProgressRefused, *refusal
		}
	}
	switch rec.progress {
	case ProgressRefused:
		return Answer{State: StateRefused, Reason: rec.reason}, nil
	case ProgressCompensated:
		return Answer{State: StateRefused, Reason: alreadyCalledOff()}, nil
	}
	return Answer{State: StatePrepared}, nil
}

func (l *Ledger) refusal(req StepRequest, check func() *Text) *Text {
	if l.poisoned[req.Case] {
		reason := alreadyCalledOff()
		return &reason
	}
	if check == nil {
		return nil
	}
	return check()
}

func alreadyCalledOff() Text {
	return Text{
		ZH: "这次解绑已经撤回,不会再执行。需要的话请重新发起。",
		EN: "This unlinking was called off and will not go ahead. Start a new one if you still want it.",
	}
}

// Commit runs apply once for a prepared step and answers committed. If apply fails nothing is recorded, and the same request
// will run it again.
func (l *Ledger) Commit(req StepRequest, apply func() error) (Answer, error) {
	return l.act(req, OpCommit, apply, StateCommitted)
}

// Compensate runs restore once, and only for a step whose commit was applied. A step never heard of is answered
// compensated and its case poisoned: whatever arrives late for it is refused.
func (l *Ledger) Compensate(req StepRequest, restore func() error) (Answer, error) {
	return l.act(req, OpCompensate, restore, StateCompensated)
}

func (l *Ledger) act(req StepRequest, op Op, do func() error, done State) (Answer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rec, err := l.record(req)
	if err != nil {
		return Answer{}, err
	}
	entry := rec.asked(op, "")
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
	if rec.progress == ProgressNone && next == ProgressCompensated {
		l.poisoned[req.Case] = true
	}
	rec.progress = next
	return Answer{State: done}, nil
}

// Cleanup runs clear once for each residue of a step and answers cleared. A refusal that clear gives is answered but not
// remembered, because what stands in the way may be gone the next time.
func (l *Ledger) Cleanup(req CleanupRequest, clear func() (refusal *Text, err error)) (Answer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rec, err := l.record(req.StepRequest)
	if err != nil {
		return Answer{}, err
	}
	entry := rec.asked(OpCleanup, req.Residue)
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

// Entries lists what was asked and done, ordered by step, operation and residue.
func (l *Ledger) Entries() []LedgerEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := []LedgerEntry{}
	for _, rec := range l.steps {
		for _, entry := range rec.tally {
			all = append(all, *entry)
		}
	}
	slices.SortFunc(all, func(a, b LedgerEntry) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.Op, b.Op), cmp.Compare(a.Residue, b.Residue))
	})
	return all
}

// record finds the step, or opens it. A step that comes back with another case, account, binding or action is refused: an
// answer given again would otherwise be an answer to another question.
func (l *Ledger) record(req StepRequest) (*stepRecord, error) {
	if l.steps == nil {
		l.steps, l.poisoned = map[string]*stepRecord{}, map[string]bool{}
	}
	rec, known := l.steps[req.Step]
	if !known {
		rec = &stepRecord{request: req, tally: map[tallyKey]*LedgerEntry{}, cleared: map[string]bool{}}
		l.steps[req.Step] = rec
	}
	if rec.request != req {
		return nil, conflict("step_mismatch", "this step was used before with another case, account, binding or action")
	}
	return rec, nil
}

func (r *stepRecord) asked(op Op, residue string) *LedgerEntry {
	key := tallyKey{op, residue}
	if r.tally[key] == nil {
		r.tally[key] = &LedgerEntry{Step: r.request.Step, Case: r.request.Case, Op: op, Residue: residue}
	}
	r.tally[key].Asked++
	return r.tally[key]
}
