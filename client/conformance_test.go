package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func examine(t *testing.T, h http.Handler) []string {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	probe := shopProbe
	probe.Pause, probe.Patience = time.Microsecond, 5
	var broken []string
	for _, f := range CheckConformance(t.Context(), server.URL, mustSecret(t, vectorSecret), probe) {
		broken = append(broken, f.ID)
	}
	return broken
}

func TestConformanceOfAGoodParticipant(t *testing.T) {
	if broken := examine(t, Handler(mustSecret(t, vectorSecret), newShop(), HandlerConfig{Log: quiet()})); broken != nil {
		t.Errorf("findings: %v", broken)
	}
}

func TestConformanceOfASlowParticipant(t *testing.T) {
	s := newShop()
	asked := map[string]int{}
	s.breakCommit = func(s *shop, req StepRequest) (Answer, error) {
		answer, err := s.ledger.Commit(req, s.set(false))
		s.mu.Lock()
		defer s.mu.Unlock()
		asked[req.Step]++
		if err == nil && asked[req.Step] < 3 {
			return Answer{State: StatePending}, nil
		}
		return answer, err
	}
	if broken := examine(t, Handler(mustSecret(t, vectorSecret), s, HandlerConfig{Log: quiet()})); broken != nil {
		t.Errorf("findings: %v", broken)
	}
}

func TestConformanceOfNobody(t *testing.T) {
	got := CheckConformance(t.Context(), "http://127.0.0.1:1", mustSecret(t, vectorSecret), shopProbe)
	if len(got) != 1 || got[0].ID != "describe" {
		t.Errorf("findings: %v", got)
	}
}

// A brokenShop is broken in one way, and the check must name the rule.
type brokenShop struct {
	rule   string
	damage func(*shop)
}

