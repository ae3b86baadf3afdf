package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/store"
)

const (
	mostWebhooks = 32             // of all keys together
	oldSecret    = 24 * time.Hour // how long a secret that was replaced still signs
)

// NewWebhook asks for events to be brought somewhere.
type NewWebhook struct {
	URL         string       // https; see outbound.Guard.Check
	Description string       // at most 256 characters
	Types       []event.Type // of the catalogue; none means every one
}

// Webhook is a receiver as its product may see it.
type Webhook struct {
	ID          string
	URL         string
	Description string
	Types       []event.Type
	State       store.ReceiverState
	Why         string // it is paused, in the engine's words; empty where it is not
	Since       time.Time
	CreatedAt   time.Time
	OldUntil    time.Time // until when the secret before signs, too; zero where there is none
	Waiting     int       // events on its queue
	Behind      int64     // rows of the log that were not looked through for it yet
	Dead        int       // events that were given up on
	Secret      string    // only when it was just made
}

// subscription is what a receiver's row keeps of it.
type subscription struct {
	URL         string       `json:"url"`
	Description string       `json:"description,omitempty"`
	Types       []event.Type `json:"types,omitempty"`
	Secrets     []secret     `json:"secrets,omitempty"` // the newest first
	CreatedAt   time.Time    `json:"created_at"`
	Why         string       `json:"why,omitempty"`
	Since       time.Time    `json:"since"`             // when it came into its state
	Made        []byte       `json:"made,omitempty"`    // the fingerprint of the request that made it
	Rotated     []byte       `json:"rotated,omitempty"` // the key of the request that rotated its secret last, hashed

	// Of a stream.
	Authorization []byte              `json:"authorization,omitempty"` // sealed
	Requested     []string            `json:"requested,omitempty"`
	Format        event.Format        `json:"format,omitempty"`
	Excluded      []jieling.AccountID `json:"excluded,omitempty"`
	VerifiedAt    time.Time           `json:"verified_at,omitzero"`
}

// secret is one that signs, sealed.
type secret struct {
	Sealed []byte    `json:"sealed"`
	Until  time.Time `json:"until,omitzero"` // zero: for good
}

// signing is the place of the secrets a receiver is known by.
func signing(id string) keyring.Place { return keyring.Place{Owner: id, Field: "receivers.secret"} }

// reading is a receiver's row with what is in it.
type reading struct {
	store.Receiver
	subscription
}

func read(r store.Receiver) (reading, error) {
	out := reading{Receiver: r}
	err := json.Unmarshal(r.Body, &out.subscription)
	return out, err
}

// wants reports that a receiver is to be told of a type.
func (r reading) wants(t event.Type) bool { return len(r.Types) == 0 || slices.Contains(r.Types, t) }

func (r reading) webhook() Webhook {
	w := Webhook{
		ID: r.ID, URL: r.URL, Description: r.Description, Types: r.Types, State: r.State, Why: r.Why, Since: r.Since, CreatedAt: r.CreatedAt,
		Waiting: r.Waiting, Behind: r.Behind, Dead: r.Dead,
	}
	if len(r.Secrets) > 1 {
		w.OldUntil = r.Secrets[1].Until
	}
	return w
}

// put writes a receiver with what was changed of it.
func (e *Engine) put(ctx context.Context, r reading) error {
	body, err := json.Marshal(r.subscription)
	if err != nil {
		return err
	}
	r.Body, r.Version = body, r.Version+1
	return translate(e.Store.PutReceiver(ctx, r.Receiver))
}

// now is the database's clock, which decides across nodes (S22).
func (e *Engine) now(ctx context.Context) (time.Time, error) {
	s, err := e.Store.Load(ctx, store.Need{})
	return s.Now, translate(err)
}

