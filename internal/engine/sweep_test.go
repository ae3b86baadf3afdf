package engine_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/provider"
)

// touch is a factor that a session can set up by itself.
type touch struct{}

func (touch) Issue(context.Context, factor.Ask) (factor.Issued, error) {
	return factor.Issued{TTL: time.Minute, Limit: 1}, nil
}

func (touch) Check(context.Context, jieling.Challenge, []byte, []factor.Enrolled, factor.Answer) (factor.Verdict, error) {
	return factor.Verdict{Passed: true}, nil
}

func (touch) EnrolOptions(context.Context, jieling.Account, []factor.Enrolled) (public, state []byte, err error) {
	return []byte(`{}`), nil, nil
}

func (touch) Enrol(context.Context, jieling.Account, []byte, []byte) (factor.Kept, error) {
	return factor.Kept{Secret: []byte("kept"), Label: "touch"}, nil
}

// thief is who was in the account before its owner ever proved a login of it: the product vouched for a QQ and a number, and opened
// the door to both of them.
type thief struct {
	*owner
	token string
}

const theirNumber = "+8613900000007"

func (w *world) hijacked() (*owner, thief) {
	w.t.Helper()
	w.Factors[jieling.DeviceUnlock] = touch{}
	w.Providers = map[jieling.Provider]provider.Provider{
		jieling.QQ: &watchful{subject: subject + "lin"}, jieling.WeChat: &watchful{subject: "wx_thief"},
	}
	o := w.owner("lin", number)
	in := o.signIn("")
	bad := *o
	bad.by = o.as(in)
	o.by = o.as(o.signIn(o.desk.ID))
	return o, thief{&bad, in.Token}
}

func (o *owner) touches(by jieling.Actor) jieling.Enrolment {
	o.t.Helper()
	en, err := o.Enrol(o.ctx, by, engine.Idem{}, o.account, engine.NewFactor{Factor: jieling.DeviceUnlock, Given: []byte(`{}`)})
	o.ok(err)
	return en
}

func (o *owner) through(p jieling.Provider) engine.SignedIn {
	o.t.Helper()
	in, err := o.SignIn(o.ctx, p, "code", jieling.Web, "")
	o.ok(err)
	return in
}

func (o *owner) live(token string) bool {
	o.t.Helper()
	_, _, err := o.Session(o.ctx, token)
	if err != nil {
		o.refused(jieling.CodeUnauthenticated, err)
	}
	return err == nil
}

// swept reads what the latest row of a verb says was ended.
func (o *owner) swept(verb string) map[string]int {
	o.t.Helper()
	rows, err := o.Store.AuditTail(o.ctx, o.account, 0, 50)
	o.ok(err)
	for _, row := range rows {
		var detail struct{ Swept map[string]int }
		if row.Verb == verb {
			o.ok(json.Unmarshal(row.Detail, &detail))
			return detail.Swept
		}
	}
	o.t.Fatalf("no %s on record", verb)
	return nil
}

// The first code that comes back from a number ends the sessions from before it, and the hand-offs on their way. Who proved it stays,
// with their factor, their case and what they proved in it, and finishes what they came for.
func TestS17_UnexpiredSession(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, bad := w.hijacked()
		waiting, err := w.Handoff(w.ctx, w.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Web})
		w.ok(err)
		mine, theirs := o.touches(o.by), bad.touches(bad.by)
		v := o.open(jieling.Web)
		_, err = w.BackUp(w.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
		w.ok(err)
		o.prove(v.ID, jieling.QRApproval)
		named, err := w.Replacement(w.ctx, o.by, engine.Idem{}, v.ID, engine.NewBinding{Provider: jieling.Phone, Subject: otherNumber}, "en")
		w.ok(err)
		o.prove(v.ID, jieling.SMSCode)

		if bad.live(bad.token) {
			t.Error("a session from before lives on")
		}
		_, err = w.Redeem(w.ctx, waiting.Token, "")
		w.refused(jieling.CodeUnauthenticated, err)
		after := o.view()
		if len(after.Sessions) != 1 || string(after.Sessions[0].ID) != o.by.Name {
			t.Errorf("live sessions: %+v", after.Sessions)
		}
		has := func(f jieling.Enrolment) bool {
			return slices.ContainsFunc(after.Enrolments, func(en jieling.Enrolment) bool { return en.ID == f.ID })
		}
		if !has(mine) || has(theirs) || len(after.Enrolments) != 2 {
			t.Errorf("mine %v, theirs %v, %d factors", has(mine), has(theirs), len(after.Enrolments))
		}
		if got := o.swept("case.prove"); got["sessions"] != 1 || got["factors"] != 1 || got["cases"] != 0 || got["pending"] != 0 {
			t.Errorf("on record: %v", got)
		}
		_, err = w.Answer(w.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: named.ID, Given: []byte(w.inbox.code(otherNumber))})
		w.ok(err)
		done, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
		if err != nil || done.RemovedAt.IsZero() || o.view().WaysIn != 2 {
			t.Errorf("the owner's own case: %s (%v)", done.Stage, err)
		}
	})
}

