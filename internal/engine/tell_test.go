package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/store"
)

// The owner is told of whatever stops their account, lets it go on, or takes a means of theirs away: once at every number of theirs, in
// both languages, and never at a number that came with a case which is still open (ASVS 6.3.7).
func TestS20_TheOwnerIsToldOnceAtEveryNumberOfTheirs(t *testing.T) {
	none := engine.Idem{}
	freeze := func(o *owner) error { _, err := o.Freeze(o.ctx, o.by, none, o.account, ""); return err }
	unfreeze := func(o *owner) error { _, err := o.Unfreeze(o.ctx, o.product, none, o.account, ""); return err }
	hold := func(o *owner) error {
		o.ok(o.AskHold(o.ctx, number, "en"))
		o.drain()
		return o.Hold(o.ctx, number, o.inbox.code(number))
	}
	for _, tt := range []struct {
		name, says    string
		before, cause func(*owner) error
	}{
		{"frozen", "the account was frozen", nil, freeze},
		{"unfrozen", "the freeze was lifted", freeze, unfreeze},
		{"held", "nothing be changed for 24 hours", nil, hold},
		{"released", "the pause on changes was ended", hold, unfreeze},
		{"a device", "a device was removed", nil, func(o *owner) error { return o.RemoveDevice(o.ctx, o.by, none, o.account, o.phone.ID) }},
		{"a factor", "a way of verifying was replaced", nil, func(o *owner) error {
			_, err := o.Enrol(o.ctx, o.product, none, o.account, engine.NewFactor{Factor: jieling.PaymentPIN, Given: []byte("902741")})
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onBothStores(t, func(t *testing.T, w *world) {
				o := w.owner("lin", number, otherNumber)
				v := o.open(jieling.Android)
				o.replace(v.ID, theirNumber)
				if tt.before != nil {
					w.ok(tt.before(o))
				}
				w.drain()
				w.inbox.sent = nil
				w.ok(tt.cause(o))
				o.asksOnce()
				w.drain()
				told := w.inbox.notices()
				for _, n := range []string{number, otherNumber} {
					if len(told[n]) != 1 || !strings.Contains(told[n][0], tt.says) {
						t.Errorf("told at %s: %q", n, told[n])
					}
				}
				if len(told[theirNumber]) != 0 {
					t.Errorf("whoever brought a number along was told: %q", told[theirNumber])
				}
				for _, m := range w.inbox.sent {
					if m.Code == "" && (!strings.HasPrefix(m.Text.ZH, "账号安全提醒：") || m.Text.ZH == m.Text.EN || strings.Contains(m.Text.ZH+m.Text.EN, number[3:])) {
						t.Errorf("%+v", m.Text)
					}
				}
			})
		})
	}
}

// asksOnce sees that the notices which wait have each a key of their own, which begins with what it is about and ends with where it
// goes: the same cause cannot ask twice.
func (o *owner) asksOnce() {
	o.t.Helper()
	due, err := o.Store.Effects(o.ctx, o.account, jieling.EffectDue, 100)
	o.ok(err)
	for _, eff := range due {
		about, rest, _ := strings.Cut(eff.Key, "/")
		known := slices.ContainsFunc([]string{"acc", "dev", "fac"}, func(kind string) bool { return jieling.ValidID(kind, about) })
		if eff.Kind == jieling.EffectNotify && (!known || !strings.HasSuffix(rest, string(eff.Payload)+"/"+eff.Subject)) {
			o.t.Errorf("the key %s", eff.Key)
		}
	}
}

// A number that changed hands after the notice was asked for hears nothing of it.
func TestANoticeDoesNotReachANewHolder(t *testing.T) {
	o, x := numbered(t, number, otherNumber)
	_, err := o.Freeze(o.ctx, o.product, engine.Idem{}, o.account, "")
	o.ok(err)
	x.says[number] = jieling.HolderChanged
	_, err = o.Unfreeze(o.ctx, o.product, engine.Idem{}, o.account, "")
	o.ok(err)
	o.resolvePhone(number)
	o.drain()
	told := o.inbox.notices()
	if len(told[number]) != 0 || len(told[otherNumber]) != 3 {
		t.Errorf("told: %v", told)
	}
}

// S13: whoever came in during a freeze, to see what is the matter, is out when it ends, and so is a hand-off made meanwhile. What the
// freeze was against may be among them. Lifting a hold signs nobody out.
func TestS13_ASessionOpenedDuringAFreezeEndsWithIt(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin", number)
		_, err := w.Freeze(w.ctx, w.product, engine.Idem{}, o.account, "")
		w.ok(err)
		during := o.signIn(o.desk.ID)
		by := o.as(during)
		waiting, err := w.Handoff(w.ctx, w.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Web})
		w.ok(err)
		_, err = w.OpenCase(w.ctx, by, engine.Idem{}, engine.NewCase{Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Web, Reason: jieling.ReasonOther})
		w.refused(jieling.CodeFrozen, err)
		_, err = w.Unfreeze(w.ctx, w.product, engine.Idem{}, o.account, "")
		w.ok(err)
		if o.live(during.Token) {
			t.Error("it outlives the freeze")
		}
		_, err = w.Redeem(w.ctx, waiting.Token, "")
		w.refused(jieling.CodeUnauthenticated, err)

		after := o.signIn(o.desk.ID)
		w.later(time.Minute)
		w.ok(w.AskHold(w.ctx, number, "en"))
		w.drain()
		w.ok(w.Hold(w.ctx, number, w.inbox.code(number)))
		_, err = w.Unfreeze(w.ctx, w.product, engine.Idem{}, o.account, "")
		w.ok(err)
		if v := o.view(); v.Held(v.Now) || !slices.ContainsFunc(v.Sessions, func(s store.Session) bool { return s.ID == after.Session }) {
			t.Errorf("held until %v, sessions %+v", v.HeldUntil, v.Sessions)
		}
	})
}
