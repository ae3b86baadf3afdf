package engine_test

import (
	"slices"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

func exposure(t *testing.T, a jieling.Access, name string) [3]bool {
	t.Helper()
	i := slices.IndexFunc(a.Exposure, func(e jieling.Exposure) bool { return e.Name == name })
	if i < 0 {
		t.Fatalf("%s is not told of: %+v", name, a.Exposure)
	}
	return [3]bool{a.Exposure[i].Before, a.Exposure[i].During, a.Exposure[i].After}
}

func (o *owner) plan() jieling.Access {
	o.t.Helper()
	p, err := o.Plan(o.ctx, o.by, engine.PlanQuery{Account: o.account, Binding: o.qq.ID, Platform: jieling.Android})
	o.ok(err)
	return p.Access
}

// A plan says who gets in before, while something is left behind at a participant, and after; the devices and sessions of
// this account are in it.
func TestAccess_ThePlanCountsWhatIsLeftBehind(t *testing.T) {
	for name, tt := range map[string]struct {
		parties []string
		want    [3]bool
	}{
		"nobody is concerned": {nil, [3]bool{true, false, false}},
		"a wallet is":         {[]string{"wallet"}, [3]bool{true, true, false}},
	} {
		t.Run(name, func(t *testing.T) {
			o := newWorld(t, tt.parties...).owner("lin", number)
			a := o.plan()
			if got := exposure(t, a, "stolen_qq"); got != tt.want {
				t.Errorf("a stolen QQ gets in %v, want %v", got, tt.want)
			}
			if got := exposure(t, a, "sim_swap"); got != [3]bool{true, true, true} {
				t.Errorf("a SIM swap gets in %v", got)
			}
			if got := exposure(t, a, "stolen_phone"); got != [3]bool{true, true, true} {
				t.Errorf("a stolen phone gets in %v", got)
			}
			i := slices.IndexFunc(a.Exposure, func(e jieling.Exposure) bool { return e.Name == "stolen_phone" })
			if via := a.Exposure[i].Via.EN; via != "the phone that is signed in and trusted" {
				t.Errorf("a stolen phone gets in by %s", via)
			}
			if a.Template != o.Engine.Access.ID() {
				t.Errorf("the verdict names %q", a.Template)
			}
		})
	}
}

// Whoever is signed in is part of who could get in.
func TestAccess_ASessionIsPartOfThePlan(t *testing.T) {
	o := newWorld(t).owner("lin", number)
	has := func() bool {
		return slices.ContainsFunc(o.plan().Exposure, func(e jieling.Exposure) bool { return e.Name == "live_session" && e.After })
	}
	if has() {
		t.Error("a session is told of before there is one")
	}
	in, err := o.Handoff(o.ctx, o.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Web})
	o.ok(err)
	_, err = o.Redeem(o.ctx, in.Token)
	o.ok(err)
	if !has() {
		t.Error("a live session is not told of")
	}
}

// A case says how it stands by itself: what is left behind counts until it was verified to be clean, or cleared.
func TestAccess_ACaseCountsAResidueUntilItIsCleared(t *testing.T) {
	w := newWorld(t, "wallet")
	o := w.owner("lin", number)
	w.parties["wallet"].residue = true
	v := o.ready()
	during := func() bool {
		t.Helper()
		v, err := w.Case(w.ctx, o.by, v.ID)
		w.ok(err)
		return exposure(t, *v.Access, "stolen_qq")[1]
	}
	if !during() {
		t.Error("before it is confirmed the wallet is not counted")
	}
	_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	w.drain()
	if !during() {
		t.Error("with a residue at the wallet a stolen QQ reaches nothing")
	}
	_, err = w.CleanUp(w.ctx, o.by, engine.Idem{}, v.ID, "wallet", "real_name")
	w.ok(err)
	w.drain()
	if during() {
		t.Error("the residue is cleared and still counts")
	}
}
