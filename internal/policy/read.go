package policy

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/jieling-id/jieling"
)

// document is a pack as it is written: read and well-formed, not yet compiled. Its rows keep where they stand.
type document struct {
	name, version word
	title         jieling.Text
	facts         []factRow
	platforms     []platformRow
	factors       []factorRow
	joiners       struct{ any, all jieling.Text }
	reasons       []reasonRow
	scenarios     []scenarioRow
	rules         []ruleRow
	detours       []detourRow
	losses        []lossRow
	dependents    []dependentRow
	risks         []riskRow
	advice        []textRow
	replacements  []replacementRow
	ranking       []rankingRow
	afterwards    []textRow
	steps         []stepRow
	playbooks     []playbookRow
}

// row is what the rows of every section have in common.
type row struct {
	at       spot
	id       word
	name     word
	verified string
	when     condition
}

type factRow struct {
	name             word
	values           []word
	yesNo            bool
	rising           bool
	unset, otherwise word
}

type platformRow struct {
	row
	title jieling.Text
	start struct {
		row
		path     jieling.Text
		deepLink string
	}
	key struct {
		row
		require need
	}
	comparison struct {
		row
		assurance jieling.Level
		note      jieling.Text
	}
}

type factorRow struct {
	row
	title, hint jieling.Text
	by          holder
	takes       time.Duration // at most, where somebody else has to act
	demands     need          // what passing this one asks for as well
}

// holder says whose act a factor is.
type holder string

const (
	byPerson       holder = "person"       // who set it up beforehand
	byAnyone       holder = "anyone"       // who has a session: nothing has to be set up
	byStaff        holder = "staff"        // of the service
	byOrganisation holder = "organisation" // that manages the account
)

type reasonRow struct {
	row
	title, advice jieling.Text
	raises        word
}

type scenarioRow struct {
	row
	title jieling.Text
	cells []cellRow
}

type cellRow struct {
	platform word
	then     consequence
}

type ruleRow struct {
	row
	then consequence
}

// consequence is what a cell or a rule adds to the decision.
type consequence struct {
	require                                need
	wait, guard                            time.Duration
	refuse, replacement, needPhone, backup bool
	because                                jieling.Text
}

// need is a requirement and where its factors are named.
type need struct {
	jieling.Requirement
	named []word
}

// detourRow is a way round factors that are not set up or lost (V8).
type detourRow struct {
	row
	round   []word
	require need
	text    jieling.Text
}

// lossRow is one thing that can fall into wrong hands, and the factors it hands over.
type lossRow struct {
	row
	title jieling.Text
	hands []word
}

type dependentRow struct {
	row
	jieling.Dependent
	indirectly jieling.Text
}

type riskRow struct {
	row
	title jieling.Text
	cells []riskCell
}

// riskCell is how large a risk is on one platform, and why.
type riskCell struct {
	platform word
	level    jieling.Level
	why      jieling.Text
}

type replacementRow struct {
	row
	provider word
	jieling.Replacement
	warning struct {
		row
		text jieling.Text
	}
}

type rankingRow struct {
	row
	kinds, order []word
}

type textRow struct {
	row
	text jieling.Text
}

type stepRow struct {
	textRow
	part part
}

// part says what a step belongs to.
type part string

const (
	partStart       part = "start"
	partReplacement part = "replacement"
	partBackup      part = "backup"
	partVerify      part = "verify"
	partWait        part = "wait"
)

