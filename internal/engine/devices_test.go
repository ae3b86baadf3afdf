package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

// signIn comes in from the product's app on a device.
func (o *owner) signIn(on jieling.DeviceID) engine.SignedIn {
	o.t.Helper()
	ticket, err := o.Handoff(o.ctx, o.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Web, Device: on})
	o.ok(err)
	in, err := o.Redeem(o.ctx, ticket.Token, "")
	o.ok(err)
	return in
}

// as is the actor of a session.
func (o *owner) as(in engine.SignedIn) jieling.Actor {
	o.t.Helper()
	by, _, err := o.Session(o.ctx, in.Token)
	o.ok(err)
	return by
}

func (o *owner) view() engine.AccountView {
	o.t.Helper()
	v, err := o.Account(o.ctx, o.by, o.account)
	o.ok(err)
	return v
}

// S9: after everybody else was signed out nothing that came of another session is of use: no session, no hand-off on its way,
// no question, no proof. The one who asked stays.
// V4: a thief takes the owner's device and its unlock away, and unlinking asks for a face and a day's wait; so after a payment
// password that was set anew. A device that nobody trusted and nothing lived on may go as it pleases.
func TestV4_ARemovedFactorAsksForMore(t *testing.T) {
	for name, c := range map[string]struct {
		takes func(*owner)
		want  string
	}{
		"a trusted device": {func(o *owner) { o.ok(o.RemoveDevice(o.ctx, o.by, engine.Idem{}, o.account, o.phone.ID)) }, "recent"},
		"a device with a factor": {func(o *owner) {
			other, err := o.AddDevice(o.ctx, o.product, engine.Idem{}, o.account, engine.NewDevice{Name: "tablet", Platform: jieling.Android})
			o.ok(err)
			_, err = o.Enrol(o.ctx, o.product, engine.Idem{}, o.account, engine.NewFactor{Factor: jieling.PaymentPIN, Device: other.ID, Given: []byte(pin)})
			o.ok(err)
			o.later(2 * day) // since when it is no longer new
			o.ok(o.RemoveDevice(o.ctx, o.by, engine.Idem{}, o.account, other.ID))
		}, "recent"},
		"a device with nothing": {func(o *owner) {
			other, err := o.AddDevice(o.ctx, o.product, engine.Idem{}, o.account, engine.NewDevice{Name: "café", Platform: jieling.Web})
			o.ok(err)
			o.ok(o.RemoveDevice(o.ctx, o.by, engine.Idem{}, o.account, other.ID))
		}, "none"},
		"a password set anew": {func(o *owner) {
			_, err := o.Enrol(o.ctx, o.product, engine.Idem{}, o.account, engine.NewFactor{Factor: jieling.PaymentPIN, Given: []byte("937150")})
			o.ok(err)
		}, "recent"},
		"in the case": {func(o *owner) {
			o.ready()
			o.ok(o.RemoveDevice(o.ctx, o.by, engine.Idem{}, o.account, o.phone.ID))
		}, "recent"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newWorld(t).owner("robbed", number)
			o.later(90 * day)
			if s := signal(t, o.ask(o.by, engine.Claims{}).Signals, "factor_change"); s.Level != "none" {
				t.Fatalf("before: %+v", s)
			}
			c.takes(o)
			p := o.ask(o.by, engine.Claims{})
			if s := signal(t, p.Signals, "factor_change"); s.Level != c.want || s.Trust != jieling.Observed || p.Decision.Asks(jieling.Face) != (c.want == "recent") {
				t.Errorf("%+v, asks %+v", s, p.Decision.Requirement)
			}
			o.later(day)
			if s := signal(t, o.ask(o.by, engine.Claims{}).Signals, "factor_change"); s.Level != "none" {
				t.Errorf("a day later: %+v", s)
			}
		})
	}
}

// V4, S15: the owner's device goes between the proofs and the confirmation, and nothing is removed.
func TestV4_AFactorRemovedInTheCaseStopsItsConfirmation(t *testing.T) {
	o := newWorld(t).owner("robbed", number)
	o.later(90 * day)
	v := o.ready()
	o.ok(o.RemoveDevice(o.ctx, o.by, engine.Idem{}, o.account, o.phone.ID))
	o.drain()
	o.prove(v.ID, jieling.PaymentPIN) // the removal voids what was proven
	_, err := o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.refused(jieling.CodeVerification, err)
	v, err = o.Case(o.ctx, o.by, v.ID)
	o.ok(err)
	if !v.RemovedAt.IsZero() || !v.Decision.Asks(jieling.Face) || signal(t, v.Signals, "factor_change").Level != "recent" {
		t.Errorf("gone at %s, asks %+v", v.RemovedAt, v.Decision.Requirement)
	}
}

func TestS9_SigningOutTheOthersLeavesNothingOfTheirs(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	mine, theirs := o.signIn(o.desk.ID), o.signIn("")
	waiting, err := w.Handoff(w.ctx, w.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Web})
	w.ok(err)
	v := o.ready()
	ch, err := w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.PaymentPIN})
	w.ok(err)
	idem := engine.Idem{Key: "out"}
	w.ok(w.EndOtherSessions(w.ctx, o.as(mine), idem, o.account))
	w.ok(w.EndOtherSessions(w.ctx, o.as(mine), idem, o.account)) // a double tap

	_, _, err = w.Session(w.ctx, theirs.Token)
	w.refused(jieling.CodeUnauthenticated, err)
	_, err = w.Redeem(w.ctx, waiting.Token, "")
	w.refused(jieling.CodeUnauthenticated, err)
	_, err = w.Answer(w.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(pin)})
	w.refused(jieling.CodeChallengeUsed, err)
	_, err = w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.refused(jieling.CodeVerification, err)
	if s := o.view().Sessions; len(s) != 1 || string(s[0].ID) != o.as(mine).Name {
		t.Errorf("live sessions: %+v", s)
	}
	w.drain() // the cases that nobody touches learn of it too
	if v, err = w.Case(w.ctx, o.by, v.ID); err != nil || v.Stage != jieling.StageOpen || len(v.Proofs) > 0 || o.view().Frozen {
		t.Errorf("stage %s with %d proofs (%v)", v.Stage, len(v.Proofs), err)
	}
}

