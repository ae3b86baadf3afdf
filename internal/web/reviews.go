package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// reviewsOnPage is how many reviews of the queue stand on a page.
const reviewsOnPage = 25

// showReviews shows the queue.
func showReviews(v *visit, pack *policy.Pack) {
	page, err := v.Engine.Reviews(v.ctx(), v.by, jieling.ChallengeID(v.r.URL.Query().Get("after")), reviewsOnPage)
	if err != nil {
		v.problem(err)
		return
	}
	view := ui.ReviewsView{Last: page.Last, Now: page.Now}
	for _, r := range page.Reviews {
		view.Reviews = append(view.Reviews, reviewView(pack, r))
	}
	v.show(http.StatusOK, lang.ReviewsTitle, func(p ui.Page) templ.Component { return ui.Reviews(p, view) })
}

// reviewView words what the pack has words for.
func reviewView(pack *policy.Pack, r engine.ReviewView) ui.ReviewView {
	out := ui.ReviewView{Review: r.Review, Own: r.Own, Mine: r.Mine, Voted: r.Voted, Notes: r.Notes, Left: r.Left, Now: r.Now}
	if s := r.Situation; s != nil {
		out.Case, out.Binding, out.Signals, out.Events = s.Case, s.Binding, s.Signals, s.Events
		out.Said = pack.ValueTitle("reason", string(s.Case.Reason))
	}
	out.Called = pack.ValueTitle("declared", string(r.Scenario))
	return out
}

func (v *visit) challengeID() jieling.ChallengeID {
	return jieling.ChallengeID(v.r.PathValue("challenge"))
}

// showReview shows one review.
func showReview(v *visit, pack *policy.Pack) { v.reviewPage(pack, http.StatusOK, "") }

// reviewPage reads the review anew. A note that was not taken comes back to whoever typed it.
func (v *visit) reviewPage(pack *policy.Pack, status int, note string) {
	r, err := v.Engine.Review(v.ctx(), v.by, v.challengeID())
	if err != nil {
		v.problem(err)
		return
	}
	view := reviewView(pack, r)
	view.Note, view.Decides = note, engine.MayDo(v.by, engine.DecideReviews)
	v.page.Path = "/console/reviews/" + string(r.Challenge)
	v.page.Title = v.page.Say(lang.ReviewOne, "kind", v.page.Lang.Factor(r.Factor))
	v.show(status, lang.ReviewsTitle, func(p ui.Page) templ.Component { return ui.Review(p, view) })
}

// moveReview claims, fixes a talk, or decides.
func moveReview(v *visit, pack *policy.Pack) {
	form, id := v.r.PostForm, v.challengeID()
	var err error
	switch form.Get("do") {
	case "claim":
		_, err = v.Engine.ClaimReview(v.ctx(), v.by, engine.Idem{}, id)
	case "meet":
		at, _ := time.Parse(time.RFC3339, form.Get("at")) // what cannot be read is no time that was proposed
		_, err = v.Engine.FixMeeting(v.ctx(), v.by, v.staffIdem(), id, at, strings.TrimSpace(form.Get("link")))
	case "decide":
		verdict, reason, _ := strings.Cut(form.Get("decision"), ":")
		_, err = v.Engine.DecideReview(v.ctx(), v.by, v.staffIdem(), id, engine.ReviewVerdict{
			Verdict: jieling.Verdict(verdict), Reason: reason, Note: strings.TrimSpace(form.Get("note")), Evidence: form.Get("evidence"),
		})
	default:
		err = jieling.Invalid("do", "is not a move of a review")
	}
	if err != nil {
		v.page.Notice = v.refusal(err)
		v.reviewPage(pack, gate.Status(jieling.CodeOf(err)), form.Get("note"))
		return
	}
	v.then("/console/reviews/" + string(id))
}

// staffIdem is idem under the secret of a member's session.
func (v *visit) staffIdem() engine.Idem { return idemOf(v.Gate.StaffToken(v.r), "", v.r) }

// showEvidence serves one picture to whoever has the review, and to no cache. What a picture may really be, a browser must not guess.
func showEvidence(v *visit, _ *policy.Pack) {
	n, err := strconv.Atoi(v.r.PathValue("image"))
	if err != nil {
		v.problem(&jieling.Error{Code: jieling.CodeNotFound})
		return
	}
	content, kind, err := v.Engine.ViewEvidence(v.ctx(), v.by, v.challengeID(), n)
	if err != nil {
		v.problem(err)
		return
	}
	h := v.w.Header()
	h.Set("Content-Type", kind.Type)
	h.Set("Content-Length", strconv.Itoa(len(content)))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Disposition", "inline")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	_, _ = v.w.Write(content) // the reader has gone
}
