package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// SettingsView is what an account's owner has decided, and what a change of it would meet.
type SettingsView struct {
	Account jieling.Account
	Devices []jieling.Device
	Proofs  []jieling.Factor // with which the one who asks could give a fresh proof
	// LockHeld says why the device lock cannot be switched off now; empty where it can. LockHeldUntil is until when, where that is known.
	LockHeld      jieling.Text
	LockHeldUntil time.Time
	Now           time.Time
}

// SettingsChange is what shall be otherwise; nil leaves a thing as it is.
type SettingsChange struct {
	DeviceLock *bool
	NamedOnly  *bool
	Named      *[]jieling.DeviceID // the whole list of devices that may sign in
	Reminders  *bool
	Proof      FreshProof
}

// Settings shows how an account may be entered.
func (e *Engine) Settings(ctx context.Context, by jieling.Actor, account jieling.AccountID) (SettingsView, error) {
	s, err := e.Store.Load(ctx, store.Need{Account: account, With: store.Devices | store.Enrolments | store.OpenCases})
	if err != nil {
		return SettingsView{}, translate(err)
	}
	if err := found(s, by, ScopeAccounts); err != nil {
		return SettingsView{}, err
	}
	return e.settingsView(s, by), nil
}

func (e *Engine) settingsView(s store.Snapshot, by jieling.Actor) SettingsView {
	v := SettingsView{Account: *s.Account, Devices: s.Devices, Now: s.Now, Proofs: e.proofsOf(s, by)}
	if held := lockHeld(s); held != nil && s.Account.Settings.DeviceLock {
		v.LockHeld = held.Public
		if held.After > 0 {
			v.LockHeldUntil = s.Now.Add(held.After)
		}
	}
	return v
}

// ChangeSettings changes how an account may be entered. What makes it safer is done at once. Switching the device lock off, switching the
// list of devices on or off and changing it asks for a fresh proof; what opens the account wider waits until the guarded window is over
// (R5); and the owner is told of it at every contact point.
func (e *Engine) ChangeSettings(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, in SettingsChange) (SettingsView, error) {
	var out SettingsView
	see := func(s store.Snapshot) error {
		out = e.settingsView(s, by)
		return found(s, by, ScopeAccounts)
	}
	err := e.prudently(ctx, by, idem, in.Proof, prudent{
		need: store.Need{Account: account},
		exacting: func(w *work) (bool, error) {
			n, err := w.weigh(in)
			return n.exacting, err
		},
		act: func(w *work) (string, error) {
			n, err := w.weigh(in)
			if err != nil {
				return "", err
			}
			w.settle(n)
			return string(account), see(w.Snapshot)
		},
		again: func(s store.Snapshot, _ store.Answer) error { return see(s) },
	})
	return out, err
}

// weighed is a change of settings on what a transaction reads.
type weighed struct {
	settings jieling.Settings
	devices  []jieling.Device // that are on the list now and were not, or the other way round
	exacting bool             // it asks for a fresh proof
}

// weigh says what a change comes to, and refuses what would lock the owner out or cannot be now.
func (w *work) weigh(in SettingsChange) (weighed, error) {
	n := weighed{settings: w.Account.Settings}
	if in.DeviceLock != nil {
		n.settings.DeviceLock = *in.DeviceLock
	}
	if in.NamedOnly != nil {
		n.settings.NamedOnly = *in.NamedOnly
	}
	if in.Reminders != nil {
		n.settings.RemindersOff = !*in.Reminders
	}
	list, err := w.list(in, n.settings.NamedOnly)
	if err != nil {
		return n, err
	}
	was, wider := w.Account.Settings, false
	for _, d := range w.Devices {
		if on := slices.Contains(list, d.ID); on != d.Named {
			d.Named = on
			n.devices = append(n.devices, d)
			wider = wider || on && was.NamedOnly
		}
	}
	unlocks := was.DeviceLock && !n.settings.DeviceLock
	wider = wider || unlocks || was.NamedOnly && !n.settings.NamedOnly
	// A list shuts out whoever is not on it, so a thief must not be able to make one.
	n.exacting = wider || n.settings.NamedOnly && (!was.NamedOnly || len(n.devices) > 0)
	if unlocks {
		if held := lockHeld(w.Snapshot); held != nil {
			return n, held
		}
	}
	if wider {
		return n, w.mayOpen()
	}
	return n, nil
}

// mayOpen refuses what opens the account wider while nothing about it may change: in a hold and in the guarded window (R5).
func (w *work) mayOpen() error {
	if err := w.held(); err != nil {
		return err
	}
	if w.Now.Before(w.Account.GuardedUntil) {
		return guarded(w.Account.GuardedUntil.Sub(w.Now))
	}
	return nil
}

func guarded(left time.Duration) *jieling.Error {
	err := jieling.Refuse(jieling.CodeGuarded, "账号在保护期内，会放宽保护的改动要等保护期结束。", "The account is in its guarded window; what makes it less protected waits until that is over.")
	err.After = left
	return err
}

