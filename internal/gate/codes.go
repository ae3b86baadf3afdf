package gate

import (
	"net/http"

	"github.com/jieling-id/jieling"
)

// entry is what a door says of a code: its status, its name for people, what happened where the error itself does not say
// it (constant: always, whatever the error says), and what to do next.
type entry struct {
	status   int
	title    jieling.Text
	detail   jieling.Text
	next     jieling.Text
	constant bool
}

func entryOf(code jieling.Code) entry {
	if e, ok := table[code]; ok {
		return e
	}
	return table[jieling.CodeInternal]
}

func text(zh, en string) jieling.Text { return jieling.Text{ZH: zh, EN: en} }

// table is the one place where codes become statuses and sentences. docs/reference/errors.md tells the same at length.
var table = map[jieling.Code]entry{
	jieling.CodeInvalid: {
		status: http.StatusBadRequest,
		title:  text("请求有误", "The request is not valid"),
		detail: text("请求中有内容不符合要求。", "Something in the request is not as it must be."),
		next:   text("请按 errors 中列出的字段改正后重新提交。", "Correct the fields named in errors and send it again."),
	},
	jieling.CodeUnauthenticated: {
		status: http.StatusUnauthorized,
		title:  text("身份未确认", "Not authenticated"),
		detail: text("没有提供有效的 API 密钥或登录会话。", "The request carries no valid API key or session."),
		next:   text("请检查 Authorization 请求头中的密钥是否完整、是否已吊销。", "Check that the key in the Authorization header is complete and not revoked."),
	},
	jieling.CodeForbidden: {
		status: http.StatusForbidden,
		title:  text("无权操作", "Not allowed"),
		detail: text("当前身份无权进行此操作。", "This caller may not do that."),
		next:   text("请使用具备相应权限范围的密钥，或由账号本人操作。", "Use a key with the scope this call names, or let the account's owner do it."),
	},
	jieling.CodeNotFound: {
		status: http.StatusNotFound, constant: true,
		title:  text("未找到", "Not found"),
		detail: text("没有您可以访问的这项内容。", "There is nothing here that you can reach."),
		next:   text("请核对地址和编号。", "Check the address and the ID."),
	},
	jieling.CodeConflict: {
		status: http.StatusConflict,
		title:  text("与现有状态冲突", "In conflict with what is there"),
		detail: text("当前状态下无法进行此操作。", "The present state does not allow this."),
		next:   text("请先读取最新状态，再决定下一步。", "Read the present state, then decide."),
	},
	jieling.CodeStale: {
		status: http.StatusConflict,
		title:  text("内容已被更新", "Changed in between"),
		detail: text("处理期间内容已被其他操作修改。", "Something else changed it while this was under way."),
		next:   text("请读取最新状态后重试。", "Read the present state and try again."),
	},
	jieling.CodeBindingExists: {
		status: http.StatusConflict,
		title:  text("该登录身份已被绑定", "The identity is bound already"),
		detail: text("同一登录身份只能绑定一个账号。", "One login identity opens at most one account."),
		next:   text("请换一个登录身份，或先在原账号上解绑。", "Choose another identity, or unbind it where it is first."),
	},
	jieling.CodeCaseClosed: {
		status: http.StatusConflict,
		title:  text("解绑单已结束", "The case has ended"),
		detail: text("已结束的解绑单不能再操作。", "A case that has ended makes no further move."),
		next:   text("如仍需解绑，请新开一张解绑单。", "Open a new case if it is still wanted."),
	},
	jieling.CodeIdempotency: {
		status: http.StatusUnprocessableEntity,
		title:  text("幂等键已用于其他请求", "The idempotency key was used for another request"),
		detail: text("同一幂等键此前用于内容不同的请求。", "The same key came with a different request before."),
		next:   text("新的请求请使用新的幂等键。", "Use a new key for a new request."),
	},
	jieling.CodeLastWayIn: {
		status: http.StatusUnprocessableEntity,
		title:  text("这是最后的登录途径", "This is the last way in"),
		detail: text("移除后账号将无法登录。", "Without it nobody could sign in to the account."),
		next:   text("请先绑定并验证另一种登录方式。", "Set up another login and prove that it works first."),
	},
	jieling.CodeLockout: {
		status: http.StatusUnprocessableEntity,
		title:  text("解绑后可能失联", "The owner could be locked out"),
		detail: text("解绑后，有一种必须经受得住的情形会让你无法再登录。", "After the removal, a loss that must be survived would leave no way back in."),
		next:   text("请先补上另一种登录方式，或由本人声明已知晓（waiver)。", "Add another way in, or have the owner say that they know (waiver)."),
	},
	jieling.CodeReplacement: {
		status: http.StatusUnprocessableEntity,
		title:  text("需要先设置替代登录方式", "A replacement is required"),
		detail: text("解绑之前必须有一种可用且已验证的替代登录方式。", "Another proven way in must be in place before this one goes."),
		next:   text("请先设置替代登录方式（replacement)。", "Name a replacement and answer its challenge."),
	},
	jieling.CodeBackup: {
		status: http.StatusUnprocessableEntity,
		title:  text("备份事项尚未确认", "The backup is not settled"),
		detail: text("解绑之前需要完成备份，或明确选择不备份。", "A backup must be made or knowingly declined first."),
		next:   text("请提交备份选择（backup)。", "Settle the offer of a backup."),
	},
	jieling.CodeStep: {
		status: http.StatusUnprocessableEntity,
		title:  text("处置流程还有一步未完成", "A step of the playbook is pending"),
		detail: text("要先完成它所等待的步骤。", "It waits for a step that is not settled yet."),
		next:   text("请按解绑单的 playbook 依次完成。", "See to the steps of the case's playbook in their order."),
	},
	jieling.CodeStepUnseen: {
		status: http.StatusUnprocessableEntity,
		title:  text("这一步还没有生效", "The step has not taken effect"),
		detail: text("核实的结果是还没有完成。", "Whoever can tell says that it is not done."),
		next:   text("请完成后稍等片刻再试。", "Do it, wait a moment and try again."),
	},
	jieling.CodeVerification: {
		status: http.StatusUnprocessableEntity,
		title:  text("需要验证身份", "Verification is required"),
		detail: text("尚未完成所需的身份验证。", "What the case asks for has not been proven yet."),
		next:   text("请按解绑单中的 requirement 完成验证。", "Prove the factors that the case's requirement names."),
	},
	jieling.CodeNotEnrolled: {
		status: http.StatusUnprocessableEntity,
		title:  text("尚未设置该验证方式", "The factor is not set up"),
		detail: text("账号尚未设置该验证方式。", "The account has not set this factor up."),
		next:   text("请先设置，或改用方案中的其他验证方式。", "Set it up, or use another factor that the plan offers."),
	},
	jieling.CodeNotAsked: {
		status: http.StatusUnprocessableEntity,
		title:  text("不需要该验证方式", "The factor is not asked for"),
		detail: text("这张解绑单不需要该验证方式。", "This case does not ask for that factor."),
		next:   text("请从解绑单的 requirement 中选择。", "Choose one from the case's requirement."),
	},
	jieling.CodeNotOnPlatform: {
		status: http.StatusUnprocessableEntity,
		title:  text("此平台无法办理", "Not on this platform"),
		detail: text("此操作不能在当前平台办理。", "This cannot be done on this platform."),
		next:   text("请换到方案所指的平台办理。", "Move to a platform that the plan names."),
	},
	jieling.CodeProviderUnknown: {
		status: http.StatusUnprocessableEntity,
		title:  text("未知的登录渠道", "Unknown provider"),
		detail: text("没有配置该登录渠道。", "No such provider is configured."),
		next:   text("请核对渠道名称，或由运维人员配置。", "Check the provider's name, or have the operator configure it."),
	},
	jieling.CodeFrozen: {
		status: http.StatusLocked,
		title:  text("账号已冻结", "The account is frozen"),
		detail: text("账号冻结期间不能进行此操作。", "Nothing moves while the account is frozen."),
		next:   text("请先解除冻结。", "Have the account thawed first."),
	},
	jieling.CodeGuarded: {
		status: http.StatusLocked,
		title:  text("账号在保护期内", "The account is in its guarded window"),
		detail: text("刚解绑过登录方式，放宽保护的改动要等一等。", "A login was unlinked lately, so what makes the account less protected waits."),
		next:   text("请在保护期结束后再试。", "Try again once the guarded window is over."),
	},
	jieling.CodeWrongAnswer: {
		status: http.StatusUnprocessableEntity,
		title:  text("验证未通过", "Wrong answer"),
		detail: text("所填内容不正确。", "The answer is not right."),
		next:   text("请核对后重试，注意剩余次数。", "Check it and try again while guesses are left."),
	},
	jieling.CodeChallengeExpired: {
		status: http.StatusGone,
		title:  text("验证已过期", "The challenge has expired"),
		detail: text("这次验证已超过有效时间。", "The challenge was answered too late."),
		next:   text("请重新发起验证。", "Ask for a new challenge."),
	},
	jieling.CodeChallengeUsed: {
		status: http.StatusConflict,
		title:  text("验证已使用", "The challenge is used up"),
		detail: text("这次验证已经完成或作废。", "The challenge was answered before, or another has taken its place."),
		next:   text("请读取解绑单，按其下一步继续。", "Read the case and go on from there."),
	},
	jieling.CodeSameDevice: {
		status: http.StatusUnprocessableEntity,
		title:  text("需要另一台设备", "Another device is needed"),
		detail: text("发起解绑的设备不能用来扫码确认。", "The device the case was begun on cannot approve it."),
		next:   text("请用另一台已登录的手机扫码。", "Scan the code with another phone that is signed in."),
	},
	jieling.CodeTooMany: {
		status: http.StatusTooManyRequests,
		title:  text("操作过于频繁", "Too many attempts"),
		detail: text("尝试次数已达上限。", "The limit of attempts is reached."),
		next:   text("请在 Retry-After 指定的时间之后再试。", "Wait as long as Retry-After says."),
	},
	jieling.CodeDependency: {
		status: http.StatusServiceUnavailable,
		title:  text("依赖的服务暂不可用", "A dependency is unavailable"),
		detail: text("所依赖的服务暂时没有响应，未做任何更改。", "Something this needs did not answer; nothing was changed."),
		next:   text("请稍后用同一幂等键重试。", "Try again a little later with the same idempotency key."),
	},
	jieling.CodeTooLarge: {
		status: http.StatusRequestEntityTooLarge,
		title:  text("请求内容过大", "The body is too large"),
		detail: text("请求内容不得超过 1 MiB。", "A body holds at most 1 MiB."),
		next:   text("请缩小请求内容。", "Send less."),
	},
	jieling.CodeSignature: {
		status: http.StatusUnauthorized,
		title:  text("签名不符", "The signature does not fit"),
		detail: text("通知的签名、时间或接收方不符。", "The notice is not signed as it must be, is too old, or is for somebody else."),
		next:   text("请核对双方配置的令牌、密钥、应用编号和时钟。", "Check the token, keys, app ID and clock on both sides."),
	},
	jieling.CodeInternal: {
		status: http.StatusInternalServerError, constant: true,
		title:  text("服务内部错误", "Internal error"),
		detail: text("服务出现故障，已记录。", "The service failed; it has been recorded."),
		next:   text("请用同一幂等键重试；若仍失败，请将响应头 Request-Id 提供给运维人员。", "Try again with the same idempotency key; if it stays, give the operator the Request-Id header."),
	},
	CodeMethod: {
		status: http.StatusMethodNotAllowed,
		title:  text("不支持此请求方法", "Method not allowed"),
		detail: text("该地址不支持此请求方法。", "This address does not take that method."),
		next:   text("请使用 Allow 响应头列出的方法。", "Use one that the Allow header lists."),
	},
	CodeMediaType: {
		status: http.StatusUnsupportedMediaType,
		title:  text("不支持的内容类型", "Unsupported media type"),
		detail: text("请求内容必须是 UTF-8 编码的 application/json。", "A body must be application/json in UTF-8."),
		next:   text("请设置 Content-Type: application/json。", "Set Content-Type: application/json."),
	},
}
