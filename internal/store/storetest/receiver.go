package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

func newReceiver(kind store.ReceiverKind, owner string) store.Receiver {
	return store.Receiver{
		ID: newID[string]("whk"), Kind: kind, Owner: owner, State: store.ReceiverEnabled, Body: []byte(`{"url":"https://shop.example"}`), Version: 1,
	}
}

// receiver makes one and gives it as it is.
func (x exam) receiver(kind store.ReceiverKind) store.Receiver {
	x.t.Helper()
	r := newReceiver(kind, newID[string]("key"))
	x.must(x.s.PutReceiver(x.ctx(), r))
	return x.find(r.ID)
}

func (x exam) find(id string) store.Receiver {
	x.t.Helper()
	all, err := x.s.Receivers(x.ctx())
	x.must(err)
	i := slices.IndexFunc(all, func(r store.Receiver) bool { return r.ID == id })
	if i < 0 {
		x.t.Fatalf("receiver %s is gone", id)
	}
	return all[i]
}

// sequence lines every row up.
func (x exam) sequence() {
	x.t.Helper()
	for {
		n, err := x.s.Sequence(x.ctx(), 100, grow)
		x.must(err)
		if n == 0 {
			return
		}
	}
}

// deliveryOf is what the n-th row of the log is told as.
func deliveryOf(n int64, a jieling.AccountID) store.Delivery {
	return store.Delivery{Seq: n, Event: fmt.Sprintf("evt_%d", n), Type: "case.opened", Account: a, Body: []byte(fmt.Sprintf(`{"n":%d}`, n))}
}

func (x exam) enqueue(r store.Receiver, deliveries ...store.Delivery) {
	x.t.Helper()
	is := x.find(r.ID)
	x.must(x.s.Enqueue(x.ctx(), r.ID, is.Position, is.Position+int64(len(deliveries)), deliveries))
}

func (x exam) bring(lease time.Duration, limit int) []store.Delivery {
	x.t.Helper()
	got, err := x.s.ClaimDeliveries(x.ctx(), lease, limit)
	x.must(err)
	return got
}

func receiversComeBack(x exam) {
	if all, err := x.s.Receivers(x.ctx()); err != nil || len(all) > 0 {
		x.t.Errorf("nobody: %v, %v", all, err)
	}
	x.register(1)
	x.sequence()
	r := x.receiver(store.ByWebhook)
	x.equal("position of a new one", int64(1), r.Position)
	r.State, r.Body, r.Version = store.ReceiverPaused, []byte(`{"url":"https://other.example","文":"字"}`), 2
	x.must(x.s.PutReceiver(x.ctx(), r))
	x.register(1)
	x.register(1)
	x.sequence()
	want := r
	want.Behind = 2
	x.equal("changed", want, x.find(r.ID))
	r.State, r.Position, r.Version = store.ReceiverEnabled, -1, 3
	x.must(x.s.PutReceiver(x.ctx(), r))
	if is := x.find(r.ID); is.Position != 3 || is.Behind != 0 {
		x.t.Errorf("sent to the end of the log it stands at %d, %d behind", is.Position, is.Behind)
	}
	x.must(x.s.DropReceiver(x.ctx(), r.ID))
	if err := x.s.DropReceiver(x.ctx(), r.ID); !errors.Is(err, store.ErrNotFound) {
		x.t.Errorf("dropped twice: %v", err)
	}
}

