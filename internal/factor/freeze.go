package factor

import (
	"context"
	"crypto/hmac"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/keyring"
)

const (
	freezeTTL   = 10 * time.Minute
	freezeLimit = 3
	freezeWord  = "freeze"
)

// Freeze asks the person to say that their account shall be frozen for the case (账号冻结, V2 on the web). It shows nothing about who
// they are, so it is worth something only beside other factors; that it comes after them, and what the freeze does, is the engine's.
type Freeze struct{ Keys *keyring.Keyring }

var _ Factor = Freeze{}

// Issue asks. Everybody can answer.
func (f Freeze) Issue(_ context.Context, ask Ask) (Issued, error) {
	mac := f.Keys.CodeMAC(ask.Challenge, freezeWord)
	return Issued{Public: []byte(`{}`), Secret: mac[:], TTL: freezeTTL, Limit: freezeLimit}, nil
}

// Check takes the one word "freeze" for a yes. Any other word is none, and no word at all is CodeInvalid.
func (f Freeze) Check(_ context.Context, ch jieling.Challenge, secret []byte, _ []Enrolled, answer Answer) (Verdict, error) {
	if len(answer.Given) == 0 {
		return Verdict{}, jieling.Invalid("answer", `must be the word "freeze"`)
	}
	mac := f.Keys.CodeMAC(ch.ID, string(answer.Given))
	return Verdict{Passed: hmac.Equal(mac[:], secret)}, nil
}
