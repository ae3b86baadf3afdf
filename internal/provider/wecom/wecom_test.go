package wecom_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/provider/providertest"
	"github.com/jieling-id/jieling/internal/provider/wecom"
	"github.com/jieling-id/jieling/internal/sandbox"
)

func connect(t *testing.T, base string) *wecom.Provider {
	t.Helper()
	c := sandbox.DefaultCredentials()
	p, err := wecom.New(wecom.Config{LoginURL: base, APIURL: base, CorpID: c.WeComCorpID, AgentID: c.WeComAgentID, Secret: c.WeComSecret})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// world is the sandbox with the hands of a member and of an administrator.
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

// confirms has somebody confirm a sign-in at WeCom.
func (w world) confirms(authorize, who string) *url.URL {
	w.t.Helper()
	page, _, _ := strings.Cut(authorize, "#")
	back, err := w.post(page, url.Values{"person": {who}, "decision": {"allow"}}).Location()
	if err != nil {
		w.t.Fatal(err)
	}
	return back
}

func (w world) admin(userid, act string) {
	w.post(w.URL(sandbox.WeCom)+"/members/"+userid, url.Values{"act": {act}})
}

func (w world) fault(mode, op string) {
	w.post(w.URL(sandbox.WeCom)+"/_fault", url.Values{"mode": {mode}, "op": {op}})
}

func (w world) identify(p *wecom.Provider, who string) (provider.Identity, error) {
	code := w.confirms(p.AuthorizeURL("s", providertest.Redirect), who).Query().Get("code")
	return p.Identify(w.t.Context(), code, providertest.Redirect)
}

func TestWeCom(t *testing.T) {
	w := start(t)
	providertest.Run(t, providertest.Exam{
		New:   func(t *testing.T, base string) provider.Provider { return connect(t, base) },
		Party: w.URL(sandbox.WeCom),
		SignIn: func(_ *testing.T, authorize string) *url.URL {
			w.admin("zhouke", "enable")
			return w.confirms(authorize, "zhou")
		},
		Withdraw: func(*testing.T) { w.admin("zhouke", "disable") },
		Foreign: func(t *testing.T, grant []byte) []byte {
			return []byte(strings.Replace(string(grant), sandbox.DefaultCredentials().WeComCorpID, "ww0000000000000009", 1))
		},
		Want:    provider.Identity{Subject: "ww0000000000000001/zhouke", Label: "周**"},
		Secrets: []string{sandbox.DefaultCredentials().WeComSecret, "zhouke"},
	})
}

func TestAuthorizeURLs(t *testing.T) {
	p, err := wecom.New(wecom.Config{LoginURL: "https://login.example.test", OpenURL: "https://open.example.test", APIURL: "https://api.example.test", CorpID: "ww1", AgentID: "7", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		p.AuthorizeURL("st&te", "https://id.example.test/b?x=1"): "https://login.example.test/wwlogin/sso/login?login_type=CorpApp&appid=ww1&agentid=7" +
			"&redirect_uri=https%3A%2F%2Fid.example.test%2Fb%3Fx%3D1&state=st%26te",
		p.AuthorizeWithinURL("st&te", "https://id.example.test/b?x=1"): "https://open.example.test/connect/oauth2/authorize?appid=ww1" +
			"&redirect_uri=https%3A%2F%2Fid.example.test%2Fb%3Fx%3D1&response_type=code&scope=snsapi_base&state=st%26te&agentid=7#wechat_redirect",
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Both roads lead to the same member.
func TestTheRoadWithinWeCom(t *testing.T) {
	w := start(t)
	p := connect(t, w.URL(sandbox.WeCom))
	code := w.confirms(p.AuthorizeWithinURL("s", providertest.Redirect), "zhou").Query().Get("code")
	if who, err := p.Identify(t.Context(), code, providertest.Redirect); err != nil || who.Subject != "ww0000000000000001/zhouke" {
		t.Errorf("%q, %v", who.Subject, err)
	}
}

// errcode 0 does not make a member.
func TestOnlyMembersAreMembers(t *testing.T) {
	w := start(t)
	p := connect(t, w.URL(sandbox.WeCom))
	for _, who := range []string{"guest", "linked"} {
		if id, err := w.identify(p, who); jieling.CodeOf(err) != jieling.CodeForbidden || id.Subject != "" {
			t.Errorf("%s: %q, %v", who, id.Subject, err)
		}
	}
	for _, act := range []string{"disable", "leave", "delete"} {
		w.admin("zhouke", "enable")
		kept, err := w.identify(p, "zhou")
		if err != nil {
			t.Fatal(err)
		}
		w.admin("zhouke", act)
		if id, err := w.identify(p, "zhou"); jieling.CodeOf(err) != jieling.CodeForbidden || id.Subject != "" {
			t.Errorf("%s: %q, %v", act, id.Subject, err)
		}
		if state, err := p.Probe(t.Context(), kept.Grant); err != nil || state != provider.GrantWithdrawn {
			t.Errorf("%s: %q, %v", act, state, err)
		}
	}
}

// The older path answers in Pascal case.
func TestPascalCaseIsRead(t *testing.T) {
	w := start(t)
	base := w.URL(sandbox.WeCom)
	old := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		path := strings.Replace(r.URL.Path, "/auth/getuserinfo", "/user/getuserinfo", 1)
		resp, err := http.Get(base + path + "?" + r.URL.RawQuery)
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		_, _ = io.Copy(rw, resp.Body)
	}))
	defer old.Close()
	code := w.confirms(connect(t, base).AuthorizeURL("s", providertest.Redirect), "zhou").Query().Get("code")
	if who, err := connect(t, old.URL).Identify(t.Context(), code, ""); err != nil || who.Subject != "ww0000000000000001/zhouke" {
		t.Errorf("%q, %v", who.Subject, err)
	}
}

// One token serves the app until it is no longer taken, and then one is asked for anew.
func TestTheTokenIsKept(t *testing.T) {
	w := start(t)
	base := w.URL(sandbox.WeCom)
	var asked atomic.Int32
	counting := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/cgi-bin/gettoken" {
			asked.Add(1)
		}
		resp, err := http.Get(base + r.URL.RequestURI())
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		_, _ = io.Copy(rw, resp.Body)
	}))
	defer counting.Close()
	p := connect(t, counting.URL)
	grant, err := json.Marshal(map[string]string{"corp": "ww0000000000000001", "userid": "zhouke"})
	if err != nil {
		t.Fatal(err)
	}
	probe := func(want int32) {
		t.Helper()
		if state, err := p.Probe(t.Context(), grant); err != nil || state != provider.GrantStands {
			t.Errorf("%q, %v", state, err)
		}
		if got := asked.Load(); got != want {
			t.Errorf("asked for %d tokens, want %d", got, want)
		}
	}
	probe(1)
	probe(1)
	w.post(base+"/token/forget", nil)
	probe(2)
}