func receiverVersions(x exam) {
	r := x.receiver(store.ByWebhook)
	for what, c := range map[string]struct {
		edit func(*store.Receiver)
		want error
	}{
		"its ID again":        {func(n *store.Receiver) { n.Version = 1 }, store.ErrExists},
		"a version too old":   {func(n *store.Receiver) { n.ID, n.Version = "whk_unknown", 2 }, store.ErrStale},
		"a version too new":   {func(n *store.Receiver) { n.Version = 3 }, store.ErrStale},
		"a kind nobody knows": {func(n *store.Receiver) { n.Kind, n.Version = "pigeon", 2 }, nil},
		"a state likewise":    {func(n *store.Receiver) { n.State, n.Version = "asleep", 2 }, nil},
	} {
		n := r
		c.edit(&n)
		if err := x.s.PutReceiver(x.ctx(), n); err == nil || c.want != nil && !errors.Is(err, c.want) {
			x.t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
	x.equal("afterwards", r, x.find(r.ID))

	push := newReceiver(store.ByPush, "partner")
	x.must(x.s.PutReceiver(x.ctx(), push))
	if err := x.s.PutReceiver(x.ctx(), newReceiver(store.ByPoll, "partner")); !errors.Is(err, store.ErrExists) {
		x.t.Errorf("a second stream of one key: %v, want ErrExists", err)
	}
	x.must(x.s.PutReceiver(x.ctx(), newReceiver(store.ByWebhook, "partner")))
}

// feedIsTheLog reads rows with the product's names, in the order of the log and never before they are in it.
func feedIsTheLog(x exam) {
	a, _ := x.register(1)
	b, _ := x.register(1)
	x.move(a.ID)
	x.sequence()
	x.move(b.ID)
	var got []string
	for from := int64(0); ; {
		page, err := x.s.Feed(x.ctx(), from, 2)
		x.must(err)
		if len(page) == 0 {
			break
		}
		for _, h := range page {
			got = append(got, fmt.Sprint(h.ExternalID, " ", h.Seq))
		}
		from += int64(len(page))
	}
	x.equal("the feed", []string{a.ExternalID + " 1", b.ExternalID + " 1", a.ExternalID + " 2"}, got)
	rows, err := x.s.AuditLog(x.ctx(), 0, 10)
	x.must(err)
	feed, err := x.s.Feed(x.ctx(), 0, 10)
	x.must(err)
	for i := range feed {
		x.equal("row", rows[i], feed[i].Entry)
	}
}

// oneReadsOn lets a crowd move one receiver on from the same place.
func oneReadsOn(x exam) {
	a, _ := x.register(1)
	x.sequence()
	r := x.receiver(store.ByWebhook)
	errs := make([]error, crowd(50))
	together(len(errs), func(i int) {
		errs[i] = x.s.Enqueue(x.ctx(), r.ID, r.Position, r.Position+2, []store.Delivery{deliveryOf(20, a.ID), deliveryOf(21, a.ID)})
	})
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else if !errors.Is(err, store.ErrStale) {
			x.t.Errorf("read on from the same place: %v, want ErrStale", err)
		}
	}
	if is := x.find(r.ID); done != 1 || is.Position != r.Position+2 || is.Waiting != 2 {
		x.t.Errorf("%d wrote; it stands at %d with %d waiting", done, is.Position, is.Waiting)
	}
	r = x.find(r.ID)
	r.State, r.Version = store.ReceiverPaused, 2
	x.must(x.s.PutReceiver(x.ctx(), r))
	if err := x.s.Enqueue(x.ctx(), r.ID, r.Position, r.Position+1, nil); !errors.Is(err, store.ErrStale) {
		x.t.Errorf("a paused one was moved on: %v", err)
	}
	if got := x.bring(time.Minute, 10); len(got) > 0 {
		x.t.Errorf("a paused one is brought %+v", got)
	}
}

// anAccountInOrder lets claimers fight over what is told of a few accounts. Nothing of an account is leased while something older
// of it waits, whoever has that, and accounts do not wait for one another.
func anAccountInOrder(x exam) {
	r := x.receiver(store.ByWebhook)
	poll := x.receiver(store.ByPoll)
	accounts, each := []jieling.AccountID{"acc_a", "acc_b", "acc_c"}, crowd(50)
	var all []store.Delivery
	for i := range each * len(accounts) {
		all = append(all, deliveryOf(int64(i+1), accounts[i%len(accounts)]))
	}
	x.enqueue(r, all...)
	x.enqueue(poll, all...)

	if heads := x.bring(time.Hour, 100); len(heads) != len(accounts) || len(x.bring(time.Hour, 100)) != 0 {
		x.t.Fatalf("%d were leased at once, want one for each account, and then none", len(heads))
	} else {
		for _, d := range heads {
			x.equal("leased", all[d.Seq-1].Body, d.Body)
			x.must(x.s.Settle(x.ctx(), store.Settled{Receiver: d.Receiver, Event: d.Event, Attempt: d.Attempt, State: store.DeliveryDue, Error: "busy"}))
		}
	}
	var mu sync.Mutex
	told := map[jieling.AccountID][]int64{}
	together(6, func(int) {
		for begun := time.Now(); time.Since(begun) < patience; {
			got, err := x.s.ClaimDeliveries(x.ctx(), time.Hour, 2)
			if err != nil {
				x.t.Errorf("claiming: %v", err)
				return
			}
			for _, d := range got {
				mu.Lock()
				told[d.Account] = append(told[d.Account], d.Seq)
				mu.Unlock()
				if err := x.s.Settle(x.ctx(), store.Settled{Receiver: d.Receiver, Event: d.Event, Attempt: d.Attempt, State: store.DeliveryDone, Status: 204}); err != nil {
					x.t.Errorf("settling: %v", err)
				}
			}
			mu.Lock()
			n := 0
			for _, seqs := range told {
				n += len(seqs)
			}
			mu.Unlock()
			if n == len(all) {
				return
			}
		}
	})
	for _, a := range accounts {
		if len(told[a]) != each || !slices.IsSorted(told[a]) {
			x.t.Errorf("%s was told %v", a, told[a])
		}
	}
	done, err := x.s.Deliveries(x.ctx(), store.DeliveryQuery{Receiver: r.ID, State: store.DeliveryDone, Limit: len(all) + 1})
	x.must(err)
	if len(done) != len(all) || done[0].Seq != int64(len(all)) || done[0].Status != 204 || done[0].SettledAt.IsZero() {
		x.t.Errorf("%d of %d are listed as done, the newest %+v", len(done), len(all), done[0])
	}
	waiting, err := x.s.Deliveries(x.ctx(), store.DeliveryQuery{Receiver: poll.ID, State: store.DeliveryDue, Oldest: true, Limit: 2})
	x.must(err)
	if len(waiting) != 2 || waiting[0].Seq != 1 || waiting[1].Seq != 2 {
		x.t.Errorf("what a poller would fetch: %+v", waiting)
	}
}

// staleSettlement lets a lease lapse, has the delivery claimed again, and then hears from the first holder (S29). What was given
// up on lets its followers go, and can be put back.
func staleSettlement(x exam) {
	r := x.receiver(store.ByWebhook)
	x.enqueue(r, deliveryOf(1, "acc_a"), deliveryOf(2, "acc_a"))
	first := x.bring(time.Microsecond, 5)
	if len(first) != 1 {
		x.t.Fatalf("first claim gave %+v", first)
	}
	second := x.bring(time.Hour, 5)
	for begun := time.Now(); len(second) == 0 && time.Since(begun) < patience; {
		second = x.bring(time.Hour, 5)
	}
	if len(second) != 1 || second[0].Event != "evt_1" || second[0].Attempt != 2 {
		x.t.Fatalf("after the lease lapsed the claim gave %+v", second)
	}
	dead := store.Settled{Receiver: r.ID, Event: "evt_1", State: store.DeliveryDead, Status: 500, Error: "status 500"}
	for _, attempt := range []int{1, 3} {
		stale := dead
		stale.Attempt = attempt
		if err := x.s.Settle(x.ctx(), stale); !errors.Is(err, store.ErrStale) {
			x.t.Errorf("attempt %d beside 2: %v, want ErrStale", attempt, err)
		}
	}
	dead.Attempt = 2
	x.must(x.s.Settle(x.ctx(), dead))
	if err := x.s.Settle(x.ctx(), dead); !errors.Is(err, store.ErrStale) {
		x.t.Errorf("settled twice: %v", err)
	}
	if is := x.find(r.ID); is.Dead != 1 || is.Waiting != 1 {
		x.t.Errorf("%d dead, %d waiting", is.Dead, is.Waiting)
	}
	if next := x.bring(time.Hour, 5); len(next) != 1 || next[0].Event != "evt_2" {
		x.t.Errorf("behind a dead one: %+v", next)
	}
	x.must(x.s.Settle(x.ctx(), store.Settled{Receiver: r.ID, Event: "evt_1", From: store.DeliveryDead, State: store.DeliveryDue}))
	again := x.bring(time.Hour, 5)
	if len(again) != 1 || again[0].Event != "evt_1" || again[0].Status != 500 && again[0].Status != 0 {
		x.t.Errorf("put back: %+v", again)
	}
	x.must(x.s.Settle(x.ctx(), store.Settled{Receiver: r.ID, Event: "evt_1", State: store.DeliveryDue, After: time.Hour}))
	if early := x.bring(time.Hour, 5); len(early) > 0 {
		x.t.Errorf("before its time: %+v", early)
	}
}
