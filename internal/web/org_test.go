package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jieling-id/jieling"
)

// TestS12_ADecisionNamesWhatWasSeen: the page carries the version it showed, and the administrator's own unlock.
func TestS12_ADecisionNamesWhatWasSeen(t *testing.T) {
	h := newHouse(t, false)
	h.office = true
	for at, words := range map[string][]string{
		"/org": {"青禾科技", "wx_zhou", `href="/org/approvals/chl_1"`, "小米 14"}, "/org/approvals/chl_1": {"wx_zhou", `name="version" value="7"`, `name="pin"`},
	} {
		page := h.ask(at, nil, signedInAs)
		for _, word := range words {
			if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), word) {
				t.Errorf("%s: %d without %q", at, page.Code, word)
			}
		}
	}
	got := h.ask("/org/approvals/chl_1", url.Values{"do": {"approve"}, "reason": {" handed over "}, "version": {"7"}, "pin": {"204816"}}, signedInAs)
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/org" || last(h.did) != "decide:org_1/chl_1/true/7/handed over" || !strings.Contains(string(h.given), "204816") {
		t.Errorf("%d to %s after %v", got.Code, got.Header().Get("Location"), h.did)
	}
	h.refuse = jieling.Refuse(jieling.CodeStale, "有变化。", "It has changed.")
	if got := h.ask("/org/approvals/chl_1", url.Values{"do": {"refuse"}, "reason": {"no"}, "version": {"6"}, "pin": {"204816"}}, signedInAs); got.Code != http.StatusConflict || !strings.Contains(got.Body.String(), "有变化。") {
		t.Errorf("a decision on what changed: %d", got.Code)
	}
	if got := h.ask("/org/approvals/chl_1", url.Values{"do": {"shrug"}}, signedInAs); got.Code != http.StatusBadRequest {
		t.Errorf("neither yes nor no: %d", got.Code)
	}
}

func TestV6_TheOfficeIsThereForAdministratorsOnly(t *testing.T) {
	h := newHouse(t, false)
	for _, at := range []string{"/org", "/org/approvals/chl_1"} {
		if got := h.ask(at, nil, signedInAs); got.Code != http.StatusNotFound {
			t.Errorf("%s for a member: %d", at, got.Code)
		}
	}
	if got := h.ask("/org/approvals/chl_1", url.Values{"do": {"approve"}}, signedInAs); got.Code != http.StatusNotFound {
		t.Errorf("a member's decision: %d", got.Code)
	}
}

func last(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}
