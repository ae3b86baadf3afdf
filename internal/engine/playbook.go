package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/store"
)

// StepAnswer is what somebody says of a step of a case's playbook: that it is done, or that they knowingly leave it out.
type StepAnswer struct {
	Step     string
	Declined bool
}

// TakeStep settles a step of a case's playbook. Where somebody can tell whether it is done they are asked first: a word never stands
// against what they say (CodeStepUnseen), and counts, as a word, where nobody can tell.
func (e *Engine) TakeStep(ctx context.Context, by jieling.Actor, idem Idem, id jieling.CaseID, in StepAnswer) (CaseView, error) {
	before, err := e.Store.Load(ctx, store.Need{Case: id, With: store.Removed})
	if err != nil {
		return CaseView{}, translate(err)
	}
	if err := foundCase(before, by); err != nil {
		return CaseView{}, err
	}
	var told sight
	if s := before.Case.Playbook.Step(in.Step); s != nil && s.Open() && s.Check == jieling.CheckGrantWithdrawn && !in.Declined {
		ctx, cancel := context.WithTimeout(ctx, e.Patience)
		defer cancel()
		told, _ = e.askProvider(ctx, before) // whom nobody can ask leaves it to the person's word
	}
	return e.move(ctx, by, idem, store.Need{Case: id, With: store.Removed | store.Challenges | store.Enrolments | store.Devices}, func(w *work) error {
		if in.Declined {
			w.transition("case.step.decline", map[string]any{"step": in.Step})
			return w.step(casework.StepDeclined{Step: in.Step})
		}
		voucher, err := w.vouches(in.Step, told)
		if err != nil {
			return err
		}
		w.transition("case.step", map[string]any{"step": in.Step, "by": voucher})
		return w.step(casework.StepDone{Step: in.Step, By: voucher})
	})
}

// Playbook reads a playbook of the pack in force, for anybody: it holds nothing of anyone's. CodeNotFound where there is none of that
// name. Callers must not change it.
func (e *Engine) Playbook(name string) (*jieling.Playbook, error) {
	p := e.PackInForce().Playbook(name)
	if p == nil {
		return nil, notFound()
	}
	return p, nil
}

// sight is what was found out about a step.
type sight int

const (
	unknown sight = iota // nobody can tell
	seen                 // it is done
	unseen               // it is not
)

// vouches says on whose word a step counts as done.
func (w *work) vouches(name string, told sight) (jieling.Voucher, error) {
	s := w.Case.Playbook.Step(name)
	switch {
	case s == nil || s.Check == "" || !s.Open():
		// the law says what is wrong with it, if anything
	case s.Check != jieling.CheckGrantWithdrawn:
		if w.shows(*s) {
			return jieling.ByAccount, nil
		}
		return "", notSeen(*s)
	case told == seen:
		return jieling.ByProvider, nil
	case told == unseen:
		return "", notSeen(*s)
	}
	if s != nil && s.Who == jieling.PerformerStaff && w.by.Kind == jieling.ActorProduct {
		return jieling.ByProduct, nil
	}
	return jieling.ByWord, nil
}

func notSeen(s jieling.Step) error {
	return jieling.Refuse(jieling.CodeStepUnseen, "我们核实了，“"+s.Title.ZH+"”还没有生效。完成后请稍等片刻，再试一次。",
		"We looked, and “"+s.Title.EN+"” has not taken effect yet. Once it is done, wait a moment and try again.")
}

// shows reports that the account shows that a step is done, as this transaction reads it.
func (w *work) shows(s jieling.Step) bool {
	switch s.Check {
	case jieling.CheckRegionMainland:
		return w.Account.Region == "CN"
	case jieling.CheckPhoneAbroad:
		return slices.ContainsFunc(w.Bindings, func(b jieling.Binding) bool {
			return b.Provider == jieling.Phone && b.Usable() && b.Proven() && !strings.HasPrefix(w.e.subject(b), "+86") && w.e.subject(b) != ""
		})
	case jieling.CheckWorkMailbox:
		return !slices.ContainsFunc(w.Bindings, func(b jieling.Binding) bool {
			return b.Provider == jieling.Email && b.Usable() && slices.Contains(s.Refuses, domainOf(w.e.subject(b)))
		})
	}
	return false
}

// subject opens what a provider knows somebody by; "" where it is forgotten.
func (e *Engine) subject(b jieling.Binding) string {
	plain, err := e.Keys.Open(subjectOf(b.ID), b.Subject)
	if err != nil {
		return ""
	}
	return string(plain)
}

func domainOf(mailbox string) string {
	return strings.ToLower(mailbox[strings.LastIndexByte(mailbox, '@')+1:])
}

// askProvider asks the provider of the login that goes whether it still lets us in for this person.
func (e *Engine) askProvider(ctx context.Context, s store.Snapshot) (sight, error) {
	state, err := e.grantState(ctx, s, s.Case.Binding)
	switch {
	case err != nil:
		return unknown, err
	case state == provider.GrantWithdrawn:
		return seen, nil
	case state == provider.GrantStands:
		return unseen, nil
	}
	return unknown, nil
}

// actCheck finds out whether a step of a playbook is done. A provider that says no is asked again, at growing distances, for as long as
// the step is open: what a person did elsewhere is noticed without their coming back to say so.
func (e *Engine) actCheck(ctx context.Context, eff jieling.Effect) error {
	s, err := e.Store.Load(ctx, store.Need{Account: eff.Account, Case: eff.Case, With: store.Removed})
	if err != nil {
		return translate(err)
	}
	var told sight
	if s.Case != nil {
		if step := s.Case.Playbook.Step(eff.Subject); step != nil && step.Open() && step.Check == jieling.CheckGrantWithdrawn {
			if told, err = e.askProvider(ctx, s); err != nil && eff.Attempt < triesBefore {
				return e.report(ctx, eff, jieling.EffectDue, err, nil)
			}
		}
	}
	return e.report(ctx, eff, jieling.EffectDone, nil, func(w *work) error { return w.checked(eff.Subject, told, err != nil) })
}

