package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling/client/api"
)

const id = "case_01k9z0xw7m8c4e2v5r6t3n1b9a"

// against makes a client of a service that answers as the test says.
func against(t *testing.T, h http.HandlerFunc) *api.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := api.New(server.URL+"/", "jl_planted")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewRefusesWhatIsNoBaseURL(t *testing.T) {
	for _, u := range []string{"", "id.example.com", "ftp://id.example.com", "https://", "http://[::1"} {
		if _, err := api.New(u, "jl_planted"); err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%q: %v", u, err)
		}
	}
}

func TestCallsCarryTheKeyAndTheIdempotencyKey(t *testing.T) {
	var got *http.Request
	c := against(t, func(_ http.ResponseWriter, r *http.Request) { got = r })
	_, _ = c.ConfirmCase(t.Context(), api.ConfirmCaseParams{Case: id, IdempotencyKey: "k"})
	if got.URL.Path != "/v1/cases/"+id+"/confirm" || got.Header.Get("Authorization") != "Bearer jl_planted" || got.Header.Get("Idempotency-Key") != "k" {
		t.Errorf("%s %v", got.URL, got.Header)
	}
}

func TestRefusalsAreProblems(t *testing.T) {
	for _, c := range []struct {
		name, kind, body, code string
		wait                   time.Duration
	}{
		{"problem", "application/problem+json", `{"type":"t","title":"t","status":429,"code":"too_many_attempts","detail":"d","retry_after":7,"new":1}`, "too_many_attempts", 7 * time.Second},
		{"problem with parameters", "application/problem+json; charset=utf-8", `{"type":"t","title":"t","status":429,"code":"frozen","detail":"d"}`, "frozen", 0},
		{"a proxy's page", "text/html", `<html>`, "", 0},
		{"cut off", "application/problem+json", `{"type":`, "", 0},
	} {
		jl := against(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.kind)
			w.WriteHeader(429)
			fmt.Fprint(w, c.body)
		})
		_, err := jl.Resolve(t.Context(), &api.ResolveQuery{Provider: "qq", Subject: "x"})
		var p *api.Problem
		if !errors.As(err, &p) || p.Code != c.code || p.Status != 429 || p.Wait() != c.wait {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	followed := false
	c := against(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/elsewhere") {
			followed = true
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	_, err := c.Resolve(t.Context(), &api.ResolveQuery{Provider: "qq", Subject: "x"})
	var p *api.Problem
	if !errors.As(err, &p) || p.Status != 307 || followed {
		t.Errorf("followed %v, %v", followed, err)
	}
}

func TestRequestsAreCheckedBeforeTheyLeave(t *testing.T) {
	asked := false
	c := against(t, func(http.ResponseWriter, *http.Request) { asked = true })
	if _, err := c.Resolve(t.Context(), &api.ResolveQuery{Provider: "Not A Provider"}); err == nil || asked {
		t.Errorf("sent %v, %v", asked, err)
	}
}

func TestClientHidesItsKey(t *testing.T) {
	c := against(t, nil)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(verb, c); strings.Contains(s, "planted") {
			t.Errorf("%s prints %s", verb, s)
		}
	}
}

func line(seq int, stage string) string {
	return fmt.Sprintf("id: %d\nevent: moved\ndata: {\"case\":%q,\"seq\":%d,\"kind\":\"moved\",\"actor\":{\"kind\":\"clock\",\"name\":\"worker\"},"+
		"\"at\":\"2026-11-22T12:00:00Z\",\"stage\":%q,\"data\":{}}\n\n", seq, id, seq, stage)
}

// watch collects what a watch gives.
func watch(ctx context.Context, c *api.Client, after int64) (seqs []int64, last error) {
	for e, err := range c.Watch(ctx, id, after) {
		if err != nil {
			return seqs, err
		}
		seqs = append(seqs, e.Seq)
	}
	return seqs, nil
}

func TestWatchConnectsAgainWhereItLeftOff(t *testing.T) {
	var asked []string
	c := against(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Last-Event-ID"))
		switch len(asked) {
		case 1:
			fmt.Fprint(w, "retry: 1\n\n", line(3, "open"), ":\n\n", line(4, "open"), "id: 5\ndata: cut o")
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			fmt.Fprint(w, line(4, "open"), line(5, "closed"), line(6, "closed"))
		}
	})
	seqs, err := watch(t.Context(), c, 2)
	if err != nil || fmt.Sprint(seqs) != "[3 4 5]" || fmt.Sprint(asked) != "[2 4 4]" {
		t.Errorf("%v, %v, asked from %v", seqs, err, asked)
	}
}

func TestWatchEndsWhereConnectingAgainCannotHelp(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"refused":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"malformed": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "data: {\n\n") },
		"endless":   func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "data: ", strings.Repeat("x", 2<<20)) },
	} {
		times := 0
		c := against(t, func(w http.ResponseWriter, r *http.Request) { times++; answer(w, r) })
		if seqs, err := watch(t.Context(), c, 0); err == nil || len(seqs) > 0 || times != 1 {
			t.Errorf("%s: %v, %v, after %d connections", name, seqs, err, times)
		}
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := against(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, line(1, "open"))
		http.NewResponseController(w).Flush()
		cancel()
		<-r.Context().Done()
	})
	if _, err := watch(ctx, c, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestWatchStopsWhenNobodyListens(t *testing.T) {
	c := against(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, line(1, "open"), line(2, "open")) })
	n := 0
	for range c.Watch(t.Context(), id, 0) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d events", n)
	}
}
