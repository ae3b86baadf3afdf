package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/factor"
)

// robbed is an owner who says on the web that their QQ was stolen, and who has proven all that is asked but the freeze (V2).
func (w *world) robbed() (*owner, jieling.CaseID) {
	w.t.Helper()
	w.Factors[jieling.EmailCode] = factor.Email{Keys: w.Keys}
	w.Factors[jieling.Face] = touch{}
	w.Factors[jieling.AccountFreeze] = factor.Freeze{Keys: w.Keys}
	o := w.owner("lin", number)
	_, err := o.bind(jieling.Email, mailbox)
	o.ok(err)
	o.later(25 * time.Hour)
	o.by = o.as(o.signIn(o.desk.ID))
	v, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, engine.NewCase{
		Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Web, Reason: jieling.ReasonTheft,
	})
	o.ok(err)
	if v.Decision.Backup {
		_, err := o.BackUp(o.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
		o.ok(err)
	}
	o.ok(o.takes(v.ID, "freeze-qq"))
	for _, f := range []jieling.Factor{jieling.SMSCode, jieling.QRApproval, jieling.Face} {
		o.prove(v.ID, f)
	}
	_, err = o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.AccountFreeze})
	o.refused(jieling.CodeVerification, err) // the mail is still missing
	ch, err := o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.EmailCode})
	o.ok(err)
	o.drain()
	o.gives(ch.ID, o.inbox.code(mailbox))
	return o, v.ID
}

func (o *owner) gives(id jieling.ChallengeID, what string) engine.CaseView {
	o.t.Helper()
	got, err := o.Answer(o.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: id, Given: []byte(what)})
	o.ok(err)
	return got.Case
}

// freezesFor freezes the account for a case.
func (o *owner) freezesFor(id jieling.CaseID) engine.CaseView {
	o.t.Helper()
	ch, err := o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: id, Factor: jieling.AccountFreeze})
	o.ok(err)
	return o.gives(ch.ID, "freeze")
}

// shut says whether the owner's number opens the account.
func (o *owner) shut() bool {
	o.t.Helper()
	r := o.resolvePhone(number)
	return r.Outcome == engine.Deny && len(r.Reasons) == 1 && r.Reasons[0] == "account_frozen"
}

// V2 on the web: the account is frozen and a mail answered, beside everything else. Frozen means that nobody signs in, others are out,
// and nothing but this case goes on; and that it is over when the login is gone.
func TestV2_OnTheWebTheAccountIsFrozenForTheCase(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, id := w.robbed()
		elsewhere, away := o.signIn(""), o.binding(jieling.Email)
		sessions := o.view().Sessions
		other, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, engine.NewCase{
			Account: o.account, Goal: jieling.Unlink, Binding: away, Platform: jieling.Android, Reason: jieling.ReasonPrivacy,
		})
		o.ok(err)
		o.prove(other.ID, jieling.PaymentPIN)
		w.inbox.sent = nil

		v := o.freezesFor(id)
		if v.Stage != jieling.StageReady || v.Next != casework.MoveConfirm || !v.Proved(jieling.AccountFreeze) || !v.Proved(jieling.SMSCode) {
			t.Fatalf("after the freeze the case is %s, next %s, proofs %+v", v.Stage, v.Next, v.Proofs)
		}
		if a := o.view(); !a.Frozen || !o.shut() || o.live(elsewhere.Token) || len(sessions) < 2 || len(a.Sessions) != 1 {
			t.Errorf("frozen %v, shut %v; of %d sessions %d stayed, somebody else's: %v", a.Frozen, o.shut(), len(sessions), len(a.Sessions), o.live(elsewhere.Token))
		}
		_, err = o.BackUp(o.ctx, o.by, engine.Idem{}, other.ID, jieling.BackupDeclined)
		o.refused(jieling.CodeFrozen, err)
		_, err = o.bind(jieling.Phone, otherNumber)
		o.refused(jieling.CodeFrozen, err)
		o.drain()
		if s, err := o.Case(o.ctx, o.by, other.ID); err != nil || s.Stage != jieling.StageFrozen || s.Next != casework.MoveThaw {
			t.Errorf("the other case is %s, next %s (%v)", s.Stage, s.Next, err)
		}

		_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, id)
		o.ok(err)
		if !o.shut() {
			t.Error("the account opened before the login was gone")
		}
		o.later(v.Decision.Wait)
		o.drain()
		v, err = o.Case(o.ctx, o.by, id)
		o.ok(err)
		if v.RemovedAt.IsZero() || v.Stage != jieling.StageGuarded {
			t.Fatalf("the case is %s: %+v", v.Stage, v.Ending)
		}
		if a := o.view(); a.Frozen || o.shut() {
			t.Errorf("the login is gone and the account still frozen: %v, shut %v", a.Frozen, o.shut())
		}
		if s, err := o.Case(o.ctx, o.by, other.ID); err != nil || s.Stage != jieling.StageOpen || len(s.Proofs) != 0 {
			t.Errorf("the other case is %s with %+v (%v)", s.Stage, s.Proofs, err)
		}
		told := strings.Join(w.inbox.notices()[number], "\n")
		for _, says := range []string{"was frozen while a login is unlinked", "the freeze with it"} {
			if strings.Count(told, says) != 1 {
				t.Errorf("the owner was not told once that %q: %s", says, told)
			}
		}
		_, err = o.Undo(o.ctx, o.by, engine.Idem{}, id)
		o.ok(err)
	}, "pay")
}

