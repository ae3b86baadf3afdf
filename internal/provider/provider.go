// Package provider is the contract for login identities of elsewhere (登录渠道): sending a person to their provider, learning
// who they are there, and finding out whether the provider has forgotten us. Required is small; further abilities are
// optional interfaces, found by assertion. A connector knows a base URL and nothing of who stands behind it. It never logs a
// token, and it never decides anything.
package provider

import (
	"context"

	"github.com/jieling-id/jieling"
)

// Provider is a login identity's connector.
type Provider interface {
	// AuthorizeURL is where the person goes to say yes; state comes back verbatim and must be checked by the caller.
	AuthorizeURL(state, redirect string) string
	// Identify trades the code the person came back with for who they are. Errors are *jieling.Error: CodeInvalid for a code
	// that is wrong, used or late; CodeForbidden for a person the provider itself holds back (a preview identity, a restricted
	// account); CodeDependency for a provider that cannot be reached, answers nonsense or does not accept our configuration.
	Identify(ctx context.Context, code, redirect string) (Identity, error)
}

// Prober can ask the provider whether our grant still stands. Providers without an interface for taking a grant back (QQ,
// WeChat) are asked this instead (the third truth of removal).
type Prober interface {
	// Probe reports what the provider says about the grant. An unreachable provider is an error, never a verdict.
	Probe(ctx context.Context, grant []byte) (GrantState, error)
}

// GrantState is what a provider says of a grant.
type GrantState string

// The answers to Probe.
const (
	GrantStands    GrantState = "stands"
	GrantWithdrawn GrantState = "withdrawn" // the person took it back, wholly or in part
	GrantExpired   GrantState = "expired"   // nothing can be learnt from it any more
)

// Watcher can ask the provider whether it sees a risk in the person: a restricted account, one it holds for stolen, a password
// changed since.
type Watcher interface {
	// Warned reports a risk the provider told of. That it told of none, or could not be asked, is no warning; an error says which.
	Warned(ctx context.Context, grant []byte) (bool, error)
}

// Warning is wrapped by an error of Identify where the provider named the person and holds them back all the same: a risk of
// theirs, and no failure of ours. It does not print the subject.
type Warning struct{ Subject string }

// Error says that it is the person, and not who.
func (*Warning) Error() string { return "the provider holds the person back" }

// Within is a provider with a road of its own for pages that its own app has open.
type Within interface {
	AuthorizeWithinURL(state, redirect string) string
}

// Approver can lay a member's request before their organisation's own approval flow at the provider.
type Approver interface {
	// Approves reports whether there is such a flow; where there is none, nothing else here is called.
	Approves() bool
	// AskApproval begins it and gives its number. Asking twice begins two.
	AskApproval(ctx context.Context, in Petition) (number string, err error)
	// ApprovalState reads how it stands. An unreachable provider is an error, never a verdict.
	ApprovalState(ctx context.Context, number string) (Approval, error)
}

// Petition is what a member asks for.
type Petition struct {
	Member string // the provider's name for the member, exact
	What   jieling.Text
}

// Approval is how a request stands at the organisation.
type Approval struct {
	State ApprovalState
	By    []string // who said yes, by the provider's names
	Said  string   // the last remark, where there is one
}

// ApprovalState is where a request is.
type ApprovalState string

// The states of a request.
const (
	ApprovalPending   ApprovalState = "pending"
	ApprovalGiven     ApprovalState = "given"
	ApprovalRefused   ApprovalState = "refused"
	ApprovalWithdrawn ApprovalState = "withdrawn" // also after it had been given
)

// Guide says in both languages how the person takes the grant back themselves, where the provider offers no interface.
type Guide interface{ RevokeSteps() jieling.Text }

// Identity is who a provider says the person is.
type Identity struct {
	Subject string // the provider's name for the person, exact
	Union   string // the wider one, where there is one
	Label   string // safe to show: a nickname, masked
	Grant   []byte // tokens to keep sealed with the binding
}
