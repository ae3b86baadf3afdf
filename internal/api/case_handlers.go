package api

import (
	"context"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api/oas"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
)

func (h handlers) OpenCase(ctx context.Context, req *oas.NewCase, _ oas.OpenCaseParams) (*oas.Case, error) {
	visit := gate.VisitOf(ctx)
	v, err := h.engine.OpenCase(ctx, visit.Actor, visit.Idem, engine.NewCase{
		Account:  jieling.AccountID(req.Account),
		Goal:     jieling.Goal(req.Goal),
		Binding:  jieling.BindingID(req.Binding),
		Platform: jieling.Platform(req.Platform),
		Device:   jieling.DeviceID(req.Device.Value),
		Reason:   jieling.Reason(req.Reason),
		Scenario: jieling.Scenario(req.Scenario.Value),
		Claims:   engine.Claims{Address: string(req.Address.Value), Network: string(req.Network.Value), Signals: req.Signals.Value},
	})
	return answer(v, err, caseView)
}

func (h handlers) GetCase(ctx context.Context, params oas.GetCaseParams) (*oas.Case, error) {
	v, err := h.engine.Case(ctx, gate.VisitOf(ctx).Actor, jieling.CaseID(params.Case))
	return answer(v, err, caseView)
}

func (h handlers) ListEvents(ctx context.Context, params oas.ListEventsParams) (*oas.Events, error) {
	list, err := h.engine.Events(ctx, gate.VisitOf(ctx).Actor, jieling.CaseID(params.Case), params.After.Value)
	return answer(list, err, func(list []jieling.Event) oas.Events { return oas.Events{Items: each(list, caseEvent)} })
}

func (h handlers) AskImpact(ctx context.Context, params oas.AskImpactParams) (*oas.Case, error) {
	visit := gate.VisitOf(ctx)
	v, err := h.engine.Describe(ctx, visit.Actor, visit.Idem, jieling.CaseID(params.Case))
	return answer(v, err, caseView)
}

func (h handlers) SettleBackup(ctx context.Context, req *oas.Backup, params oas.SettleBackupParams) (*oas.Case, error) {
	visit := gate.VisitOf(ctx)
	v, err := h.engine.BackUp(ctx, visit.Actor, visit.Idem, jieling.CaseID(params.Case), jieling.BackupChoice(req.Choice))
	return answer(v, err, caseView)
}

func (h handlers) TakeStep(ctx context.Context, req *oas.StepAnswer, params oas.TakeStepParams) (*oas.Case, error) {
	visit := gate.VisitOf(ctx)
	in := engine.StepAnswer{Step: params.Step, Declined: req.Answer == oas.StepAnswerAnswerDeclined}
	v, err := h.engine.TakeStep(ctx, visit.Actor, visit.Idem, jieling.CaseID(params.Case), in)
	return answer(v, err, caseView)
}

func (h handlers) NameReplacement(ctx context.Context, req *oas.NewReplacement, params oas.NameReplacementParams) (*oas.Challenge, error) {
	visit := gate.VisitOf(ctx)
	in := engine.NewBinding{Provider: jieling.Provider(req.Provider), Subject: req.Subject}
	v, err := h.engine.Replacement(ctx, visit.Actor, visit.Idem, jieling.CaseID(params.Case), in, string(req.Lang.Value))
	return answer(v, err, challenge)
}

func (h handlers) WaiveLockout(ctx context.Context, req *oas.NewWaiver, params oas.WaiveLockoutParams) (*oas.Case, error) {
	visit := gate.VisitOf(ctx)
	in := engine.NewWaiver{Losses: req.Losses, Reason: req.Reason}
	v, err := h.engine.Waive(ctx, visit.Actor, visit.Idem, jieling.CaseID(params.Case), in)
	return answer(v, err, caseView)
}

func (h handlers) AskAttestation(ctx context.Context, params oas.AskAttestationParams) (*oas.AttestationAsk, error) {
	ask, err := h.engine.AskAttestation(ctx, gate.VisitOf(ctx).Actor, jieling.CaseID(params.Case))
	return answer(ask, err, func(a engine.AttestationAsk) oas.AttestationAsk {
		return oas.AttestationAsk{Nonce: a.Nonce, ExpiresAt: a.ExpiresAt.UTC(), Formats: each(a.Formats, func(f string) oas.AttestationFormat { return oas.AttestationFormat(f) })}
	})
}

func (h handlers) ShowAttestation(ctx context.Context, req *oas.NewAttestation, params oas.ShowAttestationParams) (*oas.Case, error) {
	visit := gate.VisitOf(ctx)
	in := engine.NewAttestation{Format: string(req.Format), Nonce: req.Nonce, Statement: req.Statement}
	v, err := h.engine.Attest(ctx, visit.Actor, visit.Idem, jieling.CaseID(params.Case), in)
	return answer(v, err, caseView)
}