// receivers reads those of some kinds, oldest first.
func (e *Engine) receivers(ctx context.Context, kinds ...store.ReceiverKind) ([]reading, error) {
	rows, err := e.Store.Receivers(ctx)
	if err != nil {
		return nil, translate(err)
	}
	var all []reading
	for _, row := range rows {
		if !slices.Contains(kinds, row.Kind) {
			continue
		}
		r, err := read(row)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b reading) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return all, nil
}

// findWebhook reads one for whoever may; CodeNotFound where there is none.
func (e *Engine) findWebhook(ctx context.Context, by jieling.Actor, id string) (reading, error) {
	if err := mayTell(by); err != nil {
		return reading{}, err
	}
	all, err := e.receivers(ctx, store.ByWebhook)
	if err != nil {
		return reading{}, err
	}
	i := slices.IndexFunc(all, func(r reading) bool { return r.ID == id })
	if i < 0 {
		return reading{}, notFound()
	}
	return all[i], nil
}

// mayTell lets products with the scope decide on what others are told.
func mayTell(by jieling.Actor) error {
	if by.Kind != jieling.ActorProduct {
		return forbidden()
	}
	return may(by, ScopeEvents, "")
}

// Webhooks lists every one.
func (e *Engine) Webhooks(ctx context.Context, by jieling.Actor) ([]Webhook, error) {
	if err := mayTell(by); err != nil {
		return nil, err
	}
	all, err := e.receivers(ctx, store.ByWebhook)
	out := make([]Webhook, len(all))
	for i, r := range all {
		out[i] = r.webhook()
	}
	return out, err
}

// Webhook shows one.
func (e *Engine) Webhook(ctx context.Context, by jieling.Actor, id string) (Webhook, error) {
	r, err := e.findWebhook(ctx, by, id)
	return r.webhook(), err
}

// AddWebhook has events brought to an address from now on. The secret is in the answer and in no other, but for a repeat under the
// same key, which means that the answer was lost.
func (e *Engine) AddWebhook(ctx context.Context, by jieling.Actor, idem Idem, in NewWebhook) (Webhook, error) {
	if err := mayTell(by); err != nil {
		return Webhook{}, err
	}
	if err := e.checkWebhook(in); err != nil {
		return Webhook{}, err
	}
	all, err := e.receivers(ctx, store.ByWebhook)
	if err != nil {
		return Webhook{}, err
	}
	id := e.receiverID("whk", by, idem)
	for _, r := range all {
		if r.ID == id {
			return e.addedBefore(ctx, r, idem)
		}
	}
	if len(all) >= mostWebhooks {
		return Webhook{}, jieling.Refuse(jieling.CodeConflict, "回调地址已达上限（32 个）。请先删除不用的。", "There are 32 webhooks, which is as many as there can be. Delete one that is not used.")
	}
	now, err := e.now(ctx)
	if err != nil {
		return Webhook{}, err
	}
	r := reading{
		Receiver: store.Receiver{ID: id, Kind: store.ByWebhook, Owner: by.Name, State: store.ReceiverEnabled},
		subscription: subscription{
			URL: in.URL, Description: in.Description, Types: in.Types, CreatedAt: now, Since: now, Made: idem.Fingerprint[:],
		},
	}
	text, err := e.newSecret(&r)
	if err != nil {
		return Webhook{}, err
	}
	if err := e.put(ctx, r); err != nil {
		if jieling.CodeOf(err) == jieling.CodeConflict { // a twin of this request was faster
			if is, found := e.findWebhook(ctx, by, id); found == nil {
				return e.addedBefore(ctx, is, idem)
			}
		}
		return Webhook{}, err
	}
	out := r.webhook()
	out.Secret = text
	return out, nil
}

// addedBefore answers the repeat of a request, after a commit of its own (S23).
func (e *Engine) addedBefore(ctx context.Context, r reading, idem Idem) (Webhook, error) {
	if string(r.Made) != string(idem.Fingerprint[:]) {
		return Webhook{}, reusedKey()
	}
	if err := e.put(ctx, r); err != nil {
		return Webhook{}, err
	}
	return e.withSecret(r)
}

