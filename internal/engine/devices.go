package engine

import (
	"context"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
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
		if w.Account.Settings.RemindAt.IsZero() {
			w.remindIn(aftercare.Quarter)
		}
		w.transition("device.add", map[string]any{"device": out.ID, "added": out.ID, "trusted": in.Trusted})
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
		if w.lastNamed(d) {
			return "", lastNamed()
		}
		d.RemovedAt = w.Now
		w.change.Devices = append(w.change.Devices, d)
		w.retire(d)
		if d.Trusted { // it could approve what is begun elsewhere
			w.Account.FactorRemovedAt = w.Now
		}
		w.restartCases("")
		w.tell(toldDevice, string(id))
		w.transition("device.remove", map[string]any{"removed": id, "platform": d.Platform})
		return string(id), nil
	}, repeated(by, ScopeAccounts))
}

// lastNamed reports that nobody could sign in any more without a device, because a list says who can.
func (w *work) lastNamed(d jieling.Device) bool {
	return w.Account.Settings.NamedOnly && w.named(d.ID) && !slices.ContainsFunc(w.Devices, func(x jieling.Device) bool { return x.ID != d.ID && w.named(x.ID) })
}

// DeviceChange is what shall be otherwise about a device; nil leaves a thing as it is.
type DeviceChange struct {
	Name    *string
	Trusted *bool
	Lost    *bool
	Proof   FreshProof
}

// ChangeDevice renames a device, trusts it or no longer, or notes that it was lost or found. To trust one, or to take one back that was lost,
// asks for a fresh proof and waits for the guarded window to end. A device that is lost ends like one that is removed, but stays on the
// account's list so that nobody signs in on it, and keeps the device lock on.
func (e *Engine) ChangeDevice(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, id jieling.DeviceID, in DeviceChange) (jieling.Device, error) {
	var out jieling.Device
	if in.Name != nil && !plain(*in.Name, 64) {
		return out, jieling.Invalid("name", "must be 1 to 64 printable characters")
	}
	find := func(s store.Snapshot) error {
		i := slices.IndexFunc(s.Devices, func(d jieling.Device) bool { return d.ID == id })
		if i < 0 {
			return notFound()
		}
		out = s.Devices[i]
		return nil
	}
	err := e.prudently(ctx, by, idem, in.Proof, prudent{
		need: store.Need{Account: account},
		exacting: func(w *work) (bool, error) {
			if err := find(w.Snapshot); err != nil {
				return false, err
			}
			wider := in.Trusted != nil && *in.Trusted && !out.Trusted || in.Lost != nil && !*in.Lost && !out.LostAt.IsZero()
			if wider {
				return true, w.mayOpen()
			}
			return false, nil
		},
		act: func(w *work) (string, error) {
			if err := find(w.Snapshot); err != nil {
				return "", err
			}
			err := w.changeDevice(&out, in)
			return string(id), err
		},
		again: func(s store.Snapshot, _ store.Answer) error {
			if err := found(s, by, ScopeAccounts); err != nil {
				return err
			}
			return find(s)
		},
	})
	return out, err
}

func (w *work) changeDevice(d *jieling.Device, in DeviceChange) error {
	was, told := *d, cause("")
	if in.Name != nil {
		d.Name = *in.Name
	}
	if in.Trusted != nil {
		d.Trusted = *in.Trusted
	}
	switch {
	case in.Lost == nil:
	case *in.Lost && d.LostAt.IsZero():
		if d.ID == w.by.Device {
			return jieling.Refuse(jieling.CodeConflict, "这是你正在用的设备，不能标为丢失。", "This is the device you are using; it cannot be lost.")
		}
		if w.lastNamed(*d) {
			return lastNamed()
		}
		d.LostAt, d.Trusted, d.Named, told = w.Now, false, false, toldLost
		w.Account.Settings.DeviceLock = true
		w.retire(*d)
	case !*in.Lost:
		d.LostAt = time.Time{}
	}
	if !d.LostAt.IsZero() && d.Trusted {
		return jieling.Refuse(jieling.CodeConflict, "丢失的设备不能设为信任。", "A device that is lost cannot be trusted.")
	}
	if d.Name == was.Name && d.Trusted == was.Trusted && d.LostAt.Equal(was.LostAt) {
		return nil
	}
	switch {
	case was.Trusted && !d.Trusted:
		w.Account.FactorRemovedAt = w.Now
		w.restartCases("")
	case !was.Trusted && d.Trusted, !was.LostAt.IsZero() && d.LostAt.IsZero():
		told = toldTrusted
	}
	w.putDevice(*d)
	if told != "" {
		w.tellAgain(told)
	}
	w.transition("device.change", map[string]any{"device_id": d.ID, "trusted": d.Trusted, "lost": !d.LostAt.IsZero(), "renamed": was.Name != d.Name})
	return nil
}

// retire ends what came of a device: its sessions and the factors that live on it.
func (w *work) retire(d jieling.Device) {
	w.endSessions(func(s store.Session) bool { return s.Device == d.ID })
	for _, f := range w.Enrolments {
		if f.Device == d.ID {
			w.dropFactor(f)
		}
	}
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
