package sandbox

import (
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling/client"
)

// The guided tour takes somebody through one unlinking and back again, in seven steps. Nobody says that a step was done: the world
// shows it. What happened before the tour began does not count.

// facts are what the world shows about one person, for the tour and for the signs on the stage.
type facts struct {
	known   bool // the product answered; without it only the parties are known
	linked  bool // QQ can open the account
	waysIn  int
	frozen  bool
	guarded time.Time // the account is guarded until then

	id               string // of the case the tour is about; "" for none
	opened, removed  time.Time
	stage            string
	another, cleared bool // another way in is in place and proven; somewhere a residue was cleaned up

	granted bool        // at QQ the app may be signed in to
	signIns []time.Time // with QQ, as QQ saw them
	codes   []time.Time // that arrived on their phone
}

// undone reports that everything was put back.
func (f facts) undone() bool { return f.stage == "compensated" && !f.removed.IsZero() }

// stepState is where a step of the tour stands.
type stepState string

// The states, a closed list.
const (
	stepDone stepState = "done"
	stepNow  stepState = "now"
	stepOpen stepState = "open"
	stepLeft stepState = "left" // the tour went on without it
)

// tourStep is one step: what it is called, what to do, at whose page, and a button that leads there.
type tourStep struct {
	Title, Do client.Text
	At        string // the party that is looked at; [centre] for Jieling itself
	Go        client.Text
	To        string // an address for the button; "" for none
	State     stepState
	done      func(facts) bool
	late      func(facts) bool // it cannot be taken any more; nil: it always can
}

// centre is the name of the security centre's place on the stage. It is no party.
const centre = "centre"

// after reports whether any of the moments came later than this one.
func after(moment time.Time, all []time.Time) bool {
	return slices.ContainsFunc(all, func(t time.Time) bool { return t.After(moment) })
}

// tourOf is the tour for one person, as far as the world shows that it got. Base is the centre's address. Now is the index of the step to
// take next; len(steps) when the tour is over.
func tourOf(p Person, f facts, began time.Time, base string) (steps []tourStep, now int) {
	steps, f = tourSteps(p, base), f.since(began)
	for i, s := range steps {
		switch {
		case s.done(f):
			steps[i].State = stepDone
		case s.late != nil && s.late(f):
			steps[i].State = stepLeft
		default:
			steps[i].State = stepOpen
		}
	}
	now = slices.IndexFunc(steps, func(s tourStep) bool { return s.State == stepOpen })
	if now < 0 || f.undone() {
		now = len(steps)
	}
	for i := range steps {
		switch {
		case i == now:
			steps[i].State = stepNow
		case steps[i].State == stepOpen && now == len(steps):
			steps[i].State = stepLeft
		}
	}
	return steps, now
}

// since forgets a case that was opened before the tour, and sign-ins and codes of then.
func (f facts) since(began time.Time) facts {
	before := func(t time.Time) bool { return !t.After(began) }
	f.signIns, f.codes = slices.DeleteFunc(slices.Clone(f.signIns), before), slices.DeleteFunc(slices.Clone(f.codes), before)
	if f.opened.Before(began) {
		f.id, f.opened, f.removed, f.stage, f.another, f.cleared = "", time.Time{}, time.Time{}, "", false, false
	}
	return f
}

