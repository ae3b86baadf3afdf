package main

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

// TestV3_AMemberAndTheirAdministratorInABrowser: the member begins on their phone and asks, the administrator decides at /org, the certification is
// looked at live, and the removal goes through. Until the decision the member comes no further (V6).
func TestV3_AMemberAndTheirAdministratorInABrowser(t *testing.T) {
	h := openHouse(t)
	member, admin := h.visitor(t, "zhou"), h.visitor(t, "wu")
	member.arrive("phone", "/", "zh-CN")
	member.press("#handoff-go", `[data-unlink="wecom"]`)
	member.press(`[data-unlink="wecom"]`, "#unlink-go")
	member.press("#reason-organisation", "#unlink-go")
	member.press("#unlink-go", "#impact")
	if member.has("#backup-declined") {
		member.press("#backup-declined", "#pin-given")
	}
	member.write("#pin-given", member.who.PIN)
	member.press("#pin-go", "#challenge-admin_approval")
	member.press("#look-go-enterprise_certification", `[data-factor="enterprise_certification"].passed`)
	member.press("#challenge-admin_approval", `#factor-admin_approval .remark`)
	if member.has("#do-confirm") {
		t.Fatal("the member may confirm alone")
	}

	admin.arrive("phone", "/", "en")
	admin.press("#handoff-go", "#office")
	admin.press(`#office a`, "#requests")
	admin.press(`#requests a.button`, "#decide")
	if admin.has(`[id^="bnd_"]`) {
		t.Error("an administrator sees a personal login")
	}
	admin.write("#decision-reason", "handed over to the team")
	admin.write("#decision-pin", admin.who.PIN)
	admin.press("#do-approve", "#requests .empty")

	member.do("look again", chromedp.Navigate(member.here()))
	member.sees("#do-confirm")
	member.acknowledge()
	member.submit("#do-confirm")
	member.calm()
	a, err := h.app.engine.Account(t.Context(), bySeed, member.who.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range a.Bindings {
		if b.Provider == jieling.WeCom && b.State != jieling.BindingRemoved {
			c, err := h.app.engine.Case(t.Context(), bySeed, a.Cases[0].ID)
			t.Errorf("WeCom is still linked: %s, the case is %s, %v", b.State, c.Stage, err)
		}
	}
	deeds, err := h.app.engine.Activity(t.Context(), bySeed, member.who.ID, engine.DeedOthers, 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range deeds.Deeds {
		if d.Verb == "organisation.decide" {
			return
		}
	}
	t.Error("the member's record does not tell of the decision")
}
