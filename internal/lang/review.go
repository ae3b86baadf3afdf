package lang

import "github.com/jieling-id/jieling"

// Handing in what staff decide on, and waiting for it.
const (
	DocumentTitle Sentence = `身份证件人工审核 ‖ Identity document, reviewed by staff`
	TalkTitle     Sentence = `视频面谈 ‖ Video interview`

	ReviewStart       Sentence = `开始提交证件 ‖ Hand in a document`
	ReviewStartTalk   Sentence = `约一次视频面谈 ‖ Ask for a video interview`
	DocumentLead      Sentence = `拍下你的身份证、护照或居留证，由工作人员审核。 ‖ Take pictures of your identity card, passport or residence permit; staff review them.`
	DocumentPictures  Sentence = `证件照片 ‖ Pictures of the document`
	DocumentTip       Sentence = `1 到 4 张：正面、反面，以及手持证件的照片。JPEG、PNG 或 WebP，每张不超过 8 MB。 ‖ One to four: front, back, and one of you holding it. JPEG, PNG or WebP, at most 8 MB each.`
	DocumentGo        Sentence = `提交证件 ‖ Hand in the document`
	TalkLead          Sentence = `给出你方便的时间，工作人员会选一个，在这里告诉你会议地址。 ‖ Give times that suit you. Staff choose one, and you find the meeting’s address here.`
	TalkSlot          Sentence = `方便的时间 {n} ‖ Time {n} that suits you`
	TalkTip           Sentence = `至少填一个，最多五个，一小时之后、两周之内，北京时间。 ‖ At least one and at most five, between an hour and two weeks from now, Beijing time.`
	TalkGo            Sentence = `提交时间 ‖ Send these times`
	ReviewAfterwards  Sentence = `提交以后：工作人员最晚在 {span} 内答复，可以先离开，有结果会通知你。还可以提交 {n} 次。 ‖ What happens then: staff answer within {span} at the latest. You may leave and will be told. You can hand in {n} more times.`
	ReviewReturned    Sentence = `没有通过，原因： ‖ It was not accepted, because:`
	ReviewPendingWith Sentence = `已提交，正在审核 ‖ Handed in, being reviewed`
	ReviewUntil       Sentence = `最晚答复： ‖ Answer at the latest:`
	ReviewMeetAt      Sentence = `面谈时间： ‖ Your talk is at:`
	ReviewMeetLink    Sentence = `进入视频会议 ‖ Join the meeting`
	ReviewTakeBack    Sentence = `撤回并删除 ‖ Take it back and delete it`
	ReviewDetourTitle Sentence = `有的方式用不了？由工作人员审核 ‖ Cannot use one of these? Have staff review it`
)

