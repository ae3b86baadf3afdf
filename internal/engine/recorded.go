package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/policy"
)

// Recorded is one situation that a pack was asked about when a case was opened, and what it answered. There is nobody's name in it.
type Recorded struct {
	Case      jieling.CaseID   `json:"case"`
	At        time.Time        `json:"at"`
	Situation policy.Situation `json:"situation"`
	Decision  jieling.Decision `json:"decision"`
}

// ReadRecorded reads it from the first event of a case. It is false for a case of an older version, which kept no situation.
func ReadRecorded(first jieling.Event) (Recorded, bool, error) {
	var opened casework.Opened
	if err := json.Unmarshal(first.Data, &opened); err != nil {
		return Recorded{}, false, fmt.Errorf("the history of %s cannot be read: %w", first.Case, err)
	}
	r := Recorded{Case: first.Case, At: first.At, Decision: opened.Case.Decision}
	if opened.Situation == nil {
		return r, false, nil
	}
	err := json.Unmarshal(opened.Situation, &r.Situation)
	return r, err == nil, err
}

// RecordedPage is how many cases are read at most at a time.
const RecordedPage = 500

// Recorded gives what cases were decided on, newest first, for staff who may simulate: the page of at most limit cases, 1 to [RecordedPage], that
// come after the one named last ("": the newest). Cases of an older version are left out and counted. last of an answer is where to go on; it is
// empty where there is no more.
func (e *Engine) Recorded(ctx context.Context, by jieling.Actor, last jieling.CaseID, limit int) (page RecordedCases, err error) {
	if err := onDuty(by, SimulatePolicy); err != nil {
		return page, err
	}
	limit = min(max(limit, 1), RecordedPage)
	openings, err := e.Store.Openings(ctx, last, limit)
	if err != nil {
		return page, translate(err)
	}
	for _, first := range openings {
		r, ok, err := ReadRecorded(first)
		switch {
		case err != nil:
			return RecordedCases{}, err
		case ok:
			page.Cases = append(page.Cases, r)
		default:
			page.Without++
		}
	}
	if len(openings) == limit {
		page.Last = openings[limit-1].Case
	}
	return page, nil
}

// RecordedCases is one page of them.
type RecordedCases struct {
	Cases   []Recorded
	Without int            // that kept no situation
	Last    jieling.CaseID // what to go on after; empty: there is no more
}
