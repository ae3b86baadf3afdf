package lang

// What happened to the account as a whole, in the words of its record.
const (
	ActivityTitle  Sentence = `最近的操作 ‖ Recent activity`
	ActivityLead   Sentence = `账号上发生过的事，最新的在前。不是你做的？先冻结。 ‖ What happened on the account, newest first. Not you? Freeze first.`
	ActivityAll    Sentence = `查看全部操作 ‖ See all activity`
	ActivityNone   Sentence = `没有这类记录。记录不会被删除。 ‖ There is nothing of this kind. Records are never deleted.`
	ActivityOlder  Sentence = `更早的操作 ‖ Older activity`
	ActivityNewest Sentence = `回到最新 ‖ Back to the newest`
	ActivityFilter Sentence = `只看 ‖ Show only`
	ActivityNotMe  Sentence = `不是我 ‖ Not me`
	ActivityFreeze Sentence = `：冻结账号（{what}） ‖ : freeze the account ({what})`
	ActivityUnread Sentence = `暂时读不到最近的操作，其余内容可正常使用。 ‖ Recent activity cannot be read right now. Everything else works.`

	KindAll    Sentence = `全部 ‖ All`
	KindSignIn Sentence = `登录 ‖ Sign-ins`
	KindLink   Sentence = `登录方式 ‖ Sign-in methods`
	KindCheck  Sentence = `验证 ‖ Checks`
	KindGuard  Sentence = `设备和冻结 ‖ Devices and freezes`
	KindOthers Sentence = `别人代办的 ‖ Done by others`

	DeedSessionEnd    Sentence = `一处登录被退出 ‖ One sign-in was ended`
	DeedOthersOut     Sentence = `其他地方全部退出 ‖ Everywhere else was signed out`
	DeedLinked        Sentence = `添加了登录方式 ‖ Sign-in method added`
	DeedProven        Sentence = `新的登录方式验证可用 ‖ New sign-in method proven to work`
	DeedOpened        Sentence = `发起解绑 ‖ Unlinking begun`
	DeedNamed         Sentence = `填写了新的登录方式，待验证 ‖ New sign-in method named, not proven yet`
	DeedAttested      Sentence = `核对了系统厂商对设备的证明 ‖ The device's maker was heard about the device`
	DeedChangedHands  Sentence = `运营商说这个手机号已换机主，不再用于登录 ‖ The carrier says that this number has a new holder; it no longer signs in`
	DeedWaived        Sentence = `声明已知晓失联风险 ‖ Said to know what could lock them out`
	DeedConfirmed     Sentence = `确认解绑 ‖ Unlinking confirmed`
	DeedCancelled     Sentence = `取消解绑 ‖ Unlinking cancelled`
	DeedUndone        Sentence = `撤回解绑 ‖ Unlinking taken back`
	DeedCleared       Sentence = `一项残留已清除 ‖ Something left behind was cleared`
	DeedUnlinked      Sentence = `已从账号上解除 ‖ Unlinked from the account`
	DeedRestored      Sentence = `已恢复绑定 ‖ Linked again, as it was`
	DeedEnrolled      Sentence = `设置了验证方式 ‖ A way of verifying was set up`
	DeedPassed        Sentence = `通过验证 ‖ A check was passed`
	DeedRejected      Sentence = `在手机上拒绝了请求 ‖ A request was denied on the phone`
	DeedRestarted     Sentence = `进行中的解绑需要重新验证 ‖ Checks of what is being unlinked begin again`
	DeedDevice        Sentence = `登记了新设备 ‖ A new device was added`
	DeedRemoved       Sentence = `移除了一台设备 ‖ A device was removed`
	DeedDeviceChanged Sentence = `更改了一台设备 ‖ A device was changed`
	DeedSettings      Sentence = `更改了登录保护设置 ‖ How the account may be signed in to was changed`
	DeedReviewed      Sentence = `看过了登录过的设备 ‖ The devices that signed in were gone through`
	DeedSwitchAsked   Sentence = `请求更改其他服务的一个开关 ‖ A switch at another service was asked for`
	DeedSwitchSet     Sentence = `其他服务的一个开关已更改并核实 ‖ A switch at another service was set, and looked at`
	DeedFrozen        Sentence = `账号被冻结 ‖ The account was frozen`
	DeedHeld          Sentence = `有人用绑定的手机号暂停了改动 ‖ Changes were paused by a number of yours`
	DeedWithdrawn     Sentence = `被渠道收回或停用 ‖ Withdrawn by its provider`
	DeedEnabled       Sentence = `渠道说它恢复了，等待重新验证 ‖ Its provider says that it is back; it waits to be proven anew`
	DeedRenewed       Sentence = `重新验证，恢复登录 ‖ Proven anew, and signs in again`
	DeedWarned        Sentence = `渠道提示它可能被他人掌握 ‖ Its provider warned that somebody else may have it`
	DeedSignedOut     Sentence = `渠道那边退出了所有登录 ‖ Everybody was signed out at its provider`
	DeedSwapped       Sentence = `运营商说手机的 SIM 卡补换过 ‖ The carrier said that the SIM was replaced`
	DeedThawed        Sentence = `账号解除冻结 ‖ The freeze was lifted`
	DeedStep          Sentence = `一项后台步骤完成 ‖ A step in the background was done`
	DeedRegistered    Sentence = `账号建立 ‖ The account was set up`
	DeedSubmitted     Sentence = `提交给别人决定 ‖ Handed in for others to decide`
	DeedDecided       Sentence = `企业管理员作了决定 ‖ An administrator of your organisation decided`
	DeedJoined        Sentence = `账号归入企业，或在企业里的身份有变 ‖ The account joined an organisation, or its place there changed`
	DeedLeft          Sentence = `账号离开企业 ‖ The account left its organisation`
	DeedReset         Sentence = `企业管理员重置了企业微信登录 ‖ An administrator of your organisation reset the work login`
	DeedImported      Sentence = `账号从其他系统迁入 ‖ The account was brought in from another system`
	DeedExported      Sentence = `登录方式由运营方导出到其他系统 ‖ Sign-in methods were exported to another system by the operator`
	DeedHandedIn      Sentence = `提交了审核材料 ‖ Something was handed in for review`
	DeedTakenBack     Sentence = `撤回了审核材料 ‖ What was handed in was taken back`
	DeedViewed        Sentence = `审核员查看了你提交的材料 ‖ A reviewer looked at what you handed in`
	DeedMeeting       Sentence = `约定了视频面谈的时间 ‖ A time for the video interview was fixed`
	DeedReviewDecided Sentence = `审核员作出了决定 ‖ A reviewer decided`
	DeedErased        Sentence = `审核材料已删除 ‖ What was handed in was deleted`

	ByHere    Sentence = `在这台设备上 ‖ On this device`
	ByDevice  Sentence = `在 {device} 上 ‖ On {device}`
	ByUnknown Sentence = `在没有登记的设备上 ‖ On a device we do not know`
	ByProduct Sentence = `由产品办理 ‖ Done by the product`
	ByStaff   Sentence = `由客服办理 ‖ Done by support staff`
	ByItself  Sentence = `自动进行 ‖ Done automatically`
)

