package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// looked is an account as its product sees it, over real HTTP against the sandbox.
type looked struct {
	*demo
	t   *testing.T
	jl  *sdk.Client
	who demoAccount
}

func lookAfter(t *testing.T, owner string) *looked {
	t.Helper()
	l := &looked{demo: testDemo(t), t: t}
	var err error
	if l.jl, err = sdk.New(l.sheet.BaseURL, l.sheet.APIKey); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(l.sheet.Accounts, func(a demoAccount) bool { return a.Owner == owner })
	l.who = l.sheet.Accounts[i]
	return l
}

func (l *looked) ok(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *looked) account() sdk.AccountID { return sdk.AccountID(l.who.ID) }

// arrives says what becomes of a sign-in by the number, on a device.
func (l *looked) arrives(device string) *sdk.Resolution {
	l.t.Helper()
	r, err := l.jl.Resolve(l.t.Context(), &sdk.ResolveQuery{
		Provider: "phone", Subject: l.who.Phone, Network: sdk.NewOptNetworkLevel("known"), DeviceID: sdk.OptDeviceID{Value: sdk.DeviceID(device), Set: device != ""},
	})
	l.ok(err)
	return r
}

// prove asks for a factor of a case and answers it.
func (l *looked) prove(c sdk.CaseID, f sdk.Factor, answer func(public []byte) string) {
	l.t.Helper()
	ch, err := l.jl.AskChallenge(l.t.Context(), &sdk.NewChallenge{Factor: f}, sdk.AskChallengeParams{IdempotencyKey: sdk.NewKey(), Case: c})
	l.ok(err)
	a := &sdk.NewAnswer{}
	if said := answer(ch.Public); said != "" {
		a.Answer = sdk.NewOptString(said)
	}
	_, err = l.jl.AnswerChallenge(l.t.Context(), a, sdk.AnswerChallengeParams{IdempotencyKey: sdk.NewKey(), Challenge: ch.ID})
	l.ok(err)
}

func saying(s string) func([]byte) string { return func([]byte) string { return s } }

// V2 on iOS, whole and over the wire: the device lock is forced on and a face checked, beside what a routine unlinking asks. The lock is on
// at once, and stays on until the guarded window is over.
func TestV2_OnIOSTheLockIsForcedOnAndAFaceChecked(t *testing.T) {
	l := lookAfter(t, "zhao")
	c, err := l.jl.OpenCase(t.Context(), &sdk.NewCase{
		Account: l.account(), Goal: "unlink", Binding: sdk.BindingID(l.who.QQ), Platform: "ios", Reason: "privacy",
		Scenario: sdk.NewOptScenario("abnormal"), Device: sdk.NewOptDeviceID(sdk.DeviceID(l.who.Devices["phone"])),
	}, sdk.OpenCaseParams{IdempotencyKey: sdk.NewKey()})
	l.ok(err)
	_, err = l.jl.SettleBackup(t.Context(), &sdk.Backup{Choice: "declined"}, sdk.SettleBackupParams{IdempotencyKey: sdk.NewKey(), Case: c.ID})
	l.ok(err)
	if r := l.arrives("dev_01k9z0xw7m8c4e2v5r6t3n1b9a"); r.Outcome != "allow" {
		t.Fatalf("before: %s %v", r.Outcome, r.Reasons)
	}
	l.prove(c.ID, "payment_pin", saying(l.who.PIN))
	l.prove(c.ID, "face", func(public []byte) string {
		var shown struct{ URL string }
		l.ok(json.Unmarshal(public, &shown))
		answered, err := http.PostForm(shown.URL, url.Values{"outcome": {"pass"}})
		l.ok(err)
		answered.Body.Close()
		return ""
	})
	if _, err := l.jl.ConfirmCase(t.Context(), sdk.ConfirmCaseParams{IdempotencyKey: sdk.NewKey(), Case: c.ID}); err == nil {
		t.Error("confirmed without the lock")
	}
	l.prove(c.ID, "device_lock", saying("on"))
	if r := l.arrives("dev_01k9z0xw7m8c4e2v5r6t3n1b9a"); r.Outcome != "step_up" || !slices.Contains(r.Reasons, "device_unknown") {
		t.Errorf("the lock is on: %s %v", r.Outcome, r.Reasons)
	}
	if r := l.arrives(string(l.who.Devices["phone"])); r.Outcome != "allow" {
		t.Errorf("on the owner's own: %s %v", r.Outcome, r.Reasons)
	}
	unlock := func() error {
		_, err := l.jl.ChangeSettings(t.Context(), &sdk.SettingsChange{DeviceLock: sdk.NewOptBool(false)}, sdk.ChangeSettingsParams{Account: l.account()})
		return err
	}
	if unlock() == nil {
		t.Error("the lock went off while the case needs it")
	}
	_, err = l.jl.ConfirmCase(t.Context(), sdk.ConfirmCaseParams{IdempotencyKey: sdk.NewKey(), Case: c.ID})
	l.ok(err)
	l.ok(eventually(t.Context(), func() (bool, error) {
		now, err := l.jl.GetCase(t.Context(), sdk.GetCaseParams{Case: c.ID})
		return err == nil && now.RemovedAt.Set, err
	}))
	if unlock() == nil {
		t.Error("the lock went off inside the guarded window")
	}
	s, err := l.jl.ReadSettings(t.Context(), sdk.ReadSettingsParams{Account: l.account()})
	l.ok(err)
	if !s.DeviceLock || !s.DeviceLockHeld.Set {
		t.Errorf("%+v", s)
	}
}

