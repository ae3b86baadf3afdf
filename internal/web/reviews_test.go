package web

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
)

// reviewing is what the stand-in knows of reviews.
type reviewing struct {
	view    engine.ReviewView
	handed  engine.HandedIn
	verdict engine.ReviewVerdict
	link    string
}

func (h *hall) HandIn(_ context.Context, _ jieling.Actor, idem engine.Idem, in engine.HandedIn) (engine.CaseView, error) {
	h.reviews.handed = in
	return h.view, h.note("hand in", idem)
}

func (h *hall) TakeBack(_ context.Context, _ jieling.Actor, idem engine.Idem, id jieling.ChallengeID) (engine.CaseView, error) {
	return h.view, h.note("take back "+string(id), idem)
}

func (h *hall) Reviews(context.Context, jieling.Actor, jieling.ChallengeID, int) (engine.ReviewPage, error) {
	return engine.ReviewPage{Reviews: []engine.ReviewView{h.reviews.view}, Now: noon}, nil
}

func (h *hall) Review(context.Context, jieling.Actor, jieling.ChallengeID) (engine.ReviewView, error) {
	return h.reviews.view, nil
}

func (h *hall) ClaimReview(_ context.Context, _ jieling.Actor, idem engine.Idem, id jieling.ChallengeID) (engine.ReviewView, error) {
	return h.reviews.view, h.note("claim "+string(id), idem)
}

func (h *hall) ViewEvidence(_ context.Context, by jieling.Actor, _ jieling.ChallengeID, n int) ([]byte, jieling.Image, error) {
	return []byte("picture"), jieling.Image{Type: "image/png", Size: 7}, h.note("view "+by.Name, engine.Idem{})
}

func (h *hall) FixMeeting(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.ChallengeID, at time.Time, link string) (engine.ReviewView, error) {
	h.reviews.link = at.Format(time.RFC3339) + " " + link
	return h.reviews.view, h.note("meet", idem)
}

func (h *hall) DecideReview(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.ChallengeID, d engine.ReviewVerdict) (engine.ReviewView, error) {
	h.reviews.verdict = d
	return h.reviews.view, h.note("decide", idem)
}

func asReviewer(r *http.Request) {
	r.AddCookie(&http.Cookie{Name: "jieling-staff", Value: "reviewer-session"})
}

// uploads is a form with files, as a browser sends it.
func uploads(fields url.Values, images ...[]byte) func(*http.Request) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range fields {
		for _, v := range values {
			_ = w.WriteField(name, v)
		}
	}
	for _, content := range images {
		part, _ := w.CreateFormFile("image", "front.png")
		_, _ = part.Write(content)
	}
	_ = w.Close()
	return func(r *http.Request) {
		r.Method, r.Body, r.ContentLength = http.MethodPost, io.NopCloser(&body), int64(body.Len())
		r.Header.Set("Content-Type", w.FormDataContentType())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
}

// What a person hands in arrives whole: pictures of any size that is taken, the consent, times as the form asks for them.
func TestV2_TheUploadArrives(t *testing.T) {
	h := newHouse(t, false)
	fields := url.Values{"idem": {"t"}, "challenge": {"chl_1"}, "consent": {"document-1-7d"}, "slot": {"2026-11-28T10:00", ""}}
	large := bytes.Repeat([]byte{7}, 8<<20)
	w := h.ask("/cases/case_1/evidence", nil, signedInAs, uploads(fields, large, []byte("back"), nil))
	got := h.reviews.handed
	if w.Code != http.StatusSeeOther || len(got.Images) != 2 || len(got.Images[0]) != 8<<20 || string(got.Images[1]) != "back" || got.Consent != "document-1-7d" || got.Challenge != "chl_1" {
		t.Errorf("%d: %d pictures, consent %q, for %q", w.Code, len(got.Images), got.Consent, got.Challenge)
	}
	if want := time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC); len(got.Slots) != 1 || !got.Slots[0].Equal(want) {
		t.Errorf("times: %v", got.Slots)
	}
	h.ask("/cases/case_1/evidence", nil, signedInAs, uploads(fields, large, []byte("other"), nil))
	if n := len(h.idems); n != 2 || h.idems[0] == h.idems[1] {
		t.Error("another picture is the same request")
	}
}

