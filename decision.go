package jieling

import (
	"slices"
	"time"
)

// Decision is what a pack answers for a situation: what is asked, how long is waited, what is refused, and which rule
// asked for each. It is a value; nothing in it looks anything up.
type Decision struct {
	Pack        string        `json:"pack"` // name@version
	Scenario    Scenario      `json:"scenario"`
	Requirement Requirement   `json:"requirement"`
	Wait        time.Duration `json:"wait"`  // cool-off before anything is removed, nanoseconds
	Guard       time.Duration `json:"guard"` // guarded window afterwards, nanoseconds
	// Replacement asks that another usable way in is in place and proven before anything is removed (D4).
	Replacement bool `json:"replacement"`
	// NeedPhone asks that a phone be among the ways in that stay (D4: an account registered through the binding).
	NeedPhone bool      `json:"need_phone"`
	Backup    bool      `json:"backup"` // a backup is offered and must be settled (P5)
	Detours   []Detour  `json:"detours,omitempty"`
	Playbook  *Playbook `json:"playbook,omitempty"` // what is done in which order, in a special case (P1–P3); shared, and not to be changed
	Refusals  []Because `json:"refusals,omitempty"`
	Reasons   []Because `json:"reasons,omitempty"`
}

// Detour (替代验证) is a way round factors that a person has not set up, or has lost (V8): whoever meets Require has shown at
// least as much as any of For.
type Detour struct {
	Rule    string        `json:"rule"`
	For     []Factor      `json:"for"`
	Require Requirement   `json:"require"`
	Takes   time.Duration `json:"takes,omitempty"` // at most, where somebody else has to act, nanoseconds
	Text    Text          `json:"text"`
}

// Because names the rule of the pack (and by its ID the requirement row) behind one part of a decision.
type Because struct {
	Rule string `json:"rule"`
	Text Text   `json:"text"`
}

// Allowed reports that no rule refused.
func (d Decision) Allowed() bool { return len(d.Refusals) == 0 }

// Met reports whether the factors that has meet what is asked, themselves or by a detour.
func (d Decision) Met(has func(Factor) bool) bool {
	return d.Requirement.Met(func(f Factor) bool {
		return has(f) || slices.ContainsFunc(d.Detours, func(way Detour) bool { return slices.Contains(way.For, f) && way.Require.Met(has) })
	})
}

// Asks reports whether proving a factor brings the case on: what is asked names it, or a detour does.
func (d Decision) Asks(f Factor) bool {
	return slices.Contains(d.Requirement.Factors(), f) ||
		slices.ContainsFunc(d.Detours, func(way Detour) bool { return slices.Contains(way.Require.Factors(), f) })
}

// Effect of a removal on a dependent.
type Change string

// What happens to a dependent when its binding goes.
const (
	Lost    Change = "lost"
	Changed Change = "changed"
	Kept    Change = "kept"
	Unclear Change = "unknown" // its participant did not answer (I6)
)

// Dependent (依赖项) is anything that hangs on a binding, as its owner tells it live (I6) or as the pack knows it (D1–D5).
type Dependent struct {
	ID           string `json:"id"`
	Participant  string `json:"participant,omitempty"` // empty: known from the pack
	Module       string `json:"module"`                // signin, payment, games, files, chats, friends, mini_program …
	Rule         string `json:"rule,omitempty"`        // the pack's row, where it is from the pack
	Title        Text   `json:"title"`
	Detail       Text   `json:"detail,omitzero"`
	Count        int    `json:"count,omitempty"`
	Bytes        int64  `json:"bytes,omitempty"` // how large a backup of it is, where its participant knows
	Change       Change `json:"change"`
	Irreversible bool   `json:"irreversible,omitempty"`
	Remedy       Text   `json:"remedy,omitzero"`
	Backup       bool   `json:"backup,omitempty"`
	Unknown      bool   `json:"unknown,omitempty"` // the participant did not answer: never "none" (I6)
}

// Plan (解绑方案) is what one unbinding would need and cost, computed without changing anything.
type Plan struct {
	Account  AccountID `json:"account"`
	Binding  Binding   `json:"binding"`
	Platform Platform  `json:"platform"`
	Path     Text      `json:"path"` // where it starts (F1)
	DeepLink string    `json:"deep_link,omitempty"`
	// KeyVerification is what the product itself asks at that place (F2); who passes it passes the routine cell.
	KeyVerification Requirement    `json:"key_verification"`
	Decision        Decision       `json:"decision"`
	Signals         []Signal       `json:"signals"` // what the decision took to be so of the person, the device, the place and the number
	Factors         []FactorState  `json:"factors"` // every factor the requirement names, and whether this person has it
	Impact          []Dependent    `json:"impact"`
	Risks           []Risk         `json:"risks"`  // what to beware of on this platform (R1–R3)
	Advice          []Because      `json:"advice"` // what to do before (R4)
	Replacements    []Replacement  `json:"replacements"`
	Afterwards      []Text         `json:"afterwards"` // what stays (F3) and what will still need clearing (F4)
	Steps           []Text         `json:"steps"`
	Compare         []PlatformPlan `json:"compare,omitempty"` // the same unbinding on the other platforms (F5)
	WaysInAfter     int            `json:"ways_in_after"`
	Access          Access         `json:"access"` // who could get in, and how the owner would get back in
}

// FactorState is one factor of a requirement as it stands for one person.
type FactorState struct {
	Factor   Factor `json:"factor"`
	Title    Text   `json:"title"`
	Enrolled bool   `json:"enrolled"`
	Hint     Text   `json:"hint,omitzero"` // what to do where it is not enrolled
}

// Risk (风险) is one danger of unbinding on one platform, as the pack knows it (R1–R3).
type Risk struct {
	Rule  string `json:"rule"`
	Title Text   `json:"title"`
	Level Level  `json:"level"`
	Why   Text   `json:"why"`
}

// Replacement is one login that could take the place of the one that goes (A1–A7), with what it costs.
type Replacement struct {
	Rule         string   `json:"rule"`
	Provider     Provider `json:"provider"`
	Title        Text     `json:"title"`
	Effort       Level    `json:"effort"`
	SecurityCost Level    `json:"security_cost"`
	Completeness Level    `json:"completeness"`
	Note         Text     `json:"note,omitzero"`
	Have         bool     `json:"have"` // the account has it already, proven
	Here         bool     `json:"here"` // it can be set up and proven within a case

	// What it would change for this account once the login that goes is gone (A7): losses that would no longer lock the owner out,
	// and attackers whom it would let in. Both are empty where the account has it already.
	Saves []Because `json:"saves,omitempty"`
	Opens []Because `json:"opens,omitempty"`
}

// Level is a word of a three-step scale.
type Level string

// The steps of the scale.
const (
	Low    Level = "low"
	Medium Level = "medium"
	High   Level = "high"
)

// PlatformPlan is the short form of a plan on another platform, for comparison (F5).
type PlatformPlan struct {
	Platform    Platform    `json:"platform"`
	Path        Text        `json:"path"`
	Requirement Requirement `json:"requirement"`
	Steps       int         `json:"steps"`
	Assurance   Level       `json:"assurance"`
	Note        Text        `json:"note,omitzero"`
	Refused     bool        `json:"refused,omitempty"`
}
