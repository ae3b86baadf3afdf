package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/store"
)

const (
	feedPage = 256
	// queueMost is how many events wait on a receiver's queue before no more of the log is read for it: the log keeps them.
	queueMost = 1024
	// giveUpAfter is how long an event is tried, at least once.
	giveUpAfter = 24 * time.Hour
)

// Distribute reads on in the log for every receiver that is behind and puts what there is to tell on its queue. It reports
// whether there is more to read at once.
func (e *Engine) Distribute(ctx context.Context) (more bool, err error) {
	all, err := e.receivers(ctx, store.ByWebhook, store.ByPush, store.ByPoll)
	if err != nil {
		return false, err
	}
	for _, r := range all {
		if r.State != store.ReceiverEnabled || r.Behind == 0 || r.Waiting >= queueMost {
			continue
		}
		n, distributeErr := e.distribute(ctx, r)
		err = errors.Join(err, distributeErr)
		more = more || int64(n) < r.Behind && distributeErr == nil
	}
	return more, err
}

// distribute reads one page for one receiver. Another node that reads at the same time writes the same, and one of the two is
// refused.
func (e *Engine) distribute(ctx context.Context, r reading) (int, error) {
	rows, err := e.Store.Feed(ctx, r.Position, feedPage)
	if err != nil || len(rows) == 0 {
		return 0, translate(err)
	}
	var queue []store.Delivery
	for i, row := range rows {
		told, err := r.tell(row)
		if err != nil {
			return 0, err
		}
		for k, d := range told {
			d.Seq, d.Account = (r.Position+int64(i))*event.Most+int64(k), row.Account
			queue = append(queue, d)
		}
	}
	err = e.Store.Enqueue(ctx, r.ID, r.Position, r.Position+int64(len(rows)), queue)
	if errors.Is(err, store.ErrStale) {
		err = nil
	}
	return len(rows), translate(err)
}

// tell gives what a receiver is told of a row, in its words.
func (r reading) tell(row store.Happening) (out []store.Delivery, err error) {
	add := func(id string, typ string, says any) {
		body, marshalErr := json.Marshal(says)
		err = errors.Join(err, marshalErr)
		out = append(out, store.Delivery{Event: id, Type: typ, Body: body})
	}
	switch {
	case r.Kind == store.ByWebhook:
		for _, ev := range event.Project(row.Entry, row.ExternalID) {
			if r.wants(ev.Type) {
				add(ev.ID, string(ev.Type), ev)
			}
		}
	case !slices.Contains(r.Excluded, row.Account):
		for _, sig := range event.Signals(row.Entry, row.ExternalID) {
			if slices.Contains(r.Requested, sig.Type) {
				add(sig.ID, sig.Type, sig)
			}
		}
	}
	return out, err
}

// Errand is a leased delivery with whom it is for.
type Errand struct {
	store.Delivery
	receiver reading
	at       time.Time // when it was leased
}

// Errands leases deliveries that are due, at most limit.
func (e *Engine) Errands(ctx context.Context, lease time.Duration, limit int) ([]Errand, error) {
	due, err := e.Store.ClaimDeliveries(ctx, lease, limit)
	if err != nil || len(due) == 0 {
		return nil, translate(err)
	}
	all, err := e.receivers(ctx, store.ByWebhook, store.ByPush)
	if err != nil {
		return nil, err
	}
	byID := map[string]reading{}
	for _, r := range all {
		byID[r.ID] = r
	}
	var out []Errand
	for _, d := range due {
		if r, ok := byID[d.Receiver]; ok { // or it was dropped meanwhile
			out = append(out, Errand{d, r, d.Lease.Add(-lease)})
		}
	}
	return out, nil
}

// Carry takes a delivery to its receiver and writes down how that went. It may be carried twice, when the answer is lost or a lease
// lapses, and never past something older of its account that still waits (S25). An error of the receiver is no error of Carry.
func (e *Engine) Carry(ctx context.Context, d Errand) error {
	said, failure := e.carry(ctx, d)
	s := store.Settled{Receiver: d.Receiver, Event: d.Event, Attempt: d.Attempt, State: store.DeliveryDone, Status: said.Status}
	switch {
	case failure == nil:
	case errors.Is(failure, event.ErrGone):
		s.State, s.Error = store.DeliveryDue, failure.Error()
		if err := e.pause(ctx, d, failure.Error()); err != nil {
			return err
		}
	case d.late():
		s.State, s.Error = store.DeliveryDead, failure.Error()
		e.Log.Error("an event was given up on", "event", d.Event, "type", d.Type, "account", d.Account, "receiver", d.Receiver, "reason", failure.Error())
		if err := e.pauseSilent(ctx, d); err != nil {
			return err
		}
	default:
		s.State, s.Error, s.After = store.DeliveryDue, failure.Error(), max(said.After, jittered(backoff(d.Attempt), e.random(1)[0]))
	}
	return translate(e.Store.Settle(ctx, s))
}

