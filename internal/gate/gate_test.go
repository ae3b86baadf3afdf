package gate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/store"
)

// porch is a gate with its world in the test's hands.
type porch struct {
	*gate.Gate
	keys    []store.Key
	keysErr error
	asked   int
	now     time.Time
	log     bytes.Buffer
}

func newPorch(t *testing.T, change func(*gate.Config)) *porch {
	t.Helper()
	p := &porch{now: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	c := gate.Config{
		Keys: func(context.Context) ([]store.Key, error) { p.asked++; return p.keys, p.keysErr },
		Sessions: func(_ context.Context, token string) (jieling.Actor, store.Session, error) {
			switch token {
			case "of-a-person":
				return jieling.Actor{Kind: jieling.ActorPerson, Name: "ses_1", Account: "acc_1"}, store.Session{}, nil
			case "of-a-broken-store":
				return jieling.Actor{}, store.Session{}, errors.New("no connection")
			}
			return jieling.Actor{}, store.Session{}, &jieling.Error{Code: jieling.CodeUnauthenticated}
		},
		Now: func() time.Time { return p.now },
		Log: slog.New(slog.NewJSONHandler(&p.log, nil)),
	}
	if change != nil {
		change(&c)
	}
	p.Gate = gate.New(c)
	return p
}

func (p *porch) add(t *testing.T, name string, scopes ...string) string {
	t.Helper()
	secret, key, err := gate.NewKey(name, scopes, p.now, bytes.NewReader(bytes.Repeat([]byte{byte(len(p.keys) + 1)}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	p.keys = append(p.keys, key)
	return secret
}

func bearing(secret string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v1/resolve?subject=planted-in-the-query", nil)
	r.Header.Set("Authorization", "Bearer "+secret)
	return r
}

func TestKeyIsKnownByItsHash(t *testing.T) {
	p := newPorch(t, nil)
	secret := p.add(t, "shop", engine.ScopeResolve)
	if !strings.HasPrefix(secret, "jl_") || len(secret) != 55 {
		t.Errorf("a key looks like %q", secret)
	}
	got, err := p.Program(bearing(secret))
	want := jieling.Actor{Kind: jieling.ActorProduct, Name: "shop", Scopes: []string{engine.ScopeResolve}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, actor (-want +got):\n%s", err, diff)
	}
	if bytes.Contains(p.keys[0].Hash[:], []byte(secret[3:20])) {
		t.Error("the store keeps the secret")
	}
}

func TestStrangersAreNotRecognised(t *testing.T) {
	p := newPorch(t, nil)
	secret := p.add(t, "shop")
	for _, header := range []string{
		"", "Bearer", "Bearer ", "Basic " + secret, "Bearer " + secret[:54], "Bearer " + secret + "a",
		"Bearer jl_" + strings.Repeat("0", 52), "Bearer " + strings.ToUpper(secret), "Bearer  " + secret,
	} {
		r := bearing("")
		r.Header.Set("Authorization", header)
		if _, err := p.Program(r); jieling.CodeOf(err) != jieling.CodeUnauthenticated {
			t.Errorf("%q: %v", header, err)
		}
	}
}

func TestRevokedKeyDiesWithinASecond(t *testing.T) {
	p := newPorch(t, nil)
	secret := p.add(t, "shop")
	if _, err := p.Program(bearing(secret)); err != nil {
		t.Fatal(err)
	}
	p.keys = nil
	p.now = p.now.Add(time.Second)
	if _, err := p.Program(bearing(secret)); jieling.CodeOf(err) != jieling.CodeUnauthenticated {
		t.Errorf("a second after it was revoked: %v", err)
	}
}

func TestRevokedKeyDiesWhenTheClockIsSetBack(t *testing.T) {
	p := newPorch(t, nil)
	secret := p.add(t, "shop")
	if _, err := p.Program(bearing(secret)); err != nil {
		t.Fatal(err)
	}
	p.keys = nil
	p.now = p.now.Add(-time.Hour)
	if _, err := p.Program(bearing(secret)); jieling.CodeOf(err) != jieling.CodeUnauthenticated {
		t.Errorf("after the clock was set back: %v", err)
	}
}

func TestKeysAreReadOnceASecond(t *testing.T) {
	p := newPorch(t, nil)
	secret := p.add(t, "shop")
	for range 100 {
		if _, err := p.Program(bearing(secret)); err != nil {
			t.Fatal(err)
		}
	}
	if p.asked != 1 {
		t.Errorf("the store was asked %d times", p.asked)
	}
}

func TestS30_NobodyIsLetInOnOldKnowledge(t *testing.T) {
	p := newPorch(t, nil)
	secret := p.add(t, "shop")
	if _, err := p.Program(bearing(secret)); err != nil {
		t.Fatal(err)
	}
	p.keysErr = errors.New("no connection")
	p.now = p.now.Add(2 * time.Second)
	if _, err := p.Program(bearing(secret)); jieling.CodeOf(err) != jieling.CodeDependency {
		t.Errorf("with the store away: %v", err)
	}
}

func TestAllow(t *testing.T) {
	for _, c := range []struct {
		name  string
		actor jieling.Actor
		want  jieling.Code
	}{
		{"with the scope", jieling.Actor{Kind: jieling.ActorProduct, Scopes: []string{engine.ScopeFreeze, engine.ScopeCases}}, ""},
		{"admin", jieling.Actor{Kind: jieling.ActorProduct, Scopes: []string{engine.ScopeAdmin}}, ""},
		{"with another scope", jieling.Actor{Kind: jieling.ActorProduct, Scopes: []string{engine.ScopeResolve}}, jieling.CodeForbidden},
		{"with none", jieling.Actor{Kind: jieling.ActorProduct}, jieling.CodeForbidden},
		{"a person", jieling.Actor{Kind: jieling.ActorPerson}, ""},
		{"nobody", jieling.Actor{}, jieling.CodeForbidden},
	} {
		if got := jieling.CodeOf(gate.Allow(c.actor, engine.ScopeCases)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestRateOfAKey(t *testing.T) {
	p := newPorch(t, func(c *gate.Config) { c.PerKey = gate.Rate{PerSecond: 2, Burst: 3} })
	busy, quiet := p.add(t, "busy"), p.add(t, "quiet")
	for i := range 3 {
		if _, err := p.Program(bearing(busy)); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
	}
	_, err := p.Program(bearing(busy))
	var limited *jieling.Error
	if !errors.As(err, &limited) || limited.Code != jieling.CodeTooMany || limited.After != time.Second/2 {
		t.Errorf("over its rate: %#v", err)
	}
	if _, err := p.Program(bearing(quiet)); err != nil {
		t.Errorf("another key: %v", err)
	}
	p.now = p.now.Add(time.Second / 2)
	if _, err := p.Program(bearing(busy)); err != nil {
		t.Errorf("after waiting as told: %v", err)
	}
}

// ASVS 6.1.1: throttling must not lock the rightful out.
func TestStrangersCannotLockAProductOut(t *testing.T) {
	p := newPorch(t, func(c *gate.Config) { c.PerHost = gate.Rate{PerSecond: 1, Burst: 1} })
	secret := p.add(t, "shop")
	for range 5 {
		_, _ = p.Program(bearing("jl_wrong"))
	}
	if _, err := p.Program(bearing("jl_wrong")); jieling.CodeOf(err) != jieling.CodeTooMany {
		t.Errorf("a stranger goes on: %v", err)
	}
	if _, err := p.Program(bearing(secret)); err != nil {
		t.Errorf("the product from the same address: %v", err)
	}
}

func TestAddress(t *testing.T) {
	ours := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		name, peer, forwarded, want string
		proxies                     []netip.Prefix
	}{
		{"direct", "192.0.2.7:5000", "", "192.0.2.7/32", nil},
		{"direct, with a claim", "192.0.2.7:5000", "198.51.100.1", "192.0.2.7/32", ours},
		{"no proxy configured", "10.0.0.1:5000", "198.51.100.1", "10.0.0.1/32", nil},
		{"through our proxy", "10.0.0.1:5000", "198.51.100.1", "198.51.100.1/32", ours},
		{"through two of ours", "10.0.0.1:5000", "198.51.100.1, 10.0.0.2", "198.51.100.1/32", ours},
		{"with a claim before our proxy", "10.0.0.1:5000", "203.0.113.9, 198.51.100.1", "198.51.100.1/32", ours},
		{"nonsense", "10.0.0.1:5000", "unknown", "10.0.0.1/32", ours},
		{"one of many addresses of a person", "[2001:db8:1:2:3:4:5:6]:5000", "", "2001:db8:1:2::/64", nil},
		{"mapped", "[::ffff:192.0.2.7]:5000", "", "192.0.2.7/32", nil},
	} {
		p := newPorch(t, func(g *gate.Config) { g.Proxies = c.proxies })
		var got netip.Prefix
		h := p.Admit(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = gate.VisitOf(r.Context()).Address }))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got.String() != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// codesOf reads the closed list from its source, so that a code added there cannot be forgotten here.
func codesOf(t *testing.T) []jieling.Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../error.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []jieling.Code
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") || len(spec.Values) != 1 {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
			code, _ := strconv.Unquote(lit.Value)
			codes = append(codes, jieling.Code(code))
		}
		return true
	})
	if len(codes) < 20 {
		t.Fatalf("found only %v", codes)
	}
	return append(codes, gate.CodeMethod, gate.CodeMediaType)
}

func TestEveryCodeHasItsStatusAndSentences(t *testing.T) {
	promised := map[jieling.Code]int{ // as the interface promises
		jieling.CodeInvalid: 400, jieling.CodeUnauthenticated: 401, jieling.CodeForbidden: 403, jieling.CodeNotFound: 404,
		jieling.CodeConflict: 409, jieling.CodeStale: 409, jieling.CodeBindingExists: 409, jieling.CodeCaseClosed: 409,
		jieling.CodeLastWayIn: 422, jieling.CodeReplacement: 422, jieling.CodeNotOnPlatform: 422, jieling.CodeProviderUnknown: 422,
		jieling.CodeFrozen: 423, jieling.CodeTooMany: 429, jieling.CodeDependency: 503, jieling.CodeTooLarge: 413,
		jieling.CodeWrongAnswer: 422, jieling.CodeChallengeExpired: 410, jieling.CodeChallengeUsed: 409, jieling.CodeIdempotency: 422,
	}
	for _, code := range codesOf(t) {
		zh := gate.NewProblem(&jieling.Error{Code: code}, "zh-CN")
		en := gate.NewProblem(&jieling.Error{Code: code}, "en")
		if zh.Code != code {
			t.Errorf("%s is not in the table: it is told as %s", code, zh.Code)
		}
		if want, ok := promised[code]; ok && zh.Status != want {
			t.Errorf("%s: status %d, want %d", code, zh.Status, want)
		}
		if zh.Title == "" || zh.Detail == "" || zh.Next == "" || zh.Title == en.Title || zh.Detail == en.Detail || zh.Next == en.Next {
			t.Errorf("%s is not told in both languages", code)
		}
		if !strings.HasSuffix(zh.Type, "errors.md#"+string(code)) {
			t.Errorf("%s: type %s", code, zh.Type)
		}
	}
}

func TestProblemTellsNoSecret(t *testing.T) {
	planted := "planted-secret"
	for _, err := range []error{
		errors.New(planted),
		&jieling.Error{Code: jieling.CodeInternal, Public: jieling.Text{ZH: planted, EN: planted}, Err: errors.New(planted)},
		&jieling.Error{Code: jieling.CodeNotFound, Public: jieling.Text{ZH: planted, EN: planted}},
		&jieling.Error{Code: jieling.CodeDependency, Err: errors.New(planted)},
		&jieling.Error{Code: "a code nobody knows", Err: errors.New(planted)},
	} {
		b, _ := json.Marshal(gate.NewProblem(err, "en"))
		if bytes.Contains(b, []byte(planted)) {
			t.Errorf("%v is told: %s", err, b)
		}
	}
}

func TestProblemOfARefusal(t *testing.T) {
	err := &jieling.Error{
		Code: jieling.CodeTooMany, Public: jieling.Text{ZH: "请稍后", EN: "Later."}, After: 1500 * time.Millisecond,
		Fields: []jieling.FieldError{{Field: "given", Message: "is wrong"}},
	}
	got := gate.NewProblem(err, "en")
	if got.Status != 429 || got.Detail != "Later." || got.After != 2 || len(got.Errors) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestLang(t *testing.T) {
	for header, want := range map[string]string{
		"": "zh-CN", "en": "en", "en-GB,en;q=0.9": "en", "zh-TW": "zh-CN", "fr, en;q=0.5": "en", "zh;q=0.1, en;q=0.9": "en",
		"*": "zh-CN", "xx": "zh-CN", strings.Repeat("en,", 100): "zh-CN", "\x00": "zh-CN",
	} {
		if got := gate.Lang(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func TestAdmitSetsHeadersAndLogsNoQuery(t *testing.T) {
	var counted []any
	p := newPorch(t, func(c *gate.Config) {
		c.Secure = true
		c.Served = func(route, method string, status int, _ time.Duration) { counted = []any{route, method, status} }
	})
	h := p.Admit(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := gate.VisitOf(r.Context())
		v.Route, v.Actor.Name = "/v1/resolve", "shop"
		w.WriteHeader(http.StatusTeapot)
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, bearing("jl_planted-in-the-header"))
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Strict-Transport-Security": "max-age=63072000",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	line := p.log.String()
	if strings.Contains(line, "planted") || !strings.Contains(line, `"status":418`) || !strings.Contains(line, w.Header().Get("Request-Id")) {
		t.Errorf("the access log: %s", line)
	}
	if diff := cmp.Diff([]any{"/v1/resolve", "POST", 418}, counted); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}

func TestPanicIsToldAsAProblemAndLoggedWithoutItsValue(t *testing.T) {
	p := newPorch(t, nil)
	w := httptest.NewRecorder()
	p.Admit(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("planted-secret") })).ServeHTTP(w, bearing("x"))
	if w.Code != 500 || w.Header().Get("Content-Type") != "application/problem+json" || !strings.Contains(w.Body.String(), `"code":"internal"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if strings.Contains(p.log.String(), "planted") || !strings.Contains(p.log.String(), `"what":"string"`) {
		t.Errorf("the log: %s", p.log.String())
	}
}

func pages(p *porch, r *http.Request) (*httptest.ResponseRecorder, *gate.Visit) {
	w := httptest.NewRecorder()
	var visit *gate.Visit
	p.Pages(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { visit = gate.VisitOf(r.Context()) }), nil).ServeHTTP(w, r)
	return w, visit
}

func TestPagesRecogniseAPerson(t *testing.T) {
	p := newPorch(t, nil)
	for token, want := range map[string]int{"of-a-person": 200, "expired": 200, "": 200, "of-a-broken-store": 500} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: "jieling", Value: token})
		w, visit := pages(p, r)
		if w.Code != want {
			t.Errorf("%q: %d", token, w.Code)
		}
		if want == 200 && (visit.Actor.Account == "acc_1") != (token == "of-a-person") {
			t.Errorf("%q is %+v", token, visit.Actor)
		}
	}
}

// ASVS 3.5.1–3.5.3: nothing is changed by a request from another site.
func TestPagesRefuseOtherSites(t *testing.T) {
	p := newPorch(t, nil)
	for _, c := range []struct {
		method, site string
		want         int
	}{
		{http.MethodPost, "cross-site", 403},
		{http.MethodPost, "same-site", 403},
		{http.MethodPost, "same-origin", 200},
		{http.MethodGet, "cross-site", 200},
	} {
		r := httptest.NewRequest(c.method, "/cases/1/confirm", nil)
		r.Header.Set("Sec-Fetch-Site", c.site)
		if w, _ := pages(p, r); w.Code != c.want {
			t.Errorf("%s from %s: %d, want %d", c.method, c.site, w.Code, c.want)
		}
	}
}

func TestPagesPolicyHasAFreshNonce(t *testing.T) {
	p := newPorch(t, nil)
	w1, v1 := pages(p, httptest.NewRequest(http.MethodGet, "/", nil))
	_, v2 := pages(p, httptest.NewRequest(http.MethodGet, "/", nil))
	policy := w1.Header().Get("Content-Security-Policy")
	if v1.Nonce == "" || v1.Nonce == v2.Nonce || !strings.Contains(policy, "'nonce-"+v1.Nonce+"'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("nonces %q and %q, policy %s", v1.Nonce, v2.Nonce, policy)
	}
}

// ASVS 3.3.1–3.3.4.
func TestSessionCookie(t *testing.T) {
	for secure, name := range map[bool]string{true: "__Host-jieling", false: "jieling"} {
		p := newPorch(t, func(c *gate.Config) { c.Secure = secure })
		w := httptest.NewRecorder()
		p.SignIn(w, "token", p.now.Add(time.Hour))
		c := w.Result().Cookies()[0]
		if c.Name != name || !c.HttpOnly || c.Secure != secure || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("secure=%v: %s", secure, c)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(c)
		if got := p.SessionToken(r); got != "token" {
			t.Errorf("read back %q", got)
		}
		w = httptest.NewRecorder()
		p.SignOut(w)
		if c := w.Result().Cookies()[0]; c.Name != name || c.MaxAge >= 0 {
			t.Errorf("signing out: %s", c)
		}
	}
}

func TestIdempotency(t *testing.T) {
	for header, want := range map[string]string{
		"": "", "abc": "abc", `"abc"`: "abc", "8e03978e-40d5-43dd-bc93-6894a57f9324": "8e03978e-40d5-43dd-bc93-6894a57f9324",
		strings.Repeat("a", 255): strings.Repeat("a", 255),
	} {
		got, err := gate.Idempotency(header, "POST", "/v1/cases", nil)
		if err != nil || got.Key != want {
			t.Errorf("%q: %q, %v", header, got.Key, err)
		}
	}
	for _, header := range []string{`""`, " ", "a b", "é", strings.Repeat("a", 256), "a\x00"} {
		if _, err := gate.Idempotency(header, "POST", "/v1/cases", nil); jieling.CodeOf(err) != jieling.CodeInvalid {
			t.Errorf("%q: %v", header, err)
		}
	}
}

func TestFingerprintTellsRequestsApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.StringMatching(`[ab/]{1,6}`).Draw(t, "whole")
		cut := func(name string) [3]string { // the same bytes, divided otherwise
			to := rapid.IntRange(0, len(whole)).Draw(t, name+" path ends")
			from := rapid.IntRange(0, to).Draw(t, name+" path begins")
			return [3]string{whole[:from], whole[from:to], whole[to:]}
		}
		a, b := cut("one"), cut("other")
		same := gate.Fingerprint(a[0], a[1], []byte(a[2])) == gate.Fingerprint(b[0], b[1], []byte(b[2]))
		if same != (a == b) {
			t.Fatalf("%q and %q: same is %v", a, b, same)
		}
	})
}

// No more than the burst and what the rate gave since passes, however the requests come.
func TestRateHoldsInEveryOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newPorch(t, func(c *gate.Config) { c.PerKey = gate.Rate{PerSecond: 5, Burst: 10} })
		secret := p.add(t, "shop")
		began, passed := p.now, 0
		for range rapid.IntRange(1, 100).Draw(rt, "requests") {
			p.now = p.now.Add(time.Duration(rapid.IntRange(0, 300).Draw(rt, "pause")) * time.Millisecond)
			if _, err := p.Program(bearing(secret)); err == nil {
				passed++
			}
		}
		if most := 10 + 5*p.now.Sub(began).Seconds() + 1e-6; float64(passed) > most {
			rt.Fatalf("%d passed, at most %.2f may", passed, most)
		}
	})
}
