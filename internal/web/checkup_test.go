package web

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/lang"
)

// Every card leads to a place of ours that deals with it, and says why it matters; nothing on the page is a percentage.
func TestH7_EveryCardLeadsSomewhere(t *testing.T) {
	places := map[aftercare.Finding]string{
		aftercare.Frozen: "/activity?kind=guard", aftercare.NoWayIn: "/#methods", aftercare.UnknownSignIn: "/devices#elsewhere", aftercare.SIMSwapped: "/freeze", aftercare.OneWayIn: "/#access",
		aftercare.ResidueStands: "/cases/case_1", aftercare.GrantStands: "/cases/case_1", aftercare.NoStrongFactor: "/devices/enrol",
		aftercare.PhoneStale: "/bindings/bnd_qq", aftercare.WaySuspended: "/bindings/bnd_qq", aftercare.DeviceUnused: "/devices#dev_1",
	}
	for finding, place := range places {
		h := newHouse(t, false)
		h.check = aftercare.CheckUp{
			Verdict: aftercare.Urgent, More: 3, Unchecked: []aftercare.Unchecked{aftercare.Dependents},
			Cards: []aftercare.Card{{Finding: finding, Verdict: aftercare.Advised, Binding: "bnd_qq", Device: "dev_1", Case: "case_1", Count: 2}},
		}
		for _, l := range lang.Langs {
			page := h.ask("/checkup?lang="+string(l), nil, signedInAs).Body.String()
			page = html.UnescapeString(page)
			name, why, do := lang.Found(string(finding))
			for _, want := range []string{
				`href="` + place + `"`, l.Say(name, "n", "2"), l.Say(why), l.Say(do), l.Say(lang.CheckUrgent), l.Say(lang.CheckAdvised), l.Say(lang.CheckMore, "n", "3"),
				l.Say(lang.UncheckedServices),
			} {
				if !strings.Contains(page, want) {
					t.Errorf("%s, %s: no %q", finding, l, want)
				}
			}
			if strings.Contains(page, "%") {
				t.Errorf("%s: a percentage", finding)
			}
		}
		if page := h.ask("/", nil, signedInAs).Body.String(); !strings.Contains(page, `href="/checkup"`) || !strings.Contains(page, lang.CheckUrgent.In(lang.ZH)) {
			t.Errorf("%s: the centre does not say how the account stands", finding)
		}
	}
}

func TestACheckUpThatFindsNothingSaysSo(t *testing.T) {
	h := newHouse(t, false)
	h.check = aftercare.CheckUp{Verdict: aftercare.Good, Unchecked: []aftercare.Unchecked{aftercare.PhoneAge}}
	page := h.ask("/checkup", nil, signedInAs).Body.String()
	if !strings.Contains(page, lang.CheckGood.In(lang.ZH)) || !strings.Contains(page, lang.CheckNothing.In(lang.ZH)) || !strings.Contains(page, lang.UncheckedPhone.In(lang.ZH)) {
		t.Error("it does not say that nothing was found, or what was not looked at")
	}
	if w := h.ask("/checkup", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("by nobody: %d", w.Code)
	}
}
