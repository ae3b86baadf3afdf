package gate

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what authenticator apps speak; HMAC does not need SHA-1 to resist collisions
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

const (
	totpStep   = 30 * time.Second
	totpSecret = 20 // bytes: what RFC 4226 recommends
	totpBack   = 1  // how many steps back a code is taken: clocks differ, and typing takes time (RFC 6238, 5.2)
)

// totp is the code of one time step (RFC 6238 over HMAC-SHA-1, six digits).
func totp(secret []byte, step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	h := hmac.New(sha1.New, secret)
	h.Write(counter[:])
	sum := h.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// totpStepOf finds the step a code belongs to: this one or the one before, and later than the latest that was used, since a code
// is good once. Every step is compared, whatever the first said.
func totpStepOf(secret []byte, code string, now time.Time, used int64) (step int64, ok bool) {
	current := now.Unix() / int64(totpStep/time.Second)
	for s := current - totpBack; s <= current; s++ {
		if subtle.ConstantTimeCompare([]byte(totp(secret, s)), []byte(code)) == 1 && s > used {
			step, ok = s, true
		}
	}
	return step, ok
}

// totpText writes a secret as authenticators read it.
func totpText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// totpURI is what an authenticator scans or opens to take a secret in.
func totpURI(name, secret string) string {
	q := url.Values{"secret": {secret}, "issuer": {"Jieling"}}
	return (&url.URL{Scheme: "otpauth", Host: "totp", Path: "/Jieling:" + name, RawQuery: q.Encode()}).String()
}
