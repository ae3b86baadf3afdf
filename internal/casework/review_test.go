package casework

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
)

// Riskier never needs fewer eyes, whatever the scenario.
func TestV2_HighRiskNeedsFourEyes(t *testing.T) {
	for _, s := range jieling.Scenarios {
		for n := range 5 {
			want := s == jieling.Stolen || s == jieling.Recycled || n >= 2
			if got := FourEyes(s, n); got != want {
				t.Errorf("%s with %d riskiest signals: four eyes %t, want %t", s, n, got, want)
			}
			if FourEyes(s, n) && !FourEyes(s, n+1) {
				t.Errorf("%s: %d riskiest signals need more eyes than %d", s, n, n+1)
			}
		}
	}
}

// One who passes twice is one; one who refuses is enough.
func TestV2_VotesAmountToWhatTheySay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var votes []jieling.Vote
		passed, other := map[string]bool{}, jieling.Verdict("")
		for range rapid.IntRange(0, 5).Draw(t, "votes") {
			v := jieling.Vote{
				By:      rapid.SampledFrom([]string{"an", "bo", "cai"}).Draw(t, "by"),
				Verdict: rapid.SampledFrom([]jieling.Verdict{jieling.Pass, jieling.Pass, jieling.Refusal, jieling.AskForMore}).Draw(t, "verdict"),
			}
			votes = append(votes, v)
			if v.Verdict == jieling.Pass {
				passed[v.By] = true
			} else if other == "" {
				other = v.Verdict
			}
		}
		four := rapid.Bool().Draw(t, "four eyes")
		want := other
		if need := 1 + map[bool]int{true: 1}[four]; other == "" && len(passed) >= need {
			want = jieling.Pass
		}
		if got := Ruling(votes, four); got != want {
			t.Fatalf("%+v, four eyes %t: %q, want %q", votes, four, got, want)
		}
	})
}

func TestReviewReasons_AreWordedAndFound(t *testing.T) {
	var codes []string
	for _, r := range ReviewReasons() {
		if r.Text.ZH == "" || r.Text.EN == "" || len(r.Verdicts) == 0 || slices.Contains(r.Verdicts, jieling.Pass) || slices.Contains(codes, r.Code) {
			t.Errorf("%+v", r)
		}
		codes = append(codes, r.Code)
		for _, v := range []jieling.Verdict{jieling.Pass, jieling.Refusal, jieling.AskForMore} {
			for _, f := range []jieling.Factor{jieling.DocumentReview, jieling.VideoInterview} {
				_, ok := ReasonFor(r.Code, v, f)
				if want := slices.Contains(r.Verdicts, v) && (r.Factors == nil || slices.Contains(r.Factors, f)); ok != want {
					t.Errorf("%s with %s about %s: %t, want %t", r.Code, v, f, ok, want)
				}
			}
		}
	}
	if _, ok := ReasonFor("because", jieling.Refusal, jieling.DocumentReview); ok {
		t.Error("a reason nobody wrote is found")
	}
}
