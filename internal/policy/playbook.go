package policy

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/jieling-id/jieling"
)

// playbookRow is an ordered checklist for the scenarios it is for (P1–P3).
type playbookRow struct {
	row
	title, lead jieling.Text
	scenarios   []word
	steps       []playStepRow
	built       jieling.Playbook
}

// playStepRow is one step of a playbook.
type playStepRow struct {
	row
	jieling.Step
	after, refuses []word
}

func (s *source) playbook(n ast.Node, r *playbookRow) {
	r.at = place(n)
	s.mapping(n, noun("处置流程", "a playbook"), must("name", s.word(&r.name)), s.id(&r.row), s.verified(&r.row),
		must("for", s.words(noun("场景", "scenarios"), &r.scenarios)), may("when", s.when(&r.when)), must("title", s.text(&r.title)),
		must("lead", s.text(&r.lead)), must("steps", rows(s, noun("步骤", "steps"), &r.steps, s.playStep)))
}

func (s *source) playStep(n ast.Node, r *playStepRow) {
	r.at = place(n)
	p := &r.Step
	s.mapping(n, noun("步骤", "a step"), must("name", s.word(&r.name)),
		must("who", choice(s, &p.Who, jieling.PerformerAutomatic, jieling.PerformerUser, jieling.PerformerStaff, jieling.PerformerThirdParty)),
		must("class", choice(s, &p.Class, jieling.Safety, jieling.Function)),
		may("does", choice(s, &p.Does, jieling.DoesCloseQuickSignIn, jieling.DoesRemove, jieling.DoesOpenQuickSignIn)),
		may("check", choice(s, &p.Check, jieling.CheckGrantWithdrawn, jieling.CheckRegionMainland, jieling.CheckPhoneAbroad, jieling.CheckWorkMailbox)),
		may("after", s.words(noun("步骤", "steps"), &r.after)), must("title", s.text(&p.Title)), must("text", s.text(&p.Text)),
		may("link", s.line(&p.Link)), may("takes", s.span(&p.Takes)), may("refuses", s.words(noun("邮箱域名", "mail domains"), &r.refuses)))
	p.Name = r.name.text
	p.After, p.Refuses = texts(r.after), nil
	for _, d := range r.refuses {
		p.Refuses = append(p.Refuses, strings.ToLower(d.text))
	}
	if len(p.After) == 0 {
		p.After = nil
	}
}

// checkPlaybooks makes sure that every playbook can be gone through from its first step to its last, and that it puts safety first (P4).
func (p *Pack) checkPlaybooks(ps *problems) {
	once(ps, noun("处置流程", "playbook"), pick(p.doc.playbooks, func(r *playbookRow) word { return r.name }))
	scenarios := texts(p.doc.scenarioNames())
	for i := range p.doc.playbooks {
		r := &p.doc.playbooks[i]
		for _, w := range r.scenarios {
			if !slices.Contains(scenarios, w.text) {
				ps.add(w.at, noScenario, w.text, suggest(w.text, scenarios))
			}
		}
		before := len(*ps)
		r.checkSteps(ps)
		r.build()
		if len(*ps) == before {
			r.checkOrder(ps)
		}
	}
}

// checkSteps looks at each step by itself, and at what it waits for: something that stands before it, so that there is no circle and
// nothing that is never reached.
func (r *playbookRow) checkSteps(ps *problems) {
	names := pick(r.steps, func(s *playStepRow) word { return s.name })
	once(ps, noun("步骤", "step"), names)
	removals := 0
	for i, s := range r.steps {
		if s.Does == jieling.DoesRemove {
			removals++
		}
		switch automatic := s.Who == jieling.PerformerAutomatic; {
		case automatic && s.Does == "":
			ps.add(s.at, idleStep, s.name.text)
		case !automatic && s.Does != "":
			ps.add(s.at, notAutomatic, s.name.text)
		case automatic && s.Check != "":
			ps.add(s.at, checkedByItself, s.name.text)
		case s.Check == jieling.CheckWorkMailbox && len(s.refuses) == 0:
			ps.add(s.at, refusesNothing, s.name.text)
		}
		for _, a := range s.after {
			switch at := slices.Index(texts(names), a.text); {
			case at < 0:
				ps.add(a.at, noStep, a.text, suggest(a.text, texts(names[:i])))
			case at >= i:
				ps.add(a.at, laterStep, s.name.text, a.text)
			}
		}
	}
	if removals != 1 {
		ps.add(r.at, oneRemoval, r.name.text, removals)
	}
	if open := slices.IndexFunc(r.steps, func(s playStepRow) bool { return s.Does == jieling.DoesOpenQuickSignIn }); open >= 0 {
		if !slices.ContainsFunc(r.steps[:open], func(s playStepRow) bool { return s.Does == jieling.DoesCloseQuickSignIn }) {
			ps.add(r.steps[open].at, neverClosed)
		}
	}
}

// checkOrder holds a playbook to P4: every step of function waits for every step of safety, itself or by way of others.
func (r *playbookRow) checkOrder(ps *problems) {
	for _, f := range r.steps {
		for _, s := range r.steps {
			if f.Class == jieling.Function && s.Class == jieling.Safety && !r.built.Waits(f.Name, s.Name) {
				ps.add(f.at, functionFirst, f.name.text, s.name.text)
			}
		}
	}
}

func (r *playbookRow) build() {
	r.built = jieling.Playbook{Name: r.name.text, Rule: r.id.text, Verified: r.verified, Title: r.title, Lead: r.lead}
	for _, s := range r.steps {
		r.built.Steps = append(r.built.Steps, s.Step)
	}
}

// playbook finds the first of the pack's playbooks that is for a scenario which applies; nil where there is none. It is shared.
func (p *Pack) playbook(set *rowSet, applied []string) *jieling.Playbook {
	for i := range p.doc.playbooks {
		r := &p.doc.playbooks[i]
		if set.has(p.rest.playbooks[i]) && slices.ContainsFunc(r.scenarios, func(w word) bool { return slices.Contains(applied, w.text) }) {
			return &r.built
		}
	}
	return nil
}

// Playbooks lists the pack's playbooks, in its order. Callers must not change what they point to.
func (p *Pack) Playbooks() []*jieling.Playbook {
	var out []*jieling.Playbook
	for i := range p.doc.playbooks {
		out = append(out, &p.doc.playbooks[i].built)
	}
	return out
}

// Playbook finds a playbook by its name; nil where there is none.
func (p *Pack) Playbook(name string) *jieling.Playbook {
	for i := range p.doc.playbooks {
		if p.doc.playbooks[i].name.text == name {
			return &p.doc.playbooks[i].built
		}
	}
	return nil
}
