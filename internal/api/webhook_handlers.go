package api

import (
	"context"

	"github.com/jieling-id/jieling/internal/api/oas"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/store"
)

func (h handlers) ListWebhooks(ctx context.Context) (*oas.Webhooks, error) {
	all, err := h.engine.Webhooks(ctx, gate.VisitOf(ctx).Actor)
	return answer(all, err, func(all []engine.Webhook) oas.Webhooks { return oas.Webhooks{Items: each(all, webhook)} })
}

func (h handlers) AddWebhook(ctx context.Context, req *oas.NewWebhook, _ oas.AddWebhookParams) (*oas.Webhook, error) {
	visit := gate.VisitOf(ctx)
	w, err := h.engine.AddWebhook(ctx, visit.Actor, visit.Idem, engine.NewWebhook{
		URL: req.URL, Description: req.Description.Value, Types: each(req.Types, func(t oas.EventType) event.Type { return event.Type(t) }),
	})
	return answer(w, err, webhook)
}

func (h handlers) ReadWebhook(ctx context.Context, params oas.ReadWebhookParams) (*oas.Webhook, error) {
	w, err := h.engine.Webhook(ctx, gate.VisitOf(ctx).Actor, string(params.Webhook))
	return answer(w, err, webhook)
}

func (h handlers) DeleteWebhook(ctx context.Context, params oas.DeleteWebhookParams) error {
	return h.engine.DropWebhook(ctx, gate.VisitOf(ctx).Actor, string(params.Webhook))
}

func (h handlers) RotateWebhook(ctx context.Context, params oas.RotateWebhookParams) (*oas.Webhook, error) {
	visit := gate.VisitOf(ctx)
	w, err := h.engine.RotateWebhook(ctx, visit.Actor, visit.Idem, string(params.Webhook))
	return answer(w, err, webhook)
}

func (h handlers) ResumeWebhook(ctx context.Context, params oas.ResumeWebhookParams) (*oas.Webhook, error) {
	visit := gate.VisitOf(ctx)
	w, err := h.engine.ResumeWebhook(ctx, visit.Actor, visit.Idem, string(params.Webhook))
	return answer(w, err, webhook)
}

func (h handlers) TestWebhook(ctx context.Context, params oas.TestWebhookParams) (*oas.WebhookTested, error) {
	said, err := h.engine.TestWebhook(ctx, gate.VisitOf(ctx).Actor, string(params.Webhook))
	return answer(said, err, func(a event.Answer) oas.WebhookTested { return oas.WebhookTested{Status: a.Status} })
}

func (h handlers) ListDeliveries(ctx context.Context, params oas.ListDeliveriesParams) (*oas.Deliveries, error) {
	state := store.DeliveryState(params.State.Value)
	all, err := h.engine.Deliveries(ctx, gate.VisitOf(ctx).Actor, string(params.Webhook), state, params.Before.Value)
	return answer(all, err, func(all []store.Delivery) oas.Deliveries { return oas.Deliveries{Items: each(all, delivery)} })
}

func (h handlers) ResendEvent(ctx context.Context, params oas.ResendEventParams) error {
	visit := gate.VisitOf(ctx)
	return h.engine.Resend(ctx, visit.Actor, visit.Idem, string(params.Webhook), string(params.Event))
}

func webhook(w engine.Webhook) oas.Webhook {
	return oas.Webhook{
		ID: oas.WebhookID(w.ID), URL: w.URL, Description: optString(w.Description), State: oas.WebhookState(w.State), Why: optString(w.Why),
		Types: each(w.Types, func(t event.Type) oas.EventType { return oas.EventType(t) }), Since: w.Since.UTC(), CreatedAt: w.CreatedAt.UTC(),
		Secret: optString(w.Secret), OldSecretUntil: optTime(w.OldUntil), Waiting: w.Waiting, Behind: w.Behind, Dead: w.Dead,
	}
}

func delivery(d store.Delivery) oas.Delivery {
	out := oas.Delivery{
		Seq: d.Seq, Event: oas.EventID(d.Event), Type: oas.EventType(d.Type), Account: oas.AccountID(d.Account), State: oas.DeliveryState(d.State),
		Attempts: d.Attempt, Status: oas.OptInt{Value: d.Status, Set: d.Status != 0}, Error: optString(d.Error), QueuedAt: d.QueuedAt.UTC(),
		SettledAt: optTime(d.SettledAt),
	}
	if d.State == store.DeliveryDue {
		out.NextAt = optTime(d.RunAt)
	}
	return out
}
