package web

import (
	"context"
	"fmt"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/engine"
)

func (h *hall) CheckUp(ctx context.Context, by jieling.Actor, id jieling.AccountID) (engine.AccountView, error) {
	v, err := h.Account(ctx, by, id)
	v.Care = &h.care
	return v, err
}

func (h *hall) Bindings(context.Context, jieling.Actor, jieling.AccountID) ([]jieling.Binding, error) {
	return []jieling.Binding{{ID: "bnd_ph", Provider: jieling.Phone, Label: "138****8000"}}, nil
}

func (h *hall) Settings(context.Context, jieling.Actor, jieling.AccountID) (engine.SettingsView, error) {
	return engine.SettingsView{
		Devices: []jieling.Device{{ID: "dev_1", Name: "A"}}, Proofs: []jieling.Factor{jieling.PaymentPIN, jieling.SMSCode}, Now: noon,
	}, nil
}

// proven refuses what was not proven, as the engine does where it asks for a fresh proof.
func (h *hall) proven(p engine.FreshProof) error {
	h.keep(p.Given)
	if h.exact && p.Challenge == "" {
		return jieling.Refuse(jieling.CodeVerification, "先验证。", "Prove it first.")
	}
	return nil
}

func (h *hall) ChangeSettings(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.AccountID, in engine.SettingsChange) (engine.SettingsView, error) {
	if err := h.proven(in.Proof); err != nil {
		return engine.SettingsView{}, err
	}
	what := ""
	for name, v := range map[string]*bool{"lock": in.DeviceLock, "list": in.NamedOnly, "remind": in.Reminders} {
		if v != nil {
			what += fmt.Sprintf("%s=%v", name, *v)
		}
	}
	if in.Named != nil {
		what += fmt.Sprint(*in.Named)
	}
	return engine.SettingsView{}, h.note("settings:"+what, idem)
}

func (h *hall) ChangeDevice(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.AccountID, id jieling.DeviceID, in engine.DeviceChange) (jieling.Device, error) {
	if err := h.proven(in.Proof); err != nil {
		return jieling.Device{}, err
	}
	what := ""
	if in.Name != nil {
		what += "name=" + *in.Name
	}
	if in.Trusted != nil {
		what += fmt.Sprintf("trusted=%v", *in.Trusted)
	}
	if in.Lost != nil {
		what += fmt.Sprintf("lost=%v", *in.Lost)
	}
	return jieling.Device{}, h.note("device:"+string(id)+":"+what, idem)
}

func (h *hall) SetSwitch(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.AccountID, in engine.SwitchChange) error {
	if err := h.proven(in.Proof); err != nil {
		return err
	}
	return h.note(fmt.Sprintf("switch:%s/%s=%v", in.Participant, in.Switch, in.On), idem)
}

func (h *hall) JudgeBill(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.AccountID, participant, bill string, said engine.Judgement) error {
	return h.note("bill:"+participant+"/"+bill+"="+string(said), idem)
}

func (h *hall) ReviewDevices(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.AccountID) error {
	return h.note("review", idem)
}

func (h *hall) PutAside(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.AccountID, c jieling.CaseID, card aftercare.AfterName) error {
	return h.note("aside:"+string(c)+"/"+string(card), idem)
}

func (h *hall) AskProof(_ context.Context, _ jieling.Actor, _ jieling.AccountID, f jieling.Factor, _ string) (engine.ChallengeView, error) {
	return engine.ChallengeView{Challenge: jieling.Challenge{ID: "chl_fresh", Factor: f, Binding: "bnd_ph"}, Public: []byte(`{}`)}, h.note("ask:"+string(f), engine.Idem{})
}
