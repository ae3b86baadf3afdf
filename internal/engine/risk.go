package engine

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/store"
)

// Claims are what a caller says of a situation beside what is observed here. They can raise what is asked. Where nothing was
// observed a product is believed; what was observed nobody talks down.
type Claims struct {
	Address string            // a product's: the IP address the person is at
	Device  string            // level: trusted, known, new
	Network string            // level: known, unknown, public
	Signals map[string]string // what else was measured, by a signal's name: its level; what the pack does not look at is ignored
}

// riskParts is what an assessment reads beside the bindings.
const riskParts = store.Enrolments | store.Devices | store.SignIns

// assess measures a situation on what the snapshot read (S15). The snapshot's case, where there is one, says what was
// measured before and which bindings and factors are its own.
func (e *Engine) assess(s store.Snapshot, b jieling.BindingID, by jieling.Actor, device jieling.DeviceID, c Claims) []jieling.Signal {
	f := risk.Facts{
		Now: s.Now, Account: *s.Account, Bindings: s.Bindings, Leaving: b, Enrolments: s.Enrolments, Devices: s.Devices, History: s.SignIns,
		Present: e.presence(s.Account.ID, by, device, c.Address), Claims: c.byName(), Vouched: by.Kind == jieling.ActorProduct,
	}
	if s.Case != nil {
		f.Since, f.Kept, f.Attestations = s.Case.OpenedAt, s.Case.Signals, s.Case.Attestations
	}
	return risk.Assess(f)
}

func (c Claims) byName() map[string]string {
	out := map[string]string{"device": c.Device, "network": c.Network}
	for name, level := range c.Signals {
		if out[name] == "" {
			out[name] = level
		}
	}
	return out
}

// presence is what is seen of whoever acts: a person where the gate saw them, or where the product says they are.
func (e *Engine) presence(account jieling.AccountID, by jieling.Actor, device jieling.DeviceID, address string) risk.Presence {
	p := risk.Presence{Device: device, Here: by.Kind == jieling.ActorPerson || address != "" || by.Kind == jieling.ActorProduct && device != ""}
	if by.Kind == jieling.ActorPerson {
		p.Device, address = by.Device, by.Address
	}
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return p
	}
	addr = addr.Unmap()
	p.Net = e.net(account, addr)
	if e.Locator != nil {
		p.Where, err = e.Locator.Locate(addr)
		p.Blind = err != nil
	}
	return p
}

// net is what is kept of a network: equal for one account's sign-ins from one network, and nothing to anybody else.
func (e *Engine) net(account jieling.AccountID, addr netip.Addr) [32]byte {
	bits := 24
	if addr.Is6() {
		bits = 64
	}
	prefix, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return [32]byte{}
	}
	return e.Keys.BlindIndex("network", string(account), prefix.String())
}

// situation puts what was read and measured into the words a pack is asked in.
func situation(s store.Snapshot, b jieling.Binding, q PlanQuery, signals []jieling.Signal) policy.Situation {
	out := policy.Situation{
		Platform: q.Platform, Scenario: q.Scenario, Reason: q.Reason, Goal: cmp.Or(q.Goal, jieling.Unlink), Provider: b.Provider,
		Kind: s.Account.Kind, Region: s.Account.Region, Locale: s.Account.Locale, RegisteredThrough: s.Account.RegisteredThrough == b.Provider,
		LastWayIn: waysIn(s.Bindings, b.ID) == 0, Network: risk.Level(signals, "network"), Device: risk.Level(signals, "device"),
		Signals: map[string]string{},
	}
	for name, level := range q.Signals { // a pack may declare facts that are not measured here
		out.Signals[name] = level
	}
	for _, m := range signals {
		out.Signals[m.Name] = m.Level
	}
	return out
}

// situation is that of the work's case as things stand in this transaction, with what was measured.
func (w *work) situation(b jieling.Binding) (policy.Situation, []jieling.Signal) {
	c := w.Case
	signals := w.e.assess(w.Snapshot, b.ID, w.by, c.Device, w.claims)
	q := PlanQuery{Goal: c.Goal, Platform: c.Platform, Scenario: c.Scenario, Reason: c.Reason, Claims: w.claims}
	return situation(w.Snapshot, b, q, signals), signals
}

// remember adds a sign-in to the account's history.
func (w *work) remember(by jieling.Actor, through jieling.BindingID, device jieling.DeviceID, platform jieling.Platform, address string) {
	seen := w.e.presence(w.Account.ID, jieling.Actor{Kind: by.Kind}, device, address)
	if by.Kind == jieling.ActorPerson {
		seen = w.e.presence(w.Account.ID, by, device, "")
	}
	if !slices.ContainsFunc(w.Devices, func(d jieling.Device) bool { return d.ID == device }) {
		device = ""
	}
	all := risk.Assess(risk.Facts{Now: w.Now, Account: *w.Account, History: w.SignIns, Present: seen})
	w.change.SignIns = append(w.change.SignIns, jieling.SignIn{
		ID: newID[jieling.SignInID](w.e, "sin", w.Now), Account: w.Account.ID, At: w.Now, Binding: through, Device: device, Platform: platform,
		Network: risk.Level(all, "network"), Net: seen.Net, Place: seen.Where.Place,
	})
}
