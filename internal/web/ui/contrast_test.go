package ui

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// WCAG 2.2, 1.4.3 and 1.4.11: text 4.5:1, edges of controls and the focus ring 3:1, in both schemes.
func TestContrast(t *testing.T) {
	css, err := assetFiles.ReadFile("asset/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	palettes := palettesOf(string(css))
	if len(palettes) != 4 {
		t.Fatalf("%d palettes, want light and dark, each plain and in care mode", len(palettes))
	}
	pairs := []struct {
		ink, ground string
		least       float64
	}{
		{"ink", "page", 4.5},
		{"ink", "card", 4.5},
		{"soft", "page", 4.5},
		{"soft", "card", 4.5},
		{"link", "page", 4.5},
		{"link", "card", 4.5},
		{"danger", "page", 4.5},
		{"danger", "card", 4.5},
		{"on-primary", "primary", 4.5},
		{"on-good", "good-ground", 4.5},
		{"on-good", "page", 4.5},
		{"on-warn", "warn-ground", 4.5},
		{"on-warn", "page", 4.5},
		{"on-bad", "bad-ground", 4.5},
		{"on-bad", "page", 4.5},
		{"on-tag", "tag-ground", 4.5},
		{"edge", "page", 3},
		{"edge", "card", 3},
		{"focus", "page", 3},
		{"focus", "card", 3},
		{"primary", "card", 3},
		{"primary", "tag-ground", 3},
		{"ink", "page", 7},
		{"brass", "page", 3},
		{"on-good", "card", 4.5},
		{"on-warn", "card", 4.5},
		{"on-bad", "card", 4.5},
	}
	for name, scheme := range palettes {
		for _, p := range pairs {
			if got := contrast(scheme[p.ink], scheme[p.ground]); got < p.least {
				t.Errorf("%s: --%s on --%s is %.2f, want %.1f", name, p.ink, p.ground, got, p.least)
			}
		}
	}
}

// palettesOf reads the palettes in the order of the file, and lays them over one another as a browser does.
func palettesOf(css string) map[string]map[string]float64 {
	out := map[string]map[string]float64{}
	var plain, care map[string]float64
	names := []string{"light", "light, care", "dark", "dark, care"}
	for i, block := range regexp.MustCompile(`:root(?:\.care)? \{[^}]*\}`).FindAllString(css, -1) {
		own := luminances(block)
		if i == 0 {
			plain = own
		}
		whole := maps.Clone(plain)
		if i == 3 { // :root.care wins over :root, wherever that stands
			maps.Copy(whole, care)
		}
		maps.Copy(whole, own)
		out[names[i]] = whole
		switch i {
		case 1:
			care = own
		case 2:
			plain = whole
		}
	}
	return out
}

var colour = regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`)

// luminances reads the relative luminance of every colour (WCAG 2.2).
func luminances(css string) map[string]float64 {
	out := map[string]float64{}
	for _, m := range colour.FindAllStringSubmatch(css, -1) {
		l := 0.0
		for i, weight := range [...]float64{0.2126, 0.7152, 0.0722} {
			n, _ := strconv.ParseUint(m[2][2*i:2*i+2], 16, 8)
			c := float64(n) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			l += weight * c
		}
		out[m[1]] = l
	}
	return out
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

// pair is an ink on a ground, and the contrast it needs.
type pair struct {
	ink, ground string
	least       float64
}

var (
	rule   = regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`)
	inkOf  = regexp.MustCompile(`(?:^|[;\s])color: var\(--([a-z-]+)\)`)
	lineOf = regexp.MustCompile(`(?:border(?:-(?:block|inline)(?:-start|-end)?)?(?:-color)?|outline|stroke|fill|accent-color|box-shadow):[^;]*var\(--([a-z-]+)\)`)
	lies   = regexp.MustCompile(`background: var\(--([a-z-]+)\)`)
	drawn  = regexp.MustCompile(`\.(sign|glyph)\b`)
)

// pairsOf reads from a stylesheet what stands on what. A rule that sets both is a pair. Letters without a ground of their own stand on
// the page or a card; so do lines, which need 3 to 1 (WCAG 2.2, 1.4.11) unless they only part one thing from the next; a ground that
// sets no ink carries the ordinary ones.
func pairsOf(css string) (pairs []pair) {
	for _, r := range rule.FindAllStringSubmatch(css, -1) {
		ink, ground := inkOf.FindStringSubmatch(r[2]), lies.FindStringSubmatch(r[2])
		least := 4.5
		if drawn.MatchString(r[1]) {
			least = 3
		}
		switch {
		case ink != nil && ground != nil:
			pairs = append(pairs, pair{ink[1], ground[1], least})
		case ink != nil:
			pairs = append(pairs, pair{ink[1], "page", least}, pair{ink[1], "card", least})
		case ground != nil && ground[1] != "line":
			pairs = append(pairs, pair{"ink", ground[1], 4.5}, pair{"soft", ground[1], 4.5}, pair{"link", ground[1], 4.5})
		}
		for _, line := range lineOf.FindAllStringSubmatch(r[2], -1) {
			if !slices.Contains([]string{"line", "hair", "stroke", "card", "paper", "ink-code", "on-primary"}, line[1]) {
				pairs = append(pairs, pair{line[1], "page", 3}, pair{line[1], "card", 3})
			}
		}
	}
	return pairs
}

// TestEveryPairOfColoursContrasts computes every pair that page.css makes of the tokens, in every palette.
func TestEveryPairOfColoursContrasts(t *testing.T) {
	tokens, err := assetFiles.ReadFile("asset/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	css, err := assetFiles.ReadFile("asset/page.css")
	if err != nil {
		t.Fatal(err)
	}
	pairs := pairsOf(string(css))
	if len(pairs) < 60 {
		t.Fatalf("only %d pairs were read", len(pairs))
	}
	for name, palette := range palettesOf(string(tokens)) {
		for _, p := range pairs {
			ink, known := palette[p.ink]
			ground, too := palette[p.ground]
			if !known || !too {
				t.Errorf("%s: no colour is --%s, or --%s", name, p.ink, p.ground)
			} else if got := contrast(ink, ground); got < p.least {
				t.Errorf("%s: --%s on --%s is %.2f, want %.1f", name, p.ink, p.ground, got, p.least)
			}
		}
	}
}
