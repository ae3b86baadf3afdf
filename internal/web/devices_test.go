package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/store"
)

func TestWhereTheAccountIsSignedIn(t *testing.T) {
	h := newHouse(t, false)
	h.sessions = []store.Session{
		{ID: "ses_session", Device: "dev_1", Platform: jieling.IOS, ExpiresAt: noon.Add(time.Hour)},
		{ID: "ses_other", Device: "dev_2", Platform: jieling.Web, ExpiresAt: noon.Add(time.Hour)},
	}
	page := h.ask("/devices", nil, signedInAs).Body.String()
	for _, want := range []string{lang.SessionHere.In(lang.ZH), `id="end-ses_other"`, `id="others-ask"`, lang.SessionsElsewhere.In(lang.ZH)} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(page, `id="end-ses_session"`) {
		t.Error("the session that looks can be ended as if it were another's")
	}
	h.sessions = h.sessions[:1]
	if page := h.ask("/devices", nil, signedInAs).Body.String(); strings.Contains(page, `id="others-ask"`) || !strings.Contains(page, lang.SessionOnlyHere.In(lang.ZH)) {
		t.Error("with nobody else signed in, everybody else can be signed out")
	}
}

func TestEachButtonOfTheDevicesDoesItsOne(t *testing.T) {
	for _, tt := range []struct {
		path string
		form url.Values
		did  string
		to   string
	}{
		{"/devices", url.Values{"do": {"end"}, "session": {"ses_2"}}, "end:ses_2", "/devices?done=end"},
		{"/devices", url.Values{"do": {"remove"}, "device": {"dev_2"}}, "remove:dev_2", "/devices?done=remove"},
		{"/devices/others", url.Values{"do": {"others"}}, "end-others", "/devices?done=others"},
	} {
		h := newHouse(t, false)
		if w := h.ask(tt.path, tt.form, signedInAs); w.Code != http.StatusSeeOther || w.Header().Get("Location") != tt.to || h.verbs() != tt.did {
			t.Errorf("%v: %d to %q, did %q", tt.form, w.Code, w.Header().Get("Location"), h.verbs())
		}
		h.refuse = jieling.Refuse(jieling.CodeFrozen, "已冻结。", "Frozen.")
		w := h.ask(tt.path, tt.form, signedInAs)
		if page := w.Body.String(); w.Code != http.StatusLocked || !strings.Contains(page, `data-code="account_frozen"`) || !strings.Contains(page, lang.NextThaw.In(lang.ZH)) {
			t.Errorf("%v refused: %d", tt.form, w.Code)
		}
		if w := h.ask(tt.path, tt.form); w.Code != http.StatusUnauthorized {
			t.Errorf("%v by nobody: %d", tt.form, w.Code)
		}
	}
	h := newHouse(t, false)
	if w := h.ask("/devices", url.Values{"do": {"dance"}}, signedInAs); w.Code != http.StatusBadRequest || h.verbs() != "" {
		t.Errorf("an unknown button: %d, did %q", w.Code, h.verbs())
	}
}

func TestWhatHasBeenDoneIsSaid(t *testing.T) {
	h := newHouse(t, false)
	for done, want := range map[string]lang.Sentence{"end": lang.SessionEnded, "remove": lang.DeviceRemoved, "others": lang.OthersOut} {
		if page := h.ask("/devices?done="+done, nil, signedInAs).Body.String(); !strings.Contains(page, want.In(lang.ZH)) {
			t.Errorf("after %s nothing is said of it", done)
		}
	}
	if page := h.ask("/devices?done=%3Cb%3E", nil, signedInAs).Body.String(); strings.Contains(page, `id="notice"`) {
		t.Error("something is said to be done that nobody did")
	}
}
