package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/store"
)

// Under rotated keys everything that was sealed is sealed anew, once, and opens as before: a sign-in, a payment password, a login that was
// unlinked and is put back.
func TestWhatIsSealedMovesToTheNewKeys(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin", number)
		v := o.ready()
		_, err := o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
		o.ok(err)
		o.drain()
		before, err := w.LetOut(w.ctx, w.product, o.account)
		w.ok(err)

		added, err := w.Keys.AddSealing()
		w.ok(err)
		w.Keys = added
		if n, err := w.Reseal(w.ctx, w.product, o.account); err != nil || n != 0 {
			t.Errorf("before the keys are put to use %d values moved (%v)", n, err)
		}
		if w.Keys, err = added.Activate(); err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{3, 0} { // the QQ that went, the number, the payment password; then nothing is left to do
			if n, err := w.Reseal(w.ctx, w.product, o.account); err != nil || n != want {
				t.Errorf("run %d moved %d values, want %d (%v)", i+1, n, want, err)
			}
		}
		s, err := w.Store.Load(w.ctx, store.Need{Account: o.account, With: store.Removed | store.Enrolments})
		w.ok(err)
		var sealed [][]byte
		for _, b := range s.Bindings {
			sealed = append(sealed, b.Subject)
		}
		for _, f := range s.Enrolments {
			sealed = append(sealed, f.Secret)
		}
		for i, x := range sealed {
			if keyring.Generation(x) != w.Keys.Active() {
				t.Errorf("value %d is sealed under %s", i, keyring.Generation(x))
			}
		}
		after, err := w.LetOut(w.ctx, w.product, o.account)
		w.ok(err)
		if diff := cmp.Diff(before, after); diff != "" {
			t.Error(diff)
		}
		_, err = o.Undo(o.ctx, o.by, engine.Idem{}, v.ID)
		o.ok(err)
		o.drain()
		if r, err := w.Resolve(w.ctx, w.product, engine.ResolveQuery{Provider: jieling.QQ, Subject: subject + "lin"}); err != nil || r.Account != o.account {
			t.Errorf("%+v, %v", r, err)
		}
		o.prove(o.open(jieling.Android).ID, jieling.PaymentPIN)
		_, err = w.Reseal(w.ctx, o.by, o.account)
		o.refused(jieling.CodeForbidden, err)
	})
}
