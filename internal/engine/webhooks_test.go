package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/outbound"
	"github.com/jieling-id/jieling/internal/store"
)

// ears is a receiver, and the courier to it: it keeps what it was told in the order it was told it, and answers as a test says.
type ears struct {
	mu      sync.Mutex
	heard   []event.Parcel
	secrets []string // that signed last
	answer  func(p event.Parcel, account jieling.AccountID) error
}

func (e *ears) Deliver(_ context.Context, to event.Receiver, p event.Parcel) (event.Answer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.secrets = to.Secrets
	var said event.Event
	_ = json.Unmarshal(p.Body, &said)
	if e.answer != nil {
		if err := e.answer(p, said.Data.Account); err != nil {
			return event.Answer{Status: 500}, err
		}
	}
	e.heard = append(e.heard, p)
	return event.Answer{Status: 204}, nil
}

func (e *ears) types() []event.Type {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []event.Type
	for _, p := range e.heard {
		var said event.Event
		_ = json.Unmarshal(p.Body, &said)
		all = append(all, said.Type)
	}
	return all
}

// listening gives a world somebody who is told everything.
func listening(w *world, types ...event.Type) (*ears, engine.Webhook) {
	w.t.Helper()
	out := &ears{}
	w.Couriers = map[store.ReceiverKind]event.Courier{store.ByWebhook: out}
	hook, err := w.AddWebhook(w.ctx, w.product, engine.Idem{Key: "first"}, engine.NewWebhook{URL: "https://shop.example/hooks", Types: types})
	w.ok(err)
	return out, hook
}

// line lines the audit log up and puts what is new on the queues.
func (w *world) line() {
	w.t.Helper()
	for {
		n, err := w.SequenceAudit(w.ctx, 7)
		w.ok(err)
		if n == 0 {
			break
		}
	}
	for more := true; more; {
		var err error
		more, err = w.Distribute(w.ctx)
		w.ok(err)
	}
}

// post carries everything that is due, as a worker would, and reports how much that was.
func (w *world) post() (n int) {
	w.t.Helper()
	for {
		due, err := w.Errands(w.ctx, time.Minute, 16)
		w.ok(err)
		if len(due) == 0 {
			return n
		}
		for _, d := range due {
			w.ok(w.Carry(w.ctx, d))
			n++
		}
	}
}

// tell lines up and carries.
func (w *world) tell() { w.line(); w.post() }

