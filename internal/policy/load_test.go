package policy_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

func tiny(t testing.TB) string {
	t.Helper()
	src, err := os.ReadFile("testdata/tiny.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// TestAnotherPackIsAnotherFile loads a pack with other platforms, scenarios, factors, facts and rows: no Go code knows of them.
func TestAnotherPackIsAnotherFile(t *testing.T) {
	p, err := policy.Load("tiny.yaml", []byte(tiny(t)))
	if err != nil {
		t.Fatal(err)
	}
	s := policy.Situation{Platform: "kiosk", Signals: map[string]string{"weather": "sun"}}
	calm := p.Decide(facts(t, p, s))
	equal(t, "calm", calm, jieling.Decision{
		Pack: "tiny@2.0", Scenario: "calm", Requirement: need("badge"),
		Detours: []jieling.Detour{{
			Rule: "T16", For: []jieling.Factor{"badge"}, Require: need("porter"), Takes: time.Hour, Text: jieling.Text{ZH: "找门房，1 小时", EN: "Ask the porter, 1 hour"},
		}},
		Reasons: []jieling.Because{{Rule: "T7", Text: jieling.Text{ZH: "刷卡", EN: "Swipe"}}},
	})
	s.Signals = nil // the unset values, never the safest
	alarm := p.Sheet(facts(t, p, s))
	equal(t, "requirement", alarm.Decision.Requirement, jieling.AllOf(need("badge"), need("guard")))
	equal(t, "steps", alarm.Steps, []jieling.Text{{ZH: "出示工牌", EN: "Show badge"}, {ZH: "出示保安", EN: "Show guard"}})
	if alarm.Decision.Wait.Hours() != 2 || alarm.Decision.Scenario != "alarm" {
		t.Errorf("%+v", alarm.Decision)
	}
	s.Network = "known"
	if d := p.Decide(facts(t, p, s)); d.Scenario != "calm" {
		t.Errorf("a known network is below unknown: %+v", d)
	}
	s.Network = "public"
	if d := p.Decide(facts(t, p, s)); d.Scenario != "alarm" {
		t.Errorf("a public network is above unknown: %+v", d)
	}
}

// TestDecide_AsksEachPartOnce has two cells ask for the same factor.
func TestDecide_AsksEachPartOnce(t *testing.T) {
	src := strings.Replace(tiny(t), "require: guard", "require: {all_of: [guard, badge, {all_of: [guard]}]}", 1)
	p, err := policy.Load("tiny.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	d := p.Decide(facts(t, p, policy.Situation{Platform: "kiosk"}))
	equal(t, "requirement", d.Requirement, jieling.AllOf(need("badge"), need("guard")))
}

// TestLoad_Problems breaks the tiny pack in one place at a time. Every message says where, what, and what to write instead.
func TestLoad_Problems(t *testing.T) {
	whole := tiny(t)
	for _, c := range []struct {
		name           string
		at             []string
		old, new, want string
	}{
		{"unknown key", at("replacment: true"), "    replacement: true", "    replacment: true", `unknown key "replacment" in a rule; write replacement`},
		{"unknown section", at("pack: tiny", "afterward:"), "afterwards:\n", "afterward:\n", "the pack has no afterwards; add the key afterwards\n" +
			`unknown key "afterward" in the pack; write afterwards`},
		{"missing key", at("id: T9"), "    verified: 2026-11-01\n    when: last_way_in", "    when: last_way_in", "a rule has no verified; add the key verified"},
		{"missing language", at("{zh-CN: 好"), "advice: {zh-CN: 好, en: Fine}", "advice: {zh-CN: 好}", "a text in both languages has no en; add the key en"},
		{"empty text", at(`""`), "en: Fine", `en: ""`, "the text is empty; write a sentence"},
		{
			"missing cell", at("name: calm"), "    cells:\n      kiosk: {require: badge, because: {zh-CN: 刷卡, en: Swipe}}", "    cells: {}",
			"the scenario calm has no cell for kiosk; add the cell kiosk with require or refuse",
		},
		{
			"unknown platform", at("name: alarm", "kisok:"), "kiosk: {require: guard", "kisok: {require: guard",
			"the scenario alarm has no cell for kiosk; add the cell kiosk with require or refuse\n" +
				"there is no platform kisok; write kiosk",
		},
		{"duplicate key", at("pack: tiny\nversion"), "pack: tiny\n", "pack: tiny\npack: tiny\n", `mapping key "pack" already defined at [1:1]; keep one of them`},
		{"duplicate rule", at("T7\n    verified: 2026-11-01\n    title: {zh-CN: 警报"), "id: T8\n", "id: T7\n", "the rule T7 is there twice; keep one of them or rename the other"},
		{"duplicate value", at("sun], otherwise"), "[sun, rain]", "[sun, rain, sun]", "the value sun is there twice; keep one of them or rename the other"},
		{"unknown factor", at("gaurd"), "require: guard", "require: gaurd", "there is no factor gaurd; write guard"},
		{"unknown scenario", at("alram"), "raises: alarm", "raises: alram", "there is no scenario alram; write alarm"},
		{"no requirement", at("none_of"), "require: guard", "require: {none_of: [guard]}", `unknown key "none_of" in a requirement; write one of all_of, any_of`},
		{
			"two requirements", at("{all_of: [guard], any_of"), "require: guard", "require: {all_of: [guard], any_of: [badge]}",
			"this is not one requirement; write a factor's name, {all_of: [a, b]} or {any_of: [a, b]}",
		},
		{"ask and refuse", at("{require: guard, refuse"), "require: guard,", "require: guard, refuse: true,", "a cell asks for something or refuses; write either require or refuse: true"},
		{"idle rule", at("id: T9"), "    replacement: true\n", "", "the rule asks for nothing; add require, wait, guard, replacement, need_phone, backup or refuse"},
		{"wrong type", at(`"yes"`), "replacement: true", "replacement: \"yes\"", "true or false is wanted and this is text; write true or false, without quotes"},
		{"list wanted", at("none\n", "old:"), "rules:\n", "rules: none\nold:\n", "a list of rules is wanted and this is text; begin each entry with a dash\n" +
			`unknown key "old" in the pack; write one of detours, losses, dependents, risks, advice, replacements, ranking, afterwards, steps, playbooks`},
		{"number for a name", at("2.0"), `version: "2.0"`, "version: 2.0", `a name is wanted and this is a number; write it as text, in quotes if need be: "1"`},
		{"environment", at("2\n"), "environment: 1", "environment: 2", "this language of conditions is not known; write 1"},
		{"date", at("2026-13-01"), "{id: T13, verified: 2026-11-01", "{id: T13, verified: 2026-13-01", "this is not a date; write year, month and day: 2026-11-22"},
		{"span", at("2 hours"), "wait: 2h", "wait: 2 hours", "this is not a time between a minute and a year; write hours or minutes: 24h, 90m"},
		{"level", at("lo, security"), "effort: low", "effort: lo", `"lo" is not known here; write low`},
		{"change", at("gone, title"), "change: lost", "change: gone", `"gone" is not known here; write one of lost, changed, kept`},
		{
			"kind of account", at("{id: T12", "merchants,"), "kinds: [personal, merchant,", "kinds: [personal, merchants,",
			"accounts of kind merchant are not ranked; add merchant to the kinds of a ranking\n" +
				"there is no kind of account merchants; write merchant",
		},
		{"ranking", at("{id: T12", "pone]"), "order: [phone]", "order: [pone]", "the ranking leaves out phone; add it to the order\n" +
			"there is no replacement for provider pone; write phone"},
		{
			"key verification", at("{id: T2"), "key_verification: {id: T2, verified: 2026-11-01, require: badge}", "key_verification: {id: T2, verified: 2026-11-01, require: guard}",
			"the key verification of kiosk does not meet its cell in scenario calm; make one of them accept the other",
		},
		{"placeholder", at("{verified: 2026-11-01, part"), "en: \"Show {factor}\"", "en: \"Show {factor} in {path}\"", "{path} has a meaning only in a step with part: start; leave it out, or add the part"},
		{"factor step", at("{verified: 2026-11-01, part"), "en: \"Show {factor}\"", "en: Show it", "a step with part: verify needs {factor} in both languages; add it to the text"},
		{
			"no verify", at("{verified: 2026-11-01, text"), "part: verify, text: {zh-CN: \"出示{factor}\", en: \"Show {factor}\"}", "text: {zh-CN: 看, en: Look}",
			"the steps have 0 with part: verify; write exactly one; it is repeated for every factor",
		},
		{"reserved fact", at("reason:"), "weather:", "reason:", "a fact cannot be named reason; choose another name, or leave it out if the pack has it anyway"},
		{"lonely value", at("weather: {"), "[sun, rain]", "[rain]", "the fact weather has 1 values; declare 2 to 64"},
		{"unset value", at("ran}"), "unset: rain}", "unset: ran}", "weather is never ran; write rain"},
		{
			"first scenario", at("last_way_in\n    cells"), "    title: {zh-CN: 平常, en: Calm}\n", "    title: {zh-CN: 平常, en: Calm}\n    when: last_way_in\n",
			"the first scenario always applies; leave when out",
		},
		{"unknown fact", at("last_wayin"), "when: last_way_in", "when: last_wayin", "there is no fact last_wayin; write last_way_in"},
		{"unknown value", at(`"rainy"`), `weather == "rain"`, `weather == "rainy"`, `weather is never "rainy"; write "rain"`},
		{"unknown value in list", at(`"snow"`), `weather == "rain"`, `weather in ["rain", "snow"]`, `weather is never "snow"; write one of "sun", "rain"`},
		{"order of an unordered fact", at(`> "sun"`), `weather == "rain"`, `weather > "sun"`, "weather has no order; compare it with ==, != or in, or declare it rising: true"},
		{"number for a word", at("== 1"), `weather == "rain"`, `weather == 1`, `these do not go together: string, int; compare a fact with one of its values: platform == "web"`},
		{"fact against fact", at("weather == network"), `weather == "rain"`, `weather == network`, `this is not a value of network; write one of "known", "unknown", "public"`},
		{"a word is no truth", at("weather\n"), `weather == "rain"`, `weather`, "true or false is wanted here; " + `compare a fact with one of its values: platform == "web"`},
		{"not a truth at all", at("network\n    replacement"), "when: last_way_in", "when: network", `network is not a yes-or-no fact; compare it with a value: network == "known"`},
		{"function", at(`("r")`), `weather == "rain"`, `weather.startsWith("r")`, "conditions have no function startsWith; " + `compare a fact with one of its values: platform == "web"`},
		{"operator", at(`+ "y"`), `weather == "rain"`, `weather + "y" == "rainy"`, "conditions have no operator +; " + `compare a fact with one of its values: platform == "web"`},
		{"nothing compared", at("== \"rain\"\n"), `weather == "rain"`, `"rain" == "rain"`, "this compares no fact; " + `compare a fact with one of its values: platform == "web"`},
		{"syntax", at("= \"rain\"\n"), `weather == "rain"`, `weather = "rain"`, "the condition cannot be read: token recognition error at: '= '; join comparisons with && and ||, compare with == and put values in quotes"},
		{"always", at("last_way_in || true"), "when: last_way_in", "when: last_way_in || true", "the condition always holds; leave when out"},
		{"never", at(`weather == "sun" &&`), "when: last_way_in", `when: weather == "sun" && weather == "rain"`, "the condition never holds; correct it, or leave the row out"},
		{"tag", at("id: T9", "!last_way_in"), "when: last_way_in", "when: !last_way_in", "a rule has no because; add the key because\nYAML takes a leading ! for a tag; put the condition in quotes: '!last_way_in'"},
		{"quoted condition", at("last_wayin"), "when: last_way_in", "when: '!last_wayin'", "there is no fact last_wayin; write last_way_in"},
		{"alias", at("*t"), "title: {zh-CN: 小样, en: Tiny}", "title: *t", "a text in both languages is wanted and this is an anchor or alias; write its keys and values"},
		{"not YAML", at("detours:"), "rules:\n", "rules: [\n", "',' or ']' must be specified; check indentation, quotes and brackets"},
		{"empty", at(), whole, "", "this is not one YAML document; write one pack in one file"},
		{"too deep", at(), whole, strings.Repeat("[", 1000), "brackets, dashes or marks are nested deeper than 64; flatten the document"},
		{"too large", at(), whole, strings.Repeat("#", 600<<10), "the pack is larger than 512 KiB; split it in two"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(whole, c.old) != 1 {
				t.Fatalf("%q is there %d times", c.old, strings.Count(whole, c.old))
			}
			broken := strings.Replace(whole, c.old, c.new, 1)
			want := strings.Split(c.want, "\n")
			for i := range want {
				where := "1:1"
				if i < len(c.at) {
					where = locate(t, broken, c.at[i])
				}
				want[i] = "tiny.yaml:" + where + ": " + want[i]
			}
			_, err := policy.Load("tiny.yaml", []byte(broken))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if d := cmp.Diff(want, strings.Split(got, "\n")); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			saidInChinese(t, err)
			var load *policy.LoadError
			if err != nil && (!errors.As(err, &load) || load.File != "tiny.yaml" || len(load.Problems) != strings.Count(got, "\n")+1) {
				t.Errorf("not one problem a line: %#v", err)
			}
		})
	}
}

func at(texts ...string) []string { return texts }

// locate is the line and column, in characters from 1, at which a text that is there once begins.
func locate(t *testing.T, src, text string) string {
	t.Helper()
	before, after, ok := strings.Cut(src, text)
	if !ok || strings.Contains(after, text) {
		t.Fatalf("%q is not there just once", text)
	}
	lines := strings.Split(before, "\n")
	return fmt.Sprintf("%d:%d", len(lines), 1+utf8.RuneCountInString(lines[len(lines)-1]))
}

// TestLoad_SeveralProblemsAtOnce makes two mistakes at once.
func TestLoad_SeveralProblemsAtOnce(t *testing.T) {
	src := strings.NewReplacer("when: last_way_in", "when: last_wayin", `weather == "rain"`, `weather == "fog"`).Replace(tiny(t))
	_, err := policy.Load("tiny.yaml", []byte(src))
	equal(t, "problems", strings.Split(err.Error(), "\n"), []string{
		"tiny.yaml:" + locate(t, src, `"fog"`) + `: weather is never "fog"; write one of "sun", "rain"`,
		"tiny.yaml:" + locate(t, src, "last_wayin") + ": there is no fact last_wayin; write last_way_in",
	})
}

func TestShipped_UnknownName(t *testing.T) {
	_, err := policy.Shipped("qq")
	equal(t, "error", err.Error(), `no pack named "qq" is built in; there is qq-wechat, web-saas`)
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(tiny(f)))
	f.Add([]byte("pack: x\nfacts: {a: {values: [false, true]}}"))
	f.Add([]byte("&a [*a, !!x {? : -}]\n---\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		p, err := policy.Load("fuzz.yaml", src)
		var load *policy.LoadError
		switch {
		case err == nil && p == nil, err != nil && p != nil:
			t.Fatal("neither a pack nor an error, or both")
		case err != nil && (!errors.As(err, &load) || len(load.Problems) == 0):
			t.Fatalf("not a LoadError: %v", err)
		case err == nil:
			proveAll(t, p)
		}
	})
}

// proveAll wants of every claim that it holds, or an example of why not.
func proveAll(t *testing.T, p *policy.Pack) {
	t.Helper()
	for _, c := range p.Claims() {
		if proof := c.Prove(); proof.Holds == (proof.Counter != nil) {
			t.Fatalf("%s: %+v", c.Name, proof)
		}
	}
}

// FuzzCondition puts anything in place of a condition.
func FuzzCondition(f *testing.F) {
	whole := tiny(f)
	for _, s := range []string{"last_way_in", `network >= "unknown" ? last_way_in : !last_way_in`, `"x" in [platform]`, "1 / 0 == 1", "[[[[["} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, condition string) {
		line := "when: '" + strings.ReplaceAll(strings.ReplaceAll(condition, "'", "''"), "\n", " ") + "'"
		p, err := policy.Load("fuzz.yaml", []byte(strings.Replace(whole, "when: last_way_in", line, 1)))
		if err == nil && p != nil {
			proveAll(t, p)
		}
		if (p == nil) == (err == nil) {
			t.Fatal("neither a pack nor an error, or both")
		}
	})
}

