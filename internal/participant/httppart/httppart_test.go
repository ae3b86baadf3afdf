package httppart_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/client"
	"github.com/jieling-id/jieling/internal/participant"
	"github.com/jieling-id/jieling/internal/participant/httppart"
	"github.com/jieling-id/jieling/internal/sandbox"
)

const secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="

var lin = participant.Who{Account: "user-1", Binding: "bnd_1", Provider: jieling.QQ, Subject: sandbox.People()[0].QQOpenID}

func step(effect jieling.EffectID) participant.Step {
	return participant.Step{Effect: effect, Case: "case_1", Who: lin}
}

func connector(t *testing.T, url, secret string) *httppart.Connector {
	t.Helper()
	c, err := httppart.New(participant.Config{Name: "wallet", Title: jieling.Text{ZH: "QQ 钱包", EN: "QQ Wallet"}, URL: url, Secret: secret}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// world is the sandbox's systems.
type world struct {
	*sandbox.World
	t *testing.T
}

func start(t *testing.T) world {
	t.Helper()
	w, err := sandbox.Start(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return world{w, t}
}

func (w world) connector(name string) *httppart.Connector {
	return connector(w.t, w.URL(name), sandbox.DefaultCredentials().ParticipantSecrets[name])
}

func (w world) fault(name, mode, op string) {
	w.t.Helper()
	body := fmt.Sprintf(`{"mode":%q,"op":%q,"ms":20}`, mode, op)
	resp, err := http.Post(w.URL(name)+"/_fault", "application/json", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	_ = resp.Body.Close()
}

func do(t *testing.T, c *httppart.Connector, op participant.Op, s participant.Step, want participant.State) participant.Outcome {
	t.Helper()
	out, err := c.Do(t.Context(), op, s)
	if err != nil || out.State != want {
		t.Fatalf("%s: got %q, %v; want %q", op, out.State, err, want)
	}
	return out
}

func TestI6_DependentsAreAskedLiveAndTheSagaTakesThemAway(t *testing.T) {
	w := start(t)
	for _, name := range sandbox.Participants() {
		t.Run(name, func(t *testing.T) {
			c := w.connector(name)
			before, err := c.Describe(t.Context(), lin)
			if err != nil || len(before) == 0 {
				t.Fatalf("got %d dependents, %v", len(before), err)
			}
			for _, d := range before {
				if d.Participant != "wallet" || d.Title.Empty() || d.Change == "" {
					t.Errorf("got %+v", d)
				}
			}
			do(t, c, participant.Prepare, step("eff_1"), participant.Prepared)
			do(t, c, participant.Commit, step("eff_2"), participant.Committed)
			do(t, c, participant.Commit, step("eff_2"), participant.Committed) // the answer was lost
			out, err := c.Do(t.Context(), participant.Verify, step("eff_3"))
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range out.Residues {
				s := step(jieling.EffectID(fmt.Sprint("eff_4", i)))
				s.Residue = r.ID
				do(t, c, participant.Cleanup, s, participant.Cleared)
			}
			do(t, c, participant.Verify, step("eff_5"), participant.Clean)
		})
	}
}

// I4, D5: what a participant says of a row of the pack is this account's own part of it, with how many and how large.
func TestI4_AMerchantIsToldHowManyCustomers(t *testing.T) {
	w := start(t)
	people := sandbox.People()
	qian := people[slices.IndexFunc(people, func(p sandbox.Person) bool { return p.Merchant })]
	who := participant.Who{Account: "user-2", Binding: "bnd_2", Provider: jieling.QQ, Subject: qian.QQOpenID}
	ofRule := func(name, rule string) (found []jieling.Dependent) {
		all, err := w.connector(name).Describe(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(all, func(d jieling.Dependent) bool { return d.Rule != rule })
	}
	customers := ofRule(sandbox.WeChatPay, "I4")
	if len(customers) != 1 || customers[0].Count != qian.Owns.Customers || customers[0].Change != jieling.Lost || !customers[0].Backup || customers[0].Bytes == 0 {
		t.Errorf("told %+v, want %d customers and the size of their list", customers, qian.Owns.Customers)
	}
	if grants := ofRule(sandbox.MiniProgram, "D5"); len(grants) != 1 || grants[0].Title.ZH != "多多杂货" {
		t.Errorf("told of the grants %+v, want the one there is, by name", grants)
	}
}

func TestS21_ACommitIsTakenBack(t *testing.T) {
	w := start(t)
	c := w.connector(sandbox.QQWallet)
	before, err := c.Describe(t.Context(), lin)
	if err != nil {
		t.Fatal(err)
	}
	do(t, c, participant.Prepare, step("eff_1"), participant.Prepared)
	do(t, c, participant.Commit, step("eff_2"), participant.Committed)
	do(t, c, participant.Compensate, step("eff_3"), participant.Compensated)
	after, err := c.Describe(t.Context(), lin)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
}

func TestF4_WeChatPayLeavesAResidueAndSaysSo(t *testing.T) {
	c := start(t).connector(sandbox.WeChatPay)
	do(t, c, participant.Prepare, step("eff_1"), participant.Prepared)
	do(t, c, participant.Commit, step("eff_2"), participant.Committed)
	out := do(t, c, participant.Verify, step("eff_3"), participant.Residue)
	if len(out.Residues) == 0 || out.Residues[0].Participant != "wallet" || out.Residues[0].Cleanup.Empty() {
		t.Errorf("got %+v", out.Residues)
	}
}

func TestS30_TheSandboxsFaults(t *testing.T) {
	t.Run("slow is waited for", func(t *testing.T) {
		w := start(t)
		w.fault(sandbox.Game, "slow", "")
		do(t, w.connector(sandbox.Game), participant.Prepare, step("eff_1"), participant.Prepared)
	})
	t.Run("error is not known", func(t *testing.T) {
		w := start(t)
		w.fault(sandbox.Game, "error", "")
		c := w.connector(sandbox.Game)
		if _, err := c.Describe(t.Context(), lin); jieling.CodeOf(err) != jieling.CodeDependency {
			t.Errorf("describe: %v", err)
		}
		for _, op := range []participant.Op{participant.Prepare, participant.Commit, participant.Compensate, participant.Verify, participant.Cleanup} {
			s := step("eff_1")
			s.Residue = "r"
			if out, err := c.Do(t.Context(), op, s); jieling.CodeOf(err) != jieling.CodeDependency || out.State != "" {
				t.Errorf("%s: %q, %v", op, out.State, err)
			}
		}
	})
	t.Run("refuse has a reason for the person", func(t *testing.T) {
		w := start(t)
		w.fault(sandbox.Game, "refuse", "prepare")
		out := do(t, w.connector(sandbox.Game), participant.Prepare, step("eff_1"), participant.Refused)
		if out.Reason.ZH == "" || out.Reason.EN == "" {
			t.Errorf("got %+v", out)
		}
	})
	t.Run("a commit cannot be refused", func(t *testing.T) {
		w := start(t)
		c := w.connector(sandbox.Game)
		do(t, c, participant.Prepare, step("eff_1"), participant.Prepared)
		w.fault(sandbox.Game, "refuse", "commit")
		if out, err := c.Do(t.Context(), participant.Commit, step("eff_2")); err == nil || out.State != "" {
			t.Errorf("got %q, %v", out.State, err)
		}
	})
	t.Run("S20: repeat changes nothing", func(t *testing.T) {
		w := start(t)
		w.fault(sandbox.Game, "repeat", "")
		c := w.connector(sandbox.Game)
		do(t, c, participant.Prepare, step("eff_1"), participant.Prepared)
		do(t, c, participant.Commit, step("eff_2"), participant.Committed)
		do(t, c, participant.Verify, step("eff_3"), participant.Clean)
	})
	t.Run("a lie is found out by verify", func(t *testing.T) {
		w := start(t)
		c := w.connector(sandbox.Game)
		do(t, c, participant.Prepare, step("eff_1"), participant.Prepared)
		w.fault(sandbox.Game, "lie", "commit")
		do(t, c, participant.Commit, step("eff_2"), participant.Committed)
		do(t, c, participant.Verify, step("eff_3"), participant.Residue)
	})
	t.Run("silence ends with the context, and the repeat finds it done", func(t *testing.T) {
		w := start(t)
		c := w.connector(sandbox.Game)
		do(t, c, participant.Prepare, step("eff_1"), participant.Prepared)
		w.fault(sandbox.Game, "silent", "commit")
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if out, err := c.Do(ctx, participant.Commit, step("eff_2")); !errors.Is(err, context.DeadlineExceeded) || out.State != "" {
			t.Errorf("got %q, %v", out.State, err)
		}
		w.fault(sandbox.Game, "none", "")
		do(t, c, participant.Commit, step("eff_2"), participant.Committed)
	})
	t.Run("another secret is not let in", func(t *testing.T) {
		w := start(t)
		c := connector(t, w.URL(sandbox.Game), secret)
		if _, err := c.Describe(t.Context(), lin); jieling.CodeOf(err) != jieling.CodeDependency || !strings.Contains(err.Error(), "401 with unauthenticated") {
			t.Errorf("got %v", err)
		}
	})
}

// system answers everything with one text.
func system(t *testing.T, status int, contentType, body string) *httppart.Connector {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Retry-After", "86400")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	return connector(t, srv.URL, secret)
}

const (
	dependent = `{"id":"d","module":"payment","title":{"zh-CN":"甲","en":"a"},"detail":{"zh-CN":"甲","en":"a"},"count":2,"effect":"lost","remedy":{"zh-CN":"甲","en":"a"}}`
	residue   = `{"id":"r","title":{"zh-CN":"甲","en":"a"},"detail":{"zh-CN":"甲","en":"a"},"cleanable":true,"cleanup":{"zh-CN":"甲","en":"a"}}`
)

func TestS30_AnswersThatTheContractDoesNotAllowAreNeverAYes(t *testing.T) {
	tests := []struct {
		op   participant.Op
		body string
	}{
		{participant.Commit, `{"state":"prepared"}`},
		{participant.Commit, `{"state":"refused","reason":{"zh-CN":"不","en":"no"}}`},
		{participant.Commit, `{"state":"Committed"}`},
		{participant.Commit, `{"state":true}`},
		{participant.Commit, `{"state":"committed"} {"state":"committed"}`},
		{participant.Commit, `{"state":"committed","residues":[` + residue + `]}`},
		{participant.Commit, `{}`},
		{participant.Commit, `null`},
		{participant.Commit, `"committed"`},
		{participant.Commit, ``},
		{participant.Commit, `{"state":"committed"`},
		{participant.Prepare, `{"state":"refused"}`},
		{participant.Prepare, `{"state":"refused","reason":{"zh-CN":"不","en":""}}`},
		{participant.Prepare, `{"state":"clean"}`},
		{participant.Compensate, `{"state":"committed"}`},
		{participant.Cleanup, `{"state":"clean"}`},
		{participant.Verify, `{"state":"cleared"}`},
		{participant.Verify, `{"state":"clean","residues":[` + residue + `]}`},
		{participant.Verify, `{"state":"residue"}`},
		{participant.Verify, `{"state":"residue","residues":[` + residue + `,` + residue + `]}`},
		{participant.Verify, `{"state":"residue","residues":[{"id":"r"}]}`},
		{participant.Verify, `{"state":"residue","residues":[` + strings.Replace(residue, `"r"`, `""`, 1) + `]}`},
	}
	for _, test := range tests {
		out, err := system(t, http.StatusOK, "application/json", test.body).Do(t.Context(), test.op, step("eff_1"))
		if jieling.CodeOf(err) != jieling.CodeDependency || out.State != "" {
			t.Errorf("%s: %s: got %q, %v", test.op, test.body, out.State, err)
		}
	}
	for _, op := range []participant.Op{"describe", "", "Commit"} {
		if _, err := system(t, http.StatusOK, "application/json", `{"state":"committed"}`).Do(t.Context(), op, step("eff_1")); err == nil {
			t.Errorf("there is a step %q", op)
		}
	}
}

func TestS30_AYesUnderTheWrongFlagIsNone(t *testing.T) {
	const yes = `{"state":"committed"}`
	for _, test := range []struct {
		status int
		kind   string
	}{
		{http.StatusOK, "text/html"},
		{http.StatusOK, ""},
		{http.StatusAccepted, "application/json"},
		{http.StatusFound, "application/json"},
		{http.StatusInternalServerError, "application/json"},
		{http.StatusUnauthorized, "application/json"},
	} {
		if out, err := system(t, test.status, test.kind, yes).Do(t.Context(), participant.Commit, step("eff_1")); err == nil || out.State != "" {
			t.Errorf("%d %s: got %q, %v", test.status, test.kind, out.State, err)
		}
	}
}

func TestI6_NoListIsNotNothing(t *testing.T) {
	if got, err := system(t, http.StatusOK, "application/json", `{"dependents":[]}`).Describe(t.Context(), lin); err != nil || len(got) != 0 {
		t.Errorf("an empty list: %v, %v", got, err)
	}
	for _, body := range []string{
		`{}`, `{"dependents":null}`, `[]`, `{"dependents":{}}`, `{"dependents":[{}]}`,
		`{"dependents":[` + dependent + `,` + dependent + `]}`,
		`{"dependents":[` + strings.Replace(dependent, `"lost"`, `"gone"`, 1) + `]}`,
		`{"dependents":[` + strings.Replace(dependent, `"payment"`, `"bank"`, 1) + `]}`,
		`{"dependents":[` + strings.Replace(dependent, `2`, `-2`, 1) + `]}`,
		`{"dependents":[` + strings.Replace(dependent, `2`, `2,"bytes":-1`, 1) + `]}`,
		`{"dependents":[` + strings.Replace(dependent, `2`, `2,"rule":"`+strings.Repeat("r", 33)+`"`, 1) + `]}`,
		`{"dependents":[` + strings.Replace(dependent, `"a"`, `""`, 1) + `]}`,
		`{"dependents":[` + strings.Replace(dependent, `"a"`, `"`+strings.Repeat("a", 2001)+`"`, 1) + `]}`,
		`{"dependents":[` + strings.Replace(dependent, `"d"`, `"`+strings.Repeat("d", 257)+`"`, 1) + `]}`,
		`{"dependents":[` + strings.Repeat(dependent+",", 200) + dependent + `]}`,
	} {
		if got, err := system(t, http.StatusOK, "application/json", body).Describe(t.Context(), lin); jieling.CodeOf(err) != jieling.CodeDependency || got != nil {
			t.Errorf("%.80s: got %v, %v", body, got, err)
		}
	}
}

func TestErrorsTellNothingThatWasSentOrReceived(t *testing.T) {
	body := `{"type":"x","title":"x","status":409,"detail":"subject ` + lin.Subject + `","code":"not_prepared"}`
	_, err := system(t, http.StatusConflict, "application/problem+json", body).Do(t.Context(), participant.Commit, step("eff_1"))
	e, ok := errors.AsType[*jieling.Error](err)
	if !ok || e.Code != jieling.CodeDependency || e.After != time.Hour || !strings.Contains(err.Error(), "409 with not_prepared") {
		t.Fatalf("got %v", err)
	}
	_, other := system(t, http.StatusConflict, "application/problem+json", `{"code":"`+lin.Subject+`"}`).Do(t.Context(), participant.Commit, step("eff_1"))
	_, shape := system(t, http.StatusOK, "application/json", `{"state":"`+lin.Subject+`"}`).Do(t.Context(), participant.Commit, step("eff_1"))
	for _, err := range []error{err, other, shape} {
		if strings.Contains(err.Error(), lin.Subject) || strings.Contains(err.Error(), secret) {
			t.Errorf("an error tells the subject: %v", err)
		}
	}
}

func TestTheRequestIsSignedAndNamesItsEffect(t *testing.T) {
	key, err := client.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var seen http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := client.Verify(r.Header, body, at, key); err != nil {
			t.Error(err)
		}
		want := `{"step":"eff_1","case":"case_1","account":"user-1","binding":{"id":"bnd_1","provider":"qq","subject":"` + lin.Subject + `"},"action":"unlink"}`
		if r.URL.Path != "/jieling/v1/commit" || string(body) != want {
			t.Errorf("%s: %s", r.URL.Path, body)
		}
		seen = r.Header
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, `{"state":"committed","later":"fields of later versions are let be"}`)
	}))
	defer srv.Close()
	c, err := httppart.New(participant.Config{Name: "wallet", URL: srv.URL + "/jieling/v1/", Secret: secret}, func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	do(t, c, participant.Commit, step("eff_1"), participant.Committed)
	if seen.Get(client.HeaderID) != "eff_1" {
		t.Errorf("%s: %s", client.HeaderID, seen.Get(client.HeaderID))
	}
}

func TestNewRefuses(t *testing.T) {
	for what, c := range map[string]participant.Config{
		"no name":    {URL: "https://a.example.test", Secret: secret},
		"odd name":   {Name: "Wallet", URL: "https://a.example.test", Secret: secret},
		"plain http": {Name: "w", URL: "http://a.example.test", Secret: secret},
		"no secret":  {Name: "w", URL: "https://a.example.test"},
		"bad secret": {Name: "w", URL: "https://a.example.test", Secret: "whsec_hush!"},
	} {
		if _, err := httppart.New(c, nil); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
