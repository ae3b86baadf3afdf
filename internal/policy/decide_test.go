package policy_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

// byHand is the shipped pack written as Go, without texts: what the tables are compared with, and how fast they could be. The
// parts of its requirement stand in the caller's scratch.
func byHand(s *policy.Situation, scratch *[16]jieling.Requirement) (d jieling.Decision) {
	theft := s.Reason == jieling.ReasonTheft
	abnormal := s.Scenario == jieling.Abnormal || theft || s.Signals["travel"] == "impossible" || (s.Device == "new" || s.Device == "") && s.Network == "public"
	enterprise := s.Scenario == jieling.Enterprise || s.Reason == jieling.ReasonOrganisation ||
		s.Kind == jieling.EnterpriseMember || s.Provider == jieling.WeCom || s.Signals["managed"] == "true"
	reported := theft || s.Signals["provider_risk"] == "reported"
	stolen := s.Scenario == jieling.Stolen || reported
	abroad := s.Scenario == jieling.CrossBorder || s.Reason == jieling.ReasonAbroad || s.Region != "CN" && s.Region != ""
	recycled := s.Scenario == jieling.Recycled || s.Signals["holder"] == "changed"

	asks := parts{to: scratch}
	d.Scenario = jieling.Routine
	asks.add(routine[s.Platform]...)
	if abnormal {
		d.Scenario = jieling.Abnormal
		asks.add(abnormally[s.Platform]...)
	}
	if enterprise {
		d.Scenario = jieling.Enterprise
		asks.add(organised[s.Platform]...)
		if s.Platform == jieling.Web {
			d.Refusals = refusedOnWeb
		}
	}
	if stolen {
		d.Scenario = jieling.Stolen
		asks.add(face)
	}
	if abroad {
		d.Scenario = jieling.CrossBorder
		asks.add(face)
	}
	if recycled {
		d.Scenario = jieling.Recycled
		asks.add(document, face)
	}
	lately := s.Signals["sim"] == "swapped" || s.Signals["factor_change"] == "recent"
	if lately {
		d.Wait = 24 * time.Hour
	}
	if lately || s.Signals["place"] == "other" || s.Signals["integrity"] == "rooted" || s.Signals["number_age"] == "recent" {
		asks.add(face)
	}
	if s.Goal != jieling.Link {
		d.Replacement, d.NeedPhone = s.RegisteredThrough || s.LastWayIn, s.RegisteredThrough
		d.Backup, d.Guard = true, 24*time.Hour
		if reported {
			d.Guard = 72 * time.Hour
		}
	}
	d.Requirement = asks.joined()
	return d
}

// parts are the parts of a requirement, each once.
type parts struct {
	to *[16]jieling.Requirement
	n  int
}

func (p *parts) add(rs ...jieling.Requirement) {
	for _, r := range rs {
		if r.Factor != "" && slices.ContainsFunc(p.to[:p.n], func(o jieling.Requirement) bool { return o.Factor == r.Factor }) {
			continue
		}
		p.to[p.n] = r
		p.n++
	}
}

func (p *parts) joined() jieling.Requirement {
	if p.n == 1 {
		return p.to[0]
	}
	return jieling.Requirement{All: p.to[:p.n]}
}

var (
	refusedOnWeb   = []jieling.Because{{Rule: "V3"}}
	face, document = need(jieling.Face), need("document_review")
	ios            = jieling.AnyOf(
		jieling.AllOf(jieling.AnyOf(need(jieling.Face), need(jieling.DeviceUnlock)), need(jieling.PaymentPIN)),
		jieling.AllOf(need(jieling.SMSCode), need(jieling.Face)))
	routine = map[jieling.Platform][]jieling.Requirement{
		jieling.Android: {need(jieling.PaymentPIN)}, jieling.IOS: {ios}, jieling.Web: {need(jieling.SMSCode), need(jieling.QRApproval)},
	}
	abnormally = map[jieling.Platform][]jieling.Requirement{
		jieling.Android: {document}, jieling.IOS: {need("device_lock"), face}, jieling.Web: {need("account_freeze"), need("email_code")},
	}
	organised = map[jieling.Platform][]jieling.Requirement{
		jieling.Android: {need("admin_approval"), need("enterprise_certification")}, jieling.IOS: {need("enterprise_certificate"), need("mdm")},
	}
)

func same(a, b jieling.Requirement) bool {
	return a.Factor == b.Factor && slices.EqualFunc(a.All, b.All, same) && slices.EqualFunc(a.Any, b.Any, same)
}

