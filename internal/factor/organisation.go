package factor

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jieling-id/jieling"
)

// Belonging is what an account has to do with its organisation, for the factors that only that can give (V3).
type Belonging struct {
	Organisation jieling.Organisation
	Deciders     int                    // administrators who may decide on this case
	Device       *jieling.ManagedDevice // the device that acts, as device management reported it; nil: it did not
	Now          time.Time
}

const (
	decideTTL = 72 * time.Hour
	lookTTL   = 10 * time.Minute
)

// AdminApproval is the approval by an administrator of the organisation (企业管理员审批, V3). The person asks for it and can do no more: the
// answer is an administrator's, and comes to the case by another way (V6).
type AdminApproval struct{}

var _ Factor = AdminApproval{}

// OrganisationPublic is what a page shows of a question to an organisation.
type OrganisationPublic struct {
	Organisation string `json:"organisation"`
	Hours        int    `json:"hours,omitempty"` // it is answered within
}

// Issue asks nobody whom there is not: without an administrator who may decide it says so at once.
func (AdminApproval) Issue(_ context.Context, ask Ask) (Issued, error) {
	if ask.Belongs == nil {
		return Issued{}, nowhere()
	}
	if ask.Belongs.Deciders == 0 {
		return Issued{}, jieling.Refuse(jieling.CodeNotEnrolled,
			ask.Belongs.Organisation.Name+" 现在没有可以审批的管理员：自己的申请要由另一位管理员审批，而且要在申请之前就是管理员。请联系企业再指定一位管理员，然后重新发起。",
			ask.Belongs.Organisation.Name+" has no administrator who may decide on this: nobody decides on their own case, and whoever does must have been an administrator before it was opened. Ask your organisation to appoint another one, then begin again.")
	}
	return issuedFor(ask, decideTTL)
}

// Check refuses every answer of the person.
func (AdminApproval) Check(context.Context, jieling.Challenge, []byte, []Enrolled, Answer) (Verdict, error) {
	return Verdict{}, jieling.Refuse(jieling.CodeForbidden, "这一步由企业管理员审批，你不需要再做什么。", "An administrator of your organisation decides on this; there is nothing more for you to do.")
}

// Certification is the organisation's own (企业认证, V3). It asks nothing of the person: what is on record is looked at when it is asked
// and again when it counts, and the proof ends when the certification does.
type Certification struct{}

var _ Factor = Certification{}

// Issue looks once, so that whoever cannot pass learns it before they wait.
func (Certification) Issue(_ context.Context, ask Ask) (Issued, error) {
	switch {
	case ask.Belongs == nil:
		return Issued{}, nowhere()
	case !ask.Belongs.Organisation.Certified(ask.Now):
		return Issued{}, uncertified(ask.Belongs.Organisation)
	}
	return issuedFor(ask, lookTTL)
}

// Check looks again.
func (Certification) Check(_ context.Context, _ jieling.Challenge, _ []byte, _ []Enrolled, answer Answer) (Verdict, error) {
	switch b := answer.Belongs; {
	case b == nil:
		return Verdict{}, nowhere()
	case !b.Organisation.Certified(b.Now):
		return Verdict{}, uncertified(b.Organisation)
	}
	return Verdict{Passed: true, Until: answer.Belongs.Organisation.CertifiedUntil}, nil
}

// MDM is the management of the device that acts (设备管理, V3): in order, by a report that is fresh.
type MDM struct{}

var _ Factor = MDM{}

// Issue leaves the device to Check: it is the one that answers.
func (MDM) Issue(_ context.Context, ask Ask) (Issued, error) {
	if ask.Belongs == nil {
		return Issued{}, nowhere()
	}
	return issuedFor(ask, lookTTL)
}

// Check looks at what device management said last of the device that answers.
func (MDM) Check(_ context.Context, _ jieling.Challenge, _ []byte, _ []Enrolled, answer Answer) (Verdict, error) {
	switch b := answer.Belongs; {
	case b == nil:
		return Verdict{}, nowhere()
	case b.Device == nil:
		return Verdict{}, jieling.Refuse(jieling.CodeNotEnrolled, "这台设备不在企业的设备管理里。请在受管的手机上继续，或联系企业管理员纳入管理。",
			"Your organisation does not manage this device. Go on from a phone that it manages, or ask its administrator to enrol this one.")
	case !b.Device.Compliant:
		return Verdict{}, jieling.Refuse(jieling.CodeNotEnrolled, "企业的设备管理认为这台设备不合规。请按设备管理的提示处理后再试。",
			"Your organisation's device management says that this device is not in order. Do what it asks of you, then try again.")
	case !b.Device.Sound(b.Now):
		return Verdict{}, jieling.Refuse(jieling.CodeNotEnrolled, "设备管理超过一天没有报告这台设备了。请让设备联网同步一次，再试。",
			"Device management has not reported on this device for a day. Let the device sync, then try again.")
	}
	return Verdict{Passed: true, Until: answer.Belongs.Device.ReportedAt.Add(jieling.ManagedFor)}, nil
}

func issuedFor(ask Ask, ttl time.Duration) (Issued, error) {
	public, err := json.Marshal(OrganisationPublic{Organisation: ask.Belongs.Organisation.Name, Hours: int(ttl / time.Hour)})
	if err != nil {
		return Issued{}, fmt.Errorf("issue a question to an organisation: %w", err)
	}
	return Issued{Public: public, TTL: ttl, Limit: 5}, nil
}

func nowhere() error {
	return jieling.Refuse(jieling.CodeNotEnrolled, "这个账号还没有归入任何企业。请联系企业管理员，把账号加为成员。",
		"This account belongs to no organisation here yet. Ask your organisation's administrator to add it as a member.")
}

func uncertified(o jieling.Organisation) error {
	return jieling.Refuse(jieling.CodeNotEnrolled, o.Name+" 还没有完成企业认证，或认证已过期。请联系企业管理员续期后再试。",
		o.Name+" is not certified, or its certification has run out. Ask its administrator to renew it, then try again.")
}
