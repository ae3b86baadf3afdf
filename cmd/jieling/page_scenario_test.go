package main

import (
	"slices"
	"strings"
	"testing"

	sdk "github.com/jieling-id/jieling/client/api"
)

// standsOn is who walks the plans of a platform, and from which of their devices.
var standsOn = map[sdk.Platform]struct{ owner, device string }{
	sdk.PlatformAndroid: {"lin", "phone"}, sdk.PlatformIos: {"chen", "phone"}, sdk.PlatformWeb: {"zhao", "desk"},
}

// TestPages_EveryScenarioIsPlannedOnEveryPlatform opens a case of every scenario of the pack on every platform and reads its page in
// both languages: each step that the plan names is there, in the language of the page and not in the other, and who does what the
// page names has proven enough. V3: on the web an enterprise link is refused, and the refusal says where it can be done.
func TestPages_EveryScenarioIsPlannedOnEveryPlatform(t *testing.T) {
	h := openHouse(t)
	for _, platform := range sdk.Platform("").AllValues() {
		from := standsOn[platform]
		t.Run(string(platform), func(t *testing.T) {
			v := h.visitor(t, from.owner)
			v.arrive(from.device, "/", "zh-CN")
			v.submit("#handoff-go")
			for _, scenario := range []sdk.Scenario{"routine", "abnormal", "enterprise", "stolen", "cross_border", "recycled"} {
				plan := h.planOf(t, v, platform, scenario)
				if len(plan.Decision.Refusals) > 0 {
					if scenario != "enterprise" || platform != sdk.PlatformWeb {
						t.Errorf("%s is refused: %s", scenario, plan.Decision.Refusals[0].Text.EN)
					}
					continue
				}
				h.readsThePlan(t, v, scenario, plan)
			}
			if platform == sdk.PlatformWeb {
				refusedByPage(t, v)
			}
		})
	}
}

func (h *house) planOf(t *testing.T, v *visitor, on sdk.Platform, scenario sdk.Scenario) *sdk.Plan {
	t.Helper()
	plan, err := h.jl.PlanUnbinding(t.Context(), &sdk.PlanQuery{
		Binding: sdk.BindingID(v.who.QQ), Platform: on, Scenario: sdk.NewOptScenario(scenario), Reason: sdk.NewOptReason("other"),
	}, sdk.PlanUnbindingParams{Account: sdk.AccountID(v.who.ID)})
	if err != nil {
		t.Fatalf("plan %s: %v", scenario, err)
	}
	return plan
}

// readsThePlan opens the case, reads its page in both languages, and cancels it.
func (h *house) readsThePlan(t *testing.T, v *visitor, scenario sdk.Scenario, plan *sdk.Plan) {
	t.Helper()
	c, err := h.jl.OpenCase(t.Context(), &sdk.NewCase{
		Account: sdk.AccountID(v.who.ID), Goal: "unlink", Binding: plan.Binding.ID, Platform: plan.Platform, Reason: "other",
		Scenario: sdk.NewOptScenario(scenario),
	}, sdk.OpenCaseParams{IdempotencyKey: sdk.NewKey()})
	if err != nil {
		t.Fatalf("open a case of %s: %v", scenario, err)
	}
	for _, lang := range []string{"zh-CN", "en"} {
		v.open("/cases/" + string(c.ID) + "?lang=" + lang)
		page := ask[string](v, "document.body.textContent")
		for _, step := range plan.Steps {
			here, other := step.ZH, step.EN
			if lang == "en" {
				here, other = other, here
			}
			if !strings.Contains(page, here) || strings.Contains(page, other) {
				t.Errorf("%s in %s: the step %q is not told in its language alone", scenario, lang, here)
			}
		}
		told := map[sdk.Factor]bool{}
		for _, f := range plan.Factors {
			told[f.Factor] = strings.Contains(page, f.Title.ZH) && lang == "zh-CN" || strings.Contains(page, f.Title.EN) && lang == "en"
		}
		if met(plan.Decision.Requirement, map[sdk.Factor]bool{}) || !met(plan.Decision.Requirement, told) {
			t.Errorf("%s in %s: what is asked is not met by what the page names: %v", scenario, lang, told)
		}
	}
	if c.Decision.Scenario != plan.Decision.Scenario {
		t.Errorf("the case was decided as %s, the plan as %s", c.Decision.Scenario, plan.Decision.Scenario)
	}
	if _, err := h.jl.CancelCase(t.Context(), sdk.CancelCaseParams{Case: c.ID, IdempotencyKey: sdk.NewKey()}); err != nil {
		t.Fatal(err)
	}
}

// met reports whether these factors satisfy a requirement.
func met(r sdk.Requirement, has map[sdk.Factor]bool) bool {
	lacks := func(part sdk.Requirement) bool { return !met(part, has) }
	switch f, ok := r.Factor.Get(); {
	case ok:
		return has[f]
	case r.AnyOf != nil:
		return slices.ContainsFunc(r.AnyOf, func(part sdk.Requirement) bool { return met(part, has) })
	}
	return !slices.ContainsFunc(r.AllOf, lacks)
}

// refusedByPage gives the reason that raises the enterprise scenario, on the web (V3).
func refusedByPage(t *testing.T, v *visitor) {
	t.Helper()
	for lang, places := range map[string][]string{"zh-CN": {"安卓", "iOS"}, "en": {"Android", "iPhone"}} {
		v.open("/bindings/" + string(v.who.QQ) + "/unlink?reason=organisation&lang=" + lang)
		v.submit("#unlink-go")
		v.sees(`#notice[data-code="not_on_this_platform"]`)
		notice := ask[string](v, `document.querySelector("#notice").textContent`)
		for _, place := range places {
			if !strings.Contains(notice, place) {
				t.Errorf("in %s the refusal does not name %s: %s", lang, place, notice)
			}
		}
	}
}
