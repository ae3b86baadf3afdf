package casework

import (
	"slices"
	"time"

	"github.com/jieling-id/jieling"
)

// Outcome is what one step leads to.
type Outcome struct {
	Case    jieling.Case
	Effects []jieling.Effect // without ID and payload; Key is unique to the decision that asked
	// Remove says that the case passed the commit point: the binding goes in this very transaction. Restore puts it back
	// exactly as it was (S21). Forget drops what is still known of its subject: the undo window is over.
	Remove, Restore, Forget bool
}

// Step makes one move. It never changes its arguments. A move the table of the package comment does not have is refused
// with a *jieling.Error and leaves the case as it was.
func Step(c jieling.Case, at time.Time, in Input) (Outcome, error) {
	if o, ok := in.(Opened); ok {
		return opened(c, at, o)
	}
	if c.ID == "" {
		return Outcome{}, jieling.Refuse(jieling.CodeNotFound, "没有这张解绑单。", "There is no such case.")
	}
	m := move{Case: clone(c), at: at}
	if err := m.take(in); err != nil {
		return Outcome{}, err
	}
	m.Case.Version++
	return Outcome{Case: m.Case, Effects: m.effects, Remove: m.remove, Restore: m.restore, Forget: m.forget}, nil
}

// move is one step being made: the case as it becomes, and what it leads to.
type move struct {
	jieling.Case
	at                      time.Time
	effects                 []jieling.Effect
	remove, restore, forget bool
	expired                 bool // a proof was dropped because its time is over
}

func (m *move) take(in Input) error {
	if m.Stage.Terminal() {
		return jieling.Refuse(jieling.CodeCaseClosed, "这张解绑单已经结束。请查看结果，或重新发起。", "This case has ended. Look at its result, or begin a new one.")
	}
	m.outlive()
	switch in := in.(type) {
	case Frozen:
		return m.freeze(in)
	case Thawed:
		return m.thaw(in)
	}
	if m.Stage == jieling.StageFrozen {
		return jieling.Refuse(jieling.CodeFrozen, "账号已冻结，解绑单暂停。解除冻结后可继续。", "The account is frozen and the case with it. It can go on once the freeze is lifted.")
	}
	switch in := in.(type) {
	case Described:
		return m.describe(in)
	case Proved:
		return m.prove(in)
	case Submitted:
		return m.submit(in)
	case Returned:
		return m.comeBack(in)
	case Replaced:
		return m.replaceBy(in)
	case BackedUp:
		return m.backUp(in)
	case Waived:
		return m.waive(in)
	case Attested:
		return m.attest(in.Attestation)
	case Decided:
		return m.decide(in)
	case StepDone:
		return m.stepDone(in)
	case StepDeclined:
		return m.stepDeclined(in)
	case StepFailed:
		return m.stepFailed(in)
	case Confirmed:
		return m.confirm(in)
	case TimeReached:
		return m.time(in.Ground)
	case LegReported:
		return m.report(in)
	case Probed:
		m.Upstream = in.Upstream
		return nil
	case CleanupAsked:
		return m.askCleanup(in)
	case ResidueCleared:
		return m.clear(in)
	case Cancelled:
		return m.cancel(in)
	case Undone:
		return m.undo()
	case Carried:
		m.carry(in)
		return nil
	}
	return outOfOrder()
}

func opened(c jieling.Case, at time.Time, in Opened) (Outcome, error) {
	if c.ID != "" || in.Case.ID == "" {
		return Outcome{}, outOfOrder()
	}
	if d := in.Case.Decision; !d.Allowed() {
		return Outcome{}, &jieling.Error{Code: jieling.CodeNotOnPlatform, Public: d.Refusals[0].Text}
	}
	from := in.Case
	c = jieling.Case{
		ID: from.ID, Account: from.Account, Goal: from.Goal, Binding: from.Binding, Provider: from.Provider, Platform: from.Platform,
		Device: from.Device, Reason: from.Reason, Scenario: from.Decision.Scenario, Epoch: from.Epoch, Decision: from.Decision,
		By: from.By, Signals: from.Signals, Impact: from.Impact, Stage: jieling.StageOpen, Version: 1, OpenedAt: at, ExpiresAt: at.Add(in.TTL),
	}
	m := move{Case: c, at: at}
	m.timer("expire", c.ExpiresAt)
	m.adopt()
	return Outcome{Case: m.Case, Effects: m.effects}, nil
}

