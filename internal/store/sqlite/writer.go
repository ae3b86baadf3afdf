package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/jieling-id/jieling/internal/store"
)

// together is the most jobs one transaction carries. More would not be faster (the fsync is a small part by then) and would
// make the first wait for the last.
const together = 64

var errClosed = errors.New("the store is closed")

// writer is the only one that writes. Its goroutine owns the connection.
type writer struct {
	c       *conn
	queue   chan *job // unbuffered: what the writer has not taken can be given up, what it took it carries out
	stop    chan struct{}
	stopped chan struct{}
}

// job is one caller's work, and what came of it once done is closed.
type job struct {
	ctx   context.Context
	work  func(*conn) error
	done  chan struct{}
	err   error
	panic any // what work panicked with: it belongs to the caller
}

func startWriter(c *conn) *writer {
	w := &writer{c: c, queue: make(chan *job), stop: make(chan struct{}), stopped: make(chan struct{})}
	go w.loop()
	return w
}

func (w *writer) close() error {
	close(w.stop)
	<-w.stopped
	return w.c.close()
}

// do has work carried out and committed. A caller that gives up before the writer takes its job gets its context's error and
// knows that nothing was done; after that it waits for the truth, which a local disk does not keep back for long.
func (w *writer) do(ctx context.Context, work func(*conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{ctx: ctx, work: work, done: make(chan struct{})}
	select {
	case w.queue <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.stopped:
		return errClosed
	}
	<-j.done
	if j.panic != nil {
		panic(j.panic)
	}
	return j.err
}

func (w *writer) loop() {
	defer close(w.stopped)
	for {
		select {
		case j := <-w.queue:
			w.group(j)
		case <-w.stop:
			return
		}
	}
}

// errSpoilt says that a job failed after it had begun to write.
var errSpoilt = errors.New("a job left the transaction spoilt")

// group carries out first and whoever comes while it is at work, commits, and answers them all. Nobody is answered before
// the commit, not even who was refused: what a refusal was decided by may be a neighbour's row.
//
// A savepoint for each job would cost all of them for the sake of the rare one that fails while it writes. So there are none
// at first; where one is needed, the transaction is rolled back and the jobs that were in it are carried out again, in
// savepoints.
func (w *writer) group(first *job) {
	var members []*job
	err := w.c.run("begin")
	for j := first; j != nil && err == nil; j = w.another(len(members)) {
		members = append(members, j)
		if err = w.straight(j); err != nil {
			break
		}
	}
	if len(members) == 0 {
		members = []*job{first}
	}
	if err = w.end(err); errors.Is(err, errSpoilt) {
		err = w.again(members)
	}
	for _, j := range members {
		if err != nil && j.err == nil {
			j.err = err
		}
		close(j.done)
	}
}

// again carries a group out each in its savepoint.
func (w *writer) again(members []*job) error {
	err := w.c.run("begin")
	for _, j := range members {
		if j.err, j.panic = nil, nil; err == nil {
			err = w.member(j)
		}
	}
	return w.end(err)
}

// end commits, or rolls back what an error has spoilt.
func (w *writer) end(err error) error {
	if err != nil {
		w.abandon()
		return err
	}
	return w.commit()
}

// straight carries out one job that is expected to succeed, or to be refused before it writes.
func (w *writer) straight(j *job) error {
	if j.err = j.ctx.Err(); j.err != nil {
		return nil // it was given up while the transaction was waited for
	}
	w.c.touched = false
	if j.attempt(w.c); w.c.touched && (j.err != nil || j.panic != nil) {
		return errSpoilt
	}
	return nil
}

// another gives the next job that is waiting, or nil when none is or the group is full. Before it finds that nobody waits it
// lets the callers run that are about to come.
func (w *writer) another(members int) *job {
	if members >= together {
		return nil
	}
	for range 2 {
		select {
		case j := <-w.queue:
			return j
		default:
			runtime.Gosched()
		}
	}
	return nil
}

// member carries out one job in its savepoint. The error it returns is not the job's, which is in the job, but one by which
// the whole transaction is lost: on a full or broken disk SQLite rolls all of it back.
func (w *writer) member(j *job) error {
	if j.err = j.ctx.Err(); j.err != nil {
		return nil // it was given up while the transaction was waited for
	}
	if err := w.c.run("savepoint"); err != nil {
		return err
	}
	if j.attempt(w.c); j.err == nil && j.panic == nil {
		return w.c.run("release")
	}
	if err := errors.Join(w.c.run("undo"), w.c.run("release")); err != nil {
		return fmt.Errorf("the group's transaction was lost: %w", errors.Join(j.err, err))
	}
	return nil
}

// attempt runs the job's work and keeps its panic for the caller.
func (j *job) attempt(c *conn) {
	defer func() { j.panic = recover() }()
	j.err = j.work(c)
}

// commit answers ErrUnknown when it fails: what was written may still be found committed after a crash.
func (w *writer) commit() error {
	err := w.c.run("commit")
	if err == nil {
		return nil
	}
	w.abandon()
	return fmt.Errorf("%w: %w", store.ErrUnknown, err)
}

// abandon rolls back what may be open. SQLite may have done so itself, and then this fails as it should.
func (w *writer) abandon() { _ = w.c.run("rollback") }
