package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// showDevices shows where the account is used, and what has just been done about it.
func showDevices(v *visit) {
	switch v.r.URL.Query().Get("done") {
	case "end":
		v.page.Notice = &ui.Notice{Text: v.page.Say(lang.SessionEnded)}
	case "remove":
		v.page.Notice = &ui.Notice{Text: v.page.Say(lang.DeviceRemoved)}
	case "change":
		v.page.Notice = &ui.Notice{Text: v.page.Say(lang.DeviceChanged)}
	case "review":
		v.page.Notice = &ui.Notice{Text: v.page.Say(lang.DeviceReviewDone)}
	case "others":
		v.page.Notice = &ui.Notice{Text: v.page.Say(lang.OthersOut)}
	}
	v.devicesPage(http.StatusOK)
}

func (v *visit) devicesPage(status int) {
	a, err := v.Engine.Account(v.ctx(), v.by, v.by.Account)
	if err != nil {
		v.problem(err)
		return
	}
	view := v.devicesView(a)
	v.show(status, lang.DevicesTitle, func(p ui.Page) templ.Component { return ui.SignedIn(p, view) })
}

func (v *visit) devicesView(a engine.AccountView) ui.DevicesView {
	view := ui.DevicesView{Account: a.Account, Bindings: a.Bindings, Devices: a.Devices, This: v.by.Device, Now: a.Now}
	view.Due = slices.ContainsFunc(a.CheckUp.Ready, func(r aftercare.Readiness) bool {
		return r.Item == aftercare.DevicesReviewed && r.State == aftercare.Missing
	}) && !a.Settings.RemindersOff
	slices.SortStableFunc(view.Devices, func(a, b jieling.Device) int { // the one in hand first
		return order(b.ID == v.by.Device) - order(a.ID == v.by.Device)
	})
	for _, s := range a.Sessions {
		view.Sessions = append(view.Sessions, ui.Session{
			ID: s.ID, Binding: s.Binding, Device: s.Device, On: s.Platform, Since: s.CreatedAt, Until: s.ExpiresAt, Here: string(s.ID) == v.by.Name,
		})
	}
	return view
}

func order(first bool) int {
	if first {
		return 1
	}
	return 0
}

// moveDevices ends one session, or removes one device.
func moveDevices(v *visit) {
	form, do := v.r.PostForm, v.r.PostForm.Get("do")
	var err error
	switch do {
	case "rename", "trust", "distrust", "lose", "find":
		v.changeDevice(do)
		return
	case "review":
		err = v.Engine.ReviewDevices(v.ctx(), v.by, v.idem(""), v.by.Account)
	case "end":
		err = v.Engine.EndSession(v.ctx(), v.by, v.idem(""), v.by.Account, jieling.SessionID(form.Get("session")))
	case "remove":
		err = v.Engine.RemoveDevice(v.ctx(), v.by, v.idem(""), v.by.Account, jieling.DeviceID(form.Get("device")))
	default:
		err = jieling.Invalid("do", "is not something to do about a device")
	}
	if err != nil {
		v.page.Notice = v.refusal(err)
		v.devicesPage(statusOf(err))
		return
	}
	v.then("/devices?done=" + do)
}

// changeDevice renames a device, trusts it or no longer, or notes that it was lost or found.
func (v *visit) changeDevice(do string) {
	yes, no := true, false
	var in engine.DeviceChange
	switch do {
	case "rename":
		name := strings.TrimSpace(v.r.PostForm.Get("name"))
		in.Name = &name
	case "trust":
		in.Trusted = &yes
	case "distrust":
		in.Trusted = &no
	case "lose":
		in.Lost = &yes
	case "find":
		in.Lost = &no
	}
	v.changing("/devices", "/devices", func(proof engine.FreshProof) (string, error) {
		in.Proof = proof
		_, err := v.Engine.ChangeDevice(v.ctx(), v.by, v.idem(""), v.by.Account, jieling.DeviceID(v.r.PostForm.Get("device")), in)
		return "/devices?done=change", err
	}, v.devicesPage)
}

// showOthers asks once.
func showOthers(v *visit) { v.show(http.StatusOK, lang.OthersTitle, ui.Others) }

// signOutOthers signs the account out everywhere but here.
func signOutOthers(v *visit) {
	if err := v.Engine.EndOtherSessions(v.ctx(), v.by, v.idem(""), v.by.Account); err != nil {
		v.page.Notice = v.refusal(err)
		v.show(statusOf(err), lang.OthersTitle, ui.Others)
		return
	}
	v.then("/devices?done=others")
}
