package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jieling-id/jieling/client"
)

func bindingOf(p Person) client.BindingRef {
	return client.BindingRef{ID: "bnd_" + p.Key, Provider: QQ, Subject: p.QQOpenID}
}

// ask posts one signed operation of the participant contract.
func (s *stand) ask(t *testing.T, party string, op client.Op, body any) (int, string) {
	t.Helper()
	return s.askIn(t.Context(), t, party, op, body)
}

// askIn asks until ctx ends; the status of no answer is 0.
func (s *stand) askIn(ctx context.Context, t *testing.T, party string, op client.Op, body any) (int, string) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL(party)+"/"+string(op), bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := client.ParseSecret(s.keys.ParticipantSecrets[party])
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	client.Sign(req.Header, "eff_1", s.clock.Now(), raw, secret)
	res, err := s.browser.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(answer)
}

func (s *stand) expect(t *testing.T, party string, op client.Op, body any, state client.State) {
	t.Helper()
	status, answer := s.ask(t, party, op, body)
	if status != http.StatusOK || decode[client.Answer](t, answer).State != state {
		t.Fatalf("%s %s: %d %s, want %s", party, op, status, answer, state)
	}
}

// caseOf gives the requests of one unbinding, each under a step of its own.
func caseOf(p Person, id string) func(step string) client.StepRequest {
	return func(step string) client.StepRequest {
		return client.StepRequest{Step: id + "/" + step, Case: id, Account: "acc_" + p.Key, Binding: bindingOf(p), Action: client.ActionUnlink}
	}
}

func (s *stand) verification(t *testing.T, party string, req client.StepRequest) client.Verification {
	t.Helper()
	_, answer := s.ask(t, party, client.OpVerify, req)
	return decode[client.Verification](t, answer)
}

func (s *stand) ledger(t *testing.T, party string) []client.LedgerEntry {
	t.Helper()
	_, body := s.get(t, s.URL(party)+"/_ledger")
	return decode[[]client.LedgerEntry](t, body)
}

// asked counts how often a party was asked for a step.
func (s *stand) asked(t *testing.T, party, step string) (n int) {
	t.Helper()
	for _, e := range s.ledger(t, party) {
		if e.Step == step {
			n += e.Asked
		}
	}
	return n
}

func TestParticipantsConform(t *testing.T) {
	s := newStand(t)
	sun := person(t, "sun")
	for _, name := range Systems() {
		t.Run(name, func(t *testing.T) {
			secret, err := client.ParseSecret(s.keys.ParticipantSecrets[name])
			if err != nil {
				t.Fatal(err)
			}
			probe := client.Probe{Account: "wx_sun", Binding: bindingOf(sun), Now: s.clock.Now}
			for _, f := range client.CheckConformance(t.Context(), s.URL(name), secret, probe) {
				t.Error(f)
			}
		})
	}
}

// A fault that the check cannot see would be a fault that tests of Jieling could not rely on either.
func TestConformanceSeesFaults(t *testing.T) {
	s := newStand(t)
	for i, tt := range []struct {
		fault Fault
		rule  string
	}{
		{Fault{Mode: FaultError, Op: "describe"}, "describe"},
		{Fault{Mode: FaultRefuse, Op: "prepare"}, "prepare-harmless"},
		{Fault{Mode: FaultLie, Op: "commit"}, "commit-unprepared"},
		{Fault{Mode: FaultLie, Op: "verify"}, "verify-before"},
		{Fault{Mode: FaultLie, Op: "compensate"}, "compensate-restores"},
		{Fault{Mode: FaultLie, Op: "cleanup"}, "cleanup-unknown"},
	} {
		t.Run(string(tt.fault.Mode)+" "+tt.fault.Op, func(t *testing.T) {
			name := Participants()[i%len(Participants())]
			secret, err := client.ParseSecret(s.keys.ParticipantSecrets[name])
			if err != nil {
				t.Fatal(err)
			}
			s.fault(t, name, tt.fault)
			p := People()[i%len(People())]
			found := client.CheckConformance(t.Context(), s.URL(name), secret, client.Probe{Account: "acc", Binding: bindingOf(p), Now: s.clock.Now})
			if !slices.ContainsFunc(found, func(f client.Finding) bool { return f.ID == tt.rule }) {
				t.Errorf("%s not found in %v", tt.rule, found)
			}
			s.fault(t, name, Fault{Mode: FaultNone})
		})
	}
}

