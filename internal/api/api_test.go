package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/api"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/store"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const (
	tail      = "_01k9z0xw7m8c4e2v5r6t3n1b9a"
	accountID = jieling.AccountID("acc" + tail)
	bindingID = jieling.BindingID("bnd" + tail)
	caseID    = jieling.CaseID("case" + tail)
)

// puppet is an engine that answers as it is told and remembers what it was asked.
type puppet struct {
	mu     sync.Mutex
	err    error
	panics any
	calls  []call
	events []jieling.Event
}

type call struct {
	verb string
	by   jieling.Actor
	idem engine.Idem
	in   any
}

func (p *puppet) called(verb string, by jieling.Actor, idem engine.Idem, in any) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.panics != nil {
		panic(p.panics)
	}
	p.calls = append(p.calls, call{verb, by, idem, in})
	return p.err
}

var (
	someAccount = jieling.Account{ID: accountID, ExternalID: "u-10086", Kind: jieling.Personal, Region: "CN", Locale: "zh-CN", CreatedAt: noon, WaysIn: 2}
	someBinding = jieling.Binding{
		ID: bindingID, Account: accountID, Provider: jieling.QQ, State: jieling.BindingActive, Label: "12****4821", CreatedAt: noon,
		Subject: []byte("sealed-subject"), Union: []byte("sealed-union"), Grant: []byte("sealed-grant"),
	}
	someText      = jieling.Text{ZH: "解绑", EN: "Unbind"}
	someDevice    = jieling.Device{ID: jieling.DeviceID("dev" + tail), Account: accountID, Name: "Xiaomi 15", Platform: jieling.Android, CreatedAt: noon}
	someEnrolment = jieling.Enrolment{ID: jieling.FactorID("fac" + tail), Account: accountID, Factor: jieling.PaymentPIN, Label: "PIN", CreatedAt: noon, Secret: []byte("sealed-pin")}
	someDecision  = jieling.Decision{
		Pack: "qq-wechat@1", Scenario: jieling.Routine, Wait: 24 * time.Hour, Guard: 24 * time.Hour,
		Requirement: jieling.AnyOf(jieling.AllOf(jieling.Need(jieling.SMSCode), jieling.Need(jieling.Face)), jieling.Need(jieling.PaymentPIN)),
		Reasons:     []jieling.Because{{Rule: "V1", Text: someText}},
	}
	someChallenge = engine.ChallengeView{
		Challenge: jieling.Challenge{
			ID: jieling.ChallengeID("chl" + tail), Case: caseID, Factor: jieling.SMSCode, Purpose: jieling.ForCase, State: jieling.ChallengeOpen,
			Limit: 5, IssuedAt: noon, ExpiresAt: noon.Add(5 * time.Minute), Secret: []byte("sealed-code"),
		},
		Public: json.RawMessage(`{"to":"138****8000"}`),
	}
	someCase = engine.CaseView{
		Case: jieling.Case{
			ID: caseID, Account: accountID, Goal: jieling.Unlink, Binding: bindingID, Provider: jieling.QQ, Platform: jieling.Android,
			Reason: jieling.ReasonPrivacy, Scenario: jieling.Routine, Stage: jieling.StageVerifying, Version: 2, Decision: someDecision,
			OpenedAt: noon, ExpiresAt: noon.Add(24 * time.Hour), Impact: []jieling.Dependent{{ID: "d1", Module: "payment", Title: someText, Change: jieling.Lost}},
			Residues: []jieling.Residue{{ID: "real_name", Participant: "wechat-pay", Title: someText, FoundAt: noon}},
			Legs:     []jieling.Leg{{Participant: "wechat-pay", Title: someText, State: jieling.LegPlanned}},
		},
		Next: casework.MoveVerify, Open: []engine.ChallengeView{someChallenge}, Binding: someBinding, Others: []jieling.Binding{someBinding}, Now: noon,
	}
	someApproval = engine.ApprovalView{Challenge: someChallenge.Challenge, What: someText, From: jieling.Web, Numbers: []int{12, 37, 85}, Case: caseID, Now: noon}
	someReview   = engine.ReviewView{
		Review: jieling.Review{
			Challenge: someChallenge.ID, Account: accountID, Case: caseID, Factor: jieling.DocumentReview, State: jieling.ReviewWaiting,
			Images: []jieling.Image{{Type: "image/png", Size: 7}}, Lang: "en", SubmittedAt: noon, DueAt: noon.Add(time.Hour), Scenario: jieling.Abnormal,
			Risk: jieling.Medium, Holder: "an", HeldUntil: noon.Add(time.Minute), Votes: []jieling.Vote{{By: "bo", At: noon, Verdict: jieling.Pass, Note: []byte("sealed-note")}},
		},
		Notes: []string{"seen"}, Situation: &engine.Situation{Case: someCase.Case, Binding: someBinding, Kind: jieling.Personal}, Now: noon,
	}
	somePlan = jieling.Plan{
		Account: accountID, Binding: someBinding, Platform: jieling.Android, Path: someText, Decision: someDecision,
		Risks: []jieling.Risk{{Rule: "R1", Title: someText, Level: jieling.Low, Why: someText}}, Advice: []jieling.Because{{Rule: "R4", Text: someText}},
		Replacements: []jieling.Replacement{{Rule: "A1", Provider: jieling.Phone, Title: someText, Effort: jieling.Low, SecurityCost: jieling.Medium, Completeness: jieling.High}},
		Compare:      []jieling.PlatformPlan{{Platform: jieling.IOS, Path: someText, Assurance: jieling.High}},
	}
)

