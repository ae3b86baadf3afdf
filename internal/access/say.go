package access

import (
	"strings"

	"github.com/jieling-id/jieling"
)

// The sentences of a verdict. What they speak of is named by the template; how it is said stands here, in both languages.

var titleOfNothing = jieling.Text{ZH: "什么都没丢", EN: "Nothing is lost"}

func say(zh, en string) jieling.Text { return jieling.Text{ZH: zh, EN: en} }

func sayExposure(e jieling.Exposure) jieling.Text {
	zh, en := e.Title.ZH+"：", e.Title.EN+": "
	byZH, byEN := "（通过"+e.Via.ZH+"）", " (by "+e.Via.EN+")"
	switch {
	case e.Before && e.After:
		return say(zh+"现在能进入，之后也能"+byZH+"。", en+"gets in now, and still would afterwards"+byEN+".")
	case e.After:
		return say(zh+"现在进不来，之后却能"+byZH+"。", en+"cannot get in now, but could afterwards"+byEN+".")
	case e.During:
		return say(zh+"残留清理完之前还能碰到"+e.Via.ZH+"，清理完就不能了。", en+"could still reach what is left at "+e.Via.EN+", and no longer once that is cleared.")
	case e.Before:
		return say(zh+"现在能进入"+byZH+"，之后不能了。", en+"gets in now"+byEN+", and no longer afterwards.")
	}
	return say(zh+"进不来，之后也一样。", en+"cannot get in, now or afterwards.")
}

func sayLockout(l jieling.Lockout) jieling.Text {
	zh, en := l.Title.ZH+"：", l.Title.EN+": "
	switch {
	case l.Before && l.After:
		return say(zh+"现在就会让你进不来，之后也一样。", en+"you could not get back in, now or afterwards.")
	case l.After:
		return say(zh+"之后你将无法再登录。", en+"afterwards you could not get back in.")
	case l.Before:
		return say(zh+"现在会让你进不来，之后就不会了（可凭"+l.Via.ZH+"）。", en+"you could not get back in now, but could afterwards (by "+l.Via.EN+").")
	}
	return say(zh+"你仍能登录（可凭"+l.Via.ZH+"）。", en+"you would still get in (by "+l.Via.EN+").")
}

func sayAttack(takes []jieling.Text) jieling.Text {
	all := joined(takes)
	return say("别人要进入账号，最省事的办法是拿到"+all.ZH+"。", "The least it takes somebody to get in: "+all.EN+".")
}

func sayRepair(adds []jieling.Text, whole bool, opens []jieling.Text) jieling.Text {
	all := joined(adds)
	t := say(all.ZH+"，这里列出的情形就都不会让你失联。", all.EN+": then nothing listed here would lock you out.")
	if !whole {
		t = say(all.ZH+"，能少一些让你失联的情形，但不能全部消除。", all.EN+": then fewer of these would lock you out, though not none.")
	}
	if len(opens) > 0 {
		by := joined(opens)
		t = say(t.ZH+"代价是多一个入口："+by.ZH+"。", t.EN+" It opens one more door: "+by.EN+".")
	}
	return t
}

// joined lists what is needed together.
func joined(parts []jieling.Text) jieling.Text {
	zh, en := make([]string, len(parts)), make([]string, len(parts))
	for i, p := range parts {
		zh[i], en[i] = p.ZH, p.EN
	}
	return say(strings.Join(zh, "和"), strings.Join(en, " and "))
}
