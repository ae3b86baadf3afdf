package impact_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/impact"
)

var (
	payment = jieling.Dependent{
		ID: "I2", Rule: "I2", Module: "payment", Change: jieling.Changed, Title: jieling.Text{ZH: "支付", EN: "Payment"},
		Detail: jieling.Text{ZH: "不再相通。", EN: "They come apart."}, Remedy: jieling.Text{ZH: "重新绑卡。", EN: "Bind the cards again."},
	}
	friends = jieling.Dependent{ID: "D1", Rule: "D1", Module: "friends", Change: jieling.Kept, Title: jieling.Text{ZH: "好友", EN: "Friends"}}
	grants  = jieling.Dependent{
		ID: "D5", Rule: "D5", Module: "mini_program", Change: jieling.Lost, Irreversible: true, Backup: true,
		Title: jieling.Text{ZH: "授权", EN: "Authorisations"}, Remedy: jieling.Text{ZH: "重新授权。", EN: "Grant again."},
	}
	pack = []jieling.Dependent{friends, payment, grants}
)

func live(participant string, ds ...jieling.Dependent) impact.Answer {
	return impact.Answer{Participant: participant, Title: jieling.Text{ZH: participant, EN: participant}, Dependents: ds}
}

func keys(ds []jieling.Dependent) (out []string) {
	for _, d := range ds {
		out = append(out, d.Participant+"/"+d.ID)
	}
	return out
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestI6_SilentIsUnknown(t *testing.T) {
	wallet := impact.Answer{
		Participant: "qq_wallet", Title: jieling.Text{ZH: "QQ 钱包", EN: "QQ Wallet"}, Silent: true,
		Dependents: []jieling.Dependent{{ID: "stale"}},
	}
	got := impact.Merge(nil, []impact.Answer{wallet, live("games")})
	equal(t, "merged", got, []jieling.Dependent{{
		ID: "unknown", Participant: "qq_wallet", Title: jieling.Text{ZH: "QQ 钱包", EN: "QQ Wallet"}, Module: "other", Change: jieling.Unclear, Unknown: true,
	}})
}

// TestI6_EverySilenceIsTold draws answers: each silent participant is told as unknown exactly once, whatever else is said.
func TestI6_EverySilenceIsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var answers []impact.Answer
		want := map[string]bool{}
		for _, name := range []string{"a", "b", "c"} {
			silent := rapid.Bool().Draw(t, name)
			answers = append(answers, impact.Answer{Participant: name, Silent: silent, Dependents: drawDependents().Draw(t, "dependents")})
			want[name] = silent
		}
		merged := impact.Merge(pack, answers)
		for name, silent := range want {
			told := slices.ContainsFunc(merged, func(d jieling.Dependent) bool { return d.Unknown && d.Participant == name })
			if told != silent {
				t.Fatalf("%s: silent %v, told as unknown %v", name, silent, told)
			}
		}
		if !slices.IsSortedFunc(merged, func(a, b jieling.Dependent) int { return order(a) - order(b) }) {
			t.Fatalf("not lost, changed, unknown, kept: %v", keys(merged))
		}
	})
}

func drawDependents() *rapid.Generator[[]jieling.Dependent] {
	one := rapid.Custom(func(t *rapid.T) jieling.Dependent {
		return jieling.Dependent{
			ID:     rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "id"),
			Rule:   rapid.SampledFrom([]string{"", "I2", "D5"}).Draw(t, "rule"),
			Change: rapid.SampledFrom([]jieling.Change{jieling.Lost, jieling.Changed, jieling.Kept}).Draw(t, "change"),
		}
	})
	return rapid.SliceOfN(one, 0, 4)
}

func order(d jieling.Dependent) int {
	if d.Unknown {
		return 2
	}
	return map[jieling.Change]int{jieling.Lost: 0, jieling.Changed: 1, jieling.Kept: 3}[d.Change]
}

