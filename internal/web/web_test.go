package web

import (
	"bufio"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/lang"
)

var gets = []string{
	"/", "/?care=on", "/bindings/bnd_qq", "/handoff?token=good", "/bindings/bnd_qq/unlink", "/bindings/bnd_qq/unlink?reason=theft&lang=en", "/bindings/bnd_qq/stolen?anyway=yes", "/cases/case_1/calendar.ics", "/cases/case_1/report", "/cases/case_1", "/cases/case_1?do=confirm", "/approve/7k2m9q",
	"/approve/7k2m9q?do=approve&number=42", "/devices/enrol", "/devices", "/devices?do=remove&device=dev_1", "/devices/others", "/u/good", "/u/good?do=notme", "/u/none", "/checkup", "/activity", "/activity?kind=link&before=7", "/freeze", "/signin/qq", "/signin/nobody", "/nowhere", "/signout", "/console", "/console?lang=en", "/console/proofs", "/console/explain?fact.platform=ios", "/console/simulate", "/console/signout",
}

// Link scanners, previews and the Back button fetch pages: not one of them may change anything.
func TestAGetChangesNothing(t *testing.T) {
	for _, path := range gets {
		h := newHouse(t, false)
		h.ask(path, nil, signedInAs)
		h.ask(path, nil)
		if did := h.verbs(); did != "" {
			t.Errorf("GET %s did %s", path, did)
		}
	}
}

func TestThePolicyIsStrictOnEveryPage(t *testing.T) {
	for _, path := range gets {
		h := newHouse(t, true)
		header := h.ask(path, nil).Header()
		csp := header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: no %s in %q", path, want, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "http:") || strings.Contains(csp, "*") {
			t.Errorf("%s: a loose policy: %q", path, csp)
		}
		if header.Get("Cache-Control") != "no-store" || header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: headers %v", path, header)
		}
	}
}

func TestTheScriptCarriesTheNonceOfItsPolicy(t *testing.T) {
	h := newHouse(t, false)
	w := h.ask("/devices/enrol", nil, signedInAs)
	_, after, _ := strings.Cut(w.Header().Get("Content-Security-Policy"), "'nonce-")
	nonce, _, _ := strings.Cut(after, "'")
	if nonce == "" || !strings.Contains(w.Body.String(), `nonce="`+strings.ReplaceAll(nonce, "+", "&#43;")+`"`) && !strings.Contains(w.Body.String(), `nonce="`+nonce+`"`) {
		t.Errorf("the page does not carry the nonce %q", nonce)
	}
}

func TestAssetsMayBeKeptForEver(t *testing.T) {
	h := newHouse(t, false)
	page := h.ask("/", nil).Body.String()
	at := strings.Index(page, "/assets/page.")
	path, _, _ := strings.Cut(page[at:], `"`)
	w := h.ask(path, nil)
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Errorf("%s: %d %v", path, w.Code, w.Header())
	}
	if w := h.ask("/assets/page.000000000000.css", nil); w.Code != http.StatusNotFound {
		t.Errorf("an old name is answered with %d", w.Code)
	}
}

func TestNobodySignedInIsToldHowToComeIn(t *testing.T) {
	h := newHouse(t, false)
	if w := h.ask("/", nil, english); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `href="/signin/qq"`) {
		t.Errorf("%d without a way in", w.Code)
	}
	for _, path := range []string{"/cases/case_1", "/bindings/bnd_qq/unlink", "/devices", "/devices/others", "/devices/enrol", "/cases/case_1/events"} {
		w := h.ask(path, nil, as("expired"))
		if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), `data-code="unauthenticated"`) || !strings.Contains(w.Body.String(), `href="/signin/qq"`) {
			t.Errorf("%s: %d, or without code and way in", path, w.Code)
		}
	}
	for _, path := range []string{"/cases/case_1", "/devices", "/approve/7k2m9q", "/bindings/bnd_qq/unlink"} {
		if w := h.ask(path, url.Values{"do": {"confirm"}}); w.Code != http.StatusUnauthorized || h.verbs() != "" {
			t.Errorf("POST %s: %d, did %q", path, w.Code, h.verbs())
		}
	}
}

