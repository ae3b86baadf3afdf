package api_test

import (
	"slices"
	"testing"
	"time"

	sdk "github.com/jieling-id/jieling/client/api"
)

// The plan says over HTTP who could get in and what would lock the owner out, before anything is pressed.
func TestPlan_SaysWhoCouldGetInOverHTTP(t *testing.T) {
	s := newService(t)
	account, qq := s.person("u-1")
	p, err := s.PlanUnbinding(t.Context(), &sdk.PlanQuery{Binding: qq.ID, Platform: sdk.PlatformAndroid}, sdk.PlanUnbindingParams{Account: account})
	s.ok(err)
	a := p.Access
	if a.Template != "mainland@1" || len(a.Assumes) == 0 || a.Note.Value.ZH == "" || len(a.MustWaive) != 0 {
		t.Errorf("template %q, %d assumptions, note %+v, must waive %v", a.Template, len(a.Assumes), a.Note, a.MustWaive)
	}
	i := slices.IndexFunc(a.Exposure, func(e sdk.Exposure) bool { return e.Name == "stolen_qq" })
	if i < 0 || !a.Exposure[i].Before || a.Exposure[i].After || a.Exposure[i].Text.EN == "" || a.Exposure[i].Via.Value.EN == "" {
		t.Errorf("of a stolen QQ it says %+v", a.Exposure)
	}
	i = slices.IndexFunc(a.Lockout, func(l sdk.Lockout) bool { return l.Name == "phone_lost" })
	if i < 0 || a.Lockout[i].After || !a.Lockout[i].Required || a.Lockout[i].Via.Value.ZH == "" {
		t.Errorf("of a lost phone it says %+v", a.Lockout)
	}
	if a.Before.Tolerates != 1 || a.After.Tolerates != 0 || a.After.Attack.Value.Cost == 0 {
		t.Errorf("before %+v, after %+v", a.Before, a.After)
	}
	if r, ok := a.Repair.Get(); !ok || !slices.Equal(r.Adds, []string{"add_email"}) || len(r.Leaves) != 0 || r.Text.ZH == "" {
		t.Errorf("the repair is %+v", a.Repair)
	}
}

// A number that nobody has proven for two years is no way back: the plan says so, the removal is refused, and the owner's
// word lets it pass, all over HTTP.
func TestS14_AStaleNumberMustBeWaivedOverHTTP(t *testing.T) {
	s := newService(t)
	ctx := t.Context()
	account, qq := s.person("u-1")
	s.later(731 * 24 * time.Hour)
	p, err := s.PlanUnbinding(ctx, &sdk.PlanQuery{Binding: qq.ID, Platform: sdk.PlatformAndroid}, sdk.PlanUnbindingParams{Account: account})
	s.ok(err)
	losses := p.Access.MustWaive
	if !slices.Equal(losses, []string{"nothing", "phone_lost"}) || p.Access.After.Tolerates != -1 {
		t.Fatalf("must be waived: %v; afterwards %+v", losses, p.Access.After)
	}
	c := s.open(account, qq)
	waive := func(in sdk.NewWaiver) (*sdk.Case, error) {
		return s.WaiveLockout(ctx, &in, sdk.WaiveLockoutParams{Case: c.ID, IdempotencyKey: sdk.NewKey()})
	}
	_, err = waive(sdk.NewWaiver{Losses: losses, Reason: "too early"})
	s.refused("backup_unsettled", err)
	_, err = s.SettleBackup(ctx, &sdk.Backup{Choice: sdk.BackupChoiceDeclined}, sdk.SettleBackupParams{Case: c.ID, IdempotencyKey: sdk.NewKey()})
	s.ok(err)
	_, err = s.answer(c.ID, "payment_pin", journeyPIN)
	s.ok(err)
	_, err = s.ConfirmCase(ctx, sdk.ConfirmCaseParams{Case: c.ID, IdempotencyKey: sdk.NewKey()})
	s.refused("lockout_risk", err)
	read, err := s.GetCase(ctx, sdk.GetCaseParams{Case: c.ID})
	s.ok(err)
	if a, ok := read.Access.Get(); !ok || !slices.Equal(a.MustWaive, losses) {
		t.Errorf("the case says %+v", read.Access)
	}
	_, err = waive(sdk.NewWaiver{Losses: losses[:1], Reason: "one of two"})
	s.refused("stale_version", err)
	c, err = waive(sdk.NewWaiver{Losses: losses, Reason: "The number is still mine."})
	s.ok(err)
	if w, ok := c.Waiver.Get(); !ok || w.Reason != "The number is still mine." || w.Template != "mainland@1" || !slices.Equal(w.Losses, losses) {
		t.Errorf("the waiver is %+v", c.Waiver)
	}
	if c = s.advance(c); c.Stage != sdk.StageGuarded && c.Stage != sdk.StageClosed {
		t.Errorf("the case stands at %s", c.Stage)
	}
}
