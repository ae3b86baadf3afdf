package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// shop is a small product: one dependent that is lost, one that leaves a residue. Its fields break it in one way each.
type shop struct {
	ledger Ledger
	mu     sync.Mutex
	linked bool
	record bool // the residue

	knowsAll        bool
	breakDescribe   func([]Dependent) []Dependent
	breakPrepare    func(*shop, StepRequest) (Answer, error)
	breakCommit     func(*shop, StepRequest) (Answer, error)
	breakCompensate func(*shop, StepRequest) (Answer, error)
	breakVerify     func(*shop) (Verification, error)
	breakCleanup    func(*shop, CleanupRequest) (Answer, error)
	silent          bool // it has the abilities, and one switch moved
	breakSwitches   func([]Switch) []Switch
	breakSwitch     func(*shop, SwitchRequest) (Answer, error)
	breakBills      func([]Bill) []Bill
}

var (
	shopProbe = Probe{Account: "acc_1", Binding: BindingRef{"bnd_1", "qq", "openid-1"}}
	someText  = Text{"文字", "text"}
)

func newShop() *shop { return &shop{linked: true, record: true} }

func (s *shop) Describe(_ context.Context, req DescribeRequest) ([]Dependent, error) {
	if req.Binding.Subject != shopProbe.Binding.Subject && !s.knowsAll {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Dependent
	if s.linked {
		all = append(all, Dependent{ID: "orders", Module: ModuleOther, Title: someText, Detail: someText, Remedy: someText, Count: 2, Effect: EffectLost})
	}
	if s.breakDescribe != nil {
		all = s.breakDescribe(all)
	}
	return all, nil
}

func (s *shop) Prepare(_ context.Context, req StepRequest) (Answer, error) {
	if s.breakPrepare != nil {
		return s.breakPrepare(s, req)
	}
	return s.ledger.Prepare(req, nil)
}

func (s *shop) set(linked bool) func() error {
	return func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.linked = linked
		return nil
	}
}

func (s *shop) Commit(_ context.Context, req StepRequest) (Answer, error) {
	if s.breakCommit != nil {
		return s.breakCommit(s, req)
	}
	return s.ledger.Commit(req, s.set(false))
}

func (s *shop) Compensate(_ context.Context, req StepRequest) (Answer, error) {
	if s.breakCompensate != nil {
		return s.breakCompensate(s, req)
	}
	return s.ledger.Compensate(req, s.set(true))
}

