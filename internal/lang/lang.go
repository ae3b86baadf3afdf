package lang

import (
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"github.com/jieling-id/jieling"
)

// Lang is a language of the product, as a BCP 47 tag.
type Lang string

// The languages of the product.
const (
	ZH Lang = "zh-CN" // the language of the default deployment
	EN Lang = "en"
)

// Langs lists the closed list above, in the order people are offered them.
var Langs = [...]Lang{ZH, EN}

// Known reports whether l is a language of the product.
func (l Lang) Known() bool { return l == ZH || l == EN }

// Name is what speakers of the language call it.
func (l Lang) Name() string {
	if l == EN {
		return "English"
	}
	return "中文"
}

// Match chooses a language from wishes, the strongest first: a query parameter, a cookie, an Accept-Language header. A wish
// that is empty or names nothing we speak gives way to the next; with none left it is Chinese.
func Match(wishes ...string) Lang {
	matcher := language.NewMatcher([]language.Tag{language.MustParse(string(ZH)), language.MustParse(string(EN))})
	for _, wish := range wishes {
		tags, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, sure := matcher.Match(tags...); sure != language.No {
			return Langs[i]
		}
	}
	return ZH
}

// divider stands between the two halves of a sentence.
const divider = "‖"

// Sentence is one sentence in both languages: Chinese, the divider ‖, English. Placeholders are written {name}.
type Sentence string

// In gives the half of s in a language, placeholders untouched.
func (s Sentence) In(l Lang) string {
	zh, en, _ := strings.Cut(string(s), divider)
	if l == EN {
		return strings.TrimSpace(en)
	}
	return strings.TrimSpace(zh)
}

// Text gives both halves, for what takes its words as a [jieling.Text].
func (s Sentence) Text() jieling.Text { return jieling.Text{ZH: s.In(ZH), EN: s.In(EN)} }

// Say says a sentence. Pairs are placeholder names without braces, each followed by what stands in its place.
func (l Lang) Say(s Sentence, pairs ...string) string {
	said := s.In(l)
	for i := 0; i+1 < len(pairs); i += 2 {
		said = strings.ReplaceAll(said, "{"+pairs[i]+"}", pairs[i+1])
	}
	if l == ZH {
		return closeUp(said)
	}
	return said
}

// closeUp takes out spaces between two Chinese characters, full-width punctuation among them: a placeholder has one around it for the names in Latin letters.
func closeUp(said string) string {
	runes := []rune(said)
	out := make([]rune, 0, len(runes))
	for i, r := range runes {
		if r == ' ' && i > 0 && i+1 < len(runes) && chinese(runes[i-1]) && chinese(runes[i+1]) {
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

// chinese reports a character that fills a whole square: a Chinese one, or full-width punctuation.
func chinese(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3001 && r <= 0x303f || r >= 0xff01 && r <= 0xff60
}

// Read reads out a text that was written elsewhere.
func (l Lang) Read(t jieling.Text) string { return t.In(string(l)) }
