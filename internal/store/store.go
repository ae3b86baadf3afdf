// Package store is the contract for where Jieling keeps what it knows: accounts with their bindings, cases with their
// history, challenges, effects, sessions and the audit log. It holds words and one interface; the stores are in
// store/sqlite and store/postgres, each in its own SQL, and both sit the exam of store/storetest.
//
// # One verb, one transaction
//
// A verb never talks to a database in steps. It names what it needs ([Need]); the store loads that under the account's lock
// ([Snapshot]); a pure function decides ([Change]); the store writes the change and commits. So a store may carry many verbs
// of different accounts in one transaction (group commit) and needs two round trips for all of them: one to lock and read,
// one to write and commit.
//
// # What a store promises
//
//   - Update is serialised per account: while decide looks at a snapshot, nobody else changes that account (S13, S14).
//   - A nil error from Update means durably committed, also for a replay, which writes something of its own (S23).
//   - decide may run more than once and must be a function of its snapshot; only the run whose change was committed counts.
//   - An account that had a usable way in and has none after a change is refused by the schema itself, whatever decide said
//     (S14: the accounts table checks it).
//   - Not one of its errors holds a subject, a secret or a row's content.
package store

import (
	"context"
	"errors"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
)

// Errors a store answers with; compare with errors.Is.
var (
	ErrNotFound      = errors.New("not found")
	ErrExists        = errors.New("already exists")            // an account's external ID, or a key's name, is taken
	ErrBindingExists = errors.New("identity is bound already") // (provider, subject) has a live binding: active or suspended (S7)
	ErrLastWayIn     = errors.New("no way in would be left")   // the schema's guard of S14
	ErrStale         = errors.New("changed in between")        // an account's version, or an effect's attempt, is not the one read
	ErrUnknown       = errors.New("outcome unknown")           // the connection was lost at COMMIT: neither done nor undone may be assumed
)