// checked folds in what was found out about a step.
func (w *work) checked(name string, told sight, failed bool) error {
	s := w.Case.Playbook.Step(name)
	if s == nil || !s.Open() || w.Case.Stage == jieling.StageFrozen {
		return nil // it has been settled meanwhile, or will be looked at again after the freeze
	}
	voucher := jieling.ByProvider
	if s.Check != jieling.CheckGrantWithdrawn {
		voucher = jieling.ByAccount
		if w.shows(*s) {
			told = seen
		}
	}
	switch {
	case told == seen:
		w.transition("case.step", map[string]any{"step": name, "by": voucher})
		return w.step(casework.StepDone{Step: name, By: voucher})
	case failed && s.State == jieling.StepReady:
		w.checkLater(*s)
		w.transition("case.step.fail", map[string]any{"step": name})
		return w.step(casework.StepFailed{Step: name})
	case told == unseen || failed:
		w.checkLater(*s)
	}
	return nil
}

// checkLater asks again after half as long as the step has been open.
func (w *work) checkLater(s jieling.Step) {
	at := w.Now.Add(min(6*time.Hour, max(15*time.Second, w.Now.Sub(s.ReadyAt)/2)))
	w.effect(jieling.Effect{Key: checkKey(*w.Case, s, at), Kind: jieling.EffectCheck, Account: w.Account.ID, Case: w.Case.ID, Subject: s.Name, RunAt: at})
}

func checkKey(c jieling.Case, s jieling.Step, at time.Time) string {
	return fmt.Sprintf("%s/%s/%s/%s", c.ID, jieling.EffectCheck, s.Name, at.UTC().Format(time.RFC3339Nano))
}

// recheck has every open step looked at that the account itself can show: something of it has changed.
func (w *work) recheck(cases ...jieling.Case) {
	for _, c := range cases {
		if c.Playbook == nil {
			continue
		}
		for _, s := range c.Playbook.Steps {
			if s.Open() && s.Check != "" && s.Check != jieling.CheckGrantWithdrawn {
				w.effect(jieling.Effect{Key: checkKey(c, s, w.Now), Kind: jieling.EffectCheck, Account: w.Account.ID, Case: c.ID, Subject: s.Name, RunAt: w.Now})
			}
		}
	}
}

// quickSignIn keeps quick sign-in off, or lets it be, as a case that was begins or ceases to want it. It is done in the transaction that
// says so: there is no moment at which a case runs and the login that goes still opens the account.
func (w *work) quickSignIn(before, after jieling.Case) {
	was, is := casework.QuickSignInOff(before), casework.QuickSignInOff(after)
	if was == is {
		return
	}
	by := 1
	if was {
		by = -1
	}
	for _, b := range slices.Clone(w.Bindings) {
		w.editBinding(b.ID, func(b *jieling.Binding) {
			b.QuickAsks = max(0, b.QuickAsks+by)
			if b.ID == after.Binding {
				b.QuickOff = is
			}
		})
	}
}

// quickAsks is how many of the account's playbooks keep quick sign-in off: a login that joins is asked for as much as the others.
func (w *work) quickAsks() (n int) {
	for _, b := range w.Bindings {
		if b.State != jieling.BindingRemoved {
			n = max(n, b.QuickAsks)
		}
	}
	return n
}

// refusesMailbox says no to a mailbox that cannot be a login: in a case, by a step of its playbook; else for a member of an
// organisation, by any of the pack's (P2).
func (w *work) refusesMailbox(in NewBinding) error {
	if in.Provider != jieling.Email {
		return nil
	}
	all := w.e.PackInForce().Playbooks()
	if w.Account.Kind != jieling.EnterpriseMember {
		all = nil
	}
	if w.Case != nil {
		all = append(all, w.Case.Playbook)
	}
	domain := domainOf(in.Subject)
	if !slices.ContainsFunc(all, func(p *jieling.Playbook) bool { return p.Refuses(domain) }) {
		return nil
	}
	return jieling.Malformed("subject", "个人邮箱（"+domain+"）不能用作企业账号的邮箱。请改用企业邮箱。",
		"A personal mailbox ("+domain+") cannot be that of an enterprise account. Use a mailbox of the enterprise.")
}

// SetRegion notes where the product says the account's owner lives: ISO 3166-1 alpha-2. What a pack asks may change with it; a case is
// asked again before anything is removed (S15).
func (e *Engine) SetRegion(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, region string) (jieling.Account, error) {
	if by.Kind != jieling.ActorProduct {
		return jieling.Account{}, forbidden()
	}
	if !regionForm.MatchString(region) {
		return jieling.Account{}, jieling.Invalid("region", "must be two upper-case letters (ISO 3166-1)")
	}
	var written *jieling.Account // with the version that its change gave it
	err := e.do(ctx, by, idem, store.Need{Account: account, With: store.OpenCases}, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeAccounts); err != nil {
			return "", err
		}
		if w.Account.Region != region {
			w.Account.Region = region
			w.transition("account.region", map[string]any{"region": region})
			w.recheck(w.Cases...)
		}
		written = w.Account
		return string(account), nil
	}, func(s store.Snapshot, _ store.Answer) error {
		written = s.Account
		return found(s, by, ScopeAccounts)
	})
	if err != nil {
		return jieling.Account{}, err
	}
	return *written, nil
}
