package aftercare_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
)

var now = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// healthy is an account nothing is to be said about.
func healthy() aftercare.Facts {
	return aftercare.Facts{
		Account: jieling.Account{WaysIn: 2, Settings: jieling.Settings{DeviceLock: true, ReviewedAt: now}},
		Bindings: []jieling.Binding{
			{ID: "bnd_qq", Provider: jieling.QQ, State: jieling.BindingActive, VerifiedAt: now},
			{ID: "bnd_ph", Provider: jieling.Phone, State: jieling.BindingActive, VerifiedAt: now.Add(-aftercare.Stale)},
		},
		Enrolments: []jieling.Enrolment{{Factor: jieling.PaymentPIN}},
		Devices:    []jieling.Device{{ID: "dev_1", Trusted: true, LastSeen: now.Add(-aftercare.Quarter)}},
		Cases:      []jieling.Case{{ID: "case_0"}}, // nothing is removed yet
		SignIns:    []aftercare.SignIn{{Device: "dev_1"}, {Here: true}},
		Switches:   []jieling.Switch{{Kind: jieling.SwitchBiometric, On: true, SaferOn: true}, {Kind: jieling.SwitchFindMe}, {Kind: jieling.SwitchPasswordFree}},
		Heard:      true,
		Now:        now,
	}
}

func findings(c aftercare.CheckUp) (out []aftercare.Finding) {
	for _, card := range c.Cards {
		out = append(out, card.Finding)
	}
	return out
}

func TestH7_EachFindingAndNothingElse(t *testing.T) {
	c := aftercare.Check(healthy())
	if c.Verdict != aftercare.Good || len(c.Cards) != 0 || !slices.Equal(c.Unchecked, []aftercare.Unchecked{aftercare.Dependents}) {
		t.Fatalf("a healthy account: %+v", c)
	}
	left := jieling.Residue{ID: "r", FoundAt: now}
	for _, tt := range []struct {
		spoil   func(*aftercare.Facts)
		finding aftercare.Finding
		verdict aftercare.Verdict
		count   int
	}{
		{func(f *aftercare.Facts) { f.Account.Frozen = true }, aftercare.Frozen, aftercare.Urgent, 1},
		{func(f *aftercare.Facts) { f.Bindings = nil }, aftercare.NoWayIn, aftercare.Urgent, 1},
		{func(f *aftercare.Facts) { f.SignIns = []aftercare.SignIn{{}, {Device: "dev_gone"}, {Here: true}} }, aftercare.UnknownSignIn, aftercare.Urgent, 2},
		{func(f *aftercare.Facts) {
			f.Bindings[1].SIM, f.Bindings[1].SIMAt = jieling.SIMSwapped, now.Add(time.Second-jieling.SIMSwapFor)
		}, aftercare.SIMSwapped, aftercare.Urgent, 1},
		{func(f *aftercare.Facts) { f.Bindings[1].State = jieling.BindingPending }, aftercare.OneWayIn, aftercare.Advised, 1},
		{func(f *aftercare.Facts) { f.Bindings[1].Provider = jieling.QQ }, aftercare.OneWayIn, aftercare.Advised, 1},
		{func(f *aftercare.Facts) {
			f.Cases = []jieling.Case{{ID: "case_1", Residues: []jieling.Residue{left, left, {ClearedAt: now}}}}
		}, aftercare.ResidueStands, aftercare.Advised, 2},
		{func(f *aftercare.Facts) { f.Cases = []jieling.Case{{Upstream: jieling.UpstreamUserAction}} }, aftercare.GrantStands, aftercare.Advised, 1},
		{func(f *aftercare.Facts) { f.Devices[0].Trusted = false }, aftercare.NoStrongFactor, aftercare.Advised, 1},
		{func(f *aftercare.Facts) { f.Now = now.Add(time.Second); f.Devices[0].LastSeen = now }, aftercare.PhoneStale, aftercare.Advised, 1},
		{func(f *aftercare.Facts) {
			f.Bindings = append(f.Bindings, jieling.Binding{ID: "bnd_wx", Provider: jieling.WeChat, State: jieling.BindingSuspended})
		}, aftercare.WaySuspended, aftercare.Advised, 1},
		{func(f *aftercare.Facts) { f.Devices[0].LastSeen = now.Add(-aftercare.Quarter - time.Second) }, aftercare.DeviceUnused, aftercare.Advised, 1},
		{func(f *aftercare.Facts) { f.Account.Settings.DeviceLock = false }, aftercare.LockOff, aftercare.Advised, 1},
		{func(f *aftercare.Facts) { f.Switches[1].On = true }, aftercare.FoundByNumber, aftercare.Advised, 1},
		{func(f *aftercare.Facts) { f.Switches[2].On = true; f.Switches = append(f.Switches, f.Switches[2]) }, aftercare.PasswordFree, aftercare.Advised, 2},
		{func(f *aftercare.Facts) { f.Switches[0].On = false }, aftercare.NoBiometric, aftercare.Advised, 1},
		{func(f *aftercare.Facts) { f.Account.Settings.ReviewedAt = now.Add(-aftercare.Quarter - time.Second) }, aftercare.ReviewDue, aftercare.Advised, 1},
		{func(f *aftercare.Facts) {
			f.Account.Settings.ReviewedAt, f.Devices[0].CreatedAt = time.Time{}, now.Add(-aftercare.Quarter-time.Second)
		}, aftercare.ReviewDue, aftercare.Advised, 1},
		{func(f *aftercare.Facts) { f.Account.Kind = jieling.Merchant }, aftercare.ListOff, aftercare.Advised, 1},
	} {
		f := healthy()
		tt.spoil(&f)
		c := aftercare.Check(f)
		if got := findings(c); !slices.Equal(got, []aftercare.Finding{tt.finding}) || c.Verdict != tt.verdict || c.Cards[0].Count != tt.count {
			t.Errorf("%s: found %v (%+v), verdict %s", tt.finding, got, c.Cards, c.Verdict)
		}
	}
}