// Store keeps everything. All methods are safe for concurrent use.
type Store interface {
	// Update carries out one verb as the package comment says. It returns decide's error unchanged (then nothing is
	// written), or an error of the list above, or the failure of the database.
	Update(ctx context.Context, need Need, decide func(Snapshot) (Change, error)) error
	// Load reads a snapshot without a lock. A missing account, case or challenge leaves its field nil; it is no error.
	Load(ctx context.Context, need Need) (Snapshot, error)
	// Resolve finds who an identity opens: the sign-in path. Concurrent calls may be answered by one query; an answer is
	// never older than the call (a freeze committed before it is seen). ErrNotFound where no live binding has the identity.
	Resolve(ctx context.Context, provider jieling.Provider, index [32]byte) (Resolved, error)

	// Unlinked finds the login that an identity was last, where it is none any more and is not forgotten yet: a removed binding with
	// its subject. ErrNotFound otherwise. Whether the identity is bound elsewhere by now is Resolve's to say.
	Unlinked(ctx context.Context, provider jieling.Provider, index [32]byte) (Unlinked, error)

	// Claim leases up to limit effects that are due, oldest first, adding one to their attempt. A lease that lapsed is due again.
	Claim(ctx context.Context, lease time.Duration, limit int) ([]jieling.Effect, error)
	// Effects lists an account's effects in a state, oldest first, at most limit; the zero account lists everybody's.
	Effects(ctx context.Context, account jieling.AccountID, state jieling.EffectState, limit int) ([]jieling.Effect, error)

	// FindAccount gives the account's ID for the product's own name for it, or ErrNotFound.
	FindAccount(ctx context.Context, externalID string) (jieling.AccountID, error)
	// Cases lists an account's cases, newest first, at most limit.
	Cases(ctx context.Context, account jieling.AccountID, limit int) ([]jieling.Case, error)
	// Events lists a case's history after a sequence number, in order.
	Events(ctx context.Context, c jieling.CaseID, after int64) ([]jieling.Event, error)

	// Openings lists the first event of every case, newest case first, at most limit; before is the case to begin under, and ""
	// begins at the newest. It is the way to walk over what packs were asked.
	Openings(ctx context.Context, before jieling.CaseID, limit int) ([]jieling.Event, error)

	// Session finds a live session by the hash of its token: not ended, not expired, its account as it is now. ErrNotFound otherwise.
	Session(ctx context.Context, hash [32]byte) (Session, error)
	// Reviews lists the reviews that wait for staff, the one that is due first first, at most limit; after is the challenge of the one
	// to go on after, and "" begins at the first. One that is decided meanwhile still marks where to go on.
	Reviews(ctx context.Context, after jieling.ChallengeID, limit int) ([]jieling.Review, error)
	// Evidence gives the n-th image that was handed in with a challenge, sealed. ErrNotFound where there is none, or none any more.
	Evidence(ctx context.Context, ch jieling.ChallengeID, n int) ([]byte, error)

	// Keys lists every API key that is not revoked. PutKey adds or replaces one by its name.
	Keys(ctx context.Context) ([]Key, error)
	PutKey(ctx context.Context, key Key) error

	// Staff lists everybody who works with this service, also who is disabled, by name.
	Staff(ctx context.Context) ([]Staff, error)
	// PutStaff writes one of them whole. It is refused with ErrStale unless the Version is the one read plus one; a new one, of
	// Version 1, is refused with ErrExists where the name is taken.
	PutStaff(ctx context.Context, s Staff) error
	// ReserveGuess counts a guess at a sign-in before it is compared, and reports whether there was one left: at most limit
	// within any window, also of parallel callers (S26). who is a name's blind index and need not be anybody's, so that a name
	// nobody has costs what another does (S27). A reserve that is refused does not lengthen the wait.
	ReserveGuess(ctx context.Context, who [32]byte, limit int, window time.Duration) (bool, error)
	// ForgetGuesses gives who has proven themselves their guesses back.
	ForgetGuesses(ctx context.Context, who [32]byte) error

	// Organisation finds one by its ID. Organisations lists them after one, at most limit.
	Organisation(ctx context.Context, id jieling.OrganisationID) (jieling.Organisation, error)
	Organisations(ctx context.Context, after jieling.OrganisationID, limit int) ([]jieling.Organisation, error)
	// Members lists an organisation's members after one, at most limit.
	Members(ctx context.Context, org jieling.OrganisationID, after jieling.AccountID, limit int) ([]Member, error)
	// ManagedDevices lists what an organisation's device management reported of its members, at most limit.
	ManagedDevices(ctx context.Context, org jieling.OrganisationID, limit int) ([]Managed, error)
	// Asked lists the questions of one factor that an organisation's members put and nobody answered, oldest first, at most limit.
	Asked(ctx context.Context, org jieling.OrganisationID, f jieling.Factor, limit int) ([]jieling.Challenge, error)

	// Sequence appends up to limit audit rows that are not in the Merkle log yet, in one transaction that only one caller at
	// a time can hold; grow computes the new hashes and signs. It reports how many rows were appended.
	Sequence(ctx context.Context, limit int, grow func(LogTail) (LogGrowth, error)) (int, error)
	// AuditLog reads the log in its order, from position from, at most limit rows; rows not in the log yet are not among them.
	AuditLog(ctx context.Context, from int64, limit int) ([]audit.Entry, error)
	// AuditHead gives the latest checkpoint (nil while the log is empty) and every stored hash with its index.
	AuditHead(ctx context.Context) (checkpoint []byte, hashes []tlog.Hash, err error)
	// AuditChain reads one account's rows in order, and the head its account row holds.
	AuditChain(ctx context.Context, account jieling.AccountID) ([]audit.Entry, [32]byte, error)
	// AuditTail reads one account's latest rows, newest first, at most limit; before is the sequence number to begin under, and
	// 0 begins at the newest. Rows that are not in the log yet are among them.
	AuditTail(ctx context.Context, account jieling.AccountID, before int64, limit int) ([]audit.Entry, error)
	// Accounts lists account IDs in order after one, at most limit: the way to walk everything.
	Accounts(ctx context.Context, after jieling.AccountID, limit int) ([]jieling.AccountID, error)

	// Feed is AuditLog with the product's name for each row's account: what events are made of.
	Feed(ctx context.Context, from int64, limit int) ([]Happening, error)
	// Receivers lists whom events are told to, in the order they were made.
	Receivers(ctx context.Context) ([]Receiver, error)
	// PutReceiver writes one whole. It is refused with ErrStale unless the Version is the one read plus one; a new one, of Version 1,
	// is refused with ErrExists where its ID, or a stream of its Owner, is there already. A new one, and one whose Position is
	// below 0, begins at the end of the log; at any other time Position is left to Enqueue.
	PutReceiver(ctx context.Context, r Receiver) error
	// DropReceiver forgets one with all that waits for it. ErrNotFound where there is none.
	DropReceiver(ctx context.Context, id string) error
	// Enqueue moves a receiver on in the log, from one position to another, and puts what it is to be told of on its queue, all or
	// nothing. It is refused with ErrStale where the receiver does not stand at from any more, or is not enabled: so of several
	// nodes that read the log one writes. What was settled long ago is forgotten.
	Enqueue(ctx context.Context, receiver string, from, to int64, deliveries []Delivery) error
	// ClaimDeliveries leases up to limit deliveries that are due at enabled receivers that things are brought to, adding one to their
	// attempt. Of one account and receiver only the oldest that waits is ever leased (S25).
	ClaimDeliveries(ctx context.Context, lease time.Duration, limit int) ([]Delivery, error)
	// Settle writes how a delivery went. It is refused with ErrStale where that is in another state than Settled.From, or under
	// another attempt, where one is named.
	Settle(ctx context.Context, s Settled) error
	// Deliveries lists a receiver's deliveries of a state, or of any ("").
	Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error)

	// Ping reports whether the store can answer, for readiness.
	Ping(ctx context.Context) error
	Close() error
}

