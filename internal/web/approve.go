package web

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// showApproval is what a scanned code opens. It changes nothing, and without a session it shows nothing (RFC 10027).
func showApproval(v *visit) {
	if v.by.Kind != jieling.ActorPerson {
		v.show(http.StatusOK, lang.ApproveOpen, func(p ui.Page) templ.Component { return ui.Approve(p, ui.ApprovalView{}) })
		return
	}
	v.approvalPage(http.StatusOK)
}

func (v *visit) approvalPage(status int) {
	code := v.r.PathValue("code")
	a, err := v.Engine.Approval(v.ctx(), v.by, code)
	if err != nil {
		v.problem(err)
		return
	}
	view := approvalView(code, a)
	if len(a.Numbers) > 0 {
		if account, err := v.Engine.Account(v.ctx(), v.by, v.by.Account); err == nil {
			view.Account = mask(account.ExternalID)
		}
	}
	if view.Options != "" {
		v.page.Script = "webauthn.js"
	}
	v.show(status, lang.ApproveOpen, func(p ui.Page) templ.Component { return ui.Approve(p, view) })
}

// approvalView makes of the engine's view what the phone shows. An approval that ran out shows as one that has ended.
func approvalView(code string, a engine.ApprovalView) ui.ApprovalView {
	state := a.Challenge.State
	if (state == jieling.ChallengeOpen || state == jieling.ChallengeClaimed) && !a.Now.Before(a.Challenge.ExpiresAt) {
		state = jieling.ChallengeDead
	}
	out := ui.ApprovalView{
		Code: code, State: state, What: a.What, From: a.From, Device: a.Device, Numbers: a.Numbers, At: a.Challenge.IssuedAt, Now: a.Now, Signed: true,
	}
	for _, u := range a.Unlocks {
		out.AskPIN = out.AskPIN || u.Factor == jieling.PaymentPIN
		if u.Factor == jieling.DeviceUnlock {
			out.Options = string(u.Public)
		}
	}
	return out
}

// approving reads the phone's yes: what its own lock answered, where it was asked, else the payment password.
func (v *visit) approving() (engine.Approving, error) {
	n, err := strconv.Atoi(v.r.PostForm.Get("number"))
	if err != nil {
		return engine.Approving{}, &jieling.Error{Code: jieling.CodeInvalid, Public: lang.ApproveAsk.Text()}
	}
	if given := v.r.PostForm.Get("given"); given != "" {
		return engine.Approving{Number: n, By: jieling.DeviceUnlock, Unlock: []byte(given)}, nil
	}
	return engine.Approving{Number: n, By: jieling.PaymentPIN, Unlock: []byte(v.r.PostForm.Get("pin"))}, nil
}

// moveApproval does what the phone's form says.
func moveApproval(v *visit) {
	code, do := v.r.PathValue("code"), v.r.PostForm.Get("do")
	var err error
	switch do {
	case "claim":
		_, err = v.Engine.ClaimApproval(v.ctx(), v.by, code)
	case "approve":
		var yes engine.Approving
		if yes, err = v.approving(); err == nil {
			_, err = v.Engine.Approve(v.ctx(), v.by, v.idem(""), code, yes)
		}
	case "reject", "notme":
		_, err = v.Engine.Reject(v.ctx(), v.by, v.idem(""), code, do == "notme")
	default:
		err = jieling.Invalid("do", "is not an answer to an approval")
	}
	switch {
	case err != nil:
		v.page.Notice = v.refusal(err)
		v.approvalPage(statusOf(err))
	case do == "notme":
		v.frozen()
	default:
		v.then("/approve/" + code)
	}
}
