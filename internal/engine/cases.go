package engine

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/store"
)

// OpenCase opens a case, or returns the one that is open for the same binding. The participants are asked what hangs on the
// binding before the transaction, and their answers are kept with the case as they were shown (I6).
func (e *Engine) OpenCase(ctx context.Context, by jieling.Actor, idem Idem, in NewCase) (CaseView, error) {
	if err := in.check(); err != nil {
		return CaseView{}, err
	}
	before, err := e.Store.Load(ctx, store.Need{Account: in.Account, With: store.OpenCases})
	if err != nil {
		return CaseView{}, translate(err)
	}
	if err := found(before, by, ScopeCases); err != nil {
		return CaseView{}, err
	}
	live, warned := e.live(ctx, before, in.Binding), e.warned(ctx, before, in.Binding)
	var out CaseView
	need := store.Need{Account: in.Account, With: store.OpenCases | riskParts}
	err = e.do(ctx, by, idem, need, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeCases); err != nil {
			return "", err
		}
		if i := slices.IndexFunc(w.Cases, func(c jieling.Case) bool { return c.Binding == in.Binding }); i >= 0 {
			w.Case = &w.Cases[i]
			out = e.view(w.Snapshot)
			return string(w.Case.ID), nil
		}
		if warned {
			w.editBinding(in.Binding, func(b *jieling.Binding) { b.RiskAt = w.Now })
		}
		if err := w.begin(in, live); err != nil {
			return "", err
		}
		out = e.view(w.Snapshot)
		return string(w.Case.ID), nil
	}, func(s store.Snapshot, a store.Answer) error {
		out.ID = jieling.CaseID(a.Ref)
		return nil
	})
	if err != nil || out.Account != "" {
		return out, err
	}
	return e.Case(ctx, by, out.ID)
}

func (in NewCase) check() error {
	if in.Goal != jieling.Unlink && in.Goal != jieling.Replace {
		return jieling.Invalid("goal", "must be unlink or replace")
	}
	if !slices.Contains(jieling.Reasons[:], in.Reason) {
		return jieling.Invalid("reason", "must be one of privacy, separate, conflict, theft, organisation, abroad, other")
	}
	return checkPlatform(in.Platform)
}

// begin makes the case. What the pack decides is decided here, on what this transaction reads, and not where the plan was shown.
func (w *work) begin(in NewCase, live []answer) error {
	b := w.binding(in.Binding)
	switch {
	case frozenTo(w.Snapshot):
		return frozen()
	case w.held() != nil:
		return w.held()
	case b == nil:
		return notFound()
	case !b.Usable() && !b.Withdrawn(): // what its provider took away can be taken off all the same
		return jieling.Refuse(jieling.CodeConflict, "这个登录方式现在不能解绑。", "This login cannot be unlinked now.")
	case in.Goal == jieling.Replace && !w.e.proves(b.Provider):
		return jieling.Invalid("goal", "replace takes a login that a code can be sent to, a phone or a mailbox; link another one and unlink this")
	}
	device := in.Device
	if w.by.Kind == jieling.ActorPerson {
		device = w.by.Device
	}
	c := jieling.Case{
		ID: newID[jieling.CaseID](w.e, "case", w.Now), Account: w.Account.ID, Goal: in.Goal, Binding: b.ID, Provider: b.Provider, Platform: in.Platform,
		Device: device, By: w.session(), Reason: in.Reason, Scenario: in.Scenario, Epoch: w.Account.Epoch,
	}
	w.Case, w.claims = &c, in.Claims
	d, _, err := w.decide()
	if err != nil {
		return err
	}
	situation, signals := w.situation(*b)
	known, err := json.Marshal(situation)
	if err != nil {
		return err
	}
	c.Decision, c.Signals, c.Impact = d, risk.Kept(signals), w.impact(*b, live)
	opened := casework.Opened{Case: c, TTL: w.e.CaseTTL, Situation: known}
	w.Case = &jieling.Case{}
	w.transition("case.open", map[string]any{"binding": b.ID, "platform": in.Platform, "reason": in.Reason, "pack": d.Pack})
	if err := w.step(opened); err != nil {
		return err
	}
	return w.noteReplacement()
}

// noteReplacement tells the case when what stays is enough already.
func (w *work) noteReplacement() error {
	if !w.Case.Decision.Replacement || w.Case.Replaced || !sufficient(*w.Case, w.Case.Decision, w.Bindings) {
		return nil
	}
	return w.step(casework.Replaced{Binding: standIn(w.Case.Decision, w.Bindings, w.Case.Binding)})
}

