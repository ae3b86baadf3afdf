package engine

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/store"
)

const (
	// VerifyEvery is how long a receiver waits between two verifications it asks for.
	VerifyEvery = 10 * time.Second
	// mostExcluded is how many subjects a stream can leave out.
	mostExcluded = 1000
	// PollMost is the most tokens that one poll gives.
	PollMost = 100
)

// Stream is a stream of security events as its receiver may see it (SSF 1.0).
type Stream struct {
	event.Stream
	Kind        store.ReceiverKind // push or poll
	URL         string             // of push
	Requested   []string
	Delivered   []string
	Description string
	State       store.ReceiverState
	Reason      string
}

// StreamChange is what a receiver says of its stream; nil leaves a thing as it is, or in a new stream as it is by itself.
type StreamChange struct {
	Kind          *store.ReceiverKind
	URL           string // with Kind push
	Authorization string // with Kind push: sent as it is; "" sends none
	Requested     *[]string
	Description   *string
	Format        *event.Format
}

func (e *Engine) stream(r reading) Stream {
	s := Stream{
		Stream: event.Stream{ID: r.ID, Issuer: e.BaseURL, Audience: e.BaseURL + "/ssf/receivers/" + r.Owner, Format: r.Format},
		Kind:   r.Kind, URL: r.URL, Requested: r.Requested, Description: r.Description, State: r.State, Reason: r.Why,
	}
	for _, t := range event.SignalTypes() {
		if slices.Contains(r.Requested, t) {
			s.Delivered = append(s.Delivered, t)
		}
	}
	return s
}

// ownStreams reads the streams of a key: one, or none. A key sees nobody else's.
func (e *Engine) ownStreams(ctx context.Context, by jieling.Actor) ([]reading, error) {
	if by.Kind != jieling.ActorProduct {
		return nil, forbidden()
	}
	if err := may(by, ScopeSignals, ""); err != nil {
		return nil, err
	}
	all, err := e.receivers(ctx, store.ByPush, store.ByPoll)
	return slices.DeleteFunc(all, func(r reading) bool { return r.Owner != by.Name }), err
}

func (e *Engine) ownStream(ctx context.Context, by jieling.Actor, id string) (reading, error) {
	all, err := e.ownStreams(ctx, by)
	if err != nil {
		return reading{}, err
	}
	if len(all) == 0 || all[0].ID != id {
		return reading{}, notFound()
	}
	return all[0], nil
}

// Streams lists the caller's: at most one.
func (e *Engine) Streams(ctx context.Context, by jieling.Actor) (out []Stream, err error) {
	all, err := e.ownStreams(ctx, by)
	for _, r := range all {
		out = append(out, e.stream(r))
	}
	return out, err
}

// Stream shows one of the caller's.
func (e *Engine) Stream(ctx context.Context, by jieling.Actor, id string) (Stream, error) {
	r, err := e.ownStream(ctx, by, id)
	if err != nil {
		return Stream{}, err
	}
	return e.stream(r), nil
}

// CreateStream has security events told to the caller from now on. A caller that has a stream already is refused with CodeConflict.
func (e *Engine) CreateStream(ctx context.Context, by jieling.Actor, in StreamChange) (Stream, error) {
	if _, err := e.ownStreams(ctx, by); err != nil {
		return Stream{}, err
	}
	now, err := e.now(ctx)
	if err != nil {
		return Stream{}, err
	}
	r := reading{
		Receiver:     store.Receiver{ID: e.receiverID("str", by, Idem{}), Kind: store.ByPoll, Owner: by.Name, State: store.ReceiverEnabled},
		subscription: subscription{CreatedAt: now, Since: now, Format: event.FormatIssSub, Requested: event.SignalTypes()},
	}
	if err := e.apply(&r, in); err != nil {
		return Stream{}, err
	}
	if err := e.put(ctx, r); err != nil {
		return Stream{}, err
	}
	return e.stream(r), nil
}

// ChangeStream changes what is named; with whole, what is not named goes back to how it is by itself.
func (e *Engine) ChangeStream(ctx context.Context, by jieling.Actor, id string, in StreamChange, whole bool) (Stream, error) {
	r, err := e.ownStream(ctx, by, id)
	if err != nil {
		return Stream{}, err
	}
	if whole {
		r.Kind, r.URL, r.Authorization = store.ByPoll, "", nil
		r.Requested, r.Description, r.Format = event.SignalTypes(), "", event.FormatIssSub
	}
	if err := e.apply(&r, in); err != nil {
		return Stream{}, err
	}
	if err := e.put(ctx, r); err != nil {
		return Stream{}, err
	}
	return e.stream(r), nil
}

