package api

import (
	"github.com/go-faster/jx"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api/oas"
	"github.com/jieling-id/jieling/internal/engine"
)

func caseSummary(c jieling.Case) oas.CaseSummary {
	return oas.CaseSummary{
		ID:          oas.CaseID(c.ID),
		Account:     oas.AccountID(c.Account),
		Goal:        oas.Goal(c.Goal),
		Binding:     oas.BindingID(c.Binding),
		Provider:    oas.Provider(c.Provider),
		Platform:    oas.Platform(c.Platform),
		Reason:      oas.Reason(c.Reason),
		Scenario:    oas.Scenario(c.Scenario),
		Stage:       oas.Stage(c.Stage),
		Version:     c.Version,
		OpenedAt:    c.OpenedAt.UTC(),
		ExpiresAt:   c.ExpiresAt.UTC(),
		CommitAfter: optTime(c.CommitAfter),
	}
}

func caseView(v engine.CaseView) oas.Case {
	c := v.Case
	return oas.Case{
		ID:           oas.CaseID(c.ID),
		Account:      oas.AccountID(c.Account),
		Goal:         oas.Goal(c.Goal),
		Binding:      oas.BindingID(c.Binding),
		Provider:     oas.Provider(c.Provider),
		Platform:     oas.Platform(c.Platform),
		Device:       optDevice(c.Device),
		Reason:       oas.Reason(c.Reason),
		Scenario:     oas.Scenario(c.Scenario),
		Stage:        oas.Stage(c.Stage),
		Resume:       oas.OptStage{Value: oas.Stage(c.Resume), Set: c.Resume != ""},
		Next:         oas.Move(v.Next),
		Version:      c.Version,
		Decision:     decision(c.Decision),
		Signals:      each(c.Signals, signal),
		Factors:      each(v.Factors, factorState),
		Proofs:       each(c.Proofs, proof),
		Challenges:   each(v.Open, challenge),
		Replacement:  optBinding(c.Replacement),
		Replaced:     c.Replaced,
		Backup:       oas.OptBackupChoice{Value: oas.BackupChoice(c.Backup), Set: c.Backup != jieling.BackupUnsettled},
		Pending:      each(c.Pending, pending),
		Returned:     each(c.Returned, returned),
		Playbook:     playbook(c.Playbook),
		Waiver:       waiver(c.Waiver),
		Attestations: each(c.Attestations, attestation),
		Access:       optAccess(v.Access),
		Impact:       each(c.Impact, dependent),
		Leaving:      binding(v.Binding),
		Staying:      each(v.Others, binding),
		Legs:         each(c.Legs, leg),
		Upstream:     upstream(c.Upstream),
		Residues:     each(c.Residues, residue),
		Ending:       optText(c.Ending),
		OpenedAt:     c.OpenedAt.UTC(),
		ExpiresAt:    c.ExpiresAt.UTC(),
		ConfirmedAt:  optTime(c.ConfirmedAt),
		CommitAfter:  optTime(c.CommitAfter),
		RemovedAt:    optTime(c.RemovedAt),
		GuardedUntil: optTime(c.GuardUntil),
		EndedAt:      optTime(c.EndedAt),
		Now:          v.Now.UTC(),
	}
}

// upstream gives the unknown a word, because an empty string reads like "nothing there".
func upstream(u jieling.UpstreamTruth) oas.CaseUpstream {
	if u == jieling.UpstreamUnknown {
		return oas.CaseUpstreamUnknown
	}
	return oas.CaseUpstream(u)
}

func proof(p jieling.Proof) oas.Proof {
	return oas.Proof{Factor: oas.Factor(p.Factor), Challenge: oas.ChallengeID(p.Challenge), At: p.At.UTC()}
}

func pending(p jieling.Pending) oas.Pending {
	return oas.Pending{
		Factor: oas.Factor(p.Factor), Challenge: oas.ChallengeID(p.Challenge), To: oas.PendingTo(p.To), At: p.At.UTC(), Until: p.Until.UTC(),
	}
}

func returned(r jieling.Returned) oas.Returned {
	return oas.Returned{Factor: oas.Factor(r.Factor), Challenge: oas.ChallengeID(r.Challenge), Reason: text(r.Reason), At: r.At.UTC()}
}

func attestation(a jieling.Attestation) oas.Attestation {
	return oas.Attestation{Device: oas.DeviceID(a.Device), Format: oas.AttestationFormat(a.Format), Level: oas.AttestationLevel(a.Level), At: a.At.UTC()}
}

func challenge(v engine.ChallengeView) oas.Challenge {
	c := v.Challenge
	return oas.Challenge{
		ID:        oas.ChallengeID(c.ID),
		Case:      oas.CaseID(c.Case),
		Binding:   optBinding(c.Binding),
		Factor:    oas.Factor(c.Factor),
		Purpose:   oas.ChallengePurpose(c.Purpose),
		State:     oas.ChallengeState(c.State),
		Guesses:   c.Guesses,
		Limit:     c.Limit,
		IssuedAt:  c.IssuedAt.UTC(),
		ExpiresAt: c.ExpiresAt.UTC(),
		Public:    jx.Raw(v.Public),
	}
}

func approval(v engine.ApprovalView) oas.Approval {
	numbers := v.Numbers
	if numbers == nil {
		numbers = []int{}
	}
	return oas.Approval{
		Challenge: challenge(engine.ChallengeView{Challenge: v.Challenge}),
		What:      text(v.What),
		From:      oas.Platform(v.From),
		Device:    optString(v.Device),
		Numbers:   numbers,
		Unlocks: each(v.Unlocks, func(u engine.Unlock) oas.Unlock {
			return oas.Unlock{Factor: oas.Factor(u.Factor), Public: jx.Raw(u.Public)}
		}),
		Case: oas.CaseID(v.Case),
		Now:  v.Now.UTC(),
	}
}

func leg(l jieling.Leg) oas.Leg {
	return oas.Leg{
		Participant: l.Participant,
		Title:       text(l.Title),
		Required:    l.Required,
		State:       oas.LegState(l.State),
		Reason:      optText(l.Reason),
		UpdatedAt:   optTime(l.UpdatedAt),
	}
}

func residue(r jieling.Residue) oas.Residue {
	return oas.Residue{
		ID:          r.ID,
		Participant: r.Participant,
		Title:       text(r.Title),
		Detail:      optText(r.Detail),
		Cleanable:   r.Cleanable,
		Cleanup:     optText(r.Cleanup),
		Unknown:     r.Unknown,
		FoundAt:     r.FoundAt.UTC(),
		AskedAt:     optTime(r.AskedAt),
		ClearedAt:   optTime(r.ClearedAt),
	}
}

func caseEvent(e jieling.Event) oas.Event {
	return oas.Event{
		Case:  oas.CaseID(e.Case),
		Seq:   e.Seq,
		Kind:  e.Kind,
		Actor: oas.Actor{Kind: oas.ActorKind(e.Actor.Kind), Name: e.Actor.Name},
		At:    e.At.UTC(),
		Stage: oas.Stage(e.Stage),
		Data:  jx.Raw(e.Data),
	}
}
