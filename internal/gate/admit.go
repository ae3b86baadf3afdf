package gate

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/jieling-id/jieling"
)

// Admit wraps a door: it makes the visit, sets the headers that every answer carries, catches panics and writes one line to
// the access log when the answer is out.
func (g *Gate) Admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := g.now()
		visit := &Visit{ID: g.id(), Address: g.address(r), language: r.Header.Get("Accept-Language")}
		answer := &answer{ResponseWriter: w}
		g.guard(answer.Header(), visit)
		r = r.WithContext(context.WithValue(r.Context(), visitKey{}, visit))
		defer func() {
			g.rescue(answer, r, recover())
			g.record(visit, r.Method, answer.status, g.now().Sub(began))
		}()
		next.ServeHTTP(answer, r)
	})
}

// id names a request: 96 random bits. It is ours and not the caller's, so that two requests never share one in the log.
func (g *Gate) id() string {
	var b [12]byte
	if _, err := io.ReadFull(g.random, b[:]); err != nil {
		return "unnamed" // a name is a convenience; the request goes on
	}
	return hex.EncodeToString(b[:])
}

// guard sets the headers of an answer that no browser should render, embed or keep. [Gate.Pages] loosens the policy.
func (g *Gate) guard(h http.Header, visit *Visit) {
	h["Request-Id"] = []string{visit.ID}
	h["X-Content-Type-Options"] = headerNoSniff
	h["Referrer-Policy"] = headerNoReferrer
	h["Content-Security-Policy"] = headerNothing
	h["Cache-Control"] = headerNoStore
	if g.secure {
		h["Strict-Transport-Security"] = headerHSTS
	}
}

// Header values that never change; answers share them and never write to them.
var (
	headerNoSniff    = []string{"nosniff"}
	headerNoReferrer = []string{"no-referrer"}
	headerNothing    = []string{"default-src 'none'; frame-ancestors 'none'"}
	headerNoStore    = []string{"no-store"}
	headerHSTS       = []string{"max-age=63072000"}
)

// rescue turns a panic into a problem. Its value may hold anything, so only errors of the runtime itself are logged in words.
func (g *Gate) rescue(w *answer, r *http.Request, panicked any) {
	if panicked == nil {
		return
	}
	if panicked == http.ErrAbortHandler {
		panic(panicked) // the server's own way to drop a connection
	}
	what := fmt.Sprintf("%T", panicked)
	if e, ok := panicked.(runtime.Error); ok {
		what = e.Error()
	}
	g.log.Error("panic", slog.String("id", VisitOf(r.Context()).ID), slog.String("what", what), slog.String("stack", string(debug.Stack())))
	if w.status == 0 {
		g.Refuse(w, r, &jieling.Error{Code: jieling.CodeInternal, Err: fmt.Errorf("panic: %s", what)})
	}
}

// record writes the access log: what was asked and how it went, and nothing of what was said.
func (g *Gate) record(visit *Visit, method string, status int, took time.Duration) {
	if status == 0 {
		status = http.StatusOK
	}
	g.served(visit.Route, method, status, took)
	g.log.LogAttrs(context.Background(), slog.LevelInfo, "request",
		slog.String("id", visit.ID),
		slog.String("method", method),
		slog.String("route", visit.Route),
		slog.Int("status", status),
		slog.Duration("took", took),
		slog.String("by", visit.Actor.Name),
	)
}

// answer remembers the status that was sent.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter. Informational answers (1xx) are not the answer.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what is beneath.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
