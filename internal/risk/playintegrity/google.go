package playintegrity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/jieling-id/jieling/internal/outbound"
)

// google has Google open tokens: decodeIntegrityToken.
type google struct {
	decode *url.URL
	access *access
	client *outbound.Client
}

func newGoogle(c Config) (*google, error) {
	base, err := outbound.Base(c.BaseURL)
	if err != nil {
		return nil, err
	}
	client := outbound.New()
	access, err := newAccess(c.ServiceAccount, c.Now, client)
	if err != nil {
		return nil, fmt.Errorf("service account: %w", err)
	}
	return &google{base.JoinPath("v1", c.Package+":decodeIntegrityToken"), access, client}, nil
}

func (g *google) ready(ctx context.Context) error {
	_, err := g.access.token(ctx)
	return err
}

func (g *google) open(ctx context.Context, token string) (payload, error) {
	bearer, err := g.access.token(ctx)
	if err != nil {
		return payload{}, away(err)
	}
	body, err := json.Marshal(map[string]string{"integrityToken": token})
	if err != nil {
		return payload{}, invalid("is no text")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.decode.String(), bytes.NewReader(body))
	if err != nil {
		return payload{}, away(errors.New("the request cannot be made"))
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	req.Header.Set("Content-Type", "application/json")
	reply, err := g.client.Do(req)
	switch {
	case err != nil:
		return payload{}, away(err)
	case reply.Status == http.StatusBadRequest:
		return payload{}, invalid("cannot be read by Google")
	case reply.Status == http.StatusUnauthorized:
		g.access.forget(bearer)
	}
	if reply.Status != http.StatusOK {
		return payload{}, away(fmt.Errorf("answered %d", reply.Status))
	}
	var said struct {
		Payload *payload `json:"tokenPayloadExternal"`
	}
	if json.Unmarshal(reply.Body, &said) != nil || said.Payload == nil {
		return payload{}, away(errors.New("the answer is not what the API documents"))
	}
	return *said.Payload, nil
}
