package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/store"
)

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

// change changes the account's settings, as an actor.
func (o *owner) change(by jieling.Actor, in engine.SettingsChange) (engine.SettingsView, error) {
	return o.ChangeSettings(o.ctx, by, engine.Idem{}, o.account, in)
}

// fresh asks for a fresh proof and answers it with the payment password.
func (o *owner) fresh(by jieling.Actor, given string) engine.FreshProof {
	o.t.Helper()
	ch, err := o.AskProof(o.ctx, by, o.account, jieling.PaymentPIN, "en")
	o.ok(err)
	return engine.FreshProof{Challenge: ch.ID, Given: []byte(given)}
}

func (o *owner) name() string { return strings.TrimPrefix(o.by.Name, "ses_") }

// arrive asks what to do with a sign-in by QQ.
func (o *owner) arrive(q engine.ResolveQuery) engine.Resolution {
	o.t.Helper()
	q.Provider, q.Subject = jieling.QQ, subject+o.name()
	r, err := o.Resolve(o.ctx, o.product, q)
	o.ok(err)
	return r
}

// told counts what was sent to a number that has these words in it.
func (o *owner) told(words string) (n int) {
	o.t.Helper()
	o.drain()
	o.inbox.mu.Lock()
	defer o.inbox.mu.Unlock()
	for _, m := range o.inbox.sent {
		if m.To == number && strings.Contains(m.Text.EN, words) {
			n++
		}
	}
	return n
}

func TestH1_TheDeviceLockAsksForMoreOnADeviceNobodyKnows(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lock", number)
		v, err := o.change(o.by, engine.SettingsChange{DeviceLock: yes()}) // at once, with nothing asked
		o.ok(err)
		if !v.Account.Settings.DeviceLock || !v.LockHeld.Empty() {
			t.Fatalf("the lock is %v, held by %q", v.Account.Settings.DeviceLock, v.LockHeld.EN)
		}
		for what, tt := range map[string]struct {
			q    engine.ResolveQuery
			want engine.ResolveOutcome
		}{
			"one of the account's":                    {engine.ResolveQuery{DeviceID: o.desk.ID}, engine.Allow},
			"nobody says which":                       {engine.ResolveQuery{}, engine.StepUp},
			"the product knows it":                    {engine.ResolveQuery{Device: "known"}, engine.Allow},
			"somebody else's, called known":           {engine.ResolveQuery{DeviceID: "dev_other", Device: "trusted"}, engine.StepUp},
			"new to the product and to the account's": {engine.ResolveQuery{Device: "new"}, engine.StepUp},
		} {
			if r := o.arrive(tt.q); r.Outcome != tt.want || tt.want == engine.StepUp && !slices.Equal(r.Reasons, []string{"device_unknown"}) {
				t.Errorf("%s: %s %v, want %s", what, r.Outcome, r.Reasons, tt.want)
			}
		}
	})
}

func TestH1_TheLockGoesOffForItsOwnerAlone(t *testing.T) {
	w := newWorld(t)
	o := w.owner("unlock", number)
	off := func(by jieling.Actor, p engine.FreshProof) error {
		_, err := o.change(by, engine.SettingsChange{DeviceLock: no(), Proof: p})
		return err
	}
	_, err := o.change(o.by, engine.SettingsChange{DeviceLock: yes()})
	o.ok(err)
	w.refused(jieling.CodeVerification, off(o.by, engine.FreshProof{}))
	w.refused(jieling.CodeWrongAnswer, off(o.by, o.fresh(o.by, "135792")))
	thief := w.owner("thief")
	w.refused(jieling.CodeChallengeUsed, off(o.by, thief.fresh(thief.by, pin))) // a proof of another account (S8)
	if n := o.told("was changed"); n != 0 {
		t.Errorf("told %d times of what did not happen", n)
	}
	proof := o.fresh(o.by, pin)
	o.ok(off(o.by, proof))
	if r := o.arrive(engine.ResolveQuery{}); r.Outcome != engine.Allow {
		t.Errorf("off, and still %s %v", r.Outcome, r.Reasons)
	}
	if n := o.told("was changed"); n != 1 {
		t.Errorf("told %d times", n)
	}
	_, err = o.change(o.by, engine.SettingsChange{DeviceLock: yes()})
	o.ok(err)
	w.refused(jieling.CodeChallengeUsed, off(o.by, proof)) // used up (S8)
	o.ok(off(w.product, engine.FreshProof{}))              // the product answers for the owner
}

