package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jieling-id/jieling/internal/lang"
)

// Nobody signed in: a number, then a code, and no word about what is known of either.
func TestAFreezeWithoutASessionIsAPause(t *testing.T) {
	h := newHouse(t, false)
	if w := h.ask("/freeze", nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `name="phone"`) || strings.Contains(w.Body.String(), lang.FreezeGo.In(lang.ZH)) {
		t.Errorf("asked: %d", w.Code)
	}
	w := h.ask("/freeze", url.Values{"do": {"ask"}, "phone": {"138 0000 0001"}})
	if page := w.Body.String(); w.Code != http.StatusOK || h.verbs() != "ask-hold:+8613800000001" || !strings.Contains(page, lang.HoldSent.In(lang.ZH)) || !strings.Contains(page, `name="given"`) {
		t.Errorf("a number: %d, did %q", w.Code, h.verbs())
	}
	w = h.ask("/freeze", url.Values{"do": {"hold"}, "phone": {"+8613800000001"}, "given": {" 123456 "}})
	if w.Code != http.StatusOK || !strings.HasSuffix(h.verbs(), "hold:+8613800000001/123456") || !strings.Contains(w.Body.String(), lang.HoldDone.In(lang.ZH)) {
		t.Errorf("a code: %d, did %q", w.Code, h.verbs())
	}
	if page := h.ask("/", nil).Body.String(); !strings.Contains(page, `id="nav-freeze"`) {
		t.Error("nobody who is not signed in finds it")
	}
	h = newHouse(t, false)
	if w := h.ask("/freeze", url.Values{"do": {"ask"}, "phone": {"12"}}); w.Code != http.StatusBadRequest || h.verbs() != "" {
		t.Errorf("no number: %d, did %q", w.Code, h.verbs())
	}
	if w := h.ask("/freeze", url.Values{"why": {"x"}}, signedInAs); w.Code != http.StatusOK || h.verbs() != "freeze" {
		t.Errorf("with a session: %d, did %q", w.Code, h.verbs())
	}
}