func TestV2_UploadsAreBoundedAndOnesOwn(t *testing.T) {
	h := newHouse(t, false)
	fields := url.Values{"challenge": {"chl_1"}, "consent": {"document-1-7d"}}
	if w := h.ask("/cases/case_1/evidence", nil, uploads(fields, []byte("x"))); w.Code != http.StatusUnauthorized {
		t.Errorf("nobody: %d", w.Code)
	}
	foreign := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	if w := h.ask("/cases/case_1/evidence", nil, signedInAs, uploads(fields, []byte("x")), foreign); w.Code != http.StatusForbidden {
		t.Errorf("another site: %d", w.Code)
	}
	big := make([]byte, 9<<20)
	if w := h.ask("/cases/case_1/evidence", nil, signedInAs, uploads(fields, big, big, big, big)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("36 MiB: %d", w.Code)
	}
	if w := h.ask("/cases/case_1/evidence", url.Values{"challenge": {"chl_1"}}, signedInAs); w.Code != http.StatusBadRequest {
		t.Errorf("no upload: %d", w.Code)
	}
	if len(h.did) > 0 {
		t.Errorf("did %v", h.did)
	}
}

// A picture is for whoever reviews, comes from nowhere else, stays nowhere, and is nothing but a picture.
func TestV2_EvidenceIsServedToReviewersAlone(t *testing.T) {
	h := newHouse(t, false)
	at := "/console/reviews/chl_1/evidence/0"
	for name, edit := range map[string]func(*http.Request){"a person": signedInAs, "an operator": asStaff, "nobody": func(*http.Request) {}} {
		if w := h.ask(at, nil, edit); w.Code == http.StatusOK || strings.Contains(w.Body.String(), "picture") && w.Header().Get("Content-Type") == "image/png" {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if len(h.did) > 0 {
		t.Errorf("looked: %v", h.did)
	}
	w := h.ask(at, nil, asReviewer)
	head := w.Header()
	if w.Code != http.StatusOK || w.Body.String() != "picture" || head.Get("Content-Type") != "image/png" || head.Get("Cache-Control") != "no-store" ||
		head.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || head.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v", w.Code, head)
	}
}

func TestV2_TheConsoleDecides(t *testing.T) {
	h := newHouse(t, false)
	h.reviews.view = engine.ReviewView{
		Review: jieling.Review{
			Challenge: "chl_1", Case: "case_1", Factor: jieling.DocumentReview, State: jieling.ReviewWaiting, Images: []jieling.Image{{Type: "image/png"}},
			SubmittedAt: noon, DueAt: noon.Add(time.Hour), Risk: jieling.High, FourEyes: true, Holder: "an", HeldUntil: noon.Add(time.Minute),
			Scenario: jieling.Stolen,
		},
		Mine: true, Left: 2, Now: noon, Situation: &engine.Situation{Case: jieling.Case{ID: "case_1", Reason: jieling.ReasonTheft}},
	}
	page := h.ask("/console/reviews/chl_1", nil, asReviewer, english).Body.String()
	why, _ := casework.ReasonFor("unreadable", jieling.Refusal, jieling.DocumentReview)
	for _, want := range []string{`src="/console/reviews/chl_1/evidence/0"`, `value="refuse:unreadable"`, why.Text.ZH, why.Text.EN, `id="decide-go"`, "<dd>Stolen QQ</dd>", "<dd>Theft or the suspicion of it</dd>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	form := url.Values{"do": {"decide"}, "decision": {"refuse:unreadable"}, "note": {" blurred "}, "evidence": {"00ff"}}
	w := h.ask("/console/reviews/chl_1", form, asReviewer)
	if got := h.reviews.verdict; w.Code != http.StatusSeeOther || got != (engine.ReviewVerdict{Verdict: jieling.Refusal, Reason: "unreadable", Note: "blurred", Evidence: "00ff"}) {
		t.Errorf("%d %+v", w.Code, got)
	}
	h.refuse = jieling.Refuse(jieling.CodeStale, "材料有变化。", "It has changed.")
	w = h.ask("/console/reviews/chl_1", form, asReviewer, english)
	if page := w.Body.String(); w.Code != http.StatusConflict || !strings.Contains(page, "It has changed.") || !strings.Contains(page, "blurred") {
		t.Errorf("stale: %d, or the note is lost", w.Code)
	}
	h.refuse = nil
	h.reviews.view.Mine, h.reviews.view.Holder = false, "bo"
	page = h.ask("/console/reviews/chl_1", nil, asReviewer, english).Body.String()
	if strings.Contains(page, "evidence/0") || strings.Contains(page, `id="decide-go"`) || !strings.Contains(page, "bo is at it") {
		t.Error("somebody else's review can be looked into")
	}
	if w := h.ask("/console/reviews", nil, asReviewer); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `href="/console/reviews/chl_1"`) || !strings.Contains(w.Body.String(), "QQ 被盗") {
		t.Errorf("the queue: %d", w.Code)
	}
	if w := h.ask("/console/reviews", nil, asStaff); w.Code != http.StatusForbidden {
		t.Errorf("an operator: %d", w.Code)
	}
}
