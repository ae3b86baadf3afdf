package lang

// The page behind the link in a notice, for whoever says that it was not them. Nobody is signed in there.
const (
	NotMeTitle    Sentence = `这是你做的吗？ ‖ Was this you?`
	NotMeWhat     Sentence = `{name} 已从你的账号解绑。 ‖ {name} was unlinked from your account.`
	NotMeUndo     Sentence = `不是你？一步完成：恢复 {name}，并冻结账号，所有设备退出。 ‖ Not you? In one step: {name} is put back and the account is frozen; every device is signed out.`
	NotMeOnly     Sentence = `不是你？账号会立即冻结，所有设备退出。核实身份后再处理这次解绑。 ‖ Not you? The account is frozen at once and every device signed out. The unlinking is looked into once you have been verified.`
	NotMeKeeps    Sentence = `不会删除任何东西，也不会让任何人登录。 ‖ Nothing is deleted, and nobody is signed in by this.`
	NotMeGo       Sentence = `撤销并冻结账号 ‖ Undo and freeze my account`
	NotMeGoOnly   Sentence = `冻结账号 ‖ Freeze my account`
	NotMeMine     Sentence = `是我本人，不用处理 ‖ It was me: do nothing`
	NotMeGood     Sentence = `这个链接有效至 ‖ This link works until`
	NotMeDone     Sentence = `已撤销，账号已冻结 ‖ Undone, and your account is frozen`
	NotMeDoneOnly Sentence = `账号已冻结 ‖ Your account is frozen`
	NotMeNext     Sentence = `所有设备都已退出，登录方式不能再改动。请在产品的 App 里联系客服核实身份，由他们解除冻结。客服不会问你要验证码。
		‖ Every device is signed out and no sign-in method can change. Ask support in the product's app to verify you and lift the freeze. They never ask for a code.`
	NotMeDead     Sentence = `这个链接不能再用了 ‖ This link can no longer be used`
	NotMeDeadWhy  Sentence = `它可能已经用过、已过期，或者没有复制完整。账号没有因为打开它而改动。 ‖ It may have been used, be too old, or not be copied whole. Opening it has changed nothing.`
	NotMeDeadNext Sentence = `还是担心？登录后可以立即冻结账号；登录不了，请在产品的 App 里联系客服。
		‖ Still worried? Signed in, you can freeze the account at once; if you cannot sign in, ask support in the product's app.`
)
