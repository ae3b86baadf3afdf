package casework

import (
	"slices"
	"time"

	"github.com/jieling-id/jieling"
)

// adopt takes up the playbook that a decision names. A case keeps the first one it met: what has been done of it is not done anew
// because the pack was rewritten, or the situation is called otherwise by now.
func (m *move) adopt() {
	if m.Playbook != nil || m.Decision.Playbook == nil {
		return
	}
	m.Playbook = m.Decision.Playbook.Clone()
	for i := range m.Playbook.Steps {
		m.Playbook.Steps[i].State = jieling.StepWaiting
	}
	m.allow()
	m.unfold()
}

// allow gives the case the time that others need for their steps before the removal, beside what it has anyway.
func (m *move) allow() {
	remove := m.Playbook.Does(jieling.DoesRemove)
	if remove == nil {
		return
	}
	var takes time.Duration
	for _, s := range m.Playbook.Steps {
		if m.Playbook.Waits(remove.Name, s.Name) {
			takes += s.Takes
		}
	}
	if takes > 0 {
		m.ExpiresAt = m.ExpiresAt.Add(takes)
		m.timer("expire", m.ExpiresAt)
	}
}

// unfold lets every step be ready that waits for nothing more, and does at once what the service does by itself. Nothing else makes a
// step ready, so none is before all that it waits for is settled (P6).
func (m *move) unfold() {
	if m.Playbook == nil {
		return
	}
	for i := range m.Playbook.Steps { // one pass is enough: a step stands after what it waits for
		s := &m.Playbook.Steps[i]
		if s.State != jieling.StepWaiting || slices.ContainsFunc(s.After, m.unsettled) {
			continue
		}
		s.State, s.ReadyAt = jieling.StepReady, m.at
		switch {
		case s.Does == jieling.DoesCloseQuickSignIn || s.Does == jieling.DoesOpenQuickSignIn:
			s.State, s.By, s.At = jieling.StepDone, jieling.ByService, m.at
		case s.Check != "":
			m.check(*s)
		}
	}
}

func (m *move) unsettled(name string) bool {
	s := m.Playbook.Step(name)
	return s == nil || !s.Settled()
}

// check has it found out whether a step is done.
func (m *move) check(s jieling.Step) {
	m.ask(jieling.EffectCheck, "", s.Name, s.Name+"/"+m.at.UTC().Format(time.RFC3339Nano))
}

// checkAll has every step found out about that is open: a freeze held up what was being asked.
func (m *move) checkAll() {
	if m.Playbook == nil {
		return
	}
	for _, s := range m.Playbook.Steps {
		if s.Open() && s.Check != "" {
			m.check(s)
		}
	}
}

// stepDone takes somebody's word, or what was found out, for a step. What a person said may be found true later.
func (m *move) stepDone(in StepDone) error {
	s, err := m.step(in.Step)
	confirmed := err == nil && s.State == jieling.StepDone && s.By == jieling.ByWord && in.By != jieling.ByWord
	switch {
	case err != nil:
		return err
	case s.Who == jieling.PerformerAutomatic || !s.Open() && !confirmed:
		return m.notNow(*s)
	case s.Who == jieling.PerformerStaff && in.By == jieling.ByWord:
		return jieling.Refuse(jieling.CodeForbidden, "这一步由工作人员完成，你不用操作。", "Staff do this step; there is nothing for you to do.")
	}
	s.State, s.By, s.At = jieling.StepDone, in.By, m.at
	m.onward()
	return nil
}

// stepDeclined leaves a step out, knowingly. Safety is not left out (P4).
func (m *move) stepDeclined(in StepDeclined) error {
	s, err := m.step(in.Step)
	switch {
	case err != nil:
		return err
	case s.Class != jieling.Function || s.Who == jieling.PerformerAutomatic:
		return jieling.Refuse(jieling.CodeConflict, "这一步关系到账号安全，不能跳过。", "This step keeps the account safe and cannot be left out.")
	case !s.Open():
		return m.notNow(*s)
	}
	s.State, s.By, s.At = jieling.StepDeclined, jieling.ByWord, m.at
	m.onward()
	return nil
}

// stepFailed says that nobody could be asked whether a step is done. It can still be done, asked again, and said.
func (m *move) stepFailed(in StepFailed) error {
	s, err := m.step(in.Step)
	switch {
	case err != nil:
		return err
	case s.State != jieling.StepReady || s.Check == "":
		return outOfOrder()
	}
	s.State, s.At = jieling.StepFailed, m.at
	return nil
}

// step finds a step of a case that has not ended.
func (m *move) step(name string) (*jieling.Step, error) {
	s := m.Playbook.Step(name)
	if s == nil {
		return nil, jieling.Refuse(jieling.CodeNotFound, "处置流程里没有这一步。", "The playbook has no such step.")
	}
	return s, nil
}

// notNow says why nothing can be done about a step.
func (m *move) notNow(s jieling.Step) error {
	for _, name := range s.After {
		if before := m.Playbook.Step(name); before != nil && !before.Settled() {
			return first(*before)
		}
	}
	return outOfOrder()
}

func first(s jieling.Step) *jieling.Error {
	return jieling.Refuse(jieling.CodeStep, "请先完成处置流程中的“"+s.Title.ZH+"”。", "See to the playbook’s step “"+s.Title.EN+"” first.")
}

// onward is what follows once a step is settled: what waited for it, and what the case waited for.
func (m *move) onward() {
	m.unfold()
	switch {
	case m.gathering():
		m.settle()
	case m.Stage == jieling.StageGuarded:
		m.close()
	}
}

// removal notes how far the removal itself is, which is a step like others: what waits for it becomes ready when it is done, and waits
// again when it is taken back.
func (m *move) removal(state jieling.StepState) {
	remove := m.Playbook.Does(jieling.DoesRemove)
	if remove == nil {
		return
	}
	remove.State, remove.By, remove.At = state, "", m.at
	if state == jieling.StepDone {
		remove.By = jieling.ByService
		m.unfold()
	}
	for i := range m.Playbook.Steps {
		if s := &m.Playbook.Steps[i]; state == jieling.StepFailed && s.Open() && m.Playbook.Waits(s.Name, remove.Name) {
			s.State, s.ReadyAt, s.At = jieling.StepWaiting, time.Time{}, time.Time{}
		}
	}
}

// PendingStep finds the step that somebody should see to now: in a case that gathers, the first that the removal waits for; in one that
// is guarded, the first that is not settled. nil: there is none.
func PendingStep(c jieling.Case) *jieling.Step {
	if c.Playbook == nil {
		return nil
	}
	remove := c.Playbook.Does(jieling.DoesRemove)
	for i := range c.Playbook.Steps {
		s := &c.Playbook.Steps[i]
		due := c.Stage == jieling.StageGuarded || remove != nil && c.Playbook.Waits(remove.Name, s.Name)
		if due && s.Open() && s.Does == "" {
			return s
		}
	}
	return nil
}

// QuickSignInOff reports that the case keeps the account's quick sign-in off: its playbook closed it and neither opened it again nor
// ended.
func QuickSignInOff(c jieling.Case) bool {
	if c.Stage.Terminal() {
		return false
	}
	closed, opened := c.Playbook.Does(jieling.DoesCloseQuickSignIn), c.Playbook.Does(jieling.DoesOpenQuickSignIn)
	return closed != nil && closed.State == jieling.StepDone && (opened == nil || opened.State != jieling.StepDone)
}