func (s *source) document(n ast.Node) (d document) {
	s.mapping(n, noun("策略包", "the pack"),
		must("pack", s.word(&d.name)),
		must("version", s.word(&d.version)),
		must("environment", s.environment),
		must("title", s.text(&d.title)),
		must("facts", s.facts(&d.facts)),
		must("platforms", rows(s, noun("平台", "platforms"), &d.platforms, s.platform)),
		must("factors", rows(s, noun("验证方式", "factors"), &d.factors, s.factor)),
		must("joiners", func(n ast.Node) {
			s.mapping(n, noun("连接词", "the joiners"), must("any", s.joiner(&d.joiners.any)), must("all", s.joiner(&d.joiners.all)))
		}),
		must("reasons", rows(s, noun("原因", "reasons"), &d.reasons, s.reason)),
		must("scenarios", rows(s, noun("场景", "scenarios"), &d.scenarios, s.scenario)),
		must("rules", rows(s, noun("规则", "rules"), &d.rules, s.rule)),
		must("detours", rows(s, noun("替代验证", "detours"), &d.detours, s.detour)),
		must("losses", rows(s, noun("失控", "losses"), &d.losses, s.loss)),
		must("dependents", rows(s, noun("依赖项", "dependents"), &d.dependents, s.dependent)),
		must("risks", rows(s, noun("风险", "risks"), &d.risks, s.risk)),
		must("advice", rows(s, noun("文字", "texts"), &d.advice, s.conditionedText)),
		must("replacements", rows(s, noun("替代登录方式", "replacements"), &d.replacements, s.replacement)),
		must("ranking", rows(s, noun("排序", "rankings"), &d.ranking, s.rank)),
		must("afterwards", rows(s, noun("文字", "texts"), &d.afterwards, s.conditionedText)),
		must("steps", rows(s, noun("步骤", "steps"), &d.steps, s.step)),
		may("playbooks", rows(s, noun("处置流程", "playbooks"), &d.playbooks, s.playbook)),
	)
	return d
}

// rows reads a list of one kind of row.
func rows[T any](s *source, what jieling.Text, to *[]T, read func(ast.Node, *T)) func(ast.Node) {
	return s.each(what, func(n ast.Node) {
		var one T
		read(n, &one)
		*to = append(*to, one)
	})
}

func (s *source) environment(n ast.Node) {
	if i, ok := n.(*ast.IntegerNode); !ok || i.String() != "1" {
		s.add(place(n), otherEnvironment)
	}
}

func (s *source) verified(r *row) field { return must("verified", s.date(&r.verified)) }
func (s *source) id(r *row) field       { return must("id", s.word(&r.id)) }

func (s *source) facts(to *[]factRow) func(ast.Node) {
	return s.named(noun("事实部分", "the facts"), func(name word, value ast.Node) {
		f := factRow{name: name}
		s.mapping(value, noun("事实", "a fact"),
			must("values", s.domain(&f)),
			may("rising", s.flag(&f.rising)),
			may("unset", s.word(&f.unset)),
			may("otherwise", s.word(&f.otherwise)))
		*to = append(*to, f)
	})
}

// domain reads the values of a fact: names, or exactly [false, true].
func (s *source) domain(f *factRow) func(ast.Node) {
	read := s.words(noun("取值", "values"), &f.values)
	return func(n ast.Node) {
		list, ok := n.(*ast.SequenceNode)
		if !ok || len(list.Values) == 0 {
			read(n)
			return
		}
		if _, f.yesNo = list.Values[0].(*ast.BoolNode); !f.yesNo {
			read(n)
			return
		}
		if len(list.Values) != 2 || list.Values[0].String() != "false" || list.Values[1].String() != "true" {
			s.add(place(n), notYesNoValues)
		}
		f.values = []word{{"false", place(n)}, {"true", place(n)}}
	}
}

func (s *source) platform(n ast.Node, p *platformRow) {
	p.at = place(n)
	s.mapping(n, noun("平台", "a platform"),
		must("name", s.word(&p.name)),
		must("title", s.text(&p.title)),
		must("start", func(n ast.Node) {
			r := &p.start
			r.at = place(n)
			s.mapping(n, noun("入口", "the start"), s.id(&r.row), s.verified(&r.row), may("when", s.when(&r.when)),
				must("path", s.text(&r.path)), may("deep_link", s.line(&r.deepLink)))
		}),
		must("key_verification", func(n ast.Node) {
			r := &p.key
			r.at = place(n)
			s.mapping(n, noun("关键验证", "the key verification"), s.id(&r.row), s.verified(&r.row), must("require", s.require(&r.require)))
		}),
		must("comparison", func(n ast.Node) {
			r := &p.comparison
			r.at = place(n)
			s.mapping(n, noun("平台比较", "the comparison"), s.id(&r.row), s.verified(&r.row), must("assurance", s.level(&r.assurance)),
				must("note", s.text(&r.note)))
		}))
}

