package casework

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/jieling-id/jieling"
)

// Input is one move. The list is closed: the types of this file.
type Input interface{ kind() string }

// Opened makes the case. Case carries its ID, account, goal, binding, provider, platform, device, reason, scenario, epoch,
// decision, signals and impact; everything else in it is ignored.
type Opened struct {
	Case jieling.Case  `json:"case"`
	TTL  time.Duration `json:"ttl"` // an unconfirmed case expires after this
	// Situation is what the decision was asked about, as the engine knew it: nothing of the case depends on it, and a changed
	// pack can be asked about it again.
	Situation json.RawMessage `json:"situation,omitempty"`
}

// Described replaces what the participants answered when they were asked again (I6).
type Described struct {
	Impact []jieling.Dependent `json:"impact"`
}

// Proved records a verified factor (S8: the engine accepts each challenge once).
type Proved struct {
	Proof jieling.Proof `json:"proof"`
}

// Submitted says that the person handed something in that others decide on, until Until at the latest. TTL is the time the person
// has after that: a case does not expire while others have it.
type Submitted struct {
	Factor    jieling.Factor      `json:"factor"`
	Challenge jieling.ChallengeID `json:"challenge"`
	To        jieling.Decider     `json:"to"`
	Until     time.Time           `json:"until"`
	TTL       time.Duration       `json:"ttl"`
}

// Returned says that what was handed in came back: refused, not enough yet, or taken back by the person, who then gave no Reason.
type Returned struct {
	Factor    jieling.Factor      `json:"factor"`
	Challenge jieling.ChallengeID `json:"challenge"`
	Reason    jieling.Text        `json:"reason,omitzero"`
}

// Replaced says that what stays is enough and which binding makes it so.
type Replaced struct {
	Binding jieling.BindingID `json:"binding"`
}

// BackedUp settles the offer of a backup (P5).
type BackedUp struct {
	Choice jieling.BackupChoice `json:"choice"`
}

// Waived is the owner's word that they know what could lock them out and go on (S14). Who gave it is the event's actor.
type Waived struct {
	Losses   []string `json:"losses"`
	Reason   string   `json:"reason"`
	Template string   `json:"template"` // the assumptions it was given under
}

// Attested carries what a platform said of a device that acts in the case.
type Attested struct {
	Attestation jieling.Attestation `json:"attestation"`
}

// Decided says that the pack was asked again while the person gathers, because more is known.
type Decided struct {
	Decision jieling.Decision `json:"decision"`
	Signals  []jieling.Signal `json:"signals,omitempty"` // what was measured
}

// Ground is what the engine read in the transaction that may pass the commit point.
type Ground struct {
	WaysInAfter int   `json:"ways_in_after"` // usable ways in without the binding (S14)
	Sufficient  bool  `json:"sufficient"`    // what stays satisfies the decision's replacement (D4)
	Frozen      bool  `json:"frozen,omitempty"`
	Epoch       int64 `json:"epoch"`
	// Lockout holds the required losses after which the owner could not get back in without the binding, each by its name and
	// in a sentence, under the assumptions of Template (S14).
	Lockout  []jieling.Because `json:"lockout,omitempty"`
	Template string            `json:"template,omitempty"`
	// Decision is the pack's answer to the facts as they are now (S15); nil means it is the case's own, unchanged.
	Decision *jieling.Decision `json:"decision,omitempty"`
	// Signals is what was measured of whoever confirms; empty where nobody did just now.
	Signals []jieling.Signal `json:"signals,omitempty"`
	// Shown says that a case which is asked again shows Signals. Histories from before there was such a thing do not have it.
	Shown bool `json:"shown,omitempty"`
}

// StepDone says that a step of the playbook is done, and on whose word.
type StepDone struct {
	Step string          `json:"step"`
	By   jieling.Voucher `json:"by"`
}

// StepDeclined is the person's word that they knowingly leave a step out.
type StepDeclined struct {
	Step string `json:"step"`
}

// StepFailed says that nobody could be asked whether a step is done.
type StepFailed struct {
	Step string `json:"step"`
}

// Confirmed is the person's one confirmation of the case as it was shown to them, with the participants concerned.
type Confirmed struct {
	Ground Ground        `json:"ground"`
	Legs   []jieling.Leg `json:"legs,omitempty"`
}

// TimeReached says that a timer of the case came due.
type TimeReached struct {
	Ground Ground `json:"ground"`
}

// Report is how an ask at a participant ended.
type Report string

// The ways an ask ends. GaveUp stands for a participant that never answered (a dead letter).
const (
	DidPrepare    Report = "prepared"
	DidCommit     Report = "committed"
	DidCompensate Report = "compensated"
	FoundClean    Report = "clean"
	FoundResidue  Report = "residue"
	Refused       Report = "refused"
	GaveUp        Report = "gave_up"
)

// LegReported carries a participant's answer to the step named by Asked.
type LegReported struct {
	Participant string             `json:"participant"`
	Asked       jieling.EffectKind `json:"asked"`
	Report      Report             `json:"report"`
	Reason      jieling.Text       `json:"reason,omitzero"`
	Residues    []jieling.Residue  `json:"residues,omitempty"`
	Ground      Ground             `json:"ground"`
}

// Probed carries what is known of the provider's side.
type Probed struct {
	Upstream jieling.UpstreamTruth `json:"upstream"`
}

