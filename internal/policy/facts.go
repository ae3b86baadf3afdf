package policy

import (
	"fmt"
	"strings"

	"github.com/jieling-id/jieling"
)

// Situation is what the engine knows when it asks, read in the transaction it will commit in (S15). A fact the pack does not
// declare is not looked at, so every field may always be filled; an empty one counts as the pack's unset value, which is
// never the safest, and is refused where the pack has none.
type Situation struct {
	Platform jieling.Platform    `json:"platform"`
	Scenario jieling.Scenario    `json:"scenario,omitempty"` // as declared by the person, fact declared; it can raise what is asked, never lower it
	Reason   jieling.Reason      `json:"reason,omitempty"`
	Goal     jieling.Goal        `json:"goal"`
	Provider jieling.Provider    `json:"provider"`         // of the binding
	Kind     jieling.AccountKind `json:"account_kind"`     // fact account_kind
	Region   string              `json:"region,omitempty"` // ISO 3166-1 alpha-2
	Locale   string              `json:"locale,omitempty"` // "zh-CN" or "en"

	RegisteredThrough bool `json:"registered_through,omitempty"` // the account was registered through the binding's provider (D4)
	LastWayIn         bool `json:"last_way_in,omitempty"`        // no other usable way in would stay

	Network string `json:"network,omitempty"` // one of the pack's levels: known, unknown, public
	Device  string `json:"device,omitempty"`  // one of the pack's levels: trusted, known, new

	Signals map[string]string `json:"signals,omitempty"` // further facts a pack may declare, by name; yes-or-no ones as "true" and "false"
}

// Signal is a fact about risk that the service measures, with its levels from the safest up.
type Signal struct {
	Name   string
	Levels []string
}

// Signals lists what the service measures. A pack that looks at one of them declares it with these levels, rising, and an
// unset that is not the safest: what could not be measured is never taken for safe (S30). A pack may leave any out.
var Signals = [...]Signal{
	{"registered_through", []string{"false", "true"}},
	{"last_way_in", []string{"false", "true"}},
	{"network", []string{"known", "unknown", "public"}},
	{"device", []string{"trusted", "known", "new"}},
	{"place", []string{"usual", "unknown", "other"}},
	{"travel", []string{"possible", "unknown", "impossible"}},
	{"integrity", []string{"attested", "unattested", "rooted"}},
	{"number_age", []string{"old", "unknown", "recent"}},
	{"sim", []string{"same", "unknown", "swapped"}},
	{"holder", []string{"same", "unknown", "changed"}},         // of the bound number: carriers hand numbers out again
	{"factor_change", []string{"none", "unknown", "recent"}},   // a factor was set up or changed lately
	{"provider_risk", []string{"none", "unknown", "reported"}}, // the provider itself reports the identity as stolen
	{"managed", []string{"false", "unknown", "true"}},          // the account is a member's of an organisation
}

// Facts is a situation in the words of one pack: a small comparable value, made by [Pack.Facts] and good for that pack alone.
// The zero Facts belongs to no pack and is refused by every one.
type Facts struct {
	pack *Pack
	at   vector
}

// origin is the field of a Situation that a fact is read from.
type origin uint8

const (
	fromSignals origin = iota
	fromPlatform
	fromDeclared
	fromReason
	fromGoal
	fromProvider
	fromKind
	fromRegion
	fromLocale
	fromRegistered
	fromLastWayIn
	fromNetwork
	fromDevice
)

// originOf maps the facts the engine fills by field; every other name is a signal.
func originOf(fact string) origin {
	switch fact {
	case "platform":
		return fromPlatform
	case "declared":
		return fromDeclared
	case "reason":
		return fromReason
	case "goal":
		return fromGoal
	case "provider":
		return fromProvider
	case "account_kind":
		return fromKind
	case "region":
		return fromRegion
	case "locale":
		return fromLocale
	case "registered_through":
		return fromRegistered
	case "last_way_in":
		return fromLastWayIn
	case "network":
		return fromNetwork
	case "device":
		return fromDevice
	}
	return fromSignals
}

