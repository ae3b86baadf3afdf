package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// showSettings shows how the account may be entered, and what has just been done about it.
func showSettings(v *visit) {
	switch v.r.URL.Query().Get("done") {
	case "change":
		v.page.Notice = &ui.Notice{Text: v.page.Say(lang.SettingsDone)}
	case "switch":
		v.page.Notice = &ui.Notice{Text: v.page.Say(lang.SwitchAsked)}
	}
	v.settingsPage(http.StatusOK)
}

func (v *visit) settingsPage(status int) {
	s, err := v.Engine.Settings(v.ctx(), v.by, v.by.Account)
	if err != nil {
		v.problem(err)
		return
	}
	a, err := v.Engine.CheckUp(v.ctx(), v.by, v.by.Account)
	if err != nil {
		v.problem(err)
		return
	}
	view := settingsView(s, a, v.by.Device)
	v.show(status, lang.SettingsTitle, func(p ui.Page) templ.Component { return ui.Settings(p, view) })
}

func settingsView(s engine.SettingsView, a engine.AccountView, this jieling.DeviceID) ui.SettingsView {
	out := ui.SettingsView{Account: s.Account, Devices: s.Devices, This: this, Held: s.LockHeld, HeldUntil: s.LockHeldUntil, Now: s.Now}
	if a.Care == nil {
		return out
	}
	out.Silent = a.Care.Silent
	for _, w := range a.Care.Switches {
		out.Switches = append(out.Switches, ui.Switch{Switch: w.Switch, Of: w.Of, Asked: w.Asked, To: w.To, Failed: w.Failed})
	}
	for _, b := range a.Care.Bills {
		out.Bills = append(out.Bills, ui.Bill{Bill: b.Bill, Of: b.Of, Said: string(b.Judge)})
	}
	return out
}

// moveSettings changes one thing. What asks for a fresh proof first is asked for it, and carried along.
func moveSettings(v *visit) {
	v.changing("/settings", "/settings", func(proof engine.FreshProof) (string, error) {
		switch do := v.r.PostForm.Get("do"); do {
		case "on", "off":
			return "/settings?done=switch#switches", v.Engine.SetSwitch(v.ctx(), v.by, v.idem(""), v.by.Account, engine.SwitchChange{
				Participant: v.r.PostForm.Get("participant"), Switch: v.r.PostForm.Get("switch"), On: do == "on", Proof: proof,
			})
		case "mine", "not_mine":
			return "/settings?done=change#bills", v.Engine.JudgeBill(v.ctx(), v.by, v.idem(""), v.by.Account, v.r.PostForm.Get("participant"), v.r.PostForm.Get("bill"), engine.Judgement(do))
		}
		in, err := v.settingsChange()
		if err != nil {
			return "", err
		}
		in.Proof = proof
		_, err = v.Engine.ChangeSettings(v.ctx(), v.by, v.idem(""), v.by.Account, in)
		return "/settings?done=change", err
	}, v.settingsPage)
}

func (v *visit) settingsChange() (in engine.SettingsChange, err error) {
	on, off := true, false
	switch v.r.PostForm.Get("do") {
	case "lock":
		in.DeviceLock = &on
	case "unlock":
		in.DeviceLock = &off
	case "list":
		list := []jieling.DeviceID{}
		for _, id := range v.r.PostForm["named"] {
			list = append(list, jieling.DeviceID(id))
		}
		in.NamedOnly, in.Named = &on, &list
	case "anywhere":
		in.NamedOnly = &off
	case "remind":
		in.Reminders = &on
	case "silence":
		in.Reminders = &off
	default:
		err = jieling.Invalid("do", "is not something to change here")
	}
	return in, err
}

// changing carries out a change that may ask for a fresh proof: without one it is answered with a page that asks for it, with the change
// itself in it. otherwise shows the page that the change was made on.
func (v *visit) changing(action, back string, change func(engine.FreshProof) (string, error), otherwise func(status int)) {
	form := v.r.PostForm
	proof := engine.FreshProof{Challenge: jieling.ChallengeID(form.Get("challenge")), Given: []byte(strings.TrimSpace(form.Get("given")))}
	if f := jieling.Factor(form.Get("factor")); f != "" && proof.Challenge == "" {
		ask, err := v.Engine.AskProof(v.ctx(), v.by, v.by.Account, f, string(v.page.Lang))
		if err != nil {
			v.page.Notice = v.refusal(err)
			v.askOwner(action, back, statusOf(err), nil)
			return
		}
		v.askOwner(action, back, http.StatusOK, &ask)
		return
	}
	next, err := change(proof)
	switch code := jieling.CodeOf(err); {
	case err == nil:
		v.then(next)
	case code == jieling.CodeVerification:
		v.askOwner(action, back, http.StatusOK, nil)
	case proof.Challenge != "" && (code == jieling.CodeWrongAnswer || code == jieling.CodeChallengeUsed || code == jieling.CodeChallengeExpired || code == jieling.CodeTooMany):
		v.page.Notice = v.refusal(err)
		v.askOwner(action, back, statusOf(err), nil)
	default:
		v.page.Notice = v.refusal(err)
		otherwise(statusOf(err))
	}
}

// askOwner asks for a fresh proof of what the form says.
func (v *visit) askOwner(action, back string, status int, ask *engine.ChallengeView) {
	s, err := v.Engine.Settings(v.ctx(), v.by, v.by.Account)
	if err != nil {
		v.problem(err)
		return
	}
	view := ui.ProveView{Action: action, Back: back, Change: url.Values{}, Factors: s.Proofs, Now: s.Now}
	for name, values := range v.r.PostForm {
		switch name {
		case "idem", "factor", "challenge", "given":
		default:
			view.Change[name] = values
		}
	}
	if ask != nil {
		a, err := v.Engine.Bindings(v.ctx(), v.by, v.by.Account)
		if err != nil {
			v.problem(err)
			return
		}
		question := v.question(*ask, a)
		view.Ask = &question
		if question.Options != "" {
			v.page.Script = "webauthn.js"
		}
	}
	v.show(status, lang.ProveTitle, func(p ui.Page) templ.Component { return ui.Prove(p, view) })
}
