package ui

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/lang"
)

// write puts every page into a folder, to be looked at in a browser.
var write = flag.String("pages", "", "folder to write every page of the tests into")

func render(t *testing.T, s sample, l lang.Lang) (*html.Node, string) {
	t.Helper()
	var out strings.Builder
	if err := s.page(samplePage(l)).Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	doc, err := html.ParseWithOptions(strings.NewReader(out.String()), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	if *write != "" {
		putDown(t, s.name+"."+string(l)+".html", out.String())
	}
	return doc, out.String()
}

func putDown(t *testing.T, name, page string) {
	t.Helper()
	for file, served := range assets.named {
		page = strings.ReplaceAll(page, served, file)
		if err := os.WriteFile(filepath.Join(*write, file), assets.served[served], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(*write, name), []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
}

func elements(doc *html.Node, match func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && match(n) {
			out = append(out, n)
		}
	}
	return out
}

func named(names ...string) func(*html.Node) bool {
	return func(n *html.Node) bool { return slices.Contains(names, n.Data) }
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func everyPage(t *testing.T, check func(t *testing.T, doc *html.Node, page string, l lang.Lang)) {
	for _, s := range samples() {
		for _, l := range lang.Langs {
			t.Run(s.name+"/"+string(l), func(t *testing.T) {
				doc, page := render(t, s, l)
				check(t, doc, page, l)
			})
		}
	}
}

func TestEveryPageIsWellMade(t *testing.T) {
	everyPage(t, func(t *testing.T, doc *html.Node, _ string, l lang.Lang) {
		if n := len(elements(doc, named("h1"))); n != 1 {
			t.Errorf("%d h1, want one", n)
		}
		if got := attr(elements(doc, named("html"))[0], "lang"); got != string(l) {
			t.Errorf("lang is %q", got)
		}
		ids := map[string]bool{}
		for _, n := range elements(doc, func(n *html.Node) bool { return has(n, "id") }) {
			if id := attr(n, "id"); ids[id] || id == "" {
				t.Errorf("id %q twice or empty", id)
			}
			ids[attr(n, "id")] = true
		}
		for _, n := range elements(doc, func(n *html.Node) bool { return has(n, "aria-describedby") }) {
			if id := attr(n, "aria-describedby"); !ids[id] {
				t.Errorf("described by %q, which is not there", id)
			}
		}
		for _, n := range elements(doc, named("button", "a", "legend", "label", "h1", "h2", "h3")) {
			if text(n) == "" {
				t.Errorf("a %s says nothing", n.Data)
			}
		}
	})
}

func TestEveryFieldHasALabel(t *testing.T) {
	everyPage(t, func(t *testing.T, doc *html.Node, _ string, _ lang.Lang) {
		labels := map[string]bool{}
		for _, n := range elements(doc, named("label")) {
			labels[attr(n, "for")] = true
		}
		for _, n := range elements(doc, named("input")) {
			if attr(n, "type") != "hidden" && !labels[attr(n, "id")] {
				t.Errorf("the field %q has no label", attr(n, "name"))
			}
		}
	})
}

// Package web forbids inline style and script, and everything that is not ours.
func TestNothingThatTheContentSecurityPolicyForbids(t *testing.T) {
	everyPage(t, func(t *testing.T, doc *html.Node, _ string, _ lang.Lang) {
		for _, n := range elements(doc, func(*html.Node) bool { return true }) {
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
			}
		}
		if len(elements(doc, named("style"))) > 0 {
			t.Error("an inline stylesheet")
		}
		for _, n := range elements(doc, named("script")) {
			if text(n) != "" || attr(n, "nonce") == "" || !strings.HasPrefix(attr(n, "src"), "/assets/") {
				t.Errorf("a script that is inline, has no nonce or is not ours: %v", n.Attr)
			}
		}
		for _, n := range elements(doc, named("link", "img")) {
			at := attr(n, "href") + attr(n, "src")
			if attr(n, "rel") == "expect" { // loads nothing: the page waits for a part of itself, which must be there
				if id := strings.TrimPrefix(at, "#"); len(elements(doc, func(n *html.Node) bool { return attr(n, "id") == id })) != 1 {
					t.Errorf("the page waits for %q, and has none", at)
				}
			} else if !strings.HasPrefix(at, "/assets/") && !strings.HasPrefix(at, "/console/reviews/") { // our own, all of them
				t.Errorf("%s loads %q", n.Data, at)
			}
		}
	})
}

// Without scripts a form must know where it goes, and with a second tap it must be the same request.
func TestEveryFormWorksByItself(t *testing.T) {
	everyPage(t, func(t *testing.T, doc *html.Node, _ string, _ lang.Lang) {
		for _, f := range elements(doc, named("form")) {
			inside := func(match func(*html.Node) bool) []*html.Node { return elements(f, match) }
			idem := inside(func(n *html.Node) bool { return attr(n, "name") == "idem" && attr(n, "value") != "" })
			if attr(f, "method") != "post" || !strings.HasPrefix(attr(f, "action"), "/") || len(idem) != 1 {
				t.Errorf("form %q: method %q, action %q, %d tokens", attr(f, "id"), attr(f, "method"), attr(f, "action"), len(idem))
			}
			if len(inside(func(n *html.Node) bool { return n.Data == "button" && attr(n, "type") == "submit" })) == 0 {
				t.Errorf("form %q cannot be submitted", attr(f, "id"))
			}
		}
	})
}

// Steps never link to one another: from a case there are links home, to the case itself and what is kept of it, to its playbook as reading, and out of the
// house. The cards of the time after lead to the rooms where they are dealt with, which are no steps.
func TestStepsNeverLinkToOneAnother(t *testing.T) {
	kept := []string{"/cases/case_1/report", "/cases/case_1/calendar.ics", "/devices"}
	for name, v := range sampleCases() {
		doc, _ := render(t, sample{name, samplesNamed(t, "case-"+name).page}, lang.EN)
		main := elements(doc, named("main"))[0]
		for _, a := range elements(main, named("a")) {
			at := attr(a, "href")
			ours := strings.HasPrefix(at, "/")
			if ours && at != "/" && at != "/cases/"+string(v.ID) && !slices.Contains(kept, at) && !strings.HasPrefix(at, "/approve/") && !strings.HasPrefix(at, "/help/") &&
				!strings.HasPrefix(at, "/settings#") {
				t.Errorf("%s links to %s", name, at)
			}
		}
		for _, f := range elements(main, named("form")) {
			if to := attr(f, "action"); to != "/cases/case_1" && to != "/cases/case_1/evidence" {
				t.Errorf("%s posts to %s", name, attr(f, "action"))
			}
		}
	}
}

func samplesNamed(t *testing.T, name string) sample {
	t.Helper()
	all := samples()
	i := slices.IndexFunc(all, func(s sample) bool { return s.name == name })
	if i < 0 {
		t.Fatalf("no page %s", name)
	}
	return all[i]
}

var word = regexp.MustCompile(`[A-Za-z]{3,}`)

// A Chinese page has no English left in it but names, and a pack's own words where they are chosen or written as the pack has
// them, and the field says so (WCAG 3.1.2).
func TestNoEnglishInChinesePages(t *testing.T) {
	names := []string{"App", "PDF", "English", "iPhone", "iOS", "https", "approve", "7k2m9q3tv8x1c5b0n4dfgh6jrs", "UTC", "root", "SIM", "KiB", "Google", "Apple", "pack.yaml", "example.com", "example.org", "JPEG", "PNG", "WebP"}
	for _, s := range samples() {
		doc, _ := render(t, s, lang.ZH)
		for n := range doc.Descendants() {
			if n.Type != html.TextNode || under(n, "script", "style", "code") || inPacksWords(n) || inItsOwn(n, lang.EN) {
				continue
			}
			for _, w := range word.FindAllString(n.Data, -1) {
				if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, w) }) {
					t.Errorf("%s: %q in %q", s.name, w, strings.TrimSpace(n.Data))
				}
			}
		}
	}
}

