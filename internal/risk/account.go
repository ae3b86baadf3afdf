package risk

import (
	"time"

	"github.com/jieling-id/jieling"
)

// device is that of whoever acts.
func (f Facts) device() jieling.Signal {
	if !f.Present.Here || f.Present.Device == "" {
		return unmeasured("device")
	}
	for _, d := range f.Devices {
		switch {
		case d.ID != f.Present.Device || !d.RemovedAt.IsZero():
		case d.Trusted:
			return observed("device", "trusted", SourceDevices)
		default:
			return observed("device", "known", SourceDevices)
		}
	}
	return observed("device", "new", SourceDevices)
}

// integrity is what a platform said lately of the device of whoever acts; a bad word stays (R2).
func (f Facts) integrity() jieling.Signal {
	for _, a := range f.Attestations {
		if f.Present.Here && f.Present.Device != "" && a.Device == f.Present.Device && (a.Level == jieling.Rooted || f.Now.Sub(a.At) < attestAge) {
			return jieling.Signal{Name: "integrity", Level: a.Level, Source: a.Format, Trust: jieling.Attested}
		}
	}
	return unmeasured("integrity")
}

// numberAge is about the number that a code would be sent to.
func (f Facts) numberAge() jieling.Signal {
	for _, b := range f.Bindings {
		if b.Provider != jieling.Phone || !b.Usable() || b.ID == f.Leaving || !f.Since.IsZero() && !b.CreatedAt.Before(f.Since) {
			continue
		}
		switch bound := Bound(b); {
		case b.Holder == jieling.HolderNew && f.Now.Sub(b.HolderAt) < numberAge:
			return jieling.Signal{Name: "number_age", Level: "recent", Source: SourceCarrier, Trust: jieling.Attested}
		case f.Now.Sub(bound) >= numberAge:
			return observed("number_age", "old", SourceBinding)
		case bound.Sub(f.Account.CreatedAt) < Young: // as old as the account itself
			return observed("number_age", "unknown", SourceBinding)
		}
		return observed("number_age", "recent", SourceBinding)
	}
	return unmeasured("number_age")
}

// Bound is since when a number is known to be its owner's: when it was bound, or, where the product brought it along, when the
// product had proven it. A later proof moves nothing: it may be somebody else's.
func Bound(b jieling.Binding) time.Time {
	if !b.VerifiedAt.IsZero() && b.VerifiedAt.Before(b.CreatedAt) {
		return b.VerifiedAt
	}
	return b.CreatedAt
}

// holder is the worst that carriers last said of the account's numbers (A4).
func (f Facts) holder() jieling.Signal {
	numbers, same := 0, 0
	for _, b := range f.Bindings {
		if b.Provider != jieling.Phone || b.State != jieling.BindingActive && b.State != jieling.BindingSuspended {
			continue
		}
		numbers++
		switch {
		case b.Holder == jieling.HolderChanged:
			return jieling.Signal{Name: "holder", Level: "changed", Source: SourceCarrier, Trust: jieling.Attested}
		case b.Holder == jieling.HolderSame && f.Now.Sub(b.HolderAt) < answerAge:
			same++
		}
	}
	if numbers > 0 && same == numbers {
		return jieling.Signal{Name: "holder", Level: "same", Source: SourceCarrier, Trust: jieling.Attested}
	}
	return unmeasured("holder")
}

// sim is the worst that operators lately said of the account's numbers (A1).
func (f Facts) sim() jieling.Signal {
	numbers, same := 0, 0
	for _, b := range f.Bindings {
		if b.Provider != jieling.Phone || b.State != jieling.BindingActive && b.State != jieling.BindingSuspended {
			continue
		}
		numbers++
		switch SIMOf(b, f.Now) {
		case jieling.SIMSwapped:
			return jieling.Signal{Name: "sim", Level: "swapped", Source: SourceCarrier, Trust: jieling.Attested}
		case jieling.SIMSame:
			same++
		}
	}
	if numbers > 0 && same == numbers {
		return jieling.Signal{Name: "sim", Level: "same", Source: SourceCarrier, Trust: jieling.Attested}
	}
	return unmeasured("sim")
}

// SIMOf is what an operator said of a number's SIM, as far as it still holds.
func SIMOf(b jieling.Binding, now time.Time) jieling.SIM {
	age := now.Sub(b.SIMAt)
	if b.SIM == jieling.SIMSame && age < simAge || b.SIM == jieling.SIMSwapped && age < jieling.SIMSwapFor {
		return b.SIM
	}
	return jieling.SIMUnknown
}

// factorChange looks for what was set up lately, after the registration and before the case, and for what was removed lately, in
// the case too: what is set up in it cannot speak for it, and what is removed in it can no longer speak against it.
func (f Facts) factorChange() jieling.Signal {
	if went := f.Account.FactorRemovedAt; f.Now.Sub(went) < recent && went.Sub(f.Account.CreatedAt) >= Young {
		return observed("factor_change", "recent", SourceFactors)
	}
	for _, e := range f.Enrolments {
		own := !f.Since.IsZero() && !e.CreatedAt.Before(f.Since) // cannot speak for this case anyway
		if !own && f.Now.Sub(e.CreatedAt) < recent && e.CreatedAt.Sub(f.Account.CreatedAt) >= Young {
			return observed("factor_change", "recent", SourceFactors)
		}
	}
	return observed("factor_change", "none", SourceFactors)
}

// providerRisk is what the provider of the leaving binding last said of it; a person who came in through it lately without a
// warning is its answer too.
func (f Facts) providerRisk() jieling.Signal {
	for _, b := range f.Bindings {
		switch {
		case b.ID != f.Leaving:
		case !b.RiskAt.IsZero() && f.Now.Sub(b.RiskAt) < warningAge:
			return jieling.Signal{Name: "provider_risk", Level: "reported", Source: SourceProvider, Trust: jieling.Attested}
		case len(b.Grant) > 0 && !b.LastUsedAt.IsZero() && f.Now.Sub(b.LastUsedAt) < recent:
			return jieling.Signal{Name: "provider_risk", Level: "none", Source: SourceProvider, Trust: jieling.Attested}
		}
	}
	return unmeasured("provider_risk")
}
