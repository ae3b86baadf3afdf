package main

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// tour goes through every page and every state of it that the demo can reach, for real, in one language, and hands each to
// look under its name. Names are unique, and in the order a person meets them.
//
// Not to be met here are the waiting period and the reviews by others: the shipped pack asks for neither in its routine rows.
type tour struct {
	*house
	t    *testing.T
	lang string
	care bool // begin by asking for the mode for older people, where the centre offers one
	bare bool // the pages run no scripts
	look func(v *visitor, state string)
}

// see hands a state to look once what makes it that state is there.
func (r *tour) see(v *visitor, state, mark string) {
	r.t.Helper()
	v.sees(mark)
	v.calm()
	r.look(v, state)
}

// careSwitch is the link to the mode for older people.
const careSwitch = `a[href*="care=on"]`

func (r *tour) run() {
	r.entrances()
	r.places()
	r.protection()
	r.health()
	r.ios() // before a day goes by: a device that is set up on an account of yesterday is asked for more
	r.android()
	r.undone()
	r.web()
	r.record()
	r.stopped()
	r.unsafe()
	r.noticed()
	r.organisation()
	r.console()
}

// guest is a visitor who has chosen the language, and the mode.
func (r *tour) guest(owner string) *visitor {
	r.t.Helper()
	v := r.visitor(r.t, owner)
	if r.bare {
		v.withoutScripts()
	}
	v.open("/?lang=" + r.lang)
	if r.care {
		v.open("/?care=on&lang=" + r.lang)
	}
	return v
}

// entrances are the doors, and what stands behind the wrong ones.
func (r *tour) entrances() {
	v := r.guest("sun")
	r.see(v, "signed-out", "#signin-qq")
	v.open("/nowhere")
	r.see(v, "no-such-page", `#notice[data-code="not_found"]`)
	v.open("/freeze")
	r.see(v, "hold", "#do-ask")
	asked := r.now().Add(-time.Second)
	v.write("#phone", v.who.Phone)
	v.submit("#do-ask")
	r.see(v, "hold-code", "#do-hold")
	v.write("#given", otherThan(v.code(asked)))
	v.submit("#do-hold")
	r.see(v, "hold-done", "#hold-done")
	v.open("/devices")
	r.see(v, "sign-in-first", `#notice[data-code="unauthenticated"]`)
	v.open("/handoff?token=hof_long-gone")
	v.submit("#handoff-go")
	r.see(v, "handoff-expired", `#notice[data-code="unauthenticated"]`)
	v.open("/signin/qq/callback?code=x&state=forged")
	r.see(v, "sign-in-foreign", `#notice[data-code="forbidden"]`)
	v.open("/signin/qq")
	at, err := url.Parse(v.here())
	if err != nil {
		r.t.Fatal(err)
	}
	v.open("/signin/qq/callback?usercancel=1&state=" + url.QueryEscape(at.Query().Get("state")))
	r.see(v, "sign-in-denied", `#notice[data-code="unauthenticated"]`)
	v.open("/signin/qq")
	v.do("be oneself", chromedp.Click(chromedp.CSS(`[name="person"][value="sun"]`)))
	v.submit(`button[value="allow"]`)
	r.see(v, "centre-two-ways", `[data-unlink="qq"]`)
	v.open("/devices/enrol")
	r.see(v, "enrol-nowhere", "main .remark.warn")
	v.submit("#signout-go")
	r.see(v, "signed-out-now", `#notice[role="status"]`)
}

// android walks the whole way of an account that QQ is the one way into, with every slip on it.
func (r *tour) android() {
	v := r.guest("lin")
	v.arrive("phone", "/", r.lang)
	r.see(v, "handoff", "#handoff-go")
	v.submit("#handoff-go")
	r.see(v, "centre-one-way", `[data-unlink="qq"]`)
	v.submit(`[data-unlink="qq"]`)
	r.see(v, "reason", "#unlink-go")
	v.do("say why", chromedp.Click(chromedp.CSS("#reason-privacy")))
	v.submit("#unlink-go")
	r.see(v, "android-replacement", "#phone")
	v.write("#phone", "12")
	v.submit("#do-replace")
	r.see(v, "android-replacement-refused", `#notice[data-code="invalid_argument"]`)
	asked := r.now().Add(-time.Second)
	v.write("#phone", v.who.Phone)
	v.submit("#do-replace")
	r.see(v, "android-code", "#sms-given")
	code := v.code(asked)
	v.write("#sms-given", otherThan(code))
	v.submit("#sms-go")
	r.see(v, "android-code-wrong", "#notice[data-code] ~ * #sms-given")
	v.write("#sms-given", code)
	v.submit("#sms-go")
	r.see(v, "android-backup", "#backup-made")
	v.submit("#backup-declined")
	r.see(v, "android-verify", "#pin-given")
	v.write("#pin-given", otherThan(v.who.PIN))
	v.submit("#pin-go")
	r.see(v, "android-verify-wrong", "#notice[data-code] ~ * #pin-given")
	v.write("#pin-given", v.who.PIN)
	v.submit("#pin-go")
	r.see(v, "android-confirm", "#do-confirm")
	r.carryOut(v)
}