func (s *source) level(to *jieling.Level) func(ast.Node) {
	return choice(s, to, jieling.Low, jieling.Medium, jieling.High)
}

func (s *source) factor(n ast.Node, f *factorRow) {
	f.at = place(n)
	f.by = byPerson
	s.mapping(n, noun("验证方式", "a factor"), must("name", s.word(&f.name)), s.verified(&f.row), must("title", s.text(&f.title)), must("hint", s.text(&f.hint)),
		may("by", choice(s, &f.by, byPerson, byAnyone, byStaff, byOrganisation)), may("takes", s.span(&f.takes)),
		may("demands", s.require(&f.demands)))
}

func (s *source) reason(n ast.Node, r *reasonRow) {
	r.at = place(n)
	s.mapping(n, noun("原因", "a reason"), must("name", s.word(&r.name)), s.id(&r.row), s.verified(&r.row), must("title", s.text(&r.title)),
		must("advice", s.text(&r.advice)), may("raises", s.word(&r.raises)))
}

func (s *source) scenario(n ast.Node, r *scenarioRow) {
	r.at = place(n)
	cells := func(name word, value ast.Node) {
		c, before := cellRow{platform: name}, len(s.problems)
		s.mapping(value, noun("一格", "a cell"), may("require", s.require(&c.then.require)), may("refuse", s.flag(&c.then.refuse)),
			may("wait", s.span(&c.then.wait)), must("because", s.text(&c.then.because)))
		if c.then.refuse != c.then.require.Zero() && len(s.problems) == before {
			s.add(place(value), askOrRefuse)
		}
		r.cells = append(r.cells, c)
	}
	s.mapping(n, noun("场景", "a scenario"), must("name", s.word(&r.name)), s.id(&r.row), s.verified(&r.row), must("title", s.text(&r.title)),
		may("when", s.when(&r.when)), must("cells", s.named(noun("各格", "the cells"), cells)))
}

func (s *source) rule(n ast.Node, r *ruleRow) {
	r.at = place(n)
	t := &r.then
	before := len(s.problems)
	s.mapping(n, noun("规则", "a rule"), s.id(&r.row), s.verified(&r.row), may("when", s.when(&r.when)), may("require", s.require(&t.require)),
		may("wait", s.span(&t.wait)), may("guard", s.span(&t.guard)), may("refuse", s.flag(&t.refuse)),
		may("replacement", s.flag(&t.replacement)), may("need_phone", s.flag(&t.needPhone)), may("backup", s.flag(&t.backup)),
		must("because", s.text(&t.because)))
	idle := t.require.Zero() && t.wait == 0 && t.guard == 0 && !t.refuse && !t.replacement && !t.needPhone && !t.backup
	if idle && len(s.problems) == before {
		s.add(r.at, idleRule)
	}
}

func (s *source) detour(n ast.Node, r *detourRow) {
	r.at = place(n)
	s.mapping(n, noun("替代验证", "a detour"), s.id(&r.row), s.verified(&r.row), must("for", s.words(noun("验证方式", "factors"), &r.round)),
		must("require", s.require(&r.require)), must("text", s.text(&r.text)))
}

func (s *source) loss(n ast.Node, r *lossRow) {
	r.at = place(n)
	s.mapping(n, noun("失控", "a loss"), must("name", s.word(&r.name)), s.id(&r.row), s.verified(&r.row), must("title", s.text(&r.title)),
		may("when", s.when(&r.when)), must("hands", s.words(noun("验证方式", "factors"), &r.hands)))
}

// require reads a requirement: a factor's name, or all_of or any_of over a list of requirements.
func (s *source) require(to *need) func(ast.Node) {
	return func(n ast.Node) { to.Requirement = s.requirement(n, &to.named) }
}

