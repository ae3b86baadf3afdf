package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// health looks at the check-up of an account with little to fall back on, and of one in order.
func (r *tour) health() {
	v := r.guest("lin")
	v.arrive("phone", "/checkup", r.lang)
	v.submit("#handoff-go")
	r.see(v, "checkup", `[data-finding="one_way_in"]`)
	v = r.guest("zhao")
	(&looked{demo: r.demo, t: r.t, jl: r.jl, who: v.who}).inOrder()
	v.arrive("desk", "/checkup", r.lang)
	v.submit("#handoff-go")
	r.see(v, "checkup-good", `#verdict[data-verdict="good"]`)
}

// places looks at where an account is signed in: at one place, at several, and asked whether to end all but one.
func (r *tour) places() {
	v := r.guest("sun")
	v.arrive("phone", "/devices", r.lang)
	v.submit("#handoff-go")
	r.see(v, "devices-here-only", "#others .empty")
	desk := r.guest("sun")
	desk.arrive("desk", "/", r.lang)
	desk.submit("#handoff-go")
	v.open("/devices")
	r.see(v, "devices", "#others-ask")
	v.submit("#others-ask")
	r.see(v, "devices-others", "#do-others")
	v.submit("#do-others")
	r.see(v, "devices-others-out", `#notice[role="status"]`)
	v.submit(fmt.Sprintf(`#%s button`, "remove-"+string(v.who.Devices["desk"])))
	r.see(v, "devices-removed", `#notice[role="status"]`)
}

// record looks at what happened, at one kind of it, and at a kind of which there is nothing.
func (r *tour) record() {
	v := r.guest("lin")
	v.arrive("phone", "/activity", r.lang)
	v.submit("#handoff-go")
	r.see(v, "activity", `[data-verb="account.register"]`)
	v.submit(`.chip[href="/activity?kind=link"]`)
	r.see(v, "activity-links", `[data-verb="case.confirm"]`)
	v.open("/activity?kind=others&before=1")
	r.see(v, "activity-none", "#deeds .empty")
}

// TestPages_NotMeLeadsToTheFreeze goes from a deed that was not one's own to the freeze, and from an empty kind back.
func TestPages_NotMeLeadsToTheFreeze(t *testing.T) {
	h := openHouse(t)
	v := h.visitor(t, "lin")
	v.arrive("phone", "/activity?kind=link", "en")
	v.submit("#handoff-go")
	v.sees(`[data-verb="binding.add"]`)
	if v.has(`[data-verb="binding.add"] a`) {
		t.Error("what the product did can be denied as if it had been done in one's own name")
	}
	v.open("/activity?kind=check&before=1")
	v.sees("#deeds .empty")
	v.submit("#newest")
	v.open("/")
	v.strikes(`[data-verb="sign_in"] a`, kb.Enter)
	v.sees("#do-freeze")
}

// elsewhere signs one person in at two places, and opens the page where the first ends the second.
func elsewhere(t *testing.T) (h *house, here, there *visitor) {
	t.Helper()
	h = openHouse(t)
	here, there = h.visitor(t, "zhao"), h.visitor(t, "zhao")
	there.arrive("phone", "/", "en")
	there.submit("#handoff-go")
	here.arrive("desk", "/devices", "en")
	here.submit("#handoff-go")
	return h, here, there
}

// thrownOut sees that a visitor's session is no more.
func (v *visitor) thrownOut() {
	v.t.Helper()
	v.open("/devices")
	v.sees(`#notice[data-code="unauthenticated"]`)
}

// otherRow is the row of the session that can be ended.
const otherRow = `form[id^="end-ses_"] button`

// TestPages_AnotherSignInIsEnded ends a sign-in from another place, with the keyboard, twice over and after going back.
func TestPages_AnotherSignInIsEnded(t *testing.T) {
	_, here, there := elsewhere(t)
	id := ask[string](here, `document.querySelector('form[id^="end-ses_"]').id`)
	second := ask[string](here, `location.href`)
	here.doubled(id, "#"+id+" button")
	there.thrownOut()
	if here.has(otherRow) {
		t.Error("the sign-in that ended is still listed")
	}
	here.do("go back and press again", chromedp.Navigate(second))
	if here.has(otherRow) {
		t.Error("a page that was opened again shows what is gone")
	}
	if at := here.here(); at != here.demo.sheet.BaseURL+"/devices" {
		t.Errorf("it was asked from %s", at)
	}
}

// TestPages_EverybodyElseIsSignedOut does it by keyboard alone; the one who asked stays, however often it is pressed.
func TestPages_EverybodyElseIsSignedOut(t *testing.T) {
	h, here, there := elsewhere(t)
	tab := h.beside(here)
	tab.open("/devices/others")
	here.strikes("#others-ask", kb.Enter)
	here.strikes("#do-others", kb.Enter)
	here.sees(`#notice[role="status"]`)
	there.thrownOut()
	tab.doubled("others", "#do-others") // a page that had stood open, and a double tap
	tab.sees(`#notice[role="status"]`)
	here.do("reload", chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#others .empty")))
}

// TestPages_ARemovedDeviceIsGone removes the phone from the desk: it is thrown out and cannot be handed over from again.
func TestPages_ARemovedDeviceIsGone(t *testing.T) {
	h, here, there := elsewhere(t)
	phone := string(here.who.Devices["phone"])
	here.doubled("remove-"+phone, "#remove-"+phone+" button")
	there.thrownOut()
	v, err := h.app.engine.Account(t.Context(), bySeed, here.who.ID)
	if err != nil || len(v.Devices) != 1 || time.Time.IsZero(v.Devices[0].LastSeen) {
		t.Errorf("left are %+v (%v)", v.Devices, err)
	}
	here.open("/devices")
	if here.has("#remove-" + phone) {
		t.Error("the page still shows it")
	}
}

// TestPages_TheFreezeStaysOnTheFirstLine looks at the head of a page on the narrowest screens, in both languages.
func TestPages_TheFreezeStaysOnTheFirstLine(t *testing.T) {
	h := openHouse(t)
	v := h.visitor(t, "lin")
	v.arrive("phone", "/devices", "en")
	v.submit("#handoff-go")
	for _, lang := range []string{"en", "zh-CN"} {
		v.open("/devices?lang=" + lang)
		for _, width := range []int64{320, 360, 390} {
			v.screen(width, "light")
			if apart := ask[float64](v, `(() => {
				const middle = (e) => { const box = document.querySelector(e).getBoundingClientRect(); return box.top + box.height / 2; };
				return Math.abs(middle("#nav-freeze") - middle(".brand img"));
			})()`); apart > 4 {
				t.Errorf("%s, %d px: the freeze stands %.0f px off the line of the mark", lang, width, apart)
			}
		}
	}
}