func TestR5_WhatOpensTheAccountWaitsForTheGuardedWindow(t *testing.T) {
	w := newWorld(t)
	o := w.owner("guarded")
	_, err := o.change(o.by, engine.SettingsChange{DeviceLock: yes()})
	o.ok(err)
	v := o.ready()
	_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	for what, by := range map[string]jieling.Actor{"the owner": o.by, "the product": w.product} {
		_, err := o.change(by, engine.SettingsChange{DeviceLock: no()})
		if jieling.CodeOf(err) != jieling.CodeGuarded {
			t.Errorf("%s: %v", what, err)
		}
		_, err = o.ChangeDevice(o.ctx, by, engine.Idem{}, o.account, o.desk.ID, engine.DeviceChange{Trusted: yes()})
		if jieling.CodeOf(err) != jieling.CodeGuarded {
			t.Errorf("%s trusts a device: %v", what, err)
		}
	}
	_, err = o.change(o.by, engine.SettingsChange{Reminders: no()}) // neither opens nor shuts anything
	o.ok(err)
	w.later(25 * time.Hour)
	_, err = o.change(w.product, engine.SettingsChange{DeviceLock: no()})
	o.ok(err)
}

func TestH5_SignInFromNamedDevicesAlone(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("shop", number)
		_, err := o.Handoff(o.ctx, w.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Web, Device: o.desk.ID})
		o.ok(err)
		waiting, err := o.Handoff(o.ctx, w.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Web})
		o.ok(err)
		_, err = o.change(o.by, engine.SettingsChange{NamedOnly: yes()})
		w.refused(jieling.CodeVerification, err) // a thief with a session shuts nobody out
		v, err := o.change(o.by, engine.SettingsChange{NamedOnly: yes(), Proof: o.fresh(o.by, pin)})
		o.ok(err)
		for _, d := range v.Devices {
			if !d.Named {
				t.Errorf("%s is left out: the trusted devices and the one in hand are on the list", d.Name)
			}
		}
		if r := o.arrive(engine.ResolveQuery{DeviceID: o.phone.ID}); r.Outcome != engine.Allow {
			t.Errorf("named: %s %v", r.Outcome, r.Reasons)
		}
		for what, q := range map[string]engine.ResolveQuery{"no device": {}, "trusted by the product": {Device: "trusted"}, "another's": {DeviceID: "dev_other"}} {
			if r := o.arrive(q); r.Outcome != engine.Deny || !slices.Equal(r.Reasons, []string{"device_not_named"}) {
				t.Errorf("%s: %s %v", what, r.Outcome, r.Reasons)
			}
		}
		_, err = o.Redeem(o.ctx, waiting.Token, "")
		w.refused(jieling.CodeForbidden, err) // a ticket from before the list
		_, err = o.Handoff(o.ctx, w.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Web})
		w.refused(jieling.CodeForbidden, err)
	})
}

func TestH5_NobodyIsLockedOutByTheList(t *testing.T) {
	w := newWorld(t)
	o := w.owner("list", number)
	on := func(by jieling.Actor, list ...jieling.DeviceID) error {
		in := engine.SettingsChange{NamedOnly: yes(), Named: &list}
		if by.Kind == jieling.ActorPerson {
			in.Proof = o.fresh(by, pin)
		}
		_, err := o.change(by, in)
		return err
	}
	w.refused(jieling.CodeLastWayIn, on(w.product))
	w.refused(jieling.CodeLastWayIn, on(o.by, o.phone.ID)) // without the one in hand
	w.refused(jieling.CodeInvalid, on(w.product, "dev_other"))
	nowhere := o.by
	nowhere.Device = ""
	w.refused(jieling.CodeLastWayIn, on(nowhere, o.phone.ID))
	o.ok(on(o.by, o.desk.ID))
	w.refused(jieling.CodeLastWayIn, o.RemoveDevice(o.ctx, w.product, engine.Idem{}, o.account, o.desk.ID))
	_, err := o.ChangeDevice(o.ctx, w.product, engine.Idem{}, o.account, o.desk.ID, engine.DeviceChange{Lost: yes()})
	w.refused(jieling.CodeLastWayIn, err)
	o.ok(o.RemoveDevice(o.ctx, w.product, engine.Idem{}, o.account, o.phone.ID))
	v, err := o.change(w.product, engine.SettingsChange{NamedOnly: no()})
	o.ok(err)
	if r := o.arrive(engine.ResolveQuery{}); r.Outcome != engine.Allow || v.Account.Settings.NamedOnly {
		t.Errorf("off, and still %s %v", r.Outcome, r.Reasons)
	}
}

