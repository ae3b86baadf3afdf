package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"cel.dev/cel-go/cel"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

// decideLine is how long one question to the shipped pack takes.
type decideLine struct {
	What        string  `json:"what"`
	Nanoseconds float64 `json:"nanoseconds"` // the median of the rounds
	Allocations float64 `json:"allocations"`
	Want        float64 `json:"want_nanoseconds,omitempty"` // T6
	Met         *bool   `json:"met,omitempty"`
}

// decide measures the policy by itself, in turns: the pack's tables, the same conditions evaluated by CEL each time, and the
// same rules written out in Go.
func (b benchCommand) decide(report *benchReport) error {
	pack, err := policy.Shipped("qq-wechat")
	if err != nil {
		return err
	}
	s := policy.Situation{
		Platform: jieling.IOS, Goal: jieling.Unlink, Provider: jieling.QQ, Reason: jieling.ReasonTheft, Kind: jieling.Personal, Region: "CN",
		Network: "public", Device: "new", Signals: map[string]string{"sim": "swapped", "place": "other"},
	}
	facts, err := pack.Facts(s)
	if err != nil {
		return err
	}
	evaluate, err := directCEL(pack.Explain(facts))
	if err != nil {
		return err
	}
	asked := []struct {
		line decideLine
		ask  func()
	}{
		{decideLine{What: "decide", Want: 100}, func() { keep(pack.Decide(facts)) }},
		{decideLine{What: "decide, from what the engine knows"}, func() { f, _ := pack.Facts(s); keep(pack.Decide(f)) }},
		{decideLine{What: "the same, CEL evaluated each time"}, evaluate},
		{decideLine{What: "the same, written in Go"}, func() { keep(byHand(&s)) }},
		{decideLine{What: "explain", Want: 10_000}, func() { runtime.KeepAlive(pack.Explain(facts)) }},
		{decideLine{What: "a whole plan, without asking anybody", Want: 10_000}, func() {
			f, _ := pack.Facts(s)
			runtime.KeepAlive(pack.Sheet(f))
			runtime.KeepAlive(pack.Compare(f))
			runtime.KeepAlive(pack.Replacements(s.Kind))
		}},
	}
	took := make([][]float64, len(asked))
	for range b.Rounds {
		for i, a := range asked {
			nanoseconds, allocations := stopwatch(a.ask, time.Duration(b.Seconds*float64(time.Second))/10)
			took[i], asked[i].line.Allocations = append(took[i], nanoseconds), allocations
		}
	}
	for i, a := range asked {
		a.line.Nanoseconds = median(took[i])
		if a.line.Want > 0 {
			met := a.line.Nanoseconds <= a.line.Want && (a.line.What != "decide" || a.line.Allocations == 0)
			a.line.Met = &met
		}
		report.Decide = append(report.Decide, a.line)
	}
	return nil
}

// keep lets the compiler believe that a decision is used.
//
//go:noinline
func keep(jieling.Decision) {}

