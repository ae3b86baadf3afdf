// Package aftercare is the law of what comes after and in between: what an account's own rows say about its health. Values in,
// values out: it asks nobody, words no sentence, and never guesses. What it could not check it names as unchecked (H7).
//
// A check-up has a verdict in three steps and never a number: people would read a percentage as a promise. Its cards come in the
// order of what there is to gain by dealing with them.
package aftercare

import (
	"slices"
	"time"

	"github.com/jieling-id/jieling"
)

const (
	// Stale is the age from which a phone that was not proven again may be somebody else's: carriers hand numbers out again (A4).
	Stale = 365 * 24 * time.Hour
	// Quarter is how long a device may lie unused before its owner is asked whether it is still theirs (H3).
	Quarter = 90 * 24 * time.Hour
	// MostCards is how many cards a person is shown at once; dealing with them brings the next.
	MostCards = 5
)

// Verdict is how things stand, in three steps.
type Verdict string

// The verdicts, from best to worst.
const (
	Good    Verdict = "good"    // nothing to do
	Advised Verdict = "advised" // something would make the account safer
	Urgent  Verdict = "urgent"  // something is wrong now
)

// Finding is what a card is about.
type Finding string

// The findings, in the order of what dealing with them gains.
const (
	Frozen         Finding = "frozen"           // nobody gets in until it is lifted
	NoWayIn        Finding = "no_way_in"        // no usable sign-in method is left
	UnknownSignIn  Finding = "unknown_sign_in"  // signed in, elsewhere, on a device nobody has registered
	SIMSwapped     Finding = "sim_swapped"      // the SIM of a number was replaced lately, perhaps by somebody else (A1)
	OneWayIn       Finding = "one_way_in"       // fewer than two independent ways in: losing one is losing the account
	ResidueStands  Finding = "residue"          // a removal left something behind (F4)
	GrantStands    Finding = "grant"            // a provider still holds a permission only its owner can take back
	NoStrongFactor Finding = "no_strong_factor" // nothing but what can be known or intercepted shows that it is them
	PasswordFree   Finding = "password_free"    // services that take payments without a password (H2)
	LockOff        Finding = "device_lock_off"  // whoever has a login signs in on any device (H1)
	FoundByNumber  Finding = "found_by_number"  // strangers find the account by a number (H1)
	ReviewDue      Finding = "review_due"       // nobody went through the devices for a quarter (H3)
	PhoneStale     Finding = "phone_stale"      // neither proven nor used for more than a year
	WaySuspended   Finding = "way_suspended"    // a provider withdrew a sign-in method
	DeviceUnused   Finding = "device_unused"    // not seen for a quarter, and still trusted to sign in
	NoBiometric    Finding = "no_biometric"     // no finger, face or voice protects anything (H4)
	ListOff        Finding = "list_off"         // a commercial account that is signed in to from anywhere (H5)
)

// Card is one finding and what it is about.
type Card struct {
	Finding Finding
	Verdict Verdict // never Good
	Binding jieling.BindingID
	Device  jieling.DeviceID
	Case    jieling.CaseID
	Count   int // how many there are of it, at least 1
}

// Unchecked is something a check-up should look at and could not.
type Unchecked string

// What can stay unchecked.
const (
	PhoneAge   Unchecked = "phone_age"  // it is not on record when a phone was last proven
	DeviceUse  Unchecked = "device_use" // it is not on record when a device was last used
	ProviderOf Unchecked = "provider"   // a provider has not said yet whether its grant is gone
	Services   Unchecked = "services"   // how the switches at other services stand
	Dependents Unchecked = "dependents" // what hangs on the logins at other services, which are asked on each login's own page
)

// SignIn is one live sign-in.
type SignIn struct {
	Device jieling.DeviceID
	Here   bool // the one that asks
}

// Facts are what an account's rows say at one moment.
type Facts struct {
	Account    jieling.Account
	Bindings   []jieling.Binding
	Cases      []jieling.Case // open ones
	Enrolments []jieling.Enrolment
	Devices    []jieling.Device
	SignIns    []SignIn
	Switches   []jieling.Switch // as those services told that answered
	Heard      bool             // all of them answered
	Now        time.Time
}

// CheckUp is how an account stands.
type CheckUp struct {
	Verdict   Verdict
	Cards     []Card // at most MostCards, the greatest gain first
	More      int    // further cards that were left out
	Ready     []Readiness
	Unchecked []Unchecked
}

// InOrder counts the items that are in order.
func (c CheckUp) InOrder() (n int) {
	for _, r := range c.Ready {
		if r.State == Ready {
			n++
		}
	}
	return n
}

// Check looks at everything there is to look at. Facts are not changed. What is wrong now is looked for before what could be better, so
// that the first card has the verdict of them all.
func Check(f Facts) CheckUp {
	var all []Card
	for _, look := range []func(Facts) []Card{
		frozen, strangers, swapped, waysIn, residues, grants, factors, passwordFree, lock, found, review, phones, suspended, devices, biometric, list,
	} {
		all = append(all, look(f)...)
	}
	out := CheckUp{Verdict: Good, Ready: readiness(f), Unchecked: unchecked(f)}
	if len(all) > 0 {
		out.Verdict = all[0].Verdict
	}
	out.Cards = all[:min(MostCards, len(all))]
	out.More = len(all) - len(out.Cards)
	return out
}

