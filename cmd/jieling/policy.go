package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

type policyCommand struct {
	Check   policyCheckCommand   `cmd:"" help:"Load a pack strictly and say what is wrong, with its place."`
	Explain policyExplainCommand `cmd:"" help:"Say what a situation asks, and which rule asks for it."`
}

type policyCheckCommand struct {
	Pack string `arg:"" help:"A file, or the name of a shipped pack."`
	JSON bool   `name:"json" help:"As JSON."`
}

// Help teaches the command.
func (policyCheckCommand) Help() string { return "Example: jieling policy check my-pack.yaml" }

// Run checks the pack: exit 1 when it would be refused.
func (p policyCheckCommand) Run() error {
	pack, err := loadPack(p.Pack)
	var broken *policy.LoadError
	if errors.As(err, &broken) {
		if p.JSON {
			return errors.Join(printJSON(broken.Problems), errNo)
		}
		fmt.Fprintln(os.Stderr, err)
		return errNo
	}
	if err != nil {
		return err
	}
	if p.JSON {
		return printJSON(map[string]any{"pack": pack.ID(), "rows": len(pack.Rows())})
	}
	fmt.Printf("%s is good: %d rows.\n", pack.ID(), len(pack.Rows()))
	return nil
}

type policyExplainCommand struct {
	Pack              string `arg:"" help:"A file, or the name of a shipped pack."`
	Platform          string `required:"" enum:"android,ios,web" help:"android, ios or web."`
	Provider          string `default:"qq" help:"The login that goes."`
	Reason            string `default:"other" help:"Why (F6)."`
	Scenario          string `help:"The scenario the person declares."`
	Kind              string `default:"personal" enum:"personal,merchant,enterprise_member" help:"Whose account."`
	RegisteredThrough bool   `help:"The account was registered through that login (D4)."`
	LastWayIn         bool   `help:"No other way in would stay."`
	Network           string `help:"known, unknown or public."`
	Device            string `help:"trusted, known or new."`
	JSON              bool   `name:"json" help:"As JSON."`
}

// Help teaches the command.
func (policyExplainCommand) Help() string {
	return "Example: jieling policy explain qq-wechat --platform ios --registered-through"
}

// Run explains.
func (p policyExplainCommand) Run() error {
	pack, err := loadPack(p.Pack)
	if err != nil {
		return err
	}
	facts, err := pack.Facts(policy.Situation{
		Platform: jieling.Platform(p.Platform), Scenario: jieling.Scenario(p.Scenario), Reason: jieling.Reason(p.Reason), Goal: jieling.Unlink,
		Provider: jieling.Provider(p.Provider), Kind: jieling.AccountKind(p.Kind), RegisteredThrough: p.RegisteredThrough, LastWayIn: p.LastWayIn,
		Network: p.Network, Device: p.Device,
	})
	if err != nil {
		return &misuseError{err}
	}
	d, rules := pack.Decide(facts), pack.Explain(facts)
	if p.JSON {
		return printJSON(map[string]any{"decision": d, "rules": rules})
	}
	fmt.Printf("%s · %s\n  asks      %s\n  wait      %s\n  guarded   %s afterwards\n  first     %s\n", d.Pack, d.Scenario,
		pack.InWords(d.Requirement).EN, d.Wait, d.Guard, first(d))
	for _, r := range d.Refusals {
		fmt.Printf("  REFUSED   %s  %s\n", r.Rule, r.Text.EN)
	}
	for _, r := range d.Reasons {
		fmt.Printf("  because   %-4s %s\n", r.Rule, r.Text.EN)
	}
	return nil
}

// first says what must be in place before anything is removed.
func first(d jieling.Decision) string {
	var parts []string
	if d.NeedPhone {
		parts = append(parts, "a phone bound and proven")
	} else if d.Replacement {
		parts = append(parts, "another way in")
	}
	if d.Backup {
		parts = append(parts, "a backup made or declined")
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