func TestMerge_Order(t *testing.T) {
	got := impact.Merge(pack, []impact.Answer{
		{Participant: "quiet", Silent: true},
		live("bank", jieling.Dependent{ID: "kept", Change: jieling.Kept}, jieling.Dependent{ID: "lost", Change: jieling.Lost}),
		live("shop", jieling.Dependent{ID: "odd", Change: "?"}, jieling.Dependent{ID: "changed", Change: jieling.Changed}),
	})
	equal(t, "order", keys(got), []string{"/D5", "bank/lost", "shop/odd", "/I2", "shop/changed", "quiet/unknown", "/D1", "bank/kept"})
}

func TestMerge_LiveStandsBesideThePack(t *testing.T) {
	auto := jieling.Dependent{ID: "auto", Module: "payment", Change: jieling.Lost, Title: jieling.Text{ZH: "自动扣款", EN: "Auto-payments"}, Count: 2}
	equal(t, "both", keys(impact.Merge([]jieling.Dependent{payment}, []impact.Answer{live("wallet", auto)})), []string{"wallet/auto", "/I2"})
}

func TestMerge_LiveTakesThePlaceOfTheRowItNames(t *testing.T) {
	byRule := []jieling.Dependent{{ID: "g1", Rule: "D5", Change: jieling.Lost}, {ID: "g2", Rule: "D5", Change: jieling.Lost}}
	byTitle := jieling.Dependent{ID: "p", Module: "payment", Title: payment.Title, Change: jieling.Lost, Detail: jieling.Text{ZH: "两笔", EN: "Two"}}
	got := impact.Merge(pack, []impact.Answer{live("grants", byRule...), live("wallet", byTitle)})
	equal(t, "rows", keys(got), []string{"grants/g1", "grants/g2", "wallet/p", "/D1"})
	equal(t, "completed", got[1], jieling.Dependent{
		ID: "g2", Participant: "grants", Rule: "D5", Change: jieling.Lost, Remedy: grants.Remedy, Irreversible: true, Backup: true,
	})
	equal(t, "its own words stay", got[2], jieling.Dependent{
		ID: "p", Participant: "wallet", Rule: "I2", Module: "payment", Title: payment.Title, Change: jieling.Lost,
		Detail: jieling.Text{ZH: "两笔", EN: "Two"}, Remedy: payment.Remedy,
	})
}

func TestMerge_Duplicates(t *testing.T) {
	x := jieling.Dependent{ID: "x", Change: jieling.Lost}
	got := impact.Merge(nil, []impact.Answer{live("a", x, x), live("b", x)})
	equal(t, "rows", keys(got), []string{"a/x", "b/x"})
}

func TestMerge_LeavesItsArgumentsAlone(t *testing.T) {
	rows := slices.Clone(pack)
	answers := []impact.Answer{live("grants", jieling.Dependent{ID: "g", Rule: "D5", Change: jieling.Lost})}
	impact.Merge(rows, answers)
	equal(t, "pack", rows, pack)
	equal(t, "live", answers[0].Dependents[0], jieling.Dependent{ID: "g", Rule: "D5", Change: jieling.Lost})
}

func binding(id jieling.BindingID, p jieling.Provider, s jieling.BindingState) jieling.Binding {
	return jieling.Binding{ID: id, Provider: p, State: s}
}

var offered = []jieling.Replacement{
	{Rule: "A1", Provider: jieling.Phone, Note: jieling.Text{ZH: "二次放号", EN: "recycled"}},
	{Rule: "A2", Provider: jieling.Email},
	{Rule: "A3", Provider: jieling.WeCom},
}

func ranked(bs ...jieling.Binding) (out []string) {
	for _, r := range impact.Rank(offered, bs, "leaving") {
		mark := ""
		if r.Have {
			mark = "+"
		}
		out = append(out, r.Rule+mark)
	}
	return out
}

func TestA4_PhoneStaysFirst(t *testing.T) {
	equal(t, "has the last", ranked(binding("w", jieling.WeCom, jieling.BindingActive)), []string{"A1", "A3+", "A2"})
	if r := impact.Rank(offered, nil, "")[0]; r.Note.ZH == "" {
		t.Error("the warning is lost")
	}
	if offered[2].Have {
		t.Error("the pack's rows were changed")
	}
}

