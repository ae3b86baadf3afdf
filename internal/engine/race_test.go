package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/store"
)

// removal is one case of one account, brought to where only the confirmation is missing, and how that was answered.
type removal struct {
	by      jieling.Actor
	account jieling.AccountID
	binding jieling.BindingID
	id      jieling.CaseID
	err     error
}

// readyWith makes an account with a way in for each provider, and a ready case for each of them.
func (w *world) readyWith(name string, providers ...jieling.Provider) ([]removal, error) {
	none := engine.Idem{}
	a, err := w.RegisterAccount(w.ctx, w.product, none, engine.NewAccount{ExternalID: name, Kind: jieling.Personal})
	if err != nil {
		return nil, err
	}
	if _, err := w.Enrol(w.ctx, w.product, none, a.ID, engine.NewFactor{Factor: jieling.PaymentPIN, Given: []byte(pin)}); err != nil {
		return nil, err
	}
	by := jieling.Actor{Kind: jieling.ActorPerson, Name: "ses_" + name, Account: a.ID}
	var out []removal
	for _, p := range providers {
		b, err := w.AddBinding(w.ctx, w.product, none, a.ID, engine.NewBinding{Provider: p, Subject: string(p) + name + "@mail.example"})
		if err != nil {
			return nil, err
		}
		out = append(out, removal{by: by, account: a.ID, binding: b.ID})
	}
	for i := range out {
		if err := w.makeReady(&out[i]); err != nil {
			return nil, fmt.Errorf("%s of %s: %w", providers[i], name, err)
		}
	}
	return out, nil
}

func (w *world) makeReady(r *removal) error {
	none := engine.Idem{}
	v, err := w.OpenCase(w.ctx, r.by, none, engine.NewCase{
		Account: r.account, Goal: jieling.Unlink, Binding: r.binding, Platform: jieling.Android, Reason: jieling.ReasonSeparate,
	})
	if err != nil {
		return err
	}
	r.id = v.ID
	if v.Decision.Backup {
		if _, err := w.BackUp(w.ctx, r.by, none, v.ID, jieling.BackupDeclined); err != nil {
			return err
		}
	}
	ch, err := w.Challenge(w.ctx, r.by, none, engine.NewChallenge{Case: v.ID, Factor: jieling.PaymentPIN})
	if err != nil {
		return err
	}
	done, err := w.Answer(w.ctx, r.by, none, engine.NewAnswer{Challenge: ch.ID, Given: []byte(pin)})
	if err != nil {
		return err
	}
	if done.Case.Next != casework.MoveConfirm {
		return fmt.Errorf("next is %s, want only the confirmation to be missing", done.Case.Next)
	}
	return nil
}

// threeWays are logins that may all go by a PIN and have each a case of their own.
var threeWays = []jieling.Provider{jieling.QQ, jieling.WeChat, jieling.Email}

// crowdOf makes n accounts with a ready case for each of their ways in.
func (w *world) crowdOf(n int) []removal {
	w.t.Helper()
	w.quickly()
	out, errs := make([][]removal, n), make([]error, n)
	workers(32, n, func(i int) { out[i], errs[i] = w.readyWith(fmt.Sprintf("%04d", i), threeWays...) })
	for _, err := range errs {
		w.ok(err)
	}
	return slices.Concat(out...)
}

// TestS14_AThousandAccountsLoseEveryWayButOne confirms every removal of every way of a thousand accounts (fewer under the race
// detector) at once. Both
// halves must hold: never zero ways in, and never acknowledged but still linked, or refused but gone.
func TestS14_AThousandAccountsLoseEveryWayButOne(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		all := w.crowdOf(accounts)
		workers(64, len(all), func(i int) { _, all[i].err = w.Confirm(w.ctx, all[i].by, engine.Idem{}, all[i].id) })
		w.judge(all, func(r removal, c jieling.Case) bool { return r.err == nil })
	})
}

// TestS14_ParticipantsDoNotOpenAGap is the same where participants stand between the confirmation and the commit point: each
// confirmation may be accepted, and the commit point decides.
func TestS14_ParticipantsDoNotOpenAGap(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		all := w.crowdOf(60)
		workers(64, len(all), func(i int) { _, all[i].err = w.Confirm(w.ctx, all[i].by, engine.Idem{}, all[i].id) })
		together(8, func(int) { w.drainQuietly() })
		w.judge(all, func(r removal, c jieling.Case) bool { return c.Stage == jieling.StageGuarded })
	}, "wallet", "game")
}

