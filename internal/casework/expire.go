package casework

import (
	"slices"

	"github.com/jieling-id/jieling"
)

// outlive drops proofs whose time is over, before anything else is decided: what was true of an organisation, or of a device, need not
// be any more. Past the commit point proofs are history, and stay.
func (m *move) outlive() {
	if !m.RemovedAt.IsZero() || m.Stage.Terminal() {
		return
	}
	standing := slices.DeleteFunc(slices.Clone(m.Proofs), func(p jieling.Proof) bool { return !p.Until.IsZero() && !m.at.Before(p.Until) })
	if len(standing) == len(m.Proofs) {
		return
	}
	m.Proofs, m.expired = standing, true
	if m.Stage == jieling.StageReady || waiting(m.Stage) {
		m.Stage = jieling.StageVerifying
		m.settle()
	}
}
