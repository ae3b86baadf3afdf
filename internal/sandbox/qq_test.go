package sandbox

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

const callback = "http://127.0.0.1:1/callback/qq/link"

func (s *stand) qqAuthorizeURL(change ...string) string {
	v := url.Values{"response_type": {"code"}, "client_id": {s.keys.QQAppID}, "redirect_uri": {callback}, "state": {"st-1"}, "scope": {"get_user_info"}}
	for i := 0; i < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return s.URL(QQ) + "/oauth2.0/authorize?" + v.Encode()
}

func (s *stand) qqCode(t *testing.T, key string) string {
	t.Helper()
	status, to := s.form(t, s.qqAuthorizeURL(), "person", key, "decision", "allow")
	if status != http.StatusFound || to.Query().Get("state") != "st-1" || !strings.HasPrefix(to.String(), callback+"?") {
		t.Fatalf("authorise: %d %v", status, to)
	}
	return to.Query().Get("code")
}

func (s *stand) qqTokenURL(change ...string) string {
	v := url.Values{"grant_type": {"authorization_code"}, "client_id": {s.keys.QQAppID}, "client_secret": {s.keys.QQAppKey}, "redirect_uri": {callback}}
	for i := 0; i < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return s.URL(QQ) + "/oauth2.0/token?" + v.Encode()
}

// qqToken signs a person in and gives their access and refresh token.
func (s *stand) qqToken(t *testing.T, key string) (access, refresh string) {
	t.Helper()
	_, body := s.get(t, s.qqTokenURL("code", s.qqCode(t, key), "fmt", "json"))
	answer := decode[qqTokenAnswer](t, body)
	if answer.AccessToken == "" {
		t.Fatalf("token: %s", body)
	}
	return answer.AccessToken, answer.RefreshToken
}

// qqErrorIn reads the code of an error in either format.
func qqErrorIn(t *testing.T, body string) int {
	t.Helper()
	body = strings.TrimSpace(body)
	body = strings.TrimSuffix(strings.TrimPrefix(body, "callback("), ");")
	return decode[qqFailed](t, body).Error
}

func TestQQTokenFormats(t *testing.T) {
	s := newStand(t)
	status, form := s.get(t, s.qqTokenURL("code", s.qqCode(t, "lin"), "need_openid", "1"))
	v, err := url.ParseQuery(form)
	if err != nil || status != http.StatusOK || v.Get("access_token") == "" || v.Get("expires_in") != "7776000" || v.Get("openid") != person(t, "lin").QQOpenID {
		t.Errorf("form: %d %s", status, form)
	}
	_, body := s.get(t, s.qqTokenURL("code", s.qqCode(t, "lin"), "fmt", "json"))
	if answer := decode[qqTokenAnswer](t, body); answer.ExpiresIn != 7776000 || answer.RefreshToken == "" || answer.OpenID != "" {
		t.Errorf("JSON: %s", body)
	}
	status, body = s.get(t, s.qqTokenURL("code", "NEVERISSUED"))
	if status != http.StatusOK || !regexp.MustCompile(`^callback\( *\{"error":100019,"error_description":"code to access token error"\} *\);\n$`).MatchString(body) {
		t.Errorf("JSONP error: %d %q", status, body)
	}
	status, body = s.get(t, s.qqTokenURL("code", "NEVERISSUED", "fmt", "json"))
	if status != http.StatusOK || strings.TrimSpace(body) != `{"error":100019,"error_description":"code to access token error"}` {
		t.Errorf("JSON error: %d %q", status, body)
	}
}

func TestQQTokenErrors(t *testing.T) {
	s := newStand(t)
	late := s.qqCode(t, "lin")
	s.clock.Forward(10*time.Minute + time.Second)
	for _, tt := range []struct {
		name   string
		change []string
		want   int
	}{
		{"no client_id", []string{"client_id", ""}, 100001},
		{"no client_secret", []string{"client_secret", ""}, 100002},
		{"foreign client_id", []string{"client_id", "1"}, 100008},
		{"wrong secret", []string{"client_secret", "x"}, 100009},
		{"no grant_type", []string{"grant_type", ""}, 100004},
		{"no code", nil, 100005},
		{"code after ten minutes", []string{"code", late}, 100019},
		{"code for another page", []string{"code", s.qqCode(t, "lin"), "redirect_uri", "http://127.0.0.1:1/other"}, 100010},
		{"no refresh_token", []string{"grant_type", "refresh_token"}, 100006},
		{"unknown refresh_token", []string{"grant_type", "refresh_token", "refresh_token", "x"}, 100022},
	} {
		if _, body := s.get(t, s.qqTokenURL(tt.change...)); qqErrorIn(t, body) != tt.want {
			t.Errorf("%s: %s, want %d", tt.name, body, tt.want)
		}
	}
	fresh := s.qqCode(t, "lin")
	s.get(t, s.qqTokenURL("code", fresh))
	if _, body := s.get(t, s.qqTokenURL("code", fresh)); qqErrorIn(t, body) != 100020 {
		t.Errorf("a fresh code used twice: %s", body)
	}
}