// Need says what a verb looks at. One of Account, Case, Challenge, Code and Ticket locates the account (the first that is
// set, in that order); that account is locked and read with all its bindings that are not removed. What is located by the
// others is loaded too.
type Need struct {
	Account   jieling.AccountID
	Case      jieling.CaseID
	Challenge jieling.ChallengeID // its case is loaded as well
	Code      [32]byte            // a QR approval by the hash of what was scanned; its case is loaded as well
	Ticket    [32]byte            // a hand-off by the hash of its token
	Effect    jieling.EffectID    // with Account or Case: the effect that is being reported
	With      Part
	Idem      Idem // the zero value: this verb is not idempotent by key
}

// Part names further rows of the account to load.
type Part uint16

// The parts.
const (
	OpenCases     Part = 1 << iota // cases in a stage that is not terminal
	Challenges                     // of the located case (or, without one, of the account), open or claimed
	Enrolments                     // not removed
	Devices                        // not removed
	Budgets                        // all of the account's
	Removed                        // the account's removed bindings too
	Sessions                       // live ones: not ended, not expired; newest first
	SignIns                        // the sign-in history, newest first
	AllChallenges                  // of the account, open or claimed, whatever is located
	Organised                      // the organisation the account belongs to, or keeps, and its managed devices
	Reviews                        // the one of the located challenge, and those of the located case, whatever their state
)

// Idem identifies a request for idempotency: the same caller and key with another fingerprint is an error of the caller.
type Idem struct {
	Caller      string   // key or session name, so that callers cannot see one another's keys
	Key         string   // 1..255 characters, the caller's
	Fingerprint [32]byte // hash of verb, path and body
}

// Zero reports that no idempotency was asked for.
func (i Idem) Zero() bool { return i.Key == "" }