// chained is what an account's own record says there is to tell.
func (w *world) chained(a jieling.AccountID) (ids []string) {
	w.t.Helper()
	chain, _, err := w.Store.AuditChain(w.ctx, a)
	w.ok(err)
	for _, row := range chain {
		for _, e := range event.Project(row, "any") {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// Several accounts move at once while two nodes tell of it, the receiver fails every third time, and nodes die between having told
// and having written that down. Each account's events arrive in the order of its record, every one of them, and nothing that was
// refused.
func TestS25_EventsAreToldAtLeastOnceInOrderAndNeverOfWhatWasNotDone(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		ear, _ := listening(w)
		calls := 0
		ear.answer = func(event.Parcel, jieling.AccountID) error {
			if calls++; calls%3 == 0 {
				return errors.New("busy")
			}
			return nil
		}
		const accounts, moves = 4, 6
		owners := make([]*owner, accounts)
		for i := range owners {
			owners[i] = w.owner(fmt.Sprint("owner-", i))
		}
		second := engine.New(w.Config) // another node over the same database
		together(accounts+2, func(i int) {
			for range moves {
				if i >= accounts {
					node := []*engine.Engine{w.Engine, second}[i-accounts]
					_, err := node.SequenceAudit(w.ctx, 5)
					_, err2 := node.Distribute(w.ctx)
					due, err3 := node.Errands(w.ctx, time.Minute, 3)
					for n, d := range due {
						if n == 2 { // the node tells, and dies before it has written that down
							_, _ = ear.Deliver(w.ctx, event.Receiver{}, event.Parcel{ID: d.Event, Body: d.Body})
							continue
						}
						if err := node.Carry(w.ctx, d); err != nil {
							t.Error(err)
						}
					}
					if err := errors.Join(err, err2, err3); err != nil {
						t.Error(err)
					}
					continue
				}
				o := owners[i]
				if _, err := w.Freeze(w.ctx, w.product, engine.Idem{}, o.account, "test"); err != nil {
					t.Error(err)
				}
				if _, err := w.AddDevice(w.ctx, w.product, engine.Idem{}, o.account, engine.NewDevice{Name: "refused", Platform: "fridge"}); err == nil {
					t.Error("a device of no platform was taken")
				}
				if _, err := w.Unfreeze(w.ctx, o.by, engine.Idem{}, o.account, ""); err == nil {
					t.Error("a session lifted a freeze")
				}
				if _, err := w.Unfreeze(w.ctx, w.product, engine.Idem{}, o.account, ""); err != nil {
					t.Error(err)
				}
			}
		})
		for w.line(); ; w.later(2 * time.Minute) { // leases lapse, and waits are over
			w.post()
			due, err := w.Store.Deliveries(w.ctx, store.DeliveryQuery{Receiver: w.hook().ID, State: store.DeliveryDue, Limit: 1})
			w.ok(err)
			if len(due) == 0 {
				break
			}
		}
		firsts, bodies := map[jieling.AccountID][]string{}, map[string]string{}
		for _, p := range ear.heard {
			var said event.Event
			w.ok(json.Unmarshal(p.Body, &said))
			if before, again := bodies[p.ID]; !again {
				bodies[p.ID] = string(p.Body)
				firsts[said.Data.Account] = append(firsts[said.Data.Account], p.ID)
			} else if before != string(p.Body) {
				t.Errorf("%s was told as %s, and then as %s", p.ID, before, p.Body)
			}
		}
		for _, o := range owners {
			if want := w.chained(o.account); !slices.Equal(want, firsts[o.account]) || len(want) < 4*moves {
				t.Errorf("%s: its record has\n%q, it was told\n%q", o.account, want, firsts[o.account])
			}
		}
	})
}

// hook is the only webhook.
func (w *world) hook() engine.Webhook {
	w.t.Helper()
	all, err := w.Webhooks(w.ctx, w.product)
	w.ok(err)
	if len(all) != 1 {
		w.t.Fatalf("%d webhooks", len(all))
	}
	return all[0]
}

// alarms has what an engine says aloud.
func alarms(w *world) *bytes.Buffer {
	var said bytes.Buffer
	w.Log = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelError}))
	return &said
}

// One account's event that is never taken is tried for a day, then given up on with an alarm. Nothing later of that account passes it
// before; other accounts go on all the time. It can be sent again.
func TestL5_AnEventIsDeliveredOrGivenUpOnWithAnAlarm(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		said := alarms(w)
		bad, good := w.owner("bad"), w.owner("good")
		ear, hook := listening(w, event.AccountFrozen, event.AccountThawed)
		failing := true
		ear.answer = func(_ event.Parcel, a jieling.AccountID) error {
			if failing && a == bad.account {
				return errors.New("busy")
			}
			return nil
		}
		for _, o := range []*owner{bad, good} {
			_, err := w.Freeze(w.ctx, w.product, engine.Idem{}, o.account, "")
			w.ok(err)
			_, err = w.Unfreeze(w.ctx, w.product, engine.Idem{}, o.account, "")
			w.ok(err)
		}
		w.tell()
		if got := ear.types(); !slices.Equal(got, []event.Type{event.AccountFrozen, event.AccountThawed}) {
			t.Fatalf("the good account's were told as %v", got)
		}
		for range 23 {
			w.later(time.Hour)
			w.post()
			if is := w.hook(); is.Dead != 0 || is.Waiting != 2 {
				t.Fatalf("before a day is over %d are dead and %d wait", is.Dead, is.Waiting)
			}
		}
		_, err := w.Freeze(w.ctx, w.product, engine.Idem{}, good.account, "")
		w.ok(err)
		w.tell()
		w.later(90 * time.Minute)
		w.post() // given up on: the first of the bad account's, and its follower, which waited as long
		w.later(time.Second)
		w.post()
		is := w.hook()
		if is.Dead != 2 || is.Waiting != 0 || is.State != store.ReceiverEnabled {
			t.Errorf("after a day: %+v", is)
		}
		if n := strings.Count(said.String(), "an event was given up on"); n != 2 || !strings.Contains(said.String(), string(bad.account)) {
			t.Errorf("%d alarms: %s", n, said)
		}
		dead, err := w.Deliveries(w.ctx, w.product, hook.ID, store.DeliveryDead, 0)
		w.ok(err)
		if len(dead) != 2 || dead[0].Error != "busy" || dead[0].Status != 500 || dead[1].Attempt < 10 {
			t.Fatalf("the dead letters: %+v", dead)
		}
		failing = false
		for _, d := range slices.Backward(dead) {
			w.ok(w.Resend(w.ctx, w.product, engine.Idem{}, hook.ID, d.Event))
			w.post()
		}
		if got := ear.types(); !slices.Equal(got[3:], []event.Type{event.AccountFrozen, event.AccountThawed}) || w.hook().Dead != 0 {
			t.Errorf("sent again: %v", got)
		}
		w.refused(jieling.CodeNotFound, w.Resend(w.ctx, w.product, engine.Idem{}, hook.ID, "evt_unknown"))
	})
}

