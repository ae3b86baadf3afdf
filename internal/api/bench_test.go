package api_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jieling-id/jieling/internal/api"
	"github.com/jieling-id/jieling/internal/gate"
)

// What the door itself adds to a request, with an engine behind it that does nothing and a writer that keeps nothing.

const resolveBody = `{"provider":"qq","subject":"A1B2C3D4E5F60718293A4B5C6D7E8F90","device":"known","network":"known"}`

type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n *nowhere) WriteHeader(int)             {}

func benchmark(b *testing.B, method, path, body string) {
	h := newHouse(b, func(_ *api.Config, g *gate.Config) { g.Log = slog.New(slog.DiscardHandler) })
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Authorization", "Bearer "+h.keys["admin"])
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "8e03978e-40d5-43dd-bc93-6894a57f9324")
	w := &nowhere{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		clear(w.header)
		h.ServeHTTP(w, r)
		h.calls = h.calls[:0]
	}
}

func BenchmarkResolve(b *testing.B) {
	benchmark(b, http.MethodPost, "/v1/resolve", resolveBody)
}

func BenchmarkConfirm(b *testing.B) {
	benchmark(b, http.MethodPost, "/v1/cases/"+string(caseID)+"/confirm", "")
}

func BenchmarkListBindings(b *testing.B) {
	benchmark(b, http.MethodGet, "/v1/accounts/"+string(accountID)+"/bindings", "")
}

// BenchmarkBare is what the standard library alone needs for the same: the ceiling to compare with, in the same run.
func BenchmarkBare(b *testing.B) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/resolve", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Provider, Subject, Device, Network string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			b.Fatal(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"account": accountID, "binding": bindingID, "outcome": "allow", "reasons": []string{}})
	})
	r := httptest.NewRequest(http.MethodPost, "/v1/resolve", nil)
	w := &nowhere{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		r.Body = io.NopCloser(strings.NewReader(resolveBody))
		clear(w.header)
		mux.ServeHTTP(w, r)
	}
}