// Deed words a verb of an account's record; "" where a person is not told of it.
func Deed(verb string) Sentence {
	switch verb {
	case "session.end":
		return DeedSessionEnd
	case "session.end_others":
		return DeedOthersOut
	case "binding.add":
		return DeedLinked
	case "binding.prove":
		return DeedProven
	case "case.replacement":
		return DeedNamed
	case "factor.enrol":
		return DeedEnrolled
	case "approval.reject":
		return DeedRejected
	case "device.add":
		return DeedDevice
	case "device.remove":
		return DeedRemoved
	case "account.freeze":
		return DeedFrozen
	case "account.hold":
		return DeedHeld
	case "number.changed":
		return DeedChangedHands
	case "number.swapped":
		return DeedSwapped
	case "login.withdrawn":
		return DeedWithdrawn
	case "login.enabled":
		return DeedEnabled
	case "login.renewed":
		return DeedRenewed
	case "login.warned":
		return DeedWarned
	case "login.signed_out":
		return DeedSignedOut
	case "account.unfreeze":
		return DeedThawed
	case "account.register":
		return DeedRegistered
	case "organisation.found", "organisation.member":
		return DeedJoined
	case "organisation.leave":
		return DeedLeft
	case "organisation.reset":
		return DeedReset
	}
	return deedAfter(verb)
}

// deedAfter continues Deed with what is looked after between cases.
func deedAfter(verb string) Sentence {
	switch verb {
	case "device.change":
		return DeedDeviceChanged
	case "account.settings":
		return DeedSettings
	case "account.review":
		return DeedReviewed
	case "switch.ask":
		return DeedSwitchAsked
	case "switch.set":
		return DeedSwitchSet
	case "account.import":
		return DeedImported
	case "account.export":
		return DeedExported
	}
	return deedOfCase(verb)
}

func deedOfCase(verb string) Sentence {
	switch verb {
	case "case.open":
		return DeedOpened
	case "case.waive":
		return DeedWaived
	case "case.attest":
		return DeedAttested
	case "case.confirm":
		return DeedConfirmed
	case "case.cancel":
		return DeedCancelled
	case "case.undo":
		return DeedUndone
	case "case.cleanup":
		return DeedCleared
	case "case.step":
		return EventStepDone
	case "case.step.decline":
		return EventStepDeclined
	case "account.region":
		return DeedRegion
	case "case.prove":
		return DeedPassed
	case "case.submit":
		return DeedSubmitted
	case "organisation.decide":
		return DeedDecided
	case "case.restart", "organisation.restart":
		return DeedRestarted
	}
	return deedOfReview(verb)
}

func deedOfReview(verb string) Sentence {
	switch verb {
	case "review.submit":
		return DeedHandedIn
	case "review.withdraw":
		return DeedTakenBack
	case "review.view":
		return DeedViewed
	case "review.meet":
		return DeedMeeting
	case "review.decide":
		return DeedReviewDecided
	case "review.erase":
		return DeedErased
	}
	return ""
}
