package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

// A change is told with the rules behind it: those that ask for more now, and those that ask no more for what they did.
func TestTry_NamesTheRulesBehindAChange(t *testing.T) {
	src := shippedSource(t)
	was, err := policy.Load("was.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	plain := policy.Situation{Platform: jieling.Web, Goal: jieling.Unlink, Provider: jieling.QQ, Kind: jieling.Personal, Network: "known", Device: "trusted"}
	for _, c := range []struct {
		name, old, new string
		change         policy.Change
		rules, unaided string // with the pack that decided at hand, and without
	}{
		{"as it was", "", "", policy.Same, "", ""},
		{"a weaker cell", "{all_of: [sms_code, qr_approval]}", "qr_approval", policy.Less, "V1", "*"},
		{"a stronger cell", "{all_of: [sms_code, qr_approval]}", "{all_of: [sms_code, qr_approval, face]}", policy.More, "V1", "V1"},
		{"another cell", "{all_of: [sms_code, qr_approval]}", "{all_of: [sms_code, face]}", policy.Other, "V1", "*"},
		{"a rule of its own", "rules:\n", "rules:\n  - {id: X1, verified: 2026-11-22, when: 'platform == \"web\"', wait: 90h, because: {zh-CN: 等, en: Wait}}\n", policy.More, "X1", "X1"},
	} {
		edited := strings.NewReplacer(c.old, c.new, "require: {all_of: [qr_approval, sms_code]}", "require: {all_of: [qr_approval, sms_code, face]}").Replace(src)
		p, err := policy.Load("edited.yaml", []byte(edited))
		if err != nil || c.old != "" && edited == src {
			t.Fatalf("%s: %v, or nothing to edit", c.name, err)
		}
		before := was.Decide(facts(t, was, plain))
		aided, unaided := p.Try(plain, before, was), p.Try(plain, before, nil)
		if aided.Change != c.change || strings.Join(aided.Rules, " ") != c.rules {
			t.Errorf("%s: %s through %v", c.name, aided.Change, aided.Rules)
		}
		if got := strings.Join(unaided.Rules, " "); got != c.unaided && (c.unaided != "*" || !strings.Contains(got, "V1")) {
			t.Errorf("%s, without the pack that decided: %v", c.name, unaided.Rules)
		}
	}
	without := strings.Replace(src, `when: integrity == "rooted"`, `when: integrity == "rooted" && device == "new"`, 1)
	p, err := policy.Load("without.yaml", []byte(without))
	if err != nil || without == src {
		t.Fatal(err)
	}
	rooted := plain
	rooted.Signals = map[string]string{"integrity": "rooted", "place": "usual"}
	before := was.Decide(facts(t, was, rooted))
	for _, old := range []*policy.Pack{was, nil} {
		if got := p.Try(rooted, before, old); got.Change != policy.Less || strings.Join(got.Rules, " ") != "R2" {
			t.Errorf("a rule that applies no more: %s through %v", got.Change, got.Rules)
		}
	}
}

// A tally counts everything, and keeps a page of what was chosen: each case once, in the order in which they came.
func TestTally_KeepsOnePage(t *testing.T) {
	less := policy.Trial{Change: policy.Less, Rules: []string{"V1"}}
	refused := policy.Trial{Change: policy.More, Rules: []string{"V3"}, After: jieling.Decision{Refusals: []jieling.Because{{Rule: "V3"}}}}
	count := func(c policy.Choice) *policy.Tally {
		tally := &policy.Tally{Choice: c}
		for i := range 10 {
			trial := less
			switch i % 5 {
			case 1:
				trial = policy.Trial{Change: policy.Same}
			case 3:
				trial = refused
			}
			tally.Add(jieling.CaseID(fmt.Sprintf("case_%d", i)), policy.Situation{}, jieling.Decision{}, trial)
		}
		return tally
	}
	listed := func(c policy.Choice) string {
		tally := count(c)
		equal(t, "totals", tally.Totals, map[string]int{"less": 6, "same": 2, "refused": 2})
		equal(t, "groups", tally.Groups(), []policy.Group{{Outcome: "less", Rules: "V1", Cases: 6}, {Outcome: "refused", Rules: "V3", Cases: 2}})
		var ids strings.Builder
		for _, one := range tally.Page {
			ids.WriteString(strings.TrimPrefix(string(one.Case), "case_"))
		}
		return ids.String() + ">" + strings.TrimPrefix(string(tally.Next), "case_")
	}
	for _, c := range []struct {
		choice policy.Choice
		want   string
	}{
		{policy.Choice{Size: 3}, "023>3"},
		{policy.Choice{Size: 3, After: "case_3"}, "457>7"},
		{policy.Choice{Size: 3, After: "case_7"}, "89>"},
		{policy.Choice{Size: 8}, "02345789>"},
		{policy.Choice{Size: 3, After: "case_x"}, ">"},
		{policy.Choice{Size: 2, Outcome: "refused"}, "38>"},
		{policy.Choice{Size: 2, Outcome: "less", Rules: "V1", After: "case_4"}, "57>7"},
		{policy.Choice{Size: 2, Outcome: "less", Rules: "V2"}, ">"},
		{policy.Choice{}, ">"},
	} {
		if got := listed(c.choice); got != c.want {
			t.Errorf("%+v: %s, want %s", c.choice, got, c.want)
		}
	}
}
