// Package webhook brings events to receivers as Standard Webhooks: a POST with the event in JSON, under an ID that is the same
// however often it is sent, signed with every secret that is in use.
package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/jieling-id/jieling/client"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/outbound"
)

// Courier sends. It is safe for concurrent use.
type Courier struct{ Client *outbound.Client }

var _ event.Courier = Courier{}

// Deliver sends once. Any 2xx says that the receiver has it; what else it answers is not read.
func (c Courier) Deliver(ctx context.Context, to event.Receiver, p event.Parcel) (event.Answer, error) {
	var secrets []client.Secret
	for _, text := range to.Secrets {
		s, err := client.ParseSecret(text)
		if err != nil {
			return event.Answer{}, errors.New("its secret cannot be read")
		}
		secrets = append(secrets, s)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(p.Body))
	if err != nil {
		return event.Answer{}, errors.New("its address cannot be called")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Jieling-Webhooks/1")
	client.Sign(req.Header, p.ID, p.At, p.Body, secrets...)
	reply, err := c.Client.Do(req)
	switch {
	case err != nil:
		return event.Answer{}, errors.New(outbound.Reason(err))
	case reply.Status == http.StatusGone:
		return event.Answer{Status: reply.Status}, event.ErrGone
	case reply.Status/100 != 2:
		return event.Answer{Status: reply.Status, After: later(reply.Header)}, fmt.Errorf("it answered with status %d", reply.Status)
	}
	return event.Answer{Status: reply.Status}, nil
}

// later reads Retry-After in seconds, up to an hour.
func later(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n), 3600) * time.Second
}
