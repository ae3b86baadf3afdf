package sandbox

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// signTC3 is written from the description of the signature method alone and shares nothing with the party's own code. Headers
// are the signed ones, in order, as name and value.
func signTC3(id, key, service string, headers [][2]string, at time.Time, body []byte) string {
	mac := func(k []byte, s string) []byte {
		h := hmac.New(sha256.New, k)
		io.WriteString(h, s)
		return h.Sum(nil)
	}
	digest := func(b []byte) string { d := sha256.Sum256(b); return hex.EncodeToString(d[:]) }
	day := at.UTC().Format("2006-01-02")
	var lines, names string
	for _, h := range headers {
		lines += h[0] + ":" + h[1] + "\n"
		names += ";" + h[0]
	}
	names = names[1:]
	request := "POST\n/\n\n" + lines + "\n" + names + "\n" + digest(body)
	scope := fmt.Sprintf("%s/%s/tc3_request", day, service)
	text := fmt.Sprintf("TC3-HMAC-SHA256\n%d\n%s\n%s", at.Unix(), scope, digest([]byte(request)))
	signing := mac(mac(mac([]byte("TC3"+key), day), service), "tc3_request")
	return fmt.Sprintf("TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%x", id, scope, names, mac(signing, text))
}

// The vector was computed outside Go, with Python's hmac and hashlib, from the description of the signature method.
func TestTC3Vector(t *testing.T) {
	c := &cloud{service: "sms", id: "AKIDEXAMPLE", key: "example-key"}
	r, err := http.NewRequest(http.MethodPost, "http://sms.example.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	const want = "e75ac9fad34467f569b0873ffd44fbe27d418be3b04705f56ab72f25d42018fb"
	if got := c.signature(r, "content-type;host", time.Unix(1767225600, 0), []byte(`{"Limit":1}`)); got != want {
		t.Errorf("signature %s", got)
	}
}

type cloudCall struct {
	id, key, service, action, version string
	at                                time.Time
	body                              any
	headers                           func(host string) [][2]string
	tamper                            func(*http.Request)
}

type cloudAnswer struct {
	Error         *struct{ Code, Message string }
	RequestID     string `json:"RequestId"`
	SendStatusSet []map[string]any
	URL           string `json:"Url"`
	BizToken      string
	Text          map[string]any
}

func (s *stand) cloud(t *testing.T, party string, action string, body any, change ...func(*cloudCall)) cloudAnswer {
	t.Helper()
	const contentType = "application/json; charset=utf-8"
	call := cloudCall{id: s.keys.TencentID, key: s.keys.TencentKey, action: action, at: s.clock.Now(), body: body, tamper: func(*http.Request) {}}
	call.headers = func(host string) [][2]string { return [][2]string{{"content-type", contentType}, {"host", host}} }
	call.service, call.version = "sms", "2021-01-11"
	if party == Face {
		call.service, call.version = "faceid", "2018-03-01"
	}
	for _, c := range change {
		c(&call)
	}
	raw, err := json.Marshal(call.body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL(party)+"/", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-TC-Action", call.action)
	req.Header.Set("X-TC-Version", call.version)
	req.Header.Set("X-TC-Timestamp", strconv.FormatInt(call.at.Unix(), 10))
	req.Header.Set("Authorization", signTC3(call.id, call.key, call.service, call.headers(req.URL.Host), call.at, raw))
	call.tamper(req)
	res, err := s.browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var envelope struct{ Response cloudAnswer }
	if err := json.NewDecoder(res.Body).Decode(&envelope); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || envelope.Response.RequestID == "" {
		t.Errorf("%s: %s, request ID %q", action, res.Status, envelope.Response.RequestID)
	}
	return envelope.Response
}

func (s *stand) sendTo(t *testing.T, phone string, change ...func(map[string]any)) cloudAnswer {
	t.Helper()
	body := map[string]any{
		"PhoneNumberSet": []string{phone}, "SmsSdkAppId": s.keys.SMSAppID, "SignName": s.keys.SMSSign,
		"TemplateId": "1000001", "TemplateParamSet": []string{"123456", "5"}, "SessionContext": "op_1",
	}
	for _, c := range change {
		c(body)
	}
	return s.cloud(t, SMS, "SendSms", body)
}

func smsCode(t *testing.T, a cloudAnswer) string {
	t.Helper()
	if a.Error != nil {
		return a.Error.Code
	}
	if len(a.SendStatusSet) != 1 {
		t.Fatalf("%+v", a)
	}
	return a.SendStatusSet[0]["Code"].(string)
}

func TestTC3Refusals(t *testing.T) {
	s := newStand(t)
	for _, tt := range []struct {
		name, want string
		change     func(*cloudCall)
	}{
		{"unknown key", "AuthFailure.SecretIdNotFound", func(c *cloudCall) { c.id = "AKIDother" }},
		{"wrong key", "AuthFailure.SignatureFailure", func(c *cloudCall) { c.key = "other" }},
		{"another service", "AuthFailure.SignatureFailure", func(c *cloudCall) { c.service = "cvm" }},
		{"another body", "AuthFailure.SignatureFailure", func(c *cloudCall) {
			c.tamper = func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("{ }")), 3 }
		}},
		{"another content type", "AuthFailure.SignatureFailure", func(c *cloudCall) {
			c.tamper = func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }
		}},
		{"host not signed", "AuthFailure.SignatureFailure", func(c *cloudCall) {
			c.headers = func(string) [][2]string { return [][2]string{{"content-type", "application/json; charset=utf-8"}} }
		}},
		{"content type not signed", "AuthFailure.SignatureFailure", func(c *cloudCall) {
			c.headers = func(host string) [][2]string { return [][2]string{{"host", host}} }
		}},
		{"more headers signed, as some clients do", "MissingParameter.EmptyPhoneNumberSet", func(c *cloudCall) {
			c.headers = func(host string) [][2]string {
				return [][2]string{{"content-type", "application/json; charset=utf-8"}, {"host", host}, {"x-tc-action", "sendsms"}}
			}
		}},
		{"another day in the credential", "AuthFailure.SignatureFailure", func(c *cloudCall) {
			c.tamper = func(r *http.Request) {
				r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "2026-11-22", "2026-11-21", 1))
			}
		}},
		{"six minutes old", "AuthFailure.SignatureExpire", func(c *cloudCall) { c.at = c.at.Add(-6 * time.Minute) }},
		{"six minutes ahead", "AuthFailure.SignatureExpire", func(c *cloudCall) { c.at = c.at.Add(6 * time.Minute) }},
		{"no authorization", "AuthFailure.InvalidAuthorization", func(c *cloudCall) { c.tamper = func(r *http.Request) { r.Header.Del("Authorization") } }},
		{"no timestamp", "MissingParameter", func(c *cloudCall) { c.tamper = func(r *http.Request) { r.Header.Del("X-TC-Timestamp") } }},
		{"unknown action", "InvalidAction", func(c *cloudCall) { c.action = "SendFax" }},
		{"another version", "NoSuchVersion", func(c *cloudCall) { c.version = "2017-01-01" }},
		{"unknown parameter", "UnknownParameter", func(c *cloudCall) { c.body = map[string]any{"Fax": 1} }},
		{"nobody to send to", "MissingParameter.EmptyPhoneNumberSet", func(c *cloudCall) { c.body = map[string]any{} }},
	} {
		answer := s.cloud(t, SMS, "SendSms", map[string]any{}, tt.change)
		if answer.Error == nil || answer.Error.Code != tt.want {
			t.Errorf("%s: %+v, want %s", tt.name, answer.Error, tt.want)
		}
	}
}

