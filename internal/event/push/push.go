// Package push brings security event tokens to receivers as RFC 8935 has it: a POST with the token, which is accepted by 202.
package push

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/outbound"
)

// Courier sends. It is safe for concurrent use.
type Courier struct{ Client *outbound.Client }

var _ event.Courier = Courier{}

// word is the form of an error code of RFC 8935.
var word = regexp.MustCompile(`^[a-z_]{1,32}$`)

// Deliver sends once. Any 2xx says that the receiver has the token.
func (c Courier) Deliver(ctx context.Context, to event.Receiver, p event.Parcel) (event.Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(p.Body))
	if err != nil {
		return event.Answer{}, errors.New("its address cannot be called")
	}
	req.Header.Set("Content-Type", "application/secevent+jwt")
	req.Header.Set("Accept", "application/json")
	if to.Authorization != "" {
		req.Header.Set("Authorization", to.Authorization)
	}
	reply, err := c.Client.Do(req)
	switch {
	case err != nil:
		return event.Answer{}, errors.New(outbound.Reason(err))
	case reply.Status == http.StatusGone:
		return event.Answer{Status: reply.Status}, event.ErrGone
	case reply.Status/100 == 2:
		return event.Answer{Status: reply.Status}, nil
	}
	var refused struct {
		Err string `json:"err"`
	}
	if reply.Status == http.StatusBadRequest && json.Unmarshal(reply.Body, &refused) == nil && word.MatchString(refused.Err) {
		return event.Answer{Status: reply.Status}, fmt.Errorf("it refused the token: %s", refused.Err)
	}
	return event.Answer{Status: reply.Status}, fmt.Errorf("it answered with status %d", reply.Status)
}
