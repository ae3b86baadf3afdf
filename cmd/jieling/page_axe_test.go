package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// violation is one rule of axe that a page breaks.
type violation struct {
	Rule  string   `json:"rule"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"` // what breaks it, and why
}

// axeRun runs rules and boils the result down to violations.
const axeRun = `axe.run(document, {runOnly: %s, resultTypes: ["violations"]}).then((r) => r.violations.map((v) => ({
	rule: v.id, help: v.help, nodes: v.nodes.map((n) => n.html + "\n      " + n.failureSummary.replace(/\s+/g, " ")),
})))`

// axeRules are the rules of WCAG 2.2, A and AA; and of those, for the second scheme, the ones that look at colours.
var axeRules = [...]struct{ scheme, rules string }{
	{"light", `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]`},
	{"dark", `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`},
}

// axeSource reads the rules. They are not the product's, so that they are installed beside it.
func axeSource(t *testing.T) string {
	t.Helper()
	file := os.Getenv("JIELING_AXE")
	if file == "" {
		file = "../../tools/axe/node_modules/axe-core/axe.min.js"
	}
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("no axe-core: run the tests with `make test`, which installs it, or set JIELING_AXE to an axe.min.js (%v)", err)
	}
	return string(source)
}

// axe puts the rules to the page as it stands, on a narrow screen in each colour scheme. They run in a world of their own,
// which the page's policy does not bind and which the page does not notice.
func axe(v *visitor, source string, report func(scheme string, f violation)) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, time.Minute)
	defer cancel()
	world, err := apart(ctx)
	if err == nil {
		_, err = world.evaluate(ctx, source+"; true")
	}
	for _, in := range axeRules {
		if err != nil {
			break
		}
		v.screen(360, in.scheme)
		var result []byte
		var found []violation
		if result, err = world.evaluate(ctx, fmt.Sprintf(axeRun, in.rules)); err == nil {
			err = json.Unmarshal(result, &found)
		}
		for _, f := range found {
			report(in.scheme, f)
		}
	}
	if err != nil {
		v.t.Fatalf("axe: %v", err)
	}
}

// isolated is a world of scripts that sees a page's elements and nothing of its scripts.
type isolated struct{ id runtime.ExecutionContextID }

func apart(ctx context.Context) (isolated, error) {
	tree, err := chromedp.Call(ctx, cdppage.GetFrameTree, cdp.Empty{})
	if err != nil {
		return isolated{}, err
	}
	made, err := chromedp.Call(ctx, cdppage.CreateIsolatedWorld, cdppage.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: "axe"})
	return isolated{made.ExecutionContextID}, err
}

// evaluate gives the value of an expression as JSON.
func (w isolated) evaluate(ctx context.Context, expression string) ([]byte, error) {
	yes := true
	out, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: expression, ContextID: w.id, AwaitPromise: &yes, ReturnByValue: &yes})
	switch {
	case err != nil:
		return nil, err
	case out.ExceptionDetails != nil:
		return nil, fmt.Errorf("%s %s", out.ExceptionDetails.Text, out.ExceptionDetails.Exception.Description)
	}
	return out.Result.Value, nil
}

// TestPages_AxeFindsNothing puts axe's rules for WCAG 2.2 A and AA to every state of every page, in both languages and both
// colour schemes, on a narrow screen.
func TestPages_AxeFindsNothing(t *testing.T) {
	source := axeSource(t)
	for _, lang := range []string{"zh-CN", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			r := &tour{house: openHouse(t), t: t, lang: lang}
			r.look = func(v *visitor, state string) {
				axe(v, source, func(scheme string, f violation) {
					t.Errorf("%s, %s, at %s: %s (%s)\n    %s", state, scheme, v.here(), f.Rule, f.Help, strings.Join(f.Nodes, "\n    "))
				})
			}
			r.run()
		})
	}
}
