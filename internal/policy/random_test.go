package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

// A random pack is small enough to be asked about every situation there is, and written twice: as YAML for the service, and
// as Go values for the oracle, which knows nothing of tables.
type randomPack struct {
	factors   []randomFactor
	cells     [2][2]randomThen // by scenario and platform
	when      *randomCondition // of the second scenario
	rules     []randomRule
	losses    []randomLoss
	round     []string // the factors that the porter does instead of
	reasonFor bool     // the first reason raises the second scenario
}

type randomFactor struct {
	name, by string
	demands  string // another factor; empty: none
}

type randomThen struct {
	require jieling.Requirement
	wait    time.Duration
	refuse  bool
}

type randomRule struct {
	when *randomCondition // nil: always
	then randomThen
}

type randomLoss struct {
	when  *randomCondition
	hands []string
}

// randomSituation has a value for each of the facts platform, declared, reason, a, b and c.
type randomSituation [6]int

var randomFacts = [6]struct {
	name   string
	values []string
	rising bool
}{
	{"platform", []string{"kiosk", "desk"}, false},
	{"declared", []string{"calm", "alarm"}, false},
	{"reason", []string{"lost", "other"}, false},
	{"a", []string{"a0", "a1", "a2"}, true},
	{"b", []string{"b0", "b1"}, true},
	{"c", []string{"c0", "c1"}, false},
}

// randomCondition is a comparison, or two joined.
type randomCondition struct {
	fact, value int
	op          string // ==, !=, >=
	join        string // empty, &&, ||
	other       *randomCondition
}

func (c *randomCondition) holds(s randomSituation) bool {
	if c == nil {
		return true
	}
	own := s[c.fact] == c.value
	switch c.op {
	case "!=":
		own = !own
	case ">=":
		own = s[c.fact] >= c.value
	}
	switch c.join {
	case "&&":
		return own && c.other.holds(s)
	case "||":
		return own || c.other.holds(s)
	}
	return own
}

func (c *randomCondition) String() string {
	f := randomFacts[c.fact]
	text := fmt.Sprintf("%s %s %q", f.name, c.op, f.values[c.value])
	if c.join != "" {
		text += " " + c.join + " (" + c.other.String() + ")"
	}
	return text
}

func drawCondition(t *rapid.T, depth int) *randomCondition {
	c := &randomCondition{fact: rapid.IntRange(2, 5).Draw(t, "fact")}
	f := randomFacts[c.fact]
	c.value = rapid.IntRange(0, len(f.values)-1).Draw(t, "value")
	ops := []string{"==", "!="}
	if f.rising && c.value > 0 {
		ops = []string{"==", ">=", ">=", ">="}
	}
	c.op = rapid.SampledFrom(ops).Draw(t, "op")
	if depth > 0 {
		if c.join = rapid.SampledFrom([]string{"", "&&", "||"}).Draw(t, "join"); c.join != "" {
			c.other = drawCondition(t, depth-1)
		}
	}
	return c
}

func maybe(t *rapid.T, label string) bool { return rapid.IntRange(0, 2).Draw(t, label) == 0 }

func drawThen(t *rapid.T, names []string) (then randomThen) {
	if rapid.IntRange(0, 5).Draw(t, "refuse") == 0 {
		return randomThen{refuse: true}
	}
	one := rapid.Custom(func(t *rapid.T) jieling.Requirement {
		a, b := need(jieling.Factor(rapid.SampledFrom(names).Draw(t, "a"))), need(jieling.Factor(rapid.SampledFrom(names).Draw(t, "b")))
		return rapid.SampledFrom([]jieling.Requirement{a, jieling.AllOf(a, b), jieling.AnyOf(a, b)}).Draw(t, "shape")
	})
	then.require = one.Draw(t, "require")
	then.wait = time.Duration(rapid.IntRange(0, 2).Draw(t, "wait")) * time.Hour
	return then
}

