package web

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// showHelp reads a playbook of the pack in force out to anybody: who has lost a login cannot sign in to learn what to do.
func showHelp(v *visit) {
	b, err := v.Engine.Playbook(v.r.PathValue("playbook"))
	if err != nil {
		v.problem(err)
		return
	}
	v.page.Path = v.r.URL.EscapedPath()
	v.page.Title = v.page.Say(lang.PlaybookTitle, "title", v.page.Lang.Read(b.Title))
	v.show(http.StatusOK, lang.PlaybookRow, func(p ui.Page) templ.Component { return ui.Help(p, *b) })
}
