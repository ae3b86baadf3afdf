package engine_test

import (
	"strings"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/policy"
)

// stricter is the shipped pack with one more factor in the routine cell of android, as version 3.
func (w *world) stricter() *policy.Pack {
	w.t.Helper()
	src, err := policy.ShippedSource("qq-wechat")
	w.ok(err)
	text := strings.Replace(string(src), `version: "2"`, `version: "3"`, 1)
	text = strings.Replace(text, "      require: payment_pin\n    comparison", "      require: {all_of: [payment_pin, sms_code]}\n    comparison", 1)
	text = strings.Replace(text, "        require: payment_pin\n", "        require: {all_of: [payment_pin, sms_code]}\n", 1)
	pack, err := policy.Load("stricter.yaml", []byte(text))
	w.ok(err)
	return pack
}

// TestS15_APackThatAsksForMoreIsHeard puts a stricter pack in force under a case that only wants its confirmation: nothing is
// removed on the old verdict, the case stands on the new one, and goes on when that is met.
func TestS15_APackThatAsksForMoreIsHeard(t *testing.T) {
	w := newWorld(t)
	o := w.owner("reload", number)
	v := o.ready()
	if v.Stage != jieling.StageReady || v.Decision.Pack != "qq-wechat@2" {
		t.Fatalf("%s under %s", v.Stage, v.Decision.Pack)
	}
	w.UsePack(w.stricter())
	if got := w.PackInForce().ID(); got != "qq-wechat@3" {
		t.Fatalf("in force: %s", got)
	}
	once := engine.Idem{Key: "confirm-once"}
	for range 2 { // the repeat is told the same
		_, err := o.Confirm(o.ctx, o.by, once, v.ID)
		w.refused(jieling.CodeVerification, err)
	}
	v, err := o.Case(o.ctx, o.by, v.ID)
	w.ok(err)
	if v.Stage != jieling.StageVerifying || v.Decision.Pack != "qq-wechat@3" || !v.RemovedAt.IsZero() {
		t.Fatalf("%s under %s, removed %v", v.Stage, v.Decision.Pack, v.RemovedAt)
	}
	o.prove(v.ID, jieling.SMSCode)
	v, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	if v.RemovedAt.IsZero() {
		t.Fatalf("all is proven and nothing is removed: %s", v.Stage)
	}
	plan, err := o.Plan(o.ctx, o.by, engine.PlanQuery{Account: o.account, Binding: v.Others[0].ID, Platform: jieling.Android})
	w.ok(err)
	if plan.Decision.Pack != "qq-wechat@3" {
		t.Errorf("the plan is %s's", plan.Decision.Pack)
	}
}