func brokenShops() []brokenShop {
	apply := func(state State, linked bool) func(*shop, StepRequest) (Answer, error) {
		return func(s *shop, _ StepRequest) (Answer, error) { return Answer{State: state}, s.set(linked)() }
	}
	calls := 0
	return []brokenShop{
		{"describe", func(s *shop) {
			s.breakDescribe = func(d []Dependent) []Dependent { return append(d, Dependent{ID: "x", Module: "shoes"}) }
		}},
		{"describe-pure", func(s *shop) {
			s.breakDescribe = func(d []Dependent) []Dependent {
				calls++
				for i := range d {
					d[i].Count = calls
				}
				return d
			}
		}},
		{"describe-unknown", func(s *shop) { s.knowsAll = true }},
		{"prepare-harmless", func(s *shop) { s.breakPrepare = apply(StatePrepared, false) }},
		{"prepare-repeat", func(s *shop) {
			seen := map[string]bool{}
			s.breakPrepare = func(s *shop, req StepRequest) (Answer, error) {
				if seen[req.Step] {
					return Answer{State: StateRefused, Reason: someText}, nil
				}
				seen[req.Step] = true
				return s.ledger.Prepare(req, nil)
			}
		}},
		{"step-mismatch", func(s *shop) {
			s.breakPrepare = func(s *shop, req StepRequest) (Answer, error) {
				if a, err := s.ledger.Prepare(req, nil); err == nil {
					return a, nil
				}
				return Answer{State: StatePrepared}, nil
			}
		}},
		{"commit-unprepared", func(s *shop) { s.breakCommit = apply(StateCommitted, false) }},
		{"commit-unprepared", func(s *shop) {
			s.breakCommit = func(s *shop, req StepRequest) (Answer, error) {
				a, err := s.ledger.Commit(req, s.set(false))
				if err != nil {
					_ = s.set(false)() // refuses, and does it all the same
				}
				return a, err
			}
		}},
		{"verify-before", func(s *shop) {
			s.breakVerify = func(*shop) (Verification, error) { return Verification{State: StateClean}, nil }
		}},
		{"commit-acts", func(s *shop) {
			s.breakCommit = func(s *shop, req StepRequest) (Answer, error) {
				return s.ledger.Commit(req, func() error { return nil })
			}
			s.breakVerify = func(*shop) (Verification, error) { return Verification{State: StateClean}, nil }
		}},
		{"commit-repeat", func(s *shop) {
			s.breakCommit = func(s *shop, req StepRequest) (Answer, error) { // a switch instead of a state
				a, err := s.ledger.Commit(req, func() error { return nil })
				if err == nil {
					s.mu.Lock()
					s.linked = !s.linked
					s.mu.Unlock()
				}
				return a, err
			}
		}},
		{"commit-parallel", func(s *shop) {
			s.breakCommit = func(s *shop, req StepRequest) (Answer, error) {
				a, err := s.ledger.Commit(req, s.set(false))
				for _, e := range s.ledger.Entries() {
					if e.Case == req.Case && e.Op == OpCommit && e.Asked > 3 {
						return Answer{}, errors.New("in use")
					}
				}
				return a, err
			}
		}},
		{"compensate-restores", func(s *shop) {
			s.breakCompensate = func(s *shop, req StepRequest) (Answer, error) {
				return s.ledger.Compensate(req, func() error { return nil })
			}
		}},
		{"compensate-repeat", func(s *shop) {
			s.breakCompensate = func(s *shop, req StepRequest) (Answer, error) {
				times := 0
				a, err := s.ledger.Compensate(req, s.set(true))
				for _, e := range s.ledger.Entries() {
					if e.Case == req.Case && e.Op == OpCompensate {
						times += e.Asked
					}
				}
				if times > 2 {
					return Answer{}, errors.New("already done")
				}
				return a, err
			}
		}},
		{"compensate-prepared", func(s *shop) {
			s.breakCompensate = func(s *shop, req StepRequest) (Answer, error) {
				if !slices.ContainsFunc(s.ledger.Entries(), func(e LedgerEntry) bool { return e.Case == req.Case && e.Op == OpCommit }) {
					_ = s.set(false)()
				}
				return s.ledger.Compensate(req, s.set(true))
			}
		}},
		{"compensate-unknown", func(s *shop) {
			s.breakCompensate = func(s *shop, req StepRequest) (Answer, error) {
				if !slices.ContainsFunc(s.ledger.Entries(), func(e LedgerEntry) bool { return e.Case == req.Case }) {
					return Answer{}, conflict("unknown_step", "never heard of it")
				}
				return s.ledger.Compensate(req, s.set(true))
			}
		}},
		{"compensate-poisons", func(s *shop) {
			s.breakCompensate = func(s *shop, req StepRequest) (Answer, error) {
				if !slices.ContainsFunc(s.ledger.Entries(), func(e LedgerEntry) bool { return e.Case == req.Case }) {
					return Answer{State: StateCompensated}, nil // and forgets it
				}
				return s.ledger.Compensate(req, s.set(true))
			}
		}},
		{"commit-compensated", func(s *shop) {
			s.breakCommit = func(s *shop, req StepRequest) (Answer, error) {
				a, err := s.ledger.Commit(req, s.set(false))
				if p, ok := errors.AsType[*Problem](err); ok && p.Code == "case_compensated" {
					return Answer{State: StateCommitted}, s.set(false)()
				}
				return a, err
			}
		}},
		{"verify-pure", func(s *shop) {
			turn := 0
			s.breakVerify = func(*shop) (Verification, error) {
				turn++
				return Verification{StateResidue, []Residue{{ID: strings.Repeat("r", turn), Title: someText, Detail: someText, Cleanup: someText}}}, nil
			}
		}},
		{"cleanup-unknown", func(s *shop) {
			s.breakCleanup = func(*shop, CleanupRequest) (Answer, error) { return Answer{State: StateCleared}, nil }
		}},
		{"cleanup-clears", func(s *shop) {
			s.breakCleanup = func(_ *shop, req CleanupRequest) (Answer, error) {
				if req.Residue == "record" {
					return Answer{State: StateCleared}, nil // says so only
				}
				return Answer{State: StateRefused, Reason: someText}, nil
			}
		}},
	}
}

func TestConformanceCatchesBrokenParticipants(t *testing.T) {
	for _, tt := range slices.Concat(brokenShops(), brokenAbilities()) {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			s := newShop()
			tt.damage(s)
			if broken := examine(t, Handler(mustSecret(t, vectorSecret), s, HandlerConfig{Log: quiet()})); !slices.Contains(broken, tt.rule) {
				t.Errorf("findings: %v", broken)
			}
		})
	}
}

// rewriting is a door that bends requests before the good door sees them, and signs them again: so it does not check
// what it bends.
func rewriting(good http.Handler, secret Secret, bend func(r *http.Request, body []byte) []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		body = bend(r, body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		Sign(r.Header, "msg_bent", time.Now(), body, secret)
		good.ServeHTTP(w, r)
	})
}

// A brokenDoor has a good participant behind it.
type brokenDoor struct {
	name  string
	door  http.Handler
	rules []string
}

