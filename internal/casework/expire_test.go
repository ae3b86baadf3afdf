package casework_test

import (
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
)

// TestV3_AProofCountsUntilItsTimeIsOver: an organisation's certification, and a device's management, hold for a while and no longer.
func TestV3_AProofCountsUntilItsTimeIsOver(t *testing.T) {
	start := time.Date(2026, 3, 14, 15, 9, 0, 0, time.UTC)
	step := func(c jieling.Case, at time.Time, in casework.Input) casework.Outcome {
		t.Helper()
		out, err := casework.Step(c, at, in)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	d := jieling.Decision{Pack: "p@1", Requirement: jieling.Need(jieling.EnterpriseCertification)}
	c := step(jieling.Case{}, start, casework.Opened{Case: jieling.Case{ID: "case_1", Account: "acc_1", Goal: jieling.Unlink, Binding: "bnd_1", Decision: d}, TTL: 24 * time.Hour}).Case
	until := start.Add(time.Hour)
	proof := jieling.Proof{Factor: jieling.EnterpriseCertification, Challenge: "chl_1", At: start, Until: until}
	out := step(c, start, casework.Proved{Proof: proof})
	if c = out.Case; c.Stage != jieling.StageReady || len(out.Effects) != 1 || !out.Effects[0].RunAt.Equal(until) {
		t.Fatalf("%s, %v", c.Stage, out.Effects)
	}
	ground := casework.Ground{WaysInAfter: 1, Sufficient: true}
	if _, err := casework.Step(c, until, casework.Confirmed{Ground: ground}); jieling.CodeOf(err) != jieling.CodeVerification {
		t.Errorf("confirmed on a proof that is over: %v", err)
	}
	if over := step(c, until, casework.TimeReached{}).Case; over.Stage != jieling.StageVerifying || len(over.Proofs) != 0 {
		t.Errorf("when the time is over: %s with %d proofs", over.Stage, len(over.Proofs))
	}
	if done := step(c, until.Add(-time.Second), casework.Confirmed{Ground: ground}).Case; done.ConfirmedAt.IsZero() || len(done.Proofs) != 1 {
		t.Errorf("a second before: %s", done.Stage)
	}
	if _, err := casework.Step(c, until, casework.Proved{Proof: proof}); jieling.CodeOf(err) != jieling.CodeChallengeExpired {
		t.Errorf("a proof that is over when it comes: %v", err)
	}
	d.Wait = 2 * time.Hour
	c.Decision = d
	waiting := step(c, start, casework.Confirmed{Ground: ground}).Case
	if waiting.Stage != jieling.StageCoolingOff {
		t.Fatal(waiting.Stage)
	}
	if back := step(waiting, waiting.CommitAfter, casework.TimeReached{Ground: ground}).Case; back.Stage != jieling.StageVerifying {
		t.Errorf("a proof that ended within the wait: %s", back.Stage)
	}
}