func TestARequestFromAnotherSiteIsRefused(t *testing.T) {
	h := newHouse(t, false)
	w := h.ask("/cases/case_1", url.Values{"do": {"confirm"}}, signedInAs, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
	if w.Code != http.StatusForbidden || h.verbs() != "" {
		t.Errorf("%d, did %q", w.Code, h.verbs())
	}
}

// A person who is turned away at the door reads why, on a page; a program gets its problem.
func TestWhoeverIsTurnedAwayReadsWhy(t *testing.T) {
	h := newHouse(t, false)
	foreign := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	html := func(r *http.Request) { r.Header.Set("Accept", "text/html,application/xhtml+xml") }
	w := h.ask("/cases/case_1", url.Values{"do": {"confirm"}}, signedInAs, foreign, html)
	if page := w.Body.String(); w.Code != http.StatusForbidden || h.verbs() != "" || !strings.Contains(page, `data-code="forbidden"`) || !strings.Contains(page, "其他网站") ||
		!strings.Contains(page, lang.MeansUnchanged.In(lang.ZH)) || !strings.Contains(w.Header().Get("Content-Security-Policy"), "style-src 'self'") {
		t.Errorf("another site: %d %s", w.Code, page)
	}
	w = h.ask("/cases/case_1", url.Values{"do": {"confirm"}}, signedInAs, foreign)
	if w.Code != http.StatusForbidden || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("a program: %d %s", w.Code, w.Header().Get("Content-Type"))
	}
	h = newHouse(t, false, gate.Rate{PerSecond: 0.01, Burst: 1})
	h.ask("/", nil, html)
	w = h.ask("/", nil, html, english)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "Too many requests") {
		t.Errorf("too many: %d, %q", w.Code, w.Header().Get("Retry-After"))
	}
}

// What cannot be brought back has to be acknowledged, and not to the browser alone.
func TestWhatIsLostForGoodHasToBeTicked(t *testing.T) {
	h := newHouse(t, false)
	h.view.Impact = []jieling.Dependent{{ID: "g", Title: jieling.Text{ZH: "存档", EN: "A save"}, Change: jieling.Lost, Irreversible: true}}
	for _, form := range []url.Values{{"do": {"confirm"}}, {"do": {"confirm"}, "known": {"no"}}} {
		w := h.ask("/cases/case_1", form, signedInAs)
		if w.Code != http.StatusBadRequest || h.verbs() != "" || !strings.Contains(w.Body.String(), lang.ConfirmUnticked.In(lang.ZH)) || !strings.Contains(w.Body.String(), `id="known"`) {
			t.Errorf("%v: %d, did %q", form, w.Code, h.verbs())
		}
	}
	for _, typed := range []string{"", "482", "1284", "12****4821"} {
		w := h.ask("/cases/case_1", url.Values{"do": {"confirm"}, "known": {"yes"}, "tail": {typed}}, signedInAs)
		if w.Code != http.StatusBadRequest || h.verbs() != "" || !strings.Contains(w.Body.String(), "12****4821 再输入一次") {
			t.Errorf("typed %q: %d, did %q", typed, w.Code, h.verbs())
		}
	}
	if w := h.ask("/cases/case_1", url.Values{"do": {"confirm"}, "known": {"yes"}, "tail": {" 4821 "}}, signedInAs); w.Code != http.StatusSeeOther || h.verbs() != "confirm" {
		t.Errorf("ticked and typed: %d, did %q", w.Code, h.verbs())
	}
}

// Where nothing is lost for good, and where the characters are masked, nothing has to be typed.
func TestNothingIsTypedWithoutNeed(t *testing.T) {
	h := newHouse(t, false)
	if page := h.ask("/cases/case_1", nil, signedInAs).Body.String(); strings.Contains(page, `id="tail"`) {
		t.Error("something is to be typed though everything can be restored")
	}
	h.view.Impact = []jieling.Dependent{{ID: "g", Title: jieling.Text{ZH: "存档", EN: "A save"}, Change: jieling.Lost, Irreversible: true}}
	h.view.Binding.Label = "****"
	if w := h.ask("/cases/case_1", url.Values{"do": {"confirm"}, "known": {"yes"}}, signedInAs); w.Code != http.StatusSeeOther {
		t.Errorf("what is masked is asked for: %d", w.Code)
	}
}