// standIn names the binding that makes what stays sufficient: a phone where one is asked for, else the latest proven.
func standIn(d jieling.Decision, bindings []jieling.Binding, leaving jieling.BindingID) jieling.BindingID {
	var id jieling.BindingID
	for _, b := range bindings {
		if b.Usable() && b.ID != leaving && (!d.NeedPhone || b.Provider == jieling.Phone) {
			id = b.ID
		}
	}
	return id
}

// Case shows a case.
func (e *Engine) Case(ctx context.Context, by jieling.Actor, id jieling.CaseID) (CaseView, error) {
	s, err := e.Store.Load(ctx, store.Need{Case: id, With: store.Challenges | store.Enrolments | store.Devices | store.Sessions | store.Removed | store.Reviews})
	if err != nil {
		return CaseView{}, translate(err)
	}
	if err := foundCase(s, by); err != nil {
		return CaseView{}, err
	}
	v := e.view(s)
	if !v.Stage.Terminal() {
		v.Access = e.caseAccess(s)
	}
	return v, nil
}

// view shows the snapshot's case; what the snapshot did not load is left out.
func (e *Engine) view(s store.Snapshot) CaseView {
	v := CaseView{Case: *s.Case, Next: casework.Next(*s.Case), Reviews: s.Reviews, Offered: e.reviewedHere(), Due: e.Reviewing.Due, Now: s.Now}
	if frozenTo(s) && !s.Case.Stage.Terminal() && s.Case.RemovedAt.IsZero() {
		v.Next = casework.MoveThaw
	}
	for _, b := range s.Bindings {
		switch {
		case b.ID == s.Case.Binding:
			v.Binding = b
		case b.State != jieling.BindingRemoved:
			v.Others = append(v.Others, b)
		}
	}
	if guide, ok := e.Providers[s.Case.Provider].(provider.Guide); ok && s.Case.Upstream == jieling.UpstreamUserAction {
		v.Guide = guide.RevokeSteps()
	}
	v.Factors, v.Signals = e.factorStates(s.Case.Decision, s), risk.Explained(s.Case.Signals)
	for _, ch := range s.Challenges {
		if ch.Case == s.Case.ID && ch.Factor != jieling.NoticeLink && s.Now.Before(ch.ExpiresAt) && ch.Guesses < ch.Limit {
			v.Open = append(v.Open, ChallengeView{Challenge: ch, Public: ch.Public})
		}
	}
	return v
}

// Events lists a case's history after a sequence number.
func (e *Engine) Events(ctx context.Context, by jieling.Actor, id jieling.CaseID, after int64) ([]jieling.Event, error) {
	s, err := e.Store.Load(ctx, store.Need{Case: id})
	if err != nil {
		return nil, translate(err)
	}
	if err := foundCase(s, by); err != nil {
		return nil, err
	}
	events, err := e.Store.Events(ctx, id, after)
	return events, translate(err)
}

// move carries out one of the person's moves on a case. The repeat of a request sees the case as it stands now.
func (e *Engine) move(ctx context.Context, by jieling.Actor, idem Idem, need store.Need, act func(*work) error) (CaseView, error) {
	var out CaseView
	err := e.do(ctx, by, idem, need, func(w *work) (string, error) {
		if err := foundCase(w.Snapshot, by); err != nil {
			return "", err
		}
		if err := w.catchUp(); err != nil {
			return "", err
		}
		if frozenTo(w.Snapshot) && w.Case.RemovedAt.IsZero() {
			return "", frozen()
		}
		if err := w.held(); err != nil && w.Case.RemovedAt.IsZero() {
			return "", err
		}
		if err := act(w); err != nil {
			return "", err
		}
		out = e.view(w.Snapshot)
		return string(w.Case.ID), nil
	}, func(s store.Snapshot, _ store.Answer) error {
		if err := foundCase(s, by); err != nil {
			return err
		}
		out = e.view(s)
		return nil
	})
	return out, err
}

// BackUp settles the offer of a backup (P5).
func (e *Engine) BackUp(ctx context.Context, by jieling.Actor, idem Idem, id jieling.CaseID, choice jieling.BackupChoice) (CaseView, error) {
	return e.move(ctx, by, idem, store.Need{Case: id, With: store.Challenges | store.Enrolments | store.Devices}, func(w *work) error {
		w.transition("case.backup", map[string]any{"choice": choice})
		return w.step(casework.BackedUp{Choice: choice})
	})
}

