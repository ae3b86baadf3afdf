package engine_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/provider"
)

// exchange is a carrier that answers as a test says, and remembers since when it was asked.
type exchange struct {
	says  map[string]jieling.Holder
	down  bool
	asked map[string]time.Time
	times int
}

func (x *exchange) Holder(_ context.Context, number string, bound time.Time) (jieling.Holder, error) {
	x.times++
	if x.down {
		return jieling.HolderSame, errors.New("down, and " + number + " is not to be told") // an answer beside an error counts for nothing
	}
	x.asked[number] = bound
	return x.says[number], nil
}

const otherNumber = "+8613800000002"

// numbered is an owner with two numbers, and a carrier that knows them.
func numbered(t *testing.T, bound ...string) (*owner, *exchange) {
	w := newWorld(t)
	x := &exchange{says: map[string]jieling.Holder{number: jieling.HolderSame, otherNumber: jieling.HolderSame}, asked: map[string]time.Time{}}
	w.Carrier = x
	o := w.owner("numbered", bound...)
	_, err := o.change(w.product, engine.SettingsChange{Reminders: no()}) // what is told here is about numbers
	w.ok(err)
	o.later(100 * day)
	return o, x
}

func (o *owner) resolvePhone(n string) engine.Resolution {
	o.t.Helper()
	r, err := o.Resolve(o.ctx, o.product, engine.ResolveQuery{Provider: jieling.Phone, Subject: n, Network: "known"})
	o.ok(err)
	return r
}

func (o *owner) bound(n string) jieling.Binding {
	o.t.Helper()
	v, err := o.Account(o.ctx, o.product, o.account)
	o.ok(err)
	last := n[len(n)-4:]
	i := slices.IndexFunc(v.Bindings, func(b jieling.Binding) bool { return b.Provider == jieling.Phone && strings.HasSuffix(b.Label, last) })
	if i < 0 {
		o.t.Fatalf("no number ending in %s", last)
	}
	return v.Bindings[i]
}

// A4: a number that changed hands opens nothing: the binding is suspended with its audit row, the ways in are counted anew,
// what was opened by it ends, and the owner is told at the other number, not at this one.
func TestA4_ANumberThatChangedHandsOpensNothing(t *testing.T) {
	o, x := numbered(t, number, otherNumber)
	if r := o.resolvePhone(number); r.Outcome != engine.Allow {
		t.Fatalf("the same holder: %+v", r)
	}
	if at := x.asked[number]; o.bound(number).CreatedAt.Sub(at).Abs() > time.Second {
		t.Errorf("asked about %s, bound %s", at, o.bound(number).CreatedAt)
	}
	x.says[number] = jieling.HolderChanged
	o.later(2 * day)
	if r := o.resolvePhone(number); r.Outcome != engine.Deny || !slices.Contains(r.Reasons, "number_changed_hands") {
		t.Errorf("%+v", r)
	}
	v, err := o.Account(o.ctx, o.product, o.account)
	o.ok(err)
	if b := o.bound(number); b.State != jieling.BindingSuspended || b.Holder != jieling.HolderChanged || v.WaysIn != 2 {
		t.Errorf("%s, %s, %d ways in", b.State, b.Holder, v.WaysIn)
	}
	x.says[number] = jieling.HolderSame // carriers lag and disagree; what changed hands once is not given back by that
	o.later(2 * day)
	if r := o.resolvePhone(number); r.Outcome != engine.Deny {
		t.Errorf("afterwards: %+v", r)
	}
	o.drain()
	var told []string
	for _, m := range o.inbox.sent {
		told = append(told, m.To)
		if strings.Contains(m.Text.ZH+m.Text.EN+m.About, number[3:]) {
			t.Errorf("the notice holds the number: %+v", m)
		}
	}
	if !slices.Equal(told, []string{otherNumber}) {
		t.Errorf("told at %v", told)
	}
	rows, head, err := o.Store.AuditChain(o.ctx, o.account)
	o.ok(err)
	if i := slices.IndexFunc(rows, func(e audit.Entry) bool {
		return e.Verb == "number.changed" && bytes.Contains(e.Detail, []byte(`"changed"`))
	}); i < 0 || rows[len(rows)-1].Hash != head {
		t.Error("no audit row says so")
	}
	lately, err := o.Activity(o.ctx, o.product, o.account, engine.DeedGuard, 0, 10)
	o.ok(err)
	if !slices.ContainsFunc(lately.Deeds, func(d engine.Deed) bool { return d.Verb == "number.changed" && d.Binding.Provider == jieling.Phone }) {
		t.Errorf("the owner reads %+v", lately.Deeds)
	}
}

// S9: who came in by the number is out once its holder has changed, and nobody else is. The carrier is asked once a day, so
// somebody can come in by what it said in the morning.
func TestA4_WhoCameInByTheNumberIsOut(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		x := &exchange{says: map[string]jieling.Holder{number: jieling.HolderSame}, asked: map[string]time.Time{}}
		w.Carrier = x
		w.Providers = map[jieling.Provider]provider.Provider{jieling.Phone: &watchful{subject: number}} // a number that signs in by itself
		o := w.owner("lin", number)
		o.through(jieling.Phone)
		w.later(23 * time.Hour)
		by, other := o.through(jieling.Phone), o.signIn(o.desk.ID)
		x.says[number] = jieling.HolderChanged
		w.later(2 * time.Hour)
		if !o.live(by.Token) || x.times != 1 {
			t.Fatalf("the carrier was asked %d times", x.times)
		}
		if r := o.resolvePhone(number); r.Outcome != engine.Deny {
			t.Fatalf("%+v", r)
		}
		if o.live(by.Token) || !o.live(other.Token) {
			t.Errorf("by the number: %v, by the product: %v", o.live(by.Token), o.live(other.Token))
		}
	})
}