func someView() engine.AccountView {
	return engine.AccountView{
		Account: someAccount, Bindings: []jieling.Binding{someBinding}, Cases: []jieling.Case{someCase.Case},
		Enrolments: []jieling.Enrolment{someEnrolment}, Devices: []jieling.Device{someDevice},
		Sessions: []store.Session{{ID: jieling.SessionID("ses" + tail), Device: someDevice.ID, Platform: jieling.Android, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}},
		CheckUp:  aftercare.CheckUp{Verdict: aftercare.Advised, Cards: []aftercare.Card{{Finding: aftercare.OneWayIn, Verdict: aftercare.Advised, Binding: bindingID, Count: 1}}, Unchecked: []aftercare.Unchecked{aftercare.Dependents}},
		Now:      noon,
	}
}

func (p *puppet) RegisterAccount(_ context.Context, by jieling.Actor, idem engine.Idem, in engine.NewAccount) (jieling.Account, error) {
	return someAccount, p.called("RegisterAccount", by, idem, in)
}

func (p *puppet) Account(_ context.Context, by jieling.Actor, id jieling.AccountID) (engine.AccountView, error) {
	return someView(), p.called("Account", by, engine.Idem{}, id)
}

func (p *puppet) Bindings(_ context.Context, by jieling.Actor, id jieling.AccountID) ([]jieling.Binding, error) {
	return someView().Bindings, p.called("Bindings", by, engine.Idem{}, id)
}

func (p *puppet) FindAccount(_ context.Context, by jieling.Actor, externalID string) (engine.AccountView, error) {
	return someView(), p.called("FindAccount", by, engine.Idem{}, externalID)
}

func (p *puppet) HearProvider(_ context.Context, name jieling.Provider, in provider.Call) (provider.Reply, error) {
	err := p.called("HearProvider", jieling.Actor{}, engine.Idem{}, string(name)+" "+in.Method+" "+in.Query.Get("echostr")+string(in.Body))
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: []byte("success")}, nil
}

func (p *puppet) AddBinding(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.AccountID, in engine.NewBinding) (jieling.Binding, error) {
	return someBinding, p.called("AddBinding", by, idem, in)
}

func (p *puppet) AddDevice(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.AccountID, in engine.NewDevice) (jieling.Device, error) {
	return someDevice, p.called("AddDevice", by, idem, in)
}

func (p *puppet) ReportSignIn(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.AccountID, in engine.NewSignIn) error {
	return p.called("ReportSignIn", by, idem, in)
}

func (p *puppet) RemoveDevice(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.AccountID, id jieling.DeviceID) error {
	return p.called("RemoveDevice", by, idem, id)
}

func (p *puppet) ChangeDevice(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.AccountID, id jieling.DeviceID, in engine.DeviceChange) (jieling.Device, error) {
	return jieling.Device{ID: id}, p.called("ChangeDevice", by, idem, in)
}

