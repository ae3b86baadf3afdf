package api

import (
	"context"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api/oas"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
)

// handlers answer the operations of the document, one method each: parse → one engine verb → answer.
type handlers struct {
	engine     Engine
	staff      Staff
	gate       *gate.Gate
	handoffURL func(token string) string
}

var (
	_ oas.Handler         = handlers{}
	_ oas.SecurityHandler = handlers{}
)

// HandleApiKey is the generated server's own question whether somebody was recognised. The front has asked already; this is
// the second bolt, for an operation that would be reached past it.
func (h handlers) HandleApiKey(ctx context.Context, op oas.OperationName, key oas.ApiKey) (context.Context, error) {
	if gate.VisitOf(ctx).Actor.Kind == "" {
		return nil, &jieling.Error{Code: jieling.CodeUnauthenticated}
	}
	if op == oas.SignOutStaffOperation {
		return context.WithValue(ctx, token{}, key.Token), nil
	}
	return ctx, nil
}

// token is what a context carries for the one call that is about it.
type token struct{}

// NewError tells a verb's error as the shared default answer.
func (h handlers) NewError(ctx context.Context, err error) *oas.ProblemStatusCodeWithHeaders {
	visit := gate.VisitOf(ctx)
	h.gate.Complain(visit, err)
	return problem(gate.NewProblem(err, visit.Lang()))
}

func (h handlers) RegisterAccount(ctx context.Context, req *oas.NewAccount, _ oas.RegisterAccountParams) (*oas.Account, error) {
	visit := gate.VisitOf(ctx)
	a, err := h.engine.RegisterAccount(ctx, visit.Actor, visit.Idem, engine.NewAccount{
		ExternalID:        req.ExternalID,
		Kind:              jieling.AccountKind(req.Kind),
		Region:            req.Region.Value,
		Locale:            string(req.Locale.Value),
		RegisteredThrough: jieling.Provider(req.RegisteredThrough.Value),
	})
	return answer(a, err, account)
}

func (h handlers) FindAccount(ctx context.Context, params oas.FindAccountParams) (*oas.AccountView, error) {
	v, err := h.engine.FindAccount(ctx, gate.VisitOf(ctx).Actor, params.ExternalID)
	return answer(v, err, accountView)
}

func (h handlers) view(ctx context.Context, id oas.AccountID) (engine.AccountView, error) {
	return h.engine.Account(ctx, gate.VisitOf(ctx).Actor, jieling.AccountID(id))
}

func (h handlers) GetAccount(ctx context.Context, params oas.GetAccountParams) (*oas.AccountView, error) {
	v, err := h.view(ctx, params.Account)
	return answer(v, err, accountView)
}

func (h handlers) ListBindings(ctx context.Context, params oas.ListBindingsParams) (*oas.Bindings, error) {
	list, err := h.engine.Bindings(ctx, gate.VisitOf(ctx).Actor, jieling.AccountID(params.Account))
	return answer(list, err, func(list []jieling.Binding) oas.Bindings { return oas.Bindings{Items: each(list, binding)} })
}

func (h handlers) ListDevices(ctx context.Context, params oas.ListDevicesParams) (*oas.Devices, error) {
	v, err := h.view(ctx, params.Account)
	return answer(v, err, func(v engine.AccountView) oas.Devices { return oas.Devices{Items: each(v.Devices, device)} })
}

func (h handlers) ListFactors(ctx context.Context, params oas.ListFactorsParams) (*oas.Enrolments, error) {
	v, err := h.view(ctx, params.Account)
	return answer(v, err, func(v engine.AccountView) oas.Enrolments { return oas.Enrolments{Items: each(v.Enrolments, enrolment)} })
}

func (h handlers) AddBinding(ctx context.Context, req *oas.NewBinding, params oas.AddBindingParams) (*oas.Binding, error) {
	visit := gate.VisitOf(ctx)
	if at, ok := req.VerifiedAt.Get(); ok && !utc(at) {
		return nil, invalid(visit.Lang(), "verified_at", wantUTC)
	}
	b, err := h.engine.AddBinding(ctx, visit.Actor, visit.Idem, jieling.AccountID(params.Account), engine.NewBinding{
		Provider:   jieling.Provider(req.Provider),
		Subject:    req.Subject,
		Union:      req.UnionID.Value,
		VerifiedAt: req.VerifiedAt.Value,
	})
	return answer(b, err, binding)
}

func (h handlers) AddDevice(ctx context.Context, req *oas.NewDevice, params oas.AddDeviceParams) (*oas.Device, error) {
	visit := gate.VisitOf(ctx)
	d, err := h.engine.AddDevice(ctx, visit.Actor, visit.Idem, jieling.AccountID(params.Account), engine.NewDevice{
		Name:     req.Name,
		Platform: jieling.Platform(req.Platform),
		Trusted:  req.Trusted.Value,
	})
	return answer(d, err, device)
}

func (h handlers) EnrolmentOptions(ctx context.Context, req *oas.EnrolmentAsk, params oas.EnrolmentOptionsParams) (*oas.EnrolmentOptions, error) {
	o, err := h.engine.EnrolOptions(ctx, gate.VisitOf(ctx).Actor, jieling.AccountID(params.Account), jieling.Factor(req.Factor))
	return answer(o, err, enrolmentOptions)
}

