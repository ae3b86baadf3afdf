package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/client"
	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// These tests let parties fail behind the real connectors, over real HTTP, and look at what the person is told.

// A participant that says it committed, and did not, is found out by being asked to verify. The case says so until the
// residue is gone, also when the window is long over.
func TestF4_ALyingParticipantLeavesAnOpenResidue(t *testing.T) {
	s := newStaged(t)
	w := s.person("sun")
	s.fault(sandbox.QQWallet, sandbox.Fault{Mode: sandbox.FaultLie, Op: "commit"})
	s.confirmed(w)
	c := s.until(w, "guarded", func(c *sdk.Case) bool { return c.Stage == "guarded" })
	if open := residues(c, sandbox.QQWallet); leg(c, sandbox.QQWallet) != "residue" || len(open) == 0 || c.Next != "clean_up" {
		t.Fatalf("the lie was believed: leg %s, residues %v, next %s", leg(c, sandbox.QQWallet), open, c.Next)
	}
	s.ahead.Add(int64(25 * time.Hour))
	s.app.worker.Wake()
	s.must(w.cleanUp)
	c = s.until(w, "closed once everything is clean", func(c *sdk.Case) bool { return c.Stage == "closed" })
	if c.EndedAt.Value.Sub(c.GuardedUntil.Value) < 0 {
		t.Errorf("closed at %s, before its window ended at %s", c.EndedAt.Value, c.GuardedUntil.Value)
	}
}

