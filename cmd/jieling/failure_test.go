package main

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
)

// signingIn is a browser that has come as far as the provider's answer and has not brought it back.
type signingIn struct {
	*http.Client
	asked  *url.URL // where the provider asked
	answer string   // the address with the code in it
}

// halfWay signs in with QQ and stops before the last step, as somebody does whose network went away.
func (s *staged) halfWay(owner string) signingIn { return s.halfWayAt(jieling.QQ, owner, "") }

// halfWayAt does that at a provider, with a browser that says of itself what agent says.
func (s *staged) halfWayAt(provider jieling.Provider, owner, agent string) signingIn {
	s.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	b := signingIn{Client: &http.Client{Jar: jar, Timeout: 90 * time.Second}}
	req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.sheet.BaseURL+"/signin/"+string(provider), http.NoBody)
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("User-Agent", agent)
	page, err := b.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	page.Body.Close()
	b.asked = page.Request.URL
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := b.PostForm(b.asked.String(), url.Values{"person": {owner}, "decision": {"allow"}})
	if err != nil {
		s.Fatal(err)
	}
	res.Body.Close()
	if b.answer, b.CheckRedirect = res.Header.Get("Location"), nil; !strings.Contains(b.answer, "code=") {
		s.Fatalf("%s gave %q", provider, b.answer)
	}
	return b
}

// opens brings the answer back and reports whether the account is open to the browser afterwards.
func (s *staged) opens(b signingIn, mark string) bool {
	s.Helper()
	if _, err := fetch(s.Context(), b.Client, http.MethodGet, b.answer, nil); err != nil {
		s.Fatal(err)
	}
	return s.isOpen(b, mark)
}

func (s *staged) isOpen(b signingIn, mark string) bool {
	s.Helper()
	home, err := fetch(s.Context(), b.Client, http.MethodGet, s.sheet.BaseURL+"/", nil)
	if err != nil {
		s.Fatal(err)
	}
	return strings.Contains(home.body, mark)
}

// TestFailure_AHalfFinishedSignInDoesNotOutliveTheUnlinking: elsewhere a sign-in that had begun before a login was taken away has been seen
// to open the account afterwards, and even to link the login again. Here neither that, nor a session that came in by the login, nor one
// more sign-in does.
func TestFailure_AHalfFinishedSignInDoesNotOutliveTheUnlinking(t *testing.T) {
	s := newStaged(t)
	w := s.person("zhao")
	half, whole, control := s.halfWay("zhao"), s.halfWay("zhao"), s.halfWay("zhao")
	const mark = `id="methods"`
	home, err := fetch(t.Context(), half.Client, http.MethodGet, s.sheet.BaseURL+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(home.body, mark) {
		t.Fatal("the centre is open to somebody who is not signed in")
	}
	if !s.opens(control, mark) || !s.opens(whole, mark) {
		t.Fatal("a sign-in that is finished opens nothing, so that this test proves nothing")
	}
	s.confirmed(w)
	s.must(w.carriedOut)
	if s.opens(half, mark) {
		t.Error("a sign-in from before the removal was finished after it, and opens the account")
	}
	if s.isOpen(whole, mark) {
		t.Error("a session that came in by the login is alive after it is gone")
	}
	s.must(w.signInRefused)
	a, err := s.app.engine.Account(t.Context(), bySeed, w.person.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range a.Bindings {
		if b.Provider == jieling.QQ && b.State != jieling.BindingRemoved {
			t.Errorf("QQ is linked again: %s", b.State)
		}
	}
}
