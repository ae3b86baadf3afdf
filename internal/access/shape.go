package access

import (
	"slices"
	"sync"

	"github.com/jieling-id/jieling"
)

// shapes remembers which accounts are safe, by all that their graph is made of. What names and labels they have makes no difference.
type shapes struct {
	mu    sync.RWMutex
	known map[string]bool
}

// shapesKept bounds what is remembered: there are a few dozen common shapes, and a rare one is worked out each time.
const shapesKept = 1024

func (s *shapes) has(shape []byte) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.known[string(shape)]
}

func (s *shapes) add(shape []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) < shapesKept {
		s.known[string(shape)] = true
	}
}

// shape appends what an account's graph is made of: each login that counts, whether it leaves and whether it is stale, in their
// order, and which of the template's things are there.
func (t *Template) shape(to []byte, f Facts) []byte {
	for _, b := range f.Bindings {
		if !b.Usable() && b.ID != f.Leaving {
			continue
		}
		to = append(append(to, b.Provider...), flags(b.ID == f.Leaving, t.stale(b, f.Now)))
	}
	to = append(to, '/', flags(f.SignedIn, f.trusted()))
	for _, row := range t.Things {
		if row.Factor != "" {
			to = append(to, flags(f.enrolled(row.Factor), false))
		}
	}
	return to
}

// flags is a byte that no provider's name has.
func flags(a, b bool) byte { return byte(1 + one(a) + 2*one(b)) }

func (f Facts) enrolled(factor jieling.Factor) bool {
	return slices.ContainsFunc(f.Enrolments, func(e jieling.Enrolment) bool { return e.Factor == factor && e.RemovedAt.IsZero() })
}

func (f Facts) trusted() bool {
	return slices.ContainsFunc(f.Devices, func(d jieling.Device) bool { return d.Trusted && d.RemovedAt.IsZero() })
}
