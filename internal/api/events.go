package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-faster/jx"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
)

// wantsStream reports whether the caller asked for server-sent events and not for JSON.
func wantsStream(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// follow tells a case's history as it grows (WHATWG HTML, server-sent events). It looks at the store again and again, a
// look-up by primary key: cheap, and right on every node whoever moved the case. The caller is recognised anew at every
// look, so a stream dies with its key or session. It ends once the case has ended and all of it was told.
//
// Besides programs with a key, a person signed in to the centre may follow their own case, so that its page can.
func (f *front) follow(w http.ResponseWriter, r *http.Request, id string) {
	visit := gate.VisitOf(r.Context())
	after, err := resumeAt(r, visit.Lang())
	if err != nil {
		f.Gate.Refuse(w, r, err)
		return
	}
	select {
	case f.streams <- struct{}{}:
		defer func() { <-f.streams }()
	default:
		f.Gate.Refuse(w, r, &jieling.Error{Code: jieling.CodeTooMany, After: f.Heartbeat})
		return
	}
	s := stream{front: f, w: w, r: r, id: jieling.CaseID(id), after: after}
	if visit.Actor, err = s.caller(); err == nil {
		err = s.look(visit.Actor)
	}
	if err != nil {
		f.Gate.Refuse(w, r, err)
		return
	}
	s.run()
}

// stream is one follower of one case.
type stream struct {
	*front
	w     http.ResponseWriter
	r     *http.Request
	id    jieling.CaseID
	after int64           // the last event that was told
	next  []jieling.Event // found and not yet told
	ended bool            // the last event ended the case
}

func (s *stream) caller() (jieling.Actor, error) {
	var actor jieling.Actor
	var err error
	if s.r.Header.Get("Authorization") == "" {
		actor, err = s.Gate.Person(s.r)
	} else {
		actor, err = s.Gate.Program(s.r)
	}
	if err != nil {
		return actor, err
	}
	return actor, gate.Allow(actor, engine.ScopeCases)
}

// look finds what happened since the last event that was told.
func (s *stream) look(actor jieling.Actor) (err error) {
	if !jieling.ValidID("case", string(s.id)) {
		return invalid(gate.VisitOf(s.r.Context()).Lang(), "case", wantForm)
	}
	s.next, err = s.Engine.Events(s.r.Context(), actor, s.id, s.after)
	return err
}

func (s *stream) run() {
	s.w.Header().Set("Content-Type", "text/event-stream")
	s.w.Header().Set("X-Accel-Buffering", "no") // a proxy that collects would turn news into history
	_, _ = fmt.Fprintf(s.w, "retry: %d\n\n", 2*time.Second/time.Millisecond)
	ticks := time.NewTicker(s.Follow)
	defer ticks.Stop()
	for quiet := time.Duration(0); ; quiet += s.Follow {
		if len(s.next) > 0 || quiet >= s.Heartbeat {
			quiet = 0
		}
		if err := s.tell(quiet == 0); err != nil || s.ended {
			return
		}
		select {
		case <-s.r.Context().Done():
			return
		case <-s.Closing:
			return
		case <-ticks.C:
		}
		actor, err := s.caller()
		if err != nil || s.look(actor) != nil {
			return // the follower connects again and is told why
		}
	}
}

// toWrite is how long one write to a follower may take, however often a stream beats.
const toWrite = 15 * time.Second

// tell writes what was found, or a comment that keeps the connection alive. Each time the writer gets a moment of its own: a
// server's write timeout is meant for answers that end.
func (s *stream) tell(alive bool) error {
	if !alive {
		return nil
	}
	control := http.NewResponseController(s.w)
	if err := control.SetWriteDeadline(time.Now().Add(toWrite)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	var b []byte
	for _, e := range s.next {
		b = appendEvent(b, e)
		s.after, s.ended = e.Seq, e.Stage.Terminal()
	}
	if s.next = nil; b == nil {
		b = []byte(":\n\n")
	}
	if _, err := s.w.Write(b); err != nil {
		return err
	}
	return control.Flush()
}

// appendEvent writes one event. Its JSON has no line break: control characters are escaped in strings, and jx writes none
// between tokens; the recorded data is compact as well.
func appendEvent(b []byte, e jieling.Event) []byte {
	var enc jx.Encoder
	wire := caseEvent(e)
	wire.Encode(&enc)
	b = fmt.Appendf(b, "id: %d\nevent: %s\ndata: ", e.Seq, e.Kind)
	return append(append(b, enc.Bytes()...), "\n\n"...)
}

// resumeAt reads where a follower left off: the browser's Last-Event-ID first, because it is newer than the address.
func resumeAt(r *http.Request, lang string) (int64, error) {
	field, text := "Last-Event-ID", r.Header.Get("Last-Event-ID")
	if text == "" {
		field, text = "after", r.URL.Query().Get("after")
	}
	if text == "" {
		return 0, nil
	}
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seq < 0 {
		return 0, invalid(lang, field, wantForm)
	}
	return seq, nil
}
