package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/store"
)

// authenticator is an app that shows codes (RFC 6238), and knows nothing of ours.
func authenticator(t *testing.T, secret string) string { return codeAt(t, secret, time.Now()) }

// wrongCode is none of those that an app shows about now.
func wrongCode(t *testing.T, secret string) string {
	t.Helper()
	good := map[string]bool{}
	for step := -2; step <= 2; step++ {
		good[codeAt(t, secret, time.Now().Add(time.Duration(step)*30*time.Second))] = true
	}
	wrong := "000000"
	for good[wrong] {
		wrong = otherThan(wrong)
	}
	return wrong
}

func codeAt(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, at.Unix()/30)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff)%1e6)
}

// counter is a service over one store, and the browser of somebody at its console.
type counter struct {
	*testing.T
	app    *app
	db     string
	url    string
	ahead  atomic.Int64
	log    lockedBuffer
	client *http.Client
}

func openCounter(t *testing.T, db string) *counter {
	t.Helper()
	c := &counter{T: t, db: db}
	config := config{BaseURL: "http://localhost", DB: db, Keys: filepath.Join(t.TempDir(), "keys.json"), Pack: "qq-wechat", Name: "test"}
	var err error
	how := assembly{log: slog.New(slog.NewJSONHandler(&c.log, nil)), offset: func() time.Duration { return time.Duration(c.ahead.Load()) }}
	if c.app, err = assemble(t.Context(), config, how); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(c.app.handler)
	t.Cleanup(func() { server.Close(); c.app.close() })
	c.url = server.URL
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.client = &http.Client{Jar: jar}
	return c
}

func (c *counter) add(name string, role store.Role) gate.NewMember {
	c.Helper()
	m, err := gate.MakeMember(c.Context(), c.app.keys, name, role, time.Now())
	if err == nil {
		err = c.app.store.PutStaff(c.Context(), m.Row)
	}
	if err != nil {
		c.Fatal(err)
	}
	return m
}

