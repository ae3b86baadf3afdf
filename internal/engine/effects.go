package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/notify"
	"github.com/jieling-id/jieling/internal/participant"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/store"
)

// Tries of an effect before it is given up on. Past the commit point there is no way back, so the worker tries for about ten
// hours; before it the person is waiting, and a party that refuses to talk stops the removal within seconds, one that hangs
// within about a minute.
const (
	triesBefore = 6
	triesAfter  = 24
	longestWait = time.Hour
)

// Act carries out one leased effect and reports how it went. It touches the outside first and writes afterwards, in one
// transaction that is refused with CodeStale when the lease was lost meanwhile (S29). An error of the outside is no error of
// Act: it is written down, with the next try.
func (e *Engine) Act(ctx context.Context, eff jieling.Effect) error {
	switch eff.Kind {
	case jieling.EffectTimer:
		if eff.Case == "" {
			return e.actReview(ctx, eff)
		}
		return e.actTimer(ctx, eff)
	case jieling.EffectSwitch:
		return e.actSwitch(ctx, eff)
	case jieling.EffectDeliver:
		return e.actDeliver(ctx, eff)
	case jieling.EffectNotify:
		return e.actNotify(ctx, eff)
	case jieling.EffectProbe:
		if jieling.ValidID("chl", eff.Subject) {
			return e.actPetition(ctx, eff)
		}
		return e.actProbe(ctx, eff)
	case jieling.EffectCheck:
		return e.actCheck(ctx, eff)
	case jieling.EffectPrepare, jieling.EffectCommit, jieling.EffectCompensate, jieling.EffectVerify, jieling.EffectCleanup:
		return e.actParticipant(ctx, eff)
	}
	return e.report(ctx, eff, jieling.EffectDead, fmt.Errorf("no hand for %s", eff.Kind), nil)
}

var byClock = jieling.Actor{Kind: jieling.ActorClock, Name: "worker"}

// report settles an attempt: done, dead (which is an alarm, L5), or due again after a wait. then, where there is one, makes the
// moves that follow.
func (e *Engine) report(ctx context.Context, eff jieling.Effect, state jieling.EffectState, failure error, then func(*work) error) error {
	if state == jieling.EffectDead {
		e.Log.Error("an effect was given up on", "effect", eff.ID, "kind", eff.Kind, "target", eff.Target, "case", eff.Case, "reason", safeReason(failure))
	}
	by := byClock
	if eff.Target != "" {
		by = jieling.Actor{Kind: jieling.ActorParty, Name: eff.Target}
	}
	need := store.Need{Account: eff.Account, Case: eff.Case, Effect: eff.ID, With: store.Removed | store.Challenges | e.backIn()}
	if eff.Kind == jieling.EffectPrepare || eff.Kind == jieling.EffectTimer { // these alone can lead to the commit point
		need.With |= riskParts
	}
	return e.do(ctx, by, Idem{}, need, func(w *work) (string, error) {
		w.change.Report = &store.Report{Attempt: eff.Attempt, State: state, RunAt: w.Now.Add(wait(eff, failure)), Error: safeReason(failure)}
		if then == nil || state == jieling.EffectDue || w.Case == nil || w.Account == nil {
			return "", nil
		}
		if err := w.catchUpRemoved(); err != nil {
			return "", err
		}
		err := ignoreLate(then(w))
		w.touched = w.change.Case != nil // a report that came too late is no transition
		return "", err
	}, nil)
}

// catchUpRemoved is catchUp for reports, which a frozen account must not hold up.
func (w *work) catchUpRemoved() error { return ignoreLate(w.catchUp()) }

// ignoreLate drops the refusal of a report that comes too late to matter: the case has moved on without it (S20).
func ignoreLate(err error) error {
	switch jieling.CodeOf(err) {
	case jieling.CodeCaseClosed, jieling.CodeConflict, jieling.CodeFrozen, jieling.CodeNotFound:
		return nil
	}
	return err
}

// backoff waits longer after each attempt: 0.2 s, 0.4 s, 0.8 s … an hour.
func backoff(attempt int) time.Duration {
	if attempt > 14 {
		return longestWait
	}
	return min(longestWait, 100*time.Millisecond<<attempt)
}

// wait is how long to leave a party alone: as long as it asks, and no less than the backoff.
func wait(eff jieling.Effect, failure error) time.Duration {
	var told *jieling.Error
	if errors.As(failure, &told) {
		return max(told.After, backoff(eff.Attempt))
	}
	return backoff(eff.Attempt)
}

// safeReason is what may be kept of a failure: its code, never what a party sent.
func safeReason(err error) string {
	if err == nil {
		return ""
	}
	return string(jieling.CodeOf(err))
}