func (s *source) requirement(n ast.Node, named *[]word) (r jieling.Requirement) {
	if _, ok := n.(*ast.StringNode); ok {
		var w word
		if s.word(&w)(n); w.text != "" {
			*named = append(*named, w)
		}
		return jieling.Need(jieling.Factor(w.text))
	}
	m, ok := n.(*ast.MappingNode)
	if !ok || len(m.Values) != 1 {
		s.add(place(n), notRequirement)
		return r
	}
	list := func(to *[]jieling.Requirement) func(ast.Node) {
		return s.each(noun("验证要求", "requirements"), func(n ast.Node) { *to = append(*to, s.requirement(n, named)) })
	}
	s.mapping(n, noun("验证要求", "a requirement"), may("all_of", list(&r.All)), may("any_of", list(&r.Any)))
	return r
}

func (s *source) dependent(n ast.Node, r *dependentRow) {
	r.at = place(n)
	var module word
	d := &r.Dependent
	s.mapping(n, noun("依赖项", "a dependent"), s.id(&r.row), s.verified(&r.row), may("when", s.when(&r.when)), must("module", s.word(&module)),
		must("change", choice(s, &d.Change, jieling.Lost, jieling.Changed, jieling.Kept)), must("title", s.text(&d.Title)),
		must("detail", s.text(&d.Detail)), may("indirectly", s.text(&r.indirectly)), may("remedy", s.text(&d.Remedy)),
		may("irreversible", s.flag(&d.Irreversible)), may("backup", s.flag(&d.Backup)))
	d.ID, d.Rule, d.Module = r.id.text, r.id.text, module.text
	if !r.indirectly.Empty() {
		d.Detail = jieling.Text{ZH: d.Detail.ZH + r.indirectly.ZH, EN: d.Detail.EN + " " + r.indirectly.EN}
	}
}

func (s *source) risk(n ast.Node, r *riskRow) {
	r.at = place(n)
	cells := func(name word, value ast.Node) {
		c := riskCell{platform: name}
		s.mapping(value, noun("一格", "a cell"), must("level", s.level(&c.level)), must("why", s.text(&c.why)))
		r.cells = append(r.cells, c)
	}
	s.mapping(n, noun("风险", "a risk"), s.id(&r.row), s.verified(&r.row), must("title", s.text(&r.title)), must("cells", s.named(noun("各格", "the cells"), cells)))
}

func (s *source) replacement(n ast.Node, r *replacementRow) {
	r.at = place(n)
	p := &r.Replacement
	warning := func(n ast.Node) {
		w := &r.warning
		w.at = place(n)
		s.mapping(n, noun("提醒", "a warning"), s.id(&w.row), s.verified(&w.row), must("text", s.text(&w.text)))
	}
	s.mapping(n, noun("替代登录方式", "a replacement"), s.id(&r.row), s.verified(&r.row), must("provider", s.word(&r.provider)), must("title", s.text(&p.Title)),
		must("effort", s.level(&p.Effort)), must("security_cost", s.level(&p.SecurityCost)), must("completeness", s.level(&p.Completeness)),
		may("note", s.text(&p.Note)), may("warning", warning))
	p.Rule, p.Provider = r.id.text, jieling.Provider(r.provider.text)
	if w := r.warning.text; !w.Empty() {
		p.Note = jieling.Text{ZH: p.Note.ZH + w.ZH, EN: fmt.Sprintf("%s %s", p.Note.EN, w.EN)}
	}
}

func (s *source) rank(n ast.Node, r *rankingRow) {
	r.at = place(n)
	s.mapping(n, noun("排序", "a ranking"), s.id(&r.row), s.verified(&r.row), must("kinds", s.words(noun("账号类别", "kinds of account"), &r.kinds)),
		must("order", s.words(noun("登录渠道", "providers"), &r.order)))
}

func (s *source) conditionedText(n ast.Node, r *textRow) {
	r.at = place(n)
	s.mapping(n, noun("文字", "a text"), s.id(&r.row), s.verified(&r.row), may("when", s.when(&r.when)), must("text", s.text(&r.text)))
}

func (s *source) step(n ast.Node, r *stepRow) {
	r.at = place(n)
	s.mapping(n, noun("步骤", "a step"), may("part", choice(s, &r.part, partStart, partReplacement, partBackup, partVerify, partWait)),
		s.verified(&r.row), may("when", s.when(&r.when)), must("text", s.text(&r.text)))
}
