// Package playintegrity reads what Google says of an Android phone and the app on it: tokens of the Play Integrity API, from
// standard requests and from classic ones. Google seals them, so that a phone cannot read what it carries, and opens them for
// whoever the app belongs to: decodeIntegrityToken of playintegrity.googleapis.com, with a service account.
//
// An app asks for a token with our nonce as the requestHash of a standard request, or as the nonce of a classic one. What
// Google documents of its verdicts, and what each is worth here:
//
//   - A deviceRecognitionVerdict without any label is what a phone gets on which there are signs of attack or compromise, such
//     as root or hooks, and an emulator that passes no check. That is the word "rooted", whatever the app's verdict is: such a
//     phone's app is often not evaluated for that very reason. A standard token that is decoded again and again is emptied in
//     the same way; a nonce is asked about once, so that stays a replayer's trouble.
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
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/outbound"
	"github.com/jieling-id/jieling/internal/risk"
)

// Config says where Google is, who we are there, and which app is ours.
type Config struct {
	BaseURL        string           // "https://playintegrity.googleapis.com"
	ServiceAccount []byte           // the JSON key file of a service account that may call the API for the app's project
	Package        string           // of the app: "com.example.app"
	Certificates   []string         // SHA-256 of every certificate the app is signed by: hex, with or without colons, or base64
	MaxAge         time.Duration    // of a token; 0: five minutes
	Now            func() time.Time // signs requests for access; nil means time.Now
}

// The bounds of a token.
const (
	sizeLimit = 64 << 10        // bytes
	maxAge    = 5 * time.Minute // where none is configured
	skew      = time.Minute     // Google's clock may be ahead of ours by this much
)

// Reader implements [risk.Attester].
type Reader struct {
	decode *url.URL
	app    app
	access *access
	client *outbound.Client
}

var _ risk.Attester = (*Reader)(nil)

var packageName = regexp.MustCompile(`^[A-Za-z]\w*(\.[A-Za-z]\w*)+$`)

// New checks the configuration; it asks nobody. No error holds a part of the key.
func New(c Config) (*Reader, error) {
	base, err := outbound.Base(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("play integrity: %w", err)
	}
	if !packageName.MatchString(c.Package) {
		return nil, errors.New("play integrity: package must be the app's name, like com.example.app")
	}
	if c.MaxAge < 0 {
		return nil, errors.New("play integrity: max_age must not be negative")
	}
	a := app{name: c.Package, maxAge: c.MaxAge, signers: map[[32]byte]bool{}}
	if a.maxAge == 0 {
		a.maxAge = maxAge
	}
	for _, text := range c.Certificates {
		digest, ok := parseDigest(text)
		if !ok {
			return nil, errors.New("play integrity: a certificate must be the SHA-256 of one, in hex or base64")
		}
		a.signers[digest] = true
	}
	if len(a.signers) == 0 {
		return nil, errors.New("play integrity: name the certificates that the app is signed by")
	}
	client := outbound.New()
	access, err := newAccess(c.ServiceAccount, c.Now, client)
	if err != nil {
		return nil, fmt.Errorf("play integrity: service account: %w", err)
	}
	return &Reader{base.JoinPath("v1", c.Package+":decodeIntegrityToken"), a, access, client}, nil
}

// Attest implements [risk.Attester]: Google opens the token, and what is in it is judged here.
func (r *Reader) Attest(ctx context.Context, s risk.Statement) (risk.Attested, error) {
	switch {
	case s.Nonce == "" || s.Given == "":
		return risk.Attested{}, invalid("is missing")
	case len(s.Given) > sizeLimit:
		return risk.Attested{}, invalid("is larger than 64 KiB")
	}
	said, err := r.open(ctx, s.Given)
	if err != nil {
		return risk.Attested{}, err
	}
	if wrong := r.app.misfit(said, s); wrong != "" {
		return risk.Attested{}, invalid(wrong)
	}
	return risk.Attested{Level: r.app.level(said)}, nil
}

// Ready reports whether Google lets us in: it gets access, and asks about no phone.
func (r *Reader) Ready(ctx context.Context) error {
	_, err := r.access.token(ctx)
	return err
}

// open has Google decode a token.
func (r *Reader) open(ctx context.Context, token string) (payload, error) {
	bearer, err := r.access.token(ctx)
	if err != nil {
		return payload{}, away(err)
	}
	body, err := json.Marshal(map[string]string{"integrityToken": token})
	if err != nil {
		return payload{}, invalid("is no text")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.decode.String(), bytes.NewReader(body))
	if err != nil {
		return payload{}, away(errors.New("the request cannot be made"))
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	req.Header.Set("Content-Type", "application/json")
	reply, err := r.client.Do(req)
	switch {
	case err != nil:
		return payload{}, away(err)
	case reply.Status == http.StatusBadRequest:
		return payload{}, invalid("cannot be read by Google")
	case reply.Status == http.StatusUnauthorized:
		r.access.forget(bearer)
	}
	if reply.Status != http.StatusOK {
		return payload{}, away(fmt.Errorf("answered %d", reply.Status))
	}
	var said struct {
		Payload *payload `json:"tokenPayloadExternal"`
	}
	if json.Unmarshal(reply.Body, &said) != nil || said.Payload == nil {
		return payload{}, away(errors.New("the answer is not what the API documents"))
	}
	return *said.Payload, nil
}

func invalid(message string) error { return jieling.Invalid("statement", message) }

func away(err error) error {
	e := jieling.Refuse(jieling.CodeDependency, "暂时无法向 Google 核对这台手机，请稍后再试。", "Google cannot be asked about the phone at the moment. Try again later.")
	e.Err = fmt.Errorf("play integrity: %w", err)
	return e
}
