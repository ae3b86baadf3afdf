// Package worker is the door for time: it leases what is due (effects, and events on their way to others), hands each to the
// engine, and keeps the audit log in line. It holds no rule: what an effect means, when it is tried again and when it is given up
// on is the engine's.
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
	Width  int           // effects, and events, at a time; zero means 8
	Log    *slog.Logger  // zero means slog.Default
}

// Worker runs until it is stopped.
type Worker struct {
	Config
	wake chan struct{} // something may be due
	news chan struct{} // the log may have grown, or somebody may be told again
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
	return &Worker{Config: c, wake: make(chan struct{}, 1), news: make(chan struct{}, 1)}
}

// Wake says that something may be due. It never blocks, and it is only a hint: without it the worker looks by itself.
func (w *Worker) Wake() {
	hint(w.wake)
	hint(w.news)
}

func hint(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, then waits for what is in hand. Effects and events each have hands of their own, and a slow party holds
// one of them: nobody who is told slowly holds up a removal.
func (w *Worker) Run(ctx context.Context) {
	var lines sync.WaitGroup
	defer lines.Wait()
	lines.Go(func() { w.line(ctx, w.wake, w.effects) })
	lines.Go(func() { w.line(ctx, w.news, w.events) })
}

// line does rounds: what a round finds due is done by as many hands as are free. A round that finds nothing, and has nothing more
// to look for, is followed by a rest.
func (w *Worker) line(ctx context.Context, wake chan struct{}, round func(ctx context.Context, free int) (due []func(), more bool)) {
	hands := make(chan struct{}, w.Width)
	var busy sync.WaitGroup
	defer busy.Wait()
	for ctx.Err() == nil {
		due, more := round(ctx, w.Width-len(hands))
		for _, do := range due {
			hands <- struct{}{}
			busy.Go(func() {
				defer func() { <-hands; hint(wake) }()
				do()
			})
		}
		if len(due) == 0 && !more {
			w.rest(ctx, wake)
		}
	}
}

// effects claims what is due, as much as there are free hands, and lines the audit log up.
func (w *Worker) effects(ctx context.Context, free int) (due []func(), more bool) {
	if free > 0 {
		all, err := w.Engine.Store.Claim(ctx, w.Lease, free)
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("effects could not be claimed", "error", err)
		}
		for _, eff := range all {
			due = append(due, func() { w.act(ctx, eff) })
		}
	}
	const page = 256
	n, err := w.Engine.SequenceAudit(ctx, page)
	if err != nil && ctx.Err() == nil {
		w.Log.Error("the audit log could not be extended", "error", err)
	}
	if n > 0 {
		hint(w.news)
	}
	return due, n == page
}

// events puts what is new in the log on the queues of those who are told, and claims what is due on them.
func (w *Worker) events(ctx context.Context, free int) (due []func(), more bool) {
	more, err := w.Engine.Distribute(ctx)
	if err != nil && ctx.Err() == nil {
		w.Log.Warn("events could not be read from the log", "error", err)
	}
	if free == 0 {
		return nil, false // a hand that gets free says so
	}
	all, err := w.Engine.Errands(ctx, w.Lease, free)
	if err != nil && ctx.Err() == nil {
		w.Log.Warn("deliveries could not be claimed", "error", err)
	}
	for _, d := range all {
		due = append(due, func() { w.bring(ctx, d) })
	}
	return due, more
}

// bring sees one delivery through, also when the worker is told to stop meanwhile.
func (w *Worker) bring(ctx context.Context, d engine.Errand) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), w.Lease)
	defer done()
	if err := w.Engine.Carry(ctx, d); err != nil && jieling.CodeOf(err) != jieling.CodeStale {
		w.Log.Warn("a delivery could not be settled; its lease will lapse and it will be taken up again",
			"receiver", d.Receiver, "event", d.Event, "attempt", d.Attempt, "error", err)
	}
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

func (w *Worker) rest(ctx context.Context, wake chan struct{}) {
	t := time.NewTimer(w.Idle)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-t.C:
	}
}
