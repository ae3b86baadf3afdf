package api_test

import (
	"encoding/json"
	"encoding/xml"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jieling-id/jieling/internal/gate"
)

// element is a start tag of the page.
type element struct {
	name string
	attr map[string]string
}

// elements reads the page as a browser would its tags.
func elements(t *testing.T, page string) (all []element) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			e := element{start.Name.Local, map[string]string{}}
			for _, a := range start.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			all = append(all, e)
		}
	}
}

// look fetches an address as somebody without a key.
func look(t *testing.T, h *house, path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	return h.ask("GET", path, "", append(change, func(r *http.Request) { r.Header.Del("Authorization") })...)
}

func docs(t *testing.T, h *house, path string) string {
	t.Helper()
	w := look(t, h, path)
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%s: %d %s", path, w.Code, w.Header())
	}
	return w.Body.String()
}

func TestDocs_EveryOperationIsThere(t *testing.T) {
	h := newHouse(t, nil)
	page := docs(t, h, "/docs")
	articles := map[string]string{}
	for _, part := range strings.Split(page, `<article class="card" id="`)[1:] {
		id, text, _ := strings.Cut(part, `"`)
		text, _, _ = strings.Cut(text, "</article>")
		articles[id] = html.UnescapeString(text)
	}
	for _, op := range operationsOf(t) {
		text, ok := articles[op.id]
		if !ok {
			t.Errorf("%s is not on the page", op.id)
			continue
		}
		for _, want := range []string{
			">" + op.method + "</span>", `<code class="path">` + op.path + "</code>", `<code class="scope">` + op.scope + "</code>", "curl -sS ",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %s", op.id, want)
			}
		}
		if shows := strings.Contains(text, "Idempotency-Key: $(uuidgen)"); shows != op.idempotent {
			t.Errorf("%s: its command has a key %v, want %v", op.id, shows, op.idempotent)
		}
		for name := range exampleOf(t, op) {
			if !strings.Contains(text, `<th scope="row"><code>`+name+"</code>") || !strings.Contains(text, `"`+name+`": `) {
				t.Errorf("%s: the field %s is not in the table or not in the example", op.id, name)
			}
		}
	}
	for name := range readDocument(t).Components.Schemas {
		if articles["shape-"+name] == "" {
			t.Errorf("the shape %s is not on the page", name)
		}
	}
	for _, code := range gate.Codes() {
		if !strings.Contains(page, `<tr id="error-`+string(code)+`">`) {
			t.Errorf("the code %s is not on the page", code)
		}
	}
}

