package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/jieling-id/jieling"
	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// house is a demo and the one browser that everybody who visits it shares. Visitors have nothing else in common: each has
// cookies of their own.
type house struct {
	*demo
	browser context.Context
	jl      *sdk.Client
}

// openHouse starts both. They end with the test.
func openHouse(t *testing.T) *house {
	t.Helper()
	h := &house{demo: testDemo(t), browser: browser(t)}
	var err error
	if h.jl, err = sdk.New(h.sheet.BaseURL, h.sheet.APIKey); err != nil {
		t.Fatal(err)
	}
	return h
}

// visitor lets somebody in on a narrow phone screen, with a browser profile of their own, and watches what their pages do.
func (h *house) visitor(t *testing.T, owner string) *visitor {
	t.Helper()
	return h.watched(t, owner, h.browser, chromedp.WithNewBrowserContext())
}

// beside opens another tab of the same visitor.
func (h *house) beside(v *visitor) *visitor {
	v.t.Helper()
	return h.watched(v.t, v.who.Owner, v.ctx)
}

func (h *house) watched(t *testing.T, owner string, parent context.Context, how ...chromedp.ContextOption) *visitor {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, how...)
	t.Cleanup(cancel)
	v := &visitor{t: t, ctx: ctx, demo: h.demo, who: h.account(owner)}
	w := &watch{home: h.sheet.BaseURL, parties: h.sheet.Sandbox}
	if err := chromedp.Listen(ctx, w.note); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, what := range w.complaints() {
			t.Errorf("%s's browser: %s", owner, what)
		}
	})
	v.screen(360, "light")
	return v
}

// screen sets the width in CSS pixels and the colour scheme, "light" or "dark".
func (v *visitor) screen(width int64, scheme string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, 90*time.Second)
	defer cancel()
	_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 1})
	if err == nil {
		_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
	}
	if err != nil {
		v.t.Fatalf("set the screen: %v", err)
	}
}

// submit clicks something that leads to another page, or to this one anew, and waits until that stands. It gives the status.
func (v *visitor) submit(button string) int64 {
	v.t.Helper()
	v.calm()
	return v.load("press "+button, chromedp.Click(chromedp.CSS(button)))
}

// open goes to a path of the service.
func (v *visitor) open(path string) int64 {
	v.t.Helper()
	return v.load("open "+path, chromedp.Navigate(v.demo.sheet.BaseURL+path))
}

func (v *visitor) load(what string, step chromedp.Action[chromedp.Void]) int64 {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, 90*time.Second)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, step)
	if err != nil {
		text, _ := chromedp.Run(v.ctx, chromedp.Text(chromedp.CSS("body")))
		v.t.Fatalf("%s: %v\nat %s\n%s", what, err, v.here(), text)
	}
	if answer == nil {
		return 0
	}
	return answer.Status
}

// calm waits until a page that follows its case shows all that has come about, and no more of it is to come by itself. A page is replaced
// when it follows, and whoever is just about to press or to type there presses what is gone.
func (v *visitor) calm() {
	v.t.Helper()
	err := eventually(v.ctx, func() (bool, error) {
		if v.bare || !ask[bool](v, `!document.hidden && !!document.querySelector("main[data-follow^='/']")`) {
			return true, nil
		}
		if rest, err := v.demo.atRest(v.ctx); !rest || err != nil {
			return false, err
		}
		return ask[bool](v, `fetch(location.pathname, {headers: {Accept: "text/html"}}).then(async (answer) => !answer.ok ||
			new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main").dataset.follow === document.getElementById("main").dataset.follow)`), nil
	})
	if err != nil {
		v.t.Fatalf("at %s the page does not come to rest: %v", v.here(), err)
	}
}

// atRest reports that nothing is due at this moment, and nobody has anything in hand.
func (d *demo) atRest(ctx context.Context) (bool, error) {
	due, err := d.app.store.Effects(ctx, "", jieling.EffectDue, 1000)
	now := d.now()
	return !slices.ContainsFunc(due, func(e jieling.Effect) bool { return !e.Lease.IsZero() || !e.RunAt.After(now) }), err
}

// ask evaluates an expression in the page.
func ask[T any](v *visitor, expression string) T {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, 90*time.Second)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		v.t.Fatalf("evaluate %.80s: %v", expression, err)
	}
	return out
}

// has reports whether the page holds something.
func (v *visitor) has(selector string) bool {
	v.t.Helper()
	return ask[bool](v, fmt.Sprintf("document.querySelector(%q) !== null", selector))
}

// theCase reads the case whose page the visitor is on, from the product's side.
func (h *house) theCase(v *visitor) *sdk.Case {
	v.t.Helper()
	at, err := url.Parse(v.here())
	if err != nil {
		v.t.Fatal(err)
	}
	id, ok := strings.CutPrefix(at.Path, "/cases/")
	if !ok {
		v.t.Fatalf("not on the page of a case: %s", at)
	}
	return h.caseOf(v.t, sdk.CaseID(id))
}

