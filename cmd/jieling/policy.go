package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/policy"
)

type policyCommand struct {
	Lang tongue `placeholder:"zh-CN|en" help:"The language to answer in. Left out: that of LC_ALL, LC_MESSAGES or LANG, if it is Chinese, or English."`

	Show     *policyShowCommand     `arg:"subcommand" help:"Write out a shipped pack, to begin one's own with."`
	Check    *policyCheckCommand    `arg:"subcommand" help:"Load a pack strictly and say what is wrong, with its place."`
	Prove    *policyProveCommand    `arg:"subcommand" help:"Prove over all situations that more risk never asks less, and more."`
	Record   *policyRecordCommand   `arg:"subcommand" help:"Write out the situations that recorded cases were decided in."`
	Simulate *policySimulateCommand `arg:"subcommand" help:"Say who would have been asked for more or less by a changed pack."`
	Explain  *policyExplainCommand  `arg:"subcommand" help:"Say what a situation asks, and which rule asks for it."`
}

// speaks is the language to answer in. What is written as JSON is the same in every language.
func (p *policyCommand) speaks() lang.Lang { return speaks(p.Lang, os.Getenv) }

// speaks follows the wish, and where there is none the environment as POSIX orders it.
func speaks(wish tongue, env func(string) string) lang.Lang {
	switch said := cmp.Or(string(wish), env("LC_ALL"), env("LC_MESSAGES"), env("LANG")); {
	case strings.HasPrefix(said, "zh"):
		return lang.ZH
	default:
		return lang.EN
	}
}

type policyShowCommand struct {
	Pack string `arg:"positional,required" help:"The name of a shipped pack."`
}

// Help teaches the command.
func (policyShowCommand) Help() string {
	return "Example: jieling policy show qq-wechat > my-pack.yaml"
}

// Run shows.
func (p policyShowCommand) Run(context.Context) error {
	src, err := policy.ShippedSource(p.Pack)
	if err != nil {
		return &misuseError{err}
	}
	_, err = os.Stdout.Write(src)
	return err
}

type policyCheckCommand struct {
	Pack string `arg:"positional,required" help:"A file, or the name of a shipped pack."`
	JSON bool   `help:"As JSON."`
}

// Help teaches the command.
func (policyCheckCommand) Help() string { return "Example: jieling policy check my-pack.yaml" }

// Run checks the pack: exit 1 when it would be refused.
func (p policyCheckCommand) Run(_ context.Context, in *policyCommand) error {
	start, l := time.Now(), in.speaks()
	pack, err := loadPack(p.Pack)
	if err != nil {
		return sayBroken(err, l, p.JSON)
	}
	remarks := pack.Remarks()
	took := milliseconds(start)
	if p.JSON {
		return printJSON(map[string]any{"pack": pack.ID(), "rows": len(pack.Rows()), "remarks": append([]policy.Problem{}, remarks...), "milliseconds": took})
	}
	for _, r := range remarks {
		place := fmt.Sprintf("%s:%d:%d", p.Pack, r.Line, r.Column)
		fmt.Println(l.Say(lang.ToolRemark, "place", place, "what", l.Read(r.Text()), "instead", l.Read(r.Instead())))
	}
	fmt.Println(l.Say(lang.ToolGood, "pack", pack.ID(), "n", strconv.Itoa(len(pack.Rows())), "ms", inMS(took), "file", p.Pack))
	return nil
}

// sayBroken says what is wrong with a pack that cannot be loaded, which is a no and not a misuse.
func sayBroken(err error, l lang.Lang, asJSON bool) error {
	var broken *policy.LoadError
	switch {
	case !errors.As(err, &broken):
		return err
	case asJSON:
		return errors.Join(printJSON(broken.Problems), errNo)
	}
	fmt.Fprintln(os.Stderr, broken.In(string(l)))
	return errNo
}

