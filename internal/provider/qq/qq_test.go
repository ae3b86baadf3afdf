package qq_test

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
	"github.com/jieling-id/jieling/internal/provider/qq"
	"github.com/jieling-id/jieling/internal/sandbox"
)

func connect(t *testing.T, base string, union bool) provider.Provider {
	t.Helper()
	c := sandbox.DefaultCredentials()
	p, err := qq.New(qq.Config{BaseURL: base, AppID: c.QQAppID, Secret: c.QQAppKey, Union: union})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// world is the sandbox with the hands of a person at QQ.
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
	back, err := w.post(authorize, url.Values{"person": {"lin"}, "decision": {"allow"}}).Location()
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func (w world) withdraw(*testing.T) {
	w.post(w.URL(sandbox.QQ)+"/people/lin", url.Values{"act": {"withdraw"}})
}

func (w world) fault(mode, op string) {
	w.post(w.URL(sandbox.QQ)+"/_fault", url.Values{"mode": {mode}, "op": {op}})
}

func TestQQ(t *testing.T) {
	w := start(t)
	lin := sandbox.People()[0]
	providertest.Run(t, providertest.Exam{
		New:      func(t *testing.T, base string) provider.Provider { return connect(t, base, true) },
		Party:    w.URL(sandbox.QQ),
		SignIn:   w.signIn,
		Withdraw: w.withdraw,
		Want:     provider.Identity{Subject: lin.QQOpenID, Union: lin.QQUnionID, Label: "林**"},
		Secrets:  []string{sandbox.DefaultCredentials().QQAppKey, lin.QQOpenID, lin.QQUnionID},
	})
}

func TestS30_TheSandboxsFaults(t *testing.T) {
	for _, fault := range []struct {
		mode, op string
		want     jieling.Code
	}{
		{"error", "token", jieling.CodeDependency},
		{"error", "me", jieling.CodeDependency},
		{"error", "get_user_info", jieling.CodeDependency},
		{"refuse", "token", jieling.CodeDependency}, // the app is offline: not the person's fault
		{"refuse", "me", jieling.CodeDependency},
		{"refuse", "get_user_info", ""}, // no nickname: a label is not worth a sign-in
		{"repeat", "token", jieling.CodeInvalid},
		{"repeat", "me", ""},
	} {
		t.Run(fault.mode+" "+fault.op, func(t *testing.T) {
			w := start(t)
			p := connect(t, w.URL(sandbox.QQ), true)
			code := w.signIn(t, p.AuthorizeURL("s", providertest.Redirect)).Query().Get("code")
			w.fault(fault.mode, fault.op)
			who, err := p.Identify(t.Context(), code, providertest.Redirect)
			if jieling.CodeOf(err) != fault.want {
				t.Fatalf("got %v", err)
			}
			if fault.op == "get_user_info" && err == nil && who.Label != "QQ" {
				t.Errorf("label %q", who.Label)
			}
		})
	}
}

// A QQ that refuses to say anything about the grant has not said that it is gone.
func TestAProbeThatIsRefusedIsNoVerdict(t *testing.T) {
	w := start(t)
	p := connect(t, w.URL(sandbox.QQ), false)
	who, err := p.Identify(t.Context(), w.signIn(t, p.AuthorizeURL("s", providertest.Redirect)).Query().Get("code"), providertest.Redirect)
	if err != nil || who.Union != "" {
		t.Fatalf("%q, %v", who.Union, err)
	}
	for _, mode := range []string{"refuse", "error"} {
		w.fault(mode, "me")
		if state, err := p.(provider.Prober).Probe(t.Context(), who.Grant); state != "" || jieling.CodeOf(err) != jieling.CodeDependency {
			t.Errorf("%s: %q, %v", mode, state, err)
		}
	}
}

// party answers each path with a fixed text.
func party(t *testing.T, answers map[string]string) provider.Provider {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, answers[r.URL.Path]) }))
	t.Cleanup(srv.Close)
	return connect(t, srv.URL, true)
}

const (
	token = "/oauth2.0/token"
	me    = "/oauth2.0/me"
	info  = "/user/get_user_info"
	whole = `{"client_id":"101000001","openid":"OID1","unionid":"UID1"}`
)

