// Package ssf is the door for receivers of security events: the transmitter of the OpenID Shared Signals Framework 1.0, with its
// discovery document, its keys, the management of a stream, and polling (RFC 8936). What is pushed goes out by the worker.
//
// A receiver is known by an API key of the scope "signals", as bearer token, and has one stream. The wire formats are those of
// the specifications: unknown members are ignored, and refusals are told by the status they name, as RFC 9457 problems.
package ssf

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/store"
)

// The delivery methods.
const (
	methodPush = "urn:ietf:rfc:8935"
	methodPoll = "urn:ietf:rfc:8936"
)

// maxBody is the most that a request may hold, in bytes: a poll that acknowledges a hundred tokens has some 5 KiB.
const maxBody = 64 << 10

// Config is what the door works with. Fields without a remark are required.
type Config struct {
	Engine   *engine.Engine
	Gate     *gate.Gate
	Issuer   string                 // our base URL
	Keys     func() ([]byte, error) // the JSON Web Key Set that tokens are verified by
	Look     time.Duration          // how often a poll that waits looks again; zero means 500 ms
	Patience time.Duration          // how long a poll waits at most; zero means 20 s
	Closing  <-chan struct{}        // closed when the service stops: polls that wait end then; nil means that nobody says so
}

type door struct{ Config }

// New makes the door: everything under /ssf, and the two well-known documents.
func New(c Config) http.Handler {
	if c.Look == 0 {
		c.Look = 500 * time.Millisecond
	}
	if c.Patience == 0 {
		c.Patience = 20 * time.Second
	}
	d := door{c}
	mux := http.NewServeMux()
	for _, path := range []string{"/.well-known/ssf-configuration", "/.well-known/risc-configuration"} {
		mux.HandleFunc("GET "+path, d.open(d.discover))
	}
	mux.HandleFunc("GET /ssf/jwks.json", d.open(d.keys))
	mux.HandleFunc("POST /ssf/streams", d.known(d.create))
	mux.HandleFunc("GET /ssf/streams", d.known(d.read))
	mux.HandleFunc("PATCH /ssf/streams", d.known(d.change(false)))
	mux.HandleFunc("PUT /ssf/streams", d.known(d.change(true)))
	mux.HandleFunc("DELETE /ssf/streams", d.known(d.drop))
	mux.HandleFunc("GET /ssf/status", d.known(d.status))
	mux.HandleFunc("POST /ssf/status", d.known(d.setStatus))
	mux.HandleFunc("POST /ssf/subjects/add", d.known(d.subject(true)))
	mux.HandleFunc("POST /ssf/subjects/remove", d.known(d.subject(false)))
	mux.HandleFunc("POST /ssf/verification", d.known(d.verify))
	mux.HandleFunc("POST /ssf/streams/{stream}/poll", d.known(d.poll))
	mux.HandleFunc("/", d.open(func(http.ResponseWriter, *http.Request) error { return &jieling.Error{Code: jieling.CodeNotFound} }))
	return c.Gate.Admit(mux)
}

// open answers anybody, once the service has a key to sign with.
func (d door) open(do func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		gate.VisitOf(r.Context()).Route = r.Pattern
		_, err := d.Keys()
		if err != nil {
			err = &jieling.Error{Code: jieling.CodeNotFound, Err: err}
		} else {
			err = do(w, r)
		}
		if err != nil {
			d.Gate.Refuse(w, r, err)
		}
	}
}

// known answers receivers.
func (d door) known(do func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return d.open(func(w http.ResponseWriter, r *http.Request) error {
		actor, err := d.Gate.Program(r)
		if err == nil {
			err = gate.Allow(actor, engine.ScopeSignals)
		}
		if err != nil {
			return err
		}
		gate.VisitOf(r.Context()).Actor = actor
		return do(w, r)
	})
}

func who(r *http.Request) jieling.Actor { return gate.VisitOf(r.Context()).Actor }

// body reads a request's JSON. A missing content type is taken for JSON, as in the examples of the specification.
func body(w http.ResponseWriter, r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); r.Header.Get("Content-Type") != "" && (err != nil || kind != "application/json") {
		return &jieling.Error{Code: gate.CodeMediaType}
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &jieling.Error{Code: jieling.CodeTooLarge}
	case err != nil:
		return jieling.Refuse(jieling.CodeInvalid, "请求内容没有完整到达。", "The body did not arrive whole.")
	case json.Unmarshal(text, into) != nil:
		return jieling.Invalid("body", "must be JSON of the form that the specification gives it")
	}
	return nil
}