// A receiver that nothing reaches for a day is paused with an alarm, and what else there is waits for it.
func TestL5_AReceiverThatNothingReachesIsPaused(t *testing.T) {
	w := newWorld(t)
	said := alarms(w)
	o := w.owner("an")
	ear, hook := listening(w, event.AccountFrozen, event.AccountThawed)
	ear.answer = func(event.Parcel, jieling.AccountID) error { return errors.New("it could not be reached") }
	_, err := w.Freeze(w.ctx, w.product, engine.Idem{}, o.account, "")
	w.ok(err)
	_, err = w.Unfreeze(w.ctx, w.product, engine.Idem{}, o.account, "")
	w.ok(err)
	w.tell()
	w.later(25 * time.Hour)
	w.post()
	if is := w.hook(); is.State != store.ReceiverPaused || is.Why != "nothing has reached it for 24 hours" || is.Dead != 1 || is.Waiting != 1 || is.Since.IsZero() {
		t.Errorf("%+v", is)
	}
	if !strings.Contains(said.String(), "a receiver of events is paused") {
		t.Errorf("no alarm: %s", said)
	}
	ear.answer = nil
	_, err = w.Freeze(w.ctx, w.product, engine.Idem{}, o.account, "")
	w.ok(err)
	w.line()
	if n := w.post(); n != 0 {
		t.Errorf("a paused one was told %d times", n)
	}
	_, err = w.ResumeWebhook(w.ctx, w.product, engine.Idem{}, hook.ID)
	w.ok(err)
	w.tell()
	if got := ear.types(); !slices.Equal(got, []event.Type{event.AccountThawed, event.AccountFrozen}) {
		t.Errorf("resumed: %v", got)
	}
}

// A receiver that says it is gone is paused with the date and told nothing more; resumed, it goes on where it stopped.
func TestWebhooks_OneThatIsGoneIsPausedAndGoesOnWhereItStopped(t *testing.T) {
	w := newWorld(t)
	o := w.owner("an")
	ear, hook := listening(w, event.AccountFrozen, event.AccountThawed)
	ear.answer = func(event.Parcel, jieling.AccountID) error { return event.ErrGone }
	_, err := w.Freeze(w.ctx, w.product, engine.Idem{}, o.account, "")
	w.ok(err)
	w.tell()
	is := w.hook()
	if is.State != store.ReceiverPaused || !strings.Contains(is.Why, "410") || !is.Since.After(is.CreatedAt) || is.Dead != 0 || is.Waiting != 1 {
		t.Fatalf("%+v", is)
	}
	_, err = w.Unfreeze(w.ctx, w.product, engine.Idem{}, o.account, "")
	w.ok(err)
	w.tell()
	ear.answer = nil
	_, err = w.ResumeWebhook(w.ctx, w.product, engine.Idem{}, hook.ID)
	w.ok(err)
	w.tell()
	if got := ear.types(); !slices.Equal(got, []event.Type{event.AccountFrozen, event.AccountThawed}) {
		t.Errorf("%v", got)
	}
}

// Nobody is told of what was before they asked, nor of types they did not ask for.
func TestWebhooks_AreToldFromNowOnAndOnlyWhatTheyAskedFor(t *testing.T) {
	w := newWorld(t)
	o := w.owner("an")
	w.line()
	ear, _ := listening(w, event.AccountThawed)
	w.tell()
	_, err := w.Freeze(w.ctx, w.product, engine.Idem{}, o.account, "")
	w.ok(err)
	_, err = w.Unfreeze(w.ctx, w.product, engine.Idem{}, o.account, "")
	w.ok(err)
	w.tell()
	if got := ear.types(); !slices.Equal(got, []event.Type{event.AccountThawed}) {
		t.Errorf("%v", got)
	}
}