// Where everything is wrong the cards come in the order of the findings, each names what it is about, and those left out are counted.
func TestH7_TheWorstAccount(t *testing.T) {
	f := healthy()
	f.Account.Frozen = true
	f.SignIns = []aftercare.SignIn{{Device: "dev_gone"}}
	f.Bindings[0].State, f.Bindings[1].VerifiedAt = jieling.BindingSuspended, now.Add(-2*aftercare.Stale)
	f.Cases = []jieling.Case{{ID: "case_1", Binding: "bnd_old", Upstream: jieling.UpstreamUserAction, Residues: []jieling.Residue{{ID: "r", FoundAt: now}}}}
	f.Devices[0].Trusted, f.Devices[0].LastSeen = false, now.Add(-2*aftercare.Quarter)
	c := aftercare.Check(f)
	want := []aftercare.Card{
		{Finding: aftercare.Frozen, Verdict: aftercare.Urgent, Count: 1},
		{Finding: aftercare.UnknownSignIn, Verdict: aftercare.Urgent, Count: 1},
		{Finding: aftercare.OneWayIn, Verdict: aftercare.Advised, Binding: "bnd_ph", Count: 1},
		{Finding: aftercare.ResidueStands, Verdict: aftercare.Advised, Case: "case_1", Binding: "bnd_old", Count: 1},
		{Finding: aftercare.GrantStands, Verdict: aftercare.Advised, Case: "case_1", Binding: "bnd_old", Count: 1},
	}
	if !slices.Equal(c.Cards, want) || c.More != 4 || c.Verdict != aftercare.Urgent { // left out: strong factor, stale phone, suspended, unused
		t.Errorf("%s: %+v and %d more", c.Verdict, c.Cards, c.More)
	}
}

