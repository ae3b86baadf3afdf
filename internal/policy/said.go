package policy

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jieling-id/jieling"
)

// Code names a sentence about a pack, for programs.
type Code string

// Said is a sentence about a pack as a value: which one, and what it speaks of. What it speaks of is the pack's own word, the
// same in both languages, or a word of ours.
type Said struct {
	Code Code
	Args []jieling.Text
}

// say makes one. An argument is a [jieling.Text], or something that reads the same in both languages.
func say(code Code, args ...any) Said {
	s := Said{Code: code}
	for _, a := range args {
		t, ok := a.(jieling.Text)
		if !ok {
			word := fmt.Sprint(a)
			t = jieling.Text{ZH: word, EN: word}
		}
		s.Args = append(s.Args, t)
	}
	return s
}

// Text says it; it is empty for a code that nothing is written for, which a test rules out.
func (s Said) Text() jieling.Text {
	words, ok := verdicts[s.Code]
	if !ok {
		words = faults[s.Code].what
	}
	return words.with(s.Args)
}

// MarshalJSON writes the English sentence, which stood here before there was another.
func (s Said) MarshalJSON() ([]byte, error) { return json.Marshal(s.Text().EN) }

// sentence is written in both languages; {0}, {1} and so on are what it speaks of.
type sentence jieling.Text

// with fills the places of a sentence.
func (s sentence) with(args []jieling.Text) jieling.Text {
	var zh, en []string
	for i, a := range args {
		mark := fmt.Sprintf("{%d}", i)
		zh, en = append(zh, mark, a.ZH), append(en, mark, a.EN)
	}
	return jieling.Text{ZH: strings.NewReplacer(zh...).Replace(s.ZH), EN: strings.NewReplacer(en...).Replace(s.EN)}
}

// noun names a thing in a sentence.
func noun(zh, en string) jieling.Text { return jieling.Text{ZH: zh, EN: en} }