func (p *puppet) Settings(_ context.Context, by jieling.Actor, account jieling.AccountID) (engine.SettingsView, error) {
	return engine.SettingsView{}, p.called("Settings", by, engine.Idem{}, account)
}

func (p *puppet) ChangeSettings(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.AccountID, in engine.SettingsChange) (engine.SettingsView, error) {
	return engine.SettingsView{}, p.called("ChangeSettings", by, idem, in)
}

func (p *puppet) CheckUp(_ context.Context, by jieling.Actor, id jieling.AccountID) (engine.AccountView, error) {
	return someView(), p.called("CheckUp", by, engine.Idem{}, id)
}

func (p *puppet) SetSwitch(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.AccountID, in engine.SwitchChange) error {
	return p.called("SetSwitch", by, idem, in)
}

func (p *puppet) JudgeBill(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.AccountID, participant, bill string, _ engine.Judgement) error {
	return p.called("JudgeBill", by, idem, participant+"/"+bill)
}

func (p *puppet) ReviewDevices(_ context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID) error {
	return p.called("ReviewDevices", by, idem, account)
}

func (p *puppet) EndSession(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.AccountID, id jieling.SessionID) error {
	return p.called("EndSession", by, idem, id)
}

func (p *puppet) EndOtherSessions(_ context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID) error {
	return p.called("EndOtherSessions", by, idem, account)
}

func (p *puppet) EnrolOptions(_ context.Context, by jieling.Actor, _ jieling.AccountID, f jieling.Factor) (engine.Enrolling, error) {
	return engine.Enrolling{Public: json.RawMessage(`{"publicKey":{}}`), State: []byte("state")}, p.called("EnrolOptions", by, engine.Idem{}, f)
}

func (p *puppet) Enrol(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.AccountID, in engine.NewFactor) (jieling.Enrolment, error) {
	return someEnrolment, p.called("Enrol", by, idem, in)
}

func (p *puppet) Freeze(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.AccountID, why string) (jieling.Account, error) {
	return someAccount, p.called("Freeze", by, idem, why)
}

func (p *puppet) Unfreeze(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.AccountID, why string) (jieling.Account, error) {
	return someAccount, p.called("Unfreeze", by, idem, why)
}

func (p *puppet) Resolve(_ context.Context, by jieling.Actor, q engine.ResolveQuery) (engine.Resolution, error) {
	return engine.Resolution{Account: accountID, Binding: bindingID, Outcome: engine.Allow}, p.called("Resolve", by, engine.Idem{}, q)
}

func (p *puppet) Plan(_ context.Context, by jieling.Actor, q engine.PlanQuery) (jieling.Plan, error) {
	return somePlan, p.called("Plan", by, engine.Idem{}, q)
}

func (p *puppet) OpenCase(_ context.Context, by jieling.Actor, idem engine.Idem, in engine.NewCase) (engine.CaseView, error) {
	return someCase, p.called("OpenCase", by, idem, in)
}

func (p *puppet) Case(_ context.Context, by jieling.Actor, id jieling.CaseID) (engine.CaseView, error) {
	return someCase, p.called("Case", by, engine.Idem{}, id)
}

func (p *puppet) Events(_ context.Context, by jieling.Actor, _ jieling.CaseID, after int64) ([]jieling.Event, error) {
	if err := p.called("Events", by, engine.Idem{}, after); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.events[min(int(after), len(p.events)):], nil
}

func (p *puppet) Replacement(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.CaseID, in engine.NewBinding, _ string) (engine.ChallengeView, error) {
	return someChallenge, p.called("Replacement", by, idem, in)
}

func (p *puppet) TakeStep(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.CaseID, in engine.StepAnswer) (engine.CaseView, error) {
	return someCase, p.called("TakeStep", by, idem, in)
}

func (p *puppet) SetRegion(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.AccountID, region string) (jieling.Account, error) {
	return someAccount, p.called("SetRegion", by, idem, region)
}

func (p *puppet) BackUp(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.CaseID, choice jieling.BackupChoice) (engine.CaseView, error) {
	return someCase, p.called("BackUp", by, idem, choice)
}

