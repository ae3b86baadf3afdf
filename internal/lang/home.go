package lang

// The security centre, devices, the freeze, and the beginning of an unlinking.
const (
	HomeTitle Sentence = `账号安全中心 ‖ Security centre`
	HomeWays  Sentence = `你有 {n} 种方式可以登录，一切正常。 ‖ You can sign in {n} ways. All good.`
	HomeWeak  Sentence = `你有 {n} 种方式可以登录，但都比较弱。添加一种更强的会更安全。
		‖ You can sign in {n} ways, but all of them are weak. Adding a stronger one is safer.`
	HomeNoMethod Sentence = `这里还没有登录方式。可以在产品的 App 里添加。 ‖ There is no sign-in method here yet. Add one in the product's app.`
	HomeOne      Sentence = `只剩一种登录方式。一旦失去它，你将无法登录。先加一种备用方式。
		‖ You have only one way to sign in. If you lose it, you are locked out. Add a spare first.`
	HomeNone   Sentence = `没有可用的登录方式。请在 App 里联系客服。 ‖ There is no usable way in. Please ask support in the app.`
	HomeFrozen Sentence = `账号已冻结：不能登录，不能改动登录方式。解除冻结请在 App 里联系客服核实身份。
		‖ Your account is frozen: no sign-in, and no sign-in method can change. To lift it, ask support in the app to verify you.`
	HomeGuarded Sentence = `保护期到 {time}。这段时间请不要在公共网络上登录；陌生的登录会被多问一步或拒绝。
		‖ Guarded until {time}. Do not sign in on public networks until then; unknown sign-ins are asked more, or refused.`
	HomeCases    Sentence = `进行中 ‖ Under way`
	HomeMethods  Sentence = `登录方式 ‖ Sign-in methods`
	HomeDevices  Sentence = `设备 ‖ Devices`
	HomeNoDevice Sentence = `还没有登记的设备。 ‖ No device is known yet.`
	HomeFactors  Sentence = `验证方式 ‖ Ways to verify it is you`
	HomeNoFactor Sentence = `还没有设置。 ‖ None is set up yet.`

	MethodUsed      Sentence = `上次使用 ‖ Last used`
	MethodNeverUsed Sentence = `还没有用过 ‖ Not used yet`
	MethodOnly      Sentence = `这是你唯一的登录方式。解绑时会先带你设置好另一种，再解除它。
		‖ This is your only way to sign in. Unlinking it begins with setting up another.`
	MethodUnusable Sentence = `它现在不能用来登录，所以无需解绑。 ‖ It cannot sign in as it is, so there is nothing to unlink.`
	MethodFrozen   Sentence = `账号已冻结，登录方式暂不能变更。 ‖ The account is frozen, so sign-in methods cannot change.`
	MethodOrigin   Sentence = `账号最初由它注册 ‖ The account was registered through it`
	MethodReplace  Sentence = `换绑 {name} ‖ Replace {name}`
	MethodUnlink   Sentence = `解绑 {name} ‖ Unlink {name}`
	MethodOpenCase Sentence = `正在解绑，查看进度 ‖ Being unlinked: see how it stands`

	MapWays      Sentence = `账号和它的登录方式 ‖ The account and its ways in`
	MapWaysWords Sentence = `账号在中间，连着这些登录方式：{ways}。 ‖ The account in the middle, joined to these ways in: {ways}.`
	MapLegend    Sentence = `实线：可以登录；虚线：现在不能用来登录。 ‖ Solid line: can sign in. Dashed: cannot sign in now.`
	MapHang      Sentence = `{name}、账号，以及依赖它的内容 ‖ {name}, the account, and what depends on it`
	MapHangWords Sentence = `经由账号连着：{things}。 ‖ Joined through the account to: {things}.`

	StrengthLow     Sentence = `较弱 ‖ Weak`
	StrengthMedium  Sentence = `一般 ‖ Fair`
	StrengthHigh    Sentence = `较强 ‖ Strong`
	StrengthPhone   Sentence = `号码可能被人冒名补办，停用后也会重新放出。 ‖ A number can be swindled out of a carrier, and is handed out again once given up.`
	StrengthEmail   Sentence = `谁能看到邮箱，谁就能收到验证码。 ‖ Whoever can read the mailbox can receive the codes.`
	StrengthWeCom   Sentence = `由单位管理，管理员可以停用或查看。 ‖ The organisation runs it, and its administrators can stop it or look into it.`
	StrengthVouched Sentence = `{name} 账号有多安全，它就有多安全。 ‖ It is as safe as the account at {name}.`

	BindingStrength Sentence = `安全程度 ‖ Strength`
	BindingLinked   Sentence = `绑定时间 ‖ Linked`
	BindingProven   Sentence = `最近验证 ‖ Last proven`
	BindingHangs    Sentence = `依赖它的内容 ‖ What hangs on it`
	BindingFresh    Sentence = `向各项服务询问于 ‖ The services were asked at`
	BindingNotAsked Sentence = `暂时没能问到各项服务，所以不知道有哪些内容依赖它。 ‖ The services could not be asked just now, so what depends on it is not known.`
	BindingActions  Sentence = `可以做什么 ‖ What you can do`
	BindingStrange  Sentence = `这不是你绑定的？先冻结账号，再联系客服。 ‖ You did not link this? Freeze the account first, then ask support.`

	PrivacyTitle  Sentence = `隐私 ‖ Privacy`
	PrivacySealed Sentence = `渠道给的标识在这里加密保存，只用来确认是你。 ‖ What its provider knows you by is kept encrypted here, and used only to recognise you.`
	PrivacyMasked Sentence = `页面上只显示打码后的样子：{label}。 ‖ Pages show it masked: {label}.`
	PrivacyThere  Sentence = `{name} 那边也有一份你的资料，由 {name} 自己保管。 ‖ {name} holds data of its own about you, under its own rules.`

	DeviceStrange Sentence = `有不认识的设备？请立即用页面上方的“紧急冻结”。 ‖ A device you do not know? Use "Freeze" at the top of the page at once.`

	BindingPending   Sentence = `待验证 ‖ Not proven yet`
	BindingActive    Sentence = `可用 ‖ Works`
	BindingSuspended Sentence = `已被渠道停用 ‖ Withdrawn by its provider`
	BindingRemoved   Sentence = `已解绑 ‖ Unlinked`

	CaseCardGo    Sentence = `继续 ‖ Go on`
	CaseCardSee   Sentence = `查看 ‖ See it`
	CaseCardNext  Sentence = `下一步： ‖ Next:`
	CaseCardWait  Sentence = `等待期，生效时间： ‖ Waiting period. Takes effect:`
	CaseCardGuard Sentence = `已解除，可以一键恢复到： ‖ Unlinked. Can be restored in one step until:`
	CaseCardSwap  Sentence = `换绑 {name} ‖ Replacing {name}`
	CaseCardName  Sentence = `解绑 {name} ‖ Unlinking {name}`

	DeviceThis    Sentence = `这台设备 ‖ This device`
	DeviceTrusted Sentence = `可信设备 ‖ Trusted`
	DeviceSeen    Sentence = `最近使用 ‖ Last seen`
	DeviceEnrol   Sentence = `登记这台设备的指纹或面容 ‖ Set up unlocking with this device`
	EnrolTitle    Sentence = `登记这台设备 ‖ Set up this device`
	EnrolLead     Sentence = `登记后，可以用这台设备的指纹、面容或锁屏密码来验证是你本人。它们不会离开设备。
		‖ Afterwards this device's fingerprint, face or screen lock can show that it is you. They never leave the device.`
	EnrolGo       Sentence = `开始登记 ‖ Set it up now`
	EnrolNoDevice Sentence = `请从手机 App 打开安全中心，再登记那台设备。
		‖ Open the security centre from the app on the device you want to set up.`
	ScriptNeeded Sentence = `这一步需要浏览器运行脚本（通行密钥的规定）。打开脚本，或改用别的验证方式。
		‖ This one step needs scripts (passkeys work no other way). Switch them on, or verify in another way.`
	ScriptFailed Sentence = `这台设备没有完成验证：可能是取消了，或不支持。可以再试一次，或改用别的方式。
		‖ The device did not finish: it was cancelled, or cannot do this. Try again, or use another way.`

	FreezeTitle Sentence = `紧急冻结账号 ‖ Emergency freeze`
	FreezeLead  Sentence = `账号被盗、手机丢失，或看到不是你做的操作？先冻结。
		‖ Account stolen, phone lost, or something you did not do? Freeze first.`
	FreezeAgain Sentence = `这里已经退出登录。刚才按过冻结的话，账号应该已经冻结；不放心可以登录看看，或者用手机号先暂停改动。
		‖ You are signed out here. If you have just pressed freeze, the account should be frozen; to be sure, sign in, or pause changes with your number.`
	FreezeStops Sentence = `所有设备立即退出，包括正在进行的登录。 ‖ Every device is signed out at once, half-finished sign-ins too.`
	FreezeHolds Sentence = `登录方式不能改动，进行中的解绑全部暂停。 ‖ No sign-in method can change, and every unlinking stops.`
	FreezeKeeps Sentence = `不会删除任何东西。核实身份后可以解除。 ‖ Nothing is deleted. It is lifted once you have been verified.`
	FreezeWhy   Sentence = `发生了什么（可不填） ‖ What happened (optional)`
	FreezeGo    Sentence = `立即冻结我的账号 ‖ Freeze my account now`
	FreezeKeep  Sentence = `不冻结，返回 ‖ Do not freeze, go back`
	FrozenTitle Sentence = `账号已冻结 ‖ Your account is frozen`
	FrozenLead  Sentence = `所有设备都已退出，进行中的操作都已停下。要解除冻结，请在 App 里联系客服核实身份。
		‖ Every device is signed out and everything under way has stopped. To lift the freeze, ask support in the app to verify you.`

	UnlinkTitle Sentence = `解绑 {name} ‖ Unlink {name}`
	SwapTitle   Sentence = `换绑 {name} ‖ Replace {name}`
	SwapKept    Sentence = `先绑定并验证新的，旧的之后才解除。账号和其中的内容都保留。
		‖ The new one is linked and proven first, and the old one goes later. The account and what is in it stay.`
	SwapLegend  Sentence = `你为什么想换？ ‖ Why do you want to replace it?`
	SwapStolen  Sentence = `账号被盗或手机丢失？先冻结更安全。 ‖ Stolen account or lost phone? Freeze first.`
	SwapKeep    Sentence = `暂不换绑 ‖ Keep the old one`
	SwapGo      Sentence = `开始换绑 ‖ Begin`
	SwapNothing Sentence = `现在什么都不会变：下一页先告诉你要做什么。 ‖ Nothing changes yet: the next page shows what there is to do.`
	UnlinkKept  Sentence = `解绑只去掉这一种登录方式，账号和其中的内容都保留。
		‖ Only this sign-in method goes. The account and what is in it stay.`
	UnlinkLegend Sentence = `你为什么想解绑？ ‖ Why do you want to unlink it?`
	UnlinkHint   Sentence = `只问一次。原因会影响给你的建议，不会降低验证要求。
		‖ Asked once. It shapes our advice and never lowers what is asked.`
	UnlinkStolen Sentence = `账号被盗或手机丢失？别急着解绑，先冻结更安全。
		‖ Stolen account or lost phone? Freeze first; unlinking now could help the thief.`
	UnlinkGo       Sentence = `看看影响，开始解绑 ‖ See what it means and begin`
	UnlinkNothing  Sentence = `现在还不会解绑：下一页先给你看影响。 ‖ Nothing is unlinked yet: the next page shows what it would mean.`
	UnlinkRefused  Sentence = `现在不能在这里解绑： ‖ It cannot be unlinked here now:`
	ReasonPrivacy  Sentence = `保护隐私 ‖ Privacy`
	ReasonSeparate Sentence = `把两个账号分开 ‖ Keeping two accounts apart`
	ReasonConflict Sentence = `功能互相干扰 ‖ Functions that get in each other's way`
	ReasonTheft    Sentence = `被盗或手机丢失 ‖ Stolen account or lost phone`
	ReasonWork     Sentence = `单位要求，工作与个人分开 ‖ My organisation asks for it`
	ReasonAbroad   Sentence = `移居或长期在境外 ‖ Moving or living abroad`
	ReasonOther    Sentence = `其他 ‖ Something else`
)
