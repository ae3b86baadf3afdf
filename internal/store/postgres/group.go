package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// tries bounds how often one verb is done again for reasons that pass.
const tries = 4

// carry sees a group of verbs through: every one is finished afterwards, but for those it returns, which turned out to be
// about an account that another of the group holds.
func (s *Store) carry(group []*verb) (postponed []*verb) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	undone, postponed, err := s.transact(ctx, group)
	if len(undone) == 0 {
		return postponed
	}
	if len(undone) > 1 { // the failure is one verb's, but it is not known whose
		for _, v := range undone {
			s.alone(ctx, v, nil)
		}
		return postponed
	}
	s.alone(ctx, undone[0], err)
	return postponed
}

// alone does one verb again until it is through or fails for good. err is how it failed last, nil where it was not at fault.
func (s *Store) alone(ctx context.Context, v *verb, err error) {
	for range tries {
		if err != nil && !passing(err) && !errors.Is(err, errLost) {
			break
		}
		var undone []*verb
		if undone, _, err = s.transact(ctx, []*verb{v}); len(undone) == 0 {
			return
		}
	}
	v.finish(failure("update", err))
}

// errLost is the loss of a connection before anything could have been committed.
var errLost = errors.New("the connection was lost")

// transact carries a group in one transaction. Verbs that are decided for good are finished; those that a failure kept from
// being written are returned with it, and nothing of them happened.
func (s *Store) transact(ctx context.Context, group []*verb) (undone, postponed []*verb, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		finish(group, failure("connect", err))
		return nil, nil, nil
	}
	defer conn.Release() // which closes a connection whose transaction is not over
	v, err := s.read(ctx, conn, group)
	if err != nil {
		return group, nil, s.ended(ctx, conn, err)
	}
	var w writing
	writers, postponed := s.decide(group, v, &w)
	if len(writers) == 0 {
		return nil, postponed, s.ended(ctx, conn, nil)
	}
	if err := s.write(ctx, conn, &w); err != nil {
		if errors.Is(err, store.ErrUnknown) {
			finish(writers, err)
			return nil, postponed, nil
		}
		return writers, postponed, s.ended(ctx, conn, err)
	}
	finish(writers, nil)
	return nil, postponed, nil
}

func finish(verbs []*verb, err error) {
	for _, v := range verbs {
		v.finish(err)
	}
}

// read is the first round trip: begin, lock, read.
func (s *Store) read(ctx context.Context, conn *pgxpool.Conn, group []*verb) (*view, error) {
	needs := make([]store.Need, len(group))
	for i, v := range group {
		needs[i] = v.need
	}
	v := view{known: s.bases.Known()}
	var batch pgx.Batch
	batch.Queue("begin")
	v.queue(&batch, "lock_accounts", want(needs...))
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, err
	}
	v.now = v.now.Add(s.offset())
	return &v, nil
}

// decide runs every verb of the group over what was read and gathers what they write. Verbs that are refused are finished
// at once; one whose account another of the group has is postponed, for it must see what that one did.
func (s *Store) decide(group []*verb, v *view, w *writing) (writers, postponed []*verb) {
	taken := map[jieling.AccountID]bool{}
	for _, verb := range group {
		account := v.locate(verb.need)
		if account != "" && taken[account] {
			postponed = append(postponed, verb)
			continue
		}
		taken[account] = true
		if verb.change(v, w) {
			writers = append(writers, verb)
		}
	}
	return writers, postponed
}

// change decides one verb and reports whether it has something to write; if not, it is finished.
func (verb *verb) change(v *view, w *writing) (writes bool) {
	if err := verb.ctx.Err(); err != nil { // given up while another node held the account
		verb.finish(err)
		return false
	}
	sn := v.snapshot(verb.need)
	b := beforeOf(sn)
	if sn.Case != nil {
		b.filed = v.cases[sn.Case.ID]
	}
	ch, err, ok := verb.run(sn)
	if !ok {
		return false
	}
	if err == nil {
		writes, err = w.add(verb.need, b, ch)
	}
	if !writes {
		verb.finish(err)
	}
	return writes
}

// write is the second round trip: write, commit. Whether a lost connection took the commit with it nobody can tell.
func (s *Store) write(ctx context.Context, conn *pgxpool.Conn, w *writing) error {
	var batch pgx.Batch
	w.queue(&batch)
	committed := false
	batch.QueuedQueries[len(batch.QueuedQueries)-1].Exec(func(tag pgconn.CommandTag) error {
		committed = tag.String() == "COMMIT"
		return nil
	})
	err := conn.SendBatch(ctx, &batch).Close()
	switch {
	case committed:
		return nil
	case conn.Conn().IsClosed() && !pgconn.SafeToRetry(err):
		return fmt.Errorf("postgres: the connection was lost at commit: %w", store.ErrUnknown)
	case err == nil:
		return errors.New("postgres: the transaction was rolled back")
	}
	return err
}

// ended rolls the transaction back, if there still is a connection, and passes the error on.
func (s *Store) ended(ctx context.Context, conn *pgxpool.Conn, err error) error {
	if conn.Conn().IsClosed() {
		s.pool.Reset()
		return errors.Join(errLost, err)
	}
	if _, lost := conn.Exec(ctx, "rollback"); lost != nil {
		return err // Release closes the connection, and the server rolls back
	}
	return err
}
