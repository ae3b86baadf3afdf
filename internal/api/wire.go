package api

import (
	"encoding/base64"
	"time"

	"github.com/go-faster/jx"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api/oas"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/store"
)

// The words of the house in their shape on the wire. Nothing is computed here; a field that is not copied is one that a
// program does not get to see (subjects, grants, indexes, secrets).

func each[In, Out any](in []In, wire func(In) Out) []Out {
	out := make([]Out, len(in))
	for i, v := range in {
		out[i] = wire(v)
	}
	return out
}

func text(t jieling.Text) oas.Text { return oas.Text{ZH: t.ZH, EN: t.EN} }

func optText(t jieling.Text) oas.OptText {
	return oas.OptText{Value: text(t), Set: !t.Empty()}
}

func optString(s string) oas.OptString { return oas.OptString{Value: s, Set: s != ""} }

func optTime(t time.Time) oas.OptDateTime { return oas.OptDateTime{Value: t.UTC(), Set: !t.IsZero()} }

func optDevice(id jieling.DeviceID) oas.OptDeviceID {
	return oas.OptDeviceID{Value: oas.DeviceID(id), Set: id != ""}
}

func optBinding(id jieling.BindingID) oas.OptBindingID {
	return oas.OptBindingID{Value: oas.BindingID(id), Set: id != ""}
}

func account(a jieling.Account) oas.Account {
	return oas.Account{
		ID:                oas.AccountID(a.ID),
		ExternalID:        a.ExternalID,
		Kind:              oas.AccountKind(a.Kind),
		Region:            a.Region,
		Locale:            oas.Locale(a.Locale),
		RegisteredThrough: oas.OptProvider{Value: oas.Provider(a.RegisteredThrough), Set: a.RegisteredThrough != ""},
		CreatedAt:         a.CreatedAt.UTC(),
		WaysIn:            a.WaysIn,
		Frozen:            a.Frozen,
		GuardedUntil:      optTime(a.GuardedUntil),
		HeldUntil:         optTime(a.HeldUntil),
		StrandedAt:        optTime(a.StrandedAt),
		Version:           a.Version,
	}
}

func accountView(v engine.AccountView) oas.AccountView {
	a := account(v.Account)
	return oas.AccountView{
		ID:                a.ID,
		ExternalID:        a.ExternalID,
		Kind:              a.Kind,
		Region:            a.Region,
		Locale:            a.Locale,
		RegisteredThrough: a.RegisteredThrough,
		CreatedAt:         a.CreatedAt,
		WaysIn:            a.WaysIn,
		Frozen:            a.Frozen,
		GuardedUntil:      a.GuardedUntil,
		HeldUntil:         a.HeldUntil,
		StrandedAt:        a.StrandedAt,
		Version:           a.Version,
		Bindings:          each(v.Bindings, binding),
		Cases:             each(v.Cases, caseSummary),
		Factors:           each(v.Enrolments, enrolment),
		Devices:           each(v.Devices, device),
		Now:               v.Now.UTC(),
	}
}

func binding(b jieling.Binding) oas.Binding {
	return oas.Binding{
		ID:         oas.BindingID(b.ID),
		Account:    oas.AccountID(b.Account),
		Provider:   oas.Provider(b.Provider),
		State:      oas.BindingState(b.State),
		Label:      b.Label,
		VerifiedAt: optTime(b.VerifiedAt),
		LastUsedAt: optTime(b.LastUsedAt),
		CreatedAt:  b.CreatedAt.UTC(),
		RemovedAt:  optTime(b.RemovedAt),
		Said:       optString(string(b.Said)),
		SaidAt:     optTime(b.SaidAt),
	}
}

func device(d jieling.Device) oas.Device {
	return oas.Device{
		ID:        oas.DeviceID(d.ID),
		Account:   oas.AccountID(d.Account),
		Name:      d.Name,
		Platform:  oas.Platform(d.Platform),
		Trusted:   d.Trusted,
		Named:     oas.NewOptBool(d.Named),
		LostAt:    optTime(d.LostAt),
		CreatedAt: d.CreatedAt.UTC(),
		LastSeen:  optTime(d.LastSeen),
	}
}

func session(s store.Session) oas.Session {
	return oas.Session{
		ID:        oas.SessionID(s.ID),
		Binding:   optBinding(s.Binding),
		Device:    optDevice(s.Device),
		Platform:  oas.Platform(s.Platform),
		CreatedAt: s.CreatedAt.UTC(),
		ExpiresAt: s.ExpiresAt.UTC(),
	}
}

func enrolment(e jieling.Enrolment) oas.Enrolment {
	return oas.Enrolment{
		ID:        oas.FactorID(e.ID),
		Account:   oas.AccountID(e.Account),
		Factor:    oas.Factor(e.Factor),
		Device:    optDevice(e.Device),
		Binding:   optBinding(e.Binding),
		Label:     e.Label,
		CreatedAt: e.CreatedAt.UTC(),
	}
}

func enrolmentOptions(o engine.Enrolling) oas.EnrolmentOptions {
	return oas.EnrolmentOptions{Public: jx.Raw(o.Public), State: base64.RawURLEncoding.EncodeToString(o.State)}
}