// A freeze for a case ends with it, whichever way the case ends: an account that nobody can open would lock its owner out.
func TestL3_AFreezeForACaseEndsWithIt(t *testing.T) {
	for name, end := range map[string]func(*owner, jieling.CaseID){
		"cancelled": func(o *owner, id jieling.CaseID) {
			_, err := o.Cancel(o.ctx, o.by, engine.Idem{}, id)
			o.ok(err)
		},
		"expired": func(o *owner, _ jieling.CaseID) { o.later(30 * time.Hour) },
		"taken back": func(o *owner, id jieling.CaseID) {
			o.parties["pay"].silent = true
			_, err := o.Confirm(o.ctx, o.by, engine.Idem{}, id)
			o.ok(err)
			for range 60 {
				o.later(time.Hour)
				o.drain()
			}
		},
		"its answer was no": func(o *owner, id jieling.CaseID) {
			_, err := o.Unfreeze(o.ctx, o.product, engine.Idem{}, o.account, "asked for by the owner")
			o.ok(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "pay")
			o, id := w.robbed()
			o.freezesFor(id)
			if !o.shut() {
				t.Fatal("the account is open")
			}
			end(o, id)
			o.drain()
			v, err := o.Case(o.ctx, o.product, id)
			o.ok(err)
			if !v.Stage.Terminal() && v.Stage != jieling.StageOpen || v.Proved(jieling.AccountFreeze) && !v.Stage.Terminal() {
				t.Errorf("the case is %s with %+v", v.Stage, v.Proofs)
			}
			if a := o.view(); a.Frozen || o.shut() {
				t.Errorf("the case is %s and the account frozen", v.Stage)
			}
		})
	}
}

// S13: a freeze of the whole account beats the freeze for a case, and is not lifted by what becomes of the case.
func TestS13_AFreezeBeatsTheFreezeForACase(t *testing.T) {
	w := newWorld(t)
	o, id := w.robbed()
	o.freezesFor(id)
	_, err := o.Freeze(o.ctx, o.by, engine.Idem{}, o.account, "")
	o.ok(err)
	if v, err := o.Case(o.ctx, o.by, id); err != nil || v.Next != casework.MoveThaw {
		t.Errorf("next is %s (%v)", v.Next, err)
	}
	_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, id)
	o.refused(jieling.CodeFrozen, err)
	if !o.shut() {
		t.Error("the account is open")
	}
	_, err = o.Cancel(o.ctx, o.by, engine.Idem{}, id)
	o.refused(jieling.CodeFrozen, err)
	o.later(30 * time.Hour)
	o.drain()
	if !o.shut() {
		t.Error("the end of the case lifted the owner's freeze")
	}
	_, err = o.Unfreeze(o.ctx, o.product, engine.Idem{}, o.account, "")
	o.ok(err)
	if o.shut() {
		t.Error("the account stays shut")
	}
}

// Who holds a number and is signed out by somebody else's freeze for a case can stop that case, and the account opens again.
func TestL3_AHoldStopsTheCaseAnAccountIsFrozenFor(t *testing.T) {
	w := newWorld(t)
	o, id := w.robbed()
	o.freezesFor(id)
	w.ok(w.Hold(w.ctx, number, w.asksHold()))
	if a := o.view(); a.Frozen || o.shut() || !a.Held(a.Now) {
		t.Errorf("frozen %v, held until %v", a.Frozen, a.HeldUntil)
	}
	_, err := o.Confirm(o.ctx, o.by, engine.Idem{}, id)
	o.refused(jieling.CodeFrozen, err)
	o.later(25 * time.Hour)
	o.drain()
	v, err := o.Case(o.ctx, o.by, id)
	o.ok(err)
	if v.Proved(jieling.AccountFreeze) || !v.RemovedAt.IsZero() {
		t.Errorf("the case is %s with %+v", v.Stage, v.Proofs)
	}
}
