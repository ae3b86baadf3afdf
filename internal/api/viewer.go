package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/jieling-id/jieling/internal/gate"
)

//go:embed viewer
var viewerFiles embed.FS

// viewerPolicy lets the document's page load its style sheet from here and nothing else from anywhere: it has no script.
const viewerPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// viewer is the document as pages for people, at /docs. Reading it takes a tenth of a second, so it is done once, when
// somebody looks for the first time.
type viewer struct {
	gate  *gate.Gate
	pages func() (viewerPages, error)
}

// viewerPages are finished bytes by language, and the style sheet with its address, which changes with its content.
type viewerPages struct {
	html    map[string][]byte
	style   []byte
	styleAt string
}

func newViewer(g *gate.Gate) viewer { return viewer{gate: g, pages: sync.OnceValues(renderViewer)} }

// ServeHTTP serves the page at /docs and /docs/ and its style sheet below. ?lang=zh-CN or en chooses the language of the
// words around the document, which is itself in English; without it the browser's choice counts.
func (v viewer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	pages, err := v.pages()
	if err != nil {
		v.gate.Refuse(w, r, err)
		return
	}
	switch r.URL.Path {
	case "/docs", "/docs/":
		pages.serveHTML(w, r)
	case pages.styleAt:
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, _ = w.Write(pages.style) // the reader has gone
	default:
		gate.VisitOf(r.Context()).Route = "/docs/…" // what was asked for is the caller's text
		http.NotFound(w, r)
	}
}

func (p viewerPages) serveHTML(w http.ResponseWriter, r *http.Request) {
	page, ok := p.html[r.URL.Query().Get("lang")]
	if !ok {
		page = p.html[gate.VisitOf(r.Context()).Lang()]
	}
	h := w.Header()
	h.Set("Content-Security-Policy", viewerPolicy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Language")
	h.Set("ETag", `"`+digest(page)+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(page))
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:6])
}

func renderViewer() (viewerPages, error) {
	out := viewerPages{html: map[string][]byte{}}
	for _, part := range []string{"viewer/tokens.css", "viewer/page.css"} {
		style, err := viewerFiles.ReadFile(part)
		if err != nil {
			return out, fmt.Errorf("read the style of /docs: %w", err)
		}
		out.style = append(out.style, style...)
	}
	out.styleAt = "/docs/page." + digest(out.style) + ".css"
	doc, err := readOpenAPI(Document)
	if err != nil {
		return out, err
	}
	for _, lang := range []string{"zh-CN", "en"} {
		page, err := newReference(doc, lang)
		if err != nil {
			return out, fmt.Errorf("lay out /docs: %w", err)
		}
		page.Style = out.styleAt
		if out.html[lang], err = page.render(); err != nil {
			return out, fmt.Errorf("write /docs: %w", err)
		}
	}
	return out, nil
}

// render writes the page.
func (r reference) render() ([]byte, error) {
	var out bytes.Buffer
	err := r.page().Render(context.Background(), &out)
	return out.Bytes(), err
}
