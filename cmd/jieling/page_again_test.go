package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/client"
	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// stage is one step of the android wizard, as a person takes it.
type stage struct {
	name   string
	form   string               // of the page, by ID
	button string               // that submits it
	fill   func(*visitor)       // before it is submitted
	slip   func(*visitor)       // fills it in wrongly; nil where there is no wrong answer
	factor jieling.Factor       // whose guesses a slip costs
	moved  func(*sdk.Case) bool // true once the step has been taken
	anew   bool                 // a second tab that submits it later begins it once more, which is what its person asked for
}

// stages are the steps up to the confirmation. The code that was sent is looked up when its turn comes.
func (r *rerun) stages() []stage {
	return []stage{
		{name: "reason", form: "unlink", button: "#unlink-go", fill: func(v *visitor) {
			v.do("say why", chromedp.Click(chromedp.CSS("#reason-privacy")))
		}, moved: func(c *sdk.Case) bool { return c.Next == "replacement" }},
		{name: "number", form: "replace", button: "#do-replace", anew: true, fill: func(v *visitor) {
			r.asked = r.now()
			v.fills("#phone", v.who.Phone)
		}, moved: func(c *sdk.Case) bool { return len(c.Challenges) == 1 }},
		{name: "code", form: "sms", button: "#sms-go", factor: jieling.SMSCode, fill: func(v *visitor) {
			v.fills("#sms-given", v.code(r.asked))
		}, slip: func(v *visitor) {
			v.fills("#sms-given", otherThan(v.code(r.asked)))
		}, moved: func(c *sdk.Case) bool { return c.Replaced && c.Next == "backup" }},
		{name: "backup", form: "backup", button: "#backup-declined", anew: true, fill: func(*visitor) {}, moved: func(c *sdk.Case) bool { return c.Backup.Value == "declined" }},
		{name: "payment password", form: "pin", button: "#pin-go", factor: jieling.PaymentPIN, fill: func(v *visitor) {
			v.fills("#pin-given", v.who.PIN)
		}, slip: func(v *visitor) {
			v.fills("#pin-given", otherThan(v.who.PIN))
		}, moved: func(c *sdk.Case) bool { return c.Next == "confirm" }},
	}
}

// rerun is a person who does everything more than once.
type rerun struct {
	*house
	v      *visitor
	asked  time.Time // just before the newest code was asked for
	second *visitor  // the other tab
}

// fills writes into a field in place of what was there.
func (v *visitor) fills(field, text string) {
	v.t.Helper()
	v.calm()
	v.do("write into "+field, chromedp.SetValue(chromedp.CSS(field), text))
}

// wizard brings somebody to the first page of the wizard.
func (h *house) wizard(t *testing.T, owner string) *rerun {
	t.Helper()
	r := &rerun{house: h, v: h.visitor(t, owner)}
	r.v.who.Platform = jieling.Android
	r.v.arrive("phone", "/bindings/"+string(r.v.who.QQ)+"/unlink", "en")
	r.v.submit("#handoff-go")
	return r
}

// version is that of the case, 0 before there is one.
func (r *rerun) version() int64 {
	r.v.t.Helper()
	if !strings.Contains(r.v.here(), "/cases/") {
		return 0
	}
	return r.theCase(r.v).Version
}

// unmoved does something and sees that the person is where they were, and nothing has happened.
func (r *rerun) unmoved(s stage, what string, do func()) {
	r.v.t.Helper()
	at, before := r.v.here(), r.version()
	do()
	r.v.do("go on", chromedp.Navigate(at), chromedp.WaitVisible(chromedp.CSS(s.button)))
	if after := r.version(); after != before {
		r.v.t.Errorf("at the %s, %s: the case went from version %d to %d", s.name, what, before, after)
	}
}