func (h handlers) EnrolFactor(ctx context.Context, req *oas.NewFactor, params oas.EnrolFactorParams) (*oas.Enrolment, error) {
	visit := gate.VisitOf(ctx)
	given, err := given(visit.Lang(), req.Answer, req.Credential)
	if err != nil {
		return nil, err
	}
	state, err := openState(visit.Lang(), req.State)
	if err != nil {
		return nil, err
	}
	e, err := h.engine.Enrol(ctx, visit.Actor, visit.Idem, jieling.AccountID(params.Account), engine.NewFactor{
		Factor: jieling.Factor(req.Factor),
		Device: jieling.DeviceID(req.Device.Value),
		Given:  given,
		State:  state,
	})
	return answer(e, err, enrolment)
}

func (h handlers) SetRegion(ctx context.Context, req *oas.NewRegion, params oas.SetRegionParams) (*oas.Account, error) {
	visit := gate.VisitOf(ctx)
	a, err := h.engine.SetRegion(ctx, visit.Actor, visit.Idem, jieling.AccountID(params.Account), req.Region)
	return answer(a, err, account)
}

func (h handlers) FreezeAccount(ctx context.Context, req oas.OptWhy, params oas.FreezeAccountParams) (*oas.Account, error) {
	visit := gate.VisitOf(ctx)
	a, err := h.engine.Freeze(ctx, visit.Actor, visit.Idem, jieling.AccountID(params.Account), req.Value.Why.Value)
	return answer(a, err, account)
}

func (h handlers) UnfreezeAccount(ctx context.Context, req oas.OptWhy, params oas.UnfreezeAccountParams) (*oas.Account, error) {
	visit := gate.VisitOf(ctx)
	a, err := h.engine.Unfreeze(ctx, visit.Actor, visit.Idem, jieling.AccountID(params.Account), req.Value.Why.Value)
	return answer(a, err, account)
}

func (h handlers) Resolve(ctx context.Context, req *oas.ResolveQuery) (*oas.Resolution, error) {
	r, err := h.engine.Resolve(ctx, gate.VisitOf(ctx).Actor, engine.ResolveQuery{
		Provider: jieling.Provider(req.Provider),
		Subject:  req.Subject,
		Device:   string(req.Device.Value),
		DeviceID: jieling.DeviceID(req.DeviceID.Value),
		Network:  string(req.Network.Value),
	})
	return answer(r, err, resolution)
}

func (h handlers) ReportSignIn(ctx context.Context, req *oas.NewSignIn, params oas.ReportSignInParams) error {
	visit := gate.VisitOf(ctx)
	return h.engine.ReportSignIn(ctx, visit.Actor, visit.Idem, jieling.AccountID(params.Account), engine.NewSignIn{
		Binding:  jieling.BindingID(req.Binding.Value),
		Device:   jieling.DeviceID(req.Device.Value),
		Platform: jieling.Platform(req.Platform.Value),
		Address:  string(req.Address.Value),
	})
}

func (h handlers) PlanUnbinding(ctx context.Context, req *oas.PlanQuery, params oas.PlanUnbindingParams) (*oas.Plan, error) {
	p, err := h.engine.Plan(ctx, gate.VisitOf(ctx).Actor, engine.PlanQuery{
		Account:  jieling.AccountID(params.Account),
		Goal:     jieling.Goal(req.Goal.Value),
		Binding:  jieling.BindingID(req.Binding),
		Platform: jieling.Platform(req.Platform),
		Scenario: jieling.Scenario(req.Scenario.Value),
		Reason:   jieling.Reason(req.Reason.Value),
		Compare:  req.Compare.Value,
		Claims: engine.Claims{
			Address: string(req.Address.Value), Device: string(req.Device.Value), Network: string(req.Network.Value), Signals: req.Signals.Value,
		},
	})
	return answer(p, err, plan)
}

func (h handlers) HandOff(ctx context.Context, req *oas.NewHandoff, _ oas.HandOffParams) (*oas.Handoff, error) {
	visit := gate.VisitOf(ctx)
	t, err := h.engine.Handoff(ctx, visit.Actor, visit.Idem, engine.NewHandoff{
		Account:  jieling.AccountID(req.Account),
		Platform: jieling.Platform(req.Platform),
		Device:   jieling.DeviceID(req.Device.Value),
		Next:     req.Next.Value,
	})
	return answer(t, err, func(t engine.Handoff) oas.Handoff {
		return oas.Handoff{Token: t.Token, URL: h.handoffURL(t.Token), ExpiresAt: t.ExpiresAt.UTC()}
	})
}

// answer puts a verb's result into its shape on the wire, or passes its error on.
func answer[In, Out any](in In, err error, wire func(In) Out) (*Out, error) {
	if err != nil {
		return nil, err
	}
	out := wire(in)
	return &out, nil
}

func utc(t time.Time) bool {
	_, offset := t.Zone()
	return offset == 0
}

// problem is a gate's problem in the generated type.
func problem(p gate.Problem) *oas.ProblemStatusCodeWithHeaders {
	out := &oas.ProblemStatusCodeWithHeaders{StatusCode: p.Status, Response: oas.Problem{
		Type: p.Type, Title: p.Title, Status: p.Status, Code: string(p.Code), Detail: p.Detail, Next: optString(p.Next),
	}}
	for _, f := range p.Errors {
		out.Response.Errors = append(out.Response.Errors, oas.FieldProblem{Field: f.Field, Message: f.Message})
	}
	if p.After > 0 {
		out.RetryAfter = oas.NewOptInt(p.After)
		out.Response.RetryAfter = out.RetryAfter
	}
	return out
}
