// Package engine is the hall: one method per verb, one transaction per verb. A verb loads what it needs under the account's
// lock, gathers facts, lets the laws decide (package policy) and step (package casework), and commits account, case, audit
// row and effects together. Authorisation and audit happen here and nowhere else; the subject of a verb comes from its
// [jieling.Actor], which the gate made from proof (S3), and never from a request field.
//
// The engine knows no HTTP, no SQL and no vendor. It reaches people and systems outside only before a transaction (asking a
// factor for a challenge, participants for what hangs on a binding) or after one, through effects that a worker hands back
// to [Engine.Act].
//
// Every error for a caller is a *[jieling.Error]; anything else is a failure of the service and is told as CodeInternal.
package engine

import (
	"crypto/rand"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/access"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/notify"
	"github.com/jieling-id/jieling/internal/outbound"
	"github.com/jieling-id/jieling/internal/participant"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/store"
)

// Config is everything an engine works with. Fields without a remark are required.
type Config struct {
	Store        store.Store
	Keys         *keyring.Keyring
	Pack         *policy.Pack     // in force from the start; [Engine.UsePack] puts another in its place
	Access       *access.Template // what is assumed about who can get into which login
	Factors      map[jieling.Factor]factor.Factor
	Providers    map[jieling.Provider]provider.Provider   // those a person can sign in through or whose grant can be probed; may be empty
	Listeners    map[jieling.Provider]provider.Listener   // those that tell of their own accord what happened to a login; may be empty
	Participants []Participant                            // may be empty
	Carrier      risk.Carrier                             // nil: who holds a number stays unknown
	SIM          risk.SIM                                 // nil: whether a SIM was replaced stays unknown
	Locator      risk.Locator                             // nil: where an address is stays unknown
	Attesters    map[string]risk.Attester                 // by format; those that are not there vouch for nothing
	PersonalMail []string                                 // domains at which no organisation registers (P2); nil means [PersonalMail]
	Sender       notify.Sender                            // nil: messages to people are dropped, and said so in the log
	Couriers     map[store.ReceiverKind]event.Courier     // who bring events to machines; may be empty
	Egress       outbound.Guard                           // where events may be brought; the zero value means public addresses by https
	BaseURL      string                                   // where people reach the centre: https://id.example.com
	Patience     time.Duration                            // how long a live describe may take; zero means 800 ms
	CaseTTL      time.Duration                            // how long an unconfirmed case lives; zero means 24 h
	Reviewing    Reviewing                                // how staff review; the zero value means the defaults
	Random       io.Reader                                // zero means crypto/rand
	Wake         func()                                   // called after a commit that wrote effects; zero means nobody waits
	Counted      func(p jieling.Provider, outcome string) // is told of every notice of a provider what became of it; zero means nobody counts
	Log          *slog.Logger                             // zero means slog.Default
}

// Participant joins a participant's description with the hand that reaches it.
type Participant struct {
	participant.Config
	Hand participant.Participant
}

// Engine carries verbs out. It is safe for concurrent use.
type Engine struct {
	Config
	inForce atomic.Pointer[policy.Pack]
}

// New makes an engine.
func New(c Config) *Engine {
	if c.Patience == 0 {
		c.Patience = 800 * time.Millisecond
	}
	if c.CaseTTL == 0 {
		c.CaseTTL = 24 * time.Hour
	}
	if c.Reviewing.Retention == 0 {
		c.Reviewing.Retention = 7 * 24 * time.Hour
	}
	if c.Reviewing.Due == 0 {
		c.Reviewing.Due = 72 * time.Hour
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Wake == nil {
		c.Wake = func() {}
	}
	if c.Counted == nil {
		c.Counted = func(jieling.Provider, string) {}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	e := &Engine{Config: c}
	e.inForce.Store(c.Pack)
	return e
}

// PackInForce is the pack that decides now. A verb asks for it once and goes on with that one.
func (e *Engine) PackInForce() *policy.Pack { return e.inForce.Load() }

// UsePack puts a pack in force, at once and for everything that is decided from now on. A case that was decided under another
// is decided again before it is carried out (S15); what was proven for it counts as far as the new decision asks for it.
func (e *Engine) UsePack(p *policy.Pack) { e.inForce.Store(p) }

// Idem is a caller's idempotency key with the fingerprint of its request (verb, path and body). The zero value asks for none.
// Keys belong to their caller: two callers with the same key do not meet. A repeat with the same fingerprint is answered as
// the first time, after a commit of its own (S23); with another fingerprint it is refused with CodeIdempotency.
type Idem struct {
	Key         string
	Fingerprint [32]byte
}

// Scopes of API keys.
const (
	ScopeAccounts = "accounts" // register and read accounts, bindings, devices, factors
	ScopeResolve  = "resolve"
	ScopeCases    = "cases" // plans and cases on a person's behalf, hand-offs
	ScopeFreeze   = "freeze"
	ScopeEvents   = "events"  // webhooks: what others are told
	ScopeSignals  = "signals" // a stream of security events of one's own
	ScopeAdmin    = "admin"   // everything above, keys and dead letters
)