// The console's room of reviews.
const (
	NavReviews       Sentence = `审核 ‖ Reviews`
	ReviewsTitle     Sentence = `等待审核 ‖ Waiting for a review`
	ReviewsLead      Sentence = `先到期的在前。领取后 30 分钟内只有你能处理；每次查看材料都会记在对方的操作记录里。 ‖ What is due first comes first. A claim is yours for 30 minutes; every look at what was handed in stands on the person’s record.`
	ReviewsNone      Sentence = `队列已清空。 ‖ The queue is empty.`
	ReviewsRisk      Sentence = `风险 ‖ Risk`
	ReviewsScenario  Sentence = `场景 ‖ Scenario`
	ReviewsEyes      Sentence = `复核 ‖ Eyes`
	ReviewsFour      Sentence = `需要两人 ‖ two reviewers`
	ReviewsTwo       Sentence = `一人 ‖ one`
	ReviewsSince     Sentence = `等待自 ‖ Waiting since`
	ReviewsDue       Sentence = `到期 ‖ Due`
	ReviewsLang      Sentence = `语言 ‖ Language`
	ReviewsHolder    Sentence = `处理人 ‖ Holder`
	ReviewsNobody    Sentence = `无人 ‖ nobody`
	ReviewsYou       Sentence = `你 ‖ you`
	ReviewsOwn       Sentence = `你自己的账号 ‖ your own account`
	ReviewsOpen      Sentence = `打开 ‖ Open`
	ReviewsMore      Sentence = `下一页 ‖ Next page`
	ReviewsBack      Sentence = `返回队列 ‖ Back to the queue`
	ReviewOne        Sentence = `审核：{kind} ‖ Review: {kind}`
	ReviewSituation  Sentence = `情况 ‖ Situation`
	ReviewStage      Sentence = `解绑单 ‖ Case`
	ReviewLeaving    Sentence = `要解除 ‖ What goes`
	ReviewReason     Sentence = `申请人的理由 ‖ The person’s reason`
	ReviewWhy        Sentence = `为什么要求审核 ‖ Why it is asked`
	ReviewSignals    Sentence = `测得的情况 ‖ What was measured`
	ReviewEvidence   Sentence = `提交的材料 ‖ What was handed in`
	ReviewPicture    Sentence = `第 {n} 张 ‖ Picture {n}`
	ReviewErased     Sentence = `材料已删除。 ‖ It was deleted.`
	ReviewClaimFirst Sentence = `领取之后才能查看材料。 ‖ Claim it to see what was handed in.`
	ReviewClaim      Sentence = `领取 ‖ Claim`
	ReviewRenew      Sentence = `续 30 分钟 ‖ Renew for 30 minutes`
	ReviewHeldBy     Sentence = `{name} 正在处理，到 {time}。 ‖ {name} is at it until {time}.`
	ReviewYours      Sentence = `你已领取，到 {time}。 ‖ Yours until {time}.`
	ReviewIsOwn      Sentence = `这是你自己的账号，不能由你审核。 ‖ This is about your own account; you cannot review it.`
	ReviewIsVoted    Sentence = `你已同意通过，还需要另一位同事。 ‖ You agreed already; another colleague has to look.`
	ReviewIsOver     Sentence = `这项审核已结束。 ‖ This review is over.`
	ReviewVotes      Sentence = `已有的意见 ‖ What colleagues decided`
	ReviewDecide     Sentence = `决定 ‖ Decision`
	ReviewPass       Sentence = `通过 ‖ Pass`
	ReviewRefuse     Sentence = `拒绝 ‖ Refuse`
	ReviewMore       Sentence = `要求补充 ‖ Ask for more`
	ReviewReads      Sentence = `对方会看到 ‖ The person reads`
	ReviewNoReason   Sentence = `（通过，不用理由） ‖ (pass, no reason)`
	ReviewNote       Sentence = `内部备注，对方看不到 ‖ Note for colleagues; the person never reads it`
	ReviewSubmit     Sentence = `提交决定 ‖ Submit the decision`
	ReviewFixTitle   Sentence = `约定面谈 ‖ Fix the talk`
	ReviewFixAt      Sentence = `时间 ‖ Time`
	ReviewFixLink    Sentence = `会议地址（https） ‖ Address of the meeting (https)`
	ReviewFixGo      Sentence = `约定 ‖ Fix it`
	ReviewNextTip    Sentence = `另一位同事同意后生效。 ‖ It takes effect once another colleague agrees.`
	ReviewHash       Sentence = `材料指纹 ‖ Fingerprint`
	ReviewLeftTries  Sentence = `对方还能提交 {n} 次 ‖ The person can hand in {n} more times`
)

// ReviewIs words where a review stands.
func ReviewIs(s jieling.ReviewState) Sentence {
	switch s {
	case jieling.ReviewWaiting:
		return `等待审核 ‖ waiting`
	case jieling.ReviewAsked:
		return `等对方补充 ‖ asked for more`
	case jieling.ReviewRefused:
		return `已拒绝 ‖ refused`
	case jieling.ReviewPassed:
		return `已通过 ‖ passed`
	case jieling.ReviewWithdrawn:
		return `已撤回 ‖ taken back`
	}
	return `已作废 ‖ void`
}

// VerdictIs words what somebody decided.
func VerdictIs(v jieling.Verdict) Sentence {
	switch v {
	case jieling.Pass:
		return ReviewPass
	case jieling.AskForMore:
		return ReviewMore
	}
	return ReviewRefuse
}
