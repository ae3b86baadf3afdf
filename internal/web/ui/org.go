package ui

import (
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
)

// OrgView is what an organisation's administrator sees first.
type OrgView struct {
	Organisation jieling.Organisation
	Requests     []OrgRequest
	Members      []OrgMember
	Devices      []OrgDevice
	Now          time.Time
}

// OrgRequest is one line of what waits.
type OrgRequest struct {
	ID     jieling.ChallengeID
	Member string
	At     time.Time
	Until  time.Time
	Own    bool
}

// OrgMember is a member with the number of their logins, and none of them.
type OrgMember struct {
	Name   string
	Role   jieling.OrgRole
	WaysIn int
}

// OrgDevice is a managed device.
type OrgDevice struct {
	Name   string
	Member string
	jieling.ManagedDevice
}

// OrgRequestView is one request, with what deciding on it takes.
type OrgRequestView struct {
	ID          jieling.ChallengeID
	Member      string
	What        jieling.Text
	Reason      jieling.Reason
	Platform    jieling.Platform
	Impact      []jieling.Dependent
	WaysInAfter int
	Version     int64
	At          time.Time
	Until       time.Time
	Refused     string // why whoever looks may not decide; "": they may
	AskPIN      bool
	Options     string // of this device's own lock, as JSON
	Now         time.Time
}

func (v OrgView) state(d OrgDevice) lang.Sentence {
	switch {
	case !d.Compliant:
		return lang.OrgOutOfOrder
	case !d.Sound(v.Now):
		return lang.OrgStaleNews
	}
	return lang.OrgInOrder
}

func orgRole(r jieling.OrgRole) lang.Sentence {
	if r == jieling.OrgAdmin {
		return lang.OrgRoleAdmin
	}
	return lang.OrgRoleMember
}
