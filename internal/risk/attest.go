package risk

import (
	"context"
	"time"
)

// Formats of statements about a device and an app, by the names callers give.
const (
	PlayIntegrity = "play_integrity" // Google Play Integrity, on android
	AppAttest     = "app_attest"     // Apple App Attest, on ios
	WebAuthn      = "webauthn"       // an authenticator's own attestation statement, from when it was set up
)

// Attester reads what the maker of a platform says of a device and an app. It decides nothing: what a level is worth the pack
// says.
type Attester interface {
	// Attest reads a statement that was made for a nonce of ours.
	//
	// Errors are *jieling.Error: CodeInvalid (field "statement") for one that cannot be read, that no maker signed, or that was made
	// for something else; CodeDependency where the maker cannot be asked now. None of them holds a part of the statement.
	Attest(ctx context.Context, s Statement) (Attested, error)
}

// Statement is what an app shows.
type Statement struct {
	Nonce string    // ours, 22 to 64 characters of the base64url alphabet: what it must have been made for
	Given string    // as the platform gave it: a Play Integrity token; base64 (either alphabet) of an App Attest object
	Now   time.Time // a statement that is too old, or of the future, is none
	Key   AppKey    // what an earlier statement of this device left; zero: nothing
}

// AppKey is the key of one install of an app, where the platform has such a thing (App Attest). It never leaves the device it was
// made on, and its counter only rises.
type AppKey struct {
	Public []byte // PKIX
	Count  uint32 // of its last assertion
}

// Attested is what a statement says.
type Attested struct {
	Level string // jieling.Sound, Unattested or Rooted
	Key   AppKey // to keep with the device; zero where there is none
}