// Confirm is the person's one confirmation. Everything that is asked is checked again on what this transaction reads (S15),
// and where no participant is concerned and nothing is waited for the binding goes in this very transaction.
func (e *Engine) Confirm(ctx context.Context, by jieling.Actor, idem Idem, id jieling.CaseID) (CaseView, error) {
	return e.move(ctx, by, idem, store.Need{Case: id, With: riskParts | e.backIn()}, func(w *work) error {
		ground := w.ground()
		w.transition("case.confirm", map[string]any{"pack": w.Case.Decision.Pack, "ways_in_after": ground.WaysInAfter})
		if err := w.step(casework.Confirmed{Ground: ground, Legs: e.legs(w.Case.Provider)}); err != nil {
			return err
		}
		if w.Case.ConfirmedAt.IsZero() {
			w.transition("case.ask_again", map[string]any{"pack": w.Case.Decision.Pack})
			return &committedRefusal{jieling.Refuse(jieling.CodeVerification, "情况或规则有变化，还需要补充验证。请回到解绑单查看。",
				"Things or the rules have changed since, and more is asked now. Look at the case again.")}
		}
		return nil
	})
}

// legs plans one leg for every participant a provider's bindings hang on.
func (e *Engine) legs(p jieling.Provider) []jieling.Leg {
	var out []jieling.Leg
	for _, part := range e.Participants {
		if len(part.Provider) == 0 || slices.Contains(part.Provider, p) {
			out = append(out, jieling.Leg{Participant: part.Name, Title: part.Title, Required: part.Required})
		}
	}
	return out
}

// Cancel ends a case before it is carried out. Nothing was changed and nothing is.
func (e *Engine) Cancel(ctx context.Context, by jieling.Actor, idem Idem, id jieling.CaseID) (CaseView, error) {
	return e.move(ctx, by, idem, store.Need{Case: id, With: store.Challenges}, func(w *work) error {
		w.transition("case.cancel", nil)
		w.dropPending()
		return w.step(casework.Cancelled{})
	})
}

// dropPending forgets a replacement that was named and never proven: no half-made login outlives its case (S9).
func (w *work) dropPending() {
	for _, b := range slices.Clone(w.Bindings) {
		if b.State == jieling.BindingPending && w.pendingOf(b.ID) {
			w.removeQuietly(b.ID)
		}
	}
}

// pendingOf reports that an open challenge of this case was to prove the binding.
func (w *work) pendingOf(id jieling.BindingID) bool {
	return slices.ContainsFunc(w.Challenges, func(ch jieling.Challenge) bool {
		return ch.Case == w.Case.ID && ch.Purpose == jieling.ForReplacement && ch.Binding == id
	})
}

func (w *work) removeQuietly(id jieling.BindingID) {
	w.editBinding(id, func(b *jieling.Binding) {
		b.State, b.RemovedAt, b.Subject, b.Union, b.Grant = jieling.BindingRemoved, w.Now, nil, nil, nil
	})
}

// Undo puts the binding back inside the undo window, and lets every participant take back what it did (S21).
func (e *Engine) Undo(ctx context.Context, by jieling.Actor, idem Idem, id jieling.CaseID) (CaseView, error) {
	return e.move(ctx, by, idem, store.Need{Case: id, With: store.Removed | store.Challenges}, func(w *work) error {
		if frozenTo(w.Snapshot) {
			return frozen()
		}
		w.transition("case.undo", nil)
		return w.step(casework.Undone{})
	})
}

// CleanUp starts the second, separate clean-up of one residue (F4).
func (e *Engine) CleanUp(ctx context.Context, by jieling.Actor, idem Idem, id jieling.CaseID, participant, residue string) (CaseView, error) {
	return e.move(ctx, by, idem, store.Need{Case: id, With: store.Removed}, func(w *work) error {
		w.transition("case.cleanup.ask", map[string]any{"participant": participant, "residue": residue})
		return w.step(casework.CleanupAsked{Participant: participant, Residue: residue})
	})
}

// Probe asks the provider again whether the grant is gone, for a person who has just taken it back there.
func (e *Engine) Probe(ctx context.Context, by jieling.Actor, idem Idem, id jieling.CaseID) (CaseView, error) {
	return e.move(ctx, by, idem, store.Need{Case: id, With: store.Removed}, func(w *work) error {
		if w.Case.RemovedAt.IsZero() {
			return jieling.Refuse(jieling.CodeConflict, "解绑还没有执行，无需核实。", "Nothing has been removed yet; there is nothing to ask the provider.")
		}
		w.effect(jieling.Effect{
			Key: string(w.Case.ID) + "/provider.probe/" + w.Now.UTC().Format("20060102T150405"), Kind: jieling.EffectProbe, Account: w.Account.ID,
			Case: w.Case.ID, Target: string(w.Case.Provider), Subject: string(w.Case.Binding),
		})
		return nil
	})
}

// Describe asks the participants again what hangs on the binding, while the person is still deciding (I6).
func (e *Engine) Describe(ctx context.Context, by jieling.Actor, idem Idem, id jieling.CaseID) (CaseView, error) {
	before, err := e.Store.Load(ctx, store.Need{Case: id})
	if err != nil {
		return CaseView{}, translate(err)
	}
	if err := foundCase(before, by); err != nil {
		return CaseView{}, err
	}
	live := e.live(ctx, before, before.Case.Binding)
	return e.move(ctx, by, idem, store.Need{Case: id, With: store.Challenges | riskParts}, func(w *work) error {
		b := w.binding(w.Case.Binding)
		if b == nil {
			return notFound()
		}
		w.transition("case.describe", nil)
		return w.step(casework.Described{Impact: w.impact(*b, live)})
	})
}