// A residue that is said to be cleared, and is not, is looked for again and stays open.
func TestF4_ALieAboutCleaningUpIsFoundOut(t *testing.T) {
	s := newStaged(t)
	w := s.person("sun")
	s.confirmed(w)
	s.until(w, "guarded", func(c *sdk.Case) bool { return c.Stage == "guarded" })
	s.fault(sandbox.WeChatPay, sandbox.Fault{Mode: sandbox.FaultLie, Op: "cleanup"})
	_, err := w.jl.CleanUpResidue(t.Context(), &sdk.Cleanup{Participant: sandbox.WeChatPay, Residue: "real-name"},
		sdk.CleanUpResidueParams{IdempotencyKey: sdk.NewKey(), Case: w.id})
	if err != nil {
		t.Fatal(err)
	}
	tried := func(*sdk.Case) bool {
		due, err := s.app.store.Effects(t.Context(), "", jieling.EffectDue, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range due {
			if e.Kind == jieling.EffectCleanup && e.Attempt > 2 {
				return true
			}
		}
		return false
	}
	c := s.until(w, "the clean-up was tried three times", tried)
	if open := residues(c, sandbox.WeChatPay); len(open) != 1 {
		t.Errorf("the residue went by a lie: %v", open)
	}
	s.fault(sandbox.WeChatPay, sandbox.Fault{Mode: sandbox.FaultNone})
	s.until(w, "cleared by the next try", func(c *sdk.Case) bool { return len(residues(c, sandbox.WeChatPay)) == 0 })
}

// An optional participant that never answers does not hold the person up, and is not taken for clean: its residue is
// unknown, can be asked for again, and clears when it answers at last.
func TestL6_ASilentOptionalParticipantIsUnknownUntilItAnswers(t *testing.T) {
	s := newStaged(t)
	w := s.person("sun")
	s.cables[sandbox.Game].pull("verify")
	s.confirmed(w)
	c := s.until(w, "given up on", func(c *sdk.Case) bool { return c.Stage == "guarded" })
	if got := residues(c, sandbox.Game); leg(c, sandbox.Game) != "unanswered" || len(got) != 1 || got[0] != "unknown" {
		t.Fatalf("leg %s, residues %v", leg(c, sandbox.Game), got)
	}
	if lines := s.logged("an effect was given up on"); len(lines) != 1 || lines[0]["target"] != sandbox.Game {
		t.Errorf("the dead letter was logged as %v", lines)
	}
	s.ahead.Add(int64(25 * time.Hour))
	s.app.worker.Wake()
	s.cables[sandbox.Game].pull()
	s.must(w.cleanUp)
	c = s.until(w, "closed", func(c *sdk.Case) bool { return c.Stage == "closed" })
	if leg(c, sandbox.Game) != "verified" {
		t.Errorf("its leg ended %s", leg(c, sandbox.Game))
	}
}

// An optional participant that was silent from the start did not let go. When it is asked again at last, it says what is
// left, and that is cleaned up like any residue.
func TestL6_AnOptionalParticipantThatMissedItAllIsCleanedUpLater(t *testing.T) {
	s := newStaged(t)
	w := s.person("sun")
	s.cables[sandbox.Game].pull("prepare")
	s.confirmed(w)
	c := s.until(w, "guarded without it", func(c *sdk.Case) bool { return c.Stage == "guarded" })
	if got := residues(c, sandbox.Game); len(got) != 1 || got[0] != "unknown" {
		t.Fatalf("residues %v", got)
	}
	s.cables[sandbox.Game].pull()
	again := func() {
		t.Helper()
		for _, id := range residues(c, sandbox.Game) {
			_, err := w.jl.CleanUpResidue(t.Context(), &sdk.Cleanup{Participant: sandbox.Game, Residue: id},
				sdk.CleanUpResidueParams{IdempotencyKey: sdk.NewKey(), Case: w.id})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	again()
	c = s.until(w, "it says what is left", func(c *sdk.Case) bool {
		return len(residues(c, sandbox.Game)) > 0 && residues(c, sandbox.Game)[0] != "unknown"
	})
	again()
	c = s.until(w, "clean", func(c *sdk.Case) bool { return len(residues(c, sandbox.Game)) == 0 })
	if leg(c, sandbox.Game) != "verified" {
		t.Errorf("its leg ended %s", leg(c, sandbox.Game))
	}
}

// A required participant that is silent before the commit point stops the removal: everything is taken back, and QQ goes on
// opening the account.
func TestS21_ASilentRequiredParticipantTakesEverythingBack(t *testing.T) {
	s := newStaged(t)
	w := s.person("sun")
	s.cables[sandbox.WeChatPay].pull("prepare")
	s.confirmed(w)
	c := s.until(w, "taken back", func(c *sdk.Case) bool { return c.Stage == "compensated" })
	if c.RemovedAt.Set || c.Leaving.State != "active" {
		t.Errorf("removed %v, the binding is %s", c.RemovedAt, c.Leaving.State)
	}
	s.must(w.signInWorks)
	for _, p := range sandbox.Participants() {
		s.until(w, p+" was told", func(c *sdk.Case) bool { return s.asked(p, client.OpCompensate) })
		if l := leg(c, p); l != "compensated" && p != sandbox.WeChatPay {
			t.Errorf("%s is %s", p, l)
		}
	}
}

// asked reports whether a participant was asked for an operation.
func (s *staged) asked(participant string, op client.Op) bool {
	s.Helper()
	var rows []client.LedgerEntry
	if err := getJSON(s.Context(), s.world.URL(participant)+"/_ledger", &rows); err != nil {
		s.Fatal(err)
	}
	return slices.ContainsFunc(rows, func(row client.LedgerEntry) bool { return row.Op == op && row.Asked > 0 })
}

// A provider that fails when it is asked about the grant is asked again, and its silence is never taken for an answer.
func TestL5_AFailingProviderIsAskedAgain(t *testing.T) {
	s := newStaged(t)
	w := s.person("sun")
	s.must(w.signInWorks) // which gives us a grant to ask about
	s.fault(sandbox.QQ, sandbox.Fault{Mode: sandbox.FaultError, Times: 3})
	s.confirmed(w)
	s.until(w, "QQ answered at last", func(c *sdk.Case) bool {
		if c.Upstream != "unknown" && c.Upstream != "user_action_required" {
			t.Fatalf("upstream %q", c.Upstream)
		}
		return c.Upstream == "user_action_required"
	})
	var left []sandbox.Fault
	if err := getJSON(t.Context(), s.world.URL(sandbox.QQ)+"/_fault", &left); err != nil || len(left) != 0 {
		t.Errorf("not all failures were met: %v %v", left, err)
	}
}

// A code that the gateway refuses to send is tried, then given up on, and said so in the log; nothing is proven by it.
func TestL5_ARefusedCodeIsADeadLetter(t *testing.T) {
	s := newStaged(t)
	w := s.person("lin")
	s.fault(sandbox.SMS, sandbox.Fault{Mode: sandbox.FaultRefuse})
	s.must(w.open)
	_, err := w.jl.NameReplacement(t.Context(), &sdk.NewReplacement{Provider: "phone", Subject: w.person.Phone},
		sdk.NameReplacementParams{IdempotencyKey: sdk.NewKey(), Case: w.id})
	if err != nil {
		t.Fatal(err)
	}
	c := s.until(w, "given up on", func(*sdk.Case) bool { return len(s.logged("an effect was given up on")) > 0 })
	if c.Replaced {
		t.Error("a code that nobody got proved a phone")
	}
	var dead []jieling.Effect
	err = eventually(t.Context(), func() (bool, error) { // it is said just before it is written
		var err error
		dead, err = s.app.store.Effects(t.Context(), "", jieling.EffectDead, 10)
		return len(dead) > 0, err
	})
	if err != nil || len(dead) != 1 || dead[0].Kind != jieling.EffectDeliver {
		t.Errorf("dead letters: %v %v", dead, err)
	}
}

// follow opens the link of a notice, so that a request for it is logged.
func (s *staged) follow(link string) {
	s.Helper()
	answer, err := http.Get(s.sheet.BaseURL + "/u/" + link)
	if err != nil {
		s.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusGone {
		s.Errorf("the link of a notice is answered with %s", answer.Status)
	}
}

// TestS9_NoSecretIsLogged walks all three platforms with the log at debug level, and looks for everything a person knows or
// is known by.
func TestS9_NoSecretIsLogged(t *testing.T) {
	s := newStaged(t)
	secrets := map[string]string{"the API key": s.sheet.APIKey, "the API key's random part": strings.TrimPrefix(s.sheet.APIKey, "jl_")}
	chen := s.person("chen")
	s.must(chen.enrolPhone) // before the clock is moved: a factor of today asks for more
	for _, w := range []*walk{s.person("lin"), chen, s.person("zhao")} {
		who := w.person.Owner
		secrets["the PIN of "+who] = w.person.PIN
		secrets["the number of "+who] = strings.TrimPrefix(w.person.Phone, "+86")
		secrets["the openid of "+who] = w.person.QQSubject
		if found := w.run(t.Context()); !found.OK {
			t.Fatalf("%s: %s", who, found.Problem)
		}
		s.wrong(w)
		s.handOff(w, secrets)
		var in struct {
			Messages []struct {
				Code   string
				Params []string
			}
		}
		if err := getJSON(t.Context(), s.world.URL(sandbox.SMS)+"/inbox/"+w.person.Phone, &in); err != nil {
			t.Fatal(err)
		}
		for _, m := range in.Messages {
			if m.Code != "" {
				secrets["a code of "+who] = m.Code
			}
			if len(m.Params) == 3 {
				link := m.Params[1] + m.Params[2]
				secrets["the link of a notice to "+who] = link
				s.follow(link)
			}
		}
	}
	for _, p := range sandbox.People() {
		secrets["the unionid of "+p.Key], secrets["the identity card of "+p.Key] = p.QQUnionID, p.IDCard
	}
	for name, secret := range sandbox.DefaultCredentials().ParticipantSecrets {
		secrets["the secret of "+name] = strings.TrimPrefix(secret, "whsec_")
	}
	text := s.said()
	if !strings.Contains(text, `"msg":"request"`) {
		t.Fatal("nothing was logged at all")
	}
	for line := range strings.Lines(text) {
		for what, secret := range secrets {
			if secret == "" {
				t.Fatalf("%s is empty", what)
			}
			if strings.Contains(line, secret) {
				t.Errorf("%s is in the log: %s", what, line)
			}
		}
	}
}

// wrong makes requests that fail, in the ways that tempt a program to log what it was given.
func (s *staged) wrong(w *walk) {
	s.Helper()
	for _, body := range []string{`{"provider":"qq","subject":"` + w.person.QQSubject + `","nonsense":1}`, `{"provider":"qq","subject":"` + w.person.QQSubject} {
		r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.sheet.BaseURL+"/v1/resolve", strings.NewReader(body))
		if err != nil {
			s.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+s.sheet.APIKey)
		r.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			s.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode < 400 {
			s.Errorf("%s was answered %s", body, answer.Status)
		}
	}
}

// handOff signs the person in with a ticket and notes the ticket and the session's token as secrets.
func (s *staged) handOff(w *walk, secrets map[string]string) {
	s.Helper()
	h, err := w.jl.HandOff(s.Context(), &sdk.NewHandoff{Account: sdk.AccountID(w.person.ID), Platform: "web"}, sdk.HandOffParams{IdempotencyKey: sdk.NewKey()})
	if err != nil {
		s.Fatal(err)
	}
	secrets["a ticket of "+w.person.Owner] = h.Token
	in, err := s.app.engine.Redeem(s.Context(), h.Token, "")
	if err != nil {
		s.Fatal(err)
	}
	secrets["a session of "+w.person.Owner] = in.Token
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.sheet.BaseURL+"/", nil)
	if err != nil {
		s.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "jieling", Value: in.Token})
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	answer.Body.Close()
}
