package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/store"
)

// work is one verb between its snapshot and its change. The only way from here to the store is finish, which recounts the
// ways in, guards them and writes the audit row: no verb can leave one of these out.
type work struct {
	e *Engine
	store.Snapshot
	by      jieling.Actor
	change  store.Change
	touched bool // account, bindings or case change: a transition, with its audit row
	verb    string
	claims  Claims         // what the caller says of the situation
	detail  map[string]any // safe to keep for ever: no personal data, no secret
	about   jieling.CaseID // the case a transition concerns that leaves the case itself as it is
	taken   bool           // a provider took a login away, which is true whatever is left
	was     before
}

// repeat is how a verb answers a request it has answered before: from the reference it left under the idempotency key.
type repeat func(s store.Snapshot, earlier store.Answer) error

// do carries out one verb: it loads need under the account's lock, lets decide fill in the work, and commits. decide returns
// the reference to remember for a repeat. A request that was carried out before is not carried out again: again says its
// answer, and the commit writes that it was given (S23).
func (e *Engine) do(ctx context.Context, by jieling.Actor, idem Idem, need store.Need, decide func(*work) (ref string, err error), again repeat) error {
	if idem.Key != "" {
		need.Idem = store.Idem{Caller: callerOf(by), Key: idem.Key, Fingerprint: idem.Fingerprint}
	}
	var refusal error // an answer that was committed and is still a refusal: a wrong code, say
	var effects int
	err := e.Store.Update(ctx, need, func(s store.Snapshot) (store.Change, error) {
		refusal, effects = nil, 0
		if s.Replay != nil {
			if s.Replay.Fingerprint != idem.Fingerprint {
				return store.Change{}, reusedKey()
			}
			if s.Replay.Code != "" {
				refusal = rememberedRefusal(*s.Replay)
			} else if err := again(s, *s.Replay); err != nil {
				return store.Change{}, err
			}
			return store.Change{Replayed: true}, nil
		}
		w := &work{e: e, Snapshot: s, by: by, was: standing(s)}
		ref, err := decide(w)
		var kept *committedRefusal
		if errors.As(err, &kept) {
			refusal, err = kept.Error_, nil
		}
		if err != nil {
			return store.Change{}, err
		}
		if idem.Key != "" {
			w.change.Answer = &store.Answer{Fingerprint: idem.Fingerprint, Ref: ref, Code: jieling.CodeOf(refusal)}
		}
		effects = len(w.change.Effects)
		return w.finish()
	})
	if err != nil {
		return translate(err)
	}
	if effects > 0 {
		e.Wake()
	}
	return refusal
}

// committedRefusal is a refusal whose bookkeeping must be kept: a wrong guess counts.
type committedRefusal struct{ Error_ *jieling.Error }

func (c *committedRefusal) Error() string { return c.Error_.Error() }

// callerOf names whose idempotency keys these are.
func callerOf(by jieling.Actor) string { return string(by.Kind) + "/" + by.Name }

// step makes one move of the located case.
func (w *work) step(in casework.Input) error {
	out, err := casework.Step(*w.Case, w.Now, in)
	if err != nil {
		return err
	}
	event, err := casework.Record(out.Case, w.Now, w.by, in)
	if err != nil {
		return err
	}
	before := *w.Case
	w.Case, w.change.Case, w.touched = &out.Case, &out.Case, true
	w.leftStaff(before.Pending, out.Case.Pending)
	w.change.Events = append(w.change.Events, event)
	for _, eff := range out.Effects {
		if eff.Kind == jieling.EffectNotify {
			w.notifyAll(eff)
			continue
		}
		w.effect(eff)
	}
	switch {
	case out.Remove:
		w.removeBinding(out.Case.Binding)
	case out.Restore:
		w.restoreBinding(out.Case.Binding)
	case out.Forget:
		w.forgetBinding(out.Case.Binding)
	}
	w.quickSignIn(before, out.Case)
	if out.Case.Stage.Terminal() {
		w.killChallenges(func(ch jieling.Challenge) bool { return ch.Case == out.Case.ID })
	}
	return w.liftWhenDone()
}

func (w *work) effect(eff jieling.Effect) {
	eff.ID = newID[jieling.EffectID](w.e, "eff", w.Now)
	if eff.RunAt.IsZero() {
		eff.RunAt = w.Now
	}
	w.change.Effects = append(w.change.Effects, eff)
}

// notifyAll tells the owner at every contact point of theirs, so that one a thief has brought along hides nothing.
func (w *work) notifyAll(eff jieling.Effect) {
	for _, b := range w.Bindings {
		if w.e.channel(b) != "" && b.Usable() {
			to := eff
			to.Subject, to.Key = string(b.ID), eff.Key+"/"+string(b.ID)
			w.effect(to)
		}
	}
}

