package api_test

import (
	"context"
	"slices"
	"testing"

	"github.com/jieling-id/jieling"
	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/risk"
)

// google says that a phone is rooted whenever it is shown the nonce itself.
type google struct{}

func (google) Attest(_ context.Context, s risk.Statement) (risk.Attested, error) {
	if s.Given != s.Nonce {
		return risk.Attested{}, jieling.Invalid("statement", "was made for something else")
	}
	return risk.Attested{Level: jieling.Rooted}, nil
}

// R2 over HTTP: a nonce for the device, the statement made for it, and a case that asks for more because of what it says.
func TestR2_AStatementAboutTheDeviceOverHTTP(t *testing.T) {
	s, ctx := newService(t), t.Context()
	s.engine.Attesters = map[string]risk.Attester{risk.PlayIntegrity: google{}}
	account, qq := s.person("u-1")
	d, err := s.AddDevice(ctx, &sdk.NewDevice{Name: "phone", Platform: sdk.PlatformAndroid}, sdk.AddDeviceParams{Account: account, IdempotencyKey: sdk.NewKey()})
	s.ok(err)
	c, err := s.OpenCase(ctx, &sdk.NewCase{
		Account: account, Goal: sdk.GoalUnlink, Binding: qq.ID, Platform: sdk.PlatformAndroid, Reason: sdk.ReasonPrivacy, Device: sdk.NewOptDeviceID(d.ID),
	}, sdk.OpenCaseParams{IdempotencyKey: sdk.NewKey()})
	s.ok(err)
	ask, err := s.AskAttestation(ctx, sdk.AskAttestationParams{Case: c.ID})
	s.ok(err)
	if len(ask.Nonce) != 54 || !ask.ExpiresAt.After(c.OpenedAt) || !slices.Equal(ask.Formats, []sdk.AttestationFormat{sdk.AttestationFormatPlayIntegrity}) {
		t.Errorf("%+v", ask)
	}
	show := func(statement string) (*sdk.Case, error) {
		return s.ShowAttestation(ctx, &sdk.NewAttestation{Format: sdk.AttestationFormatPlayIntegrity, Nonce: ask.Nonce, Statement: statement},
			sdk.ShowAttestationParams{Case: c.ID, IdempotencyKey: sdk.NewKey()})
	}
	_, err = show("another")
	s.refused("invalid_argument", err)
	c, err = show(ask.Nonce)
	s.ok(err)
	i := slices.IndexFunc(c.Signals, func(x sdk.Signal) bool { return x.Name == "integrity" })
	if i < 0 || c.Signals[i].Level != "rooted" || c.Signals[i].Trust.Value != sdk.SignalTrustAttested || c.Signals[i].Source.Value != "play_integrity" {
		t.Errorf("signals %+v", c.Signals)
	}
	if len(c.Attestations) != 1 || c.Attestations[0].Level != sdk.AttestationLevelRooted || c.Attestations[0].Device != d.ID {
		t.Errorf("attestations %+v", c.Attestations)
	}
	if !slices.ContainsFunc(c.Decision.Reasons, func(b sdk.Because) bool { return b.Rule == "R2" }) {
		t.Errorf("asked because of %+v", c.Decision.Reasons)
	}
	_, err = show(ask.Nonce)
	s.refused("challenge_used", err)
}