func (p *puppet) Confirm(_ context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error) {
	return someCase, p.called("Confirm", by, idem, id)
}

func (p *puppet) Cancel(_ context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error) {
	return someCase, p.called("Cancel", by, idem, id)
}

func (p *puppet) AskAttestation(_ context.Context, by jieling.Actor, id jieling.CaseID) (engine.AttestationAsk, error) {
	return engine.AttestationAsk{}, p.called("AskAttestation", by, engine.Idem{}, id)
}

func (p *puppet) Attest(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.CaseID, in engine.NewAttestation) (engine.CaseView, error) {
	return someCase, p.called("Attest", by, idem, in)
}

func (p *puppet) Waive(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.CaseID, in engine.NewWaiver) (engine.CaseView, error) {
	return someCase, p.called("Waive", by, idem, in)
}

func (p *puppet) Undo(_ context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error) {
	return someCase, p.called("Undo", by, idem, id)
}

func (p *puppet) CleanUp(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.CaseID, participant, residue string) (engine.CaseView, error) {
	return someCase, p.called("CleanUp", by, idem, participant+"/"+residue)
}

func (p *puppet) Describe(_ context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error) {
	return someCase, p.called("Describe", by, idem, id)
}

func (p *puppet) Probe(_ context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error) {
	return someCase, p.called("Probe", by, idem, id)
}

func (p *puppet) Challenge(_ context.Context, by jieling.Actor, idem engine.Idem, in engine.NewChallenge) (engine.ChallengeView, error) {
	return someChallenge, p.called("Challenge", by, idem, in)
}

func (p *puppet) Answer(_ context.Context, by jieling.Actor, idem engine.Idem, in engine.NewAnswer) (engine.Answered, error) {
	return engine.Answered{Case: someCase}, p.called("Answer", by, idem, in)
}

func (p *puppet) Approval(_ context.Context, by jieling.Actor, code string) (engine.ApprovalView, error) {
	return someApproval, p.called("Approval", by, engine.Idem{}, code)
}

func (p *puppet) ClaimApproval(_ context.Context, by jieling.Actor, code string) (engine.ApprovalView, error) {
	return someApproval, p.called("ClaimApproval", by, engine.Idem{}, code)
}

func (p *puppet) Approve(_ context.Context, by jieling.Actor, idem engine.Idem, _ string, yes engine.Approving) (engine.ApprovalView, error) {
	return someApproval, p.called("Approve", by, idem, yes)
}

func (p *puppet) Reject(_ context.Context, by jieling.Actor, idem engine.Idem, _ string, freeze bool) (engine.ApprovalView, error) {
	return someApproval, p.called("Reject", by, idem, freeze)
}

func (p *puppet) Handoff(_ context.Context, by jieling.Actor, idem engine.Idem, in engine.NewHandoff) (engine.Handoff, error) {
	return engine.Handoff{Token: "hof_secret", ExpiresAt: noon}, p.called("Handoff", by, idem, in)
}

func (p *puppet) HandIn(_ context.Context, by jieling.Actor, idem engine.Idem, in engine.HandedIn) (engine.CaseView, error) {
	return someCase, p.called("HandIn", by, idem, in)
}

func (p *puppet) TakeBack(_ context.Context, by jieling.Actor, idem engine.Idem, id jieling.ChallengeID) (engine.CaseView, error) {
	return someCase, p.called("TakeBack", by, idem, id)
}

func (p *puppet) Reviews(_ context.Context, by jieling.Actor, after jieling.ChallengeID, _ int) (engine.ReviewPage, error) {
	return engine.ReviewPage{Reviews: []engine.ReviewView{someReview}, Now: noon}, p.called("Reviews", by, engine.Idem{}, after)
}

func (p *puppet) Review(_ context.Context, by jieling.Actor, id jieling.ChallengeID) (engine.ReviewView, error) {
	return someReview, p.called("Review", by, engine.Idem{}, id)
}

func (p *puppet) ClaimReview(_ context.Context, by jieling.Actor, idem engine.Idem, id jieling.ChallengeID) (engine.ReviewView, error) {
	return someReview, p.called("ClaimReview", by, idem, id)
}

