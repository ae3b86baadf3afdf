package engine_test

import (
	"slices"
	"testing"

	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/engine"
)

// The check-up is judged on the account's own rows, and knows which of the sign-ins asks.
func TestH7_TheCheckUpKnowsWhoAsks(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	_, err := o.change(o.by, engine.SettingsChange{DeviceLock: yes()})
	o.ok(err)
	stranger := o.signIn("")
	found := func() (out []aftercare.Finding) {
		for _, c := range o.view().CheckUp.Cards {
			out = append(out, c.Finding)
		}
		return out
	}
	if got := found(); !slices.Equal(got, []aftercare.Finding{aftercare.UnknownSignIn}) {
		t.Errorf("with a stranger: %v", got)
	}
	o.by = o.as(stranger)
	if got := found(); got != nil {
		t.Errorf("to the one on that device itself: %v", got)
	}
	w.later(aftercare.Quarter + 1)
	if got := found(); !slices.Equal(got, []aftercare.Finding{aftercare.ReviewDue, aftercare.DeviceUnused, aftercare.DeviceUnused}) {
		t.Errorf("a quarter later: %v", got)
	}
}
