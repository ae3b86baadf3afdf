package sqlite

import (
	"context"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// Feed reads the log by position.
func (s *Store) Feed(ctx context.Context, from int64, limit int) ([]store.Happening, error) {
	return all(s, ctx, "feed", func(r *row) (store.Happening, error) {
		e, err := readEntry(r)
		return store.Happening{Entry: e, ExternalID: r.text()}, err
	}, from, int64(limit))
}

// Receivers lists them by their IDs, which sort by age.
func (s *Store) Receivers(ctx context.Context) ([]store.Receiver, error) {
	return all(s, ctx, "receivers", readReceiver, int64(store.ManyWaiting))
}

// PutReceiver adds a receiver at its first version, and replaces one at the others.
func (s *Store) PutReceiver(ctx context.Context, m store.Receiver) error {
	return doing("put receiver", s.writer.do(ctx, func(c *conn) error {
		name, otherwise := "change receiver", store.ErrStale
		if m.Version == 1 {
			name, otherwise = "add receiver", store.ErrExists
		}
		err := writing{c: c}.must(otherwise, name, string(m.Kind), m.Owner, string(m.State), m.Position, string(m.Body), m.Version, m.ID)
		return meaning(err, violations{key: store.ErrExists, unique: store.ErrExists})
	}))
}

// DropReceiver deletes one; its queue goes with it.
func (s *Store) DropReceiver(ctx context.Context, id string) error {
	return doing("drop receiver", s.writer.do(ctx, func(c *conn) error {
		return writing{c: c}.must(store.ErrNotFound, "drop receiver", id)
	}))
}

// Enqueue moves a receiver on in the writer's turn.
func (s *Store) Enqueue(ctx context.Context, receiver string, from, to int64, deliveries []store.Delivery) error {
	return doing("enqueue", s.writer.do(ctx, func(c *conn) error {
		if err := (writing{c: c}).must(store.ErrStale, "move receiver", to, receiver, from); err != nil {
			return err
		}
		now := s.now()
		for _, d := range deliveries {
			err := c.run("add delivery", receiver, d.Seq, d.Event, d.Type, string(d.Account), string(d.Body), moment(now), moment(now))
			if err != nil {
				return err
			}
		}
		return c.run("forget deliveries", receiver, moment(now.Add(-store.DeliveriesKept)))
	}))
}

// ClaimDeliveries leases in the writer's turn, so that no two claimers see the same row as free.
func (s *Store) ClaimDeliveries(ctx context.Context, lease time.Duration, limit int) (out []store.Delivery, err error) {
	err = s.writer.do(ctx, func(c *conn) (err error) {
		now := s.now()
		out, err = list(c, "claim deliveries", readDelivery, moment(now.Add(lease)), moment(now), int64(limit))
		return err
	})
	return out, doing("claim deliveries", err)
}

// Settle writes how a delivery went.
func (s *Store) Settle(ctx context.Context, d store.Settled) error {
	from := d.From
	if from == "" {
		from = store.DeliveryDue
	}
	return doing("settle delivery", s.writer.do(ctx, func(c *conn) error {
		now := s.now()
		settled := now
		if d.State == store.DeliveryDue {
			settled = time.Time{}
		}
		return writing{c: c}.must(store.ErrStale, "settle delivery", string(d.State), moment(now.Add(d.After)), int64(d.Status), d.Error, moment(settled),
			d.Receiver, d.Event, string(from), int64(d.Attempt))
	}))
}

// Deliveries lists a queue from one of its ends.
func (s *Store) Deliveries(ctx context.Context, q store.DeliveryQuery) ([]store.Delivery, error) {
	if q.Oldest {
		return all(s, ctx, "oldest deliveries", readDelivery, q.Receiver, string(q.State), int64(q.Limit))
	}
	return all(s, ctx, "deliveries", readDelivery, q.Receiver, string(q.State), q.Before, int64(q.Limit))
}

func readReceiver(r *row) (store.Receiver, error) {
	return store.Receiver{
		Kind: store.ReceiverKind(r.text()), Owner: r.text(), State: store.ReceiverState(r.text()), Position: r.int(), Body: []byte(r.text()),
		Version: r.int(), ID: r.text(), Behind: r.int(), Waiting: int(r.int()), Dead: int(r.int()),
	}, nil
}

func readDelivery(r *row) (store.Delivery, error) {
	return store.Delivery{
		Receiver: r.text(), Seq: r.int(), Event: r.text(), Type: r.text(), Account: jieling.AccountID(r.text()), Body: []byte(r.text()),
		State: store.DeliveryState(r.text()), RunAt: r.time(), Attempt: int(r.int()), Lease: r.time(), Status: int(r.int()), Error: r.text(),
		QueuedAt: r.time(), SettledAt: r.time(),
	}, nil
}
