package lang

// What stands around every page, and the pages that say no.
const (
	Brand        Sentence = `解铃 ‖ Jieling`
	BrandLine    Sentence = `账号安全中心 ‖ Security centre`
	SkipToMain   Sentence = `跳到正文 ‖ Skip to the content`
	NavView      Sentence = `显示方式 ‖ How pages look`
	CareOn       Sentence = `长辈版 ‖ Large text`
	CareOff      Sentence = `标准版 ‖ Usual text`
	NavFreezeNow Sentence = `紧急冻结 ‖ Freeze`
	NavFreeze    Sentence = `紧急冻结 ‖ Emergency freeze`
	NavSignOut   Sentence = `退出登录 ‖ Sign out`
	NavHome      Sentence = `返回安全中心 ‖ Back to the security centre`
	FooterSafety Sentence = `任何人（包括客服）都不会向你索要验证码或支付密码。
		‖ Nobody, support included, will ever ask you for a code or your payment password.`
	FooterHelp Sentence = `需要帮助？在产品的 App 里联系客服。 ‖ Need help? Ask support in the product's app.`
	Brackets   Sentence = `（{text}） ‖ ({text})`
	And        Sentence = `、 ‖ and`
	Or         Sentence = `或 ‖ or`
	Yes        Sentence = `是 ‖ Yes`
	Refresh    Sentence = `刷新看看 ‖ Refresh`
	WhatNext   Sentence = `接下来： ‖ What you can do:`
	ErrorCode  Sentence = `代码 ‖ Code`

	SignInTitle Sentence = `登录安全中心 ‖ Sign in to the security centre`
	SignInLead  Sentence = `请从产品的 App 打开安全中心：App 会证明你是谁，这里不需要密码。
		‖ Open the security centre from the product's app. The app says who you are; no password is needed here.`
	SignInOr     Sentence = `也可以用已绑定的登录方式进来： ‖ Or come in by a sign-in method that is linked:`
	SignInBy     Sentence = `用 {name} 登录 ‖ Sign in with {name}`
	SignedOut    Sentence = `你已退出登录。 ‖ You are signed out.`
	SignInDenied Sentence = `没有登录成功：你在 {name} 那边取消了，或者没有同意。账号没有任何变化。
		‖ You were not signed in: it was cancelled, or not agreed to, at {name}. Nothing has changed.`
	SignInForeign Sentence = `这次登录不是从这个浏览器开始的，为了你的安全没有继续。请重新登录。
		‖ This sign-in was not begun in this browser, so we stopped to keep you safe. Please sign in again.`

	HandoffTitle Sentence = `进入安全中心 ‖ Enter the security centre`
	HandoffLead  Sentence = `你正从 App 进入账号安全中心。这个入口五分钟内有效，只能用一次。
		‖ You are coming from the app to the security centre. This entrance works once, within five minutes.`
	HandoffGo Sentence = `继续 ‖ Continue`

	Offline Sentence = `网络断开了。做过的步骤都在，填好的内容还在这一页，连上之后再提交。
		‖ You are offline. What you did is saved and what you filled in is still on this page; send it once you are connected.`

	ProblemTitle     Sentence = `没能完成 ‖ That did not work`
	ProblemNotFound  Sentence = `没有找到这个页面 ‖ There is no such page`
	ProblemForbidden Sentence = `这里不能打开 ‖ You cannot open this`
	ProblemSignedOut Sentence = `需要先登录 ‖ Please sign in first`
	ProblemBusy      Sentence = `请求太频繁了 ‖ Too many requests`
	ProblemGone      Sentence = `这个链接已失效 ‖ This link has ended`
	ProblemInternal  Sentence = `我们这边出了问题，没能完成。请稍后再试，或把编号 {ref} 告诉客服。
		‖ Something went wrong on our side. Please try again later, or quote {ref} to support.`
	ProblemTooLarge Sentence = `提交的内容太大了。 ‖ What was sent is too large.`
	ProblemNoPage   Sentence = `地址可能写错了，或者内容已经不在了。 ‖ The address may be mistyped, or what it showed is no longer here.`
)

// What a refusal means for the account.
const (
	MeansUnchanged Sentence = `账号和登录方式没有因此改动。 ‖ Nothing about your account or its sign-in methods has changed by this.`
	MeansUncertain Sentence = `我们还不确定刚才的操作有没有生效；不会重复执行。 ‖ We cannot tell yet whether it took effect. It will not be done twice.`
	MeansFrozen    Sentence = `账号处于冻结状态，所有改动都先停下了。 ‖ The account is frozen, and every change waits.`
)

// The next step for each refusal: what the person can do now.
const (
	NextCheck       Sentence = `请检查标出的内容，改好后再提交。 ‖ Check what you entered, mend it and send it again.`
	NextSignIn      Sentence = `请从 App 重新打开安全中心。 ‖ Open the security centre from the app again.`
	NextOwn         Sentence = `请用这个账号自己的登录打开。 ‖ Open it signed in to the account it belongs to.`
	NextHome        Sentence = `回到安全中心，从列表里重新进入。 ‖ Go back to the security centre and enter from the list.`
	NextReload      Sentence = `刷新页面看看最新的情况，再决定下一步。 ‖ Reload the page to see how things stand, then decide.`
	NextNewCase     Sentence = `查看结果；需要的话可以重新发起解绑。 ‖ Look at the result; you can begin a new one if you need it.`
	NextAnotherWay  Sentence = `先添加手机、邮箱等另一种登录方式，再回来解绑。 ‖ Add a phone, an e-mail or another way in first, then come back.`
	NextBackup      Sentence = `选择“已备份”或“不需要备份”后继续。 ‖ Choose "I have made my backup" or "I need no backup", then go on.`
	NextVerify      Sentence = `完成下面列出的验证。 ‖ Finish the checks listed below.`
	NextOtherFactor Sentence = `先设置好它，或换一种列出的验证方式。 ‖ Set it up first, or choose another of the ways listed.`
	NextPlatform    Sentence = `换到允许这样做的设备上，从安全中心继续。 ‖ Go on in the security centre on a device that allows it.`
	NextProvider    Sentence = `换一种登录方式，或联系客服。 ‖ Choose another sign-in method, or ask support.`
	NextGuarded     Sentence = `等保护期结束后再试；会让账号更安全的改动现在就可以做。 ‖ Try again once the guarded window is over. What makes the account safer can be done now.`
	NextThaw        Sentence = `先在 App 里联系客服核实身份，解除冻结。 ‖ Ask support in the app to verify you and lift the freeze first.`
	NextRetry       Sentence = `仔细看一下再试一次，或换一种方式。 ‖ Look closely and try again, or use another way.`
	NextFresh       Sentence = `重新获取一个。 ‖ Ask for a new one.`
	NextOtherPhone  Sentence = `请用另一台已登录的手机扫码确认。 ‖ Scan and approve with another phone that is signed in.`
	NextWait        Sentence = `等一会儿再试，或换一种方式。 ‖ Wait a while and try again, or use another way.`
	NextWaitSpan    Sentence = `{span}后再试，或换一种方式。 ‖ Try again in {span}, or use another way.`
	NextLater       Sentence = `稍后再试；已经填好的不会丢。 ‖ Try again a little later; nothing you have done is lost.`
)
