package sandbox

import (
	"fmt"
	"time"

	"github.com/jieling-id/jieling/client"
)

// The signs of the stage: each party's state for one person, in a few words.

// centreSigns are what the product says of the account.
func (f facts) centreSigns() []sign {
	if !f.known {
		return []sign{{"bad", client.Text{ZH: "产品没有回答", EN: "the product does not answer"}}}
	}
	signs := []sign{{"plain", client.Text{ZH: fmt.Sprintf("%d 种登录方式", f.waysIn), EN: count(f.waysIn, "way in", "ways in")}}}
	if f.frozen {
		signs = append(signs, sign{"bad", client.Text{ZH: "账号已冻结", EN: "account frozen"}})
	}
	switch {
	case f.id == "" || f.stage == "":
	case f.undone():
		signs = append(signs, sign{"good", client.Text{ZH: "已恢复", EN: "put back"}})
	case f.stage == "guarded":
		signs = append(signs, sign{"warn", client.Text{ZH: "保护期内，可以反悔", EN: "guarded; can be undone"}})
	case f.stage == "closed":
		signs = append(signs, sign{"plain", client.Text{ZH: "解绑单已结束", EN: "case closed"}})
	default:
		signs = append(signs, sign{"warn", client.Text{ZH: "解绑单办理中", EN: "a case is open"}})
	}
	return signs
}

// signs say whether QQ opens the account, and whether QQ still lets the app in.
func (q *qq) signs(person string, f facts) (signs []sign) {
	switch {
	case f.known && f.linked:
		signs = append(signs, sign{"good", client.Text{ZH: "已绑定", EN: "linked"}})
	case f.known:
		signs = append(signs, sign{"gone", client.Text{ZH: "未绑定", EN: "not linked"}})
	}
	if f.granted {
		signs = append(signs, sign{"plain", client.Text{ZH: "已授权应用", EN: "grant given"}})
	} else {
		signs = append(signs, sign{"gone", client.Text{ZH: "没有授权", EN: "no grant"}})
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.people[person].Frozen {
		signs = append(signs, sign{"bad", client.Text{ZH: "QQ 已冻结", EN: "QQ frozen"}})
	}
	return signs
}

func (q *qq) granted(person string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.people[person].Granted
}

// signIns are the moments at which the app got a token for a person.
func (q *qq) signIns(person string) (at []time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, t := range q.tokens {
		if t.person == person {
			at = append(at, t.expires.Add(-qqTokenLife))
		}
	}
	return at
}

func (x *wechat) signs(person string) []sign {
	x.mu.Lock()
	defer x.mu.Unlock()
	signs := []sign{{"good", client.Text{ZH: "微信已登录", EN: "WeChat signed in"}}}
	if x.people[person].Restricted {
		signs = append(signs, sign{"bad", client.Text{ZH: "账号被限制", EN: "account restricted"}})
	}
	return signs
}

func (x *wechat) attached() Product {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.product
}

func (s *sms) signs(phone string) []sign {
	box := s.inbox(phone)
	if len(box.Messages) == 0 {
		return []sign{{"gone", client.Text{ZH: "没有短信", EN: "no messages"}}}
	}
	n := len(box.Messages)
	signs := []sign{{"plain", client.Text{ZH: fmt.Sprintf("%d 条短信", n), EN: count(n, "message", "messages")}}}
	for _, m := range box.Messages {
		if m.Code != "" {
			return append(signs, sign{"warn", client.Text{ZH: "最新验证码 " + m.Code, EN: "newest code " + m.Code}})
		}
	}
	return signs
}

// signs say what is in a person's mailboxes, and what is still on its way there.
func (m *mail) signs(who Person) []sign {
	n, waiting := 0, 0
	for _, address := range who.Mailboxes() {
		box := m.inbox(address)
		n, waiting = n+len(box.Letters), waiting+box.Waiting
	}
	signs := []sign{{"plain", client.Text{ZH: fmt.Sprintf("%d 封邮件", n), EN: count(n, "letter", "letters")}}}
	if n == 0 {
		signs = []sign{{"gone", client.Text{ZH: "没有邮件", EN: "no mail"}}}
	}
	if waiting > 0 {
		signs = append(signs, sign{"warn", client.Text{ZH: fmt.Sprintf("%d 封还在路上", waiting), EN: count(waiting, "letter on its way", "letters on their way")}})
	}
	return signs
}

// codes are the moments at which codes arrived.
func (s *sms) codes(phone string) (at []time.Time) {
	for _, m := range s.inbox(phone).Messages {
		if m.Code != "" {
			at = append(at, m.At)
		}
	}
	return at
}

// signs say how much of a person's things still hang on their QQ. A trace that stays after everything else went is a residue.
func (s *system) signs(who Person) []sign {
	s.mu.Lock()
	defer s.mu.Unlock()
	held, went, trace := 0, 0, 0
	for _, h := range s.holdings[who.QQOpenID] {
		switch {
		case h.removable() && h.gone:
			went++
		case h.removable():
			held++
		case h.lingers != nil && !h.gone:
			trace++
		}
	}
	loose := 0
	for _, w := range s.estates[who.Key].switches {
		if w.State != w.Safer {
			loose++
		}
	}
	switch {
	case held > 0:
		return []sign{{"good", client.Text{ZH: fmt.Sprintf("挂着 %d 项", held), EN: count(held, "thing hangs", "things hang") + " on QQ"}}}
	case trace > 0:
		return []sign{{"gone", client.Text{ZH: "已解除", EN: "let go"}}, {"warn", client.Text{ZH: "有残留", EN: "residue"}}}
	case went > 0:
		return []sign{{"gone", client.Text{ZH: "已解除，没有残留", EN: "let go, nothing left"}}}
	}
	if loose > 0 {
		return []sign{{"warn", client.Text{ZH: fmt.Sprintf("%d 个开关可以更安全", loose), EN: count(loose, "switch", "switches") + " could be safer"}}}
	}
	return []sign{{"plain", client.Text{ZH: "没有东西", EN: "holds nothing"}}}
}

func (f *face) signs() []sign {
	open := 0
	for _, s := range f.list() {
		if s.open() {
			open++
		}
	}
	if open == 0 {
		return []sign{{"plain", client.Text{ZH: "没有人在等", EN: "nobody waits"}}}
	}
	return []sign{{"warn", client.Text{ZH: fmt.Sprintf("%d 人在等", open), EN: count(open, "check waits", "checks wait")}}}
}

// count puts an English number before its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (x *wecom) signs() (signs []sign) {
	for _, m := range x.members() {
		if m.Status != wecomActive {
			signs = append(signs, sign{"bad", client.Text{ZH: m.Name.ZH + "：" + m.Says().ZH, EN: m.Name.EN + ": " + m.Says().EN}})
		}
	}
	return signs
}