// gathering reports that the person is still bringing together what is asked, be it that others have it.
func (m *move) gathering() bool {
	return m.Stage == jieling.StageOpen || m.Stage == jieling.StageVerifying || m.Stage == jieling.StageReady || waiting(m.Stage)
}

func (m *move) describe(in Described) error {
	if !m.gathering() {
		return outOfOrder()
	}
	m.Impact = in.Impact
	return nil
}

func (m *move) prove(in Proved) error {
	if !m.gathering() {
		return outOfOrder()
	}
	if in.Proof.Epoch != m.Epoch {
		return jieling.Refuse(jieling.CodeChallengeUsed, "这次验证已失效，请重新验证。", "This verification is no longer valid. Verify again.")
	}
	if !m.Decision.Asks(in.Proof.Factor) {
		return jieling.Refuse(jieling.CodeNotAsked, "这次解绑不需要这种验证。", "This case does not ask for that factor.")
	}
	if !in.Proof.Until.IsZero() {
		if !m.at.Before(in.Proof.Until) {
			return jieling.Refuse(jieling.CodeChallengeExpired, "这次验证已过期，请重新验证。", "This verification is too old. Verify again.")
		}
		m.timer("proof", in.Proof.Until)
	}
	m.Proofs = append(m.Proofs, in.Proof)
	m.drop(in.Proof.Factor)
	m.Stage = jieling.StageVerifying
	m.settle()
	return nil
}

func (m *move) replaceBy(in Replaced) error {
	if !m.gathering() {
		return outOfOrder()
	}
	if in.Binding == m.Binding {
		return jieling.Refuse(jieling.CodeReplacement, "要解绑的登录方式不能替代它自己。", "The login that goes cannot replace itself.")
	}
	m.Replacement, m.Replaced = in.Binding, true
	m.settle()
	return nil
}

func (m *move) backUp(in BackedUp) error {
	if !m.gathering() {
		return outOfOrder()
	}
	if in.Choice != jieling.BackupMade && in.Choice != jieling.BackupDeclined {
		return jieling.Invalid("choice", "must be made or declined")
	}
	m.Backup = in.Choice
	m.settle()
	return nil
}

// waive takes the owner's word. It is asked last, when they have proven who they are: whoever sits in a stolen session signs
// nothing.
func (m *move) waive(in Waived) error {
	if !m.gathering() {
		return outOfOrder()
	}
	if err := missing(m.Case, m.Decision, m.Replaced); err != nil {
		return err
	}
	if len(in.Losses) == 0 || in.Template == "" || in.Reason == "" {
		return jieling.Invalid("reason", "must say why, for the losses named")
	}
	m.Waiver = &jieling.Waiver{Losses: slices.Clone(in.Losses), Reason: in.Reason, Template: in.Template, At: m.at}
	return nil
}

// attest keeps what a platform said of a device. A bad word about it stands to the case's end: whoever is on a rooted device
// shows another's clean bill, or hides the root, as soon as they are asked again.
func (m *move) attest(a jieling.Attestation) error {
	if !m.gathering() {
		return outOfOrder()
	}
	if a.Device == "" || a.Format == "" || a.Level == "" {
		return jieling.Invalid("attestation", "must name its device, format and level")
	}
	i := slices.IndexFunc(m.Attestations, func(x jieling.Attestation) bool { return x.Device == a.Device })
	switch {
	case i < 0:
		m.Attestations = append(m.Attestations, a)
	case m.Attestations[i].Level == jieling.Rooted:
		m.Attestations[i].At = a.At
	default:
		m.Attestations[i] = a
	}
	return nil
}

// decide lets the case stand on what is asked now.
func (m *move) decide(in Decided) error {
	if !m.gathering() {
		return outOfOrder()
	}
	m.Decision, m.Signals = in.Decision, slices.Clone(in.Signals)
	m.adopt()
	if m.Stage == jieling.StageReady {
		m.Stage = jieling.StageVerifying
	}
	m.settle()
	return nil
}

// settle moves the case to ready when nothing that is asked is missing any more, and to those who have the rest when nothing else is.
func (m *move) settle() {
	if missing(m.Case, m.Decision, m.Replaced) == nil {
		m.Stage = jieling.StageReady
		return
	}
	m.await()
}

// missing says what a decision asks that the case does not have, the first thing the person should see to; nil when nothing.
func missing(c jieling.Case, d jieling.Decision, sufficient bool) *jieling.Error {
	return missingBut(c.Proved, c, d, sufficient)
}

