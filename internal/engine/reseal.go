package engine

import (
	"context"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/store"
)

// Reseal brings what an account keeps for long under the keyring's active generation: its logins, also those that went and can still be
// put back, and its factors. It gives how many values were sealed anew; none is no transition. What lives for minutes or days (challenges,
// messages on their way, what lies with staff) is sealed under the active generation anyway by the time it matters.
func (e *Engine) Reseal(ctx context.Context, by jieling.Actor, account jieling.AccountID) (n int, err error) {
	if by.Kind != jieling.ActorProduct || may(by, ScopeAdmin, "") != nil {
		return 0, forbidden()
	}
	err = e.do(ctx, by, Idem{}, store.Need{Account: account, With: store.Removed | store.Enrolments}, func(w *work) (string, error) {
		if w.Account == nil {
			return "", notFound()
		}
		if n, err = w.reseal(); err != nil || n == 0 {
			return "", err
		}
		w.transition("keyring.reseal", map[string]any{"values": n})
		return "", nil
	}, nil)
	return n, err
}

func (w *work) reseal() (n int, err error) {
	again := func(place keyring.Place, sealed *[]byte) (moved bool) {
		if err != nil || len(*sealed) == 0 {
			return false
		}
		if *sealed, moved, err = w.e.Keys.Reseal(place, *sealed); moved {
			n++
		}
		return moved
	}
	for _, b := range w.Bindings {
		subject, union, grant := again(subjectOf(b.ID), &b.Subject), again(unionOf(b.ID), &b.Union), again(grantOf(b.ID), &b.Grant)
		if subject || union || grant {
			w.putBinding(b)
		}
	}
	for _, f := range w.Enrolments {
		if again(secretOf(f.ID), &f.Secret) {
			w.change.Enrolments = append(w.change.Enrolments, f)
		}
	}
	return n, err
}
