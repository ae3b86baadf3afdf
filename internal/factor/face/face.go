// Package face is the factor face (人脸核身, F2, V1, V5) at Tencent Cloud's face verification (faceid, 2018-03-01): the vendor
// compares the living face before the camera with the photograph that belongs to the person's identity document. The picture
// never reaches the service; what comes back is a yes or no, bound to one token of the vendor's, and that to one challenge.
//
// A yes without a name proves only that somebody has a face. So an enrolment holds who the person is, as the product vouches
// for it, the vendor is asked about exactly that document, and its verdict counts only when it names the same one.
package face

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/outbound"
	"github.com/jieling-id/jieling/internal/tc3"
)

const (
	ttl     = 10 * time.Minute // out-of-band verification: ASVS 5.0, 6.5.5; the vendor's own token lives longer
	limit   = 3                // results that are not a pass; the vendor counts tries at the camera itself
	service = "faceid"
	version = "2018-03-01"
)

// Config says where the vendor is and who we are there. Every field is required, but Region.
type Config struct {
	BaseURL string // "https://faceid.tencentcloudapi.com"
	Key     tc3.Key
	RuleID  string // the vendor's name for the configured flow, which must be one that takes name and document number
	Region  string
	Now     func() time.Time // signs requests; nil means time.Now
}

// Factor is face verification.
type Factor struct {
	base   *url.URL
	config Config
	client *outbound.Client
}

var _ factor.Enroller = (*Factor)(nil)

// New checks the configuration.
func New(c Config) (*Factor, error) {
	base, err := outbound.Base(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("face: %w", err)
	}
	if c.Key.ID == "" || c.Key.Secret == "" || c.RuleID == "" {
		return nil, errors.New("face: the vendor's key pair and rule are needed")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Factor{base, c, outbound.New()}, nil
}

// Person is who is verified: the name and the number of the resident identity card. It is an enrolment's secret.
type Person struct {
	Name   string `json:"name"`
	IDCard string `json:"id_card"` // 18 characters
}

// Enrol takes a [Person] as JSON, from the product that vouches for it.
func (f *Factor) Enrol(_ context.Context, _ jieling.Account, _, given []byte) (factor.Kept, error) {
	var p Person
	if err := json.Unmarshal(given, &p); err != nil || p.Name == "" || utf8.RuneCountInString(p.Name) > 32 || !plausibleCard(p.IDCard) {
		return factor.Kept{}, factor.Malformed(
			"需要姓名和 18 位居民身份证号码。",
			"A name and an 18-character resident identity number are needed.")
	}
	p.IDCard = strings.ToUpper(p.IDCard)
	kept, err := json.Marshal(p)
	if err != nil {
		return factor.Kept{}, fmt.Errorf("enrol face: %w", err)
	}
	first, _ := utf8.DecodeRuneInString(p.Name)
	return factor.Kept{Secret: kept, Label: string(first) + "**"}, nil
}

// plausibleCard checks the form of a resident identity number and its check character (GB 11643-1999, ISO 7064 MOD 11-2).
func plausibleCard(card string) bool {
	if len(card) != 18 {
		return false
	}
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		if card[i] < '0' || card[i] > '9' {
			return false
		}
		sum += weight * int(card[i]-'0')
	}
	return "10X98765432"[sum%11] == strings.ToUpper(card)[17]
}

// Public is what the person's page needs: where the vendor's page is. The vendor sends the person back to Ask.Return.
type Public struct {
	URL string `json:"url"`
}

// asked is what a challenge keeps.
type asked struct {
	Challenge jieling.ChallengeID `json:"challenge"`
	Token     string              `json:"biz_token"`
	Enrolment jieling.FactorID    `json:"enrolment"`
}

