package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// showOrg is where an organisation's administrators begin. To everybody else it is not there.
func showOrg(v *visit) {
	view, err := v.orgView()
	if err != nil {
		v.problem(err)
		return
	}
	v.page.Title = v.page.Say(lang.OrgTitle, "org", view.Organisation.Name)
	v.show(http.StatusOK, lang.OrgHome, func(p ui.Page) templ.Component { return ui.Org(p, view) })
}

func (v *visit) orgView() (ui.OrgView, error) {
	office, err := v.Engine.Office(v.ctx(), v.by)
	if err != nil {
		return ui.OrgView{}, err
	}
	id := office.Organisation.ID
	asked, err := v.Engine.Requests(v.ctx(), v.by, id)
	if err != nil {
		return ui.OrgView{}, err
	}
	members, err := v.Engine.Members(v.ctx(), v.by, id, "")
	if err != nil {
		return ui.OrgView{}, err
	}
	devices, err := v.Engine.ManagedDevices(v.ctx(), v.by, id)
	if err != nil {
		return ui.OrgView{}, err
	}
	out := ui.OrgView{Organisation: office.Organisation, Now: office.Now}
	names := map[jieling.AccountID]string{}
	for _, m := range members {
		names[m.Account] = m.ExternalID
		out.Members = append(out.Members, ui.OrgMember{Name: m.ExternalID, Role: m.Role, WaysIn: m.WaysIn})
	}
	for _, a := range asked {
		out.Requests = append(out.Requests, ui.OrgRequest{
			ID: a.Challenge.ID, Member: names[a.Challenge.Account], At: a.Challenge.IssuedAt, Until: a.Challenge.ExpiresAt, Own: a.Own,
		})
	}
	for _, d := range devices {
		out.Devices = append(out.Devices, ui.OrgDevice{Name: d.Name, Member: names[d.Account], ManagedDevice: d.ManagedDevice})
	}
	return out, nil
}

// showRequest shows one request.
func showRequest(v *visit) { v.requestPage(http.StatusOK) }

func (v *visit) requestPage(status int) {
	office, err := v.Engine.Office(v.ctx(), v.by)
	if err != nil {
		v.problem(err)
		return
	}
	r, err := v.Engine.Request(v.ctx(), v.by, office.Organisation.ID, jieling.ChallengeID(v.r.PathValue("challenge")))
	if err != nil {
		v.problem(err)
		return
	}
	view := ui.OrgRequestView{
		ID: r.Challenge, Member: r.Member, What: r.What, Reason: r.Reason, Platform: r.Platform, Impact: r.Impact, WaysInAfter: r.WaysInAfter,
		Version: r.Version, At: r.AskedAt, Until: r.Until, Now: office.Now,
	}
	if r.Refused != nil {
		view.Refused = v.refusal(r.Refused).Text
	}
	for _, u := range r.Unlocks {
		view.AskPIN = view.AskPIN || u.Factor == jieling.PaymentPIN
		if u.Factor == jieling.DeviceUnlock {
			view.Options, v.page.Script = string(u.Public), "webauthn.js"
		}
	}
	v.page.Path = "/org/approvals/" + string(r.Challenge)
	v.show(status, lang.OrgRequest, func(p ui.Page) templ.Component { return ui.OrgRequestPage(p, view) })
}

// decideRequest carries the administrator's decision to the engine.
func decideRequest(v *visit) {
	office, err := v.Engine.Office(v.ctx(), v.by)
	if err != nil {
		v.problem(err)
		return
	}
	form := v.r.PostForm
	version, _ := strconv.ParseInt(form.Get("version"), 10, 64) // what is no number is no version of any case
	in := engine.Deciding{
		Challenge: jieling.ChallengeID(v.r.PathValue("challenge")), Approve: form.Get("do") == "approve", Reason: strings.TrimSpace(form.Get("reason")),
		Version: version, By: jieling.PaymentPIN, Unlock: []byte(form.Get("pin")),
	}
	if given := form.Get("given"); given != "" {
		in.By, in.Unlock = jieling.DeviceUnlock, []byte(given)
	}
	if do := form.Get("do"); do != "approve" && do != "refuse" {
		err = jieling.Invalid("do", "is not a decision")
	} else {
		err = v.Engine.Decide(v.ctx(), v.by, v.idem(""), office.Organisation.ID, in)
	}
	if err != nil {
		v.page.Notice = v.refusal(err)
		v.requestPage(statusOf(err))
		return
	}
	v.then("/org")
}
