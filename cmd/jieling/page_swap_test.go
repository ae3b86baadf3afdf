package main

import (
	"testing"

	"github.com/chromedp/chromedp"

	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// S16 in a browser: somebody replaces the mailbox on their account. They give the new one, it answers a code, both work for a day, then
// the old one is gone and the new one stays.
func TestS16_AMailboxIsReplacedInABrowser(t *testing.T) {
	h := openHouse(t)
	v := h.visitor(t, "lin")
	before, after := "lin@"+sandbox.FarDomain, "lin@"+sandbox.NearDomain
	old, err := h.jl.AddBinding(t.Context(), &sdk.NewBinding{Provider: "email", Subject: before}, sdk.AddBindingParams{
		Account: sdk.AccountID(v.who.ID), IdempotencyKey: sdk.NewKey(),
	})
	if err != nil {
		t.Fatal(err)
	}
	v.arrive("phone", "/bindings/"+string(old.ID), "zh-CN")
	v.press("#handoff-go", "#replace-it")
	v.press("#replace-it", "#unlink-go")
	v.press("#reason-other", "#unlink-go")
	v.press("#unlink-go", "#mailbox")
	if v.has("#phone") {
		t.Error("a number is asked for in a mailbox's place")
	}
	v.write("#mailbox", after)
	v.press(`#replace-mail button[value="replace"]`, "#mail-given")
	v.write("#mail-given", h.letter(t, after))
	v.press("#mail-go", "#backup-declined")
	v.press("#backup-declined", "#pin-given")
	v.write("#pin-given", v.who.PIN)
	v.press("#pin-go", "#do-confirm")
	v.confirm()
	id := h.theCase(v).ID
	h.later(t, "25h")
	v.arrive("phone", "/cases/"+string(id), "zh-CN")
	v.press("#handoff-go", "#step")
	v.looksUntil("#truths")
	v.do("the centre", chromedp.Navigate(h.sheet.BaseURL+"/"), chromedp.WaitVisible(chromedp.CSS("#methods")))
	if v.has(`#methods [href="/bindings/` + string(old.ID) + `"]`) {
		t.Errorf("the old mailbox is still there:\n%s", v.text("#methods"))
	}
	for address, want := range map[string]string{before: "unknown", after: "allow"} {
		r, err := h.jl.Resolve(t.Context(), &sdk.ResolveQuery{Provider: "email", Subject: address})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(r.Outcome); got != want && (want != "allow" || got != "step_up") { // it is guarded for a day
			t.Errorf("%s: %s", address, got)
		}
	}
}
