package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/access"
	"github.com/jieling-id/jieling/internal/api"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/store"
	"github.com/jieling-id/jieling/internal/store/sqlite"
)

// service is the real thing behind real HTTP, called with our own client.
type service struct {
	*sdk.Client
	t      *testing.T
	engine *engine.Engine
	url    string
	secret string
	log    *lockedBuffer
	staff  *gate.Staff
	store  store.Store
	keys   *keyring.Keyring

	mu   sync.Mutex
	sent []jieling.Message
	past time.Duration
}

// Send implements notify.Sender.
func (s *service) Send(_ context.Context, _ string, m jieling.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, m)
	return nil
}

func (s *service) offset() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.past
}

func (s *service) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past += d
}

func newService(t *testing.T) *service {
	t.Helper()
	pack, err := policy.Shipped("qq-wechat")
	if err != nil {
		t.Fatal(err)
	}
	return newServiceOf(t, pack)
}

func newServiceOf(t *testing.T, pack *policy.Pack) *service {
	t.Helper()
	s := &service{t: t, log: &lockedBuffer{}}
	st, err := sqlite.Open(filepath.Join(t.TempDir(), "jieling.db"), sqlite.Config{Offset: s.offset})
	s.ok(err)
	t.Cleanup(func() { st.Close() })
	keys, err := keyring.New(nil)
	s.ok(err)
	template, err := access.Shipped()
	s.ok(err)
	log := slog.New(slog.NewJSONHandler(s.log, nil))
	s.engine = engine.New(engine.Config{
		Store: st, Keys: keys, Pack: pack, Access: template, Sender: s, BaseURL: "http://localhost", Log: log,
		Factors: map[jieling.Factor]factor.Factor{
			jieling.PaymentPIN: factor.PIN{Keys: keys}, jieling.SMSCode: factor.SMS{Keys: keys}, jieling.QRApproval: factor.QR{Keys: keys}, jieling.DeviceLock: factor.DeviceLock{},
			jieling.DocumentReview: factor.Review{Of: jieling.DocumentReview, Retention: 7 * 24 * time.Hour},
			jieling.VideoInterview: factor.Review{Of: jieling.VideoInterview},
		},
		Reviewing: engine.Reviewing{MeetingHosts: []string{"meet.example.com"}},
	})
	s.secret = s.key(st, "shop", engine.ScopeAdmin)
	s.staff, err = gate.NewStaff(t.Context(), st, keys, func() time.Time { return time.Now().Add(s.offset()) }, log)
	s.ok(err)
	s.store, s.keys = st, keys
	h, err := api.New(api.Config{
		Engine: s.engine, Staff: s.staff, Ready: st.Ping, Follow: time.Millisecond,
		Gate:       gate.New(gate.Config{Keys: st.Keys, Sessions: s.engine.Session, Log: log}),
		HandoffURL: func(token string) string { return "http://localhost/handoff#" + token },
	})
	s.ok(err)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	s.url = server.URL
	s.Client, err = sdk.New(server.URL, s.secret)
	s.ok(err)
	return s
}

func (s *service) key(st store.Store, name string, scopes ...string) string {
	s.t.Helper()
	secret, key, err := gate.NewKey(name, scopes, time.Now(), strings.NewReader(strings.Repeat(name, 32)))
	s.ok(err)
	s.ok(st.PutKey(s.t.Context(), key))
	return secret
}

func (s *service) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *service) refused(code string, err error) {
	s.t.Helper()
	var p *sdk.Problem
	if !errors.As(err, &p) || p.Code != code {
		s.t.Fatalf("got %v, want %s", err, code)
	}
}

// work does every effect that is due, as a worker would.
func (s *service) work() {
	s.t.Helper()
	for {
		due, err := s.engine.Store.Claim(s.t.Context(), time.Minute, 16)
		s.ok(err)
		if len(due) == 0 {
			return
		}
		for _, eff := range due {
			s.ok(s.engine.Act(s.t.Context(), eff))
		}
	}
}

const (
	journeyPIN     = "204816"
	journeySubject = "planted-subject-8F1E60A2"
	journeyNumber  = "+8613800000001"
)