func TestHowTheGrantIsTakenBackIsShown(t *testing.T) {
	h := newHouse(t, false)
	h.view.Next, h.view.Stage, h.view.Upstream = casework.MoveDone, jieling.StageGuarded, jieling.UpstreamUserAction
	h.view.Guide = jieling.Text{ZH: "在 QQ 的授权管理里移除。", EN: "Remove it under authorisations in QQ."}
	page := h.ask("/cases/case_1", nil, signedInAs, english).Body.String()
	if !strings.Contains(page, "Remove it under authorisations") || !strings.Contains(page, `value="probe"`) {
		t.Error("the way, or the button to check again, is missing")
	}
}

func TestCareModeIsChosenAndRemembered(t *testing.T) {
	h := newHouse(t, false)
	const care = `<html lang="zh-CN" class="care">`
	w := h.ask("/?care=on", nil)
	if !strings.Contains(w.Body.String(), care) || !strings.Contains(w.Body.String(), `href="/?care=off"`) {
		t.Error("the address does not choose it, or there is no way back")
	}
	c := w.Result().Cookies()[0]
	kept := func(r *http.Request) { r.AddCookie(c) }
	if page := h.ask("/freeze", nil, signedInAs, kept).Body.String(); !strings.Contains(page, care) {
		t.Error("it is not remembered")
	}
	w = h.ask("/?care=off", nil, kept)
	if strings.Contains(w.Body.String(), care) || len(w.Result().Cookies()) != 1 {
		t.Error("it cannot be switched off")
	}
	if w := h.ask("/?care=maybe", nil); strings.Contains(w.Body.String(), care) || len(w.Result().Cookies()) > 0 {
		t.Error("a choice that is none is remembered")
	}
}

func TestOneSignInMethodHasAPageOfItsOwn(t *testing.T) {
	h := newHouse(t, false)
	w := h.ask("/bindings/bnd_qq", nil, signedInAs)
	if page := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(page, "12****4821") || !strings.Contains(page, `data-unlink="qq"`) || !strings.Contains(page, `id="fresh"`) {
		t.Errorf("%d", w.Code)
	}
	if w := h.ask("/bindings/bnd_other", nil, signedInAs); w.Code != http.StatusNotFound {
		t.Errorf("a method of nobody's: %d", w.Code)
	}
	if w := h.ask("/bindings/bnd_qq", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("without a session: %d", w.Code)
	}
}

