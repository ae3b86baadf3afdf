package main

import (
	"context"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/chromedp/cdproto/cdp"

	"github.com/jieling-id/jieling/internal/sandbox"
)

// TestPages_Screenshots takes pictures of every state of every page: in both languages, on a phone, a tablet and a desk, by
// day and by night, and in the mode for older people where the centre offers one. It proves nothing that the others do not
// and runs only where it is told to which folder (scripts/screenshots).
func TestPages_Screenshots(t *testing.T) {
	dir := os.Getenv("JIELING_SCREENSHOTS")
	if dir == "" {
		t.Skip("JIELING_SCREENSHOTS names no folder")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	a := &album{dir: dir}
	t.Cleanup(func() {
		if err := a.index(); err != nil {
			t.Error(err)
		}
	})
	for _, lang := range []string{"zh-CN", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			a.tour(t, lang, false)
		})
		t.Run(lang+" care", func(t *testing.T) {
			t.Parallel()
			a.tour(t, lang, true)
		})
	}
}

// album is a folder of pictures. Several tours add to it at once.
type album struct {
	dir    string
	mu     sync.Mutex
	states []string
	shots  []shot
}

// shot is one picture.
type shot struct {
	State, Lang, Scheme string
	Width               int64
	Care                bool
}

// File names the picture.
func (s shot) File() string {
	care := ""
	if s.Care {
		care = ".care"
	}
	return fmt.Sprintf("%s.%s.%d.%s%s.png", s.State, s.Lang, s.Width, s.Scheme, care)
}

// Column says what it shows besides the state.
func (s shot) Column() string {
	return strings.TrimSuffix(strings.TrimPrefix(s.File(), s.State+"."), ".png")
}

// tour takes the pictures of one language and mode. The mode is left out where there is none to choose.
func (a *album) tour(t *testing.T, lang string, care bool) {
	r := &tour{house: openHouse(t), t: t, lang: lang, care: care}
	if care {
		v := r.visitor(t, "lin")
		v.arrive("phone", "/", lang)
		v.submit("#handoff-go")
		if !v.has(careSwitch) {
			t.Skip("the centre offers no mode for older people")
		}
	}
	r.look = func(v *visitor, state string) {
		for _, width := range []int64{1280, 768, 360} {
			for _, scheme := range []string{"dark", "light"} {
				v.screen(width, scheme)
				a.take(v, shot{State: state, Lang: lang, Scheme: scheme, Width: width, Care: care})
			}
		}
	}
	if !care {
		r.parties()
	}
	r.run()
}

// parties looks at the stage and at the parties on it, which know no mode for older people.
func (r *tour) parties() {
	v := r.visitor(r.t, "lin")
	v.screen(1280, "light")
	v.open("/sandbox?who=lin&lang=" + r.lang)
	r.framed(v)
	r.see(v, "stage", "#tour")
	for _, at := range [][2]string{{sandbox.WeChat, "/phone/lin?"}, {sandbox.SMS, "/?who=lin&"}, {sandbox.QQ, "/people/lin?"}, {sandbox.WeChatPay, "/?who=lin&"}} {
		v.load("open "+at[0], chromedp.Navigate(r.sheet.Sandbox[at[0]]+at[1]+"lang="+r.lang))
		r.see(v, "stage-"+at[0], "main")
	}
}

// take takes the whole page, however long it is.
func (a *album) take(v *visitor, s shot) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, 5*time.Minute)
	defer cancel()
	size, err := chromedp.Call(ctx, cdppage.GetLayoutMetrics, cdp.Empty{})
	if err != nil {
		v.t.Fatal(err)
	}
	yes := true
	picture, err := chromedp.Call(ctx, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{
		Clip: &cdppage.Viewport{Width: float64(s.Width), Height: size.CSSContentSize.Height, Scale: 1}, CaptureBeyondViewport: &yes,
	})
	if err != nil {
		v.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(a.dir, s.File()), picture.Data, 0o644); err != nil {
		v.t.Fatal(err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Contains(a.states, s.State) {
		a.states = append(a.states, s.State)
	}
	a.shots = append(a.shots, s)
}

// contactSheet shows a state's pictures side by side.
var contactSheet = template.Must(template.New("index").Parse(`<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Jieling, every page</title>
<style>
	body { font: 14px/1.4 system-ui, sans-serif; margin: 1rem; background: #888; }
	h2 { position: sticky; inset-block-start: 0; margin: 0; padding: .5rem; background: #222; color: #fff; }
	div { display: flex; gap: 1rem; align-items: start; overflow-x: auto; padding: 1rem 0; }
	figure { margin: 0; } figcaption { white-space: nowrap; } img { max-block-size: 36rem; }
</style>
{{range .}}<h2 id="{{.State}}">{{.State}}</h2>
<div>{{range .Shots}}<figure><figcaption>{{.Column}}</figcaption><a href="{{.File}}"><img loading="lazy" src="{{.File}}" alt="{{.State}}, {{.Column}}"></a></figure>{{end}}</div>
{{end}}</html>
`))

// index writes the contact sheet, states in the order they were met.
func (a *album) index() error {
	type row struct {
		State string
		Shots []shot
	}
	var rows []row
	for _, state := range a.states {
		shots := slices.DeleteFunc(slices.Clone(a.shots), func(s shot) bool { return s.State != state })
		slices.SortFunc(shots, func(x, y shot) int { return strings.Compare(x.Column(), y.Column()) })
		rows = append(rows, row{state, shots})
	}
	out, err := os.Create(filepath.Join(a.dir, "index.html"))
	if err != nil {
		return err
	}
	defer out.Close()
	return contactSheet.Execute(out, rows)
}