func (s *shop) Verify(context.Context, StepRequest) (Verification, error) {
	if s.breakVerify != nil {
		return s.breakVerify(s)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var left []Residue
	for id, there := range map[string]bool{"record": s.record} {
		if there {
			left = append(left, Residue{ID: id, Title: someText, Detail: someText, Cleanup: someText, Cleanable: true})
		}
	}
	if s.linked {
		left = append(left, Residue{ID: "orders", Title: someText, Detail: someText, Cleanup: someText})
	}
	if len(left) == 0 {
		return Verification{State: StateClean}, nil
	}
	return Verification{StateResidue, left}, nil
}

func (s *shop) Cleanup(_ context.Context, req CleanupRequest) (Answer, error) {
	if s.breakCleanup != nil {
		return s.breakCleanup(s, req)
	}
	return s.ledger.Cleanup(req, func() (*Text, error) {
		if req.Residue != "record" {
			return &someText, nil
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.record = false
		return nil, nil
	})
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func TestHandlerHidesErrors(t *testing.T) {
	var log strings.Builder
	s := newShop()
	s.breakCommit = func(*shop, StepRequest) (Answer, error) { return Answer{}, errors.New("dial 10.0.0.7: refused") }
	h := Handler(mustSecret(t, vectorSecret), s, HandlerConfig{Log: slog.New(slog.NewTextHandler(&log, nil))})
	server := httptest.NewServer(h)
	defer server.Close()
	x := newExaminer(t.Context(), server.URL, mustSecret(t, vectorSecret), shopProbe)
	got := x.send(x.newRequest(OpCommit, x.step()))
	if got.status != http.StatusServiceUnavailable || strings.Contains(string(got.body), "10.0.0.7") {
		t.Errorf("the caller saw %s", got)
	}
	if !strings.Contains(log.String(), "10.0.0.7") || strings.Contains(log.String(), "openid-1") {
		t.Errorf("the log holds %s", log.String())
	}
}

func TestHandlerRefusesNonsenseOfTheParticipant(t *testing.T) {
	for name, broken := range map[string]Answer{
		"a state of another operation": {State: StateClean},
		"a refusal of a commit":        {State: StateRefused, Reason: someText},
		"no state":                     {},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop()
			s.breakCommit = func(*shop, StepRequest) (Answer, error) { return broken, nil }
			server := httptest.NewServer(Handler(mustSecret(t, vectorSecret), s, HandlerConfig{Log: quiet()}))
			defer server.Close()
			x := newExaminer(t.Context(), server.URL, mustSecret(t, vectorSecret), shopProbe)
			if got := x.send(x.newRequest(OpCommit, x.step())); got.status != http.StatusServiceUnavailable {
				t.Errorf("answered %s", got)
			}
		})
	}
}

func TestHandlerAcceptsOldSecrets(t *testing.T) {
	oldSecret, newSecret := mustSecret(t, vectorSecret), otherSecret()
	server := httptest.NewServer(Handler(newSecret, newShop(), HandlerConfig{OldSecrets: []Secret{oldSecret}}))
	defer server.Close()
	for _, s := range []Secret{oldSecret, newSecret} {
		x := newExaminer(t.Context(), server.URL, s, shopProbe)
		if got := x.send(x.newRequest(OpDescribe, x.describeRequest())); got.status != http.StatusOK {
			t.Errorf("answered %s", got)
		}
	}
}

func TestWireShape(t *testing.T) {
	cleanup := CleanupRequest{StepRequest{"stp_1", "case_1", "acc_1", BindingRef{"bnd_1", "qq", "sub"}, ActionUnlink}, "r1"}
	for want, value := range map[string]any{
		`{"step":"stp_1","case":"case_1","account":"acc_1","binding":{"id":"bnd_1","provider":"qq","subject":"sub"},"action":"unlink","residue":"r1"}`: cleanup,
		`{"state":"prepared"}`: Answer{State: StatePrepared},
		`{"state":"refused","reason":{"zh-CN":"文字","en":"text"}}`: Answer{State: StateRefused, Reason: someText},
		`{"state":"clean"}`: Verification{State: StateClean},
		`{"dependents":[]}`: description{[]Dependent{}},
		`{"id":"d","module":"mini_program","title":{"zh-CN":"文字","en":"text"},"detail":{"zh-CN":"文字","en":"text"},"count":1,"effect":"lost","irreversible":true,"remedy":{"zh-CN":"文字","en":"text"},"backup":true}`:                    Dependent{ID: "d", Module: ModuleMiniProgram, Title: someText, Detail: someText, Count: 1, Effect: EffectLost, Irreversible: true, Remedy: someText, Backup: true},
		`{"id":"d","module":"merchant","title":{"zh-CN":"文字","en":"text"},"detail":{"zh-CN":"文字","en":"text"},"count":0,"effect":"kept","irreversible":false,"remedy":{"zh-CN":"文字","en":"text"},"backup":true,"bytes":7,"rule":"I4"}`: Dependent{ID: "d", Module: ModuleMerchant, Title: someText, Detail: someText, Effect: EffectKept, Remedy: someText, Backup: true, Bytes: 7, Rule: "I4"},
		`{"id":"r","title":{"zh-CN":"文字","en":"text"},"detail":{"zh-CN":"文字","en":"text"},"cleanable":true,"cleanup":{"zh-CN":"文字","en":"text"}}`:                                                                                      Residue{"r", someText, someText, true, someText},
	} {
		got, err := json.Marshal(value)
		if err != nil || string(got) != want {
			t.Errorf("got  %s (%v)\nwant %s", got, err, want)
		}
	}
}

// S20: whatever the order and number of requests, what was applied and not compensated is applied at most once, nothing is
// compensated that was not applied, and a compensated case never applies again.
func TestS20_LedgerAppliesAtMostOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ledger Ledger
		applied, restored := map[string]int{}, map[string]int{}
		called := map[string]bool{} // cases that were called off
		for range rapid.IntRange(1, 60).Draw(t, "requests") {
			id := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "case")
			req := StepRequest{Step: id + rapid.SampledFrom([]string{"1", "2"}).Draw(t, "ask"), Case: id, Account: "acc", Action: ActionUnlink}
			switch rapid.SampledFrom([]Op{OpPrepare, OpCommit, OpCompensate}).Draw(t, "op") {
			case OpPrepare:
				a, err := ledger.Prepare(req, nil)
				if err != nil || (called[id] && a.State != StateRefused) {
					t.Fatalf("prepare: %v %v, called off: %v", a, err, called[id])
				}
			case OpCommit:
				before := applied[id]
				_, _ = ledger.Commit(req, func() error { applied[id]++; return nil })
				if called[id] && applied[id] != before {
					t.Fatal("a compensated case was applied")
				}
			case OpCompensate:
				if _, err := ledger.Compensate(req, func() error { restored[id]++; return nil }); err != nil {
					t.Fatal(err)
				}
				called[id] = true
			}
			if applied[id] > 1 || restored[id] > applied[id] {
				t.Fatalf("applied %d times, restored %d times", applied[id], restored[id])
			}
		}
		for _, e := range ledger.Entries() {
			if e.Applied > 1 || e.Applied > e.Asked {
				t.Fatalf("entry %+v", e)
			}
		}
	})
}

func TestLedgerRepeatsAfterFailure(t *testing.T) {
	var ledger Ledger
	req := StepRequest{Step: "a", Case: "c"}
	if _, err := ledger.Prepare(req, nil); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("disk full")
	if _, err := ledger.Commit(req, func() error { return broken }); !errors.Is(err, broken) {
		t.Fatalf("commit: %v", err)
	}
	ran := false
	if a, err := ledger.Commit(req, func() error { ran = true; return nil }); err != nil || a.State != StateCommitted || !ran {
		t.Errorf("the repeat: %v %v, ran %v", a, err, ran)
	}
}

func TestLedgerEntries(t *testing.T) {
	var ledger Ledger
	req := StepRequest{Step: "a", Case: "c"}
	for range 3 {
		_, _ = ledger.Prepare(req, func() *Text { return &someText })
	}
	want := []LedgerEntry{{Step: "a", Case: "c", Op: OpPrepare, Asked: 3, Applied: 1}}
	if diff := cmp.Diff(want, ledger.Entries()); diff != "" {
		t.Error(diff)
	}
}
