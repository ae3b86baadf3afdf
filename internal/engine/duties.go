package engine

import (
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/store"
)

// Duty is something that staff do at the console. A role has a few of them, and nobody has one by default.
type Duty string

// The duties. The last alone touches an account, and only by a decision that the account asked for.
const (
	ReadPolicy     Duty = "read_policy"     // see what is in force, and how fresh its rows are
	ExplainPolicy  Duty = "explain_policy"  // choose a situation, and read what it asks and why
	ProvePolicy    Duty = "prove_policy"    // have every claim of the policy in force walked
	SimulatePolicy Duty = "simulate_policy" // bring a changed pack, and read what past cases would have been asked
	ListReviews    Duty = "list_reviews"    // see what waits for a decision, without what people handed in
	DecideReviews  Duty = "decide_reviews"  // look at what people handed in, and decide
)

// dutiesOf says what a role is there for. Who works on cases has to tell people what is asked and why; who runs the service writes its policy;
// who audits sees what is in force and that it holds, and brings nothing of their own.
func dutiesOf(role store.Role) []Duty {
	switch role {
	case store.Reviewer:
		return []Duty{ReadPolicy, ExplainPolicy, ListReviews, DecideReviews}
	case store.Operator:
		return []Duty{ReadPolicy, ExplainPolicy, ProvePolicy, SimulatePolicy}
	case store.Auditor:
		return []Duty{ReadPolicy, ExplainPolicy, ProvePolicy, ListReviews}
	}
	return nil
}

// MayDo reports that somebody's role has a duty. Whoever is not staff, or has a role that is not known, has none.
func MayDo(by jieling.Actor, d Duty) bool {
	return by.Kind == jieling.ActorStaff && slices.ContainsFunc(by.Scopes, func(role string) bool {
		return slices.Contains(dutiesOf(store.Role(role)), d)
	})
}

// Holders lists the roles that have a duty: whom to ask.
func Holders(d Duty) (roles []store.Role) {
	for _, role := range store.Roles {
		if slices.Contains(dutiesOf(role), d) {
			roles = append(roles, role)
		}
	}
	return roles
}

// onDuty refuses who is not there for it.
func onDuty(by jieling.Actor, d Duty) error {
	switch {
	case by.Kind != jieling.ActorStaff:
		return jieling.Refuse(jieling.CodeForbidden, "只有工作人员可以看。", "This is for staff.")
	case !MayDo(by, d):
		return jieling.Refuse(jieling.CodeForbidden, "你的角色不包括这件事。", "This is not among the duties of your role.")
	}
	return nil
}

// Policy gives the pack in force to a member of staff, for one of their duties.
func (e *Engine) Policy(by jieling.Actor, d Duty) (*policy.Pack, error) {
	if err := onDuty(by, d); err != nil {
		return nil, err
	}
	return e.PackInForce(), nil
}