// otherThan is another code of as many digits.
func otherThan(code string) string {
	n, _ := strconv.Atoi(code)
	out := strconv.Itoa((n + 1) % 1_000_000)
	return "000000"[len(out):] + out
}

// carryOut looks at the work while one participant is down, at what it leaves behind, and at the end a day later.
func (r *tour) carryOut(v *visitor) {
	r.fault(r.t, sandbox.WeChatPay, sandbox.FaultError)
	v.confirm()
	v.sees("#progress")
	r.see(v, "executing", "#progress")
	at := v.here()
	v.open("/")
	r.see(v, "centre-under-way", "#cases")
	r.fault(r.t, sandbox.WeChatPay, sandbox.FaultNone)
	r.later(r.t, "2h") // a party that was down for long is left alone for long
	v.do("go back to the case", chromedp.Navigate(at))
	v.sees("#residues")
	r.see(v, "done-residue", "#residues")
	v.submit(`#clean-real-name button`)
	v.seesNo("#residues")
	r.see(v, "done-clean", "#do-undo")
	v.submit("#to-report")
	r.see(v, "report", "#rows [data-seq]")
	v.open("/")
	r.see(v, "centre-guarded", "#cases")
	r.later(r.t, "24h1m")
	v.do("come back a day later", chromedp.Navigate(at))
	r.see(v, "session-expired", `#notice[data-code="unauthenticated"]`)
	path := at[len(r.sheet.BaseURL):]
	v.arrive("phone", path, r.lang)
	v.submit("#handoff-go")
	r.see(v, "closed", "#ended")
}

// confirm ticks what cannot be undone, where there is such a thing, and confirms.
func (v *visitor) confirm() {
	v.t.Helper()
	v.acknowledge()
	v.submit("#do-confirm")
}

// acknowledge ticks what cannot be undone and types the login's last characters, where the page asks for it.
func (v *visitor) acknowledge() {
	v.t.Helper()
	v.calm()
	if v.has("#known") {
		v.do("tick what cannot be undone", chromedp.Click(chromedp.CSS("#known")))
		v.fills("#tail", v.tail())
	}
}

// tail reads what is to be typed off the page.
func (v *visitor) tail() string {
	v.t.Helper()
	return ask[string](v, `document.querySelector("label[for=tail]").textContent.trim().slice(-4)`)
}

// undone carries an unlinking out and takes it back.
func (r *tour) undone() {
	v := r.guest("sun")
	v.arrive("phone", "/", r.lang)
	v.submit("#handoff-go")
	v.submit(`[data-unlink="qq"]`)
	v.do("say why", chromedp.Click(chromedp.CSS("#reason-separate")))
	v.submit("#unlink-go")
	r.see(v, "android-backup-first", "#backup-made")
	v.submit("#backup-made")
	v.write("#pin-given", v.who.PIN)
	v.submit("#pin-go")
	v.confirm()
	v.sees("#do-undo")
	r.denied()
	r.fault(r.t, sandbox.Game, sandbox.FaultError)
	v.submit("#do-undo")
	if v.has("#progress") {
		r.see(v, "executing-back", "#progress")
	}
	r.fault(r.t, sandbox.Game, sandbox.FaultNone)
	r.later(r.t, "2h") // however long the look at it took, and with it the wait before the next try
	v.sees("#ended")
	r.see(v, "undone", "#ended")
}

