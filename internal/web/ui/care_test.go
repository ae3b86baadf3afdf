package ui

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/jieling-id/jieling/internal/lang"
)

// Care mode is a class on the page, wider maps, and a switch that leads back; every word and every element is the same. What holds
// of the elements of a page holds in care mode too, and need not be looked at twice.
func TestCareModeIsTheSamePage(t *testing.T) {
	for _, s := range samples() {
		if strings.HasSuffix(s.name, "-care") {
			continue // it is in care mode whatever it is asked for
		}
		for _, l := range lang.Langs {
			plain, care := bones(t, s, l, false), bones(t, s, l, true)
			if plain == care {
				continue
			}
			a, b := strings.Split(plain, "\n"), strings.Split(care, "\n")
			i := slices.IndexFunc(a, func(line string) bool { return len(b) == 0 || !slices.Contains(b, line) })
			t.Errorf("%s, %s: care mode is another page; first at line %d:\n%s", s.name, l, i, a[max(i, 0)])
		}
	}
}

// bones is a page without what care mode may change: an element or a text to a line.
func bones(t *testing.T, s sample, l lang.Lang, care bool) string {
	t.Helper()
	p := samplePage(l)
	p.Care = care
	var out strings.Builder
	if err := s.page(p).Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	doc, err := html.ParseWithOptions(strings.NewReader(out.String()), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		switch {
		case attr(n, "id") == "nav-care", n.Parent != nil && attr(n.Parent, "id") == "nav-care", n.Data == "svg" && attr(n, "class") == "map", under(n, "svg"):
		case n.Type == html.ElementNode && n.Data == "html":
			if (attr(n, "class") == "care") != care {
				t.Errorf("%s: care mode %v has the class %q", s.name, care, attr(n, "class"))
			}
		case n.Type == html.ElementNode:
			b.WriteString(n.Data)
			for _, a := range n.Attr {
				b.WriteString(" " + a.Key + "=" + a.Val)
			}
			b.WriteString("\n")
		case n.Type == html.TextNode:
			b.WriteString(n.Data + "\n")
		}
	}
	return b.String()
}

// A page has the colours of its palette at every width: only distances and the order of things follow the width.
func TestNoWidthChangesAColour(t *testing.T) {
	css, err := assetFiles.ReadFile("asset/page.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s)@media \((?:min|max)-width[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}`).FindAllString(string(css), -1)
	if len(blocks) < 4 {
		t.Fatalf("only %d rules about widths were found", len(blocks))
	}
	for _, block := range blocks {
		if colour := regexp.MustCompile(`(?:color|background|fill|stroke|opacity)\s*:`).FindString(block); colour != "" {
			t.Errorf("a width sets %q:\n%s", colour, block)
		}
	}
}
