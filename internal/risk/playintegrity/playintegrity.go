// Package playintegrity reads what Google says of an Android phone and the app on it: tokens of the Play Integrity API, from
// standard requests and from classic ones. Google seals them, so that a phone cannot read what it carries, and opens them for
// whoever the app belongs to: decodeIntegrityToken of playintegrity.googleapis.com, with a service account. An operator whose
// servers cannot reach Google may download the keys of classic requests and have them opened here; standard ones Google alone opens.
//
// An app asks for a token with our nonce as the requestHash of a standard request, or as the nonce of a classic one. What
// Google documents of its verdicts, and what each is worth here:
//
//   - A deviceRecognitionVerdict without any label is what a phone gets on which there are signs of attack or compromise, such
//     as root or hooks, and an emulator that passes no check. That is the word "rooted", whatever the app's verdict is: such a
//     phone's app is often not evaluated for that very reason. An overloaded phone or a bad network can empty it too, and so can a
//     standard token that is decoded again and again; nothing tells these apart, so all of them count as what they may be.
//   - UNRECOGNIZED_VERSION is an app whose certificate or name Play does not know. Signed by somebody else it is a changed app:
//     rooted. Signed by us it is our own app from another store, or a build that is not released: nothing vouches for it, and
//     nothing speaks against it.
//   - PLAY_RECOGNIZED together with MEETS_DEVICE_INTEGRITY or MEETS_STRONG_INTEGRITY is the app as Play hands it out, on a
//     certified phone: attested.
//   - MEETS_BASIC_INTEGRITY alone may have an open boot loader and no certificate; MEETS_VIRTUAL_INTEGRITY is an emulator that
//     Google knows; UNEVALUATED and UNKNOWN are no opinion. Google vouches for none of these and accuses none: unattested. Basic
//     is a label that has to be asked for in the Play Console; without it such a phone has no label and counts as rooted.
//   - A testing response is what somebody wrote into the Play Console for a tester. It attests nothing; its bad word stands.
//
// Licences, Play Protect and the other optional verdicts say nothing of who holds the phone, and are not read.
package playintegrity

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/risk"
)

// Config says which app is ours, and who opens its tokens: Google, where BaseURL and ServiceAccount are given, or we, where the
// keys are.
type Config struct {
	BaseURL         string           // "https://playintegrity.googleapis.com"
	ServiceAccount  []byte           // the JSON key file of a service account that may call the API for the app's project
	DecryptionKey   string           // base64 of an AES-256 key, from the Play Console
	VerificationKey string           // base64 of an ECDSA P-256 public key (PKIX), from there too
	Package         string           // of the app: "com.example.app"
	Certificates    []string         // SHA-256 of every certificate the app is signed by: hex, with or without colons, or base64
	MaxAge          time.Duration    // of a token; 0: five minutes
	Now             func() time.Time // signs requests for access; nil means time.Now
}

// The bounds of a token.
const (
	sizeLimit = 64 << 10        // bytes
	maxAge    = 5 * time.Minute // where none is configured
	skew      = time.Minute     // Google's clock may be ahead of ours by this much
)

// Reader implements [risk.Attester].
type Reader struct {
	app    app
	opener opener
}

var _ risk.Attester = (*Reader)(nil)

// opener opens tokens: Google, or a box of keys.
type opener interface {
	open(ctx context.Context, token string) (payload, error)
	ready(ctx context.Context) error // whether it could open one now
}

var packageName = regexp.MustCompile(`^[A-Za-z]\w*(\.[A-Za-z]\w*)+$`)

// New checks the configuration; it asks nobody. No error holds a part of a key.
func New(c Config) (*Reader, error) {
	a, err := newApp(c)
	if err != nil {
		return nil, fmt.Errorf("play integrity: %w", err)
	}
	asks, keeps := c.BaseURL != "" || c.ServiceAccount != nil, c.DecryptionKey != "" || c.VerificationKey != ""
	if asks == keeps {
		return nil, errors.New("play integrity: either Google opens tokens (url, service_account) or the app's keys do (decryption_key, verification_key)")
	}
	r := &Reader{app: a}
	if keeps {
		r.opener, err = newKeys(c)
	} else {
		r.opener, err = newGoogle(c)
	}
	if err != nil {
		return nil, fmt.Errorf("play integrity: %w", err)
	}
	return r, nil
}

func newApp(c Config) (app, error) {
	a := app{name: c.Package, maxAge: c.MaxAge, signers: map[[32]byte]bool{}}
	if a.maxAge == 0 {
		a.maxAge = maxAge
	}
	switch {
	case !packageName.MatchString(a.name):
		return a, errors.New("package must be the app's name, like com.example.app")
	case a.maxAge < 0:
		return a, errors.New("max_age must not be negative")
	case len(c.Certificates) == 0:
		return a, errors.New("name the certificates that the app is signed by")
	}
	for _, text := range c.Certificates {
		digest, ok := parseDigest(text)
		if !ok {
			return a, errors.New("a certificate must be the SHA-256 of one, in hex or base64")
		}
		a.signers[digest] = true
	}
	return a, nil
}

// Attest implements [risk.Attester]: the token is opened, and what is in it is judged here.
func (r *Reader) Attest(ctx context.Context, s risk.Statement) (risk.Attested, error) {
	switch {
	case s.Nonce == "" || s.Given == "":
		return risk.Attested{}, invalid("is missing")
	case len(s.Given) > sizeLimit:
		return risk.Attested{}, invalid("is larger than 64 KiB")
	}
	said, err := r.opener.open(ctx, s.Given)
	if err != nil {
		return risk.Attested{}, err
	}
	if wrong := r.app.misfit(said, s); wrong != "" {
		return risk.Attested{}, invalid(wrong)
	}
	return risk.Attested{Level: r.app.level(said)}, nil
}

// Ready reports whether tokens can be opened now. Where Google opens them it gets access, and asks about no phone.
func (r *Reader) Ready(ctx context.Context) error { return r.opener.ready(ctx) }

func invalid(message string) error { return jieling.Invalid("statement", message) }

func away(err error) error {
	e := jieling.Refuse(jieling.CodeDependency, "暂时无法向 Google 核对这台手机，请稍后再试。", "Google cannot be asked about the phone at the moment. Try again later.")
	e.Err = fmt.Errorf("play integrity: %w", err)
	return e
}
