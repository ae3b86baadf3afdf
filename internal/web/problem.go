package web

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// refusal tells an error to a person: its code, a sentence, and what to do next. Of a failure of ours nothing is told but the
// request's number, by which the log has the rest.
func (v *visit) refusal(err error) *ui.Notice {
	at := gate.VisitOf(v.ctx())
	v.Gate.Complain(at, err)
	code := jieling.CodeOf(err)
	n := &ui.Notice{Code: code, Text: v.page.Say(lang.ProblemInternal, "ref", at.ID), Means: v.page.Say(lang.Means(code)), Next: v.page.Say(lang.Next(code))}
	if v.r.Method == http.MethodGet {
		n.Means = v.page.Say(lang.MeansUnchanged)
	}
	var told *jieling.Error
	if !errors.As(err, &told) || code == jieling.CodeInternal {
		n.Code = jieling.CodeInternal
		return n
	}
	if told.After >= time.Minute {
		n.Next = v.page.Say(lang.NextWaitSpan, "span", v.page.Lang.Span(told.After))
	}
	if code == jieling.CodeNotFound && v.r.Method == http.MethodGet {
		n.Text = v.page.Say(lang.ProblemNoPage)
	} else if !told.Public.Empty() {
		n.Text = v.page.Lang.Read(told.Public)
	}
	return n
}

// problem answers with a page that says no.
func (v *visit) problem(err error) {
	status := gate.Status(jieling.CodeOf(err))
	var told *jieling.Error
	if errors.As(err, &told) && told.After > 0 {
		v.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(told.After.Seconds()))))
	}
	v.page.Notice = v.refusal(err)
	var offered []jieling.Provider
	if !v.page.Signed && !v.page.Console {
		offered = v.Providers
	}
	v.show(status, titleOf(status), func(p ui.Page) templ.Component { return ui.Problem(p, offered) })
}

// turnAway tells a person on a page why the door itself did not let them in. Nothing is known of them yet.
func (p *pages) turnAway(w http.ResponseWriter, r *http.Request, err error) {
	p.receive(w, r).problem(err)
}

func titleOf(status int) lang.Sentence {
	switch status {
	case http.StatusUnauthorized:
		return lang.ProblemSignedOut
	case http.StatusForbidden:
		return lang.ProblemForbidden
	case http.StatusNotFound:
		return lang.ProblemNotFound
	case http.StatusGone:
		return lang.ProblemGone
	case http.StatusTooManyRequests:
		return lang.ProblemBusy
	}
	return lang.ProblemTitle
}

// nowhere answers for every address that is none of ours.
func nowhere(v *visit) {
	v.problem(&jieling.Error{Code: jieling.CodeNotFound, Public: lang.ProblemNoPage.Text()})
}
