package access

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jieling-id/jieling"
)

// The sentences of a verdict. What they speak of is named by the template; how it is said stands here, in both languages.

var titleOfNothing = jieling.Text{ZH: "即使什么都没丢", EN: "Even with nothing lost"}

// said puts pieces together in both languages. In Chinese a space stands between a letter or digit and a character.
func said(zh, en []string) jieling.Text {
	var out strings.Builder
	for _, piece := range zh {
		if last, _ := utf8.DecodeLastRuneInString(out.String()); out.Len() > 0 && piece != "" {
			if first, _ := utf8.DecodeRuneInString(piece); narrow(last) && unicode.Is(unicode.Han, first) || unicode.Is(unicode.Han, last) && narrow(first) {
				out.WriteByte(' ')
			}
		}
		out.WriteString(piece)
	}
	return jieling.Text{ZH: out.String(), EN: strings.Join(en, "")}
}

// narrow reports a letter, digit or masking star of the width of one column.
func narrow(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '*')
}

func sayExposure(e jieling.Exposure) jieling.Text {
	t, v := e.Title, e.Via
	switch {
	case e.Before && e.After:
		return said([]string{t.ZH, "：现在能进入，之后也能（通过", v.ZH, "）。"}, []string{t.EN, ": gets in now, and still would afterwards (by ", v.EN, ")."})
	case e.After:
		return said([]string{t.ZH, "：现在进不来，之后却能（通过", v.ZH, "）。"}, []string{t.EN, ": cannot get in now, but could afterwards (by ", v.EN, ")."})
	case e.During:
		return said([]string{t.ZH, "：现在能进入；解绑后，残留清理完之前还能碰到", v.ZH, "，清理完就不能了。"},
			[]string{t.EN, ": gets in now; afterwards could still reach what is left at ", v.EN, ", and no longer once that is cleared."})
	case e.Before:
		return said([]string{t.ZH, "：现在能进入（通过", v.ZH, "），之后不能了。"}, []string{t.EN, ": gets in now (by ", v.EN, "), and no longer afterwards."})
	}
	return said([]string{t.ZH, "：进不来，之后也一样。"}, []string{t.EN, ": cannot get in, now or afterwards."})
}

func sayLockout(l jieling.Lockout) jieling.Text {
	t, v := l.Title, l.Via
	switch {
	case l.Before && l.After:
		return said([]string{t.ZH, "：现在就会让你进不来，之后也一样。"}, []string{t.EN, ": you could not get back in, now or afterwards."})
	case l.After:
		return said([]string{t.ZH, "：之后你将无法再登录。"}, []string{t.EN, ": afterwards you could not get back in."})
	case l.Before:
		return said([]string{t.ZH, "：现在会让你进不来，之后就不会了（可凭", v.ZH, "登录）。"},
			[]string{t.EN, ": you could not get back in now, but could afterwards (by ", v.EN, ")."})
	}
	return said([]string{t.ZH, "：你仍能登录（凭", v.ZH, "）。"}, []string{t.EN, ": you would still get in (by ", v.EN, ")."})
}

func sayAttack(takes []jieling.Text) jieling.Text {
	all := joined(takes)
	return said([]string{"别人要进入账号，最省事的办法是拿到", all.ZH, "。"}, []string{"The least it takes somebody to get in: ", all.EN, "."})
}

func sayRepair(adds []jieling.Text, whole bool, opens []jieling.Text) jieling.Text {
	all := joined(adds)
	zh, en := []string{all.ZH, "，这里列出的情形就都不会让你失联。"}, []string{all.EN, ": then nothing listed here would lock you out."}
	if !whole {
		zh, en = []string{all.ZH, "，让你失联的情形会少一些，但不能全部消除。"}, []string{all.EN, ": then fewer of these would lock you out, though not none."}
	}
	if len(opens) > 0 {
		zh, en = append(zh, "代价是多了入口："), append(en, " It opens a door to: ")
		for i, by := range opens {
			if i > 0 {
				zh, en = append(zh, "；"), append(en, "; ")
			}
			zh, en = append(zh, by.ZH), append(en, lower(by.EN))
		}
		zh, en = append(zh, "。"), append(en, ".")
	}
	return said(zh, en)
}

func sayStale(login jieling.Text) jieling.Text {
	return said([]string{login.ZH, "太久没有验证过，或者已经换了主人，不算作你能回来的途径。"},
		[]string{upper(login.EN), " was not proven for long or changed hands; it does not count as a way back."})
}

// upper begins a sentence; lower goes on with one.
func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

func lower(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[n:]); unicode.IsUpper(next) {
		return s // QQ stays QQ
	}
	return string(unicode.ToLower(r)) + s[n:]
}

// joined lists what is needed together.
func joined(parts []jieling.Text) jieling.Text {
	var zh, en []string
	for i, p := range parts {
		if i > 0 {
			zh, en = append(zh, "和"), append(en, " and ")
		}
		zh, en = append(zh, p.ZH), append(en, p.EN)
	}
	return said(zh, en)
}
