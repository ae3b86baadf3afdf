package api

import (
	"context"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api/oas"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
)

func (h handlers) RemoveDevice(ctx context.Context, params oas.RemoveDeviceParams) error {
	return h.engine.RemoveDevice(ctx, gate.VisitOf(ctx).Actor, engine.Idem{}, jieling.AccountID(params.Account), jieling.DeviceID(params.Device))
}

func (h handlers) ListSessions(ctx context.Context, params oas.ListSessionsParams) (*oas.Sessions, error) {
	v, err := h.view(ctx, params.Account)
	return answer(v, err, func(v engine.AccountView) oas.Sessions { return oas.Sessions{Items: each(v.Sessions, session)} })
}

func (h handlers) EndSessions(ctx context.Context, params oas.EndSessionsParams) error {
	return h.engine.EndOtherSessions(ctx, gate.VisitOf(ctx).Actor, engine.Idem{}, jieling.AccountID(params.Account))
}

func (h handlers) EndSession(ctx context.Context, params oas.EndSessionParams) error {
	return h.engine.EndSession(ctx, gate.VisitOf(ctx).Actor, engine.Idem{}, jieling.AccountID(params.Account), jieling.SessionID(params.Session))
}
