package api

import (
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api/oas"
)

func playbook(p *jieling.Playbook) oas.OptPlaybook {
	if p == nil {
		return oas.OptPlaybook{}
	}
	verified, _ := time.Parse(time.DateOnly, p.Verified) // a pack is not loaded with anything else
	return oas.NewOptPlaybook(oas.Playbook{
		Name: p.Name, Rule: p.Rule, Verified: verified, Title: text(p.Title), Lead: text(p.Lead), Steps: each(p.Steps, step),
	})
}

func step(s jieling.Step) oas.Step {
	after := s.After
	if after == nil {
		after = []string{}
	}
	return oas.Step{
		Name: s.Name, Who: oas.StepWho(s.Who), Class: oas.StepClass(s.Class), After: after, Title: text(s.Title), Text: text(s.Text), Link: optString(s.Link),
		Does:  oas.OptStepDoes{Value: oas.StepDoes(s.Does), Set: s.Does != ""},
		Check: oas.OptStepCheck{Value: oas.StepCheck(s.Check), Set: s.Check != ""},
		State: oas.OptStepState{Value: oas.StepState(s.State), Set: s.State != ""},
		By:    oas.OptStepBy{Value: oas.StepBy(s.By), Set: s.By != ""},
		At:    optTime(s.At),

		TakesSeconds: oas.OptInt64{Value: int64(s.Takes / time.Second), Set: s.Takes > 0},
	}
}