// Replacement names a phone or a mailbox as the login that will stay, and sends it a code: only one that answers counts (S16, D4).
func (e *Engine) Replacement(ctx context.Context, by jieling.Actor, idem Idem, id jieling.CaseID, in NewBinding, lang string) (ChallengeView, error) {
	if err := in.check(); err != nil {
		return ChallengeView{}, err
	}
	f := jieling.SMSCode
	switch in.Provider {
	case jieling.Phone:
	case jieling.Email:
		f = jieling.EmailCode
	default:
		return ChallengeView{}, jieling.Invalid("provider", "must be phone or email: what can be proven here")
	}
	s, err := e.Store.Load(ctx, store.Need{Case: id, With: store.Challenges})
	if err != nil {
		return ChallengeView{}, translate(err)
	}
	if err := foundCase(s, by); err != nil {
		return ChallengeView{}, err
	}
	if s.Case.Goal == jieling.Replace && in.Provider != s.Case.Provider {
		return ChallengeView{}, jieling.Invalid("provider", "must be "+string(s.Case.Provider)+": a login of the kind that goes takes its place")
	}
	ch := jieling.Challenge{Case: id, Factor: f, Purpose: jieling.ForReplacement}
	var pending jieling.Binding
	if pending, err = e.newBinding(&work{e: e, Snapshot: s, by: by}, in, jieling.BindingPending); err != nil {
		return ChallengeView{}, err
	}
	if in.Provider == jieling.Phone {
		if pending.Holder, err = e.freshNumber(ctx, s.Now, in.Subject); err != nil {
			return ChallengeView{}, err
		}
	}
	if pending.Holder != jieling.HolderUnknown {
		pending.HolderAt = s.Now
	}
	ch.Binding = pending.ID
	return e.issueTo(ctx, by, idem, s, ch, NewChallenge{Case: id, Lang: lang}, in.Subject, func(w *work) error {
		if casework.Next(*w.Case) == casework.MoveWatch || w.Case.Stage.Terminal() {
			return jieling.Refuse(jieling.CodeCaseClosed, "现在不能更换替代方式。", "The replacement cannot be changed now.")
		}
		if err := w.refusesMailbox(in); err != nil {
			return err
		}
		w.dropPending()
		w.putBinding(pending)
		w.transition("case.replacement", map[string]any{"binding": pending.ID, "provider": pending.Provider})
		return nil
	})
}

// activate makes a pending binding a way in: its code came back (S16).
func (w *work) activate(id jieling.BindingID) error {
	b := w.binding(id)
	if b == nil || b.State != jieling.BindingPending {
		return jieling.Refuse(jieling.CodeChallengeUsed, "这个号码已被替换，请重新验证。", "This number was replaced meanwhile. Verify again.")
	}
	if own := w.twin(*b); own != "" {
		w.removeQuietly(id) // the number was theirs already, and still is
		id = own
	} else {
		w.editBinding(id, func(b *jieling.Binding) { b.State, b.VerifiedAt = jieling.BindingActive, w.Now })
	}
	w.transition("binding.prove", map[string]any{"binding": id})
	if err := w.proven(id); err != nil {
		return err
	}
	w.recheck(*w.Case)
	with := *w.Case
	with.Replacement = id
	if !w.Case.RemovedAt.IsZero() || !sufficient(with, w.Case.Decision, w.Bindings) {
		return nil
	}
	return w.step(casework.Replaced{Binding: id})
}

// twin finds the usable binding of this account that has the identity of another one of it.
func (w *work) twin(of jieling.Binding) jieling.BindingID {
	for _, b := range w.Bindings {
		if b.ID != of.ID && b.Usable() && b.Provider == of.Provider && b.Index == of.Index {
			return b.ID
		}
	}
	return ""
}

// proven notes that a login was used: a number that took a code is its owner's today, and counts as a way back (A4). It became
// theirs no later for it, so the day it was bound stays. The first time sweeps (S17); within a day it is not written anew.
func (w *work) proven(id jieling.BindingID) error {
	b := w.binding(id)
	if b == nil || !b.Usable() || w.Now.Sub(b.LastUsedAt) <= 24*time.Hour {
		return nil
	}
	first := !b.Proven()
	w.editBinding(id, func(b *jieling.Binding) { b.LastUsedAt = w.Now })
	if first {
		return w.sweep(id)
	}
	return nil
}