func drawPack(t *rapid.T) (p randomPack) {
	names := []string{"f0", "f1", "f2", "f3"}
	for i, n := range names {
		f := randomFactor{name: n, by: rapid.SampledFrom([]string{"person", "person", "anyone", "staff"}).Draw(t, "by")}
		if maybe(t, "demands") {
			f.demands = names[(i+1)%len(names)]
		}
		p.factors = append(p.factors, f)
	}
	for i := range p.cells {
		for j := range p.cells[i] {
			p.cells[i][j] = drawThen(t, names)
		}
	}
	if maybe(t, "raises") {
		p.reasonFor = true
	}
	if maybe(t, "when") {
		p.when = drawCondition(t, 1)
	}
	for range rapid.IntRange(1, 4).Draw(t, "rules") {
		r := randomRule{then: drawThen(t, names)}
		if rapid.IntRange(0, 5).Draw(t, "always") > 0 {
			r.when = drawCondition(t, 1)
		}
		p.rules = append(p.rules, r)
	}
	for range rapid.IntRange(1, 2).Draw(t, "losses") {
		l := randomLoss{hands: rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 3, rapid.ID).Draw(t, "hands")}
		if maybe(t, "lossWhen") {
			l.when = drawCondition(t, 0)
		}
		p.losses = append(p.losses, l)
	}
	p.round = rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 3, rapid.ID).Draw(t, "round")
	return p
}