func TestTheHandoffIsRedeemedByTheButtonAlone(t *testing.T) {
	h := newHouse(t, true)
	if w := h.ask("/handoff?token=good", nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `value="good"`) || h.verbs() != "" {
		t.Fatalf("GET: %d, did %q", w.Code, h.verbs())
	}
	w := h.ask("/handoff", url.Values{"token": {"good"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/cases/case_1" {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	c := w.Result().Cookies()[0]
	if c.Name != "__Host-jieling" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %v", c)
	}
	for _, ticket := range []string{"astray", "away"} {
		if to := h.ask("/handoff", url.Values{"token": {ticket}}).Header().Get("Location"); to != "/" {
			t.Errorf("%s leads to %q", ticket, to)
		}
	}
	if w := h.ask("/handoff", url.Values{"token": {"used"}}); w.Code != http.StatusUnauthorized || len(w.Result().Cookies()) > 0 {
		t.Errorf("a used ticket: %d, cookies %v", w.Code, w.Result().Cookies())
	}
}

// RFC 6749, 10.12: a sign-in that this browser did not begin is not finished here.
func TestASignInIsBoundToItsBrowser(t *testing.T) {
	h := newHouse(t, false)
	w := h.ask("/signin/qq", nil)
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusFound || to.Host != "qq.example.test" {
		t.Fatalf("%d to %v", w.Code, to)
	}
	state, kept := to.Query().Get("state"), w.Result().Cookies()[0]
	back := func(q string, cookies ...*http.Cookie) (int, string) {
		w := h.ask("/signin/qq/callback?"+q, nil, func(r *http.Request) {
			for _, c := range cookies {
				r.AddCookie(c)
			}
		})
		return w.Code, w.Header().Get("Location")
	}
	good := url.Values{"code": {"c"}, "state": {state}}.Encode()
	for name, code := range map[string]int{
		"no cookie":   first(back(good)),
		"other state": first(back("code=c&state=x", kept)),
		"no state":    first(back("code=c", kept)),
	} {
		if code != http.StatusForbidden {
			t.Errorf("%s: %d", name, code)
		}
	}
	if h.verbs() != "" {
		t.Fatalf("did %s", h.verbs())
	}
	if code := first(back("error=access_denied&state="+url.QueryEscape(state), kept)); code != http.StatusUnauthorized {
		t.Errorf("denied at the provider: %d", code)
	}
	if code := first(back(url.Values{"code": {"unknown"}, "state": {state}}.Encode(), kept)); code != http.StatusNotFound {
		t.Errorf("an unlinked identity: %d", code)
	}
	if code, to := back(good, kept); code != http.StatusSeeOther || to != "/" || h.verbs() != "sign-in" {
		t.Errorf("%d to %q, did %q", code, to, h.verbs())
	}
}

func first(code int, _ string) int { return code }

func TestEveryMoveReturnsToItsCase(t *testing.T) {
	tests := []struct {
		form string
		did  string
	}{
		{"do=ask", "describe"},
		{"do=challenge&factor=sms_code", "challenge"},
		{"do=answer&factor=payment_pin&given=123456", "challenge answer:chl_new"},
		{"do=answer&factor=sms_code&challenge=chl_1&given=123456", "answer:chl_1"},
		{"do=answer&factor=face&challenge=chl_1", "answer:chl_1"},
		{"do=replace&phone=138+0013+8000", "replace"},
		{"do=backup&choice=made", "backup:made"},
		{"do=step-done&step=freeze-qq", "step:freeze-qq/false"},
		{"do=step-skip&step=phone-abroad", "step:phone-abroad/true"},
		{"do=backup&choice=declined", "backup:declined"},
		{"do=waive&loss=nothing&loss=phone_lost&reason=+It+is+mine.+", "waive"},
		{"do=confirm", "confirm"},
		{"do=cancel", "cancel"},
		{"do=undo", "undo"},
		{"do=clean&participant=wallet&residue=realname", "clean:wallet/realname"},
		{"do=probe", "probe"},
	}
	for _, tt := range tests {
		h := newHouse(t, false)
		form, err := url.ParseQuery(tt.form + "&idem=t")
		if err != nil {
			t.Fatal(err)
		}
		w := h.ask("/cases/case_1", form, signedInAs)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/cases/case_1" || h.verbs() != tt.did {
			t.Errorf("%s: %d to %q, did %q", tt.form, w.Code, w.Header().Get("Location"), h.verbs())
		}
		if tt.did == "waive" && (h.waiver.Reason != "It is mine." || !slices.Equal(h.waiver.Losses, []string{"nothing", "phone_lost"})) {
			t.Errorf("waived %+v", h.waiver)
		}
	}
}

// A refusal shows the same page with a code, a sentence and a next step.
func TestARefusedMoveSaysCodeSentenceAndNextStep(t *testing.T) {
	h := newHouse(t, false)
	h.refuse = &jieling.Error{Code: jieling.CodeTooMany, Public: jieling.Text{ZH: "次数过多。", EN: "Too many tries."}, After: 42 * time.Minute}
	w := h.ask("/cases/case_1", url.Values{"do": {"confirm"}}, signedInAs, english)
	page := w.Body.String()
	for _, want := range []string{`data-code="too_many_attempts"`, "Too many tries.", "Try again in 42 minutes", `value="confirm"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if w.Code != http.StatusTooManyRequests {
		t.Errorf("status %d", w.Code)
	}
	if w := h.ask("/cases/case_1", url.Values{"do": {"anything"}}, signedInAs); w.Code != http.StatusBadRequest {
		t.Errorf("an unknown move: %d", w.Code)
	}
}

// What failed on our side is told by a number alone.
func TestAFailureOfOursTellsNothing(t *testing.T) {
	h := newHouse(t, false)
	h.refuse = &jieling.Error{Code: jieling.CodeInternal, Public: jieling.Text{ZH: "内情", EN: "inside"}, Err: http.ErrServerClosed}
	w := h.ask("/cases/case_1", url.Values{"do": {"confirm"}}, signedInAs, english)
	if page := w.Body.String(); w.Code != 500 || strings.Contains(page, "inside") || strings.Contains(page, "Server closed") || !strings.Contains(page, w.Header().Get("Request-Id")) {
		t.Errorf("%d", w.Code)
	}
}

func TestPendingIsNotARefusal(t *testing.T) {
	h := newHouse(t, false)
	h.wait = true
	w := h.ask("/cases/case_1", url.Values{"do": {"answer"}, "challenge": {"chl_1"}}, signedInAs, english)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "no try is used up") || strings.Contains(w.Body.String(), "data-code") {
		t.Errorf("%d", w.Code)
	}
}

// A double tap is one request; another answer, another page, another session or another call is another. What was filled in
// cannot be found in the key.
func TestTheSameFormIsTheSameRequest(t *testing.T) {
	h := newHouse(t, false)
	send := func(token, path string, form url.Values) engine.Idem {
		h.ask(path, form, as(token))
		return h.idems[len(h.idems)-1]
	}
	pin := func(given string) url.Values {
		return url.Values{"do": {"answer"}, "challenge": {"chl_1"}, "given": {given}, "idem": {"t"}}
	}
	once := send("session", "/cases/case_1", pin("123456"))
	if once.Key == "" || once != send("session", "/cases/case_1", pin("123456")) {
		t.Error("the same form is not the same request")
	}
	newer := pin("123456")
	newer.Set("idem", "t2")
	for name, other := range map[string]engine.Idem{
		"another answer":  send("session", "/cases/case_1", pin("123457")),
		"a new rendering": send("session", "/cases/case_1", newer),
		"another session": send("other", "/cases/case_1", pin("123456")),
	} {
		if other.Key == once.Key {
			t.Errorf("%s is the same request", name)
		}
	}
	h.did, h.idems = nil, nil
	h.ask("/cases/case_1", url.Values{"do": {"answer"}, "factor": {"payment_pin"}, "given": {"123456"}, "idem": {"t"}}, signedInAs)
	if len(h.idems) != 2 || h.idems[0].Key == h.idems[1].Key {
		t.Error("the two calls of one form share a key")
	}
}

func TestAPhoneIsReadAsPeopleWriteIt(t *testing.T) {
	for typed, want := range map[string]string{
		"13800138000": "+8613800138000", " 138-0013-8000 ": "+8613800138000", "+86 138 0013 8000": "+8613800138000", "0044 7911 123456": "+447911123456",
		"+447911123456": "+447911123456", "12800138000": "", "1380013800": "", "phone": "", "": "", "+0123456789": "", "+8613800138000; DROP": "",
	} {
		got, ok := number(typed)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v; want %q", typed, got, ok, want)
		}
	}
	h := newHouse(t, false)
	w := h.ask("/cases/case_1", url.Values{"do": {"replace"}, "phone": {"12"}}, signedInAs)
	if w.Code != http.StatusBadRequest || h.verbs() != "" || !strings.Contains(w.Body.String(), lang.ReplaceMalformed.In(lang.ZH)) {
		t.Errorf("%d, did %q", w.Code, h.verbs())
	}
}

// A2: a mailbox that is typed is named as it stands; whether it is one the engine says.
func TestA2_AMailboxIsNamedInsteadOfAPhone(t *testing.T) {
	h := newHouse(t, false)
	w := h.ask("/cases/case_1", url.Values{"do": {"replace"}, "mailbox": {" lin@mail.example "}, "phone": {"12"}}, signedInAs)
	if w.Code != http.StatusSeeOther || h.verbs() != "replace" || h.named.Provider != jieling.Email || h.named.Subject != "lin@mail.example" {
		t.Errorf("%d, did %q with %+v", w.Code, h.verbs(), h.named)
	}
}

// F6: the reason is asked once; the platform and the device come from the session, never from the form.
func TestF6_TheReasonIsAskedAndThePlatformIsTheSessions(t *testing.T) {
	h := newHouse(t, false)
	w := h.ask("/bindings/bnd_qq/unlink", url.Values{"reason": {"abroad"}, "platform": {"android"}, "device": {"dev_9"}}, signedInAs)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/cases/case_1" {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	want := engine.NewCase{Account: "acc_1", Goal: jieling.Unlink, Binding: "bnd_qq", Platform: jieling.IOS, Device: "dev_1", Reason: jieling.ReasonAbroad}
	if !reflect.DeepEqual(h.open, want) {
		t.Errorf("opened %+v", h.open)
	}
	h.refuse = jieling.Refuse(jieling.CodeNotOnPlatform, "请用手机。", "Use a phone.")
	w = h.ask("/bindings/bnd_qq/unlink", url.Values{"reason": {"abroad"}}, signedInAs, english)
	if page := w.Body.String(); !strings.Contains(page, "Use a phone.") || !strings.Contains(page, `value="abroad" required checked`) {
		t.Error("the refusal or the answer given is not shown")
	}
	if w := h.ask("/bindings/bnd_other/unlink", nil, signedInAs); w.Code != http.StatusNotFound {
		t.Errorf("a binding of nobody's: %d", w.Code)
	}
}

func TestTheFaceVendorSendsThePersonBackToTheCase(t *testing.T) {
	h := newHouse(t, false)
	h.ask("/cases/case_1", url.Values{"do": {"challenge"}, "factor": {"face"}}, signedInAs, english)
	if h.hall.ask.Return != "https://id.example.test/cases/case_1" || h.hall.ask.Lang != "en" || h.hall.ask.Factor != jieling.Face {
		t.Errorf("asked %+v", h.hall.ask)
	}
}

func TestWhatFactorsLeaveIsRead(t *testing.T) {
	h := newHouse(t, false)
	h.view.Next, h.view.Stage = casework.MoveVerify, jieling.StageVerifying
	h.view.Decision.Requirement = jieling.AllOf(jieling.Need(jieling.SMSCode), jieling.Need(jieling.Face), jieling.Need(jieling.DeviceUnlock), jieling.Need(jieling.QRApproval))
	for f, public := range map[jieling.Factor]string{
		jieling.SMSCode: `{"to":"****8000","digits":6}`, jieling.Face: `{"url":"https://face.test/go"}`, jieling.DeviceUnlock: `{"publicKey":{"challenge":"AA"}}`,
		jieling.QRApproval: `{"code":"7k2m9q","path":"/approve/7k2m9q","number":42,"seconds":60}`,
	} {
		h.view.Open = append(h.view.Open, engine.ChallengeView{
			Challenge: jieling.Challenge{ID: jieling.ChallengeID("chl_" + string(f)), Factor: f, Purpose: jieling.ForCase, ExpiresAt: noon.Add(time.Minute), Limit: 5},
			Public:    []byte(public),
		})
	}
	page := h.ask("/cases/case_1", nil, signedInAs).Body.String()
	for _, want := range []string{
		"****8000", `href="https://face.test/go"`, `data-options="{&#34;publicKey&#34;:{&#34;challenge&#34;:&#34;AA&#34;}}"`,
		"https://id.example.test/approve/7k2m9q", `id="qr-number">42<`, `<svg class="qr"`, "/assets/webauthn.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestS12_ThePhone(t *testing.T) {
	tests := []struct {
		form string
		did  string
		code int
	}{
		{"do=claim", "claim", http.StatusSeeOther},
		{"do=approve&number=42&pin=204816&given=", "approve", http.StatusSeeOther},
		{"do=approve&number=42&pin=&given=204816", "approve-by-lock", http.StatusSeeOther},
		{"do=approve", "", http.StatusBadRequest},
		{"do=reject", "reject", http.StatusSeeOther},
		{"do=notme", "reject-and-freeze", http.StatusOK},
		{"do=", "", http.StatusBadRequest},
	}
	for _, tt := range tests {
		h := newHouse(t, false)
		h.offer = engine.ApprovalView{Challenge: jieling.Challenge{State: jieling.ChallengeClaimed, ExpiresAt: noon.Add(time.Minute)}, Numbers: []int{17, 42, 88}, Now: noon}
		form, err := url.ParseQuery(tt.form)
		if err != nil {
			t.Fatal(err)
		}
		w := h.ask("/approve/7k2m9q", form, signedInAs)
		if w.Code != tt.code || h.verbs() != tt.did {
			t.Errorf("%s: %d, did %q", tt.form, w.Code, h.verbs())
		}
		if strings.HasPrefix(tt.did, "approve") && (h.number != 42 || h.unlock != "204816") {
			t.Errorf("approved with %d and %q", h.number, h.unlock)
		}
		if tt.did == "reject-and-freeze" && !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") {
			t.Error("the session's cookie stays")
		}
	}
	h := newHouse(t, false)
	if w := h.ask("/approve/7k2m9q", nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `id="approve-signin"`) {
		t.Errorf("without a session: %d", w.Code)
	}
}

func TestAFreezeSignsOut(t *testing.T) {
	h := newHouse(t, false)
	w := h.ask("/freeze", url.Values{"why": {"stolen"}}, signedInAs)
	if w.Code != http.StatusOK || h.verbs() != "freeze" || !strings.Contains(w.Body.String(), `id="frozen"`) || !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("%d, did %q, cookie %q", w.Code, h.verbs(), w.Header().Get("Set-Cookie"))
	}
}

func TestEnrollingTakesTheStateBack(t *testing.T) {
	h := newHouse(t, false)
	if page := h.ask("/devices/enrol", nil, signedInAs).Body.String(); !strings.Contains(page, `value="c2VhbGVk"`) {
		t.Error("the state is not in the form")
	}
	w := h.ask("/devices/enrol", url.Values{"given": {"{}"}, "state": {"c2VhbGVk"}}, signedInAs)
	if w.Code != http.StatusSeeOther || h.verbs() != "enrol" || string(h.given) != "{}" {
		t.Errorf("%d, did %q with %q", w.Code, h.verbs(), h.given)
	}
	if w := h.ask("/devices/enrol", url.Values{"given": {"{}"}, "state": {"%"}}, signedInAs); w.Code != http.StatusBadRequest {
		t.Errorf("a broken state: %d", w.Code)
	}
}

func TestTheChosenLanguageIsRemembered(t *testing.T) {
	h := newHouse(t, false)
	w := h.ask("/?lang=en", nil)
	if !strings.Contains(w.Body.String(), `<html lang="en">`) || w.Header().Get("Content-Language") != "en" {
		t.Error("the address does not choose")
	}
	c := w.Result().Cookies()[0]
	w = h.ask("/", nil, func(r *http.Request) { r.AddCookie(c) })
	if !strings.Contains(w.Body.String(), `<html lang="en">`) {
		t.Error("the choice is not remembered")
	}
	w = h.ask("/?lang=xx", nil, english)
	if !strings.Contains(w.Body.String(), `<html lang="en">`) || len(w.Result().Cookies()) > 0 {
		t.Error("an unknown language is remembered, or hides the browser's")
	}
	if w := h.ask("/", nil); !strings.Contains(w.Body.String(), `<html lang="zh-CN">`) {
		t.Error("Chinese is not the default")
	}
}

func TestAnUnknownAddressIsAPage(t *testing.T) {
	h := newHouse(t, false)
	for _, path := range []string{"/nowhere", "/cases/case_2", "/cases/", "/signin/nobody/callback"} {
		w := h.ask(path, nil, signedInAs)
		if w.Code < 400 || !strings.Contains(w.Body.String(), "<h1>") || !strings.Contains(w.Body.String(), "data-code=") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// An open page is told that its case changed, and nothing of what changed.
func TestThePageIsToldWhenTheCaseMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, false)
		seen := outline(h.view)
		go func() {
			time.Sleep(3 * time.Second) // of the bubble's clock
			h.mu.Lock()
			h.view.Version++
			h.mu.Unlock()
			time.Sleep(3 * time.Second)
			h.mu.Lock()
			h.view.Next = casework.MoveEnded
			h.mu.Unlock()
		}()
		w := h.ask("/cases/case_1/events?seen="+seen, nil, signedInAs)
		var said []string
		for lines := bufio.NewScanner(w.Body); lines.Scan(); {
			if event, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				said = append(said, event)
			}
		}
		if !slices.Equal(said, []string{"change", "change", "end"}) || w.Header().Get("Content-Type") != "text/event-stream" {
			t.Errorf("said %v", said)
		}
	})
}
