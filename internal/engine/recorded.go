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

// recordedPage is how many cases are read at a time.
const recordedPage = 500

// Recorded gives what the newest cases, at most limit, were decided on, for staff; cases of an older version are left out and counted.
func (e *Engine) Recorded(ctx context.Context, by jieling.Actor, limit int) (out []Recorded, without int, err error) {
	if err := onDuty(by, SimulatePolicy); err != nil {
		return nil, 0, err
	}
	var before jieling.CaseID
	for len(out)+without < limit {
		page, err := e.Store.Openings(ctx, before, min(recordedPage, limit-len(out)-without))
		if err != nil || len(page) == 0 {
			return out, without, translate(err)
		}
		for _, first := range page {
			r, ok, err := ReadRecorded(first)
			switch {
			case err != nil:
				return nil, 0, err
			case ok:
				out = append(out, r)
			default:
				without++
			}
		}
		before = page[len(page)-1].Case
	}
	return out, without, nil
}