// TestAnotherProductIsAnotherFile decides situations of the shipped pack of another product: other providers, scenarios and
// factors, and no line of Go that knows them.
func TestAnotherProductIsAnotherFile(t *testing.T) {
	p, err := policy.Shipped("web-saas")
	if err != nil {
		t.Fatal(err)
	}
	routine := jieling.AnyOf(need("device_unlock"), jieling.AllOf(need("password"), need("totp")))
	plain := policy.Situation{Platform: jieling.Web, Goal: jieling.Unlink, Provider: "github", Kind: jieling.Personal}
	for _, c := range []struct {
		name     string
		change   func(*policy.Situation)
		scenario jieling.Scenario
		asks     jieling.Requirement
		wait     time.Duration
		refused  bool
	}{
		{"plain", func(*policy.Situation) {}, "routine", routine, 0, false},
		{
			"impossible travel", func(s *policy.Situation) { s.Signals = map[string]string{"travel": "impossible"} }, "takeover",
			jieling.AllOf(routine, need("email_code"), need("support_review")), 24 * time.Hour, false,
		},
		{
			"stolen", func(s *policy.Situation) { s.Reason = jieling.ReasonTheft }, "takeover",
			jieling.AllOf(routine, need("email_code"), need("support_review")), 24 * time.Hour, false,
		},
		{"a new passkey", func(s *policy.Situation) { s.Signals = map[string]string{"factor_change": "recent"} }, "routine", routine, 24 * time.Hour, false},
		{"managed", func(s *policy.Situation) { s.Signals = map[string]string{"managed": "true"} }, "managed", jieling.AllOf(routine, need("admin_approval")), 0, false},
		{"managed, on a phone", func(s *policy.Situation) { s.Kind, s.Platform = jieling.EnterpriseMember, jieling.IOS }, "managed", routine, 0, true},
	} {
		s := plain
		c.change(&s)
		d := p.Decide(facts(t, p, s))
		if d.Scenario != c.scenario || !same(d.Requirement, c.asks) || d.Wait != c.wait || d.Allowed() == c.refused || d.Guard != 48*time.Hour {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
	sheet := p.Sheet(facts(t, p, plain))
	if len(sheet.Dependents) != 2 || sheet.Dependents[1].Module != "repositories" || p.Replacements(jieling.Personal)[0].Provider != "passkey" {
		t.Errorf("%+v", sheet.Dependents)
	}
}

// TestLoad_ScalesWithTheFacts has a pack look at twenty-four facts, each in a rule of its own: their product has more than ten
// thousand million combinations, and neither loading nor proving walks it.
func TestLoad_ScalesWithTheFacts(t *testing.T) {
	var domains, rules strings.Builder
	for i := range 24 {
		fmt.Fprintf(&domains, "  risk%d: {values: [low, mid, high], rising: true, unset: mid}\n", i)
		fmt.Fprintf(&rules, "  - {id: R%d, verified: 2026-11-01, when: 'risk%d == \"high\"', wait: %dh, because: {zh-CN: 等, en: Wait}}\n", i, i, i+1)
	}
	src := strings.Replace(tiny(t), "  goal:", domains.String()+"  goal:", 1)
	src = strings.Replace(src, "rules:\n", "rules:\n"+rules.String(), 1)
	p, err := policy.Load("wide.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	s := policy.Situation{Platform: "kiosk", Network: "known", Signals: map[string]string{"weather": "sun", "risk7": "high", "risk3": "high", "risk20": "low"}}
	if d := p.Decide(facts(t, p, s)); d.Wait != 8*time.Hour {
		t.Errorf("waits %s", d.Wait)
	}
	for _, c := range p.Claims() {
		if proof := c.Prove(); proof.Steps > 100_000 || c.Name == "monotone" && !proof.Holds {
			t.Errorf("%s: holds %v after %d steps: %+v", c.Name, proof.Holds, proof.Steps, proof.Counter)
		}
	}
}