// everySituation walks what a person brings along, 62,208 situations. What the service measures besides
// goes round beside it, in steps that have no period in common, so that every level meets every other.
func everySituation(visit func(*policy.Situation)) {
	s := &policy.Situation{Signals: map[string]string{}}
	round := 0
	turn := func(s *policy.Situation) {
		round++
		for i, signal := range policy.Signals {
			if level := (round / (3*i + 1)) % (2*i + 5); level < len(signal.Levels) {
				s.Signals[signal.Name] = signal.Levels[level]
			} else {
				delete(s.Signals, signal.Name)
			}
		}
		visit(s)
	}
	for _, s.Platform = range jieling.Platforms {
		for _, s.Scenario = range jieling.Scenarios {
			for _, s.Reason = range []jieling.Reason{jieling.ReasonPrivacy, jieling.ReasonTheft, jieling.ReasonOrganisation, jieling.ReasonAbroad} {
				for _, s.Goal = range []jieling.Goal{jieling.Unlink, jieling.Link} {
					for _, s.Provider = range []jieling.Provider{jieling.QQ, jieling.WeCom, "github"} {
						for _, s.Kind = range []jieling.AccountKind{jieling.Personal, jieling.EnterpriseMember} {
							everySignal(s, turn)
						}
					}
				}
			}
		}
	}
}

func everySignal(s *policy.Situation, visit func(*policy.Situation)) {
	for i := range 2 * 2 * 2 * 3 * 3 {
		s.RegisteredThrough, s.LastWayIn = i&1 == 1, i&2 == 2
		s.Region = []string{"CN", "DE"}[i>>2&1]
		s.Network, s.Device = []string{"known", "unknown", "public"}[i>>3%3], []string{"trusted", "known", "new"}[i>>3/3%3]
		visit(s)
	}
}

// TestDecide_IsTotal asks about every situation there is: each has a decision or an explicit refusal, and it is the one
// written by hand.
func TestDecide_IsTotal(t *testing.T) {
	p := qqWechat(t)
	situations, scratch := 0, [16]jieling.Requirement{}
	everySituation(func(s *policy.Situation) {
		situations++
		f, err := p.Facts(*s)
		if err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
		got, want := p.Decide(f), byHand(s, &scratch)
		if got.Scenario != want.Scenario || got.Replacement != want.Replacement || got.NeedPhone != want.NeedPhone || got.Backup != want.Backup ||
			got.Wait != want.Wait || got.Guard != want.Guard || len(got.Refusals) != len(want.Refusals) || !same(got.Requirement, want.Requirement) {
			t.Fatalf("%+v:\n got %+v\nwant %+v", s, got, want)
		}
		if got.Requirement.Zero() || len(got.Reasons) == 0 {
			t.Fatalf("%+v: nothing is asked: %+v", s, got)
		}
	})
	if situations != 62_208 {
		t.Errorf("%d situations", situations)
	}
}

func TestFacts_FailClosed(t *testing.T) {
	p := qqWechat(t)
	for _, c := range []struct {
		name  string
		field string // of the error; empty: none
		set   func(*policy.Situation)
	}{
		{"as it is", "", func(*policy.Situation) {}},
		{"no platform", "platform", func(s *policy.Situation) { s.Platform = "" }},
		{"unknown platform", "platform", func(s *policy.Situation) { s.Platform = "desktop" }},
		{"unknown scenario", "scenario", func(s *policy.Situation) { s.Scenario = "calm" }},
		{"unknown reason", "reason", func(s *policy.Situation) { s.Reason = "boredom" }},
		{"no goal", "goal", func(s *policy.Situation) { s.Goal = "" }},
		{"unknown kind", "account_kind", func(s *policy.Situation) { s.Kind = "robot" }},
		{"no kind", "account_kind", func(s *policy.Situation) { s.Kind = "" }},
		{"no provider", "provider", func(s *policy.Situation) { s.Provider = "" }},
		{"unknown network", "network", func(s *policy.Situation) { s.Network = "safe" }},
		{"unknown device", "device", func(s *policy.Situation) { s.Device = "mine" }},
		{"another provider", "", func(s *policy.Situation) { s.Provider = "github" }},
		{"another region", "", func(s *policy.Situation) { s.Region = "NZ" }},
		{"nothing known of the surroundings", "", func(s *policy.Situation) { s.Network, s.Device, s.Reason, s.Scenario = "", "", "", "" }},
		{"a signal the pack does not look at", "", func(s *policy.Situation) { s.Signals = map[string]string{"moon": "full"} }},
	} {
		s := unlinkQQ(jieling.Android)
		c.set(&s)
		_, err := p.Facts(s)
		var e *jieling.Error
		switch {
		case c.field == "" && err != nil, c.field != "" && !errors.As(err, &e):
			t.Errorf("%s: %v", c.name, err)
		case e != nil && (e.Code != jieling.CodeInvalid || e.Fields[0].Field != c.field):
			t.Errorf("%s: %v, want field %s", c.name, err, c.field)
		}
	}
}

