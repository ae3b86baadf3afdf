package engine_test

import (
	"slices"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/store"
)

var everyDuty = []engine.Duty{engine.ReadPolicy, engine.ExplainPolicy, engine.ProvePolicy, engine.SimulatePolicy, engine.ListReviews, engine.DecideReviews}

// Nobody has a duty by default: not a role nobody has heard of, not a key that has every scope, not a person, not no duty at all.
func TestDuties_FailClosed(t *testing.T) {
	w := newWorld(t)
	roles := []string{"reviewer", "operator", "auditor"}
	for _, by := range []jieling.Actor{
		{},
		{Kind: jieling.ActorStaff},
		{Kind: jieling.ActorStaff, Scopes: []string{""}},
		{Kind: jieling.ActorStaff, Scopes: []string{"owner", engine.ScopeAdmin}},
		{Kind: jieling.ActorProduct, Scopes: append(roles, engine.ScopeAdmin)},
		{Kind: jieling.ActorPerson, Scopes: roles},
		{Kind: jieling.ActorClock, Scopes: roles},
	} {
		for _, d := range append([]engine.Duty{"", "of_another_day"}, everyDuty...) {
			_, err := w.Policy(by, d)
			w.refused(jieling.CodeForbidden, err)
		}
	}
	for _, role := range store.Roles {
		for _, d := range []engine.Duty{"", "of_another_day"} {
			_, err := w.Policy(jieling.Actor{Kind: jieling.ActorStaff, Scopes: []string{string(role)}}, d)
			w.refused(jieling.CodeForbidden, err)
		}
	}
}

// Every duty is somebody's, and every role has one.
func TestDuties_AreAllHeld(t *testing.T) {
	var held []store.Role
	for _, d := range everyDuty {
		holders := engine.Holders(d)
		reviews := d == engine.ListReviews || d == engine.DecideReviews
		if slices.Contains(holders, store.Operator) == reviews || reviews && !slices.Contains(holders, store.Reviewer) {
			t.Errorf("%s is held by %v", d, holders)
		}
		held = append(held, holders...)
	}
	for _, role := range store.Roles {
		if !slices.Contains(held, role) {
			t.Errorf("%s has nothing to do", role)
		}
	}
}
