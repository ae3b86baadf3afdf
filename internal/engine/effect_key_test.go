package engine_test

import (
	"strings"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

// S20: within an account one key is one decision, and no other account can have it, because every key begins with the ID of the
// case or challenge that asked, which never moves to another account.
func TestS20_AKeyBeginsWithWhatAsked(t *testing.T) {
	w := newWorld(t)
	ready, err := w.readyWith("keys", jieling.QQ, jieling.Email)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Confirm(w.ctx, ready[0].by, engine.Idem{}, ready[0].id); err != nil {
		t.Fatal(err)
	}
	kinds := map[jieling.EffectKind]bool{}
	for _, state := range []jieling.EffectState{jieling.EffectDue, jieling.EffectDone} {
		effects, err := w.Store.Effects(w.ctx, ready[0].account, state, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range effects {
			kinds[e.Kind] = true
			id, _, _ := strings.Cut(e.Key, "/")
			if id != string(e.Case) || !jieling.ValidID("case", id) && !jieling.ValidID("chl", id) {
				t.Errorf("the key %s of a %s does not begin with the ID of what asked", e.Key, e.Kind)
			}
		}
	}
	if !kinds[jieling.EffectProbe] || !kinds[jieling.EffectTimer] {
		t.Errorf("only these kinds of effect were seen: %v", kinds)
	}
}
