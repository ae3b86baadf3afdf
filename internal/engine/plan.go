package engine

import (
	"context"
	"reflect"
	"slices"
	"sync"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/impact"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/store"
)

// Plan says what one unbinding would need and cost. It changes nothing, and its verdict is never reused: at the commit point
// the pack is asked again (S15).
func (e *Engine) Plan(ctx context.Context, by jieling.Actor, q PlanQuery) (jieling.Plan, error) {
	if err := checkPlatform(q.Platform); err != nil {
		return jieling.Plan{}, err
	}
	if !slices.Contains([]jieling.Goal{"", jieling.Unlink, jieling.Replace}, q.Goal) {
		return jieling.Plan{}, jieling.Invalid("goal", "must be unlink or replace")
	}
	s, err := e.Store.Load(ctx, store.Need{Account: q.Account, With: riskParts | store.Sessions})
	if err != nil {
		return jieling.Plan{}, translate(err)
	}
	if err := found(s, by, ScopeCases); err != nil {
		return jieling.Plan{}, err
	}
	i := slices.IndexFunc(s.Bindings, func(b jieling.Binding) bool { return b.ID == q.Binding })
	if i < 0 {
		return jieling.Plan{}, notFound()
	}
	pack, signals := e.PackInForce(), e.assess(s, q.Binding, by, "", q.Claims)
	facts, err := pack.Facts(situation(s, s.Bindings[i], q, signals))
	if err != nil {
		return jieling.Plan{}, err
	}
	p := e.plan(s, s.Bindings[i], q, pack, facts, e.live(ctx, s, q.Binding))
	p.Signals = signals
	return p, nil
}

// plan puts a plan together from values that are all at hand.
func (e *Engine) plan(s store.Snapshot, b jieling.Binding, q PlanQuery, pack *policy.Pack, facts policy.Facts, live []answer) jieling.Plan {
	d, sheet := decided(pack, facts, q.Goal), pack.Sheet(facts)
	p := jieling.Plan{
		Account: s.Account.ID, Binding: b, Platform: q.Platform, Path: sheet.Path, DeepLink: sheet.DeepLink, KeyVerification: sheet.KeyVerification, Decision: d,
		Factors: e.factorStates(d, s), Impact: impact.Merge(sheet.Dependents, live),
		Risks: sheet.Risks, Advice: sheet.Advice,
		Replacements: e.replacements(s, pack, b.ID),
		Afterwards:   sheet.Afterwards, Steps: sheet.Steps, WaysInAfter: waysIn(s.Bindings, b.ID),
		Access: e.access(s, b.ID, e.legs(b.Provider)),
	}
	if q.Compare {
		p.Compare = pack.Compare(facts)
	}
	return p
}

// replacements ranks what could take a binding's place, by what it costs this account, saves it from and opens it to (A7).
func (e *Engine) replacements(s store.Snapshot, pack *policy.Pack, leaving jieling.BindingID) []jieling.Replacement {
	all := pack.Replacements(s.Account.Kind)
	for i, r := range all {
		all[i].Here = e.proves(r.Provider)
		all[i].Opens, all[i].Saves = e.Access.Gain(accessFacts(s, leaving), r.Provider)
	}
	return impact.Rank(all, s.Bindings, leaving)
}

// proves reports that a login can be set up within a case: a code can be sent to it.
func (e *Engine) proves(p jieling.Provider) bool {
	for f, by := range codedBy {
		if by == p && e.Factors[f] != nil {
			return true
		}
	}
	return false
}

// decide asks the pack about the work's case as things stand in this transaction (S15), and gives what was measured.
func (w *work) decide() (jieling.Decision, []jieling.Signal, error) {
	b := w.binding(w.Case.Binding)
	if b == nil {
		return jieling.Decision{}, nil, notFound()
	}
	pack := w.e.PackInForce()
	situation, signals := w.situation(*b)
	facts, err := pack.Facts(situation)
	if err != nil {
		return jieling.Decision{}, nil, err
	}
	return decided(pack, facts, w.Case.Goal), signals, nil
}

// decided is what the pack asks, and what the goal itself asks: a login that is replaced needs the one that takes its place (S16).
func decided(pack *policy.Pack, facts policy.Facts, goal jieling.Goal) jieling.Decision {
	d := pack.Decide(facts)
	d.Replacement = d.Replacement || goal == jieling.Replace
	return d
}

// sameDecision reports that nothing of what is asked has changed.
func sameDecision(a, b jieling.Decision) bool {
	return a.Pack == b.Pack && a.Scenario == b.Scenario && a.Wait == b.Wait && a.Guard == b.Guard && a.Replacement == b.Replacement &&
		a.NeedPhone == b.NeedPhone && a.Backup == b.Backup && len(a.Refusals) == len(b.Refusals) && reflect.DeepEqual(a.Requirement, b.Requirement)
}

// sufficient reports that what stays without the case's binding is what the decision asks to stay (D4), and, where it is replaced,
// that the login put in its place is of its kind and there (S16).
func sufficient(c jieling.Case, d jieling.Decision, bindings []jieling.Binding) bool {
	ok, _ := impact.Sufficient(d, bindings, c.Binding)
	return ok && (c.Goal != jieling.Replace || slices.ContainsFunc(bindings, func(b jieling.Binding) bool {
		return b.ID == c.Replacement && b.Usable() && b.Provider == c.Provider
	}))
}

