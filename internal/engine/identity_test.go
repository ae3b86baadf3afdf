package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/store"
)

// S7: of many accounts that are given one identity at the same moment, by the product or by whoever reads its codes, exactly one has
// it, and the others are told.
func TestS7_AnIdentityHasOneAccount(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		owners, codes := make([]*owner, 8), make([]jieling.ChallengeID, 8)
		for i := range owners {
			o := w.owner(fmt.Sprint("o", i))
			if owners[i] = o; i%2 == 1 {
				continue
			}
			v := o.open(jieling.Android)
			ch, err := w.Replacement(w.ctx, o.by, engine.Idem{}, v.ID, engine.NewBinding{Provider: jieling.Phone, Subject: number}, "en")
			w.ok(err)
			codes[i] = ch.ID
		}
		w.drain()
		texted := w.inbox.codesTo(number) // in the order of their sending, which is that of the owners
		errs := make([]error, len(owners))
		together(len(owners), func(i int) {
			if codes[i] == "" {
				_, errs[i] = w.AddBinding(w.ctx, w.product, engine.Idem{}, owners[i].account, engine.NewBinding{Provider: jieling.Phone, Subject: number})
			} else {
				_, errs[i] = w.Answer(w.ctx, owners[i].by, engine.Idem{}, engine.NewAnswer{Challenge: codes[i], Given: []byte(texted[i/2])})
			}
		})
		var winners []jieling.AccountID
		for i, o := range owners {
			a := o.view()
			if errs[i] == nil {
				winners = append(winners, o.account)
			} else {
				w.refused(jieling.CodeBindingExists, errs[i])
			}
			if has := a.WaysIn == 2; has != (errs[i] == nil) {
				t.Errorf("account %d was answered %v and has %d ways in", i, errs[i], a.WaysIn)
			}
		}
		r := owners[0].resolvePhone(number)
		if len(winners) != 1 || r.Account != winners[0] {
			t.Errorf("%d accounts have the number; it opens %s", len(winners), r.Account)
		}
	})
}

// S7: an identity that is bound again is another binding: the ID of the removed one stays taken for good, and stays removed.
func TestS7_ABindingsIDIsNeverUsedAgain(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin", number)
		seen := map[jieling.BindingID]bool{}
		for range 3 {
			id := o.binding(jieling.QQ)
			if seen[id] {
				t.Fatalf("%s is used again", id)
			}
			seen[id], o.qq.ID = true, id
			v := o.ready()
			_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
			w.ok(err)
			w.later(24*time.Hour + time.Minute)
			w.drain() // the case closes and the identity is forgotten
			_, err = w.AddBinding(w.ctx, w.product, engine.Idem{}, o.account, engine.NewBinding{Provider: jieling.QQ, Subject: subject + "lin"})
			w.ok(err)
			w.later(time.Second)
		}
		s, err := w.Store.Load(w.ctx, store.Need{Account: o.account, With: store.Removed})
		w.ok(err)
		for id := range seen {
			i := slices.IndexFunc(s.Bindings, func(b jieling.Binding) bool { return b.ID == id })
			if i < 0 || s.Bindings[i].State != jieling.BindingRemoved || s.Bindings[i].Index != [32]byte{} {
				t.Errorf("of %s is left %+v", id, s.Bindings)
			}
		}
	})
}

// S7: a removal is undone and its identity bound elsewhere at the same moment: one of the two happens.
func TestS7_AnUndoAndANewBindingDoNotBothHaveIt(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		w.quickly()
		for round := range 6 {
			o, next := w.owner(fmt.Sprint("old", round), fmt.Sprintf("+861380000010%d", round)), w.owner(fmt.Sprint("new", round))
			v := o.ready()
			_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
			w.ok(err)
			errs := make([]error, 2)
			together(2, func(i int) {
				if i == round%2 {
					_, errs[0] = w.Undo(w.ctx, o.by, engine.Idem{}, v.ID)
				} else {
					_, errs[1] = w.AddBinding(w.ctx, w.product, engine.Idem{}, next.account, engine.NewBinding{Provider: jieling.QQ, Subject: subject + fmt.Sprint("old", round)})
				}
			})
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("undo: %v, bind: %v", errs[0], errs[1])
			}
			r, err := w.Resolve(w.ctx, w.product, engine.ResolveQuery{Provider: jieling.QQ, Subject: subject + fmt.Sprint("old", round)})
			w.ok(err)
			if want := map[bool]jieling.AccountID{true: o.account, false: next.account}[errs[0] == nil]; r.Account != want {
				t.Errorf("it opens %s, want %s", r.Account, want)
			}
		}
	})
}

// codesTo are all codes that were sent to a number.
func (i *inbox) codesTo(to string) (codes []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, m := range i.sent {
		if m.To == to && m.Code != "" {
			codes = append(codes, m.Code)
		}
	}
	return codes
}
