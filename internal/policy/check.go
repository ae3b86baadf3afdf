package policy

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jieling-id/jieling"
)

// maxLosses and maxFactors bound one pack, so that every set of losses can be walked, and requirements be compared.
const maxLosses = 10

// maxFactors bounds the factors of one pack, so that requirements can be compared over all sets of them.
const maxFactors = 20

// check looks at what one section says of another. Conditions come later: they need a sound list of facts.
func (p *Pack) check(ps *problems) {
	p.checkNames(ps)
	p.checkFacts(ps)
	p.checkScenarios(ps)
	p.checkRisks(ps)
	p.checkRequirements(ps)
	p.checkFactors(ps)
	p.checkDetours(ps)
	p.checkRanking(ps)
	p.checkSteps(ps)
	p.checkPlaybooks(ps)
}

// once complains about a name given twice in one section.
func once(ps *problems, what jieling.Text, names []word) {
	for i, n := range names {
		if n.text != "" && slices.ContainsFunc(names[:i], func(o word) bool { return o.text == n.text }) {
			ps.add(n.at, thereTwice, what, n.text)
		}
	}
}

// pick collects one word of every row.
func pick[T any](rows []T, word func(*T) word) (out []word) {
	for i := range rows {
		out = append(out, word(&rows[i]))
	}
	return out
}

func texts(words []word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.text
	}
	return out
}

func (d *document) platformNames() []word {
	return pick(d.platforms, func(r *platformRow) word { return r.name })
}

func (d *document) scenarioNames() []word {
	return pick(d.scenarios, func(r *scenarioRow) word { return r.name })
}

func (d *document) reasonNames() []word {
	return pick(d.reasons, func(r *reasonRow) word { return r.name })
}

func (p *Pack) checkNames(ps *problems) {
	d := &p.doc
	once(ps, noun("事实", "fact"), pick(d.facts, func(r *factRow) word { return r.name }))
	once(ps, noun("平台", "platform"), d.platformNames())
	if n := len(d.platforms); n > maxLanes {
		ps.add(d.platforms[n-1].at, tooMany, n, noun("平台", "platforms"), maxLanes)
	}
	once(ps, noun("验证方式", "factor"), pick(d.factors, func(r *factorRow) word { return r.name }))
	if n := len(d.losses); n > maxLosses {
		ps.add(d.losses[n-1].at, tooMany, n, noun("失控", "losses"), maxLosses)
	}
	once(ps, noun("失控", "loss"), pick(d.losses, func(r *lossRow) word { return r.name }))
	once(ps, noun("原因", "reason"), d.reasonNames())
	once(ps, noun("场景", "scenario"), d.scenarioNames())
	ids := pick(d.scenarios, func(r *scenarioRow) word { return r.id })
	once(ps, noun("规则", "rule"), append(ids, pick(d.rules, func(r *ruleRow) word { return r.id })...))
	once(ps, noun("依赖项", "dependent"), pick(d.dependents, func(r *dependentRow) word { return r.id }))
	once(ps, noun("风险", "risk"), pick(d.risks, func(r *riskRow) word { return r.id }))
	once(ps, noun("替代登录方式", "replacement"), pick(d.replacements, func(r *replacementRow) word { return r.id }))
	once(ps, noun("替代登录方式的渠道", "replacement for"), pick(d.replacements, func(r *replacementRow) word { return r.provider }))
	for _, r := range d.reasons {
		if raised := r.raises; raised.text != "" && !slices.Contains(texts(d.scenarioNames()), raised.text) {
			ps.add(raised.at, noScenario, raised.text, suggest(raised.text, texts(d.scenarioNames())))
		}
	}
}

var factName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// taken are the names that facts cannot have: the words of CEL, and the facts every pack has.
var taken = []string{
	"platform", "declared", "reason", "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function",
	"if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
}

