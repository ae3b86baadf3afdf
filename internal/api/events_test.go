package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api"
	"github.com/jieling-id/jieling/internal/gate"
)

func notFound(words string) error {
	return jieling.Refuse(jieling.CodeNotFound, words, words)
}

func (p *puppet) happen(kind string, stage jieling.Stage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, jieling.Event{
		Case: caseID, Seq: int64(len(p.events) + 1), Kind: kind, Actor: jieling.Actor{Kind: jieling.ActorProduct, Name: "shop"},
		At: noon, Stage: stage, Data: json.RawMessage(`{"text":"两行\n"}`),
	})
}

// listen opens a stream over real HTTP and gives its lines.
func listen(t *testing.T, h http.Handler, edit ...func(*http.Request)) (*http.Response, *bufio.Scanner) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/v1/cases/"+string(caseID)+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	for _, e := range edit {
		e(r)
	}
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer, bufio.NewScanner(answer.Body)
}

// ids reads a stream to its end and gives the numbers of its events. A stream that the service does not end is an error.
func ids(in *bufio.Scanner) string {
	var out []string
	for in.Scan() {
		if id, ok := strings.CutPrefix(in.Text(), "id: "); ok {
			out = append(out, id)
		}
	}
	if in.Err() != nil {
		return in.Err().Error()
	}
	return strings.Join(out, " ")
}

func TestStreamTellsTheHistoryThenFollowsToTheEnd(t *testing.T) {
	h := newHouse(t, nil)
	h.happen("opened", jieling.StageOpen)
	h.happen("proved", jieling.StageReady)
	answer, in := listen(t, h, set("Authorization", "Bearer "+h.keys["cases"]))
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("%d %s", answer.StatusCode, got)
	}
	for in.Scan() && in.Text() != "id: 2" {
	}
	h.happen("confirmed", jieling.StageExecuting)
	h.happen("time_reached", jieling.StageClosed)
	if got := ids(in); got != "3 4" {
		t.Errorf("afterwards it told %q", got)
	}
}

func TestStreamTellsEachEventAsJSON(t *testing.T) {
	h := newHouse(t, nil)
	h.happen("cancelled", jieling.StageCancelled)
	_, in := listen(t, h, set("Authorization", "Bearer "+h.keys["cases"]))
	var data string
	for in.Scan() {
		if d, ok := strings.CutPrefix(in.Text(), "data: "); ok {
			data = d
		}
	}
	var e struct {
		Seq         int64
		Kind, Stage string
		Data        map[string]string
	}
	if err := json.Unmarshal([]byte(data), &e); err != nil || e.Seq != 1 || e.Kind != "cancelled" || e.Stage != "cancelled" || e.Data["text"] != "两行\n" {
		t.Errorf("%v: %s", err, data)
	}
}

func TestStreamResumes(t *testing.T) {
	for name, edit := range map[string]func(*http.Request){
		"by header":           set("Last-Event-ID", "2"),
		"by address":          func(r *http.Request) { r.URL.RawQuery = "after=2" },
		"by the newer of two": func(r *http.Request) { r.URL.RawQuery = "after=1"; r.Header.Set("Last-Event-ID", "2") },
	} {
		h := newHouse(t, nil)
		h.happen("opened", jieling.StageOpen)
		h.happen("proved", jieling.StageReady)
		h.happen("cancelled", jieling.StageCancelled)
		if _, in := listen(t, h, set("Authorization", "Bearer "+h.keys["cases"]), edit); ids(in) != "3" {
			t.Errorf("%s: not from the third on", name)
		}
	}
}

func TestStreamOfAPerson(t *testing.T) {
	h := newHouse(t, nil)
	h.happen("cancelled", jieling.StageCancelled)
	answer, in := listen(t, h, func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "jieling", Value: "of-a-person"}) })
	if got := ids(in); got != "1" || answer.StatusCode != 200 || h.calls[0].by.Account != accountID {
		t.Errorf("%d, for %+v", answer.StatusCode, h.calls)
	}
}

func TestStreamIsRefusedAsAProblem(t *testing.T) {
	for name, c := range map[string]struct {
		edit   func(*house) func(*http.Request)
		err    error
		status int
	}{
		"nobody":        {func(*house) func(*http.Request) { return drop("Authorization") }, nil, 401},
		"another scope": {func(h *house) func(*http.Request) { return set("Authorization", "Bearer "+h.keys["resolve"]) }, nil, 403},
		"foreign":       {func(h *house) func(*http.Request) { return set("Authorization", "Bearer "+h.keys["cases"]) }, notFound("x"), 404},
		"bad number":    {func(*house) func(*http.Request) { return set("Last-Event-ID", "planted") }, nil, 400},
	} {
		h := newHouse(t, nil)
		h.err = c.err
		w := h.ask("GET", "/v1/cases/"+string(caseID)+"/events", "", set("Accept", "text/event-stream"), c.edit(h))
		if refusal(t, w); w.Code != c.status {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestStreamDiesWithItsKey(t *testing.T) {
	now := noon
	clock := make(chan time.Time, 1)
	clock <- now
	h := newHouse(t, func(_ *api.Config, g *gate.Config) {
		g.Now = func() time.Time { at := <-clock; clock <- at; return at }
	})
	h.happen("opened", jieling.StageOpen)
	_, in := listen(t, h, set("Authorization", "Bearer "+h.keys["cases"]))
	for in.Scan() && in.Text() != "id: 1" {
	}
	h.revoke("cases")
	clock <- (<-clock).Add(time.Second)
	if got := ids(in); got != "" { // it ends: nothing else would
		t.Errorf("it told %q", got)
	}
}

func TestStreamsEndWhenTheServiceStops(t *testing.T) {
	closing := make(chan struct{})
	h := newHouse(t, func(c *api.Config, _ *gate.Config) { c.Closing = closing })
	_, in := listen(t, h, set("Authorization", "Bearer "+h.keys["cases"]))
	in.Scan()
	close(closing)
	if got := ids(in); got != "" {
		t.Errorf("it told %q", got)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	h := newHouse(t, func(c *api.Config, _ *gate.Config) { c.MaxStreams = 1 })
	h.happen("opened", jieling.StageOpen)
	_, in := listen(t, h, set("Authorization", "Bearer "+h.keys["cases"]))
	in.Scan()
	w := h.ask("GET", "/v1/cases/"+string(caseID)+"/events", "", set("Accept", "text/event-stream"))
	if p := refusal(t, w); p.Code != "too_many_attempts" || p.RetryAfter == 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestStreamBeatsWhileNothingHappens(t *testing.T) {
	h := newHouse(t, func(c *api.Config, _ *gate.Config) { c.Heartbeat = 2 * time.Millisecond })
	_, in := listen(t, h, set("Authorization", "Bearer "+h.keys["cases"]))
	for beats := 0; beats < 3; {
		if !in.Scan() {
			t.Fatal("the stream ended")
		}
		if in.Text() == ":" {
			beats++
		}
	}
}
