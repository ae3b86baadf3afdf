package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPages_AHoldStopsWhatIsUnderWay asks for a hold with a number, without signing in and by keyboard alone, while somebody else is
// about to confirm: they are stopped, and told why and until when. A number that is nobody's reads the same.
func TestPages_AHoldStopsWhatIsUnderWay(t *testing.T) {
	h := openHouse(t)
	thief, owner := h.visitor(t, "sun"), h.visitor(t, "sun")
	thief.withoutScripts() // a page that follows its case would be told of the hold before the button is pressed
	thief.arrive("phone", "/", "en")
	thief.submit("#handoff-go")
	thief.submit(`[data-unlink="qq"]`)
	thief.do("say why", chromedp.Click(chromedp.CSS("#reason-separate")))
	thief.submit("#unlink-go")
	thief.submit("#backup-made")
	thief.write("#pin-given", thief.who.PIN)
	thief.submit("#pin-go")
	asked := h.now().Add(-time.Second)
	owner.open("/freeze?lang=en")
	owner.types("#phone", owner.who.Phone)
	owner.strikes("#do-ask", kb.Enter)
	known := owner.text("main")
	owner.types("#given", owner.code(asked))
	owner.strikes("#do-hold", kb.Enter)
	done := owner.text("main")
	thief.confirm()
	thief.sees(`#notice[data-code="account_frozen"]`)
	thief.open("/")
	thief.sees("#standing ~ .remark.warn")

	stranger := h.visitor(t, "sun")
	stranger.open("/freeze?lang=en")
	stranger.write("#phone", "+8613900009999")
	stranger.submit("#do-ask")
	if got := stranger.text("main"); got != known {
		t.Errorf("a number that is nobody's reads %q, and one that is known %q", got, known)
	}
	stranger.write("#given", "000000")
	stranger.submit("#do-hold")
	if got := stranger.text("main"); got != done {
		t.Errorf("a code that is wrong reads %q, and the right one %q", got, done)
	}
}