// outcomeOf says where a failed attempt leaves its effect.
func outcomeOf(eff jieling.Effect, tries int) jieling.EffectState {
	if eff.Attempt >= tries {
		return jieling.EffectDead
	}
	return jieling.EffectDue
}

func (e *Engine) actTimer(ctx context.Context, eff jieling.Effect) error {
	if eff.Subject == lifted {
		return e.actLifted(ctx, eff)
	}
	if ch, ok := strings.CutPrefix(eff.Subject, evidenceTimer); ok {
		return e.actEvidence(ctx, eff, jieling.ChallengeID(ch))
	}
	return e.report(ctx, eff, jieling.EffectDone, nil, func(w *work) error {
		if eff.Subject == "epoch" {
			w.verb = "case.restart" // report caught up already
			return nil
		}
		w.transition("case.time", map[string]any{"timer": eff.Subject})
		return w.step(casework.TimeReached{Ground: w.ground()})
	})
}

func (e *Engine) actDeliver(ctx context.Context, eff jieling.Effect) error {
	plain, err := e.Keys.Open(answerOf(jieling.ChallengeID(eff.Subject)), eff.Payload)
	if err != nil {
		return e.report(ctx, eff, jieling.EffectDead, err, nil)
	}
	var m jieling.Message
	if err := json.Unmarshal(plain, &m); err != nil {
		return e.report(ctx, eff, jieling.EffectDead, err, nil)
	}
	return e.send(ctx, eff, m)
}

func (e *Engine) send(ctx context.Context, eff jieling.Effect, m jieling.Message) error {
	if e.Sender == nil {
		e.Log.Warn("nothing is set up to send messages to people", "effect", eff.ID)
		return e.report(ctx, eff, jieling.EffectDead, errors.New("no sender"), nil)
	}
	if err := e.Sender.Send(ctx, string(eff.ID), m); err != nil {
		if notify.Final(err) {
			return e.report(ctx, eff, jieling.EffectDead, err, nil)
		}
		tries := triesAfter // a notice is worth waiting for; a code is not, it expires
		if eff.Kind == jieling.EffectDeliver {
			tries = triesBefore
		}
		return e.report(ctx, eff, outcomeOf(eff, tries), err, nil)
	}
	return e.report(ctx, eff, jieling.EffectDone, nil, nil)
}

// actNotify tells the owner at one contact point what was done (ASVS 6.3.7).
func (e *Engine) actNotify(ctx context.Context, eff jieling.Effect) error {
	if eff.Case == "" {
		return e.actTell(ctx, eff)
	}
	s, err := e.Store.Load(ctx, store.Need{Account: eff.Account, Case: eff.Case, With: store.Removed})
	if err != nil {
		return translate(err)
	}
	i := slices.IndexFunc(s.Bindings, func(b jieling.Binding) bool { return string(b.ID) == eff.Subject })
	if s.Case == nil || i < 0 || len(s.Bindings[i].Subject) == 0 {
		return e.report(ctx, eff, jieling.EffectDone, nil, nil)
	}
	address, err := e.Keys.Open(subjectOf(s.Bindings[i].ID), s.Bindings[i].Subject)
	if err != nil {
		return e.report(ctx, eff, jieling.EffectDead, err, nil)
	}
	token, err := e.linkNotice(ctx, eff)
	if err != nil {
		return err
	}
	label := labelOf(s, s.Case.Binding)
	return e.send(ctx, eff, jieling.Message{Channel: e.channel(s.Bindings[i]), To: string(address), Text: e.removedNotice(label, token), Link: token, About: label})
}

func labelOf(s store.Snapshot, id jieling.BindingID) string {
	for _, b := range s.Bindings {
		if b.ID == id {
			return b.Label
		}
	}
	return ""
}

// probeAgain says when the provider is asked again while the grant still stands: inside the shipped pack's guarded window,
// since what we hold of the grant is dropped when the case closes.
var probeAgain = [...]time.Duration{time.Hour, 6 * time.Hour, 23 * time.Hour}

// actProbe learns the third truth of removal: what the provider itself says of the grant.
func (e *Engine) actProbe(ctx context.Context, eff jieling.Effect) error {
	s, err := e.Store.Load(ctx, store.Need{Account: eff.Account, Case: eff.Case, With: store.Removed})
	if err != nil {
		return translate(err)
	}
	truth, err := e.upstream(ctx, s, jieling.BindingID(eff.Subject))
	if err != nil {
		return e.report(ctx, eff, outcomeOf(eff, triesAfter), err, nil)
	}
	return e.report(ctx, eff, jieling.EffectDone, nil, func(w *work) error {
		if w.Case.Upstream != truth {
			w.transition("case.probe", map[string]any{"upstream": truth})
			if err := w.step(casework.Probed{Upstream: truth}); err != nil {
				return err
			}
		}
		if truth == jieling.UpstreamUserAction {
			w.probeLater()
		}
		return nil
	})
}

