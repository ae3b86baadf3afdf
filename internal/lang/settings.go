package lang

// How the account may be entered, the switches at other services, odd payments, and the time after a removal.
const (
	SettingsTitle Sentence = `登录保护 ‖ Sign-in protection`
	SettingsLead  Sentence = `让账号更安全的改动立刻生效；会放宽保护的，要先验证是你本人。 ‖ What makes the account safer is done at once. What makes it less protected asks first that it is you.`
	SettingsOpen  Sentence = `登录保护设置 ‖ Sign-in protection`
	SettingsDone  Sentence = `已更改。 ‖ Changed.`
	SettingsOn    Sentence = `已开启 ‖ on`
	SettingsOff   Sentence = `未开启 ‖ off`

	LockAbout  Sentence = `开启后，不认识的设备登录时要多验证一步。 ‖ With it on, a sign-in on a device that is not known is asked for more.`
	LockOffGo  Sentence = `关闭设备锁 ‖ Switch the device lock off`
	LockHeldBy Sentence = `最早 {time} 可以关闭。 ‖ It can be switched off from {time}.`

	ListTitle  Sentence = `只允许指定的设备登录 ‖ Signed in to from named devices only`
	ListAbout  Sentence = `名单以外的设备一律不能登录，适合商户账号。名单里要有你正在用的设备。 ‖ Any other device is turned away. Made for merchants' accounts. The list must have the device you are using.`
	ListWhich  Sentence = `可以登录的设备 ‖ Devices that may sign in`
	ListOnGo   Sentence = `只允许勾选的设备 ‖ Only the ticked devices`
	ListSaveGo Sentence = `保存名单 ‖ Save the list`
	ListOffGo  Sentence = `关闭名单 ‖ Switch the list off`
	ListNone   Sentence = `还没有登记的设备，先在 App 里登录一次。 ‖ No device is known yet. Sign in once in the app first.`

	RemindTitle Sentence = `每季度提醒 ‖ A reminder every quarter`
	RemindAbout Sentence = `每季度提醒你看看登录过的设备；没处理前每周再提醒一次。 ‖ Every quarter you are reminded to look at your devices, and every week until you did.`
	RemindNext  Sentence = `下次提醒： ‖ Next reminder:`
	RemindOnGo  Sentence = `开启提醒 ‖ Switch reminders on`
	RemindOffGo Sentence = `不再提醒 ‖ Remind me no more`

	SwitchesTitle  Sentence = `其他服务里的开关 ‖ Switches at other services`
	SwitchesNone   Sentence = `没有服务说有开关。 ‖ No service says that it has any.`
	SwitchesSilent Sentence = `{name}没有回应，那里的情况未知。请稍后再看。 ‖ {name} is not answering; what it has is unknown. Look again later.`
	SwitchOnIs     Sentence = `开 ‖ on`
	SwitchOffIs    Sentence = `关 ‖ off`
	SwitchOnGo     Sentence = `打开 ‖ Switch on`
	SwitchOffGo    Sentence = `关闭 ‖ Switch off`
	SwitchOf       Sentence = `（关于：{name}） ‖ ({name})`
	SwitchGoingOn  Sentence = `正在打开，核实后显示结果。 ‖ Being switched on; you see it here once that was checked.`
	SwitchGoingOff Sentence = `正在关闭，核实后显示结果。 ‖ Being switched off; you see it here once that was checked.`
	SwitchFailed   Sentence = `上次没有改成。请到那个服务里看看，或再试一次。 ‖ The last change did not work. Look at that service, or try again.`
	SwitchAsked    Sentence = `已请求，正在办理。 ‖ Asked for; it is under way.`
	SwitchOneWay   Sentence = `关闭后要在那里重新签约。 ‖ Once off, it has to be signed anew there.`

	BillsTitle  Sentence = `看起来异常的付款 ‖ Payments that look odd`
	BillsNone   Sentence = `没有服务说有异常的付款。 ‖ No service tells of an odd payment.`
	BillsMineGo Sentence = `是我付的 ‖ That was me`
	BillsNotGo  Sentence = `不是我付的 ‖ That was not me`
	BillsMine   Sentence = `你说是你付的 ‖ you said it was you`
	BillsNot    Sentence = `你说不是你付的 ‖ you said it was not you`
	BillsAlarm  Sentence = `有一笔不是你付的：先冻结账号，再联系支付客服追回。 ‖ One was not yours: freeze the account first, then ask the payment's support to get it back.`
	BillsFreeze Sentence = `去冻结账号 ‖ Freeze the account`

	ProveTitle  Sentence = `先验证是你本人 ‖ Show first that it is you`
	ProveLead   Sentence = `这项改动会影响谁能登录，所以要当场验证一次。 ‖ This changes who can sign in, so show once, now, that it is you.`
	ProveNone   Sentence = `没有可用的验证方式。请在 App 里联系客服核实身份。 ‖ There is no way of verifying you here. Ask support in the app.`
	ProveChoose Sentence = `选择一种方式 ‖ Choose a way`
	ProveBack   Sentence = `不改了，返回 ‖ Leave it as it is`

	DeviceEdit       Sentence = `更改设备 ‖ Change this device`
	DeviceNameLabel  Sentence = `设备名称 ‖ Name of the device`
	DeviceRename     Sentence = `改名 ‖ Rename`
	DeviceTrust      Sentence = `设为信任设备 ‖ Trust this device`
	DeviceDistrust   Sentence = `不再信任 ‖ Trust it no longer`
	DeviceLose       Sentence = `这台丢了 ‖ I lost it`
	DeviceFind       Sentence = `已找回 ‖ I found it`
	DeviceLost       Sentence = `已丢失 ‖ lost`
	DeviceNamed      Sentence = `可登录 ‖ may sign in`
	DeviceChanged    Sentence = `已更改这台设备。 ‖ The device was changed.`
	DeviceReviewDue  Sentence = `又过了一个季度，请看看下面的设备是不是都认识。不认识的请移除。 ‖ A quarter has passed. See whether you know all of these, and remove those you do not.`
	DeviceReviewGo   Sentence = `都是我的 ‖ They are all mine`
	DeviceReviewDone Sentence = `谢谢，一个季度后再提醒你。 ‖ Thank you. You will be reminded in a quarter.`

	CareTitle          Sentence = `解绑之后还要照看的 ‖ To look after now`
	CareFrom           Sentence = `{time} 起 ‖ From {time}`
	CareDone           Sentence = `已处理 ‖ done`
	CareToDo           Sentence = `待处理 ‖ to do`
	CareAside          Sentence = `不用再提示 ‖ Do not show again`
	CareBills          Sentence = `看看有没有异常的付款 ‖ Look for odd payments`
	CareDevices        Sentence = `看看哪些设备登录过 ‖ Look at which devices signed in`
	CareSwitches       Sentence = `关掉“用号码找到我”和免密支付 ‖ Switch off being found by a number, and payments without a password`
	CareLock           Sentence = `开启登录设备锁 ‖ Switch the device lock on`
	CarePermissions    Sentence = `再看一遍授权 ‖ Look at the permissions once more`
	CareBiometric      Sentence = `开启声音锁，或登记指纹、面容 ‖ Switch the voice lock on, or set up a fingerprint or face`
	CareGo             Sentence = `去看看 ‖ Look`
	PermissionsTitle   Sentence = `授权对照：解绑前后 ‖ Permissions, before and after`
	PermissionsBefore  Sentence = `解绑前 ‖ before`
	PermissionsAfter   Sentence = `现在 ‖ now`
	PermissionsHad     Sentence = `有授权 ‖ granted`
	PermissionsGone    Sentence = `已失效 ‖ gone`
	PermissionsStands  Sentence = `还在 ‖ still there`
	PermissionsUnknown Sentence = `未知 ‖ unknown`
)

// After words a card of the time after a removal, by package aftercare's word for it.
func After(name string) Sentence {
	switch name {
	case "bills":
		return CareBills
	case "devices":
		return CareDevices
	case "switches":
		return CareSwitches
	case "lock":
		return CareLock
	case "permissions":
		return CarePermissions
	}
	return CareBiometric
}
