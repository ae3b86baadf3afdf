package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
)

func TestH7_EachButtonOfTheSettingsDoesItsOne(t *testing.T) {
	for _, tt := range []struct {
		path string
		form url.Values
		did  string
		to   string
	}{
		{"/settings", url.Values{"do": {"lock"}}, "settings:lock=true", "/settings?done=change"},
		{"/settings", url.Values{"do": {"unlock"}}, "settings:lock=false", "/settings?done=change"},
		{"/settings", url.Values{"do": {"list"}, "named": {"dev_1", "dev_2"}}, "settings:list=true[dev_1 dev_2]", "/settings?done=change"},
		{"/settings", url.Values{"do": {"list"}}, "settings:list=true[]", "/settings?done=change"},
		{"/settings", url.Values{"do": {"anywhere"}}, "settings:list=false", "/settings?done=change"},
		{"/settings", url.Values{"do": {"remind"}}, "settings:remind=true", "/settings?done=change"},
		{"/settings", url.Values{"do": {"silence"}}, "settings:remind=false", "/settings?done=change"},
		{"/settings", url.Values{"do": {"off"}, "participant": {"friends"}, "switch": {"find"}}, "switch:friends/find=false", "/settings?done=switch#switches"},
		{"/settings", url.Values{"do": {"not_mine"}, "participant": {"pay"}, "bill": {"b1"}}, "bill:pay/b1=not_mine", "/settings?done=change#bills"},
		{"/devices", url.Values{"do": {"rename"}, "device": {"dev_2"}, "name": {" Desk "}}, "device:dev_2:name=Desk", "/devices?done=change"},
		{"/devices", url.Values{"do": {"trust"}, "device": {"dev_2"}, "name": {"x"}}, "device:dev_2:trusted=true", "/devices?done=change"},
		{"/devices", url.Values{"do": {"distrust"}, "device": {"dev_2"}}, "device:dev_2:trusted=false", "/devices?done=change"},
		{"/devices", url.Values{"do": {"lose"}, "device": {"dev_2"}}, "device:dev_2:lost=true", "/devices?done=change"},
		{"/devices", url.Values{"do": {"find"}, "device": {"dev_2"}}, "device:dev_2:lost=false", "/devices?done=change"},
		{"/devices", url.Values{"do": {"review"}}, "review", "/devices?done=review"},
		{"/cases/case_1", url.Values{"do": {"aside"}, "card": {"bills"}}, "aside:case_1/bills", "/cases/case_1"},
	} {
		h := newHouse(t, false)
		if w := h.ask(tt.path, tt.form, signedInAs); w.Code != http.StatusSeeOther || w.Header().Get("Location") != tt.to || h.verbs() != tt.did {
			t.Errorf("%v: %d to %q, did %q", tt.form, w.Code, w.Header().Get("Location"), h.verbs())
		}
		if w := h.ask(tt.path, tt.form); w.Code != http.StatusUnauthorized {
			t.Errorf("%v by nobody: %d", tt.form, w.Code)
		}
		h.refuse = jieling.Refuse(jieling.CodeGuarded, "保护期内。", "Guarded.")
		if w := h.ask(tt.path, tt.form, signedInAs); w.Code != http.StatusLocked || !strings.Contains(w.Body.String(), lang.NextGuarded.In(lang.ZH)) {
			t.Errorf("%v refused: %d", tt.form, w.Code)
		}
	}
	h := newHouse(t, false)
	if w := h.ask("/settings", url.Values{"do": {"dance"}}, signedInAs); w.Code != http.StatusBadRequest || h.verbs() != "" {
		t.Errorf("an unknown button: %d, did %q", w.Code, h.verbs())
	}
}

// What asks for a fresh proof is asked for it without losing what was filled in, with and without scripts.
func TestH7_AProofIsAskedForAndTheChangeCarriedAlong(t *testing.T) {
	h := newHouse(t, false)
	h.exact = true
	change := url.Values{"do": {"list"}, "named": {"dev_1", "dev_2"}}
	carried := func(page string) bool {
		return strings.Contains(page, `name="do" value="list"`) && strings.Contains(page, `name="named" value="dev_1"`) && strings.Contains(page, `name="named" value="dev_2"`)
	}
	w := h.ask("/settings", change, signedInAs)
	if page := w.Body.String(); w.Code != http.StatusOK || !carried(page) || !strings.Contains(page, `id="prove-payment_pin"`) {
		t.Fatalf("asked: %d", w.Code)
	}
	change.Set("factor", "payment_pin")
	w = h.ask("/settings", change, signedInAs)
	if page := w.Body.String(); !carried(page) || !strings.Contains(page, `name="challenge" value="chl_fresh"`) || !strings.Contains(page, `id="proof-given"`) {
		t.Fatalf("the question: %d", w.Code)
	}
	change.Del("factor")
	change.Set("challenge", "chl_fresh")
	change.Set("given", "204816")
	h.refuse = jieling.Refuse(jieling.CodeWrongAnswer, "不正确。", "Wrong.")
	w = h.ask("/settings", change, signedInAs)
	if page := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !carried(page) || strings.Contains(page, "204816") {
		t.Errorf("a wrong answer: %d", w.Code)
	}
	h.refuse = nil
	if w := h.ask("/settings", change, signedInAs); w.Code != http.StatusSeeOther || string(h.given) != "204816" {
		t.Errorf("a right one: %d, given %q", w.Code, h.given)
	}
}

func TestH1_SwitchesAndSilenceAreShown(t *testing.T) {
	h := newHouse(t, false)
	h.care = engine.Care{
		Switches: []engine.SwitchView{
			{Switch: jieling.Switch{ID: "find", Participant: "friends", On: true, Title: jieling.Text{ZH: "找到我", EN: "Find me"}}, Of: jieling.Text{ZH: "好友", EN: "Friends"}},
			{Switch: jieling.Switch{ID: "bikes", Participant: "pay", On: true, OneWay: true}, Asked: true},
			{Switch: jieling.Switch{ID: "gone", Participant: "pay", OneWay: true}},
		},
		Bills:  []engine.BillView{{Bill: jieling.Bill{ID: "b1", Participant: "pay", Amount: 64800, Currency: "CNY", At: noon}, Judge: engine.BillAlien}},
		Silent: []jieling.Text{{ZH: "游戏", EN: "The game"}},
	}
	page := h.ask("/settings", nil, signedInAs).Body.String()
	for _, want := range []string{`id="switch-off-find"`, lang.SwitchGoingOff.In(lang.ZH), "游戏没有回应", "¥648.00", `id="bills-freeze"`, `id="do-lock"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, not := range []string{`id="switch-off-bikes"`, `id="switch-on-gone"`, `value="mine"`} {
		if strings.Contains(page, not) {
			t.Errorf("there is %s", not)
		}
	}
}
