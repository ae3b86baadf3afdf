package sandbox

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jieling-id/jieling/client"
)

//go:embed pages
var pageFiles embed.FS

// looks holds the parsed pages: each is the layout with one file's "body", but for the stage, which brings a layout of its own.
type looks struct {
	pages  map[string]*template.Template
	framer atomic.Value // the one origin whose page may frame a party's, a string; none until the product is attached
	framed []string     // the origins of all parties, which the stage may frame
}

func newLooks() (*looks, error) {
	layout, err := template.ParseFS(pageFiles, "pages/layout.html")
	if err != nil {
		return nil, fmt.Errorf("sandbox pages: %w", err)
	}
	files, err := pageFiles.ReadDir("pages")
	if err != nil {
		return nil, fmt.Errorf("sandbox pages: %w", err)
	}
	l := &looks{pages: map[string]*template.Template{}}
	for _, f := range files {
		if f.Name() == "layout.html" || path.Ext(f.Name()) != ".html" {
			continue
		}
		copied, err := layout.Clone()
		if err == nil {
			copied, err = copied.ParseFS(pageFiles, path.Join("pages", f.Name()))
		}
		if err != nil {
			return nil, fmt.Errorf("sandbox page %s: %w", f.Name(), err)
		}
		l.pages[f.Name()] = copied
	}
	return l, nil
}

// view is what every page is given. Its methods are for the templates.
type view struct {
	Lang   string // "zh-CN" or "en"
	Title  client.Text
	About  client.Text
	Ops    []string
	Faults []Fault
	Data   any
	Framed bool // on the stage, among others: without a head and a foot
	url    *url.URL
}

// T picks one of two sentences.
func (v view) T(zh, en string) string {
	if v.Lang == "en" {
		return en
	}
	return zh
}

// Say picks the sentence of a text.
func (v view) Say(t client.Text) string { return v.T(t.ZH, t.EN) }

// Link keeps the language on the way to another page of the same party.
func (v view) Link(to string) string { return linkFor(v.Lang, to) }

// Here is this page in the other language.
func (v view) Here() string {
	q := v.url.Query()
	q.Set("lang", v.T("en", "zh-CN"))
	return (&url.URL{Path: v.url.Path, RawQuery: q.Encode()}).String()
}

// Self is this page, for a form to come back to.
func (v view) Self() string { return v.url.RequestURI() }

// Stage is the stage of a person, in this language.
func (v view) Stage(who string) string {
	return "/sandbox?" + url.Values{"who": {who}, "lang": {v.Lang}}.Encode()
}

// With is the view for a part of the page.
func (v view) With(data any) view {
	v.Data = data
	return v
}

// Clock prints a moment in Beijing's time, where all these parties live.
func (v view) Clock(t time.Time) string {
	return t.In(time.FixedZone("CST", 8*60*60)).Format("2006-01-02 15:04:05")
}

func (l *looks) show(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	var page bytes.Buffer
	v.Framed = r.Header.Get("Sec-Fetch-Dest") == "iframe"
	if err := l.pages[name].ExecuteTemplate(&page, "layout.html", v); err != nil {
		http.Error(w, "the page "+name+" cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", l.policy(name))
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // the reader has gone
}

// policy is what a page may load, and who may frame it. Pages on which somebody agrees to something are framed by nobody, here as at the
// real parties: a click on them must be meant.
func (l *looks) policy(page string) string {
	framer, attached := l.framer.Load().(string)
	switch {
	case page == "stage.html":
		return "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; frame-src " + strings.Join(l.framed, " ") +
			"; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
	case !attached || page == "authorize.html" || page == "face_detect.html":
		framer = "'none'"
	}
	return "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors " + framer + "; base-uri 'none'"
}

func langOf(r *http.Request) string {
	if r.URL.Query().Get("lang") == "en" {
		return "en"
	}
	return "zh-CN"
}

func linkFor(lang, to string) string {
	if lang != "en" {
		return to
	}
	u, err := url.Parse(to)
	if err != nil {
		return to
	}
	q := u.Query()
	q.Set("lang", lang)
	u.RawQuery = q.Encode()
	return u.String()
}
