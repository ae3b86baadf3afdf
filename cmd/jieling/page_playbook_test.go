package main

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// P1 in a browser: somebody says that their QQ was stolen, and is led through the playbook in its order. What they only say is not believed
// while QQ says otherwise; the freeze at QQ's security centre is noticed without their saying it; the thief's sign-in opens nothing
// meanwhile; and the case closes when the login protection is on again.
func TestP1_AStolenQQInABrowser(t *testing.T) {
	h := openHouse(t)
	v := h.visitor(t, "zhao")
	mailbox := "zhao@" + sandbox.NearDomain
	if _, err := h.jl.AddBinding(t.Context(), &sdk.NewBinding{Provider: "email", Subject: mailbox}, sdk.AddBindingParams{
		Account: sdk.AccountID(v.who.ID), IdempotencyKey: sdk.NewKey(),
	}); err != nil {
		t.Fatal(err)
	}
	v.open("/signin/qq") // they have signed in through QQ before, so QQ can be asked
	v.do("say yes at QQ", chromedp.WaitVisible(chromedp.CSS(`[name="person"]`)), chromedp.Click(chromedp.CSS(`[name="person"][value="zhao"]`)),
		chromedp.Click(chromedp.CSS(`button[value="allow"]`)), chromedp.WaitVisible(chromedp.CSS("#methods")))
	v.arrive("desk", "/", "zh-CN")
	v.press("#handoff-go", `[data-unlink="qq"]`)
	v.press(`[data-unlink="qq"]`, "#unlink-go")
	v.press("#reason-theft", "#unlink-go")
	v.press("#unlink-go", "#stolen-anyway")
	v.press("#stolen-anyway", `#step-due[data-step="freeze-qq"]`)
	if r := h.resolveQQ(t, v); r.Outcome != "refuse" || len(r.Reasons) != 1 || r.Reasons[0] != "quick_sign_in_off" {
		t.Errorf("while the case is open a sign-in through the QQ is answered %s, %v", r.Outcome, r.Reasons)
	}
	v.press("#do-step-done", `#notice[data-code="step_not_seen"]`)
	h.atQQ(t, "zhao", "freeze")
	h.later(t, "1m")
	v.looksUntil(`#playbook [data-step="freeze-qq"][data-state="done"][data-by="provider"]`)
	v.press("#backup-declined", "#challenge-sms_code")
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
	v.finish()
	v.gone()
	id := h.theCase(v).ID
	h.later(t, "100h")
	if c := h.caseOf(t, id); c.Stage != "guarded" || c.Next != "step" {
		t.Errorf("with the protection off the case is %s, next %s", c.Stage, c.Next)
	}
	v.arrive("desk", "/cases/"+string(id), "en")
	v.press("#handoff-go", `#step-due[data-step="login-protection"]`)
	h.atQQ(t, "zhao", "protect")
	v.press("#do-step-done", "#ended")
	for step, by := range map[string]string{"unbind": "service", "login-protection": "person", "quick-sign-in-on": "service"} {
		if !v.has(fmt.Sprintf(`#playbook [data-step=%q][data-state="done"][data-by=%q]`, step, by)) {
			t.Errorf("%s is not done by the word of %s:\n%s", step, by, v.text("#playbook"))
		}
	}
	if c := h.caseOf(t, id); c.Stage != "closed" {
		t.Errorf("at the end the case is %s", c.Stage)
	}
}

// looksUntil looks at the page again until something is there that nobody on it brought about.
func (v *visitor) looksUntil(selector string) {
	v.t.Helper()
	if err := eventually(v.ctx, func() (bool, error) {
		if v.has(selector) {
			return true, nil
		}
		v.load("look again", chromedp.Navigate(v.here()))
		return false, nil
	}); err != nil {
		v.t.Fatalf("%s: %v\n%s", selector, err, v.text("body"))
	}
}

// atQQ has somebody change their own settings at QQ.
func (h *house) atQQ(t *testing.T, who, act string) {
	t.Helper()
	answer, err := http.PostForm(h.sheet.Sandbox[sandbox.QQ]+"/people/"+who, url.Values{"act": {act}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s at QQ: %s", act, answer.Status)
	}
}

func (h *house) resolveQQ(t *testing.T, v *visitor) *sdk.Resolution {
	t.Helper()
	r, err := h.jl.Resolve(t.Context(), &sdk.ResolveQuery{Provider: "qq", Subject: v.who.QQSubject})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every playbook can be read by anybody, in both languages; a name that no playbook has leads nowhere.
func TestPages_PlaybooksAreReadWithoutSigningIn(t *testing.T) {
	h := openHouse(t)
	v := h.visitor(t, "lin")
	for _, name := range []string{"stolen-qq", "work-and-personal", "across-borders"} {
		for _, lang := range []string{"zh-CN", "en"} {
			if status := v.open("/help/" + name + "?lang=" + lang); status != http.StatusOK || !v.has(`#help [data-step="unbind"]`) {
				t.Errorf("%s in %s: %d\n%s", name, lang, status, v.text("body"))
			}
		}
	}
	if status := v.open("/help/nothing"); status != http.StatusNotFound {
		t.Errorf("a playbook that is not there: %d", status)
	}
}
