package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// browser starts a headless Chromium. One that is missing fails the test and says what to do.
func browser(t *testing.T) context.Context {
	t.Helper()
	alloc, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WSURLReadTimeout(2*time.Minute))...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as the context it is first used with
		t.Fatalf("start the browser: %v", err)
	}
	return ctx
}

// chromium finds it.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("JIELING_CHROMIUM"), "chromium-headless-shell", "chromium"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no Chromium: run the tests with `make test`, which installs one, or set JIELING_CHROMIUM to a browser's path")
	return ""
}

// visitor is a person at a browser.
type visitor struct {
	t    *testing.T
	ctx  context.Context
	demo *demo
	who  demoAccount
	bare bool // their browser runs no scripts: pages do not follow by themselves
}

// withoutScripts forbids pages theirs from now on: what is opened stays as it was opened.
func (v *visitor) withoutScripts() {
	v.t.Helper()
	v.bare = true
	if err := v.scripts(false); err != nil {
		v.t.Fatal(err)
	}
}

func (v *visitor) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, 90*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		at, _ := chromedp.Run(v.ctx, chromedp.Location())
		text, _ := chromedp.Run(v.ctx, chromedp.Text(chromedp.CSS("body")))
		v.t.Fatalf("%s: %v\nat %s\n%s", what, err, at, text)
	}
}

// press clicks a button and waits for what comes of it. Where that is another page it waits for the page first: what comes may look as
// what was there, and whoever presses the next button too early calls the first press off.
func (v *visitor) press(button, then string) {
	v.t.Helper()
	v.sees(button)
	v.calm()
	if v.has(`:is(a, button[type="submit"]):is(` + button + `):not(form.passkey *)`) {
		v.submit(button)
	} else {
		v.do("press "+button, chromedp.Click(chromedp.CSS(button)))
	}
	v.sees(then)
}

func (v *visitor) write(field, text string) {
	v.t.Helper()
	v.calm()
	v.do("write into "+field, chromedp.SendKeys(chromedp.CSS(field), text))
}