// What a field may be is said as the document says it: bounds, form, choices, and the shape it refers to.
func TestDocs_FieldsSayWhatTheyMayBe(t *testing.T) {
	h := newHouse(t, nil)
	_, page, _ := strings.Cut(html.UnescapeString(docs(t, h, "/docs?lang=en")), `<article class="card" id="addDevice"`)
	page, _, _ = strings.Cut(page, "</article>")
	for _, want := range []string{
		`<code>name</code> <span class="must">required</span> </th><td><span class="kind">string</span> <span class="facts">1–64 characters</span> </td>` +
			`<td lang="en">As its owner would recognise it.</td>`,
		`<code>platform</code> <span class="must">required</span> </th><td><span class="kind"><a href="#shape-Platform">Platform</a></span> ` +
			`<span class="enum"><code>android</code> <code>ios</code> <code>web</code> </span></td>` +
			`<td lang="en">Where the person stands.</td>`,
		`<code>trusted</code> </th><td><span class="kind">boolean</span> <span class="facts">default false</span> </td>`,
		`<code>account</code> <span class="must">required</span> <span class="quiet">path</span>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
}

func exampleOf(t *testing.T, op operation) map[string]any {
	t.Helper()
	if op.example == "" {
		return nil
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(op.example), &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

func TestDocs_EveryLinkLeadsSomewhere(t *testing.T) {
	h := newHouse(t, nil)
	for _, lang := range []string{"zh-CN", "en"} {
		ids, all := map[string]bool{}, elements(t, docs(t, h, "/docs?lang="+lang))
		for _, e := range all {
			if id := e.attr["id"]; id != "" {
				if ids[id] {
					t.Errorf("%s: the id %s is there twice", lang, id)
				}
				ids[id] = true
			}
		}
		for _, e := range all {
			href, ok := e.attr["href"]
			switch {
			case !ok || href == "/": // the centre, which the pages' door serves
			case strings.HasPrefix(href, "#"):
				if !ids[href[1:]] {
					t.Errorf("%s: nothing on the page is called %s", lang, href)
				}
			case strings.HasPrefix(href, "?"):
				docs(t, h, "/docs"+href)
			default:
				if w := look(t, h, href); w.Code != 200 {
					t.Errorf("%s: %s answers %d", lang, href, w.Code)
				}
			}
		}
	}
}

func TestDocs_NothingComesFromElsewhere(t *testing.T) {
	h := newHouse(t, nil)
	w := look(t, h, "/docs")
	if got, want := w.Header().Get("Content-Security-Policy"),
		"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"; got != want {
		t.Errorf("policy %q, want %q", got, want)
	}
	for _, e := range elements(t, w.Body.String()) {
		if slices.Contains([]string{"script", "style", "img", "iframe", "object", "embed", "base", "form"}, e.name) {
			t.Errorf("the page has a <%s>", e.name)
		}
		for name, value := range e.attr {
			if name == "style" || name == "src" || strings.HasPrefix(name, "on") || name == "href" && strings.Contains(value, "//") {
				t.Errorf("<%s %s=%q>", e.name, name, value)
			}
		}
	}
	at := regexp.MustCompile(`/docs/page\.[0-9a-f]+\.css`).FindString(w.Body.String())
	style := look(t, h, at).Body.String()
	if found := regexp.MustCompile(`@import|url\(`).FindString(style); found != "" || !strings.Contains(style, "--page: ") {
		t.Errorf("the style sheet has %q, or no tokens", found)
	}
}

func TestDocs_Languages(t *testing.T) {
	h := newHouse(t, nil)
	const zh, en = `<html lang="zh-CN">`, `<html lang="en">`
	for _, tt := range []struct{ path, accept, want string }{
		{"/docs", "", zh},
		{"/docs/", "en-GB", en},
		{"/docs", "fr", zh},
		{"/docs?lang=en", "zh-CN", en},
		{"/docs?lang=zh-CN", "en", zh},
		{"/docs?lang=xx", "en", en},
	} {
		w := look(t, h, tt.path, func(r *http.Request) { r.Header.Set("Accept-Language", tt.accept) })
		if !strings.Contains(w.Body.String(), tt.want) || w.Header().Get("Vary") != "Accept-Language" {
			t.Errorf("%+v: %.80s", tt, w.Body)
		}
	}
}

func TestDocs_IsNotSentTwice(t *testing.T) {
	h := newHouse(t, nil)
	first := look(t, h, "/docs")
	again := look(t, h, "/docs", func(r *http.Request) { r.Header.Set("If-None-Match", first.Header().Get("ETag")) })
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("%d, %d bytes", again.Code, again.Body.Len())
	}
	if w := h.ask("POST", "/docs", ""); w.Code != 405 {
		t.Errorf("POST: %d", w.Code)
	}
	if w := look(t, h, "/docs/page.0123456789ab.css"); w.Code != 404 {
		t.Errorf("a style sheet of another day: %d", w.Code)
	}
}

// The page looks like the security centre because it has the same tokens, all of them, and names no other.
func TestDocs_TokensAreTheCentres(t *testing.T) {
	read := func(file string) string {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(src)
	}
	tokens := read("viewer/tokens.css")
	if tokens != read("../web/ui/asset/tokens.css") {
		t.Error("viewer/tokens.css is not the centre's any more; run make generate")
	}
	for _, used := range regexp.MustCompile(`var\((--[\w-]+)\)`).FindAllStringSubmatch(read("viewer/page.css"), -1) {
		if !strings.Contains(tokens, "  "+used[1]+": ") {
			t.Errorf("there is no token %s", used[1])
		}
	}
}
