package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	all, err := e.receivers(ctx, store.ByWebhook)
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
		place := (r.Position + int64(i)) * event.Most
		for k, ev := range event.Project(row.Entry, row.ExternalID) {
			if !r.wants(ev.Type) {
				continue
			}
			body, err := json.Marshal(ev)
			if err != nil {
				return 0, err
			}
			queue = append(queue, store.Delivery{Seq: place + int64(k), Event: ev.ID, Type: string(ev.Type), Account: row.Account, Body: body})
		}
	}
	err = e.Store.Enqueue(ctx, r.ID, r.Position, r.Position+int64(len(rows)), queue)
	if errors.Is(err, store.ErrStale) {
		err = nil
	}
	return len(rows), translate(err)
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
	all, err := e.receivers(ctx, store.ByWebhook)
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
	said, failure := e.bring(ctx, d.receiver, event.Parcel{ID: d.Event, Body: d.Body, At: d.at})
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
	r.State, r.Why, r.Since = store.ReceiverPaused, why, d.at
	e.Log.Error("a receiver of events is paused", "receiver", d.Receiver, "reason", why)
	err := e.put(ctx, r)
	if code := jieling.CodeOf(err); code == jieling.CodeStale || code == jieling.CodeNotFound {
		return nil
	}
	return err
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
	return courier.Deliver(ctx, event.Receiver{URL: r.URL, Secrets: secrets}, p)
}
