package ui

import (
	"strings"
	"testing"
	"unicode"

	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/policy"
)

// Whatever the service measures, and whatever a shipped pack looks at, has words in both languages: the fact and each of its levels.
func TestEveryFactHasWords(t *testing.T) {
	han := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	said := func(pack *policy.Pack, fact, value string) {
		t.Helper()
		for _, l := range lang.Langs {
			p := Page{Lang: l}
			words := strings.TrimSuffix(p.fact(pack, fact+"="+value), "iOS") // which is a name
			own := fact == "provider"                                        // names of products
			if lang.Fact(fact) == "" || strings.Contains(words, "_") || l == lang.ZH && strings.ContainsFunc(words, unicode.IsLower) && !own || l == lang.EN && strings.ContainsFunc(words, han) {
				t.Errorf("%s=%s is said as %q in %s", fact, value, words, l)
			}
		}
	}
	for _, name := range policy.ShippedNames() {
		pack, err := policy.Shipped(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range pack.Levels() {
			for _, value := range f.Values {
				said(pack, f.Name, value)
			}
		}
		for _, s := range policy.Signals {
			for _, level := range s.Levels {
				said(pack, s.Name, level)
			}
		}
	}
}
