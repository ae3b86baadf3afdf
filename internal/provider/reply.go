package provider

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/jieling-id/jieling"
)

// Away is the error of a provider that cannot be reached or does not answer as it documents: CodeDependency. name is what
// people call it; err must hold no token, code or identifier.
func Away(name jieling.Text, err error) *jieling.Error {
	e := jieling.Refuse(jieling.CodeDependency,
		name.ZH+" 暂时没有回应，请稍后再试。", name.EN+" is not answering properly at the moment. Please try again later.")
	e.Err = fmt.Errorf("%s: %w", name.EN, err)
	return e
}

// BadCode is the error of a sign-in code that is wrong, used or late: CodeInvalid on the field "code".
func BadCode(name jieling.Text, err error) *jieling.Error {
	e := jieling.Refuse(jieling.CodeInvalid,
		"这次 "+name.ZH+" 登录已失效，请重新登录一次。", "This sign-in with "+name.EN+" is no longer valid. Please sign in again.")
	e.Fields = []jieling.FieldError{{Field: "code", Message: "is wrong, used or late"}}
	e.Err = fmt.Errorf("%s: %w", name.EN, err)
	return e
}

// Mask makes a nickname safe to show beside a binding: its first character, and stars. What cannot be printed is dropped; a
// name with nothing left is empty.
func Mask(nickname string) string {
	for _, r := range strings.TrimSpace(nickname) {
		if unicode.IsGraphic(r) && !unicode.IsSpace(r) {
			return string(r) + "**"
		}
	}
	return ""
}

// Tidy makes JSON of what providers send for it: raw control characters, which nicknames bring along unescaped, become spaces.
func Tidy(body []byte) []byte {
	out := make([]byte, len(body))
	for i, b := range body {
		if b < 0x20 {
			b = ' '
		}
		out[i] = b
	}
	return out
}
