package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

// playing is the tiny pack with one playbook of these steps.
func playing(tiny string, steps ...string) string {
	return tiny + "\nplaybooks:\n  - {name: rescue, id: T20, verified: 2026-11-01, for: [alarm], title: {zh-CN: 救急, en: Rescue}, lead: {zh-CN: 先救急, en: First aid}, steps: [\n    " +
		strings.Join(steps, ",\n    ") + "]}\n"
}

const said = "title: {zh-CN: 字, en: word}, text: {zh-CN: 字, en: word}"

var (
	lock   = "{name: lock, who: user, class: safety, " + said + "}"
	remove = "{name: remove, who: automatic, class: safety, does: remove, after: [lock], " + said + "}"
	toast  = "{name: toast, who: user, class: function, after: [remove], " + said + "}"
)

func TestP6_APackWithABrokenPlaybookIsRefused(t *testing.T) {
	if _, err := policy.Load("tiny.yaml", []byte(playing(tiny(t), lock, remove, toast))); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		steps []string
		code  policy.Code
		at    string // what the place points at
	}{
		"a step that is not there":      {[]string{lock, strings.Replace(remove, "[lock]", "[look]", 1), toast}, "no_such_step", "look]"},
		"a circle":                      {[]string{strings.Replace(lock, "safety, ", "safety, after: [remove], ", 1), remove, toast}, "step_waits_for_later", "remove], title"},
		"a step that waits for itself":  {[]string{lock, strings.Replace(remove, "[lock]", "[lock, remove]", 1)}, "step_waits_for_later", "remove], title"},
		"a name twice":                  {[]string{lock, lock, remove}, "there_twice", ""},
		"no removal":                    {[]string{lock}, "one_removal", "name: rescue"},
		"two removals":                  {[]string{lock, remove, strings.Replace(remove, "name: remove", "name: again", 1)}, "one_removal", "name: rescue"},
		"function before safety":        {[]string{lock, remove, strings.Replace(toast, "[remove]", "[lock]", 1)}, "function_before_safety", "name: toast"},
		"a safety step after function":  {[]string{lock, remove, toast, strings.NewReplacer("name: lock", "name: late", "safety, ", "safety, after: [toast], ").Replace(lock)}, "function_before_safety", "name: toast"},
		"an automatic step that idles":  {[]string{strings.Replace(lock, "user", "automatic", 1), remove}, "step_does_nothing", "name: lock"},
		"a person who is a machine":     {[]string{lock, strings.Replace(remove, "automatic", "user", 1)}, "step_not_automatic", "name: remove"},
		"a check of what we do":         {[]string{lock, strings.Replace(remove, "does: remove", "does: remove, check: region_mainland", 1)}, "automatic_step_checked", "name: remove"},
		"opened and never closed":       {[]string{lock, remove, "{name: open, who: automatic, class: function, does: open_quick_sign_in, after: [remove], " + said + "}"}, "opens_what_is_not_closed", "name: open"},
		"a check of nothing":            {[]string{strings.Replace(lock, "safety, ", "safety, check: work_mailbox, ", 1), remove}, "refuses_nothing", "name: lock"},
		"a word that is no performer":   {[]string{strings.Replace(lock, "user", "usher", 1), remove}, "unknown_word", "usher"},
		"a step in one language":        {[]string{strings.Replace(lock, "title: {zh-CN: 字, en: word}", "title: {zh-CN: 字}", 1), remove}, "missing_key", ""},
		"a scenario that is not theirs": {nil, "no_such_scenario", "alram"},
	} {
		t.Run(name, func(t *testing.T) {
			src := playing(tiny(t), c.steps...)
			if c.steps == nil {
				src = strings.Replace(playing(tiny(t), lock, remove, toast), "for: [alarm]", "for: [alram]", 1)
			}
			_, err := policy.Load("tiny.yaml", []byte(src))
			saidInChinese(t, err)
			problems := err.(*policy.LoadError).Problems
			i := slices.IndexFunc(problems, func(p policy.Problem) bool { return p.Code == c.code })
			if i < 0 {
				t.Fatalf("not told as %s: %v", c.code, err)
			}
			if where := fmt.Sprintf("%d:%d", problems[i].Line, problems[i].Column); c.at != "" && !strings.HasPrefix(textAt(src, problems[i]), c.at) {
				t.Errorf("it stands at %s, %q", where, textAt(src, problems[i]))
			}
		})
	}
}

func textAt(src string, p policy.Problem) string {
	line := []rune(strings.Split(src, "\n")[p.Line-1])
	return strings.TrimLeft(string(line[p.Column-1:]), "{")
}

// order is the way through a playbook, by the names of its steps.
func order(p *jieling.Playbook) (names []string) {
	for _, s := range p.Steps {
		names = append(names, s.Name)
	}
	return names
}

