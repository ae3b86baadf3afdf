package client

import "context"

// Participant is a product's system in the unbinding saga. [Handler] serves it over HTTP.
//
// Rules for every implementer:
//   - Methods are called from several goroutines at once.
//   - Every request may come more than once, late, or out of order. What was done once in a case is answered again, not done
//     again. [Ledger] keeps these rules.
//   - An error means "ask me again later". An error that is a [*Problem] is sent as it stands; the text of any other error
//     goes to the log only.
//   - A pending answer is asked again, with the same step, until it is final.
type Participant interface {
	// Describe lists what hangs on the binding now, in the order a person should read it; nothing for an account or a
	// binding this system does not know. It changes nothing. After a commit it no longer lists what was let go.
	Describe(ctx context.Context, req DescribeRequest) ([]Dependent, error)
	// Prepare answers prepared, refused (with a reason for the person) or pending. It takes nothing away.
	Prepare(ctx context.Context, req StepRequest) (Answer, error)
	// Commit lets go of what hangs on the binding and answers committed or pending. It is valid after a prepare only.
	Commit(ctx context.Context, req StepRequest) (Answer, error)
	// Compensate answers compensated or pending. After a commit it restores exactly what the commit took; after a prepare it
	// releases; for a case never heard of it does nothing, and a later prepare of that case is refused.
	Compensate(ctx context.Context, req StepRequest) (Answer, error)
	// Verify looks, rather than remembers: it lists whatever still points at the binding at this moment, whatever was
	// answered before. It answers clean, residue or pending and changes nothing.
	Verify(ctx context.Context, req StepRequest) (Verification, error)
	// Cleanup clears one residue that Verify named and answers cleared, pending or refused. It is the second, separate
	// clean-up of a residue; nothing else is touched.
	Cleanup(ctx context.Context, req CleanupRequest) (Answer, error)
}

// Op is an operation of the contract: the last segment of the URL it is posted to.
type Op string

// The six operations of the saga. What else a participant may be able to do is [Switcher]'s and [Biller]'s.
const (
	OpDescribe   Op = "describe"
	OpPrepare    Op = "prepare"
	OpCommit     Op = "commit"
	OpCompensate Op = "compensate"
	OpVerify     Op = "verify"
	OpCleanup    Op = "cleanup"
)

// Action is what is being done to the binding.
type Action string

// ActionUnlink takes the binding off the account. It is the only action of this version of the contract.
const ActionUnlink Action = "unlink"

// State is the outcome of an operation. Which states an operation may answer is listed at each method of [Participant].
type State string

// The states, a closed list.
const (
	StatePending     State = "pending" // not final; asked again later with the same step
	StatePrepared    State = "prepared"
	StateRefused     State = "refused"
	StateCommitted   State = "committed"
	StateCompensated State = "compensated"
	StateClean       State = "clean"
	StateResidue     State = "residue"
	StateCleared     State = "cleared"
)

// Module is the part of the product's world that a dependent belongs to (the impact matrix, rows I1–I4 and D3–D5).
type Module string

// The modules, a closed list.
const (
	ModuleSignIn          Module = "signin"
	ModulePayment         Module = "payment"
	ModuleGames           Module = "games"
	ModuleFiles           Module = "files"
	ModuleMiniProgram     Module = "mini_program"
	ModuleOfficialAccount Module = "official_account"
	ModuleMerchant        Module = "merchant"
	ModuleOther           Module = "other"
)

// Effect is what the unbinding does to a dependent.
type Effect string

// The effects, a closed list.
const (
	EffectLost    Effect = "lost"    // gone after the commit
	EffectChanged Effect = "changed" // works differently after the commit
	EffectKept    Effect = "kept"    // stays as it is; listed so that nobody worries
)

// Text is a sentence in both languages that people read. Both are required wherever a Text is.
type Text struct {
	ZH string `json:"zh-CN"`
	EN string `json:"en"`
}

// BindingRef names the login identity being taken off: Jieling's ID for it, the provider ("qq") and the provider's
// subject (for QQ the openid). The subject is personal data; keep it out of logs.
type BindingRef struct {
	ID       string `json:"id"`
	Provider string `json:"provider"`
	Subject  string `json:"subject"`
}

// DescribeRequest asks what hangs on a binding of an account.
type DescribeRequest struct {
	Account string     `json:"account"`
	Binding BindingRef `json:"binding"`
}

// StepRequest is the request of prepare, commit, compensate and verify. Case names the unbinding and ties its operations
// together; a case is about one account, one binding and one action. Step names one ask: it is the same in every repeat of
// that ask and belongs to one case.
type StepRequest struct {
	Step    string     `json:"step"`
	Case    string     `json:"case"`
	Account string     `json:"account"`
	Binding BindingRef `json:"binding"`
	Action  Action     `json:"action"`
}

// CleanupRequest asks for one residue, named by the ID that [Participant.Verify] gave it.
type CleanupRequest struct {
	StepRequest
	Residue string `json:"residue"`
}

// Dependent is one thing that hangs on the binding. It is asked live and shown to the person before anything is removed
// (row I6).
type Dependent struct {
	ID           string `json:"id"` // unique within the answer and stable between answers
	Module       Module `json:"module"`
	Title        Text   `json:"title"`
	Detail       Text   `json:"detail"`
	Count        int    `json:"count"` // how many of it; 0 or more
	Effect       Effect `json:"effect"`
	Irreversible bool   `json:"irreversible"`    // an undo does not bring it back
	Remedy       Text   `json:"remedy"`          // how to get it back, or what to use instead
	Backup       bool   `json:"backup"`          // worth backing up before (row P5)
	Bytes        int64  `json:"bytes,omitempty"` // how large a backup of it is, where that is known
	// Rule names the row of the product's policy pack that this is the account's own part of ("D5", "I4"): it is shown in that
	// row's place. At most 32 characters; empty where there is none.
	Rule string `json:"rule,omitempty"`
}

// Answer is the outcome of a step. Reason is for the person and required when State is refused.
type Answer struct {
	State  State `json:"state"`
	Reason Text  `json:"reason,omitzero"`
}

// Verification is what [Participant.Verify] saw. Residues is empty exactly when State is clean.
type Verification struct {
	State    State     `json:"state"`
	Residues []Residue `json:"residues,omitempty"`
}

// Residue is something that still points at the binding after the commit (row F4). Cleanable says whether cleanup can
// clear it; where it cannot, Cleanup tells the person how to.
type Residue struct {
	ID        string `json:"id"`
	Title     Text   `json:"title"`
	Detail    Text   `json:"detail"`
	Cleanable bool   `json:"cleanable"`
	Cleanup   Text   `json:"cleanup"`
}

// description is the wire form of Describe's answer.
type description struct {
	Dependents []Dependent `json:"dependents"`
}