func (e *Engine) withSecret(r reading) (Webhook, error) {
	text, err := e.Keys.Open(signing(r.ID), r.Secrets[0].Sealed)
	out := r.webhook()
	out.Secret = string(text)
	return out, err
}

func (e *Engine) checkWebhook(in NewWebhook) error {
	if _, err := e.Egress.Check(in.URL); err != nil {
		return jieling.Invalid("url", err.Error())
	}
	if in.Description != "" && !plain(in.Description, 256) {
		return jieling.Invalid("description", "must be at most 256 printable characters")
	}
	for _, t := range in.Types {
		if !event.Known(t) {
			return jieling.Invalid("types", "must be of the catalogue in docs/reference/events.md")
		}
	}
	return nil
}

// receiverID makes the ID of what a request asks for: the same for the same caller and key, so that a request that is sent again
// cannot make a second.
func (e *Engine) receiverID(prefix string, by jieling.Actor, idem Idem) string {
	var sum [32]byte
	if idem.Key == "" {
		copy(sum[:], e.random(16))
	} else {
		sum = sha256.Sum256([]byte("receiver\x00" + prefix + "\x00" + callerOf(by) + "\x00" + idem.Key))
	}
	ms := int64(binary.BigEndian.Uint64(sum[:8]) >> 16)
	return jieling.NewID[string](prefix, time.UnixMilli(ms), [10]byte(sum[6:16]))
}

// newSecret draws a secret and puts it before the others.
func (e *Engine) newSecret(r *reading) (string, error) {
	text := "whsec_" + base64.StdEncoding.EncodeToString(e.random(32))
	sealed, err := e.Keys.Seal(signing(r.ID), []byte(text))
	r.Secrets = append([]secret{{Sealed: sealed}}, r.Secrets...)
	return text, err
}

// RotateWebhook gives a webhook another secret. The one before signs beside it for a day; older ones no more.
func (e *Engine) RotateWebhook(ctx context.Context, by jieling.Actor, idem Idem, id string) (Webhook, error) {
	r, err := e.findWebhook(ctx, by, id)
	if err != nil {
		return Webhook{}, err
	}
	request := sha256.Sum256([]byte(callerOf(by) + "\x00" + idem.Key))
	if idem.Key != "" && string(r.Rotated) == string(request[:]) {
		if err := e.put(ctx, r); err != nil {
			return Webhook{}, err
		}
		return e.withSecret(r)
	}
	now, err := e.now(ctx)
	if err != nil {
		return Webhook{}, err
	}
	r.Secrets = slices.Clone(r.Secrets[:1])
	r.Secrets[0].Until, r.Rotated = now.Add(oldSecret), request[:]
	text, err := e.newSecret(&r)
	if err == nil {
		err = e.put(ctx, r)
	}
	out := r.webhook()
	out.Secret = text
	return out, err
}

// ResumeWebhook goes on with one that is paused, from where it stopped. One that is not paused stays as it is, so a repeat needs
// no key to be harmless.
func (e *Engine) ResumeWebhook(ctx context.Context, by jieling.Actor, _ Idem, id string) (Webhook, error) {
	r, err := e.findWebhook(ctx, by, id)
	if err != nil {
		return Webhook{}, err
	}
	if r.State == store.ReceiverPaused {
		now, err := e.now(ctx)
		if err != nil {
			return Webhook{}, err
		}
		r.State, r.Why, r.Since = store.ReceiverEnabled, "", now
	}
	err = e.put(ctx, r)
	e.Wake()
	return r.webhook(), err
}

// DropWebhook forgets one with all that waits for it.
func (e *Engine) DropWebhook(ctx context.Context, by jieling.Actor, id string) error {
	if _, err := e.findWebhook(ctx, by, id); err != nil {
		return err
	}
	return translate(e.Store.DropReceiver(ctx, id))
}

