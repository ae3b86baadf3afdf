package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/jieling-id/jieling/internal/sandbox"
)

// guided is somebody who takes the tour: the stage in one window, the security centre in the other.
type guided struct {
	*house
	t             *testing.T
	lang          string
	stage, centre *visitor
}

func (h *house) guided(t *testing.T, who, lang string, bare bool) *guided {
	t.Helper()
	g := &guided{house: h, t: t, lang: lang, stage: h.visitor(t, who)}
	g.centre = h.beside(g.stage)
	for _, v := range []*visitor{g.stage, g.centre} {
		if bare {
			v.withoutScripts()
		}
	}
	g.stage.screen(1280, "light")
	g.centre.open("/?lang=" + lang)
	g.stage.open("/sandbox?who=" + who + "&lang=" + lang)
	return g
}

// at waits until the tour has come to a step, and checks which party it looks at.
func (g *guided) at(step int, party string) {
	g.t.Helper()
	g.stage.sees(fmt.Sprintf(`.step:nth-child(%d)[data-state="now"]`, step))
	if got := ask[string](g.stage, `(document.querySelector(".panel.here") || {}).id || ""`); got != "panel-"+party {
		g.t.Fatalf("at step %d the tour looks at %q, and should at %s", step, got, party)
	}
}

// signIn follows the tour's own button to QQ, and is oneself there.
func (g *guided) signIn() {
	g.t.Helper()
	g.centre.load("follow the tour", chromedp.Navigate(ask[string](g.stage, `document.querySelector("#tour-go").href`)))
	g.centre.do("be oneself", chromedp.Click(chromedp.CSS(fmt.Sprintf(`[name="person"][value=%q]`, g.stage.who.Owner))))
	g.centre.submit(`button[value="allow"]`)
}

// walk takes the tour to its end. Nothing tells the stage what was done: it sees it.
func (g *guided) walk() {
	v := g.centre
	g.at(1, sandbox.QQ)
	g.signIn()
	v.sees(`[data-unlink="qq"]`)

	g.at(2, sandbox.WeChat)
	v.load("take the phone", chromedp.Navigate(ask[string](g.stage, `document.querySelector("#frame-wechat").src`)))
	v.submit(`button[value="android"]`)
	v.submit("#handoff-go")
	v.submit(`[data-unlink="qq"]`)
	v.do("say why", chromedp.Click(chromedp.CSS("#reason-privacy")))
	v.submit("#unlink-go")

	if !v.who.PhoneBound { // where one is, the tour knows that no code is needed
		g.at(3, sandbox.SMS)
		asked := g.now().Add(-time.Second)
		v.write("#phone", v.who.Phone)
		v.submit("#do-replace")
		g.at(4, sandbox.QQWallet)
		v.write("#sms-given", v.code(asked))
		v.submit("#sms-go")
	}
	g.at(4, sandbox.QQWallet)
	v.submit("#backup-declined")
	v.write("#pin-given", v.who.PIN)
	v.submit("#pin-go")
	v.confirm()

	g.at(5, sandbox.QQ)
	v.sees("#residues")
	g.says("signs-wechatpay", "warn")
	g.says("signs-qq", "gone")
	at := v.here()
	g.signIn()
	if v.has(`[data-unlink="qq"]`) {
		g.t.Fatal("QQ opens the account after it was unlinked")
	}

	g.at(6, sandbox.WeChatPay)
	v.do("go back to the case", chromedp.Navigate(at))
	v.submit("#clean-real-name button")
	g.at(7, "centre")
	v.sees("#do-undo")
	v.submit("#do-undo")
	g.stage.sees(`.step:nth-child(7)[data-state="done"]`)
	g.says("signs-qq", "good")
	if left := ask[int](g.stage, `document.querySelectorAll('.step:not([data-state="done"])').length`); left > 0 {
		g.t.Errorf("%d steps are not ticked", left)
	}

	g.stage.submit("#tour-restart")
	g.at(1, sandbox.QQ)
}

// says waits until a party has a sign of a kind.
func (g *guided) says(signs, kind string) {
	g.t.Helper()
	g.stage.sees("#" + signs + " ." + kind)
}