func (p *Pack) checkFacts(ps *problems) {
	for _, f := range p.doc.facts {
		switch {
		case slices.Contains(taken, f.name.text):
			ps.add(f.name.at, takenName, f.name.text)
		case !factName.MatchString(f.name.text):
			ps.add(f.name.at, notFactName, strconv.Quote(f.name.text))
		}
		if len(f.values) < 2 || len(f.values) > 64 {
			ps.add(f.name.at, valueCount, f.name.text, len(f.values))
		}
		once(ps, noun("取值", "value"), f.values)
		checkLevels(f, ps)
		for _, w := range []word{f.unset, f.otherwise} {
			if w.text != "" && !slices.Contains(texts(f.values), w.text) {
				ps.add(w.at, neverValue, f.name.text, w.text, suggest(w.text, texts(f.values)))
			}
		}
	}
	if n := len(p.doc.facts); n > maxFacts-declaredFacts {
		ps.add(p.doc.facts[n-1].name.at, tooMany, n, noun("声明的事实", "declared facts"), maxFacts-declaredFacts)
	}
}

// checkLevels holds a fact that the service measures to the levels it is measured in, and what is not known to not being safe.
func checkLevels(f factRow, ps *problems) {
	if f.rising && f.unset.text != "" && len(f.values) > 0 && f.unset.text == f.values[0].text {
		ps.add(f.unset.at, unsetSafest, f.name.text)
	}
	i := slices.IndexFunc(Signals[:], func(s Signal) bool { return s.Name == f.name.text })
	switch {
	case i < 0:
	case !slices.Equal(texts(f.values), Signals[i].Levels):
		ps.add(f.name.at, otherLevels, f.name.text, strings.Join(Signals[i].Levels, ", "))
	case !f.rising:
		ps.add(f.name.at, levelsRise, f.name.text)
	}
}

func (p *Pack) checkScenarios(ps *problems) {
	for i, sc := range p.doc.scenarios {
		p.checkCells(sc.at, noun("场景", "scenario"), sc.name.text, noun("require 或 refuse", "require or refuse"), pick(sc.cells, func(c *cellRow) word { return c.platform }), ps)
		if i == 0 && sc.when.text != "" {
			ps.add(sc.when.at, firstScenario)
		}
	}
}

func (p *Pack) checkRisks(ps *problems) {
	for _, r := range p.doc.risks {
		p.checkCells(r.at, noun("风险", "risk"), r.id.text, noun("level 和 why", "level and why"), pick(r.cells, func(c *riskCell) word { return c.platform }), ps)
	}
}

// checkCells makes sure that a row of a matrix has a cell for every platform and for nothing else.
func (p *Pack) checkCells(at spot, what jieling.Text, row string, holds jieling.Text, cells []word, ps *problems) {
	platforms := texts(p.doc.platformNames())
	for _, c := range cells {
		if !slices.Contains(platforms, c.text) {
			ps.add(c.at, noPlatform, c.text, suggest(c.text, platforms))
		}
	}
	for _, name := range platforms {
		if !slices.Contains(texts(cells), name) {
			ps.add(at, noCell, what, row, name, holds)
		}
	}
}

func (p *Pack) checkRequirements(ps *problems) {
	d := &p.doc
	if n := len(d.factors); n > maxFactors {
		ps.add(d.factors[n-1].at, tooMany, n, noun("验证方式", "factors"), maxFactors)
	}
	known := texts(pick(d.factors, func(r *factorRow) word { return r.name }))
	factors := func(n need) {
		for _, w := range n.named {
			if !slices.Contains(known, w.text) {
				ps.add(w.at, noFactor, w.text, suggest(w.text, known))
			}
		}
	}
	for _, r := range d.platforms {
		factors(r.key.require)
		p.checkKey(ps, r)
	}
	for _, r := range d.scenarios {
		for _, c := range r.cells {
			factors(c.then.require)
		}
	}
	for _, r := range d.rules {
		factors(r.then.require)
	}
	for _, r := range d.factors {
		factors(r.demands)
	}
	for _, r := range d.losses {
		factors(need{named: r.hands})
	}
	for _, r := range d.detours {
		factors(need{named: r.round})
		factors(r.require)
	}
}

// checkFactors makes sure that whoever waits for somebody else is told how long.
func (p *Pack) checkFactors(ps *problems) {
	for _, r := range p.doc.factors {
		slow := r.by == byStaff || r.by == byOrganisation
		switch {
		case slow && r.takes == 0:
			ps.add(r.at, noDuration, r.name.text)
		case !slow && r.takes != 0:
			ps.add(r.at, waitsForNobody, r.name.text)
		}
	}
}

