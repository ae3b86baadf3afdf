// Package risk says what is known of a situation: where somebody is, on which device and network, who holds a bound number,
// what was changed lately. Each [jieling.Signal] carries its level in the words a pack asks in, its source, how far that is
// trusted, and a sentence.
//
//	history, rows, present address ──► [Assess] ──► signals ──► policy.Situation
//	            what a caller claims ──┘  claims raise, and never lower what was observed
//
// Assess is pure: the engine reads the rows in the transaction it commits in (S15) and hands them over. What reaches outside
// stands behind the interfaces of this package, whose implementers have folders of their own. A source that fails, or was not
// asked, leaves its signal at the level for not known, which is never the safest one (S30).
package risk

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

// Where is what is known of an address. The zero Where is nothing.
type Where struct {
	Place  jieling.Place
	Public bool // a network that many strangers share, or that hides who is behind it
}

// Locator looks addresses up in files at hand: it reaches nobody, and answers in microseconds.
type Locator interface {
	Locate(addr netip.Addr) (Where, error)
}

// Carrier asks who holds a number.
type Carrier interface {
	// Holder says whether the number is held by whoever held it at a moment; bound is that moment. Never an answer beside the
	// list of jieling.Holder; jieling.HolderUnknown where the carrier cannot tell. An error holds no number.
	Holder(ctx context.Context, number string, bound time.Time) (jieling.Holder, error)
}

// SIM asks whether the SIM of a number was replaced.
type SIM interface {
	// Swapped says whether it was within a while up to now, of one hour to a hundred days, counted in whole hours. Never an answer
	// beside the list of jieling.SIM; jieling.SIMUnknown where the operator does not know the number. An error holds no number.
	Swapped(ctx context.Context, number string, within time.Duration) (jieling.SIM, error)
}

// Times the signals turn on.
const (
	settled    = 7 * 24 * time.Hour  // a place that was signed in from this long ago is a usual one; younger sign-ins are looked at
	recent     = 24 * time.Hour      // a change, or a journey, is recent
	familiar   = 24 * time.Hour      // a network that was used this long ago is known
	numberAge  = 30 * 24 * time.Hour // a number bound this long is old
	answerAge  = 30 * 24 * time.Hour // a carrier's answer about a holder holds this long
	simAge     = time.Hour           // that a SIM was not replaced holds this long: it can be at any moment
	warningAge = 7 * 24 * time.Hour  // a provider's warning holds this long
	attestAge  = time.Hour           // a platform's good word for a device holds this long; what is installed can change
	Young      = 24 * time.Hour      // what is set up this soon after the registration belongs to it, and is no change
)

// Sources of signals.
const (
	SourceHistory  = "sign_ins"
	SourceGeo      = "geoip"
	SourceDevices  = "devices"
	SourceFactors  = "factors"
	SourceBinding  = "bindings"
	SourceCarrier  = "carrier"
	SourceProvider = "provider"
	SourceClaim    = "caller"
)

// Presence is what was seen of whoever acts at this moment. The zero Presence is nobody: time acts, or a product in silence.
type Presence struct {
	Here   bool // somebody acts now; otherwise what was kept of the last time holds
	Device jieling.DeviceID
	Net    [32]byte // keyed hash of the network, as the history has it; zero: no address was seen
	Where  Where
	Blind  bool // the place could not be looked up: the source failed
}

// Facts is all that an assessment looks at.
type Facts struct {
	Now        time.Time
	Account    jieling.Account
	Bindings   []jieling.Binding
	Leaving    jieling.BindingID // the binding the situation is about
	Enrolments []jieling.Enrolment
	Devices    []jieling.Device
	History    []jieling.SignIn // newest first
	// Attestations is what platforms said, in the case, of the devices that acted in it.
	Attestations []jieling.Attestation
	Since        time.Time // when the case was opened: what was bound and set up in it is its own; zero: there is no case
	Present      Presence
	Kept         []jieling.Signal  // what the case kept of the last time somebody acted
	Claims       map[string]string // levels somebody claims, by signal
	Vouched      bool              // a product back end claims them: believed where nothing was measured
}

// momentary are the signals about whoever acts; the others are about the account and are measured at any time.
var momentary = [...]string{"place", "travel", "network", "device", "integrity"}