// ios sets the device up, and looks at both ways of V7.
func (r *tour) ios() {
	v := r.guest("chen")
	v.platformAuthenticator()
	v.arrive("phone", "/devices/enrol", r.lang)
	v.submit("#handoff-go")
	if r.bare { // an unlock takes scripts, and the page says so; the other way of V7 does not
		r.see(v, "enrol-needs-scripts", "form.passkey .warn:not(.failed)")
		v.open("/")
	} else {
		r.see(v, "enrol", "form.passkey")
		v.do("set the device up", chromedp.Click(chromedp.CSS("form.passkey button[type=submit]")), chromedp.WaitVisible(chromedp.CSS(`[data-unlink="qq"]`)))
		r.see(v, "centre-enrolled", "#factors")
		r.later(r.t, "24h1m") // what was set up a day ago proves more than what was set up just now
		v.arrive("phone", "/", r.lang)
		v.submit("#handoff-go")
		v.sees(`[data-unlink="qq"]`)
	}
	v.submit(`[data-unlink="qq"]`)
	r.see(v, "reason-ios", "#unlink-go")
	v.do("say why", chromedp.Click(chromedp.CSS("#reason-conflict")))
	v.submit("#unlink-go")
	r.see(v, "ios-replacement", "#phone")
	asked := r.now().Add(-time.Second)
	v.write("#phone", v.who.Phone)
	v.submit("#do-replace")
	r.see(v, "ios-code", "#sms-given")
	v.write("#sms-given", v.code(asked))
	v.submit("#sms-go")
	r.see(v, "ios-backup", "#backup-made")
	v.submit("#backup-made")
	r.see(v, "ios-verify", "#challenge-face")
	v.submit("#challenge-face")
	r.see(v, "ios-face", "#face-open")
	v.submit("#face-go")
	r.see(v, "ios-face-pending", "#notice")
	if r.bare {
		return
	}
	v.submit("#challenge-device_unlock")
	r.see(v, "ios-unlock", "#unlock-go")
	v.do("unlock", chromedp.Click(chromedp.CSS("#unlock-go")), chromedp.WaitNotPresent(chromedp.CSS("#unlock-go")), chromedp.WaitVisible(chromedp.CSS("#pin-given")))
	r.see(v, "ios-verify-half", "#pin-given")
	v.write("#pin-given", v.who.PIN)
	v.submit("#pin-go")
	r.see(v, "ios-confirm", "#do-confirm")
}

// web sits at a desk, and approves and denies on a phone.
func (r *tour) web() {
	v := r.guest("zhao")
	v.arrive("desk", "/", r.lang)
	v.submit("#handoff-go")
	v.submit(`[data-unlink="qq"]`)
	r.see(v, "reason-web", "#unlink-go")
	v.do("say why", chromedp.Click(chromedp.CSS("#reason-other")))
	v.submit("#unlink-go")
	r.see(v, "web-backup", "#backup-made")
	v.submit("#backup-declined")
	r.see(v, "web-verify", "#challenge-sms_code")
	asked := r.now().Add(-time.Second)
	v.submit("#challenge-sms_code")
	r.see(v, "web-code", "#sms-given")
	v.write("#sms-given", v.code(asked))
	v.submit("#sms-go")
	r.see(v, "web-qr-before", "#challenge-qr_approval")
	r.approvals(v)
	r.see(v, "web-confirm", "#do-confirm")
}