// TestDecide_RefusesForeignFacts keeps facts of one pack from being read as another's.
func TestDecide_RefusesForeignFacts(t *testing.T) {
	p := qqWechat(t)
	other := facts(t, qqWechat(t), unlinkQQ(jieling.Android))
	for _, f := range []policy.Facts{{}, other} {
		d := p.Decide(f)
		if d.Allowed() || d.Requirement.Met(func(jieling.Factor) bool { return true }) {
			t.Errorf("foreign facts pass: %+v", d)
		}
		if p.Explain(f) != nil || p.Compare(f) != nil || len(p.Sheet(f).Steps) > 0 {
			t.Error("foreign facts are explained")
		}
	}
}

// TestExplain_AgreesWithTheDecision draws situations and holds the rules said to apply against the decision's reasons.
func TestExplain_AgreesWithTheDecision(t *testing.T) {
	p := qqWechat(t)
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		f, err := p.Facts(s)
		if err != nil {
			t.Fatal(err)
		}
		d := p.Decide(f)
		var want, got []string
		for _, b := range append(slices.Clone(d.Reasons), d.Refusals...) {
			want = append(want, b.Rule)
		}
		for _, e := range p.Explain(f) {
			if e.Holds {
				got = append(got, e.Rule)
			}
			if e.Text.Empty() || (e.When != "" && len(e.Facts) == 0) {
				t.Fatalf("nothing is explained: %+v", e)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Fatalf("explained %v, decided %v", got, want)
		}
	})
}

func TestExplain_NamesWhatItLookedAt(t *testing.T) {
	p := qqWechat(t)
	s := unlinkQQ(jieling.Web)
	s.Reason = jieling.ReasonTheft
	for _, e := range p.Explain(facts(t, p, s)) {
		if e.Rule == "V2" {
			equal(t, "when", e.When, `declared == "abnormal" || reason == "theft" || travel == "impossible" || (device == "new" && network == "public")`)
			equal(t, "facts", e.Facts, []string{"platform=web", "declared=routine", "reason=theft", "network=known", "device=trusted", "travel=unknown"})
			if !e.Holds {
				t.Error("theft does not hold")
			}
			return
		}
	}
	t.Error("V2 is not explained")
}

func drawSituation(t *rapid.T) policy.Situation {
	return policy.Situation{
		Platform: rapid.SampledFrom(jieling.Platforms[:]).Draw(t, "platform"),
		Scenario: rapid.SampledFrom([]jieling.Scenario{"", jieling.Routine, jieling.Abnormal, jieling.Enterprise}).Draw(t, "scenario"),
		Reason:   rapid.SampledFrom(jieling.Reasons[:]).Draw(t, "reason"),
		Goal:     rapid.SampledFrom([]jieling.Goal{jieling.Unlink, jieling.Link, jieling.Replace, jieling.Migrate}).Draw(t, "goal"),
		Provider: rapid.SampledFrom([]jieling.Provider{jieling.QQ, jieling.WeCom, jieling.Phone, "github"}).Draw(t, "provider"),
		Kind:     rapid.SampledFrom([]jieling.AccountKind{jieling.Personal, jieling.Merchant, jieling.EnterpriseMember}).Draw(t, "kind"),
		Network:  rapid.SampledFrom([]string{"", "known", "unknown", "public"}).Draw(t, "network"),

		RegisteredThrough: rapid.Bool().Draw(t, "registered"), LastWayIn: rapid.Bool().Draw(t, "last"),
	}
}

