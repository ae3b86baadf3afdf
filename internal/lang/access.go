package lang

// Who could get in, and how the owner would get back in. What attackers and losses are called stands in the access template.
const (
	AccessTitle   Sentence = `谁能进入，你怎么回来 ‖ Who could get in, and how you would get back in`
	AccessLead    Sentence = `确认之前先看一眼。这是推断，不是检测到的攻击。 ‖ Worth a look before you confirm. This is reasoned, not an attack that was seen.`
	AccessIn      Sentence = `谁能进入账号 ‖ Who could get in`
	AccessBack    Sentence = `出了这些事，你还能登录吗 ‖ If this happened, would you still get in`
	AccessInWords Sentence = `{all} 种情形中，现在有 {now} 种能进入，之后有 {later} 种。 ‖ Of {all} kinds of attacker, {now} get in now and {later} afterwards.`
	AccessBkWords Sentence = `{all} 种情形中，现在有 {now} 种会让你失联，之后有 {later} 种。 ‖ Of {all} losses, {now} would lock you out now and {later} afterwards.`
	AccessLater   Sentence = `之后 ‖ After`
	AccessByOne   Sentence = `逐条说明 ‖ One by one`
	AccessInKey   Sentence = `箭头：进得来。横杠：进不来。虚线箭头：残留清理完之前还碰得到一部分。 ‖ An arrow gets in, a bar does not. A dashed arrow still reaches a part until the clean-up is confirmed.`
	AccessBackKey Sentence = `箭头：你能回来。叉：你会失联。 ‖ An arrow: you get back in. A cross: you are locked out.`
	AccessAdvice  Sentence = `建议： ‖ Advice:`
	AccessSafe    Sentence = `这里列出的情形，任何一种都不会让你失联。 ‖ None of the losses listed here would lock you out.`
	AccessUnsafe  Sentence = `这里列出的情形中，有 {n} 种会让你失联。 ‖ {n} of the losses listed here would lock you out.`
	AccessAssumes Sentence = `以上依据什么推断 ‖ What this rests on`
	AccessFrom    Sentence = `推断所用的假设： ‖ The assumptions used:`
	AccessLeftOut Sentence = `另有 {n} 种登录方式太多未计入，它们不算作你能回来的途径。 ‖ {n} more sign-in methods were too many to look at; none of them counts as a way back.`
	AccessDoors   Sentence = `能进入的情形 ‖ Who could get in now`
	AccessLocks   Sentence = `会让你失联的情形 ‖ What would lock you out now`

	AccessStill Sentence = `清理完之前，谁还碰得到 ‖ Who can still reach something until it is clean`
	AccessReach Sentence = `{who}：{what}里留下的内容还碰得到，核实清理干净后就不能了。 ‖ {who}: can still reach what is left at {what}, and no longer once that is verified to be clean.`

	WaiveTitle  Sentence = `解绑后，你可能再也进不来 ‖ Afterwards you might not get back in`
	WaiveLead   Sentence = `解绑 {name} 之后，只要出现下面的情形，你就登录不了，我们也没有别的办法确认是你。 ‖ Once {name} is gone, what stands below would leave you unable to sign in, and us without another way to know that it is you.`
	WaiveAdd    Sentence = `先验证你的手机号，或补上一个新的 ‖ First prove your number, or add a new one`
	WaiveStill  Sentence = `我知道，仍要解绑 ‖ I know, and go on`
	WaiveMeans  Sentence = `你的声明会连同理由记入这次解绑和安全记录，只对上面这些情形有效；账号冻结后作废。 ‖ Your word is kept, with your reason, in this case and in the security record. It covers what stands above and nothing else, and a freeze voids it.`
	WaiveReason Sentence = `为什么仍要解绑 ‖ Why you go on`
	WaiveHint   Sentence = `用你自己的话说，1 到 256 个字。 ‖ In your own words, 1 to 256 characters.`
	WaiveGo     Sentence = `声明我已知晓 ‖ Say that I know`
	WaiveDone   Sentence = `失联风险 ‖ Risk of lockout`
	WaiveSaid   Sentence = `你已声明知晓：{why} ‖ You said that you know: {why}`
)
