package engine

import (
	"context"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/store"
)

// askSIMAgain is how long an operator's answer about a SIM is gone by before it is asked again: as long as a code lives.
const askSIMAgain = 5 * time.Minute

var byOperator = jieling.Actor{Kind: jieling.ActorParty, Name: "operator"}

// heard is what is known of a SIM after its operator was asked.
type heard struct {
	said   jieling.SIM
	silent bool // the operator ought to know and did not answer
}

// simOf says whether the SIM of a number was replaced lately: what was said within minutes, or what the operator says now, which is
// written down. Where it does not answer, what it said before holds for as long as that does.
func (e *Engine) simOf(ctx context.Context, now time.Time, b jieling.Binding) (heard, error) {
	if e.SIM == nil || b.SIM != jieling.SIMUnknown && now.Sub(b.SIMAt) < askSIMAgain {
		return heard{said: risk.SIMOf(b, now)}, nil
	}
	number, err := e.Keys.Open(subjectOf(b.ID), b.Subject)
	if err != nil {
		return heard{}, err
	}
	said, err := e.SIM.Swapped(ctx, string(number), jieling.SIMSwapFor)
	switch {
	case err != nil:
		e.Log.Warn("an operator gave no answer about a SIM", "code", jieling.CodeOf(err))
		return heard{risk.SIMOf(b, now), true}, nil
	case said == jieling.SIMUnknown:
		return heard{said: risk.SIMOf(b, now)}, nil
	}
	return heard{said: said}, e.noteSIM(ctx, b, said)
}

// noteSIM writes an operator's answer down, over the one before: whether a SIM was replaced *lately* is as true as it is new.
func (e *Engine) noteSIM(ctx context.Context, b jieling.Binding, said jieling.SIM) error {
	return e.do(ctx, byOperator, Idem{}, store.Need{Account: b.Account}, func(w *work) (string, error) {
		if is := w.binding(b.ID); is == nil || is.State == jieling.BindingPending {
			return "", nil
		}
		verb := "number.sim"
		if said == jieling.SIMSwapped && risk.SIMOf(*w.binding(b.ID), w.Now) != said {
			verb = "number.swapped" // news, which the owner is told of
		}
		w.editBinding(b.ID, func(b *jieling.Binding) { b.SIM, b.SIMAt = said, w.Now })
		w.transition(verb, map[string]any{"binding": b.ID, "sim": said})
		return "", nil
	}, nil)
}

// bySIM gives the reason why a sign-in by phone asks for more, or "". An operator that does not know the number is as none; one
// that ought to and does not answer is not taken for a yes (S30).
func (e *Engine) bySIM(ctx context.Context, now time.Time, b jieling.Binding) (string, error) {
	h, err := e.simOf(ctx, now, b)
	switch {
	case err != nil:
		return "", err
	case h.said == jieling.SIMSwapped:
		return "sim_swapped", nil
	case h.silent && h.said == jieling.SIMUnknown:
		return "sim_unknown", nil
	}
	return "", nil
}
