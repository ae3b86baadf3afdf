package web

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// console serves a page that stands in the console's frame: the centre's ways out and the freeze have no business there.
func (p *pages) console(serve func(*visit)) http.HandlerFunc {
	return p.anybody(func(v *visit) {
		v.page.Console, v.page.Signed = true, false
		serve(v)
	})
}

// staff serves a page of the console to who works here and is there for its duty, with the pack in force. Whoever has no session there sees its
// door, also where they have one of the centre's: the two know nothing of one another.
func (p *pages) staff(duty engine.Duty, serve func(*visit, *policy.Pack)) http.HandlerFunc {
	return p.console(func(v *visit) {
		by, err := v.Staff.Member(v.ctx(), v.Gate.StaffToken(v.r))
		switch {
		case jieling.CodeOf(err) == jieling.CodeUnauthenticated:
			v.staffDoor(http.StatusUnauthorized, "")
		case err != nil:
			v.problem(err)
		default:
			v.by = by
			gate.VisitOf(v.ctx()).Actor = by
			v.page.Staff = memberOf(by)
			v.onDuty(duty, serve)
		}
	})
}

// rooms are the pages of the console in the order they are offered, each with what one has to be there for.
var rooms = [...]struct {
	ui.Room
	duty engine.Duty
	show func(*visit, *policy.Pack)
}{
	{ui.Room{At: "/console", Name: lang.NavPack}, engine.ReadPolicy, showPack},
	{ui.Room{At: "/console/reviews", Name: lang.NavReviews}, engine.ListReviews, showReviews},
	{ui.Room{At: "/console/proofs", Name: lang.NavProofs}, engine.ProvePolicy, showProofs},
	{ui.Room{At: "/console/explain", Name: lang.NavExplain}, engine.ExplainPolicy, showExplain},
	{ui.Room{At: "/console/simulate", Name: lang.NavSimulation}, engine.SimulatePolicy, showSimulation},
}

// memberOf is what a page says of who is signed in, and the rooms it may lead them to.
func memberOf(by jieling.Actor) ui.Member {
	m := ui.Member{Name: by.Name, Role: strings.Join(by.Scopes, " ")}
	for _, r := range rooms {
		if engine.MayDo(by, r.duty) {
			m.Rooms = append(m.Rooms, r.Room)
		}
	}
	return m
}

// onDuty opens a room, or says kindly whose it is and whom to ask.
func (v *visit) onDuty(duty engine.Duty, serve func(*visit, *policy.Pack)) {
	pack, err := v.Engine.Policy(v.by, duty)
	if jieling.CodeOf(err) == jieling.CodeForbidden {
		v.notTheirs(duty, err)
		return
	}
	if err != nil {
		v.problem(err)
		return
	}
	serve(v, pack)
}

// notTheirs names the roles that a room is for, and who has them.
func (v *visit) notTheirs(duty engine.Duty, err error) {
	roles := engine.Holders(duty)
	names, unknown := v.Staff.Named(v.ctx(), roles)
	if unknown != nil {
		v.problem(unknown)
		return
	}
	n := v.refusal(err)
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = v.page.Say(lang.Role(string(r)))
	}
	n.Text = v.page.Say(lang.ConsoleNotYours, "roles", v.page.Listed(words), "role", v.page.Say(lang.Role(v.page.Staff.Role)))
	n.Means, n.Next = v.page.Say(lang.MeansUnchanged), v.page.Say(lang.ConsoleAskNobody)
	if len(names) > 0 {
		n.Next = v.page.Say(lang.ConsoleAsk, "names", v.page.Listed(names))
	}
	v.page.Notice, v.page.Path = n, "/console"
	v.show(http.StatusForbidden, lang.ProblemForbidden, func(p ui.Page) templ.Component { return ui.NotTheirs(p) })
}

// staffDoor shows where staff sign in. A page that was asked for by somebody without a session is its address, not a failure:
// at the front page it is a plain answer.
func (v *visit) staffDoor(status int, name string) {
	if v.r.Method == http.MethodGet && v.r.URL.Path == "/console" {
		status = http.StatusOK
	}
	v.page.Staff, v.page.Path = ui.Member{}, "/console"
	v.show(status, lang.ConsoleSignIn, func(p ui.Page) templ.Component { return ui.ConsoleSignIn(p, name) })
}

// staffSignIn opens a session of staff.
func staffSignIn(v *visit) {
	given := gate.Credentials{Name: v.r.PostForm.Get("name"), Password: v.r.PostForm.Get("password"), Code: v.r.PostForm.Get("code")}
	token, err := v.Staff.SignIn(v.ctx(), given)
	if jieling.CodeOf(err) == jieling.CodeUnauthenticated {
		v.page.Notice = v.refusal(err)
		v.page.Notice.Means, v.page.Notice.Next = v.page.Say(lang.ConsoleMeans), v.page.Say(lang.ConsoleNext)
		v.staffDoor(http.StatusUnauthorized, given.Name)
		return
	}
	if err != nil {
		v.problem(err)
		return
	}
	v.Gate.StaffIn(v.w, token)
	v.then("/console")
}

// staffSignOut ends it.
func staffSignOut(v *visit) {
	if err := v.Staff.SignOut(v.ctx(), v.Gate.StaffToken(v.r)); err != nil {
		v.problem(err)
		return
	}
	v.Gate.StaffOut(v.w)
	v.page.Notice = &ui.Notice{Text: v.page.Say(lang.ConsoleOut)}
	v.staffDoor(http.StatusOK, "")
}
