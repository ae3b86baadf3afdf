package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jieling-id/jieling"
)

// rule is a cell of the matrix or a rule: what it adds, and when.
type rule struct {
	id       string
	test     int
	when     string // the condition in words, for explanations
	facts    []int  // the facts it looks at
	platform int    // of a cell; -1: any
	scenario int    // of a cell; -1: none
	then     consequence
}

// conditioned holds the tests of the rows that only bring text, in the order of their sections.
type conditioned struct{ starts, reasons, dependents, advice, afterwards, steps, playbooks []int }

// compile turns a checked document into tables and answers.
func (p *Pack) compile(ps *problems) {
	p.compileFacts()
	lang, err := newLanguage(p.facts)
	if err != nil {
		ps.add(spot{1, 1}, noLanguage, err)
		return
	}
	p.compileCells(lang, ps)
	for _, r := range p.doc.rules {
		one := rule{id: r.id.text, test: always, when: r.when.text, platform: -1, scenario: -1, then: r.then}
		if c, ok := lang.compile(r.when, ps); ok {
			one.test, one.facts = p.keep(c.table), c.named
		}
		p.rules = append(p.rules, one)
	}
	for _, r := range p.doc.losses {
		p.losses = append(p.losses, p.test(lang, r.when, ps))
	}
	p.compileTexts(lang, ps)
	p.compileLists()
	if p.checkRows(ps); len(*ps) == 0 {
		p.compileGroups(ps)
		p.foreign = p.refuseForeign()
	}
}

// compileFacts puts the facts every pack has before the ones it declares.
func (p *Pack) compileFacts() {
	d := &p.doc
	reasons := texts(d.reasonNames())
	p.facts = []fact{
		platformFact: {name: "platform", values: texts(d.platformNames()), unset: -1, otherwise: -1},
		declaredFact: {name: "declared", values: texts(d.scenarioNames()), unset: 0, otherwise: -1},
		reasonFact:   {name: "reason", values: reasons, unset: len(reasons) - 1, otherwise: -1},
	}
	for _, f := range d.facts {
		values := texts(f.values)
		p.facts = append(p.facts, fact{
			name: f.name.text, values: values, yesNo: f.yesNo, rising: f.rising,
			unset: slices.Index(values, f.unset.text), otherwise: slices.Index(values, f.otherwise.text),
		})
	}
	for i := range p.facts {
		f := &p.facts[i]
		f.origin = originOf(f.name)
		for _, v := range f.values {
			f.said = append(f.said, f.name+"="+v)
		}
	}
}

// test compiles the condition of a row and returns its place among the tests.
func (p *Pack) test(lang *language, c condition, ps *problems) int {
	if t, ok := lang.compile(c, ps); ok {
		return p.keep(t.table)
	}
	return always
}

func (p *Pack) keep(t table) int {
	p.tests = append(p.tests, t)
	return len(p.tests) - 1
}

// compileCells makes a rule of every cell: its platform, and its scenario applying.
func (p *Pack) compileCells(lang *language, ps *problems) {
	for n, sc := range p.doc.scenarios {
		a := p.applies(lang, n, ps)
		for _, c := range sc.cells {
			at := slices.Index(p.facts[platformFact].values, c.platform.text)
			told := p.only(platformFact, at)
			told.refine(a.told)
			if told.size(maxTable) > maxTable {
				ps.add(sc.at, scenarioTooWide, maxTable)
				return
			}
			test := p.keep(tabulate(told, func(v *vector) bool { return int(v[platformFact]) == at && a.holds(v) }))
			p.rules = append(p.rules, rule{id: sc.id.text, test: test, when: a.words, facts: a.looks, platform: at, scenario: n, then: c.then})
		}
	}
}

// only tells one value of a fact from all others.
func (p *Pack) only(f, value int) parting {
	told := parting{}
	told.split(f, len(p.facts[f].values), func(v int) int { return min(1, max(v-value, value-v)) })
	return told
}

