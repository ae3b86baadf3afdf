package lang

// Where the account is signed in, and how it is signed out there.
const (
	DevicesTitle  Sentence = `设备和登录 ‖ Devices and sign-ins`
	DevicesLead   Sentence = `你的账号在这些地方登录过。有不认识的，就让它退出。 ‖ This is where your account is used. If you do not know a place, sign it out.`
	DevicesManage Sentence = `查看和管理登录 ‖ See and manage sign-ins`
	DevicesMore   Sentence = `还有 {n} 台设备 ‖ And {n} more`
	DevicesFrozen Sentence = `账号已冻结，所有地方都已退出。解除冻结后才能移除设备。
		‖ The account is frozen and signed out everywhere. Devices can be removed once the freeze is lifted.`

	SessionsElsewhere Sentence = `没有登记的设备 ‖ Devices we do not know`
	SessionHere       Sentence = `你正在这里 ‖ You are here`
	SessionFromApp    Sentence = `从 App 进入 ‖ Came in from the app`
	SessionBy         Sentence = `用 {name} 登录 ‖ Signed in with {name}`
	SessionSince      Sentence = `开始于 ‖ Since`
	SessionUntil      Sentence = `最晚到 {time} 自动退出。 ‖ Ends by itself by {time}.`
	SessionNone       Sentence = `现在没有登录。 ‖ Not signed in now.`
	SessionEnd        Sentence = `退出登录 ‖ Sign out there`
	SessionEndOf      Sentence = `（设备：{device}） ‖ (device: {device})`
	SessionOnlyHere   Sentence = `只有这里登录着。 ‖ You are signed in here only.`
	SessionEnded      Sentence = `已退出。那里要重新登录才能再用。 ‖ Signed out. It takes a new sign-in to come back there.`

	DeviceRemove  Sentence = `移除设备 ‖ Remove this device`
	DeviceKept    Sentence = `这是你正在用的设备。要离开它，请退出登录。 ‖ This is the device you are using. To leave it, sign out.`
	DeviceRemoved Sentence = `已移除。它不能再登录、验证或批准任何操作；需要时可以从 App 重新登记。
		‖ Removed. It can no longer sign in, verify or approve anything. You can set it up again from the app.`

	OthersTitle Sentence = `让其他地方全部退出？ ‖ Sign out everywhere else?`
	OthersEnds  Sentence = `除了这里，所有地方立即退出，包括还没完成的登录。 ‖ Every place but this one is signed out at once, half-finished sign-ins too.`
	OthersCases Sentence = `进行中的解绑不会丢，但要重新验证。 ‖ What you are unlinking is kept, but its checks begin again.`
	OthersKeep  Sentence = `设备不会被移除，重新登录就能再用。 ‖ No device is removed. Signing in again is all it takes to come back.`
	OthersGo    Sentence = `其他地方全部退出 ‖ Sign out everywhere else`
	OthersBack  Sentence = `不退出，返回 ‖ Leave it as it is`
	OthersOut   Sentence = `已让其他设备全部退出，包括尚未完成的登录。 ‖ Signed out everywhere else, including sign-ins in progress.`

	EventRestarted Sentence = `其他登录已退出，需要重新验证 ‖ Other sign-ins were ended, so the checks begin again`
)
