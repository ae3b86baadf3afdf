package main

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// stop is where the keyboard's focus is, and whether a person can see it there.
type stop struct {
	Here  bool   `json:"here"`  // at what was looked for
	What  string `json:"what"`  // the element, for people
	Shown bool   `json:"shown"` // with an outline or a shadow, its own or its label's
	Seen  bool   `json:"seen"`  // inside the window
}

const whereFocusIs = `((wanted) => {
	const at = document.activeElement, box = at.getBoundingClientRect();
	const marked = (e) => { const s = getComputedStyle(e); return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none"; };
	return {here: at.matches(wanted), what: at.cloneNode(false).outerHTML.slice(0, 160), seen: box.bottom > 0 && box.top < innerHeight,
		shown: at === document.body || [at, at.closest("label")].some((e) => e && marked(e))};
})(%s)`

// tab presses Tab until the focus is at a control. Wherever it stops on the way, it must be seen.
func (v *visitor) tab(to string) {
	v.t.Helper()
	v.calm()
	quoted, _ := json.Marshal(to)
	for range 100 {
		v.do("press Tab", chromedp.KeyEvent(kb.Tab))
		at := ask[stop](v, fmt.Sprintf(whereFocusIs, quoted))
		if !at.Shown || !at.Seen {
			v.t.Errorf("at %s the focus cannot be seen (marked: %t, in the window: %t): %s", v.here(), at.Shown, at.Seen, at.What)
		}
		if at.Here {
			return
		}
	}
	v.t.Fatalf("at %s, Tab does not lead to %s", v.here(), to)
}

// types tabs to a field and fills it in.
func (v *visitor) types(field, text string) {
	v.t.Helper()
	v.tab(field)
	v.do("type", chromedp.KeyEvent(text))
}

// strikes tabs to a button or a link and presses a key on it, which leads to another page.
func (v *visitor) strikes(button, key string) {
	v.t.Helper()
	v.tab(button)
	v.load("strike "+button, chromedp.KeyEvent(key))
}

// TestPages_TheKeyboardAloneFinishes unlinks QQ on Android with Tab, Space, Enter and digits (WCAG 2.1.1, 2.4.7, 2.4.11).
func TestPages_TheKeyboardAloneFinishes(t *testing.T) {
	h := openHouse(t)
	v := h.visitor(t, "lin")
	v.arrive("phone", "/", "zh-CN")
	v.strikes("#handoff-go", kb.Enter)
	v.strikes(`[data-unlink="qq"]`, kb.Enter)
	v.tab("#reason-privacy")
	v.do("choose", chromedp.KeyEvent(" "))
	v.strikes("#unlink-go", kb.Enter)
	asked := h.now().Add(-time.Second)
	v.types("#phone", v.who.Phone)
	v.strikes("#do-replace", " ")
	v.types("#sms-given", v.code(asked))
	v.load("submit by Enter in the field", chromedp.KeyEvent(kb.Enter))
	v.strikes("#backup-declined", kb.Enter)
	v.types("#pin-given", v.who.PIN)
	v.strikes("#pin-go", kb.Enter)
	if v.has("#known") {
		v.tab("#known")
		v.do("tick", chromedp.KeyEvent(" "))
		v.types("#tail", v.tail())
	}
	v.strikes("#do-confirm", kb.Enter)
	v.sees("#residues")
	v.strikes("#clean-real-name button", kb.Enter)
	v.do("see it cleared", chromedp.WaitNotPresent(chromedp.CSS("#residues")))
	v.gone()
}
