package jieling

import (
	"slices"
	"time"
)

// Factor (验证方式) is one way of verifying a person.
type Factor string

// The factors of the shipped pack. Packs may name others; a factor nobody can issue is planned and explained, never met.
const (
	PaymentPIN   Factor = "payment_pin"   // 支付密码: six digits, kept as argon2id
	SMSCode      Factor = "sms_code"      // 短信验证码: to a bound number, bound to its case
	EmailCode    Factor = "email_code"    // 邮件验证码: to a bound mailbox, bound to its case
	DeviceUnlock Factor = "device_unlock" // 设备解锁: fingerprint or face on the trusted device (WebAuthn, user verified)
	Face         Factor = "face"          // 人脸核身: at the server-side vendor
	QRApproval   Factor = "qr_approval"   // 扫码确认: on the signed-in phone
	DeviceLock   Factor = "device_lock"   // 登录设备锁: switched on for the account, and kept on (V2)

	// AccountFreeze (账号冻结) is the account frozen for one case: nobody signs in, everybody else is signed out, and that case alone
	// goes on, until it is carried out or ends.
	AccountFreeze Factor = "account_freeze"

	DocumentReview Factor = "document_review" // 身份证件人工审核: staff look at what the person hands in
	VideoInterview Factor = "video_interview" // 视频面谈: staff talk to the person
)

// The factors that an organisation gives, or withholds (V3). Nobody has them by themselves (V6).
const (
	AdminApproval           Factor = "admin_approval"           // 企业管理员审批
	EnterpriseCertification Factor = "enterprise_certification" // 企业认证: of the organisation
	EnterpriseCertificate   Factor = "enterprise_certificate"   // 企业证书: on the device that acts
	MDM                     Factor = "mdm"                      // 设备管理: of the device that acts
)

// Reviewed reports that the answer to a challenge of this factor is given by staff, never by the person.
func (f Factor) Reviewed() bool { return f == DocumentReview || f == VideoInterview }

// NoticeLink (通知链接) is the link in a notice that something was done to an account. It is no factor of a requirement: whoever
// holds it shows that the notice reached them, which is enough to deny and to freeze, and for nothing else.
const NoticeLink Factor = "notice_link"

// Enrolment is a factor an account has set up. Secret is a PIN's argon2id hash, a WebAuthn credential or a vendor's
// reference, sealed; Label is safe to show.
type Enrolment struct {
	ID        FactorID  `json:"id"`
	Account   AccountID `json:"account"`
	Factor    Factor    `json:"factor"`
	Device    DeviceID  `json:"device,omitempty"`
	Binding   BindingID `json:"binding,omitempty"`
	Label     string    `json:"label"`
	CreatedAt time.Time `json:"created_at"`
	RemovedAt time.Time `json:"removed_at,omitzero"`
	Secret    []byte    `json:"-"`
}

// Requirement (验证要求) is an expression over factors: exactly one of its fields is set. The zero Requirement asks nothing.
type Requirement struct {
	Factor Factor        `json:"factor,omitempty" yaml:"factor,omitempty"`
	All    []Requirement `json:"all_of,omitzero" yaml:"all_of,omitempty"`
	Any    []Requirement `json:"any_of,omitzero" yaml:"any_of,omitempty"`
}

// Need asks one factor.
func Need(f Factor) Requirement { return Requirement{Factor: f} }

// AllOf asks every part.
func AllOf(parts ...Requirement) Requirement { return Requirement{All: parts} }

// AnyOf asks one of its choices; without any it can never be met.
func AnyOf(choices ...Requirement) Requirement {
	return Requirement{Any: append([]Requirement{}, choices...)}
}

// Zero reports that nothing is asked.
func (r Requirement) Zero() bool { return r.Factor == "" && r.All == nil && r.Any == nil }