// A removal from end to end, as it is told.
func TestWebhooks_ARemovalIsTold(t *testing.T) {
	w := newWorld(t, "optional")
	o := w.owner("an")
	w.parties["optional"].residue = true
	w.line()
	ear, _ := listening(w)
	v := o.ready()
	_, err := o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	for range 3 {
		w.later(time.Hour)
		w.drain()
	}
	w.tell()
	got := ear.types()
	for _, want := range []event.Type{event.CaseOpened, event.BindingLinked, event.BindingUnlinked, event.SessionsEnded, event.ResidueFound} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not among %v", want, got)
		}
	}
	for _, p := range ear.heard {
		var said event.Event
		w.ok(json.Unmarshal(p.Body, &said))
		if said.Type == event.BindingUnlinked && (said.Data.Binding != o.qq.ID || said.Data.Provider != jieling.QQ || said.Data.Case != v.ID || said.Data.ExternalID != "an") {
			t.Errorf("%+v", said)
		}
		if text := string(p.Body); strings.Contains(text, subject) || strings.Contains(text, number) || strings.Contains(text, o.by.Name) {
			t.Errorf("a subject, a number or a session is told: %s", text)
		}
	}
}

// The secret is said once and again for a repeat, sealed at rest, and rotated so that the one before signs for another day.
func TestWebhooks_SecretsAreShownOnceSealedAndRotated(t *testing.T) {
	w := newWorld(t)
	o := w.owner("an")
	ear, hook := listening(w, event.AccountFrozen, event.AccountThawed)
	again, err := w.AddWebhook(w.ctx, w.product, engine.Idem{Key: "first"}, engine.NewWebhook{URL: "https://shop.example/hooks"})
	w.ok(err)
	if again.ID != hook.ID || again.Secret != hook.Secret || !strings.HasPrefix(hook.Secret, "whsec_") {
		t.Errorf("a repeat is answered %+v, the first %+v", again, hook)
	}
	_, err = w.AddWebhook(w.ctx, w.product, engine.Idem{Key: "first", Fingerprint: [32]byte{1}}, engine.NewWebhook{URL: "https://other.example/"})
	w.refused(jieling.CodeIdempotency, err)
	rows, err := w.Store.Receivers(w.ctx)
	w.ok(err)
	if shown := w.hook(); shown.Secret != "" || bytes.Contains(rows[0].Body, []byte(hook.Secret)) {
		t.Errorf("the secret is said again, or stands in the row: %+v", shown)
	}
	sent := func() []string {
		for _, freeze := range []func(context.Context, jieling.Actor, engine.Idem, jieling.AccountID, string) (jieling.Account, error){w.Freeze, w.Unfreeze} {
			_, err := freeze(w.ctx, w.product, engine.Idem{}, o.account, "")
			w.ok(err)
		}
		w.tell()
		return ear.secrets
	}
	if got := sent(); !slices.Equal(got, []string{hook.Secret}) {
		t.Errorf("signed by %q", got)
	}
	next, err := w.RotateWebhook(w.ctx, w.product, engine.Idem{Key: "rotate"}, hook.ID)
	w.ok(err)
	repeat, err := w.RotateWebhook(w.ctx, w.product, engine.Idem{Key: "rotate"}, hook.ID)
	w.ok(err)
	if next.Secret == hook.Secret || repeat.Secret != next.Secret || next.OldUntil.IsZero() {
		t.Errorf("rotated: %+v, repeated: %+v", next, repeat)
	}
	w.later(23 * time.Hour)
	if got := sent(); !slices.Equal(got, []string{next.Secret, hook.Secret}) {
		t.Errorf("within the day signed by %q", got)
	}
	w.later(time.Hour)
	if got := sent(); !slices.Equal(got, []string{next.Secret}) {
		t.Errorf("after the day signed by %q", got)
	}
	if n, err := w.ResealReceivers(w.ctx); n != 0 || err != nil {
		t.Errorf("with no other key %d were sealed anew: %v", n, err)
	}
	if w.Keys, err = w.Keys.RotateSealing(); err != nil {
		t.Fatal(err)
	}
	if n, err := w.ResealReceivers(w.ctx); n != 2 || err != nil {
		t.Errorf("%d were sealed anew: %v", n, err)
	}
	if got := sent(); !slices.Equal(got, []string{next.Secret}) {
		t.Errorf("sealed anew, signed by %q", got)
	}
}