func TestH3_ALostDeviceOpensNothing(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lost", number)
	d, err := o.ChangeDevice(o.ctx, o.by, engine.Idem{}, o.account, o.phone.ID, engine.DeviceChange{Lost: yes()})
	o.ok(err)
	if d.Trusted || d.LostAt.IsZero() {
		t.Fatalf("%+v", d)
	}
	if r := o.arrive(engine.ResolveQuery{DeviceID: o.phone.ID, Device: "trusted"}); r.Outcome != engine.StepUp {
		t.Errorf("signs in on a lost device: %s", r.Outcome)
	}
	_, err = o.Handoff(o.ctx, w.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Android, Device: o.phone.ID})
	w.refused(jieling.CodeForbidden, err)
	_, err = o.change(w.product, engine.SettingsChange{DeviceLock: no()})
	w.refused(jieling.CodeConflict, err) // the lock stays on while it is lost
	if n := o.told("marked as lost"); n != 1 {
		t.Errorf("told %d times", n)
	}
	found := engine.DeviceChange{Lost: no()}
	_, err = o.ChangeDevice(o.ctx, o.by, engine.Idem{}, o.account, o.phone.ID, found)
	w.refused(jieling.CodeVerification, err)
	found.Proof = o.fresh(o.by, pin)
	_, err = o.ChangeDevice(o.ctx, o.by, engine.Idem{}, o.account, o.phone.ID, found)
	o.ok(err)
	_, err = o.change(w.product, engine.SettingsChange{DeviceLock: no()})
	o.ok(err)
}

// lockCase is a case whose situation asks for the device lock: an abnormal one on an iPhone.
func (o *owner) lockCase() engine.CaseView {
	o.t.Helper()
	v, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, engine.NewCase{Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.IOS, Reason: jieling.ReasonTheft})
	o.ok(err)
	return v
}

func TestV2_TheLockIsForcedOnAndStaysOn(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("ios", number)
		v := o.lockCase()
		ch, err := o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.DeviceLock, Lang: "en"})
		o.ok(err)
		_, err = o.Answer(o.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte("off")})
		w.refused(jieling.CodeInvalid, err)
		key := engine.Idem{Key: "lock", Fingerprint: [32]byte{1}}
		for range 2 { // the repeat of a request
			out, err := o.Answer(o.ctx, o.by, key, engine.NewAnswer{Challenge: ch.ID, Given: []byte("on")})
			o.ok(err)
			if !out.Case.Proved(jieling.DeviceLock) {
				t.Fatalf("proofs: %+v", out.Case.Proofs)
			}
		}
		if r := o.resolvePhone(number); r.Outcome != engine.StepUp { // the stolen login itself opens nothing now (P1)
			t.Errorf("proven, and a sign-in anywhere is %s", r.Outcome)
		}
		if n := o.told("device lock was switched on"); n != 1 {
			t.Errorf("told %d times", n)
		}
		for what, by := range map[string]jieling.Actor{"the owner": o.by, "the product": w.product} {
			in := engine.SettingsChange{DeviceLock: no()}
			if by.Kind == jieling.ActorPerson {
				in.Proof = o.fresh(by, pin)
			}
			if _, err := o.change(by, in); jieling.CodeOf(err) != jieling.CodeConflict {
				t.Errorf("%s: %v", what, err)
			}
		}
		s, err := o.Settings(o.ctx, o.by, o.account)
		o.ok(err)
		if s.LockHeld.Empty() {
			t.Error("nobody says why it cannot be switched off")
		}
		_, err = o.Cancel(o.ctx, o.by, engine.Idem{}, v.ID)
		o.ok(err)
		_, err = o.change(w.product, engine.SettingsChange{DeviceLock: no()})
		o.ok(err)
	})
}

