package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// Update carries out one verb in the writer's next transaction.
func (s *Store) Update(ctx context.Context, need store.Need, decide func(store.Snapshot) (store.Change, error)) error {
	var refused error
	err := s.writer.do(ctx, func(c *conn) error {
		refused = nil // this may be the second time
		sn, located, err := c.snapshot(need, s.now())
		if err != nil {
			return err
		}
		sn.Now = s.now()
		w := writing{c: c, need: need, now: sn.Now, read: orZero(sn.Account), located: located}
		ch, err := decide(sn)
		if err != nil {
			refused = err
			return err
		}
		return w.change(ch)
	})
	if refused != nil {
		return refused
	}
	return doing("update", err)
}

// Claim leases effects in the writer's next transaction.
func (s *Store) Claim(ctx context.Context, lease time.Duration, limit int) (claimed []jieling.Effect, err error) {
	err = s.writer.do(ctx, func(c *conn) (err error) {
		now := s.now()
		claimed, err = list(c, "claim", readEffect, moment(now.Add(lease)), moment(now), moment(now), int64(limit))
		return err
	})
	if err != nil {
		return nil, doing("claim", err)
	}
	slices.SortFunc(claimed, func(a, b jieling.Effect) int { // RETURNING promises no order
		if d := a.RunAt.Compare(b.RunAt); d != 0 {
			return d
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return claimed, nil
}

// PutKey adds or replaces a key.
func (s *Store) PutKey(ctx context.Context, k store.Key) error {
	scopes, err := json.Marshal(k.Scopes)
	if err != nil {
		return doing("put key", err)
	}
	return doing("put key", s.writer.do(ctx, func(c *conn) error {
		return c.put("key", digest(k.Hash), string(scopes), moment(k.CreatedAt), moment(k.RevokedAt), k.Name)
	}))
}

// writing writes one verb's change. read is the account as decide saw it, zero where there was none; located the case.
type writing struct {
	c       *conn
	need    store.Need
	now     time.Time
	read    jieling.Account
	located *kept
}

func (w writing) change(ch store.Change) error {
	if err := coherent(w.read, w.need, ch); err != nil {
		return err
	}
	for _, step := range [...]func(store.Change) error{w.account, w.organised, w.story, w.proofs, w.reviews, w.effects, w.doors, w.memory} {
		if err := step(ch); err != nil {
			return err
		}
	}
	return nil
}

// account writes the bindings first: the account's row is where they are counted.
func (w writing) account(ch store.Change) error {
	a := ch.Account
	if a == nil {
		return nil
	}
	if a.Version == 1 {
		if err := w.c.run("add account", string(a.ID), a.ExternalID, string(a.Kind), moment(a.CreatedAt)); err != nil {
			return meaning(err, violations{unique: store.ErrExists, key: store.ErrStale})
		}
	}
	for _, b := range ch.Bindings {
		if err := w.c.put("binding", bindingArgs(b)...); err != nil {
			return meaning(err, violations{unique: store.ErrBindingExists})
		}
	}
	if err := w.must(store.ErrStale, "put account", putAccountArgs(*a)...); err != nil {
		return meaning(err, violations{unique: store.ErrExists, lastWayIn: store.ErrLastWayIn})
	}
	return w.c.run("add audit", entryArgs(*ch.Audit)...)
}

// story writes the case and its history.
func (w writing) story(ch store.Change) error {
	if ch.Case == nil {
		return nil
	}
	basis, mark, err := w.basis(*ch.Case)
	if err != nil {
		return err
	}
	args, err := caseArgs(*ch.Case, mark)
	if err != nil {
		return err
	}
	if err := w.c.put("case", args...); err != nil {
		return err
	}
	if basis != nil {
		if err := w.c.put("basis", string(basis), string(ch.Case.ID)); err != nil {
			return err
		}
	}
	return w.history(ch)
}

// history appends events to what is there, without a gap.
func (w writing) history(ch store.Change) error {
	if len(ch.Events) == 0 {
		return nil
	}
	last, err := w.lastEvent(ch.Case.ID)
	if err != nil {
		return err
	}
	for i, e := range ch.Events {
		if e.Seq != last+int64(i)+1 {
			return fmt.Errorf("event %d of a case that has %d: %w", e.Seq, last+int64(i), store.ErrStale)
		}
		if err := w.c.run("add event", eventArgs(e)...); err != nil {
			return err
		}
	}
	return nil
}

// lastEvent is what a case's new events must follow: its version as it was read in this transaction, or what the file has.
func (w writing) lastEvent(c jieling.CaseID) (int64, error) {
	if w.located != nil && w.located.ID == c {
		return w.located.Version, nil
	}
	last, err := one(w.c, "last event", func(r *row) (int64, error) { return r.int(), nil }, string(c))
	return orZero(last), err
}

// basis gives what a case stands on, nil where that is what it was, and its mark.
func (w writing) basis(c jieling.Case) ([]byte, store.Mark, error) {
	b := store.BasisOf(c)
	if w.located != nil && w.located.ID == c.ID && w.located.basis.Same(b) {
		return nil, w.located.mark, nil
	}
	return store.EncodeBasis(b)
}

// proofs writes what a person proves themselves with.
func (w writing) proofs(ch store.Change) error {
	for _, q := range ch.Challenges {
		if err := w.c.put("challenge", challengeArgs(q)...); err != nil {
			return err
		}
	}
	for _, e := range ch.Enrolments {
		if err := w.c.put("enrolment", enrolmentArgs(e)...); err != nil {
			return err
		}
	}
	for _, d := range ch.Devices {
		if err := w.c.put("device", deviceArgs(d)...); err != nil {
			return err
		}
	}
	for _, b := range ch.Budgets {
		if err := w.c.put("budget", budgetArgs(b)...); err != nil {
			return err
		}
	}
	return nil
}

// effects settles the one that was reported and asks for new ones.
func (w writing) effects(ch store.Change) error {
	if r := ch.Report; r != nil {
		at := driver.Value(nil)
		if r.State == jieling.EffectDue {
			at = moment(r.RunAt)
		}
		err := w.must(store.ErrStale, "report", string(r.State), at, r.Error, string(w.read.ID), string(w.need.Effect), int64(r.Attempt))
		if err != nil {
			return err
		}
	}
	for _, e := range ch.Effects {
		if err := w.c.run("add effect", effectArgs(e)...); err != nil {
			return err
		}
	}
	return nil
}

// doors ends sessions before it opens new ones, so that one change can do both.
func (w writing) doors(ch store.Change) error {
	if ch.EndSessions != "" {
		if err := w.c.run("end sessions of binding", moment(w.now), string(w.owner(ch)), string(ch.EndSessions)); err != nil {
			return err
		}
	}
	if ch.EndAllSessions {
		if err := w.c.run("end all sessions", moment(w.now), string(w.owner(ch))); err != nil {
			return err
		}
		if err := w.c.run("end all tickets", moment(w.now), string(w.owner(ch))); err != nil {
			return err
		}
	}
	for _, s := range ch.Sessions {
		if err := w.c.put("session", sessionArgs(s)...); err != nil {
			return err
		}
	}
	if err := w.signIns(ch); err != nil {
		return err
	}
	if ch.Ticket != nil {
		return w.c.put("ticket", ticketArgs(*ch.Ticket)...)
	}
	return nil
}

// signIns appends to the history and drops what is beyond its bounds.
func (w writing) signIns(ch store.Change) error {
	for _, s := range ch.SignIns {
		if err := w.c.run("add sign-in", signInArgs(s)...); err != nil {
			return err
		}
	}
	if n := len(ch.SignIns); n > 0 {
		oldest := ch.SignIns[n-1].At.Add(-jieling.SignInsFor)
		return w.c.run("trim sign-ins", string(w.owner(ch)), moment(oldest), int64(jieling.SignInsKept))
	}
	return nil
}

// memory remembers the answer, or that the earlier one was given again.
func (w writing) memory(ch store.Change) error {
	if ch.Replayed {
		return w.must(store.ErrStale, "replay", w.need.Idem.Caller, w.need.Idem.Key)
	}
	if a := ch.Answer; a != nil {
		err := w.c.run("add answer", w.need.Idem.Caller, w.need.Idem.Key, a.Fingerprint[:], a.Ref, string(a.Code), bytes(a.Detail), moment(w.now))
		return meaning(err, violations{key: store.ErrStale})
	}
	return nil
}

func (w writing) owner(ch store.Change) jieling.AccountID { return owner(w.read, ch) }

// put writes a row whole: it is changed where it is, and added where it is not. The row of another account is not changed, so
// that adding it fails on its key. (SQLite's ON CONFLICT DO UPDATE would be one statement, and take twice the time.)
func (c *conn) put(what string, args ...driver.Value) error {
	n, err := c.exec("change "+what, args...)
	if err == nil && n == 0 {
		err = c.run("add "+what, args...)
	}
	return err
}

// must runs a statement that has to write a row, and answers otherwise where it wrote none.
func (w writing) must(otherwise error, name string, args ...driver.Value) error {
	n, err := w.c.exec(name, args...)
	if err == nil && n == 0 {
		return fmt.Errorf("%s: %w", name, otherwise)
	}
	return err
}

// violations says what a broken constraint of one statement means to the contract.
type violations struct{ unique, key, lastWayIn error }

// meaning puts the contract's error before the database's.
func meaning(err error, v violations) error {
	var broken *sqlite.Error
	if !errors.As(err, &broken) {
		return err
	}
	var means error
	switch broken.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		means = v.unique
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		means = v.key
	case sqlite3.SQLITE_CONSTRAINT_CHECK:
		if strings.Contains(broken.Error(), "last_way_in") {
			means = v.lastWayIn
		}
	}
	if means == nil {
		return err
	}
	return fmt.Errorf("%w (%w)", means, err)
}