// person registers an account through QQ that has a phone and a PIN.
func (s *service) person(name string) (sdk.AccountID, *sdk.Binding) {
	s.t.Helper()
	ctx := s.t.Context()
	a, err := s.RegisterAccount(ctx, &sdk.NewAccount{
		ExternalID: name, Kind: sdk.AccountKindPersonal, RegisteredThrough: sdk.NewOptProvider("qq"),
	}, sdk.RegisterAccountParams{IdempotencyKey: sdk.NewKey()})
	s.ok(err)
	qq, err := s.AddBinding(ctx, &sdk.NewBinding{Provider: "qq", Subject: journeySubject + name}, sdk.AddBindingParams{Account: a.ID, IdempotencyKey: sdk.NewKey()})
	s.ok(err)
	_, err = s.AddBinding(ctx, &sdk.NewBinding{Provider: "phone", Subject: journeyNumber}, sdk.AddBindingParams{Account: a.ID, IdempotencyKey: sdk.NewKey()})
	s.ok(err)
	_, err = s.EnrolFactor(ctx, &sdk.NewFactor{Factor: "payment_pin", Answer: sdk.NewOptString(journeyPIN)}, sdk.EnrolFactorParams{Account: a.ID, IdempotencyKey: sdk.NewKey()})
	s.ok(err)
	s.later(time.Second)
	return a.ID, qq
}

func (s *service) open(account sdk.AccountID, qq *sdk.Binding) *sdk.Case {
	s.t.Helper()
	c, err := s.OpenCase(s.t.Context(), &sdk.NewCase{
		Account: account, Goal: sdk.GoalUnlink, Binding: qq.ID, Platform: sdk.PlatformAndroid, Reason: sdk.ReasonPrivacy,
	}, sdk.OpenCaseParams{IdempotencyKey: sdk.NewKey()})
	s.ok(err)
	return c
}

// answer asks for a factor and answers it.
func (s *service) answer(id sdk.CaseID, factor sdk.Factor, answer string) (*sdk.Answered, error) {
	s.t.Helper()
	ch, err := s.AskChallenge(s.t.Context(), &sdk.NewChallenge{Factor: factor}, sdk.AskChallengeParams{Case: id, IdempotencyKey: sdk.NewKey()})
	s.ok(err)
	return s.AnswerChallenge(s.t.Context(), &sdk.NewAnswer{Answer: sdk.NewOptString(answer)}, sdk.AnswerChallengeParams{Challenge: ch.ID, IdempotencyKey: sdk.NewKey()})
}

// advance does what the case asks for next, until it asks for nothing more that a program could do.
func (s *service) advance(c *sdk.Case) *sdk.Case {
	s.t.Helper()
	ctx := s.t.Context()
	for range 10 {
		var err error
		switch c.Next {
		case sdk.MoveVerify:
			var a *sdk.Answered
			if a, err = s.answer(c.ID, "payment_pin", journeyPIN); err == nil {
				c = &a.Case
			}
		case sdk.MoveBackup:
			c, err = s.SettleBackup(ctx, &sdk.Backup{Choice: sdk.BackupChoiceDeclined}, sdk.SettleBackupParams{Case: c.ID, IdempotencyKey: sdk.NewKey()})
		case sdk.MoveConfirm:
			c, err = s.ConfirmCase(ctx, sdk.ConfirmCaseParams{Case: c.ID, IdempotencyKey: sdk.NewKey()})
		case sdk.MoveReplacement:
			c, err = s.replace(c)
		case sdk.MoveWait:
			s.later(time.Until(c.CommitAfter.Value) + 2*time.Second)
			s.work()
			c, err = s.GetCase(ctx, sdk.GetCaseParams{Case: c.ID})
		case sdk.MoveWatch:
			s.work()
			c, err = s.GetCase(ctx, sdk.GetCaseParams{Case: c.ID})
		default:
			return c
		}
		s.ok(err)
	}
	s.t.Fatalf("still at %s", c.Next)
	return nil
}