// Met reports whether the factors that have satisfies r. An empty any-of can never be met; an empty all-of always is.
func (r Requirement) Met(has func(Factor) bool) bool {
	switch {
	case r.Factor != "":
		return has(r.Factor)
	case r.Any != nil:
		return slices.ContainsFunc(r.Any, func(c Requirement) bool { return c.Met(has) })
	default:
		return !slices.ContainsFunc(r.All, func(p Requirement) bool { return !p.Met(has) })
	}
}

// Factors lists every factor r names, each once, in reading order.
func (r Requirement) Factors() []Factor {
	var out []Factor
	var walk func(Requirement)
	walk = func(r Requirement) {
		if r.Factor != "" && !slices.Contains(out, r.Factor) {
			out = append(out, r.Factor)
		}
		for _, p := range slices.Concat(r.All, r.Any) {
			walk(p)
		}
	}
	walk(r)
	return out
}

// Proof records that a factor was verified for one case: bound to (case, account, binding, action, policy version), used
// once, and dead with its case (S8, S9).
type Proof struct {
	Factor    Factor      `json:"factor"`
	Challenge ChallengeID `json:"challenge"`
	At        time.Time   `json:"at"`
	Until     time.Time   `json:"until,omitzero"` // when it stops counting; the zero time: never
	Epoch     int64       `json:"epoch"`          // the account's freeze epoch when it was given; a freeze in between kills it
}

// ChallengeState says how far a challenge is.
type ChallengeState string

// The states of a challenge. Everything but ChallengeOpen and ChallengeClaimed is final.
const (
	ChallengeOpen    ChallengeState = "open"
	ChallengeClaimed ChallengeState = "claimed" // QR: scanned by one phone, not yet approved
	ChallengePassed  ChallengeState = "passed"
	ChallengeFailed  ChallengeState = "failed" // its guesses are used up, or the person said no
	ChallengeDead    ChallengeState = "dead"   // replaced by a newer one, or its case ended
)

// ChallengePurpose says what a passed challenge proves.
type ChallengePurpose string

// The purposes of a challenge.
const (
	ForCase        ChallengePurpose = "case"        // a factor of a case's requirement
	ForReplacement ChallengePurpose = "replacement" // that a new login works, before it counts as a way in (S16)
)

// Challenge is one question put to a person. It is answered at most once with success (S8); Guesses is counted up before an
// answer is compared (reserve, then check), so that parallel answers cannot buy extra guesses (S26).
type Challenge struct {
	ID        ChallengeID      `json:"id"`
	Account   AccountID        `json:"account"`
	Case      CaseID           `json:"case"`
	Binding   BindingID        `json:"binding,omitempty"` // the number an SMS code goes to
	Factor    Factor           `json:"factor"`
	Purpose   ChallengePurpose `json:"purpose"`
	State     ChallengeState   `json:"state"`
	Guesses   int              `json:"guesses"`
	Limit     int              `json:"limit"`
	IssuedAt  time.Time        `json:"issued_at"`
	ExpiresAt time.Time        `json:"expires_at"`
	Epoch     int64            `json:"-"`
	Pack      string           `json:"-"` // the policy version it was minted under (S8)
	// Public is what the person or their device needs to answer (WebAuthn options, the vendor's page, a QR code);
	// Secret is what the answer is compared with, sealed or hashed.
	Public []byte `json:"-"`
	Secret []byte `json:"-"`
	// Code finds a QR approval by what was scanned: the hash of at least 128 random bits. Claimant is the phone that
	// scanned it (S12).
	Code     [32]byte `json:"-"`
	Claimant DeviceID `json:"-"`
}

// Budget counts evaluated guesses of one factor on one account over the long window of the threat model (S26): it is not
// reset by a success elsewhere.
type Budget struct {
	Account AccountID
	Factor  Factor
	Since   time.Time // start of the window
	Wrong   int       // evaluated and wrong, or still being evaluated, since then
	Issued  int       // challenges issued today
	Day     time.Time // the day Issued belongs to
	Hour    time.Time // the hour InHour belongs to
	InHour  int       // challenges issued this hour
}
