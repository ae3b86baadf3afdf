package jieling

import "time"

// EffectKind says which hand an effect is for and what it must do there.
type EffectKind string

// The kinds of effect.
const (
	EffectPrepare    EffectKind = "participant.prepare"
	EffectCommit     EffectKind = "participant.commit"
	EffectCompensate EffectKind = "participant.compensate"
	EffectVerify     EffectKind = "participant.verify"
	EffectCleanup    EffectKind = "participant.cleanup"
	EffectSwitch     EffectKind = "participant.switch" // set a switch of the account, outside any case
	EffectProbe      EffectKind = "provider.probe"     // ask the provider whether the grant is gone
	EffectCheck      EffectKind = "playbook.check"     // find out whether a step of a playbook is done
	EffectDeliver    EffectKind = "factor.deliver"     // send a code
	EffectNotify     EffectKind = "notify"             // tell a person
	EffectTimer      EffectKind = "timer"              // time itself, for one case, or for a review of an account's devices
)

// Effect is something the outside must do, written in the transaction that decided it and done afterwards by a worker. It
// may be done twice, so every hand is idempotent by Key.
type Effect struct {
	ID      EffectID   `json:"id"`
	Key     string     `json:"key"` // begins with the ID of what asked, and is unique within the account: the same decision cannot ask twice (S20)
	Kind    EffectKind `json:"kind"`
	Account AccountID  `json:"account"`
	Case    CaseID     `json:"case,omitempty"`
	Target  string     `json:"target,omitempty"`  // participant, provider or channel
	Subject string     `json:"subject,omitempty"` // what it is about: a residue, a challenge, a binding
	Payload []byte     `json:"-"`                 // sealed where it holds personal data
	RunAt   time.Time  `json:"run_at"`
	Attempt int        `json:"attempt"` // also the fencing token: a report of an older attempt is refused (S29)
	Lease   time.Time  `json:"lease,omitzero"`
	LastErr string     `json:"last_error,omitempty"` // safe to show: never what a party sent
}

// EffectState says where an effect is in its short life.
type EffectState string

// The states of an effect.
const (
	EffectDue  EffectState = "due" // waiting, leased or to be tried again
	EffectDone EffectState = "done"
	EffectDead EffectState = "dead" // given up on, with an alarm (L5)
)