// A lock that was on before is proven as well, and nobody is told twice.
func TestV2_ALockThatIsOnIsProven(t *testing.T) {
	w := newWorld(t)
	o := w.owner("on", number)
	_, err := o.change(o.by, engine.SettingsChange{DeviceLock: yes()})
	o.ok(err)
	v := o.lockCase()
	ch, err := o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.DeviceLock, Lang: "en"})
	o.ok(err)
	_, err = o.Answer(o.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte("on")})
	o.ok(err)
	if n := o.told("device lock was switched on"); n != 0 {
		t.Errorf("told %d times of what was so before", n)
	}
}

func TestS26_GuessesAtAFreshProofAreCounted(t *testing.T) {
	w := newWorld(t)
	o := w.owner("guess", number)
	_, err := o.change(o.by, engine.SettingsChange{DeviceLock: yes()})
	o.ok(err)
	p, wrong := o.fresh(o.by, "135792"), 0
	for range 8 {
		_, err := o.change(o.by, engine.SettingsChange{DeviceLock: no(), Proof: p})
		switch jieling.CodeOf(err) {
		case jieling.CodeWrongAnswer:
			wrong++
		case jieling.CodeTooMany:
		default:
			t.Fatalf("answered %v", err)
		}
	}
	if wrong != 5 {
		t.Errorf("%d guesses were looked at", wrong)
	}
	p.Given = []byte(pin)
	_, err = o.change(o.by, engine.SettingsChange{DeviceLock: no(), Proof: p})
	w.refused(jieling.CodeTooMany, err)
}

// What the session set up by itself lately shows nothing but the session.
func TestS4_AProofNeedsWhatASessionCannotBring(t *testing.T) {
	w := newWorld(t)
	o := w.owner("young")
	v, err := o.Settings(o.ctx, o.by, o.account)
	o.ok(err)
	if !slices.Equal(v.Proofs, []jieling.Factor{jieling.PaymentPIN}) {
		t.Errorf("offered: %v", v.Proofs)
	}
	_, err = o.AskProof(o.ctx, o.by, o.account, jieling.SMSCode, "en")
	w.refused(jieling.CodeNotEnrolled, err)
	_, err = o.AskProof(o.ctx, w.product, o.account, jieling.PaymentPIN, "en")
	w.refused(jieling.CodeForbidden, err)
}

// forget makes the account one from before there were settings.
func (o *owner) forget() {
	o.t.Helper()
	o.ok(o.Store.Update(o.ctx, store.Need{Account: o.account}, func(s store.Snapshot) (store.Change, error) {
		a := *s.Account
		a.Settings = jieling.Settings{}
		a.Version++
		entry := audit.Entry{Account: a.ID, Seq: a.Version, Actor: "test", Verb: "test", At: s.Now, Detail: []byte("{}")}.After(a.AuditHead)
		a.AuditHead = entry.Hash
		return store.Change{Account: &a, Audit: &entry}, nil
	}))
}

// The centre's own sign-in by a provider knows no device: with the lock or the list on nobody comes in that way.
func TestH1_TheCentreKnowsNoDeviceByAProvider(t *testing.T) {
	w := newWorld(t)
	o := w.owner("centre", number)
	w.Providers = map[jieling.Provider]provider.Provider{jieling.QQ: &watchful{subject: subject + "centre"}}
	come := func() error {
		_, err := w.SignIn(w.ctx, jieling.QQ, "code", jieling.Web, "")
		return err
	}
	o.ok(come())
	_, err := o.change(o.by, engine.SettingsChange{DeviceLock: yes()})
	o.ok(err)
	w.refused(jieling.CodeVerification, come())
	_, err = o.change(w.product, engine.SettingsChange{DeviceLock: no(), NamedOnly: yes()})
	o.ok(err)
	w.refused(jieling.CodeForbidden, come())
}
