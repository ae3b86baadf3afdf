package engine

import (
	"context"
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// AddDevice adds a device the product vouches for.
func (e *Engine) AddDevice(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, in NewDevice) (jieling.Device, error) {
	var out jieling.Device
	if by.Kind != jieling.ActorProduct {
		return out, forbidden()
	}
	if !plain(in.Name, 64) {
		return out, jieling.Invalid("name", "must be 1 to 64 printable characters")
	}
	if err := checkPlatform(in.Platform); err != nil {
		return out, err
	}
	err := e.do(ctx, by, idem, store.Need{Account: account, With: store.Devices}, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeAccounts); err != nil {
			return "", err
		}
		out = jieling.Device{
			ID: newID[jieling.DeviceID](e, "dev", w.Now), Account: account, Name: in.Name, Platform: in.Platform, Trusted: in.Trusted, CreatedAt: w.Now, LastSeen: w.Now,
		}
		w.change.Devices = append(w.change.Devices, out)
		w.transition("device.add", map[string]any{"device": out.ID, "trusted": in.Trusted})
		return string(out.ID), nil
	}, func(s store.Snapshot, a store.Answer) error {
		for _, d := range s.Devices {
			if string(d.ID) == a.Ref {
				out = d
				return nil
			}
		}
		return notFound()
	})
	return out, err
}

func checkPlatform(p jieling.Platform) error {
	for _, known := range jieling.Platforms {
		if p == known {
			return nil
		}
	}
	return jieling.Invalid("platform", "must be android, ios or web")
}

// RemoveDevice takes a device off the account, and with it everything that came of it: its sessions, the factors that live on
// it, every question that can still be answered, and the proofs of cases that are not carried out yet (S9). The device that
// asks cannot remove itself; it signs out.
func (e *Engine) RemoveDevice(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, id jieling.DeviceID) error {
	need := store.Need{Account: account, With: store.Devices | store.Sessions | store.Enrolments | store.Challenges | store.OpenCases}
	return e.do(ctx, by, idem, need, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeAccounts); err != nil {
			return "", err
		}
		i := slices.IndexFunc(w.Devices, func(d jieling.Device) bool { return d.ID == id })
		switch {
		case i < 0:
			return "", notFound()
		case w.Account.Frozen:
			return "", frozen()
		case id == by.Device:
			return "", jieling.Refuse(jieling.CodeConflict, "这是你正在用的设备。要离开它，请退出登录。", "This is the device you are using. To leave it, sign out.")
		}
		d := w.Devices[i]
		d.RemovedAt = w.Now
		w.change.Devices = append(w.change.Devices, d)
		w.endSessions(func(s store.Session) bool { return s.Device == id })
		for _, f := range w.Enrolments {
			if f.Device == id {
				w.dropFactor(f)
			}
		}
		if d.Trusted { // it could approve what is begun elsewhere
			w.Account.FactorRemovedAt = w.Now
		}
		w.restartCases("")
		w.tell(toldDevice, string(id))
		w.transition("device.remove", map[string]any{"removed": id, "platform": d.Platform})
		return string(id), nil
	}, repeated(by, ScopeAccounts))
}

// repeated answers the repeat of a verb that has nothing to say but that it was done.
func repeated(by jieling.Actor, scope string) repeat {
	return func(s store.Snapshot, _ store.Answer) error { return found(s, by, scope) }
}

// seen notes that somebody came in on a device.
func (w *work) seen(id jieling.DeviceID) {
	for _, d := range w.Devices {
		if d.ID == id {
			d.LastSeen = w.Now
			w.change.Devices = append(w.change.Devices, d)
		}
	}
}