// ask sends a form, or fetches where there is none, and follows where it leads.
func (c *counter) ask(path string, form url.Values) (int, string) {
	c.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(c.Context(), method, c.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", "en")
	answer, err := c.client.Do(r)
	if err != nil {
		c.Fatal(err)
	}
	defer answer.Body.Close()
	var page bytes.Buffer
	if _, err := page.ReadFrom(answer.Body); err != nil {
		c.Fatal(err)
	}
	return answer.StatusCode, page.String()
}

func (c *counter) signIn(name, password, code string) (int, string) {
	c.Helper()
	return c.ask("/console/signin", url.Values{"name": {name}, "password": {password}, "code": {code}})
}

// cookies are what the browser has; keep gives it them again, as somebody would who had copied them.
func (c *counter) cookies() []*http.Cookie { return c.client.Jar.Cookies(c.at()) }

func (c *counter) keep(cookies []*http.Cookie) { c.client.Jar.SetCookies(c.at(), cookies) }

func (c *counter) at() *url.URL {
	c.Helper()
	u, err := url.Parse(c.url + "/console")
	if err != nil {
		c.Fatal(err)
	}
	return u
}

func (c *counter) shows(what, path, mark string) {
	c.Helper()
	if _, page := c.ask(path, nil); !strings.Contains(page, mark) {
		c.Errorf("%s: %s does not show %s", what, path, mark)
	}
}

const (
	theDoor = `id="staff-go"`
	theRoom = `id="pack"`
)

// TestStaff_ThroughTheDoor signs a member in and out over HTTP on each store, with every way of ending a session in between.
func TestStaff_ThroughTheDoor(t *testing.T) {
	for name, database := range databases {
		t.Run(name, func(t *testing.T) {
			c := openCounter(t, database(t))
			m := c.add("lin", store.Operator)
			c.shows("nobody", "/console", theDoor)
			if status, page := c.signIn("lin", m.Password, wrongCode(t, m.TOTP)); status != http.StatusUnauthorized || !strings.Contains(page, `data-code="unauthenticated"`) || !strings.Contains(page, `value="lin"`) {
				t.Errorf("a wrong code: %d", status)
			}
			code := authenticator(t, m.TOTP)
			if status, page := c.signIn("lin", m.Password, code); status != http.StatusOK || !strings.Contains(page, theRoom) {
				t.Errorf("signed in: %d", status)
			}
			c.shows("signed in", "/console", "Signed in: lin, operator")
			if status, _ := c.ask("/devices", nil); status != http.StatusUnauthorized {
				t.Errorf("staff at a person's page: %d", status)
			}
			c.ahead.Add(int64(16 * time.Minute))
			c.shows("idle", "/console", theDoor)
			if status, _ := c.signIn("lin", m.Password, code); status != http.StatusUnauthorized {
				t.Errorf("the same code again: %d", status)
			}
			c.renewed("lin")
			c.shows("renewed", "/console", theRoom)
			kept := c.cookies()
			if status, page := c.ask("/console/signout", url.Values{}); status != http.StatusOK || !strings.Contains(page, theDoor) {
				t.Errorf("signed out: %d", status)
			}
			c.shows("signed out", "/console", theDoor)
			c.keep(kept)
			c.shows("signed out, with the cookie from before", "/console", theDoor)
			c.renewed("lin")
			if err := (staffDisableCommand{Name: "lin", DB: c.db}).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.shows("disabled", "/console", theDoor)
			c.logged(m)
		})
	}
}

// renewed signs in with new secrets, since a code works once.
func (c *counter) renewed(name string) {
	c.Helper()
	m, err := renew(c.Context(), c.app.store, c.app.keys, name)
	if err != nil {
		c.Fatal(err)
	}
	if status, page := c.signIn(name, m.Password, authenticator(c.T, m.TOTP)); status != http.StatusOK || !strings.Contains(page, theRoom) {
		c.Errorf("signed in anew: %d", status)
	}
}

// logged checks that the log has every sign-in and refusal, and no secret.
func (c *counter) logged(m gate.NewMember) {
	c.Helper()
	said := c.log.String()
	for line, want := range map[string]int{`"msg":"staff signed in","staff":"lin"`: 3, `"msg":"staff sign-in refused","staff":"lin"`: 2, `"msg":"staff signed out","staff":"lin"`: 1} {
		if n := strings.Count(said, line); n != want {
			c.Errorf("the log has %d lines with %s, want %d", n, line, want)
		}
	}
	for _, secret := range []string{m.Password, m.TOTP, m.Row.Password, "argon2"} {
		if strings.Contains(said, secret) {
			c.Errorf("the log holds %q", secret)
		}
	}
}

// The cookie of staff goes nowhere but to us, over TLS, and no script reads it.
func TestStaff_TheCookieIsStrict(t *testing.T) {
	for base, want := range map[string]string{"https://id.example.test": "__Host-jieling-staff", "http://localhost": "jieling-staff"} {
		c := config{BaseURL: base, DB: databases["sqlite"](t), Keys: filepath.Join(t.TempDir(), "keys.json"), Pack: "qq-wechat", Name: "test"}
		a, err := assemble(t.Context(), c, assembly{log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(a.close)
		at := counter{T: t, app: a}
		m := at.add("lin", store.Operator)
		form := url.Values{"name": {"lin"}, "password": {m.Password}, "code": {authenticator(t, m.TOTP)}}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, base+"/console/signin", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		a.handler.ServeHTTP(w, r)
		cookies := w.Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%s: %d, cookies %v", base, w.Code, cookies)
		}
		if k := cookies[0]; k.Name != want || !k.HttpOnly || k.SameSite != http.SameSiteStrictMode || k.Path != "/" || k.Domain != "" || k.Secure != strings.HasPrefix(base, "https") {
			t.Errorf("%s: %v", base, k)
		}
	}
}
