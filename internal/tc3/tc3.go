// Package tc3 is the common wire of Tencent Cloud's interfaces: the TC3-HMAC-SHA256 signature on a request and the envelope
// around every answer. It makes and reads messages; sending them is the connectors' part (face verification, SMS).
package tc3

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	algorithm     = "TC3-HMAC-SHA256"
	contentType   = "application/json; charset=utf-8"
	signedHeaders = "content-type;host"
)

// Key is a pair of API credentials. It prints as asterisks.
type Key struct{ ID, Secret string }

// String hides the key.
func (Key) String() string { return "tc3:***" }

// GoString hides the key from %#v too.
func (k Key) GoString() string { return k.String() }

// Call names an operation: the service as it appears in the credential scope ("sms", "faceid"), the action with its version,
// and a region where the service asks for one.
type Call struct{ Service, Action, Version, Region string }

// Request makes a signed POST of in, as JSON, to base.
func (k Key) Request(ctx context.Context, base *url.URL, call Call, at time.Time, in any) (*http.Request, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", call.Action, err)
	}
	target := *base
	if target.Path == "" {
		target.Path = "/"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%s: the request cannot be made", call.Action)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-TC-Action", call.Action)
	req.Header.Set("X-TC-Version", call.Version)
	req.Header.Set("X-TC-Timestamp", strconv.FormatInt(at.Unix(), 10))
	if call.Region != "" {
		req.Header.Set("X-TC-Region", call.Region)
	}
	req.Header.Set("Authorization", k.authorization(call.Service, target.EscapedPath(), target.Host, at, body))
	return req, nil
}

// authorization is the header of the signature method v3: the request is reduced to a canonical text, its hash is signed
// with a key that is derived for this day and service.
func (k Key) authorization(service, path, host string, at time.Time, body []byte) string {
	canonical := "POST\n" + path + "\n\ncontent-type:" + contentType + "\nhost:" + host + "\n\n" + signedHeaders + "\n" + sum(body)
	day := at.UTC().Format(time.DateOnly)
	scope := day + "/" + service + "/tc3_request"
	toSign := algorithm + "\n" + strconv.FormatInt(at.Unix(), 10) + "\n" + scope + "\n" + sum([]byte(canonical))
	key := mac(mac(mac([]byte("TC3"+k.Secret), day), service), "tc3_request")
	return algorithm + " Credential=" + k.ID + "/" + scope + ", SignedHeaders=" + signedHeaders +
		", Signature=" + hex.EncodeToString(mac(key, toSign))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// Error is a refusal by the service. Code is one of its documented dotted names; the sentence that comes with it is not
// kept, because it may repeat what was sent.
type Error struct{ Code string }

// Error gives the code.
func (e *Error) Error() string { return "refused with " + e.Code }

// ErrEnvelope means that an answer is not one of this interface's.
var ErrEnvelope = errors.New("the answer is not a Tencent Cloud envelope")

// Open reads the envelope {"Response": {…, "RequestId"}} and decodes what is inside into out. A refusal arrives with HTTP
// status 200 too and is an [*Error]; anything without a RequestId is [ErrEnvelope].
func Open(body []byte, out any) error {
	var envelope struct{ Response json.RawMessage }
	if json.Unmarshal(body, &envelope) != nil || envelope.Response == nil {
		return ErrEnvelope
	}
	var head struct {
		RequestID string `json:"RequestId"`
		Error     *struct{ Code string }
	}
	if json.Unmarshal(envelope.Response, &head) != nil || head.RequestID == "" {
		return ErrEnvelope
	}
	if head.Error != nil {
		return &Error{Code: Known(head.Error.Code)}
	}
	if json.Unmarshal(envelope.Response, out) != nil {
		return ErrEnvelope
	}
	return nil
}

// Known lets a code through, for errors and logs, when it has the form of a documented one such as
// "LimitExceeded.PhoneNumberDailyLimit": a party may put anything there.
func Known(code string) string {
	if code == "" || len(code) > 128 {
		return "an unknown code"
	}
	for _, c := range []byte(code) {
		if letter := c|0x20 >= 'a' && c|0x20 <= 'z'; !letter && c != '.' && (c < '0' || c > '9') {
			return "an unknown code"
		}
	}
	return code
}
