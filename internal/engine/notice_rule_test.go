package engine

import (
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// A login that went because it was stolen may be the thief's: its notice freezes and gives nothing back. Nor does one that comes
// after the undo window, or while the case is at something else.
func TestWhatANoticeGivesBack(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		stage  jieling.Stage
		reason jieling.Reason
		left   time.Duration
		want   bool
	}{
		{jieling.StageGuarded, jieling.ReasonPrivacy, time.Second, true},
		{jieling.StageGuarded, jieling.ReasonPrivacy, 0, false},
		{jieling.StageGuarded, jieling.ReasonTheft, time.Hour, false},
		{jieling.StageExecuting, jieling.ReasonPrivacy, time.Hour, false},
		{jieling.StageClosed, jieling.ReasonPrivacy, time.Hour, false},
	} {
		s := store.Snapshot{Now: now, Case: &jieling.Case{Stage: tt.stage, Reason: tt.reason, GuardUntil: now.Add(tt.left)}}
		if got := undoable(s); got != tt.want {
			t.Errorf("%s for %s with %v left: %v", tt.stage, tt.reason, tt.left, got)
		}
	}
}
