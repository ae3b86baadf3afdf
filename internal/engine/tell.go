package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// cause is what an owner is told of besides a removal. It is kept in the effect.
type cause string

const (
	toldFrozen   cause = "frozen"
	toldForCase  cause = "frozen_for_case"
	toldLifted   cause = "lifted" // a freeze for a case
	toldUnfrozen cause = "unfrozen"
	toldHeld     cause = "held"
	toldReleased cause = "released" // from a hold, before its time
	toldDevice   cause = "device"   // one was removed
	toldFactor   cause = "factor"   // one was removed or replaced
	toldSettings cause = "settings" // the account is less protected than it was, or another list of devices counts
	toldLocked   cause = "locked"   // the device lock was forced on by a case
	toldTrusted  cause = "trusted"  // a device counts for more than it did
	toldLost     cause = "lost"     // a device was marked as lost
	toldApproved cause = "approved" // an administrator said yes to what the owner asked for
	toldDeclined cause = "declined" // or no
	toldReset    cause = "reset"    // an administrator took the work login off
	toldReview   cause = "review"   // a quarter has passed: who signed in? (H3)
	toldSwept    cause = "swept"    // a first proof ended what was there before (S17)
	toldPassed   cause = "reviewed" // staff accepted what was handed in
	toldBack     cause = "returned" // they did not, or want more
	toldMeeting  cause = "meeting"  // they fixed when to talk
	toldTaken    cause = "taken"    // a provider took a login away
	toldWarned   cause = "warned"   // a provider says that somebody else may get in there
	toldAnew     cause = "anew"     // a login that was taken away was proven anew
)

// tell has the owner told at every contact point of theirs, once for each (S20). asked is the ID of what it is about.
func (w *work) tell(why cause, asked string) {
	for _, b := range w.Bindings {
		if w.contact(b) {
			w.effect(jieling.Effect{
				Key: fmt.Sprintf("%s/%s/%s", asked, why, b.ID), Kind: jieling.EffectNotify, Account: w.Account.ID, Subject: string(b.ID), Payload: []byte(why),
			})
		}
	}
}

// tellOfAccount is tell for what happens to the account again and again: each time has its epoch.
func (w *work) tellOfAccount(why cause) {
	w.tell(why, fmt.Sprintf("%s/%d", w.Account.ID, w.Account.Epoch))
}

// tellAgain is tell for what can happen to the account again and again without a new epoch: each time has its version.
func (w *work) tellAgain(why cause) {
	w.tell(why, fmt.Sprintf("%s/v%d", w.Account.ID, w.Account.Version+1))
}

// channel is by what an owner is told at a login: a number by SMS, a mailbox by mail where mail is set up; "" for any other.
func (e *Engine) channel(b jieling.Binding) string {
	switch {
	case b.Provider == jieling.Phone:
		return jieling.BySMS
	case b.Provider == jieling.Email && e.Factors[jieling.EmailCode] != nil:
		return jieling.ByEmail
	}
	return ""
}

// contact reports that the owner can be told at a number or a mailbox: not one that changed hands (A4), and not one that is no older than a case
// that is still open, for a thief may have brought it along in it. The verb has to have loaded the open cases.
func (w *work) contact(b jieling.Binding) bool {
	brought := func(c jieling.Case) bool { return !b.CreatedAt.Before(c.OpenedAt) }
	return w.e.channel(b) != "" && b.Usable() && b.Holder != jieling.HolderChanged && !slices.ContainsFunc(w.Cases, brought)
}

// actTell tells the owner at one contact point of what happened to the account, and to nobody who has the number since.
func (e *Engine) actTell(ctx context.Context, eff jieling.Effect) error {
	s, err := e.Store.Load(ctx, store.Need{Account: eff.Account, With: store.Removed})
	if err != nil {
		return translate(err)
	}
	i := slices.IndexFunc(s.Bindings, func(b jieling.Binding) bool { return string(b.ID) == eff.Subject })
	if i < 0 || !s.Bindings[i].Usable() || s.Bindings[i].Holder == jieling.HolderChanged {
		return e.report(ctx, eff, jieling.EffectDone, nil, nil)
	}
	address, err := e.Keys.Open(subjectOf(s.Bindings[i].ID), s.Bindings[i].Subject)
	if err != nil {
		return e.report(ctx, eff, jieling.EffectDead, err, nil)
	}
	m := jieling.Message{Channel: e.channel(s.Bindings[i]), To: string(address), Text: notice(cause(eff.Payload))}
	if m.Text.Empty() { // of another number, which changed hands
		m.About = labelOf(s, jieling.BindingID(eff.Payload))
		m.Text = numberNotice(m.About)
	}
	return e.send(ctx, eff, m)
}

// notice is what an owner reads; empty for what is no cause.
func notice(why cause) jieling.Text {
	what, ok := toldAs[why]
	if !ok {
		return jieling.Text{}
	}
	return jieling.Text{ZH: "账号安全提醒：" + what.ZH, EN: "Security notice: " + what.EN}
}

