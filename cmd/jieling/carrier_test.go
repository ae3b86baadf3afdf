package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// A4 over the wire: the product asks the API, the API asks the carrier, signed as the vendor documents it, and the carrier
// knows what became of the number.
func TestA4_ARecycledNumberOpensNothingOverTheWire(t *testing.T) {
	s := newStaged(t)
	number := func(who, to string) {
		t.Helper()
		r, err := http.PostForm(s.demo.world.URL(sandbox.Carrier)+"/number", url.Values{"number": {s.person(who).person.Phone}, "to": {to}})
		if err != nil || r.StatusCode != http.StatusOK {
			t.Fatalf("%s to %s: %v", who, to, err)
		}
		r.Body.Close()
	}
	resolve := func(who, outcome, reason string) {
		t.Helper()
		w := s.person(who)
		r, err := w.jl.Resolve(t.Context(), &sdk.ResolveQuery{Provider: "phone", Subject: w.person.Phone, Network: sdk.NewOptNetworkLevel("known")})
		if err != nil || string(r.Outcome) != outcome || reason != "" && !slices.Contains(r.Reasons, reason) {
			t.Errorf("%s: %+v, %v, want %s", who, r, err, outcome)
		}
	}
	number("zhao", "reissued")
	resolve("zhao", "refuse", "number_changed_hands")
	number("zhao", "active")
	resolve("zhao", "refuse", "") // it was said once
	s.fault(sandbox.Carrier, sandbox.Fault{Mode: sandbox.FaultError})
	resolve("sun", "step_up", "number_holder_unknown")
	s.fault(sandbox.Carrier, sandbox.Fault{Mode: sandbox.FaultRefuse})
	resolve("sun", "step_up", "number_holder_unknown")
	s.fault(sandbox.Carrier, sandbox.Fault{Mode: sandbox.FaultNone})
	resolve("sun", "allow", "")
	number("qian", "cooling")
	resolve("qian", "step_up", "number_holder_unknown")
}

// A1 over the wire: the operator gives a token for a signed assertion, knows that a SIM was replaced, and whoever signs in by the
// number is asked for more. Its refusals are no yes, and no log has the number.
func TestA1_AReplacedSIMAsksForMoreOverTheWire(t *testing.T) {
	s := newStaged(t)
	sun := s.person("sun")
	resolve := func(outcome, reason string) {
		t.Helper()
		r, err := sun.jl.Resolve(t.Context(), &sdk.ResolveQuery{Provider: "phone", Subject: sun.person.Phone, Network: sdk.NewOptNetworkLevel("known")})
		if err != nil || string(r.Outcome) != outcome || reason != "" && !slices.Contains(r.Reasons, reason) {
			t.Errorf("%+v, %v, want %s", r, err, outcome)
		}
		s.ahead.Add(int64(6 * time.Minute)) // the answer is no longer gone by
	}
	resolve("allow", "")
	for _, op := range []string{"token", "check"} {
		s.ahead.Add(int64(time.Hour)) // neither is the token
		s.fault(sandbox.Carrier, sandbox.Fault{Mode: sandbox.FaultRefuse, Op: op})
		resolve("step_up", "sim_unknown")
		s.fault(sandbox.Carrier, sandbox.Fault{Mode: sandbox.FaultNone})
	}
	r, err := http.PostForm(s.demo.world.URL(sandbox.Carrier)+"/sim", url.Values{"number": {sun.person.Phone}})
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("replace the SIM: %v", err)
	}
	r.Body.Close()
	resolve("step_up", "sim_swapped")
	s.ahead.Add(int64(72 * time.Hour))
	resolve("allow", "")
	if log := s.said(); strings.Contains(log, sun.person.Phone[3:]) || !strings.Contains(log, "no answer about a SIM") {
		t.Errorf("the log: %s", log)
	}
}
