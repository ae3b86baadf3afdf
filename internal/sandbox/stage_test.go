package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling/client"
)

// product stands in for Jieling's API: one account and, where it has an ID, one case.
type product struct {
	account, c map[string]any
}

func (p *product) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer key" {
		http.Error(w, "who are you", http.StatusUnauthorized)
		return
	}
	answer := p.account
	if strings.HasPrefix(r.URL.Path, "/v1/cases/") {
		answer = p.c
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// onStage is a world whose product is a stand-in, and the stage in it.
func onStage(t *testing.T) (*stand, *product, func(method, path string) *httptest.ResponseRecorder) {
	t.Helper()
	s, p := newStand(t), &product{account: map[string]any{"ways_in": 1, "bindings": []any{map[string]any{"provider": "qq", "state": "active"}}}}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	s.Attach(Product{BaseURL: server.URL, APIKey: "key", Accounts: map[string]string{"lin": "acc_1"}})
	h := s.Stage()
	return s, p, func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody))
		return w
	}
}

func TestTheStageShowsEverybodySideBySide(t *testing.T) {
	s, _, ask := onStage(t)
	for lang, words := range map[string][]string{"zh-CN": {"舞台", "两分钟导览", "已绑定", "1 种登录方式"}, "en": {"The stage", "A two-minute tour", "linked", "1 way in"}} {
		for _, p := range People() {
			page := ask("GET", "/sandbox?who="+p.Key+"&lang="+lang).Body.String()
			for _, name := range Names() {
				if !strings.Contains(page, `src="`+s.URL(name)) {
					t.Errorf("%s, %s: no frame of %s", lang, p.Key, name)
				}
			}
			if p.Key != "lin" {
				words = words[:2] // the others have no account here
			}
			for _, word := range append(words, "/phone/"+p.Key, `lang="`+lang+`"`) {
				if !strings.Contains(page, word) {
					t.Errorf("%s, %s: %q is missing", lang, p.Key, word)
				}
			}
		}
	}
	for file, kind := range map[string]string{"stage.css": "text/css", "stage.js": "text/javascript"} {
		if w := ask("GET", "/sandbox/"+file); w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: %d %v", file, w.Code, w.Header())
		}
	}
}

// Only the stage may frame a party, and only once the world knows where it is. A page that asks for consent is framed by nobody.
func TestWhoMayFrameWhom(t *testing.T) {
	consent := "/oauth2.0/authorize?response_type=code&client_id=101000001&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb&state=s"
	framer := func(address string) string {
		res, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		_, after, _ := strings.Cut(res.Header.Get("Content-Security-Policy"), "frame-ancestors ")
		who, _, _ := strings.Cut(after, ";")
		return who
	}
	alone := newStand(t)
	if got := framer(alone.URL(QQ) + "/"); got != "'none'" {
		t.Errorf("before the product is attached, QQ may be framed by %q", got)
	}
	s, _, ask := onStage(t)
	for _, name := range Names() {
		if got := framer(s.URL(name) + "/"); got != s.wechat.attached().BaseURL {
			t.Errorf("%s may be framed by %q", name, got)
		}
	}
	if got := framer(s.URL(QQ) + consent); got != "'none'" {
		t.Errorf("the consent page may be framed by %q", got)
	}
	policy := ask("GET", "/sandbox").Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, s.URL(Game)) {
		t.Errorf("the stage's own policy: %s", policy)
	}
}

// In a frame a party's page is about the person on the stage and leaves its head and foot away.
func TestAPartyInAFrame(t *testing.T) {
	s := newStand(t)
	for _, framed := range []bool{false, true} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL(Game)+"/?who=chen", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if framed {
			req.Header.Set("Sec-Fetch-Dest", "iframe")
		}
		res, err := s.browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		_ = res.Write(&b)
		res.Body.Close()
		if strings.Contains(b.String(), "<h1>") == framed || !strings.Contains(b.String(), "陈一舟") || strings.Contains(b.String(), "林小满") {
			t.Errorf("framed %v: %s", framed, b.String())
		}
	}
	if status, to := s.form(t, s.URL(Game)+"/_fault", "mode", "lie", "back", "/?who=chen"); status != http.StatusSeeOther || to.RequestURI() != "/?who=chen" {
		t.Errorf("a fault leads to %v", to)
	}
	if _, to := s.form(t, s.URL(Game)+"/_fault", "mode", "none", "back", "//elsewhere.invalid/"); to.Host != strings.TrimPrefix(s.URL(Game), "http://") {
		t.Errorf("a fault leads away, to %v", to)
	}
}