// checkDetours makes sure that detours are ways of their own: each is at least as strong as the ones before it, so that a
// riskier situation never has an easier way round, and the last asks for something that nothing else asks for, so that it is
// always there.
func (p *Pack) checkDetours(ps *problems) {
	for _, r := range p.doc.detours {
		waits := slices.ContainsFunc(r.require.named, func(w word) bool {
			return slices.ContainsFunc(p.doc.factors, func(f factorRow) bool { return f.name.text == w.text && f.takes > 0 })
		})
		if said := strings.Contains(r.text.ZH, "{takes}") && strings.Contains(r.text.EN, "{takes}"); waits && !said {
			ps.add(r.at, silentDetour)
		}
	}
	asked := map[string]bool{}
	for i := range p.doc.scenarios {
		for _, c := range p.doc.scenarios[i].cells {
			mark(asked, c.then.require.named)
		}
	}
	for _, r := range p.doc.rules {
		mark(asked, r.then.require.named)
	}
	for _, f := range p.doc.factors {
		var before *detourRow
		for i := range p.doc.detours {
			r := &p.doc.detours[i]
			if !slices.Contains(texts(r.round), f.name.text) {
				continue
			}
			if slices.Contains(texts(r.require.named), f.name.text) {
				ps.add(r.at, roundItself, f.name.text)
			}
			if before != nil && !Stronger(r.require.Requirement, before.require.Requirement) {
				ps.add(r.at, weakerDetour, f.name.text)
			}
			before = r
		}
		if before != nil && !slices.ContainsFunc(before.require.named, func(w word) bool { return !asked[w.text] }) {
			ps.add(before.at, commonDetour, f.name.text)
		}
	}
}

func mark(set map[string]bool, words []word) {
	for _, w := range words {
		set[w.text] = true
	}
}

// checkKey makes sure that whoever passes a platform's key verification (F2) has passed its first cell (V1, V7).
func (p *Pack) checkKey(ps *problems, r platformRow) {
	for _, c := range p.doc.scenarios[0].cells {
		if c.platform.text == r.name.text && !c.then.refuse && !Stronger(r.key.require.Requirement, c.then.require.Requirement) {
			ps.add(r.key.at, weakKey, r.name.text, p.doc.scenarios[0].name.text)
		}
	}
}

func (p *Pack) checkRanking(ps *problems) {
	d := &p.doc
	kinds := []string{string(jieling.Personal), string(jieling.Merchant), string(jieling.EnterpriseMember)}
	offered := texts(pick(d.replacements, func(r *replacementRow) word { return r.provider }))
	var ranked []word
	for _, r := range d.ranking {
		once(ps, noun("登录渠道", "provider"), r.order)
		ranked = append(ranked, r.kinds...)
		for _, k := range r.kinds {
			if !slices.Contains(kinds, k.text) {
				ps.add(k.at, noKind, k.text, suggest(k.text, kinds))
			}
		}
		for _, o := range r.order {
			if !slices.Contains(offered, o.text) {
				ps.add(o.at, noReplacement, o.text, suggest(o.text, offered))
			}
		}
		for _, o := range offered {
			if !slices.Contains(texts(r.order), o) {
				ps.add(r.at, leftOut, o)
			}
		}
	}
	once(ps, noun("排序的账号类别", "ranking of"), ranked)
	for _, k := range kinds {
		if !slices.Contains(texts(ranked), k) {
			ps.add(d.ranking[0].at, notRanked, k)
		}
	}
}

func (p *Pack) checkSteps(ps *problems) {
	verify := 0
	for _, r := range p.doc.steps {
		if r.part == partVerify {
			verify++
		}
		for mark, at := range map[string]part{"{path}": partStart, "{factor}": partVerify} {
			zh, en := strings.Contains(r.text.ZH, mark), strings.Contains(r.text.EN, mark)
			switch {
			case (zh || en) && r.part != at:
				ps.add(r.at, strayMark, mark, at)
			case r.part == at && !(zh && en):
				ps.add(r.at, missingMark, at, mark)
			}
		}
	}
	if verify != 1 {
		ps.add(p.doc.steps[0].at, verifySteps, verify)
	}
}