func (s *Situation) value(f *fact) string {
	switch f.origin {
	case fromPlatform:
		return string(s.Platform)
	case fromDeclared:
		return string(s.Scenario)
	case fromReason:
		return string(s.Reason)
	case fromGoal:
		return string(s.Goal)
	case fromProvider:
		return string(s.Provider)
	case fromKind:
		return string(s.Kind)
	case fromRegion:
		return s.Region
	case fromLocale:
		return s.Locale
	case fromRegistered:
		return yesOrNo(s.RegisteredThrough)
	case fromLastWayIn:
		return yesOrNo(s.LastWayIn)
	case fromNetwork:
		return s.Network
	case fromDevice:
		return s.Device
	}
	return s.Signals[f.name]
}

func yesOrNo(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// Facts puts a situation into the words of the pack. It fails closed: a value that the pack does not know, or does not know
// how to do without, is a *jieling.Error with CodeInvalid that names the field and the values it can take.
func (p *Pack) Facts(s Situation) (Facts, error) { return p.worded(s.value) }

// FactsOf does the same with values by the names of the pack's own facts ([Pack.Levels]); "" is what is not known.
func (p *Pack) FactsOf(value func(fact string) string) (Facts, error) {
	return p.worded(func(f *fact) string { return value(f.name) })
}

func (p *Pack) worded(value func(*fact) string) (Facts, error) {
	f := Facts{pack: p}
	for i := range p.facts {
		known := &p.facts[i]
		given := value(known)
		v := known.place(given)
		if v < 0 {
			return Facts{}, known.refuse(given)
		}
		f.at[i] = uint8(v)
	}
	return f, nil
}

// Fact is something that a pack looks at, with the values it tells apart.
type Fact struct {
	Name   string
	Values []string // where Rising, from the safest up
	Rising bool
	Unset  string // what counts where nothing is known; "" where the pack does not do without
}

// Levels lists the pack's facts: platform, declared and reason, then those it declares. The slices are the pack's own.
func (p *Pack) Levels() []Fact {
	out := make([]Fact, len(p.facts))
	for i, f := range p.facts {
		out[i] = Fact{Name: f.name, Values: f.values, Rising: f.rising}
		if f.unset >= 0 {
			out[i].Unset = f.values[f.unset]
		}
	}
	return out
}

// ValueTitle is what the pack calls a value of one of its facts, for people: it has titles for its platforms, scenarios and
// reasons. It is empty for every other.
func (p *Pack) ValueTitle(fact, value string) jieling.Text {
	switch fact {
	case "platform":
		for _, r := range p.doc.platforms {
			if r.name.text == value {
				return r.title
			}
		}
	case "declared":
		for _, r := range p.doc.scenarios {
			if r.name.text == value {
				return r.title
			}
		}
	case "reason":
		for _, r := range p.doc.reasons {
			if r.name.text == value {
				return r.title
			}
		}
	}
	return jieling.Text{}
}

// place finds a value in the fact's domain, or -1.
func (f *fact) place(value string) int {
	if value == "" {
		return f.unset
	}
	for i, v := range f.values {
		if v == value {
			return i
		}
	}
	return f.otherwise
}

func (f *fact) refuse(value string) error {
	field, message := f.name, fmt.Sprintf("is required: one of %s", strings.Join(f.values, ", "))
	if f.origin == fromDeclared {
		field = "scenario"
	}
	if value != "" {
		message = fmt.Sprintf("is not one of %s", strings.Join(f.values, ", "))
	}
	return jieling.Invalid(field, message)
}

// on returns the same situation on another platform, given by its place.
func (f Facts) on(platform int) Facts {
	f.at[platformFact] = uint8(platform)
	return f
}

// said writes some of the facts as "name=value".
func (f Facts) said(facts []int) []string {
	out := make([]string, len(facts))
	for n, i := range facts {
		out[n] = f.pack.facts[i].said[f.at[i]]
	}
	return out
}
