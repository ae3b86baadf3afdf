package web

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// caseView makes of the engine's view what the page shows. A plan is asked for only while there is something to decide.
func (v *visit) caseView(c engine.CaseView) ui.CaseView {
	out := ui.CaseView{
		Case: c.Case, Next: c.Next, Factors: c.Factors, Binding: c.Binding, Others: c.Others, Access: c.Access, Guide: c.Guide, Now: c.Now,
		Reviews: c.Reviews, Offered: c.Offered, Due: c.Due,
	}
	if out.Binding.ID == "" {
		out.Binding = jieling.Binding{ID: c.Case.Binding, Provider: c.Provider}
	}
	out.History = v.history(c.ID)
	for _, ch := range c.Open {
		out.Open = append(out.Open, v.question(ch, c.Others))
	}
	switch c.Next {
	case casework.MoveStep, casework.MoveReplace, casework.MoveBackUp, casework.MoveVerify, casework.MoveAwait:
		out.Plan = v.plan(c.Goal, c.Case.Binding, c.Reason, c.Platform, c.Scenario)
	case casework.MoveClean, casework.MoveDone, casework.MoveEnded:
		v.lookAfter(&out)
	case casework.MoveConfirm:
		if a, err := v.Engine.Account(v.ctx(), v.by, c.Account); err == nil {
			out.Account = mask(a.ExternalID)
		}
	}
	return out
}

// lookAfter asks how things stand that are to be looked after once the login is gone. A page can do without.
func (v *visit) lookAfter(c *ui.CaseView) {
	if c.RemovedAt.IsZero() || c.Stage != jieling.StageGuarded && c.Stage != jieling.StageClosed {
		return
	}
	a, err := v.Engine.CheckUp(v.ctx(), v.by, c.Case.Account)
	if err != nil {
		v.Gate.Complain(gate.VisitOf(v.ctx()), err)
		return
	}
	c.After = a.Afterwards(c.Case)
	for _, p := range engine.Permissions(c.Case) {
		c.Permissions = append(c.Permissions, ui.Permission{Title: p.Title, Now: string(p.Now)})
	}
}

// question reads what a factor left for the page. Every factor has its own words; those of others stay empty.
func (v *visit) question(ch engine.ChallengeView, known []jieling.Binding) ui.Challenge {
	var left struct {
		To        string          `json:"to"`        // SMS, e-mail
		Minutes   int             `json:"minutes"`   // e-mail
		Late      bool            `json:"late"`      // e-mail
		URL       string          `json:"url"`       // face
		Path      string          `json:"path"`      // QR
		Number    int             `json:"number"`    // QR
		PublicKey json.RawMessage `json:"publicKey"` // WebAuthn
		Consent   factor.Consent  `json:"consent"`   // reviews

		Organisation string `json:"organisation"` // what only an organisation gives
		Hours        int    `json:"hours"`        // an administrator's approval
		Message      string `json:"message"`      // a certificate
	}
	out := ui.Challenge{Challenge: ch.Challenge}
	if err := json.Unmarshal(ch.Public, &left); err != nil {
		return out // a factor that leaves nothing
	}
	out.Organisation, out.Hours, out.Message = left.Organisation, left.Hours, left.Message
	out.Consent = ui.Consent{Version: left.Consent.Version, Text: left.Consent.Text}
	out.To, out.Vendor, out.Number, out.Minutes, out.Late = left.To, left.URL, left.Number, left.Minutes, left.Late
	if left.Path != "" {
		out.Scan = v.BaseURL + left.Path
	}
	if left.PublicKey != nil {
		out.Options = string(ch.Public)
	}
	for _, b := range known {
		if out.To == "" && b.ID == ch.Binding {
			out.To = b.Label
		}
	}
	return out
}

// mask keeps of an account's name what its owner knows it by.
func mask(name string) string {
	n := utf8.RuneCountInString(name)
	if n < 5 {
		return "****"
	}
	r := []rune(name)
	return string(r[:2]) + "****" + string(r[n-2:])
}
