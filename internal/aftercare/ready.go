package aftercare

import (
	"slices"
	"time"

	"github.com/jieling-id/jieling"
)

// Item is one thing a well-kept account has in order.
type Item string

// The items, in the order people are shown them.
const (
	TwoWays         Item = "two_ways"         // two independent ways in
	StrongFactor    Item = "strong_factor"    // a proof that cannot be watched or taken off the air
	DeviceLock      Item = "device_lock"      // H1
	NotFound        Item = "not_found"        // nobody finds the account by a number (H1)
	NoPasswordFree  Item = "no_password_free" // no service takes payments without a password (H2)
	DevicesReviewed Item = "devices_reviewed" // this quarter (H3)
	Biometric       Item = "biometric"        // H4
	NamedDevices    Item = "named_devices"    // commercial accounts alone (H5)
)

// State is how an item stands.
type State string

// The states. What nobody answered for is unknown, and never in order.
const (
	Ready   State = "ready"
	Missing State = "missing"
	Unknown State = "unknown"
)

// Readiness is an item and how it stands.
type Readiness struct {
	Item  Item
	State State
}

// readiness goes through the items that concern the account.
func readiness(f Facts) []Readiness {
	out := []Readiness{
		{TwoWays, stateOf(waysIn(f) == nil)},
		{StrongFactor, stateOf(factors(f) == nil)},
		{DeviceLock, stateOf(f.Account.Settings.DeviceLock)},
		{NotFound, f.switches(jieling.SwitchFindMe)},
		{NoPasswordFree, f.switches(jieling.SwitchPasswordFree)},
		{DevicesReviewed, stateOf(!f.reviewDue())},
		{Biometric, f.biometric()},
	}
	if f.Account.Kind == jieling.Merchant {
		out = append(out, Readiness{NamedDevices, stateOf(f.Account.Settings.NamedOnly)})
	}
	return out
}

func stateOf(inOrder bool) State {
	if inOrder {
		return Ready
	}
	return Missing
}

// loose lists the switches of a kind that could protect the account better.
func (f Facts) loose(kind jieling.SwitchKind) (out []jieling.Switch) {
	for _, s := range f.Switches {
		if s.Kind == kind && !s.Safe() {
			out = append(out, s)
		}
	}
	return out
}

// switches is how all switches of a kind stand: one that is loose is missing whoever else was silent.
func (f Facts) switches(kind jieling.SwitchKind) State {
	switch {
	case len(f.loose(kind)) > 0:
		return Missing
	case !f.Heard:
		return Unknown
	}
	return Ready
}

// biometric is whether a finger, a face or a voice protects the account, here or at another service.
func (f Facts) biometric() State {
	here := slices.ContainsFunc(f.Enrolments, func(e jieling.Enrolment) bool { return e.Factor == jieling.DeviceUnlock || e.Factor == jieling.Face })
	there := slices.ContainsFunc(f.Switches, func(s jieling.Switch) bool { return s.Kind == jieling.SwitchBiometric && s.On })
	switch {
	case here || there:
		return Ready
	case !f.Heard:
		return Unknown
	}
	return Missing
}

// reviewDue reports that a quarter has passed since the owner went through their devices, or, where they never did, since the first one came.
func (f Facts) reviewDue() bool {
	since := f.Account.Settings.ReviewedAt
	if since.IsZero() {
		for _, d := range f.Devices {
			if since.IsZero() || d.CreatedAt.Before(since) {
				since = d.CreatedAt
			}
		}
	}
	return !since.IsZero() && f.Now.Sub(since) > Quarter
}

// The cards of what the account's owner can have in order.

func lock(f Facts) []Card {
	if f.Account.Settings.DeviceLock {
		return nil
	}
	return []Card{{Finding: LockOff, Verdict: Advised, Count: 1}}
}

func passwordFree(f Facts) []Card {
	return counted(PasswordFree, len(f.loose(jieling.SwitchPasswordFree)))
}

func found(f Facts) []Card { return counted(FoundByNumber, len(f.loose(jieling.SwitchFindMe))) }

func counted(what Finding, n int) []Card {
	if n == 0 {
		return nil
	}
	return []Card{{Finding: what, Verdict: Advised, Count: n}}
}

func review(f Facts) []Card {
	if !f.reviewDue() {
		return nil
	}
	return counted(ReviewDue, len(f.Devices))
}

func biometric(f Facts) []Card {
	if f.biometric() != Missing {
		return nil
	}
	return counted(NoBiometric, 1)
}

func list(f Facts) []Card {
	if f.Account.Kind != jieling.Merchant || f.Account.Settings.NamedOnly {
		return nil
	}
	return counted(ListOff, 1)
}

// After is a card of the time after a removal: what to look after, and from when on.
type After struct {
	Name  AfterName
	From  time.Duration // after the removal
	Shown bool          // its time has come
	Done  bool          // its owner dealt with it, or put it aside
}

// AfterName says what it is about.
type AfterName string

// The cards of the time after.
const (
	AfterBills       AfterName = "bills"       // odd payments (H2)
	AfterDevices     AfterName = "devices"     // who signed in (H3)
	AfterSwitches    AfterName = "switches"    // privacy and password-free payments (H1, H2)
	AfterLock        AfterName = "lock"        // the device lock (H1)
	AfterPermissions AfterName = "permissions" // once more (H6)
	AfterBiometric   AfterName = "biometric"   // H4
)

var afterwards = []After{
	{Name: AfterBills, From: 24 * time.Hour},
	{Name: AfterDevices, From: 24 * time.Hour},
	{Name: AfterSwitches, From: 7 * 24 * time.Hour},
	{Name: AfterLock, From: 7 * 24 * time.Hour},
	{Name: AfterPermissions, From: 30 * 24 * time.Hour},
	{Name: AfterBiometric, From: 30 * 24 * time.Hour},
}

// Afterwards is what the owner of an account looks after once a login is gone. A card whose time has not come can be dealt with all the same.
// aside says which they put aside.
func Afterwards(f Facts, removed time.Time, aside func(AfterName) bool) []After {
	out := slices.Clone(afterwards)
	for i := range out {
		a := &out[i]
		a.Shown = f.Now.Sub(removed) >= a.From
		switch a.Name {
		case AfterDevices:
			a.Done = f.Account.Settings.ReviewedAt.After(removed)
		case AfterSwitches:
			a.Done = f.switches(jieling.SwitchFindMe) == Ready && f.switches(jieling.SwitchPasswordFree) == Ready
		case AfterLock:
			a.Done = f.Account.Settings.DeviceLock
		case AfterBiometric:
			a.Done = f.biometric() == Ready
		}
		a.Done = a.Done || aside(a.Name)
	}
	return out
}