func TestSMSArrives(t *testing.T) {
	s := newStand(t)
	lin := person(t, "lin")
	status := s.sendTo(t, lin.Phone).SendStatusSet[0]
	want := map[string]any{"SerialNo": status["SerialNo"], "PhoneNumber": lin.Phone, "Fee": 1.0, "SessionContext": "op_1", "Code": "Ok", "Message": "send success", "IsoCode": "CN"}
	if diff := cmp.Diff(want, status); diff != "" || status["SerialNo"] == "" {
		t.Error(diff)
	}
	for _, address := range []string{"/inbox/" + lin.Phone, "/inbox/%2B8613800000001", "/inbox/8613800000001"} {
		_, body := s.get(t, s.URL(SMS)+address)
		box := decode[smsInbox](t, body)
		if box.Phone != lin.Phone || len(box.Messages) != 1 || box.Messages[0].Code != "123456" || !strings.Contains(box.Messages[0].Text, "【解铃】您的验证码为123456，5分钟内有效") {
			t.Errorf("%s: %s", address, body)
		}
	}
	if _, page := s.get(t, s.URL(SMS)+"/"); !strings.Contains(page, "123456") {
		t.Error("the inbox page does not show the message")
	}
}

func TestSMSRefusals(t *testing.T) {
	s := newStand(t)
	set := func(key string, value any) func(map[string]any) { return func(m map[string]any) { m[key] = value } }
	for _, tt := range []struct {
		want, phone string
		change      func(map[string]any)
	}{
		{"UnauthorizedOperation.SmsSdkAppIdVerifyFail", "+8613800000001", set("SmsSdkAppId", "1")},
		{"FailedOperation.SignatureIncorrectOrUnapproved", "+8613800000001", set("SignName", "别人")},
		{"FailedOperation.TemplateIncorrectOrUnapproved", "+8613800000001", set("TemplateId", "9")},
		{"FailedOperation.TemplateParamSetNotMatchApprovedTemplate", "+8613800000001", set("TemplateParamSet", []string{"123456"})},
		{"FailedOperation.TemplateParamSetNotMatchApprovedTemplate", "+8613800000001", set("TemplateParamSet", []string{"abcdef", "5"})},
		{"FailedOperation.TemplateParamSetNotMatchApprovedTemplate", "+8613800000001", set("TemplateParamSet", []string{"123456", "https://a.b"})},
		{"InvalidParameterValue.IncorrectPhoneNumber", "+86138", func(map[string]any) {}},
	} {
		if got := smsCode(t, s.sendTo(t, tt.phone, tt.change)); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
	if _, body := s.get(t, s.URL(SMS)+"/inbox/+8613800000001"); len(decode[smsInbox](t, body).Messages) != 0 {
		t.Errorf("something arrived: %s", body)
	}
}

func TestSMSLimits(t *testing.T) {
	s := newStand(t)
	const phone = "+8613800000001"
	send := func() string { return strings.TrimPrefix(smsCode(t, s.sendTo(t, phone)), "LimitExceeded.PhoneNumber") }
	if got := send(); got != "Ok" {
		t.Fatal(got)
	}
	if got := send(); got != "ThirtySecondLimit" {
		t.Errorf("at once: %s", got)
	}
	if got := smsCode(t, s.sendTo(t, "+8613800000002")); got != "Ok" {
		t.Errorf("another number: %s", got)
	}
	for range 4 {
		s.clock.Forward(31 * time.Second)
		if got := send(); got != "Ok" {
			t.Errorf("within the hour: %s", got)
		}
	}
	s.clock.Forward(31 * time.Second)
	if got := send(); got != "OneHourLimit" {
		t.Errorf("the sixth: %s", got)
	}
	s.clock.Forward(time.Hour)
	for range 5 {
		s.clock.Forward(13 * time.Minute)
		if got := send(); got != "Ok" {
			t.Errorf("within the day: %s", got)
		}
	}
	s.clock.Forward(2 * time.Hour)
	if got := send(); got != "DailyLimit" {
		t.Errorf("the eleventh: %s", got)
	}
	s.clock.Forward(24 * time.Hour)
	if got := send(); got != "Ok" {
		t.Errorf("the next day: %s", got)
	}
}

func TestSMSFaults(t *testing.T) {
	s := newStand(t)
	const phone = "+8613800000001"
	s.fault(t, SMS, Fault{Mode: FaultRefuse, Times: 1})
	if got := smsCode(t, s.sendTo(t, phone)); got != "FailedOperation.InsufficientBalanceInSmsPackage" {
		t.Errorf("refuse: %s", got)
	}
	s.fault(t, SMS, Fault{Mode: FaultLie, Op: "SendSms", Times: 1})
	if got := smsCode(t, s.sendTo(t, phone)); got != "Ok" {
		t.Errorf("lie: %s", got)
	}
	if _, body := s.get(t, s.URL(SMS)+"/inbox/"+phone); len(decode[smsInbox](t, body).Messages) != 0 {
		t.Errorf("a message that never was arrived: %s", body)
	}
}

func (s *stand) detect(t *testing.T) cloudAnswer {
	t.Helper()
	return s.cloud(t, Face, "DetectAuth", map[string]any{"RuleId": "1", "RedirectUrl": "http://127.0.0.1:1/back?case=1", "Extra": "chl_1"})
}

func (s *stand) faceText(t *testing.T, token string) map[string]any {
	t.Helper()
	answer := s.cloud(t, Face, "GetDetectInfoEnhanced", map[string]any{"BizToken": token, "RuleId": "1", "InfoType": "1"})
	if answer.Error != nil {
		t.Fatal(answer.Error)
	}
	return answer.Text
}

func TestFaceOnThePage(t *testing.T) {
	s := newStand(t)
	for outcome, want := range map[string]any{"pass": 0.0, "fail": 1004.0} {
		d := s.detect(t)
		if text := s.faceText(t, d.BizToken); text["ErrCode"] != nil || len(text["LivenessDetail"].([]any)) != 0 || text["Extra"] != "chl_1" {
			t.Errorf("before: %v", text)
		}
		if status, page := s.get(t, d.URL); status != http.StatusOK || !strings.Contains(page, `value="leave"`) {
			t.Errorf("page: %d", status)
		}
		_, to := s.form(t, d.URL, "outcome", outcome)
		if to == nil || to.Query().Get("BizToken") != d.BizToken || to.Query().Get("case") != "1" {
			t.Errorf("%s: sent on to %v", outcome, to)
		}
		if text := s.faceText(t, d.BizToken); text["ErrCode"] != want || len(text["LivenessDetail"].([]any)) != 1 {
			t.Errorf("%s: %v", outcome, text)
		}
		if status, _ := s.form(t, d.URL, "outcome", "pass"); status != http.StatusConflict {
			t.Errorf("%s, and then again: %d", outcome, status)
		}
	}
	d := s.detect(t)
	if _, to := s.form(t, d.URL, "outcome", "leave"); to != nil {
		t.Errorf("whoever walks away is sent on to %v", to)
	}
	if text := s.faceText(t, d.BizToken); text["ErrCode"] != nil {
		t.Errorf("after walking away: %v", text)
	}
	if _, to := s.form(t, d.URL, "outcome", "pass"); to == nil {
		t.Error("whoever walked away cannot come back")
	}
}

func TestFaceHookForScripts(t *testing.T) {
	s := newStand(t)
	d := s.detect(t)
	status, body := s.postJSON(t, s.URL(Face)+"/_play", map[string]string{"biz_token": d.BizToken, "outcome": "pass"})
	if status != http.StatusOK || !strings.Contains(body, d.BizToken) {
		t.Errorf("%d %s", status, body)
	}
	if text := s.faceText(t, d.BizToken); text["ErrCode"] != 0.0 {
		t.Errorf("%v", text)
	}
	if status, _ := s.postJSON(t, s.URL(Face)+"/_play", map[string]string{"biz_token": "x", "outcome": "pass"}); status != http.StatusConflict {
		t.Errorf("unknown token: %d", status)
	}
	if _, state := s.get(t, s.URL(Face)+"/_state"); !strings.Contains(state, `"outcome":"pass"`) {
		t.Errorf("state: %s", state)
	}
}

func TestFaceRefusals(t *testing.T) {
	s := newStand(t)
	code := func(a cloudAnswer) string {
		if a.Error == nil {
			return "Ok"
		}
		return a.Error.Code
	}
	for want, body := range map[string]map[string]any{
		"InvalidParameterValue.RuleIdNotExist": {"RuleId": "9"},
		"InvalidParameter":                     {"RuleId": "1", "RedirectUrl": "javascript:1"},
	} {
		if got := code(s.cloud(t, Face, "DetectAuth", body)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := code(s.cloud(t, Face, "GetDetectInfoEnhanced", map[string]any{"BizToken": "x", "RuleId": "1"})); got != "InvalidParameterValue.BizTokenIllegal" {
		t.Errorf("unknown token: %s", got)
	}
	d, decided := s.detect(t), s.detect(t)
	s.fault(t, Face, Fault{Mode: FaultLie, Op: "GetDetectInfoEnhanced", Times: 1})
	if text := s.faceText(t, d.BizToken); text["ErrCode"] != 0.0 {
		t.Errorf("a lying vendor: %v", text)
	}
	s.form(t, decided.URL, "outcome", "pass")
	s.clock.Forward(2*time.Hour + time.Second)
	if status, _ := s.form(t, d.URL, "outcome", "pass"); status != http.StatusConflict {
		t.Errorf("after two hours: %d", status)
	}
	if got := code(s.cloud(t, Face, "GetDetectInfoEnhanced", map[string]any{"BizToken": d.BizToken, "RuleId": "1"})); got != "InvalidParameterValue.BizTokenExpired" {
		t.Errorf("after two hours: %s", got)
	}
	if text := s.faceText(t, decided.BizToken); text["ErrCode"] != 0.0 {
		t.Errorf("what was decided before is kept: %v", text)
	}
}
