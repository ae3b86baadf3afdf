package aftercare_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
)

func stands(c aftercare.CheckUp, item aftercare.Item) aftercare.State {
	for _, r := range c.Ready {
		if r.Item == item {
			return r.State
		}
	}
	return ""
}

func TestH7_TheScoreNamesWhatIsMissing(t *testing.T) {
	f := healthy()
	if c := aftercare.Check(f); c.InOrder() != len(c.Ready) || len(c.Ready) != 7 {
		t.Errorf("a healthy account: %d of %v", c.InOrder(), c.Ready)
	}
	f.Account.Settings = jieling.Settings{}
	f.Devices[0].CreatedAt = now.Add(-2 * aftercare.Quarter)
	f.Switches[1].On = true
	c := aftercare.Check(f)
	var missing []aftercare.Item
	for _, r := range c.Ready {
		if r.State == aftercare.Missing {
			missing = append(missing, r.Item)
		}
	}
	if want := []aftercare.Item{aftercare.DeviceLock, aftercare.NotFound, aftercare.DevicesReviewed}; !slices.Equal(missing, want) || c.InOrder() != 4 {
		t.Errorf("missing are %v, %d in order", missing, c.InOrder())
	}
}

// Silence is unknown, and never in order; what is known to be loose is missing, whoever else is silent.
func TestI6_SilenceIsNeverInOrder(t *testing.T) {
	f := healthy()
	f.Heard, f.Switches = false, nil
	c := aftercare.Check(f)
	for _, item := range []aftercare.Item{aftercare.NotFound, aftercare.NoPasswordFree, aftercare.Biometric} {
		if got := stands(c, item); got != aftercare.Unknown {
			t.Errorf("%s is %s", item, got)
		}
	}
	if len(c.Cards) != 0 || !slices.Contains(c.Unchecked, aftercare.Services) {
		t.Errorf("found %v, unchecked %v", findings(c), c.Unchecked)
	}
	f.Switches = []jieling.Switch{{Kind: jieling.SwitchPasswordFree, On: true}}
	if c := aftercare.Check(f); stands(c, aftercare.NoPasswordFree) != aftercare.Missing || !slices.Contains(findings(c), aftercare.PasswordFree) {
		t.Errorf("%v", c.Ready)
	}
}

func TestH4_AnyBiometricWillDo(t *testing.T) {
	for name, has := range map[string]func(*aftercare.Facts){
		"voice":  func(f *aftercare.Facts) { f.Switches[0].On = true },
		"face":   func(f *aftercare.Facts) { f.Enrolments = []jieling.Enrolment{{Factor: jieling.Face}} },
		"unlock": func(f *aftercare.Facts) { f.Enrolments = []jieling.Enrolment{{Factor: jieling.DeviceUnlock}} },
	} {
		f := healthy()
		f.Switches[0].On = false
		if got := stands(aftercare.Check(f), aftercare.Biometric); got != aftercare.Missing {
			t.Errorf("without: %s", got)
		}
		has(&f)
		if got := stands(aftercare.Check(f), aftercare.Biometric); got != aftercare.Ready {
			t.Errorf("with a %s: %s", name, got)
		}
	}
}

func TestH5_CommercialAccountsAlone(t *testing.T) {
	f := healthy()
	if got := stands(aftercare.Check(f), aftercare.NamedDevices); got != "" {
		t.Errorf("a personal account: %s", got)
	}
	f.Account.Kind, f.Account.Settings.NamedOnly = jieling.Merchant, true
	if c := aftercare.Check(f); stands(c, aftercare.NamedDevices) != aftercare.Ready || len(c.Cards) > 0 {
		t.Errorf("%+v", c)
	}
}

func TestH2_TheCardsOfTheTimeAfter(t *testing.T) {
	f := healthy()
	f.Account.Settings.ReviewedAt, f.Switches[2].On = now.Add(-3*24*time.Hour), true
	removed := now.Add(-2 * 24 * time.Hour)
	none := func(aftercare.AfterName) bool { return false }
	done, shown := map[aftercare.AfterName]bool{}, map[aftercare.AfterName]bool{}
	for _, a := range aftercare.Afterwards(f, removed, none) {
		done[a.Name], shown[a.Name] = a.Done, a.Shown
	}
	for _, tt := range []struct {
		name        aftercare.AfterName
		shown, done bool
	}{
		{aftercare.AfterBills, true, false},
		{aftercare.AfterDevices, true, false},
		{aftercare.AfterSwitches, false, false},
		{aftercare.AfterLock, false, true},
		{aftercare.AfterPermissions, false, false},
		{aftercare.AfterBiometric, false, true},
	} {
		if done[tt.name] != tt.done || shown[tt.name] != tt.shown {
			t.Errorf("%s: shown %v, done %v", tt.name, shown[tt.name], done[tt.name])
		}
	}
	for _, a := range aftercare.Afterwards(f, removed, func(n aftercare.AfterName) bool { return n == aftercare.AfterBills }) {
		if a.Name == aftercare.AfterBills && !a.Done {
			t.Error("put aside, and still there")
		}
	}
}
