package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/policy"
)

// The two sessions know nothing of one another: neither opens what belongs to the other.
func TestConsole_SessionsAreApart(t *testing.T) {
	h := newHouse(t, false)
	for _, c := range []struct {
		name, path string
		edit       func(*http.Request)
		status     int
		shows      string
	}{
		{"nobody", "/console", func(*http.Request) {}, http.StatusOK, `id="staff-go"`},
		{"a person", "/console", signedInAs, http.StatusOK, `id="staff-go"`},
		{"a person's token under the staff's cookie", "/console", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "jieling-staff", Value: "session"}) }, http.StatusOK, `id="staff-go"`},
		{"staff", "/console", asStaff, http.StatusOK, `id="pack"`},
		{"staff at a person's page", "/devices", asStaff, http.StatusUnauthorized, `data-code="unauthenticated"`},
		{"staff's token under a person's cookie", "/devices", as("staff-session"), http.StatusUnauthorized, `data-code="unauthenticated"`},
		{"both at the console", "/console", func(r *http.Request) { asStaff(r); signedInAs(r) }, http.StatusOK, `id="pack"`},
	} {
		w := h.ask(c.path, nil, c.edit)
		if page := w.Body.String(); w.Code != c.status || !strings.Contains(page, c.shows) || c.path == "/console" && strings.Contains(page, `id="nav-freeze"`) {
			t.Errorf("%s: %d, or without %s, or with a person's freeze", c.name, w.Code, c.shows)
		}
	}
}

// Another site's form signs nobody out, and nobody in.
func TestConsole_AnotherSiteIsRefused(t *testing.T) {
	h := newHouse(t, false)
	foreign := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	for _, path := range []string{"/console/signin", "/console/signout"} {
		if w := h.ask(path, url.Values{}, asStaff, foreign); w.Code != http.StatusForbidden || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s: %d %v", path, w.Code, w.Result().Cookies())
		}
	}
}

// No room of the console opens, or does anything, for who is not signed in there.
func TestConsole_EveryRoomIsForStaff(t *testing.T) {
	h := newHouse(t, false)
	for _, room := range []string{"/console/proofs", "/console/explain", "/console/simulate"} {
		for _, form := range []url.Values{nil, {"pack": {"x"}, "fact.platform": {"ios"}}} {
			if w := h.ask(room, form, signedInAs); w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), `id="staff-go"`) || strings.Contains(w.Body.String(), `id="desk"`) {
				t.Errorf("%s with %v: %d", room, form, w.Code)
			}
		}
		if w := h.ask(room, nil, asStaff); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `href="`+room+`" aria-current="page"`) {
			t.Errorf("%s for staff: %d", room, w.Code)
		}
	}
}

func packText(t *testing.T, edits ...string) string {
	t.Helper()
	src, err := policy.ShippedSource("qq-wechat")
	if err != nil {
		t.Fatal(err)
	}
	out := strings.NewReplacer(edits...).Replace(string(src))
	if len(edits) > 0 && out == string(src) {
		t.Fatalf("%q is not in the pack", edits[0])
	}
	return out
}

// A simulation counts who would be asked for more, less or refused, and shows them; the pack in force stays.
func TestConsole_ASimulationSaysWhoIsAskedForLess(t *testing.T) {
	h := newHouse(t, false)
	for _, c := range []struct {
		name, pack string
		shows      []string
	}{
		{"as it is", packText(t), []string{
			`data-outcome="same" data-count="3"`, `data-outcome="less" data-count="0"`, lang.ProofsAll.In(lang.EN), "Cases read: 3,", "kept no situation: 1.",
		}},
		{"weaker on the web", packText(t, "{all_of: [sms_code, qr_approval]}", "qr_approval"), []string{
			`data-outcome="less" data-count="1"`, `data-outcome="same" data-count="2"`, `data-sample="less"`, `data-group="less" data-rules="V1" data-count="1"`,
		}},
		{"stricter on Android", packText(t, "      require: payment_pin", "      require: {all_of: [payment_pin, face]}"), []string{
			`data-outcome="more" data-count="1"`, `data-sample="more"`, `data-group="more" data-rules="V1" data-count="1"`,
		}},
		{"closed on the web", packText(t, "require: {all_of: [sms_code, qr_approval]}", "refuse: true"), []string{
			`data-outcome="refused" data-count="1"`, `data-outcome="more" data-count="0"`, `data-sample="refused"`,
		}},
		{"unproven", packText(t, `network == "public"`, `network == "unknown"`), []string{
			lang.ProofsNone.In(lang.EN), `network=public`, `network=unknown`,
		}},
	} {
		w := h.ask("/console/simulate", url.Values{"pack": {c.pack}}, asStaff, english)
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", c.name, w.Code)
		}
		for _, want := range c.shows {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: the page does not show %s", c.name, want)
			}
		}
	}
	if h.verbs() != "" {
		t.Errorf("it did %s", h.verbs())
	}
}

