package api_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/policy"
)

// These tests walk every cell of the requirements through the API, in both languages, and hold it against testdata/rows: a
// table for each section, a line for each cell (row, where, in words of the machine, zh-CN, en), read beside the requirements
// line by line. A cell of the pack that is altered makes its table fail.

func TestF1_FlowByPlatform(t *testing.T)              { holdRows(t, "F") }
func TestD1_DataThroughTheBinding(t *testing.T)       { holdRows(t, "D") }
func TestV1_VerificationByScenario(t *testing.T)      { holdRows(t, "V") }
func TestI1_ImpactMatrix(t *testing.T)                { holdRows(t, "I") }
func TestR1_RiskByPlatform(t *testing.T)              { holdRows(t, "R") }
func TestA1_ReplacementsAndWhatTheyCost(t *testing.T) { holdRows(t, "A") }

func holdRows(t *testing.T, section string) {
	t.Helper()
	pack, err := policy.Shipped("qq-wechat")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range rowsApart(t, tellRows(t, pack), section) {
		t.Error(d)
	}
}

// rowsApart lists the lines of a section that are not as they should be.
func rowsApart(t *testing.T, told map[string][]string, section string) (apart []string) {
	t.Helper()
	want, got := wantRows(t, section), told[section]
	for i := range max(len(want), len(got)) {
		w, g := "(nothing)", "(nothing)"
		if i < len(want) {
			w = want[i]
		}
		if i < len(got) {
			g = got[i]
		}
		if w != g {
			apart = append(apart, fmt.Sprintf("line %d\nwant %s\n got %s", i+1, w, g))
		}
	}
	return apart
}

// TestAnotherProductOverHTTP plans and opens a case under the pack of another product, with logins that this service has no word
// for: all it takes is the pack's name.
func TestAnotherProductOverHTTP(t *testing.T) {
	pack, err := policy.Shipped("web-saas")
	if err != nil {
		t.Fatal(err)
	}
	s := newServiceOf(t, pack)
	a, err := s.RegisterAccount(t.Context(), &sdk.NewAccount{ExternalID: "dev", Kind: sdk.AccountKindPersonal}, sdk.RegisterAccountParams{IdempotencyKey: sdk.NewKey()})
	s.ok(err)
	var github sdk.BindingID
	for _, provider := range []sdk.Provider{"google", "github"} {
		b, err := s.AddBinding(t.Context(), &sdk.NewBinding{Provider: provider, Subject: "octocat"}, sdk.AddBindingParams{Account: a.ID, IdempotencyKey: sdk.NewKey()})
		s.ok(err)
		github = b.ID
	}
	plan, err := s.PlanUnbinding(t.Context(), &sdk.PlanQuery{Binding: github, Platform: sdk.PlatformWeb}, sdk.PlanUnbindingParams{Account: a.ID})
	s.ok(err)
	if got := words(plan.Decision.Requirement); got != "any(device_unlock all(password totp))" || plan.Decision.Pack != "web-saas@1" || plan.Impact[1].Module != "repositories" {
		t.Errorf("%s asks %s; %+v", plan.Decision.Pack, got, plan.Impact)
	}
	c, err := s.OpenCase(t.Context(), &sdk.NewCase{
		Account: a.ID, Goal: sdk.GoalUnlink, Binding: github, Platform: sdk.PlatformWeb, Reason: sdk.ReasonTheft,
	}, sdk.OpenCaseParams{IdempotencyKey: sdk.NewKey()})
	s.ok(err)
	if c.Decision.Scenario != "takeover" || c.Decision.WaitSeconds != 24*3600 {
		t.Errorf("a theft is %s, waits %d s", c.Decision.Scenario, c.Decision.WaitSeconds)
	}
}

// TestRows_EverySentenceIsThePacks marks every sentence of the pack, and wants the mark in every line, in both languages.
func TestRows_EverySentenceIsThePacks(t *testing.T) {
	src, err := policy.ShippedSource("qq-wechat")
	if err != nil {
		t.Fatal(err)
	}
	marked := regexp.MustCompile(`\b(zh-CN|en): ("?)`).ReplaceAllString(string(src), "$1: $2※")
	pack, err := policy.Load("marked.yaml", []byte(marked))
	if err != nil {
		t.Fatal(err)
	}
	for section, lines := range tellRows(t, pack) {
		for i, line := range lines {
			said := strings.Split(line, " | ")[3:]
			if said[0] != "" && !(strings.Contains(said[0], "※") && strings.Contains(said[1], "※")) {
				t.Errorf("%s line %d is not the pack's: %s", section, i+1, line)
			}
			if said[0] == "" && len(wantRows(t, section)) <= i {
				t.Errorf("%s line %d is not wanted: %s", section, i+1, line)
			}
		}
	}
}

