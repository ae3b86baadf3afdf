package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jieling-id/jieling"
)

// answer is everything the pack says to one set of rows, prebuilt.
type answer struct {
	Sheet
	plan jieling.PlatformPlan // the short form, for other platforms to compare with (F5)
}

// Sheet is what a plan shows of the pack for one situation. It is shared by all situations that come down to the same rows:
// callers must not change anything it points to.
type Sheet struct {
	Decision        jieling.Decision
	Path            jieling.Text          // where the person starts (F1); empty where the pack knows of no page
	DeepLink        string                // opens that page, or the app it is in
	KeyVerification jieling.Requirement   // what the product itself asks there (F2)
	Factors         []jieling.FactorState // every factor the requirement names, none marked as enrolled
	Dependents      []jieling.Dependent   // what the pack knows to hang on the login (D1–D5, I1–I3)
	Risks           []jieling.Risk        // on this platform (R1–R3)
	Advice          []jieling.Because     // what suits the reason given (F6), and what to do before (R4)
	Afterwards      []jieling.Text        // what stays (F3) and what is left to clear (F4)
	Steps           []jieling.Text        // in order; none where the decision refuses
	Assurance       jieling.Level         // how sure this platform is (F5)
	Note            jieling.Text          // what to know of this platform (F5)
}

// maxKept bounds the answers a pack keeps: a product meets a few hundred situations, and a stranger must not fill the memory.
const maxKept = 1 << 12

// answers keeps what was built, by key, so that a situation met before costs one look-up. Readers never wait.
type answers struct {
	building sync.Mutex
	kept     atomic.Pointer[map[uint64]*answer]
}

// Decide answers a situation: a few look-ups, and no allocation once it was met. Decisions are shared between situations; callers must not change
// the slices in one. Facts of another pack, and the zero Facts, are refused.
func (p *Pack) Decide(f Facts) jieling.Decision { return p.find(&f).Decision }

// Sheet returns the decision together with every text of the pack that a plan for this situation shows.
func (p *Pack) Sheet(f Facts) *Sheet { return &p.find(&f).Sheet }

func (p *Pack) find(f *Facts) *answer {
	if f.pack != p {
		return &p.foreign
	}
	key := p.key(&f.at)
	if known := p.answers.kept.Load(); known != nil {
		if a := (*known)[key]; a != nil {
			return a
		}
	}
	return p.meet(key, int(f.at[platformFact]))
}

// meet builds the answer of a situation met for the first time. The platform is part of the key: the first scenario's cells
// tell platforms apart.
func (p *Pack) meet(key uint64, platform int) *answer {
	p.answers.building.Lock()
	defer p.answers.building.Unlock()
	var before map[uint64]*answer
	if known := p.answers.kept.Load(); known != nil {
		before = *known
	}
	if a := before[key]; a != nil {
		return a
	}
	set := p.applying(key)
	a := p.build(&set, platform)
	if len(before) < maxKept {
		after := map[uint64]*answer{key: &a}
		maps.Copy(after, before)
		p.answers.kept.Store(&after)
	}
	return &a
}

// Compare is the short form of the same unbinding on every other platform of the pack, in the pack's order (F5).
func (p *Pack) Compare(f Facts) []jieling.PlatformPlan {
	if f.pack != p {
		return nil
	}
	here := int(f.at[platformFact])
	out := make([]jieling.PlatformPlan, 0, len(p.doc.platforms)-1)
	for i := range p.doc.platforms {
		if i != here {
			there := f.on(i)
			out = append(out, p.find(&there).plan)
		}
	}
	return out
}

// Explanation says of one rule whether it applies to a situation, and why.
type Explanation struct {
	Rule  string       // the row's ID
	Holds bool         // whether it adds to the decision
	When  string       // its condition; empty: always
	Facts []string     // what it looked at, as "name=value"
	Text  jieling.Text // what it says where it holds
}

// Explain goes through the cells of the situation's platform and through all rules, in the order of the pack, and says of
// each whether it applies and what it looked at. It is nil for facts of another pack.
func (p *Pack) Explain(f Facts) []Explanation {
	if f.pack != p {
		return nil
	}
	set := p.applying(p.key(&f.at))
	out := make([]Explanation, 0, len(p.rules))
	for i := range p.rules {
		r := &p.rules[i]
		if r.platform < 0 || r.platform == int(f.at[platformFact]) {
			out = append(out, Explanation{r.id, set.has(r.test), r.when, f.said(r.facts), r.then.because})
		}
	}
	return out
}