// Answer is what is remembered of a request under its idempotency key: enough to say it again.
type Answer struct {
	Fingerprint [32]byte
	Ref         string       // the ID of what it made or moved
	Code        jieling.Code // the refusal it was answered with; empty for success
	Detail      []byte       // what else the verb wants to say again; never a secret
}

// Snapshot is what Load and Update read, at one moment. It is the caller's own copy.
type Snapshot struct {
	Now        time.Time // the database's clock (SQLite: the process's), UTC, microseconds; the authority on time (S22)
	Account    *jieling.Account
	Bindings   []jieling.Binding // ordered by creation
	Case       *jieling.Case
	Cases      []jieling.Case
	Challenge  *jieling.Challenge
	Challenges []jieling.Challenge
	Enrolments []jieling.Enrolment
	Devices    []jieling.Device
	Budgets    []jieling.Budget
	Sessions   []Session
	SignIns    []jieling.SignIn
	// Membership is the live one, and Organisation its organisation; where there is none, the one that the account keeps.
	Membership   *jieling.Membership
	Organisation *jieling.Organisation
	Managed      []jieling.ManagedDevice
	Review       *jieling.Review
	Reviews      []jieling.Review // in the order they were handed in first
	Ticket       *Ticket
	Effect       *jieling.Effect
	EffectIs     jieling.EffectState // of Effect
	Replay       *Answer             // the earlier answer under Need.Idem's caller and key
}

// Change is everything one verb writes. Rows are put whole: inserted where their ID is new, replaced where it is not.
// A zero Change writes nothing and is not an error.
type Change struct {
	// Account is the account's new row. The store refuses with ErrStale unless its Version is the one read plus one (a new
	// account: 1), and every change to anything but sessions, sign-ins, challenges, budgets, reviews, tickets and effects carries it;
	// evidence comes and goes with it, too.
	Account    *jieling.Account
	Bindings   []jieling.Binding
	Case       *jieling.Case
	Events     []jieling.Event // appended; of Case
	Challenges []jieling.Challenge
	Enrolments []jieling.Enrolment
	Devices    []jieling.Device
	Budgets    []jieling.Budget
	Reviews    []jieling.Review
	// Evidence is what was handed in with the challenge of Erase, image by image and sealed; what was there of that challenge goes.
	// Erase without Evidence leaves nothing.
	Erase    jieling.ChallengeID
	Evidence [][]byte
	Effects  []jieling.Effect // inserted; one whose Key the account has already is left as it is
	Report   *Report          // settles the effect of Need.Effect
	Audit    *audit.Entry     // exactly one with every Account: Seq is Account.Version, Hash is Account.AuditHead (S24)
	Sessions []Session
	SignIns  []jieling.SignIn // appended; what the account then has beyond its bounds goes
	// EndSessions ends the account's sessions that were opened through this binding ("": none). EndAllSessions ends all, and the
	// hand-offs that nobody used yet: a sign-in that is half done ends with those that are done (S9).
	EndSessions    jieling.BindingID
	EndAllSessions bool
	Ticket         *Ticket
	Organisation   *jieling.Organisation // kept by the account
	Membership     *jieling.Membership
	Managed        []jieling.ManagedDevice
	// Answer is remembered under Need.Idem. Replayed marks the earlier answer as given again: a write, so that its commit
	// waits for everything a commit waits for (S23).
	Answer   *Answer
	Replayed bool
}

// Report is how an attempt at an effect ended. It is refused with ErrStale when the effect is no longer due under this attempt (S29).
type Report struct {
	Attempt int
	State   jieling.EffectState
	RunAt   time.Time // when State is EffectDue: the next try
	Error   string    // safe to show
}

// Resolved is what the sign-in path needs to know, read in one query.
type Resolved struct {
	Account      jieling.AccountID
	Binding      jieling.BindingID
	State        jieling.BindingState
	Said         jieling.NoticeKind
	QuickOff     bool // of the binding, as QuickAsks
	QuickAsks    int
	Frozen       bool
	Epoch        int64
	GuardedUntil time.Time
	DeviceLock   bool
	NamedOnly    bool
	LetIn        string // with either of them: the devices that may sign in, with a space between
	Now          time.Time
}