// TestRows_AnAlteredCellIsSeen alters cells that are not sentences, one at a time.
func TestRows_AnAlteredCellIsSeen(t *testing.T) {
	src, err := policy.ShippedSource("qq-wechat")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ section, cell, altered string }{
		{"F", "assurance: low", "assurance: high"},
		{"F", "deep_link: weixin://", "deep_link: wechat://"},
		{"F", "      require: {all_of: [sms_code, face]}\n    comparison", "      require: {all_of: [sms_code, face, payment_pin]}\n    comparison"},
		{"F", "raises: cross_border", "raises: recycled"},
		{"D", "change: kept", "change: changed"},
		{"D", "backup: true\n    title: {zh-CN: 文件传输", "backup: false\n    title: {zh-CN: 文件传输"},
		{"V", "        require: document_review\n", "        require: {all_of: [document_review, face]}\n"},
		{"V", "        refuse: true\n", "        require: {all_of: [admin_approval]}\n"},
		{"V", `when: place == "other"`, `when: place == "other" && platform == "web"`},
		{"V", "    wait: 24h", "    wait: 48h"},
		{"V", "    guard: 72h", "    guard: 48h"},
		{"V", "    takes: 72h", "    takes: 96h"},
		{"I", "module: games\n    change: lost", "module: games\n    change: kept"},
		{"I", `account_kind == "merchant"`, `account_kind != "merchant"`},
		{"R", "level: high\n        why: {zh-CN: 已 root", "level: low\n        why: {zh-CN: 已 root"},
		{"R", "guard: 24h", "guard: 12h"},
		{"A", "security_cost: medium", "security_cost: low"},
		{"A", "order: [wecom, phone, email]", "order: [phone, wecom, email]"},
	} {
		altered := strings.Replace(string(src), c.cell, c.altered, 1)
		pack, err := policy.Load("altered.yaml", []byte(altered))
		switch {
		case altered == string(src):
			t.Errorf("the pack has no %q", c.cell)
		case err != nil:
			t.Errorf("%q: %v", c.altered, err)
		case len(rowsApart(t, tellRows(t, pack), c.section)) == 0:
			t.Errorf("nobody sees %q in section %s", c.altered, c.section)
		}
	}
}

func wantRows(t *testing.T, section string) []string {
	t.Helper()
	table, err := os.ReadFile("testdata/rows/" + section + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(table), "\n"), "\n")
}

// teller asks the service for plans and writes down what they say, a line for each cell.
type teller struct {
	*service
	rows map[string][]string
}

// asked is one account in one situation.
type asked struct {
	account sdk.AccountID
	binding sdk.BindingID
	query   sdk.PlanQuery
}

// tell notes one cell: where it was asked, what it says in words of the machine, and in both languages.
func (l *teller) tell(section, row, where, machine string, text sdk.Text) {
	l.rows[section] = append(l.rows[section], strings.Join([]string{row, where, machine, text.ZH, text.EN}, " | "))
}

func (l *teller) plan(a asked) *sdk.Plan {
	l.t.Helper()
	a.query.Binding = a.binding
	p, err := l.PlanUnbinding(l.t.Context(), &a.query, sdk.PlanUnbindingParams{Account: a.account})
	l.ok(err)
	return p
}

// account registers one that has a QQ login and another way in.
func (l *teller) account(name string, kind sdk.AccountKind, through string) asked {
	l.t.Helper()
	in := &sdk.NewAccount{ExternalID: name, Kind: kind, Region: sdk.NewOptString("CN")}
	if through != "" {
		in.RegisteredThrough = sdk.NewOptProvider(sdk.Provider(through))
	}
	a, err := l.RegisterAccount(l.t.Context(), in, sdk.RegisterAccountParams{IdempotencyKey: sdk.NewKey()})
	l.ok(err)
	out := asked{account: a.ID}
	for _, provider := range []sdk.Provider{"wechat", "qq"} {
		b, err := l.AddBinding(l.t.Context(), &sdk.NewBinding{Provider: provider, Subject: "subject-" + name}, sdk.AddBindingParams{Account: a.ID, IdempotencyKey: sdk.NewKey()})
		l.ok(err)
		out.binding = b.ID
	}
	return out
}