// inItsOwn reports that a text stands in an element that says it is in that language: staff read both of what a person will.
func inItsOwn(n *html.Node, l lang.Lang) bool {
	return n.Parent.Data == "span" && attr(n.Parent, "lang") == string(l)
}

// An English page has no Chinese left in it but the name of the other language and a device's own name.
func TestNoChineseInEnglishPages(t *testing.T) {
	for _, s := range samples() {
		doc, _ := render(t, s, lang.EN)
		for n := range doc.Descendants() {
			if n.Type != html.TextNode || strings.TrimSpace(n.Data) == lang.ZH.Name() || strings.Contains(n.Data, "小米") || inItsOwn(n, lang.ZH) {
				continue
			}
			if strings.ContainsFunc(n.Data, func(r rune) bool { return unicode.Is(unicode.Han, r) || r == '，' || r == '。' }) {
				t.Errorf("%s: %q", s.name, strings.TrimSpace(n.Data))
			}
		}
	}
}

// inPacksWords reports that a text stands in a field that is marked as English.
func inPacksWords(n *html.Node) bool {
	for p := range n.Ancestors() {
		if p.Data == "select" || p.Data == "textarea" {
			return slices.ContainsFunc(p.Attr, func(a html.Attribute) bool { return a.Key == "lang" && a.Val == "en" })
		}
	}
	return false
}

