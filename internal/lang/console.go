package lang

// The console: where those who work with the service sign in, and see what the policy does.
const (
	ConsoleTitle   Sentence = `工作台 ‖ Console`
	ConsoleSignIn  Sentence = `工作人员登录 ‖ Sign in as staff`
	ConsoleLead    Sentence = `这里只给运营这个服务的人使用。你自己的登录方式在别处管理。 ‖ This is for those who run the service. Your own sign-in methods are managed elsewhere.`
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
	RoleAuditor  Sentence = `审计员 ‖ auditor`
	RoleNone     Sentence = `没有角色 ‖ none`

	ConsoleNotYours  Sentence = `这一页的角色是：{roles}。你的角色是：{role}。 ‖ The roles that this page is for: {roles}. Your role: {role}.`
	ConsoleAsk       Sentence = `可以请 {names} 帮你看，也可以请管理服务器的人给你换一个角色。 ‖ Ask {names}, or ask whoever runs the server to change your role.`
	ConsoleAskNobody Sentence = `目前没有这个角色的人。可以请管理服务器的人安排一位。 ‖ Nobody has that role at the moment. Ask whoever runs the server to appoint somebody.`
)

// Role names what a member of staff is there for.
func Role(role string) Sentence {
	switch role {
	case "reviewer":
		return RoleReviewer
	case "operator":
		return RoleOperator
	case "auditor":
		return RoleAuditor
	}
	return RoleNone
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

// Where the policy came from.
const (
	PackRead     Sentence = `读取时间 ‖ Read`
	PackUnproven Sentence = `策略包 {pack} 没有证明完整：{claim}（{row}）：{counter}。用 jieling policy prove {file} 查看。 ‖ the pack {pack} is not proven: {claim} ({row}): {counter}; run jieling policy prove {file}`
	PackUnread   Sentence = `文件读不了，日志里有原因。 ‖ The file cannot be read; the log says why.`
	PackRefused  Sentence = `{at} 改动的文件没有被采用，现行策略不变。原因： ‖ On {at} a changed file was refused; the policy in force stays. Why:`
)

// The console's rooms.
const (
	ConsoleNav    Sentence = `工作台导航 ‖ Console`
	NavPack       Sentence = `现行策略 ‖ Policy`
	NavProofs     Sentence = `证明 ‖ Proofs`
	NavExplain    Sentence = `解释 ‖ Explain`
	NavSimulation Sentence = `模拟 ‖ Simulate`
)

// What is proven of a pack.
const (
	ProofsTitle    Sentence = `对每一种情形的证明 ‖ Proofs over every situation`
	ProofsLead     Sentence = `不抽样：下面每一条都对全部 {n} 种情形成立，或者给出最小的反例。 ‖ Nothing is sampled: each claim holds for all {n} situations, or its smallest counter-example is shown.`
	ProofsRun      Sentence = `现在证明 ‖ Prove it now`
	ProofsClaim    Sentence = `命题 ‖ Claim`
	ProofsRow      Sentence = `要求 ‖ Requirement`
	ProofsVerdict  Sentence = `结果 ‖ Verdict`
	ProofsTook     Sentence = `用时（毫秒） ‖ Took (ms)`
	ProofHolds     Sentence = `成立 ‖ holds`
	ProofFails     Sentence = `不成立 ‖ fails`
	ProofsCounter  Sentence = `反例：两种情形并排 ‖ The counter-example, side by side`
	ProofsAll      Sentence = `全部成立。 ‖ All of them hold.`
	ProofsNone     Sentence = `没有证明完整。服务不会采用这样的策略包。 ‖ Not proven. The service would refuse this pack.`
	ClaimComplete  Sentence = `每种情形都有要求，或者被拒绝 ‖ Every situation asks for something or refuses`
	ClaimMonotone  Sentence = `风险更高的情形，要求不会更少 ‖ A riskier situation never asks for less`
	ClaimReachable Sentence = `什么都没设置的人也有路可走 ‖ Who has set nothing up still has a way`
	ClaimElsewhere Sentence = `一个平台上拒绝的，别的平台可以办 ‖ What is refused on one platform can be done on another`
	ClaimDetours   Sentence = `替代方式不比原来的容易被盗用 ‖ No detour is easier for a thief than what it stands in for`
	ClaimLosses    Sentence = `丢一样东西，不会交出全部要求 ‖ No requirement is met by what one loss hands over`
	ClaimPlaybooks Sentence = `每个处置流程都先保安全、再谈功能，并且走得到头 ‖ Every playbook puts safety before function, and can be gone through to its end`
	SideAsks       Sentence = `要求 ‖ Asks`
	SideFacts      Sentence = `情形 ‖ Situation`
	SideRules      Sentence = `规则 ‖ Rules`
	SideHas        Sentence = `手里有 ‖ Holds`
)

// Claim says what a pack claims of itself, by the claim's name; a name that is new here is said as the pack's completeness.
func Claim(name string) Sentence {
	switch name {
	case "monotone":
		return ClaimMonotone
	case "reachable":
		return ClaimReachable
	case "elsewhere":
		return ClaimElsewhere
	case "detours":
		return ClaimDetours
	case "losses":
		return ClaimLosses
	case "playbooks":
		return ClaimPlaybooks
	}
	return ClaimComplete
}

// What a situation asks, and why.
const (
	ExplainTitle    Sentence = `这种情形会要求什么 ‖ What a situation asks`
	ExplainLead     Sentence = `选择情形，看现行策略要求什么、由哪条规则要求。这里什么都不会改动。 ‖ Choose a situation, and see what the policy in force asks and which rule says so. Nothing is changed.`
	ExplainGo       Sentence = `解释 ‖ Explain`
	ExplainUnset    Sentence = `不知道 ‖ not known`
	ExplainDecision Sentence = `结论 ‖ The decision`
	ExplainRules    Sentence = `每条规则 ‖ Every rule`
	ExplainApplies  Sentence = `适用 ‖ Applies`
	ExplainNot      Sentence = `不适用 ‖ Does not apply`
	ExplainWhen     Sentence = `条件 ‖ Condition`
	ExplainText     Sentence = `说明 ‖ It says`
	ExplainAlways   Sentence = `总是 ‖ always`
	ExplainAcross   Sentence = `三个平台并排 ‖ The platforms side by side`
	ExplainRisks    Sentence = `风险与建议 ‖ Risks and advice`
	ExplainRisk     Sentence = `风险 ‖ Risk`
	ExplainAdvice   Sentence = `建议 ‖ Advice`
	DecidedRefused  Sentence = `拒绝：{why} ‖ Refused: {why}`
	DecidedWait     Sentence = `等待 {span} ‖ waits {span}`
	DecidedGuard    Sentence = `之后保护 {span} ‖ guarded for {span} afterwards`
	DecidedPhone    Sentence = `先绑定并验证手机号 ‖ a phone linked and proven first`
	DecidedOther    Sentence = `先有另一种登录方式 ‖ another sign-in method first`
	DecidedBackup   Sentence = `先备份，或明确放弃 ‖ a backup made or declined first`
)

// What a changed pack would have done.
const (
	SimTitle Sentence = `用历史模拟改动后的策略 ‖ Simulate a changed policy on past cases`
	SimLead  Sentence = `粘贴或上传改动后的策略包（不超过 256 KiB），用最近 {n} 个案件当时的情形重放。只看结果，什么都不会改动。
		‖ Paste or upload a changed pack (at most 256 KiB). It is asked about the situations of the newest {n} cases. You only look: nothing is changed.`
	SimPaste    Sentence = `策略包的文本 ‖ The pack's text`
	SimFile     Sentence = `或者选择文件 ‖ Or choose a file`
	SimGo       Sentence = `模拟 ‖ Simulate`
	SimEmpty    Sentence = `先粘贴策略包的文本，或者选择一个文件。 ‖ Paste the pack's text or choose a file first.`
	SimTooLarge Sentence = `策略包超过了 256 KiB。 ‖ The pack is larger than 256 KiB.`
	SimBroken   Sentence = `这份策略包读不进来，没有模拟。请按位置修改： ‖ This pack cannot be loaded, and nothing was simulated. Mend it by place:`
	SimRemarks  Sentence = `没有错，但看起来像疏漏 ‖ Not wrong, and looks like a slip`
	SimPlace    Sentence = `行:列 ‖ Line:column`
	SimWhat     Sentence = `问题 ‖ Problem`
	SimInstead  Sentence = `改成 ‖ Write instead`
	SimTotals   Sentence = `重放的结果 ‖ What came of it`
	SimRead     Sentence = `读取的案件：{n} 个，用时 {ms} 毫秒。旧版本没有记录情形、因此没有算进来的：{old} 个。
		‖ Cases read: {n}, in {ms} ms. Left out, because an older version kept no situation: {old}.`
	SimNone      Sentence = `还没有案件可以重放。 ‖ There is no case to replay yet.`
	SimOutcome   Sentence = `结果 ‖ Outcome`
	SimCount     Sentence = `案件数 ‖ Cases`
	SimSame      Sentence = `要求不变 ‖ asked for the same`
	SimMore      Sentence = `要求更多 ‖ asked for more`
	SimLess      Sentence = `要求更少 ‖ asked for less`
	SimRefused   Sentence = `现在会被拒绝 ‖ refused now`
	SimOther     Sentence = `要求不同 ‖ asked for something else`
	SimUnjudged  Sentence = `无法判断 ‖ could not be judged`
	SimSamples   Sentence = `有变化的案件 ‖ Cases that would change`
	SimSamplesOf Sentence = `每页最多 {n} 个，最新的在前。 ‖ At most {n} on a page, the newest first.`
	SimGroups    Sentence = `按背后的规则分组 ‖ By the rules behind it`
	SimRules     Sentence = `规则 ‖ Rules`
	SimList      Sentence = `列出 ‖ List`
	SimListThese Sentence = `列出：{outcome}，{rules} ‖ List: {outcome}, {rules}`
	SimMoreSets  Sentence = `还有 {n} 组更小的，没有列在这里。 ‖ {n} more groups are not listed here; each is smaller.`
	SimNext      Sentence = `下一页 ‖ Next page`
	SimFirst     Sentence = `回到第一页 ‖ First page`
	SimAll       Sentence = `列出全部有变化的 ‖ List all that would change`
	SimThese     Sentence = `现在列的是：{outcome}，{rules} ‖ Listed now: {outcome}, {rules}`
	SimEvery     Sentence = `全部变化 ‖ every change`
	SimAnyRule   Sentence = `任何规则 ‖ any rule`
	SimNoRule    Sentence = `没有规则 ‖ no rule`
	SimCase      Sentence = `案件 ‖ Case`
	SimBefore    Sentence = `当时 ‖ Before`
	SimAfter     Sentence = `改动后 ‖ After`
)

// Outcome names what a changed pack would do to a case.
func Outcome(outcome string) Sentence {
	switch outcome {
	case "same":
		return SimSame
	case "more":
		return SimMore
	case "less":
		return SimLess
	case "refused":
		return SimRefused
	case "unjudged":
		return SimUnjudged
	}
	return SimOther
}
