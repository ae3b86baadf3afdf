package jieling

import "time"

// OrganisationID names an organisation: org_…
type OrganisationID string

// Organisation (组织) is whoever some accounts work for: it approves what happens to their logins, and looks after the devices they work on.
type Organisation struct {
	ID        OrganisationID `json:"id"`
	Keeper    AccountID      `json:"keeper"`            // the account of its first administrator, whose audit chain has what happens to the organisation
	Name      string         `json:"name"`              // 1..64 characters
	CorpID    string         `json:"corp_id,omitempty"` // its name at WeCom; "": it is not there
	Mailbox   string         `json:"mailbox"`           // the address it registered with; never one at a personal provider (P2)
	CreatedAt time.Time      `json:"created_at"`
	// CertifiedUntil is the last moment at which its certification (企业认证) holds; the zero time: it has none. CertifiedBy says who
	// looked.
	CertifiedUntil time.Time `json:"certified_until,omitzero"`
	CertifiedBy    string    `json:"certified_by,omitempty"`
	// Roots are the authorities that sign the certificates of its devices, and Revoked their lists of those that count no more; both PEM.
	Roots   string `json:"-"`
	Revoked string `json:"-"`
}

// Certified reports that the organisation's certification holds at this moment.
func (o Organisation) Certified(now time.Time) bool { return now.Before(o.CertifiedUntil) }

// OrgRole says what somebody is in their organisation.
type OrgRole string

// The roles.
const (
	OrgMember OrgRole = "member"
	OrgAdmin  OrgRole = "admin" // decides on what members ask for, and never on their own
)

// Membership (成员关系) ties an account to its organisation. An account belongs to one at a time.
type Membership struct {
	Organisation OrganisationID `json:"organisation"`
	Account      AccountID      `json:"account"`
	Role         OrgRole        `json:"role"`
	Since        time.Time      `json:"since"` // of the role: who was made an administrator afterwards decides on no older case (S12)
	Was          AccountKind    `json:"-"`     // the account's kind before, which comes back when the membership ends
	EndedAt      time.Time      `json:"ended_at,omitzero"`
}

// Admin reports that the membership lets its account decide for the organisation.
func (m Membership) Admin() bool { return m.Role == OrgAdmin && m.EndedAt.IsZero() }

// ManagedDevice (受管设备) is what an organisation's device management last reported of a device of one of its members.
type ManagedDevice struct {
	Organisation OrganisationID `json:"organisation"`
	Account      AccountID      `json:"account"`
	Device       DeviceID       `json:"device"`
	Compliant    bool           `json:"compliant"`
	ReportedAt   time.Time      `json:"reported_at"`
	Fingerprint  []byte         `json:"-"` // SHA-256 of the certificate installed on it (DER); nil: none is known
	CertifiedTo  time.Time      `json:"certificate_expires_at,omitzero"`
}

// ManagedFor is how long a report of device management is believed: whoever stops reporting vouches for nothing any more.
const ManagedFor = 24 * time.Hour

// Sound reports that the device is managed and in order, by a report that is fresh.
func (d ManagedDevice) Sound(now time.Time) bool {
	return d.Compliant && !now.Before(d.ReportedAt) && now.Sub(d.ReportedAt) < ManagedFor
}
