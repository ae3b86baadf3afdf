package api_test

import (
	"context"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/store"
)

var (
	someWebhook = engine.Webhook{
		ID: "whk" + tail, URL: "https://shop.example/hooks", Types: []event.Type{event.BindingUnlinked}, State: store.ReceiverEnabled, Since: noon, CreatedAt: noon,
	}
	someDelivery = store.Delivery{
		Receiver: "whk" + tail, Seq: 16, Event: "evt" + tail, Type: string(event.BindingUnlinked), Account: accountID, State: store.DeliveryDue, RunAt: noon, QueuedAt: noon,
		Body: []byte("not for here"),
	}
)

func (p *puppet) Webhooks(_ context.Context, by jieling.Actor) ([]engine.Webhook, error) {
	return []engine.Webhook{someWebhook}, p.called("Webhooks", by, engine.Idem{}, nil)
}

func (p *puppet) Webhook(_ context.Context, by jieling.Actor, id string) (engine.Webhook, error) {
	return someWebhook, p.called("Webhook", by, engine.Idem{}, id)
}

func (p *puppet) AddWebhook(_ context.Context, by jieling.Actor, idem engine.Idem, in engine.NewWebhook) (engine.Webhook, error) {
	return someWebhook, p.called("AddWebhook", by, idem, in)
}

func (p *puppet) RotateWebhook(_ context.Context, by jieling.Actor, idem engine.Idem, id string) (engine.Webhook, error) {
	return someWebhook, p.called("RotateWebhook", by, idem, id)
}

func (p *puppet) ResumeWebhook(_ context.Context, by jieling.Actor, idem engine.Idem, id string) (engine.Webhook, error) {
	return someWebhook, p.called("ResumeWebhook", by, idem, id)
}

func (p *puppet) DropWebhook(_ context.Context, by jieling.Actor, id string) error {
	return p.called("DropWebhook", by, engine.Idem{}, id)
}

func (p *puppet) TestWebhook(_ context.Context, by jieling.Actor, id string) (event.Answer, error) {
	return event.Answer{Status: 204}, p.called("TestWebhook", by, engine.Idem{}, id)
}

func (p *puppet) Deliveries(_ context.Context, by jieling.Actor, _ string, state store.DeliveryState, before int64) ([]store.Delivery, error) {
	return []store.Delivery{someDelivery}, p.called("Deliveries", by, engine.Idem{}, before)
}

func (p *puppet) Resend(_ context.Context, by jieling.Actor, idem engine.Idem, _, event string) error {
	return p.called("Resend", by, idem, event)
}