// applies says when a scenario applies.
type applies struct {
	holds func(*vector) bool
	told  parting // what it tells apart
	looks []int   // the facts it looks at, and the platform
	words string
}

func (p *Pack) applies(lang *language, n int, ps *problems) applies {
	a := applies{holds: func(*vector) bool { return true }, told: parting{}, looks: []int{platformFact}}
	if n == 0 {
		return a
	}
	sc := p.doc.scenarios[n]
	words := []string{fmt.Sprintf("declared == %q", sc.name.text)}
	a.looks = append(a.looks, declaredFact)
	a.told.refine(p.only(declaredFact, n))
	var raised [256]bool
	for i, r := range p.doc.reasons {
		if r.raises.text == sc.name.text {
			raised[i] = true
			a.looks = append(a.looks, reasonFact)
			a.told.refine(p.only(reasonFact, i))
			words = append(words, fmt.Sprintf("reason == %q", r.name.text))
		}
	}
	signal := func(*vector) bool { return false }
	if sc.when.text != "" {
		if c, ok := lang.compile(sc.when, ps); ok {
			signal = c.true
			a.looks = append(a.looks, c.named...)
			a.told.refine(c.parting())
			words = append(words, sc.when.text)
		}
	}
	slices.Sort(a.looks)
	a.looks, a.words = slices.Compact(a.looks), strings.Join(words, " || ")
	a.holds = func(v *vector) bool { return int(v[declaredFact]) == n || raised[v[reasonFact]] || signal(v) }
	return a
}

// compileTexts compiles the conditions of the rows that only bring text. A start belongs to its platform besides, and a
// reason's advice to its reason.
func (p *Pack) compileTexts(lang *language, ps *problems) {
	for i, r := range p.doc.platforms {
		told, holds := p.only(platformFact, i), func(*vector) bool { return true }
		if r.start.when.text != "" {
			c, ok := lang.compile(r.start.when, ps)
			if !ok {
				continue
			}
			told.refine(c.parting())
			holds = c.true
		}
		p.rest.starts = append(p.rest.starts, p.keep(tabulate(told, func(v *vector) bool { return int(v[platformFact]) == i && holds(v) })))
	}
	for i := range p.doc.reasons {
		p.rest.reasons = append(p.rest.reasons, p.keep(tabulate(p.only(reasonFact, i), func(v *vector) bool { return int(v[reasonFact]) == i })))
	}
	for _, r := range p.doc.dependents {
		p.rest.dependents = append(p.rest.dependents, p.test(lang, r.when, ps))
	}
	for _, r := range p.doc.advice {
		p.rest.advice = append(p.rest.advice, p.test(lang, r.when, ps))
	}
	for _, r := range p.doc.afterwards {
		p.rest.afterwards = append(p.rest.afterwards, p.test(lang, r.when, ps))
	}
	for _, r := range p.doc.steps {
		p.rest.steps = append(p.rest.steps, p.test(lang, r.when, ps))
	}
	for _, r := range p.doc.playbooks {
		p.rest.playbooks = append(p.rest.playbooks, p.test(lang, r.when, ps))
	}
}

// compileLists prepares what does not depend on the situation.
func (p *Pack) compileLists() {
	p.titles = map[jieling.Factor]*factorRow{}
	for i, f := range p.doc.factors {
		p.titles[jieling.Factor(f.name.text)] = &p.doc.factors[i]
	}
	for _, r := range p.doc.reasons {
		p.reasons = append(p.reasons, Reason{jieling.Reason(r.name.text), r.title, r.advice, jieling.Scenario(r.raises.text)})
	}
	p.ranked = map[jieling.AccountKind][]jieling.Replacement{}
	for _, r := range p.doc.ranking {
		var order []jieling.Replacement
		for _, provider := range r.order {
			i := slices.IndexFunc(p.doc.replacements, func(o replacementRow) bool { return o.provider.text == provider.text })
			order = append(order, p.doc.replacements[i].Replacement)
		}
		for _, k := range r.kinds {
			p.ranked[jieling.AccountKind(k.text)] = order
		}
	}
}
