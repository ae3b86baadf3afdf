package sandbox

import (
	"encoding/json"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/client"
)

// party is what all simulated parties have in common: a name, a switchboard of faults, and a mux with the hooks.
type party struct {
	name   string
	title  client.Text
	about  client.Text
	ops    []string // what a fault can be limited to
	faults faults
	mux    *http.ServeMux
	looks  *looks
	now    func() time.Time
	state  func() any // GET /_state
}

func newParty(name string, title, about client.Text, ops []string, c Config, l *looks) *party {
	p := &party{
		name: name, title: title, about: about, ops: ops, mux: http.NewServeMux(), looks: l, now: c.Now,
		state: func() any { return struct{}{} },
	}
	p.mux.HandleFunc("POST /_fault", p.faults.serveFault)
	p.mux.HandleFunc("GET /_fault", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, p.faults.list()) })
	p.mux.HandleFunc("GET /_state", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, p.state()) })
	return p
}

// wire serves an operation of the party's protocol, behind its faults.
func (p *party) wire(pattern string, h http.HandlerFunc) {
	p.mux.Handle(pattern, p.faults.faulty(operationOf, h))
}

func operationOf(r *http.Request) string {
	if action := r.Header.Get("X-TC-Action"); action != "" {
		return action
	}
	if action := r.Header.Get("X-Acs-Action"); action != "" {
		return action
	}
	last := path.Base(r.URL.Path)
	if _, verb, named := strings.Cut(last, ":"); named { // Google's way: /v1/{name}:{verb}
		return verb
	}
	return last
}

// page serves one of the party's pages to people; faults leave it alone.
func (p *party) page(pattern string, body func(r *http.Request, v view) templ.Component) {
	p.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		p.show(w, r, func(v view) templ.Component { return body(r, v) })
	})
}

// show answers with a page.
func (p *party) show(w http.ResponseWriter, r *http.Request, body func(view) templ.Component) {
	v := p.view(r)
	write(w, r, http.StatusOK, p.looks.partyPolicy(), v.page(body(v)))
}

// ask answers with a page on which somebody agrees to something. Nobody frames it, here as at the real parties: a click on it must be meant.
func (p *party) ask(w http.ResponseWriter, r *http.Request, body func(view) templ.Component) {
	v := p.view(r)
	write(w, r, http.StatusOK, framedBy("'none'"), v.page(body(v)))
}

// tell answers with a sentence.
func (p *party) tell(w http.ResponseWriter, r *http.Request, status int, what client.Text) {
	v := p.view(r)
	write(w, r, status, p.looks.partyPolicy(), v.page(v.message(v.Say(what))))
}

func (p *party) view(r *http.Request) view {
	return view{
		Lang: langOf(r), Title: p.title, About: p.about, Ops: p.ops, Faults: p.faults.list(), Framed: r.Header.Get("Sec-Fetch-Dest") == "iframe", url: r.URL,
	}
}

// back sends the browser to one of the party's own pages after a form.
func back(w http.ResponseWriter, r *http.Request, to string) {
	http.Redirect(w, r, linkFor(langOf(r), to), http.StatusSeeOther)
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(value) // the reader has gone
}
