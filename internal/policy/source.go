package policy

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/jieling-id/jieling"
)

// Bounds on a file before it is parsed: the parser's work grows with the square of the nesting.
const (
	maxSource  = 512 << 10
	maxNesting = 64
)

// source reads one YAML document strictly, gathering problems instead of stopping at the first.
type source struct{ problems }

// word is a scalar and where it stands.
type word struct {
	text string
	at   spot
}

// condition is the CEL text of a when, and where its first character stands. The zero condition always holds.
type condition struct {
	text  string
	at    spot
	exact bool // columns inside the text are columns of the file
}

// field is one key of a mapping and what to do with its value.
type field struct {
	key  string
	need bool
	read func(ast.Node)
}

func must(key string, read func(ast.Node)) field { return field{key, true, read} }
func may(key string, read func(ast.Node)) field  { return field{key, false, read} }

// parse returns the one document of src, or nil with a problem added.
func (s *source) parse(src []byte) ast.Node {
	start := spot{1, 1}
	switch {
	case len(src) > maxSource:
		s.add(start, packTooLarge, maxSource>>10)
		return nil
	case nesting(src) > maxNesting:
		s.add(start, tooDeep, maxNesting)
		return nil
	}
	file, err := parser.ParseBytes(src, 0)
	switch {
	case err != nil:
		s.syntax(err)
		return nil
	case len(file.Docs) != 1 || file.Docs[0].Body == nil:
		s.add(start, notOneDocument)
		return nil
	}
	return file.Docs[0].Body
}

// nesting is an upper bound of how deep src nests by flow brackets, or by marks repeated on one line.
func nesting(src []byte) int {
	deepest, open, marks := 0, 0, 0
	for i, c := range src {
		switch c {
		case '[', '{':
			open++
		case ']', '}':
			open = max(0, open-1)
		case '!', '&':
			marks++
		case '-', '?', ':':
			if i+1 < len(src) && (src[i+1] == ' ' || src[i+1] == '\t') {
				marks++
			}
		case '\n':
			marks = 0
		}
		deepest = max(deepest, open, marks)
	}
	return deepest
}

func (s *source) syntax(err error) {
	var se *yaml.SyntaxError
	if !errors.As(err, &se) || se.Token == nil {
		s.add(spot{1, 1}, notYAML)
		return
	}
	code := yamlSyntax
	switch {
	case strings.Contains(se.Message, "already defined"):
		code = yamlTwice
	case strings.Contains(se.Message, "tab character"), strings.Contains(se.Message, `'\t'`), strings.Contains(se.Message, "'\t'"):
		code = yamlTab
	case openBracket.MatchString(se.Message):
		code = yamlOpen
	}
	s.add(spot{se.Token.Position.Line, max(1, se.Token.Position.Column)}, code, se.Message)
}

// openBracket is how the parser speaks of brackets that have no other half.
var openBracket = regexp.MustCompile(`['"][\[\]{}]['"]`)

// place is where a node begins: for a block mapping its first key, not the colon after it.
func place(n ast.Node) spot {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return place(m.Values[0].Key)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return spot{t.Position.Line, max(1, t.Position.Column)}
	}
	return spot{1, 1}
}

// What is said at more than one place of a file.
var (
	writeKeys = noun("写出它的键和值", "write its keys and values")
	inBoth    = noun("两种语言的文字", "a text in both languages")
)

// kind names a node for people.
func kind(n ast.Node) jieling.Text {
	switch n.(type) {
	case *ast.MappingNode:
		return noun("键和值", "keys and values")
	case *ast.SequenceNode:
		return noun("列表", "a list")
	case *ast.NullNode:
		return noun("空的", "empty")
	case *ast.StringNode, *ast.LiteralNode:
		return noun("文字", "text")
	case *ast.BoolNode:
		return noun("真假", "true or false")
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return noun("数字", "a number")
	case *ast.TagNode:
		return noun("YAML 标签", "a YAML tag")
	default:
		return noun("锚点或别名", "an anchor or alias")
	}
}

func (s *source) wants(n ast.Node, what, instead jieling.Text) {
	s.add(place(n), wrongShape, what, kind(n), instead)
}

// mapping reads the keys of n, each once, refusing the ones it does not know and missing the ones it needs. what names the
// mapping in messages: a rule.
func (s *source) mapping(n ast.Node, what jieling.Text, fields ...field) {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		s.wants(n, what, writeKeys)
		return
	}
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.key
	}
	seen := map[string]bool{}
	for _, v := range m.Values {
		key := v.Key.String()
		i := slices.Index(known, key)
		if i < 0 {
			left := slices.DeleteFunc(slices.Clone(known), func(k string) bool { return seen[k] })
			s.add(place(v.Key), unknownKey, strconv.Quote(key), what, suggest(key, left))
			continue
		}
		seen[key] = true
		fields[i].read(v.Value)
	}
	for _, f := range fields {
		if f.need && !seen[f.key] {
			s.add(place(n), missingKey, what, f.key)
		}
	}
}

// each reads a list that is not empty.
func (s *source) each(what jieling.Text, read func(ast.Node)) func(ast.Node) {
	return func(n ast.Node) {
		list, ok := n.(*ast.SequenceNode)
		if !ok || len(list.Values) == 0 {
			s.wants(n, noun("列表（"+what.ZH+"）", "a list of "+what.EN), noun("每一项用短横开头", "begin each entry with a dash"))
			return
		}
		for _, v := range list.Values {
			read(v)
		}
	}
}

