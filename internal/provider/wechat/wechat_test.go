package wechat_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/provider/providertest"
	"github.com/jieling-id/jieling/internal/provider/wechat"
	"github.com/jieling-id/jieling/internal/sandbox"
)

func connect(t *testing.T, base string) provider.Provider {
	t.Helper()
	c := sandbox.DefaultCredentials()
	p, err := wechat.New(wechat.Config{OpenURL: base, APIURL: base, AppID: c.WeChatAppID, Secret: c.WeChatSecret})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// world is the sandbox with the hands of a person at WeChat.
type world struct {
	*sandbox.World
	t *testing.T
}

func start(t *testing.T) world {
	t.Helper()
	w, err := sandbox.Start(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return world{w, t}
}

func (w world) post(address string, form url.Values) *http.Response {
	w.t.Helper()
	stay := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := stay.PostForm(address, form)
	if err != nil {
		w.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp
}

func (w world) signIn(t *testing.T, authorize string) *url.URL {
	t.Helper()
	page, _, _ := strings.Cut(authorize, "#")
	back, err := w.post(page, url.Values{"person": {"lin"}, "decision": {"allow"}}).Location()
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func (w world) act(what string) {
	w.post(w.URL(sandbox.WeChat)+"/phone/lin/account", url.Values{"act": {what}})
}

func (w world) identify(t *testing.T) (provider.Provider, provider.Identity, error) {
	t.Helper()
	p := connect(t, w.URL(sandbox.WeChat))
	who, err := p.Identify(t.Context(), w.signIn(t, p.AuthorizeURL("s", providertest.Redirect)).Query().Get("code"), providertest.Redirect)
	return p, who, err
}

func TestWeChat(t *testing.T) {
	w := start(t)
	lin := sandbox.People()[0]
	providertest.Run(t, providertest.Exam{
		New:      func(t *testing.T, base string) provider.Provider { return connect(t, base) },
		Party:    w.URL(sandbox.WeChat),
		SignIn:   w.signIn,
		Withdraw: func(*testing.T) { w.act("withdraw") },
		Want:     provider.Identity{Subject: lin.WeChatOpenID, Union: lin.WeChatUnionID, Label: "林**"},
		Secrets:  []string{sandbox.DefaultCredentials().WeChatSecret, lin.WeChatOpenID, lin.WeChatUnionID},
	})
}

func TestAuthorizeURLKeepsWeChatsOrderAndFragment(t *testing.T) {
	got := connect(t, "https://open.example.test").AuthorizeURL("st&te", "https://id.example.test/back?x=1")
	want := "https://open.example.test/connect/qrconnect?appid=wx0000000000000001&redirect_uri=https%3A%2F%2Fid.example.test%2Fback%3Fx%3D1" +
		"&response_type=code&scope=snsapi_login&state=st%26te#wechat_redirect"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPeopleWeChatHoldsBackAreRefused(t *testing.T) {
	for _, act := range []string{"snapshot", "restrict"} {
		w := start(t)
		w.act(act)
		if _, who, err := w.identify(t); jieling.CodeOf(err) != jieling.CodeForbidden || who.Subject != "" {
			t.Errorf("%s: %q, %v", act, who.Subject, err)
		}
	}
}

func TestAPasswordChangeVoidsTheGrantButTakesNothingBack(t *testing.T) {
	w := start(t)
	p, who, err := w.identify(t)
	if err != nil {
		t.Fatal(err)
	}
	w.act("password")
	if state, err := p.(provider.Prober).Probe(t.Context(), who.Grant); err != nil || state != provider.GrantExpired {
		t.Errorf("got %q, %v", state, err)
	}
}

func TestS30_TheSandboxsFaults(t *testing.T) {
	for _, fault := range []struct {
		mode, op string
		want     jieling.Code
	}{
		{"error", "access_token", jieling.CodeDependency},
		{"error", "userinfo", jieling.CodeDependency},
		{"refuse", "access_token", jieling.CodeForbidden},
		{"refuse", "userinfo", jieling.CodeForbidden},
		{"repeat", "access_token", jieling.CodeInvalid},
		{"repeat", "userinfo", ""},
	} {
		w := start(t)
		w.post(w.URL(sandbox.WeChat)+"/_fault", url.Values{"mode": {fault.mode}, "op": {fault.op}})
		if _, _, err := w.identify(t); jieling.CodeOf(err) != fault.want {
			t.Errorf("%s %s: %v", fault.mode, fault.op, err)
		}
	}
	w := start(t)
	p, who, err := w.identify(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"error", "refuse"} {
		w.post(w.URL(sandbox.WeChat)+"/_fault", url.Values{"mode": {mode}, "op": {"auth"}})
		if state, err := p.(provider.Prober).Probe(t.Context(), who.Grant); state != "" || jieling.CodeOf(err) != jieling.CodeDependency {
			t.Errorf("probe, %s: %q, %v", mode, state, err)
		}
	}
}

// party answers each path with a fixed text.
func party(t *testing.T, answers map[string]string) provider.Provider {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, answers[r.URL.Path]) }))
	t.Cleanup(srv.Close)
	return connect(t, srv.URL)
}

const (
	token = "/sns/oauth2/access_token"
	info  = "/sns/userinfo"
	auth  = "/sns/auth"
	whole = `{"access_token":"AT","expires_in":7200,"refresh_token":"RT","openid":"o1","scope":"snsapi_login","unionid":"u1"}`
)

func TestNicknamesComeAsTheyAre(t *testing.T) {
	for nickname, want := range map[string]string{
		"小船": "小**", "\x01\n小船": "小**", "  ": "微信", "": "微信", `\u202e小船`: "小**", "A": "A**", `😀船`: "😀**",
	} {
		p := party(t, map[string]string{token: whole, info: `{"openid":"o1","nickname":"` + nickname + `"}`})
		if who, err := p.Identify(t.Context(), "C", ""); err != nil || who.Label != want {
			t.Errorf("%q: got %q, %v", nickname, who.Label, err)
		}
	}
}

func TestIdentifyRefusesWhatContradictsItself(t *testing.T) {
	for what, test := range map[string]struct {
		answers map[string]string
		want    jieling.Code
	}{
		"snapshot":      {map[string]string{token: strings.Replace(whole, "}", `,"is_snapshotuser":1}`, 1), info: `{"openid":"o1"}`}, jieling.CodeForbidden},
		"no openid":     {map[string]string{token: `{"access_token":"AT"}`}, jieling.CodeDependency},
		"no token":      {map[string]string{token: `{"openid":"o1"}`}, jieling.CodeDependency},
		"somebody else": {map[string]string{token: whole, info: `{"openid":"o2","nickname":"x"}`}, jieling.CodeDependency},
	} {
		if who, err := party(t, test.answers).Identify(t.Context(), "C", ""); jieling.CodeOf(err) != test.want || who.Subject != "" {
			t.Errorf("%s: %q, %v", what, who.Subject, err)
		}
	}
}

func TestErrorCodes(t *testing.T) {
	for code, want := range map[int]struct {
		identify jieling.Code
		probe    provider.GrantState
	}{
		-1:    {identify: jieling.CodeDependency},
		40001: {identify: jieling.CodeDependency, probe: provider.GrantExpired},
		40003: {identify: jieling.CodeDependency, probe: provider.GrantExpired},
		40013: {identify: jieling.CodeDependency},
		40014: {identify: jieling.CodeDependency, probe: provider.GrantExpired},
		40029: {identify: jieling.CodeInvalid},
		40125: {identify: jieling.CodeDependency},
		40163: {identify: jieling.CodeInvalid},
		40226: {identify: jieling.CodeForbidden},
		42001: {identify: jieling.CodeDependency, probe: provider.GrantExpired},
		42002: {identify: jieling.CodeDependency, probe: provider.GrantExpired},
		42007: {identify: jieling.CodeInvalid, probe: provider.GrantExpired},
		45011: {identify: jieling.CodeDependency},
		50001: {identify: jieling.CodeInvalid, probe: provider.GrantWithdrawn},
		50002: {identify: jieling.CodeForbidden},
	} {
		body := fmt.Sprintf(`{"errcode":%d,"errmsg":"about o1, rid: 65f0"}`, code)
		p := party(t, map[string]string{token: body, auth: body})
		_, err := p.Identify(t.Context(), "C", "")
		state, probeErr := p.(provider.Prober).Probe(t.Context(), []byte(`{"access_token":"AT","openid":"o1"}`))
		if jieling.CodeOf(err) != want.identify || state != want.probe || (probeErr == nil) != (want.probe != "") {
			t.Errorf("%d: Identify %v; Probe %q, %v", code, err, state, probeErr)
		}
		if joined := errors.Join(err, probeErr); strings.Contains(joined.Error(), "o1") {
			t.Errorf("%d: the error repeats WeChat's words: %v", code, joined)
		}
	}
}

// P1: what WeChat itself says against a person is told as such, with who they are and without printing it.
func TestP1_WeChatWarnsOfAPerson(t *testing.T) {
	for code, warns := range map[int]bool{40226: true, 50002: true, 40001: false, -1: false} {
		p := party(t, map[string]string{token: whole, info: fmt.Sprintf(`{"errcode":%d}`, code)})
		_, err := p.Identify(t.Context(), "C", "")
		warning, warned := errors.AsType[*provider.Warning](err)
		if warned != warns || warned && (warning.Subject != "o1" || jieling.CodeOf(err) != jieling.CodeForbidden || strings.Contains(err.Error(), "o1")) {
			t.Errorf("%d at the sign-in: %v", code, err)
		}
	}
	for answer, want := range map[string]struct{ risky, fails bool }{
		`{"errcode":0}`: {}, `{"errcode":50002}`: {risky: true}, `{"errcode":40226}`: {risky: true}, `{"errcode":42007}`: {risky: true},
		`{"errcode":50001}`: {fails: true}, `{"errcode":-1}`: {fails: true}, `<html>`: {fails: true},
	} {
		w := party(t, map[string]string{auth: answer}).(provider.Watcher)
		risky, err := w.Warned(t.Context(), []byte(`{"access_token":"AT","openid":"o1"}`))
		if risky != want.risky || (err != nil) != want.fails {
			t.Errorf("%s: %v, %v", answer, risky, err)
		}
	}
	if risky, err := party(t, nil).(provider.Watcher).Warned(t.Context(), []byte("{}")); risky || err == nil {
		t.Errorf("a grant that cannot be read: %v, %v", risky, err)
	}
}
