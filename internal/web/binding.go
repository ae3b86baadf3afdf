package web

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// showBinding shows one sign-in method. The participants are asked anew each time: what hangs on it is never older than the
// page (I6).
func showBinding(v *visit) {
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
	view := ui.BindingView{Home: v.homeView(a), Binding: b, Plan: v.plan(jieling.Unlink, b.ID, jieling.ReasonOther, v.platform(), "")}
	v.page.Title = v.page.Name(b)
	v.show(http.StatusOK, lang.HomeMethods, func(p ui.Page) templ.Component { return ui.Binding(p, view) })
}

// bindingOf finds a sign-in method that is not removed.
func bindingOf(all []jieling.Binding, id jieling.BindingID) (jieling.Binding, bool) {
	i := slices.IndexFunc(all, func(b jieling.Binding) bool { return b.ID == id && b.State != jieling.BindingRemoved })
	if i < 0 {
		return jieling.Binding{}, false
	}
	return all[i], true
}
