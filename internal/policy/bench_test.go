package policy_test

import (
	"testing"

	"cel.dev/cel-go/cel"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

func BenchmarkDecide(b *testing.B) {
	p, s := qqWechat(b), unlinkQQ(jieling.IOS)
	f := facts(b, p, s)
	var d jieling.Decision
	b.Run("table", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			d = p.Decide(f)
		}
	})
	b.Run("table-from-situation", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, _ := p.Facts(s)
			d = p.Decide(f)
		}
	})
	b.Run("go", func(b *testing.B) {
		b.ReportAllocs()
		var scratch [16]jieling.Requirement
		for b.Loop() {
			d = byHand(&s, &scratch)
		}
	})
	b.Run("cel", func(b *testing.B) { benchmarkCEL(b, s) })
	_ = d
}

// benchmarkCEL evaluates the same conditions with CEL each time: one for each scenario and rule, without building anything.
func benchmarkCEL(b *testing.B, s policy.Situation) {
	names := []string{"declared", "reason", "account_kind", "provider", "goal", "platform"}
	var opts []cel.EnvOption
	for _, n := range names {
		opts = append(opts, cel.Variable(n, cel.StringType))
	}
	opts = append(opts, cel.Variable("registered_through", cel.BoolType), cel.Variable("last_way_in", cel.BoolType))
	env, err := cel.NewEnv(opts...)
	if err != nil {
		b.Fatal(err)
	}
	var programs []cel.Program
	for _, text := range []string{
		`declared == "abnormal" || reason == "theft"`,
		`declared == "enterprise" || reason == "organisation" || account_kind == "enterprise_member" || provider == "wecom"`,
		`registered_through && goal != "link"`, `last_way_in && goal != "link"`, `goal != "link"`,
		`platform == "android"`, `platform == "ios"`, `platform == "web"`,
	} {
		checked, issues := env.Compile(text)
		if issues.Err() != nil {
			b.Fatal(issues.Err())
		}
		program, err := env.Program(checked)
		if err != nil {
			b.Fatal(err)
		}
		programs = append(programs, program)
	}
	b.ReportAllocs()
	for b.Loop() {
		in := map[string]any{
			"declared": string(s.Scenario), "reason": string(s.Reason), "account_kind": string(s.Kind), "provider": string(s.Provider),
			"goal": string(s.Goal), "platform": string(s.Platform), "registered_through": s.RegisteredThrough, "last_way_in": s.LastWayIn,
		}
		for _, p := range programs {
			if _, _, err := p.Eval(in); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkSheet(b *testing.B) {
	p := qqWechat(b)
	f := facts(b, p, unlinkQQ(jieling.Web))
	b.ReportAllocs()
	for b.Loop() {
		if len(p.Sheet(f).Steps) == 0 || len(p.Compare(f)) == 0 {
			b.Fatal("no plan")
		}
	}
}

func BenchmarkExplain(b *testing.B) {
	p := qqWechat(b)
	f := facts(b, p, unlinkQQ(jieling.Web))
	b.ReportAllocs()
	for b.Loop() {
		if len(p.Explain(f)) == 0 {
			b.Fatal("nothing explained")
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		qqWechat(b)
	}
}
