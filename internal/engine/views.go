package engine

import (
	"encoding/json"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/store"
)

// NewAccount registers the product's account.
type NewAccount struct {
	ExternalID        string // 1..128 characters, unique
	Kind              jieling.AccountKind
	Region            string // ISO 3166-1 alpha-2; "" means CN
	Locale            string // zh-CN or en; "" means zh-CN
	RegisteredThrough jieling.Provider
}

// NewBinding adds a login identity the product vouches for, or, as a case's replacement, one that is yet to be proven.
type NewBinding struct {
	Provider   jieling.Provider
	Subject    string // 1..256 characters; a phone in E.164
	Union      string
	VerifiedAt time.Time
}

// NewDevice adds a device the product vouches for.
type NewDevice struct {
	Name     string
	Platform jieling.Platform
	Trusted  bool
}

// NewFactor enrols a factor. State is what EnrolOptions returned, for factors with a ceremony.
type NewFactor struct {
	Factor jieling.Factor
	Device jieling.DeviceID
	Given  []byte
	State  []byte
}

// Enrolling is the first half of an enrolment ceremony: Public goes to the browser, State comes back sealed with its answer.
type Enrolling struct {
	Public json.RawMessage
	State  []byte
}

// AccountView is an account with what hangs on it, for its owner and its product.
type AccountView struct {
	jieling.Account
	Bindings   []jieling.Binding
	Cases      []jieling.Case // open ones, newest first
	Enrolments []jieling.Enrolment
	Devices    []jieling.Device
	Sessions   []store.Session // live ones, newest first
	CheckUp    aftercare.CheckUp
	Care       *Care           // what other services tell of it; nil where they were not asked
	Access     *jieling.Access // who could get in as it stands, for the owner themselves
	Now        time.Time
}

// ResolveQuery asks who an identity opens.
type ResolveQuery struct {
	Provider jieling.Provider
	Subject  string
	Device   string           // level: trusted, known, new
	DeviceID jieling.DeviceID // which of the account's devices it is; "": none of them, or nobody knows
	Network  string
}

// ResolveOutcome says what the product should do with a sign-in.
type ResolveOutcome string

// The outcomes of a resolve.
const (
	Allow   ResolveOutcome = "allow"
	StepUp  ResolveOutcome = "step_up"
	Deny    ResolveOutcome = "refuse"
	Unknown ResolveOutcome = "unknown" // no account has this identity, or no longer has
)

// Resolution is the answer to a resolve. Account and Binding are empty where the outcome is Unknown.
type Resolution struct {
	Account jieling.AccountID
	Binding jieling.BindingID
	Outcome ResolveOutcome
	Reasons []string // stable words: account_frozen, binding_suspended, quick_sign_in_off, device_not_named, device_unknown, guarded_window, number_changed_hands, number_holder_unknown, sim_swapped, sim_unknown; after binding_suspended what the provider said (a jieling.NoticeKind)

	renewable bool // refused only because its provider took the login away, which its holder can undo by signing in there anew
}

// PlanQuery asks what taking one login off would need and cost.
type PlanQuery struct {
	Account  jieling.AccountID
	Goal     jieling.Goal // unlink or replace; left out: unlink
	Binding  jieling.BindingID
	Platform jieling.Platform
	Scenario jieling.Scenario // declared by the person; can only raise
	Reason   jieling.Reason
	Compare  bool
	Claims
}

// NewCase opens a case.
type NewCase struct {
	Account  jieling.AccountID
	Goal     jieling.Goal
	Binding  jieling.BindingID
	Platform jieling.Platform
	Device   jieling.DeviceID
	Reason   jieling.Reason
	Scenario jieling.Scenario
	Claims   Claims
}

// CaseView is a case as people and programs see it.
type CaseView struct {
	jieling.Case
	Next    casework.Move
	Factors []jieling.FactorState // every factor the requirement names
	Open    []ChallengeView       // challenges that can still be answered
	Binding jieling.Binding       // the one that goes
	Others  []jieling.Binding     // what stays
	Access  *jieling.Access       // who could get in without it; only where a case is read by itself and has not ended
	Reviews []jieling.Review      // what staff make of what was handed in; only where a case is read by itself
	Offered []jieling.Factor      // that staff decide on here
	Due     time.Duration         // within which they do, at the latest
	Guide   jieling.Text          // how the person takes the grant back at the provider, where only they can
	Now     time.Time
}

// ChallengeView is a challenge with what is needed to answer it.
type ChallengeView struct {
	jieling.Challenge
	Public json.RawMessage // the factor's own: WebAuthn options, the vendor's page, the QR code and number
}

// NewChallenge asks for a factor of a case.
type NewChallenge struct {
	Case   jieling.CaseID
	Factor jieling.Factor
	Lang   string
	Return string // absolute URL of the page to come back to, for vendors with a page of their own
}

// NewAnswer answers a challenge. Given is what the factor expects: digits, the browser's JSON, nothing for a vendor's page.
type NewAnswer struct {
	Challenge jieling.ChallengeID
	Given     []byte
}

// Answered is how an answer was taken. Pending means the vendor has not finished: ask again later, nothing was used up.
type Answered struct {
	Case    CaseView
	Pending bool
}

// ApprovalView is what the phone shows of a QR approval: who, what, where (S12, RFC 10027).
type ApprovalView struct {
	Challenge jieling.Challenge
	What      jieling.Text     // the action in full
	From      jieling.Platform // where it was begun
	Device    string           // the name of the device it was begun on, where it is known
	Numbers   []int            // to choose the initiating screen's from; empty until it is claimed
	Unlocks   []Unlock         // how what approving asks for besides the number can be given on this phone; empty: nothing is asked, or nothing set up
	Case      jieling.CaseID
	Now       time.Time
}

// Approving is the phone's yes.
type Approving struct {
	Number int            // the one that the initiating screen shows
	By     jieling.Factor // of ApprovalView.Unlocks; "" stands for the payment password
	Unlock []byte         // the answer to it: six digits, or the browser's answer to WebAuthn options
}

// NewHandoff sends a signed-in person of the product to the centre.
type NewHandoff struct {
	Account  jieling.AccountID
	Platform jieling.Platform
	Device   jieling.DeviceID
	Next     string // path on our own site; "" means /
}

// Handoff is a one-time ticket: whoever presents Token within five minutes is signed in.
type Handoff struct {
	Token     string
	ExpiresAt time.Time
}

// SignedIn is a session just opened. Token goes into the person's cookie and is kept nowhere else.
type SignedIn struct {
	Token   string
	Session jieling.SessionID
	Account jieling.AccountID
	Next    string
	Expires time.Time
}