// CleanupAsked starts the separate clean-up of one residue (F4).
type CleanupAsked struct {
	Participant string `json:"participant"`
	Residue     string `json:"residue"`
}

// ResidueCleared says that a residue was looked for again and is gone.
type ResidueCleared struct {
	Participant string `json:"participant"`
	Residue     string `json:"residue"`
}

// Cancelled is the person's (or staff's) change of mind.
type Cancelled struct {
	Why jieling.Text `json:"why,omitzero"`
}

// Undone asks to put the binding back inside the undo window.
type Undone struct{}

// Frozen says that the account was frozen, Thawed that it is no longer. Epoch is the account's new one. Restart says that nothing is
// frozen and the epoch moved all the same: what was proven is void, because a device went, say, or a login was proven for the first time.
type Frozen struct {
	Epoch   int64 `json:"epoch"`
	Restart bool  `json:"restart,omitempty"`
}

// Thawed ends a freeze.
type Thawed struct {
	Epoch int64 `json:"epoch"`
}

// Carried takes a case along to the account's new epoch with everything that was proven for it: an identity was proven for the
// first time in this very case, and what came before that was swept (S17).
type Carried struct {
	Epoch int64 `json:"epoch"`
}

func (Opened) kind() string         { return "opened" }
func (Described) kind() string      { return "described" }
func (Proved) kind() string         { return "proved" }
func (Submitted) kind() string      { return "submitted" }
func (Returned) kind() string       { return "returned" }
func (Replaced) kind() string       { return "replaced" }
func (BackedUp) kind() string       { return "backed_up" }
func (Waived) kind() string         { return "waived" }
func (Attested) kind() string       { return "attested" }
func (Decided) kind() string        { return "decided" }
func (StepDone) kind() string       { return "step_done" }
func (StepDeclined) kind() string   { return "step_declined" }
func (StepFailed) kind() string     { return "step_failed" }
func (Confirmed) kind() string      { return "confirmed" }
func (TimeReached) kind() string    { return "time_reached" }
func (LegReported) kind() string    { return "leg_reported" }
func (Probed) kind() string         { return "probed" }
func (CleanupAsked) kind() string   { return "cleanup_asked" }
func (ResidueCleared) kind() string { return "residue_cleared" }
func (Cancelled) kind() string      { return "cancelled" }
func (Undone) kind() string         { return "undone" }
func (Frozen) kind() string         { return "frozen" }
func (Thawed) kind() string         { return "thawed" }
func (Carried) kind() string        { return "carried" }

// Record writes an input down as an event of the case it led to.
func Record(out jieling.Case, at time.Time, by jieling.Actor, in Input) (jieling.Event, error) {
	data, err := json.Marshal(in)
	if err != nil {
		return jieling.Event{}, fmt.Errorf("record %s: %w", in.kind(), err)
	}
	return jieling.Event{Case: out.ID, Seq: out.Version, Kind: in.kind(), Actor: by, At: at, Stage: out.Stage, Data: data}, nil
}

// Replay folds recorded events into the case they describe. It fails on a gap, an unknown kind, or a move that this build
// would refuse.
func Replay(events []jieling.Event) (jieling.Case, error) {
	var c jieling.Case
	for i, e := range events {
		if e.Seq != int64(i+1) {
			return c, fmt.Errorf("replay %s: event %d stands where %d should", e.Case, e.Seq, i+1)
		}
		in, err := decode(e)
		if err != nil {
			return c, err
		}
		out, err := Step(c, e.At, in)
		if err != nil {
			return c, fmt.Errorf("replay %s, event %d (%s): %w", e.Case, e.Seq, e.Kind, err)
		}
		c = out.Case
	}
	return c, nil
}

func decode(e jieling.Event) (Input, error) {
	switch e.Kind {
	case "opened":
		return read[Opened](e)
	case "described":
		return read[Described](e)
	case "proved":
		return read[Proved](e)
	case "submitted":
		return read[Submitted](e)
	case "returned":
		return read[Returned](e)
	case "replaced":
		return read[Replaced](e)
	case "backed_up":
		return read[BackedUp](e)
	case "waived":
		return read[Waived](e)
	case "attested":
		return read[Attested](e)
	case "decided":
		return read[Decided](e)
	case "step_done":
		return read[StepDone](e)
	case "step_declined":
		return read[StepDeclined](e)
	case "step_failed":
		return read[StepFailed](e)
	case "confirmed":
		return read[Confirmed](e)
	case "time_reached":
		return read[TimeReached](e)
	case "leg_reported":
		return read[LegReported](e)
	case "probed":
		return read[Probed](e)
	case "cleanup_asked":
		return read[CleanupAsked](e)
	case "residue_cleared":
		return read[ResidueCleared](e)
	case "cancelled":
		return read[Cancelled](e)
	case "undone":
		return read[Undone](e)
	case "frozen":
		return read[Frozen](e)
	case "thawed":
		return read[Thawed](e)
	case "carried":
		return read[Carried](e)
	}
	return nil, fmt.Errorf("replay %s: event %d has a kind this build does not know: %q", e.Case, e.Seq, e.Kind)
}

func read[T Input](e jieling.Event) (Input, error) {
	var in T
	if err := json.Unmarshal(e.Data, &in); err != nil {
		return nil, fmt.Errorf("replay %s: event %d (%s): %w", e.Case, e.Seq, e.Kind, err)
	}
	return in, nil
}
