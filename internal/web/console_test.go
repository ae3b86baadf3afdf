package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The two sessions know nothing of one another: neither opens what belongs to the other.
func TestConsole_SessionsAreApart(t *testing.T) {
	h := newHouse(t, false)
	for _, c := range []struct {
		name, path string
		edit       func(*http.Request)
		status     int
		shows      string
	}{
		{"nobody", "/console", func(*http.Request) {}, http.StatusOK, `id="staff-go"`},
		{"a person", "/console", signedInAs, http.StatusOK, `id="staff-go"`},
		{"a person's token under the staff's cookie", "/console", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "jieling-staff", Value: "session"}) }, http.StatusOK, `id="staff-go"`},
		{"staff", "/console", asStaff, http.StatusOK, `id="pack"`},
		{"staff at a person's page", "/devices", asStaff, http.StatusUnauthorized, `data-code="unauthenticated"`},
		{"staff's token under a person's cookie", "/devices", as("staff-session"), http.StatusUnauthorized, `data-code="unauthenticated"`},
		{"both at the console", "/console", func(r *http.Request) { asStaff(r); signedInAs(r) }, http.StatusOK, `id="pack"`},
	} {
		w := h.ask(c.path, nil, c.edit)
		if page := w.Body.String(); w.Code != c.status || !strings.Contains(page, c.shows) || c.path == "/console" && strings.Contains(page, `id="nav-freeze"`) {
			t.Errorf("%s: %d, or without %s, or with a person's freeze", c.name, w.Code, c.shows)
		}
	}
}

// Another site's form signs nobody out, and nobody in.
func TestConsole_AnotherSiteIsRefused(t *testing.T) {
	h := newHouse(t, false)
	foreign := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	for _, path := range []string{"/console/signin", "/console/signout"} {
		if w := h.ask(path, url.Values{}, asStaff, foreign); w.Code != http.StatusForbidden || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s: %d %v", path, w.Code, w.Result().Cookies())
		}
	}
}
