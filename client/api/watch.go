package api

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// errEnded says that a stream ended by itself: the case has ended, or the service wants us to connect again.
var errEnded = errors.New("the stream has ended")

// Watch follows a case: it gives each event once and in order, beginning after the event with that number (0: from the
// start), and returns after the event that ended the case. A connection that breaks is made again where it left off. An
// error is the last thing it gives: a *[Problem] where the service refused, the context's own when it ended.
//
//	for event, err := range jl.Watch(ctx, caseID, 0) {
//		if err != nil {
//			return err
//		}
//		log.Print(event.Seq, event.Kind, event.Stage)
//	}
func (c *Client) Watch(ctx context.Context, id CaseID, after int64) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		w := watch{client: c, id: id, after: after, retry: time.Second, wait: time.Second}
		for {
			over, err := w.once(ctx, func(e Event) bool { return yield(e, nil) })
			switch {
			case over:
				return
			case ctx.Err() != nil:
				yield(Event{}, ctx.Err())
				return
			case !again(err):
				yield(Event{}, err)
				return
			}
			if !w.pause(ctx, err) {
				yield(Event{}, ctx.Err())
				return
			}
		}
	}
}

// watch is one follower and where it stands.
type watch struct {
	client *Client
	id     CaseID
	after  int64
	retry  time.Duration // as the service asks: the pause before the first new connection
	wait   time.Duration // the next pause: longer each time nothing came of one
}

// once reads one connection. It is over when the case has ended or take wants no more.
func (w *watch) once(ctx context.Context, take func(Event) bool) (over bool, err error) {
	answer, err := w.open(ctx)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	in := lines(answer.Body)
	for {
		e, err := w.read(in)
		if err != nil {
			return false, err
		}
		if e.Seq <= w.after {
			continue
		}
		w.after, w.wait = e.Seq, w.retry
		if !take(e) || terminal(e.Stage) {
			return true, nil
		}
	}
}

func (w *watch) open(ctx context.Context) (*http.Response, error) {
	u := w.client.serverURL.JoinPath("cases", string(w.id), "events")
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	k, err := w.client.sec.ApiKey(ctx, ListEventsOperation)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+k.Token)
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Last-Event-ID", strconv.FormatInt(w.after, 10))
	return caller{http.Client{CheckRedirect: stay}}.Do(r) // without a timeout: a case may take days
}

// again reports whether connecting anew can help: not after a refusal of the request itself.
func again(err error) bool {
	var p *Problem
	if errors.As(err, &p) {
		return p.Status == http.StatusTooManyRequests || p.Status >= http.StatusInternalServerError
	}
	return !errors.Is(err, errMalformed)
}

// pause waits before the next connection, at most half a minute unless the service asks for more.
func (w *watch) pause(ctx context.Context, err error) bool {
	wait := w.wait
	var p *Problem
	if errors.As(err, &p) && p.Wait() > wait {
		wait = p.Wait()
	}
	w.wait = min(2*w.wait, 30*time.Second)
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}

// maxEvent bounds one line of a stream, and with it one event; the service's own are far smaller.
const maxEvent = 1 << 20

// errMalformed says that what came is no stream of events; connecting anew would bring the same.
var errMalformed = errors.New("api: not a stream of events")

func lines(body io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(body)
	s.Buffer(nil, maxEvent)
	return s
}

// read reads up to the blank line that ends an event, and passes over comments and events without data.
func (w *watch) read(in *bufio.Scanner) (e Event, err error) {
	var data []byte
	for in.Scan() {
		if ms, ok := strings.CutPrefix(in.Text(), "retry: "); ok {
			w.asked(ms)
		}
		if value, ok := bytes.CutPrefix(in.Bytes(), []byte("data:")); ok {
			data = append(data, bytes.TrimPrefix(value, []byte(" "))...)
		}
		if len(in.Bytes()) > 0 || len(data) == 0 {
			continue
		}
		if err := e.UnmarshalJSON(data); err != nil {
			return Event{}, fmt.Errorf("%w: %w", errMalformed, err)
		}
		return e, nil
	}
	switch err := in.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return Event{}, fmt.Errorf("%w: a line is longer than %d bytes", errMalformed, maxEvent)
	case err != nil:
		return Event{}, err
	}
	return Event{}, errEnded
}

// asked takes the pause that the service asks for.
func (w *watch) asked(ms string) {
	if n, err := strconv.ParseUint(ms, 10, 31); err == nil {
		w.retry = time.Duration(n) * time.Millisecond
		w.wait = w.retry
	}
}

// terminal reports that a case in this stage makes no further move.
func terminal(s Stage) bool {
	switch s {
	case StageClosed, StageCancelled, StageRefused, StageExpired, StageCompensated:
		return true
	}
	return false
}