func decidedAs(t *testing.T, s policy.Situation) *jieling.Playbook {
	t.Helper()
	p, err := policy.Shipped("qq-wechat")
	if err != nil {
		t.Fatal(err)
	}
	s.Goal, s.Kind = jieling.Unlink, jieling.Personal
	return p.Decide(facts(t, p, s)).Playbook
}

func TestP1_AStolenQQIsFrozenThenUnboundThenProtected(t *testing.T) {
	for _, on := range jieling.Platforms {
		p := decidedAs(t, policy.Situation{Platform: on, Provider: jieling.QQ, Reason: jieling.ReasonTheft})
		if p == nil || p.Rule != "P1" {
			t.Fatalf("on %s: %+v", on, p)
		}
		equal(t, "order", order(p), []string{"quick-sign-in-off", "freeze-qq", "unbind", "login-protection", "quick-sign-in-on"})
		for i := 1; i < len(p.Steps); i++ {
			if !p.Waits(p.Steps[i].Name, p.Steps[i-1].Name) {
				t.Errorf("%s does not wait for %s", p.Steps[i].Name, p.Steps[i-1].Name)
			}
		}
		equal(t, "begin and end", []jieling.StepDoes{p.Steps[0].Does, p.Steps[2].Does, p.Steps[4].Does}, []jieling.StepDoes{jieling.DoesCloseQuickSignIn, jieling.DoesRemove, jieling.DoesOpenQuickSignIn})
		if p.Steps[1].Check != jieling.CheckGrantWithdrawn {
			t.Error("the provider is not asked about the freeze")
		}
	}
	reported := decidedAs(t, policy.Situation{Platform: jieling.Web, Provider: jieling.QQ, Signals: map[string]string{"provider_risk": "reported"}})
	abroad := decidedAs(t, policy.Situation{Platform: jieling.Web, Provider: jieling.QQ, Reason: jieling.ReasonTheft, Region: "GB"})
	if reported == nil || reported.Rule != "P1" || abroad == nil || abroad.Rule != "P1" {
		t.Errorf("a theft that is reported, and one abroad, run %+v and %+v", reported, abroad)
	}
	routine := decidedAs(t, policy.Situation{Platform: jieling.Web, Provider: jieling.QQ, Reason: jieling.ReasonPrivacy, Region: "CN"})
	phone := decidedAs(t, policy.Situation{Platform: jieling.Web, Provider: jieling.Phone, Reason: jieling.ReasonTheft, Region: "CN"})
	if routine != nil || phone != nil {
		t.Errorf("nothing was stolen, or no QQ, and it runs %+v and %+v", routine, phone)
	}
}

func TestP2_TheLinkGoesInTheConsoleBeforeTheAdministratorResets(t *testing.T) {
	p := decidedAs(t, policy.Situation{Platform: jieling.Android, Provider: jieling.QQ, Reason: jieling.ReasonOrganisation})
	if p == nil || p.Rule != "P2" {
		t.Fatalf("%+v", p)
	}
	equal(t, "order", order(p), []string{"personal-link", "unbind", "admin-reset", "work-mailbox"})
	if !p.Waits("admin-reset", "personal-link") || !p.Waits("work-mailbox", "admin-reset") {
		t.Error("the steps do not wait for each other")
	}
	for _, domain := range []string{"qq.com", "vip.qq.com", "foxmail.com"} {
		if !p.Refuses(domain) {
			t.Errorf("%s is not refused", domain)
		}
	}
	if p.Refuses("example.com") {
		t.Error("a mailbox of the enterprise is refused")
	}
}

func TestP3_TheRegionIsSetThenUnboundThenTheForeignPhoneBound(t *testing.T) {
	for _, s := range []policy.Situation{
		{Platform: jieling.IOS, Provider: jieling.QQ, Reason: jieling.ReasonAbroad}, {Platform: jieling.Android, Provider: jieling.QQ, Region: "GB"},
	} {
		p := decidedAs(t, s)
		if p == nil || p.Rule != "P3" {
			t.Fatalf("%+v", p)
		}
		equal(t, "order", order(p), []string{"region", "unbind", "phone-abroad"})
		if !p.Waits("phone-abroad", "region") {
			t.Error("the phone does not wait")
		}
		if last := p.Steps[2]; !strings.Contains(last.Text.ZH, "外币支付可能受限") || !strings.Contains(last.Text.EN, "foreign-currency payment may be limited") {
			t.Errorf("not warned: %+v", last.Text)
		}
	}
}

