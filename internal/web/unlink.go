package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// showOpening asks for the reason. Answers in the address are those the language switch carried along.
func (v *visit) showOpening(goal jieling.Goal) {
	v.openingPage(http.StatusOK, goal, jieling.Reason(v.r.URL.Query().Get("reason")))
}

func (v *visit) openingPage(status int, goal jieling.Goal, reason jieling.Reason) {
	id := jieling.BindingID(v.r.PathValue("binding"))
	a, err := v.Engine.Account(v.ctx(), v.by, v.by.Account)
	if err != nil {
		v.problem(err)
		return
	}
	b, ok := bindingOf(a.Bindings, id)
	if !ok {
		nowhere(v)
		return
	}
	view := ui.UnlinkView{Goal: goal, Binding: b, Plan: v.plan(goal, id, reason, v.platform(), ""), Reason: reason}
	v.page.Title = v.page.Say(ui.TitleOf(goal), "name", v.page.Name(b))
	v.page.Path, v.page.Keep = v.r.URL.EscapedPath(), "unlink"
	v.show(status, ui.TitleOf(goal), func(p ui.Page) templ.Component { return ui.Unlink(p, view) })
}

// platform is where the person stands, as their session was opened.
func (v *visit) platform() jieling.Platform {
	if _, s, err := v.Engine.Session(v.ctx(), v.Gate.SessionToken(v.r)); err == nil && s.Platform != "" {
		return s.Platform
	}
	return jieling.Web
}

// plan asks what it would need and cost, with the other platforms beside it. A page can do without: where it cannot be had,
// the page says less and nothing wrong.
func (v *visit) plan(goal jieling.Goal, id jieling.BindingID, reason jieling.Reason, on jieling.Platform, declared jieling.Scenario) *jieling.Plan {
	if !slices.Contains(jieling.Reasons[:], reason) {
		reason = jieling.ReasonOther
	}
	plan, err := v.Engine.Plan(v.ctx(), v.by, engine.PlanQuery{
		Account: v.by.Account, Goal: goal, Binding: id, Platform: on, Scenario: declared, Reason: reason, Compare: true,
	})
	if err != nil {
		v.Gate.Complain(gate.VisitOf(v.ctx()), err)
		return nil
	}
	return &plan
}

// openCase begins a case, or goes on with the one that is open. Whoever says that something was stolen is offered the freeze first.
func (v *visit) openCase(goal jieling.Goal) {
	reason := jieling.Reason(v.r.PostForm.Get("reason"))
	if reason == jieling.ReasonTheft && v.r.PostForm.Get("anyway") != "yes" {
		first := "/bindings/" + url.PathEscape(v.r.PathValue("binding")) + "/stolen"
		if goal != jieling.Unlink {
			first += "?goal=" + string(goal)
		}
		v.then(first)
		return
	}
	opened, err := v.Engine.OpenCase(v.ctx(), v.by, v.idem(""), engine.NewCase{
		Account: v.by.Account, Goal: goal, Binding: jieling.BindingID(v.r.PathValue("binding")),
		Platform: v.platform(), Device: v.by.Device, Reason: reason,
	})
	if err != nil {
		v.page.Notice = v.refusal(err)
		v.openingPage(statusOf(err), goal, reason)
		return
	}
	v.then("/cases/" + string(opened.ID))
}

// showStolen offers the freeze before anything is unlinked because of a theft.
func showStolen(v *visit) {
	a, err := v.Engine.Account(v.ctx(), v.by, v.by.Account)
	if err != nil {
		v.problem(err)
		return
	}
	b, ok := bindingOf(a.Bindings, jieling.BindingID(v.r.PathValue("binding")))
	if !ok {
		nowhere(v)
		return
	}
	goal := jieling.Unlink
	if v.r.URL.Query().Get("goal") == string(jieling.Replace) {
		goal = jieling.Replace
	}
	v.show(http.StatusOK, lang.StolenTitle, func(p ui.Page) templ.Component { return ui.Stolen(p, b, goal) })
}

func statusOf(err error) int { return gate.Status(jieling.CodeOf(err)) }
