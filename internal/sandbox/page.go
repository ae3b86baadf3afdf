package sandbox

import (
	"embed"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/client"
)

//go:embed pages
var pageFiles embed.FS

//go:embed pages/party.css
var partyStyle string

// looks is what the pages of all parties know of each other.
type looks struct {
	framer atomic.Value // the one origin whose page may frame a party's, a string; none until the product is attached
	framed []string     // the origins of all parties, which the stage may frame
}

// view is what every page is given. Its components are the pages.
type view struct {
	Lang   string // "zh-CN" or "en"
	Title  client.Text
	About  client.Text
	Ops    []string
	Faults []Fault
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
func (v view) Link(to string) templ.SafeURL { return templ.SafeURL(linkFor(v.Lang, to)) }

// Here is this page in the other language.
func (v view) Here() templ.SafeURL {
	q := v.url.Query()
	q.Set("lang", v.T("en", "zh-CN"))
	return templ.SafeURL((&url.URL{Path: v.url.Path, RawQuery: q.Encode()}).String())
}

// Self is this page, for a form to come back to.
func (v view) Self() string { return v.url.RequestURI() }

// Stage is the stage of a person, in this language.
func (v view) Stage(who string) templ.SafeURL {
	return templ.SafeURL("/sandbox?" + url.Values{"who": {who}, "lang": {v.Lang}}.Encode())
}

// elsewhere opens what a framed page leads to in a window of that name: it is no party's, and lets nobody frame it.
func (v view) elsewhere(window string) templ.Attributes {
	if !v.Framed {
		return nil
	}
	return templ.Attributes{"target": window}
}

// inBeijing prints a moment in Beijing's time, where all these parties live.
func inBeijing(t time.Time) string {
	return t.In(time.FixedZone("CST", 8*60*60)).Format("2006-01-02 15:04:05")
}

// write answers with a page under a policy.
func write(w http.ResponseWriter, r *http.Request, status int, policy string, page templ.Component) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = page.Render(r.Context(), w) // the reader has gone
}

// framedBy is what a party's page may load, and who may frame it.
func framedBy(framer string) string {
	return "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors " + framer + "; base-uri 'none'"
}

// partyPolicy lets the stage frame a page, once the product is attached.
func (l *looks) partyPolicy() string {
	framer, attached := l.framer.Load().(string)
	if !attached {
		return framedBy("'none'")
	}
	return framedBy(framer)
}

// stagePolicy lets the stage frame the parties.
func (l *looks) stagePolicy() string {
	return "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; frame-src " + strings.Join(l.framed, " ") +
		"; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
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
