package lang

// What an organisation gives or withholds: the cards of a member's case, and the pages of its administrators.
const (
	OrgAskLead Sentence = `这一步由你所在企业的管理员决定，你自己无法完成。管理员会看到要做什么、影响和你的原因，看不到你的个人登录方式。
		‖ An administrator of your organisation decides on this; you cannot do it alone. They see what is to be done, its impact and your reason, and not your personal logins.`
	OrgAsk      Sentence = `提交给管理员 ‖ Send it to the administrator`
	OrgWait     Sentence = `已提交给 {org} 的管理员，预计 {hours} 小时内答复。可以先离开，进度会保留。 ‖ Sent to {org}'s admin; expect an answer within {hours} hours. You may leave; your progress is kept.`
	OrgUntil    Sentence = `等到 ‖ Waits until`
	OrgCertLead Sentence = `核对企业的认证现在是否有效。不需要你提供任何东西。 ‖ This looks whether your organisation's certification holds now. Nothing is asked of you.`
	OrgCertGo   Sentence = `核对企业认证 ‖ Check the certification`
	OrgMDMLead  Sentence = `核对你现在用的这台设备是否由企业管理并且合规。请在企业的手机上操作。 ‖ This looks whether the device you are using is managed by your organisation and in order. Do it on your work phone.`
	OrgMDMGo    Sentence = `核对这台设备 ‖ Check this device`
	OrgKeyLead  Sentence = `用这台设备上的企业证书签名，证明它是企业发给你的设备。装有企业证书的 App 会代你完成；密钥不会离开设备。
		‖ The certificate on this device signs, to show that your organisation issued it to you. The app that has the certificate does it for you; its key never leaves the device.`
	OrgKeyStart   Sentence = `准备签名 ‖ Prepare to sign`
	OrgKeyMessage Sentence = `要签名的内容 ‖ What is signed`
	OrgKeyAnswer  Sentence = `App 给出的结果 ‖ What the app gave`
	OrgKeyGo      Sentence = `提交签名 ‖ Send the signature`

	OrgTitle       Sentence = `{org} 的管理 ‖ Administration of {org}`
	OrgHome        Sentence = `企业管理 ‖ Administration`
	OrgOpen        Sentence = `你是企业管理员。待审批的申请和成员在这里： ‖ You are an administrator of your organisation. Requests and members are here:`
	OrgStanding    Sentence = `企业认证 ‖ Certification`
	OrgCertified   Sentence = `有效至 ‖ Valid until`
	OrgUncertified Sentence = `没有有效的认证。成员在安卓上无法解绑，直到认证续期。 ‖ There is none that holds. Members cannot unlink on Android until it is renewed.`
	OrgMailbox     Sentence = `注册邮箱 ‖ Registration mailbox`
	OrgWaiting     Sentence = `待审批 ‖ Waiting for a decision`
	OrgNoneWaiting Sentence = `现在没有待审批的申请。 ‖ No request is waiting now.`
	OrgLook        Sentence = `查看 ‖ Look`
	OrgOwn         Sentence = `你自己的申请 ‖ Your own request`
	OrgMembers     Sentence = `成员 ‖ Members`
	OrgMembersLead Sentence = `个人登录方式只显示数量：它们属于成员自己。 ‖ Personal logins are shown as a number only: they are the members' own.`
	OrgWays        Sentence = `登录方式数量 ‖ Number of logins`
	OrgRoleMember  Sentence = `成员 ‖ member`
	OrgRoleAdmin   Sentence = `管理员 ‖ administrator`
	OrgDevices     Sentence = `设备与证书 ‖ Devices and certificates`
	OrgNoDevices   Sentence = `设备管理还没有报告任何设备。 ‖ Device management has reported no device yet.`
	OrgReported    Sentence = `报告于 ‖ Reported`
	OrgKeyUntil    Sentence = `证书到期 ‖ Certificate expires`
	OrgInOrder     Sentence = `合规 ‖ in order`
	OrgOutOfOrder  Sentence = `不合规 ‖ not in order`
	OrgStaleNews   Sentence = `超过一天没有报告 ‖ no report for a day`
	OrgNoKey       Sentence = `没有证书 ‖ no certificate`

	OrgRequest      Sentence = `审批申请 ‖ Decide on a request`
	OrgRequestBy    Sentence = `申请人 ‖ Requested by`
	OrgRequestWhat  Sentence = `要做什么 ‖ What is to be done`
	OrgRequestWhy   Sentence = `原因 ‖ Reason`
	OrgRequestAt    Sentence = `申请时间 ‖ Requested`
	OrgRequestOn    Sentence = `发起的位置 ‖ Begun on`
	OrgRequestLeft  Sentence = `完成后还剩的登录方式 ‖ Logins left afterwards`
	OrgImpact       Sentence = `影响 ‖ Impact`
	OrgNoImpact     Sentence = `没有发现依赖它的内容。 ‖ Nothing was found that depends on it.`
	OrgReason       Sentence = `你的理由（申请人会看到） ‖ Your reason (the member will read it)`
	OrgUnlock       Sentence = `证明是你本人在审批。 ‖ This shows that it is you who decides.`
	OrgUnlockEither Sentence = `可以留空，用这台设备的指纹、面容或锁屏密码。 ‖ Leave it empty to use this device's fingerprint, face or screen lock.`
	OrgNoUnlock     Sentence = `审批前，请先设置支付密码，或这台设备的解锁。 ‖ Set up a payment password, or this device's own unlock, before you decide.`
	OrgApprove      Sentence = `批准 ‖ Approve`
	OrgRefuse       Sentence = `不同意 ‖ Refuse`
	OrgBack         Sentence = `返回企业管理 ‖ Back to administration`
)
