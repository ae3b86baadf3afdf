package postgres

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/jieling-id/jieling/internal/store"
)

// Feed reads the log in its order.
func (s *Store) Feed(ctx context.Context, from int64, limit int) ([]store.Happening, error) {
	var all []store.Happening
	columns := func(h *store.Happening) []any { return append(entryColumns(&h.Entry), &h.ExternalID) }
	err := s.query(ctx, "read the feed", collected(&all, columns), "read_feed", from, limit)
	return all, err
}

// Receivers lists them by their IDs, which sort by age.
func (s *Store) Receivers(ctx context.Context) ([]store.Receiver, error) {
	var all []store.Receiver
	err := s.query(ctx, "list receivers", collected(&all, receiverColumns), "list_receivers", store.ManyWaiting)
	return all, err
}

// PutReceiver adds a receiver at its first version, and replaces one at the others. What is done again because its answer was lost
// is refused: its version is no longer the next.
func (s *Store) PutReceiver(ctx context.Context, r store.Receiver) error {
	statement := "change_receiver"
	if r.Version == 1 {
		statement = "add_receiver"
	}
	return s.hit(ctx, "put a receiver", store.ErrStale, statement, r.ID, string(r.Kind), r.Owner, string(r.State), r.Position, r.Body, r.Version)
}

// DropReceiver deletes one; its queue goes with it.
func (s *Store) DropReceiver(ctx context.Context, id string) error {
	return s.hit(ctx, "drop a receiver", store.ErrNotFound, "drop_receiver", id)
}

// Enqueue moves a receiver on under the lock of its row.
func (s *Store) Enqueue(ctx context.Context, receiver string, from, to int64, deliveries []store.Delivery) error {
	n := len(deliveries)
	seqs, events, types := make([]int64, 0, n), make([]string, 0, n), make([]string, 0, n)
	accounts, bodies := make([]string, 0, n), make([][]byte, 0, n)
	for _, d := range deliveries {
		seqs, events, types = append(seqs, d.Seq), append(events, d.Event), append(types, d.Type)
		accounts, bodies = append(accounts, string(d.Account)), append(bodies, d.Body)
	}
	return s.hit(ctx, "enqueue", store.ErrStale, "enqueue", receiver, from, to, s.offset(), store.DeliveriesKept, seqs, events, types, accounts, bodies)
}

// ClaimDeliveries leases what other claimers do not hold.
func (s *Store) ClaimDeliveries(ctx context.Context, lease time.Duration, limit int) ([]store.Delivery, error) {
	var all []store.Delivery
	err := s.query(ctx, "claim deliveries", collected(&all, deliveryColumns), "claim_deliveries", s.offset(), lease, limit)
	return all, err
}

// Settle writes how a delivery went.
func (s *Store) Settle(ctx context.Context, d store.Settled) error {
	return s.hit(ctx, "settle a delivery", store.ErrStale, "settle_delivery", s.offset(), string(d.State), d.After, d.Status, d.Error,
		d.Receiver, d.Event, string(cmp.Or(d.From, store.DeliveryDue)), d.Attempt)
}

// Deliveries lists a queue from one of its ends.
func (s *Store) Deliveries(ctx context.Context, q store.DeliveryQuery) ([]store.Delivery, error) {
	statement, args := "list_deliveries", []any{q.Receiver, string(q.State), q.Before, q.Limit}
	if q.Oldest {
		statement, args = "oldest_deliveries", []any{q.Receiver, string(q.State), q.Limit}
	}
	var all []store.Delivery
	err := s.query(ctx, "list deliveries", collected(&all, deliveryColumns), statement, args...)
	return all, err
}

// hit runs a statement that writes one row and gives its name, or an error where there is none to write.
func (s *Store) hit(ctx context.Context, doing string, otherwise error, statement string, args ...any) error {
	_, err := one(ctx, s, doing, func(name *string) []any { return []any{name} }, statement, args...)
	if errors.Is(err, store.ErrNotFound) {
		return otherwise
	}
	return err
}

func receiverColumns(r *store.Receiver) []any {
	return []any{
		&r.ID, (*string)(&r.Kind), &r.Owner, (*string)(&r.State), &r.Position, &r.Body, &r.Version, &r.Behind, &r.Waiting, &r.Dead,
	}
}

func deliveryColumns(d *store.Delivery) []any {
	return []any{
		&d.Receiver, &d.Seq, &d.Event, &d.Type, (*string)(&d.Account), &d.Body, (*string)(&d.State), (*instant)(&d.RunAt), &d.Attempt,
		(*instant)(&d.Lease), &d.Status, &d.Error, (*instant)(&d.QueuedAt), (*instant)(&d.SettledAt),
	}
}
