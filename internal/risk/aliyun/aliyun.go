// Package aliyun asks Alibaba Cloud's number service whether a phone number was handed out again (二次放号):
// DescribePhoneTwiceTelVerify of dytnsapi, 2020-02-17, signed with ACS3-HMAC-SHA256. What the carriers know is some days old
// (a week at most, says the vendor), and numbers of other countries they do not know at all.
//
// The number travels as its SHA-256 in the address of the request, where the service wants it, so that no log on the way has it.
package aliyun

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/outbound"
	"github.com/jieling-id/jieling/internal/risk"
)

// Config says where the service is and who we are there.
type Config struct {
	BaseURL   string // "https://dytnsapi.aliyuncs.com"
	KeyID     string
	KeySecret string
	AuthCode  string           // of the approved query, from the console
	Now       func() time.Time // signs requests; nil means time.Now
	Nonce     func() string    // nil means random
}

// Carrier implements [risk.Carrier].
type Carrier struct {
	base   *url.URL
	config Config
	client *outbound.Client
}

var _ risk.Carrier = (*Carrier)(nil)

// New checks the configuration.
func New(c Config) (*Carrier, error) {
	base, err := outbound.Base(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("carrier: %w", err)
	}
	if c.KeyID == "" || c.KeySecret == "" || c.AuthCode == "" {
		return nil, errors.New("carrier: key pair and authorisation code are needed")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Nonce == nil {
		c.Nonce = rand.Text
	}
	return &Carrier{base, c, outbound.New()}, nil
}

// beijing is the zone the service reads times in.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// Holder implements [risk.Carrier]. A number outside of mainland China is unknown without being asked about.
func (c *Carrier) Holder(ctx context.Context, number string, bound time.Time) (jieling.Holder, error) {
	local, ok := strings.CutPrefix(number, "+86")
	if !ok {
		return jieling.HolderUnknown, nil
	}
	sum := sha256.Sum256([]byte(local))
	query := url.Values{
		"AuthCode": {c.config.AuthCode}, "InputNumber": {hex.EncodeToString(sum[:])}, "Mask": {"SHA256"},
		"StartTime": {bound.In(beijing).Format(time.DateTime)},
	}
	req, err := c.request(ctx, "DescribePhoneTwiceTelVerify", "2020-02-17", query)
	if err != nil {
		return jieling.HolderUnknown, away(errors.New("the request cannot be made"))
	}
	reply, err := c.client.Do(req)
	if err != nil {
		return jieling.HolderUnknown, away(err)
	}
	return read(reply.Body)
}

// read takes the service's answer apart. 0 is that it cannot tell.
func read(body []byte) (jieling.Holder, error) {
	var said struct {
		Code string
		Data struct{ VerifyResult *int }
	}
	if json.Unmarshal(body, &said) != nil {
		return jieling.HolderUnknown, away(errors.New("the answer is no JSON"))
	}
	switch {
	case said.Code == "isv.MOBILE_NUMBER_ILLEGAL":
		return jieling.HolderInvalid, nil
	case said.Code == "isp.PORTABILITY_NUMBER_NOT_SUPPORTED":
		return jieling.HolderUnknown, nil
	case said.Code != "OK":
		return jieling.HolderUnknown, away(errors.New("the service refuses"))
	case said.Data.VerifyResult == nil:
		return jieling.HolderUnknown, away(errors.New("the answer says nothing"))
	}
	switch *said.Data.VerifyResult {
	case 0:
		return jieling.HolderUnknown, nil
	case 1:
		return jieling.HolderChanged, nil
	case 2:
		return jieling.HolderSame, nil
	case 3:
		return jieling.HolderInvalid, nil
	}
	return jieling.HolderUnknown, away(errors.New("the answer has a result nobody knows"))
}

func away(err error) error {
	e := jieling.Refuse(jieling.CodeDependency, "运营商查询暂时不可用，请稍后再试。", "The carrier cannot be asked at the moment. Try again later.")
	e.Err = fmt.Errorf("carrier: %w", err)
	return e
}

// request signs a call with the V3 signature: everything in the address, and nothing in the body.
func (c *Carrier) request(ctx context.Context, action, version string, query url.Values) (*http.Request, error) {
	u := *c.base
	u.Path, u.RawQuery = "/", strings.ReplaceAll(query.Encode(), "+", "%20")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), nil)
	if err != nil {
		return nil, err
	}
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // SHA-256 of nothing
	headers := [...][2]string{                                                       // in the order they are signed in
		{"host", u.Host},
		{"x-acs-action", action},
		{"x-acs-content-sha256", empty},
		{"x-acs-date", c.config.Now().UTC().Format("2006-01-02T15:04:05Z")},
		{"x-acs-signature-nonce", c.config.Nonce()},
		{"x-acs-version", version},
	}
	var canonical strings.Builder
	names := make([]string, len(headers))
	for i, h := range headers {
		names[i] = h[0]
		canonical.WriteString(h[0] + ":" + h[1] + "\n")
		if h[0] != "host" {
			req.Header.Set(h[0], h[1])
		}
	}
	signed := strings.Join(names, ";")
	request := strings.Join([]string{http.MethodPost, "/", u.RawQuery, canonical.String(), signed, empty}, "\n")
	sum := sha256.Sum256([]byte(request))
	mac := hmac.New(sha256.New, []byte(c.config.KeySecret))
	mac.Write([]byte("ACS3-HMAC-SHA256\n" + hex.EncodeToString(sum[:])))
	req.Header.Set("Authorization", fmt.Sprintf("ACS3-HMAC-SHA256 Credential=%s,SignedHeaders=%s,Signature=%x", c.config.KeyID, signed, mac.Sum(nil)))
	return req, nil
}