// A playbook goes with the situation that it is written for, and with none that is off by one word; of two that fit, the one that comes first.
func TestP1_P2_P3_AnotherSituationHasAnotherPlaybookOrNone(t *testing.T) {
	pack, err := policy.Shipped("qq-wechat")
	if err != nil {
		t.Fatal(err)
	}
	stolen := policy.Situation{Platform: jieling.Android, Goal: jieling.Unlink, Provider: jieling.QQ, Kind: jieling.Personal, Region: "CN", Reason: jieling.ReasonTheft}
	mixed, abroad := stolen, stolen
	mixed.Reason, abroad.Reason = jieling.ReasonOrganisation, jieling.ReasonAbroad
	for _, c := range []struct {
		name string
		s    policy.Situation
		off  func(*policy.Situation)
		want string
	}{
		{"P1", stolen, func(*policy.Situation) {}, "P1"},
		{"P1, to migrate", stolen, func(s *policy.Situation) { s.Goal = jieling.Migrate }, "P1"},
		{"P1, to link", stolen, func(s *policy.Situation) { s.Goal = jieling.Link }, ""},
		{"P1, another login", stolen, func(s *policy.Situation) { s.Provider = jieling.WeChat }, ""},
		{"P1, only abnormal", stolen, func(s *policy.Situation) { s.Reason, s.Scenario = jieling.ReasonPrivacy, jieling.Abnormal }, ""},
		{"P2", mixed, func(*policy.Situation) {}, "P2"},
		{"P2, to replace", mixed, func(s *policy.Situation) { s.Goal = jieling.Replace }, "P2"},
		{"P2, to keep them apart", mixed, func(s *policy.Situation) { s.Reason, s.Scenario = jieling.ReasonSeparate, jieling.Enterprise }, "P2"},
		{"P2, to link", mixed, func(s *policy.Situation) { s.Goal = jieling.Link }, ""},
		{"P2, another login", mixed, func(s *policy.Situation) { s.Provider = jieling.WeChat }, ""},
		{"P2, no organisation", mixed, func(s *policy.Situation) { s.Reason = jieling.ReasonSeparate }, ""},
		{"P2, another reason", mixed, func(s *policy.Situation) { s.Reason, s.Scenario = jieling.ReasonPrivacy, jieling.Enterprise }, ""},
		{"P2 before P3", mixed, func(s *policy.Situation) { s.Region = "GB" }, "P2"},
		{"P3", abroad, func(*policy.Situation) {}, "P3"},
		{"P3, by the region", abroad, func(s *policy.Situation) { s.Reason, s.Region = jieling.ReasonPrivacy, "GB" }, "P3"},
		{"P3, to link", abroad, func(s *policy.Situation) { s.Goal = jieling.Link }, ""},
		{"P3, another login", abroad, func(s *policy.Situation) { s.Provider = jieling.Phone }, ""},
		{"P3, at home", abroad, func(s *policy.Situation) { s.Reason = jieling.ReasonPrivacy }, ""},
		{"P1 before P3", stolen, func(s *policy.Situation) { s.Region = "GB" }, "P1"},
	} {
		c.off(&c.s)
		got := ""
		if p := pack.Decide(facts(t, pack, c.s)).Playbook; p != nil {
			got = p.Rule
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestP4_EveryShippedPlaybookPutsSafetyFirst(t *testing.T) {
	for _, name := range policy.ShippedNames() {
		pack, err := policy.Shipped(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(pack.Playbooks()) == 0 {
			t.Errorf("%s has no playbook", name)
		}
		for _, p := range pack.Playbooks() {
			function := false
			for _, s := range p.Steps {
				if function && s.Class == jieling.Safety {
					t.Errorf("%s of %s: %s comes after function", p.Name, name, s.Name)
				}
				function = function || s.Class == jieling.Function
			}
		}
	}
}

// Whatever a playbook says, either it is refused or no order in which its steps can be taken has function before safety.
func TestP4_ARandomPlaybookIsRefusedOrProven(t *testing.T) {
	accepted, whole := 0, tiny(t)
	rapid.Check(t, func(t *rapid.T) {
		src, n := "", rapid.IntRange(1, 5).Draw(t, "steps")
		removal := rapid.IntRange(0, n-1).Draw(t, "removal")
		var steps []string
		for i := range n {
			var after []string
			for j := range i {
				if rapid.Bool().Draw(t, "waits") {
					after = append(after, fmt.Sprintf("s%d", j))
				}
			}
			class := rapid.SampledFrom([]string{"safety", "function"}).Draw(t, "class")
			how := "who: user"
			if i == removal {
				how = "who: automatic, does: remove"
			}
			waits := ""
			if after != nil {
				waits = "after: [" + strings.Join(after, ", ") + "], "
			}
			steps = append(steps, fmt.Sprintf("{name: s%d, %s, class: %s, %s%s}", i, how, class, waits, said))
		}
		src = playing(whole, steps...)
		pack, err := policy.Load("tiny.yaml", []byte(src))
		if err != nil {
			return
		}
		accepted++
		for _, c := range pack.Claims() {
			if proof := c.Prove(); c.Name == "playbooks" && !proof.Holds {
				t.Fatalf("accepted, and %s", proof.Counter.What.Text().EN)
			}
		}
	})
	if accepted == 0 {
		t.Error("every playbook was refused: nothing was proven")
	}
}