// approvals shows the desk's code and every answer of the phone.
func (r *tour) approvals(desk *visitor) {
	desk.submit("#challenge-qr_approval")
	r.see(desk, "web-qr", "svg.qr")
	code, _ := desk.shown()
	stranger := r.guest("zhao")
	stranger.open("/approve/" + code)
	r.see(stranger, "approve-signed-out", "#approve-signin")

	phone := r.guest("zhao")
	phone.arrive("phone", "/approve/"+code, r.lang)
	phone.submit("#handoff-go")
	r.see(phone, "approve-open", "#do-claim")
	phone.submit("#do-claim")
	r.see(phone, "approve-choose", "#do-approve")
	desk.sees("#qr-claimed")
	r.see(desk, "web-qr-claimed", "#qr-claimed")
	phone.submit("#do-reject")
	r.see(phone, "approve-denied", `#approved[data-state="failed"]`)

	desk.do("read it anew", chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#challenge-qr_approval")))
	r.see(desk, "web-qr-denied", "#challenge-qr_approval")
	desk.submit("#challenge-qr_approval")
	old, _ := desk.shown()
	desk.submit("#challenge-qr_approval")
	phone.open("/approve/" + old)
	r.see(phone, "approve-expired", `#approved[data-state="dead"]`)

	code, number := desk.shown()
	phone.open("/approve/" + code)
	phone.submit("#do-claim")
	phone.do("choose the number", chromedp.Click(chromedp.CSS("#number-"+number)))
	phone.write("#approve-pin", phone.who.PIN)
	phone.submit("#do-approve")
	r.see(phone, "approved", `#approved[data-state="passed"]`)
	desk.do("back at the desk", chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#do-confirm")))
}

// noticed looks at what was measured, where something of it stands out: a SIM that was replaced. What is as usual is unfolded.
func (r *tour) noticed() {
	v := r.guest("qian")
	r.swapSIM(r.t, v.who.Phone)
	v.arrive("phone", "/bindings/"+string(v.who.QQ)+"/unlink", r.lang)
	v.submit("#handoff-go")
	v.sees(`#noticed[open] [data-signal="sim"][data-level="swapped"]`)
	v.do("unfold", chromedp.Click(chromedp.CSS("#noticed details summary")))
	r.see(v, "reason-noticed", `#noticed [data-signal="factor_change"]`)
	v.open("/checkup")
	r.see(v, "checkup-swapped", `[data-finding="sim_swapped"] a[href="/freeze"]`)
}

// swapSIM puts a new SIM behind a number, and has somebody sign in by it, so that its operator is asked.
func (h *house) swapSIM(t *testing.T, number string) {
	t.Helper()
	replaced, err := http.PostForm(h.sheet.Sandbox[sandbox.Carrier]+"/sim", url.Values{"number": {number}})
	if err != nil || replaced.StatusCode != http.StatusOK {
		t.Fatalf("replace the SIM: %v", err)
	}
	replaced.Body.Close()
	if r, err := h.jl.Resolve(t.Context(), &sdk.ResolveQuery{Provider: "phone", Subject: number}); err != nil || !slices.Contains(r.Reasons, "sim_swapped") {
		t.Fatalf("%+v, %v", r, err)
	}
}

// shown reads the code and the number off the desk's screen.
func (v *visitor) shown() (code, number string) {
	v.t.Helper()
	v.sees("#qr-number")
	both := ask[[]string](v, `[document.querySelector("#qr-address").textContent.trim().split("/").pop(), document.querySelector("#qr-number").textContent.trim()]`)
	return both[0], both[1]
}

// stopped leaves a case, and freezes the account over another.
func (r *tour) stopped() {
	v := r.guest("zhao")
	v.arrive("desk", "/", r.lang)
	v.submit("#handoff-go")
	r.see(v, "centre-continue", "#cases a.button")
	v.submit(`#cases a.button`)
	v.submit("#do-cancel")
	r.see(v, "cancelled", "#ended")
	v.open("/")
	v.submit(`[data-unlink="qq"]`)
	v.do("say why", chromedp.Click(chromedp.CSS("#reason-theft")))
	v.submit("#unlink-go")
	r.see(v, "stolen", "#do-freeze")
	v.submit("#stolen-anyway")
	r.see(v, "web-theft", "#step-due")
	at := v.here()[len(r.sheet.BaseURL):]
	v.submit("#do-step-done")
	r.see(v, "web-theft-said", "#playbook")
	v.open("/help/across-borders")
	r.see(v, "help", "#help")
	v.submit("#nav-freeze")
	r.see(v, "freeze", "#do-freeze")
	v.submit("#do-freeze")
	r.see(v, "frozen", "#frozen")
	v.arrive("desk", at, r.lang)
	v.submit("#handoff-go")
	r.see(v, "case-frozen", "#thaw")
	v.open("/")
	r.see(v, "centre-frozen", "#methods")
}

// unsafe comes back after two years in which nobody proved the number: what stays is no way back, and the person says that they
// know before they confirm.
func (r *tour) unsafe() {
	r.later(r.t, "17544h")
	v := r.guest("sun")
	v.arrive("phone", "/", r.lang)
	v.submit("#handoff-go")
	r.see(v, "centre-stale", "#access")
	v.submit(`[data-unlink="qq"]`)
	v.do("say why", chromedp.Click(chromedp.CSS("#reason-privacy")))
	v.submit("#unlink-go")
	r.see(v, "unsafe-impact", "#access svg")
	v.submit("#backup-declined")
	v.write("#pin-given", v.who.PIN)
	v.submit("#pin-go")
	r.see(v, "unsafe-confirm", "#do-waive")
	if v.has("#do-confirm") {
		r.t.Error("an unsafe removal can be confirmed without a word")
	}
	v.write("#reason", "138")
	v.submit("#do-waive")
	r.see(v, "unsafe-waived", "#do-confirm")
	v.confirm()
	v.sees("#do-undo")
}
