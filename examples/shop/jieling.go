package main

import (
	"context"
	"fmt"

	"github.com/jieling-id/jieling/client/api"
)

// join tells Jieling about a user: the account, the ways in, the payment password. Each call has an idempotency key made of
// the user's ID, so that join can be repeated whole after a lost answer: what was done is not done again.
func join(ctx context.Context, jl *api.Client, u user) (api.AccountID, error) {
	key := func(what string) string { return u.ID + "-" + what }
	account, err := jl.RegisterAccount(ctx, &api.NewAccount{
		ExternalID: u.ID, Kind: api.AccountKindPersonal, RegisteredThrough: api.NewOptProvider("qq"),
	}, api.RegisterAccountParams{IdempotencyKey: key("account")})
	if err != nil {
		return "", fmt.Errorf("register: %w", err)
	}
	for provider, subject := range map[api.Provider]string{"qq": u.QQ.Subject, "phone": u.Phone} {
		_, err := jl.AddBinding(ctx, &api.NewBinding{
			Provider: provider, Subject: subject, VerifiedAt: api.NewOptDateTime(u.Since),
		}, api.AddBindingParams{IdempotencyKey: key(string(provider)), Account: account.ID})
		if err != nil {
			return "", fmt.Errorf("add the %s binding: %w", provider, err)
		}
	}
	_, err = jl.EnrolFactor(ctx, &api.NewFactor{Factor: "payment_pin", Answer: api.NewOptString(u.PIN)},
		api.EnrolFactorParams{IdempotencyKey: key("pin"), Account: account.ID})
	if err != nil {
		return "", fmt.Errorf("set the payment password up: %w", err)
	}
	return account.ID, nil
}

// resolve asks what to do with somebody whom QQ has just vouched for. A product that knows the browser or the network says
// so; left out, Jieling takes them as new and unknown, which never asks for less.
func resolve(ctx context.Context, jl *api.Client, openID string) (*api.Resolution, error) {
	return jl.Resolve(ctx, &api.ResolveQuery{Provider: "qq", Subject: openID})
}

// handOff makes the one-time address that opens the security centre for a user who is signed in here. Whoever has it is
// that user for five minutes, so it goes to their browser and nowhere else.
func handOff(ctx context.Context, jl *api.Client, account api.AccountID, platform api.Platform) (string, error) {
	ticket, err := jl.HandOff(ctx, &api.NewHandoff{Account: account, Platform: platform}, api.HandOffParams{IdempotencyKey: api.NewKey()})
	if err != nil {
		return "", err
	}
	return ticket.URL, nil
}