func brokenDoors(secret Secret) []brokenDoor {
	good := func() http.Handler { return Handler(secret, newShop(), HandlerConfig{Log: quiet()}) }
	asIs := func(_ *http.Request, body []byte) []byte { return body }
	keeping := func(body []byte, bend func(map[string]any)) []byte {
		var m map[string]any
		if json.Unmarshal(body, &m) != nil {
			return body
		}
		bend(m)
		out, _ := json.Marshal(m)
		return out
	}
	return []brokenDoor{
		{"checks no signature", rewriting(good(), secret, asIs), []string{"signature-missing", "signature-wrong", "signature-body", "signature-old", "signature-future"}},
		{"forgets the timestamp", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			for _, shift := range []time.Duration{0, -6 * time.Minute, 6 * time.Minute} {
				if Verify(r.Header, body, time.Now().Add(shift), secret) == nil {
					Sign(r.Header, "msg_bent", time.Now(), body, secret)
				}
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			good().ServeHTTP(w, r)
		}), []string{"signature-old", "signature-future"}},
		{"reads the first signature only", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			first, _, _ := strings.Cut(r.Header.Get(HeaderSignature), " ")
			r.Header.Set(HeaderSignature, first)
			good().ServeHTTP(w, r)
		}), []string{"signature-rotation"}},
		{"takes any method", rewriting(good(), secret, func(r *http.Request, body []byte) []byte {
			r.Method = http.MethodPost
			return body
		}), []string{"method"}},
		{"takes any operation", rewriting(good(), secret, func(r *http.Request, body []byte) []byte {
			if r.URL.Path == "/obliterate" {
				r.URL.Path = "/describe"
			}
			return body
		}), []string{"operation"}},
		{"takes any media type", rewriting(good(), secret, func(r *http.Request, body []byte) []byte {
			r.Header.Set("Content-Type", "application/json")
			return body
		}), []string{"media-type"}},
		{"takes any size", rewriting(good(), secret, func(_ *http.Request, body []byte) []byte { return bytes.TrimSpace(body) }), []string{"body-limit"}},
		{"mends broken bodies", rewriting(good(), secret, func(_ *http.Request, body []byte) []byte {
			if json.Valid(body) && bytes.HasPrefix(body, []byte("{")) {
				return body
			}
			out, _ := json.Marshal(DescribeRequest{shopProbe.Account, shopProbe.Binding})
			return out
		}), []string{"body-shape"}},
		{"drops unknown fields", rewriting(good(), secret, func(_ *http.Request, body []byte) []byte {
			return keeping(body, func(m map[string]any) { delete(m, "shoe_size") })
		}), []string{"unknown-field"}},
		{"fills missing fields", rewriting(good(), secret, func(_ *http.Request, body []byte) []byte {
			return keeping(body, func(m map[string]any) {
				if m["step"] == "" {
					m["step"] = "default"
				}
			})
		}), []string{"missing-field"}},
		{"ignores the action", rewriting(good(), secret, func(_ *http.Request, body []byte) []byte {
			return keeping(body, func(m map[string]any) {
				if m["action"] != nil {
					m["action"] = "unlink"
				}
			})
		}), []string{"action"}},
		{"takes any state of a switch", brokenTo(good(), secret), []string{"switch-to"}},
		{"refuses as plain text", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			good().ServeHTTP(rec, r)
			if rec.Code != http.StatusOK {
				http.Error(w, "no", rec.Code)
				return
			}
			_, _ = w.Write(rec.Body.Bytes())
		}), []string{"signature-missing", "unknown-field"}},
	}
}

func TestConformanceCatchesBrokenDoors(t *testing.T) {
	for _, tt := range brokenDoors(mustSecret(t, vectorSecret)) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			broken := examine(t, tt.door)
			for _, rule := range tt.rules {
				if !slices.Contains(broken, rule) {
					t.Errorf("%s not found; findings: %v", rule, broken)
				}
			}
		})
	}
}

// A rule that no broken participant is known to break might as well not be checked.
func TestConformanceRulesAreAllProven(t *testing.T) {
	proven := map[string]bool{}
	for _, s := range slices.Concat(brokenShops(), brokenAbilities()) {
		proven[s.rule] = true
	}
	for _, d := range brokenDoors(mustSecret(t, vectorSecret)) {
		for _, rule := range d.rules {
			proven[rule] = true
		}
	}
	for _, rule := range ConformanceRules() {
		if !proven[rule.ID] {
			t.Errorf("no broken participant for rule %s", rule.ID)
		}
	}
}

func TestConformanceStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := CheckConformance(ctx, "http://127.0.0.1:1", mustSecret(t, vectorSecret), shopProbe); len(got) != 1 {
		t.Errorf("findings: %v", got)
	}
}

// Every rule has its line in the reference page, so that whoever implements the contract in another language can read what
// a finding means.
func TestReferencePageNamesEveryRule(t *testing.T) {
	page, err := os.ReadFile("../docs/reference/participant-contract.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, rule := range ConformanceRules() {
		if seen[rule.ID] {
			t.Errorf("rule %s stands twice", rule.ID)
		}
		seen[rule.ID] = true
		if !strings.Contains(string(page), "`"+rule.ID+"`") {
			t.Errorf("the page does not name %s", rule.ID)
		}
	}
}
