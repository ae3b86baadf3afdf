package lang

// A case, from what it would mean to what is left afterwards.
const (
	StepsLabel   Sentence = `步骤 ‖ Steps`
	StepsAt      Sentence = `第 {at} 步，共 {all} 步 ‖ Step {at} of {all}`
	StepReplace  Sentence = `新的登录方式 ‖ New way in`
	StepBackUp   Sentence = `备份 ‖ Backup`
	StepVerify   Sentence = `验证身份 ‖ Verify`
	StepConfirm  Sentence = `核对确认 ‖ Confirm`
	StepWait     Sentence = `等待期 ‖ Waiting period`
	StepCarryOut Sentence = `执行 ‖ Carry out`
	StepDone     Sentence = `完成 ‖ Done`

	SwapImpact    Sentence = `换下 {name} 后会发生什么 ‖ What happens once {name} is replaced`
	ImpactTitle   Sentence = `解绑 {name} 后会发生什么 ‖ What happens if you unlink {name}`
	ImpactLose    Sentence = `会失去 ‖ You lose`
	ImpactChange  Sentence = `会变化 ‖ It changes`
	ImpactSame    Sentence = `不受影响 ‖ Stays the same`
	ImpactUnknown Sentence = `还不知道 ‖ Not known yet`
	ImpactSilent  Sentence = `没有回应。我们不知道影响，所以不会当作“没有影响”。
		‖ No answer. We do not know the impact, and will not treat that as none.`
	ImpactAsk      Sentence = `再问一次 ‖ Ask again`
	ImpactNone     Sentence = `没有发现依赖它的内容。 ‖ We found nothing that depends on it.`
	ImpactNoReturn Sentence = `无法恢复 ‖ Cannot be restored`
	ImpactCount    Sentence = `{n} 项 ‖ × {n}`
	ImpactSize     Sentence = `备份约 {size} ‖ a backup is about {size}`
	ImpactRemedy   Sentence = `怎么办： ‖ What helps:`
	ImpactNow      Sentence = `现在 ‖ Now`
	ImpactAfter    Sentence = `之后 ‖ Afterwards`
	ImpactWaysIn   Sentence = `可以登录的方式：{n} 种 ‖ Ways to sign in: {n}`
	ImpactNew      Sentence = `先设置好一种新的登录方式，才会解除旧的 ‖ A new way in, set up before the old one goes`
	ImpactSkip     Sentence = `跳到现在要做的事 ‖ Jump to what there is to do now`
	ImpactPath     Sentence = `入口位置 ‖ Where it is found`
	ImpactOpen     Sentence = `打开入口 ‖ Open it there`
	ImpactStays    Sentence = `解绑之后 ‖ After it is unlinked`
	ImpactSteps    Sentence = `会怎么进行 ‖ How it goes`

	CourseTitle    Sentence = `办理经过 ‖ How it went so far`
	EventOpened    Sentence = `发起解绑 ‖ You began to unlink`
	EventProved    Sentence = `通过了一项验证 ‖ A check was passed`
	EventSubmitted Sentence = `材料或申请已提交 ‖ Something was handed in for a decision`
	EventReturned  Sentence = `提交的材料或申请被退回 ‖ What was handed in came back`
	EventReplaced  Sentence = `新的登录方式已就绪 ‖ Another way in is ready`
	EventBackedUp  Sentence = `选好了备份 ‖ The backup was settled`
	EventWaived    Sentence = `声明已知晓失联风险 ‖ You said that you know what could lock you out`
	EventAttested  Sentence = `系统厂商对设备作了说明 ‖ The device’s maker was heard about it`
	EventConfirmed Sentence = `确认解绑 ‖ You confirmed`
	EventStarted   Sentence = `开始执行 ‖ It began to be carried out`
	EventRemoved   Sentence = `已从账号上解除 ‖ Unlinked from the account`
	EventCleanup   Sentence = `要求清除残留 ‖ You asked to clear what was left`
	EventCleared   Sentence = `一项残留已清除 ‖ Something left behind was cleared`
	EventCancelled Sentence = `已取消 ‖ Cancelled`
	EventUndone    Sentence = `撤回解绑，开始恢复 ‖ You took it back; restoring began`
	EventFrozen    Sentence = `账号冻结，暂停办理 ‖ The account was frozen, and this stopped`
	EventThawed    Sentence = `解除冻结，可以继续 ‖ The freeze was lifted`
	EventCarried   Sentence = `一种登录方式首次通过验证，其他登录和未完成的申请已失效 ‖ A login was proven for the first time; other sign-ins and unfinished requests ended`
	EventExpired   Sentence = `太久没有确认，自动结束 ‖ It was not confirmed in time and ended`
	EventClosed    Sentence = `保护期结束 ‖ The guarded window ended`
	EventWaitEnds  Sentence = `等待期结束，开始执行 ‖ The waiting period ends and it is carried out`
	EventGuardEnds Sentence = `保护期结束，之后不能一键恢复 ‖ The guarded window ends; no restoring in one step afterwards`

	CompareTitle     Sentence = `在别的设备上会怎样 ‖ How it goes on other devices`
	CompareLead      Sentence = `可以换一台设备，从安全中心接着做。 ‖ You can go on from the security centre on another device.`
	ComparePlatform  Sentence = `在哪里 ‖ Where`
	CompareAsks      Sentence = `需要验证 ‖ What is asked`
	CompareSteps     Sentence = `步骤 ‖ Steps`
	CompareAssurance Sentence = `可靠程度 ‖ Assurance`
	CompareRefused   Sentence = `不能在这里解绑 ‖ Not possible there`

	PlatformAndroid Sentence = `安卓手机 ‖ Android`
	PlatformIOS     Sentence = `苹果手机 ‖ iPhone`
	PlatformWeb     Sentence = `网页 ‖ Web`
	LevelLow        Sentence = `低 ‖ Low`
	LevelMedium     Sentence = `中 ‖ Medium`
	LevelHigh       Sentence = `高 ‖ High`

	ReplaceTitle Sentence = `先准备好新的登录方式 ‖ Set up another way in first`
	ReplaceLead  Sentence = `新的方式证明可用之后，才会解除旧的。 ‖ The old one goes only once the new one has been proven to work.`
	SwapPhone    Sentence = `新的手机号 ‖ The new phone number`
	SwapEmail    Sentence = `新的邮箱 ‖ The new e-mail address`
	SwapLead     Sentence = `它收到验证码、证明可用之后，旧的才会解除；在那之前两个都能用。
		‖ Once it has answered a code the old one may go. Until then both work.`
	ReplacePhone Sentence = `这个账号由 {name} 注册，留下的方式里必须有手机。
		‖ The account was registered through {name}, so a phone must be among the ways that stay.`
	ReplaceEffort   Sentence = `麻烦程度 ‖ Effort`
	ReplaceRisk     Sentence = `安全代价 ‖ Security cost`
	ReplaceComplete Sentence = `功能完整 ‖ Completeness`
	ReplaceCompare  Sentence = `各种方式的代价 ‖ What each way costs`
	ReplaceHave     Sentence = `已有 ‖ You have it`
	ReplaceSaves    Sentence = `有了它，发生这些事也还能登录：{list}。 ‖ With it you still get in if: {list}.`
	ReplaceOpens    Sentence = `多出来的风险：{list}。 ‖ Who else could get in by it: {list}.`
	ReplaceNumber   Sentence = `手机号 ‖ Phone number`
	ReplaceHint     Sentence = `境内号码直接填 11 位；境外号码以 + 和国家代码开头。
		‖ Begin with + and the country code. An 11-digit number is taken as one of mainland China.`
	ReplaceMalformed Sentence = `这不像一个手机号。境内号码填 11 位，境外号码以 + 和国家代码开头。 ‖ That is not a phone number. Begin with + and the country code, or give the 11 digits of a mainland number.`
	ReplaceSend      Sentence = `发送验证码 ‖ Send a code`
	ReplaceOther     Sentence = `换一个 ‖ Use another one`
	ReplaceProve     Sentence = `绑定并验证这个手机号 ‖ Link this number`
	ReplaceByMail    Sentence = `改用邮箱 ‖ Use a mailbox instead`
	ReplaceMailbox   Sentence = `邮箱 ‖ E-mail address`
	ReplaceMailHint  Sentence = `只支持部分功能；谁能看到这个邮箱，谁就能收到验证码。 ‖ It serves some functions only, and whoever can read this mailbox receives its codes.`
	ReplaceProveMail Sentence = `绑定并验证这个邮箱 ‖ Link this mailbox`

	BackupTitle   Sentence = `需要带走的东西 ‖ Things to take with you`
	BackupLead    Sentence = `解绑前先备份这些内容。选好之前不会继续。 ‖ Save these first. Nothing goes on until you have chosen.`
	BackupGeneral Sentence = `钱包交易记录和重要的聊天文件。 ‖ Wallet transactions and important chat files.`
	BackupMade    Sentence = `我已备份 ‖ I have made my backup`
	BackupDecline Sentence = `不需要备份 ‖ I need no backup`

	ConfirmTitle    Sentence = `最后核对 ‖ Check before you unlink`
	ConfirmWhat     Sentence = `要解除 ‖ What goes`
	ConfirmFrom     Sentence = `账号 ‖ Account`
	ConfirmWhen     Sentence = `生效时间 ‖ When`
	ConfirmAtOnce   Sentence = `确认后立即开始 ‖ At once`
	ConfirmAfter    Sentence = `确认后再等 {span} ‖ {span} after you confirm`
	ConfirmUndo     Sentence = `可以反悔 ‖ Can be undone`
	ConfirmUndoFor  Sentence = `解除后 {span}内可以一键恢复 ‖ In one step, for {span} afterwards`
	ConfirmTold     Sentence = `会通知 ‖ Who is told`
	ConfirmToldAll  Sentence = `你所有的联系方式，以及依赖它的服务 ‖ All your contact points, and the services that depend on it`
	ConfirmStay     Sentence = `留下的登录方式 ‖ What stays`
	ConfirmProved   Sentence = `已通过的验证 ‖ Checks you passed`
	ConfirmKnown    Sentence = `我知道这些无法恢复：{list} ‖ I know that this cannot be restored: {list}`
	ConfirmUnticked Sentence = `有内容解绑后无法恢复，请先勾选“我知道”，再确认。 ‖ Something cannot be restored afterwards. Tick that you know it, then confirm.`
	ConfirmChange   Sentence = `更改 ‖ Change`
	ConfirmLook     Sentence = `再看一遍影响 ‖ Look at it again`
	ConfirmGo       Sentence = `解除 {name} ‖ Unlink {name}`
	CaseKeep        Sentence = `暂不解绑 ‖ Keep it linked`
	CaseKeepHint    Sentence = `取消后不会有任何改动。 ‖ Nothing has changed and nothing will.`
	CaseExpires     Sentence = `这次解绑会保留到 {time}，可以稍后再回来继续。 ‖ This is kept until {time}; you can come back to it.`

	WaitTitle Sentence = `已提交，{time} 生效 ‖ Submitted. Takes effect at {time}`
	WaitBody  Sentence = `等待期是为了让真正的主人有时间发现异常。期间可照常登录，随时可以取消。
		‖ The wait gives the real owner time to notice. You can sign in as usual, and cancel any time.`
	WaitCancel Sentence = `取消，保留 {name} ‖ Cancel and keep {name}`

	RunTitle Sentence = `正在解除 {name} ‖ Unlinking {name}`
	RunBack  Sentence = `正在恢复 {name} ‖ Restoring {name}`
	RunCount Sentence = `已完成 {done}/{total} 项服务。可以离开，完成后会告诉你。
		‖ Services done: {done} of {total}. You can leave; we will let you know.`
	RunNobody    Sentence = `没有别的服务需要通知。 ‖ No other service has to be told.`
	LegPlanned   Sentence = `等待 ‖ Waiting`
	LegPrepared  Sentence = `已准备 ‖ Prepared`
	LegCommitted Sentence = `已执行，正在核对 ‖ Carried out, being checked`
	LegVerified  Sentence = `已核对干净 ‖ Checked and clean`
	LegResidue   Sentence = `有残留 ‖ Something is left`
	LegRefused   Sentence = `拒绝 ‖ Refused`
	LegPutBack   Sentence = `已恢复原状 ‖ Put back`
	LegSilent    Sentence = `没有回应，结果未知 ‖ No answer: not known`

	DoneTitle     Sentence = `已解除 {name} ‖ {name} is unlinked`
	DoneAlmost    Sentence = `已解除 {name}，还有残留要清除 ‖ {name} is unlinked, and something is left to clear`
	DoneTruths    Sentence = `三处分别核对 ‖ Checked in three places`
	DoneHere      Sentence = `在我们这里 ‖ Here`
	DoneHereGone  Sentence = `已删除，不能再用它登录 ‖ Gone: it cannot sign in any more`
	DoneUpstream  Sentence = `在 {name} 那边 ‖ At {name}`
	UpstreamOpen  Sentence = `还没有核实 ‖ Not checked yet`
	UpstreamNone  Sentence = `我们从未持有授权，无需收回 ‖ We never held a permission there: nothing to take back`
	UpstreamYours Sentence = `需要你自己收回：{name} 没有让我们代办的接口。请在 {name} 的授权管理里移除本产品。
		‖ Only you can take it back: {name} offers no way for us to. Remove this product under the permissions of {name}.`
	UpstreamGone Sentence = `{name} 已确认授权不再有效 ‖ {name} confirms that the permission is gone`
	UpstreamHow  Sentence = `怎么收回： ‖ How to take it back:`
	UpstreamAsk  Sentence = `再核实一次 ‖ Check again`
	DoneServices Sentence = `在各项服务 ‖ At each service`
	DoneUndo     Sentence = `保护期至 {time}。如果后悔或不是你操作的，可立即恢复。
		‖ Guarded until {time}. Changed your mind, or not you? Restore it now.`
	DoneUndoGo Sentence = `恢复 {name} ‖ Restore {name}`
	DoneUndone Sentence = `保护期已结束，不能直接恢复。可以重新绑定 {name}。
		‖ The guarded window is over. You can link {name} again instead.`
	DoneCare Sentence = `今天请留意账单和陌生登录，不要在公共网络上登录。
		‖ Today, watch your bills and any strange sign-ins, and stay off public networks.`
	ResidueTitle    Sentence = `还剩 {n} 项需要处理 ‖ Still left: {n}`
	ResidueLead     Sentence = `这些清除之前，这次解绑不算完成。 ‖ It is not finished until these are cleared.`
	ResidueNone     Sentence = `没有发现残留。 ‖ Nothing was left behind.`
	ResidueAllClear Sentence = `残留已全部清除。 ‖ Everything that was left behind has been cleared.`
	ResidueClear    Sentence = `清除：{title} ‖ Clear: {title}`
	ResidueAsked    Sentence = `已请求清除，正在核对 ‖ Asked to be cleared, being checked`
	ResidueCleared  Sentence = `已清除 ‖ Cleared`
	ResidueUnknown  Sentence = `这项服务没有回应，不知道是否有残留。 ‖ This service did not answer; what it keeps is not known.`
	ResidueByYou    Sentence = `这一项需要你自己处理。 ‖ This one is for you to do.`

	ThawTitle Sentence = `账号已冻结，解绑暂停 ‖ The account is frozen, and this with it`
	ThawBody  Sentence = `冻结期间什么都不会改动。解除冻结后需要重新验证。
		‖ Nothing changes while it is frozen. Afterwards the checks begin again.`

	EndedCancelled   Sentence = `已取消。{name} 仍然绑定，没有任何改动。 ‖ Cancelled. {name} is still linked and nothing changed.`
	EndedRefused     Sentence = `没有获准。{name} 仍然绑定，没有任何改动。 ‖ It was refused. {name} is still linked and nothing changed.`
	EndedExpired     Sentence = `太久没有确认，已自动结束。{name} 仍然绑定。 ‖ It was not confirmed in time and has ended. {name} is still linked.`
	EndedCompensated Sentence = `已恢复原状：{name} 仍然绑定。 ‖ Everything was put back: {name} is still linked.`
	EndedClosed      Sentence = `已全部完成。{name} 已解绑，没有残留。 ‖ All done. {name} is unlinked and nothing is left.`
	EndedWhy         Sentence = `原因： ‖ Why:`
	ReviewWaiting    Sentence = `正在等人工审核。有结果会通知你，可以先离开。 ‖ Waiting for a review by staff. You will be told; you may leave.`
	ApprovalWaiting  Sentence = `已提交给单位管理员，等待批准。有结果会通知你。
		‖ Sent to your organisation's administrator. You will be told.`
)
