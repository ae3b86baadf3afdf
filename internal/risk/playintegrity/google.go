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
	access *outbound.Access
	client *outbound.Client
}

func newGoogle(c Config) (*google, error) {
	base, err := outbound.Base(c.BaseURL)
	if err != nil {
		return nil, err
	}
	g, err := grant(c.ServiceAccount, c.Now)
	if err != nil {
		return nil, fmt.Errorf("service account: %w", err)
	}
	client := outbound.New()
	return &google{base.JoinPath("v1", c.Package+":decodeIntegrityToken"), client.Access(g), client}, nil
}

func (g *google) ready(ctx context.Context) error {
	_, err := g.access.Token(ctx, "")
	return err
}

// open asks Google. Access that is no longer taken is replaced once.
func (g *google) open(ctx context.Context, token string) (payload, error) {
	body, err := json.Marshal(map[string]string{"integrityToken": token})
	if err != nil {
		return payload{}, invalid("is no text")
	}
	for refused := ""; ; {
		bearer, err := g.access.Token(ctx, refused)
		if err != nil {
			return payload{}, away(err)
		}
		reply, err := g.ask(ctx, bearer, body)
		if err != nil {
			return payload{}, away(err)
		}
		if reply.Status != http.StatusUnauthorized || refused != "" {
			return read(reply)
		}
		refused = bearer
	}
}

func (g *google) ask(ctx context.Context, bearer string, body []byte) (outbound.Reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.decode.String(), bytes.NewReader(body))
	if err != nil {
		return outbound.Reply{}, errors.New("the request cannot be made")
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	req.Header.Set("Content-Type", "application/json")
	return g.client.Do(req)
}

// read takes Google's answer apart.
func read(reply outbound.Reply) (payload, error) {
	var said struct {
		Payload *payload `json:"tokenPayloadExternal"`
	}
	switch {
	case reply.Status == http.StatusBadRequest:
		return payload{}, invalid("cannot be read by Google")
	case reply.Status != http.StatusOK:
		return payload{}, away(fmt.Errorf("answered %d", reply.Status))
	case json.Unmarshal(reply.Body, &said) != nil || said.Payload == nil:
		return payload{}, away(errors.New("the answer is not what the API documents"))
	}
	return *said.Payload, nil
}