func (p *puppet) ViewEvidence(_ context.Context, by jieling.Actor, _ jieling.ChallengeID, n int) ([]byte, jieling.Image, error) {
	return []byte("picture"), jieling.Image{Type: "image/png", Size: 7}, p.called("ViewEvidence", by, engine.Idem{}, n)
}

func (p *puppet) FixMeeting(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.ChallengeID, _ time.Time, link string) (engine.ReviewView, error) {
	return someReview, p.called("FixMeeting", by, idem, link)
}

func (p *puppet) DecideReview(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.ChallengeID, d engine.ReviewVerdict) (engine.ReviewView, error) {
	return someReview, p.called("DecideReview", by, idem, d)
}

// staffed plays where members of staff sign in.
type staffed struct{ *puppet }

func (s staffed) SignIn(context.Context, gate.Credentials) (string, error) {
	return "of-a-member", s.called("SignIn", jieling.Actor{}, engine.Idem{}, nil)
}

func (staffed) Member(_ context.Context, token string) (jieling.Actor, error) {
	if token != "of-a-member" {
		return jieling.Actor{}, &jieling.Error{Code: jieling.CodeUnauthenticated}
	}
	return jieling.Actor{Kind: jieling.ActorStaff, Name: "an", Scopes: []string{"reviewer"}}, nil
}

func (s staffed) SignOut(context.Context, string) error {
	return s.called("SignOut", jieling.Actor{Kind: jieling.ActorStaff, Name: "an"}, engine.Idem{}, nil)
}

// house is the whole door with a puppet behind it.
type house struct {
	http.Handler
	*puppet
	keys   map[string]string // name → secret
	revoke func(name string)
	log    *lockedBuffer
}

// lockedBuffer is a log that several requests may write to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newHouse(t testing.TB, change func(*api.Config, *gate.Config)) *house {
	t.Helper()
	h := &house{puppet: &puppet{}, keys: map[string]string{}, log: &lockedBuffer{}}
	var mu sync.Mutex
	var keys []store.Key
	for name, scopes := range map[string][]string{
		"admin": {engine.ScopeAdmin}, "accounts": {engine.ScopeAccounts}, "resolve": {engine.ScopeResolve},
		"cases": {engine.ScopeCases}, "freeze": {engine.ScopeFreeze}, "nothing": nil,
	} {
		secret, key, err := gate.NewKey(name, scopes, noon, bytes.NewReader(bytes.Repeat([]byte(name), 32)))
		if err != nil {
			t.Fatal(err)
		}
		h.keys[name], keys = secret, append(keys, key)
	}
	h.revoke = func(name string) {
		mu.Lock()
		defer mu.Unlock()
		for i := range keys {
			if keys[i].Name == name {
				keys[i].RevokedAt = noon
			}
		}
	}
	metrics := api.NewMetrics(func(context.Context) (api.Standing, error) {
		return api.Standing{EffectsDue: 3, EffectsDead: 1, EventsDue: 4, EventsDead: 2, EventsBehind: 5, ReceiversPaused: 6}, nil
	})
	g := gate.Config{
		Keys: func(context.Context) ([]store.Key, error) {
			mu.Lock()
			defer mu.Unlock()
			return append([]store.Key(nil), keys...), nil
		},
		Sessions: func(_ context.Context, token string) (jieling.Actor, store.Session, error) {
			if token != "of-a-person" {
				return jieling.Actor{}, store.Session{}, &jieling.Error{Code: jieling.CodeUnauthenticated}
			}
			return jieling.Actor{Kind: jieling.ActorPerson, Name: "ses_1", Account: accountID}, store.Session{}, nil
		},
		Served: metrics.Served,
		Log:    slog.New(slog.NewJSONHandler(h.log, nil)),
	}
	c := api.Config{
		Engine: h.puppet, Staff: staffed{h.puppet}, Metrics: metrics, Follow: time.Millisecond,
		HandoffURL: func(token string) string { return "https://id.example.com/handoff#" + token },
		Ready:      func(context.Context) error { return nil },
	}
	if change != nil {
		change(&c, &g)
	}
	c.Gate = gate.New(g)
	var err error
	if h.Handler, err = api.New(c); err != nil {
		t.Fatal(err)
	}
	return h
}

