package lang

// The console: where those who work with the service sign in, and see what the policy does.
const (
	ConsoleTitle   Sentence = `工作台 ‖ Console`
	ConsoleSignIn  Sentence = `工作人员登录 ‖ Sign in as staff`
	ConsoleLead    Sentence = `这里只给运营这个服务的人使用。想管理自己的登录方式，请去安全中心。 ‖ This is for those who run the service. To manage your own sign-in methods, go to the security centre.`
	ConsoleCentre  Sentence = `去安全中心 ‖ To the security centre`
	ConsoleName    Sentence = `名字 ‖ Name`
	ConsoleSecret  Sentence = `密码 ‖ Password`
	ConsoleCode    Sentence = `动态验证码 ‖ Authenticator code`
	ConsoleCodeTip Sentence = `身份验证器 App 上的六位数字，每 30 秒换一个，每个只能用一次。 ‖ The six digits in your authenticator app. They change every 30 seconds, and each works once.`
	ConsoleGo      Sentence = `登录 ‖ Sign in`
	ConsoleOut     Sentence = `你已退出工作台。 ‖ You are signed out of the console.`
	ConsoleAs      Sentence = `已登录：{name}，{role} ‖ Signed in: {name}, {role}`
	ConsoleEnds    Sentence = `停用 15 分钟或登录满 8 小时会自动退出。 ‖ You are signed out after 15 minutes without use, and after 8 hours in any case.`
	ConsoleMeans   Sentence = `没有打开任何会话。 ‖ No session was opened.`
	ConsoleNext    Sentence = `核对名字、密码和时间准确的验证器，再试一次。 ‖ Check the name, the password and that your authenticator's clock is right, and try again.`

	RoleReviewer Sentence = `审核员 ‖ reviewer`
	RoleOperator Sentence = `运维 ‖ operator`
)

// Role names what a member of staff may do.
func Role(role string) Sentence {
	if role == "operator" {
		return RoleOperator
	}
	return RoleReviewer
}

// The policy in force.
const (
	PackTitle     Sentence = `现行策略 ‖ The policy in force`
	PackLead      Sentence = `每次解绑要求什么，都由这份策略包决定。改动策略包的文件，服务会自己重新读取。 ‖ What every unlinking asks for is decided by this pack. Change the pack's file, and the service reads it anew.`
	PackName      Sentence = `策略包 ‖ Pack`
	PackVersion   Sentence = `版本 ‖ Version`
	PackAbout     Sentence = `说明 ‖ About`
	PackRows      Sentence = `条目 ‖ Rows`
	PackSpace     Sentence = `可能的情形 ‖ Situations there can be`
	PackSection   Sentence = `部分 ‖ Section`
	PackRule      Sentence = `依据 ‖ Requirement`
	PackRow       Sentence = `名称 ‖ Name`
	PackVerified  Sentence = `最近核对 ‖ Last verified`
	PackRowsTitle Sentence = `每一条最近什么时候核对过 ‖ When each row was last verified`
)