func TestWebhooks_WhoMayAndWhereTo(t *testing.T) {
	w := newWorld(t)
	_, hook := listening(w)
	for name, by := range map[string]jieling.Actor{
		"another scope": {Kind: jieling.ActorProduct, Name: "x", Scopes: []string{engine.ScopeAccounts, engine.ScopeCases}},
		"a person":      {Kind: jieling.ActorPerson, Name: "ses_x", Account: "acc_x"},
		"staff":         {Kind: jieling.ActorStaff, Name: "x"},
	} {
		_, err := w.AddWebhook(w.ctx, by, engine.Idem{}, engine.NewWebhook{URL: "https://shop.example"})
		_, err2 := w.Webhooks(w.ctx, by)
		_, err3 := w.RotateWebhook(w.ctx, by, engine.Idem{}, hook.ID)
		for _, err := range []error{err, err2, err3, w.DropWebhook(w.ctx, by, hook.ID), w.Resend(w.ctx, by, engine.Idem{}, hook.ID, "evt_x")} {
			if jieling.CodeOf(err) != jieling.CodeForbidden {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for _, in := range []engine.NewWebhook{
		{URL: "http://shop.example/"},
		{URL: "https://169.254.169.254/"},
		{URL: "https://127.0.0.1/"},
		{URL: "shop"},
		{URL: "https://shop.example/", Types: []event.Type{"account.exploded"}},
		{URL: "https://shop.example/", Types: []event.Type{event.Test}},
		{URL: "https://shop.example/", Description: strings.Repeat("a", 257)},
	} {
		_, err := w.AddWebhook(w.ctx, w.product, engine.Idem{}, in)
		w.refused(jieling.CodeInvalid, err)
	}
	w.Egress = outbound.Guard{Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	for range 31 {
		_, err := w.AddWebhook(w.ctx, w.product, engine.Idem{}, engine.NewWebhook{URL: "http://127.0.0.1:9/"})
		w.ok(err)
	}
	_, err := w.AddWebhook(w.ctx, w.product, engine.Idem{}, engine.NewWebhook{URL: "https://shop.example/"})
	w.refused(jieling.CodeConflict, err)
	w.ok(w.DropWebhook(w.ctx, w.product, hook.ID))
	w.refused(jieling.CodeNotFound, w.DropWebhook(w.ctx, w.product, hook.ID))
	_, err = w.Webhook(w.ctx, w.product, hook.ID)
	w.refused(jieling.CodeNotFound, err)
}

// Twins of a request that arrive together make one webhook, and both learn its secret.
func TestWebhooks_TwinsMakeOne(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		made := make([]engine.Webhook, 8)
		together(len(made), func(i int) {
			for {
				var err error
				made[i], err = w.AddWebhook(w.ctx, w.product, engine.Idem{Key: "twin"}, engine.NewWebhook{URL: "https://shop.example/"})
				if jieling.CodeOf(err) != jieling.CodeStale { // two repeats at once: one is told to ask again
					if err != nil {
						t.Error(err)
					}
					return
				}
			}
		})
		secrets := map[string]bool{}
		for _, m := range made {
			secrets[m.ID+m.Secret] = true
		}
		if len(secrets) != 1 || w.hook().ID != made[0].ID {
			t.Errorf("%v", slices.Collect(maps.Keys(secrets)))
		}
	})
}

// A test event goes at once, is signed like any other, and what came of it is said.
func TestWebhooks_ATestIsSentAtOnce(t *testing.T) {
	w := newWorld(t)
	ear, hook := listening(w)
	said, err := w.TestWebhook(w.ctx, w.product, hook.ID)
	w.ok(err)
	if got := ear.types(); said.Status != 204 || !slices.Equal(got, []event.Type{event.Test}) || !slices.Equal(ear.secrets, []string{hook.Secret}) {
		t.Errorf("%+v, %v", said, got)
	}
	ear.answer = func(event.Parcel, jieling.AccountID) error { return errors.New("it answered with status 500") }
	_, err = w.TestWebhook(w.ctx, w.product, hook.ID)
	w.refused(jieling.CodeDependency, err)
	if is := w.hook(); is.Waiting != 0 || is.Dead != 0 {
		t.Errorf("a test is queued: %+v", is)
	}
}