// ask sends a request with the admin's key and a fresh idempotency key; edit may spoil it.
func (h *house) ask(method, path, body string, edit ...func(*http.Request)) *httptest.ResponseRecorder {
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, in)
	r.Header.Set("Authorization", "Bearer "+h.keys["admin"])
	if strings.HasPrefix(path, "/v1/reviews") || strings.HasPrefix(path, "/v1/staff") {
		r.Header.Set("Authorization", "Bearer of-a-member")
	}
	r.Header.Set("Accept-Language", "en")
	if method == http.MethodPost {
		r.Header.Set("Idempotency-Key", "k-1")
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, e := range edit {
		e(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

type told struct {
	Type, Title, Code, Detail, Next string
	Status                          int
	Errors                          []jieling.FieldError
	RetryAfter                      int `json:"retry_after"`
}

// refusal checks that an answer is a whole problem document and gives it.
func refusal(t testing.TB, w *httptest.ResponseRecorder) told {
	t.Helper()
	var p told
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("%d with content type %q: %s", w.Code, got, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("not JSON: %v: %s", err, w.Body)
	}
	if p.Status != w.Code || p.Code == "" || p.Title == "" || p.Detail == "" || p.Next == "" || !strings.HasSuffix(p.Type, "#"+p.Code) {
		t.Fatalf("not a whole problem: status %d, %s", w.Code, w.Body)
	}
	return p
}

func TestEveryOperationTellsEveryCode(t *testing.T) {
	for _, op := range operationsOf(t) {
		for _, code := range gate.Codes() {
			h := newHouse(t, nil)
			h.err = fmt.Errorf("verb: %w", &jieling.Error{Code: code, Public: someText, After: time.Minute, Err: io.ErrUnexpectedEOF})
			w := h.ask(op.method, op.url, op.example)
			p := refusal(t, w)
			if len(h.calls) != 1 {
				t.Errorf("%s: %d verbs", op.id, len(h.calls))
			}
			if p.Code != string(code) || w.Code != gate.Status(code) || w.Header().Get("Retry-After") != "60" || p.RetryAfter != 60 {
				t.Errorf("%s with %s: %d %s", op.id, code, w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), "EOF") {
				t.Errorf("%s with %s tells its cause: %s", op.id, code, w.Body)
			}
		}
	}
}

func TestEveryOperationHidesWhatIsSealed(t *testing.T) {
	for _, op := range operationsOf(t) {
		h := newHouse(t, nil)
		h.events = []jieling.Event{{Case: caseID, Seq: 1, Kind: "opened", Actor: jieling.Actor{Kind: jieling.ActorProduct, Name: "shop"}, At: noon, Stage: jieling.StageOpen, Data: json.RawMessage(`{}`)}}
		w := h.ask(op.method, op.url, op.example)
		if w.Code/100 != 2 {
			t.Errorf("%s: its own example is refused: %d %s", op.id, w.Code, w.Body)
		}
		if bytes.Contains(w.Body.Bytes(), []byte("sealed")) {
			t.Errorf("%s gives away %s", op.id, w.Body)
		}
		if w.Code != http.StatusNoContent && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %s", op.id, w.Body)
		}
	}
}

func TestEveryOperationNeedsItsScope(t *testing.T) {
	for _, op := range operationsOf(t) {
		for name := range newHouse(t, nil).keys {
			h := newHouse(t, nil)
			w := h.ask(op.method, op.url, op.example, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+h.keys[name]) })
			if may := name == op.scope || name == "admin" && op.scope != "staff" || op.scope == "open"; may != (w.Code/100 == 2) || may != (len(h.calls) == 1) {
				t.Errorf("%s with the scope %s: %d, %d verbs", op.id, name, w.Code, len(h.calls))
			}
		}
	}
}

