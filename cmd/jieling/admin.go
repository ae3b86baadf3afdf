package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	sdk "github.com/jieling-id/jieling/client/api"
)

// server is where an admin's command goes, and with which key.
type server struct {
	URL  string `arg:"--server,env:JIELING_URL" default:"http://localhost:8420" help:"The service."`
	Key  string `arg:"required,env:JIELING_API_KEY" help:"An API key; better in the environment than on the command line."`
	JSON bool   `help:"As JSON."`
}

func (s server) client() (*sdk.Client, error) { return sdk.New(s.URL, s.Key) }

// answer turns a refusal of the service into a no, said in its words.
func answer(err error) error {
	var p *sdk.Problem
	if errors.As(err, &p) {
		fmt.Fprintf(os.Stderr, "jieling: %s: %s\n", p.Code, p.Detail)
		return errNo
	}
	return err
}

type accountCommand struct {
	Add  *accountAddCommand  `arg:"subcommand" help:"Register an account."`
	Show *accountShowCommand `arg:"subcommand" help:"Show an account with what hangs on it."`
}

type accountAddCommand struct {
	server
	ExternalID string `arg:"positional,required" placeholder:"EXTERNAL-ID" help:"The product's own name for it."`
	Kind       kind   `default:"personal" help:"Whose account."`
	Through    string `help:"The provider it was registered through."`
}

// Help teaches the command.
func (accountAddCommand) Help() string { return "Example: jieling account add user-42 --through qq" }

// Run registers the account.
func (a accountAddCommand) Run(ctx context.Context) error {
	jl, err := a.client()
	if err != nil {
		return err
	}
	in := &sdk.NewAccount{ExternalID: a.ExternalID, Kind: sdk.AccountKind(a.Kind)}
	if a.Through != "" {
		in.RegisteredThrough = sdk.NewOptProvider(sdk.Provider(a.Through))
	}
	out, err := jl.RegisterAccount(ctx, in, sdk.RegisterAccountParams{IdempotencyKey: sdk.NewKey()})
	if err != nil {
		return answer(err)
	}
	if a.JSON {
		return printJSON(out)
	}
	fmt.Println(out.ID)
	return nil
}

type accountShowCommand struct {
	server
	ID string `arg:"positional,required" help:"acc_…, or the product's own name for it."`
}

// Help teaches the command.
func (accountShowCommand) Help() string { return "Example: jieling account show user-42" }

// Run shows the account.
func (a accountShowCommand) Run(ctx context.Context) error {
	jl, err := a.client()
	if err != nil {
		return err
	}
	out, err := jl.FindAccount(ctx, sdk.FindAccountParams{ExternalID: a.ID})
	if err != nil {
		out, err = jl.GetAccount(ctx, sdk.GetAccountParams{Account: sdk.AccountID(a.ID)})
	}
	if err != nil {
		return answer(err)
	}
	if a.JSON {
		return printJSON(out)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s\t%d ways in\tfrozen %t\n", out.ID, out.ExternalID, out.WaysIn, out.Frozen)
	for _, b := range out.Bindings {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", b.ID, b.Provider, b.Label, b.State)
	}
	for _, c := range out.Cases {
		fmt.Fprintf(w, "  %s\t%s %s\t%s\n", c.ID, c.Goal, c.Provider, c.Stage)
	}
	return w.Flush()
}

type bindingCommand struct {
	List *bindingListCommand `arg:"subcommand" help:"List an account's bindings."`
	Add  *bindingAddCommand  `arg:"subcommand" help:"Add a binding the product vouches for."`
}

type bindingListCommand struct {
	server
	Account string `arg:"positional,required" help:"acc_…"`
}

// Help teaches the command.
func (bindingListCommand) Help() string {
	return "Example: jieling binding list acc_01jd0000000000000000000000"
}

// Run lists them.
func (b bindingListCommand) Run(ctx context.Context) error {
	jl, err := b.client()
	if err != nil {
		return err
	}
	out, err := jl.ListBindings(ctx, sdk.ListBindingsParams{Account: sdk.AccountID(b.Account)})
	if err != nil {
		return answer(err)
	}
	if b.JSON {
		return printJSON(out)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, row := range out.Items {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", row.ID, row.Provider, row.Label, row.State)
	}
	return w.Flush()
}

type bindingAddCommand struct {
	server
	Account  string `arg:"positional,required" help:"acc_…"`
	Provider string `arg:"positional,required" help:"qq, wechat, phone, …"`
	Subject  string `arg:"positional,required" help:"Who the provider says it is: an openid; a phone number in E.164."`
}

// Help teaches the command.
func (bindingAddCommand) Help() string {
	return "Example: jieling binding add acc_01jd0000000000000000000000 phone +8613800000000"
}

// Run adds it.
func (b bindingAddCommand) Run(ctx context.Context) error {
	jl, err := b.client()
	if err != nil {
		return err
	}
	out, err := jl.AddBinding(ctx, &sdk.NewBinding{Provider: sdk.Provider(b.Provider), Subject: b.Subject},
		sdk.AddBindingParams{IdempotencyKey: sdk.NewKey(), Account: sdk.AccountID(b.Account)})
	if err != nil {
		return answer(err)
	}
	if b.JSON {
		return printJSON(out)
	}
	fmt.Println(out.ID)
	return nil
}

type caseCommand struct {
	Show  *caseShowCommand  `arg:"subcommand" help:"Show a case and where it stands."`
	Watch *caseWatchCommand `arg:"subcommand" help:"Follow a case until it ends."`
}

type caseShowCommand struct {
	server
	ID string `arg:"positional,required" help:"case_…"`
}

// Help teaches the command.
func (caseShowCommand) Help() string {
	return "Example: jieling case show case_01jd0000000000000000000000 --json"
}

// Run shows the case.
func (c caseShowCommand) Run(ctx context.Context) error {
	jl, err := c.client()
	if err != nil {
		return err
	}
	out, err := jl.GetCase(ctx, sdk.GetCaseParams{Case: sdk.CaseID(c.ID)})
	if err != nil {
		return answer(err)
	}
	if c.JSON {
		return printJSON(out)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s %s\t%s\tnext %s\n", out.ID, out.Goal, out.Provider, out.Stage, out.Next)
	fmt.Fprintf(w, "  here\t\t%s\n", out.Leaving.State)
	fmt.Fprintf(w, "  at the provider\t\t%s\n", out.Upstream)
	for _, l := range out.Legs {
		fmt.Fprintf(w, "  %s\t\t%s\n", l.Participant, l.State)
	}
	for _, r := range out.Residues {
		fmt.Fprintf(w, "  residue %s\t%s\tcleared %t\n", r.ID, r.Participant, r.ClearedAt.Set)
	}
	return w.Flush()
}

type caseWatchCommand struct {
	server
	ID string `arg:"positional,required" help:"case_…"`
}

// Help teaches the command.
func (caseWatchCommand) Help() string {
	return "Example: jieling case watch case_01jd0000000000000000000000"
}

// Run follows the case.
func (c caseWatchCommand) Run(ctx context.Context) error {
	jl, err := c.client()
	if err != nil {
		return err
	}
	for e, err := range jl.Watch(ctx, sdk.CaseID(c.ID), 0) {
		if err != nil {
			return answer(err)
		}
		if c.JSON {
			if err := printJSON(e); err != nil {
				return err
			}
			continue
		}
		fmt.Printf("%3d  %s  %-16s → %s\n", e.Seq, e.At.Format("15:04:05"), e.Kind, e.Stage)
	}
	return nil
}