func say(w http.ResponseWriter, status int, value any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the reader has gone
	return nil
}

func (d door) discover(w http.ResponseWriter, _ *http.Request) error {
	return say(w, http.StatusOK, map[string]any{
		"spec_version": "1_0", "issuer": d.Issuer, "jwks_uri": d.Issuer + "/ssf/jwks.json",
		"delivery_methods_supported": []string{methodPush, methodPoll},
		"configuration_endpoint":     d.Issuer + "/ssf/streams",
		"status_endpoint":            d.Issuer + "/ssf/status",
		"add_subject_endpoint":       d.Issuer + "/ssf/subjects/add",
		"remove_subject_endpoint":    d.Issuer + "/ssf/subjects/remove",
		"verification_endpoint":      d.Issuer + "/ssf/verification",
		"authorization_schemes":      []map[string]string{{"spec_urn": "urn:ietf:rfc:6749"}, {"spec_urn": "urn:ietf:rfc:6750"}},
		"default_subjects":           "ALL",
	})
}

func (d door) keys(w http.ResponseWriter, _ *http.Request) error {
	set, err := d.Keys()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	_, _ = w.Write(set) // the reader has gone
	return nil
}

// stream is a stream's configuration on the wire.
type stream struct {
	ID          string   `json:"stream_id"`
	Iss         string   `json:"iss"`
	Aud         string   `json:"aud"`
	Delivery    delivery `json:"delivery"`
	Supported   []string `json:"events_supported"`
	Requested   []string `json:"events_requested,omitempty"`
	Delivered   []string `json:"events_delivered"`
	Interval    int      `json:"min_verification_interval"`
	Description string   `json:"description,omitempty"`
	Format      string   `json:"format"`
}

type delivery struct {
	Method        string `json:"method"`
	URL           string `json:"endpoint_url,omitempty"`
	Authorization string `json:"authorization_header,omitempty"`
}

func (d door) stream(s engine.Stream) stream {
	out := stream{
		ID: s.ID, Iss: s.Issuer, Aud: s.Audience, Supported: event.SignalTypes(), Requested: s.Requested, Delivered: append([]string{}, s.Delivered...),
		Interval: int(engine.VerifyEvery / time.Second), Description: s.Description, Format: string(s.Format),
		Delivery: delivery{Method: methodPush, URL: s.URL},
	}
	if s.Kind == store.ByPoll {
		out.Delivery = delivery{Method: methodPoll, URL: d.Issuer + "/ssf/streams/" + s.ID + "/poll"}
	}
	return out
}

// asked is what a receiver says of its stream.
type asked struct {
	ID          string    `json:"stream_id"`
	Iss         *string   `json:"iss"`
	Aud         any       `json:"aud"`
	Delivery    *delivery `json:"delivery"`
	Requested   *[]string `json:"events_requested"`
	Description *string   `json:"description"`
	Format      *string   `json:"format"`
}

func (a asked) change() (engine.StreamChange, error) {
	out := engine.StreamChange{Requested: a.Requested, Description: a.Description}
	if a.Format != nil {
		f := event.Format(*a.Format)
		out.Format = &f
	}
	if a.Delivery == nil {
		return out, nil
	}
	kind := store.ByPush
	switch {
	case a.Delivery.Method == methodPoll:
		kind = store.ByPoll
	case a.Delivery.Method != methodPush:
		return out, jieling.Invalid("delivery.method", "must be "+methodPush+" or "+methodPoll)
	default:
		out.URL, out.Authorization = a.Delivery.URL, a.Delivery.Authorization
	}
	out.Kind = &kind
	return out, nil
}

// matches checks that what the transmitter supplies, where it is sent back, is as it is.
func (a asked) matches(is engine.Stream) error {
	switch {
	case a.Iss != nil && *a.Iss != is.Issuer:
		return jieling.Invalid("iss", "is the transmitter's to say, and is another")
	case a.Aud != nil && a.Aud != is.Audience:
		return jieling.Invalid("aud", "is the transmitter's to say, and is another")
	}
	return nil
}

func (d door) create(w http.ResponseWriter, r *http.Request) error {
	var in asked
	if err := body(w, r, &in); err != nil {
		return err
	}
	change, err := in.change()
	if err != nil {
		return err
	}
	s, err := d.Engine.CreateStream(r.Context(), who(r), change)
	if err != nil {
		return err
	}
	return say(w, http.StatusCreated, d.stream(s))
}