func tourSteps(p Person, base string) []tourStep {
	unlink := map[string]client.Text{
		"android": {ZH: "“安卓：账号与安全…”", EN: "“Android: Account & security…”"},
		"ios":     {ZH: "“iOS：账号与安全…”", EN: "“iOS: Account & security…”"},
		"web":     {ZH: "“网页版：账号安全…”", EN: "“Web: Account security…”"},
	}[p.Platform]
	proof := map[string]client.Text{
		"android": {ZH: "支付密码是 " + p.PIN, EN: "the payment password is " + p.PIN},
		"ios":     {ZH: "先人脸，再短信验证码；或本机解锁加支付密码 " + p.PIN, EN: "face check and a code by SMS, or the device's own lock and the payment password " + p.PIN},
		"web":     {ZH: "短信验证码，再用手机扫码", EN: "a code by SMS, then a scan with the phone"},
	}[p.Platform]
	number := strings.TrimPrefix(p.Phone, "+86")
	return []tourStep{
		{
			Title: client.Text{ZH: "用 QQ 开一次门", EN: "See QQ open the door"},
			Do: client.Text{
				ZH: "按下面的按钮，在新窗口里选“" + p.Name.ZH + "”，再按“同意”。安全中心会打开。",
				EN: "Press the button. In the new window choose " + p.Name.EN + " and press Allow: the security centre opens.",
			},
			At: QQ, Go: client.Text{ZH: "用 QQ 登录", EN: "Sign in with QQ"}, To: base + "/signin/qq",
			done: func(f facts) bool {
				return slices.ContainsFunc(f.signIns, func(t time.Time) bool { return f.removed.IsZero() || t.Before(f.removed) })
			},
			late: func(f facts) bool { return !f.removed.IsZero() },
		},
		{
			Title: client.Text{ZH: "在手机上申请解绑", EN: "Ask for the unlinking on the phone"},
			Do: client.Text{
				ZH: "在“" + p.Name.ZH + "的手机”里按" + unlink.ZH + "。在安全中心按“解绑 QQ”，说一个原因，继续。",
				EN: "On “" + p.Name.EN + "'s phone” press " + unlink.EN + ". In the centre press “Unlink QQ”, give a reason, go on.",
			},
			At: WeChat, done: func(f facts) bool { return f.id != "" },
		},
		{
			Title: client.Text{ZH: "收一条验证码", EN: "Receive a code"},
			Do: client.Text{
				ZH: "拿走 QQ 之前，要有别的登录方式。按页面填手机号 " + number + "；验证码会出现在“短信”里。",
				EN: "Before QQ goes there must be another way in. Enter the number " + number + " where you are asked; the code turns up under “SMS”.",
			},
			At: SMS, done: func(f facts) bool { return f.id != "" && (after(f.opened, f.codes) || f.another) },
		},
		{
			Title: client.Text{ZH: "确认，看它办完", EN: "Confirm, and watch it done"},
			Do: client.Text{
				ZH: "备份选一项，验证是你本人（" + proof.ZH + "），最后按“解绑 QQ”。下面每个系统的灯会一个个变。",
				EN: "Settle the backup, prove who you are (" + proof.EN + "), and press “Unlink QQ”. The signs of the systems below change one by one.",
			},
			At: QQWallet, done: func(f facts) bool { return !f.removed.IsZero() },
		},
		{
			Title: client.Text{ZH: "再用 QQ 试一次", EN: "Try QQ again"},
			Do: client.Text{
				ZH: "同一个按钮，同一个人。这一次门不会开。",
				EN: "The same button, the same person. This time the door stays shut.",
			},
			At: QQ, Go: client.Text{ZH: "再用 QQ 登录", EN: "Sign in with QQ again"}, To: base + "/signin/qq",
			done: func(f facts) bool { return !f.removed.IsZero() && after(f.removed, f.signIns) },
		},
		{
			Title: client.Text{ZH: "清掉残留", EN: "Clear what is left"},
			Do: client.Text{
				ZH: "微信支付的实名记录还指着这个 QQ。回到解绑单，按“清理”。",
				EN: "WeChat Pay's real-name record still points at this QQ. Go back to the case and press “Clear”.",
			},
			At: WeChatPay, done: func(f facts) bool { return f.cleared },
		},
		{
			Title: client.Text{ZH: "反悔", EN: "Change your mind"},
			Do: client.Text{
				ZH: "24 小时内一步就能反悔。在解绑单上按“恢复 QQ”，每一方都会放回原处。",
				EN: "For 24 hours one step takes it all back. On the case press “Restore QQ”: every side puts things where they were.",
			},
			At: centre, done: facts.undone,
		},
	}
}