var rowPlatforms = []sdk.Platform{sdk.PlatformAndroid, sdk.PlatformIos, sdk.PlatformWeb}

// tellRows asks for every cell there is.
func tellRows(t *testing.T, pack *policy.Pack) map[string][]string {
	t.Helper()
	l := &teller{newServiceOf(t, pack), map[string][]string{}}
	person, member := l.account("person", sdk.AccountKindPersonal, ""), l.account("member", sdk.AccountKindEnterpriseMember, "")
	merchant, through := l.account("merchant", sdk.AccountKindMerchant, ""), l.account("through", sdk.AccountKindPersonal, "qq")
	for _, on := range rowPlatforms {
		for _, a := range []*asked{&person, &member, &merchant, &through} {
			a.query = sdk.PlanQuery{Platform: on, Reason: sdk.NewOptReason(sdk.ReasonOther)}
		}
		plain := l.plan(person)
		l.flow(on, person, plain)
		l.impact(on, plain, "D", "I")
		l.impact(on, l.plan(through), "D4")
		l.impact(on, l.plan(merchant), "I4")
		l.verification(on, person, member, through)
		for _, r := range plain.Risks {
			l.tell("R", r.Rule, string(on)+" "+r.Title.ZH+"/"+r.Title.EN, string(r.Level), r.Why)
		}
		l.advice(on, plain)
		l.because(on, plain, "R5")
	}
	l.replacements("personal", l.plan(person))
	l.replacements("merchant", l.plan(merchant))
	l.replacements("enterprise_member", l.plan(member))
	return l.rows
}

func (l *teller) flow(on sdk.Platform, a asked, p *sdk.Plan) {
	where := string(on)
	l.tell("F", "F1", where, p.DeepLink.Value, p.Path)
	l.tell("F", "F2", where, words(p.KeyVerification), sdk.Text{})
	l.tell("F", "F3", where, "", p.Afterwards[0])
	l.tell("F", "F4", where, "", p.Afterwards[1])
	l.tell("F", "F4", where+" step", "", p.Steps[len(p.Steps)-1])
	compared := a
	compared.query.Compare = sdk.NewOptBool(true)
	for _, other := range l.plan(compared).Compare {
		l.tell("F", "F5", where+" beside "+string(other.Platform), fmt.Sprintf("%s, %d steps, %s", other.Assurance, other.Steps, words(other.Requirement)), other.Note.Value)
	}
	for _, reason := range []sdk.Reason{sdk.ReasonPrivacy, sdk.ReasonSeparate, sdk.ReasonConflict, sdk.ReasonTheft, sdk.ReasonOrganisation, sdk.ReasonAbroad, sdk.ReasonOther} {
		a.query.Reason = sdk.NewOptReason(reason)
		given := l.plan(a)
		l.tell("F", "F6", where+" "+string(reason), string(given.Decision.Scenario), given.Advice[0].Text)
	}
}

// impact tells the dependents of some rows, or sections.
func (l *teller) impact(on sdk.Platform, p *sdk.Plan, rows ...string) {
	for _, d := range p.Impact {
		if !slices.ContainsFunc(rows, func(r string) bool { return strings.HasPrefix(d.Rule.Value, r) }) {
			continue
		}
		where := fmt.Sprintf("%s %s %s/%s", on, d.Module, d.Title.ZH, d.Title.EN)
		l.tell(d.Rule.Value[:1], d.Rule.Value, where, string(d.Change), d.Detail.Value)
		if d.Remedy.Set {
			l.tell(d.Rule.Value[:1], d.Rule.Value, where+" remedy", fmt.Sprintf("backup %v", d.Backup), d.Remedy.Value)
		}
	}
	if rows[0] == "D" {
		l.tell("I", "I5", string(on), "", p.Afterwards[2])
	}
}