func (d door) read(w http.ResponseWriter, r *http.Request) error {
	if id := r.URL.Query().Get("stream_id"); id != "" {
		s, err := d.Engine.Stream(r.Context(), who(r), id)
		if err != nil {
			return err
		}
		return say(w, http.StatusOK, d.stream(s))
	}
	all, err := d.Engine.Streams(r.Context(), who(r))
	if err != nil {
		return err
	}
	out := make([]stream, len(all))
	for i, s := range all {
		out[i] = d.stream(s)
	}
	return say(w, http.StatusOK, out)
}

func (d door) change(whole bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		var in asked
		if err := body(w, r, &in); err != nil {
			return err
		}
		if in.ID == "" {
			return jieling.Invalid("stream_id", "is required")
		}
		is, err := d.Engine.Stream(r.Context(), who(r), in.ID)
		if err != nil {
			return err
		}
		if err := in.matches(is); err != nil {
			return err
		}
		change, err := in.change()
		if err != nil {
			return err
		}
		s, err := d.Engine.ChangeStream(r.Context(), who(r), in.ID, change, whole)
		if err != nil {
			return err
		}
		return say(w, http.StatusOK, d.stream(s))
	}
}

func (d door) drop(w http.ResponseWriter, r *http.Request) error {
	if err := d.Engine.DropStream(r.Context(), who(r), r.URL.Query().Get("stream_id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// status is a stream's status on the wire.
type status struct {
	ID     string `json:"stream_id"`
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

func (d door) status(w http.ResponseWriter, r *http.Request) error {
	s, err := d.Engine.Stream(r.Context(), who(r), r.URL.Query().Get("stream_id"))
	if err != nil {
		return err
	}
	return say(w, http.StatusOK, status{s.ID, string(s.State), s.Reason})
}

func (d door) setStatus(w http.ResponseWriter, r *http.Request) error {
	var in status
	if err := body(w, r, &in); err != nil {
		return err
	}
	s, err := d.Engine.SetStreamState(r.Context(), who(r), in.ID, store.ReceiverState(in.Status), in.Reason)
	if err != nil {
		return err
	}
	return say(w, http.StatusOK, status{s.ID, string(s.State), s.Reason})
}

func (d door) subject(told bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		var in struct {
			ID      string        `json:"stream_id"`
			Subject event.Subject `json:"subject"`
		}
		if err := body(w, r, &in); err != nil {
			return err
		}
		if err := d.Engine.SetSubject(r.Context(), who(r), in.ID, in.Subject, told); err != nil {
			return err
		}
		if told {
			w.WriteHeader(http.StatusOK)
		} else {
			w.WriteHeader(http.StatusNoContent)
		}
		return nil
	}
}

func (d door) verify(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		ID    string `json:"stream_id"`
		State string `json:"state"`
	}
	if err := body(w, r, &in); err != nil {
		return err
	}
	if err := d.Engine.VerifyStream(r.Context(), who(r), in.ID, in.State); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// poll answers RFC 8936. With nothing to give it waits, unless it is asked not to.
func (d door) poll(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Max  *int     `json:"maxEvents"`
		Now  bool     `json:"returnImmediately"`
		Ack  []string `json:"ack"`
		Errs map[string]struct {
			Err string `json:"err"`
		} `json:"setErrs"`
	}
	if err := body(w, r, &in); err != nil {
		return err
	}
	p := engine.Polled{Most: engine.PollMost, Ack: in.Ack, Errs: map[string]string{}}
	if in.Max != nil {
		if p.Most = *in.Max; p.Most < 0 {
			return jieling.Invalid("maxEvents", "must not be negative")
		}
	}
	for jti, e := range in.Errs {
		p.Errs[jti] = e.Err
	}
	end := time.NewTimer(d.Patience)
	defer end.Stop()
	look := time.NewTicker(d.Look)
	defer look.Stop()
	for {
		sets, more, err := d.Engine.Poll(r.Context(), who(r), r.PathValue("stream"), p)
		if err != nil {
			return err
		}
		p.Ack, p.Errs = nil, nil
		wait := len(sets) == 0 && p.Most > 0 && !in.Now
		if wait {
			select {
			case <-look.C:
				continue
			case <-end.C:
			case <-d.Closing:
			case <-r.Context().Done():
			}
		}
		if sets == nil {
			sets = map[string]string{}
		}
		return say(w, http.StatusOK, map[string]any{"sets": sets, "moreAvailable": more})
	}
}