// Issue opens a verification at the vendor (DetectAuth) for the person enrolled.
func (f *Factor) Issue(ctx context.Context, ask factor.Ask) (factor.Issued, error) {
	if len(ask.Enrolled) == 0 {
		return factor.Issued{}, jieling.Refuse(jieling.CodeNotEnrolled,
			"这个账号还没有实名信息，无法进行人脸核身。请先完成实名认证，或换一种验证方式。",
			"This account has no real-name record, so a face cannot be verified. Complete it first, or choose another way to verify.")
	}
	enrolled := ask.Enrolled[len(ask.Enrolled)-1]
	var person Person
	if err := json.Unmarshal(enrolled.Open, &person); err != nil {
		return factor.Issued{}, errors.New("issue face: the enrolment cannot be read")
	}
	var opened struct {
		URL      string `json:"Url"`
		BizToken string
	}
	err := f.call(ctx, "DetectAuth", map[string]string{
		"RuleId": f.config.RuleID, "IdCard": person.IDCard, "Name": person.Name, "RedirectUrl": ask.Return, "Extra": string(ask.Challenge),
	}, &opened)
	if err != nil {
		return factor.Issued{}, err
	}
	page, err := url.Parse(opened.URL)
	if err != nil || !outbound.Safe(page) || opened.BizToken == "" {
		return factor.Issued{}, away(errors.New("DetectAuth: no token, or no page a person can be sent to"))
	}
	public, err := json.Marshal(Public{URL: opened.URL})
	if err != nil {
		return factor.Issued{}, fmt.Errorf("issue face: %w", err)
	}
	secret, err := json.Marshal(asked{ask.Challenge, opened.BizToken, enrolled.ID})
	if err != nil {
		return factor.Issued{}, fmt.Errorf("issue face: %w", err)
	}
	return factor.Issued{Public: public, Secret: secret, TTL: ttl, Limit: limit}, nil
}

// detected is the part of GetDetectInfoEnhanced's answer that is asked for (InfoType 1). ErrCode is null until the person has
// finished at the camera, 0 for a pass.
type detected struct {
	Text *struct {
		ErrCode *int
		IDCard  string `json:"IdCard"`
		Name    string
		Extra   string
	}
}

// Check asks the vendor (GetDetectInfoEnhanced). It takes nothing from the person: what their browser brought back proves
// nothing. Not finished is Pending.
func (f *Factor) Check(ctx context.Context, ch jieling.Challenge, secret []byte, enrolled []factor.Enrolled, _ factor.Answer) (factor.Verdict, error) {
	var a asked
	if err := json.Unmarshal(secret, &a); err != nil || a.Token == "" {
		return factor.Verdict{}, errors.New("check face: what was kept cannot be read")
	}
	person, ok := find(enrolled, a.Enrolment)
	if !ok || a.Challenge != ch.ID {
		return factor.Verdict{}, nil
	}
	var found detected
	err := f.call(ctx, "GetDetectInfoEnhanced", map[string]string{"BizToken": a.Token, "RuleId": f.config.RuleID, "InfoType": "1"}, &found)
	switch {
	case err != nil:
		return factor.Verdict{}, err
	case found.Text == nil || found.Text.ErrCode == nil:
		return factor.Verdict{Pending: true}, nil
	}
	same := equal(strings.ToUpper(found.Text.IDCard), person.IDCard) && equal(found.Text.Name, person.Name)
	if *found.Text.ErrCode != 0 || found.Text.Extra != string(ch.ID) || !same {
		return factor.Verdict{}, nil
	}
	return factor.Verdict{Passed: true, Enrol: a.Enrolment}, nil
}

func find(enrolled []factor.Enrolled, id jieling.FactorID) (p Person, ok bool) {
	for _, e := range enrolled {
		if e.ID == id {
			return p, json.Unmarshal(e.Open, &p) == nil
		}
	}
	return p, false
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// call asks the vendor. Everything but its proper answer is CodeDependency, an expired token CodeChallengeExpired.
func (f *Factor) call(ctx context.Context, action string, in, out any) error {
	req, err := f.config.Key.Request(ctx, f.base, tc3.Call{Service: service, Action: action, Version: version, Region: f.config.Region}, f.config.Now(), in)
	if err != nil {
		return fmt.Errorf("face: %w", err)
	}
	reply, err := f.client.Do(req)
	if err == nil {
		err = tc3.Open(reply.Body, out)
	}
	if refusal, ok := errors.AsType[*tc3.Error](err); ok && strings.Contains(refusal.Code, "BizTokenExpired") {
		return jieling.Refuse(jieling.CodeChallengeExpired, "这次人脸核身已超时，请重新开始。", "This face verification has timed out. Please start again.")
	}
	if err != nil {
		return away(fmt.Errorf("%s: %w", action, err))
	}
	return nil
}

func away(err error) error {
	e := jieling.Refuse(jieling.CodeDependency,
		"人脸核身服务暂时不可用，请稍后再试，或换一种验证方式。",
		"Face verification cannot be reached at the moment. Please try again later, or choose another way to verify.")
	e.Err = fmt.Errorf("face: %w", err)
	return e
}
