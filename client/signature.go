package client

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of Standard Webhooks, which sign every request of the participant contract.
const (
	HeaderID        = "Webhook-Id"        // the effect's ID: the same in every repeat of the same effect
	HeaderTimestamp = "Webhook-Timestamp" // Unix seconds of this attempt
	HeaderSignature = "Webhook-Signature" // space-separated "v1,<base64>" entries, one for each secret in use
)

// Tolerance is how far a request's timestamp may lie from the receiver's clock, in either direction, before the
// request is refused as old (or from the future). The value is that of the Standard Webhooks reference libraries.
const Tolerance = 5 * time.Minute

const (
	secretPrefix   = "whsec_"
	secretMinBytes = 24
	secretMaxBytes = 64
	signatureV1    = "v1,"
)

// ErrSignature is what every error of [Verify] wraps: the request was not signed by a holder of a known secret, not for
// this body, or not now.
var ErrSignature = errors.New("signature not accepted")

// Secret is a shared signing secret. It prints as asterisks, so that it cannot slip into a log. The zero value signs
// nothing and verifies nothing.
type Secret struct{ key []byte }

// ParseSecret reads a secret of the form "whsec_" + base64 of 24 to 64 bytes (Standard Webhooks). The error never repeats
// the text.
func ParseSecret(text string) (Secret, error) {
	encoded, ok := strings.CutPrefix(text, secretPrefix)
	if !ok {
		return Secret{}, fmt.Errorf("signing secret: it must begin with %q", secretPrefix)
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return Secret{}, errors.New("signing secret: what follows the prefix is not base64")
	}
	if len(key) < secretMinBytes || len(key) > secretMaxBytes {
		return Secret{}, fmt.Errorf("signing secret: %d bytes; it must have %d to %d", len(key), secretMinBytes, secretMaxBytes)
	}
	return Secret{key: key}, nil
}

// String hides the secret.
func (Secret) String() string { return secretPrefix + "***" }

// GoString hides the secret from %#v too.
func (s Secret) GoString() string { return s.String() }

func (s Secret) mac(id, timestamp string, body []byte) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(id + "." + timestamp + "."))
	h.Write(body)
	return h.Sum(nil)
}

// Sign sets the three Standard Webhooks headers on header for a request with this body. The id must not contain a full
// stop. With several secrets the request carries one signature for each, so that a receiver which knows only the old or
// only the new one accepts it while a secret is being changed.
func Sign(header http.Header, id string, at time.Time, body []byte, secrets ...Secret) {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	signatures := make([]string, 0, len(secrets))
	for _, s := range secrets {
		signatures = append(signatures, signatureV1+base64.StdEncoding.EncodeToString(s.mac(id, timestamp, body)))
	}
	header.Set(HeaderID, id)
	header.Set(HeaderTimestamp, timestamp)
	header.Set(HeaderSignature, strings.Join(signatures, " "))
}

// Verify reports whether the headers sign this body with one of the secrets, within [Tolerance] of now. The comparison
// takes the same time wherever the signatures differ. Every error wraps [ErrSignature]. A request may be replayed inside
// the tolerance; that is harmless because every step of the contract is idempotent.
func Verify(header http.Header, body []byte, now time.Time, secrets ...Secret) error {
	id, timestamp := header.Get(HeaderID), header.Get(HeaderTimestamp)
	if id == "" || strings.Contains(id, ".") {
		return fmt.Errorf("%w: %s is missing or contains a full stop", ErrSignature, HeaderID)
	}
	if err := checkTimestamp(timestamp, now); err != nil {
		return err
	}
	for given := range strings.FieldsSeq(header.Get(HeaderSignature)) {
		encoded, ok := strings.CutPrefix(given, signatureV1)
		if !ok {
			continue // another scheme, such as v1a; a receiver ignores what it does not know
		}
		mac, err := base64.StdEncoding.DecodeString(encoded)
		if err == nil && matchesAny(mac, id, timestamp, body, secrets) {
			return nil
		}
	}
	return fmt.Errorf("%w: none of the signatures in %s matches", ErrSignature, HeaderSignature)
}

func checkTimestamp(timestamp string, now time.Time) error {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: %s is missing or not in Unix seconds", ErrSignature, HeaderTimestamp)
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > Tolerance || age < -Tolerance {
		return fmt.Errorf("%w: %s is more than %v from now; check both clocks", ErrSignature, HeaderTimestamp, Tolerance)
	}
	return nil
}

func matchesAny(mac []byte, id, timestamp string, body []byte, secrets []Secret) bool {
	for _, s := range secrets {
		if len(s.key) > 0 && hmac.Equal(mac, s.mac(id, timestamp, body)) {
			return true
		}
	}
	return false
}