// TestPages_NothingIsLostOrDoneTwice takes every step of the android wizard amid a lost session, reloads, the Back button,
// a double tap and a second tab. It must come out as it does for somebody who takes each step once.
func TestPages_NothingIsLostOrDoneTwice(t *testing.T) {
	h := openHouse(t)
	once, twice := h.wizard(t, "chen"), h.wizard(t, "lin")
	steps, extra := twice.stages(), int64(0) // events beyond those of somebody who takes each step once, each accounted for
	for i, plain := range once.stages() {
		plain.fill(once.v)
		once.v.submit(plain.button)
		if c := h.theCase(once.v); !plain.moved(c) {
			t.Fatalf("the %s was not taken: the case is at %s, next %s", plain.name, c.Stage, c.Next)
		}
		extra += twice.disturbed(steps[i])
		if want, got := once.version()+extra, twice.version(); got != want {
			t.Errorf("after the %s the case is at version %d, and taken once it is at %d", plain.name, got, want)
		}
		extra += twice.late(steps[i])
	}
	once.v.open("/")
	twice.confirmTwice()
	twice.cleanTwice()
	twice.v.gone()
}

// disturbed takes a step with everything that can come in between, and gives the events that its slips cost.
func (r *rerun) disturbed(s stage) int64 {
	r.v.t.Helper()
	r.unmoved(s, "the session ran out", func() { r.expired(s) })
	r.unmoved(s, "the page was reloaded", func() { r.v.do("reload", chromedp.Reload()) })
	r.unmoved(s, "Back was pressed", func() {
		r.v.do("back and on", chromedp.NavigateBack(), chromedp.NavigateForward())
	})
	slips := r.slip(s)
	r.inSecond(s.button)
	s.fill(r.v)
	r.v.doubled(s.form, s.button)
	return slips
}

// inSecond opens the page in the second tab too, which runs no scripts: a page that follows its case would not stand as it was.
func (r *rerun) inSecond(mark string) {
	r.v.t.Helper()
	if r.second == nil {
		r.second = r.beside(r.v)
		r.second.withoutScripts()
	}
	r.second.do("open the second tab", chromedp.Navigate(r.v.here()), chromedp.WaitVisible(chromedp.CSS(mark)))
}

// expired sends a step after the session has ended, and comes back by the front door.
func (r *rerun) expired(s stage) {
	r.v.t.Helper()
	s.fill(r.v)
	at := r.v.here()
	r.v.signedOut()
	if status := r.v.submit(s.button); status != 401 || !r.v.has(`#notice[data-code="unauthenticated"]`) {
		r.v.t.Errorf("the %s without a session answers %d", s.name, status)
	}
	r.v.arrive("phone", strings.TrimPrefix(at, r.sheet.BaseURL), "en")
	r.v.submit("#handoff-go")
}

