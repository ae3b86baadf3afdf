package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/jieling-id/jieling"
)

// Basis is what a case was decided on and what its person was shown: most of a case by far, in words, and the part that its
// moves leave alone. A store keeps it beside the rest of the case and writes it anew only when it changed. Cases of one
// pack and situation have the same basis, so it is read once for all of them ([Bases]).
type Basis struct {
	Decision jieling.Decision    `json:"decision"`
	Impact   []jieling.Dependent `json:"impact,omitempty"`
}

// BasisOf gives a case's basis. It shares its slices with the case.
func BasisOf(c jieling.Case) Basis { return Basis{Decision: c.Decision, Impact: c.Impact} }

// Same reports that two bases say the same.
func (b Basis) Same(other Basis) bool {
	d, o := b.Decision, other.Decision
	return d.Pack == o.Pack && d.Scenario == o.Scenario && d.Wait == o.Wait && d.Guard == o.Guard && d.Replacement == o.Replacement &&
		d.NeedPhone == o.NeedPhone && d.Backup == o.Backup && sameRequirement(d.Requirement, o.Requirement) &&
		slices.EqualFunc(d.Detours, o.Detours, sameDetour) && sameRows(d.Refusals, o.Refusals) && sameRows(d.Reasons, o.Reasons) && sameRows(b.Impact, other.Impact)
}

// sameRows tells nil and empty apart, as JSON does.
func sameRows[T comparable](a, b []T) bool { return (a == nil) == (b == nil) && slices.Equal(a, b) }

func sameDetour(a, b jieling.Detour) bool {
	return a.Rule == b.Rule && a.Takes == b.Takes && a.Text == b.Text && slices.Equal(a.For, b.For) && sameRequirement(a.Require, b.Require)
}

func sameRequirement(a, b jieling.Requirement) bool {
	return a.Factor == b.Factor && (a.All == nil) == (b.All == nil) && (a.Any == nil) == (b.Any == nil) &&
		slices.EqualFunc(a.All, b.All, sameRequirement) && slices.EqualFunc(a.Any, b.Any, sameRequirement)
}

// own is a copy that shares nothing that could be written to.
func (b Basis) own() Basis {
	b.Impact = slices.Clone(b.Impact)
	b.Decision.Refusals, b.Decision.Reasons = slices.Clone(b.Decision.Refusals), slices.Clone(b.Decision.Reasons)
	b.Decision.Detours = slices.Clone(b.Decision.Detours)
	b.Decision.Requirement = ownRequirement(b.Decision.Requirement)
	return b
}

func ownRequirement(r jieling.Requirement) jieling.Requirement {
	r.All, r.Any = slices.Clone(r.All), slices.Clone(r.Any)
	for _, parts := range [...][]jieling.Requirement{r.All, r.Any} {
		for i := range parts {
			parts[i] = ownRequirement(parts[i])
		}
	}
	return r
}

// rest is a case without its basis: the outer fields hide the inner ones of the same name.
type rest struct {
	*jieling.Case
	Decision *struct{} `json:"decision,omitempty"`
	Impact   *struct{} `json:"impact,omitempty"`
}

// EncodeCase writes a case down without its basis.
func EncodeCase(c jieling.Case) ([]byte, error) {
	body, err := json.Marshal(rest{Case: &c})
	if err != nil {
		return nil, fmt.Errorf("encode a case: %T", err)
	}
	return body, nil
}

// EncodeBasis writes a basis down.
func EncodeBasis(b Basis) ([]byte, error) {
	text, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encode a case's basis: %T", err)
	}
	return text, nil
}

// Bounds of what Bases remembers: a pack has a few dozen bases, and those that a participant's live answers went into are
// mostly their account's alone.
const (
	basesKept = 512
	basisKept = 16 << 10 // bytes
)

// Bases reads cases back, and remembers bases by their text. The zero value is ready; it is safe for concurrent use.
type Bases struct {
	mu    sync.RWMutex
	known map[string]Basis
}

// DecodeCase reads a case from what EncodeCase and EncodeBasis wrote. The case is the caller's own; the basis beside it is
// shared and must not be written to: it says later whether the case's has changed. An error quotes nothing of the texts.
func (k *Bases) DecodeCase(body, basis []byte) (jieling.Case, Basis, error) {
	var c jieling.Case
	if err := json.Unmarshal(body, &rest{Case: &c}); err != nil {
		return c, Basis{}, fmt.Errorf("a case's body cannot be read: %T", err)
	}
	shared, err := k.decode(basis)
	if err != nil {
		return c, Basis{}, err
	}
	own := shared.own()
	c.Decision, c.Impact = own.Decision, own.Impact
	return c, shared, nil
}

func (k *Bases) decode(text []byte) (Basis, error) {
	k.mu.RLock()
	b, ok := k.known[string(text)]
	k.mu.RUnlock()
	if ok {
		return b, nil
	}
	if err := json.Unmarshal(text, &b); err != nil {
		return b, fmt.Errorf("a case's basis cannot be read: %T", err)
	}
	if len(text) <= basisKept {
		k.remember(string(text), b)
	}
	return b, nil
}

// remember makes room by forgetting any half: what is in use comes back at once.
func (k *Bases) remember(text string, b Basis) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.known) >= basesKept {
		n := 0
		maps.DeleteFunc(k.known, func(string, Basis) bool { n++; return n%2 == 0 })
	}
	if k.known == nil {
		k.known = map[string]Basis{}
	}
	k.known[text] = b
}