// drainQuietly does what is due, from a goroutine that may not end the test.
func (w *world) drainQuietly() {
	for {
		due, err := w.Store.Claim(w.ctx, time.Minute, 4)
		if err != nil || len(due) == 0 {
			return
		}
		for _, eff := range due {
			if err := w.Act(w.ctx, eff); err != nil && jieling.CodeOf(err) != jieling.CodeStale {
				w.t.Errorf("%s: %v", eff.Kind, err)
			}
		}
	}
}

// judge compares every account with what its owner was told. went says whether a removal was to happen.
func (w *world) judge(all []removal, went func(removal, jieling.Case) bool) {
	w.t.Helper()
	kept := map[jieling.AccountID]int{}
	gone := 0
	for _, r := range all {
		s, err := w.Store.Load(w.ctx, store.Need{Case: r.id, With: store.Removed})
		w.ok(err)
		i := slices.IndexFunc(s.Bindings, func(b jieling.Binding) bool { return b.ID == r.binding })
		usable := s.Bindings[i].Usable()
		if usable == went(r, *s.Case) {
			w.t.Errorf("%s: confirming was answered %v, the case is %s, and the binding is %s", r.id, r.err, s.Case.Stage, s.Bindings[i].State)
		}
		if usable {
			kept[r.account]++
		} else {
			gone++
		}
		if s.Account.WaysIn < 1 {
			w.t.Errorf("%s has %d ways in", r.account, s.Account.WaysIn)
		}
	}
	for account, n := range kept { // one that kept none is short in gone, and has no way in
		if n != 1 {
			w.t.Errorf("%s kept %d ways in, want the one that had to stay", account, n)
		}
	}
	if want := len(all) / len(threeWays) * (len(threeWays) - 1); gone != want {
		w.t.Errorf("%d bindings went, want %d: all but one of each account", gone, want)
	}
}

// TestS13_AFreezeBeatsOrFollowsAConfirmation races the two on many accounts. Whichever came first under the lock, the other
// knows: nothing is removed after a freeze, and nothing acknowledged comes back by it.
func TestS13_AFreezeBeatsOrFollowsAConfirmation(t *testing.T) {
	for name, parties := range map[string][]string{"at once": nil, "through participants": {"wallet", "game"}} {
		t.Run(name, func(t *testing.T) {
			onBothStores(t, func(t *testing.T, w *world) {
				all := w.crowdOf(100)
				froze := make([]error, len(all))
				together(2*len(all), func(i int) {
					if r := &all[i/2]; i%2 == 0 {
						_, r.err = w.Confirm(w.ctx, r.by, engine.Idem{}, r.id)
					} else {
						_, froze[i/2] = w.Freeze(w.ctx, r.by, engine.Idem{}, r.account, "race")
					}
				})
				together(8, func(int) { w.drainQuietly() })
				for i, r := range all {
					w.ok(froze[i])
					w.frozenFairly(r)
				}
			}, parties...)
		})
	}
}

// frozenFairly reads the order of things from the account's audit chain, which is the order of its lock.
func (w *world) frozenFairly(r removal) {
	w.t.Helper()
	s, err := w.Store.Load(w.ctx, store.Need{Case: r.id, With: store.Removed})
	w.ok(err)
	rows, _, err := w.Store.AuditChain(w.ctx, r.account)
	w.ok(err)
	frozen, confirmed := len(rows), false
	for i, row := range rows {
		if row.Verb == "account.freeze" {
			frozen = min(frozen, i)
		}
		if row.Verb == "case.confirm" && row.Case == r.id {
			confirmed = true
			if i > frozen {
				w.t.Errorf("%s was confirmed after the freeze", r.id)
			}
		}
	}
	if confirmed != (r.err == nil) {
		w.t.Errorf("%s: confirming was answered %v, the audit log says %t", r.id, r.err, confirmed)
	}
	i := slices.IndexFunc(s.Bindings, func(b jieling.Binding) bool { return b.ID == r.binding })
	if removed := !s.Bindings[i].Usable(); removed == s.Case.RemovedAt.IsZero() {
		w.t.Errorf("%s: removed at %s, and the binding is %s", r.id, s.Case.RemovedAt, s.Bindings[i].State)
	}
	if s.Case.RemovedAt.After(rows[frozen].At) {
		w.t.Errorf("%s passed its commit point at %s, after the freeze at %s", r.id, s.Case.RemovedAt, rows[frozen].At)
	}
	if st := s.Case.Stage; st != jieling.StageFrozen && st != jieling.StageGuarded && st != jieling.StageCompensated {
		w.t.Errorf("%s is %s after all was done", r.id, st)
	}
}

