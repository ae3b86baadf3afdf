// Package participant is the contract with the product's own systems in a removal's saga (参与方): what hangs on a binding
// there (describe), and the steps prepare, commit, compensate, verify and clean up. The HTTP connector is in
// participant/httppart; the wire is described for implementers in docs/reference/participant-contract.md.
package participant

import (
	"context"
	"errors"

	"github.com/jieling-id/jieling"
)

// Participant is one downstream system. Every step is idempotent by Step.Effect and may be asked again after a lost answer.
// An error means "not known": it is neither a yes nor a no, and the caller asks again.
type Participant interface {
	// Describe lists what hangs on the binding. It changes nothing and must answer within the context's deadline.
	Describe(ctx context.Context, who Who) ([]jieling.Dependent, error)
	// Do carries out one step of the saga.
	Do(ctx context.Context, op Op, step Step) (Outcome, error)
}

// ErrUnable is the answer of a participant that does not have an ability: neither a yes nor silence.
var ErrUnable = errors.New("the participant has no such ability")

// Switcher is the ability to tell and set switches of an account (H1, H2, H4). A participant that has none answers ErrUnable.
type Switcher interface {
	// Switches lists them as they stand now.
	Switches(ctx context.Context, account string) ([]jieling.Switch, error)
	// Switch moves one. The outcome is Set, Refused or Pending; whether it moved is Switches' to say.
	Switch(ctx context.Context, step SwitchStep) (Outcome, error)
}

// Biller is the ability to tell which payments of an account look odd (H2). A participant that has none answers ErrUnable.
type Biller interface {
	Bills(ctx context.Context, account string) ([]jieling.Bill, error)
}

// SwitchStep is one ask of a switch, the same in every repeat.
type SwitchStep struct {
	Effect  jieling.EffectID // idempotency key
	Account string           // the product's external ID
	Switch  string
	On      bool
}

// Op is a step of the saga.
type Op string

// The steps.
const (
	Prepare    Op = "prepare"
	Commit     Op = "commit"
	Compensate Op = "compensate"
	Verify     Op = "verify"
	Cleanup    Op = "cleanup"
)

// Who names the binding to a participant by the product's own account name and the provider's subject.
type Who struct {
	Account  string // the product's external ID
	Binding  jieling.BindingID
	Provider jieling.Provider
	Subject  string
}

// Step is one ask.
type Step struct {
	Effect  jieling.EffectID // idempotency key
	Case    jieling.CaseID
	Who     Who
	Residue string // for Cleanup
}

// State is what a participant answers to a step.
type State string

// The answers. Each step has its own good one; Pending means "ask again".
const (
	Prepared    State = "prepared"
	Committed   State = "committed"
	Compensated State = "compensated"
	Clean       State = "clean"
	Residue     State = "residue"
	Cleared     State = "cleared"
	Refused     State = "refused"
	Set         State = "set"
	Pending     State = "pending"
)

// Outcome is a participant's answer. Residues come with the state Residue.
type Outcome struct {
	State    State
	Reason   jieling.Text
	Residues []jieling.Residue
}

// Config describes one participant to the service.
type Config struct {
	Name     string       // unique, [a-z0-9_]{1,32}
	Title    jieling.Text // as people see it
	URL      string
	Secret   string             // whsec_…
	Required bool               // whether a refusal or silence stops a removal before the commit point
	Provider []jieling.Provider // the providers whose bindings it hangs on; empty: all
}