func (h *house) caseOf(t *testing.T, id sdk.CaseID) *sdk.Case {
	t.Helper()
	c, err := h.jl.GetCase(t.Context(), sdk.GetCaseParams{Case: id})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fault tells a party of the sandbox to misbehave in everything it is asked, or to stop that.
func (h *house) fault(t *testing.T, party string, mode sandbox.FaultMode) {
	t.Helper()
	h.post(t, h.sheet.Sandbox[party]+"/_fault", sandbox.Fault{Mode: mode})
}

// later moves the demo's clock, once nobody is at work: what a jump finds in somebody's hands loses its lease and is done again, and what
// fails just then is tried again by the clock after it.
func (h *house) later(t *testing.T, by string) {
	t.Helper()
	if err := eventually(t.Context(), func() (bool, error) { return h.atRest(t.Context()) }); err != nil {
		t.Fatalf("before the clock could be moved: %v", err)
	}
	h.post(t, h.sheet.BaseURL+"/sandbox/clock", map[string]string{"forward": by})
}

func (h *house) post(t *testing.T, to string, what any) {
	t.Helper()
	body, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(to, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", to, answer.Status)
	}
}

// watch writes down what a tab fetched and what its console complained of.
type watch struct {
	home    string            // our origin
	parties map[string]string // the addresses people are sent to
	mu      sync.Mutex
	wrong   []string
}

// note looks at one event. It runs inside the loop that reads them.
func (w *watch) note(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !w.allowed(e) {
			w.add("asked a third party: " + e.Request.URL)
		}
	case *log.EventEntryAdded:
		if text := e.Entry.Text; e.Entry.Source == "security" || strings.Contains(text, "Content Security Policy") {
			w.add("the console says: " + text)
		}
	case *runtime.EventExceptionThrown:
		w.add("a script failed: " + e.ExceptionDetails.Text)
	}
}

// allowed lets a page fetch from its own origin alone, and the person go on to a party of the sandbox. What a party's page
// fetches is its own affair as long as it stays in the sandbox.
func (w *watch) allowed(e *network.EventRequestWillBeSent) bool {
	within := func(address string) bool {
		to, err := url.Parse(address)
		origin := to.Scheme + "://" + to.Host
		return err == nil && slices.ContainsFunc(mapValues(w.parties), func(party string) bool { return party == origin })
	}
	to := e.Request.URL
	switch {
	case to == w.home, strings.HasPrefix(to, w.home+"/"), strings.HasPrefix(to, "data:"):
		return true
	case e.Type == network.ResourceTypeDocument:
		return within(to)
	}
	return within(e.DocumentURL) && within(to)
}

func mapValues(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for _, value := range m {
		out = append(out, value)
	}
	return out
}

func (w *watch) add(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(w.wrong, what) {
		w.wrong = append(w.wrong, what)
	}
}

func (w *watch) complaints() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.wrong)
}

// centreBudget is what the centre may weigh on a first visit, in bytes, everything compressed.
const centreBudget = 60 << 10

// TestPages_TheCentreIsLight weighs the centre as a first visit fetches it: page, styles, scripts and pictures.
func TestPages_TheCentreIsLight(t *testing.T) {
	h := openHouse(t)
	v := h.visitor(t, "lin")
	v.arrive("phone", "/", "zh-CN")
	v.submit("#handoff-go")
	v.sees(`[data-unlink="qq"]`)
	got := ask[map[string]string](v, `Promise.all([location.href, ...performance.getEntriesByType("resource").map((e) => e.name)]
		.map(async (from) => [from, await (await fetch(from)).text()])).then(Object.fromEntries)`)
	if len(got) < 2 {
		t.Fatalf("the centre fetched %d things, and its styles are not among them", len(got))
	}
	total := 0
	for from, content := range got {
		n := compressed(t, content)
		t.Logf("%6d bytes  %s", n, from)
		total += n
	}
	if total > centreBudget {
		t.Errorf("the centre weighs %d bytes, compressed, and may weigh %d", total, centreBudget)
	}
}

func compressed(t *testing.T, content string) int {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

// TestPages_TheWatchSees breaks both rules that every other walk is watched for, so that a blind watch is found out.
func TestPages_TheWatchSees(t *testing.T) {
	h := openHouse(t)
	ctx, cancel := chromedp.NewContext(h.browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	w := &watch{home: h.sheet.BaseURL, parties: h.sheet.Sandbox}
	if err := chromedp.Listen(ctx, w.note); err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, ctx: ctx, demo: h.demo}
	v.open("/")
	if wrong := w.complaints(); len(wrong) > 0 {
		t.Fatalf("it complains of a page that does nothing: %q", wrong)
	}
	ask[bool](v, `(() => {
		const inline = document.createElement("script"); inline.textContent = "1"; document.head.append(inline);
		location.href = "http://third.invalid/"; return true;
	})()`)
	err := eventually(t.Context(), func() (bool, error) {
		all := strings.Join(w.complaints(), "\n")
		return strings.Contains(all, "third.invalid") && strings.Contains(all, "Content Security Policy"), nil
	})
	if err != nil {
		t.Errorf("it saw only %q: %v", w.complaints(), err)
	}
}