// removeBinding takes a binding away: the row stays as a tombstone, what was opened through it ends (S9).
func (w *work) removeBinding(id jieling.BindingID) {
	w.editBinding(id, func(b *jieling.Binding) { b.State, b.RemovedAt = jieling.BindingRemoved, w.Now })
	w.note("unlinked", id)
	w.change.EndSessions = id
	if w.Case.GuardUntil.After(w.Account.GuardedUntil) {
		w.Account.GuardedUntil = w.Case.GuardUntil
	}
}

// restoreBinding puts a binding back exactly as it was (S21); the schema refuses when its identity is bound elsewhere by now. One that its
// provider took away in between is no way in until it is proven anew.
func (w *work) restoreBinding(id jieling.BindingID) {
	w.editBinding(id, func(b *jieling.Binding) {
		b.State, b.RemovedAt = jieling.BindingActive, time.Time{}
		if b.Said != "" {
			b.State = jieling.BindingSuspended
		}
	})
	w.note("restored", id)
}

// forgetBinding drops what is still known of a removed identity once it can no longer be put back.
func (w *work) forgetBinding(id jieling.BindingID) {
	w.editBinding(id, func(b *jieling.Binding) { b.Subject, b.Union, b.Grant, b.Index = nil, nil, nil, [32]byte{} })
}

func (w *work) editBinding(id jieling.BindingID, edit func(*jieling.Binding)) {
	if is := w.binding(id); is != nil {
		b := *is
		edit(&b)
		w.putBinding(b)
	}
}

func (w *work) putBinding(b jieling.Binding) {
	w.touched = true
	if i := slices.IndexFunc(w.Bindings, func(x jieling.Binding) bool { return x.ID == b.ID }); i >= 0 {
		w.Bindings[i] = b
	} else {
		w.Bindings = append(w.Bindings, b)
	}
	if i := slices.IndexFunc(w.change.Bindings, func(x jieling.Binding) bool { return x.ID == b.ID }); i >= 0 {
		w.change.Bindings[i] = b
	} else {
		w.change.Bindings = append(w.change.Bindings, b)
	}
}

func (w *work) binding(id jieling.BindingID) *jieling.Binding {
	for i := range w.Bindings {
		if w.Bindings[i].ID == id {
			return &w.Bindings[i]
		}
	}
	return nil
}

// waysIn counts the usable ways in, without one of them where leaving is not "".
func waysIn(bindings []jieling.Binding, leaving jieling.BindingID) int {
	n := 0
	for _, b := range bindings {
		if b.Usable() && b.ID != leaving {
			n++
		}
	}
	return n
}

// finish turns the work into its change: ways in recounted under the lock and guarded (S14), the account's version and audit
// head moved on, exactly one audit row (S24).
func (w *work) finish() (store.Change, error) {
	if !w.touched {
		return w.change, nil
	}
	had := w.Account.WaysIn
	w.Account.WaysIn = waysIn(w.Bindings, "")
	switch {
	case w.Account.WaysIn > 0:
		w.Account.StrandedAt = time.Time{}
	case had > 0 && !w.taken:
		return store.Change{}, lastWayIn()
	case had > 0:
		w.Account.StrandedAt = w.Now
	}
	if w.by.Kind == jieling.ActorPerson && w.by.Device != "" {
		w.note("device", w.by.Device)
	}
	if w.change.Case != nil && w.detail["binding"] == nil {
		w.note("binding", w.change.Case.Binding)
	}
	w.facts()
	detail, err := json.Marshal(w.detail)
	if err != nil {
		return store.Change{}, fmt.Errorf("audit detail of %s: %w", w.verb, err)
	}
	w.Account.Version++
	entry := audit.Entry{Account: w.Account.ID, Case: w.about, Seq: w.Account.Version, Actor: callerOf(w.by), Verb: w.verb, At: w.Now, Detail: detail}
	if w.change.Case != nil {
		entry.Case = w.change.Case.ID
	}
	entry = entry.After(w.Account.AuditHead)
	w.Account.AuditHead = entry.Hash
	w.change.Account, w.change.Audit = w.Account, &entry
	return w.change, nil
}

// transition names what the work did, for its audit row.
func (w *work) transition(verb string, detail map[string]any) {
	w.verb, w.detail, w.touched = verb, detail, true
}

// note adds to what the audit row says.
func (w *work) note(key string, value any) {
	if w.detail == nil {
		w.detail = map[string]any{}
	}
	w.detail[key] = value
}

// newID draws an ID. Randomness that fails is a broken machine.
func newID[T ~string](e *Engine, prefix string, at time.Time) T {
	var r [10]byte
	if _, err := io.ReadFull(e.Random, r[:]); err != nil {
		panic(fmt.Errorf("no randomness: %w", err))
	}
	return jieling.NewID[T](prefix, at, r)
}

func (e *Engine) random(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(e.Random, b); err != nil {
		panic(fmt.Errorf("no randomness: %w", err))
	}
	return b
}