func resolution(r engine.Resolution) oas.Resolution {
	reasons := r.Reasons
	if reasons == nil {
		reasons = []string{}
	}
	return oas.Resolution{
		Account: oas.OptAccountID{Value: oas.AccountID(r.Account), Set: r.Account != ""},
		Binding: optBinding(r.Binding),
		Outcome: oas.ResolutionOutcome(r.Outcome),
		Reasons: reasons,
	}
}

func plan(p jieling.Plan) oas.Plan {
	return oas.Plan{
		Account:         oas.AccountID(p.Account),
		Binding:         binding(p.Binding),
		Platform:        oas.Platform(p.Platform),
		Path:            text(p.Path),
		DeepLink:        optString(p.DeepLink),
		KeyVerification: requirement(p.KeyVerification),
		Decision:        decision(p.Decision),
		Signals:         each(p.Signals, signal),
		Factors:         each(p.Factors, factorState),
		Impact:          each(p.Impact, dependent),
		Risks:           each(p.Risks, risk),
		Advice:          each(p.Advice, because),
		Replacements:    each(p.Replacements, replacement),
		Afterwards:      each(p.Afterwards, text),
		Steps:           each(p.Steps, text),
		Compare:         each(p.Compare, platformPlan),
		WaysInAfter:     p.WaysInAfter,
		Access:          access(p.Access),
		Playbook:        playbook(p.Decision.Playbook),
	}
}

func decision(d jieling.Decision) oas.Decision {
	return oas.Decision{
		Pack:         d.Pack,
		Scenario:     oas.Scenario(d.Scenario),
		Requirement:  requirement(d.Requirement),
		WaitSeconds:  int64(d.Wait / time.Second),
		GuardSeconds: int64(d.Guard / time.Second),
		Replacement:  d.Replacement,
		NeedPhone:    d.NeedPhone,
		Backup:       d.Backup,
		Detours:      each(d.Detours, detour),
		Refusals:     each(d.Refusals, because),
		Reasons:      each(d.Reasons, because),
	}
}

func detour(d jieling.Detour) oas.Detour {
	return oas.Detour{
		Rule: d.Rule, For: each(d.For, func(f jieling.Factor) oas.Factor { return oas.Factor(f) }), Require: requirement(d.Require),
		TakesSeconds: int64(d.Takes / time.Second), Text: text(d.Text),
	}
}

func because(b jieling.Because) oas.Because { return oas.Because{Rule: b.Rule, Text: text(b.Text)} }

// requirement keeps nil apart from empty: an any-of without choices can never be met and must not look like nothing asked.
func requirement(r jieling.Requirement) oas.Requirement {
	out := oas.Requirement{Factor: oas.OptFactor{Value: oas.Factor(r.Factor), Set: r.Factor != ""}}
	if r.All != nil {
		out.AllOf = each(r.All, requirement)
	}
	if r.Any != nil {
		out.AnyOf = each(r.Any, requirement)
	}
	return out
}

func factorState(f jieling.FactorState) oas.FactorState {
	return oas.FactorState{Factor: oas.Factor(f.Factor), Title: text(f.Title), Enrolled: f.Enrolled, Hint: optText(f.Hint)}
}

func dependent(d jieling.Dependent) oas.Dependent {
	return oas.Dependent{
		ID:           d.ID,
		Participant:  optString(d.Participant),
		Module:       d.Module,
		Rule:         optString(d.Rule),
		Title:        text(d.Title),
		Detail:       optText(d.Detail),
		Count:        oas.OptInt{Value: d.Count, Set: d.Count != 0},
		Bytes:        oas.OptInt64{Value: d.Bytes, Set: d.Bytes != 0},
		Change:       oas.DependentChange(d.Change),
		Irreversible: d.Irreversible,
		Remedy:       optText(d.Remedy),
		Backup:       d.Backup,
		Unknown:      d.Unknown,
	}
}

func signal(s jieling.Signal) oas.Signal {
	return oas.Signal{
		Name: s.Name, Level: s.Level, Source: optString(s.Source), Trust: oas.OptSignalTrust{Value: oas.SignalTrust(s.Trust), Set: s.Trust != ""}, Why: text(s.Why),
	}
}

func risk(r jieling.Risk) oas.Risk {
	return oas.Risk{Rule: r.Rule, Title: text(r.Title), Level: oas.Level(r.Level), Why: text(r.Why)}
}

func replacement(r jieling.Replacement) oas.Replacement {
	return oas.Replacement{
		Rule:         r.Rule,
		Provider:     oas.Provider(r.Provider),
		Title:        text(r.Title),
		Effort:       oas.Level(r.Effort),
		SecurityCost: oas.Level(r.SecurityCost),
		Completeness: oas.Level(r.Completeness),
		Note:         optText(r.Note),
		Have:         r.Have,
		Here:         r.Here,
		Saves:        each(r.Saves, because),
		Opens:        each(r.Opens, because),
	}
}

func platformPlan(p jieling.PlatformPlan) oas.PlatformPlan {
	return oas.PlatformPlan{
		Platform:    oas.Platform(p.Platform),
		Path:        text(p.Path),
		Requirement: requirement(p.Requirement),
		Steps:       p.Steps,
		Assurance:   oas.Level(p.Assurance),
		Note:        optText(p.Note),
		Refused:     p.Refused,
	}
}