func requirementYAML(r jieling.Requirement) string {
	list := func(rs []jieling.Requirement) string {
		var out []string
		for _, one := range rs {
			out = append(out, requirementYAML(one))
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	switch {
	case r.All != nil:
		return "{all_of: " + list(r.All) + "}"
	case r.Any != nil:
		return "{any_of: " + list(r.Any) + "}"
	}
	return string(r.Factor)
}

func (r randomThen) yaml() string {
	if r.refuse {
		return "refuse: true, because: {zh-CN: 不, en: no}"
	}
	out := "require: " + requirementYAML(r.require) + ", because: {zh-CN: 要, en: yes}"
	if r.wait > 0 {
		out += ", wait: " + r.wait.String()
	}
	return out
}

// yaml writes the pack down. The porter stands behind every detour: nothing else asks for him.
func (p randomPack) yaml() string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	const text, dated = "{zh-CN: 字, en: word}", "verified: 2026-11-01"
	say("pack: random\nversion: \"1\"\nenvironment: 1\ntitle: " + text + "\nfacts:")
	for _, f := range randomFacts[3:] {
		say("  %s: {values: [%s], rising: %v}", f.name, strings.Join(f.values, ", "), f.rising)
	}
	say("platforms:")
	for i, name := range randomFacts[0].values {
		key := "porter"
		if then := p.cells[0][i]; !then.refuse {
			key = requirementYAML(then.require)
		}
		say("  - {name: %s, title: %s, start: {id: T, %s, path: %s}, key_verification: {id: T, %s, require: %s}, comparison: {id: T, %s, assurance: low, note: %s}}",
			name, text, dated, text, dated, key, dated, text)
	}
	say("factors:")
	for _, f := range p.factors {
		more := ""
		if f.by == "staff" {
			more = ", takes: 2h"
		}
		if f.demands != "" {
			more += ", demands: " + f.demands
		}
		say("  - {name: %s, %s, title: %s, hint: %s, by: %s%s}", f.name, dated, text, text, f.by, more)
	}
	say("  - {name: porter, %s, title: %s, hint: %s, by: staff, takes: 1h}", dated, text, text)
	say("joiners: {any: %s, all: %s}\nreasons:", text, text)
	raises := ""
	if p.reasonFor {
		raises = ", raises: alarm"
	}
	say("  - {name: lost, id: T, %s, title: %s, advice: %s%s}\n  - {name: other, id: T, %s, title: %s, advice: %s}\nscenarios:", dated, text, text, raises, dated, text, text)
	for i, name := range randomFacts[1].values {
		say("  - name: %s\n    id: S%d\n    %s\n    title: %s", name, i, dated, text)
		if i == 1 && p.when != nil {
			say("    when: '%s'", p.when)
		}
		say("    cells: {kiosk: {%s}, desk: {%s}}", p.cells[i][0].yaml(), p.cells[i][1].yaml())
	}
	say("rules:")
	for i, r := range p.rules {
		when := ""
		if r.when != nil {
			when = fmt.Sprintf("when: '%s', ", r.when)
		}
		say("  - {id: R%d, %s, %s%s}", i, dated, when, r.then.yaml())
	}
	say("detours:\n  - {id: T, %s, for: [%s], require: porter, text: {zh-CN: \"{takes}\", en: \"{takes}\"}}\nlosses:", dated, strings.Join(p.round, ", "))
	for i, l := range p.losses {
		when := ""
		if l.when != nil {
			when = fmt.Sprintf("when: '%s', ", l.when)
		}
		say("  - {name: l%d, id: T, %s, %stitle: %s, hands: [%s]}", i, dated, when, text, strings.Join(l.hands, ", "))
	}
	say("dependents:\n  - {id: T1, %s, module: m, change: lost, title: %s, detail: %s}", dated, text, text)
	say("risks:\n  - {id: T2, %s, title: %s, cells: {kiosk: {level: low, why: %s}, desk: {level: low, why: %s}}}", dated, text, text, text)
	say("advice:\n  - {id: T3, %s, text: %s}", dated, text)
	say("replacements:\n  - {id: T4, %s, provider: phone, effort: low, security_cost: low, completeness: low, title: %s}", dated, text)
	say("ranking:\n  - {id: T5, %s, kinds: [personal, merchant, enterprise_member], order: [phone]}", dated)
	say("afterwards:\n  - {id: T6, %s, text: %s}\nsteps:\n  - {%s, part: verify, text: {zh-CN: \"{factor}\", en: \"{factor}\"}}", dated, text, dated)
	return b.String()
}

func eachSituation(visit func(randomSituation)) {
	var s randomSituation
	var set func(f int)
	set = func(f int) {
		if f == len(s) {
			visit(s)
			return
		}
		for s[f] = range randomFacts[f].values {
			set(f + 1)
		}
	}
	set(0)
}

func (s randomSituation) ask() policy.Situation {
	v := func(f int) string { return randomFacts[f].values[s[f]] }
	return policy.Situation{
		Platform: jieling.Platform(v(0)), Scenario: jieling.Scenario(v(1)), Reason: jieling.Reason(v(2)),
		Signals: map[string]string{"a": v(3), "b": v(4), "c": v(5)},
	}
}

// verdict is what the oracle says to one situation: which sets of the four factors pass, as bits by set; nothing if refused.
type verdict struct {
	refused, asks bool
	passes        uint16
	wait          time.Duration
}

var setHas = func(set int) func(jieling.Factor) bool {
	return func(f jieling.Factor) bool { return f != "porter" && set>>(f[1]-'0')&1 == 1 }
}

func (p randomPack) judge(s randomSituation) (v verdict) {
	v.passes = 1<<16 - 1
	add := func(then randomThen) {
		v.refused = v.refused || then.refuse
		v.wait = max(v.wait, then.wait)
		if then.refuse {
			return
		}
		v.asks = true
		for set := range 16 {
			if !then.require.Met(setHas(set)) {
				v.passes &^= 1 << set
			}
		}
	}
	add(p.cells[0][s[0]])
	if s[1] == 1 || p.reasonFor && s[2] == 0 || p.when != nil && p.when.holds(s) {
		add(p.cells[1][s[0]])
	}
	for _, r := range p.rules {
		if r.when.holds(s) {
			add(r.then)
		}
	}
	return v
}

// closed takes from a set of factors what demands something that is not in it.
func (p randomPack) closed(set int) int {
	for range p.factors {
		for i, f := range p.factors {
			if f.demands != "" && !setHas(set)(jieling.Factor(f.demands)) {
				set &^= 1 << i
			}
		}
	}
	return set
}

func (p randomPack) with(names []string, by ...string) (set int) {
	for i, f := range p.factors {
		if slices.Contains(names, f.name) || slices.Contains(by, f.by) {
			set |= 1 << i
		}
	}
	return set
}

// claims proves the oracle's way: by asking about everything.
func (p randomPack) claims() map[string]bool {
	holds := map[string]bool{"complete": true, "monotone": true, "reachable": true, "elsewhere": true, "detours": true, "losses": true, "playbooks": true}
	var all []randomSituation
	eachSituation(func(s randomSituation) { all = append(all, s) })
	for _, s := range all {
		v := p.judge(s)
		holds["complete"] = holds["complete"] && (v.refused || v.asks)
		for _, o := range all {
			if riskier(o, s) && !atLeast(p.judge(o), v) {
				holds["monotone"] = false
			}
		}
		there := s
		there[0] = 1 - s[0]
		holds["elsewhere"] = holds["elsewhere"] && (!v.refused || !p.judge(there).refused)
		open := p.closed(p.with(nil, "anyone", "staff"))
		for enrolled := range 16 { // whatever the person has set up, and whether it demands more than they have
			has := p.closed(enrolled|p.with(nil, "anyone", "staff")) | open | p.with(p.round)
			if !v.refused && v.passes>>has&1 == 0 {
				holds["reachable"] = false
			}
		}
		for _, l := range p.losses {
			thief := p.closed(p.with(l.hands, "anyone"))
			if l.when.holds(s) && !v.refused && v.passes>>thief&1 == 1 {
				holds["losses"] = false
			}
		}
	}
	return holds // nobody but staff is the porter, so no detour falls to a thief
}

// riskier reports that o is riskier than s in some fact and safer in none.
func riskier(o, s randomSituation) bool {
	for f := range s {
		switch {
		case o[f] == s[f]:
		case f == 1 && s[f] == 0, f == 2 && s[f] == 1, randomFacts[f].rising && o[f] > s[f]:
		default:
			return false
		}
	}
	return true
}

func atLeast(a, b verdict) bool {
	return a.refused || !b.refused && a.wait >= b.wait && a.passes&^b.passes == 0
}

// TestV4_V8_ProofsAgreeWithAskingEverything draws small packs and holds both the decisions and the proofs against the oracle.
func TestV4_V8_ProofsAgreeWithAskingEverything(t *testing.T) {
	failed := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		drawn := drawPack(t)
		pack, err := policy.Load("random.yaml", []byte(drawn.yaml()))
		if err != nil {
			t.Skipf("refused: %v", err)
		}
		eachSituation(func(s randomSituation) {
			f, err := pack.Facts(s.ask())
			if err != nil {
				t.Fatal(err)
			}
			d, want := pack.Decide(f), drawn.judge(s)
			if d.Allowed() == want.refused || d.Wait != want.wait {
				t.Fatalf("%v: %+v, want %+v", s, d, want)
			}
			for set := range 16 {
				if d.Requirement.Met(setHas(set)) != (want.passes>>set&1 == 1) {
					t.Fatalf("%v: factors %b: %+v", s, set, d.Requirement)
				}
			}
		})
		want := drawn.claims()
		for _, c := range pack.Claims() {
			proof := c.Prove()
			if proof.Holds != want[c.Name] {
				t.Fatalf("%s: proven %v, by asking everything %v\n%+v\n%s", c.Name, proof.Holds, want[c.Name], proof.Counter, drawn.yaml())
			}
			if !proof.Holds {
				failed[c.Name]++
			}
		}
	})
	for _, name := range []string{"monotone", "reachable", "elsewhere", "losses"} {
		if failed[name] == 0 {
			t.Errorf("no drawn pack fails to be %s: nothing was compared", name)
		}
	}
}
