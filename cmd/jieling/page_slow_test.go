package main

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// slowLine is what a page arrives at on a bad day underground, in bytes a second: in many pieces, with time to draw between them.
const slowLine = 16 << 10

// TestPages_NothingMovesOnASlowLine reads pages a piece at a time, as a browser does that is busy or far away. What has been drawn stays
// where it is when the rest arrives.
func TestPages_NothingMovesOnASlowLine(t *testing.T) {
	v := openHouse(t).visitor(t, "zhao")
	v.arrive("desk", "/", "en")
	v.slowly("handoff")
	v.submit("#handoff-go")
	v.slowly("centre")
	v.submit(`[data-unlink="qq"]`)
	v.slowly("reason")
	v.do("say why", chromedp.Click(chromedp.CSS("#reason-other")))
	v.submit("#unlink-go")
	v.slowly("impact")
}

// slowly reads the page that stands again over a slow line, on a phone and on a desk.
func (v *visitor) slowly(state string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, 5*time.Minute)
	defer cancel()
	for _, width := range []int64{360, 1280} {
		v.screen(width, "light")
		v.line(ctx, slowLine)
		if _, err := chromedp.Run(ctx, chromedp.Navigate(v.here())); err != nil {
			v.t.Fatalf("%s: %v", state, err)
		}
		e := &examination{visitor: v, state: state, ctx: ctx}
		var err error
		if e.world, err = apart(ctx); err == nil {
			err = e.loaded()
		}
		if err != nil {
			v.t.Fatalf("%s: %v", state, err)
		}
		v.line(ctx, -1)
	}
	v.screen(360, "light")
}

// line sets how fast everything arrives, in bytes a second; -1 is as fast as it can.
func (v *visitor) line(ctx context.Context, speed float64) {
	v.t.Helper()
	_, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{DownloadThroughput: speed, UploadThroughput: -1}},
	})
	if err != nil {
		v.t.Fatalf("set the line: %v", err)
	}
}