func TestF4_RealNameRecordStaysUntilCleanedUp(t *testing.T) {
	s := newStand(t)
	req := caseOf(person(t, "lin"), "case_1")
	s.expect(t, WeChatPay, client.OpPrepare, req("p"), client.StatePrepared)
	s.expect(t, WeChatPay, client.OpCommit, req("c"), client.StateCommitted)
	v := s.verification(t, WeChatPay, req("v"))
	if v.State != client.StateResidue || len(v.Residues) != 1 || v.Residues[0].ID != "real-name" || !v.Residues[0].Cleanable {
		t.Fatalf("verify says %+v", v)
	}
	if strings.Contains(v.Residues[0].Detail.ZH, person(t, "lin").QQ) {
		t.Error("the residue shows the whole QQ number")
	}
	s.expect(t, WeChatPay, client.OpCleanup, client.CleanupRequest{StepRequest: req("x"), Residue: "real-name"}, client.StateCleared)
	if v := s.verification(t, WeChatPay, req("v2")); v.State != client.StateClean {
		t.Errorf("after the clean-up verify says %+v", v)
	}
}

func TestOnlyWeChatPayLeavesAResidue(t *testing.T) {
	s := newStand(t)
	req := caseOf(person(t, "lin"), "case_1")
	for _, name := range Participants() {
		s.expect(t, name, client.OpPrepare, req("p"), client.StatePrepared)
		s.expect(t, name, client.OpCommit, req("c"), client.StateCommitted)
		if v := s.verification(t, name, req("v")); (v.State == client.StateClean) != (name != WeChatPay) {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestI6_DescribeIsAboutThisPerson(t *testing.T) {
	s := newStand(t)
	describe := func(party string, b client.BindingRef) map[string]int {
		_, answer := s.ask(t, party, client.OpDescribe, client.DescribeRequest{Account: "acc", Binding: b})
		counts := map[string]int{}
		for _, d := range decode[struct{ Dependents []client.Dependent }](t, answer).Dependents {
			counts[d.ID] = d.Count
		}
		return counts
	}
	lin := bindingOf(person(t, "lin"))
	for party, want := range map[string]map[string]int{
		QQWallet:    {"auto-payments": 2, "records": 37},
		Game:        {"saves": 1, "achievements": 24},
		MiniProgram: {"mini-program-1": 1, "mini-program-2": 1, "official-account-1": 1},
		FileHelper:  {"file-helper": 1, "files": 6},
		WeChatPay:   {"bank-cards": 2, "real-name": 1},
	} {
		if diff := cmp.Diff(want, describe(party, lin)); diff != "" {
			t.Errorf("%s:\n%s", party, diff)
		}
	}
	if got := describe(WeChatPay, bindingOf(person(t, "qian"))); got["customers"] != 326 {
		t.Errorf("the merchant's customers: %v", got)
	}
	lin.Provider = "wechat"
	if got := describe(QQWallet, lin); len(got) != 0 {
		t.Errorf("another provider's subject owns %v", got)
	}
}

func TestD5_AuthorisationsAreListedByName(t *testing.T) {
	s := newStand(t)
	_, answer := s.ask(t, MiniProgram, client.OpDescribe, client.DescribeRequest{Account: "acc", Binding: bindingOf(person(t, "lin"))})
	for _, name := range []string{"青禾外卖", "拾光相册", "江城图书馆"} {
		if !strings.Contains(answer, name) {
			t.Errorf("%s is missing in %s", name, answer)
		}
	}
}

// S20: repeated by Jieling and repeated by the wire, a commit is applied once.
func TestS20_LedgerProvesExactlyOnce(t *testing.T) {
	s := newStand(t)
	req := caseOf(person(t, "chen"), "case_1")
	s.fault(t, Game, Fault{Mode: FaultRepeat})
	s.expect(t, Game, client.OpPrepare, req("p"), client.StatePrepared)
	for range 3 {
		s.expect(t, Game, client.OpCommit, req("c"), client.StateCommitted)
	}
	for _, e := range s.ledger(t, Game) {
		if e.Op == client.OpCommit && (e.Asked != 6 || e.Applied != 1) {
			t.Errorf("%+v", e)
		}
	}
}

func TestFaultsOfAParticipant(t *testing.T) {
	s := newStand(t)
	lin := person(t, "lin")
	describe := client.DescribeRequest{Account: "acc_lin", Binding: bindingOf(lin)}

	t.Run("error answers HTML with 503, as often as set", func(t *testing.T) {
		s.fault(t, Game, Fault{Mode: FaultError, Times: 2})
		for _, want := range []int{503, 503, 200} {
			if status, body := s.ask(t, Game, client.OpDescribe, describe); status != want {
				t.Errorf("%d %s, want %d", status, body, want)
			}
		}
	})
	t.Run("slow answers all the same", func(t *testing.T) {
		s.fault(t, Game, Fault{Mode: FaultSlow, MS: 1, Times: 1})
		if status, body := s.ask(t, Game, client.OpDescribe, describe); status != http.StatusOK {
			t.Errorf("%d %s", status, body)
		}
	})
	t.Run("one operation only", func(t *testing.T) {
		s.fault(t, Game, Fault{Mode: FaultError, Op: "commit"})
		if status, _ := s.ask(t, Game, client.OpDescribe, describe); status != http.StatusOK {
			t.Error("describe fails too")
		}
		s.fault(t, Game, Fault{Mode: FaultNone, Op: "commit"})
	})
	t.Run("refuse", func(t *testing.T) {
		s.fault(t, Game, Fault{Mode: FaultRefuse, Op: "prepare", Times: 1})
		s.expect(t, Game, client.OpPrepare, caseOf(lin, "case_refused")("p"), client.StateRefused)
	})
	t.Run("silent does it and never answers", func(t *testing.T) {
		req := caseOf(lin, "case_silent")
		s.expect(t, Game, client.OpPrepare, req("p"), client.StatePrepared)
		s.fault(t, Game, Fault{Mode: FaultSilent, Op: "commit", Times: 1})
		ctx, hangUp := context.WithCancel(t.Context())
		answered := make(chan string, 1)
		go func() {
			if status, body := s.askIn(ctx, t, Game, client.OpCommit, req("c")); status != 0 {
				answered <- fmt.Sprint(status, " ", body)
			}
			close(answered)
		}()
		for s.asked(t, Game, "case_silent/c") == 0 { // and then it has time for somebody else
			if err := t.Context().Err(); err != nil {
				t.Fatal(err)
			}
		}
		if status, _ := s.ask(t, Game, client.OpDescribe, describe); status != http.StatusOK {
			t.Errorf("describe is answered %d", status)
		}
		hangUp()
		if said := <-answered; said != "" {
			t.Errorf("it answered %s", said)
		}
		s.expect(t, Game, client.OpCommit, req("c"), client.StateCommitted)
		for _, e := range s.ledger(t, Game) {
			if e.Step == "case_silent/c" && (e.Asked != 2 || e.Applied != 1) {
				t.Errorf("%+v", e)
			}
		}
	})
	t.Run("lie says committed, and verify finds out", func(t *testing.T) {
		req := caseOf(lin, "case_lie")
		s.expect(t, QQWallet, client.OpPrepare, req("p"), client.StatePrepared)
		s.fault(t, QQWallet, Fault{Mode: FaultLie, Op: "commit", Times: 1})
		s.expect(t, QQWallet, client.OpCommit, req("c"), client.StateCommitted)
		v := s.verification(t, QQWallet, req("v"))
		if v.State != client.StateResidue || v.Residues[0].ID != "auto-payments" {
			t.Fatalf("%+v", v)
		}
		s.expect(t, QQWallet, client.OpCleanup, client.CleanupRequest{StepRequest: req("x"), Residue: "auto-payments"}, client.StateCleared)
		if v := s.verification(t, QQWallet, req("v")); v.State != client.StateClean {
			t.Errorf("after the clean-up: %+v", v)
		}
	})
	t.Run("nonsense is refused", func(t *testing.T) {
		for _, f := range []any{Fault{Mode: "explode"}, map[string]any{"mode": "slow", "when": "now"}, Fault{Mode: FaultSlow, MS: -1}} {
			if status, _ := s.postJSON(t, s.URL(Game)+"/_fault", f); status != http.StatusBadRequest {
				t.Errorf("%v answered %d", f, status)
			}
		}
	})
	t.Run("the form on the page", func(t *testing.T) {
		status, to := s.form(t, s.URL(Game)+"/_fault?lang=en", "mode", "error", "op", "describe", "times", "1", "ms", "")
		if status != http.StatusSeeOther || to.RequestURI() != "/?lang=en" {
			t.Errorf("%d %v", status, to)
		}
		if status, _ := s.ask(t, Game, client.OpDescribe, describe); status != http.StatusServiceUnavailable {
			t.Errorf("describe answered %d", status)
		}
	})
}