// An account that somebody else made and set up for themselves, and that its owner then enters with their own QQ: what opened it for
// the other, and what they set up from there, is gone. What the product vouches for stays.
func TestS17_ClassicFederatedMerge(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, bad := w.hijacked()
		bad.touches(bad.by)
		w.later(40 * time.Hour)
		again := bad.signIn("")
		mine := o.through(jieling.QQ)
		if bad.live(again.Token) || !o.live(mine.Token) {
			t.Errorf("theirs lives %v, mine lives %v", bad.live(again.Token), o.live(mine.Token))
		}
		v := o.view()
		if len(v.Enrolments) != 1 || v.Enrolments[0].Factor != jieling.PaymentPIN || v.WaysIn != 2 {
			t.Errorf("left are %+v and %d ways in", v.Enrolments, v.WaysIn)
		}
		second := o.through(jieling.QQ) // to use it again is no first proof
		if !o.live(mine.Token) || !o.live(second.Token) {
			t.Error("the owner threw themselves out")
		}
	})
}

// A number that somebody else named beforehand does not become a way in by a code that is typed afterwards.
func TestS17_TrojanIdentifier(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, bad := w.hijacked()
		v := bad.open(jieling.Android)
		ch, err := w.Replacement(w.ctx, bad.by, engine.Idem{}, v.ID, engine.NewBinding{Provider: jieling.Phone, Subject: theirNumber}, "en")
		w.ok(err)
		w.drain()
		o.through(jieling.QQ)
		_, err = w.Answer(w.ctx, bad.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(w.inbox.code(theirNumber))})
		w.refused(jieling.CodeChallengeUsed, err)
		if a := o.view(); a.WaysIn != 2 || len(a.Bindings) != 2 {
			t.Errorf("%d ways in, bindings %+v", a.WaysIn, a.Bindings)
		}
		if r := o.resolvePhone(theirNumber); r.Outcome != engine.Unknown {
			t.Errorf("the number opens: %+v", r)
		}
		if got := o.swept("sign_in"); got["pending"] != 1 || got["questions"] != 1 || got["cases"] != 1 || got["sessions"] != 2 {
			t.Errorf("on record: %v", got)
		}
	})
}

// A change that somebody else asked for is not carried out after the owner has proven themselves: not one that lacks only the
// confirmation, and not one that participants are preparing already.
func TestS17_UnexpiredChange(t *testing.T) {
	for name, confirmed := range map[string]bool{"ready": false, "confirmed": true} {
		t.Run(name, func(t *testing.T) {
			onBothStores(t, func(t *testing.T, w *world) {
				o, bad := w.hijacked()
				v := bad.ready()
				if confirmed {
					_, err := w.Confirm(w.ctx, bad.by, engine.Idem{}, v.ID)
					w.ok(err)
				}
				o.through(jieling.QQ)
				w.drain()
				_, err := w.Confirm(w.ctx, bad.by, engine.Idem{}, v.ID)
				if err == nil {
					t.Error("it was confirmed afterwards")
				}
				w.drain()
				c, err := w.Case(w.ctx, o.by, v.ID)
				w.ok(err)
				if want := map[bool]jieling.Stage{false: jieling.StageOpen, true: jieling.StageCompensated}[confirmed]; c.Stage != want || len(c.Proofs) > 0 && !confirmed {
					t.Errorf("the case is %s with %d proofs", c.Stage, len(c.Proofs))
				}
				if b := o.view(); b.WaysIn != 2 || !c.RemovedAt.IsZero() {
					t.Errorf("%d ways in", b.WaysIn)
				}
			}, "wallet")
		})
	}
}