// told names every signal, in the order of an assessment.
var told = [...]string{"place", "travel", "network", "device", "integrity", "number_age", "sim", "holder", "factor_change", "provider_risk"}

// Assess measures every signal.
func Assess(f Facts) []jieling.Signal {
	out := []jieling.Signal{
		f.place(), f.travel(), f.network(), f.device(), f.integrity(), f.numberAge(), f.sim(), f.holder(), f.factorChange(), f.providerRisk(),
	}
	for i, s := range out {
		s = f.recalled(s)
		if claim := f.Claims[s.Name]; claim != "" {
			s = claimed(s, claim, f.Vouched)
		}
		if s.Why.Empty() {
			s.Why = sentence(s.Name, s.Level)
		}
		out[i] = s
	}
	return out
}

// recalled brings in what the case kept: of whoever acted last, where nobody acts now; what is riskier than the nothing that is
// seen now, so that no one loses a bad word by keeping silent; and every claim, which does not lapse by being said once.
func (f Facts) recalled(s jieling.Signal) jieling.Signal {
	i := slices.IndexFunc(f.Kept, func(k jieling.Signal) bool { return k.Name == s.Name })
	if i < 0 {
		return s
	}
	kept := f.Kept[i]
	kept.Why = jieling.Text{}
	unseen, riskier := s.Source == "", rank(s.Name, kept.Level) > rank(s.Name, s.Level)
	switch {
	case kept.Trust == jieling.Claimed:
		return claimed(s, kept.Level, true)
	case !slices.Contains(momentary[:], s.Name):
		return s
	case !f.Present.Here && (unseen || riskier), unseen && riskier:
		return kept
	}
	return s
}

// claimed is a signal after somebody claimed a level. A claim that is riskier is taken; one that is safer is taken only from
// a product, and only where nothing was measured. A level the signal does not have is passed on for the pack to refuse.
func claimed(s jieling.Signal, level string, vouched bool) jieling.Signal {
	claim := jieling.Signal{Name: s.Name, Level: level, Source: SourceClaim, Trust: jieling.Claimed}
	said, measured := rank(s.Name, level), rank(s.Name, s.Level)
	if said < 0 || said > measured || vouched && s.Source == "" {
		return claim
	}
	return s
}

// Kept is what a case keeps of an assessment: what was measured or claimed, without sentences.
func Kept(all []jieling.Signal) (out []jieling.Signal) {
	for _, s := range all {
		if s.Source != "" {
			s.Why = jieling.Text{}
			out = append(out, s)
		}
	}
	return out
}

// Explained tells what a case kept, each signal with its sentence, in the order of an assessment. What was not measured is among
// them, as not known.
func Explained(kept []jieling.Signal) []jieling.Signal {
	out := make([]jieling.Signal, len(told))
	for i, name := range told {
		out[i] = unmeasured(name)
		if k := slices.IndexFunc(kept, func(k jieling.Signal) bool { return k.Name == name }); k >= 0 {
			out[i] = kept[k]
		}
		out[i].Why = sentence(name, out[i].Level)
	}
	return out
}

// Level gives one signal's level.
func Level(all []jieling.Signal, name string) string {
	for _, s := range all {
		if s.Name == name {
			return s.Level
		}
	}
	return ""
}

// Riskiest counts the signals that were measured, or claimed, at their riskiest level. What nobody knows is not among them.
func Riskiest(all []jieling.Signal) (n int) {
	for _, s := range all {
		if ls := levels(s.Name); s.Source != "" && len(ls) > 0 && s.Level == ls[len(ls)-1] {
			n++
		}
	}
	return n
}

// rank places a level in its signal's, from the safest; -1 where it is not one of them.
func rank(name, level string) int { return slices.Index(levels(name), level) }

func levels(name string) []string {
	for _, s := range policy.Signals {
		if s.Name == name {
			return s.Levels
		}
	}
	return nil
}

// unmeasured is a signal at the level for not known: the middle one, and for a device, which is known or is not, the riskiest.
func unmeasured(name string) jieling.Signal {
	all := levels(name)
	if name == "device" {
		return jieling.Signal{Name: name, Level: all[len(all)-1]}
	}
	return jieling.Signal{Name: name, Level: all[1]}
}

func observed(name, level, source string) jieling.Signal {
	return jieling.Signal{Name: name, Level: level, Source: source, Trust: jieling.Observed}
}
