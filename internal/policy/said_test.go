package policy_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

// codesOf reads the codes that a file declares, from its source, so that none can be left out.
func codesOf(t *testing.T, name string) (codes []policy.Code) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "Code" {
			word, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, policy.Code(word))
		}
		return true
	})
	return codes
}

var (
	hole    = regexp.MustCompile(`\{[0-9]\}`)
	english = regexp.MustCompile(`[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}`) // three words in a row: what a pack calls things never reads so
)

// unfilled are arguments that leave the places of a sentence to be seen.
var unfilled = []jieling.Text{{ZH: "{0}", EN: "{0}"}, {ZH: "{1}", EN: "{1}"}, {ZH: "{2}", EN: "{2}"}, {ZH: "{3}", EN: "{3}"}}

// Everything that can be wrong with a pack, or be found by a proof, is said in both languages, and every fault says what to write instead.
func TestEveryFindingIsSaidInBothLanguages(t *testing.T) {
	faults, verdicts := codesOf(t, "fault.go"), codesOf(t, "verdict.go")
	if len(faults) < 60 || len(verdicts) < 15 {
		t.Fatalf("only %d faults and %d verdicts: is the test looking in the right place?", len(faults), len(verdicts))
	}
	all := append(slices.Clone(faults), verdicts...)
	for _, code := range all {
		inBothLanguages(t, code, policy.Said{Code: code, Args: unfilled}.Text())
	}
	for _, code := range faults {
		inBothLanguages(t, code, policy.Problem{Said: policy.Said{Code: code, Args: unfilled}}.Instead())
	}
	slices.Sort(all)
	if once := slices.Compact(slices.Clone(all)); len(once) != len(all) {
		t.Error("a code is there twice")
	}
}

func inBothLanguages(t *testing.T, code policy.Code, said jieling.Text) {
	t.Helper()
	han := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	borrowed := hole.ReplaceAllString(said.ZH, "") == "" && said.ZH != "" // it is what the sentence speaks of
	switch {
	case said.ZH == "" || said.EN == "":
		t.Errorf("%s is empty in one language: %+v", code, said)
	case !borrowed && !strings.ContainsFunc(said.ZH, han):
		t.Errorf("%s has no Chinese in Chinese: %q", code, said.ZH)
	case strings.ContainsFunc(said.EN, han):
		t.Errorf("%s has Chinese in English: %q", code, said.EN)
	case english.MatchString(said.ZH):
		t.Errorf("%s has English in Chinese: %q", code, said.ZH)
	}
	for _, place := range hole.FindAllString(said.ZH, -1) {
		if !strings.Contains(said.EN, place) {
			t.Errorf("%s fills %s in Chinese alone", code, place)
		}
	}
}

// saidInChinese wants that nobody who reads a problem in Chinese meets an English sentence.
func saidInChinese(t *testing.T, err error) {
	t.Helper()
	var load *policy.LoadError
	if !errors.As(err, &load) {
		t.Fatalf("not a LoadError: %v", err)
	}
	for _, p := range load.Problems {
		for _, said := range []jieling.Text{p.Text(), p.Instead()} {
			if english.MatchString(said.ZH) || hole.MatchString(said.ZH+said.EN) || said.ZH == "" {
				t.Errorf("%s reads in Chinese: %q", p.Code, said.ZH)
			}
		}
	}
}

// Scripts read the place and the English sentences by the names they have always had.
func TestProblem_InJSONKeepsItsNames(t *testing.T) {
	_, err := policy.Load("tiny.yaml", []byte(strings.Replace(tiny(t), "require: guard", "require: gaurd", 1)))
	var load *policy.LoadError
	if !errors.As(err, &load) {
		t.Fatal(err)
	}
	written, err := json.Marshal(load.Problems)
	if err != nil {
		t.Fatal(err)
	}
	var read []map[string]any
	if err := json.Unmarshal(written, &read); err != nil {
		t.Fatal(err)
	}
	read[0]["Line"], read[0]["Column"] = nil, nil
	equal(t, "the problem", read[0], map[string]any{
		"Line": nil, "Column": nil, "What": "there is no factor gaurd", "Instead": "write guard", "Code": "no_such_factor",
		"WhatInZH": "没有 gaurd 这种验证方式", "InsteadInZH": "写成 guard",
	})
}