// missingBut is missing where has says which factors are there.
func missingBut(has func(jieling.Factor) bool, c jieling.Case, d jieling.Decision, sufficient bool) *jieling.Error {
	switch step := PendingStep(c); {
	case step != nil && c.Stage != jieling.StageGuarded:
		return first(*step)
	case d.Replacement && !sufficient:
		return jieling.Refuse(jieling.CodeReplacement, "解绑前请先设置并验证另一种登录方式。", "Set up another way of signing in, and prove that it works, before this one goes.")
	case d.Backup && c.Backup == jieling.BackupUnsettled:
		return jieling.Refuse(jieling.CodeBackup, "请先完成备份，或明确选择不备份。", "Make the backup first, or say that you do not need one.")
	case !d.Met(has):
		return jieling.Refuse(jieling.CodeVerification, "验证还没有完成。", "The verification is not complete yet.")
	}
	return nil
}

func (m *move) confirm(in Confirmed) error {
	if !m.gathering() {
		return outOfOrder()
	}
	if err := m.stillGood(in.Ground); err != nil {
		if in.Ground.Decision == nil || m.hopeless(in.Ground) {
			return err
		}
		m.askAgain(in.Ground)
		return nil
	}
	m.ConfirmedAt, m.Legs, m.Signals, m.Pending = m.at, slices.Clone(in.Legs), slices.Clone(in.Ground.Signals), nil
	for i := range m.Legs {
		m.Legs[i].State, m.Legs[i].UpdatedAt = jieling.LegPlanned, m.at
	}
	if m.Decision.Wait > 0 {
		m.Stage, m.CommitAfter = jieling.StageCoolingOff, m.at.Add(m.Decision.Wait)
		m.timer("cool_off", m.CommitAfter)
		return nil
	}
	m.begin(in.Ground)
	return nil
}

// stillGood checks everything that must hold before anything is carried out, on what was read in this transaction.
func (m *move) stillGood(g Ground) error {
	if g.Decision != nil {
		m.Decision = *g.Decision
		m.adopt()
	}
	switch {
	case g.Frozen || g.Epoch != m.Epoch:
		return jieling.Refuse(jieling.CodeFrozen, "账号已冻结，暂时不能解绑。", "The account is frozen; nothing can be unlinked now.")
	case !m.Decision.Allowed():
		return &jieling.Error{Code: jieling.CodeNotOnPlatform, Public: m.Decision.Refusals[0].Text}
	case g.WaysInAfter < 1:
		return jieling.Refuse(jieling.CodeLastWayIn, "这是最后一种登录方式，解绑后将无法登录。请先添加另一种。", "This is the last way in. Add another one first, or nobody could sign in any more.")
	}
	if err := missing(m.Case, m.Decision, g.Sufficient); err != nil {
		return err
	}
	for _, loss := range g.Lockout {
		if !m.Waiver.Covers(loss.Rule, g.Template) {
			return lockout(loss.Text)
		}
	}
	return nil
}

// hopeless reports that the person cannot mend what stands in the way by proving more.
func (m *move) hopeless(g Ground) bool {
	return g.Frozen || g.Epoch != m.Epoch || !m.Decision.Allowed() || missing(m.Case, m.Decision, g.Sufficient) == nil
}

// askAgain lets the case stand on what is asked now, which is more than was: nothing was carried out.
func (m *move) askAgain(g Ground) {
	m.Stage, m.ConfirmedAt, m.CommitAfter, m.Legs = jieling.StageVerifying, time.Time{}, time.Time{}, nil
	m.Replaced = m.Replaced && g.Sufficient
	if g.Shown {
		m.Signals = slices.Clone(g.Signals)
	}
	m.await()
}

func lockout(what jieling.Text) error {
	return jieling.Refuse(jieling.CodeLockout, what.ZH+"请先补上另一种登录方式，或说明你已知晓并愿意承担。",
		what.EN+" Add another way in first, or say that you know and go on.")
}

func (m *move) time(g Ground) error {
	switch {
	case m.gathering() && !m.at.Before(m.ExpiresAt):
		m.end(jieling.StageExpired, jieling.Text{ZH: "解绑单超过期限未确认，已自动结束。没有任何改动。", EN: "The case was not confirmed in time and has ended. Nothing was changed."})
	case m.Stage == jieling.StageCoolingOff && !m.at.Before(m.CommitAfter):
		if err := m.stillGood(g); err != nil {
			// What is asked has grown, or what was there is gone: the person is asked again, nothing was carried out.
			m.askAgain(g)
			m.ExpiresAt = later(m.ExpiresAt, m.at.Add(time.Hour))
			m.timer("expire", m.ExpiresAt)
			return nil
		}
		m.begin(g)
	case m.Stage == jieling.StageGuarded:
		m.close()
	case m.gathering() && m.expired:
	case m.gathering():
		return m.lapse()
	default:
		return outOfOrder()
	}
	return nil
}

