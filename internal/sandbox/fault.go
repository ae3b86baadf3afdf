package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FaultMode is a way for a party to misbehave.
type FaultMode string

// The fault modes, a closed list.
const (
	FaultNone   FaultMode = "none"
	FaultSlow   FaultMode = "slow"   // waits, then answers as it should
	FaultError  FaultMode = "error"  // answers 503 with a page of HTML and does nothing
	FaultRefuse FaultMode = "refuse" // says no, in the party's own words
	FaultRepeat FaultMode = "repeat" // handles the request twice and gives the second answer
	FaultLie    FaultMode = "lie"    // says it is done, or gone, or fine, while it is not
	FaultSilent FaultMode = "silent" // does it and never answers
)

// Fault is what POST /_fault takes. Op is an operation of the party's protocol: the last segment of the path ("commit", "token"),
// or the X-TC-Action ("SendSms"); empty means all of them.
type Fault struct {
	Mode  FaultMode `json:"mode"`
	Op    string    `json:"op"`
	MS    int       `json:"ms"`    // slow: how long, in milliseconds; 0 means 3000
	Times int       `json:"times"` // for how many requests; 0 means until it is changed
}

func (f Fault) check() error {
	modes := []FaultMode{FaultNone, FaultSlow, FaultError, FaultRefuse, FaultRepeat, FaultLie, FaultSilent}
	if !slices.Contains(modes, f.Mode) {
		return fmt.Errorf("mode must be one of %v", modes)
	}
	if f.MS < 0 || f.Times < 0 {
		return fmt.Errorf("ms and times must not be negative")
	}
	return nil
}

// faults is one party's switchboard. The zero value misbehaves in no way.
type faults struct {
	mu   sync.Mutex
	byOp map[string]Fault
}

func (s *faults) set(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byOp == nil {
		s.byOp = map[string]Fault{}
	}
	switch {
	case f.Mode != FaultNone:
		s.byOp[f.Op] = f
	case f.Op == "":
		clear(s.byOp)
	default:
		delete(s.byOp, f.Op)
	}
}

// take gives the fault for one request and counts it.
func (s *faults) take(op string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range []string{op, ""} {
		f, set := s.byOp[key]
		if !set {
			continue
		}
		switch f.Times {
		case 0:
		case 1:
			delete(s.byOp, key)
		default:
			s.byOp[key] = Fault{f.Mode, f.Op, f.MS, f.Times - 1}
		}
		return f
	}
	return Fault{Mode: FaultNone}
}

func (s *faults) list() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Fault{}
	for _, key := range slices.Sorted(maps.Keys(s.byOp)) {
		all = append(all, s.byOp[key])
	}
	return all
}

type faultKey struct{}

// has reports whether this request is to be answered in a mode that only the party itself can act out: refuse and lie.
func has(ctx context.Context, mode FaultMode) bool { return ctx.Value(faultKey{}) == mode }

// faulty puts a party's switchboard before one of its operations.
func (s *faults) faulty(op func(*http.Request) string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := s.take(op(r))
		switch f.Mode {
		case FaultNone:
		case FaultSlow:
			if !wait(r.Context(), f.MS) {
				return
			}
		case FaultError:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "<html><head><title>503 Service Temporarily Unavailable</title></head><body>503</body></html>")
			return
		case FaultRepeat, FaultSilent:
			again := twice(r)
			next.ServeHTTP(&nowhere{header: http.Header{}}, r)
			if f.Mode == FaultSilent {
				<-r.Context().Done()
				return
			}
			r = again
		case FaultRefuse, FaultLie:
			r = r.WithContext(context.WithValue(r.Context(), faultKey{}, f.Mode))
		}
		next.ServeHTTP(w, r)
	})
}

func wait(ctx context.Context, ms int) bool {
	if ms == 0 {
		ms = 3000
	}
	t := time.NewTimer(time.Duration(ms) * time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// twice reads the whole body, so that the request can be handled once more. Reading it to the end also lets the server notice a
// client that has gone.
func twice(r *http.Request) *http.Request {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 2*bodyLimit))
	again := r.Clone(r.Context())
	r.Body, again.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
	return again
}

// bodyLimit is what a party reads of a request, in bytes.
const bodyLimit = 1 << 20

// nowhere swallows an answer.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header       { return n.header }
func (*nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (*nowhere) WriteHeader(int)             {}

// serveFault is POST /_fault: JSON from scripts, a form from the party's page.
func (s *faults) serveFault(w http.ResponseWriter, r *http.Request) {
	f, err := readFault(r)
	if err == nil {
		err = f.check()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.set(f)
	if isJSON(r) {
		writeJSON(w, s.list())
		return
	}
	to := r.FormValue("back")
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
		to = "/"
	}
	http.Redirect(w, r, linkFor(langOf(r), to), http.StatusSeeOther)
}

func readFault(r *http.Request) (Fault, error) {
	var f Fault
	if isJSON(r) {
		d := json.NewDecoder(io.LimitReader(r.Body, bodyLimit))
		d.DisallowUnknownFields()
		err := d.Decode(&f)
		return f, err
	}
	f.Mode, f.Op = FaultMode(r.FormValue("mode")), r.FormValue("op")
	for name, into := range map[string]*int{"ms": &f.MS, "times": &f.Times} {
		if text := r.FormValue(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				return f, fmt.Errorf("%s must be a number", name)
			}
			*into = n
		}
	}
	return f, nil
}

func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}
