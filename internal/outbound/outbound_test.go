package outbound

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const secret = "s3cret-in-query"

func ask(t *testing.T, ctx context.Context, base string) (Reply, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/token?client_secret="+secret, nil)
	if err != nil {
		t.Fatal(err)
	}
	return New().Do(req)
}

func TestDoReadsAWholeAnswerOfAnyStatus(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte("short and stout"))
	}))
	defer srv.Close()
	reply, err := ask(t, t.Context(), srv.URL)
	if err != nil || reply.Status != http.StatusTeapot || string(reply.Body) != "short and stout" {
		t.Fatalf("got %d %q, %v", reply.Status, reply.Body, err)
	}
}

func TestS30_WhatIsNoAnswerIsAnErrorWithoutURLOrContent(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	tests := map[string]struct {
		party http.HandlerFunc
		want  error
	}{
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/"+r.URL.RawQuery, http.StatusFound)
		}, ErrRedirect},
		"too large": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(strings.Repeat("x", BodyLimit+1)))
		}, ErrTooLarge},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("half"))
		}, ErrNoAnswer},
		"not HTTP": {func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = conn.Write([]byte(r.URL.RawQuery + "\r\n\r\n"))
			_ = conn.Close()
		}, ErrNoAnswer},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(test.party)
			defer srv.Close()
			_, err := ask(t, t.Context(), srv.URL)
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "/token") {
				t.Errorf("the error tells the URL: %v", err)
			}
		})
	}
}

func TestS30_SilenceEndsWithTheContext(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer srv.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := ask(t, ctx, srv.URL); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), secret) {
		t.Fatalf("got %v", err)
	}
}

func TestS30_NobodyListening(t *testing.T) {
	if _, err := ask(t, t.Context(), "http://127.0.0.1:1"); err == nil || strings.Contains(err.Error(), secret) {
		t.Fatalf("got %v", err)
	}
}

func TestBase(t *testing.T) {
	for raw, good := range map[string]bool{
		"https://graph.qq.com":       true,
		"https://pay.example/jl/v1":  true,
		"http://127.0.0.1:8080/x":    true,
		"http://[::1]:8080":          true,
		"http://localhost:1":         true,
		"http://graph.qq.com":        false,
		"http://localhost.evil.test": false,
		"http://10.0.0.1":            false,
		"ftp://127.0.0.1":            false,
		"//graph.qq.com":             false,
		"https://":                   false,
		"https://a:pw@graph.qq.com":  false,
		"https://graph.qq.com?x=1":   false,
		"https://graph.qq.com#x":     false,
		"":                           false,
		"https://a b":                false,
	} {
		_, err := Base(raw)
		if (err == nil) != good {
			t.Errorf("Base(%q): %v", raw, err)
		}
		if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("the error repeats a password: %v", err)
		}
	}
}