// A number that took a code lately is its owner's, however long ago it was bound, and also where nobody knows when that was.
func TestA4_ANumberInUseIsNotStale(t *testing.T) {
	for name, tt := range map[string]struct {
		bound, used time.Time
		stale       bool
	}{
		"bound long ago, used lately":       {now.Add(-3 * aftercare.Stale), now.Add(-aftercare.Stale), false},
		"bound long ago, used long ago":     {now.Add(-3 * aftercare.Stale), now.Add(-aftercare.Stale - time.Second), true},
		"bound lately, used before that":    {now, now.Add(-2 * aftercare.Stale), false},
		"nobody knows since when, and used": {time.Time{}, now, false},
	} {
		f := healthy()
		f.Bindings[1].VerifiedAt, f.Bindings[1].LastUsedAt = tt.bound, tt.used
		c := aftercare.Check(f)
		if got := slices.Equal(findings(c), []aftercare.Finding{aftercare.PhoneStale}); got != tt.stale || !got && len(c.Cards) > 0 {
			t.Errorf("%s: found %v", name, findings(c))
		}
		if slices.Contains(c.Unchecked, aftercare.PhoneAge) {
			t.Errorf("%s: its age is called unknown", name)
		}
	}
}

func TestH7_AFaceOrAnUnlockIsStrongEnough(t *testing.T) {
	for _, strong := range []jieling.Factor{jieling.Face, jieling.DeviceUnlock} {
		f := healthy()
		f.Devices[0].Trusted = false
		f.Enrolments = append(f.Enrolments, jieling.Enrolment{Factor: strong})
		if c := aftercare.Check(f); len(c.Cards) != 0 {
			t.Errorf("%s: %+v", strong, c.Cards)
		}
	}
}

func TestH7_WhatCouldNotBeCheckedIsNamed(t *testing.T) {
	f := healthy()
	f.Bindings[1].VerifiedAt, f.Devices[0].LastSeen = time.Time{}, time.Time{}
	f.Cases = []jieling.Case{{RemovedAt: now}}
	c := aftercare.Check(f)
	if want := []aftercare.Unchecked{aftercare.PhoneAge, aftercare.DeviceUse, aftercare.ProviderOf, aftercare.Dependents}; !slices.Equal(c.Unchecked, want) || len(c.Cards) != 0 {
		t.Errorf("unchecked are %v, found is %v", c.Unchecked, findings(c))
	}
}

// At most five cards, what is wrong now before what could be better; the verdict is that of the worst card, shown or not.
func TestH7_CardsComeByGain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := healthy()
		f.Account.Frozen = rapid.Bool().Draw(t, "frozen")
		f.Devices[0].Trusted = rapid.Bool().Draw(t, "trusted")
		for range rapid.IntRange(0, 4).Draw(t, "unused") {
			f.Devices = append(f.Devices, jieling.Device{ID: "dev_x", LastSeen: now.Add(-2 * aftercare.Quarter)})
		}
		for range rapid.IntRange(0, 3).Draw(t, "phones") {
			f.Bindings = append(f.Bindings, jieling.Binding{Provider: jieling.Phone, State: jieling.BindingActive, VerifiedAt: now.Add(-2 * aftercare.Stale)})
		}
		if rapid.Bool().Draw(t, "stranger") {
			f.SignIns = append(f.SignIns, aftercare.SignIn{Device: "dev_gone"})
		}
		c := aftercare.Check(f)
		urgent := slices.ContainsFunc(c.Cards, func(c aftercare.Card) bool { return c.Verdict == aftercare.Urgent })
		calm := slices.IndexFunc(c.Cards, func(c aftercare.Card) bool { return c.Verdict != aftercare.Urgent })
		switch {
		case len(c.Cards) > aftercare.MostCards, c.More > 0 && len(c.Cards) < aftercare.MostCards:
			t.Fatalf("%d cards and %d more", len(c.Cards), c.More)
		case (c.Verdict == aftercare.Good) != (len(c.Cards) == 0), (c.Verdict == aftercare.Urgent) != urgent:
			t.Fatalf("the verdict is %s on %+v", c.Verdict, c.Cards)
		case calm >= 0 && slices.ContainsFunc(c.Cards[calm:], func(c aftercare.Card) bool { return c.Verdict == aftercare.Urgent }):
			t.Fatalf("something urgent comes later: %+v", c.Cards)
		}
	})
}