// because tells the sentences of some rules.
func (l *teller) because(on sdk.Platform, p *sdk.Plan, rules ...string) {
	for _, b := range append(slices.Clone(p.Decision.Refusals), p.Decision.Reasons...) {
		if slices.Contains(rules, b.Rule) {
			d := p.Decision
			l.tell(b.Rule[:1], b.Rule, string(on), fmt.Sprintf("waits %d h, guarded %d h", d.WaitSeconds/3600, d.GuardSeconds/3600), b.Text)
		}
	}
}

func (l *teller) advice(on sdk.Platform, p *sdk.Plan) {
	for _, a := range p.Advice {
		if a.Rule == "R4" {
			l.tell("R", a.Rule, string(on), "", a.Text)
		}
	}
}

// verification tells what each scenario adds, what each signal adds, and the ways round.
func (l *teller) verification(on sdk.Platform, person, member, through asked) {
	where := string(on)
	cell := func(row, name string, p *sdk.Plan) {
		said := append(slices.Clone(p.Decision.Refusals), p.Decision.Reasons...)
		i := slices.IndexFunc(said, func(b sdk.Because) bool { return b.Rule == row })
		if i < 0 {
			l.tell("V", row, where+" "+name, "says nothing", sdk.Text{})
			return
		}
		asks := words(p.Decision.Requirement)
		if len(p.Decision.Refusals) > 0 {
			asks = "refused"
		}
		l.tell("V", row, where+" "+name, fmt.Sprintf("%s, waits %d h, guarded %d h", asks, p.Decision.WaitSeconds/3600, p.Decision.GuardSeconds/3600), said[i].Text)
	}
	cell("V1", "routine", l.plan(person))
	for _, s := range []struct {
		row  string
		name sdk.Scenario
	}{{"V2", "abnormal"}, {"V3", "enterprise"}, {"P1", "stolen"}, {"P3", "cross_border"}, {"A4", "recycled"}} {
		a := person
		a.query.Scenario = sdk.NewOptScenario(s.name)
		cell(s.row, string(s.name), l.plan(a))
	}
	cell("V3", "member", l.plan(member))
	cell("D4", "registered through QQ", l.plan(through))
	for _, s := range []struct{ row, name, level string }{
		{"V5", "place", "other"},
		{"R2", "integrity", "rooted"},
		{"A1", "sim", "swapped"},
		{"A4", "holder", "changed"},
		{"A4-recent", "number_age", "recent"},
		{"V4", "factor_change", "recent"},
		{"P1", "provider_risk", "reported"},
		{"P1-guard", "provider_risk", "reported"},
		{"V2", "travel", "impossible"},
		{"V3", "managed", "true"},
	} {
		a := person
		a.query.Signals = sdk.NewOptPlanQuerySignals(sdk.PlanQuerySignals{s.name: s.level})
		cell(s.row, s.name+"="+s.level, l.plan(a))
	}
	for _, d := range l.plan(person).Decision.Detours {
		l.tell("V", d.Rule, where, fmt.Sprintf("%v by %s within %d h", d.For, words(d.Require), d.TakesSeconds/3600), d.Text)
	}
	for _, f := range l.plan(person).Factors {
		l.tell("V", "V8", where+" "+string(f.Factor)+" "+f.Title.ZH+"/"+f.Title.EN, "not set up", f.Hint.Value)
	}
}

func (l *teller) replacements(kind string, p *sdk.Plan) {
	for i, r := range p.Replacements {
		where := fmt.Sprintf("%s %d. %s %s/%s", kind, i+1, r.Provider, r.Title.ZH, r.Title.EN)
		l.tell("A", r.Rule, where, fmt.Sprintf("effort %s, security cost %s, completeness %s, has it %v", r.Effort, r.SecurityCost, r.Completeness, r.Have), r.Note.Value)
	}
}

// words writes a requirement down.
func words(r sdk.Requirement) string {
	list := func(rs []sdk.Requirement) string {
		var out []string
		for _, one := range rs {
			out = append(out, words(one))
		}
		return "(" + strings.Join(out, " ") + ")"
	}
	switch {
	case r.AllOf != nil:
		return "all" + list(r.AllOf)
	case r.AnyOf != nil:
		return "any" + list(r.AnyOf)
	}
	return string(r.Factor.Value)
}