type policyExplainCommand struct {
	Pack              string   `arg:"positional,required" help:"A file, or the name of a shipped pack."`
	Platform          platform `arg:"required" help:"android, ios or web."`
	Provider          string   `default:"qq" help:"The login that goes."`
	Reason            string   `default:"other" help:"Why (F6)."`
	Scenario          string   `help:"The scenario the person declares."`
	Kind              kind     `default:"personal" help:"Whose account."`
	RegisteredThrough bool     `arg:"--registered-through" help:"The account was registered through that login (D4)."`
	LastWayIn         bool     `arg:"--last-way-in" help:"No other way in would stay."`
	Goal              goal     `default:"unlink" help:"What is to be done."`
	Region            string   `help:"The account's, as CN."`
	Network           string   `help:"known, unknown or public."`
	Device            string   `help:"trusted, known or new."`

	Signal map[string]string `arg:"separate" placeholder:"NAME=LEVEL" help:"What else was measured: --signal sim=swapped."`
	JSON   bool              `help:"As JSON."`
}

// Help teaches the command.
func (policyExplainCommand) Help() string {
	return `Example: jieling policy explain qq-wechat --platform ios --registered-through --signal place=other`
}

// Run explains.
func (p policyExplainCommand) Run(_ context.Context, in *policyCommand) error {
	l := in.speaks()
	pack, err := loadPack(p.Pack)
	if err != nil {
		return sayBroken(err, l, p.JSON)
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
	fmt.Printf("%s · %s\n", d.Pack, d.Scenario)
	return sayExplained(os.Stdout, l, pack, d, rules, took)
}

// sayExplained writes a decision with the rules behind it, in columns.
func sayExplained(to io.Writer, l lang.Lang, pack *policy.Pack, d jieling.Decision, rules []policy.Explanation, took float64) error {
	w := columns{before: "  ", gap: 2}
	row := func(name lang.Sentence, rule, text string) { w.row(l.Say(name), rule, text) }
	wide := func(name lang.Sentence, text string) { w.row(l.Say(name), text) }
	wide(lang.ToolAsks, l.Read(pack.InWords(d.Requirement)))
	wide(lang.ToolWait, span(l, d.Wait))
	wide(lang.ToolGuarded, span(l, d.Guard))
	wide(lang.ToolFirst, inPlace(l, d))
	if b := d.Playbook; b != nil {
		row(lang.ToolPlaybook, b.Rule, l.Read(b.Title)+" · "+b.Name+" · "+b.Verified)
		for i, s := range b.Steps {
			wide(lang.Who(s.Who), fmt.Sprintf("%d. %s", i+1, l.Read(s.Title)))
		}
	}
	for _, r := range d.Refusals {
		row(lang.ToolRefusal, r.Rule, l.Read(r.Text))
	}
	for _, r := range d.Reasons {
		row(lang.ToolBecause, r.Rule, l.Read(r.Text))
	}
	for _, way := range d.Detours {
		row(lang.ToolInstead, way.Rule, l.Say(lang.ToolInsteadOf, "factors", hands(l, pack, way.For), "text", l.Read(way.Text)))
	}
	for _, r := range rules {
		if !r.Holds {
			row(lang.ToolNotNow, r.Rule, fmt.Sprintf("%s (%s)", r.When, strings.Join(r.Facts, ", ")))
		}
	}
	if err := w.write(to); err != nil {
		return err
	}
	_, err := fmt.Fprintln(to, l.Say(lang.ToolExplained, "ms", fmt.Sprintf("%.3f", took)))
	return err
}

// span says a length of time: in English as Go writes it, which scripts may read.
func span(l lang.Lang, d time.Duration) string {
	if l == lang.EN || d == 0 {
		return d.String()
	}
	return l.Span(d)
}

// inMS writes milliseconds.
func inMS(took float64) string { return strconv.FormatFloat(took, 'f', 1, 64) }

// inPlace says what must be in place before anything is removed.
func inPlace(l lang.Lang, d jieling.Decision) string {
	var parts []string
	if d.NeedPhone {
		parts = append(parts, l.Say(lang.ToolPhone))
	} else if d.Replacement {
		parts = append(parts, l.Say(lang.ToolWayIn))
	}
	if d.Backup {
		parts = append(parts, l.Say(lang.ToolBackup))
	}
	if parts == nil {
		return l.Say(lang.ToolNothing)
	}
	return listed(l, parts)
}

// listed joins what stands in a row.
func listed(l lang.Lang, parts []string) string {
	if l == lang.EN {
		return strings.Join(parts, ", ")
	}
	return strings.Join(parts, "，")
}