// TestS8_TwoHundredAnswersCountOnce gives the right answer two hundred times at once. It must pass exactly once, and no more
// guesses may be evaluated than are allowed.
func TestS8_TwoHundredAnswersCountOnce(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		w.quickly()
		o := w.owner("lin", number)
		v := o.open(jieling.Android)
		ch, err := w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.PaymentPIN})
		w.ok(err)
		errs := make([]error, 200)
		together(len(errs), func(i int) {
			_, errs[i] = w.Answer(w.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(pin)})
		})
		if passed := count(errs, nil); passed != 1 {
			t.Errorf("%d of %d parallel answers passed", passed, len(errs))
		}
		v, err = w.Case(w.ctx, o.by, v.ID)
		w.ok(err)
		if len(v.Proofs) != 1 {
			t.Errorf("the case holds %d proofs", len(v.Proofs))
		}
	})
}

// TestS26_WrongAnswersInParallelBuyNoGuesses gives two hundred wrong answers at once: as many are evaluated as one challenge
// allows, and the right one afterwards is refused.
func TestS26_WrongAnswersInParallelBuyNoGuesses(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		w.quickly()
		o := w.owner("lin", number)
		v := o.open(jieling.Android)
		ch, err := w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.PaymentPIN})
		w.ok(err)
		errs := make([]error, 200)
		together(len(errs), func(i int) {
			_, errs[i] = w.Answer(w.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte("777123")})
		})
		evaluated := 0
		for _, err := range errs {
			if jieling.CodeOf(err) == jieling.CodeWrongAnswer {
				evaluated++
			}
		}
		if evaluated != ch.Limit {
			t.Errorf("%d wrong answers were evaluated, want %d", evaluated, ch.Limit)
		}
		if _, err := w.Answer(w.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(pin)}); err == nil {
			t.Error("the right answer was taken after all guesses were used up")
		}
	})
}

func count(errs []error, want error) (n int) {
	for _, err := range errs {
		if err == want {
			n++
		}
	}
	return n
}

// TestS23_OneKeyAtOnceDoesOneThing sends each kind of request fifty times at once under one idempotency key. All are
// answered alike, and it is done once.
func TestS23_OneKeyAtOnceDoesOneThing(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		w.quickly()
		o := w.owner("lin", number)
		rs, err := w.readyWith("wang", jieling.QQ, jieling.WeChat)
		w.ok(err)
		r := rs[0]
		for name, ask := range map[string]func(engine.Idem) (string, error){
			"register": func(idem engine.Idem) (string, error) {
				a, err := w.RegisterAccount(w.ctx, w.product, idem, engine.NewAccount{ExternalID: "once", Kind: jieling.Personal})
				return string(a.ID), err
			},
			"bind": func(idem engine.Idem) (string, error) {
				b, err := w.AddBinding(w.ctx, w.product, idem, o.account, engine.NewBinding{Provider: jieling.WeChat, Subject: "once-more"})
				return string(b.ID), err
			},
			"open": func(idem engine.Idem) (string, error) {
				v, err := w.OpenCase(w.ctx, o.by, idem, engine.NewCase{
					Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Android, Reason: jieling.ReasonPrivacy,
				})
				return string(v.ID), err
			},
			"confirm": func(idem engine.Idem) (string, error) {
				v, err := w.Confirm(w.ctx, r.by, idem, r.id)
				return fmt.Sprint(v.ID, v.Stage, v.Version, v.RemovedAt), err
			},
		} {
			t.Run(name, func(t *testing.T) {
				idem := engine.Idem{Key: "key-" + name, Fingerprint: [32]byte{1}}
				answers, errs := make([]string, 50), make([]error, 50)
				together(len(answers), func(i int) { answers[i], errs[i] = ask(idem) })
				for i := range answers {
					if errs[i] != nil || answers[i] != answers[0] || answers[i] == "" {
						t.Fatalf("answered %q (%v) and %q (%v)", answers[0], errs[0], answers[i], errs[i])
					}
				}
				if _, err := ask(engine.Idem{Key: idem.Key, Fingerprint: [32]byte{2}}); jieling.CodeOf(err) != jieling.CodeIdempotency {
					t.Errorf("another request under the same key: %v", err)
				}
			})
		}
		events, err := w.Store.Events(w.ctx, r.id, 0)
		w.ok(err)
		if n := len(slices.DeleteFunc(events, func(e jieling.Event) bool { return e.Kind != "confirmed" })); n != 1 {
			t.Errorf("the history holds %d confirmations", n)
		}
	})
}