// probeLater asks again at growing distances from the commit point; a time that has passed is left out.
func (w *work) probeLater() {
	for _, d := range probeAgain {
		if at := w.Case.RemovedAt.Add(d); at.After(w.Now) {
			w.effect(jieling.Effect{
				Key: fmt.Sprintf("%s/provider.probe/%s", w.Case.ID, d), Kind: jieling.EffectProbe, Account: w.Account.ID, Case: w.Case.ID,
				Target: string(w.Case.Provider), Subject: string(w.Case.Binding), RunAt: at,
			})
			return
		}
	}
}

// upstream is the third truth. What the provider has said itself is not taken back by a token that ran out since.
func (e *Engine) upstream(ctx context.Context, s store.Snapshot, id jieling.BindingID) (jieling.UpstreamTruth, error) {
	said := s.Case != nil && s.Case.Upstream == jieling.UpstreamConfirmed
	i := slices.IndexFunc(s.Bindings, func(b jieling.Binding) bool { return b.ID == id })
	if i < 0 || len(s.Bindings[i].Grant) == 0 {
		if said {
			return jieling.UpstreamConfirmed, nil
		}
		return jieling.UpstreamNoGrant, nil
	}
	state, err := e.grantState(ctx, s, id)
	switch {
	case err != nil:
		return "", err
	case state == provider.GrantWithdrawn, said && state != provider.GrantStands:
		return jieling.UpstreamConfirmed, nil
	}
	return jieling.UpstreamUserAction, nil
}

// grantState is what the provider of a binding says of our grant; "" where there is none, or the provider cannot be asked.
func (e *Engine) grantState(ctx context.Context, s store.Snapshot, id jieling.BindingID) (provider.GrantState, error) {
	i := slices.IndexFunc(s.Bindings, func(b jieling.Binding) bool { return b.ID == id })
	if i < 0 || len(s.Bindings[i].Grant) == 0 {
		return "", nil
	}
	prober, ok := e.Providers[s.Bindings[i].Provider].(provider.Prober)
	if !ok {
		return "", nil
	}
	grant, err := e.Keys.Open(grantOf(id), s.Bindings[i].Grant)
	if err != nil {
		return "", err
	}
	return prober.Probe(ctx, grant)
}

// actParticipant carries one step of the saga to its participant.
func (e *Engine) actParticipant(ctx context.Context, eff jieling.Effect) error {
	s, err := e.Store.Load(ctx, store.Need{Account: eff.Account, Case: eff.Case, With: store.Removed})
	if err != nil {
		return translate(err)
	}
	i := slices.IndexFunc(e.Participants, func(p Participant) bool { return p.Name == eff.Target })
	if i < 0 || s.Case == nil {
		return e.reportLeg(ctx, eff, jieling.EffectDead, errors.New("no such participant"), participant.Outcome{})
	}
	step, err := e.stepFor(s, eff)
	if err != nil {
		return e.reportLeg(ctx, eff, jieling.EffectDead, err, participant.Outcome{})
	}
	out, err := e.Participants[i].Hand.Do(ctx, opOf[eff.Kind], step)
	if err == nil && eff.Kind == jieling.EffectCleanup {
		err = verifyCleared(ctx, e.Participants[i].Hand, step, eff, out)
	}
	if err == nil && out.State == participant.Pending {
		err = errNotFinished
	}
	if err != nil {
		return e.reportLeg(ctx, eff, outcomeOf(eff, tries(eff, *s.Case)), err, participant.Outcome{})
	}
	return e.reportLeg(ctx, eff, jieling.EffectDone, nil, out)
}

var errNotFinished = errors.New("not finished")

// verifyCleared looks again after a clean-up: a residue is cleared when it is no longer found, not when its participant says
// that it was asked to go (F4).
func verifyCleared(ctx context.Context, hand participant.Participant, step participant.Step, eff jieling.Effect, said participant.Outcome) error {
	if said.State != participant.Cleared {
		return nil
	}
	step.Effect = jieling.EffectID(fmt.Sprintf("%s_v%d", eff.ID, eff.Attempt))
	found, err := hand.Do(ctx, participant.Verify, step)
	switch {
	case err != nil:
		return err
	case found.State == participant.Clean:
		return nil
	case found.State == participant.Residue && !slices.ContainsFunc(found.Residues, func(r jieling.Residue) bool { return r.ID == step.Residue }):
		return nil
	}
	return errNotFinished
}

var opOf = map[jieling.EffectKind]participant.Op{
	jieling.EffectPrepare: participant.Prepare, jieling.EffectCommit: participant.Commit, jieling.EffectCompensate: participant.Compensate,
	jieling.EffectVerify: participant.Verify, jieling.EffectCleanup: participant.Cleanup,
}