// The change of the study itself: somebody else named a mailbox of theirs and waits with its link in hand. The first code that comes
// back from the owner's mailbox, which the product vouched for, ends that.
func TestS17_UnexpiredEMailChange(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		w.Factors[jieling.EmailCode] = factor.Email{Keys: w.Keys, Near: []string{"mail.example"}}
		o, bad := w.hijacked()
		_, err := o.bind(jieling.Email, mailbox)
		w.ok(err)
		w.later(time.Second)
		theirs, err := w.OpenCase(w.ctx, bad.by, engine.Idem{}, engine.NewCase{Account: o.account, Goal: jieling.Unlink, Binding: o.bound(number).ID, Platform: jieling.Web, Reason: jieling.ReasonOther})
		w.ok(err)
		named, err := w.Replacement(w.ctx, bad.by, engine.Idem{}, theirs.ID, engine.NewBinding{Provider: jieling.Email, Subject: "thief@mail.example"}, "en")
		w.ok(err)
		v, err := w.OpenCase(w.ctx, o.by, engine.Idem{}, engine.NewCase{Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Web, Reason: jieling.ReasonTheft})
		w.ok(err)
		ch, err := w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.EmailCode, Lang: "en"})
		w.ok(err)
		w.drain()
		_, err = w.Answer(w.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(w.inbox.code(mailbox))})
		w.ok(err)
		_, err = w.Answer(w.ctx, bad.by, engine.Idem{}, engine.NewAnswer{Challenge: named.ID, Given: []byte(w.inbox.code("thief@mail.example"))})
		w.refused(jieling.CodeChallengeUsed, err)
		if a := o.view(); bad.live(bad.token) || a.WaysIn != 3 || len(a.Bindings) != 3 {
			t.Errorf("their session lives %v, %d ways in, bindings %+v", bad.live(bad.token), a.WaysIn, a.Bindings)
		}
	})
}

// What somebody vouched for was not proven for it, however long ago they say it was: the first code that comes back still sweeps, also
// a session that came in by a login which was proven.
func TestS17_NonVerifyingProvider(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, bad := w.hijacked()
		_, err := w.AddBinding(w.ctx, w.product, engine.Idem{}, o.account, engine.NewBinding{Provider: jieling.WeChat, Subject: "wx_thief", VerifiedAt: time.Now().Add(-300 * day)})
		w.ok(err)
		w.later(time.Second)
		theirs := bad.through(jieling.WeChat)
		o.by = o.as(o.signIn(o.desk.ID))
		v := o.open(jieling.Web)
		o.prove(v.ID, jieling.SMSCode)
		if bad.live(theirs.Token) {
			t.Error("a session from before lives on")
		}
		theirs = bad.through(jieling.WeChat) // it is bound; to be rid of it takes a case
		w.later(2 * day)
		w.drain()
		theirs, o.by = bad.through(jieling.WeChat), o.as(o.signIn(o.desk.ID))
		v = o.open(jieling.Web)
		o.prove(v.ID, jieling.SMSCode)
		if !bad.live(theirs.Token) {
			t.Error("a second proof sweeps")
		}
	})
}

// Whoever is signed out in the middle of their case and comes back on the same device has lost nothing.
func TestS17_WhoComesBackOnTheirDeviceGoesOn(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, _ := w.hijacked()
		v := o.open(jieling.Web)
		o.prove(v.ID, jieling.QRApproval)
		o.by = o.as(o.signIn(o.desk.ID))
		if after := o.prove(v.ID, jieling.SMSCode); !after.Proved(jieling.SMSCode) || !after.Proved(jieling.QRApproval) {
			t.Errorf("proofs: %+v", after.Proofs)
		}
		if got := o.swept("case.prove"); got["sessions"] != 2 || got["cases"] != 0 {
			t.Errorf("on record: %v", got)
		}
	})
}

// A proof in somebody else's case counts there, and nothing they had proven does.
func TestS17_TheCaseOfASweptSessionBeginsAnew(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, bad := w.hijacked()
		o.by = o.as(o.signIn("")) // no more is known of where they sit than of the other
		v := bad.open(jieling.Web)
		bad.prove(v.ID, jieling.QRApproval)
		if own := o.open(jieling.Web); own.ID != v.ID {
			t.Fatal("a second case for one login")
		}
		after := o.prove(v.ID, jieling.SMSCode)
		if !after.Proved(jieling.SMSCode) || after.Proved(jieling.QRApproval) {
			t.Errorf("proofs: %+v", after.Proofs)
		}
	})
}