// S14: the last way in is not suspended away, and lets nobody in all the same.
func TestA4_TheLastWayInStaysAndOpensNothing(t *testing.T) {
	w := newWorld(t)
	x := &exchange{says: map[string]jieling.Holder{number: jieling.HolderChanged}, asked: map[string]time.Time{}}
	w.Carrier = x
	a, err := w.RegisterAccount(w.ctx, w.product, engine.Idem{}, engine.NewAccount{ExternalID: "only", Kind: jieling.Personal})
	w.ok(err)
	o := &owner{world: w, account: a.ID}
	_, err = w.AddBinding(w.ctx, w.product, engine.Idem{}, a.ID, engine.NewBinding{Provider: jieling.Phone, Subject: number})
	w.ok(err)
	for range 2 {
		if r := o.resolvePhone(number); r.Outcome != engine.Deny {
			t.Errorf("%+v", r)
		}
		x.says[number] = jieling.HolderSame // what the carrier says days later takes nothing back
		o.later(5 * day)
	}
	if b := o.bound(number); b.State != jieling.BindingActive || b.Holder != jieling.HolderChanged || x.times != 1 {
		t.Errorf("%s, %s, asked %d times", b.State, b.Holder, x.times)
	}
}

// S30: a carrier that cannot tell, or fails, lets nobody in without more, and no log has the number.
func TestS30_AnUnknownHolderIsAskedForMore(t *testing.T) {
	o, x := numbered(t, number)
	var log bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	for name, say := range map[string]func(){
		"cannot tell":    func() { x.says[number] = jieling.HolderUnknown },
		"down":           func() { x.down = true },
		"not in service": func() { x.down, x.says[number] = false, jieling.HolderInvalid },
	} {
		say()
		o.later(2 * day)
		if r := o.resolvePhone(number); r.Outcome != engine.StepUp || !slices.Contains(r.Reasons, "number_holder_unknown") {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if strings.Contains(log.String(), "1380000") || log.Len() == 0 {
		t.Errorf("the log: %s", log.String())
	}
	r, err := o.Resolve(o.ctx, o.product, engine.ResolveQuery{Provider: jieling.QQ, Subject: subject + "numbered"})
	o.ok(err)
	if before := x.times; r.Outcome != engine.Allow || x.times != before {
		t.Errorf("QQ: %+v", r)
	}
}

// A code is proof of nothing to whoever has the number now: none is sent, the case's proofs are void, and the policy hears of it.
func TestA4_NoCodeGoesToANumberThatChangedHands(t *testing.T) {
	o, x := numbered(t, number)
	v := o.open(jieling.Web)
	o.prove(v.ID, jieling.SMSCode)
	if s := signal(t, o.ask(o.by, engine.Claims{}).Signals, "holder"); s.Level != "same" || s.Trust != jieling.Attested {
		t.Errorf("%+v", s)
	}
	x.says[number] = jieling.HolderChanged
	o.later(25 * time.Hour)
	v = o.open(jieling.Web)
	sent := len(o.inbox.sent)
	_, err := o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.SMSCode, Lang: "en"})
	o.refused(jieling.CodeNotEnrolled, err)
	o.drain()
	if len(o.inbox.sent) != sent {
		t.Errorf("sent %+v", o.inbox.sent[sent:])
	}
	p := o.ask(o.by, engine.Claims{})
	if s := signal(t, p.Signals, "holder"); s.Level != "changed" || p.Decision.Scenario != jieling.Recycled || !p.Decision.Asks(jieling.Face) {
		t.Errorf("%+v, asks %+v", s, p.Decision.Requirement)
	}
}

// What a case had proven is void once a number of the account changed hands: it may have been the new holder who proved it.
func TestA4_ProofsFromBeforeAreVoid(t *testing.T) {
	for holder, goes := range map[jieling.Holder]bool{jieling.HolderSame: true, jieling.HolderChanged: false} {
		o, x := numbered(t, number, otherNumber)
		v := o.ready()
		x.says[otherNumber] = holder
		o.resolvePhone(otherNumber)
		o.drain() // the case learns of it from the worker
		held, err := o.Case(o.ctx, o.by, v.ID)
		o.ok(err)
		if held.Proved(jieling.PaymentPIN) != goes {
			t.Errorf("%s: the PIN still counts: %v", holder, !goes)
		}
		v, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
		if gone := err == nil && !v.RemovedAt.IsZero(); gone != goes {
			t.Errorf("%s: gone %v (%v)", holder, gone, err)
		}
	}
}

// A number is asked about when it is named: one out of service cannot stay, one handed out lately is young.
func TestA4_AReplacementIsAskedAbout(t *testing.T) {
	o, x := numbered(t)
	v := o.open(jieling.Android)
	name := func(n string) error {
		_, err := o.Replacement(o.ctx, o.by, engine.Idem{}, v.ID, engine.NewBinding{Provider: jieling.Phone, Subject: n}, "en")
		return err
	}
	x.says[number] = jieling.HolderInvalid
	o.refused(jieling.CodeInvalid, name(number))
	x.says[otherNumber] = jieling.HolderChanged // within the last month
	o.replace(v.ID, otherNumber)
	if b := o.bound(otherNumber); b.Holder != jieling.HolderNew || b.State != jieling.BindingActive {
		t.Errorf("%s, %s", b.Holder, b.State)
	}
	o.later(2 * day)
	if s := signal(t, o.ask(o.by, engine.Claims{}).Signals, "number_age"); s.Level != "recent" || s.Source != "carrier" {
		t.Errorf("%+v", s)
	}
}