func (h handlers) ConfirmCase(ctx context.Context, params oas.ConfirmCaseParams) (*oas.Case, error) {
	visit := gate.VisitOf(ctx)
	v, err := h.engine.Confirm(ctx, visit.Actor, visit.Idem, jieling.CaseID(params.Case))
	return answer(v, err, caseView)
}

func (h handlers) CancelCase(ctx context.Context, params oas.CancelCaseParams) (*oas.Case, error) {
	visit := gate.VisitOf(ctx)
	v, err := h.engine.Cancel(ctx, visit.Actor, visit.Idem, jieling.CaseID(params.Case))
	return answer(v, err, caseView)
}

func (h handlers) UndoCase(ctx context.Context, params oas.UndoCaseParams) (*oas.Case, error) {
	visit := gate.VisitOf(ctx)
	v, err := h.engine.Undo(ctx, visit.Actor, visit.Idem, jieling.CaseID(params.Case))
	return answer(v, err, caseView)
}

func (h handlers) CleanUpResidue(ctx context.Context, req *oas.Cleanup, params oas.CleanUpResidueParams) (*oas.Case, error) {
	visit := gate.VisitOf(ctx)
	v, err := h.engine.CleanUp(ctx, visit.Actor, visit.Idem, jieling.CaseID(params.Case), req.Participant, req.Residue)
	return answer(v, err, caseView)
}

func (h handlers) ProbeProvider(ctx context.Context, params oas.ProbeProviderParams) (*oas.Case, error) {
	visit := gate.VisitOf(ctx)
	v, err := h.engine.Probe(ctx, visit.Actor, visit.Idem, jieling.CaseID(params.Case))
	return answer(v, err, caseView)
}

func (h handlers) AskChallenge(ctx context.Context, req *oas.NewChallenge, params oas.AskChallengeParams) (*oas.Challenge, error) {
	visit := gate.VisitOf(ctx)
	v, err := h.engine.Challenge(ctx, visit.Actor, visit.Idem, engine.NewChallenge{
		Case:   jieling.CaseID(params.Case),
		Factor: jieling.Factor(req.Factor),
		Lang:   string(req.Lang.Value),
		Return: req.Return.Value,
	})
	return answer(v, err, challenge)
}

func (h handlers) AnswerChallenge(ctx context.Context, req *oas.NewAnswer, params oas.AnswerChallengeParams) (*oas.Answered, error) {
	visit := gate.VisitOf(ctx)
	given, err := given(visit.Lang(), req.Answer, req.Credential)
	if err != nil {
		return nil, err
	}
	a, err := h.engine.Answer(ctx, visit.Actor, visit.Idem, engine.NewAnswer{Challenge: jieling.ChallengeID(params.Challenge), Given: given})
	return answer(a, err, func(a engine.Answered) oas.Answered { return oas.Answered{Case: caseView(a.Case), Pending: a.Pending} })
}

// vouched is the product acting for the owner of an account on one of their devices. The engine holds both against the
// case: neither can name an account that is not the case's, nor a device that is not the account's.
func vouched(by jieling.Actor, account oas.AccountID, device oas.DeviceID) jieling.Actor {
	by.Account, by.Device = jieling.AccountID(account), jieling.DeviceID(device)
	return by
}

func (h handlers) GetApproval(ctx context.Context, params oas.GetApprovalParams) (*oas.Approval, error) {
	v, err := h.engine.Approval(ctx, gate.VisitOf(ctx).Actor, params.Code)
	return answer(v, err, approval)
}

func (h handlers) ClaimApproval(ctx context.Context, req *oas.Claim, params oas.ClaimApprovalParams) (*oas.Approval, error) {
	by := vouched(gate.VisitOf(ctx).Actor, req.Account, req.Device)
	v, err := h.engine.ClaimApproval(ctx, by, params.Code)
	return answer(v, err, approval)
}

func (h handlers) Approve(ctx context.Context, req *oas.Approve, params oas.ApproveParams) (*oas.Approval, error) {
	visit := gate.VisitOf(ctx)
	yes := engine.Approving{Number: req.Number, Unlock: []byte(req.Unlock.Value)}
	if len(req.Credential) > 0 {
		yes.By, yes.Unlock = jieling.DeviceUnlock, req.Credential
	}
	v, err := h.engine.Approve(ctx, vouched(visit.Actor, req.Account, req.Device), visit.Idem, params.Code, yes)
	return answer(v, err, approval)
}

func (h handlers) Reject(ctx context.Context, req *oas.Reject, params oas.RejectParams) (*oas.Approval, error) {
	visit := gate.VisitOf(ctx)
	v, err := h.engine.Reject(ctx, vouched(visit.Actor, req.Account, req.Device), visit.Idem, params.Code, req.Freeze.Value)
	return answer(v, err, approval)
}
