package lang

// What comes before an unlinking, and what is kept of it.
const (
	BeforeTitle Sentence = `开始之前 ‖ Before you begin`
	BeforeRisks Sentence = `在{platform}上要留意 ‖ What to beware of here ({platform})`
	RiskHere    Sentence = `这次解绑的风险： ‖ Risk of this unlinking:`
	RiskLow     Sentence = `风险较低 ‖ Low risk`
	RiskMedium  Sentence = `有一定风险 ‖ Some risk`
	RiskHigh    Sentence = `风险较高 ‖ High risk`
	RiskMore    Sentence = `还有 {n} 条原因 ‖ More reasons: {n}`

	StolenTitle  Sentence = `先冻结，再解绑 ‖ Freeze first, then unlink`
	StolenLead   Sentence = `账号被盗或手机丢失时，冻结能立刻挡住别人；先解绑反而可能帮了对方。 ‖ When an account is stolen or a phone lost, a freeze stops others at once; unlinking first could help them.`
	StolenAnyway Sentence = `确定没有别人在用这个账号？也可以直接解绑，验证会更严格。 ‖ Sure that nobody else is using the account? You may unlink now; the checks are stricter.`
	StolenGo     Sentence = `不冻结，继续解绑 ‖ Unlink without freezing`

	TailLabel Sentence = `输入 {name} 的最后 {n} 位：{tail} ‖ Type the last {n} characters of {name}: {tail}`
	TailHint  Sentence = `有内容无法恢复，所以多问一步，免得按错。不分大小写。 ‖ Something cannot be restored, so this asks once more against a slip. Capitals do not matter.`
	TailWrong Sentence = `输入的和要解除的不一致，没有解绑。请对照 {name} 再输入一次。 ‖ What you typed is not what goes, so nothing was unlinked. Compare it with {name} and type it again.`

	CaseLater Sentence = `保存，稍后继续 ‖ Save and go on later`

	CalendarGet   Sentence = `加到日历 ‖ Add to calendar`
	CalendarWait  Sentence = `{name} 解绑生效 ‖ {name} is unlinked`
	CalendarGuard Sentence = `{name} 的保护期结束，之后不能一键恢复 ‖ The guarded window of {name} ends; no restoring in one step afterwards`
	CalendarAbout Sentence = `查看或改变主意：{url} ‖ See it or change your mind: {url}`

	ReportOpen     Sentence = `查看报告 ‖ See the report`
	ReportTitle    Sentence = `解绑报告：{name} ‖ Unlinking report: {name}`
	ReportCase     Sentence = `编号 ‖ Number`
	ReportState    Sentence = `状态 ‖ State`
	ReportOpened   Sentence = `发起时间 ‖ Begun`
	ReportPack     Sentence = `所依规则 ‖ Rules applied`
	ReportAt       Sentence = `报告时间 ‖ Report of`
	ReportPrint    Sentence = `可以打印，或在浏览器里存为 PDF。 ‖ Print it, or save it as PDF from your browser.`
	ReportRows     Sentence = `经过和封存记录 ‖ What happened, as sealed`
	ReportRowsLead Sentence = `每一行都用它的校验值和上一行连在一起，改动会被发现。 ‖ Each row is chained to the one before by its hash, so that a change would show.`
	ReportRow      Sentence = `第 {n} 行 ‖ Row {n}`
	ReportBack     Sentence = `返回这次解绑 ‖ Back to this unlinking`
	ReportRunning  Sentence = `进行中 ‖ Under way`
	ReportGuarded  Sentence = `已解除，在保护期内 ‖ Unlinked, in the guarded window`
	ReportLeftOver Sentence = `已解除，还有残留 ‖ Unlinked, and something is left`
	ReportEnded    Sentence = `已结束 ‖ Ended`
	ReportLeft     Sentence = `还没有清除 ‖ Not cleared yet`

	MethodFrozenNext   Sentence = `先在 App 里联系客服解除冻结。 ‖ Ask support in the app to lift the freeze first.`
	MethodUnusableNext Sentence = `要再用它，请在 App 里重新绑定或验证。 ‖ To use it again, link or verify it anew in the app.`
)
