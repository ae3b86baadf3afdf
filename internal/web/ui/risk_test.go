package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/lang"
)

// R1–R4: what to do before and what to beware of stands before the form that begins, in words.
func TestR4_AdviceAndRisksComeBeforeTheBeginning(t *testing.T) {
	for _, l := range lang.Langs {
		_, page := render(t, samplesNamed(t, "unlink"), l)
		begin := strings.Index(page, `id="unlink-go"`)
		for _, want := range []string{l.Say(lang.BeforeTitle), l.Say(lang.RiskLow), l.Say(lang.RiskMedium), l.Say(lang.RiskHigh), `data-rule="R1"`, `data-rule="R2"`, `data-rule="R3"`} {
			if at := strings.Index(page, want); at < 0 || at > begin {
				t.Errorf("%s: %q is not said before the button", l, want)
			}
		}
	}
}

// The risk is a word with at most three reasons beside it; the others unfold.
func TestTheRiskIsAWordWithItsReasons(t *testing.T) {
	for _, tt := range []struct {
		scenario jieling.Scenario
		wait     bool
		want     jieling.Level
	}{
		{jieling.Routine, false, jieling.Low}, {jieling.Routine, true, jieling.Medium}, {jieling.Enterprise, false, jieling.Medium}, {jieling.Abnormal, false, jieling.High},
	} {
		v := sampleCase(casework.MoveVerify, func(v *CaseView) {
			v.Decision.Scenario, v.Decision.Reasons = tt.scenario, nil
			if !tt.wait {
				v.Decision.Wait = 0
			}
			for i := range 5 {
				v.Decision.Reasons = append(v.Decision.Reasons, jieling.Because{Rule: fmt.Sprint("X", i), Text: both("原因。", "A reason.")})
			}
		})
		var out strings.Builder
		if err := Case(samplePage(lang.EN), v).Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		page := out.String()
		folded := strings.Index(page, `id="reasons"`)
		if !strings.Contains(page, fmt.Sprintf(`id="risk" data-level="%s"`, tt.want)) || !strings.Contains(page, lang.EN.Say(riskWord(tt.want))) {
			t.Errorf("%s: not said to be %s", tt.scenario, tt.want)
		}
		for i := range 5 {
			if at := strings.Index(page, fmt.Sprint("X", i)); (at < folded) != (i < topReasons) {
				t.Errorf("%s: reason %d stands on the wrong side of the fold", tt.scenario, i)
			}
		}
	}
}
