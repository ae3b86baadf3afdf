package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/jieling-id/jieling"
)

// What a flag or an argument may be, where not every text will do. Each is refused while the command line is read, before anything
// is begun, and the refusal names what would do.

// existing is a file that is there.
type existing string

// UnmarshalText refuses a file that cannot be found.
func (f *existing) UnmarshalText(text []byte) error {
	_, err := os.Stat(string(text))
	*f = existing(text)
	return err
}

// tongue is a language to answer in.
type tongue string

// UnmarshalText refuses other languages.
func (t *tongue) UnmarshalText(text []byte) error { return oneOf(t, text, "zh-CN", "en") }

// platform is where a person stands.
type platform string

// UnmarshalText refuses other platforms.
func (p *platform) UnmarshalText(text []byte) error { return oneOf(p, text, "android", "ios", "web") }

// kind is whose account it is.
type kind string

// UnmarshalText refuses other kinds.
func (k *kind) UnmarshalText(text []byte) error {
	return oneOf(k, text, kind(jieling.Personal), kind(jieling.Merchant), kind(jieling.EnterpriseMember))
}

// goal is what a case is for.
type goal string

// UnmarshalText refuses other goals.
func (g *goal) UnmarshalText(text []byte) error {
	return oneOf(g, text, goal(jieling.Unlink), goal(jieling.Link), goal(jieling.Replace), goal(jieling.Migrate))
}

// outcome is what a changed pack would have meant for a case.
type outcome string

// UnmarshalText refuses other outcomes.
func (o *outcome) UnmarshalText(text []byte) error {
	return oneOf(o, text, "less", "refused", "more", "other", "unjudged")
}

// readAs is a form that accounts come in.
type readAs string

// UnmarshalText refuses other forms.
func (f *readAs) UnmarshalText(text []byte) error {
	return oneOf(f, text, "jsonl", "kratos", "keycloak", "casdoor")
}

// writtenAs is a form that accounts go out in.
type writtenAs string

// UnmarshalText refuses other forms.
func (f *writtenAs) UnmarshalText(text []byte) error {
	return oneOf(f, text, "jsonl", "kratos", "keycloak")
}

// role is what a member of staff may do.
type role string

// UnmarshalText refuses other roles.
func (r *role) UnmarshalText(text []byte) error {
	return oneOf(r, text, "reviewer", "operator", "auditor")
}

// scopes are what a key may do.
type scopes []string

// UnmarshalText adds to them and refuses others.
func (s *scopes) UnmarshalText(text []byte) error {
	return several((*[]string)(s), text, "accounts", "resolve", "cases", "freeze", "events", "signals", "admin")
}

// parts are what is measured.
type parts []string

// UnmarshalText adds to them and refuses others.
func (p *parts) UnmarshalText(text []byte) error {
	return several((*[]string)(p), text, "decide", "access", "resolve", "list", "commit", "pages", "race", "process")
}

// oneOf takes a word of a list.
func oneOf[T ~string](into *T, text []byte, list ...T) error {
	if !slices.Contains(list, T(text)) {
		return fmt.Errorf("%q is none of them: %s", text, spelled(list))
	}
	*into = T(text)
	return nil
}

// several adds words of a list, given one at a time or with commas between them.
func several[T ~string](into *[]T, text []byte, list ...T) error {
	for word := range strings.SplitSeq(string(text), ",") {
		var one T
		if err := oneOf(&one, []byte(word), list...); err != nil {
			return err
		}
		*into = append(*into, one)
	}
	return nil
}

// spelled writes a list as a sentence holds it.
func spelled[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return strings.Join(words, ", ")
}
