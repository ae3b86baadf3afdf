package policy_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

// prove returns the proof of one claim.
func prove(t *testing.T, p *policy.Pack, claim string) policy.Proof {
	t.Helper()
	for _, c := range p.Claims() {
		if c.Name == claim {
			return c.Prove()
		}
	}
	t.Fatalf("there is no claim %s", claim)
	return policy.Proof{}
}

// shippedAllHold proves one claim of every pack that is built in.
func shippedAllHold(t *testing.T, claim string) {
	t.Helper()
	for _, name := range policy.ShippedNames() {
		p, err := policy.Shipped(name)
		if err != nil {
			t.Fatal(err)
		}
		if proof := prove(t, p, claim); !proof.Holds {
			t.Errorf("%s: %s: %+v", name, proof.Says, proof.Counter)
		}
	}
}

func TestV4_RiskierNeverAsksForLess(t *testing.T) { shippedAllHold(t, "monotone") }

func TestV6_TheMemberAloneNeverCompletesIt(t *testing.T) { shippedAllHold(t, "losses") }

func TestV8_EveryCellIsReachable(t *testing.T) {
	for _, claim := range []string{"complete", "reachable", "elsewhere", "detours"} {
		shippedAllHold(t, claim)
	}
}

// TestV8_TheDetourIsNamedAndTimed has each platform's routine cell and the hardest scenario offer a way round what is lacking.
func TestV8_TheDetourIsNamedAndTimed(t *testing.T) {
	p := qqWechat(t)
	s := unlinkQQ(jieling.Android)
	routine := p.Decide(facts(t, p, s))
	equal(t, "routine", routine.Detours, []jieling.Detour{{
		Rule: "V8", For: []jieling.Factor{jieling.PaymentPIN}, Require: need("document_review"), Takes: 72 * 3600e9, Text: jieling.Text{
			ZH: "没有设置，或已经丢失？可以改由工作人员审核身份证件，最长需要 3 天。",
			EN: "Not set up, or lost? An identity document, reviewed by staff, will do instead. It takes up to 3 days.",
		},
	}})
	only := func(fs ...jieling.Factor) func(jieling.Factor) bool {
		return func(f jieling.Factor) bool { return slices.Contains(fs, f) }
	}
	if !routine.Met(only("document_review")) || !routine.Asks("document_review") || routine.Met(only("email_code")) {
		t.Errorf("the review does not stand in: %+v", routine)
	}
	s.Reason = jieling.ReasonTheft
	stolen := p.Decide(facts(t, p, s))
	if stolen.Met(only("document_review")) || !stolen.Met(only("document_review", "video_interview")) {
		t.Errorf("a review that is asked for anyway stands in besides, or the interview does not: %+v", stolen.Detours)
	}
	s.Platform, s.Scenario = jieling.Web, jieling.Enterprise
	if d := p.Decide(facts(t, p, s)); d.Detours != nil {
		t.Errorf("a refusal has a way round: %+v", d.Detours)
	}
}

// TestV4_TheCounterExampleIsSmall has a pack that forgets public networks, and looks at what is shown.
func TestV4_TheCounterExampleIsSmall(t *testing.T) {
	src := strings.Replace(shippedSource(t), `device == "new" && network == "public"`, `device == "new" && network == "unknown"`, 1)
	p, err := policy.Load("weak.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	proof := prove(t, p, "monotone")
	if proof.Holds {
		t.Fatal("it holds")
	}
	equal(t, "what", proof.Counter.What.Text().EN, "network=public is riskier than network=unknown, and less is asked")
	equal(t, "calmer", proof.Counter.Sides[0].Facts, []string{"platform=android", "network=unknown", "device=new"})
	equal(t, "riskier", proof.Counter.Sides[1].Facts, []string{"platform=android", "network=public", "device=new"})
	equal(t, "calmer asks", proof.Counter.Sides[0].Decision.Requirement, jieling.AllOf(need(jieling.PaymentPIN), need("document_review")))
	equal(t, "riskier asks", proof.Counter.Sides[1].Decision.Requirement, need(jieling.PaymentPIN))
}

// TestRemarks_NameWhatLooksLikeASlip edits a pack into slips that are no mistakes.
func TestRemarks_NameWhatLooksLikeASlip(t *testing.T) {
	for _, name := range policy.ShippedNames() {
		p, err := policy.Shipped(name)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, name, p.Remarks(), nil)
	}
	src := shippedSource(t)
	for _, c := range []struct{ line, with, what string }{
		{"  goal: ", "  weather: {values: [sun, rain]}\n  goal: ", "no condition looks at weather"},
		{`when: integrity == "rooted"`, `when: integrity == "rooted" && place == "other"`, "R2 changes no decision"},
		{"require: {all_of: [device_lock, face]}", "require: face", "nobody is asked for device_lock"},
		{"    cells:\n      android:\n        require: document_review", "    cells:\n      android:\n        require: payment_pin", "V2 changes no decision on android"},
	} {
		edited := strings.Replace(src, c.line, c.with, 1)
		if edited == src {
			t.Fatalf("nothing to edit: %q", c.line)
		}
		p, err := policy.Load("slip.yaml", []byte(edited))
		if err != nil {
			t.Fatal(err)
		}
		var what []string
		for _, r := range p.Remarks() {
			what = append(what, r.Text().EN)
		}
		if !slices.Equal(what, []string{c.what}) {
			t.Errorf("%q: %q, want %q", c.with, what, c.what)
		}
	}
}