// build makes the answer for one set of rows on one platform.
func (p *Pack) build(set *rowSet, platform int) answer {
	row := p.doc.platforms[platform]
	sheet := Sheet{Decision: p.decision(set), KeyVerification: row.key.require.Requirement, Assurance: row.comparison.assurance, Note: row.comparison.note}
	if set.has(p.rest.starts[platform]) {
		sheet.Path, sheet.DeepLink = row.start.path, row.start.deepLink
	}
	for _, f := range sheet.Decision.Requirement.Factors() {
		sheet.Factors = append(sheet.Factors, jieling.FactorState{Factor: f, Title: p.FactorTitle(f), Hint: p.FactorHint(f)})
	}
	for i, r := range p.doc.dependents {
		if set.has(p.rest.dependents[i]) {
			sheet.Dependents = append(sheet.Dependents, r.Dependent)
		}
	}
	for _, r := range p.doc.risks {
		i := slices.IndexFunc(r.cells, func(c riskCell) bool { return c.platform.text == row.name.text })
		sheet.Risks = append(sheet.Risks, jieling.Risk{Rule: r.id.text, Title: r.title, Level: r.cells[i].level, Why: r.cells[i].why})
	}
	for i, r := range p.doc.reasons {
		if set.has(p.rest.reasons[i]) {
			sheet.Advice = append(sheet.Advice, jieling.Because{Rule: r.id.text, Text: r.advice})
		}
	}
	for i, r := range p.doc.advice {
		if set.has(p.rest.advice[i]) {
			sheet.Advice = append(sheet.Advice, jieling.Because{Rule: r.id.text, Text: r.text})
		}
	}
	for i, r := range p.doc.afterwards {
		if set.has(p.rest.afterwards[i]) {
			sheet.Afterwards = append(sheet.Afterwards, r.text)
		}
	}
	sheet.Steps = p.steps(set, &sheet)
	return answer{sheet, jieling.PlatformPlan{
		Platform: jieling.Platform(row.name.text), Path: sheet.Path, Requirement: sheet.Decision.Requirement, Steps: len(sheet.Steps),
		Assurance: sheet.Assurance, Note: sheet.Note, Refused: !sheet.Decision.Allowed(),
	}}
}

// decision adds up the rules of a set: all requirements, the longest wait and guard, every demand and every refusal.
func (p *Pack) decision(set *rowSet) jieling.Decision {
	d := jieling.Decision{Pack: p.ID()}
	var asked []jieling.Requirement
	var applied []string
	for _, r := range p.rules {
		if !set.has(r.test) {
			continue
		}
		if r.scenario >= 0 {
			applied = append(applied, p.doc.scenarios[r.scenario].name.text)
			d.Scenario = jieling.Scenario(applied[len(applied)-1])
		}
		asked = append(asked, r.then.require.Requirement)
		d.Wait, d.Guard = max(d.Wait, r.then.wait), max(d.Guard, r.then.guard)
		d.Replacement = d.Replacement || r.then.replacement || r.then.needPhone
		d.NeedPhone = d.NeedPhone || r.then.needPhone
		d.Backup = d.Backup || r.then.backup
		because := jieling.Because{Rule: r.id, Text: r.then.because}
		if r.then.refuse {
			d.Refusals = append(d.Refusals, because)
		} else {
			d.Reasons = append(d.Reasons, because)
		}
	}
	d.Requirement = join(asked)
	if d.Allowed() {
		d.Detours, d.Playbook = p.detours(d.Requirement), p.playbook(set, applied)
	}
	return d
}

