package web

import (
	"encoding/base64"
	"net/http"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// home is the security centre, or the way in for whoever is not signed in.
func home(v *visit) {
	if v.by.Kind != jieling.ActorPerson {
		v.show(http.StatusOK, lang.SignInTitle, func(p ui.Page) templ.Component { return ui.SignIn(p, v.Providers) })
		return
	}
	a, err := v.Engine.Account(v.ctx(), v.by, v.by.Account)
	if err != nil {
		v.problem(err)
		return
	}
	view := v.homeView(a)
	view.Recent = v.recent()
	if a.Kind == jieling.EnterpriseMember {
		_, err := v.Engine.Office(v.ctx(), v.by)
		view.Office = err == nil
	}
	v.show(http.StatusOK, lang.HomeTitle, func(p ui.Page) templ.Component { return ui.Home(p, view) })
}

func (v *visit) homeView(a engine.AccountView) ui.HomeView {
	return ui.HomeView{
		Account: a.Account, Bindings: a.Bindings, Cases: a.Cases, Devices: a.Devices, This: v.by.Device, Enrolments: a.Enrolments,
		CheckUp: a.CheckUp, Access: a.Access, SignIns: v.Providers, Now: a.Now,
	}
}

// showCheckUp shows how the account stands.
func showCheckUp(v *visit) {
	a, err := v.Engine.CheckUp(v.ctx(), v.by, v.by.Account)
	if err != nil {
		v.problem(err)
		return
	}
	view := v.homeView(a)
	v.show(http.StatusOK, lang.CheckTitle, func(p ui.Page) templ.Component { return ui.CheckUp(p, view) })
}

// history reads what happened in a case. A page can do without.
func (v *visit) history(id jieling.CaseID) []jieling.Event {
	events, err := v.Engine.Events(v.ctx(), v.by, id, 0)
	if err != nil {
		v.Gate.Complain(gate.VisitOf(v.ctx()), err)
		return nil
	}
	return events
}

// showEnrol offers to set up unlocking with this device. A session that knows no device is told where one is known.
func showEnrol(v *visit) { v.enrolPage(http.StatusOK) }

func (v *visit) enrolPage(status int) {
	var half engine.Enrolling
	if v.by.Device != "" {
		var err error
		if half, err = v.Engine.EnrolOptions(v.ctx(), v.by, v.by.Account, jieling.DeviceUnlock); err != nil {
			v.problem(err)
			return
		}
		v.page.Script = "webauthn.js"
	}
	state := base64.RawURLEncoding.EncodeToString(half.State)
	v.show(status, lang.EnrolTitle, func(p ui.Page) templ.Component { return ui.Enrol(p, string(half.Public), state) })
}

// enrol takes the device's answer.
func enrol(v *visit) {
	state, err := base64.RawURLEncoding.DecodeString(v.r.PostForm.Get("state"))
	if err == nil {
		_, err = v.Engine.Enrol(v.ctx(), v.by, v.idem(""), v.by.Account, engine.NewFactor{
			Factor: jieling.DeviceUnlock, Device: v.by.Device, Given: []byte(v.r.PostForm.Get("given")), State: state,
		})
	} else {
		err = jieling.Invalid("state", "is not what this page sent")
	}
	if err != nil {
		v.page.Notice = v.refusal(err)
		v.enrolPage(statusOf(err))
		return
	}
	v.then("/#factors")
}

// showFreeze asks once. Whoever is not signed in is offered less, and told why.
func showFreeze(v *visit) {
	if v.by.Kind != jieling.ActorPerson {
		v.holdPage(http.StatusOK, "")
		return
	}
	v.show(http.StatusOK, lang.FreezeTitle, ui.Freeze)
}

// freeze stops the account. Its sessions end with it, this one too, so what has come of it is shown at once. A second press finds nobody
// signed in any more: it is told so, and not asked for a number it never gave.
func freeze(v *visit) {
	if v.by.Kind != jieling.ActorPerson {
		if v.r.PostForm.Get("do") == "freeze" {
			v.page.Notice = v.refusal(&jieling.Error{Code: jieling.CodeUnauthenticated, Public: lang.FreezeAgain.Text()})
			v.holdPage(http.StatusUnauthorized, "")
			return
		}
		v.hold()
		return
	}
	if _, err := v.Engine.Freeze(v.ctx(), v.by, v.idem(""), v.by.Account, v.r.PostForm.Get("why")); err != nil {
		v.page.Notice = v.refusal(err)
		v.show(statusOf(err), lang.FreezeTitle, ui.Freeze)
		return
	}
	v.frozen()
}

func (v *visit) frozen() {
	v.Gate.SignOut(v.w)
	v.page.Signed, v.page.Path = false, "/"
	v.show(http.StatusOK, lang.FrozenTitle, ui.Frozen)
}