func TestTheTourFollowsTheWorld(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 11, 22, 9, minute, 0, 0, time.UTC) }
	open := facts{known: true, linked: true, id: "case_1", opened: at(2), stage: "open"}
	with := func(f facts, change func(*facts)) facts {
		change(&f)
		return f
	}
	removed := with(open, func(f *facts) {
		f.linked, f.stage, f.removed, f.codes, f.another, f.signIns = false, "guarded", at(4), []time.Time{at(3)}, true, []time.Time{at(1)}
	})
	for _, tt := range []struct {
		name  string
		f     facts
		began time.Time
		want  string
	}{
		{"nothing yet", facts{known: true, linked: true}, time.Time{}, "now open open open open open open"},
		{"signed in", facts{known: true, linked: true, signIns: []time.Time{at(1)}}, time.Time{}, "done now open open open open open"},
		{"a sign-in from before", facts{known: true, linked: true, signIns: []time.Time{at(1)}}, at(1), "now open open open open open open"},
		{"a case, without the first step", open, time.Time{}, "now done open open open open open"},
		{"a code", with(open, func(f *facts) { f.signIns, f.codes = []time.Time{at(1)}, []time.Time{at(3)} }), time.Time{}, "done done done now open open open"},
		{"an old code", with(open, func(f *facts) { f.signIns, f.codes = []time.Time{at(1)}, []time.Time{at(1)} }), time.Time{}, "done done now open open open open"},
		{"no code was needed", with(open, func(f *facts) { f.signIns, f.another = []time.Time{at(1)}, true }), time.Time{}, "done done done now open open open"},
		{"removed", removed, time.Time{}, "done done done done now open open"},
		{"refused", with(removed, func(f *facts) { f.signIns = append(f.signIns, at(5)) }), time.Time{}, "done done done done done now open"},
		{"too late for the first", with(removed, func(f *facts) { f.signIns = []time.Time{at(5)} }), time.Time{}, "left done done done done now open"},
		{"cleared first", with(removed, func(f *facts) { f.cleared = true }), time.Time{}, "done done done done now done open"},
		{"undone in a hurry", with(removed, func(f *facts) { f.stage, f.linked = "compensated", true }), time.Time{}, "done done done done left left done"},
		{"a cancelled case is not undone", with(open, func(f *facts) { f.signIns, f.stage = []time.Time{at(1)}, "compensated" }), time.Time{}, "done done now open open open open"},
		{"from the start", with(removed, func(f *facts) { f.stage, f.cleared = "compensated", true }), at(6), "now open open open open open open"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			steps, now := tourOf(person(t, "lin"), tt.f, tt.began, "http://base")
			var got []string
			for _, s := range steps {
				got = append(got, string(s.State))
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
			if i := slices.Index(got, "now"); i != now && (i != -1 || now != len(steps)) {
				t.Errorf("the step to take is %d", now)
			}
		})
	}
}

func TestTheTourIsReadFromThePartiesAndTheProduct(t *testing.T) {
	s, p, ask := onStage(t)
	now := func() string {
		page := ask("GET", "/sandbox?lang=en").Body.String()
		_, after, _ := strings.Cut(page, `id="tour-now" role="status">`)
		said, _, _ := strings.Cut(after, "<")
		return said
	}
	if got := now(); got != "Step 1 of 7" {
		t.Errorf("at the start: %q", got)
	}
	for linked, hint := range map[string]bool{"active": false, "removed": true} {
		p.account["bindings"] = []any{map[string]any{"provider": "wechat", "state": "active"}, map[string]any{"provider": "qq", "state": linked}}
		if page := ask("GET", "/sandbox?lang=en").Body.String(); strings.Contains(page, "QQ is not linked at the moment") != hint {
			t.Errorf("with a QQ that is %s, it is said that the tour cannot begin: %v", linked, !hint)
		}
	}
	p.account["bindings"] = []any{map[string]any{"provider": "qq", "state": "active"}}
	s.qq.tokens["t"] = &qqToken{person: "lin", expires: s.clock.Now().Add(qqTokenLife)}
	if got := now(); got != "Step 2 of 7" {
		t.Errorf("after a sign-in: %q", got)
	}
	s.clock.Forward(time.Minute)
	opened := s.clock.Now()
	p.account["cases"] = []any{map[string]any{"id": "case_9", "provider": "qq"}}
	p.c = map[string]any{"stage": "guarded", "replaced": true, "opened_at": opened, "removed_at": opened.Add(time.Second)}
	if got := now(); got != "Step 5 of 7" {
		t.Errorf("after the removal: %q", got)
	}
	pay := s.systems[WeChatPay]
	ref := client.BindingRef{Provider: QQ, Subject: person(t, "lin").QQOpenID}
	step := client.StepRequest{Case: "case_9", Step: "c", Binding: ref}
	for _, op := range []func(context.Context, client.StepRequest) (client.Answer, error){pay.Prepare, pay.Commit} {
		if _, err := op(t.Context(), step); err != nil {
			t.Fatal(err)
		}
	}
	s.clock.Forward(time.Minute)
	s.qq.tokens["u"] = &qqToken{person: "lin", expires: s.clock.Now().Add(qqTokenLife)}
	if got := now(); got != "Step 6 of 7" {
		t.Errorf("after QQ was refused, and before the clean-up: %q", got)
	}
	if _, err := pay.Cleanup(t.Context(), client.CleanupRequest{StepRequest: client.StepRequest{Case: "case_9", Step: "s", Binding: ref}, Residue: "real-name"}); err != nil {
		t.Fatal(err)
	}
	if got := now(); got != "Step 7 of 7" {
		t.Errorf("after the clean-up: %q", got)
	}
	p.account["cases"], p.c["stage"] = nil, "compensated" // the list has open cases only; this one is remembered
	if got := now(); got != "The tour is over." {
		t.Errorf("after the undo: %q", got)
	}
	w := ask("POST", "/sandbox/tour?"+url.Values{"who": {"lin"}, "lang": {"en"}}.Encode())
	if w.Code != http.StatusSeeOther || !strings.Contains(w.Header().Get("Location"), "who=lin") {
		t.Errorf("starting over: %d %v", w.Code, w.Header())
	}
	if got := now(); got != "Step 1 of 7" {
		t.Errorf("from the start: %q", got)
	}
	if w := ask("POST", "/sandbox/tour?who=nobody"); w.Code != http.StatusBadRequest {
		t.Errorf("nobody's tour: %d", w.Code)
	}
}

// Where the product is silent, the stage says so and shows the parties nevertheless.
func TestTheStageWithoutItsProduct(t *testing.T) {
	s := newStand(t)
	w := httptest.NewRecorder()
	s.Stage().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/sandbox?lang=en", http.NoBody))
	for _, want := range []string{"the product does not answer", s.URL(Game)} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
}
