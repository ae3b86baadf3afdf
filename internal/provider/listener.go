package provider

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/jieling-id/jieling"
)

// Listener understands what a provider tells of its own accord, in that provider's own signature and format. It checks and reads, and
// changes nothing: what a notice leads to is decided elsewhere.
type Listener interface {
	// Listens reports whether what signatures are checked with is set up. Where it is not, Hear refuses everything.
	Listens() bool
	// Hear reads one request. It gives the notices whose signature is good, which are for this very app, and which are not old, with the
	// answer that the provider wants once they are kept. Errors are *jieling.Error: CodeSignature for one that is not signed as it must
	// be, is too old, or is for somebody else; CodeInvalid for one that cannot be read although it is signed; CodeDependency where the
	// keys to check it with cannot be had. An error may come with an answer of the provider's own kind ([Reply.Status] is not 0).
	Hear(ctx context.Context, in Call) (Heard, error)
}

// MaxCall bounds the body of a Call, in bytes.
const MaxCall = 128 << 10

// Call is a request as it came: a GET is a check of the address, a POST brings notices.
type Call struct {
	Method string
	Query  url.Values
	Header http.Header
	Body   []byte // at most MaxCall bytes
}

// Heard is what a call said.
type Heard struct {
	Notices []jieling.ProviderNotice
	Other   int // events that are signed and say nothing about a login: of a kind that is not known, or of no matter here
	Reply   Reply
}

// Reply is what the provider is answered.
type Reply struct {
	Status      int
	ContentType string // "" where there is no body
	Body        []byte
}

// Forged is the error of a call that is not to be believed. why is for the log and must hold nothing of the content.
func Forged(name jieling.Text, why string) *jieling.Error {
	e := jieling.Refuse(jieling.CodeSignature, "通知的签名、时间或接收方不符。", "The notice is not signed as it must be, is too old, or is for somebody else.")
	e.Err = fmt.Errorf("%s: %s", name.EN, why)
	return e
}

// Unreadable is the error of a call that is signed and cannot be read.
func Unreadable(name jieling.Text, err error) *jieling.Error {
	e := jieling.Refuse(jieling.CodeInvalid, "通知的格式不符。", "The notice does not have the documented form.")
	e.Fields = []jieling.FieldError{{Field: "body", Message: "does not have the documented form"}}
	e.Err = fmt.Errorf("%s: %w", name.EN, err)
	return e
}

// MaxAge is how far a call's own time may be from ours, in both directions: longer than providers try again, and as short as clocks allow.
const MaxAge = 5 * time.Minute

// Timely reads a time in seconds since 1970, as it stands in a query, and reports whether it is near now.
func Timely(seconds string, now time.Time) bool {
	n, err := strconv.ParseInt(seconds, 10, 64)
	return err == nil && now.Sub(time.Unix(n, 0)).Abs() <= MaxAge
}
