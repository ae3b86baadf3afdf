package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/participant"
)

// slept is a participant whose worker is stopped in the middle of a call: meanwhile another worker takes the step up.
type slept struct {
	participant.Participant
	meanwhile func()
}

// Do implements participant.Participant.
func (s *slept) Do(ctx context.Context, op participant.Op, step participant.Step) (participant.Outcome, error) {
	if then := s.meanwhile; then != nil {
		s.meanwhile = nil
		then()
	}
	return s.Participant.Do(ctx, op, step)
}

// TestS29_AWorkerThatWokeUpLateWritesNothing stops a worker after it leased an effect, lets the lease lapse and another worker
// take the effect up, and wakes the first. Its report is refused, whether the other has finished by then or not.
func TestS29_AWorkerThatWokeUpLateWritesNothing(t *testing.T) {
	for name, other := range map[string]func(*world){
		"the other has finished": (*world).drain,
		"the other is at work":   func(w *world) { claimed(w, jieling.EffectPrepare) },
	} {
		t.Run(name, func(t *testing.T) {
			onBothStores(t, func(t *testing.T, w *world) { w.sleepThrough(other) }, "wallet")
		})
	}
}

func (w *world) sleepThrough(other func(*world)) {
	w.t.Helper()
	w.quickly()
	o := w.owner("lin", number)
	v := o.ready()
	_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	stopped := claimed(w, jieling.EffectPrepare)
	hand := &slept{Participant: w.Participants[0].Hand}
	w.Participants[0].Hand = hand
	var meanwhile engine.CaseView
	hand.meanwhile = func() {
		w.later(2 * time.Minute)
		other(w)
		meanwhile, err = w.Case(w.ctx, o.by, v.ID)
		w.ok(err)
	}
	w.refused(jieling.CodeStale, w.Act(w.ctx, stopped))
	after, err := w.Case(w.ctx, o.by, v.ID)
	w.ok(err)
	if after.Version != meanwhile.Version {
		w.t.Errorf("the late report made version %d of %d", after.Version, meanwhile.Version)
	}
	w.later(2 * time.Minute)
	w.drain()
	after, err = w.Case(w.ctx, o.by, v.ID)
	w.ok(err)
	if after.Stage != jieling.StageGuarded {
		w.t.Errorf("in the end the case is %s", after.Stage)
	}
}

// claimed leases what is due and gives the one of a kind; the others are left to whoever comes after the lease.
func claimed(w *world, kind jieling.EffectKind) jieling.Effect {
	w.t.Helper()
	due, err := w.Store.Claim(w.ctx, time.Minute, 100)
	w.ok(err)
	for _, e := range due {
		if e.Kind == kind {
			return e
		}
	}
	w.t.Fatalf("no %s is due", kind)
	return jieling.Effect{}
}
