package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestPages_EveryStateInEveryLook meets every state of every page in four walks (both languages, with scripts and without) and
// puts each to all that can be measured, in the same browser and on the spot. What could differ is looked at wherever it could:
//
//   - As it was loaded: what it weighs on the wire, and that nothing moved while it came up.
//   - axe's rules for WCAG 2.2 A and AA, once for each state, language and kind of walk. They read elements, which no palette and no
//     width changes. Those about colours run again for each of the other palettes, and those about sizes in care mode: dark, care
//     (长辈版), dark care. Without scripts the palettes are the same, so that the rules run once.
//   - Sideways scrolling and the size of targets, at each width of [widths], plain and in care mode, and with letters twice as large.
//     Without scripts a page has a sentence or a link more, and is looked at where room is least.
//
// Care mode is switched on in the page as it stands: it is a class and wider maps, nothing else (package ui proves it). That no
// width changes a colour is proven there too. What a page may fetch is watched on every walk ([watch]).
func TestPages_EveryStateInEveryLook(t *testing.T) {
	source := axeSource(t)
	for _, lang := range []string{"zh-CN", "en"} {
		for _, bare := range []bool{false, true} {
			t.Run(lang+map[bool]string{true: " without scripts"}[bare], func(t *testing.T) {
				t.Parallel()
				r := &tour{house: openHouse(t), t: t, lang: lang, bare: bare}
				r.look = func(v *visitor, state string) {
					e := &examination{visitor: v, state: state}
					if err := e.all(source); err != nil {
						t.Fatalf("%s, at %s: %v", state, v.here(), err)
					}
				}
				r.run()
			})
		}
	}
}

// widths are those of a small phone, or of a desk at 400 %; of a phone, a tablet and a desk. In CSS pixels.
var widths = []int64{320, 360, 768, 1280}

// The budgets of a page as a first visit fetches it: what it is made of, as sent, and of that the scripts. In bytes.
const (
	pageBudget   = 60 << 10
	scriptBudget = 20 << 10
)

// examination is one look at one state.
type examination struct {
	*visitor
	state string
	ctx   context.Context
	world isolated
}

// all looks at everything. What is wrong with the page fails the test and the rest goes on; an error is of the examination itself.
func (e *examination) all(source string) error {
	ctx, cancel := context.WithTimeout(e.visitor.ctx, 5*time.Minute)
	defer cancel()
	e.ctx = ctx
	if err := e.still(); err != nil {
		return err
	}
	var err error
	if e.world, err = apart(ctx); err != nil {
		return err
	}
	for _, look := range []func() error{e.loaded, func() error { return e.rules(source) }, e.sizes, e.restore} {
		if err := look(); err != nil {
			return err
		}
	}
	return nil
}

// still keeps a page that would load itself again where it is, and lets our own scripts look at it. The page's own did not run
// when it was read, and do not run now.
func (e *examination) still() error {
	if !e.bare {
		return nil
	}
	if _, err := chromedp.Call(e.ctx, cdppage.StopLoading, cdp.Empty{}); err != nil {
		return err
	}
	return e.scripts(true)
}

func (e *examination) restore() error {
	if !e.bare {
		return nil
	}
	return e.scripts(false)
}

