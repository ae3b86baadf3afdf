package lang

// The freeze for whoever cannot sign in. Every answer is the same, whatever number was typed.
const (
	HoldTitle  Sentence = `登录不了？先暂停改动 ‖ Cannot sign in? Pause changes first`
	HoldLead   Sentence = `用绑定在账号上的手机号（刚被解绑的也可以），能让账号 24 小时内不能解绑、绑定或改动验证方式。 ‖ With a phone number that is linked to the account, or was until lately, you can stop all unlinking, linking and changes of how it is verified for 24 hours.`
	HoldSoft   Sentence = `登录照常，不会把真正的主人关在外面。要完全冻结，请登录后操作，或在 App 里联系客服。 ‖ Signing in goes on, so that the real owner is not shut out. To freeze it altogether, sign in, or ask support in the app.`
	HoldOnce   Sentence = `每个号码 30 天内只能这样做一次。 ‖ Each number can do this once in 30 days.`
	HoldSend   Sentence = `发送验证码 ‖ Send a code`
	HoldSent   Sentence = `如果这个号码绑定着账号，或刚被解绑，验证码已经发出，几分钟内有效。 ‖ If this number is linked to an account, or was until lately, a code is on its way. It works for a few minutes.`
	HoldGo     Sentence = `暂停改动 ‖ Pause changes`
	HoldDone   Sentence = `如果信息匹配，账号的改动已暂停 ‖ If the details match, changes are paused now`
	HoldNext   Sentence = `接下来 24 小时里，在产品的 App 里联系客服核实身份。客服不会问你要验证码。 ‖ Within the next 24 hours, ask support in the product's app to verify you. They never ask for a code.`
	HoldAgain  Sentence = `换一个号码，或重新发送 ‖ Use another number, or send again`
	HoldSignIn Sentence = `还能登录？登录后可以立即完全冻结。 ‖ Can you still sign in? Then you can freeze it altogether at once.`
	HeldUntil  Sentence = `改动已暂停到 {time}。可以照常登录；不是你申请的？在 App 里联系客服解除。 ‖ Changes are paused until {time}. You can sign in as ever. You did not ask for it? Support in the app can lift it.`
)