func TestVerbsGetTheCallerAndTheirKey(t *testing.T) {
	for _, op := range operationsOf(t) {
		h := newHouse(t, nil)
		h.ask(op.method, op.url, op.example)
		c := h.calls[0]
		want := jieling.Actor{Kind: jieling.ActorProduct, Name: "admin"}
		switch op.scope {
		case "staff":
			want = jieling.Actor{Kind: jieling.ActorStaff, Name: "an"}
		case "open":
			want = jieling.Actor{}
		}
		if c.by.Kind != want.Kind || c.by.Name != want.Name {
			t.Errorf("%s acts for %+v", op.id, c.by)
		}
		if got := c.idem.Key; op.idempotent != (got == "k-1") || op.idempotent != (c.idem.Fingerprint != [32]byte{}) {
			t.Errorf("%s: idempotency %+v", op.id, c.idem)
		}
	}
}

func TestApprovalsActForWhomTheProductVouches(t *testing.T) {
	for _, path := range []string{"claim", "approve", "reject"} {
		h := newHouse(t, nil)
		body := `{"account":"` + string(accountID) + `","device":"dev` + tail + `"}`
		if path == "approve" {
			body = strings.Replace(body, "{", `{"number":37,`, 1)
		}
		if w := h.ask("POST", "/v1/approvals/0123456789abcdef0123456789/"+path, body); w.Code != 200 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		if by := h.calls[0].by; by.Account != accountID || by.Device != jieling.DeviceID("dev"+tail) || by.Kind != jieling.ActorProduct {
			t.Errorf("%s acts for %+v", path, by)
		}
	}
}

func TestKeyInQuotesIsTheSameKey(t *testing.T) {
	h := newHouse(t, nil)
	path := "/v1/cases/" + string(caseID) + "/confirm"
	h.ask("POST", path, "")
	h.ask("POST", path, "", func(r *http.Request) { r.Header.Set("Idempotency-Key", `"k-1"`) })
	if len(h.calls) != 2 || h.calls[0].idem != h.calls[1].idem {
		t.Errorf("%+v", h.calls)
	}
}

func TestFingerprintCoversTheCase(t *testing.T) {
	h := newHouse(t, nil)
	h.ask("POST", "/v1/cases/"+string(caseID)+"/confirm", "")
	h.ask("POST", "/v1/cases/case_01k9z0xw7m8c4e2v5r6t3n1b9b/confirm", "")
	if len(h.calls) != 2 || h.calls[0].idem.Fingerprint == h.calls[1].idem.Fingerprint {
		t.Errorf("%+v", h.calls)
	}
}

func TestPanicInAVerb(t *testing.T) {
	h := newHouse(t, nil)
	h.panics = "planted-secret"
	p := refusal(t, h.ask("POST", "/v1/resolve", `{"provider":"qq","subject":"x"}`))
	if p.Code != "internal" || strings.Contains(h.log.String(), "planted") {
		t.Errorf("%+v\n%s", p, h.log)
	}
}

func TestOperatorsAddresses(t *testing.T) {
	h := newHouse(t, nil)
	h.ask("POST", "/v1/resolve", `{"provider":"qq","subject":"x"}`)
	for path, want := range map[string]string{
		"/healthz": "ok\n", "/readyz": "ready\n", "/v1/openapi.yaml": string(api.Document),
	} {
		w := h.ask("GET", path, "", func(r *http.Request) { r.Header.Del("Authorization") })
		if w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: %d %.80s", path, w.Code, w.Body)
		}
		if w := h.ask("POST", path, ""); w.Code != 405 {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
	numbers := h.ask("GET", "/metrics", "").Body.String()
	for _, want := range []string{
		"jieling_effects_due 3", "jieling_effects_dead 1", "jieling_events_due 4", "jieling_events_dead 2", "jieling_events_behind 5", "jieling_receivers_paused 6",
		`jieling_http_request_duration_seconds_count{method="POST",route="/v1/resolve",status="200"} 1`,
	} {
		if !strings.Contains(numbers, want) {
			t.Errorf("no %q among the numbers", want)
		}
	}
}

func TestNotReady(t *testing.T) {
	h := newHouse(t, func(c *api.Config, _ *gate.Config) {
		c.Ready = func(context.Context) error { return io.ErrUnexpectedEOF }
	})
	if w := h.ask("GET", "/readyz", ""); w.Code != 503 || strings.Contains(w.Body.String(), "EOF") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := h.ask("GET", "/healthz", ""); w.Code != 200 {
		t.Errorf("alive: %d", w.Code)
	}
}