func (m *move) cancel(in Cancelled) error {
	if !m.gathering() && m.Stage != jieling.StageCoolingOff {
		return jieling.Refuse(jieling.CodeConflict, "解绑已经开始执行，不能取消；完成后可以在反悔期内撤回。", "The removal is under way and cannot be cancelled. It can be undone in the window afterwards.")
	}
	why := in.Why
	if why.Empty() {
		why = jieling.Text{ZH: "你取消了这次解绑。没有任何改动。", EN: "You cancelled. Nothing was changed."}
	}
	m.end(jieling.StageCancelled, why)
	return nil
}

func (m *move) freeze(in Frozen) error {
	switch {
	case m.Stage == jieling.StageFrozen:
		m.Epoch = in.Epoch
	case m.gathering() || m.Stage == jieling.StageCoolingOff:
		m.Resume, m.Stage, m.Epoch, m.Pending = m.Stage, jieling.StageFrozen, in.Epoch, nil
	case m.Stage == jieling.StageExecuting && m.RemovedAt.IsZero() && m.Ending.Empty():
		m.Epoch = in.Epoch
		m.takeBack(stopped(in.Restart))
	default: // past the commit point a case goes only forward
		m.Epoch = in.Epoch
	}
	return nil
}

// stopped says why a removal that was being prepared is taken back.
func stopped(restart bool) jieling.Text {
	if restart {
		return jieling.Text{
			ZH: "账号的设备、登录或验证方式有变动，解绑已中止，一切保持原样。需要的话请重新发起。",
			EN: "Devices, sign-ins or ways of verifying have changed; the removal was stopped and everything stays as it was. Begin a new one if you still want it.",
		}
	}
	return jieling.Text{ZH: "账号被冻结，解绑已中止，一切保持原样。", EN: "The account was frozen; the removal was stopped and everything stays as it was."}
}

func (m *move) thaw(in Thawed) error {
	m.Epoch = in.Epoch
	if m.Stage != jieling.StageFrozen {
		return nil
	}
	m.Stage, m.Resume, m.Proofs, m.Waiver, m.Returned = jieling.StageOpen, "", nil, nil, nil
	m.ConfirmedAt, m.CommitAfter, m.Legs = time.Time{}, time.Time{}, nil
	m.checkAll()
	return nil
}

// carry moves the epoch on, and with it the proofs that were good until now.
func (m *move) carry(in Carried) {
	for i, p := range m.Proofs {
		if p.Epoch == m.Epoch {
			m.Proofs[i].Epoch = in.Epoch
		}
	}
	m.Epoch = in.Epoch
}

func (m *move) end(stage jieling.Stage, why jieling.Text) {
	m.Stage, m.Ending, m.EndedAt, m.Pending = stage, why, m.at, nil
}

func (m *move) ask(kind jieling.EffectKind, target, subject, key string) {
	m.effects = append(m.effects, jieling.Effect{
		Key: string(m.ID) + "/" + string(kind) + "/" + key, Kind: kind, Account: m.Account, Case: m.ID, Target: target, Subject: subject, RunAt: m.at,
	})
}

func (m *move) timer(what string, due time.Time) {
	m.effects = append(m.effects, jieling.Effect{
		Key: string(m.ID) + "/timer/" + what + "/" + due.UTC().Format(time.RFC3339Nano), Kind: jieling.EffectTimer, Account: m.Account, Case: m.ID,
		Subject: what, RunAt: due,
	})
}

func outOfOrder() error {
	return jieling.Refuse(jieling.CodeConflict, "现在不能进行这一步。请刷新页面，从当前步骤继续。", "That move is not possible now. Read the case again and go on from where it stands.")
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// clone copies a case deeply enough that a step cannot reach its argument.
func clone(c jieling.Case) jieling.Case {
	c.Proofs = slices.Clone(c.Proofs)
	c.Pending = slices.Clone(c.Pending)
	c.Returned = slices.Clone(c.Returned)
	c.Impact = slices.Clone(c.Impact)
	c.Attestations = slices.Clone(c.Attestations)
	c.Legs = slices.Clone(c.Legs)
	c.Residues = slices.Clone(c.Residues)
	c.Playbook = c.Playbook.Clone()
	return c
}
