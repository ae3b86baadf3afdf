package sandbox

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (s *stand) qrURL(change ...string) string {
	v := url.Values{"appid": {s.keys.WeChatAppID}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"snsapi_login"}, "state": {"st-1"}}
	for i := 0; i < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return s.URL(WeChat) + "/connect/qrconnect?" + v.Encode()
}

func (s *stand) wechatCode(t *testing.T, key string) string {
	t.Helper()
	_, to := s.form(t, s.qrURL(), "person", key, "decision", "allow")
	if to == nil || to.Query().Get("state") != "st-1" {
		t.Fatalf("qrconnect: %v", to)
	}
	return to.Query().Get("code")
}

// sns calls an interface of the Open Platform with the app's credentials, changed as given.
func (s *stand) sns(t *testing.T, path string, change ...string) (int, wechatTokenAnswer) {
	t.Helper()
	v := url.Values{"appid": {s.keys.WeChatAppID}}
	for i := 0; i < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	res, err := s.browser.Get(s.URL(WeChat) + path + "?" + v.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		wechatTokenAnswer
		Code    int    `json:"errcode"`
		Message string `json:"errmsg"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("%s: %s as %s", path, res.Status, res.Header.Get("Content-Type"))
	}
	if (answer.Code != 0) != strings.Contains(answer.Message, ", rid: ") {
		t.Errorf("%s: errcode %d with errmsg %q", path, answer.Code, answer.Message)
	}
	return answer.Code, answer.wechatTokenAnswer
}

func (s *stand) wechatToken(t *testing.T, key string) wechatTokenAnswer {
	t.Helper()
	code, answer := s.sns(t, "/sns/oauth2/access_token", "secret", s.keys.WeChatSecret, "grant_type", "authorization_code", "code", s.wechatCode(t, key))
	if code != 0 {
		t.Fatalf("exchange: %d", code)
	}
	return answer
}

func TestWeChatExchange(t *testing.T) {
	s := newStand(t)
	lin := person(t, "lin")
	answer := s.wechatToken(t, "lin")
	want := wechatTokenAnswer{
		AccessToken: answer.AccessToken, ExpiresIn: 7200, RefreshToken: answer.RefreshToken,
		OpenID: lin.WeChatOpenID, Scope: "snsapi_login", UnionID: lin.WeChatUnionID,
	}
	if diff := cmp.Diff(want, answer); diff != "" || answer.AccessToken == "" {
		t.Error(diff)
	}
	used := s.wechatCode(t, "lin")
	exchange := func(change ...string) int {
		code, _ := s.sns(t, "/sns/oauth2/access_token", append([]string{"secret", s.keys.WeChatSecret, "grant_type", "authorization_code", "code", used}, change...)...)
		return code
	}
	if got := exchange(); got != 0 {
		t.Errorf("first use: %d", got)
	}
	late := s.wechatCode(t, "lin")
	s.clock.Forward(10*time.Minute + time.Second)
	for want, change := range map[int][]string{
		41002: {"appid", ""}, 40013: {"appid", "wx9"}, 41004: {"secret", ""}, 40125: {"secret", "x"}, 40002: {"grant_type", "x"}, 41008: {"code", ""}, 40029: {"code", late},
	} {
		if got := exchange(change...); got != want {
			t.Errorf("%v: %d, want %d", change, got, want)
		}
	}
	fresh := s.wechatCode(t, "lin")
	exchange("code", fresh)
	if got := exchange("code", fresh); got != 40163 {
		t.Errorf("a code used twice: %d", got)
	}
}

func TestWeChatRefresh(t *testing.T) {
	s := newStand(t)
	token := s.wechatToken(t, "lin")
	refresh := func(change ...string) (int, wechatTokenAnswer) {
		return s.sns(t, "/sns/oauth2/refresh_token", append([]string{"grant_type", "refresh_token", "refresh_token", token.RefreshToken}, change...)...)
	}
	s.clock.Forward(time.Hour)
	if code, answer := refresh(); code != 0 || answer.AccessToken != token.AccessToken || answer.ExpiresIn != 7200 || answer.UnionID != "" {
		t.Errorf("while it is good the token is prolonged: %d %+v", code, answer)
	}
	s.clock.Forward(3 * time.Hour)
	if code, _ := s.sns(t, "/sns/auth", "access_token", token.AccessToken, "openid", token.OpenID); code != 42001 {
		t.Errorf("expired: %d", code)
	}
	code, answer := refresh()
	if code != 0 || answer.AccessToken == token.AccessToken {
		t.Errorf("an expired token is replaced: %d %+v", code, answer)
	}
	for want, change := range map[int][]string{41002: {"appid", ""}, 40013: {"appid", "wx9"}, 41003: {"refresh_token", ""}, 40030: {"refresh_token", "x"}, 40002: {"grant_type", ""}} {
		if code, _ := refresh(change...); code != want {
			t.Errorf("%v: %d, want %d", change, code, want)
		}
	}
	s.clock.Forward(31 * 24 * time.Hour)
	if code, _ := refresh(); code != 42002 {
		t.Errorf("after 31 days: %d", code)
	}
}

func TestWeChatAuthAndUserInfo(t *testing.T) {
	s := newStand(t)
	token := s.wechatToken(t, "lin")
	call := func(path string, change ...string) int {
		code, _ := s.sns(t, path, append([]string{"access_token", token.AccessToken, "openid", token.OpenID}, change...)...)
		return code
	}
	for _, path := range []string{"/sns/auth", "/sns/userinfo"} {
		for want, change := range map[int][]string{0: nil, 41001: {"access_token", ""}, 40001: {"access_token", "x"}, 41009: {"openid", ""}, 40003: {"openid", "o"}} {
			if got := call(path, change...); got != want {
				t.Errorf("%s %v: %d, want %d", path, change, got, want)
			}
		}
	}
	phone := s.URL(WeChat) + "/phone/lin/account"
	for _, tt := range []struct {
		act, path string
		want      int
	}{
		{"snapshot", "/sns/userinfo", 48001},
		{"unsnapshot", "/sns/userinfo", 0},
		{"restrict", "/sns/auth", 50002},
		{"unrestrict", "/sns/auth", 0},
		{"withdraw", "/sns/auth", 50001},
	} {
		s.form(t, phone, "act", tt.act)
		if got := call(tt.path); got != tt.want {
			t.Errorf("after %s: %d, want %d", tt.act, got, tt.want)
		}
	}
	s.fault(t, WeChat, Fault{Mode: FaultLie, Op: "auth", Times: 1})
	if got := call("/sns/auth"); got != 0 {
		t.Errorf("a lying WeChat: %d", got)
	}
	token = s.wechatToken(t, "lin")
	s.form(t, phone, "act", "password")
	if got := call("/sns/auth"); got != 42007 {
		t.Errorf("after a changed password: %d", got)
	}
	s.form(t, phone, "act", "snapshot")
	if got := s.wechatToken(t, "lin"); got.SnapshotUser != 1 {
		t.Error("a snapshot user is not marked")
	}
}

func TestWeChatRefusalStaysOnThePage(t *testing.T) {
	s := newStand(t)
	if _, to := s.form(t, s.qrURL(), "person", "lin", "decision", "deny"); to != nil {
		t.Errorf("sent on to %v", to)
	}
	for _, change := range [][]string{{"appid", "wx9"}, {"scope", "snsapi_base"}, {"redirect_uri", "data:text/html,x"}, {"response_type", "token"}} {
		if _, to := s.form(t, s.qrURL(change...), "person", "lin", "decision", "allow"); to != nil {
			t.Errorf("%v: sent on to %v", change, to)
		}
	}
}

// asked is what a product's back end sent to Jieling.
type asked struct {
	Key, Idempotency, Path string
	Body                   handoff
}

func (s *stand) attachTo(t *testing.T, status int, answer string) *[]asked {
	t.Helper()
	var got []asked
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := asked{Key: r.Header.Get("Authorization"), Idempotency: r.Header.Get("Idempotency-Key"), Path: r.Method + " " + r.URL.Path}
		if err := json.NewDecoder(r.Body).Decode(&a.Body); err != nil {
			t.Error(err)
		}
		got = append(got, a)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	s.Attach(Product{
		BaseURL: server.URL + "/", APIKey: "jk_test",
		Accounts: map[string]string{"lin": "acc_lin", "zhao": "acc_zhao"}, Devices: map[string]string{"lin": "dev_lin", "zhao": "dev_zhao"},
	})
	return &got
}

func TestPhoneOpensTheSecurityCentre(t *testing.T) {
	s := newStand(t)
	got := s.attachTo(t, http.StatusCreated, `{"url":"/h/one-time"}`)
	for _, tt := range []struct {
		person, path string
		form         []string
		want         handoff
	}{
		{"lin", "open", []string{"platform", "android"}, handoff{Account: "acc_lin", Platform: "android", Device: "dev_lin"}},
		{"lin", "open", []string{"platform", "ios", "next", "/cases/case_1"}, handoff{Account: "acc_lin", Platform: "ios", Device: "dev_lin", Next: "/cases/case_1"}},
		{"zhao", "open", []string{"platform", "web"}, handoff{Account: "acc_zhao", Platform: "web"}},
		{"zhao", "scan", []string{"code", " K7M2P9QX "}, handoff{Account: "acc_zhao", Platform: "android", Device: "dev_zhao", Next: "/approve/K7M2P9QX"}},
		{"zhao", "scan", []string{"code", "http://127.0.0.1:8420/approve/K7M2P9QX?lang=en"}, handoff{Account: "acc_zhao", Platform: "android", Device: "dev_zhao", Next: "/approve/K7M2P9QX"}},
	} {
		*got = nil
		status, to := s.form(t, s.URL(WeChat)+"/phone/"+tt.person+"/"+tt.path, tt.form...)
		if status != http.StatusSeeOther || !strings.HasSuffix(to.String(), "/h/one-time") {
			t.Errorf("%v: %d %v", tt.form, status, to)
			continue
		}
		a := (*got)[0]
		if a.Key != "Bearer jk_test" || a.Idempotency == "" || a.Path != "POST /v1/handoffs" {
			t.Errorf("%+v", a)
		}
		if diff := cmp.Diff(tt.want, a.Body); diff != "" {
			t.Errorf("%v:\n%s", tt.form, diff)
		}
	}
}

func TestPhoneSaysWhatWentWrong(t *testing.T) {
	s := newStand(t)
	phone := s.URL(WeChat) + "/phone/"
	if status, _ := s.form(t, phone+"lin/open", "platform", "web"); status != http.StatusConflict {
		t.Errorf("not attached: %d", status)
	}
	got := s.attachTo(t, http.StatusForbidden, `{"detail":"this key may not do that"}`)
	if status, _ := s.form(t, phone+"lin/open", "platform", "web"); status != http.StatusBadGateway {
		t.Errorf("refused by Jieling: %d", status)
	}
	*got = nil
	for _, code := range []string{"", "!!", "http://evil.example/other/K7M2P9QX", "../../etc"} {
		if status, _ := s.form(t, phone+"lin/scan", "code", code); status != http.StatusBadRequest {
			t.Errorf("scanning %q: %d", code, status)
		}
	}
	if status, _ := s.form(t, phone+"lin/open", "platform", "toaster"); status != http.StatusBadRequest {
		t.Errorf("toaster: %d", status)
	}
	if len(*got) != 0 {
		t.Errorf("Jieling was asked all the same: %+v", *got)
	}
}
