package web

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// showNotMe asks whoever holds the link of a notice whether it was them. Scanners of messages fetch links: it changes nothing.
func showNotMe(v *visit) {
	token := v.r.PathValue("token")
	n, err := v.Engine.Notice(v.ctx(), token)
	switch {
	case err != nil:
		v.problem(err)
	case !n.Alive:
		v.deadLink()
	default:
		view := ui.NotMeView{Token: token, Binding: n.Binding, At: n.RemovedAt, Undo: n.Undo, Until: n.Until, Now: n.Now}
		v.show(http.StatusOK, lang.NotMeTitle, func(p ui.Page) templ.Component { return ui.NotMe(p, view) })
	}
}

// notMe takes the removal back and freezes the account. Where this browser was signed in it is no longer.
func notMe(v *visit) {
	undone, err := v.Engine.NotMe(v.ctx(), v.r.PathValue("token"))
	if jieling.CodeOf(err) == jieling.CodeChallengeUsed {
		v.deadLink()
		return
	}
	if err != nil {
		v.problem(err)
		return
	}
	v.page.Signed, v.page.Path = false, "/"
	v.show(http.StatusOK, lang.NotMeDoneOnly, func(p ui.Page) templ.Component { return ui.NotMeDone(p, undone) })
}

// deadLink answers for every link that cannot be used, in the same words.
func (v *visit) deadLink() { v.show(http.StatusGone, lang.NotMeDead, ui.NotMeDead) }