// TestStage_TheTourIsWalked takes the guided tour from its first step to its last and begins it anew: with scripts, where the stage
// follows by itself, and without, where it is loaded again; as somebody who needs another way in first, and as somebody who has one.
func TestStage_TheTourIsWalked(t *testing.T) {
	h := openHouse(t)
	for _, lang := range []string{"zh-CN", "en"} {
		bare := lang == "en"
		who := map[bool]string{true: "sun", false: "lin"}[bare]
		t.Run(lang+map[bool]string{true: " without scripts"}[bare], func(t *testing.T) {
			h.guided(t, who, lang, bare).walk()
		})
	}
}

// TestStage_IsForEverybody looks at the stage and at every party's page: axe's rules by day and by night, every width and large letters,
// and that each party really stands in its frame.
func TestStage_IsForEverybody(t *testing.T) {
	source := axeSource(t)
	h := openHouse(t)
	for _, lang := range []string{"zh-CN", "en"} {
		t.Run(lang, func(t *testing.T) {
			v := h.visitor(t, "lin")
			v.screen(1280, "light")
			v.open("/sandbox?who=lin&lang=" + lang)
			h.framed(v)
			pages := map[string]string{"stage": h.sheet.BaseURL + "/sandbox?who=lin&lang=" + lang}
			for name, at := range h.sheet.Sandbox {
				pages[name] = at + "/?lang=" + lang
			}
			pages["qq person"] = h.sheet.Sandbox[sandbox.QQ] + "/people/lin?lang=" + lang
			pages["phone"] = h.sheet.Sandbox[sandbox.WeChat] + "/phone/lin?lang=" + lang
			for name, at := range pages {
				v.load("open "+name, chromedp.Navigate(at))
				e := &examination{visitor: v, state: name}
				if err := e.outside(source); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
		})
	}
}

// outside examines a page that is not the product's: it has no care mode, and no page budget.
func (e *examination) outside(source string) error {
	ctx, cancel := context.WithTimeout(e.visitor.ctx, 5*time.Minute)
	defer cancel()
	e.ctx = ctx
	var err error
	if e.world, err = apart(ctx); err != nil {
		return err
	}
	if _, err := e.world.evaluate(ctx, source+"; true"); err != nil {
		return err
	}
	for _, p := range []struct{ scheme, rules string }{{"light", allRules}, {"dark", colourRules}} {
		e.screen(1280, p.scheme)
		found, err := e.world.axe(ctx, p.rules)
		if err != nil {
			return err
		}
		for _, f := range found {
			e.t.Errorf("%s, %s: %s (%s)\n    %s", e.state, p.scheme, f.Rule, f.Help, strings.Join(f.Nodes, "\n    "))
		}
	}
	for _, letters := range []int64{100, 200} {
		if err := e.letters(letters); err != nil {
			return err
		}
		for _, width := range widths {
			e.screen(width, "light")
			var wrong []string
			if err := e.into(&wrong, fmt.Sprintf(sizesScript, 44)); err != nil {
				return err
			}
			for _, what := range wrong {
				e.t.Errorf("%s, %d px wide, letters at %d %%: %s", e.state, width, letters, what)
			}
		}
	}
	return e.letters(100)
}

// framed checks that the frames that are unfolded hold the parties, and not a browser's refusal.
func (h *house) framed(v *visitor) {
	v.t.Helper()
	var at []string
	err := eventually(v.ctx, func() (bool, error) {
		tree, err := chromedp.Call(v.ctx, cdppage.GetFrameTree, cdp.Empty{})
		if err != nil {
			return false, err
		}
		at = at[:0]
		for _, f := range tree.FrameTree.ChildFrames {
			if f.Frame.URL == "" {
				continue // it is folded, and not loaded until somebody unfolds it
			}
			at = append(at, f.Frame.URL)
			to, err := url.Parse(f.Frame.URL)
			if err != nil || !strings.HasPrefix(f.Frame.SecurityOrigin, "http://127.0.0.1:"+to.Port()) {
				return false, err
			}
		}
		return len(at) >= 4, nil
	})
	if err != nil {
		v.t.Error(errors.Join(fmt.Errorf("the frames hold %q", at), err))
	}
}
