package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling/client"
	"github.com/jieling-id/jieling/client/api"
)

const sharedSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="

// openShop serves a shop that uses the Jieling at this address.
func openShop(t *testing.T, jieling, key string) (*shop, *httptest.Server) {
	t.Helper()
	secret, err := client.ParseSecret(sharedSecret)
	if err != nil {
		t.Fatal(err)
	}
	jl, err := api.New(jieling, key)
	if err != nil {
		t.Fatal(err)
	}
	s := newShop()
	server := httptest.NewServer(newSite(s, jl, secret))
	t.Cleanup(server.Close)
	return s, server
}

// browser keeps cookies, as a person's does.
type browser struct {
	*http.Client
	t *testing.T
}

func newBrowser(t *testing.T) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return browser{&http.Client{Jar: jar}, t}
}

// post sends a form and gives what the person sees in the end.
func (b browser) post(to string, form url.Values) (status int, page string) {
	b.t.Helper()
	form.Set("lang", "en")
	answer, err := b.PostForm(to, form)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

var lin = url.Values{"name": {"Lin"}, "password": {"camellia"}, "phone": {"+8613900000001"}, "qq": {"openid-of-lin"}, "pin": {"204816"}}

func TestConformance(t *testing.T) {
	s, server := openShop(t, "http://localhost:1", "jl_none")
	u, _ := s.signUp(user{Name: "Lin", QQ: earned{Subject: "openid-of-lin"}})
	secret, err := client.ParseSecret(sharedSecret)
	if err != nil {
		t.Fatal(err)
	}
	probe := client.Probe{Account: u.ID, Binding: client.BindingRef{ID: "bnd_test", Provider: "qq", Subject: "openid-of-lin"}}
	for _, finding := range client.CheckConformance(t.Context(), server.URL+"/jieling", secret, probe) {
		t.Error(finding)
	}
}

func step(u user, id string) client.StepRequest {
	return client.StepRequest{
		Step: "step_" + id, Case: "case_" + id, Account: u.ID, Action: client.ActionUnlink,
		Binding: client.BindingRef{ID: "bnd_test", Provider: "qq", Subject: "openid-of-lin"},
	}
}

func TestPrepareRefusesWhileAnOrderIsBeingPaid(t *testing.T) {
	s := newShop()
	u, _ := s.signUp(user{Name: "Lin", QQ: earned{Subject: "openid-of-lin"}})
	s.change(u.ID, func(u *user) { u.Paying = true })
	got, err := s.Prepare(t.Context(), step(u, "1"))
	if err != nil || got.State != client.StateRefused || got.Reason.ZH == "" || got.Reason.EN == "" {
		t.Errorf("%+v, %v", got, err)
	}
	s.change(u.ID, func(u *user) { u.Paying = false })
	if got, err := s.Prepare(t.Context(), step(u, "2")); err != nil || got.State != client.StatePrepared {
		t.Errorf("%+v, %v", got, err)
	}
}

// Points that a promotion credits after the commit are a residue until they are cleared; what the commit took is not.
func TestLatePointsAreAResidue(t *testing.T) {
	s := newShop()
	u, _ := s.signUp(user{Name: "Lin", QQ: earned{Subject: "openid-of-lin"}})
	ask := step(u, "1")
	for _, act := range []func(context.Context, client.StepRequest) (client.Answer, error){s.Prepare, s.Commit} {
		if _, err := act(t.Context(), ask); err != nil {
			t.Fatal(err)
		}
	}
	if v, _ := s.Verify(t.Context(), ask); v.State != client.StateClean {
		t.Fatalf("after the commit: %+v", v)
	}
	s.change(u.ID, func(u *user) { u.QQ = earned{"openid-of-lin", 15, 0} })
	v, _ := s.Verify(t.Context(), ask)
	if v.State != client.StateResidue || len(v.Residues) != 1 || v.Residues[0].ID != "points" {
		t.Fatalf("after the late credit: %+v", v)
	}
	if a, err := s.Cleanup(t.Context(), client.CleanupRequest{StepRequest: ask, Residue: "points"}); err != nil || a.State != client.StateCleared {
		t.Fatalf("%+v, %v", a, err)
	}
	if v, _ := s.Verify(t.Context(), ask); v.State != client.StateClean {
		t.Errorf("after the clean-up: %+v", v)
	}
}

// said answers every resolve with this outcome and refuses whatever else is asked.
func said(outcome string, account api.AccountID) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/resolve" || outcome == "" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"outcome": outcome, "account": account, "reasons": []string{}})
	})
}

func TestSignInWithQQDoesWhatJielingSays(t *testing.T) {
	const account = "acc_01k9z0xw7m8c4e2v5r6t3n1b9a"
	for _, tt := range []struct {
		outcome string
		status  int
		sees    string
	}{
		{"allow", 200, "Hello, Lin"},
		{"step_up", 200, "One more check"},
		{"refuse", 403, "QQ cannot sign you in now"},
		{"unknown", 403, "No account has this QQ"},
		{"", 502, "Try again in a while"}, // no answer is no yes
	} {
		t.Run(tt.outcome, func(t *testing.T) {
			jieling := httptest.NewServer(said(tt.outcome, account))
			defer jieling.Close()
			s, server := openShop(t, jieling.URL, "jl_none")
			u, _ := s.signUp(user{Name: "Lin", Password: "camellia"})
			s.change(u.ID, func(u *user) { u.Account = account })
			b := newBrowser(t)
			status, page := b.post(server.URL+"/signin/qq", url.Values{"qq": {"openid-of-lin"}})
			if status != tt.status || !strings.Contains(page, tt.sees) {
				t.Fatalf("%d, want %d with %q:\n%s", status, tt.status, tt.sees, page)
			}
			if tt.outcome != "step_up" {
				return
			}
			if status, _ := b.post(server.URL+"/stepup", url.Values{"password": {"wrong"}}); status != 403 {
				t.Errorf("with a wrong password: %d", status)
			}
			if _, page := b.post(server.URL+"/stepup", url.Values{"password": {"camellia"}}); !strings.Contains(page, "Hello, Lin") {
				t.Errorf("with the password:\n%s", page)
			}
		})
	}
}

// A join whose answer was lost is repeated with the same keys, so nothing is made twice.
func TestJoinIsRepeatedWithTheSameKeys(t *testing.T) {
	var keys [2][]string
	round := 0
	jieling := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys[round] = append(keys[round], r.Header.Get("Idempotency-Key"))
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer jieling.Close()
	_, server := openShop(t, jieling.URL, "jl_none")
	b := newBrowser(t)
	b.post(server.URL+"/signup", lin)
	round = 1
	if status, _ := b.post(server.URL+"/signin", lin); status != 502 {
		t.Errorf("%d", status)
	}
	if diff := cmp.Diff(keys[0], keys[1]); diff != "" || len(keys[0]) == 0 {
		t.Errorf("keys (-first +again):\n%s", diff)
	}
}