// tries is how often a step is tried: before the commit point a person waits for the answer.
func tries(eff jieling.Effect, c jieling.Case) int {
	if eff.Kind == jieling.EffectPrepare || c.RemovedAt.IsZero() && eff.Kind != jieling.EffectCompensate {
		return triesBefore
	}
	return triesAfter
}

func (e *Engine) stepFor(s store.Snapshot, eff jieling.Effect) (participant.Step, error) {
	who, err := e.who(s, s.Case.Binding)
	return participant.Step{Effect: eff.ID, Case: eff.Case, Who: who, Residue: eff.Subject}, err
}

// who names a binding to a participant.
func (e *Engine) who(s store.Snapshot, id jieling.BindingID) (participant.Who, error) {
	for _, b := range s.Bindings {
		if b.ID != id {
			continue
		}
		subject, err := e.Keys.Open(subjectOf(b.ID), b.Subject)
		return participant.Who{Account: s.Account.ExternalID, Binding: b.ID, Provider: b.Provider, Subject: string(subject)}, err
	}
	return participant.Who{}, notFound()
}

var reportOf = map[participant.State]casework.Report{
	participant.Prepared: casework.DidPrepare, participant.Committed: casework.DidCommit, participant.Compensated: casework.DidCompensate,
	participant.Clean: casework.FoundClean, participant.Residue: casework.FoundResidue, participant.Refused: casework.Refused,
}

// reportLeg folds a participant's answer into its case; a dead letter is an answer too (L6).
func (e *Engine) reportLeg(ctx context.Context, eff jieling.Effect, state jieling.EffectState, failure error, out participant.Outcome) error {
	return e.report(ctx, eff, state, failure, func(w *work) error {
		if eff.Kind == jieling.EffectCleanup {
			return w.cleanedUp(eff, state, out)
		}
		in := casework.LegReported{Participant: eff.Target, Asked: eff.Kind, Report: casework.GaveUp, Reason: out.Reason, Residues: out.Residues, Ground: w.ground()}
		if r, ok := reportOf[out.State]; ok && state == jieling.EffectDone {
			in.Report = r
		}
		w.transition("case.leg", map[string]any{"participant": eff.Target, "asked": eff.Kind, "report": in.Report})
		return w.step(in)
	})
}

// cleanedUp notes a residue that was looked for again and is gone.
func (w *work) cleanedUp(eff jieling.Effect, state jieling.EffectState, out participant.Outcome) error {
	if state != jieling.EffectDone || out.State != participant.Cleared {
		return nil
	}
	w.transition("case.cleanup", map[string]any{"participant": eff.Target, "residue": eff.Subject})
	return w.step(casework.ResidueCleared{Participant: eff.Target, Residue: eff.Subject})
}

// ground reads what a move past the commit point must stand on, from this transaction's snapshot.
func (w *work) ground() casework.Ground {
	g := casework.Ground{WaysInAfter: waysIn(w.Bindings, w.Case.Binding), Frozen: frozenTo(w.Snapshot) || w.Account.Held(w.Now), Epoch: w.Account.Epoch}
	if !w.Case.RemovedAt.IsZero() {
		return g // past the commit point nothing is asked any more
	}
	d, signals, err := w.decide()
	if err != nil {
		// A situation the pack cannot judge is not permitted (S30).
		d = jieling.Decision{Pack: w.Case.Decision.Pack, Refusals: []jieling.Because{{Rule: "fail_closed", Text: jieling.Text{
			ZH: "现在无法判断风险，暂时不能解绑。", EN: "The risk cannot be judged now, so nothing can be unlinked.",
		}}}}
	}
	if w.by.Kind == jieling.ActorPerson || w.by.Kind == jieling.ActorProduct {
		g.Signals, g.Shown = risk.Kept(signals), true
	}
	if !sameDecision(d, w.Case.Decision) {
		g.Decision = &d
	}
	g.Sufficient = sufficient(*w.Case, d, w.Bindings)
	if g.Lockout = w.e.Access.Unsafe(accessFacts(w.Snapshot, w.Case.Binding)); g.Lockout != nil {
		g.Template = w.e.Access.ID()
	}
	return g
}

// removedNotice tells the owner what happened and what to do if it was not them.
func (e *Engine) removedNotice(label, token string) jieling.Text {
	if token == "" {
		return jieling.Text{
			ZH: "账号安全提醒：登录方式 " + label + " 已解绑。若非本人操作，请立即打开 App 冻结账号。",
			EN: "Security notice: the login " + label + " was unlinked. If this was not you, open the app and freeze the account now.",
		}
	}
	link := e.BaseURL + "/u/" + token
	return jieling.Text{
		ZH: "账号安全提醒：登录方式 " + label + " 已解绑。不是你？点此撤销并冻结：" + link,
		EN: "Security notice: the login " + label + " was unlinked. Not you? Undo and freeze: " + link,
	}
}
