package api

import (
	"context"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api/oas"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
)

func (h handlers) ChangeDevice(ctx context.Context, req *oas.DeviceChange, params oas.ChangeDeviceParams) (*oas.Device, error) {
	in := engine.DeviceChange{Trusted: said(req.Trusted), Lost: said(req.Lost)}
	if req.Name.Set {
		in.Name = &req.Name.Value
	}
	d, err := h.engine.ChangeDevice(ctx, gate.VisitOf(ctx).Actor, engine.Idem{}, jieling.AccountID(params.Account), jieling.DeviceID(params.Device), in)
	return answer(d, err, device)
}

// said is what a caller said yes or no to; nil where they said nothing.
func said(b oas.OptBool) *bool {
	if !b.Set {
		return nil
	}
	return &b.Value
}

func (h handlers) ReadSettings(ctx context.Context, params oas.ReadSettingsParams) (*oas.Settings, error) {
	v, err := h.engine.Settings(ctx, gate.VisitOf(ctx).Actor, jieling.AccountID(params.Account))
	return answer(v, err, settings)
}

func (h handlers) ChangeSettings(ctx context.Context, req *oas.SettingsChange, params oas.ChangeSettingsParams) (*oas.Settings, error) {
	in := engine.SettingsChange{DeviceLock: said(req.DeviceLock), Reminders: said(req.Reminders)}
	if req.SignInFrom.Set {
		named := req.SignInFrom.Value == oas.SignInFromNamedDevices
		in.NamedOnly = &named
	}
	if req.NamedDevices != nil {
		list := each(req.NamedDevices, func(id oas.DeviceID) jieling.DeviceID { return jieling.DeviceID(id) })
		in.Named = &list
	}
	v, err := h.engine.ChangeSettings(ctx, gate.VisitOf(ctx).Actor, engine.Idem{}, jieling.AccountID(params.Account), in)
	return answer(v, err, settings)
}

func settings(v engine.SettingsView) oas.Settings {
	out := oas.Settings{
		DeviceLock: v.Account.Settings.DeviceLock, DeviceLockHeld: optText(v.LockHeld), DeviceLockHeldUntil: optTime(v.LockHeldUntil),
		SignInFrom: oas.SignInFromAnywhere, NamedDevices: []oas.DeviceID{}, Reminders: !v.Account.Settings.RemindersOff,
		ReviewedAt: optTime(v.Account.Settings.ReviewedAt), RemindAt: optTime(v.Account.Settings.RemindAt), Now: v.Now.UTC(),
	}
	if v.Account.Settings.NamedOnly {
		out.SignInFrom = oas.SignInFromNamedDevices
	}
	for _, d := range v.Devices {
		if d.Named {
			out.NamedDevices = append(out.NamedDevices, oas.DeviceID(d.ID))
		}
	}
	return out
}