var turns = regexp.MustCompile(`name="show" value="([^"]*)"[^>]*>\s*([^<]*?)\s*</button>`)

// turnTo finds the value of the button with a text.
func turnTo(page, text string) (show string, found bool) {
	for _, m := range turns.FindAllStringSubmatch(page, -1) {
		if m[2] == text {
			return html.UnescapeString(m[1]), true
		}
	}
	return "", false
}

var sampled = regexp.MustCompile(`(?s)data-sample="[a-z]+".*?<code class="address">(case_[0-9]+)</code>`)

// A simulation of more cases than fit is leafed through, every case once, newest first, by buttons of one form: the counts stay on top, a page is a
// page however many there are, and a case that came in between changes nothing.
func TestConsole_ASimulationIsPaged(t *testing.T) {
	h := newHouse(t, false)
	h.many = 40
	pack := packText(t, "{all_of: [sms_code, qr_approval]}", "qr_approval", "      require: payment_pin", "      require: {all_of: [payment_pin, face]}")
	form := url.Values{"pack": {pack}}
	page := h.ask("/console/simulate", form, asStaff, english).Body.String()
	for _, want := range []string{`data-outcome="less" data-count="40"`, `data-outcome="more" data-count="40"`, `data-group="less" data-rules="V1" data-count="40"`, `id="proofs"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the first page does not show %s", want)
		}
	}
	newest := regexp.MustCompile(`name="newest" value="([^"]+)"`).FindStringSubmatch(page)
	if newest == nil {
		t.Fatal("nothing says where the counts begin")
	}
	form.Set("newest", newest[1])
	walk := func(show string, want int) {
		t.Helper()
		var seen []string
		for pages := 0; ; pages++ {
			h.many = 40 + pages // and some more came
			form.Set("show", show)
			page := h.ask("/console/simulate", form, asStaff, english).Body.String()
			on := sampled.FindAllStringSubmatch(page, -1)
			if len(on) == 0 || len(on) > 25 || !strings.Contains(page, `data-outcome="less" data-count="40"`) || strings.Contains(page, `id="proofs"`) {
				t.Fatalf("%q, page %d: %d cases, or other counts, or proofs", show, pages, len(on))
			}
			for _, m := range on {
				seen = append(seen, m[1])
			}
			next, more := turnTo(page, "Next page")
			if !more {
				break
			}
			show = next
		}
		if !slices.IsSortedFunc(seen, func(a, b string) int { return strings.Compare(b, a) }) || len(slices.Compact(slices.Clone(seen))) != want || len(seen) != want {
			t.Errorf("%d cases were listed, want %d, each once and the newest first: %v", len(seen), want, seen)
		}
	}
	less, ok := turnTo(page, "List")
	if !ok || less != "less|V1|" {
		t.Fatalf("the first group is listed by %q", less)
	}
	walk(less, 40)
	walk("||", 80)
	form.Set("show", "nonsense|V1|")
	if page := h.ask("/console/simulate", form, asStaff, english).Body.String(); !strings.Contains(page, `id="proofs"`) {
		t.Error("what cannot be read is no choice")
	}
}

// Ten thousand cases make no larger page than a hundred, and are read a page at a time.
func TestConsole_TenThousandCasesMakeOnePage(t *testing.T) {
	h := newHouse(t, false)
	weaker := url.Values{"pack": {packText(t, "{all_of: [sms_code, qr_approval]}", "qr_approval")}}
	h.many = 34
	few := h.ask("/console/simulate", weaker, asStaff).Body.Len()
	h.many, h.read = 3334, 0
	w := h.ask("/console/simulate", weaker, asStaff)
	if page := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(page, `data-outcome="less" data-count="333`) || w.Body.Len() > few+200 {
		t.Errorf("%d, and %d bytes instead of %d", w.Code, w.Body.Len(), few)
	}
	if h.read != 20 {
		t.Errorf("it was read in %d pages", h.read)
	}
}

// What cannot be loaded is told with its place, and what was typed is still there.
func TestConsole_ABrokenPackLosesNothing(t *testing.T) {
	h := newHouse(t, false)
	for _, c := range []struct {
		name, pack string
		status     int
		shows      string
	}{
		{"an unknown key", packText(t) + "\nnonsense: true\n", http.StatusUnprocessableEntity, `nonsense: true`},
		{"no YAML", "\t{", http.StatusUnprocessableEntity, `<code>1:`},
		{"nothing", " ", http.StatusBadRequest, `data-code="invalid_argument"`},
		{"too much", strings.Repeat("#", 256<<10+1), http.StatusRequestEntityTooLarge, `data-code="body_too_large"`},
	} {
		w := h.ask("/console/simulate", url.Values{"pack": {c.pack}}, asStaff)
		if page := w.Body.String(); w.Code != c.status || !strings.Contains(page, c.shows) || !strings.Contains(page, `id="simulate-go"`) || strings.Contains(page, `id="totals"`) {
			t.Errorf("%s: %d, or without %s or the form", c.name, w.Code, c.shows)
		}
	}
}