// Unlinked is a removed binding and whose it was.
type Unlinked struct {
	Account jieling.AccountID
	Binding jieling.BindingID
}

// Session is a person's signed-in browser or phone. Only the hash of its token is kept.
type Session struct {
	ID        jieling.SessionID
	Hash      [32]byte
	Account   jieling.AccountID
	Binding   jieling.BindingID // the binding it was opened through, "" for a hand-off: it ends with that binding (S9)
	Device    jieling.DeviceID
	Platform  jieling.Platform
	CreatedAt time.Time
	ExpiresAt time.Time
	EndedAt   time.Time
	Frozen    bool // read only: whether its account is frozen now
}

// Member is a membership with what an organisation may see of the account: how many ways in it has, and none of them.
type Member struct {
	jieling.Membership
	ExternalID string
	WaysIn     int
}

// Managed is a managed device with its owner's name for it.
type Managed struct {
	jieling.ManagedDevice
	Name     string
	Platform jieling.Platform
}

// Key is a product back end's API key. Only the hash of it is kept.
type Key struct {
	Name      string
	Hash      [32]byte
	Scopes    []string
	CreatedAt time.Time
	RevokedAt time.Time
}

// Role is what a member of staff is there for. What that lets them do is the engine's to say.
type Role string

// The roles.
const (
	Reviewer Role = "reviewer" // trust and safety: decides what rules leave to people
	Operator Role = "operator" // runs the service and writes its policy
	Auditor  Role = "auditor"  // sees what is in force and that it holds
)

// Roles lists the closed list above.
var Roles = [...]Role{Reviewer, Operator, Auditor}

// Staff is somebody who works with this service, with the one session they may have: to sign in is to sign out elsewhere.
type Staff struct {
	Name     string // 1..64 characters, unique for ever
	Role     Role
	Password string // a PHC string of argon2id
	TOTP     []byte // the secret of their authenticator, sealed
	Step     int64  // the latest time step whose code was used (RFC 6238, 5.2)
	// Account is their own at the product, where they have one: they never decide about that. "" is what nobody told.
	Account    jieling.AccountID
	Session    [32]byte
	SignedInAt time.Time // of the session; zero: signed out
	SeenAt     time.Time // when the session was last used
	CreatedAt  time.Time
	DisabledAt time.Time
	Version    int64
	Now        time.Time // read only: the database's clock, the authority on how long a session lasts (S22)
}

// Stranding refuses a change that leaves an account stranded for any other reason than that a provider took a login away in this very
// change: a program that is wrong must not buy its way past S14 with a mark. read is the account as decide saw it.
func Stranding(read jieling.Account, ch Change) error {
	if ch.Account == nil || ch.Account.StrandedAt.IsZero() || !read.StrandedAt.IsZero() {
		return nil
	}
	taken := false
	for _, b := range ch.Bindings {
		if b.State == jieling.BindingRemoved {
			return ErrLastWayIn
		}
		taken = taken || b.Withdrawn() && b.Said.Withdraws()
	}
	if !taken {
		return ErrLastWayIn
	}
	return nil
}

// Ticket is a one-time hand-off from the product: a signed-in person sent to the centre. Only the hash of it is kept.
type Ticket struct {
	Hash      [32]byte
	Account   jieling.AccountID
	Device    jieling.DeviceID
	Platform  jieling.Platform
	Next      string // path on our own site
	ExpiresAt time.Time
	UsedAt    time.Time
}

// LogTail is what Sequence hands to grow: the log so far and what comes next.
type LogTail struct {
	Size    int64
	Hashes  tlog.HashReader // stored hashes by index
	Entries []audit.Entry   // to append, in the order they will have
}

// LogGrowth is the answer: the hashes to store after the present ones, and the checkpoint over the new size.
type LogGrowth struct {
	Hashes     []tlog.Hash
	Checkpoint []byte
}
