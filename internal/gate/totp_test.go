package gate

import (
	"testing"
	"time"
)

// The vectors of RFC 6238, appendix B, for SHA-1. They have eight digits; ours are the last six.
func TestTOTP_AnswersTheVectorsOfTheRFC(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := totp(secret, at/30); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

// A code is good in its own step and the next, and once.
func TestTOTP_ThisStepAndTheOneBeforeOnce(t *testing.T) {
	secret, now := []byte("12345678901234567890"), time.Unix(1234567890, 0)
	current := now.Unix() / 30
	for _, c := range []struct {
		name       string
		step, used int64
		want       bool
	}{
		{"this step", current, 0, true},
		{"the one before", current - 1, 0, true},
		{"two before", current - 2, 0, false},
		{"the next", current + 1, 0, false},
		{"used", current, current, false},
		{"before one that was used", current - 1, current, false},
		{"after one that was used", current, current - 1, true},
	} {
		step, ok := totpStepOf(secret, totp(secret, c.step), now, c.used)
		if ok != c.want || ok && step != c.step {
			t.Errorf("%s: step %d, %t", c.name, step-current, ok)
		}
	}
	for _, code := range []string{"", "12345", "1234567", "abcdef"} {
		if _, ok := totpStepOf(secret, code, now, 0); ok {
			t.Errorf("%q is taken", code)
		}
	}
}
