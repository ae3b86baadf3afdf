package factor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/keyring"
)

const (
	emailTTL   = 10 * time.Minute
	lateTTL    = 30 * time.Minute // mail between providers is queued, greylisted and scanned (A6); NIST 800-63B-4 would allow a day
	emailLimit = 5
)

// Email is a one-time code to a mailbox bound to the account (邮件验证码, V2, A2). Whoever can read the mailbox has it, so a policy
// never takes it alone for enough (ASVS 6.3.6). Near are the domains of mailboxes that are reached without delay, in lower case; a
// code to any other is valid for longer, and the person is told that it may be on its way for a while (A6).
type Email struct {
	Keys *keyring.Keyring
	Near []string
}

var _ Factor = Email{}

// EmailPublic is what a page shows of a code by mail.
type EmailPublic struct {
	To      string `json:"to"` // l***@example.com
	Digits  int    `json:"digits"`
	Minutes int    `json:"minutes"`
	Late    bool   `json:"late"` // it may arrive some minutes late (A6)
}

// Issue draws six digits. Nothing but their MAC is kept, bound to the challenge; the code itself goes into the mail.
func (m Email) Issue(_ context.Context, ask Ask) (Issued, error) {
	local, domain, ok := strings.Cut(ask.Mailbox, "@")
	if !ok {
		return Issued{}, jieling.Refuse(jieling.CodeNotEnrolled,
			"这个账号还没有验证过的邮箱。请先绑定邮箱，或换一种验证方式。",
			"No mailbox of this account has been proven yet. Bind one first, or choose another way to verify.")
	}
	domain = strings.ToLower(domain)
	late, life := !slices.Contains(m.Near, domain), emailTTL
	if late {
		life = lateTTL
	}
	code := fmt.Sprintf("%06d", uniform(1_000_000, ask.Random))
	bound := m.Keys.CodeMAC(ask.Challenge, code)
	minutes := int(life / time.Minute)
	public, err := json.Marshal(EmailPublic{To: local[:1] + "***@" + domain, Digits: len(code), Minutes: minutes, Late: late})
	if err != nil {
		return Issued{}, fmt.Errorf("issue a code by mail: %w", err)
	}
	return Issued{
		Public: public, Secret: bound[:], TTL: life, Limit: emailLimit,
		Send: &jieling.Message{Channel: jieling.ByEmail, To: ask.Mailbox, Text: codeText(ask.What, code, minutes), Code: code, Minutes: minutes},
	}, nil
}

// Check compares in constant time. The code of another challenge is wrong here (S8).
func (m Email) Check(_ context.Context, ch jieling.Challenge, secret []byte, _ []Enrolled, answer Answer) (Verdict, error) {
	return checkCode(m.Keys, ch, secret, answer)
}