// apply checks a change and makes it.
func (e *Engine) apply(r *reading, in StreamChange) error {
	if in.Kind != nil {
		r.Kind, r.URL, r.Authorization = *in.Kind, in.URL, nil
		if r.Kind == store.ByPush {
			if _, err := e.Egress.Check(in.URL); err != nil {
				return jieling.Invalid("delivery.endpoint_url", err.Error())
			}
		}
		if in.Authorization != "" {
			if len(in.Authorization) > 4096 || !plain(in.Authorization, 4096) {
				return jieling.Invalid("delivery.authorization_header", "must be at most 4096 printable characters")
			}
			var err error
			if r.Authorization, err = e.Keys.Seal(signing(r.ID), []byte(in.Authorization)); err != nil {
				return err
			}
		}
	}
	if in.Requested != nil {
		if len(*in.Requested) > 100 || slices.ContainsFunc(*in.Requested, func(t string) bool { return !plain(t, 256) }) {
			return jieling.Invalid("events_requested", "must be at most 100 URIs")
		}
		r.Requested = *in.Requested
	}
	if in.Description != nil {
		if *in.Description != "" && !plain(*in.Description, 256) {
			return jieling.Invalid("description", "must be at most 256 printable characters")
		}
		r.Description = *in.Description
	}
	if in.Format != nil {
		if !slices.Contains([]event.Format{event.FormatIssSub, event.FormatOpaque, event.FormatAccount}, *in.Format) {
			return jieling.Invalid("format", "must be iss_sub, opaque or account")
		}
		r.Format = *in.Format
	}
	return nil
}

// DropStream ends a stream; what waits on it is forgotten.
func (e *Engine) DropStream(ctx context.Context, by jieling.Actor, id string) error {
	if _, err := e.ownStream(ctx, by, id); err != nil {
		return err
	}
	return translate(e.Store.DropReceiver(ctx, id))
}

// SetStreamState pauses a stream (what happens meanwhile is told later), disables it (that is never told), or enables it.
func (e *Engine) SetStreamState(ctx context.Context, by jieling.Actor, id string, state store.ReceiverState, reason string) (Stream, error) {
	r, err := e.ownStream(ctx, by, id)
	if err != nil {
		return Stream{}, err
	}
	switch {
	case state != store.ReceiverEnabled && state != store.ReceiverPaused && state != store.ReceiverDisabled:
		return Stream{}, jieling.Invalid("status", "must be enabled, paused or disabled")
	case reason != "" && !plain(reason, 256):
		return Stream{}, jieling.Invalid("reason", "must be at most 256 printable characters")
	}
	now, err := e.now(ctx)
	if err != nil {
		return Stream{}, err
	}
	if r.State == store.ReceiverDisabled && state != store.ReceiverDisabled {
		r.Position = -1 // what happened meanwhile is not told
	}
	r.State, r.Why, r.Since = state, reason, now
	if err := e.put(ctx, r); err != nil {
		return Stream{}, err
	}
	if state == store.ReceiverDisabled {
		if err := e.clear(ctx, r); err != nil {
			return Stream{}, err
		}
	}
	e.Wake()
	return e.stream(r), nil
}

// clear drops what waits for a receiver that wants no more of it.
func (e *Engine) clear(ctx context.Context, r reading) error {
	for {
		due, err := e.Store.Deliveries(ctx, store.DeliveryQuery{Receiver: r.ID, State: store.DeliveryDue, Oldest: true, Limit: feedPage})
		if err != nil || len(due) == 0 {
			return translate(err)
		}
		for _, d := range due {
			err := e.Store.Settle(ctx, store.Settled{Receiver: r.ID, Event: d.Event, State: store.DeliveryDone, Error: "the stream was disabled"})
			if err != nil && !errors.Is(err, store.ErrStale) {
				return translate(err)
			}
		}
	}
}

// SetSubject has a stream tell of an account, or not: every account is told of until somebody leaves it out. A subject that names
// nobody of ours is taken in silence, so that nobody learns who has an account.
func (e *Engine) SetSubject(ctx context.Context, by jieling.Actor, id string, who event.Subject, told bool) error {
	r, err := e.ownStream(ctx, by, id)
	if err != nil {
		return err
	}
	account, externalID, ok := e.stream(r).Names(who)
	if !ok {
		return jieling.Invalid("subject", "must be a subject of the format iss_sub, opaque or account, or a complex one with such a user")
	}
	if externalID != "" {
		account, err = e.Store.FindAccount(ctx, externalID)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return translate(err)
		}
	}
	if !jieling.ValidID("acc", string(account)) {
		return nil
	}
	out := slices.Contains(r.Excluded, account)
	switch {
	case told == !out:
		return nil
	case told:
		r.Excluded = slices.DeleteFunc(slices.Clone(r.Excluded), func(a jieling.AccountID) bool { return a == account })
	case len(r.Excluded) >= mostExcluded:
		return jieling.Refuse(jieling.CodeTooMany, "这个流排除的账号已达上限。", "This stream leaves out as many accounts as it can.")
	default:
		r.Excluded = append(r.Excluded, account)
	}
	return e.put(ctx, r)
}