// stopwatch does something over and over for a while: nanoseconds and allocations of one time.
func stopwatch(do func(), while time.Duration) (nanoseconds, allocations float64) {
	const batch = 256
	do()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n, start := 0, time.Now()
	for time.Since(start) < while {
		for range batch {
			do()
		}
		n += batch
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	// The clock and the collector allocate a little beside; one in a hundred is nobody's.
	allocations = float64(int64(100*float64(after.Mallocs-before.Mallocs)/float64(n))) / 100
	return float64(took.Nanoseconds()) / float64(n), allocations
}

// directCEL compiles the conditions that an explanation names, and evaluates all of them each time it is called.
func directCEL(rules []policy.Explanation) (func(), error) {
	values := map[string]any{}
	for _, r := range rules {
		for _, said := range r.Facts {
			name, value, _ := strings.Cut(said, "=")
			values[name] = value
			if name == "registered_through" || name == "last_way_in" {
				values[name] = value == "true"
			}
		}
	}
	var options []cel.EnvOption
	for name, value := range values {
		kind := cel.StringType
		if _, yesNo := value.(bool); yesNo {
			kind = cel.BoolType
		}
		options = append(options, cel.Variable(name, kind))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return nil, err
	}
	var programs []cel.Program
	for _, r := range rules {
		if r.When == "" {
			continue
		}
		checked, issues := env.Compile(r.When)
		if issues.Err() != nil {
			return nil, issues.Err()
		}
		program, err := env.Program(checked)
		if err != nil {
			return nil, err
		}
		programs = append(programs, program)
	}
	return func() {
		for _, p := range programs {
			if _, _, err := p.Eval(values); err != nil {
				panic(err)
			}
		}
	}, nil
}

// byHand is what a programmer would write instead of a pack: the same rules for the same requirement, without their texts.
func byHand(s *policy.Situation) (d jieling.Decision) {
	theft := s.Reason == jieling.ReasonTheft
	abnormal := s.Scenario == jieling.Abnormal || theft || s.Signals["travel"] == "impossible" || (s.Device == "new" && s.Network == "public")
	enterprise := s.Scenario == jieling.Enterprise || s.Reason == jieling.ReasonOrganisation || s.Kind == jieling.EnterpriseMember ||
		s.Provider == jieling.WeCom || s.Signals["managed"] == "true"
	recycled := s.Scenario == jieling.Recycled || s.Signals["holder"] == "changed"
	lately := s.Signals["sim"] == "swapped" || s.Signals["factor_change"] == "recent"
	face := lately || theft || recycled || s.Scenario == jieling.Stolen || s.Signals["provider_risk"] == "reported" ||
		s.Scenario == jieling.CrossBorder || s.Reason == jieling.ReasonAbroad || s.Region != "CN" && s.Region != "" ||
		s.Signals["place"] == "other" || s.Signals["integrity"] == "rooted" || s.Signals["number_age"] == "recent"
	asks := make([]jieling.Requirement, 0, 8)
	add := func(fs ...jieling.Factor) {
		for _, f := range fs {
			asks = append(asks, jieling.Need(f))
		}
	}
	switch s.Platform {
	case jieling.Android:
		add(jieling.PaymentPIN)
		if abnormal {
			add("document_review")
		}
		if enterprise {
			add("admin_approval", "enterprise_certification")
		}
	case jieling.IOS:
		asks = append(asks, eitherOnIOS)
		if abnormal {
			add("device_lock")
		}
		if enterprise {
			add("enterprise_certificate", "mdm")
		}
	case jieling.Web:
		add(jieling.SMSCode, jieling.QRApproval)
		if abnormal {
			add("account_freeze", "email_code")
		}
		if enterprise {
			d.Refusals = []jieling.Because{{Rule: "V3"}}
		}
	}
	if face || abnormal && s.Platform == jieling.IOS {
		add(jieling.Face)
	}
	if recycled && !(abnormal && s.Platform == jieling.Android) {
		add("document_review")
	}
	if lately || s.Goal == jieling.Replace {
		d.Wait = 24 * time.Hour
	}
	if s.Goal != jieling.Link {
		d.Replacement, d.NeedPhone, d.Backup, d.Guard = s.RegisteredThrough || s.LastWayIn, s.RegisteredThrough, true, 24*time.Hour
		if theft || s.Signals["provider_risk"] == "reported" {
			d.Guard = 72 * time.Hour
		}
	}
	d.Requirement = jieling.Requirement{All: asks}
	return d
}

var eitherOnIOS = jieling.AnyOf(
	jieling.AllOf(jieling.AnyOf(jieling.Need(jieling.Face), jieling.Need(jieling.DeviceUnlock)), jieling.Need(jieling.PaymentPIN)),
	jieling.AllOf(jieling.Need(jieling.SMSCode), jieling.Need(jieling.Face)))

func printDecide(out io.Writer, lines []decideLine) {
	for _, l := range lines {
		target := ""
		if l.Met != nil {
			target = fmt.Sprintf(" (T6 ≤ %.0f, %s)", l.Want, yes(*l.Met))
		}
		fmt.Fprintf(out, "\npolicy: %s: %.0f ns, %.2f allocations%s", l.What, l.Nanoseconds, l.Allocations, target)
	}
	if len(lines) > 0 {
		fmt.Fprintln(out)
	}
}
