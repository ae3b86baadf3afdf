package lang

import "github.com/jieling-id/jieling"

// A playbook, in a case and as reading.
const (
	PlaybookTitle    Sentence = `处置流程：{title} ‖ Playbook: {title}`
	PlaybookVerified Sentence = `最近核对：{date} ‖ Last verified: {date}`
	PlaybookRead     Sentence = `单独看这份流程 ‖ Read this playbook by itself`
	PlaybookAlone    Sentence = `这份流程可以打印。要照着办，请先登录，再从要解绑的登录方式开始。
		‖ This page can be printed. To go through it, sign in and begin at the login that is to go.`
	PlaybookBegin Sentence = `登录并开始 ‖ Sign in and begin`
	PlaybookNow   Sentence = `现在要做：{title} ‖ To do now: {title}`
	PlaybookOrder Sentence = `按顺序来：前一步没完成，后一步不会开始。 ‖ One after the other: no step begins before the one it waits for is done.`
	PlaybookRow   Sentence = `处置流程 ‖ Playbook`

	StepPlaybook  Sentence = `处置流程 ‖ Playbook`
	StepDoneIt    Sentence = `我已完成：{title} ‖ Done: {title}`
	StepSkipIt    Sentence = `知情跳过：{title} ‖ Leave out: {title}`
	StepOpenIt    Sentence = `打开办理页面 ‖ Open the page where it is done`
	StepOnline    Sentence = `办理页面： ‖ Where it is done:`
	StepAsks      Sentence = `完成后我们会向 {name} 核实，不用回来也能看到。 ‖ We ask {name} whether it is done, and notice it without your coming back.`
	StepLooks     Sentence = `完成后我们会从账号上核实。 ‖ We look at the account to see that it is done.`
	StepByWord    Sentence = `这一步没有人能替我们核实，以你说的为准。 ‖ Nobody can tell us whether this is done; we go by what you say.`
	StepUnasked   Sentence = `现在没法核实。你可以稍后再试，或以你说的为准。 ‖ It cannot be looked up now. Try again later, or we go by what you say.`
	StepTakes     Sentence = `别人办理，最长需要 {span}。 ‖ Somebody else has to act; it takes up to {span}.`
	StepForStaff  Sentence = `由工作人员完成，你不用操作。 ‖ Staff do this; there is nothing for you to do.`
	StepSafety    Sentence = `安全 ‖ Safety`
	StepFunction  Sentence = `功能，可跳过 ‖ Function, can be left out`
	WhoAutomatic  Sentence = `自动 ‖ By itself`
	WhoUser       Sentence = `你来做 ‖ You`
	WhoStaff      Sentence = `工作人员 ‖ Staff`
	WhoThirdParty Sentence = `在别处办理 ‖ Elsewhere`

	StateWaiting  Sentence = `等前面的步骤 ‖ Waits for the steps before`
	StateReady    Sentence = `待完成 ‖ To do`
	StateRunning  Sentence = `进行中 ‖ Under way`
	StateDone     Sentence = `已完成 ‖ Done`
	StateDeclined Sentence = `你选择了跳过 ‖ You left it out`
	StateFailed   Sentence = `待完成，暂时无法核实 ‖ To do; it cannot be looked up now`
	StateUndone   Sentence = `已撤回 ‖ Taken back`
	DoneProvider  Sentence = `已完成，{name} 已证实 ‖ Done; {name} confirms it`
	DoneAccount   Sentence = `已完成，账号上已核实 ‖ Done; the account shows it`
	DoneStaff     Sentence = `已完成，工作人员已确认 ‖ Done; staff say so`
	DoneWord      Sentence = `你说已完成 ‖ Done, you said`

	EventStepDone     Sentence = `完成了处置流程的一步 ‖ A step of the playbook was done`
	DeedRegion        Sentence = `更改了账号的地区 ‖ The account’s region was changed`
	EventStepDeclined Sentence = `跳过了处置流程的一步 ‖ A step of the playbook was left out`

	ToolPlaybook Sentence = `处置流程 ‖ playbook`

	NextStep Sentence = `请先完成处置流程里的这一步。 ‖ See to this step of the playbook first.`
)

// Who says who does a step.
func Who(p jieling.Performer) Sentence {
	switch p {
	case jieling.PerformerAutomatic:
		return WhoAutomatic
	case jieling.PerformerStaff:
		return WhoStaff
	case jieling.PerformerThirdParty:
		return WhoThirdParty
	}
	return WhoUser
}

// StepStands says how far a step is, and on whose word. {name} is the provider of the login that goes.
func StepStands(s jieling.Step) Sentence {
	switch s.State {
	case jieling.StepDone:
		return doneBy(s.By)
	case jieling.StepReady:
		return StateReady
	case jieling.StepRunning:
		return StateRunning
	case jieling.StepDeclined:
		return StateDeclined
	case jieling.StepFailed:
		if s.Does != "" {
			return StateUndone
		}
		return StateFailed
	}
	return StateWaiting
}

func doneBy(v jieling.Voucher) Sentence {
	switch v {
	case jieling.ByProvider:
		return DoneProvider
	case jieling.ByAccount:
		return DoneAccount
	case jieling.ByProduct:
		return DoneStaff
	case jieling.ByWord:
		return DoneWord
	}
	return StateDone
}