// inOrder switches the lock on and every switch to its safer side, and waits until each is seen to stand there.
func (l *looked) inOrder() {
	l.t.Helper()
	_, err := l.jl.ChangeSettings(l.t.Context(), &sdk.SettingsChange{DeviceLock: sdk.NewOptBool(true)}, sdk.ChangeSettingsParams{Account: l.account()})
	l.ok(err)
	care, err := l.jl.ReadCare(l.t.Context(), sdk.ReadCareParams{Account: l.account()})
	l.ok(err)
	loose := func(s sdk.Switch) bool { return s.Asked.Set || s.State != s.Safer }
	for _, s := range care.Switches {
		if loose(s) {
			l.ok(l.jl.SetSwitch(l.t.Context(), &sdk.SwitchChange{Participant: s.Participant, Switch: s.ID, To: s.Safer}, sdk.SetSwitchParams{Account: l.account(), IdempotencyKey: sdk.NewKey()}))
		}
	}
	l.ok(eventually(l.t.Context(), func() (bool, error) {
		now, err := l.jl.ReadCare(l.t.Context(), sdk.ReadCareParams{Account: l.account()})
		return err == nil && len(now.Silent) == 0 && !slices.ContainsFunc(now.Switches, loose), err
	}))
}

// H7 over the wire: what the check-up names as missing is set in order, one after another, and each is seen to be.
func TestH7_TheServiceDoesThem(t *testing.T) {
	l := lookAfter(t, "sun")
	state := func(item sdk.CheckUpItemItem) sdk.CheckUpItemState {
		t.Helper()
		c, err := l.jl.CheckUp(t.Context(), sdk.CheckUpParams{Account: l.account()})
		l.ok(err)
		i := slices.IndexFunc(c.Items, func(x sdk.CheckUpItem) bool { return x.Item == item })
		if i < 0 || c.InOrder > len(c.Items) {
			t.Fatalf("%s is not among %v", item, c.Items)
		}
		return c.Items[i].State
	}
	for _, item := range []sdk.CheckUpItemItem{"device_lock", "not_found", "no_password_free"} {
		if got := state(item); got != "missing" {
			t.Errorf("%s begins %s", item, got)
		}
	}
	care, err := l.jl.ReadCare(t.Context(), sdk.ReadCareParams{Account: l.account()})
	l.ok(err)
	if len(care.Bills) != 1 || len(care.Silent) != 0 {
		t.Fatalf("%+v", care)
	}
	l.inOrder()
	l.ok(l.jl.JudgeBill(t.Context(), &sdk.BillJudgement{Participant: sandbox.WeChatPay, Bill: care.Bills[0].ID, Judgement: "not_mine"}, sdk.JudgeBillParams{Account: l.account(), IdempotencyKey: sdk.NewKey()}))
	for _, item := range []sdk.CheckUpItemItem{"device_lock", "not_found", "no_password_free", "biometric", "devices_reviewed"} {
		if got := state(item); got != "ready" {
			t.Errorf("%s ends %s", item, got)
		}
	}
}

// The same by hand, in a browser without scripts: the lock goes on at once, and off with the payment password.
func TestH1_TheLockByHandWithoutScripts(t *testing.T) {
	h := openHouse(t)
	v := h.visitor(t, "sun")
	v.withoutScripts()
	v.arrive("phone", "/settings", "en")
	v.submit("#handoff-go")
	v.submit("#do-lock")
	v.sees("#do-unlock")
	v.submit("#do-unlock")
	v.sees("#prove-payment_pin")
	v.submit("#prove-payment_pin")
	v.write("#proof-given", otherThan(v.who.PIN))
	v.submit("#proof-go")
	v.sees(`#notice[data-code="wrong_answer"]`)
	v.submit("#prove-payment_pin")
	v.write("#proof-given", v.who.PIN)
	v.submit("#proof-go")
	v.sees("#do-lock")
	v.submit(`[id="switch-off-find-me-by-qq"]`)
	v.sees(`#notice[role="status"]`)
	v.again(`[id="switch-on-find-me-by-qq"]`, true)
}

// protection looks at how an account may be entered, and at every answer to changing it.
func (r *tour) protection() {
	v := r.guest("sun")
	v.arrive("phone", "/settings", r.lang)
	v.submit("#handoff-go")
	r.see(v, "settings", "#do-lock")
	v.submit("#do-lock")
	r.see(v, "settings-locked", "#do-unlock")
	v.submit("#do-unlock")
	r.see(v, "prove", "#prove-payment_pin")
	v.submit("#prove-payment_pin")
	r.see(v, "prove-pin", "#proof-given")
	v.write("#proof-given", otherThan(v.who.PIN))
	v.submit("#proof-go")
	r.see(v, "prove-wrong", `#notice[data-code="wrong_answer"]`)
	v.submit("#prove-payment_pin")
	v.write("#proof-given", v.who.PIN)
	v.submit("#proof-go")
	v.sees("#do-lock")
	v.submit(`#bills button[value="not_mine"]`)
	r.see(v, "settings-bill", "#bills-freeze")
	v.open("/devices")
	v.do("unfold", chromedp.Click(chromedp.CSS("#devices details summary")))
	r.see(v, "devices-edit", `#devices details[open] button[value="rename"]`)
}