// scripts lets pages run theirs, or forbids it.
func (v *visitor) scripts(on bool) error {
	_, err := chromedp.Call(v.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	return err
}

// loadedScript asks how the page came up. What scripts fetch afterwards is no part of the first view, nor is what moves when a page
// follows its case, or when an earlier look changed its size.
const loadedScript = `new Promise((whole) => document.readyState === "complete" ? whole() : addEventListener("load", whole)).then(() => new Promise((done) => {
	let shift = 0;
	const moved = [], at = (r) => [r.x, r.y, r.width, r.height].map(Math.round).join(" ");
	const seen = new PerformanceObserver((list) => {
		for (const e of list.getEntries()) {
			if (e.hadRecentInput || e.startTime > anew) continue;
			shift += e.value;
			for (const s of e.sources) moved.push((s.node ? (s.node.outerHTML || s.node.textContent).slice(0, 80) : "what is gone") + " from " + at(s.previousRect) + " to " + at(s.currentRect));
		}
	});
	seen.observe({type: "layout-shift", buffered: true});
	const fetched = performance.getEntriesByType("resource");
	const files = fetched.filter((e) => ["link", "script", "img", "css"].includes(e.initiatorType));
	const anew = Math.min(...[...fetched.filter((e) => e.initiatorType === "fetch"), ...performance.getEntriesByName("looked at")].map((e) => e.startTime));
	const weigh = (list) => list.reduce((sum, e) => sum + e.encodedBodySize, 0);
	requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => {
		seen.disconnect();
		performance.mark("looked at");
		done({
			page: weigh(performance.getEntriesByType("navigation")), files: files.length, filled: files.filter((e) => e.encodedBodySize > 0).length,
			all: weigh(performance.getEntriesByType("navigation")) + weigh(files), scripts: weigh(files.filter((e) => e.initiatorType === "script")), shift, moved,
		});
	})));
}))`

// loaded holds the page to its budgets, and to standing still while it comes up.
func (e *examination) loaded() error {
	var got struct {
		Page, Files, Filled, All, Scripts int
		Shift                             float64
		Moved                             []string
	}
	if err := e.into(&got, loadedScript); err != nil {
		return err
	}
	switch {
	case got.Page == 0 || got.Filled < 2 || got.Filled < got.Files && !e.bare: // scripts that may not run are not fetched
		e.t.Errorf("%s: the scales see %d bytes of page and weigh %d of %d files", e.state, got.Page, got.Filled, got.Files)
	case got.All > pageBudget || got.Scripts > scriptBudget:
		e.t.Errorf("%s weighs %d bytes, of them %d of scripts; %d and %d are allowed", e.state, got.All, got.Scripts, pageBudget, scriptBudget)
	case got.Shift > 0:
		e.t.Errorf("%s moved by %.4f while it came up:\n    %s", e.state, got.Shift, strings.Join(got.Moved, "\n    "))
	}
	return nil
}

func (e *examination) into(what any, expression string) error {
	out, err := e.world.evaluate(e.ctx, expression)
	if err == nil {
		err = json.Unmarshal(out, what)
	}
	return err
}

const (
	allRules    = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]`
	colourRules = `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`
	careRules   = `{type: "rule", values: ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]}`
)

// rules puts axe's to the page, in every palette; the palettes take turns at the widths, so that what only shows on a desk is seen in
// daylight and in the dark.
func (e *examination) rules(source string) error {
	if _, err := e.world.evaluate(e.ctx, source+"; true"); err != nil {
		return err
	}
	palettes := []struct {
		scheme string
		width  int64
		care   bool
		rules  string
	}{{"light", 360, false, allRules}, {"dark", 1280, false, colourRules}, {"dark", 360, true, colourRules}, {"light", 1280, true, careRules}}
	if e.bare {
		palettes = palettes[:1]
	}
	for _, p := range palettes {
		e.screen(p.width, p.scheme)
		if err := e.dress(p.care); err != nil {
			return err
		}
		found, err := e.world.axe(e.ctx, p.rules)
		if err != nil {
			return fmt.Errorf("axe: %w", err)
		}
		for _, f := range found {
			e.t.Errorf("%s, %s, care mode %v, at %s: %s (%s)\n    %s", e.state, p.scheme, p.care, e.here(), f.Rule, f.Help, strings.Join(f.Nodes, "\n    "))
		}
	}
	return nil
}

// dress switches care mode on or off.
func (e *examination) dress(care bool) error {
	_, err := e.world.evaluate(e.ctx, fmt.Sprintf(`document.documentElement.classList.toggle("care", %v)`, care))
	return err
}

// letters makes them as large as a person may set them in their browser, in percent.
func (e *examination) letters(size int64) error {
	pixels := 16 * size / 100
	_, err := chromedp.Call(e.ctx, cdppage.SetFontSizes, cdppage.SetFontSizesParams{FontSizes: &cdppage.FontSizes{Standard: pixels}})
	return err
}

// sizesScript lists what sticks out sideways and which targets are too small (WCAG 2.2, 1.4.10 and 2.5.8). A link inside a sentence may
// be as small as its letters; what only a screen reader sees has no size. A main control is one that a step is taken with.
const sizesScript = `(() => {
	const main = %d, wrong = [], root = document.documentElement;
	const name = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.className && e.className.baseVal === undefined ? "." + e.className.split(" ").join(".") : "");
	if (root.scrollWidth > root.clientWidth) {
		const out = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1);
		wrong.push("scrolls " + (root.scrollWidth - root.clientWidth) + " px sideways: " + out.slice(-3).map(name).join(", "));
	}
	for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, label")) {
		if (e.matches("label") && !e.querySelector("input")) continue;
		if (e.matches("label input")) continue;
		const box = e.getBoundingClientRect(), style = getComputedStyle(e);
		if (box.width <= 1 || box.height <= 1 || style.visibility === "hidden") continue;
		const said = e.parentElement.textContent.trim().length > e.textContent.trim().length;
		if (e.matches("a") && style.display === "inline" && said && !e.closest("svg")) continue;
		const least = e.matches(".button, .choice, .field input, .numbers label") ? main : 24;
		if (box.height < least - 0.5 || box.width < least - 0.5) wrong.push(name(e) + " is " + Math.round(box.width) + " by " + Math.round(box.height) + ", and at least " + least);
	}
	return wrong;
})()`

// sizes looks at every width, plain and in care mode, and with letters twice as large.
func (e *examination) sizes() error {
	for _, letters := range []int64{100, 200} {
		if err := e.letters(letters); err != nil {
			return err
		}
		for _, width := range widths {
			if e.bare && width > widths[0] {
				break
			}
			e.screen(width, "light")
			for care, main := range map[bool]int{false: 48, true: 60} {
				if err := e.dress(care); err != nil {
					return err
				}
				var wrong []string
				if err := e.into(&wrong, fmt.Sprintf(sizesScript, main)); err != nil {
					return err
				}
				for _, what := range wrong {
					e.t.Errorf("%s, %d px wide, letters at %d %%, care mode %v: %s", e.state, width, letters, care, what)
				}
			}
		}
	}
	e.screen(360, "light")
	return errors.Join(e.dress(false), e.letters(100))
}