type answer = impact.Answer

// live asks every participant concerned what hangs on the binding, all at once and within the engine's patience. One that
// does not answer is silent, which is told as unknown and never as nothing (I6).
func (e *Engine) live(ctx context.Context, s store.Snapshot, id jieling.BindingID) []answer {
	who, err := e.who(s, id)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, e.Patience)
	defer cancel()
	asked := slices.DeleteFunc(slices.Clone(e.Participants), func(p Participant) bool {
		return len(p.Provider) > 0 && !slices.Contains(p.Provider, who.Provider)
	})
	out := make([]answer, len(asked))
	var wg sync.WaitGroup
	for i, p := range asked {
		wg.Go(func() {
			dependents, err := p.Hand.Describe(ctx, who)
			out[i] = answer{Participant: p.Name, Title: p.Title, Dependents: dependents, Silent: err != nil}
		})
	}
	wg.Wait()
	return out
}

// impact merges what the pack knows with what the participants answered.
func (w *work) impact(b jieling.Binding, live []answer) []jieling.Dependent {
	pack := w.e.PackInForce()
	situation, _ := w.situation(b)
	facts, err := pack.Facts(situation)
	if err != nil {
		return impact.Merge(nil, live)
	}
	return impact.Merge(pack.Sheet(facts).Dependents, live)
}

// factorStates says of every factor a decision asks for whether this person has it, and what will do instead (V8).
func (e *Engine) factorStates(d jieling.Decision, s store.Snapshot) []jieling.FactorState {
	pack := e.PackInForce()
	var out []jieling.FactorState
	for _, f := range d.Requirement.Factors() {
		state := jieling.FactorState{Factor: f, Title: pack.FactorTitle(f), Enrolled: e.has(s, f)}
		if !state.Enrolled {
			state.Hint = pack.FactorHint(e.lacking(s, f))
			if i := slices.IndexFunc(d.Detours, func(way jieling.Detour) bool { return slices.Contains(way.For, f) }); i >= 0 {
				state.Hint.ZH += d.Detours[i].Text.ZH
				state.Hint.EN += " " + d.Detours[i].Text.EN
			}
		}
		out = append(out, state)
	}
	return out
}

// lacking is what to set up for a factor that a person has not: itself, or, where that is there, what it demands besides.
func (e *Engine) lacking(s store.Snapshot, f jieling.Factor) jieling.Factor {
	if f != jieling.QRApproval || e.canApprove(s) || !slices.ContainsFunc(s.Devices, func(d jieling.Device) bool { return scans(s, d) }) {
		return f
	}
	if ways, _ := e.demanded(); len(ways) > 0 {
		return ways[len(ways)-1] // the one that needs no new device
	}
	return f
}

// has reports whether a person has what a factor takes.
func (e *Engine) has(s store.Snapshot, f jieling.Factor) bool {
	if _, ok := e.Factors[f]; !ok {
		return false
	}
	switch f {
	case jieling.AccountFreeze:
		return true
	case jieling.AdminApproval, jieling.EnterpriseCertification, jieling.EnterpriseCertificate, jieling.MDM:
		return s.Account.Kind == jieling.EnterpriseMember // the kind that joining an organisation gives
	case jieling.SMSCode:
		return slices.ContainsFunc(s.Bindings, func(b jieling.Binding) bool {
			return b.Provider == jieling.Phone && b.Usable() && b.Holder != jieling.HolderChanged
		})
	case jieling.EmailCode:
		return slices.ContainsFunc(s.Bindings, func(b jieling.Binding) bool { return b.Provider == jieling.Email && b.Usable() })
	case jieling.QRApproval:
		return e.canApprove(s)
	case jieling.DeviceLock:
		return true // anybody can have it switched on
	case jieling.DocumentReview, jieling.VideoInterview:
		return true
	}
	return slices.ContainsFunc(s.Enrolments, func(en jieling.Enrolment) bool { return en.Factor == f })
}

// action says what is being approved, in full, for the places where a person says yes.
func (e *Engine) action(s store.Snapshot) jieling.Text {
	label := labelOf(s, s.Case.Binding)
	provider := providerNames[s.Case.Provider]
	if provider.Empty() {
		provider = jieling.Text{ZH: string(s.Case.Provider), EN: string(s.Case.Provider)}
	}
	if s.Case.Goal == jieling.Replace {
		return jieling.Text{
			ZH: "把此账号绑定的" + provider.ZH + "（" + label + "）换成新的",
			EN: "Replace " + provider.EN + " (" + label + ") on this account by a new one",
		}
	}
	return jieling.Text{
		ZH: "解除 " + provider.ZH + "（" + label + "）与此账号的绑定",
		EN: "Unlink " + provider.EN + " (" + label + ") from this account",
	}
}

var providerNames = map[jieling.Provider]jieling.Text{
	jieling.QQ: {ZH: "QQ", EN: "QQ"}, jieling.WeChat: {ZH: "微信", EN: "WeChat"}, jieling.WeCom: {ZH: "企业微信", EN: "WeCom"},
	jieling.Phone: {ZH: "手机号", EN: "phone"}, jieling.Email: {ZH: "邮箱", EN: "e-mail"},
}
