package main

import (
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// TestA3_WeComIsALogin: the product linked somebody's work identity, and they sign in with it on both of WeCom's roads. An outside contact, whom
// WeCom answers for with success as well, comes in nowhere, and a member who was disabled does not any more.
func TestA3_WeComIsALogin(t *testing.T) {
	s := newStaged(t)
	const mark = `id="methods"`
	for agent, road := range map[string]string{"Mozilla/5.0 Chrome": "/wwlogin/sso/login", "Mozilla/5.0 wxwork/4.1": "/connect/oauth2/authorize"} {
		in := s.halfWayAt(jieling.WeCom, "zhou", agent)
		if in.asked.Path != road {
			t.Errorf("%s was asked at %s", agent, in.asked.Path)
		}
		if !s.opens(in, mark) {
			t.Errorf("%s: a member's sign-in opens nothing", agent)
		}
	}
	if s.opens(s.halfWayAt(jieling.WeCom, "guest", ""), mark) || s.opens(s.halfWayAt(jieling.WeCom, "linked", ""), mark) {
		t.Error("somebody who is no member came in")
	}
	res, err := http.PostForm(s.sheet.Sandbox[sandbox.WeCom]+"/members/zhouke", url.Values{"act": {"disable"}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	if s.opens(s.halfWayAt(jieling.WeCom, "zhou", ""), mark) {
		t.Error("a member who was disabled came in")
	}
}