func TestA7_RankedForThisAccount(t *testing.T) {
	for _, c := range []struct {
		name string
		has  []jieling.Binding
		want []string
	}{
		{"nothing", nil, []string{"A1", "A2", "A3"}},
		{"phone", []jieling.Binding{binding("p", jieling.Phone, jieling.BindingActive)}, []string{"A1+", "A2", "A3"}},
		{"unproven", []jieling.Binding{binding("w", jieling.WeCom, jieling.BindingPending)}, []string{"A1", "A2", "A3"}},
		{"the one that leaves", []jieling.Binding{binding("leaving", jieling.Phone, jieling.BindingActive)}, []string{"A1", "A2", "A3"}},
		{
			"another of its kind",
			[]jieling.Binding{binding("leaving", jieling.Email, jieling.BindingActive), binding("e", jieling.Email, jieling.BindingActive)},
			[]string{"A1", "A2+", "A3"},
		},
	} {
		equal(t, c.name, ranked(c.has...), c.want)
	}
	if got := impact.Rank(nil, nil, ""); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// What saves the account from more goes before what saves it from less; the first row stays first (A4), and what the account
// has already needs no saying.
func TestA7_WhatSavesMoreGoesFirst(t *testing.T) {
	rows := slices.Clone(offered)
	rows[0].Saves = []jieling.Because{{Rule: "mail_lost"}}
	rows[1].Opens = []jieling.Because{{Rule: "mail_breach"}}
	rows[2].Saves = []jieling.Because{{Rule: "phone_lost"}, {Rule: "number_lost"}}
	order := func(bs ...jieling.Binding) (out []string) {
		for _, r := range impact.Rank(rows, bs, "leaving") {
			out = append(out, fmt.Sprintf("%s -%d +%d", r.Rule, len(r.Saves), len(r.Opens)))
		}
		return out
	}
	equal(t, "has none", order(), []string{"A1 -1 +0", "A3 -2 +0", "A2 -0 +1"})
	equal(t, "has the mailbox", order(binding("e", jieling.Email, jieling.BindingActive)), []string{"A1 -1 +0", "A2 -0 +0", "A3 -2 +0"})
	if len(rows[1].Opens) != 1 {
		t.Error("the rows were changed")
	}
}

func TestD4_Sufficient(t *testing.T) {
	qq := binding("leaving", jieling.QQ, jieling.BindingActive)
	phone, wechat := binding("p", jieling.Phone, jieling.BindingActive), binding("w", jieling.WeChat, jieling.BindingActive)
	suspended, pending := binding("s", jieling.Phone, jieling.BindingSuspended), binding("q", jieling.Phone, jieling.BindingPending)
	plain, another := jieling.Decision{}, jieling.Decision{Replacement: true}
	withPhone := jieling.Decision{Replacement: true, NeedPhone: true}
	for _, c := range []struct {
		name    string
		d       jieling.Decision
		has     []jieling.Binding
		missing impact.Gap
	}{
		{"nothing asked", plain, []jieling.Binding{qq}, impact.NoGap},
		{"only the one that leaves", another, []jieling.Binding{qq}, impact.NoWayIn},
		{"another way in", another, []jieling.Binding{qq, wechat}, impact.NoGap},
		{"suspended and pending are no ways in", another, []jieling.Binding{qq, suspended, pending}, impact.NoWayIn},
		{"a way in, no phone", withPhone, []jieling.Binding{qq, wechat}, impact.PhoneGap},
		{"nothing at all", withPhone, []jieling.Binding{qq}, impact.PhoneGap},
		{"an unproven phone", withPhone, []jieling.Binding{qq, wechat, pending}, impact.PhoneGap},
		{"a phone is both", withPhone, []jieling.Binding{qq, phone}, impact.NoGap},
		{"the phone leaves", withPhone, []jieling.Binding{binding("leaving", jieling.Phone, jieling.BindingActive), wechat}, impact.PhoneGap},
	} {
		ok, missing := impact.Sufficient(c.d, c.has, "leaving")
		if ok != (c.missing == impact.NoGap) || missing != c.missing {
			t.Errorf("%s: %v, %q; want %q", c.name, ok, missing, c.missing)
		}
	}
}
