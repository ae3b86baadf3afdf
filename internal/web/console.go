package web

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// console serves a page that stands in the console's frame: the centre's ways out and the freeze have no business there.
func (p *pages) console(serve func(*visit)) http.HandlerFunc {
	return p.anybody(func(v *visit) {
		v.page.Console, v.page.Signed = true, false
		serve(v)
	})
}

// staff serves a page of the console to who works here. Whoever has no session there sees its door, also where they have one of the centre's: the
// two know nothing of one another.
func (p *pages) staff(serve func(*visit)) http.HandlerFunc {
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
			v.page.Staff = ui.Member{Name: by.Name, Role: by.Scopes[0]}
			serve(v)
		}
	})
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
