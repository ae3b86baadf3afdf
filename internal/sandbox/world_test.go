package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// stand is a running world with a browser that follows no redirects.
type stand struct {
	*World
	clock   *clock
	browser *http.Client
	keys    Credentials
}

func newStand(t *testing.T) *stand {
	t.Helper()
	c := &clock{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	w, err := Start(t.Context(), Config{Now: c.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &stand{w, c, browser, DefaultCredentials()}
}

func (s *stand) get(t *testing.T, address string) (int, string) {
	t.Helper()
	res, err := s.browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// form posts a form and gives the status and where the browser is sent.
func (s *stand) form(t *testing.T, address string, pairs ...string) (int, *url.URL) {
	t.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	res, err := s.browser.PostForm(address, v)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	to, err := res.Location()
	if err != nil {
		return res.StatusCode, nil
	}
	return res.StatusCode, to
}

func (s *stand) postJSON(t *testing.T, address string, body any) (int, string) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.browser.Post(address, "application/json", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

func (s *stand) fault(t *testing.T, party string, f Fault) {
	t.Helper()
	if status, body := s.postJSON(t, s.URL(party)+"/_fault", f); status != http.StatusOK {
		t.Fatalf("fault: %d %s", status, body)
	}
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func person(t *testing.T, key string) Person {
	t.Helper()
	p, known := personByKey(key)
	if !known {
		t.Fatalf("no person %q", key)
	}
	return p
}

func TestPagesInBothLanguages(t *testing.T) {
	s := newStand(t)
	authorize := "/oauth2.0/authorize?response_type=code&client_id=101000001&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb&state=s"
	pages := map[string][]string{
		QQ: {"/", "/people/lin", authorize}, SMS: {"/"}, Face: {"/"},
		WeCom:  {"/", "/wwlogin/sso/login?login_type=CorpApp&appid=ww0000000000000001&agentid=1000002&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb&state=s"},
		WeChat: {"/", "/phone/lin", "/connect/qrconnect?appid=wx0000000000000001&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb&response_type=code&scope=snsapi_login&state=s"},
	}
	for _, name := range Participants() {
		pages[name] = []string{"/"}
	}
	for name, paths := range pages {
		for _, path := range paths {
			join := "?"
			if strings.Contains(path, "?") {
				join = "&"
			}
			status, zh := s.get(t, s.URL(name)+path)
			statusEN, en := s.get(t, s.URL(name)+path+join+"lang=en")
			if status != http.StatusOK || statusEN != http.StatusOK {
				t.Errorf("%s%s: %d, %d", name, path, status, statusEN)
			}
			if !strings.Contains(zh, `lang="zh-CN"`) || !strings.Contains(zh, "模拟") || !strings.Contains(en, `lang="en"`) || !strings.Contains(en, "Simulated") {
				t.Errorf("%s%s is not in both languages", name, path)
			}
			for _, outside := range []string{"<script", "<link", "<img", "@import", "src="} {
				if strings.Contains(zh, outside) {
					t.Errorf("%s%s contains %s", name, path, outside)
				}
			}
		}
	}
}

func TestStartSaysWhichPartyCannotListen(t *testing.T) {
	s := newStand(t)
	taken, err := url.Parse(s.URL(Game))
	if err != nil {
		t.Fatal(err)
	}
	var port int
	if err := json.Unmarshal([]byte(taken.Port()), &port); err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), Config{Ports: map[string]int{Game: port}})
	if err == nil || !strings.Contains(err.Error(), "party game") {
		t.Errorf("error %v", err)
	}
}

func TestCloseTwiceAndStop(t *testing.T) {
	s := newStand(t)
	s.Close()
	s.Close()
	if res, err := s.browser.Get(s.URL(QQ) + "/_state"); err == nil { // unless somebody else has the port by now
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			t.Error("QQ still answers")
		}
	}
}

// The cast must be usable as test data: numbers of their own, codes of the right shape.
func TestPeople(t *testing.T) {
	seen := map[string]string{}
	for _, p := range People() {
		for what, value := range map[string]string{
			"key": p.Key, "qq": p.QQ, "qq openid": p.QQOpenID, "qq unionid": p.QQUnionID, "wechat openid": p.WeChatOpenID,
			"wechat unionid": p.WeChatUnionID, "phone": p.Phone, "pin": p.PIN, "id card": p.IDCard,
		} {
			if other := seen[value]; value == "" || other != "" {
				t.Errorf("%s of %s is %q, as for %s", what, p.Key, value, other)
			}
			seen[value] = p.Key
		}
		if len(p.PIN) != 6 || !strings.HasPrefix(p.Phone, "+8613") || len(p.Phone) != 14 {
			t.Errorf("%s: PIN or phone", p.Key)
		}
		if p.Merchant != (p.Owns.Customers > 0) || !p.Merchant && (p.Owns.AutoPayments != 2 || p.Owns.Saves != 1 || len(p.Owns.MiniPrograms) == 0) {
			t.Errorf("%s owns %+v", p.Key, p.Owns)
		}
	}
}

// The context of a world ends and its owner closes it, at the same moment.
func TestAWorldIsClosedByManyAtOnce(t *testing.T) {
	for range 20 {
		w, err := Start(t.Context(), Config{Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		begin := make(chan struct{})
		for range 16 {
			all.Go(func() { <-begin; w.Close() })
		}
		close(begin)
		all.Wait()
	}
}
