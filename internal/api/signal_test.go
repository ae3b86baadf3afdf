package api_test

import (
	"slices"
	"testing"

	sdk "github.com/jieling-id/jieling/client/api"
)

// factorsOf names every factor of a requirement.
func factorsOf(p *sdk.Plan) (all []string) {
	for _, f := range p.Factors {
		all = append(all, string(f.Factor))
	}
	return all
}

// V4 over HTTP: a declared scenario and a claimed signal add to what is asked. To declare that all is as ever takes nothing
// away from what was measured or claimed.
func TestV4_WhatIsDeclaredRaisesAndNeverLowersOverHTTP(t *testing.T) {
	s := newService(t)
	account, qq := s.person("u-1")
	plan := func(q sdk.PlanQuery) *sdk.Plan {
		t.Helper()
		q.Binding, q.Platform = qq.ID, sdk.PlatformAndroid
		p, err := s.PlanUnbinding(t.Context(), &q, sdk.PlanUnbindingParams{Account: account})
		s.ok(err)
		return p
	}
	plain := plan(sdk.PlanQuery{})
	if slices.Contains(factorsOf(plain), "face") {
		t.Fatalf("as ever it asks for %v", factorsOf(plain))
	}
	for name, q := range map[string]sdk.PlanQuery{
		"a rooted device":                 {Signals: sdk.NewOptPlanQuerySignals(sdk.PlanQuerySignals{"integrity": "rooted"})},
		"a rooted device, declared plain": {Signals: sdk.NewOptPlanQuerySignals(sdk.PlanQuerySignals{"integrity": "rooted"}), Scenario: sdk.NewOptScenario("routine")},
		"declared abnormal":               {Scenario: sdk.NewOptScenario("abnormal")},
	} {
		p := plan(q)
		for _, f := range factorsOf(plain) {
			if !slices.Contains(factorsOf(p), f) {
				t.Errorf("%s: %s is not asked for any more, but %v", name, f, factorsOf(p))
			}
		}
		if len(factorsOf(p)) <= len(factorsOf(plain)) {
			t.Errorf("%s: asks for no more than %v", name, factorsOf(p))
		}
	}
	claimed := plan(sdk.PlanQuery{Signals: sdk.NewOptPlanQuerySignals(sdk.PlanQuerySignals{"integrity": "rooted"})})
	i := slices.IndexFunc(claimed.Signals, func(s sdk.Signal) bool { return s.Name == "integrity" })
	if i < 0 || claimed.Signals[i].Trust.Value != "claimed" || claimed.Signals[i].Source.Value != "caller" || claimed.Signals[i].Why.ZH == "" {
		t.Errorf("the plan says of it %+v", claimed.Signals)
	}
}

// V5 over HTTP: the product reports where somebody was let in, and the plan has the signal's source.
func TestV5_ASignInIsReportedOverHTTP(t *testing.T) {
	s := newService(t)
	account, qq := s.person("u-1")
	report := sdk.NewSignIn{Binding: sdk.NewOptBindingID(qq.ID), Address: sdk.NewOptAddress("203.0.113.7")}
	s.ok(s.ReportSignIn(t.Context(), &report, sdk.ReportSignInParams{Account: account, IdempotencyKey: sdk.NewKey()}))
	q := sdk.PlanQuery{Binding: qq.ID, Platform: sdk.PlatformAndroid, Address: sdk.NewOptAddress("203.0.113.99"), Network: sdk.NewOptNetworkLevel("known")}
	p, err := s.PlanUnbinding(t.Context(), &q, sdk.PlanUnbindingParams{Account: account})
	s.ok(err)
	i := slices.IndexFunc(p.Signals, func(s sdk.Signal) bool { return s.Name == "network" })
	if i < 0 || p.Signals[i].Level != "unknown" || p.Signals[i].Source.Value != "sign_ins" || p.Signals[i].Trust.Value != "observed" {
		t.Errorf("a network that was first used a moment ago, and is claimed to be known, is %+v", p.Signals[i])
	}
	report.Address = sdk.NewOptAddress("at home")
	if err := s.ReportSignIn(t.Context(), &report, sdk.ReportSignInParams{Account: account, IdempotencyKey: sdk.NewKey()}); err == nil {
		t.Error("an address that is none was taken")
	}
}
