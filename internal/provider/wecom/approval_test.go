package wecom_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/provider/wecom"
	"github.com/jieling-id/jieling/internal/sandbox"
)

func approving(t *testing.T, base string) *wecom.Provider {
	t.Helper()
	c := sandbox.DefaultCredentials()
	p, err := wecom.New(wecom.Config{
		LoginURL: base, APIURL: base, CorpID: c.WeComCorpID, AgentID: c.WeComAgentID, Secret: c.WeComSecret, Template: c.WeComTemplate, Control: "Text-1",
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestV3_AnApprovalIsReadAnew through every state it can have, with whoever said yes.
func TestV3_AnApprovalIsReadAnew(t *testing.T) {
	w := start(t)
	p := approving(t, w.URL(sandbox.WeCom))
	petition := provider.Petition{Member: "ww0000000000000001/zhouke", What: jieling.Text{ZH: "从账号解绑企业微信，这句话比二十个字要长一些", EN: "unlink WeCom from the account"}}
	for what, test := range map[string]struct {
		acts []string
		want provider.Approval
	}{
		"asked":              {nil, provider.Approval{State: provider.ApprovalPending}},
		"approved":           {[]string{"approve"}, provider.Approval{State: provider.ApprovalGiven, By: []string{"ww0000000000000001/wumin"}}},
		"refused":            {[]string{"refuse"}, provider.Approval{State: provider.ApprovalRefused, Said: "hand over first"}},
		"taken back":         {[]string{"withdraw"}, provider.Approval{State: provider.ApprovalWithdrawn}},
		"taken back at last": {[]string{"approve", "withdraw"}, provider.Approval{State: provider.ApprovalWithdrawn, By: []string{"ww0000000000000001/wumin"}}},
	} {
		number, err := p.AskApproval(t.Context(), petition)
		if err != nil {
			t.Fatal(err)
		}
		for _, act := range test.acts {
			w.post(w.URL(sandbox.WeCom)+"/approvals/"+number, url.Values{"act": {act}, "as": {"wumin"}, "speech": {"hand over first"}})
		}
		got, err := p.ApprovalState(t.Context(), number)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", what, err, diff)
		}
	}
	petition.Member = "ww0000000000000009/zhouke"
	if _, err := p.AskApproval(t.Context(), petition); jieling.CodeOf(err) != jieling.CodeDependency {
		t.Errorf("a member of another corp: %v", err)
	}
	if got, err := p.ApprovalState(t.Context(), "none"); jieling.CodeOf(err) != jieling.CodeDependency || got.State != "" {
		t.Errorf("an approval that is not there: %+v, %v", got, err)
	}
	for _, op := range []string{"applyevent", "getapprovaldetail"} {
		for _, mode := range []string{"error", "refuse"} {
			w.fault(mode, op)
			petition.Member = "ww0000000000000001/zhouke"
			_, asked := p.AskApproval(t.Context(), petition)
			got, read := p.ApprovalState(t.Context(), "202600000001")
			if op == "applyevent" && jieling.CodeOf(asked) != jieling.CodeDependency || op != "applyevent" && (jieling.CodeOf(read) != jieling.CodeDependency || got.State != "") {
				t.Errorf("S30: %s %s: %v, %v", mode, op, asked, read)
			}
			w.fault("none", op)
		}
	}
}

// An answer about another approval is none.
func TestS30_AnotherApprovalIsNoAnswer(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"errcode":0,"access_token":"AT","expires_in":7200,"info":{"sp_no":"1","sp_status":2}}`)
	}))
	defer srv.Close()
	p := approving(t, srv.URL)
	if got, err := p.ApprovalState(t.Context(), "1"); err != nil || got.State != provider.ApprovalGiven {
		t.Errorf("its own: %+v, %v", got, err)
	}
	if got, err := p.ApprovalState(t.Context(), "2"); jieling.CodeOf(err) != jieling.CodeDependency || got.State != "" {
		t.Errorf("another's: %+v, %v", got, err)
	}
}
