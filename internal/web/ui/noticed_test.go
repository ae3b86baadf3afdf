package ui

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/lang"
)

// TestV5_WhatWasNoticedIsSaid reads the section in both languages, before a case is begun and while it is decided: the riskiest
// first, what is not known by that name, what is as usual folded; each with its sentence, a mark and a word, and what was measured
// with its source and how far that is trusted.
func TestV5_WhatWasNoticedIsSaid(t *testing.T) {
	order := []string{"place", "sim", "provider_risk", "network", "travel", "holder", "device", "integrity", "number_age", "factor_change"}
	for _, l := range lang.Langs {
		for _, page := range []string{"unlink", "case-verify", "case-confirm"} {
			part := withID(rendered(t, page, l), "noticed")
			if part == nil || part.Data != "details" || !has(part, "open") {
				t.Fatalf("%s, %s: what stands out does not stand open", page, l)
			}
			var told []string
			for _, row := range elements(part, func(n *html.Node) bool { return has(n, "data-signal") }) {
				name := attr(row, "data-signal")
				told = append(told, name)
				s := sampleSignals()[slices.IndexFunc(sampleSignals(), func(s jieling.Signal) bool { return s.Name == name })]
				said := text(row)
				for _, want := range []string{l.Say(lang.Signal(name)), l.Read(s.Why), l.Say(bears(s).word())} {
					if !strings.Contains(said, want) {
						t.Errorf("%s, %s: of %s is said %q, without %q", page, l, name, said, want)
					}
				}
				from := l.Say(lang.NoticedFrom, "source", l.Say(lang.Source(s.Source)), "trust", l.Say(lang.Trust(s.Trust)))
				if measured := s.Source != ""; strings.Contains(said, from) != measured {
					t.Errorf("%s, %s: of %s is said %q; measured: %v", page, l, name, said, measured)
				}
				if len(elements(row, named("svg"))) != 1 {
					t.Errorf("%s, %s: %s is told by colour alone", page, l, name)
				}
				if folded := row.Parent.Parent != part; folded != (bears(s) == low) {
					t.Errorf("%s, %s: %s is folded: %v", page, l, name, folded)
				}
			}
			if !slices.Equal(told, order) {
				t.Errorf("%s, %s: told in the order %v", page, l, told)
			}
		}
	}
}

// What was looked for and not found is not known, as what was never asked; a network nobody saw before is known to be such.
func TestV5_ALevelIsReadInItsPlace(t *testing.T) {
	for _, tt := range []struct {
		s    jieling.Signal
		want weight
	}{
		{jieling.Signal{Name: "device", Level: "new"}, unknown},
		{jieling.Signal{Name: "device", Level: "new", Source: "devices"}, high},
		{jieling.Signal{Name: "device", Level: "known", Source: "devices"}, middle},
		{jieling.Signal{Name: "place", Level: "unknown", Source: "geoip"}, unknown},
		{jieling.Signal{Name: "network", Level: "unknown", Source: "sign_ins"}, middle},
		{jieling.Signal{Name: "integrity", Level: "unattested"}, unknown},
		{jieling.Signal{Name: "integrity", Level: "unattested", Source: "webauthn"}, middle},
		{jieling.Signal{Name: "factor_change", Level: "none", Source: "factors"}, low},
		{jieling.Signal{Name: "mood", Level: "low", Source: "caller"}, unknown},
	} {
		if got := bears(tt.s); got != tt.want {
			t.Errorf("%+v bears %d, want %d", tt.s, got, tt.want)
		}
	}
}

// Where nothing stands out the section is closed and says so, and a case that has ended has none.
func TestNothingThatStandsOutStaysClosed(t *testing.T) {
	show := func(v CaseView) string {
		var out strings.Builder
		if err := Case(samplePage(lang.EN), v).Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	calm := show(sampleCase(casework.MoveVerify, func(v *CaseView) { v.Signals = v.Signals[3:4] }))
	if !strings.Contains(calm, `<details id="noticed" class="card">`) || !strings.Contains(calm, lang.EN.Say(lang.NoticedNothing)) {
		t.Error("it stands open, or does not say that nothing stands out")
	}
	if ended := show(sampleCase(casework.MoveEnded, func(v *CaseView) { v.Stage = jieling.StageCancelled })); strings.Contains(ended, `id="noticed"`) {
		t.Error("a case that has ended shows it")
	}
}
