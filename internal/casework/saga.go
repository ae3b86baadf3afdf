package casework

import (
	"slices"

	"github.com/jieling-id/jieling"
)

// begin starts carrying out: every participant is asked to prepare, or, where none is concerned, the commit point is passed
// at once.
func (m *move) begin(g Ground) {
	m.Stage = jieling.StageExecuting
	m.removal(jieling.StepRunning)
	for _, l := range m.Legs {
		m.ask(jieling.EffectPrepare, l.Participant, "", l.Participant)
	}
	if len(m.Legs) == 0 {
		m.pass(g)
	}
}

// pass is the commit point, or, where the ground no longer carries it, the way back.
func (m *move) pass(g Ground) {
	if err := m.stillGood(g); err != nil {
		m.takeBack(err.(*jieling.Error).Public)
		return
	}
	m.remove = true
	m.removal(jieling.StepDone)
	m.RemovedAt, m.GuardUntil = m.at, m.at.Add(m.Decision.Guard)
	m.ask(jieling.EffectProbe, string(m.Provider), string(m.Binding), "now")
	m.ask(jieling.EffectNotify, "", "removed", "removed")
	for i := range m.Legs {
		if m.Legs[i].State == jieling.LegPrepared {
			m.ask(jieling.EffectCommit, m.Legs[i].Participant, "", m.Legs[i].Participant)
		}
	}
	m.advance(g)
}

// report folds a participant's answer in.
func (m *move) report(in LegReported) error {
	i := slices.IndexFunc(m.Legs, func(l jieling.Leg) bool { return l.Participant == in.Participant })
	if i < 0 {
		return outOfOrder()
	}
	l := &m.Legs[i]
	if m.Stage == jieling.StageGuarded && in.Asked == jieling.EffectVerify {
		m.verifiedLater(l, in)
		return nil
	}
	if m.Stage != jieling.StageExecuting {
		return outOfOrder()
	}
	if !m.Ending.Empty() {
		m.compensated(l, in)
		return nil
	}
	switch {
	case in.Asked == jieling.EffectPrepare && l.State == jieling.LegPlanned:
		m.prepared(l, in)
	case in.Asked == jieling.EffectCommit && l.State == jieling.LegPrepared && !m.RemovedAt.IsZero():
		m.committed(l, in)
	case in.Asked == jieling.EffectVerify && l.State == jieling.LegCommitted:
		m.verified(l, in)
	default: // late, repeated or out of order: it changes nothing (S20)
		return nil
	}
	l.UpdatedAt = m.at
	m.advance(in.Ground)
	return nil
}

func (m *move) prepared(l *jieling.Leg, in LegReported) {
	switch {
	case in.Report == DidPrepare:
		l.State = jieling.LegPrepared
	case in.Report == Refused:
		l.State, l.Reason = jieling.LegRefused, in.Reason
	default:
		l.State = jieling.LegUnanswered
	}
	if l.State == jieling.LegPrepared {
		return
	}
	if l.Required {
		m.takeBack(stoppedBy(*l))
		return
	}
	m.unknownResidue(*l)
}

func (m *move) committed(l *jieling.Leg, in LegReported) {
	if in.Report == DidCommit {
		l.State = jieling.LegCommitted
		m.ask(jieling.EffectVerify, l.Participant, "", l.Participant)
		return
	}
	l.State, l.Reason = jieling.LegUnanswered, in.Reason
	m.unknownResidue(*l)
}

func (m *move) verified(l *jieling.Leg, in LegReported) {
	switch in.Report {
	case FoundClean:
		l.State = jieling.LegVerified
	case FoundResidue:
		l.State = jieling.LegResidue
		for _, r := range in.Residues {
			r.Participant, r.FoundAt = l.Participant, m.at
			m.Residues = append(m.Residues, r)
		}
	default:
		l.State = jieling.LegUnanswered
		m.unknownResidue(*l)
	}
}

// verifiedLater folds in what a participant that had been given up on says when it is asked again.
func (m *move) verifiedLater(l *jieling.Leg, in LegReported) {
	if l.State != jieling.LegUnanswered || (in.Report != FoundClean && in.Report != FoundResidue) {
		return
	}
	for i := range m.Residues {
		if r := &m.Residues[i]; r.Participant == l.Participant && r.Unknown && r.Open() {
			r.ClearedAt = m.at
		}
	}
	m.verified(l, in)
	l.UpdatedAt = m.at
	m.close()
}

// unknownResidue says of a participant that could not be verified that nobody knows, which is not "nothing" (I6, L6).
func (m *move) unknownResidue(l jieling.Leg) {
	m.Residues = append(m.Residues, jieling.Residue{
		ID: "unknown", Participant: l.Participant, Unknown: true, FoundAt: m.at, Cleanable: true,
		Title:   jieling.Text{ZH: l.Title.ZH + ":清理结果未知", EN: l.Title.EN + ": not known whether it is clean"},
		Cleanup: jieling.Text{ZH: "再次向对方核实。", EN: "Ask that system again."},
	})
}

// advance moves the case on when every leg is where it must be.
func (m *move) advance(g Ground) {
	if !m.Ending.Empty() {
		return
	}
	if m.RemovedAt.IsZero() {
		if !m.any(jieling.LegPlanned) {
			m.pass(g)
		}
		return
	}
	if m.any(jieling.LegPrepared) || m.any(jieling.LegCommitted) {
		return
	}
	m.Stage = jieling.StageGuarded
	m.timer("guard", m.GuardUntil)
}

