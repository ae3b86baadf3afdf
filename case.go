package jieling

import (
	"encoding/json"
	"slices"
	"time"
)

// Platform is where the person stands while they unbind.
type Platform string

// The platforms of the pack.
const (
	Android Platform = "android"
	IOS     Platform = "ios"
	Web     Platform = "web"
)

// Platforms lists the closed list above, in the order people are shown it.
var Platforms = [...]Platform{Android, IOS, Web}

// Goal says what a case is for.
type Goal string

// The goals of a case.
const (
	Unlink  Goal = "unlink"  // 解绑
	Link    Goal = "link"    // 绑定
	Replace Goal = "replace" // 换绑
	Migrate Goal = "migrate" // 迁移
)

// Reason is why a person unbinds (F6). It may raise the scenario and shapes advice; it never lowers what is asked.
type Reason string

// The reasons of row F6, and the one for everything else.
const (
	ReasonPrivacy      Reason = "privacy"
	ReasonSeparate     Reason = "separate"
	ReasonConflict     Reason = "conflict"
	ReasonTheft        Reason = "theft"
	ReasonOrganisation Reason = "organisation"
	ReasonAbroad       Reason = "abroad"
	ReasonOther        Reason = "other"
)

// Reasons lists the closed list above.
var Reasons = [...]Reason{ReasonPrivacy, ReasonSeparate, ReasonConflict, ReasonTheft, ReasonOrganisation, ReasonAbroad, ReasonOther}

// Scenario (场景) names the row of the verification matrix a situation falls under. A person may declare one; that can
// raise what is asked, never lower it.
type Scenario string

// Scenarios of the shipped pack.
const (
	Routine     Scenario = "routine"
	Abnormal    Scenario = "abnormal"
	Enterprise  Scenario = "enterprise"
	Stolen      Scenario = "stolen"       // the identity that goes may be in other hands (P1)
	CrossBorder Scenario = "cross_border" // P3
	Recycled    Scenario = "recycled"     // the bound number may have changed hands (A4)
)

// Scenarios lists the closed list above, in the order of the shipped pack.
var Scenarios = [...]Scenario{Routine, Abnormal, Enterprise, Stolen, CrossBorder, Recycled}

// Stage is where a case stands. The moves between stages are package casework's.
type Stage string

// The stages of a case.
const (
	StageOpen             Stage = "open"
	StageVerifying        Stage = "verifying"
	StageReviewing        Stage = "reviewing"
	StageAwaitingApproval Stage = "awaiting_approval"
	StageReady            Stage = "ready"
	StageCoolingOff       Stage = "cooling_off"
	StageExecuting        Stage = "executing"
	StageGuarded          Stage = "guarded"
	StageClosed           Stage = "closed"
	StageFrozen           Stage = "frozen"
	StageCancelled        Stage = "cancelled"
	StageRefused          Stage = "refused"
	StageExpired          Stage = "expired"
	StageCompensated      Stage = "compensated"
)

// Stages lists the closed list above, in the order a case can reach them.
var Stages = [...]Stage{
	StageOpen, StageVerifying, StageReviewing, StageAwaitingApproval, StageReady, StageCoolingOff, StageExecuting, StageGuarded,
	StageClosed, StageFrozen, StageCancelled, StageRefused, StageExpired, StageCompensated,
}

// Terminal reports that a case in this stage makes no further move.
func (s Stage) Terminal() bool {
	switch s {
	case StageClosed, StageCancelled, StageRefused, StageExpired, StageCompensated:
		return true
	}
	return false
}

// BackupChoice says how the offer of a backup (P5) was settled.
type BackupChoice string

// The answers to the offer of a backup.
const (
	BackupUnsettled BackupChoice = ""
	BackupMade      BackupChoice = "made"
	BackupDeclined  BackupChoice = "declined"
)

// Case (解绑单) is the durable record that carries one removal out. It is the fold of its events: the store keeps both.
type Case struct {
	ID       CaseID    `json:"id"`
	Account  AccountID `json:"account"`
	Goal     Goal      `json:"goal"`
	Binding  BindingID `json:"binding"`
	Provider Provider  `json:"provider"`
	Platform Platform  `json:"platform"`
	Device   DeviceID  `json:"device,omitempty"` // where it was begun: never the device that approves it (S12)
	By       SessionID `json:"by,omitempty"`     // the session it was begun in; empty: the product began it
	Reason   Reason    `json:"reason"`
	Scenario Scenario  `json:"scenario"`

	Stage   Stage `json:"stage"`
	Resume  Stage `json:"resume,omitempty"` // the stage a frozen case goes back to
	Version int64 `json:"version"`          // number of events folded; also the sequence number of the last one
	Epoch   int64 `json:"epoch"`            // the account's freeze epoch this case was decided under (S13)

	Decision    Decision     `json:"decision"`
	Proofs      []Proof      `json:"proofs,omitempty"`
	Replacement BindingID    `json:"replacement,omitempty"`
	Replaced    bool         `json:"replaced"` // a sufficient other way in was in place and proven (D4, S16)
	Backup      BackupChoice `json:"backup,omitempty"`
	Playbook    *Playbook    `json:"playbook,omitempty"` // the one it runs, with how far each step is; it keeps the one it met first
	Waiver      *Waiver      `json:"waiver,omitempty"`   // the owner knows what could lock them out (S14)
	Impact      []Dependent  `json:"impact,omitempty"`   // as shown when the person confirmed
	Signals     []Signal     `json:"signals,omitempty"`  // what was measured when the case was opened, then when it was confirmed; without their sentences

	// Pending is what the person handed in and others decide on, at most one of a factor; Returned is what came back undecided or
	// refused, the latest of each factor, until it is handed in or proven anew.
	Pending  []Pending  `json:"pending,omitempty"`
	Returned []Returned `json:"returned,omitempty"`

	// Attestations is what platforms said of the devices that acted in the case: one for each device, the last, except that a bad
	// word about a device stands.
	Attestations []Attestation `json:"attestations,omitempty"`

	OpenedAt    time.Time `json:"opened_at"`
	ExpiresAt   time.Time `json:"expires_at"`             // an unconfirmed case ends here
	ConfirmedAt time.Time `json:"confirmed_at,omitzero"`  //
	CommitAfter time.Time `json:"commit_after,omitzero"`  // end of the cool-off (冷静期)
	RemovedAt   time.Time `json:"removed_at,omitzero"`    // the commit point (S21): before it all can be undone
	GuardUntil  time.Time `json:"guarded_until,omitzero"` // end of the guarded window and of the undo window
	EndedAt     time.Time `json:"ended_at,omitzero"`

	Legs     []Leg         `json:"legs,omitempty"`
	Upstream UpstreamTruth `json:"upstream"`
	Residues []Residue     `json:"residues,omitempty"`
	Ending   Text          `json:"ending,omitzero"` // why it was refused, cancelled or compensated
}