func TestEveryFormOfAnswer(t *testing.T) {
	for what, answers := range map[string]map[string]string{
		"JSON":         {token: `{"access_token":"AT","expires_in":"7776000","refresh_token":"RT"}`, me: whole, info: `{"ret":0,"nickname":"小船"}`},
		"form":         {token: "access_token=AT&expires_in=7776000&refresh_token=RT\n", me: whole, info: `{"ret":0,"nickname":"小船"}`},
		"JSONP":        {token: `{"access_token":"AT"}`, me: "callback(  " + whole + " );\n", info: `{"ret":0,"nickname":"小船"}`},
		"union first":  {token: `{"access_token":"AT"}`, me: `callback({"unionid":"UID1","openid":"OID1","client_id":"101000001"})`, info: `{"nickname":"小船"}`},
		"raw controls": {token: `{"access_token":"AT"}`, me: whole, info: "{\"ret\":0,\"nickname\":\"\x01\t小船\"}"},
	} {
		t.Run(what, func(t *testing.T) {
			who, err := party(t, answers).Identify(t.Context(), "C", providertest.Redirect)
			if err != nil || who.Subject != "OID1" || who.Union != "UID1" || who.Label != "小**" {
				t.Errorf("got %q %q %q, %v", who.Subject, who.Union, who.Label, err)
			}
		})
	}
}

func TestS5_ATokenMintedForAnotherAppNamesNobody(t *testing.T) {
	for what, answer := range map[string]string{
		"another app": `{"client_id":"101999999","openid":"OID1","unionid":"UID1"}`,
		"no app":      `{"openid":"OID1","unionid":"UID1"}`,
		"nobody":      `{"client_id":"101000001","unionid":"UID1"}`,
		"no union":    `{"client_id":"101000001","openid":"OID1"}`,
	} {
		p := party(t, map[string]string{token: `{"access_token":"AT"}`, me: answer, info: `{"nickname":"小船"}`})
		if who, err := p.Identify(t.Context(), "C", providertest.Redirect); jieling.CodeOf(err) != jieling.CodeDependency || who.Subject != "" {
			t.Errorf("%s: %q, %v", what, who.Subject, err)
		}
		if state, err := p.(provider.Prober).Probe(t.Context(), []byte(`{"access_token":"AT","openid":"OID2"}`)); err == nil || state != "" {
			t.Errorf("%s: the grant of another person: %q", what, state)
		}
	}
}

func TestErrorCodes(t *testing.T) {
	for code, want := range map[int]struct {
		identify jieling.Code
		probe    provider.GrantState
	}{
		100005: {identify: jieling.CodeInvalid},
		100008: {identify: jieling.CodeDependency},
		100009: {identify: jieling.CodeDependency},
		100010: {identify: jieling.CodeDependency},
		100013: {identify: jieling.CodeDependency, probe: provider.GrantExpired},
		100014: {identify: jieling.CodeDependency, probe: provider.GrantExpired},
		100015: {identify: jieling.CodeInvalid, probe: provider.GrantWithdrawn},
		100016: {identify: jieling.CodeDependency, probe: provider.GrantExpired},
		100019: {identify: jieling.CodeInvalid},
		100020: {identify: jieling.CodeInvalid},
		100030: {identify: jieling.CodeInvalid, probe: provider.GrantWithdrawn},
		100031: {identify: jieling.CodeDependency},
		100048: {identify: jieling.CodeDependency},
	} {
		for form, body := range map[string]string{
			"JSON":  fmt.Sprintf(`{"error":%d,"error_description":"for OID1"}`, code),
			"JSONP": fmt.Sprintf("callback( {\"error\":%d,\"error_description\":\"for OID1\"} );", code),
			"form":  fmt.Sprintf("error=%d&error_description=for+OID1", code),
		} {
			p := party(t, map[string]string{token: body, me: body})
			_, err := p.Identify(t.Context(), "C", providertest.Redirect)
			state, probeErr := p.(provider.Prober).Probe(t.Context(), []byte(`{"access_token":"AT","openid":"OID1"}`))
			if jieling.CodeOf(err) != want.identify || state != want.probe || (probeErr == nil) != (want.probe != "") {
				t.Errorf("%d as %s: Identify %v; Probe %q, %v", code, form, err, state, probeErr)
			}
			if joined := errors.Join(err, probeErr); strings.Contains(joined.Error(), "OID1") {
				t.Errorf("%d: the error repeats QQ's words: %v", code, joined)
			}
		}
	}
}

func TestNewRefusesAnUnsafeParty(t *testing.T) {
	for _, c := range []qq.Config{{BaseURL: "http://graph.qq.com", AppID: "1", Secret: "s"}, {BaseURL: "https://graph.qq.com"}} {
		if _, err := qq.New(c); err == nil {
			t.Errorf("%+v passes", c)
		}
	}
}
