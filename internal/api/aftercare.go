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

func (h handlers) ReadCare(ctx context.Context, params oas.ReadCareParams) (*oas.Care, error) {
	v, err := h.engine.CheckUp(ctx, gate.VisitOf(ctx).Actor, jieling.AccountID(params.Account))
	return answer(v, err, func(v engine.AccountView) oas.Care {
		if v.Care == nil {
			v.Care = &engine.Care{}
		}
		return oas.Care{Switches: each(v.Care.Switches, switchView), Bills: each(v.Care.Bills, billView), Silent: each(v.Care.Silent, text)}
	})
}

func (h handlers) SetSwitch(ctx context.Context, req *oas.SwitchChange, params oas.SetSwitchParams) error {
	visit := gate.VisitOf(ctx)
	return h.engine.SetSwitch(ctx, visit.Actor, visit.Idem, jieling.AccountID(params.Account), engine.SwitchChange{
		Participant: req.Participant, Switch: req.Switch, On: req.To == oas.SwitchStateOn,
	})
}

func (h handlers) JudgeBill(ctx context.Context, req *oas.BillJudgement, params oas.JudgeBillParams) error {
	visit := gate.VisitOf(ctx)
	return h.engine.JudgeBill(ctx, visit.Actor, visit.Idem, jieling.AccountID(params.Account), req.Participant, req.Bill, engine.Judgement(req.Judgement))
}

func (h handlers) ReviewDevices(ctx context.Context, params oas.ReviewDevicesParams) error {
	visit := gate.VisitOf(ctx)
	return h.engine.ReviewDevices(ctx, visit.Actor, visit.Idem, jieling.AccountID(params.Account))
}

func switchView(w engine.SwitchView) oas.Switch {
	out := oas.Switch{
		Participant: w.Participant, ID: w.ID, Kind: oas.SwitchKind(w.Kind), Title: text(w.Title), Detail: text(w.Detail), At: text(w.Of),
		State: onOff(w.On), Safer: onOff(w.SaferOn), OneWay: w.OneWay, Failed: oas.NewOptBool(w.Failed),
	}
	if w.Asked {
		out.Asked = oas.NewOptSwitchState(onOff(w.To))
	}
	return out
}

func onOff(on bool) oas.SwitchState {
	if on {
		return oas.SwitchStateOn
	}
	return oas.SwitchStateOff
}

func billView(b engine.BillView) oas.Bill {
	return oas.Bill{
		Participant: b.Participant, ID: b.ID, At: text(b.Of), Time: b.Bill.At.UTC(), Title: text(b.Title), Amount: b.Amount, Currency: b.Currency, Odd: text(b.Odd),
		Judgement: oas.OptJudgement{Value: oas.Judgement(b.Judge), Set: b.Judge != ""},
	}
}