// FuzzFacts gives any situation: an error or facts that are decided, and never a panic.
func FuzzFacts(f *testing.F) {
	f.Add("android", "", "theft", "unlink", "qq", "personal", "CN", "public", "new", true)
	p := qqWechat(f)
	f.Fuzz(func(t *testing.T, platform, scenario, reason, goal, provider, kind, region, network, device string, flag bool) {
		facts, err := p.Facts(policy.Situation{
			Platform: jieling.Platform(platform), Scenario: jieling.Scenario(scenario), Reason: jieling.Reason(reason), Goal: jieling.Goal(goal),
			Provider: jieling.Provider(provider), Kind: jieling.AccountKind(kind), Region: region, Network: network, Device: device,
			RegisteredThrough: flag, LastWayIn: !flag,
		})
		if d := p.Decide(facts); (err != nil) == d.Allowed() && !(err == nil && len(d.Refusals) > 0) {
			t.Fatalf("error %v, decision %+v", err, d)
		}
	})
}

func drawRequirement(depth int) *rapid.Generator[jieling.Requirement] {
	return rapid.Custom(func(t *rapid.T) jieling.Requirement {
		if depth == 0 || rapid.Bool().Draw(t, "leaf") {
			return need(rapid.SampledFrom([]jieling.Factor{"a", "b", "c", "d", "e"}).Draw(t, "factor"))
		}
		parts := rapid.SliceOfN(drawRequirement(depth-1), 0, 3).Draw(t, "parts")
		if parts == nil {
			parts = []jieling.Requirement{}
		}
		if rapid.Bool().Draw(t, "all") {
			return jieling.AllOf(parts...)
		}
		return jieling.Requirement{Any: parts}
	})
}

func TestStronger(t *testing.T) {
	a, b, c := need("a"), need("b"), need("c")
	for _, row := range []struct {
		name string
		x, y jieling.Requirement
		want bool
	}{
		{"itself", a, a, true},
		{"more factors", jieling.AllOf(a, b), a, true},
		{"fewer factors", a, jieling.AllOf(a, b), false},
		{"fewer choices", a, jieling.AnyOf(a, b), true},
		{"more choices", jieling.AnyOf(a, b), a, false},
		{"anything over nothing", a, jieling.Requirement{}, true},
		{"nothing over anything", jieling.Requirement{}, a, false},
		{"never met over anything", jieling.Requirement{Any: []jieling.Requirement{}}, a, true},
		{"others", a, b, false},
		{"distributed", jieling.AllOf(a, jieling.AnyOf(b, c)), jieling.AnyOf(jieling.AllOf(a, b), jieling.AllOf(a, c)), true},
		{"distributed back", jieling.AnyOf(jieling.AllOf(a, b), jieling.AllOf(a, c)), jieling.AllOf(a, jieling.AnyOf(b, c)), true},
	} {
		if got := policy.Stronger(row.x, row.y); got != row.want {
			t.Errorf("%s: %v", row.name, got)
		}
	}
}

func TestStronger_TooManyFactorsClaimNothing(t *testing.T) {
	var parts []jieling.Requirement
	for i := range 33 {
		parts = append(parts, need(jieling.Factor(rune('a'+i))))
	}
	if r := jieling.AllOf(parts...); policy.Stronger(r, r) {
		t.Error("claimed without looking")
	}
}

// TestStronger_IsImplication compares with one requirement met by drawn sets, and holds the laws of an order.
func TestStronger_IsImplication(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y, z := drawRequirement(3).Draw(t, "x"), drawRequirement(3).Draw(t, "y"), drawRequirement(2).Draw(t, "z")
		implied := true
		for set := range 32 {
			has := func(f jieling.Factor) bool { return set>>(f[0]-'a')&1 == 1 }
			implied = implied && (!x.Met(has) || y.Met(has))
		}
		if policy.Stronger(x, y) != implied {
			t.Fatalf("Stronger says %v", !implied)
		}
		if !policy.Stronger(x, x) || !policy.Stronger(jieling.AllOf(x, y), x) || !policy.Stronger(x, jieling.AnyOf(x, y)) {
			t.Fatal("adding weakens, or choosing strengthens")
		}
		if policy.Stronger(x, y) && policy.Stronger(y, z) && !policy.Stronger(x, z) {
			t.Fatal("not transitive")
		}
	})
}

func TestDecide_AllocatesNothing(t *testing.T) {
	p, s := qqWechat(t), unlinkQQ(jieling.IOS)
	f := facts(t, p, s)
	var d jieling.Decision
	if n := testing.AllocsPerRun(100, func() { d = p.Decide(f) }); n != 0 || d.Pack == "" {
		t.Errorf("Decide allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() { f, _ = p.Facts(s) }); n != 0 {
		t.Errorf("Facts allocates %v times", n)
	}
}
