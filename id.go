package jieling

import (
	"encoding/base32"
	"strings"
	"time"
)

// IDs are a type prefix, an underscore and 26 lower-case base32 characters: 48 bits of Unix milliseconds, then 80 random
// bits, so that they sort by age, are never reused (S7) and cannot be guessed.
type (
	AccountID   string // AccountID names an account: acc_…
	BindingID   string // BindingID names a binding: bnd_…
	CaseID      string // CaseID names a case: case_…
	ChallengeID string // ChallengeID names a challenge: chl_…
	DeviceID    string // DeviceID names a device: dev_…
	FactorID    string // FactorID names an enrolled factor: fac_…
	EffectID    string // EffectID names an effect and is the idempotency key of the act it asks for: eff_…
	SessionID   string // SessionID names a person's session: ses_…
	SignInID    string // SignInID names an entry of a sign-in history: sin_…
)

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID makes an ID of any of the types above from its moment and ten random bytes.
func NewID[T ~string](prefix string, at time.Time, random [10]byte) T {
	var b [16]byte
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (8 * (5 - i)))
	}
	copy(b[6:], random[:])
	return T(prefix + "_" + idText.EncodeToString(b[:]))
}

// ValidID reports whether s has the form of an ID with this prefix. It says nothing about existence.
func ValidID(prefix, s string) bool {
	rest, ok := strings.CutPrefix(s, prefix+"_")
	if !ok || len(rest) != 26 {
		return false
	}
	_, err := idText.DecodeString(rest)
	return err == nil
}