// detours lists the ways round what is asked: for each factor the first that is not asked for anyway (V8).
func (p *Pack) detours(asked jieling.Requirement) (out []jieling.Detour) {
	for _, r := range p.doc.detours {
		if Stronger(asked, r.require.Requirement) {
			continue
		}
		way := jieling.Detour{Rule: r.id.text, Require: r.require.Requirement, Text: r.text}
		for _, f := range asked.Factors() {
			round := slices.ContainsFunc(out, func(o jieling.Detour) bool { return slices.Contains(o.For, f) })
			if !round && slices.Contains(texts(r.round), string(f)) {
				way.For = append(way.For, f)
			}
		}
		for _, f := range way.Require.Factors() {
			way.Takes = max(way.Takes, p.titles[f].takes)
		}
		way.Text = fill(way.Text, "{takes}", spell(way.Takes))
		if way.For != nil {
			out = append(out, way)
		}
	}
	return out
}

// spell says a length of time in days, or hours where it is not whole days, rounded up.
func spell(d time.Duration) jieling.Text {
	n, zh, en := (d+time.Hour-1)/time.Hour, "小时", "hour"
	if n%24 == 0 {
		n, zh, en = n/24, "天", "day"
	}
	if n != 1 {
		en += "s"
	}
	return jieling.Text{ZH: fmt.Sprintf("%d %s", n, zh), EN: fmt.Sprintf("%d %s", n, en)}
}

// refuseForeign is the answer to facts that are not of this pack: it cannot be met.
func (p *Pack) refuseForeign() answer {
	return answer{Sheet: Sheet{Decision: jieling.Decision{
		Pack: p.ID(), Scenario: jieling.Scenario(p.doc.scenarios[0].name.text), Requirement: jieling.Requirement{Any: []jieling.Requirement{}},
		Refusals: []jieling.Because{{Rule: "facts", Text: jieling.Text{
			ZH: "无法判断这次操作的情况，请重新开始。", EN: "The situation could not be judged. Please start again.",
		}}},
	}}}
}

// steps writes the steps of one unbinding. A verification has one step for each factor of the way the pack names first.
func (p *Pack) steps(set *rowSet, sheet *Sheet) []jieling.Text {
	d := sheet.Decision
	if !d.Allowed() {
		return nil
	}
	shown := map[part]bool{
		"": true, partStart: !sheet.Path.Empty(), partReplacement: d.Replacement, partBackup: d.Backup, partVerify: true, partWait: d.Wait > 0,
	}
	var out []jieling.Text
	for i, r := range p.doc.steps {
		switch {
		case !shown[r.part] || !set.has(p.rest.steps[i]):
		case r.part == partVerify:
			for _, part := range firstWay(d.Requirement) {
				out = append(out, fill(r.text, "{factor}", p.InWords(part)))
			}
		default:
			out = append(out, fill(r.text, "{path}", sheet.Path))
		}
	}
	return out
}

// firstWay takes a requirement apart into steps: the parts of an all-of one by one, a choice between single factors as one
// step, and of any other choice the first.
func firstWay(r jieling.Requirement) []jieling.Requirement {
	switch {
	case r.Zero():
		return nil
	case r.All != nil:
		var out []jieling.Requirement
		for _, part := range r.All {
			out = append(out, firstWay(part)...)
		}
		return out
	case slices.ContainsFunc(r.Any, func(c jieling.Requirement) bool { return c.Factor == "" }):
		return firstWay(r.Any[0])
	}
	return []jieling.Requirement{r}
}

func fill(t jieling.Text, mark string, with jieling.Text) jieling.Text {
	return jieling.Text{ZH: strings.ReplaceAll(t.ZH, mark, with.ZH), EN: strings.ReplaceAll(t.EN, mark, with.EN)}
}

// InWords says a requirement in both languages, by the titles of its factors: "(面容或指纹)加支付密码". It is empty for one that
// asks nothing.
func (p *Pack) InWords(r jieling.Requirement) jieling.Text {
	parts, joiner := r.All, p.doc.joiners.all
	if r.Any != nil {
		parts, joiner = r.Any, p.doc.joiners.any
	}
	if r.Factor != "" {
		return p.FactorTitle(r.Factor)
	}
	var zh, en []string
	for _, part := range parts {
		words := p.InWords(part)
		if part.Factor == "" && len(parts) > 1 {
			words = jieling.Text{ZH: "(" + words.ZH + ")", EN: "(" + words.EN + ")"}
		}
		zh, en = append(zh, words.ZH), append(en, words.EN)
	}
	return jieling.Text{ZH: strings.Join(zh, joiner.ZH), EN: strings.Join(en, joiner.EN)}
}