// TestWebhook sends a webhook.test event at once and tells how that went. It is not queued and not sent again, and goes to a paused
// one, too.
func (e *Engine) TestWebhook(ctx context.Context, by jieling.Actor, id string) (event.Answer, error) {
	r, err := e.findWebhook(ctx, by, id)
	if err != nil {
		return event.Answer{}, err
	}
	now, err := e.now(ctx)
	if err != nil {
		return event.Answer{}, err
	}
	body, err := json.Marshal(map[string]any{"type": event.Test, "timestamp": now, "data": map[string]string{"webhook": id}})
	if err != nil {
		return event.Answer{}, err
	}
	said, err := e.bring(ctx, r, event.Parcel{ID: jieling.NewID[string]("evt", now, [10]byte(e.random(10))), Body: body, At: now})
	if err != nil {
		return said, &jieling.Error{Code: jieling.CodeDependency, Err: err, Public: jieling.Text{
			ZH: "测试事件没有送达：" + err.Error() + "。", EN: "The test event did not arrive: " + err.Error() + ".",
		}}
	}
	return said, nil
}

// Deliveries lists what is on a webhook's queue, and what was in the last week: newest first, at most 100, from before one.
func (e *Engine) Deliveries(ctx context.Context, by jieling.Actor, id string, state store.DeliveryState, before int64) ([]store.Delivery, error) {
	if _, err := e.findWebhook(ctx, by, id); err != nil {
		return nil, err
	}
	all, err := e.Store.Deliveries(ctx, store.DeliveryQuery{Receiver: id, State: state, Before: before, Limit: 100})
	return all, translate(err)
}

// Resend puts an event back on the queue that was given up on, or delivered and is wanted again. It may come after later ones of
// its account. A repeat at worst sends it once more, under the same ID.
func (e *Engine) Resend(ctx context.Context, by jieling.Actor, _ Idem, id, eventID string) error {
	if _, err := e.findWebhook(ctx, by, id); err != nil {
		return err
	}
	var err error
	for _, from := range []store.DeliveryState{store.DeliveryDead, store.DeliveryDone, store.DeliveryDue} {
		err = e.Store.Settle(ctx, store.Settled{Receiver: id, Event: eventID, From: from, State: store.DeliveryDue})
		if !errors.Is(err, store.ErrStale) {
			break
		}
	}
	if errors.Is(err, store.ErrStale) {
		return notFound()
	}
	e.Wake()
	return translate(err)
}

// ResealReceivers brings the secrets that sign for receivers under the keyring's active generation, and gives how many were sealed anew.
func (e *Engine) ResealReceivers(ctx context.Context) (n int, err error) {
	all, err := e.receivers(ctx, store.ByWebhook, store.ByPush)
	if err != nil {
		return 0, err
	}
	for _, r := range all {
		moved := 0
		if len(r.Authorization) > 0 {
			sealed, is, err := e.Keys.Reseal(signing(r.ID), r.Authorization)
			if err != nil {
				return n, err
			}
			if is {
				r.Authorization = sealed
				moved++
			}
		}
		for i := range r.Secrets {
			sealed, is, err := e.Keys.Reseal(signing(r.ID), r.Secrets[i].Sealed)
			if err != nil {
				return n, err
			}
			if is {
				r.Secrets[i].Sealed = sealed
				moved++
			}
		}
		if moved > 0 {
			if err := e.put(ctx, r); err != nil {
				return n, err
			}
		}
		n += moved
	}
	return n, nil
}

// secretsOf opens what signs for a receiver at a moment.
func (e *Engine) secretsOf(r reading, at time.Time) (texts []string, err error) {
	for _, s := range r.Secrets {
		if !s.Until.IsZero() && !at.Before(s.Until) {
			continue
		}
		text, openErr := e.Keys.Open(signing(r.ID), s.Sealed)
		err = cmp.Or(err, openErr)
		texts = append(texts, string(text))
	}
	return texts, err
}