func (m *move) any(s jieling.LegState) bool {
	return slices.ContainsFunc(m.Legs, func(l jieling.Leg) bool { return l.State == s })
}

// takeBack compensates at every participant that may have done something. One that was only asked to prepare may have done
// it without our knowing, so it is told too; but one that has fallen silent is not waited for, or the person would be.
func (m *move) takeBack(why jieling.Text) {
	m.Ending = why
	m.removal(jieling.StepFailed)
	for _, l := range m.Legs {
		if l.State != jieling.LegRefused && l.State != jieling.LegCompensated {
			m.ask(jieling.EffectCompensate, l.Participant, "", l.Participant)
		}
	}
	m.whenCompensated()
}

func (m *move) compensated(l *jieling.Leg, in LegReported) {
	if in.Asked != jieling.EffectCompensate {
		return // an answer to what is being taken back: it changes nothing (S20)
	}
	l.State, l.UpdatedAt = jieling.LegCompensated, m.at
	if in.Report != DidCompensate {
		l.State = jieling.LegUnanswered
		m.unknownResidue(*l)
	}
	m.whenCompensated()
}

func (m *move) whenCompensated() {
	for _, l := range m.Legs {
		switch l.State {
		case jieling.LegRefused, jieling.LegCompensated, jieling.LegUnanswered:
		default:
			return
		}
	}
	m.end(jieling.StageCompensated, m.Ending)
}

func (m *move) askCleanup(in CleanupAsked) error {
	r, err := m.residue(in.Participant, in.Residue)
	if err != nil {
		return err
	}
	if !r.Cleanable {
		return jieling.Refuse(jieling.CodeConflict, "这一项无法由我们清理，请按说明自行处理。", "This one cannot be cleared from here; follow its instructions.")
	}
	r.AskedAt = m.at
	kind := jieling.EffectCleanup
	if r.Unknown {
		kind = jieling.EffectVerify
	}
	m.ask(kind, in.Participant, in.Residue, in.Participant+"/"+in.Residue+"/"+m.at.UTC().Format("20060102T150405.000000"))
	return nil
}

func (m *move) clear(in ResidueCleared) error {
	r, err := m.residue(in.Participant, in.Residue)
	if err != nil {
		return err
	}
	r.ClearedAt = m.at
	for i := range m.Legs {
		if m.Legs[i].Participant == in.Participant && !m.stands(in.Participant) {
			m.Legs[i].State, m.Legs[i].UpdatedAt = jieling.LegVerified, m.at
		}
	}
	m.close()
	return nil
}

func (m *move) residue(participant, id string) (*jieling.Residue, error) {
	if m.Stage != jieling.StageGuarded {
		return nil, outOfOrder()
	}
	for i := range m.Residues {
		if r := &m.Residues[i]; r.Participant == participant && r.ID == id && r.Open() {
			return r, nil
		}
	}
	return nil, jieling.Refuse(jieling.CodeNotFound, "没有这项残留，或它已经清除。", "There is no such residue, or it is cleared already.")
}

// stands reports whether a participant ("": any) still has an open residue.
func (m *move) stands(participant string) bool {
	return slices.ContainsFunc(m.Residues, func(r jieling.Residue) bool {
		return r.Open() && (participant == "" || r.Participant == participant)
	})
}

// close ends a guarded case whose window is over, that left nothing behind and whose playbook is through.
func (m *move) close() {
	if m.at.Before(m.GuardUntil) || m.stands("") || m.Playbook != nil && slices.ContainsFunc(m.Playbook.Steps, func(s jieling.Step) bool { return !s.Settled() }) {
		return
	}
	m.forget = true
	m.end(jieling.StageClosed, jieling.Text{ZH: "解绑已完成，各方均已核实。", EN: "The removal is complete and was verified everywhere."})
}

func (m *move) undo() error {
	switch {
	case m.Stage != jieling.StageGuarded:
		return outOfOrder()
	case !m.at.Before(m.GuardUntil):
		return jieling.Refuse(jieling.CodeConflict, "反悔期已过，不能撤回。可以重新绑定。", "The undo window is over. The login can be linked anew.")
	}
	m.restore, m.Stage, m.Residues = true, jieling.StageExecuting, nil // what a removal left behind is nothing to clear once it is undone
	m.takeBack(jieling.Text{ZH: "你撤回了这次解绑，登录方式已恢复。", EN: "You undid the removal; the login is back."})
	return nil
}

func stoppedBy(l jieling.Leg) jieling.Text {
	if l.State == jieling.LegRefused && !l.Reason.Empty() {
		return jieling.Text{
			ZH: l.Title.ZH + "未同意:" + l.Reason.ZH + " 一切保持原样。",
			EN: l.Title.EN + " said no: " + l.Reason.EN + " Everything stays as it was.",
		}
	}
	return jieling.Text{
		ZH: l.Title.ZH + "暂时没有回应，解绑已中止，登录方式保持原样。我们会继续通知对方撤销，请稍后再试。",
		EN: l.Title.EN + " did not answer; the removal was stopped and your login stays as it was. That system goes on being told to take its part back. Try again later.",
	}
}
