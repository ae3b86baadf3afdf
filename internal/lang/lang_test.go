package lang

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/jieling-id/jieling"
)

// catalogue reads the key list from the source: every constant of type Sentence, by its name.
func catalogue(t *testing.T) map[string]Sentence {
	t.Helper()
	out := map[string]Sentence{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.CONST {
				collect(t, gen, out)
			}
		}
	}
	if len(out) < 200 {
		t.Fatalf("only %d sentences were found: is the test looking in the right place?", len(out))
	}
	return out
}

func collect(t *testing.T, gen *ast.GenDecl, into map[string]Sentence) {
	t.Helper()
	for _, spec := range gen.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if id, isIdent := v.Type.(*ast.Ident); !ok || !isIdent || id.Name != "Sentence" {
			continue
		}
		s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		into[v.Names[0].Name] = Sentence(s)
	}
}

var hole = regexp.MustCompile(`\{[a-z_]+\}`)

func holes(s string) []string {
	found := hole.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestEverySentenceIsThereInBothLanguages(t *testing.T) {
	for name, s := range catalogue(t) {
		if n := strings.Count(string(s), divider); n != 1 {
			t.Errorf("%s has %d dividers, want one", name, n)
		}
		zh, en := s.In(ZH), s.In(EN)
		if zh == "" || en == "" {
			t.Errorf("%s is empty in one language: %q, %q", name, zh, en)
		}
		if strings.ContainsFunc(en, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s has Chinese in its English half: %q", name, en)
		}
		if !strings.ContainsFunc(zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }) && !slices.Contains([]string{"And", "Brackets", "ValueOfFact"}, name) {
			t.Errorf("%s has no Chinese in its Chinese half: %q", name, zh)
		}
		if !slices.Equal(holes(zh), holes(en)) {
			t.Errorf("%s fills %v in Chinese and %v in English", name, holes(zh), holes(en))
		}
	}
}

// The glossary: one word for one thing. "Unbind" is a word of the API, never of a page.
func TestTheGlossaryIsKept(t *testing.T) {
	for name, s := range catalogue(t) {
		for _, bad := range []string{"unbind", "Unbind", "identity provider", "oops", "Oops"} {
			if strings.Contains(s.In(EN), bad) {
				t.Errorf("%s says %q", name, bad)
			}
		}
		for _, bad := range []string{"系统繁忙", "永久", "解除绑定"} {
			if strings.Contains(s.In(ZH), bad) {
				t.Errorf("%s says %q", name, bad)
			}
		}
	}
}

// No sentence blames whoever reads it, orders them about, or shouts.
func TestNoSentenceBlames(t *testing.T) {
	blame := map[Lang][]string{
		ZH: {"你错", "你的错", "您的错", "操作不当", "非法", "禁止", "你必须", "不允许你", "你没有按", "无效操作", "！"},
		EN: {"your fault", "you failed", "you forgot", "you must", "you should have", "illegal", "invalid", "forbidden", "bad request", "!"},
	}
	for name, s := range catalogue(t) {
		for l, words := range blame {
			for _, word := range words {
				if strings.Contains(strings.ToLower(s.In(l)), word) {
					t.Errorf("%s says %q: %q", name, word, s.In(l))
				}
			}
		}
	}
}

func TestEverySentenceIsSaidSomewhere(t *testing.T) {
	var source strings.Builder
	for _, pattern := range []string{"*.go", "../web/*.go", "../web/ui/*.go", "../web/ui/*.templ", "../../cmd/jieling/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
				continue
			}
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(b)
		}
	}
	words := regexp.MustCompile(`[A-Za-z]+`).FindAllString(source.String(), -1)
	said := map[string]int{}
	for _, w := range words {
		said[w]++
	}
	for _, name := range slices.Sorted(maps.Keys(catalogue(t))) {
		if said[name] < 2 { // once where it is declared
			t.Errorf("%s is never said", name)
		}
	}
}

func TestSay(t *testing.T) {
	const s Sentence = `解绑 {name} 后剩 {n} 种 ‖ {n} left after {name}`
	tests := []struct {
		lang Lang
		name string
		want string
	}{
		{EN, "QQ", "1 left after QQ"},
		{ZH, "QQ", "解绑 QQ 后剩 1 种"},
		{ZH, "微信", "解绑微信后剩 1 种"},
		{ZH, "微信（旧）", "解绑微信（旧）后剩 1 种"},
		{"fr", "QQ", "解绑 QQ 后剩 1 种"},
	}
	for _, tt := range tests {
		if got := tt.lang.Say(s, "name", tt.name, "n", "1"); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.lang, got, tt.want)
		}
	}
}