// lockHeld says what keeps the device lock on: a lost device, a case that forced it on, the guarded window after one. Nil where nothing does.
// A residue that stands keeps nothing: it may stand for months, and is not the owner's to clear.
func lockHeld(s store.Snapshot) *jieling.Error {
	asked := func(c jieling.Case) bool {
		return c.Decision.Asks(jieling.DeviceLock) && (c.RemovedAt.IsZero() || s.Now.Before(c.GuardUntil))
	}
	switch {
	case slices.ContainsFunc(s.Cases, asked):
		return jieling.Refuse(jieling.CodeConflict, "正在进行的解绑要求设备锁保持开启。等它和之后的保护期结束，就可以关闭。",
			"An unlinking that is under way needs the device lock. It can be switched off once that, and its guarded window, is over.")
	case slices.ContainsFunc(s.Devices, func(d jieling.Device) bool { return !d.LostAt.IsZero() }):
		return jieling.Refuse(jieling.CodeConflict, "有一台设备标为丢失，设备锁要保持开启。请先移除那台设备，或标为已找回。",
			"A device is marked as lost, so the device lock stays on. Remove that device first, or say that it was found.")
	case s.Now.Before(s.Account.GuardedUntil):
		return guarded(s.Account.GuardedUntil.Sub(s.Now))
	}
	return nil
}

// list is the devices that shall be on the list. It is never empty while it counts, and never without the device in hand: nobody locks
// themselves out by it. Where it is switched on and nobody says what is on it, the trusted devices and the one in hand are.
func (w *work) list(in SettingsChange, on bool) ([]jieling.DeviceID, error) {
	var list []jieling.DeviceID
	offer := in.Named == nil && on && !w.Account.Settings.NamedOnly
	for _, d := range w.Devices {
		if in.Named == nil && d.LostAt.IsZero() && (d.Named || offer && (d.Trusted || d.ID == w.by.Device)) {
			list = append(list, d.ID)
		}
	}
	if in.Named != nil {
		for _, id := range *in.Named {
			if !slices.ContainsFunc(w.Devices, func(d jieling.Device) bool { return d.ID == id && d.LostAt.IsZero() }) {
				return nil, jieling.Invalid("named_devices", "must be devices of this account that are not lost")
			}
			list = append(list, id)
		}
	}
	switch {
	case !on:
	case len(list) == 0:
		return nil, lastNamed()
	case w.by.Kind == jieling.ActorPerson && !slices.Contains(list, w.by.Device):
		return nil, jieling.Refuse(jieling.CodeLastWayIn, "名单里要有你正在用的设备，否则你会把自己锁在外面。请在名单中的设备上操作。",
			"The list must have the device you are using, or you would lock yourself out. Do this on a device that is on it.")
	}
	return list, nil
}

func lastNamed() *jieling.Error {
	return jieling.Refuse(jieling.CodeLastWayIn, "名单里至少要有一台能用的设备，否则没有人能登录。请先加入另一台，或先关闭名单。",
		"The list must keep one device that can be used, or nobody could sign in. Name another one first, or switch the list off.")
}

// settle writes what was weighed. Whoever is signed in on a device that is not on the list any more is signed out.
func (w *work) settle(n weighed) {
	was := w.Account.Settings
	if n.settings == was && len(n.devices) == 0 {
		return
	}
	w.Account.Settings = n.settings
	for _, d := range n.devices {
		w.putDevice(d)
	}
	if n.settings.NamedOnly {
		w.endSessions(func(s store.Session) bool { return s.ID != w.session() && !w.named(s.Device) })
	}
	if n.exacting {
		w.tellAgain(toldSettings)
	}
	w.transition("account.settings", map[string]any{
		"device_lock": n.settings.DeviceLock, "named_only": n.settings.NamedOnly, "reminders": !n.settings.RemindersOff, "devices": len(n.devices),
	})
}

// named reports that a device may sign in where a list says which do.
func (w *work) named(id jieling.DeviceID) bool {
	return slices.ContainsFunc(w.Devices, func(d jieling.Device) bool { return d.ID == id && d.Named && d.LostAt.IsZero() })
}

// admits refuses a sign-in on a device that is lost, or that the list leaves out.
func (w *work) admits(device jieling.DeviceID) error {
	lost := slices.ContainsFunc(w.Devices, func(d jieling.Device) bool { return d.ID == device && !d.LostAt.IsZero() })
	if lost || w.Account.Settings.NamedOnly && !w.named(device) {
		return notNamed()
	}
	return nil
}

func notNamed() *jieling.Error {
	return jieling.Refuse(jieling.CodeForbidden, "这个账号只允许从指定的设备登录，而这台不在名单里。请用名单中的设备，或在 App 里联系客服。",
		"This account is signed in to from named devices only, and this is none of them. Use one that is on the list, or ask support in the app.")
}

// putDevice writes a device, and keeps the snapshot's list to what it is now.
func (w *work) putDevice(d jieling.Device) {
	if i := slices.IndexFunc(w.Devices, func(x jieling.Device) bool { return x.ID == d.ID }); i >= 0 {
		w.Devices = slices.Clone(w.Devices)
		w.Devices[i] = d
	}
	w.change.Devices = append(slices.DeleteFunc(w.change.Devices, func(x jieling.Device) bool { return x.ID == d.ID }), d)
}

// forceLock switches the device lock on for a case that asks for it (V2). On is on: a second time changes nothing.
func (w *work) forceLock() {
	if !w.Account.Settings.DeviceLock {
		w.Account.Settings.DeviceLock = true
		w.tellAgain(toldLocked)
	}
}

// knows reports that a device is one of those that Resolved lets in.
func knows(letIn, device string) bool {
	return device != "" && slices.Contains(strings.Fields(letIn), device)
}
