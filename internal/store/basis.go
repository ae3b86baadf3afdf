package store

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jieling-id/jieling"
)

// Basis is what a case was decided on and what its person was shown: most of a case by far, in words, and the part that its
// moves leave alone. A store keeps it beside the rest of the case and writes it anew only when it changed. Cases of one
// pack and situation have the same basis, so a process reads it once for all of them ([Bases]).
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
		slices.EqualFunc(d.Detours, o.Detours, sameDetour) && sameRows(d.Refusals, o.Refusals) && sameRows(d.Reasons, o.Reasons) && sameRows(b.Impact, other.Impact) && samePlaybook(d.Playbook, o.Playbook)
}

func samePlaybook(a, b *jieling.Playbook) bool {
	if a == nil || b == nil || a == b {
		return a == b
	}
	return a.Name == b.Name && a.Rule == b.Rule && a.Verified == b.Verified && a.Title == b.Title && a.Lead == b.Lead && slices.EqualFunc(a.Steps, b.Steps, sameStep)
}

func sameStep(a, b jieling.Step) bool {
	return a.Name == b.Name && a.Who == b.Who && a.Class == b.Class && a.Does == b.Does && a.Check == b.Check && sameRows(a.After, b.After) &&
		a.Title == b.Title && a.Text == b.Text && a.Link == b.Link && a.Takes == b.Takes && sameRows(a.Refuses, b.Refuses) &&
		a.State == b.State && a.By == b.By && a.ReadyAt.Equal(b.ReadyAt) && a.At.Equal(b.At)
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
	b.Decision.Playbook = b.Decision.Playbook.Clone()
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

// Mark names a basis by what it says: the beginning of the SHA-256 of its text, 128 bits of it.
type Mark [16]byte

// EncodeBasis writes a basis down, and gives its mark.
func EncodeBasis(b Basis) ([]byte, Mark, error) {
	text, err := json.Marshal(b)
	if err != nil {
		return nil, Mark{}, fmt.Errorf("encode a case's basis: %T", err)
	}
	return text, markOf(text), nil
}

func markOf(text []byte) Mark {
	sum := sha256.Sum256(text)
	return Mark(sum[:len(Mark{})])
}

// Bounds of what Bases remembers: a pack has a few dozen bases, and those that a participant's live answers went into are
// mostly their account's alone.
const (
	basesKept = 64
	basisKept = 16 << 10 // bytes
)

// Bases remembers bases by their marks, so that a store need not read again what it has read before. The zero value is ready;
// it is safe for concurrent use.
type Bases struct {
	known atomic.Pointer[map[Mark]Basis]
	mu    sync.Mutex // of who remembers another
}

// Known is what was remembered at one moment. It never changes.
func (k *Bases) Known() KnownBases {
	if known := k.known.Load(); known != nil {
		return KnownBases{k, *known}
	}
	return KnownBases{k, nil}
}

// KnownBases is the bases that need not be read.
type KnownBases struct {
	all   *Bases
	known map[Mark]Basis
}

// Marks names them, at most 64, in no order.
func (k KnownBases) Marks() []Mark { return slices.Collect(maps.Keys(k.known)) }

// Has reports whether the basis of a mark need not be read.
func (k KnownBases) Has(m Mark) bool {
	_, ok := k.known[m]
	return ok
}

// DecodeCase reads a case from what EncodeCase and EncodeBasis wrote; of a basis that is known the mark is enough. The case is
// the caller's own; the basis beside it is shared and must not be written to: it says later whether the case's has changed. An
// error quotes nothing of the texts.
func (k KnownBases) DecodeCase(body, basis []byte, m Mark) (jieling.Case, Basis, error) {
	var c jieling.Case
	if err := json.Unmarshal(body, &rest{Case: &c}); err != nil {
		return c, Basis{}, fmt.Errorf("a case's body cannot be read: %T", err)
	}
	shared, ok := k.known[m]
	if !ok {
		if markOf(basis) != m {
			return c, Basis{}, errors.New("a case's basis is not what its mark says")
		}
		if err := json.Unmarshal(basis, &shared); err != nil {
			return c, Basis{}, fmt.Errorf("a case's basis cannot be read: %T", err)
		}
		k.all.remember(m, shared, len(basis))
	}
	own := shared.own()
	c.Decision, c.Impact = own.Decision, own.Impact
	return c, shared, nil
}

// remember makes room by forgetting any half: what is in use comes back at once.
func (k *Bases) remember(m Mark, b Basis, size int) {
	if size > basisKept {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	known, room := k.Known().known, basesKept
	if len(known) == basesKept {
		room = basesKept / 2
	}
	next := map[Mark]Basis{m: b}
	for mark, basis := range known {
		if len(next) < room {
			next[mark] = basis
		}
	}
	k.known.Store(&next)
}
