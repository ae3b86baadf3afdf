package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

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
const axeRun = `axe.run(document, {runOnly: %s, resultTypes: ["violations"], preload: false, iframes: false}).then((r) => r.violations.map((v) => ({
	rule: v.id, help: v.help, nodes: v.nodes.map((n) => n.html + "\n      " + n.failureSummary.replace(/\s+/g, " ")),
})))`

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

// axe puts rules to the page as it stands.
func (w isolated) axe(ctx context.Context, rules string) (found []violation, err error) {
	out, err := w.evaluate(ctx, fmt.Sprintf(axeRun, rules))
	if err == nil {
		err = json.Unmarshal(out, &found)
	}
	return found, err
}

// isolated is a world of scripts that sees a page's elements and nothing of its scripts. The page's policy does not bind it, and
// the page does not notice it.
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