func TestMatch(t *testing.T) {
	tests := []struct {
		wishes []string
		want   Lang
	}{
		{nil, ZH},
		{[]string{"", "", ""}, ZH},
		{[]string{"en", "zh-CN", ""}, EN},
		{[]string{"", "en", "zh-CN,zh;q=0.9"}, EN},
		{[]string{"", "", "en-GB,en;q=0.9,zh;q=0.8"}, EN},
		{[]string{"", "", "zh-TW"}, ZH},
		{[]string{"klingon", "", "en"}, EN},
		{[]string{"", "", "de-DE"}, ZH},
		{[]string{"\x00;;q", "", "en"}, EN},
	}
	for _, tt := range tests {
		if got := Match(tt.wishes...); got != tt.want {
			t.Errorf("Match(%q) = %s, want %s", tt.wishes, got, tt.want)
		}
	}
}

func TestSizes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9_949: "9.9 kB", 9_950: "10 kB", 999_499: "999 kB", 999_500: "1.0 MB", 12_400_000: "12 MB", 3_600_000_000_000_000: "3600 TB",
	} {
		if got := ZH.Size(n); got != want {
			t.Errorf("%d bytes are said as %q, want %q", n, got, want)
		}
	}
}

func TestMoments(t *testing.T) {
	at := time.Date(2026, 11, 23, 6, 5, 0, 0, time.UTC)
	if got := ZH.Moment(at); got != "2026年11月23日 14:05（北京时间）" {
		t.Error(got)
	}
	if got := EN.Moment(at); got != "23 Nov 2026, 14:05 (UTC+8)" {
		t.Error(got)
	}
	tests := []struct {
		from time.Duration
		zh   string
		en   string
	}{
		{0, "刚刚", "just now"},
		{59 * time.Second, "1 分钟内", "within a minute"},
		{-59 * time.Second, "刚刚", "just now"},
		{time.Minute, "1 分钟后", "in 1 minute"},
		{119 * time.Minute, "1 小时后", "in 1 hour"},
		{-47 * time.Hour, "47 小时前", "47 hours ago"},
		{-48 * time.Hour, "2 天前", "2 days ago"},
	}
	for _, tt := range tests {
		if got := ZH.Ago(at.Add(tt.from), at); got != tt.zh {
			t.Errorf("%v: %q, want %q", tt.from, got, tt.zh)
		}
		if got := EN.Ago(at.Add(tt.from), at); got != tt.en {
			t.Errorf("%v: %q, want %q", tt.from, got, tt.en)
		}
	}
}

// Every refusal has a next step (anti-regression: nobody is left with a no alone).
func TestEveryRefusalHasANextStep(t *testing.T) {
	codes := []jieling.Code{
		jieling.CodeInvalid, jieling.CodeUnauthenticated, jieling.CodeForbidden, jieling.CodeNotFound, jieling.CodeConflict, jieling.CodeStale,
		jieling.CodeBindingExists, jieling.CodeCaseClosed, jieling.CodeIdempotency, jieling.CodeLastWayIn, jieling.CodeLockout, jieling.CodeReplacement, jieling.CodeBackup, jieling.CodeStep, jieling.CodeStepUnseen,
		jieling.CodeVerification, jieling.CodeNotEnrolled, jieling.CodeNotAsked, jieling.CodeNotOnPlatform, jieling.CodeProviderUnknown, jieling.CodeFrozen,
		jieling.CodeWrongAnswer, jieling.CodeChallengeExpired, jieling.CodeChallengeUsed, jieling.CodeSameDevice, jieling.CodeTooMany, jieling.CodeTooLarge,
	}
	for _, c := range codes {
		if Next(c) == NextLater {
			t.Errorf("%s has no next step of its own", c)
		}
	}
	for _, c := range []jieling.Code{jieling.CodeDependency, jieling.CodeInternal, "of_another_day"} {
		if Next(c) != NextLater {
			t.Errorf("%s: %s", c, Next(c))
		}
	}
}
