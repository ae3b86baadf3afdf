package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// TestPages_WithoutASessionNothingMoves sends what only its owner may ask for after the session has ended: each is turned away, says what
// to do next, and has changed nothing.
func TestPages_WithoutASessionNothingMoves(t *testing.T) {
	h := openHouse(t)
	r := h.wizard(t, "sun")
	r.stages()[0].fill(r.v)
	r.v.submit("#unlink-go")
	this := strings.TrimPrefix(r.v.here(), h.sheet.BaseURL)
	before := h.standing(t, r.v.who.ID)
	r.v.signedOut()
	for _, test := range []struct {
		path string
		form url.Values
	}{
		{"/freeze", do("freeze", "why", "theft")},
		{"/bindings/" + string(r.v.who.QQ) + "/unlink", url.Values{"reason": {string(jieling.ReasonTheft)}, "anyway": {"yes"}, "idem": {"x"}}},
		{"/devices", do("remove", "device", string(r.v.who.Devices["desk"]))},
		{"/devices/others", do("others")},
		{this, do("waive", "loss", "phone", "reason", "138")},
		{this, do("confirm", "known", "yes", "tail", "A004")},
	} {
		if got := r.v.send(test.path, test.form); got.Status != 401 || got.Code != string(jieling.CodeUnauthenticated) || got.Next == "" {
			t.Errorf("%s %v without a session is answered %+v", test.path, test.form, got)
		}
	}
	if after := h.standing(t, r.v.who.ID); after != before {
		t.Errorf("without a session something moved, from\n%s\nto\n%s", before, after)
	}
}

// TestPages_AHoldIsAskedForAndGivenOnce taps twice at both steps, reloads, and gives the code again in a second tab: one message,
// one hold, and the same words throughout.
func TestPages_AHoldIsAskedForAndGivenOnce(t *testing.T) {
	h := openHouse(t)
	v := h.visitor(t, "sun")
	asked := h.now().Add(-time.Second)
	v.open("/freeze?lang=en")
	v.fills("#phone", v.who.Phone)
	v.doubled("hold-ask", "#do-ask")
	v.fills("#phone", v.who.Phone)
	v.submit("#do-ask") // the answer to a double tap is looked at anew
	code := v.code(asked)
	v.do("send it again", chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#given")))
	if n := h.messages(t, v.who.Phone); n != 1 {
		t.Errorf("%d messages were sent", n)
	}
	tab := h.beside(v)
	tab.open("/freeze")
	tab.fills("#phone", v.who.Phone)
	tab.submit("#do-ask")
	v.fills("#given", code)
	v.doubled("hold-go", "#do-hold")
	held, err := h.app.engine.Account(t.Context(), bySeed, v.who.ID)
	if err != nil || !held.Held(h.now()) {
		t.Fatalf("held until %v (%v)", held.HeldUntil, err)
	}
	tab.fills("#given", code)
	tab.submit("#do-hold")
	tab.sees("#hold-done")
	tab.do("send it again", chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#hold-done")))
	again, err := h.app.engine.Account(t.Context(), bySeed, v.who.ID)
	if err != nil || !again.HeldUntil.Equal(held.HeldUntil) || again.Version != held.Version {
		t.Errorf("held again: until %v after %v, version %d after %d (%v)", again.HeldUntil, held.HeldUntil, again.Version, held.Version, err)
	}
}

// messages counts what a number was sent.
func (h *house) messages(t *testing.T, to string) int {
	t.Helper()
	var in struct{ Messages []struct{ Text string } }
	if err := getJSON(t.Context(), h.sheet.Sandbox[sandbox.SMS]+"/inbox/"+url.PathEscape(to), &in); err != nil {
		t.Fatal(err)
	}
	return len(in.Messages)
}

// TestPages_StolenIsAskedOnce comes to the question about a theft by reload and Back, goes on by a double tap, and freezes by one from a
// second tab: one case, one freeze, and whoever presses once more is told that nobody is signed in here.
func TestPages_StolenIsAskedOnce(t *testing.T) {
	h := openHouse(t)
	v := h.visitor(t, "zhao")
	v.arrive("desk", "/bindings/"+string(v.who.QQ)+"/unlink", "en")
	v.submit("#handoff-go")
	before := h.standing(t, v.who.ID)
	v.do("say why", chromedp.Click(chromedp.CSS("#reason-theft")))
	v.submit("#unlink-go")
	at := v.here()
	v.do("reload, back and on", chromedp.Reload(), chromedp.NavigateBack(), chromedp.NavigateForward(), chromedp.WaitVisible(chromedp.CSS("#do-freeze")))
	if after := h.standing(t, v.who.ID); after != before {
		t.Errorf("to be asked changed\n%s\nto\n%s", before, after)
	}
	tab := h.beside(v)
	tab.do("the same in a second tab", chromedp.Navigate(at), chromedp.WaitVisible(chromedp.CSS("#do-freeze")))
	v.doubled("anyway", "#stolen-anyway")
	v.sees("#step")
	a, err := h.app.engine.Account(t.Context(), bySeed, v.who.ID)
	if err != nil || len(a.Cases) != 1 || a.Frozen {
		t.Fatalf("%d cases, frozen %v (%v)", len(a.Cases), a.Frozen, err)
	}
	v.do("the question once more", chromedp.Navigate(at), chromedp.WaitVisible(chromedp.CSS("#do-freeze")))
	v.submit("#do-freeze")
	v.sees("#frozen")
	once, err := h.app.engine.Account(t.Context(), bySeed, v.who.ID)
	if err != nil || !once.Frozen || once.Epoch != a.Epoch+1 {
		t.Fatalf("frozen %v, epoch %d after %d (%v)", once.Frozen, once.Epoch, a.Epoch, err)
	}
	if status := tab.submit("#do-freeze"); status != 401 || !tab.has(`#notice[data-code="unauthenticated"]`) || !tab.has("#do-ask") {
		t.Errorf("pressed again after the freeze: %d\n%s", status, tab.text("main"))
	}
	v.do("send it again", chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("main")))
	twice, err := h.app.engine.Account(t.Context(), bySeed, v.who.ID)
	if err != nil || twice.Epoch != once.Epoch {
		t.Errorf("frozen again: epoch %d after %d (%v)", twice.Epoch, once.Epoch, err)
	}
}

// TestPages_AWaiverIsGivenOnce accepts a dangerous removal amid a lost session, reloads, Back, a double tap and a second tab.
func TestPages_AWaiverIsGivenOnce(t *testing.T) {
	h := openHouse(t)
	h.later(t, "17544h")
	r := h.wizard(t, "sun")
	r.stages()[0].fill(r.v)
	r.v.submit("#unlink-go")
	r.v.submit("#backup-declined")
	r.v.write("#pin-given", r.v.who.PIN)
	r.v.submit("#pin-go")
	before := r.version()
	s := stage{name: "waiver", form: "waiver", button: "#do-waive", fill: func(v *visitor) { v.fills("#reason", "138") }}
	r.disturbed(s)
	r.v.sees("#do-confirm")
	if got := r.version(); got != before+1 {
		t.Errorf("a waiver took the case from version %d to %d", before, got)
	}
	r.late(s)
	r.v.confirm()
	r.v.sees("#do-undo")
}