func shippedSource(t testing.TB) string {
	t.Helper()
	src, err := os.ReadFile("pack/qq-wechat.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// weakenings are edits of one line that make the shipped pack ask for less somewhere, or lead somebody into a dead end, and
// who finds out: check (the pack is refused) or a claim of prove.
var weakenings = []struct{ caught, line, with string }{
	// What is not known counts as safe.
	{"check", "network: {values: [known, unknown, public], rising: true, unset: unknown", "network: {values: [known, unknown, public], rising: true, unset: known"},
	{"check", "device: {values: [trusted, known, new], rising: true, unset: new", "device: {values: [trusted, known, new], rising: true, unset: trusted"},
	{"check", "other], rising: true, unset: unknown", "other], rising: true, unset: usual"},
	{"check", "impossible], rising: true, unset: unknown", "impossible], rising: true, unset: possible"},
	{"check", "rooted], rising: true, unset: unattested", "rooted], rising: true, unset: attested"},
	{"check", "recent], rising: true, unset: unknown}\n  sim", "recent], rising: true, unset: old}\n  sim"},
	{"check", "swapped], rising: true, unset: unknown", "swapped], rising: true, unset: same"},
	{"check", "changed], rising: true, unset: unknown", "changed], rising: true, unset: same"},
	{"check", "recent], rising: true, unset: unknown}\n  provider_risk", "recent], rising: true, unset: none}\n  provider_risk"},
	{"check", "reported], rising: true, unset: unknown", "reported], rising: true, unset: none"},
	{"check", `"true"], rising: true, unset: unknown`, `"true"], rising: true, unset: "false"`},
	{"check", "abroad], rising: true, otherwise: abroad, unset: unknown", "abroad], rising: true, otherwise: abroad, unset: CN"},
	// The order of risk is lost, or turned.
	{"check", "public], rising: true, ", "public], "},
	{"check", "other], rising: true, ", "other], "},
	{"check", "impossible], rising: true, ", "impossible], "},
	{"check", "swapped], rising: true, ", "swapped], "},
	{"check", "[usual, unknown, other]", "[usual, other, unknown]"},
	{"check", "[trusted, known, new]", "[new, known, trusted]"},
	{"check", "[same, unknown, swapped]", "[same, swapped]"},
	// A rule looks at a calmer level than it means.
	{"monotone", `place == "other"`, `place == "unknown"`},
	{"monotone", `travel == "impossible"`, `travel == "unknown"`},
	{"monotone", `device == "new" && network`, `device == "known" && network`},
	{"monotone", `network == "public"`, `network == "unknown"`},
	{"monotone", `integrity == "rooted"`, `integrity == "unattested"`},
	{"monotone", `sim == "swapped"`, `sim == "unknown"`},
	{"monotone", `number_age == "recent"`, `number_age == "unknown"`},
	{"monotone", `factor_change == "recent"`, `factor_change == "unknown"`},
	{"monotone", `    when: provider_risk == "reported"`, `    when: provider_risk == "unknown"`},
	{"monotone", `(reason == "theft" || provider_risk == "reported")`, `(reason == "theft" || provider_risk == "unknown")`},
	{"monotone", `holder == "changed"`, `holder == "unknown"`},
	{"monotone", `region == "abroad"`, `region == "unknown"`},
	{"losses", "provider == \"wecom\" || managed == \"true\"\n    cells", "provider == \"wecom\" || managed == \"unknown\"\n    cells"},
	// A rule lets go just where it gets riskier.
	{"monotone", `when: place == "other"`, `when: place == "other" && network != "public"`},
	{"monotone", `when: integrity == "rooted"`, `when: integrity == "rooted" && device != "new"`},
	{"monotone", `when: sim == "swapped"`, `when: sim == "swapped" && travel != "impossible"`},
	{"monotone", `when: factor_change == "recent"`, `when: factor_change == "recent" && reason == "other"`},
	{"monotone", `when: number_age == "recent"`, `when: number_age == "recent" && declared == "routine"`},
	{"monotone", "when: goal != \"link\"\n    guard: 24h", "when: goal != \"link\" && network != \"public\"\n    guard: 24h"},
	{"monotone", "when: goal != \"link\"\n    backup", "when: goal != \"link\" && !registered_through\n    backup"},
	{"monotone", "when: registered_through && goal != \"link\"\n    replacement", "when: '!registered_through && goal != \"link\"'\n    replacement"},
	{"monotone", `when: last_way_in && goal != "link"`, `when: '!last_way_in && goal != "link"'`},
	{"monotone", `|| managed == "true"` + "\n    cells", `|| (managed == "true" && declared != "abnormal")` + "\n    cells"},
	// A requirement falls to one loss.
	{"losses", "    demands: {any_of: [device_unlock, payment_pin]}", "    demands: sms_code"},
	{"losses", "    demands: {any_of: [device_unlock, payment_pin]}", "    demands: {any_of: [device_unlock, payment_pin, email_code]}"},
	{"losses", "require: {all_of: [sms_code, qr_approval]}", "require: {any_of: [sms_code, qr_approval]}"},
	{"losses", "require: {all_of: [sms_code, qr_approval]}", "require: sms_code"},
	{"losses", "            - all_of: [sms_code, face]", "            - all_of: [sms_code]"},
	{"losses", "require: {all_of: [admin_approval, enterprise_certification]}", "require: document_review"},
	{"losses", "require: {all_of: [enterprise_certificate, mdm]}", "require: {any_of: [enterprise_certificate, face]}"},
	{"losses", "        refuse: true", "        require: {all_of: [face, email_code]}"},
	// The product's own check no longer meets the cell, or the cell it.
	{"check", "      android:\n        require: payment_pin", "      android:\n        require: sms_code"},
	{"check", "      require: {all_of: [qr_approval, sms_code]}", "      require: sms_code"},
	{"check", "      require: {all_of: [sms_code, face]}", "      require: sms_code"},
	// A way round is too easy, or is none.
	{"check", "    require: {all_of: [document_review, video_interview]}", "    require: video_interview"},
	{"check", "    require: document_review\n    text", "    require: email_code\n    text"},
	{"check", "    by: staff\n    takes: 120h", "    by: person\n    takes: 120h"},
	{"check", "    takes: 72h\n    title: {zh-CN: 身份证件", "    # takes: 72h\n    title: {zh-CN: 身份证件"},
	{"check", "最长需要 {takes}。\n      en: Not set up, or lost? An identity", "最长需要三天。\n      en: Not set up, or lost? An identity"},
	{"check", "qr_approval, email_code]\n    require: {all_of: [document_review, video", "qr_approval]\n    require: {all_of: [document_review, video"},
}

func TestV4_V8_EveryWeakeningIsCaught(t *testing.T) {
	src := squeeze(shippedSource(t))
	if _, err := policy.Load("squeezed.yaml", []byte(src)); err != nil {
		t.Fatal(err)
	}
	if len(weakenings) < 40 {
		t.Errorf("%d edits", len(weakenings))
	}
	for _, w := range weakenings {
		edited := strings.Replace(src, w.line, w.with, 1)
		if n := changed(src, edited); n != 1 {
			t.Errorf("%q changes %d lines", w.with, n)
			continue
		}
		if by := caughtBy(t, edited); !slices.Contains(by, w.caught) {
			t.Errorf("%q instead of %q is caught by %v, want %s", w.with, w.line, by, w.caught)
		}
	}
}

// squeeze takes the columns out of the facts, so that an edit can be written without counting spaces.
func squeeze(src string) string {
	lines := strings.Split(src, "\n")
	for i, line := range lines {
		if name, rest, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(strings.TrimSpace(rest), "{values:") {
			lines[i] = name + ": " + strings.TrimSpace(rest)
		}
	}
	return strings.Join(lines, "\n")
}

func changed(a, b string) (n int) {
	before, after := strings.Split(a, "\n"), strings.Split(b, "\n")
	if len(before) != len(after) {
		return -1
	}
	for i := range before {
		if before[i] != after[i] {
			n++
		}
	}
	return n
}

func caughtBy(t *testing.T, src string) (by []string) {
	t.Helper()
	p, err := policy.Load("edited.yaml", []byte(src))
	var broken *policy.LoadError
	if errors.As(err, &broken) {
		return []string{"check"}
	}
	for _, c := range p.Claims() {
		if !c.Prove().Holds {
			by = append(by, c.Name)
		}
	}
	return by
}