func TestQQRefreshRetiresTheOldPair(t *testing.T) {
	s := newStand(t)
	access, refresh := s.qqToken(t, "lin")
	_, body := s.get(t, s.qqTokenURL("grant_type", "refresh_token", "refresh_token", refresh, "fmt", "json"))
	renewed := decode[qqTokenAnswer](t, body)
	if renewed.AccessToken == access || renewed.RefreshToken == refresh || renewed.AccessToken == "" {
		t.Fatalf("renewed: %s", body)
	}
	if _, body := s.get(t, s.qqTokenURL("grant_type", "refresh_token", "refresh_token", refresh)); qqErrorIn(t, body) != 100022 {
		t.Errorf("the old refresh token: %s", body)
	}
}

func TestQQMe(t *testing.T) {
	s := newStand(t)
	access, _ := s.qqToken(t, "lin")
	me := s.URL(QQ) + "/oauth2.0/me?access_token=" + access
	lin := person(t, "lin")
	if _, body := s.get(t, me); !regexp.MustCompile(`^callback\( *\{"client_id":"101000001","openid":"` + lin.QQOpenID + `"\} *\);\n$`).MatchString(body) {
		t.Errorf("JSONP: %q", body)
	}
	if _, body := s.get(t, me+"&unionid=1&fmt=json"); !strings.Contains(body, `"unionid":"`+lin.QQUnionID+`"`) {
		t.Errorf("unionid: %q", body)
	}
	widths := map[int]bool{}
	for range 64 {
		_, body := s.get(t, me)
		widths[len(body)] = true
	}
	if len(widths) < 2 {
		t.Error("the spaces inside callback( ) never change")
	}
	s.postJSON(t, s.URL(QQ)+"/_switch", map[string]bool{"unionid": false})
	for address, want := range map[string]int{
		me + "&unionid=1":                                                 100048,
		s.URL(QQ) + "/oauth2.0/me":                                        100007,
		s.URL(QQ) + "/oauth2.0/me?access_token=short":                     100013,
		s.URL(QQ) + "/oauth2.0/me?access_token=" + "ABCDEFGHIJKLMNOPQRST": 100016,
	} {
		if _, body := s.get(t, address); qqErrorIn(t, body) != want {
			t.Errorf("%s: %s, want %d", address, body, want)
		}
	}
	s.clock.Forward(91 * 24 * time.Hour)
	if _, body := s.get(t, me+"&fmt=json"); qqErrorIn(t, body) != 100014 {
		t.Errorf("after 91 days: %s", body)
	}
}

func TestQQUserInfo(t *testing.T) {
	s := newStand(t)
	access, _ := s.qqToken(t, "lin")
	lin := person(t, "lin")
	info := func(key, openid string) int {
		_, body := s.get(t, s.URL(QQ)+"/user/get_user_info?access_token="+access+"&oauth_consumer_key="+key+"&openid="+openid)
		answer := decode[struct {
			Ret      int
			Nickname string
		}](t, body)
		if answer.Ret == 0 && answer.Nickname != "林小满" {
			t.Errorf("nickname in %s", body)
		}
		if strings.Contains(body, lin.QQ) {
			t.Error("the QQ number is shown")
		}
		return answer.Ret
	}
	if got := info(s.keys.QQAppID, lin.QQOpenID); got != 0 {
		t.Errorf("ret %d", got)
	}
	if got := info("1", lin.QQOpenID); got != 100008 {
		t.Errorf("foreign app: ret %d", got)
	}
	if got := info(s.keys.QQAppID, "X"); got != -1 {
		t.Errorf("foreign openid: ret %d", got)
	}
	s.form(t, s.URL(QQ)+"/people/lin", "act", "remove")
	if got := info(s.keys.QQAppID, lin.QQOpenID); got != 100030 {
		t.Errorf("permission removed: ret %d", got)
	}
	s.postJSON(t, s.URL(QQ)+"/_switch", map[string]bool{"profile": false})
	if got := info(s.keys.QQAppID, lin.QQOpenID); got != 100031 {
		t.Errorf("app without the API: ret %d", got)
	}
}

