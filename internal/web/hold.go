package web

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// holdPage is the freeze for whoever is not signed in. phone is "" at the beginning.
func (v *visit) holdPage(status int, phone string) {
	view := ui.HoldView{Phone: phone, Offered: v.Providers}
	v.show(status, lang.HoldTitle, func(p ui.Page) templ.Component { return ui.Hold(p, view) })
}

// hold asks for a code, or gives it. What is answered depends on what was typed and on nothing that is known of it.
func (v *visit) hold() {
	form := v.r.PostForm
	phone, ok := number(form.Get("phone"))
	if !ok {
		v.page.Notice = v.refusal(&jieling.Error{Code: jieling.CodeInvalid, Public: lang.ReplaceMalformed.Text()})
		v.holdPage(http.StatusBadRequest, "")
		return
	}
	var err error
	if form.Get("do") == "hold" {
		if err = v.Engine.Hold(v.ctx(), phone, strings.TrimSpace(form.Get("given"))); err == nil {
			v.show(http.StatusOK, lang.HoldDone, ui.HoldDone)
			return
		}
	} else if err = v.Engine.AskHold(v.ctx(), phone, string(v.page.Lang)); err == nil {
		v.holdPage(http.StatusOK, phone)
		return
	}
	v.problem(err)
}