// named reads a mapping whose keys are names: each is handed on with its value.
func (s *source) named(what jieling.Text, read func(name word, value ast.Node)) func(ast.Node) {
	return func(n ast.Node) {
		m, ok := n.(*ast.MappingNode)
		if !ok {
			s.wants(n, what, writeKeys)
			return
		}
		for _, v := range m.Values {
			read(word{v.Key.String(), place(v.Key)}, v.Value)
		}
	}
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// word reads a name.
func (s *source) word(to *word) func(ast.Node) {
	return func(n ast.Node) {
		str, ok := n.(*ast.StringNode)
		switch {
		case !ok:
			s.wants(n, noun("名字", "a name"), noun(`写成文字，需要时加引号："1"`, `write it as text, in quotes if need be: "1"`))
		case !plainWord.MatchString(str.Value):
			s.add(place(n), notName, strconv.Quote(str.Value))
		default:
			*to = word{str.Value, place(n)}
		}
	}
}

func (s *source) words(what jieling.Text, to *[]word) func(ast.Node) {
	return s.each(what, func(n ast.Node) {
		var w word
		if s.word(&w)(n); w.text != "" {
			*to = append(*to, w)
		}
	})
}

// choice reads one of a closed list of words.
func choice[T ~string](s *source, to *T, known ...T) func(ast.Node) {
	return func(n ast.Node) {
		names := make([]string, len(known))
		for i, k := range known {
			names[i] = string(k)
		}
		str, ok := n.(*ast.StringNode)
		switch {
		case !ok:
			s.wants(n, noun("一个词", "a word"), suggest("", names))
		case !slices.Contains(names, str.Value):
			s.add(place(n), unknownWord, strconv.Quote(str.Value), suggest(str.Value, names))
		default:
			*to = T(str.Value)
		}
	}
}

// line reads a text of one language, or a link.
func (s *source) line(to *string) func(ast.Node) {
	return func(n ast.Node) {
		switch v := n.(type) {
		case *ast.StringNode:
			*to = strings.TrimSpace(v.Value)
		case *ast.LiteralNode:
			*to = strings.TrimSpace(v.Value.Value)
		default:
			s.wants(n, noun("文字", "text"), noun("写一句话，需要时加引号", "write a sentence, in quotes if need be"))
			return
		}
		if *to == "" {
			s.add(place(n), emptyText)
		}
	}
}

// text reads a sentence in both languages.
func (s *source) text(to *jieling.Text) func(ast.Node) {
	return func(n ast.Node) {
		s.mapping(n, inBoth, must("zh-CN", s.line(&to.ZH)), must("en", s.line(&to.EN)))
	}
}

// joiner reads the words between two factors; here spaces count.
func (s *source) joiner(to *jieling.Text) func(ast.Node) {
	raw := func(to *string) func(ast.Node) {
		return func(n ast.Node) {
			if str, ok := n.(*ast.StringNode); ok && str.Value != "" {
				*to = str.Value
				return
			}
			s.wants(n, noun("文字", "text"), noun(`把词连同空格写进引号：" or "`, `write the word with its spaces in quotes: " or "`))
		}
	}
	return func(n ast.Node) {
		s.mapping(n, inBoth, must("zh-CN", raw(&to.ZH)), must("en", raw(&to.EN)))
	}
}

func (s *source) flag(to *bool) func(ast.Node) {
	return func(n ast.Node) {
		if b, ok := n.(*ast.BoolNode); ok {
			*to = b.Value
			return
		}
		s.wants(n, noun("真假", "true or false"), noun("写 true 或 false，不加引号", "write true or false, without quotes"))
	}
}

// span reads a length of time between a minute and a year.
func (s *source) span(to *time.Duration) func(ast.Node) {
	return func(n ast.Node) {
		var d time.Duration
		str, ok := n.(*ast.StringNode)
		if ok {
			d, _ = time.ParseDuration(str.Value)
		}
		if d < time.Minute || d > 365*24*time.Hour {
			s.add(place(n), notSpan)
			return
		}
		*to = d
	}
}

func (s *source) date(to *string) func(ast.Node) {
	return func(n ast.Node) {
		str, ok := n.(*ast.StringNode)
		if ok {
			if _, err := time.Parse(time.DateOnly, str.Value); err == nil {
				*to = str.Value
				return
			}
		}
		s.add(place(n), notDate)
	}
}

// when reads a condition.
func (s *source) when(to *condition) func(ast.Node) {
	return func(n ast.Node) {
		at := place(n)
		switch v := n.(type) {
		case *ast.StringNode:
			quoted := v.Value != "" && v.Token.Origin != "" && strings.ContainsAny(strings.TrimSpace(v.Token.Origin)[:1], `"'`)
			if quoted {
				at.column++
			}
			*to = condition{v.Value, at, !strings.Contains(strings.TrimSpace(v.Token.Origin), "\n")}
		case *ast.LiteralNode:
			*to = condition{v.Value.Value, at, false}
		case *ast.TagNode:
			s.add(at, taggedCondition)
			return
		default:
			s.wants(n, noun("条件", "a condition"), noun(exampleZH, exampleEN))
			return
		}
		if strings.TrimSpace(to.text) == "" {
			s.add(at, emptyCondition)
		}
	}
}
