// Package api calls Jieling's HTTP API. Its types and methods are generated from the service's own OpenAPI document, so that
// they are never behind it; [New] makes a client, refusals come back as *[Problem], and [Client.Watch] follows a case.
//
//	jl, err := api.New("https://id.example.com", os.Getenv("JIELING_KEY"))
//	…
//	who, err := jl.Resolve(ctx, &api.ResolveQuery{Provider: "qq", Subject: openID})
//	var p *api.Problem
//	switch {
//	case errors.As(err, &p) && p.Code == "too_many_attempts":
//		time.Sleep(p.Wait())
//	case err != nil:
//		return err
//	case who.Outcome == api.ResolutionOutcomeAllow:
//		signIn(who.Account.Value)
//	}
//
// Every call that changes something takes an idempotency key. Make one with [NewKey] when the person acts, keep it with what
// they did, and repeat with the same one after a lost answer: the change is made once.
//
// The package stands beside package client and not in it for two reasons. Both speak of dependents, residues and texts, the
// one as a product that answers and the other as a product that asks, and the two shapes must not be mistaken for each
// other. And a product that only takes part in unbindings needs nothing outside the standard library.
package api