// The usual way: whoever replaces their login by a number proves it for the first time in the middle of their case. What they proved
// before it counts, and the case of another session does not.
func TestS17_TheUsualWayGoesOn(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin")
		_, err := w.AddBinding(w.ctx, w.product, engine.Idem{}, o.account, engine.NewBinding{Provider: jieling.WeChat, Subject: "wx_lin"})
		w.ok(err)
		other := *o
		other.by = o.as(o.signIn(""))
		o.by = o.as(o.signIn(o.desk.ID))
		w.later(time.Second)
		theirs, err := w.OpenCase(w.ctx, other.by, engine.Idem{}, engine.NewCase{Account: o.account, Goal: jieling.Unlink, Platform: jieling.Android, Reason: jieling.ReasonOther, Binding: o.binding(jieling.WeChat)})
		w.ok(err)
		other.prove(theirs.ID, jieling.PaymentPIN)
		v := o.open(jieling.Android)
		o.prove(v.ID, jieling.PaymentPIN)
		o.replace(v.ID, number)
		_, err = w.BackUp(w.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
		w.ok(err)
		w.drain()
		if theirs, err = w.Case(w.ctx, o.by, theirs.ID); err != nil || theirs.Proved(jieling.PaymentPIN) {
			t.Errorf("the other case is %s with %+v (%v)", theirs.Stage, theirs.Proofs, err)
		}
		done, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
		if err != nil || done.RemovedAt.IsZero() {
			t.Errorf("%s (%v)", done.Stage, err)
		}
	})
}

// What has passed its commit point goes on, and its owner keeps the link by which they can deny it.
func TestS17_PastTheCommitPointACaseGoesOn(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, bad := w.hijacked()
		_, err := w.AddBinding(w.ctx, w.product, engine.Idem{}, o.account, engine.NewBinding{Provider: jieling.WeChat, Subject: "wx_thief"})
		w.ok(err)
		w.later(time.Second)
		v, token := bad.removed()
		theirs, err := w.OpenCase(w.ctx, bad.by, engine.Idem{}, engine.NewCase{Account: o.account, Goal: jieling.Unlink, Platform: jieling.Web, Reason: jieling.ReasonOther, Binding: o.binding(jieling.WeChat)})
		w.ok(err)
		o.prove(theirs.ID, jieling.SMSCode)
		w.drain()
		after, err := w.Case(w.ctx, o.by, v.ID)
		if err != nil || after.Stage != jieling.StageGuarded || o.swept("case.prove")["cases"] != 1 {
			t.Fatalf("the case is %s (%v), swept %v", after.Stage, err, o.swept("case.prove"))
		}
		if undone, err := w.NotMe(w.ctx, token); err != nil || !undone {
			t.Errorf("undone %v (%v)", undone, err)
		}
	})
}

// A thief who brings a number along throws the owner out with it, and cannot keep it quiet, nor stop who is about to stop them.
func TestS17_ASweepIsToldToTheOwner(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, bad := w.hijacked()
		w.ok(w.AskHold(w.ctx, number, "en"))
		v := bad.open(jieling.Android)
		bad.replace(v.ID, theirNumber)
		w.drain()
		if len(o.view().Sessions) != 1 {
			t.Error("nothing was swept")
		}
		if told := w.inbox.notices(); len(told[number]) != 1 || len(told[theirNumber]) != 0 {
			t.Errorf("told: %v", told)
		}
		w.ok(w.Hold(w.ctx, number, w.inbox.code(number)))
		if a := o.view(); !a.Held(a.Now) {
			t.Error("the owner cannot stop it")
		}
	})
}

func (o *owner) binding(p jieling.Provider) jieling.BindingID {
	o.t.Helper()
	v := o.view()
	i := slices.IndexFunc(v.Bindings, func(b jieling.Binding) bool { return b.Provider == p })
	if i < 0 {
		o.t.Fatalf("no %s", p)
	}
	return v.Bindings[i].ID
}

// notices are the English sentences that were sent without a code, by number.
func (i *inbox) notices() map[string][]string {
	i.mu.Lock()
	defer i.mu.Unlock()
	out := map[string][]string{}
	for _, m := range i.sent {
		if m.Code == "" {
			out[m.To] = append(out[m.To], m.Text.EN)
		}
	}
	return out
}
