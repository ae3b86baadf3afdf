package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/jieling-id/jieling/internal/lang"
)

func TestTheLinkOfANoticeActsByItsButtonAlone(t *testing.T) {
	h := newHouse(t, false)
	w := h.ask("/u/good", nil)
	if page := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(page, "12****4821") || !strings.Contains(page, lang.NotMeGo.In(lang.ZH)) || h.verbs() != "" {
		t.Fatalf("GET: %d, did %q", w.Code, h.verbs())
	}
	w = h.ask("/u/good", url.Values{})
	if page := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(page, lang.NotMeDone.In(lang.ZH)) || h.verbs() != "not-me" {
		t.Errorf("POST: %d, did %q", w.Code, h.verbs())
	}
	if c := w.Result().Cookies(); len(c) != 0 {
		t.Errorf("it opens a session, or leaves something: %v", c)
	}
	if page := h.ask("/u/theft", nil).Body.String(); strings.Contains(page, lang.NotMeGo.In(lang.ZH)) || !strings.Contains(page, lang.NotMeGoOnly.In(lang.ZH)) {
		t.Error("where the login may be a thief's it is offered back")
	}
}

var nonce = regexp.MustCompile(`nonce="[^"]*"`)

// Whatever is wrong with a link, the answer is the same, byte for byte but for the nonce and the form's token.
func TestADeadLinkTellsNothing(t *testing.T) {
	for _, form := range []url.Values{nil, {}} {
		var first string
		for _, token := range []string{"used", "never-was", strings.Repeat("x", 300)} {
			h := newHouse(t, false)
			w := h.ask("/u/"+token, form)
			page := nonce.ReplaceAllString(strings.ReplaceAll(w.Body.String(), token, "TOKEN"), "")
			if w.Code != http.StatusGone || h.verbs() != "" || !strings.Contains(page, lang.NotMeDead.In(lang.ZH)) || !strings.Contains(page, `href="/freeze"`) {
				t.Errorf("%.10s: %d, did %q", token, w.Code, h.verbs())
			}
			if first == "" {
				first = page
			}
			if page != first {
				t.Errorf("%.10s is answered otherwise than another", token)
			}
		}
	}
}
