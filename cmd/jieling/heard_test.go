package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/client"
	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// acts plays a part at a party.
func (d *demo) acts(t *testing.T, party, path, act string) {
	t.Helper()
	res, err := http.PostForm(d.sheet.Sandbox[party]+path, url.Values{"act": {act}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s %s: %s", party, path, act, res.Status)
	}
}

// resolves asks, as the product does, whether an identity opens the account.
func (s *staged) resolves(w *walk, provider jieling.Provider, subject string) (string, []string) {
	s.Helper()
	r, err := w.jl.Resolve(s.Context(), &sdk.ResolveQuery{Provider: sdk.Provider(provider), Subject: subject, Network: sdk.NewOptNetworkLevel(sdk.NetworkLevelKnown)})
	if err != nil {
		s.Fatal(err)
	}
	return string(r.Outcome), r.Reasons
}

// messages counts what was sent to the person's number that has these words in it.
func (s *staged) messages(w *walk, words string) int {
	s.Helper()
	n := 0
	var in struct{ Messages []struct{ Text string } }
	if err := getJSON(s.Context(), s.world.URL(sandbox.SMS)+"/inbox/"+w.person.Phone, &in); err != nil {
		s.Fatal(err)
	}
	for _, m := range in.Messages {
		if strings.Contains(m.Text, words) {
			n++
		}
	}
	return n
}

// TestS9_AConsentWithdrawnAtWeChat walks it over real HTTP: the person takes the permission back in WeChat, WeChat tells, the login opens nothing
// and its session is over; the owner is told, the centre says what happened and what to do, and signing in with WeChat anew brings it back.
func TestS9_AConsentWithdrawnAtWeChat(t *testing.T) {
	s := newStaged(t)
	w := s.person("zhao")
	person := sandbox.People()[slices.IndexFunc(sandbox.People(), func(p sandbox.Person) bool { return p.Key == "zhao" })]
	_, err := w.jl.AddBinding(t.Context(), &sdk.NewBinding{Provider: "wechat", Subject: person.WeChatOpenID}, sdk.AddBindingParams{Account: sdk.AccountID(w.person.ID), IdempotencyKey: sdk.NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	const mark, renew = `id="methods"`, `data-renew="wechat"`
	by := s.halfWayAt(jieling.WeChat, "zhao", "")
	if !s.opens(by, mark) {
		t.Fatal("WeChat opens nothing")
	}
	s.acts(t, sandbox.WeChat, "/phone/zhao/account", "withdraw")
	if outcome, reasons := s.resolves(w, jieling.WeChat, person.WeChatOpenID); outcome != "refuse" || !slices.Equal(reasons, []string{"binding_suspended", "consent_withdrawn"}) {
		t.Errorf("%s, %v", outcome, reasons)
	}
	if s.isOpen(by, mark) {
		t.Error("the session that came in by it goes on")
	}
	if err := eventually(t.Context(), func() (bool, error) { return s.messages(w, "安全相关") == 1, nil }); err != nil {
		t.Errorf("the owner was not told: %v", err)
	}
	other := s.halfWayAt(jieling.QQ, "zhao", "")
	if !s.opens(other, mark) || !s.isOpen(other, renew) || !s.isOpen(other, `data-said="consent_withdrawn"`) {
		t.Error("the centre does not say what happened and what to do")
	}
	again := s.halfWayAt(jieling.WeChat, "zhao", "")
	if !s.opens(again, mark) || s.isOpen(again, renew) {
		t.Error("proven anew, it opens nothing")
	}
	if outcome, reasons := s.resolves(w, jieling.WeChat, person.WeChatOpenID); outcome != "allow" {
		t.Errorf("%s, %v", outcome, reasons)
	}

	s.acts(t, sandbox.WeChat, "/phone/zhao/account", "close")
	if outcome, reasons := s.resolves(w, jieling.WeChat, person.WeChatOpenID); outcome != "refuse" || !slices.Contains(reasons, "account_deleted") {
		t.Errorf("a deleted account: %s, %v", outcome, reasons)
	}
	res, err := http.Post(s.sheet.BaseURL+"/v1/providers/wechat/notices?timestamp=1&nonce=2&msg_signature=3&encrypt_type=aes", "text/xml", strings.NewReader("<xml/>"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a forged one: %s", res.Status)
	}
}

// TestV6_WhoLeavesTheOrganisationLosesTheWorkLogin, as WeCom tells, and has it back with a sign-in once they are a member again.
func TestV6_WhoLeavesTheOrganisationLosesTheWorkLogin(t *testing.T) {
	s := newStaged(t)
	w := s.colleague("android")
	subject := sandbox.DefaultCredentials().WeComCorpID + "/zhouke"
	s.acts(t, sandbox.WeCom, "/members/zhouke", "leave")
	if outcome, reasons := s.resolves(w, jieling.WeCom, subject); outcome != "refuse" || !slices.Contains(reasons, "member_left") {
		t.Errorf("%s, %v", outcome, reasons)
	}
	a, err := w.jl.GetAccount(t.Context(), sdk.GetAccountParams{Account: sdk.AccountID(w.person.ID)})
	if err != nil || a.Kind == "enterprise_member" || a.WaysIn < 1 {
		t.Errorf("%+v (%v)", a, err)
	}
	s.acts(t, sandbox.WeCom, "/members/zhouke", "enable")
	if outcome, reasons := s.resolves(w, jieling.WeCom, subject); outcome != "refuse" || !slices.Contains(reasons, "account_enabled") {
		t.Errorf("a notice alone gives it back: %s, %v", outcome, reasons)
	}
	if !s.opens(s.halfWayAt(jieling.WeCom, "zhou", ""), `id="methods"`) {
		t.Error("proven anew, it opens nothing")
	}
	if outcome, reasons := s.resolves(w, jieling.WeCom, subject); outcome != "allow" {
		t.Errorf("%s, %v", outcome, reasons)
	}
}

// TestA4_ACarrierTellsOverHTTP: a number that was handed out again opens nothing before anybody asked about it, and whoever has the channel's
// secret learns nothing by it (S27).
func TestA4_ACarrierTellsOverHTTP(t *testing.T) {
	s := newStaged(t)
	w := s.person("sun")
	if outcome, reasons := s.resolves(w, jieling.Phone, w.person.Phone); outcome != "allow" {
		t.Fatalf("%s, %v", outcome, reasons)
	}
	res, err := http.PostForm(s.world.URL(sandbox.Carrier)+"/number", url.Values{"number": {w.person.Phone}, "to": {"reissued"}, "tell": {"yes"}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	s.fault(sandbox.Carrier, sandbox.Fault{Mode: sandbox.FaultError}) // nobody is asked
	if outcome, reasons := s.resolves(w, jieling.Phone, w.person.Phone); outcome != "refuse" || !slices.Contains(reasons, "number_changed_hands") {
		t.Errorf("%s, %v", outcome, reasons)
	}
	key, err := client.ParseSecret(sandbox.DefaultCredentials().CarrierSecret)
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]bool{}
	for i, number := range []string{w.person.Phone, "+8613899999999"} {
		body := fmt.Sprintf(`{"phone":%q,"holder_since":"2026-01-01T00:00:00Z","evidence":"","request_id":"r%d"}`, number, i)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.sheet.BaseURL+"/v1/providers/phone/notices", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		client.Sign(req.Header, "msg", s.now(), []byte(body), key)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		answers[res.Status+string(said)] = true
	}
	if len(answers) != 1 {
		t.Errorf("a number that is known is answered otherwise than one that is not: %v", answers)
	}
}

// TestS9_GoogleTells: what happens to an account at Google comes as a security event token, which is checked by the key that Google publishes.
func TestS9_GoogleTells(t *testing.T) {
	s := newStaged(t)
	w := s.person("lin")
	person := sandbox.People()[0]
	subject := person.GoogleSubject()
	_, err := w.jl.AddBinding(t.Context(), &sdk.NewBinding{Provider: "google", Subject: subject}, sdk.AddBindingParams{Account: sdk.AccountID(w.person.ID), IdempotencyKey: sdk.NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ act, outcome, reason string }{
		{"signout", "allow", ""}, {"hijack", "refuse", "account_hijacked"}, {"enable", "refuse", "account_enabled"}, {"revoke", "refuse", "consent_withdrawn"},
	} {
		s.ahead.Add(int64(2 * time.Second)) // Google's times are whole seconds
		res, err := http.PostForm(s.world.URL(sandbox.Google)+"/account", url.Values{"person": {person.Key}, "act": {step.act}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if outcome, reasons := s.resolves(w, "google", subject); outcome != step.outcome || step.reason != "" && !slices.Contains(reasons, step.reason) {
			t.Errorf("%s: %s, %v", step.act, outcome, reasons)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.sheet.BaseURL+"/v1/providers/google/notices", strings.NewReader("forged"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/secevent+jwt")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var said struct{ Err, Description string }
	if err := json.NewDecoder(res.Body).Decode(&said); err != nil || res.StatusCode != http.StatusBadRequest || said.Err != "invalid_request" {
		t.Errorf("a forged one: %s %+v (%v)", res.Status, said, err)
	}
}
