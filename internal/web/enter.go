package web

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// showHandoff shows the entrance from the product's app. The ticket is not looked at: whoever fetches this learns nothing.
func showHandoff(v *visit) {
	ticket := v.r.URL.Query().Get("token")
	v.show(http.StatusOK, lang.HandoffTitle, func(p ui.Page) templ.Component { return ui.Handoff(p, ticket) })
}

// redeem uses the ticket up.
func redeem(v *visit) {
	in, err := v.Engine.Redeem(v.ctx(), v.r.PostForm.Get("token"), v.address())
	if err != nil {
		v.problem(err)
		return
	}
	v.enter(in)
}

// enter gives the browser its session and sends it where it was going, on our own site and nowhere else.
func (v *visit) enter(in engine.SignedIn) {
	v.Gate.SignIn(v.w, in.Token, in.Expires)
	next := in.Next
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		next = "/"
	}
	v.then(next)
}

// address is where the visitor is, for the signals of their sign-in.
func (v *visit) address() string { return gate.VisitOf(v.ctx()).From() }

const (
	stateCookie = "jieling-signin"
	stateLife   = 10 * time.Minute
)

// signIn sends the person to their provider, with a state that only this browser can bring back.
func signIn(v *visit) {
	provider, state := jieling.Provider(v.r.PathValue("provider")), token()
	to, err := v.Engine.SignInURL(provider, state, strings.Contains(v.r.UserAgent(), "wxwork"))
	if err != nil {
		v.problem(err)
		return
	}
	v.remember(stateCookie, string(provider)+"."+state, stateLife)
	http.Redirect(v.w, v.r, to, http.StatusFound)
}

// signedIn takes the person back from their provider (RFC 6749, 4.1.2). A state that this browser did not begin with means
// that somebody else did (10.12).
func signedIn(v *visit) {
	provider, q := jieling.Provider(v.r.PathValue("provider")), v.r.URL.Query()
	begun := v.recall(stateCookie)
	if subtle.ConstantTimeCompare([]byte(begun), []byte(string(provider)+"."+q.Get("state"))) != 1 {
		v.problem(&jieling.Error{Code: jieling.CodeForbidden, Public: lang.SignInForeign.Text()})
		return
	}
	if q.Get("code") == "" {
		v.problem(&jieling.Error{Code: jieling.CodeUnauthenticated, Public: jieling.Text{
			ZH: lang.ZH.Say(lang.SignInDenied, "name", lang.ZH.Provider(provider)),
			EN: lang.EN.Say(lang.SignInDenied, "name", lang.EN.Provider(provider)),
		}})
		return
	}
	in, err := v.Engine.SignIn(v.ctx(), provider, q.Get("code"), platformOf(v.r.UserAgent()), v.address())
	if err != nil {
		v.problem(err)
		return
	}
	v.enter(in)
}

// platformOf reads what a browser says of itself. It is a claim and proves nothing; it chooses which row of the policy a
// person starts on, and every row has to be met.
func platformOf(agent string) jieling.Platform {
	switch {
	case strings.Contains(agent, "Android"):
		return jieling.Android
	case strings.Contains(agent, "iPhone"), strings.Contains(agent, "iPad"):
		return jieling.IOS
	}
	return jieling.Web
}

// signOut ends the session.
func signOut(v *visit) {
	if err := v.Engine.SignOut(v.ctx(), v.Gate.SessionToken(v.r)); err != nil {
		v.problem(err)
		return
	}
	v.Gate.SignOut(v.w)
	v.page.Signed = false
	v.page.Notice = &ui.Notice{Text: v.page.Say(lang.SignedOut)}
	v.page.Path = "/"
	v.show(http.StatusOK, lang.SignInTitle, func(p ui.Page) templ.Component { return ui.SignIn(p, v.Providers) })
}