func (v *visitor) sees(selector string) {
	v.t.Helper()
	v.again(selector, true)
	v.do("see "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

// seesNo waits for something to be gone.
func (v *visitor) seesNo(selector string) {
	v.t.Helper()
	v.again(selector, false)
	v.do("see no "+selector, chromedp.WaitNotPresent(chromedp.CSS(selector)))
}

// again loads the page anew until something is there, or gone, as a person does where no script does it for them.
func (v *visitor) again(selector string, there bool) {
	v.t.Helper()
	if !v.bare {
		return
	}
	first := true
	err := eventually(v.ctx, func() (bool, error) {
		if !first && chromedp.Do(v.ctx, chromedp.Reload()) != nil {
			return false, nil // a page was on its way already
		}
		first = false
		return v.has(selector) == there, nil
	})
	if err != nil {
		v.t.Fatalf("%s: %v\nat %s\n%s", selector, err, v.here(), v.text("body"))
	}
}

func (v *visitor) text(selector string) string {
	v.t.Helper()
	text, err := chromedp.Run(v.ctx, chromedp.Text(chromedp.CSS(selector)))
	if err != nil {
		v.t.Fatalf("read %s: %v", selector, err)
	}
	return text
}

// arrive comes from the product's app with a hand-off, on a device.
func (v *visitor) arrive(device, next, lang string) {
	v.t.Helper()
	jl, err := sdk.New(v.demo.sheet.BaseURL, v.demo.sheet.APIKey)
	if err != nil {
		v.t.Fatal(err)
	}
	ticket, err := jl.HandOff(v.ctx, &sdk.NewHandoff{
		Account: sdk.AccountID(v.who.ID), Platform: sdk.Platform(v.who.Platform), Device: sdk.NewOptDeviceID(sdk.DeviceID(v.who.Devices[device])), Next: sdk.NewOptString(next),
	}, sdk.HandOffParams{IdempotencyKey: sdk.NewKey()})
	if err != nil {
		v.t.Fatal(err)
	}
	v.do("arrive", chromedp.Navigate(ticket.URL+"&lang="+lang), chromedp.WaitVisible(chromedp.CSS("#handoff-go")))
}

// code reads the newest code from the person's inbox that came after a moment.
func (v *visitor) code(after time.Time) string {
	v.t.Helper()
	var code string
	err := eventually(v.ctx, func() (bool, error) {
		var in struct {
			Messages []struct {
				At   time.Time `json:"at"`
				Code string    `json:"code"`
			} `json:"messages"`
		}
		if err := getJSON(v.ctx, v.demo.sheet.Sandbox[sandbox.SMS]+"/inbox/"+url.PathEscape(v.who.Phone), &in); err != nil {
			return false, err
		}
		for _, m := range in.Messages {
			if m.Code != "" && m.At.After(after) {
				code = m.Code
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		v.t.Fatalf("wait for the code: %v", err)
	}
	return code
}

// platformAuthenticator gives the browser a device unlock, as a phone has one.
func (v *visitor) platformAuthenticator() {
	v.t.Helper()
	if _, err := chromedp.Call(v.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		v.t.Fatal(err)
	}
	_, err := chromedp.Call(v.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Ctap2version: "ctap2_1", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		v.t.Fatal(err)
	}
}

// begin opens the case from the centre: reason, then the page of the case.
func (v *visitor) begin() {
	v.t.Helper()
	v.press(`[data-unlink="qq"]`, "#unlink-go")
	v.press("#reason-privacy", "#unlink-go")
	v.press("#unlink-go", "#impact")
}

// bindPhone puts the replacement in place: the number, the code that comes, and the page goes on.
func (v *visitor) bindPhone() {
	v.t.Helper()
	asked := v.demo.now().Add(-time.Second)
	v.write("#phone", strings.TrimPrefix(v.who.Phone, "+86"))
	v.press("#do-replace", "#sms-given")
	v.write("#sms-given", v.code(asked))
	v.press("#sms-go", "#backup-declined")
}

// finish confirms, watches it carried out, and clears the residue (F4).
func (v *visitor) finish() {
	v.t.Helper()
	v.sees("#do-confirm")
	v.acknowledge()
	v.submit("#do-confirm")
	if err := eventually(v.ctx, func() (bool, error) { // a page without scripts is looked at again by hand
		if v.has("#truths") {
			return true, nil
		}
		v.load("look again", chromedp.Navigate(v.here()))
		return false, nil
	}); err != nil {
		v.t.Fatalf("it was not carried out: %v", err)
	}
	v.sees("#residues")
	v.submit(`#clean-real-name button`)
	if err := eventually(v.ctx, func() (bool, error) {
		ctx, cancel := context.WithTimeout(v.ctx, 10*time.Second)
		defer cancel()
		if err := chromedp.Do(ctx, chromedp.Navigate(v.here()), chromedp.WaitVisible(chromedp.CSS("#truths"))); err != nil {
			return false, nil // the form's own answer was still on its way
		}
		return chromedp.Run(ctx, chromedp.Evaluate[bool](`document.querySelector("#clean-real-name") === null`))
	}); err != nil {
		v.t.Fatalf("the residue was not cleared: %v", err)
	}
}

func (v *visitor) here() string {
	v.t.Helper()
	at, err := chromedp.Run(v.ctx, chromedp.Location())
	if err != nil {
		v.t.Fatal(err)
	}
	return at
}

// testDemo is a demo on free ports that ends with the test.
func testDemo(t *testing.T) *demo {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	d, err := startDemo(ctx, demoCommand{Addr: "127.0.0.1:0"}, t.TempDir())
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- d.app.serve(ctx, d.listener, d.handler()) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
		d.app.close()
	})
	return d
}

func (d *demo) account(owner string) demoAccount {
	for _, a := range d.sheet.Accounts {
		if a.Owner == owner {
			return a
		}
	}
	return demoAccount{}
}

// TestV1_APersonUnlinksQQInABrowser walks the routine wizard on every platform, as a person would, in both languages.
func TestV1_APersonUnlinksQQInABrowser(t *testing.T) {
	d := testDemo(t)
	tests := []struct {
		owner, lang string
		walk        func(*visitor)
	}{
		{"lin", "zh-CN", (*visitor).walkAndroid},
		{"chen", "en", (*visitor).walkIOS},
		{"zhao", "zh-CN", (*visitor).walkWeb},
	}
	for _, test := range tests {
		t.Run(string(d.account(test.owner).Platform), func(t *testing.T) {
			v := &visitor{t: t, ctx: browser(t), demo: d, who: d.account(test.owner)}
			if test.owner == "chen" {
				v.platformAuthenticator()
			}
			v.arrive(map[string]string{"zhao": "desk"}[test.owner]+map[bool]string{true: "phone"}[test.owner != "zhao"], "/", test.lang)
			v.press("#handoff-go", `[data-unlink="qq"]`)
			test.walk(v)
			v.finish()
			v.gone()
		})
	}
}

// TestV1_TheSameWithoutScripts walks it where the page may run none.
func TestV1_TheSameWithoutScripts(t *testing.T) {
	d := testDemo(t)
	v := &visitor{t: t, ctx: browser(t), demo: d, who: d.account("lin")}
	v.withoutScripts()
	v.arrive("phone", "/", "en")
	v.press("#handoff-go", `[data-unlink="qq"]`)
	v.walkAndroid()
	v.finish()
	v.gone()
}

// walkAndroid: replacement, backup, payment password (V1).
func (v *visitor) walkAndroid() {
	v.begin()
	v.bindPhone()
	v.press("#backup-declined", "#pin-given")
	v.write("#pin-given", v.who.PIN)
	v.press("#pin-go", "#do-confirm")
}

// walkIOS: the device's own unlock and the payment password, the first way of V7.
func (v *visitor) walkIOS() {
	base := v.demo.sheet.BaseURL
	v.do("enrol this device", chromedp.Navigate(base+"/devices/enrol"), chromedp.WaitVisible(chromedp.CSS("form.passkey button[type=submit]")))
	v.press("form.passkey button[type=submit]", `[data-unlink="qq"]`)
	v.begin()
	v.bindPhone()
	v.press("#backup-made", "#factor-device_unlock")
	v.press("#challenge-device_unlock", "#factor-device_unlock form.passkey button[type=submit]")
	v.do("unlock", chromedp.Click(chromedp.CSS("#unlock-go")), chromedp.WaitNotPresent(chromedp.CSS("#unlock-go")), chromedp.WaitVisible(chromedp.CSS("#pin-given")))
	v.write("#pin-given", v.who.PIN)
	v.press("#pin-go", "#do-confirm")
}

// TestV7_TheOtherWayOnIOS walks SMS code and face, the combination of F2, with the vendor's own page in between.
func TestV7_TheOtherWayOnIOS(t *testing.T) {
	d := testDemo(t)
	who := d.account("sun")
	who.Platform = "ios"
	v := &visitor{t: t, ctx: browser(t), demo: d, who: who}
	v.arrive("phone", "/", "en")
	v.press("#handoff-go", `[data-unlink="qq"]`)
	v.begin()
	v.press("#backup-made", "#challenge-sms_code")
	asked := d.now().Add(-time.Second)
	v.press("#challenge-sms_code", "#sms-given")
	v.write("#sms-given", v.code(asked))
	v.press("#sms-go", "#challenge-face")
	v.press("#challenge-face", "#face-open")
	v.press("#face-open", `button[value="pass"]`)
	v.press(`button[value="pass"]`, "#face-go")
	v.press("#face-go", "#do-confirm")
	v.finish()
	v.gone()
}

// walkWeb: a code by SMS, and the approval on the signed-in phone.
func (v *visitor) walkWeb() {
	v.begin()
	v.press("#backup-declined", "#challenge-sms_code")
	asked := v.demo.now().Add(-time.Second)
	v.press("#challenge-sms_code", "#sms-given")
	v.write("#sms-given", v.code(asked))
	v.press("#sms-go", "#challenge-qr_approval")
	v.press("#challenge-qr_approval", "#qr-number")
	v.approveOnPhone()
	v.do("back at the desk", chromedp.Navigate(v.here()), chromedp.WaitVisible(chromedp.CSS("#do-confirm")))
}

// approveOnPhone scans with another browser: the signed-in phone.
func (v *visitor) approveOnPhone() {
	v.t.Helper()
	shown := struct{ Code, Number string }{}
	raw, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](`JSON.stringify({code: document.querySelector("#qr-address").textContent.trim().split("/").pop(), number: document.querySelector("#qr-number").textContent.trim()})`))
	if err != nil {
		v.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(raw), &shown); err != nil {
		v.t.Fatal(err)
	}
	phone := &visitor{t: v.t, ctx: browser(v.t), demo: v.demo, who: v.who}
	phone.arrive("phone", "/approve/"+shown.Code, "zh-CN")
	phone.press("#handoff-go", "#do-claim")
	phone.press("#do-claim", "#number-"+shown.Number)
	phone.write("#approve-pin", v.who.PIN)
	phone.press("#number-"+shown.Number, "#do-approve")
	phone.press("#do-approve", "#approved")
	if state := phone.text("#approved"); state == "" {
		v.t.Fatal("the phone says nothing")
	}
}

// gone looks at the other side of it: QQ opens nothing any more, the account is there.
func (v *visitor) gone() {
	v.t.Helper()
	w := &walk{demo: v.demo, person: v.who, say: func(string, ...any) {}}
	var err error
	if w.jl, err = sdk.New(v.demo.sheet.BaseURL, v.demo.sheet.APIKey); err != nil {
		v.t.Fatal(err)
	}
	if err := w.signInRefused(v.ctx); err != nil {
		v.t.Fatal(err)
	}
	a, err := w.jl.GetAccount(v.ctx, sdk.GetAccountParams{Account: sdk.AccountID(v.who.ID)})
	if err != nil || a.WaysIn < 1 {
		v.t.Fatal(fmt.Errorf("the account has %d ways in: %w", a.WaysIn, err))
	}
}