func TestS30_TheSandboxsFaults(t *testing.T) {
	for _, fault := range []struct {
		mode, op string
		want     jieling.Code
	}{
		{"error", "gettoken", jieling.CodeDependency},
		{"refuse", "gettoken", jieling.CodeDependency},    // 60020
		{"refuse", "getuserinfo", jieling.CodeDependency}, // 50001: the operator's to mend
		{"repeat", "getuserinfo", jieling.CodeInvalid},    // 42022
		{"refuse", "get", jieling.CodeDependency},
		{"error", "get", jieling.CodeDependency},
	} {
		w := start(t)
		p := connect(t, w.URL(sandbox.WeCom))
		w.fault(fault.mode, fault.op)
		if id, err := w.identify(p, "zhou"); jieling.CodeOf(err) != fault.want || id.Subject != "" {
			t.Errorf("%s %s: %q, %v", fault.mode, fault.op, id.Subject, err)
		}
	}
}

func TestConfiguration(t *testing.T) {
	for what, c := range map[string]wecom.Config{
		"no corp":     {LoginURL: "https://a.test", APIURL: "https://b.test", AgentID: "1", Secret: "s"},
		"no secret":   {LoginURL: "https://a.test", APIURL: "https://b.test", CorpID: "ww", AgentID: "1"},
		"plain http":  {LoginURL: "http://a.test", APIURL: "https://b.test", CorpID: "ww", AgentID: "1", Secret: "s"},
		"no API":      {LoginURL: "https://a.test", CorpID: "ww", AgentID: "1", Secret: "s"},
		"no agent ID": {LoginURL: "https://a.test", APIURL: "https://b.test", CorpID: "ww", Secret: "s"},
	} {
		if _, err := wecom.New(c); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
}
