package api

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api/oas"
	"github.com/jieling-id/jieling/internal/gate"
)

// Document is the API's description, as it is served at /v1/openapi.yaml.
//
//go:embed openapi.yaml
var Document []byte

// Config is what the door works with. Fields without a remark are required.
type Config struct {
	Engine     Engine
	Gate       *gate.Gate
	Staff      Staff                       // where members of staff sign in
	HandoffURL func(token string) string   // where a hand-off's ticket is taken: the page that redeems it
	Ready      func(context.Context) error // whether the service can answer: the store's Ping
	Metrics    *Metrics                    // nil: /metrics is not served
	Follow     time.Duration               // how often a followed case is looked at; zero means 500 ms
	Heartbeat  time.Duration               // how often a quiet stream says that it lives; zero means 15 s
	MaxStreams int                         // how many cases may be followed at once on this node; zero means 1024
	Closing    <-chan struct{}             // closed when the service stops: streams end then; nil means that nobody says so
}

// New makes the door: everything under /v1 and /docs, /healthz, /readyz and /metrics. Whoever mounts it beside the pages gives it these
// paths; anything else is answered with a problem.
//
// http.Server.Shutdown waits for every request, and a stream is one that may take days: close Config.Closing first, so that
// streams end and ordinary requests are finished.
func New(c Config) (http.Handler, error) {
	f, err := newFront(c)
	if err != nil {
		return nil, err
	}
	plain := map[string]http.HandlerFunc{
		"/healthz":         func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") },
		"/readyz":          ready(c),
		"/v1/openapi.yaml": document,
	}
	if c.Metrics != nil {
		plain["/metrics"] = c.Metrics.ServeHTTP
	}
	reference := newViewer(c.Gate)
	return c.Gate.Admit(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, ok := plain[r.URL.Path]; ok {
			operator(w, r, h)
			return
		}
		if name, ok := providerOf(r.URL.Path); ok {
			f.hear(w, r, name)
			return
		}
		if r.URL.Path == "/docs" || strings.HasPrefix(r.URL.Path, "/docs/") {
			operator(w, r, reference.ServeHTTP)
			return
		}
		f.ServeHTTP(w, r)
	})), nil
}

func newFront(c Config) (*front, error) {
	if c.Follow == 0 {
		c.Follow = 500 * time.Millisecond
	}
	if c.Heartbeat == 0 {
		c.Heartbeat = 15 * time.Second
	}
	if c.MaxStreams == 0 {
		c.MaxStreams = 1024
	}
	f := &front{Config: c, streams: make(chan struct{}, c.MaxStreams)}
	h := handlers{engine: c.Engine, gate: c.Gate, staff: c.Staff, handoffURL: c.HandoffURL}
	server, err := oas.NewServer(h, h,
		oas.WithPathPrefix("/v1"),
		oas.WithNotFound(f.notFound),
		oas.WithMethodNotAllowed(f.methodNotAllowed),
		oas.WithErrorHandler(f.undecodable),
	)
	if err != nil {
		return nil, fmt.Errorf("make the API: %w", err)
	}
	f.oas = server
	return f, nil
}

// operator answers at an address outside the document: it is named in the log and read only.
func operator(w http.ResponseWriter, r *http.Request, h http.HandlerFunc) {
	gate.VisitOf(r.Context()).Route = r.URL.Path
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		say(w, http.StatusMethodNotAllowed, "method not allowed")
		return
	}
	h(w, r)
}

func document(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(Document) // the caller has gone
}

// ready answers whether requests should be sent here. What is wrong stands in the log, not in the answer.
func ready(c Config) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := c.Ready(ctx); err != nil {
			c.Gate.Complain(gate.VisitOf(r.Context()), &jieling.Error{Code: jieling.CodeDependency, Err: fmt.Errorf("not ready: %w", err)})
			say(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		say(w, http.StatusOK, "ready")
	}
}

func say(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(word + "\n"))
}
