package factor

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/keyring"
)

const (
	smsTTL   = 5 * time.Minute
	smsLimit = 5
)

// SMS is a one-time code to a phone bound to the account (短信验证码, F2, V1). The number is a stored one (S11). A carrier can
// move a number to another SIM or another person, so policy never takes a code alone for enough (protocols: restricted).
type SMS struct{ Keys *keyring.Keyring }

var _ Factor = SMS{}

// Issue draws six digits. Nothing but their MAC is kept, bound to the challenge; the code itself goes into the message.
func (s SMS) Issue(_ context.Context, ask Ask) (Issued, error) {
	if ask.Number == "" {
		return Issued{}, jieling.Refuse(jieling.CodeNotEnrolled,
			"这个账号还没有绑定手机号。请先绑定手机号，或换一种验证方式。",
			"No phone is bound to this account yet. Bind one first, or choose another way to verify.")
	}
	code := fmt.Sprintf("%06d", uniform(1_000_000, ask.Random))
	bound := s.Keys.CodeMAC(ask.Challenge, code)
	minutes := int(smsTTL / time.Minute)
	public, err := json.Marshal(struct {
		To      string `json:"to"`
		Digits  int    `json:"digits"`
		Minutes int    `json:"minutes"`
	}{maskNumber(ask.Number), 6, minutes})
	if err != nil {
		return Issued{}, fmt.Errorf("issue a code: %w", err)
	}
	return Issued{
		Public: public, Secret: bound[:], TTL: smsTTL, Limit: smsLimit,
		Send: &jieling.Message{Channel: jieling.BySMS, To: ask.Number, Text: codeText(ask.What, code, minutes), Code: code, Minutes: minutes},
	}, nil
}

// codeText puts the code and its purpose first: a preview on a locked screen shows no more.
func codeText(what jieling.Text, code string, minutes int) jieling.Text {
	return jieling.Text{
		ZH: fmt.Sprintf("验证码 %s，用于：%s。%d 分钟内有效。不是你本人操作就不要输入；任何人（包括客服）都不会向你要验证码，请勿告诉他人。", code, what.ZH, minutes),
		EN: fmt.Sprintf("Code %s for: %s. Valid for %d minutes. If this was not you, do not enter it. Nobody, support included, will ever ask you for it: tell no one.", code, what.EN, minutes),
	}
}

// Check compares in constant time. The code of another challenge is wrong here (S8).
func (s SMS) Check(_ context.Context, ch jieling.Challenge, secret []byte, _ []Enrolled, answer Answer) (Verdict, error) {
	return checkCode(s.Keys, ch, secret, answer)
}

// checkCode compares the six digits that were given with the MAC that was kept of those that were sent.
func checkCode(keys *keyring.Keyring, ch jieling.Challenge, secret []byte, answer Answer) (Verdict, error) {
	code, err := sixDigits(answer.Given)
	if err != nil || len(secret) != 32 {
		return Verdict{}, err
	}
	return Verdict{Passed: keys.CheckCode(ch.ID, code, [32]byte(secret))}, nil
}

// maskNumber keeps what lets a person tell their numbers apart: the last four digits.
func maskNumber(e164 string) string { return "****" + e164[max(0, len(e164)-4):] }