// carry makes what is sent of a delivery, and brings it.
func (e *Engine) carry(ctx context.Context, d Errand) (event.Answer, error) {
	p := event.Parcel{ID: d.Event, Body: d.Body, At: d.at}
	if d.receiver.Kind == store.ByPush {
		var err error
		if p.Body, err = e.securityToken(d.receiver, d.Delivery); err != nil {
			e.Log.Error("a security event token could not be made", "event", d.Event, "error", err)
			return event.Answer{}, errors.New("the token could not be made")
		}
	}
	return e.bring(ctx, d.receiver, p)
}

// late reports that an event was tried for long enough: since it was queued, or since its receiver was resumed.
func (d Errand) late() bool {
	since := d.QueuedAt
	if d.receiver.Since.After(since) {
		since = d.receiver.Since
	}
	return d.at.Sub(since) >= giveUpAfter
}

// jittered spreads a wait by up to a fifth either way, so that what failed together does not come back together.
func jittered(d time.Duration, chance byte) time.Duration {
	return d*4/5 + d*2/5*time.Duration(chance)/255
}

// pauseSilent pauses a receiver that nothing has reached since a delivery was queued: what else there is waits, instead of being
// given up on one by one.
func (e *Engine) pauseSilent(ctx context.Context, d Errand) error {
	done, err := e.Store.Deliveries(ctx, store.DeliveryQuery{Receiver: d.Receiver, State: store.DeliveryDone, Limit: 1})
	if err != nil || len(done) > 0 && done[0].SettledAt.After(d.QueuedAt) {
		return translate(err)
	}
	return e.pause(ctx, d, fmt.Sprintf("nothing has reached it for %.0f hours", giveUpAfter.Hours()))
}

// pause has a receiver told no more until somebody resumes it. One that was changed meanwhile is left to who changed it.
func (e *Engine) pause(ctx context.Context, d Errand, why string) error {
	r := d.receiver
	e.announce(ctx, d, why)
	r.State, r.Why, r.Since = store.ReceiverPaused, why, d.at
	e.Log.Error("a receiver of events is paused", "receiver", d.Receiver, "reason", why)
	err := e.put(ctx, r)
	if code := jieling.CodeOf(err); code == jieling.CodeStale || code == jieling.CodeNotFound {
		return nil
	}
	return err
}

// announce tells the receiver of a stream that it is about to be paused, once: whoever is paused hardly hears (SSF 1.0, 8.1.5).
func (e *Engine) announce(ctx context.Context, d Errand, why string) {
	if d.receiver.Kind != store.ByPush {
		return
	}
	sig := event.Signal{
		ID: jieling.NewID[string]("evt", d.at, [10]byte(e.random(10))), Type: event.StreamUpdated,
		Claims: map[string]any{"status": store.ReceiverPaused, "reason": why},
	}
	body, err := json.Marshal(sig)
	if err != nil {
		return
	}
	said := Errand{store.Delivery{Receiver: d.Receiver, Event: sig.ID, Body: body, QueuedAt: d.at}, d.receiver, d.at}
	if _, err := e.carry(ctx, said); err != nil {
		e.Log.Warn("a stream's receiver was not told that it is paused", "receiver", d.Receiver, "reason", err.Error())
	}
}

// bring hands a parcel to the courier for a receiver.
func (e *Engine) bring(ctx context.Context, r reading, p event.Parcel) (event.Answer, error) {
	courier := e.Couriers[r.Kind]
	if courier == nil {
		return event.Answer{}, errors.New("nothing is set up to bring it")
	}
	secrets, err := e.secretsOf(r, p.At)
	if err != nil {
		return event.Answer{}, errors.New("its secret cannot be opened")
	}
	to := event.Receiver{URL: r.URL, Secrets: secrets}
	if len(r.Authorization) > 0 {
		plain, err := e.Keys.Open(signing(r.ID), r.Authorization)
		if err != nil {
			return event.Answer{}, errors.New("its secret cannot be opened")
		}
		to.Authorization = string(plain)
	}
	return courier.Deliver(ctx, to, p)
}
