package engine

import (
	"context"
	"errors"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/store"
)

// warned asks the provider of a binding whether it sees a risk in the person, within the engine's patience. What cannot be
// asked, or answers nothing, warns of nothing: the signal stays unknown.
func (e *Engine) warned(ctx context.Context, s store.Snapshot, id jieling.BindingID) bool {
	w := work{Snapshot: s}
	b := w.binding(id)
	if b == nil || len(b.Grant) == 0 {
		return false
	}
	watcher, ok := e.Providers[b.Provider].(provider.Watcher)
	if !ok {
		return false
	}
	grant, err := e.Keys.Open(grantOf(id), b.Grant)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, e.Patience)
	defer cancel()
	risky, err := watcher.Warned(ctx, grant)
	return err == nil && risky
}

// noteWarning keeps a provider's warning about an identity that could not come in for it.
func (e *Engine) noteWarning(ctx context.Context, p jieling.Provider, failure error) {
	warning, ok := errors.AsType[*provider.Warning](failure)
	if !ok {
		return
	}
	r, err := e.Store.Resolve(ctx, p, e.index(p, warning.Subject))
	if err == nil {
		err = e.do(ctx, jieling.Actor{Kind: jieling.ActorParty, Name: string(p)}, Idem{}, store.Need{Account: r.Account}, func(w *work) (string, error) {
			w.editBinding(r.Binding, func(b *jieling.Binding) { b.RiskAt = w.Now })
			w.transition("provider.warning", map[string]any{"binding": r.Binding, "provider": p})
			return "", nil
		}, nil)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		e.Log.Warn("a provider's warning was not kept", "provider", p, "code", jieling.CodeOf(err))
	}
}
