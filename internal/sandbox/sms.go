package sandbox

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/client"
)

// The default caps of the service for one number.
const (
	smsEvery   = 30 * time.Second
	smsPerHour = 5
	smsPerDay  = 10
)

// sms plays Tencent Cloud SMS, the carrier behind it, and everybody's inbox.
type sms struct {
	*party
	appID, sign string
	templates   map[string]string
	mu          sync.Mutex
	inboxes     map[string][]smsMessage // by E.164 number, oldest first
}

// smsMessage is a message as it arrived on a phone.
type smsMessage struct {
	At       time.Time `json:"at"`
	Text     string    `json:"text"`
	Template string    `json:"template"`
	Params   []string  `json:"params"`
	Code     string    `json:"code,omitempty"` // the first parameter, where it is a code
}

// smsInbox is what GET /inbox/{phone} answers, newest message first.
type smsInbox struct {
	Phone    string       `json:"phone"`
	Messages []smsMessage `json:"messages"`
}

func newSMS(c Config, l *looks) *sms {
	s := &sms{
		party: newParty(SMS, client.Text{ZH: "短信", EN: "SMS"},
			client.Text{ZH: "短信通道，以及每部手机的收件箱。", EN: "The SMS carrier, and every phone's inbox."},
			[]string{"SendSms"}, c, l),
		appID: c.Credentials.SMSAppID, sign: c.Credentials.SMSSign, templates: c.Credentials.SMSTemplates,
		inboxes: map[string][]smsMessage{},
	}
	s.state = func() any { return s.all() }
	front := &cloud{service: "sms", version: "2021-01-11", id: c.Credentials.TencentID, key: c.Credentials.TencentKey, now: c.Now}
	front.actions = map[string]func(context.Context, []byte) (map[string]any, error){"SendSms": s.send}
	s.wire("POST /{$}", front.ServeHTTP)
	s.mux.HandleFunc("GET /inbox/{phone}", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, s.inbox(r.PathValue("phone"))) })
	s.page("GET /{$}", func(r *http.Request, v view) templ.Component {
		return v.sms(only(r, s.all(), func(o smsOwner) string { return o.Key }))
	})
	return s
}

// all is every inbox of the cast, in its order.
func (s *sms) all() []smsOwner {
	var all []smsOwner
	for _, p := range People() {
		all = append(all, smsOwner{p.Key, p.Name, s.inbox(p.Phone)})
	}
	return all
}

type smsOwner struct {
	Key   string      `json:"person"`
	Name  client.Text `json:"name"`
	Inbox smsInbox    `json:"inbox"`
}

func (s *sms) inbox(phone string) smsInbox {
	if !strings.HasPrefix(phone, "+") {
		phone = "+" + strings.TrimSpace(phone) // a plus in an address may have come as a space
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	box := smsInbox{Phone: phone, Messages: []smsMessage{}}
	for i := len(s.inboxes[phone]) - 1; i >= 0; i-- {
		box.Messages = append(box.Messages, s.inboxes[phone][i])
	}
	return box
}

type sendSMS struct {
	PhoneNumberSet                                                          []string
	SmsSdkAppId, SignName, TemplateId, SessionContext, ExtendCode, SenderId string //nolint:revive // the wire's spelling
	TemplateParamSet                                                        []string
}

func (s *sms) send(ctx context.Context, body []byte) (map[string]any, error) {
	var in sendSMS
	if err := readParameters(body, &in); err != nil {
		return nil, err
	}
	switch n := len(in.PhoneNumberSet); {
	case n == 0:
		return nil, failed("MissingParameter.EmptyPhoneNumberSet", "PhoneNumberSet is empty.")
	case n > 200:
		return nil, failed("LimitExceeded.PhoneNumberCountLimit", "PhoneNumberSet may hold at most 200 numbers.")
	}
	statuses := []map[string]any{}
	for _, phone := range in.PhoneNumberSet {
		code, message := s.deliver(ctx, phone, in)
		status := map[string]any{
			"SerialNo": "", "PhoneNumber": phone, "Fee": 0, "SessionContext": in.SessionContext, "Code": code, "Message": message, "IsoCode": "CN",
		}
		if code == "Ok" {
			status["SerialNo"], status["Fee"] = "2640:"+requestID(), 1
		}
		statuses = append(statuses, status)
	}
	return map[string]any{"SendStatusSet": statuses}, nil
}

// deliver checks one number as the service does and puts the message into its inbox.
func (s *sms) deliver(ctx context.Context, phone string, in sendSMS) (code, message string) {
	text, known := s.templates[in.TemplateId]
	switch {
	case has(ctx, FaultRefuse):
		return "FailedOperation.InsufficientBalanceInSmsPackage", "insufficient balance in SMS package"
	case in.SmsSdkAppId != s.appID:
		return "UnauthorizedOperation.SmsSdkAppIdVerifyFail", "SmsSdkAppId verify failed"
	case in.SignName != s.sign:
		return "FailedOperation.SignatureIncorrectOrUnapproved", "signature is incorrect or unapproved"
	case !known:
		return "FailedOperation.TemplateIncorrectOrUnapproved", "template is incorrect or unapproved"
	case !fits(text, in.TemplateParamSet):
		return "FailedOperation.TemplateParamSetNotMatchApprovedTemplate", "template parameters do not match the approved template"
	case !regexp.MustCompile(`^\+861[3-9]\d{9}$`).MatchString(phone):
		return "InvalidParameterValue.IncorrectPhoneNumber", "incorrect phone number"
	case has(ctx, FaultLie):
		return "Ok", "send success" // and the message is never seen
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if limit := exceeded(s.inboxes[phone], s.now()); limit != "" {
		return "LimitExceeded." + limit, "the number of messages sent to this number exceeds the limit"
	}
	m := smsMessage{At: s.now(), Text: "【" + s.sign + "】" + filled(text, in.TemplateParamSet), Template: in.TemplateId, Params: in.TemplateParamSet}
	if len(m.Params) > 0 && isCode(m.Params[0]) {
		m.Code = m.Params[0]
	}
	s.inboxes[phone] = append(s.inboxes[phone], m)
	return "Ok", "send success"
}

func exceeded(sent []smsMessage, now time.Time) string {
	within := func(span time.Duration) (n int) {
		for _, m := range sent {
			if now.Sub(m.At) < span {
				n++
			}
		}
		return n
	}
	switch {
	case within(smsEvery) > 0:
		return "PhoneNumberThirtySecondLimit"
	case within(time.Hour) >= smsPerHour:
		return "PhoneNumberOneHourLimit"
	case within(24*time.Hour) >= smsPerDay:
		return "PhoneNumberDailyLimit"
	}
	return ""
}

// fits checks the number of parameters and the rules carriers have for them: short, and no addresses.
func fits(template string, params []string) bool {
	if len(params) != len(regexp.MustCompile(`\{\d\}`).FindAllString(template, -1)) {
		return false
	}
	for _, p := range params {
		if p == "" || len([]rune(p)) > 12 || strings.Contains(p, "://") {
			return false
		}
	}
	return !strings.Contains(template, "验证码") || (len(params) > 0 && isCode(params[0]))
}

func isCode(text string) bool { return regexp.MustCompile(`^\d{4,6}$`).MatchString(text) }

func filled(template string, params []string) string {
	for i, p := range params {
		template = strings.ReplaceAll(template, "{"+strconv.Itoa(i+1)+"}", p)
	}
	return template
}
