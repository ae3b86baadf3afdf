package jieling

import "time"

// AccountKind says whose account it is (账号类型).
type AccountKind string

// The kinds of account.
const (
	Personal         AccountKind = "personal"
	Merchant         AccountKind = "merchant"
	EnterpriseMember AccountKind = "enterprise_member"
)

// Account (账号) is what the person keeps when a login goes. An unbinding never deletes or weakens it (F3).
type Account struct {
	ID                AccountID   `json:"id"`
	ExternalID        string      `json:"external_id"` // the product's own name for it, 1..128 characters, unique
	Kind              AccountKind `json:"kind"`
	Region            string      `json:"region"` // ISO 3166-1 alpha-2
	Locale            string      `json:"locale"` // "zh-CN" or "en"
	RegisteredThrough Provider    `json:"registered_through,omitempty"`
	CreatedAt         time.Time   `json:"created_at"`

	// WaysIn counts the usable ways in (登录途径). It is recounted under the account's lock at every change and guarded by
	// the store: no committed state of an account that had one has none (S14).
	WaysIn int `json:"ways_in"`
	// StrandedAt is since when an account that had a way in has none, because a provider took the last one away: it needs another, or
	// recovery. The zero time: it does not. Nothing that is done here can bring it about.
	StrandedAt time.Time `json:"stranded_at,omitzero"`
	// Frozen (冻结) stops sign-in and every move of every case; Epoch grows with each freeze and thaw, so that a commit
	// can be refused when the epoch is no longer the one the case was decided under (S13).
	Frozen bool  `json:"frozen"`
	Epoch  int64 `json:"epoch"`
	// GuardedUntil ends the guarded window (保护期, R5); the zero time means there is none.
	GuardedUntil time.Time `json:"guarded_until,omitzero"`
	// HeldUntil ends a hold (暂缓改动): until then people sign in as ever and nothing about the account's logins changes. Somebody
	// who could not sign in asked for it.
	HeldUntil time.Time `json:"held_until,omitzero"`
	// FactorRemovedAt is when a way of verifying went last: a factor, also one that another took the place of, or a device that
	// could approve. The zero time: never. What is gone is not kept among what is there, where it might be taken for usable.
	FactorRemovedAt time.Time `json:"factor_removed_at,omitzero"`
	// Settings is what its owner has decided.
	Settings Settings `json:"settings"`
	// Version grows by one with every committed transition and is the sequence number of its audit row (S24).
	Version   int64    `json:"version"`
	AuditHead [32]byte `json:"-"`
}

// Held reports that nothing about the account's logins may change at this moment.
func (a Account) Held(now time.Time) bool { return now.Before(a.HeldUntil) }

// Provider (登录渠道) names who vouches for a login identity. The list is open: packs and operators add their own.
type Provider string

// Providers the shipped pack speaks of.
const (
	QQ     Provider = "qq"
	WeChat Provider = "wechat"
	WeCom  Provider = "wecom"
	Phone  Provider = "phone"
	Email  Provider = "email"
)

// BindingState says whether a binding can open the account.
type BindingState string

// The states of a binding.
const (
	BindingPending   BindingState = "pending"   // named, not yet proven to work: not a way in
	BindingActive    BindingState = "active"    // opens the account
	BindingSuspended BindingState = "suspended" // its provider withdrew it; not a way in, not yet removed
	BindingRemoved   BindingState = "removed"   // gone here; the row stays so that its ID is never reused (S7)
)

// Binding (绑定) is one login identity on an account. Identity is (Provider, Subject) and never a name, number or address
// that merely looks alike (S5); at most one active binding exists per identity (S7).
type Binding struct {
	ID         BindingID    `json:"id"`
	Account    AccountID    `json:"account"`
	Provider   Provider     `json:"provider"`
	State      BindingState `json:"state"`
	Label      string       `json:"label"` // masked for people: "12****4821"; never the subject itself
	VerifiedAt time.Time    `json:"verified_at,omitzero"`
	LastUsedAt time.Time    `json:"last_used_at,omitzero"` // its holder last showed here that they have it; the zero time: nobody ever did
	CreatedAt  time.Time    `json:"created_at"`
	RemovedAt  time.Time    `json:"removed_at,omitzero"`

	Holder   Holder    `json:"holder,omitempty"`   // of a number: what the carrier last said (A4)
	HolderAt time.Time `json:"holder_at,omitzero"` // and when; the zero time: it was never asked
	SIM      SIM       `json:"sim,omitempty"`      // of a number: whether its SIM was replaced lately, as its operator last said (A1)
	SIMAt    time.Time `json:"sim_at,omitzero"`    // and when
	RiskAt   time.Time `json:"risk_at,omitzero"`   // when the provider last said that it holds the identity for stolen or has frozen it

	// QuickOff says that the login opens nothing until a playbook is through with it; QuickAsks counts the account's playbooks that keep
	// quick sign-in off (快捷登录): as long as there is one, a sign-in of one tap is asked for more. A phone's or mailbox's is not one.
	QuickOff  bool `json:"quick_off,omitempty"`
	QuickAsks int  `json:"quick_asks,omitempty"`

	// Said is what the provider last said of the identity that keeps it from being a way in, or that it could be one again; "" where it
	// said no such thing, or its holder has signed in with it since. SaidAt is when that came about, by the provider's clock.
	Said   NoticeKind `json:"said,omitempty"`
	SaidAt time.Time  `json:"said_at,omitzero"`

	// Subject is what the provider knows the person by, sealed (keyring) under the account; Union likewise, where the
	// provider has a second, wider identifier; Grant holds the provider's tokens. Index finds the subject without opening it.
	Subject []byte   `json:"-"`
	Union   []byte   `json:"-"`
	Grant   []byte   `json:"-"`
	Index   [32]byte `json:"-"`
}

// Usable reports whether the binding is a way in at this moment.
func (b Binding) Usable() bool { return b.State == BindingActive }

// Withdrawn reports that its provider took the login away, so that it is no way in until its holder has shown anew that it is theirs.
func (b Binding) Withdrawn() bool { return b.State == BindingSuspended && b.Said != "" }

// Proven reports whether anybody has shown here that the identity is theirs: signed in through it, or given back a code that was
// sent to it. Who vouched for it, and when, does not count (S17).
func (b Binding) Proven() bool { return !b.LastUsedAt.IsZero() }

// Device (设备) is a machine the account's owner signed in on. Signed-in phones approve by QR, trusted devices unlock.
type Device struct {
	ID        DeviceID  `json:"id"`
	Account   AccountID `json:"account"`
	Name      string    `json:"name"`
	Platform  Platform  `json:"platform"`
	Trusted   bool      `json:"trusted"`
	CreatedAt time.Time `json:"created_at"`
	LastSeen  time.Time `json:"last_seen,omitzero"`
	RemovedAt time.Time `json:"removed_at,omitzero"`
	Named     bool      `json:"named"`            // on the list of devices that may sign in, where the account has one (H5)
	LostAt    time.Time `json:"lost_at,omitzero"` // its owner has lost it: nobody signs in on it, and it proves nothing
	// AppKey is the key of the app on this device (PKIX), where its platform has such a thing, and AppCount the counter it last
	// signed with.
	AppKey   []byte `json:"-"`
	AppCount uint32 `json:"-"`
}
