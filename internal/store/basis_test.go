package store_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

func sample() jieling.Case {
	return jieling.Case{
		ID: "case_1", Account: "acc_1", Goal: jieling.Unlink, Stage: jieling.StageReady, Version: 3,
		Decision: jieling.Decision{
			Pack: "p@1", Requirement: jieling.AllOf(jieling.Need(jieling.SMSCode), jieling.AnyOf(jieling.Need(jieling.Face))),
			Reasons: []jieling.Because{{Rule: "V1", Text: jieling.Text{ZH: "因", EN: "because"}}},
		},
		Impact: []jieling.Dependent{{ID: "x", Module: "games", Title: jieling.Text{ZH: "游戏", EN: "Games"}, Change: jieling.Lost}},
	}
}

func encoded(t testing.TB, c jieling.Case) (body, basis []byte, mark store.Mark) {
	t.Helper()
	body, err := store.EncodeCase(c)
	if err != nil {
		t.Fatal(err)
	}
	if basis, mark, err = store.EncodeBasis(store.BasisOf(c)); err != nil {
		t.Fatal(err)
	}
	return body, basis, mark
}

func TestBasis_ACaseComesBackWhole(t *testing.T) {
	var bases store.Bases
	want := sample()
	body, basis, mark := encoded(t, want)
	if strings.Contains(string(body), "Games") || strings.Contains(string(body), "decision") {
		t.Fatalf("the basis stands in the body: %s", body)
	}
	for _, basis := range [][]byte{basis, nil} { // read, and remembered
		got, shared, err := bases.Known().DecodeCase(body, basis, mark)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
		if !shared.Same(store.BasisOf(got)) {
			t.Fatal("what was just read has changed")
		}
	}
}

// A snapshot is its caller's own: what one caller writes into it, the next must not find.
func TestBasis_IsNotSharedByCallers(t *testing.T) {
	var bases store.Bases
	body, basis, mark := encoded(t, sample())
	one, before, err := bases.Known().DecodeCase(body, basis, mark)
	if err != nil {
		t.Fatal(err)
	}
	one.Impact[0].ID, one.Decision.Reasons[0].Rule = "spoilt", "spoilt"
	one.Decision.Requirement.All[1].Any[0].Factor = "spoilt"
	if before.Same(store.BasisOf(one)) {
		t.Fatal("the change was not seen")
	}
	two, _, err := bases.Known().DecodeCase(body, nil, mark)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(sample(), two); d != "" {
		t.Fatal(d)
	}
}

// Same must see every difference that is written down, or a changed basis would not be kept.
func TestBasis_SameIsToBeWrittenAlike(t *testing.T) {
	text := rapid.SampledFrom([]string{"", "a", "b"})
	some := func(s string) jieling.Text { return jieling.Text{ZH: s, EN: s} }
	draw := rapid.Custom(func(t *rapid.T) store.Basis {
		r := jieling.Need(jieling.Factor(text.Draw(t, "factor")))
		switch rapid.IntRange(0, 3).Draw(t, "shape") {
		case 1:
			r = jieling.AllOf(r, jieling.Need(jieling.Face))
		case 2:
			r = jieling.AnyOf(r)
		case 3:
			r = jieling.Requirement{Any: []jieling.Requirement{}}
		}
		b := store.Basis{Decision: jieling.Decision{Pack: text.Draw(t, "pack"), Requirement: r, Backup: rapid.Bool().Draw(t, "backup")}}
		for range rapid.IntRange(0, 1).Draw(t, "reasons") {
			b.Decision.Reasons = append(b.Decision.Reasons, jieling.Because{Rule: text.Draw(t, "rule"), Text: some(text.Draw(t, "text"))})
		}
		for range rapid.IntRange(0, 1).Draw(t, "impact") {
			b.Impact = append(b.Impact, jieling.Dependent{ID: text.Draw(t, "id"), Detail: some(text.Draw(t, "detail"))})
		}
		return b
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		one, markA, err := store.EncodeBasis(a)
		if err != nil {
			t.Fatal(err)
		}
		two, markB, err := store.EncodeBasis(b)
		if err != nil {
			t.Fatal(err)
		}
		if a.Same(b) != (string(one) == string(two)) || a.Same(b) != (markA == markB) {
			t.Fatalf("same: %v\n%s\n%s", a.Same(b), one, two)
		}
	})
}

func TestBasis_RemembersNoMoreThanItMay(t *testing.T) {
	var bases store.Bases
	body, _, _ := encoded(t, sample())
	for i := range 2000 {
		c := sample()
		c.Impact[0].ID = fmt.Sprint(i)
		_, basis, mark := encoded(t, c)
		got, _, err := bases.Known().DecodeCase(body, basis, mark)
		if err != nil || got.Impact[0].ID != fmt.Sprint(i) {
			t.Fatalf("%d: %v, %v", i, got.Impact, err)
		}
		if known := bases.Known(); !known.Has(mark) || len(known.Marks()) > 64 {
			t.Fatalf("%d: the last one is remembered: %v, beside %d", i, known.Has(mark), len(known.Marks()))
		}
	}
}

// A row whose basis was changed by hand is not decided on.
func TestBasis_IsWhatItsMarkSays(t *testing.T) {
	var bases store.Bases
	body, basis, mark := encoded(t, sample())
	basis[len(basis)/2] ^= 1
	if _, _, err := bases.Known().DecodeCase(body, basis, mark); err == nil || bases.Known().Has(mark) {
		t.Fatalf("a basis that was tampered with was read: %v", err)
	}
}

func TestBasis_AnUnreadableCaseIsNotQuoted(t *testing.T) {
	var bases store.Bases
	for _, texts := range [][2]string{{`{"id":"secret`, `{}`}, {`{}`, `{"decision":"secret"}`}} {
		sum := sha256.Sum256([]byte(texts[1]))
		_, _, err := bases.Known().DecodeCase([]byte(texts[0]), []byte(texts[1]), store.Mark(sum[:16]))
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v", err)
		}
	}
}
