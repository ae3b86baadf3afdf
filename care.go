package jieling

import "time"

// SwitchKind says what a switch is for.
type SwitchKind string

// The kinds of switches.
const (
	SwitchFindMe       SwitchKind = "find_me"       // strangers find the account by a number (H1)
	SwitchPasswordFree SwitchKind = "password_free" // a service takes payments without a password (H2)
	SwitchBiometric    SwitchKind = "biometric"     // a voice, a face or a finger protects something there (H4)
	SwitchOther        SwitchKind = "other"
)

// Switch (开关) is something of an account at a participant that is on or off, as the participant tells it live.
type Switch struct {
	ID          string
	Participant string
	Kind        SwitchKind
	Title       Text
	Detail      Text
	On          bool
	SaferOn     bool     // it protects the account better when it is on
	OneWay      bool     // to its safer side only
	Provider    Provider // the login it came with; "" where it hangs on none
}

// Safe reports that the switch stands where it protects the account better.
func (s Switch) Safe() bool { return s.On == s.SaferOn }

// Bill (账单) is a payment that looks odd, as a participant tells it live. Nothing of it is kept but what its owner said of it.
type Bill struct {
	ID          string
	Participant string
	At          time.Time
	Title       Text
	Amount      int64  // in the currency's smallest unit
	Currency    string // ISO 4217
	Odd         Text   // why it looks odd
}