// Proved reports whether the case holds a live proof of f, given under the account's present freeze epoch.
func (c Case) Proved(f Factor) bool {
	return slices.ContainsFunc(c.Proofs, func(p Proof) bool { return p.Factor == f && p.Epoch == c.Epoch })
}

// Decider says with whom something lies that was handed in.
type Decider string

// Those who decide on what a person hands in.
const (
	ByStaff        Decider = "staff"        // 人工审核
	ByOrganisation Decider = "organisation" // 组织管理员
)

// Pending (等待中) is something handed in that others decide on: the person may leave meanwhile.
type Pending struct {
	Factor    Factor      `json:"factor"`
	Challenge ChallengeID `json:"challenge"`
	To        Decider     `json:"to"`
	At        time.Time   `json:"at"`
	Until     time.Time   `json:"until"` // when it comes back, whether anybody decided or not
}

// Returned (退回) is something handed in that came back without being accepted, and why, in words for the person.
type Returned struct {
	Factor    Factor      `json:"factor"`
	Challenge ChallengeID `json:"challenge"`
	Reason    Text        `json:"reason"`
	At        time.Time   `json:"at"`
}

// Waits reports whether something of this factor lies with others.
func (c Case) Waits(f Factor) bool {
	return slices.ContainsFunc(c.Pending, func(p Pending) bool { return p.Factor == f })
}

// LegState is how far one participant is with one case. The second truth of removal is made of these: cleaned at each
// participant, verified and not merely asked.
type LegState string

// The states of a leg.
const (
	LegPlanned     LegState = "planned"
	LegPrepared    LegState = "prepared"
	LegCommitted   LegState = "committed"
	LegVerified    LegState = "verified"
	LegResidue     LegState = "residue" // verified, and something was left behind
	LegRefused     LegState = "refused"
	LegCompensated LegState = "compensated"
	LegUnanswered  LegState = "unanswered" // given up on; its residue is unknown and stays open (L6)
)

// Leg (参与方步骤) is one participant's part of a case.
type Leg struct {
	Participant string    `json:"participant"`
	Title       Text      `json:"title"`
	Required    bool      `json:"required"` // a required participant that refuses or stays silent stops the removal before the commit point
	State       LegState  `json:"state"`
	Reason      Text      `json:"reason,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
}

// UpstreamTruth is the third truth of removal: whether the provider has forgotten us.
type UpstreamTruth string

// What is known of the provider's side.
const (
	UpstreamUnknown    UpstreamTruth = ""                     // not asked yet
	UpstreamNoGrant    UpstreamTruth = "no_grant"             // we never held a grant there: nothing to take back
	UpstreamUserAction UpstreamTruth = "user_action_required" // the provider has no interface for it; the person must
	UpstreamConfirmed  UpstreamTruth = "confirmed"            // the provider itself says the grant is gone
)

// Residue (残留) is something a removal left behind at a participant (F4).
type Residue struct {
	ID          string    `json:"id"` // the participant's name for it, unique within the participant
	Participant string    `json:"participant"`
	Title       Text      `json:"title"`
	Detail      Text      `json:"detail,omitzero"`
	Cleanable   bool      `json:"cleanable"`
	Cleanup     Text      `json:"cleanup,omitzero"`  // what clearing it does, or where the person does it
	Unknown     bool      `json:"unknown,omitempty"` // the participant did not answer: not "none" (I6)
	FoundAt     time.Time `json:"found_at"`
	AskedAt     time.Time `json:"asked_at,omitzero"`
	ClearedAt   time.Time `json:"cleared_at,omitzero"`
}

// Open reports that the residue still stands.
func (r Residue) Open() bool { return r.ClearedAt.IsZero() }

// Event is one entry of a case's append-only history: the input that package casework folded. Replaying a case's events
// yields its row, on this build and every later one.
type Event struct {
	Case  CaseID          `json:"case"`
	Seq   int64           `json:"seq"` // 1, 2, 3 … without gaps
	Kind  string          `json:"kind"`
	Actor Actor           `json:"actor"`
	At    time.Time       `json:"at"`
	Stage Stage           `json:"stage"` // the stage after it
	Data  json.RawMessage `json:"data"`
}