// S9: a device that was removed opens nothing, proves nothing and approves nothing any more.
func TestS9_ARemovedDeviceIsOfNoUse(t *testing.T) {
	w := newWorld(t)
	o := w.owner("zhao", number)
	mine, lost := o.signIn(o.desk.ID), o.signIn(o.phone.ID)
	_, err := w.Enrol(w.ctx, w.product, engine.Idem{}, o.account, engine.NewFactor{Factor: jieling.PaymentPIN, Given: []byte("902741"), Device: o.phone.ID})
	w.ok(err)
	v := o.open(jieling.Web)
	ch, err := w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.QRApproval})
	w.ok(err)
	phone := o.as(lost)
	w.ok(w.RemoveDevice(w.ctx, o.as(mine), engine.Idem{Key: "k"}, o.account, o.phone.ID))
	w.ok(w.RemoveDevice(w.ctx, o.as(mine), engine.Idem{Key: "k"}, o.account, o.phone.ID))

	_, _, err = w.Session(w.ctx, lost.Token)
	w.refused(jieling.CodeUnauthenticated, err)
	_, err = w.ClaimApproval(w.ctx, phone, qrCode(t, ch))
	w.refused(jieling.CodeForbidden, err)
	_, err = w.Handoff(w.ctx, w.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Web, Device: o.phone.ID})
	w.refused(jieling.CodeInvalid, err)
	after := o.view()
	if len(after.Devices) != 1 || len(after.Enrolments) != 0 || len(after.Sessions) != 1 {
		t.Errorf("left are %d devices, %d factors and %d sessions", len(after.Devices), len(after.Enrolments), len(after.Sessions))
	}
	w.refused(jieling.CodeConflict, w.RemoveDevice(w.ctx, o.as(mine), engine.Idem{}, o.account, o.desk.ID)) // the one in use
	w.refused(jieling.CodeNotFound, w.RemoveDevice(w.ctx, o.as(mine), engine.Idem{}, o.account, o.phone.ID))
	_, err = w.Freeze(w.ctx, w.product, engine.Idem{}, o.account, "")
	w.ok(err)
	w.refused(jieling.CodeFrozen, w.RemoveDevice(w.ctx, w.product, engine.Idem{}, o.account, o.desk.ID))
}

func qrCode(t *testing.T, ch engine.ChallengeView) string {
	t.Helper()
	_, after, _ := strings.Cut(string(ch.Public), `"code":"`)
	code, _, ok := strings.Cut(after, `"`)
	if !ok {
		t.Fatalf("no code in %s", ch.Public)
	}
	return code
}

func TestS9_OneSessionEndsAndNoOther(t *testing.T) {
	w := newWorld(t)
	o, stranger := w.owner("lin", number), w.owner("sun", "+8613800000009")
	mine, theirs, foreign := o.signIn(o.desk.ID), o.signIn(o.phone.ID), stranger.signIn("")
	w.refused(jieling.CodeNotFound, w.EndSession(w.ctx, o.as(mine), engine.Idem{}, o.account, foreign.Session)) // S3
	w.refused(jieling.CodeNotFound, w.EndSession(w.ctx, stranger.as(foreign), engine.Idem{}, o.account, theirs.Session))
	w.ok(w.EndSession(w.ctx, o.as(mine), engine.Idem{}, o.account, theirs.Session))
	w.refused(jieling.CodeNotFound, w.EndSession(w.ctx, o.as(mine), engine.Idem{}, o.account, theirs.Session))
	for token, want := range map[string]jieling.Code{mine.Token: "", theirs.Token: jieling.CodeUnauthenticated, foreign.Token: ""} {
		if _, _, err := w.Session(w.ctx, token); jieling.CodeOf(err) != want {
			t.Errorf("a session is answered %v, want %q", err, want)
		}
	}
	w.ok(w.EndOtherSessions(w.ctx, w.product, engine.Idem{}, o.account)) // a product sits nowhere: all of them
	_, _, err := w.Session(w.ctx, mine.Token)
	w.refused(jieling.CodeUnauthenticated, err)
}

// Coming in leaves a trace: the device was seen, and the account's record says so.
func TestASignInIsOnRecord(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	w.later(24 * time.Hour)
	o.signIn(o.phone.ID)
	v := o.view()
	i := slices.IndexFunc(v.Devices, func(d jieling.Device) bool { return d.ID == o.phone.ID })
	if i < 0 || !v.Devices[i].LastSeen.After(v.Now.Add(-time.Minute)) {
		t.Errorf("the phone: %+v", v.Devices)
	}
	rows, err := w.Store.AuditTail(w.ctx, o.account, 0, 1)
	if err != nil || len(rows) != 1 || rows[0].Verb != "sign_in" || !strings.Contains(string(rows[0].Detail), string(o.phone.ID)) {
		t.Errorf("on record: %+v (%v)", rows, err)
	}
}
