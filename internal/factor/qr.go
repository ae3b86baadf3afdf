package factor

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/keyring"
)

const (
	qrTTL      = 60 * time.Second // the initiating page asks for a new one when it is over
	qrLimit    = 1                // a wrong number ends the challenge: three to choose from leave no room for a second guess
	qrOffers   = 3
	qrCodeSize = 16 // bytes: the 128 bits of the threat model
)

// QR is the approval on a signed-in phone (扫码确认, F2, V1; RFC 10027 on cross-device flows). The initiating screen shows a
// code to scan and a two-digit number; the phone that claimed the code chooses that number among three. Who may claim, and
// that a code is claimed once, is the engine's; this factor makes the code and compares.
type QR struct{ Keys *keyring.Keyring }

var _ Factor = QR{}

// QRPublic is what the initiating screen shows, and that screen alone: the phone is offered numbers, not told one.
type QRPublic struct {
	Code    string `json:"code"` // 26 characters that survive being read aloud
	Path    string `json:"path"` // what the QR code holds, on our own site: /approve/{code}
	Number  int    `json:"number"`
	Seconds int    `json:"seconds"`
}

// qrSecret is what Check compares with.
type qrSecret struct {
	Numbers []int            `json:"numbers"`
	MAC     []byte           `json:"mac"`              // of the right one, bound to the challenge
	Device  jieling.DeviceID `json:"device,omitempty"` // the initiating one
}

// Issue draws the code and the numbers.
func (q QR) Issue(_ context.Context, ask Ask) (Issued, error) {
	code := scanText.EncodeToString(ask.Random(qrCodeSize))
	numbers := drawNumbers(ask.Random)
	right := numbers[uniform(qrOffers, ask.Random)]
	mac := q.Keys.CodeMAC(ask.Challenge, strconv.Itoa(right))
	public, err := json.Marshal(QRPublic{Code: code, Path: "/approve/" + code, Number: right, Seconds: int(qrTTL / time.Second)})
	if err != nil {
		return Issued{}, fmt.Errorf("issue a QR approval: %w", err)
	}
	secret, err := json.Marshal(qrSecret{Numbers: numbers, MAC: mac[:], Device: ask.Device})
	if err != nil {
		return Issued{}, fmt.Errorf("issue a QR approval: %w", err)
	}
	return Issued{Public: public, Secret: secret, TTL: qrTTL, Limit: qrLimit, Code: sha256.Sum256([]byte(code))}, nil
}

// drawNumbers draws distinct two-digit numbers in random order.
func drawNumbers(random func(int) []byte) []int {
	numbers := make([]int, 0, qrOffers)
	for len(numbers) < qrOffers {
		if n := 10 + int(uniform(90, random)); !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// Check passes when the device that claimed the code, and that is not the one the case was begun on (S12), chose the number
// on the initiating screen. Another device's answer is CodeForbidden, the initiating one's CodeSameDevice.
func (q QR) Check(_ context.Context, ch jieling.Challenge, secret []byte, _ []Enrolled, answer Answer) (Verdict, error) {
	if answer.Number < 10 || answer.Number > 99 {
		return Verdict{}, Malformed("请选择电脑屏幕上显示的两位数字。", "Please choose the two-digit number on the other screen.")
	}
	var kept qrSecret
	if err := json.Unmarshal(secret, &kept); err != nil || len(kept.MAC) != sha256.Size {
		return Verdict{}, fmt.Errorf("check a QR approval: what was kept cannot be read")
	}
	switch {
	case answer.Device == "" || answer.Device != ch.Claimant:
		return Verdict{}, jieling.Refuse(jieling.CodeForbidden,
			"这个二维码已由另一台设备打开。请在那台设备上确认，或刷新二维码重新扫描。",
			"Another device opened this code. Approve it there, or refresh the code and scan it again.")
	case answer.Device == kept.Device:
		return Verdict{}, jieling.Refuse(jieling.CodeSameDevice,
			"不能在发起操作的设备上确认。请用另一台已登录的手机扫码。",
			"You cannot approve on the device where this was begun. Please scan with another phone that is signed in.")
	}
	return Verdict{Passed: q.Keys.CheckCode(ch.ID, strconv.Itoa(answer.Number), [32]byte(kept.MAC))}, nil
}

// Offered gives the numbers the phone chooses from, out of a QR challenge's opened secret, in the order to show them.
func Offered(secret []byte) ([]int, error) {
	var kept qrSecret
	if err := json.Unmarshal(secret, &kept); err != nil || len(kept.Numbers) != qrOffers {
		return nil, fmt.Errorf("the numbers of a QR approval cannot be read")
	}
	return kept.Numbers, nil
}

// scanText leaves out i, l, o and u, which are misread or make words.
var scanText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// ScanHash is what a scanned or typed code is found by (Issued.Code). It takes capitals, spaces, hyphens, and o, i and l for
// the digits they look like; it is false for what cannot be a code.
func ScanHash(typed string) ([32]byte, bool) {
	if len(typed) > 64 {
		return [32]byte{}, false
	}
	code := strings.NewReplacer(" ", "", "-", "", "o", "0", "i", "1", "l", "1").Replace(strings.ToLower(typed))
	raw, err := scanText.DecodeString(code)
	if err != nil || len(raw) != qrCodeSize {
		return [32]byte{}, false
	}
	return sha256.Sum256([]byte(scanText.EncodeToString(raw))), true
}
