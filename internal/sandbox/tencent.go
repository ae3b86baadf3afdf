package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	tc3Algorithm = "TC3-HMAC-SHA256"
	tc3Tolerance = 5 * time.Minute
)

// cloudError is an error of Tencent Cloud's API: a dotted code. It travels with HTTP status 200.
type cloudError struct{ Code, Message string }

func (e *cloudError) Error() string { return e.Code + ": " + e.Message }

func failed(code, message string) error { return &cloudError{code, message} }

// cloud is the common front of Tencent Cloud's services: it checks the TC3 signature and wraps answers in {"Response":…}.
type cloud struct {
	service, version string
	id, key          string
	now              func() time.Time
	actions          map[string]func(ctx context.Context, body []byte) (map[string]any, error)
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := c.answer(r)
	if err != nil {
		answer = map[string]any{"Error": err}
	}
	answer["RequestId"] = requestID()
	writeJSON(w, map[string]any{"Response": answer})
}

func (c *cloud) answer(r *http.Request) (map[string]any, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit))
	if err != nil {
		return nil, failed("InternalError", "the request body could not be read")
	}
	if err := c.checkSignature(r, body); err != nil {
		return nil, err
	}
	action, known := c.actions[r.Header.Get("X-TC-Action")]
	switch {
	case !known:
		return nil, failed("InvalidAction", "The request action is invalid or does not exist.")
	case r.Header.Get("X-TC-Version") != c.version:
		return nil, failed("NoSuchVersion", "The version of the API does not exist.")
	}
	return action(r.Context(), body)
}

// tc3 is the Authorization header in its parts.
type tc3 struct{ id, date, service, signedHeaders, signature string }

func parseTC3(header string) (tc3, bool) {
	m := regexp.MustCompile(`^` + tc3Algorithm + ` Credential=([^/]+)/(\d{4}-\d{2}-\d{2})/([a-z0-9]+)/tc3_request, ?` +
		`SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$`).FindStringSubmatch(header)
	if m == nil {
		return tc3{}, false
	}
	return tc3{m[1], m[2], m[3], m[4], m[5]}, true
}

// checkSignature verifies the signature method v3 (TC3-HMAC-SHA256): content-type and host must be among the signed headers,
// the timestamp within five minutes, and the credential's date that of the timestamp in UTC.
func (c *cloud) checkSignature(r *http.Request, body []byte) error {
	given, ok := parseTC3(r.Header.Get("Authorization"))
	if !ok {
		return failed("AuthFailure.InvalidAuthorization", "The Authorization header does not have the form of TC3-HMAC-SHA256.")
	}
	if given.id != c.id {
		return failed("AuthFailure.SecretIdNotFound", "The SecretId is not found.")
	}
	seconds, err := strconv.ParseInt(r.Header.Get("X-TC-Timestamp"), 10, 64)
	if err != nil {
		return failed("MissingParameter", "The request header X-TC-Timestamp is missing.")
	}
	at := time.Unix(seconds, 0)
	if age := c.now().Sub(at); age > tc3Tolerance || age < -tc3Tolerance {
		return failed("AuthFailure.SignatureExpire", "The signature is expired: the timestamp is more than five minutes from the server's.")
	}
	want := c.signature(r, given.signedHeaders, at, body)
	if given.service != c.service || given.date != at.UTC().Format(time.DateOnly) || !hmac.Equal([]byte(want), []byte(given.signature)) {
		return failed("AuthFailure.SignatureFailure", "The provided credentials could not be validated: check the signature.")
	}
	return nil
}

func (c *cloud) signature(r *http.Request, signedHeaders string, at time.Time, body []byte) string {
	names := strings.Split(signedHeaders, ";")
	if !slices.Contains(names, "content-type") || !slices.Contains(names, "host") || !slices.IsSorted(names) {
		return ""
	}
	var headers strings.Builder
	for _, name := range names {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host // net/http keeps it apart from the other headers
		}
		if name == "x-tc-action" {
			value = strings.ToLower(value)
		}
		fmt.Fprintf(&headers, "%s:%s\n", name, strings.TrimSpace(value))
	}
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, headers.String(), signedHeaders, sha256Hex(body)}, "\n")
	date := at.UTC().Format(time.DateOnly)
	scope := date + "/" + c.service + "/tc3_request"
	toSign := strings.Join([]string{tc3Algorithm, strconv.FormatInt(at.Unix(), 10), scope, sha256Hex([]byte(canonical))}, "\n")
	key := hmacSHA256([]byte("TC3"+c.key), date)
	key = hmacSHA256(hmacSHA256(key, c.service), "tc3_request")
	return hex.EncodeToString(hmacSHA256(key, toSign))
}

func hmacSHA256(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func sha256Hex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// requestID has the shape of a UUID, as the service's own have.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// readParameters decodes an action's parameters; the service refuses what it does not know.
func readParameters(body []byte, into any) error {
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return failed("UnknownParameter", "The request parameters are not those of the action: "+err.Error())
	}
	return nil
}
