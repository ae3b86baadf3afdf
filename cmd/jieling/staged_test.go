package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// staged is the demo with its log caught at debug level, and a cable to each participant that a test can pull.
type staged struct {
	*demo
	*testing.T
	log    *lockedBuffer
	cables map[string]*cable
}

// lockedBuffer is a buffer for many writers.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String gives what was written so far.
func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// cable leads to a party. Where it is pulled for an operation, the request gets no answer at all.
type cable struct {
	mu     sync.Mutex
	pulled map[string]bool // by operation
}

func (c *cable) pull(ops ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pulled = map[string]bool{}
	for _, op := range ops {
		c.pulled[op] = true
	}
}

func (c *cable) dead(op string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pulled[op]
}

// lay gives an address that leads to a party over a cable.
func lay(t *testing.T, to string) (*cable, string) {
	t.Helper()
	end, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{}
	on := httputil.NewSingleHostReverseProxy(end)
	on.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // the world may end before the last request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.dead(path.Base(r.URL.Path)) {
			panic(http.ErrAbortHandler) // which drops the connection
		}
		on.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return c, server.URL
}

// newStaged starts it, with the cast in a SQLite file.
func newStaged(t *testing.T) *staged {
	t.Helper()
	s := &staged{demo: &demo{}, T: t, log: &lockedBuffer{}, cables: map[string]*cable{}}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if s.world, err = sandbox.Start(ctx, sandbox.Config{Now: s.now, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	s.sheet.BaseURL = fmt.Sprintf("http://localhost:%d", s.listener.Addr().(*net.TCPAddr).Port)
	dir := t.TempDir()
	c, err := s.config(demoCommand{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Participants {
		p := &c.Participants[i]
		s.cables[p.Name], p.URL = lay(t, p.URL)
	}
	if s.app, err = assemble(ctx, c, assembly{log: log, offset: s.offset}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.app.close)
	if err := s.seed(ctx, filepath.Join(dir, "demo.json")); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.app.serve(ctx, s.listener, s.handler()) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return s
}

// person gives the hands of one of the cast, with everything a walk needs.
func (s *staged) person(key string) *walk {
	s.Helper()
	jl, err := sdk.New(s.sheet.BaseURL, s.sheet.APIKey)
	if err != nil {
		s.Fatal(err)
	}
	i := slices.IndexFunc(s.sheet.Accounts, func(a demoAccount) bool { return a.Owner == key })
	w := &walk{demo: s.demo, jl: jl, person: s.sheet.Accounts[i], say: func(string, ...any) {}, began: time.Now()}
	w.found.Platform = string(w.person.Platform)
	return w
}

// must carries steps of a walk out.
func (s *staged) must(steps ...func(context.Context) error) {
	s.Helper()
	for _, step := range steps {
		if err := step(s.Context()); err != nil {
			s.Fatal(err)
		}
	}
}

// confirmed brings a person's case up to their confirmation.
func (s *staged) confirmed(w *walk) {
	s.Helper()
	s.must(w.open, w.replace, w.backUp, w.verify, w.confirm)
}

// fault sets a party's switch.
func (s *staged) fault(party string, f sandbox.Fault) {
	s.Helper()
	misbehave(s.T, s.world, party, f)
}

// until waits for a person's case to be as it should. Meanwhile the clock jumps to whatever is to be tried next: nobody
// waits for a wait.
func (s *staged) until(w *walk, what string, good func(*sdk.Case) bool) *sdk.Case {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 5*time.Minute)
	defer cancel()
	for {
		c, err := w.jl.GetCase(ctx, sdk.GetCaseParams{Case: w.id})
		if err == nil && good(c) {
			return c
		}
		s.skip()
		if err := errors.Join(err, pause(ctx, 10*time.Millisecond)); err != nil {
			s.Fatalf("%s: %v; the case: stage %s, legs %+v, residues %+v", what, err, c.Stage, c.Legs, c.Residues)
		}
	}
}

// skip moves the clock to the moment of the next try, if that is all there is to wait for. Timers are not skipped to.
func (s *staged) skip() {
	s.Helper()
	due, err := s.app.store.Effects(s.Context(), "", jieling.EffectDue, 100)
	if err != nil {
		s.Fatal(err)
	}
	for _, e := range due {
		again := e.Attempt > 0 && e.Kind != jieling.EffectTimer && e.Lease.IsZero()
		if ahead := e.RunAt.Sub(s.now()); again && ahead > 0 {
			s.ahead.Add(int64(ahead))
			s.app.worker.Wake()
			return
		}
	}
}

// residues lists what still stands at a participant, by its name there.
func residues(c *sdk.Case, participant string) (open []string) {
	for _, r := range c.Residues {
		if r.Participant == participant && !r.ClearedAt.Set {
			open = append(open, r.ID)
		}
	}
	return open
}

func leg(c *sdk.Case, participant string) sdk.LegState {
	for _, l := range c.Legs {
		if l.Participant == participant {
			return l.State
		}
	}
	return ""
}

// stamps are what a line of the log has of its own: when it was written, the name of its request, how long that took.
var stamps = regexp.MustCompile(`"time":"[^"]*",|"id":"[0-9a-f]{24}",|"took":[0-9]+,`)

// said is the log without its stamps, whose digits may be anybody's code.
func (s *staged) said() string { return stamps.ReplaceAllString(s.log.String(), "") }

// logged finds the lines of the log with a message.
func (s *staged) logged(message string) (lines []map[string]any) {
	s.Helper()
	for line := range strings.Lines(s.log.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			s.Fatalf("a line of the log is not JSON: %s", line)
		}
		if record["msg"] == message {
			lines = append(lines, record)
		}
	}
	return lines
}
