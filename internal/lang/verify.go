package lang

// Proving that it is you.
const (
	VerifyTitle   Sentence = `确认是你本人 ‖ Confirm it is you`
	VerifyWhy     Sentence = `为什么要这样验证 ‖ Why this is asked`
	VerifyAll     Sentence = `以下每一项都要完成 ‖ All of these`
	VerifyAny     Sentence = `以下完成任意一项 ‖ Any one of these`
	VerifyDone    Sentence = `已通过 ‖ Passed`
	VerifyMissing Sentence = `待完成 ‖ To do`
	VerifyNotSet  Sentence = `还没有设置 ‖ Not set up`
	VerifyTries   Sentence = `还可以试 {n} 次。 ‖ {n} tries left.`
	VerifyTryOne  Sentence = `还可以试 1 次。 ‖ 1 try left.`
	VerifyValid   Sentence = `有效至 ‖ Valid until`
	VerifyPending Sentence = `对方还没有给出结果。稍等片刻再查询，不会消耗次数。
		‖ There is no result yet. Wait a moment and ask again; no try is used up.`
	VerifyOther       Sentence = `这些方式用不了？ ‖ Cannot use any of these?`
	VerifyOtherDevice Sentence = `换一台设备继续，要求可能不同： ‖ Go on with another device; it may ask for something else:`
	VerifyOtherStaff  Sentence = `在产品的 App 里联系客服，申请人工核验。客服不会问你要验证码。 ‖ Ask support in the product's app to verify you. They never ask for a code.`
	VerifyOtherLater  Sentence = `先离开也可以，进度会保留。 ‖ You may leave; your progress is kept.`
	VerifyWithout     Sentence = `没有需要验证的内容。 ‖ Nothing has to be verified.`

	PINTitle Sentence = `支付密码 ‖ Payment password`
	PINLabel Sentence = `6 位支付密码 ‖ Six-digit payment password`
	PINGo    Sentence = `验证支付密码 ‖ Check the password`
	SMSTitle Sentence = `短信验证码 ‖ SMS code`
	SMSLead  Sentence = `验证码会发到你已绑定的手机。 ‖ The code goes to a phone that is linked already.`
	SMSSend  Sentence = `发送验证码 ‖ Send the code`
	SMSSent  Sentence = `已发送到 {to}。 ‖ Sent to {to}.`
	SMSLate  Sentence = `还没收到？可能还在路上，通常一分钟内到。重发后旧的验证码作废。
		‖ Nothing yet? It may still be on its way; most arrive within a minute. A new code ends the old one.`
	SMSLabel  Sentence = `6 位验证码 ‖ Six-digit code`
	SMSGo     Sentence = `验证 ‖ Check the code`
	SMSAgain  Sentence = `重新发送 ‖ Send a new code`
	MailTitle Sentence = `邮件验证码 ‖ E-mail code`
	MailLead  Sentence = `验证码会发到你已绑定的邮箱。 ‖ The code goes to a mailbox that is linked already.`
	MailSoon  Sentence = `还没收到？通常一分钟内到，也看看垃圾邮件。重发后旧的验证码作废。
		‖ Nothing yet? Most arrive within a minute; look into spam, too. A new code ends the old one.`
	MailLate Sentence = `还没收到？邮件还在路上，发往其他服务商的邮箱可能要等几分钟，也看看垃圾邮件。验证码 {n} 分钟内都有效，不必急着重发：重发后旧的作废。
		‖ Nothing yet? It is still on its way: mail to other providers can take some minutes. Look into spam, too. The code stays valid for {n} minutes, so give it time: a new one ends it.`
	FaceTitle Sentence = `人脸核身 ‖ Face check`
	FaceLead  Sentence = `会打开核身服务商的页面，做完再回到这里。 ‖ It opens the vendor's page; come back here when you are done.`
	FaceStart Sentence = `准备人脸核身 ‖ Prepare the face check`
	FaceOpen  Sentence = `去做人脸核身 ‖ Go to the face check`
	FaceDone  Sentence = `我做完了，查询结果 ‖ I am done, ask for the result`
	FaceAgain Sentence = `重新开始 ‖ Begin again`

	UnlockTitle Sentence = `解锁这台设备 ‖ Unlock this device`
	UnlockLead  Sentence = `用这台设备的指纹、面容或锁屏密码。它们不会离开设备。
		‖ With this device's fingerprint, face or screen lock. They never leave it.`
	UnlockStart Sentence = `准备解锁 ‖ Prepare to unlock`
	UnlockGo    Sentence = `现在解锁 ‖ Unlock now`

	LockTitle Sentence = `登录设备锁 ‖ Login device lock`
	LockLead  Sentence = `开启后，不认识的设备登录时要多验证一步，已登录的设备不受影响。解绑和之后的保护期结束前不能关闭。
		‖ Once it is on, a device that is not known is asked for more; those that are signed in notice nothing. It stays on until the unlinking and its guarded window are over.`
	LockGo Sentence = `开启设备锁 ‖ Switch the device lock on`

	QRTitle Sentence = `手机扫码确认 ‖ Approve on your phone`
	QRLead  Sentence = `用一台已登录的手机确认。 ‖ Approve on a phone where you are signed in.`
	QRStart Sentence = `显示二维码 ‖ Show the code`
	QRAgain Sentence = `换一个二维码 ‖ Show a new code`
	QRDesk  Sentence = `用你已登录的手机扫码，并选择数字 {number}。不要扫描别人发来的码。
		‖ Scan with a phone where you are signed in, then choose {number}. Never scan a code someone sent you.`
	QRPicture Sentence = `二维码，内容是下面的地址 ‖ QR code of the address below`
	QRNumber  Sentence = `要选的数字 ‖ Your number`
	QRAddress Sentence = `扫不了？在那台手机上打开这个地址： ‖ Cannot scan? Open this address on that phone:`
	QRClaimed Sentence = `已在手机上打开，请在手机上选择数字。 ‖ Open on a phone. Choose the number there.`
	QRWaiting Sentence = `等待手机扫码。 ‖ Waiting for a phone to scan it.`

	FreezeCaseTitle Sentence = `冻结账号 ‖ Freeze the account`
	FreezeCaseLead  Sentence = `解绑期间账号会冻结：其他设备立即退出登录，谁都不能登录，其他解绑单暂停。解绑完成、取消或过期后自动解除。请留在这台设备上办完。
		‖ While this goes on the account is frozen: every other device is signed out at once, nobody signs in, and other cases stand still. The freeze ends when
		the login is unlinked, or when you cancel or the case expires. Stay on this device until you are done.`
	FreezeCaseLast Sentence = `这是最后一步：冻结会让其他设备退出登录，所以请先完成上面的验证。
		‖ This comes last: freezing signs out your other devices, so finish the checks above first.`
	FreezeCaseGo Sentence = `冻结账号，继续解绑 ‖ Freeze the account and go on`

	OtherFactor Sentence = `这种验证暂时不能在页面上完成，请联系客服。 ‖ This check cannot be done on this page. Please ask support.`
)