// signedOut ends the session that the visitor's browser still believes in.
func (v *visitor) signedOut() {
	v.t.Helper()
	cookies, err := chromedp.Call(v.ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range cookies.Cookies {
		if c.Name == "jieling" {
			if err := v.demo.app.engine.SignOut(v.ctx, c.Value); err != nil {
				v.t.Fatal(err)
			}
		}
	}
}

// slip sends a wrong answer and reloads what comes, so that the browser sends it again. It costs one guess. The events it
// left are given.
func (r *rerun) slip(s stage) int64 {
	r.v.t.Helper()
	if s.slip == nil {
		return 0
	}
	before := r.version()
	s.slip(r.v)
	r.v.submit(s.button)
	r.v.do("send it again", chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#notice")))
	r.oneGuess(s)
	return r.version() - before
}

func (r *rerun) oneGuess(s stage) {
	r.v.t.Helper()
	c := r.theCase(r.v)
	if len(c.Challenges) != 1 || string(c.Challenges[0].Factor) != string(s.factor) || c.Challenges[0].Guesses != 1 {
		r.v.t.Errorf("a wrong %s, sent twice, leaves %+v", s.name, c.Challenges)
	}
}

// TestPages_ADoubleTapCostsOneGuess sends wrong answers twice at the same moment.
func TestPages_ADoubleTapCostsOneGuess(t *testing.T) {
	r := openHouse(t).wizard(t, "lin")
	for _, s := range r.stages() {
		if s.slip != nil {
			s.slip(r.v)
			r.v.doubled(s.form, s.button)
			r.oneGuess(s)
		}
		s.fill(r.v)
		r.v.submit(s.button)
	}
}

// doubled submits a form twice at the same moment and goes where it leads.
func (v *visitor) doubled(form, button string) {
	v.t.Helper()
	to := ask[string](v, fmt.Sprintf(`(() => {
		const form = document.getElementById(%q), body = new URLSearchParams(new FormData(form, document.querySelector(%q)));
		const send = () => fetch(form.getAttribute("action"), {method: "POST", body}).then((answer) => answer.url);
		return Promise.all([send(), send()]).then(([one, other]) => one === other ? one : one + " and " + other);
	})()`, form, button))
	v.do("see what came of it", chromedp.Navigate(to), chromedp.WaitVisible(chromedp.CSS("h1")))
}

// late submits the same step in the tab that has stood open all the while. It is refused, or it changes nothing, unless it
// is one that a person may well take again: the events of that are given.
func (r *rerun) late(s stage) int64 {
	r.v.t.Helper()
	before := r.theCase(r.v)
	s.fill(r.second)
	r.second.submit(s.button)
	after := r.theCase(r.v)
	if !s.anew && after.Version != before.Version {
		r.v.t.Errorf("the %s in a second tab: the case went from version %d to %d", s.name, before.Version, after.Version)
	}
	r.onePhone(s)
	r.later(r.v.t, "31s") // a gateway sends one number no two messages within half a minute
	r.v.do("look again", chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#step")))
	return after.Version - before.Version
}

// onePhone sees that there is one case, and not more than one phone.
func (r *rerun) onePhone(s stage) {
	r.v.t.Helper()
	a, err := r.app.engine.Account(r.v.ctx, bySeed, r.v.who.ID)
	if err != nil {
		r.v.t.Fatal(err)
	}
	phones := 0
	for _, b := range a.Bindings {
		if b.Provider == jieling.Phone {
			phones++
		}
	}
	if len(a.Cases) != 1 || phones > 1 {
		r.v.t.Errorf("after the %s twice there are %d cases and %d phones", s.name, len(a.Cases), phones)
	}
}

// confirmTwice confirms after slips, by a double tap, and late in a second tab: every participant removes once (S20).
func (r *rerun) confirmTwice() {
	r.v.t.Helper()
	s := stage{name: "confirmation", button: "#do-confirm", fill: func(v *visitor) { v.acknowledge() }}
	r.unmoved(s, "the session ran out", func() { r.expired(s) })
	r.unmoved(s, "the last characters were wrong, and sent twice", func() {
		s.fill(r.v)
		r.v.fills("#tail", "none")
		r.v.submit(s.button)
		r.v.do("send it again", chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS(`#notice[data-code="invalid_argument"]`)))
	})
	r.inSecond("#do-confirm")
	r.v.acknowledge()
	r.v.doubled("confirm", "#do-confirm")
	r.v.sees("#residues")
	r.second.confirm()
	w := &walk{demo: r.demo, person: r.v.who, id: r.theCase(r.v).ID, say: func(string, ...any) {}}
	if err := w.participants(r.v.ctx); err != nil {
		r.v.t.Error(err)
	}
}

// cleanTwice clears the residue by a double tap: its participant does it once.
func (r *rerun) cleanTwice() {
	r.v.t.Helper()
	id := r.theCase(r.v).ID
	r.v.doubled("clean-real-name", "#clean-real-name button")
	r.v.do("see it cleared", chromedp.WaitNotPresent(chromedp.CSS("#residues")))
	var rows []client.LedgerEntry
	if err := getJSON(r.v.ctx, r.sheet.Sandbox[sandbox.WeChatPay]+"/_ledger", &rows); err != nil {
		r.v.t.Fatal(err)
	}
	applied := 0
	for _, row := range rows {
		if row.Case == string(id) && row.Op == client.OpCleanup {
			applied += row.Applied
		}
	}
	if applied != 1 {
		r.v.t.Errorf("the residue was cleared %d times", applied)
	}
}