// replace proves the phone that is bound already.
func (s *service) replace(c *sdk.Case) (*sdk.Case, error) {
	ch, err := s.NameReplacement(s.t.Context(), &sdk.NewReplacement{Provider: "phone", Subject: journeyNumber}, sdk.NameReplacementParams{Case: c.ID, IdempotencyKey: sdk.NewKey()})
	if err != nil {
		return nil, err
	}
	s.work()
	s.mu.Lock()
	code := s.sent[len(s.sent)-1].Code
	s.mu.Unlock()
	a, err := s.AnswerChallenge(s.t.Context(), &sdk.NewAnswer{Answer: sdk.NewOptString(code)}, sdk.AnswerChallengeParams{Challenge: ch.ID, IdempotencyKey: sdk.NewKey()})
	if err != nil {
		return nil, err
	}
	return &a.Case, nil
}

func TestUnbindingOverHTTP(t *testing.T) {
	s := newService(t)
	ctx := t.Context()
	account, qq := s.person("u-1")

	p, err := s.PlanUnbinding(ctx, &sdk.PlanQuery{Binding: qq.ID, Platform: sdk.PlatformAndroid, Compare: sdk.NewOptBool(true)}, sdk.PlanUnbindingParams{Account: account})
	s.ok(err)
	if len(p.Steps) == 0 || len(p.Compare) != 2 {
		t.Errorf("the plan has %d steps and %d platforms beside", len(p.Steps), len(p.Compare))
	}

	c := s.advance(s.open(account, qq))
	if c.Stage != sdk.StageGuarded && c.Stage != sdk.StageClosed {
		t.Fatalf("the case stands at %s, next %s", c.Stage, c.Next)
	}
	who, err := s.Resolve(ctx, &sdk.ResolveQuery{Provider: "qq", Subject: journeySubject + "u-1"})
	s.ok(err)
	if who.Outcome != sdk.ResolutionOutcomeUnknown || who.Account.Set {
		t.Errorf("afterwards QQ opens %+v", who)
	}
	who, err = s.Resolve(ctx, &sdk.ResolveQuery{Provider: "phone", Subject: journeyNumber, Device: sdk.NewOptDeviceLevel(sdk.DeviceLevelTrusted), Network: sdk.NewOptNetworkLevel(sdk.NetworkLevelKnown)})
	s.ok(err)
	if who.Account.Value != account {
		t.Errorf("the phone opens %+v", who)
	}
	if list, err := s.ListBindings(ctx, sdk.ListBindingsParams{Account: account}); err != nil || len(list.Items) != 1 {
		t.Errorf("%v, %+v", err, list)
	}

	log := s.logged()
	for _, secret := range []string{journeySubject, journeyNumber, journeyPIN, s.secret, strings.TrimPrefix(s.secret, "jl_")} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// logged is the log without what a clock wrote into it: six digits of a time may be those of the payment password.
func (s *service) logged() string {
	s.t.Helper()
	var all strings.Builder
	for line := range strings.Lines(s.log.String()) {
		var record map[string]any
		s.ok(json.Unmarshal([]byte(line), &record))
		delete(record, "time")
		delete(record, "took")
		fmt.Fprintln(&all, record)
	}
	return all.String()
}

func TestWatchFollowsToTheEnd(t *testing.T) {
	s := newService(t)
	account, qq := s.person("u-1")
	c := s.open(account, qq)
	cancelled := false
	var kinds []string
	for e, err := range s.Watch(t.Context(), c.ID, 0) {
		s.ok(err)
		kinds = append(kinds, e.Kind)
		if e.Seq != int64(len(kinds)) {
			t.Fatalf("event %d came as number %d", e.Seq, len(kinds))
		}
		if !cancelled {
			cancelled = true
			_, err := s.CancelCase(t.Context(), sdk.CancelCaseParams{Case: c.ID, IdempotencyKey: sdk.NewKey()})
			s.ok(err)
		}
	}
	if len(kinds) < 2 || kinds[0] != "opened" || kinds[len(kinds)-1] != "cancelled" {
		t.Errorf("told was %v", kinds)
	}
}

func TestReplayedKeys(t *testing.T) {
	s := newService(t)
	ctx := t.Context()
	in := &sdk.NewAccount{ExternalID: "u-1", Kind: sdk.AccountKindPersonal}
	first, err := s.RegisterAccount(ctx, in, sdk.RegisterAccountParams{IdempotencyKey: "k"})
	s.ok(err)
	again, err := s.RegisterAccount(ctx, in, sdk.RegisterAccountParams{IdempotencyKey: "k"})
	s.ok(err)
	if again.ID != first.ID {
		t.Errorf("a repeat made %s beside %s", again.ID, first.ID)
	}
	_, err = s.RegisterAccount(ctx, &sdk.NewAccount{ExternalID: "u-2", Kind: sdk.AccountKindPersonal}, sdk.RegisterAccountParams{IdempotencyKey: "k"})
	s.refused("idempotency_key_reused", err)
	_, err = s.FindAccount(ctx, sdk.FindAccountParams{ExternalID: "u-2"})
	s.refused("not_found", err)
	_, err = s.RegisterAccount(ctx, in, sdk.RegisterAccountParams{IdempotencyKey: "other"})
	s.refused("conflict", err)
}

// Whatever is wrong with an answer has a code of its own, and changes nothing but the count of guesses.
func TestAnswersHaveTheirCodes(t *testing.T) {
	s := newService(t)
	ctx := t.Context()
	account, qq := s.person("u-1")
	c := s.open(account, qq)
	_, err := s.ConfirmCase(ctx, sdk.ConfirmCaseParams{Case: c.ID, IdempotencyKey: sdk.NewKey()})
	var p *sdk.Problem
	if !errors.As(err, &p) || p.Status != http.StatusUnprocessableEntity {
		t.Errorf("confirmed before anything was proven: %v", err)
	}
	_, err = s.answer(c.ID, "payment_pin", "000001")
	s.refused("wrong_answer", err)
	_, err = s.answer(c.ID, "payment_pin", "not digits")
	s.refused("invalid_argument", err)
	_, err = s.AskChallenge(ctx, &sdk.NewChallenge{Factor: "voice"}, sdk.AskChallengeParams{Case: c.ID, IdempotencyKey: sdk.NewKey()})
	s.refused("factor_not_asked", err)
	_, err = s.AnswerChallenge(ctx, &sdk.NewAnswer{Answer: sdk.NewOptString(journeyPIN)}, sdk.AnswerChallengeParams{Challenge: "chl" + tail, IdempotencyKey: sdk.NewKey()})
	s.refused("not_found", err)

	ch, err := s.AskChallenge(ctx, &sdk.NewChallenge{Factor: "payment_pin"}, sdk.AskChallengeParams{Case: c.ID, IdempotencyKey: sdk.NewKey()})
	s.ok(err)
	s.later(time.Until(ch.ExpiresAt) + 2*time.Second)
	_, err = s.AnswerChallenge(ctx, &sdk.NewAnswer{Answer: sdk.NewOptString(journeyPIN)}, sdk.AnswerChallengeParams{Challenge: ch.ID, IdempotencyKey: sdk.NewKey()})
	s.refused("challenge_expired", err)
}

func TestFreezeStopsTheSignInAtOnce(t *testing.T) {
	s := newService(t)
	ctx := t.Context()
	account, _ := s.person("u-1")
	_, err := s.FreezeAccount(ctx, sdk.OptWhy{}, sdk.FreezeAccountParams{Account: account, IdempotencyKey: sdk.NewKey()})
	s.ok(err)
	who, err := s.Resolve(ctx, &sdk.ResolveQuery{Provider: "qq", Subject: journeySubject + "u-1"})
	s.ok(err)
	if who.Outcome != sdk.ResolutionOutcomeRefuse {
		t.Errorf("while frozen: %+v", who)
	}
}

func TestRevokedKeyOverHTTP(t *testing.T) {
	s := newService(t)
	ctx := t.Context()
	query := &sdk.ResolveQuery{Provider: "qq", Subject: "x"}
	_, err := s.Resolve(ctx, query)
	s.ok(err)
	keys, err := s.engine.Store.Keys(ctx)
	s.ok(err)
	keys[0].RevokedAt = time.Now()
	s.ok(s.engine.Store.PutKey(ctx, keys[0]))
	for deadline := time.Now().Add(time.Minute); ; {
		if _, err = s.Resolve(ctx, query); err != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the key still works")
		}
	}
	s.refused("unauthenticated", err)
}