// Whatever is wrong with a pack, or comes out of its proofs, is told in Chinese to who reads Chinese: no page of the console has an English
// sentence left in it.
func TestConsole_WhatIsWrongIsSaidInChinese(t *testing.T) {
	h := newHouse(t, false)
	sentence := regexp.MustCompile(`[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}`)
	for _, c := range []struct{ name, pack, says string }{
		{
			"keys and shapes", strings.NewReplacer("replacement: true", "replacment: true", "wait: ", "wait: soon # ", "verified: 2026-11-22", "verified: yesterday").Replace(packText(t)),
			"规则里没有 &#34;replacment&#34; 这个键",
		},
		{"names", packText(t, "require: payment_pin", "require: payment_pim", "[known, unknown, public]", "[known, public]"), "network 是按别的级别测量的"},
		{"conditions", packText(t, `network == "public"`, `network == "pubic"`, `integrity == "rooted"`, `integrity + 1`), "network 不会是"},
		{"no YAML", packText(t, "rules:\n", "rules: [\n"), "括号没有配对"},
		{"slips", packText(t, "  goal: ", "  weather: {values: [sun, rain]}\n  goal: "), "没有条件用到 weather"},
		{"less for more", packText(t, `network == "public"`, `network == "unknown"`), "网络：公共的"},
		{"a dead end", packText(t, "device_unlock, face, qr_approval, email_code]", "device_unlock, qr_approval, email_code]"), "死路"},
		{"one loss", packText(t, "{all_of: [sms_code, qr_approval]}", "sms_code"), "一次失控就交出了全部要求"},
	} {
		w := h.ask("/console/simulate", url.Values{"pack": {c.pack}}, asStaff)
		page := w.Body.String()
		doc, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.Type == html.TextNode && n.Parent.Data != "textarea" && n.Parent.Data != "script" && sentence.MatchString(n.Data) {
				t.Errorf("%s: %q", c.name, strings.TrimSpace(n.Data))
			}
		}
		if !strings.Contains(page, c.says) {
			t.Errorf("%s: it is not said that %s", c.name, c.says)
		}
	}
}

// A file that was chosen goes before the text that was pasted.
func TestConsole_APackMayBeUploaded(t *testing.T) {
	h := newHouse(t, false)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("pack", "pasted: true")
	part, err := form.CreateFormFile("file", "pack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(strings.ReplaceAll(packText(t), "\n", "\r\n")))
	_ = form.Close()
	w := h.ask("/console/simulate", url.Values{}, asStaff, func(r *http.Request) {
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Body, r.ContentLength = io.NopCloser(&body), int64(body.Len())
	})
	if !strings.Contains(w.Body.String(), `data-outcome="same" data-count="3"`) {
		t.Errorf("%d, and nothing was simulated", w.Code)
	}
}

// F5, R1–R4: a situation is explained with the rule behind it, on every platform.
func TestConsole_ASituationIsExplained(t *testing.T) {
	h := newHouse(t, false)
	form := url.Values{"fact.platform": {"ios"}, "fact.goal": {"unlink"}, "fact.provider": {"qq"}, "fact.account_kind": {"personal"}, "fact.registered_through": {"true"}, "fact.last_way_in": {"false"}}
	page := h.ask("/console/explain", form, asStaff, english).Body.String()
	for _, want := range []string{`id="decision"`, `data-platform="android"`, `data-platform="ios"`, `data-platform="web"`, `<code>D4</code>`, `<code>R1</code>`, `<code>R3</code>`, `<code>R4</code>`, "a phone linked and proven first", "SMS code and Approve on your phone"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	form.Set("fact.registered_through", "false")
	if page := h.ask("/console/explain", form, asStaff, english).Body.String(); strings.Contains(page, "a phone linked and proven first") {
		t.Error("the phone is asked of everybody")
	}
	form.Set("fact.platform", "fridge")
	if w := h.ask("/console/explain", form, asStaff); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `data-code="invalid_argument"`) {
		t.Errorf("an unknown value: %d", w.Code)
	}
}

func TestConsole_ProofsRunWhenAsked(t *testing.T) {
	h := newHouse(t, false)
	if page := h.ask("/console/proofs", nil, asStaff).Body.String(); strings.Contains(page, "data-claim") {
		t.Error("a look proves")
	}
	page := h.ask("/console/proofs", url.Values{}, asStaff).Body.String()
	for _, claim := range shippedPack().Claims() {
		if !strings.Contains(page, `data-claim="`+claim.Name+`"`) {
			t.Errorf("%s is not proven", claim.Name)
		}
	}
}
