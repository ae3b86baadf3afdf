package main

import (
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// V2 on the web, in a browser: somebody whose QQ was stolen proves what is asked, answers a mail, freezes the account for the case, and
// unlinks. While it is frozen their own number opens nothing; once the login is gone it is open again.
func TestV2_AStolenLoginIsUnlinkedOnTheWeb(t *testing.T) {
	h := openHouse(t)
	v := h.visitor(t, "zhao")
	mailbox := "zhao@" + sandbox.NearDomain
	if _, err := h.jl.AddBinding(t.Context(), &sdk.NewBinding{Provider: "email", Subject: mailbox}, sdk.AddBindingParams{
		Account: sdk.AccountID(v.who.ID), IdempotencyKey: sdk.NewKey(),
	}); err != nil {
		t.Fatal(err)
	}
	v.arrive("desk", "/", "zh-CN")
	v.press("#handoff-go", `[data-unlink="qq"]`)
	v.press(`[data-unlink="qq"]`, "#unlink-go")
	v.press("#reason-theft", "#unlink-go")
	v.press("#unlink-go", "#stolen-anyway")
	v.press("#stolen-anyway", "#do-step-done")
	v.press("#do-step-done", "#backup-declined") // QQ was never asked for anything here, so their word counts
	v.press("#backup-declined", "#challenge-sms_code")
	if v.has("#freeze-case-go") {
		t.Error("the account can be frozen before anything is proven")
	}
	asked := h.now().Add(-time.Second)
	v.press("#challenge-sms_code", "#sms-given")
	v.write("#sms-given", v.code(asked))
	v.press("#sms-go", "#challenge-qr_approval")
	v.press("#challenge-qr_approval", "#qr-number")
	v.approveOnPhone()
	v.do("back at the desk", chromedp.Navigate(v.here()))
	v.press("#challenge-face", "#face-open")
	v.press("#face-open", `button[value="pass"]`)
	v.press(`button[value="pass"]`, "#face-go")
	v.press("#face-go", "#challenge-email_code")
	v.press("#challenge-email_code", "#mail-given")
	v.write("#mail-given", h.letter(t, mailbox))
	v.press("#mail-go", "#freeze-case-go")
	v.press("#freeze-case-go", "#do-confirm")
	if r := h.opensBy(t, v.who.Phone); r != "refuse" {
		t.Errorf("while the account is frozen its number gives %s", r)
	}
	v.finish()
	v.gone()
	if r := h.opensBy(t, v.who.Phone); r == "refuse" || r == "unknown" {
		t.Errorf("afterwards the number gives %s", r)
	}
}

// letter waits for a code in a mailbox.
func (h *house) letter(t *testing.T, address string) (code string) {
	t.Helper()
	if err := eventually(t.Context(), func() (bool, error) {
		var box struct{ Letters []struct{ Code string } }
		err := getJSON(t.Context(), h.sheet.Sandbox[sandbox.Mail]+"/inbox/"+url.PathEscape(address), &box)
		if err != nil || len(box.Letters) == 0 {
			return false, err
		}
		code = box.Letters[0].Code
		return code != "", nil
	}); err != nil {
		t.Fatalf("wait for a letter: %v", err)
	}
	return code
}

// opensBy says what becomes of a sign-in by a number.
func (h *house) opensBy(t *testing.T, phone string) sdk.ResolutionOutcome {
	t.Helper()
	r, err := h.jl.Resolve(t.Context(), &sdk.ResolveQuery{Provider: "phone", Subject: phone})
	if err != nil {
		t.Fatal(err)
	}
	return r.Outcome
}