func under(n *html.Node, names ...string) bool {
	for p := range n.Ancestors() {
		if slices.Contains(names, p.Data) {
			return true
		}
	}
	return false
}

// I6: what nobody answered for is said to be unknown, never nothing.
func TestI6_UnknownIsNeverNone(t *testing.T) {
	v := sampleCase(casework.MoveReplace, func(v *CaseView) {
		v.Impact = []jieling.Dependent{{ID: "m", Participant: "mini", Title: both("小程序", "Mini-programs"), Change: jieling.Kept, Unknown: true}}
	})
	var out strings.Builder
	if err := Case(samplePage(lang.EN), v).Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	if !strings.Contains(page, `data-group="unknown"`) || strings.Contains(page, `data-group="kept"`) {
		t.Error("an unanswered participant is not in the group of unknown ones, or in another one too")
	}
	if strings.Contains(page, lang.EN.Say(lang.ImpactNone)) {
		t.Error("it is said that nothing depends on the binding")
	}
	if !strings.Contains(page, `value="ask"`) {
		t.Error("it cannot be asked again")
	}
}

// F4: while a residue stands the page says that it is not finished, and nowhere that nothing is left.
func TestF4_AResidueIsSaidUntilItIsCleared(t *testing.T) {
	_, page := render(t, samplesNamed(t, "case-clean"), lang.EN)
	for _, want := range []string{lang.EN.Say(lang.ResidueLead), `data-residue="realname"`, `value="clean"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(page, lang.EN.Say(lang.ResidueNone)) {
		t.Error("the page says that nothing is left")
	}
}

// S12, RFC 10027: denying comes before approving, and neither denying nor "not me" waits for a number.
func TestS12_DenyingComesFirst(t *testing.T) {
	doc, _ := render(t, samplesNamed(t, "approve-choose"), lang.ZH)
	var order []string
	for _, b := range elements(doc, named("button")) {
		if do := attr(b, "value"); attr(b, "name") == "do" {
			order = append(order, do)
			if has(b, "formnovalidate") != (do != "approve") {
				t.Errorf("%s: formnovalidate %v", do, has(b, "formnovalidate"))
			}
		}
	}
	if !slices.Equal(order, []string{"reject", "approve", "notme"}) {
		t.Errorf("buttons come as %v", order)
	}
	if n := len(elements(doc, func(n *html.Node) bool { return attr(n, "name") == "number" && !has(n, "checked") })); n != 3 {
		t.Errorf("%d numbers to choose from, none chosen beforehand; want 3", n)
	}
}

// The payment password is asked on the phone where the pack demands it, hidden, and nowhere else; where the phone's own lock would do
// as well, it may stay empty, and the form holds what the lock is asked with.
func TestS12_ThePhoneAsksForThePasswordWhereThePackDemandsIt(t *testing.T) {
	for name, want := range map[string]struct{ fields, required, locks int }{
		"approve-choose": {}, "approve-unlock": {1, 1, 0}, "approve-either": {1, 0, 1}, "approve-lock": {0, 0, 1}, "approve-open": {},
	} {
		doc, _ := render(t, samplesNamed(t, name), lang.EN)
		got := want
		fields := elements(doc, func(n *html.Node) bool {
			return attr(n, "id") == "approve-pin" && attr(n, "type") == "password" && attr(n, "name") == "pin"
		})
		got.fields, got.required = len(fields), 0
		for _, n := range fields {
			if has(n, "required") {
				got.required++
			}
		}
		got.locks = len(elements(doc, func(n *html.Node) bool {
			return attr(n, "id") == "approve" && attr(n, "data-ceremony") == "get" && attr(n, "data-options") != ""
		}))
		if got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	for name, want := range map[string]lang.Sentence{"approve-either": lang.ApproveByPIN, "approve-lock": lang.ScriptNeeded} {
		if _, page := render(t, samplesNamed(t, name), lang.EN); !strings.Contains(html.UnescapeString(page), want.In(lang.EN)) {
			t.Errorf("%s does not say what to do without scripts", name)
		}
	}
}

// Being opened is not being claimed: before the first button no action and no number is shown.
func TestS12_AnOpenedCodeShowsNothingYet(t *testing.T) {
	for _, name := range []string{"approve-open", "approve-signedout"} {
		_, page := render(t, samplesNamed(t, name), lang.EN)
		if strings.Contains(page, "Unlink QQ") || strings.Contains(page, `name="number"`) || strings.Contains(page, `value="approve"`) {
			t.Errorf("%s shows the request", name)
		}
	}
}

// The only way in may be unlinked: its case begins with another one. The page says so beside the button.
func TestD4_TheLastWayInLeadsToACaseThatBeginsWithAnother(t *testing.T) {
	doc, page := render(t, samplesNamed(t, "home-one"), lang.EN)
	if !strings.Contains(page, lang.EN.Say(lang.HomeOne)) || !strings.Contains(page, lang.EN.Say(lang.MethodOnly)) {
		t.Error("the page does not say what comes first")
	}
	if on := elements(doc, func(n *html.Node) bool { return attr(n, "data-unlink") == "qq" }); len(on) != 1 || attr(on[0], "href") == "" {
		t.Errorf("the person cannot begin: %v", on)
	}
}

func TestTheLanguageSwitchKeepsTheAddressAndTheAnswers(t *testing.T) {
	doc, _ := render(t, samplesNamed(t, "handoff"), lang.ZH)
	link := elements(doc, func(n *html.Node) bool { return attr(n, "hreflang") == "en" })
	if len(link) != 1 || attr(link[0], "href") != "/somewhere?from=app&lang=en" {
		t.Errorf("the switch leads to %v", link)
	}
	doc, _ = render(t, samplesNamed(t, "unlink"), lang.ZH)
	for name, value := range map[string]string{"lang": "en", "care": "on"} {
		button := elements(doc, func(n *html.Node) bool { return attr(n, "form") == "unlink" && attr(n, "name") == name })
		if len(button) != 1 || attr(button[0], "formmethod") != "get" || attr(button[0], "value") != value {
			t.Errorf("the switch of %s does not carry the form along: %v", name, button)
		}
	}
}

// S16: what can be replaced by its like says so, and the new one is asked for by its kind alone: a number takes a number's place.
func TestS16_ALoginIsReplacedByItsLike(t *testing.T) {
	leads := func(sample string) int {
		doc, _ := render(t, samplesNamed(t, sample), lang.EN)
		return len(elements(doc, func(n *html.Node) bool {
			return attr(n, "id") == "replace-it" && strings.HasSuffix(attr(n, "href"), "/replace")
		}))
	}
	if leads("binding-phone") != 1 || leads("binding") != 0 {
		t.Error("a phone can be replaced, and a QQ, to which no code can be sent, cannot")
	}
	for sample, want := range map[string]string{"case-swap-phone": "phone", "case-swap-email": "mailbox"} {
		doc, page := render(t, samplesNamed(t, sample), lang.EN)
		fields := elements(doc, func(n *html.Node) bool { return attr(n, "name") == "phone" || attr(n, "name") == "mailbox" })
		if len(fields) != 1 || attr(fields[0], "name") != want || !strings.Contains(page, lang.EN.Say(lang.SwapLead)) {
			t.Errorf("%s asks for %d fields, and not for one %s", sample, len(fields), want)
		}
	}
	doc, page := render(t, samplesNamed(t, "swap"), lang.EN)
	form := elements(doc, func(n *html.Node) bool { return n.Data == "form" && attr(n, "id") == "unlink" })
	if len(form) != 1 || !strings.HasSuffix(attr(form[0], "action"), "/replace") || !strings.Contains(page, lang.EN.Say(lang.SwapLegend)) {
		t.Error("the page that begins a replacement begins something else")
	}
}
