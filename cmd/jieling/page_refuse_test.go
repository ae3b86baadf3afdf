package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/jieling-id/jieling"
	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/lang"
)

// reply is what a page says to a request that is made beside the one on the screen.
type reply struct {
	Status   int    `json:"status"`
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
	Next     string `json:"next"`
}

// send makes a request with the visitor's cookies. A form makes it a POST.
func (v *visitor) send(path string, form url.Values) reply {
	v.t.Helper()
	method := "GET"
	body := "undefined"
	if form != nil {
		quoted, _ := json.Marshal(form.Encode())
		method, body = "POST", fmt.Sprintf("new URLSearchParams(%s)", quoted)
	}
	return ask[reply](v, fmt.Sprintf(`fetch(%q, {method: %q, body: %s}).then(async (answer) => {
		const page = new DOMParser().parseFromString(await answer.text(), "text/html"), notice = page.getElementById("notice");
		const said = notice ? [...notice.querySelectorAll("p")].map((p) => p.textContent.trim()) : [];
		return {status: answer.status, code: (notice && notice.dataset.code) || "", sentence: said[0] || "", next: said[1] || ""};
	})`, path, method, body))
}

// do is the form of a move of a case.
func do(move string, pairs ...string) url.Values {
	form := url.Values{"do": {move}, "idem": {fmt.Sprint("test ", move, pairs)}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// TestPages_ARefusalSaysWhatAndWhatNext tries what cannot be done. Each refusal carries a code, a sentence and a next step, in
// the language of the page.
func TestPages_ARefusalSaysWhatAndWhatNext(t *testing.T) {
	h := openHouse(t)
	for owner, in := range map[string]string{"lin": "zh-CN", "chen": "en"} {
		r := h.wizard(t, owner)
		r.v.do("choose the language", chromedp.Navigate(r.v.here()+"?lang="+in))
		unlink := "/bindings/" + string(r.v.who.QQ) + "/unlink"
		foreign := "/cases/" + string(h.wizardCase(t, map[string]string{"lin": "zhao", "chen": "sun"}[owner]).ID)
		r.stages()[0].fill(r.v)
		r.v.submit("#unlink-go")
		this := strings.TrimPrefix(r.v.here(), h.sheet.BaseURL)
		for _, test := range []struct {
			path string
			form url.Values
			code jieling.Code
		}{
			{"/nowhere", nil, jieling.CodeNotFound},
			{foreign, nil, jieling.CodeNotFound},
			{foreign, do("cancel"), jieling.CodeNotFound},
			{"/approve/none", nil, jieling.CodeNotFound},
			{"/approve/none", do("claim"), jieling.CodeNotFound},
			{"/handoff", url.Values{"token": {"hof_none"}}, jieling.CodeUnauthenticated},
			{"/signin/nobody", nil, jieling.CodeProviderUnknown},
			{"/signin/qq/callback?code=x&state=y", nil, jieling.CodeForbidden},
			{"/devices/enrol", url.Values{"given": {"{}"}}, ""},
			{unlink, url.Values{"reason": {"none of these"}}, jieling.CodeInvalid},
			{this, do("nonsense"), jieling.CodeInvalid},
			{this, do("replace", "phone", "12"), jieling.CodeInvalid},
			{this, do("backup", "choice", "perhaps"), jieling.CodeInvalid},
			{this, do("challenge", "factor", "voice"), jieling.CodeNotAsked},
			{this, do("answer", "challenge", "chl_none", "given", "000000"), jieling.CodeNotFound},
			{this, do("confirm"), ""},
			{this, do("undo"), ""},
			{this, do("clean", "participant", "game", "residue", "none"), ""},
		} {
			got := r.v.send(test.path, test.form)
			if got.Status < 400 || got.Code == "" || got.Sentence == "" || got.Next == "" || test.code != "" && got.Code != string(test.code) {
				t.Errorf("%s: %s %v: %+v, want the code %q, a sentence and a next step", in, test.path, test.form, got, test.code)
			}
			if chinese := strings.ContainsFunc(got.Sentence, func(c rune) bool { return c >= '一' && c <= '鿿' }); chinese != (in == "zh-CN") {
				t.Errorf("%s: %s %v speaks another language: %q", in, test.path, test.form, got.Sentence)
			}
		}
	}
}

// wizardCase opens a case for somebody, by the product's side.
func (h *house) wizardCase(t *testing.T, owner string) *sdk.Case {
	t.Helper()
	who := h.account(owner)
	c, err := h.jl.OpenCase(t.Context(), &sdk.NewCase{
		Account: sdk.AccountID(who.ID), Goal: "unlink", Binding: sdk.BindingID(who.QQ), Platform: "android", Reason: "privacy",
	}, sdk.OpenCaseParams{IdempotencyKey: sdk.NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPages_AGETChangesNothing fetches, at every step of the wizard, each address that its page names, and each form's with
// what the form would send (mail scanners fetch whatever they find).
func TestPages_AGETChangesNothing(t *testing.T) {
	h := openHouse(t)
	r := h.wizard(t, "lin")
	pry := func(name string) {
		t.Helper()
		before := h.standing(t, r.v.who.ID)
		named := ask[[]string](r.v, `[...document.querySelectorAll("a[href]")].map((a) => a.getAttribute("href")).filter((to) => to.startsWith("/") && !to.startsWith("/signin/"))
			.concat([...document.forms].flatMap((f) => [...f.querySelectorAll("[type=submit]"), null].map((by) => f.getAttribute("action") + "?" + new URLSearchParams(new FormData(f, by)))))`)
		if len(named) < 3 {
			t.Errorf("at the %s the page names only %q", name, named)
		}
		for _, to := range named {
			r.v.send(to, nil)
		}
		if after := h.standing(t, r.v.who.ID); after != before {
			t.Errorf("at the %s, fetching %q changed\n%s\nto\n%s", name, named, before, after)
		}
	}
	for _, s := range r.stages() {
		pry(s.name)
		s.fill(r.v)
		r.v.submit(s.button)
	}
	pry("confirmation")
	r.v.confirm()
	r.v.sees("#residues")
	err := eventually(t.Context(), func() (bool, error) { return h.theCase(r.v).Upstream != "", nil }) // the last that happens by itself
	if err != nil {
		t.Fatal(err)
	}
	pry("end")
}

// standing is all that a person could change, as text, once nobody is at work on it.
func (h *house) standing(t *testing.T, id jieling.AccountID) string {
	t.Helper()
	if err := eventually(t.Context(), func() (bool, error) { return h.atRest(t.Context()) }); err != nil {
		t.Fatal(err)
	}
	a, err := h.app.engine.Account(t.Context(), bySeed, id)
	if err != nil {
		t.Fatal(err)
	}
	out := fmt.Sprintln("account", a.Version, a.Frozen, "bindings", len(a.Bindings), "devices", len(a.Devices), "factors", len(a.Enrolments))
	for _, c := range a.Cases {
		full := h.caseOf(t, sdk.CaseID(c.ID))
		out += fmt.Sprintln("case", c.ID, full.Version, full.Stage, full.Next)
		for _, ch := range full.Challenges {
			out += fmt.Sprintln("challenge", ch.ID, ch.State, ch.Guesses)
		}
	}
	return out
}

// TestPages_SigningInAsSomebodyElseProvesNothing comes back from QQ as another person in the middle of a case: the session is
// the other's, and the case is neither shown to it nor moved by it.
func TestPages_SigningInAsSomebodyElseProvesNothing(t *testing.T) {
	h := openHouse(t)
	r := h.wizard(t, "lin")
	for _, s := range r.stages()[:4] {
		s.fill(r.v)
		r.v.submit(s.button)
	}
	this, id := strings.TrimPrefix(r.v.here(), h.sheet.BaseURL), h.theCase(r.v).ID
	before := h.standing(t, r.v.who.ID)
	r.v.open("/signin/qq")
	r.v.do("be somebody else", chromedp.WaitVisible(chromedp.CSS(`[name="person"]`)), chromedp.Click(chromedp.CSS(`[name="person"][value="zhao"]`)),
		chromedp.Click(chromedp.CSS(`button[value="allow"]`)), chromedp.WaitVisible(chromedp.CSS("#methods")))
	if got := ask[bool](r.v, fmt.Sprintf("document.body.textContent.includes(%q)", h.account("lin").QQ)); got {
		t.Error("the other person's centre names this one's binding")
	}
	for _, form := range []url.Values{nil, do("answer", "factor", "payment_pin", "given", r.v.who.PIN), do("answer", "factor", "payment_pin", "given", h.account("zhao").PIN), do("confirm"), do("cancel")} {
		if got := r.v.send(this, form); got.Status != 404 || got.Code != string(jieling.CodeNotFound) || got.Next == "" {
			t.Errorf("the other person sends %v to the case and is told %+v", form, got)
		}
	}
	if after := h.standing(t, r.v.who.ID); after != before {
		t.Errorf("the case moved, from\n%s\nto\n%s", before, after)
	}
	if c := h.caseOf(t, id); len(c.Proofs) != 0 {
		t.Errorf("the case has the proofs %+v", c.Proofs)
	}
}

// TestPages_CancellingEndsWhatWasBegun cancels while a code, a number and a QR ticket are on their way: none is worth anything
// afterwards, nor for the case that comes next.
func TestPages_CancellingEndsWhatWasBegun(t *testing.T) {
	h := openHouse(t)
	t.Run("QR ticket", func(t *testing.T) {
		desk := h.visitor(t, "zhao")
		desk.arrive("desk", "/cases/"+string(h.wizardCaseOn(t, "zhao", "web").ID), "en")
		desk.submit("#handoff-go")
		desk.submit("#backup-declined")
		desk.submit("#challenge-qr_approval")
		code, number := desk.shown()
		phone := h.visitor(t, "zhao")
		phone.arrive("phone", "/approve/"+code, "en")
		phone.submit("#handoff-go")
		phone.submit("#do-claim")
		phone.sees("#do-approve")
		desk.submit("#do-cancel")
		desk.sees("#ended")
		phone.do("choose the number", chromedp.Click(chromedp.CSS("#number-"+number)))
		phone.write("#approve-pin", phone.who.PIN)
		phone.submit("#do-approve")
		if phone.has(`#approved[data-state="passed"]`) {
			t.Error("the phone approved what had been cancelled")
		}
		if c := h.theCase(desk); c.Stage != "cancelled" || len(c.Proofs) != 0 || len(c.Challenges) != 0 {
			t.Errorf("cancelled, the case is at %s with proofs %+v and challenges %+v", c.Stage, c.Proofs, c.Challenges)
		}
	})
	t.Run("number", func(t *testing.T) {
		r := h.wizard(t, "lin")
		steps := r.stages()
		for _, s := range steps[:2] {
			s.fill(r.v)
			r.v.submit(s.button)
		}
		code, this := r.v.code(r.asked), strings.TrimPrefix(r.v.here(), h.sheet.BaseURL)
		challenge := ask[string](r.v, `document.querySelector("#sms [name=challenge]").value`)
		r.v.submit("#do-cancel")
		r.v.sees("#ended")
		again := h.wizardCase(t, "lin")
		for _, to := range []string{this, "/cases/" + string(again.ID)} {
			if got := r.v.send(to, do("answer", "challenge", challenge, "given", code)); got.Status < 400 {
				t.Errorf("the code of a cancelled case was taken at %s: %+v", to, got)
			}
		}
		a, err := h.app.engine.Account(t.Context(), bySeed, r.v.who.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range a.Bindings {
			if b.Provider == jieling.Phone && b.State != jieling.BindingRemoved {
				t.Errorf("the number is still there, %s", b.State)
			}
		}
		if c := h.caseOf(t, again.ID); c.Replaced || len(c.Challenges) != 0 {
			t.Errorf("the next case begins with %+v", c)
		}
	})
}

func (h *house) wizardCaseOn(t *testing.T, owner string, on sdk.Platform) *sdk.Case {
	t.Helper()
	who := h.account(owner)
	c, err := h.jl.OpenCase(t.Context(), &sdk.NewCase{
		Account: sdk.AccountID(who.ID), Goal: "unlink", Binding: sdk.BindingID(who.QQ), Platform: on, Reason: "privacy",
		Device: sdk.NewOptDeviceID(sdk.DeviceID(who.Devices["desk"])),
	}, sdk.OpenCaseParams{IdempotencyKey: sdk.NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPages_TimesAreTheServers reads every time a page names and compares it with the service's; and each holds: a moment
// before it the thing can be done, a moment after it cannot.
func TestPages_TimesAreTheServers(t *testing.T) {
	h := openHouse(t)
	r := h.wizard(t, "lin")
	r.v.withoutScripts() // a page that follows its case would show that a time is over before anything is pressed
	say, steps := lang.EN, r.stages()
	for _, s := range steps[:2] {
		s.fill(r.v)
		r.v.submit(s.button)
	}
	c := h.theCase(r.v)
	r.v.names(t, "the end of the case", say.Moment(c.ExpiresAt))
	r.v.names(t, "the end of the code", say.Moment(c.Challenges[0].ExpiresAt))
	h.later(t, c.Challenges[0].ExpiresAt.Add(-2*time.Minute).Sub(h.now()).String()) // a machine may be slow
	r.v.do("look again", chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#sms-given")))
	r.v.fills("#sms-given", r.v.code(r.asked))
	h.later(t, "2m1s")
	if r.v.submit("#sms-go"); !r.v.has(`#notice[data-code="challenge_expired"]`) {
		t.Errorf("a code that has ended is not refused as such: %s", r.v.text("main"))
	}
	for _, s := range steps[1:] {
		s.fill(r.v)
		r.v.submit(s.button)
	}
	r.v.confirm()
	r.v.sees("#do-undo")
	c = h.theCase(r.v)
	until := c.GuardedUntil.Value
	r.v.names(t, "the end of the guarded window", say.Moment(until))
	at := strings.TrimPrefix(r.v.here(), h.sheet.BaseURL)
	r.v.open("/")
	r.v.names(t, "the end of the guarded window", say.Moment(until))
	for _, test := range []struct {
		to   time.Time
		open bool
	}{{until.Add(-5 * time.Minute), true}, {until.Add(time.Second), false}} {
		h.later(t, test.to.Sub(h.now()).String())
		r.v.arrive("phone", at, "en")
		r.v.submit("#handoff-go")
		r.v.sees("#step, #ended")
		if got := r.v.has("#do-undo"); got != test.open {
			t.Errorf("at %s, with the window until %s, the way back is offered: %t", say.Moment(h.now()), say.Moment(until), got)
		}
	}
	if got := r.v.send(at, do("undo")); got.Status < 400 || got.Code == "" {
		t.Errorf("after the window an undo is answered %+v", got)
	}
}

// names sees that the page says a moment.
func (v *visitor) names(t *testing.T, what, moment string) {
	t.Helper()
	if text := ask[string](v, `document.querySelector("main").textContent`); !strings.Contains(text, moment) {
		t.Errorf("%s does not say that %s is %s", v.here(), what, moment)
	}
}

// TestPages_TheListIsReadAnew goes back to a centre that was shown before a change: it never shows what was.
func TestPages_TheListIsReadAnew(t *testing.T) {
	h := openHouse(t)
	v := h.visitor(t, "sun")
	v.arrive("phone", "/", "en")
	v.submit("#handoff-go")
	v.submit(`[data-unlink="qq"]`)
	v.do("say why", chromedp.Click(chromedp.CSS("#reason-privacy")))
	v.submit("#unlink-go")
	v.do("back to the centre", chromedp.NavigateBack(), chromedp.NavigateBack(), chromedp.WaitVisible(chromedp.CSS("#cases")))
	if v.has(`[data-unlink="qq"]`) {
		t.Error("the centre offers to begin what is under way")
	}
	v.submit("#cases a.button")
	v.submit("#do-cancel")
	v.do("back to the centre", chromedp.NavigateBack(), chromedp.NavigateBack(), chromedp.WaitVisible(chromedp.CSS(`[data-unlink="qq"]`)))
	if v.has("#cases") {
		t.Error("the centre shows a case that was cancelled")
	}
	v.submit(`[data-unlink="qq"]`)
	v.do("say why", chromedp.Click(chromedp.CSS("#reason-privacy")))
	v.submit("#unlink-go")
	v.submit("#backup-made")
	v.write("#pin-given", v.who.PIN)
	v.submit("#pin-go")
	v.confirm()
	v.sees("#do-undo")
	v.submit("#home")
	v.sees("#methods")
	if v.has("#" + string(v.who.QQ)) {
		t.Error("the centre lists what was unlinked")
	}
}
