// Package worker is the door for time: it leases effects that are due, hands each to the engine, and keeps the audit log in
// line. It holds no rule: what an effect means, when it is tried again and when it is given up on is the engine's.
//
// Any number of workers may run on any number of nodes. Leases keep them apart, the attempt number fences off one that was
// stopped and woke up late (S29), and a lease that lapses is taken up by the next worker that looks (L7).
package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

// Config is what a worker works with. Engine is required.
type Config struct {
	Engine *engine.Engine
	Lease  time.Duration // how long an effect may take before another worker may have it; zero means 30 s
	Idle   time.Duration // how long to rest when nothing is due and nobody wakes; zero means 500 ms
	Width  int           // effects at a time; zero means 8
	Log    *slog.Logger  // zero means slog.Default
}

// Worker runs until it is stopped.
type Worker struct {
	Config
	wake chan struct{}
}

// New makes a worker.
func New(c Config) *Worker {
	if c.Lease == 0 {
		c.Lease = 30 * time.Second
	}
	if c.Idle == 0 {
		c.Idle = 500 * time.Millisecond
	}
	if c.Width == 0 {
		c.Width = 8
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Worker{Config: c, wake: make(chan struct{}, 1)}
}

// Wake says that something may be due. It never blocks, and it is only a hint: without it the worker looks by itself.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, then waits for what is in hand. A slow party holds one of the worker's hands, never the others.
func (w *Worker) Run(ctx context.Context) {
	hands := make(chan struct{}, w.Width)
	var busy sync.WaitGroup
	defer busy.Wait()
	for ctx.Err() == nil {
		due := w.claim(ctx, w.Width-len(hands))
		for _, eff := range due {
			hands <- struct{}{}
			busy.Go(func() {
				defer func() { <-hands; w.Wake() }()
				w.act(ctx, eff)
			})
		}
		w.sequence(ctx)
		if len(due) == 0 {
			w.rest(ctx)
		}
	}
}

// claim takes up what is due, as much as there are free hands.
func (w *Worker) claim(ctx context.Context, free int) []jieling.Effect {
	if free == 0 {
		return nil
	}
	due, err := w.Engine.Store.Claim(ctx, w.Lease, free)
	if err != nil && ctx.Err() == nil {
		w.Log.Warn("effects could not be claimed", "error", err)
	}
	return due
}

// act sees one effect through, also when the worker is told to stop meanwhile: half a step costs a lease.
func (w *Worker) act(ctx context.Context, eff jieling.Effect) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), w.Lease)
	defer done()
	err := w.Engine.Act(ctx, eff)
	if err != nil && jieling.CodeOf(err) != jieling.CodeStale {
		w.Log.Warn("an effect could not be settled; its lease will lapse and it will be taken up again",
			"effect", eff.ID, "kind", eff.Kind, "attempt", eff.Attempt, "error", err)
	}
}

func (w *Worker) sequence(ctx context.Context) {
	if _, err := w.Engine.SequenceAudit(ctx, 256); err != nil && ctx.Err() == nil {
		w.Log.Error("the audit log could not be extended", "error", err)
	}
}

func (w *Worker) rest(ctx context.Context) {
	t := time.NewTimer(w.Idle)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-w.wake:
	case <-t.C:
	}
}