func TestQQGrantWithdrawn(t *testing.T) {
	s := newStand(t)
	access, refresh := s.qqToken(t, "lin")
	other, _ := s.qqToken(t, "chen")
	me := s.URL(QQ) + "/oauth2.0/me?fmt=json&access_token="
	s.form(t, s.URL(QQ)+"/people/lin", "act", "withdraw")
	if _, body := s.get(t, me+access); qqErrorIn(t, body) != 100015 {
		t.Errorf("withdrawn: %s", body)
	}
	if _, body := s.get(t, s.qqTokenURL("grant_type", "refresh_token", "refresh_token", refresh)); qqErrorIn(t, body) != 100022 {
		t.Errorf("refresh after the withdrawal: %s", body)
	}
	if _, body := s.get(t, me+other); qqErrorIn(t, body) != 0 {
		t.Errorf("somebody else's grant: %s", body)
	}
	s.fault(t, QQ, Fault{Mode: FaultLie, Op: "me", Times: 1})
	if _, body := s.get(t, me+access); qqErrorIn(t, body) != 0 {
		t.Errorf("a lying QQ: %s", body)
	}
}

func TestQQAuthorizeRefusals(t *testing.T) {
	s := newStand(t)
	for want, change := range map[string][]string{
		"100000": {"response_type", "token"}, "100001": {"client_id", ""}, "100008": {"client_id", "7"}, "100010": {"redirect_uri", "javascript:alert(1)"},
	} {
		address := s.qqAuthorizeURL(change...)
		if _, page := s.get(t, address); !strings.Contains(page, want) {
			t.Errorf("no %s on the page for %v", want, change)
		}
		if _, to := s.form(t, address, "person", "lin", "decision", "allow"); to != nil {
			t.Errorf("%v is sent on to %v", change, to)
		}
	}
	if _, to := s.form(t, s.qqAuthorizeURL(), "person", "lin", "decision", "deny"); to != nil {
		t.Errorf("desktop: sent on to %v", to)
	}
	_, to := s.form(t, s.qqAuthorizeURL("display", "mobile"), "person", "lin", "decision", "deny")
	if to == nil || to.Query().Get("usercancel") != "1" || to.Query().Get("state") != "st-1" {
		t.Errorf("mobile: sent on to %v", to)
	}
	s.postJSON(t, s.URL(QQ)+"/_switch", map[string]bool{"online": false})
	if _, page := s.get(t, s.qqAuthorizeURL()); !strings.Contains(page, "100011") {
		t.Error("an app that is not online is let in")
	}
}

// P1 begins at QQ's security centre: after the freeze nobody signs in, not even with a code got just before.
func TestP1_FrozenQQSignsNobodyIn(t *testing.T) {
	s := newStand(t)
	access, _ := s.qqToken(t, "lin")
	code := s.qqCode(t, "lin")
	s.form(t, s.URL(QQ)+"/people/lin", "act", "freeze")
	if _, body := s.get(t, s.URL(QQ)+"/oauth2.0/me?fmt=json&access_token="+access); qqErrorIn(t, body) != 100015 {
		t.Errorf("who was signed in before the freeze: %s", body)
	}
	if _, body := s.get(t, s.qqTokenURL("code", code)); qqErrorIn(t, body) != 100019 {
		t.Errorf("code from before the freeze: %s", body)
	}
	if _, to := s.form(t, s.qqAuthorizeURL(), "person", "lin", "decision", "allow"); to != nil {
		t.Errorf("sent on to %v", to)
	}
	s.form(t, s.URL(QQ)+"/people/lin", "act", "unfreeze")
	s.form(t, s.URL(QQ)+"/people/lin", "act", "protect")
	s.qqCode(t, "lin")
	if _, body := s.get(t, s.URL(QQ)+"/_state"); !strings.Contains(body, `"lin":{"granted":true,"profile_removed":false,"frozen":false,"login_protection":true}`) {
		t.Errorf("state: %s", body)
	}
}

func TestQQFaults(t *testing.T) {
	s := newStand(t)
	access, _ := s.qqToken(t, "lin")
	me := s.URL(QQ) + "/oauth2.0/me?fmt=json&access_token=" + access
	s.fault(t, QQ, Fault{Mode: FaultError, Op: "me", Times: 1})
	if status, body := s.get(t, me); status != http.StatusServiceUnavailable || !strings.HasPrefix(body, "<html>") {
		t.Errorf("error: %d %s", status, body)
	}
	s.fault(t, QQ, Fault{Mode: FaultRefuse, Op: "me", Times: 1})
	if _, body := s.get(t, me); qqErrorIn(t, body) != 100031 {
		t.Errorf("refuse: %s", body)
	}
	s.fault(t, QQ, Fault{Mode: FaultRepeat, Op: "token", Times: 1})
	if _, body := s.get(t, s.qqTokenURL("code", s.qqCode(t, "lin"))); qqErrorIn(t, body) != 100020 {
		t.Errorf("a code exchanged twice by the wire: %s", body)
	}
}
