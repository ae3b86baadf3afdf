package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jieling-id/jieling"
)

// Bounds of one pack. A rowSet has a bit for every conditioned row.
const (
	maxRows    = 256
	maxAnswers = 1 << 20 // situations that the pack tells apart
)

// rowSet is a set of conditioned rows: what a situation comes down to.
type rowSet [maxRows / 64]uint64

func (s *rowSet) add(test int) { s[test/64] |= 1 << (test % 64) }

// has reports whether a row applies; always is in every set.
func (s *rowSet) has(test int) bool { return test == always || s[test/64]>>(test%64)&1 == 1 }

// always stands in place of a test where a row has no condition.
const always = -1

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
type conditioned struct{ starts, dependents, advice, afterwards, steps []int }

// compile turns a checked document into tables and answers.
func (p *Pack) compile(ps *problems) {
	p.compileFacts()
	lang, err := newLanguage(p.facts)
	if err != nil {
		ps.add(spot{1, 1}, "the facts do not make a language: "+err.Error(), "rename them")
		return
	}
	p.compileCells(lang, ps)
	for _, r := range p.doc.rules {
		one := rule{id: r.id.text, test: p.test(lang, r.when, ps), when: r.when.text, platform: -1, scenario: -1, then: r.then}
		if one.test != always {
			one.facts = p.tests[one.test].facts
		}
		p.rules = append(p.rules, one)
	}
	p.compileTexts(lang, ps)
	p.compileLists()
	if len(p.tests) > maxRows {
		ps.add(spot{1, 1}, fmt.Sprintf("the pack has %d conditions", len(p.tests)), fmt.Sprintf("write at most %d", maxRows))
	}
	if len(*ps) == 0 {
		p.compileAnswers(ps)
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
	if c.text == "" {
		return always
	}
	t, ok := lang.table(c, ps)
	if !ok {
		return always
	}
	return p.keep(t)
}

func (p *Pack) keep(t table) int {
	p.tests = append(p.tests, t)
	return len(p.tests) - 1
}

// compileCells makes a rule of every cell: its platform, and its scenario applying.
func (p *Pack) compileCells(lang *language, ps *problems) {
	for n, sc := range p.doc.scenarios {
		applies, looks, words := p.applies(lang, n, ps)
		for _, c := range sc.cells {
			at := slices.Index(p.facts[platformFact].values, c.platform.text)
			named := slices.Compact(slices.Sorted(slices.Values(append([]int{platformFact}, looks...))))
			if domain(p.facts, named) > maxTable {
				ps.add(sc.at, fmt.Sprintf("the scenario tells more than %d situations apart", maxTable), "look at fewer facts in when")
				return
			}
			test := p.keep(tabulate(p.facts, named, func(v *vector) bool { return int(v[platformFact]) == at && applies(v) }))
			p.rules = append(p.rules, rule{id: sc.id.text, test: test, when: words, facts: named, platform: at, scenario: n, then: c.then})
		}
	}
}

// applies says when a scenario applies: as a predicate, as the facts it looks at, and in words.
func (p *Pack) applies(lang *language, n int, ps *problems) (func(*vector) bool, []int, string) {
	if n == 0 {
		return func(*vector) bool { return true }, nil, ""
	}
	sc := p.doc.scenarios[n]
	looks, words := []int{declaredFact}, []string{fmt.Sprintf("declared == %q", sc.name.text)}
	var raised [256]bool
	for i, r := range p.doc.reasons {
		if r.raises.text == sc.name.text {
			raised[i], looks = true, append(looks, reasonFact)
			words = append(words, fmt.Sprintf("reason == %q", r.name.text))
		}
	}
	signal := func(*vector) bool { return false }
	if sc.when.text != "" {
		if t, ok := lang.table(sc.when, ps); ok {
			signal, looks, words = t.at, append(looks, t.facts...), append(words, sc.when.text)
		}
	}
	return func(v *vector) bool { return int(v[declaredFact]) == n || raised[v[reasonFact]] || signal(v) }, looks, strings.Join(words, " || ")
}

// compileTexts compiles the conditions of the rows that only bring text. A start belongs to its platform besides.
func (p *Pack) compileTexts(lang *language, ps *problems) {
	for i, r := range p.doc.platforms {
		here := r.start.when
		on := tabulate(p.facts, []int{platformFact}, func(v *vector) bool { return int(v[platformFact]) == i })
		if here.text != "" {
			t, ok := lang.table(here, ps)
			if !ok {
				continue
			}
			named := slices.Compact(slices.Sorted(slices.Values(append([]int{platformFact}, t.facts...))))
			on = tabulate(p.facts, named, func(v *vector) bool { return int(v[platformFact]) == i && t.at(v) })
		}
		p.rest.starts = append(p.rest.starts, p.keep(on))
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

// compileAnswers walks every situation the pack tells apart and builds one answer for each set of rows that can apply.
func (p *Pack) compileAnswers(ps *problems) {
	examples, size := p.classes()
	if size > maxAnswers {
		ps.add(spot{1, 1}, fmt.Sprintf("the pack tells more than %d situations apart", maxAnswers), "let conditions look at fewer facts or values")
		return
	}
	built := map[rowSet]uint32{}
	p.answer = make([]uint32, size)
	for i := range p.answer {
		v, left := vector{}, i
		for f, values := range examples {
			v[f] = values[left%len(values)]
			left /= len(values)
		}
		set := p.applying(&v)
		n, ok := built[set]
		if !ok {
			n = uint32(len(p.answers))
			built[set] = n
			p.answers = append(p.answers, p.build(&set, int(v[platformFact])))
		}
		p.answer[i] = n
	}
	p.foreign = p.refuseForeign()
}

// classes merges the values of each fact that no test tells apart, sets the fact's steps through the answers, and returns one
// value of each class and the number of combinations.
func (p *Pack) classes() (examples [][]uint8, size int) {
	size = 1
	for f := range p.facts {
		fact := &p.facts[f]
		seen := map[string]uint32{}
		var values []uint8
		for v := range fact.values {
			mark := p.signature(f, v)
			class, ok := seen[mark]
			if !ok {
				class = uint32(len(values))
				seen[mark] = class
				values = append(values, uint8(v))
			}
			fact.step = append(fact.step, class*uint32(size))
		}
		examples = append(examples, values)
		if size *= len(values); size > maxAnswers {
			return nil, size
		}
	}
	return examples, size
}

// signature is what all tests say of one value of one fact, over everything else.
func (p *Pack) signature(f, value int) string {
	var b strings.Builder
	for i := range p.tests {
		t := &p.tests[i]
		if n := slices.Index(t.facts, f); n >= 0 {
			t.column(&b, n, len(p.facts[f].values), value)
		}
	}
	return b.String()
}

func (p *Pack) applying(v *vector) (set rowSet) {
	for i := range p.tests {
		if p.tests[i].at(v) {
			set.add(i)
		}
	}
	return set
}