func frozen(f Facts) []Card {
	if !f.Account.Frozen {
		return nil
	}
	return []Card{{Finding: Frozen, Verdict: Urgent, Count: 1}}
}

// strangers counts the sign-ins on devices that nobody has registered, but for the one that asks.
func strangers(f Facts) []Card {
	n := 0
	for _, s := range f.SignIns {
		known := slices.ContainsFunc(f.Devices, func(d jieling.Device) bool { return d.ID == s.Device })
		if !known && !s.Here {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []Card{{Finding: UnknownSignIn, Verdict: Urgent, Count: n}}
}

func swapped(f Facts) (out []Card) {
	for _, b := range f.Bindings {
		if b.Provider == jieling.Phone && b.Usable() && b.SIM == jieling.SIMSwapped && f.Now.Sub(b.SIMAt) < jieling.SIMSwapFor {
			out = append(out, Card{Finding: SIMSwapped, Verdict: Urgent, Binding: b.ID, Count: 1})
		}
	}
	return out
}

// waysIn counts independent ways in: what one provider vouches for is lost together.
func waysIn(f Facts) []Card {
	providers := map[jieling.Provider]bool{}
	var last jieling.BindingID
	for _, b := range f.Bindings {
		if b.Usable() {
			providers[b.Provider], last = true, b.ID
		}
	}
	switch len(providers) {
	case 0:
		return []Card{{Finding: NoWayIn, Verdict: Urgent, Count: 1}}
	case 1:
		return []Card{{Finding: OneWayIn, Verdict: Advised, Binding: last, Count: 1}}
	}
	return nil
}

func residues(f Facts) (out []Card) {
	for _, c := range f.Cases {
		n := 0
		for _, r := range c.Residues {
			if r.Open() {
				n++
			}
		}
		if n > 0 {
			out = append(out, Card{Finding: ResidueStands, Verdict: Advised, Case: c.ID, Binding: c.Binding, Count: n})
		}
	}
	return out
}

func grants(f Facts) (out []Card) {
	for _, c := range f.Cases {
		if c.Upstream == jieling.UpstreamUserAction {
			out = append(out, Card{Finding: GrantStands, Verdict: Advised, Case: c.ID, Binding: c.Binding, Count: 1})
		}
	}
	return out
}

// factors asks for one proof that cannot be read over somebody's shoulder or taken off the air: the device's own unlock, a face,
// or a phone that is trusted to approve.
func factors(f Facts) []Card {
	strong := slices.ContainsFunc(f.Enrolments, func(e jieling.Enrolment) bool { return e.Factor == jieling.DeviceUnlock || e.Factor == jieling.Face }) ||
		slices.ContainsFunc(f.Devices, func(d jieling.Device) bool { return d.Trusted })
	if strong {
		return nil
	}
	return []Card{{Finding: NoStrongFactor, Verdict: Advised, Count: 1}}
}

// shown is when a number was last shown to be its owner's: proven when it was bound, or by a code that it took since. Zero: not on record.
func shown(b jieling.Binding) time.Time {
	if b.LastUsedAt.After(b.VerifiedAt) {
		return b.LastUsedAt
	}
	return b.VerifiedAt
}

func phones(f Facts) (out []Card) {
	for _, b := range f.Bindings {
		if at := shown(b); b.Provider == jieling.Phone && b.Usable() && !at.IsZero() && f.Now.Sub(at) > Stale {
			out = append(out, Card{Finding: PhoneStale, Verdict: Advised, Binding: b.ID, Count: 1})
		}
	}
	return out
}

func suspended(f Facts) (out []Card) {
	for _, b := range f.Bindings {
		if b.State == jieling.BindingSuspended {
			out = append(out, Card{Finding: WaySuspended, Verdict: Advised, Binding: b.ID, Count: 1})
		}
	}
	return out
}

func devices(f Facts) (out []Card) {
	for _, d := range f.Devices {
		if !d.LastSeen.IsZero() && f.Now.Sub(d.LastSeen) > Quarter {
			out = append(out, Card{Finding: DeviceUnused, Verdict: Advised, Device: d.ID, Count: 1})
		}
	}
	return out
}

// unchecked names what the rows do not say. That the other services were not asked is always among it.
func unchecked(f Facts) (out []Unchecked) {
	if slices.ContainsFunc(f.Bindings, func(b jieling.Binding) bool {
		return b.Provider == jieling.Phone && b.Usable() && shown(b).IsZero()
	}) {
		out = append(out, PhoneAge)
	}
	if slices.ContainsFunc(f.Devices, func(d jieling.Device) bool { return d.LastSeen.IsZero() }) {
		out = append(out, DeviceUse)
	}
	if slices.ContainsFunc(f.Cases, func(c jieling.Case) bool { return !c.RemovedAt.IsZero() && c.Upstream == jieling.UpstreamUnknown }) {
		out = append(out, ProviderOf)
	}
	if !f.Heard {
		out = append(out, Services)
	}
	return append(out, Dependents)
}
