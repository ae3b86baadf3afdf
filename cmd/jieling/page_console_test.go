package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/store"
)

// staff signs somebody in who was made for this, since a code works once.
func (v *visitor) staff(name string) {
	v.t.Helper()
	m, err := gate.MakeMember(v.t.Context(), v.demo.app.keys, name, store.Operator, time.Now())
	if err == nil {
		err = v.demo.app.store.PutStaff(v.t.Context(), m.Row)
	}
	if err != nil {
		v.t.Fatal(err)
	}
	v.write("#staff-name", name)
	v.write("#staff-password", m.Password)
	v.write("#staff-code", authenticator(v.t, m.TOTP))
	v.submit("#staff-go")
	v.sees("#pack")
}

// console goes through the rooms of staff: what is in force, its proofs, a situation explained, and a changed pack tried on the
// cases that the tour has opened.
func (r *tour) console() {
	v := r.guest("sun")
	v.open("/console?lang=" + r.lang)
	r.see(v, "console-sign-in", "#staff-go")
	v.write("#staff-name", "nobody")
	v.write("#staff-password", "not the password")
	v.write("#staff-code", "000000")
	v.submit("#staff-go")
	r.see(v, "console-sign-in-refused", `#notice[data-code="unauthenticated"]`)
	v.write("#staff-name", "")
	v.open("/console")
	v.staff("tour")
	r.see(v, "console-policy", "#rows")
	v.open("/console/proofs")
	v.submit("#prove-go")
	r.see(v, "console-proofs", "#proofs")
	v.open("/console/explain")
	r.see(v, "console-explain", "#explain-go")
	v.submit("#explain-go")
	r.see(v, "console-explained", "#decision")
	v.open("/console/simulate")
	r.see(v, "console-simulate", "#simulate-go")
	v.paste("pack: x")
	v.submit("#simulate-go")
	r.see(v, "console-broken", "#broken")
	v.paste(weakened(r.t))
	v.submit("#simulate-go")
	r.see(v, "console-simulated", `[data-sample="less"]`)
	v.submit("#staff-out-go")
	r.see(v, "console-signed-out", `#notice[role="status"]`)
}

// weakened is the pack in force, but that the web asks for the approval alone.
func weakened(t *testing.T) string {
	t.Helper()
	src, err := policy.ShippedSource("qq-wechat")
	if err != nil {
		t.Fatal(err)
	}
	out := strings.Replace(string(src), "{all_of: [sms_code, qr_approval]}", "qr_approval", 1)
	if out == string(src) {
		t.Fatal("the pack reads otherwise")
	}
	return out
}

// paste puts a pack's text into its field.
func (v *visitor) paste(text string) {
	v.t.Helper()
	v.do("paste a pack", chromedp.SetValue(chromedp.CSS("#pack-text"), text))
}

// TestConsole_AWeakenedPackIsSeenBeforeItIsUsed is the whole walk of somebody at the console, after a person has begun to unlink on the web:
// a pack that asks less of them is tried, who would be asked for less is read, and the policy in force is as it was.
func TestConsole_AWeakenedPackIsSeenBeforeItIsUsed(t *testing.T) {
	h := openHouse(t)
	person := h.visitor(t, "zhao")
	person.arrive("desk", "/", "en")
	person.submit("#handoff-go")
	person.submit(`[data-unlink="qq"]`)
	person.do("say why", chromedp.Click(chromedp.CSS("#reason-other")))
	person.submit("#unlink-go")
	before := h.app.engine.PackInForce()

	v := h.visitor(t, "sun")
	v.screen(1280, "light")
	v.open("/console?lang=en")
	v.staff("wu")
	v.open("/console/simulate")
	v.paste(weakened(t))
	v.submit("#simulate-go")
	v.sees(`[data-outcome="less"][data-count="1"]`)
	row := v.text(`[data-sample="less"]`)
	for _, want := range []string{"asked for less", "SMS code and Approve on your phone"} {
		if !strings.Contains(row, want) {
			t.Errorf("the case is told as %q, without %q", row, want)
		}
	}
	v.submit(`[data-group="less"] button`)
	v.sees(`[data-outcome="less"][data-count="1"]`)
	if listed := v.text("#samples"); !strings.Contains(listed, "Listed now: asked for less, V1") {
		t.Errorf("the list says %q", listed)
	}
	if h.app.engine.PackInForce() != before {
		t.Error("the policy in force was changed")
	}
	v.open("/devices")
	v.sees(`#notice[data-code="unauthenticated"]`)
	person.open("/console")
	person.sees("#staff-go")
}
