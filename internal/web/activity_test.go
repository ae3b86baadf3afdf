package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
)

// someDeeds are a sign-in on this device, a check on another, the end of a binding, and what the product did.
func someDeeds() []engine.Deed {
	qq := jieling.Binding{ID: "bnd_qq", Provider: jieling.QQ, Label: "12****4821"}
	return []engine.Deed{
		{Seq: 4, At: noon, Verb: "case.leg", Kind: engine.DeedLink, By: jieling.ActorParty, Binding: qq, Unlinked: true},
		{Seq: 3, At: noon, Verb: "case.prove", Kind: engine.DeedCheck, By: jieling.ActorPerson, Device: "dev_2", Factor: jieling.PaymentPIN},
		{Seq: 2, At: noon, Verb: "sign_in", Kind: engine.DeedSignIn, By: jieling.ActorParty, Binding: qq, Device: "dev_1"},
		{Seq: 1, At: noon, Verb: "device.add", Kind: engine.DeedGuard, By: jieling.ActorProduct},
	}
}

func TestWhatHappenedIsSaidInSentences(t *testing.T) {
	h := newHouse(t, false)
	h.deeds = someDeeds()
	for l, path := range map[lang.Lang]string{lang.ZH: "/activity", lang.EN: "/activity?lang=en"} {
		page := h.ask(path, nil, signedInAs).Body.String()
		for _, want := range []string{
			"QQ 12****4821", l.Say(lang.DeedUnlinked), l.Say(lang.ByItself), l.Say(lang.DeedPassed), l.Say(lang.PINTitle), l.Say(lang.ByDevice, "device", "B"),
			l.Say(lang.SessionBy, "name", "QQ 12****4821"), l.Say(lang.ByHere), l.Say(lang.DeedDevice), l.Say(lang.ByProduct),
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: %q is not said", l, want)
			}
		}
		if n := strings.Count(page, l.Say(lang.ActivityNotMe)+"<span"); n != 2 {
			t.Errorf("%s: %d deeds can be denied, want the sign-in and the check", l, n)
		}
	}
	page := h.ask("/activity?kind=check", nil, signedInAs).Body.String()
	if strings.Contains(page, lang.DeedUnlinked.In(lang.ZH)) || !strings.Contains(page, lang.DeedPassed.In(lang.ZH)) || !strings.Contains(page, `href="/activity?kind=check&amp;lang=en"`) {
		t.Error("the filter shows what it should not, or is lost by the language switch")
	}
	if page := h.ask("/activity?kind=guard&before=1", nil, signedInAs).Body.String(); !strings.Contains(page, lang.ActivityNone.In(lang.ZH)) || !strings.Contains(page, `id="newest"`) {
		t.Error("an empty stretch says nothing, or leads nowhere")
	}
	if w := h.ask("/activity?kind=gossip&before=-3", nil, signedInAs); w.Code != http.StatusOK {
		t.Errorf("an address that is off: %d", w.Code)
	}
	if w := h.ask("/activity", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("by nobody: %d", w.Code)
	}
}

// The centre stands when the record cannot be read.
func TestTheCentreDoesWithoutTheRecord(t *testing.T) {
	h := newHouse(t, false)
	h.unread = errors.New("down")
	if w := h.ask("/", nil, signedInAs); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), lang.ActivityUnread.In(lang.ZH)) {
		t.Errorf("%d, or it is not said", w.Code)
	}
}
