package factor

import (
	"cmp"
	"context"
	"crypto/hmac"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/keyring"
)

const (
	pinTTL   = 5 * time.Minute
	pinLimit = 5
)

// PIN is the payment password (支付密码, F2, V1): six digits a person chose, kept as argon2id. A human's choice is worth far
// less than a drawn code, so the commonest are refused at enrolment and policy never asks it alone where risk is high.
type PIN struct{ Keys *keyring.Keyring }

var _ Enroller = PIN{}

// Enrol hashes the six digits given. The commonest choices are refused with CodeInvalid.
func (p PIN) Enrol(ctx context.Context, account jieling.Account, _, given []byte) (Kept, error) {
	digits, err := sixDigits(given)
	if err != nil {
		return Kept{}, err
	}
	if common(digits) {
		return Kept{}, Malformed(
			"这个密码太常见，别人很容易猜到。请换一个，不要用生日、连续或重复的数字。",
			"Many people pick this one, so it is easy to guess. Please choose another: no birthday, no run, no repeats.")
	}
	hashed, err := p.Keys.HashSecret(ctx, pinPlace(account.ID), digits)
	if err != nil {
		return Kept{}, fmt.Errorf("enrol a PIN: %w", err)
	}
	return Kept{Secret: []byte(hashed), Label: "••••••"}, nil
}

// Issue binds the challenge to the PIN as it is enrolled now: one that is set in between does not answer it.
func (p PIN) Issue(_ context.Context, ask Ask) (Issued, error) {
	enrolled, ok := newest(ask.Enrolled)
	if !ok {
		return Issued{}, jieling.Refuse(jieling.CodeNotEnrolled,
			"你还没有设置支付密码。请先设置，或换一种验证方式。",
			"You have no payment password yet. Set one up first, or choose another way to verify.")
	}
	bound := p.Keys.CodeMAC(ask.Challenge, string(enrolled.ID))
	return Issued{Public: []byte(`{"digits":6}`), Secret: bound[:], TTL: pinTTL, Limit: pinLimit}, nil
}

// Check compares. It takes as long where nothing is enrolled, so that time does not tell.
func (p PIN) Check(ctx context.Context, ch jieling.Challenge, secret []byte, enrolled []Enrolled, answer Answer) (Verdict, error) {
	digits, err := sixDigits(answer.Given)
	if err != nil {
		return Verdict{}, err
	}
	i := slices.IndexFunc(enrolled, func(e Enrolled) bool {
		bound := p.Keys.CodeMAC(ch.ID, string(e.ID))
		return hmac.Equal(bound[:], secret)
	})
	if i < 0 {
		_, err := p.Keys.HashSecret(ctx, pinPlace(ch.Account), digits)
		return Verdict{}, waited(err)
	}
	ok, err := p.Keys.VerifySecret(ctx, pinPlace(ch.Account), digits, string(enrolled[i].Open))
	if err != nil || !ok {
		return Verdict{}, waited(err)
	}
	return Verdict{Passed: true, Enrol: enrolled[i].ID}, nil
}

func waited(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("check a PIN: %w", err)
}

func pinPlace(account jieling.AccountID) keyring.Place {
	return keyring.Place{Owner: string(account), Field: "factor.payment_pin"}
}

func newest(enrolled []Enrolled) (Enrolled, bool) {
	if len(enrolled) == 0 {
		return Enrolled{}, false
	}
	return slices.MaxFunc(enrolled, func(a, b Enrolled) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	}), true
}

// wellKnown are choices that are common and follow no rule below: sounds-like numbers (520 "I love you", 168 "all the way
// to wealth"), emergency numbers and paths over the keypad.
const wellKnown = " 521125 147258 258369 369258 147852 159357 159753 357159 258456 456852 142536 741852 963852 789456 456123 789654 " +
	"131420 201314 521314 520131 314159 110120 120119 112358 100200 123789 987123 147369 "

// common reports that a PIN is among the first ones anybody would try: repeats, runs, birthdays, well-known numbers.
func common(pin string) bool {
	return repeats(pin) || runs(pin) || dates(pin) || strings.Contains(wellKnown, " "+pin+" ")
}

// repeats finds 000000, 121212 and 123123, and pairs or triples of one digit: 112233, 111222.
func repeats(pin string) bool {
	return pin[:3] == pin[3:] || pin[:2] == pin[2:4] && pin[:2] == pin[4:] ||
		pin[0] == pin[1] && pin[2] == pin[3] && pin[4] == pin[5] ||
		pin[0] == pin[1] && pin[1] == pin[2] && pin[3] == pin[4] && pin[4] == pin[5]
}

// runs finds equal steps up or down, past nine to zero and on: 123456, 654321, 135790, 789012.
func runs(pin string) bool {
	step := (pin[1] - pin[0] + 10) % 10
	for i := 2; i < len(pin); i++ {
		if (pin[i]-pin[i-1]+10)%10 != step {
			return false
		}
	}
	return true
}

// dates finds what reads as a day, the Chinese way (YYMMDD) or as a month of a century in living memory (YYYYMM).
func dates(pin string) bool {
	if _, err := time.Parse("060102", pin); err == nil {
		return true
	}
	_, err := time.Parse("200601", pin)
	return err == nil && (pin[:2] == "19" || pin[:2] == "20")
}