// VerifyStream puts a verification event on a stream, with the caller's state in it.
func (e *Engine) VerifyStream(ctx context.Context, by jieling.Actor, id, state string) error {
	r, err := e.ownStream(ctx, by, id)
	if err != nil {
		return err
	}
	if len(state) > 1024 || !utf8.ValidString(state) {
		return jieling.Invalid("state", "must be at most 1024 bytes of UTF-8")
	}
	if r.State != store.ReceiverEnabled {
		return jieling.Invalid("stream_id", "is of a stream that is not enabled")
	}
	now, err := e.now(ctx)
	if err != nil {
		return err
	}
	if wait := r.VerifiedAt.Add(VerifyEvery).Sub(now); wait > 0 {
		err := jieling.Refuse(jieling.CodeTooMany, "验证请求过于频繁。", "The stream was asked to be verified a moment ago.")
		err.After = wait
		return err
	}
	claims := map[string]any{}
	if state != "" {
		claims["state"] = state
	}
	r.VerifiedAt = now
	if err := e.put(ctx, r); err != nil {
		return err
	}
	return e.ofStream(ctx, by, id, event.Signal{ID: jieling.NewID[string]("evt", now, [10]byte(e.random(10))), Type: event.StreamVerification, Claims: claims}, now)
}

// ofStream puts an event about the stream itself on its queue, before what waits there. The log may be read on meanwhile; then it is
// put behind that.
func (e *Engine) ofStream(ctx context.Context, by jieling.Actor, id string, sig event.Signal, now time.Time) error {
	body, err := json.Marshal(sig)
	if err != nil {
		return err
	}
	d := store.Delivery{Seq: now.UnixMicro() - 1<<62, Event: sig.ID, Type: sig.Type, Account: jieling.AccountID(id), Body: body}
	for {
		r, err := e.ownStream(ctx, by, id)
		if err != nil {
			return err
		}
		err = e.Store.Enqueue(ctx, id, r.Position, r.Position, []store.Delivery{d})
		if !errors.Is(err, store.ErrStale) || r.State != store.ReceiverEnabled {
			e.Wake()
			return translate(err)
		}
	}
}

// Polled is what a poller says and wants (RFC 8936).
type Polled struct {
	Most int               // tokens; 0 wants none
	Ack  []string          // that it has
	Errs map[string]string // that it does not take, with why
}

// Poll takes what a receiver says of tokens it got, and gives those that wait for it by their IDs: of one account one at a time, so
// that their order holds. more says that others wait. What is not acknowledged is given again (S25).
func (e *Engine) Poll(ctx context.Context, by jieling.Actor, id string, in Polled) (sets map[string]string, more bool, err error) {
	r, err := e.ownStream(ctx, by, id)
	if err != nil {
		return nil, false, err
	}
	if r.Kind != store.ByPoll {
		return nil, false, jieling.Invalid("stream_id", "is of a stream that is pushed")
	}
	if err := e.acknowledge(ctx, r, in); err != nil || in.Most == 0 || r.State != store.ReceiverEnabled {
		return nil, false, err
	}
	due, err := e.Store.Deliveries(ctx, store.DeliveryQuery{Receiver: id, State: store.DeliveryDue, Oldest: true, Limit: PollMost * 4})
	if err != nil {
		return nil, false, translate(err)
	}
	sets, met := map[string]string{}, map[jieling.AccountID]bool{}
	for _, d := range due {
		if met[d.Account] || len(sets) == min(in.Most, PollMost) {
			more = true
			continue
		}
		met[d.Account] = true
		token, err := e.securityToken(r, d)
		if err != nil {
			return nil, false, err
		}
		sets[d.Event] = string(token)
	}
	return sets, more, nil
}

// acknowledge settles what a poller says of tokens. What it names and never got, or named before, is nothing to it.
func (e *Engine) acknowledge(ctx context.Context, r reading, in Polled) error {
	settle := func(s store.Settled) error {
		if err := e.Store.Settle(ctx, s); err != nil && !errors.Is(err, store.ErrStale) {
			return translate(err)
		}
		return nil
	}
	for _, jti := range in.Ack {
		if err := settle(store.Settled{Receiver: r.ID, Event: jti, State: store.DeliveryDone, Status: http.StatusOK}); err != nil {
			return err
		}
	}
	for jti, why := range in.Errs {
		if !plain(why, 64) {
			why = "no reason"
		}
		e.Log.Error("a security event token was refused by its receiver", "event", jti, "receiver", r.ID, "reason", why)
		if err := settle(store.Settled{Receiver: r.ID, Event: jti, State: store.DeliveryDead, Error: "it refused the token: " + why}); err != nil {
			return err
		}
	}
	return nil
}

// securityToken makes the security event token of a delivery: the same however often it is made, until the signing key is another.
func (e *Engine) securityToken(r reading, d store.Delivery) ([]byte, error) {
	var sig event.Signal
	if err := json.Unmarshal(d.Body, &sig); err != nil {
		return nil, err
	}
	claims, err := e.stream(r).SET(sig, d.QueuedAt)
	if err != nil {
		return nil, err
	}
	signed, err := e.Keys.SignToken("secevent+jwt", claims)
	return []byte(signed), err
}
