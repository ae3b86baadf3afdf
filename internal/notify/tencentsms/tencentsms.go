// Package tencentsms delivers messages as SMS through Tencent Cloud (SendSms, 2021-01-11). The gateway sends approved
// templates, not free text: a code goes out by one template, every notice by another, and the wording a person reads is the
// one filed with the carriers.
//
// The gateway does not recognise a repeat: a message whose answer was lost may arrive twice, with the same code, which is
// harmless. The caller's id travels as SessionContext, so that both can be found in the gateway's records.
package tencentsms

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/notify"
	"github.com/jieling-id/jieling/internal/outbound"
	"github.com/jieling-id/jieling/internal/tc3"
)

// Config says where the gateway is and what was approved there.
type Config struct {
	BaseURL string // "https://sms.tencentcloudapi.com"
	Key     tc3.Key
	AppID   string           // SmsSdkAppId
	Sign    string           // the approved signature, without brackets
	Code    string           // template for codes, with two parameters: the code and its minutes
	Notice  string           // template for notices, with one parameter: what it is about; empty: notices are not sent
	Link    string           // template for notices that can be denied, with three: what it is about, and the link's token in two halves, because carriers bound a parameter; empty: sent as plain notices
	Region  string           // empty means ap-guangzhou
	Now     func() time.Time // signs requests; nil means time.Now
}

// Sender is the gateway.
type Sender struct {
	base   *url.URL
	config Config
	client *outbound.Client
}

var _ notify.Sender = (*Sender)(nil)

// New checks the configuration.
func New(c Config) (*Sender, error) {
	base, err := outbound.Base(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("sms: %w", err)
	}
	if c.Key.ID == "" || c.Key.Secret == "" || c.AppID == "" || c.Sign == "" || c.Code == "" {
		return nil, errors.New("sms: key pair, application, signature and the template for codes are needed")
	}
	if c.Region == "" {
		c.Region = "ap-guangzhou"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Sender{base, c, outbound.New()}, nil
}

// ask is SendSms for one number, and told its answer.
type (
	ask struct {
		Numbers  []string `json:"PhoneNumberSet"`
		AppID    string   `json:"SmsSdkAppId"`
		Sign     string   `json:"SignName"`
		Template string   `json:"TemplateId"`
		Params   []string `json:"TemplateParamSet"`
		Context  string   `json:"SessionContext"`
	}
	told struct {
		SendStatusSet []struct{ Code, PhoneNumber, SessionContext string }
	}
)

// Send hands one message to the gateway. An error that wraps [notify.ErrFinal] cannot be mended by another try; one with
// CodeTooMany says in After when the gateway's limit for this number ends; everything else is CodeDependency.
func (s *Sender) Send(ctx context.Context, id string, m jieling.Message) error {
	in := ask{Numbers: []string{m.To}, AppID: s.config.AppID, Sign: s.config.Sign, Context: id}
	switch {
	case m.Code != "":
		in.Template, in.Params = s.config.Code, []string{m.Code, strconv.Itoa(m.Minutes)}
	case m.Link != "" && s.config.Link != "":
		half := (len(m.Link) + 1) / 2
		in.Template, in.Params = s.config.Link, []string{about(m), m.Link[:half], m.Link[half:]}
	case s.config.Notice != "":
		in.Template, in.Params = s.config.Notice, []string{about(m)}
	default:
		return fmt.Errorf("sms: no template for notices: %w", notify.ErrFinal)
	}
	var out told
	if err := s.call(ctx, in, &out); err != nil {
		return err
	}
	if len(out.SendStatusSet) != 1 || out.SendStatusSet[0].PhoneNumber != m.To || out.SendStatusSet[0].SessionContext != id {
		return away(errors.New("the gateway answered for another message"))
	}
	return judge(out.SendStatusSet[0].Code, m)
}

// maxParam is the carriers' bound on a template's parameter, in characters.
const maxParam = 12

func about(m jieling.Message) string {
	if m.About == "" || len([]rune(m.About)) > maxParam {
		return "账号变动"
	}
	return m.About
}

func (s *Sender) call(ctx context.Context, in ask, out *told) error {
	call := tc3.Call{Service: "sms", Action: "SendSms", Version: "2021-01-11", Region: s.config.Region}
	req, err := s.config.Key.Request(ctx, s.base, call, s.config.Now(), in)
	if err != nil {
		return fmt.Errorf("sms: %w", err)
	}
	reply, err := s.client.Do(req)
	if err == nil {
		err = tc3.Open(reply.Body, out)
	}
	if refusal, ok := errors.AsType[*tc3.Error](err); ok {
		return judge(refusal.Code, jieling.Message{})
	}
	if err != nil {
		return away(err)
	}
	return nil
}

// limits are the gateway's caps for one number and when they end at the latest.
var limits = map[string]time.Duration{
	"LimitExceeded.PhoneNumberThirtySecondLimit":     30 * time.Second,
	"LimitExceeded.PhoneNumberOneHourLimit":          time.Hour,
	"LimitExceeded.PhoneNumberDailyLimit":            24 * time.Hour,
	"LimitExceeded.PhoneNumberSameContentDailyLimit": 24 * time.Hour,
}

// judge tells what a code means for the message. A code that would be stale when the limit ends is not sent again.
func judge(code string, m jieling.Message) error {
	after, limited := limits[code]
	code = tc3.Known(code)
	switch {
	case code == "Ok":
		return nil
	case limited && m.Code != "" && after >= time.Duration(m.Minutes)*time.Minute:
		return fmt.Errorf("sms: %s, which outlasts the code: %w", code, notify.ErrFinal)
	case limited:
		e := jieling.Refuse(jieling.CodeTooMany, "这个号码的短信太多了，请稍后再试。", "This number has had too many messages. Please try again later.")
		e.After, e.Err = after, fmt.Errorf("sms: %s", code)
		return e
	case passing(code):
		return away(fmt.Errorf("refused with %s", code))
	default:
		return fmt.Errorf("sms: refused with %s: %w", code, notify.ErrFinal)
	}
}

// passing tells codes that time, or whoever pays the bill, mends from those that say the message or the configuration is
// wrong.
func passing(code string) bool {
	for _, prefix := range []string{"InternalError", "RequestLimitExceeded", "LimitExceeded", "ResourceUnavailable", "FailedOperation.InsufficientBalance"} {
		if strings.HasPrefix(code, prefix) {
			return true
		}
	}
	return false
}

func away(err error) error {
	e := jieling.Refuse(jieling.CodeDependency, "短信暂时发不出去，请稍后再试。", "The message cannot be sent at the moment. Please try again later.")
	e.Err = fmt.Errorf("sms: %w", err)
	return e
}
