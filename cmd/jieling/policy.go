package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

type policyCommand struct {
	Show     policyShowCommand     `cmd:"" help:"Write out a shipped pack, to begin one's own with."`
	Check    policyCheckCommand    `cmd:"" help:"Load a pack strictly and say what is wrong, with its place."`
	Prove    policyProveCommand    `cmd:"" help:"Prove over all situations that more risk never asks less, and more."`
	Record   policyRecordCommand   `cmd:"" help:"Write out the situations that recorded cases were decided in."`
	Simulate policySimulateCommand `cmd:"" help:"Say who would have been asked for more or less by a changed pack."`
	Explain  policyExplainCommand  `cmd:"" help:"Say what a situation asks, and which rule asks for it."`
}

type policyShowCommand struct {
	Pack string `arg:"" help:"The name of a shipped pack."`
}

// Help teaches the command.
func (policyShowCommand) Help() string {
	return "Example: jieling policy show qq-wechat > my-pack.yaml"
}

// Run shows.
func (p policyShowCommand) Run() error {
	src, err := policy.ShippedSource(p.Pack)
	if err != nil {
		return &misuseError{err}
	}
	_, err = os.Stdout.Write(src)
	return err
}

type policyCheckCommand struct {
	Pack string `arg:"" help:"A file, or the name of a shipped pack."`
	JSON bool   `name:"json" help:"As JSON."`
}

// Help teaches the command.
func (policyCheckCommand) Help() string { return "Example: jieling policy check my-pack.yaml" }

// Run checks the pack: exit 1 when it would be refused.
func (p policyCheckCommand) Run() error {
	start := time.Now()
	pack, err := loadPack(p.Pack)
	if err != nil {
		return sayBroken(err, p.JSON)
	}
	remarks := pack.Remarks()
	took := milliseconds(start)
	if p.JSON {
		return printJSON(map[string]any{"pack": pack.ID(), "rows": len(pack.Rows()), "remarks": append([]policy.Problem{}, remarks...), "milliseconds": took})
	}
	for _, r := range remarks {
		fmt.Printf("%s:%d:%d: remark: %s; %s\n", p.Pack, r.Line, r.Column, r.What, r.Instead)
	}
	fmt.Printf("%s is good: %d rows, in %.1f ms. Prove it next: jieling policy prove %s\n", pack.ID(), len(pack.Rows()), took, p.Pack)
	return nil
}

// sayBroken says what is wrong with a pack that cannot be loaded, which is a no and not a misuse.
func sayBroken(err error, asJSON bool) error {
	var broken *policy.LoadError
	switch {
	case !errors.As(err, &broken):
		return err
	case asJSON:
		return errors.Join(printJSON(broken.Problems), errNo)
	}
	fmt.Fprintln(os.Stderr, err)
	return errNo
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
	Goal              string `default:"unlink" enum:"unlink,link,replace,migrate" help:"What is to be done."`
	Region            string `help:"The account's, as CN."`
	Network           string `help:"known, unknown or public."`
	Device            string `help:"trusted, known or new."`

	Signal map[string]string `placeholder:"NAME=LEVEL" help:"What else was measured: --signal sim=swapped."`
	JSON   bool              `name:"json" help:"As JSON."`
}

// Help teaches the command.
func (policyExplainCommand) Help() string {
	return `Example: jieling policy explain qq-wechat --platform ios --registered-through --signal place=other`
}

// Run explains.
func (p policyExplainCommand) Run() error {
	pack, err := loadPack(p.Pack)
	if err != nil {
		return sayBroken(err, p.JSON)
	}
	start := time.Now()
	facts, err := pack.Facts(policy.Situation{
		Platform: jieling.Platform(p.Platform), Scenario: jieling.Scenario(p.Scenario), Reason: jieling.Reason(p.Reason), Goal: jieling.Goal(p.Goal),
		Provider: jieling.Provider(p.Provider), Kind: jieling.AccountKind(p.Kind), RegisteredThrough: p.RegisteredThrough, LastWayIn: p.LastWayIn,
		Region: p.Region, Network: p.Network, Device: p.Device, Signals: p.Signal,
	})
	if err != nil {
		return &misuseError{err}
	}
	d, rules := pack.Decide(facts), pack.Explain(facts)
	took := milliseconds(start)
	if p.JSON {
		return printJSON(map[string]any{"decision": d, "rules": rules, "milliseconds": took})
	}
	fmt.Printf("%s · %s\n  asks      %s\n  wait      %s\n  guarded   %s afterwards\n  first     %s\n", d.Pack, d.Scenario,
		pack.InWords(d.Requirement).EN, d.Wait, d.Guard, inPlace(d))
	for _, r := range d.Refusals {
		fmt.Printf("  REFUSED   %s  %s\n", r.Rule, r.Text.EN)
	}
	for _, r := range d.Reasons {
		fmt.Printf("  because   %-9s %s\n", r.Rule, r.Text.EN)
	}
	for _, way := range d.Detours {
		fmt.Printf("  instead   %-9s of %s: %s\n", way.Rule, hands(way.For), way.Text.EN)
	}
	for _, r := range rules {
		if !r.Holds {
			fmt.Printf("  not now   %-9s %s (%s)\n", r.Rule, r.When, strings.Join(r.Facts, ", "))
		}
	}
	fmt.Printf("Decided and explained in %.3f ms.\n", took)
	return nil
}

// inPlace says what must be in place before anything is removed.
func inPlace(d jieling.Decision) string {
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
