package ui

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
)

// A picture is never the only one to say something: it has a title and a description, and its words are on the page as text too.
func TestEveryPictureIsSaidInWords(t *testing.T) {
	everyPage(t, func(t *testing.T, doc *html.Node, _ string, _ lang.Lang) {
		for _, svg := range elements(doc, named("svg")) {
			if attr(svg, "aria-hidden") == "true" || attr(svg, "aria-label") != "" {
				continue
			}
			for _, id := range strings.Fields(attr(svg, "aria-labelledby")) {
				said := elements(doc, func(n *html.Node) bool { return attr(n, "id") == id })
				if len(said) != 1 || text(said[0]) == "" {
					t.Errorf("a picture is labelled by %q, which says nothing", id)
				}
			}
			if attr(svg, "role") != "img" || attr(svg, "aria-labelledby") == "" {
				t.Errorf("a picture says nothing: %v", svg.Attr)
			}
		}
	})
}

// I6: in the picture too, what nobody answered for is neither lost nor kept.
func TestI6_UnknownIsDrawnAsUnknown(t *testing.T) {
	p := samplePage(lang.EN)
	all := []jieling.Dependent{{Change: jieling.Lost, Unknown: true}, {Change: jieling.Lost}, {Change: jieling.Kept}, {Change: jieling.Changed}}
	var kinds []string
	for _, s := range p.things(all, true) {
		kinds = append(kinds, s.Kind)
	}
	if want := []string{"lost", "changed", "kept", "unknown"}; !slices.Equal(kinds, want) {
		t.Errorf("drawn as %v, want %v", kinds, want)
	}
}

// Whatever is drawn stays inside the drawing, no box covers another or the account, and no line is wider than its box.
func TestNothingIsDrawnOutsideOrOnTop(t *testing.T) {
	spots := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) spot {
		return spot{Title: rapid.StringOfN(rapid.RuneFrom([]rune("登录方式QQ abcW。")), 1, 40, -1).Draw(t, "title"), Under: rapid.StringMatching(`[0-9*]{0,30}`).Draw(t, "under"), Kind: "way"}
	}), 0, 12)
	rapid.Check(t, func(t *rapid.T) {
		d := lay(spots.Draw(t, "left"), spots.Draw(t, "right"), rapid.Bool().Draw(t, "care"))
		for i, b := range d.Boxes {
			if b.X < 0 || b.Y < 0 || b.X+b.W > d.W || b.Y+b.H > d.H {
				t.Fatalf("%+v lies outside of %d × %d", b, d.W, d.H)
			}
			if b.X < d.HubX+d.Reach && b.X+b.W > d.HubX-d.Reach {
				t.Fatalf("%+v covers the account", b)
			}
			for _, other := range d.Boxes[:i] {
				if other.X == b.X && other.Y+other.H > b.Y {
					t.Fatalf("%+v covers %+v", b, other)
				}
			}
			for _, line := range b.Lines {
				if breadth(line) > d.lines || len(b.Lines) > 2 {
					t.Fatalf("%q is wider than %d, or one of too many", line, d.lines)
				}
			}
		}
	})
}

func TestWhatDoesNotFitIsCounted(t *testing.T) {
	d := lay(nil, make([]spot, 9), false)
	if len(d.Boxes) != mapMost || d.Boxes[mapMost-1].Title != "+4" {
		t.Errorf("%d boxes, the last is %q; want %d and +4", len(d.Boxes), d.Boxes[len(d.Boxes)-1].Title, mapMost)
	}
}

// What happens in the machine room is not a line of a person's history.
func TestAHistoryHasWhatMeansSomethingToAPerson(t *testing.T) {
	var kinds []string
	for _, h := range Happenings(sampleHistory(), "") {
		kinds = append(kinds, h.Kind)
	}
	for _, never := range []string{"described", "leg_reported", "probed"} {
		if slices.Contains(kinds, never) {
			t.Errorf("%s is told", never)
		}
	}
	if len(kinds) != 16 {
		t.Errorf("told of %v", kinds)
	}
}

// A case that lost its proofs because others were signed out was not frozen, and is not said to have been.
func TestAFreshStartIsNoFreeze(t *testing.T) {
	at := func(kind string, later time.Duration) jieling.Event {
		return jieling.Event{Kind: kind, At: noon.Add(later), Stage: jieling.StageOpen}
	}
	for _, tt := range []struct {
		thawed time.Duration
		want   []lang.Sentence
	}{
		{0, []lang.Sentence{lang.EventOpened, lang.EventRestarted}},
		{time.Hour, []lang.Sentence{lang.EventOpened, lang.EventFrozen, lang.EventThawed}},
	} {
		var got []lang.Sentence
		for _, h := range Happenings([]jieling.Event{at("opened", -time.Hour), at("frozen", 0), at("thawed", tt.thawed)}, "") {
			got = append(got, h.Said)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("let go on after %v: %q", tt.thawed, got)
		}
	}
}

var asset = regexp.MustCompile(`/assets/[a-z]+\.[0-9a-f]+\.[a-z]+`)

// The first view, page and all it loads, is at most 60 KB compressed, of which scripts are at most 20.
func TestTheFirstViewIsLight(t *testing.T) {
	everyPage(t, func(t *testing.T, _ *html.Node, page string, _ lang.Lang) {
		all, scripts := packed(t, []byte(page)), 0
		refs := asset.FindAllString(page, -1)
		slices.Sort(refs)
		for _, ref := range slices.Compact(refs) {
			n := packed(t, assets.served[ref])
			all += n
			if strings.HasSuffix(ref, ".js") {
				scripts += n
			}
		}
		if all > 60<<10 || scripts > 20<<10 || len(refs) < 3 {
			t.Errorf("%d bytes, of them %d of scripts, %d files", all, scripts, len(refs))
		}
	})
}

func packed(t *testing.T, b []byte) int {
	t.Helper()
	out, err := pack(b)
	if err != nil {
		t.Fatal(err)
	}
	return len(out)
}

// A browser that unpacks is sent less, and gets the same.
func TestAssetsArePackedForWhoeverUnpacks(t *testing.T) {
	path := assets.Path("page.css")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	r.Header.Set("Accept-Encoding", "br, gzip")
	w := httptest.NewRecorder()
	assets.ServeHTTP(w, r)
	if w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Vary") != "Accept-Encoding" || w.Body.Len() >= len(assets.served[path]) {
		t.Fatalf("%v, %d bytes", w.Header(), w.Body.Len())
	}
	unpacked, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := io.ReadAll(unpacked); err != nil || !bytes.Equal(same, assets.served[path]) {
		t.Errorf("not the same, %v", err)
	}
}

// Remarks in a style sheet are for its readers: browsers are sent every rule and none of them.
func TestStylesAreSentWithoutRemarks(t *testing.T) {
	a := LoadAssets()
	for _, name := range []string{"page.css", "tokens.css"} {
		written, err := assetFiles.ReadFile("asset/" + name)
		if err != nil {
			t.Fatal(err)
		}
		sent := a.served[a.Path(name)]
		if !bytes.Contains(written, []byte("/*")) || bytes.Contains(sent, []byte("/*")) || bytes.Contains(sent, []byte("\n ")) {
			t.Errorf("%s is sent with what is for its readers", name)
		}
		for _, mark := range []string{"{", "}", ";", ":", "var(", "@media", "content:"} {
			if n := bytes.Count(remarks.ReplaceAll(written, nil), []byte(mark)); n != bytes.Count(sent, []byte(mark)) {
				t.Errorf("%s: %d × %s are written and %d sent", name, n, mark, bytes.Count(sent, []byte(mark)))
			}
		}
	}
}
