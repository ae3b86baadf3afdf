// Package camara asks a mobile operator whether the SIM of a number was replaced: SIM Swap 2 of CAMARA, which operators publish
// under GSMA Open Gateway. Of its two questions the smaller one is asked, whether there was a swap within some hours, so that the
// day of one is never known here.
//
// The number travels in the body of a request, and is in no error.
package camara

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/outbound"
	"github.com/jieling-id/jieling/internal/risk"
)

// Config says where the operator is and who we are there. One of Key and Secret is needed.
type Config struct {
	BaseURL  string           // of the API, with its version: "https://api.operator.example/sim-swap/v2"
	TokenURL string           // where access tokens are given out
	ClientID string           // from the operator's onboarding
	Key      string           // PKCS #8 as PEM, or its base64 alone, of an ECDSA P-256 or RSA key: private_key_jwt, as CAMARA's security profile asks
	Secret   string           // of operators that take one instead, by HTTP Basic
	Numbers  []string         // the beginnings of numbers it is asked about, as in "+34"; empty: all
	Now      func() time.Time // dates assertions and tokens; nil means time.Now
}

// SIM implements [risk.SIM].
type SIM struct {
	check   string
	numbers []string
	access  *outbound.Access
	client  *outbound.Client
}

var _ risk.SIM = (*SIM)(nil)

// New checks the configuration.
func New(c Config) (*SIM, error) {
	base, err := outbound.Base(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("sim: %w", err)
	}
	token, err := outbound.Base(c.TokenURL)
	if err != nil {
		return nil, fmt.Errorf("sim: token: %w", err)
	}
	if c.ClientID == "" || (c.Secret == "") == (c.Key == "") {
		return nil, errors.New("sim: a client ID, and either a key or a secret, are needed")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	for _, beginning := range c.Numbers {
		if !strings.HasPrefix(beginning, "+") {
			return nil, fmt.Errorf("sim: numbers: %q is no beginning of a number; write it like +34", beginning)
		}
	}
	grant := outbound.Grant{Endpoint: token, ID: c.ClientID, Secret: c.Secret, Form: bySecret, Now: c.Now}
	if c.Key != "" {
		key, err := outbound.ReadKey(c.Key)
		if err != nil {
			return nil, fmt.Errorf("sim: %w", err)
		}
		grant.Form = byKey(token.String(), c.ClientID, key, c.Now)
	}
	client := outbound.New()
	return &SIM{base.JoinPath("check").String(), c.Numbers, client.Access(grant), client}, nil
}

// The longest while there can be asked about.
const longest = 2400 * time.Hour

// Swapped implements [risk.SIM]. A token that is no longer taken is replaced once. A number that is not the operator's to know is
// unknown, and not told to it.
func (s *SIM) Swapped(ctx context.Context, number string, within time.Duration) (jieling.SIM, error) {
	if len(s.numbers) > 0 && !slices.ContainsFunc(s.numbers, func(b string) bool { return strings.HasPrefix(number, b) }) {
		return jieling.SIMUnknown, nil
	}
	within = min(max(within, time.Hour), longest)
	body, err := json.Marshal(map[string]any{"phoneNumber": number, "maxAge": int(within / time.Hour)})
	if err != nil {
		return jieling.SIMUnknown, away(errors.New("the request cannot be made"))
	}
	for refused := ""; ; {
		token, err := s.access.Token(ctx, refused)
		if err != nil {
			return jieling.SIMUnknown, away(err)
		}
		reply, err := s.ask(ctx, token, body)
		if err != nil {
			return jieling.SIMUnknown, away(err)
		}
		if reply.Status != http.StatusUnauthorized || refused != "" {
			return read(reply)
		}
		refused = token
	}
}

func (s *SIM) ask(ctx context.Context, token string, body []byte) (outbound.Reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.check, bytes.NewReader(body))
	if err != nil {
		return outbound.Reply{}, errors.New("the request cannot be made")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	return s.client.Do(req)
}

// read takes the operator's answer apart. A number it does not know, or has no SIM for, is unknown; whatever else is no answer is
// an error, in words of ours.
func read(reply outbound.Reply) (jieling.SIM, error) {
	var said struct {
		Swapped *bool  `json:"swapped"`
		Code    string `json:"code"`
	}
	if json.Unmarshal(reply.Body, &said) != nil {
		return jieling.SIMUnknown, away(fmt.Errorf("status %d, and no JSON", reply.Status))
	}
	switch {
	case reply.Status == http.StatusOK && said.Swapped != nil && *said.Swapped:
		return jieling.SIMSwapped, nil
	case reply.Status == http.StatusOK && said.Swapped != nil:
		return jieling.SIMSame, nil
	case reply.Status == http.StatusNotFound && said.Code == "IDENTIFIER_NOT_FOUND",
		reply.Status == http.StatusUnprocessableEntity && said.Code == "SERVICE_NOT_APPLICABLE":
		return jieling.SIMUnknown, nil
	}
	return jieling.SIMUnknown, away(fmt.Errorf("status %d: %s", reply.Status, remedy(reply.Status, said.Code)))
}

// remedy says what an operator's refusal means, in a sentence that holds nothing of what it sent.
func remedy(status int, code string) string {
	switch {
	case status == http.StatusBadRequest && code == "OUT_OF_RANGE":
		return "the operator does not look back that far"
	case status == http.StatusUnauthorized:
		return "the operator does not take its own token"
	case status == http.StatusForbidden:
		return "the client may not ask for SIM swaps; the scope sim-swap:check has to be granted"
	case status == http.StatusUnprocessableEntity && code == "UNNECESSARY_IDENTIFIER":
		return "the operator wants the person's own token (three-legged), which is not supported"
	case status == http.StatusTooManyRequests:
		return "the quota is used up"
	}
	return "the operator gives no answer"
}

func away(err error) error {
	e := jieling.Refuse(jieling.CodeDependency, "运营商查询暂时不可用，请稍后再试。", "The operator cannot be asked at the moment. Try again later.")
	e.Err = fmt.Errorf("sim: %w", err)
	return e
}