// toldAs words every cause.
var toldAs = map[cause]jieling.Text{
	toldFrozen: {
		ZH: "账号已冻结，暂停登录和一切改动。若非本人操作，请联系客服。",
		EN: "the account was frozen: nobody signs in and nothing changes. If this was not you, contact support.",
	},
	toldForCase: {
		ZH: "为解绑一种登录方式，账号已冻结，其他设备已退出登录；解绑完成或结束后自动解除。若非本人操作，请联系客服。",
		EN: "the account was frozen while a login is unlinked, and every other device signed out. The freeze ends with that. If this was not you, contact support.",
	},
	toldLifted: {
		ZH: "解绑已完成或结束，账号已自动解除冻结，请重新登录。若非本人操作，请立即冻结账号并联系客服。",
		EN: "the unlinking is done or over, and the freeze with it; sign in again. If this was not you, freeze the account now and contact support.",
	},
	toldUnfrozen: {
		ZH: "账号已解除冻结，请重新登录。若非本人操作，请再次冻结并联系客服。",
		EN: "the freeze was lifted; sign in again. If this was not you, freeze the account again and contact support.",
	},
	toldHeld: {
		ZH: "有人通过短信验证，申请暂停账号改动 24 小时，登录不受影响。若非本人操作，请联系客服。",
		EN: "somebody asked, by a text message, that nothing be changed for 24 hours. You can sign in as ever. If this was not you, contact support.",
	},
	toldReleased: {
		ZH: "暂停改动已提前结束，登录方式可以改动。若非本人操作，请立即打开 App 冻结账号。",
		EN: "the pause on changes was ended early. If this was not you, open the app and freeze the account now.",
	},
	toldDevice: {
		ZH: "一台设备已从账号移除，并已在那台设备上退出登录。若非本人操作，请立即打开 App 冻结账号。",
		EN: "a device was removed from the account and signed out. If this was not you, open the app and freeze the account now.",
	},
	toldFactor: {
		ZH: "一种验证方式已更换或移除。若非本人操作，请立即打开 App 冻结账号。",
		EN: "a way of verifying was replaced or removed. If this was not you, open the app and freeze the account now.",
	},
	toldSettings: {
		ZH: "账号的登录保护设置已更改。若非本人操作，请立即打开 App 冻结账号。",
		EN: "how your account may be signed in to was changed. If this was not you, open the app and freeze the account now.",
	},
	toldLocked: {
		ZH: "登录设备锁已开启，不认识的设备登录时要多验证一步。若非本人操作，请立即打开 App 冻结账号。",
		EN: "the login device lock was switched on; a device that is not known is asked for more. If this was not you, open the app and freeze the account now.",
	},
	toldTrusted: {
		ZH: "一台设备已设为信任设备。若非本人操作，请立即打开 App 冻结账号。",
		EN: "a device was marked as trusted. If this was not you, open the app and freeze the account now.",
	},
	toldLost: {
		ZH: "一台设备已标为丢失，已在那台设备上退出登录，设备锁已开启。若非本人操作，请立即打开 App 冻结账号。",
		EN: "a device was marked as lost and signed out, and the device lock is on. If this was not you, open the app and freeze the account now.",
	},
	toldApproved: {
		ZH: "企业管理员同意了你的解绑申请，请回到解绑单继续。若非本人申请，请立即打开 App 冻结账号。",
		EN: "your organisation's administrator approved what you asked for; go on in your case. If you did not ask, open the app and freeze the account now.",
	},
	toldDeclined: {
		ZH: "企业管理员没有同意你的解绑申请，理由见解绑单，没有任何改动。若非本人申请，请立即打开 App 冻结账号。",
		EN: "your organisation's administrator refused what you asked for; your case says why, and nothing was changed. If you did not ask, open the app and freeze the account now.",
	},
	toldReset: {
		ZH: "企业管理员重置了你的企业微信登录，它已从账号上解除。账号和其他登录方式不受影响。如有疑问，请联系企业管理员。",
		EN: "your organisation's administrator reset your WeCom login, and it is off the account. The account and your other logins stay as they were. Ask the administrator if you wonder why.",
	},
	toldReview: {
		ZH: "又过了一个季度，请看看哪些设备登录过你的账号，移除不认识的。打开 App 的安全中心即可处理。",
		EN: "a quarter has passed. Look at which devices signed in to your account, and remove those you do not know, in the app's security centre.",
	},
	toldPassed: {
		ZH: "你提交的审核已通过，可以回到安全中心继续解绑。若非本人操作，请立即打开 App 冻结账号。",
		EN: "what you handed in was accepted; go on in the security centre. If this was not you, open the app and freeze the account now.",
	},
	toldBack: {
		ZH: "你提交的审核有了答复，需要你处理。请到安全中心查看。若非本人操作，请立即打开 App 冻结账号。",
		EN: "there is an answer to what you handed in, and it needs you. See the security centre. If this was not you, open the app and freeze the account now.",
	},
	toldMeeting: {
		ZH: "视频面谈的时间已定，时间和地址在安全中心查看。若非本人操作，请立即打开 App 冻结账号。",
		EN: "your video interview has a time; see when and where in the security centre. If this was not you, open the app and freeze the account now.",
	},
	toldTaken: {
		ZH: "一种登录方式已被它的渠道收回或停用，现在不能用来登录，用它登录的设备已退出。账号还在，请打开安全中心添加或换一种登录方式。",
		EN: "a login was withdrawn at its provider. It cannot sign in now, and devices that came in by it are signed out. Your account is safe: add or renew a login in the security centre.",
	},
	toldWarned: {
		ZH: "一种登录方式的渠道提示它可能已被他人掌握，用它登录的设备已退出。请先到该渠道改密码，再到安全中心检查登录方式。",
		EN: "the provider of one of your logins says that somebody else may have it. Devices that came in by it are signed out. Change your password there, then look at your logins in the security centre.",
	},
	toldAnew: {
		ZH: "一种曾被渠道停用的登录方式已重新验证，可以登录了。若非本人操作，请立即打开 App 冻结账号。",
		EN: "a login that its provider had withdrawn was proven anew and works again. If this was not you, open the app and freeze the account now.",
	},
	toldSwept: {
		ZH: "一种登录方式首次通过验证，此前的其他登录和未完成的申请已失效。若非本人操作，请立即打开 App 冻结账号。",
		EN: "a login was proven for the first time, which ended earlier sign-ins and unfinished requests. If this was not you, open the app and freeze the account now.",
	},
}
