package lang

// The phone's side of an approval by QR code.
const (
	ApproveTitle Sentence = `有人请求：{action} ‖ Request: {action}`
	ApproveOpen  Sentence = `确认请求 ‖ Approve a request`
	ApproveLead  Sentence = `只有你自己正在电脑上操作时才继续。这一步还不会批准任何事。
		‖ Go on only if you are doing this yourself right now. Nothing is approved by this step.`
	ApproveClaim   Sentence = `看看是什么请求 ‖ See what is asked`
	ApproveSession Sentence = `请在已登录的手机 App 里打开“扫一扫”，再扫这个码。没有登录就不会批准任何事。
		‖ Scan this code from the app on a phone where you are signed in. Without that, nothing can be approved.`
	ApproveFrom     Sentence = `发起的设备 ‖ Device`
	ApprovePlace    Sentence = `发起的位置 ‖ Where`
	ApproveNoDevice Sentence = `未登记的设备 ‖ A device we do not know`
	ApproveAccount  Sentence = `账号 ‖ Account`
	ApproveTime     Sentence = `时间 ‖ Time`
	ApproveAsk      Sentence = `电脑屏幕上显示的是哪个数字？没有看到就选“拒绝”。
		‖ Which number is on the other screen? If you see none, choose Deny.`
	ApprovePIN Sentence = `两样都要对才会批准。输错一次，这个码就失效，请再扫一次。
		‖ Both must be right. One mistake ends this code; then scan a new one.`
	ApproveEither Sentence = `可以留空，批准时用这台手机的指纹、面容或锁屏密码。输错一次，这个码就失效，请再扫一次。
		‖ Leave it empty to approve with this phone's fingerprint, face or screen lock. One mistake ends this code; then scan a new one.`
	ApproveByPIN  Sentence = `浏览器没有运行脚本，用不了这台手机的解锁：请输入支付密码。 ‖ Scripts are off, so this phone's lock cannot be asked: type the payment password.`
	ApproveUnlock Sentence = `批准时用这台手机的指纹、面容或锁屏密码。数字选错一次，这个码就失效，请再扫一次。
		‖ Approving takes this phone's fingerprint, face or screen lock. A wrong number ends this code; then scan a new one.`
	ApproveDeny   Sentence = `拒绝 ‖ Deny`
	ApproveYes    Sentence = `批准 ‖ Approve`
	ApproveNotMe  Sentence = `我没有在操作，冻结账号 ‖ This is not me: freeze my account`
	ApprovePassed Sentence = `已批准。请回到原来的屏幕继续。 ‖ Approved. Go on where you began.`
	ApproveDenied Sentence = `已拒绝，没有任何改动。 ‖ Denied. Nothing has changed.`
	ApproveDead   Sentence = `这个码已失效。请在原来的屏幕上换一个。 ‖ This code has ended. Show a new one on the other screen.`
)
