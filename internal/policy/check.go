package policy

import (
	"fmt"
	"regexp"
	"slices"
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
}

// once complains about a name given twice in one section.
func once(ps *problems, what string, names []word) {
	for i, n := range names {
		if n.text != "" && slices.ContainsFunc(names[:i], func(o word) bool { return o.text == n.text }) {
			ps.add(n.at, fmt.Sprintf("the %s %s is there twice", what, n.text), "keep one of them or rename the other")
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
	once(ps, "fact", pick(d.facts, func(r *factRow) word { return r.name }))
	once(ps, "platform", d.platformNames())
	if n := len(d.platforms); n > maxLanes {
		ps.add(d.platforms[n-1].at, fmt.Sprintf("the pack has %d platforms", n), fmt.Sprintf("name at most %d", maxLanes))
	}
	once(ps, "factor", pick(d.factors, func(r *factorRow) word { return r.name }))
	if n := len(d.losses); n > maxLosses {
		ps.add(d.losses[n-1].at, fmt.Sprintf("the pack has %d losses", n), fmt.Sprintf("name at most %d", maxLosses))
	}
	once(ps, "loss", pick(d.losses, func(r *lossRow) word { return r.name }))
	once(ps, "reason", d.reasonNames())
	once(ps, "scenario", d.scenarioNames())
	ids := pick(d.scenarios, func(r *scenarioRow) word { return r.id })
	once(ps, "rule", append(ids, pick(d.rules, func(r *ruleRow) word { return r.id })...))
	once(ps, "dependent", pick(d.dependents, func(r *dependentRow) word { return r.id }))
	once(ps, "risk", pick(d.risks, func(r *riskRow) word { return r.id }))
	once(ps, "replacement", pick(d.replacements, func(r *replacementRow) word { return r.id }))
	once(ps, "replacement for", pick(d.replacements, func(r *replacementRow) word { return r.provider }))
	for _, r := range d.reasons {
		if raised := r.raises; raised.text != "" && !slices.Contains(texts(d.scenarioNames()), raised.text) {
			ps.add(raised.at, fmt.Sprintf("there is no scenario %s", raised.text), suggest(raised.text, texts(d.scenarioNames())))
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
			ps.add(f.name.at, fmt.Sprintf("a fact cannot be named %s", f.name.text), "choose another name, or leave it out if the pack has it anyway")
		case !factName.MatchString(f.name.text):
			ps.add(f.name.at, fmt.Sprintf("%q is not a fact's name", f.name.text), "use small letters, digits and underscores")
		}
		if len(f.values) < 2 || len(f.values) > 64 {
			ps.add(f.name.at, fmt.Sprintf("the fact %s has %d values", f.name.text, len(f.values)), "declare 2 to 64")
		}
		once(ps, "value", f.values)
		checkLevels(f, ps)
		for _, w := range []word{f.unset, f.otherwise} {
			if w.text != "" && !slices.Contains(texts(f.values), w.text) {
				ps.add(w.at, fmt.Sprintf("%s is never %s", f.name.text, w.text), suggest(w.text, texts(f.values)))
			}
		}
	}
	if n := len(p.doc.facts); n > maxFacts-declaredFacts {
		ps.add(p.doc.facts[n-1].name.at, fmt.Sprintf("the pack declares %d facts", n), fmt.Sprintf("declare at most %d", maxFacts-declaredFacts))
	}
}

// checkLevels holds a fact that the service measures to the levels it is measured in, and what is not known to not being safe.
func checkLevels(f factRow, ps *problems) {
	if f.rising && f.unset.text != "" && len(f.values) > 0 && f.unset.text == f.values[0].text {
		ps.add(f.unset.at, fmt.Sprintf("where nothing is known, %s would count as the safest", f.name.text), "choose a riskier value for unset")
	}
	i := slices.IndexFunc(Signals[:], func(s Signal) bool { return s.Name == f.name.text })
	switch {
	case i < 0:
	case !slices.Equal(texts(f.values), Signals[i].Levels):
		ps.add(f.name.at, fmt.Sprintf("%s is measured in other levels", f.name.text), "write values: ["+strings.Join(Signals[i].Levels, ", ")+"]")
	case !f.rising:
		ps.add(f.name.at, fmt.Sprintf("the levels of %s are in the order of their risk", f.name.text), "add rising: true")
	}
}

func (p *Pack) checkScenarios(ps *problems) {
	for i, sc := range p.doc.scenarios {
		p.checkCells(sc.at, "scenario "+sc.name.text, "require or refuse", pick(sc.cells, func(c *cellRow) word { return c.platform }), ps)
		if i == 0 && sc.when.text != "" {
			ps.add(sc.when.at, "the first scenario always applies", "leave when out")
		}
	}
}

func (p *Pack) checkRisks(ps *problems) {
	for _, r := range p.doc.risks {
		p.checkCells(r.at, "risk "+r.id.text, "level and why", pick(r.cells, func(c *riskCell) word { return c.platform }), ps)
	}
}

// checkCells makes sure that a row of a matrix has a cell for every platform and for nothing else.
func (p *Pack) checkCells(at spot, what, holds string, cells []word, ps *problems) {
	platforms := texts(p.doc.platformNames())
	for _, c := range cells {
		if !slices.Contains(platforms, c.text) {
			ps.add(c.at, fmt.Sprintf("there is no platform %s", c.text), suggest(c.text, platforms))
		}
	}
	for _, name := range platforms {
		if !slices.Contains(texts(cells), name) {
			ps.add(at, fmt.Sprintf("the %s has no cell for %s", what, name), fmt.Sprintf("add the cell %s with %s", name, holds))
		}
	}
}

func (p *Pack) checkRequirements(ps *problems) {
	d := &p.doc
	if n := len(d.factors); n > maxFactors {
		ps.add(d.factors[n-1].at, fmt.Sprintf("the pack has %d factors", n), fmt.Sprintf("name at most %d", maxFactors))
	}
	known := texts(pick(d.factors, func(r *factorRow) word { return r.name }))
	factors := func(n need) {
		for _, w := range n.named {
			if !slices.Contains(known, w.text) {
				ps.add(w.at, fmt.Sprintf("there is no factor %s", w.text), suggest(w.text, known))
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
			ps.add(r.at, fmt.Sprintf("nobody knows how long %s takes", r.name.text), "add takes: 72h")
		case !slow && r.takes != 0:
			ps.add(r.at, fmt.Sprintf("%s waits for nobody", r.name.text), "leave takes out, or say by whom: staff or organisation")
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
			ps.add(r.at, "the detour does not say how long it takes", "write {takes} into the text, in both languages")
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
				ps.add(r.at, fmt.Sprintf("the way round %s asks for it", f.name.text), "ask for something else")
			}
			if before != nil && !Stronger(r.require.Requirement, before.require.Requirement) {
				ps.add(r.at, fmt.Sprintf("the way round %s is weaker than the one before it", f.name.text), "let it ask for all that the one before asks for")
			}
			before = r
		}
		if before != nil && !slices.ContainsFunc(before.require.named, func(w word) bool { return !asked[w.text] }) {
			ps.add(before.at, fmt.Sprintf("the last way round %s asks only for what is asked anyway", f.name.text), "add a factor that no cell or rule asks for")
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
			ps.add(r.key.at, fmt.Sprintf("the key verification of %s does not meet its cell in scenario %s", r.name.text, p.doc.scenarios[0].name.text),
				"make one of them accept the other")
		}
	}
}

func (p *Pack) checkRanking(ps *problems) {
	d := &p.doc
	kinds := []string{string(jieling.Personal), string(jieling.Merchant), string(jieling.EnterpriseMember)}
	offered := texts(pick(d.replacements, func(r *replacementRow) word { return r.provider }))
	var ranked []word
	for _, r := range d.ranking {
		once(ps, "provider", r.order)
		ranked = append(ranked, r.kinds...)
		for _, k := range r.kinds {
			if !slices.Contains(kinds, k.text) {
				ps.add(k.at, fmt.Sprintf("there is no kind of account %s", k.text), suggest(k.text, kinds))
			}
		}
		for _, o := range r.order {
			if !slices.Contains(offered, o.text) {
				ps.add(o.at, fmt.Sprintf("there is no replacement for provider %s", o.text), suggest(o.text, offered))
			}
		}
		for _, o := range offered {
			if !slices.Contains(texts(r.order), o) {
				ps.add(r.at, fmt.Sprintf("the ranking leaves out %s", o), "add it to the order")
			}
		}
	}
	once(ps, "ranking of", ranked)
	for _, k := range kinds {
		if !slices.Contains(texts(ranked), k) {
			ps.add(d.ranking[0].at, fmt.Sprintf("accounts of kind %s are not ranked", k), "add "+k+" to the kinds of a ranking")
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
				ps.add(r.at, fmt.Sprintf("%s has a meaning only in a step with part: %s", mark, at), "leave it out, or add the part")
			case r.part == at && !(zh && en):
				ps.add(r.at, fmt.Sprintf("a step with part: %s needs %s in both languages", at, mark), "add it to the text")
			}
		}
	}
	if verify != 1 {
		ps.add(p.doc.steps[0].at, fmt.Sprintf("the steps have %d with part: verify", verify), "write exactly one; it is repeated for every factor")
	}
}
