package lang

// The check-up. Every finding has its name, why it matters, and what its button says.
const (
	CheckTitle     Sentence = `安全体检 ‖ Security check-up`
	CheckGood      Sentence = `良好 ‖ Good`
	CheckAdvised   Sentence = `建议处理 ‖ Worth doing`
	CheckUrgent    Sentence = `需要立即处理 ‖ Needs you now`
	CheckNothing   Sentence = `没有需要处理的事项。随时可以再来看。 ‖ Nothing to fix. You can look again any time.`
	CheckCount     Sentence = `{n} 项可以让账号更安全，最要紧的在前。 ‖ Things that would make the account safer: {n}. The most important come first.`
	CheckMore      Sentence = `处理完这些，还有 {n} 项。 ‖ After these there are {n} more.`
	CheckOpen      Sentence = `查看体检 ‖ See the check-up`
	CheckUnchecked Sentence = `这次没能检查的 ‖ What could not be checked`
	CheckAt        Sentence = `检查于 ‖ Checked`

	FoundFrozen       Sentence = `账号已冻结 ‖ The account is frozen`
	FoundFrozenWhy    Sentence = `谁都不能登录，也不能改动。先看看是谁、什么时候冻结的；解除请在 App 里联系客服。 ‖ Nobody can sign in or change anything. See who froze it and when; to lift it, ask support in the app.`
	FoundFrozenDo     Sentence = `看看是谁冻结的 ‖ See who froze it`
	FoundNoWay        Sentence = `没有可用的登录方式 ‖ No usable way in`
	FoundNoWayWhy     Sentence = `退出之后就进不来了。请在 App 里联系客服。 ‖ Once signed out you could not come back. Ask support in the app.`
	FoundNoWayDo      Sentence = `查看登录方式 ‖ See the sign-in methods`
	FoundStranger     Sentence = `有 {n} 处登录在没有登记的设备上 ‖ Signed in on devices we do not know: {n}`
	FoundStrangerWhy  Sentence = `不是你？让它退出，并冻结账号。 ‖ Not you? Sign it out and freeze the account.`
	FoundStrangerDo   Sentence = `查看这些登录 ‖ See these sign-ins`
	FoundSwapped      Sentence = `手机的 SIM 卡刚补换过 ‖ The SIM of your number was just replaced`
	FoundSwappedWhy   Sentence = `是你自己换的就不用管。不是你？短信可能到了别人手里：马上联系运营商，并冻结账号。 ‖ If it was you, all is well. Not you? Messages may reach somebody else: call your carrier at once, and freeze the account.`
	FoundSwappedDo    Sentence = `不是我，去冻结 ‖ Not me: freeze`
	FoundOneWay       Sentence = `只剩一种登录方式 ‖ Only one way in`
	FoundOneWayWhy    Sentence = `一旦失去它就无法登录。在产品的 App 里再添加一种。 ‖ If you lose it, you are locked out. Add another in the product's app.`
	FoundOneWayDo     Sentence = `看看怎么补救 ‖ See what would help`
	FoundResidue      Sentence = `还有 {n} 项残留没有清除 ‖ Left behind and not cleared: {n}`
	FoundResidueWhy   Sentence = `清除之前，那次解绑不算完成。 ‖ Until it is cleared that unlinking is not finished.`
	FoundResidueDo    Sentence = `去清除 ‖ Clear it`
	FoundGrant        Sentence = `对方还留着授权 ‖ A permission still stands elsewhere`
	FoundGrantWhy     Sentence = `已解绑的登录方式那边，授权只有你能收回。 ‖ Where a method was unlinked, only you can take the permission back.`
	FoundGrantDo      Sentence = `看怎么收回 ‖ See how to take it back`
	FoundNoFactor     Sentence = `没有可靠的验证方式 ‖ No strong way to show that it is you`
	FoundNoFactorWhy  Sentence = `密码会被看到，短信会被截走。登记这台设备的指纹或面容更可靠。 ‖ Passwords are seen, texts intercepted. This device's fingerprint or face is stronger.`
	FoundNoFactorDo   Sentence = `登记这台设备 ‖ Set up this device`
	FoundPhoneOld     Sentence = `手机号一年多没有验证 ‖ Phone not proven for over a year`
	FoundPhoneOldWhy  Sentence = `停用的号码会被重新放出。不再是你的号码，就解绑它。 ‖ Numbers that are given up go to others. If it is no longer yours, unlink it.`
	FoundPhoneOldDo   Sentence = `查看这个手机号 ‖ See this number`
	FoundSuspended    Sentence = `一种登录方式被渠道停用 ‖ A sign-in method was withdrawn by its provider`
	FoundSuspendedWhy Sentence = `它现在不能用来登录。先确认那边的账号还在你手里。 ‖ It cannot sign in now. Make sure the account over there is still yours.`
	FoundSuspendedDo  Sentence = `查看这种登录方式 ‖ See this method`
	FoundUnused       Sentence = `一台设备三个月没有用过 ‖ A device unused for three months`
	FoundUnusedWhy    Sentence = `已经不在你手里？移除它。 ‖ No longer in your hands? Remove it.`
	FoundUnusedDo     Sentence = `查看设备 ‖ See the device`

	FoundPasswordFree    Sentence = `{n} 个服务扣款时不问密码 ‖ Services that take payments without a password: {n}`
	FoundPasswordFreeWhy Sentence = `账号一旦被盗，钱可以不经确认就转走。不用的就关掉。 ‖ If the account is taken over, money can go unasked. Switch off what you do not use.`
	FoundPasswordFreeDo  Sentence = `去关闭 ‖ Switch them off`
	FoundLockOff         Sentence = `登录设备锁没有开 ‖ The device lock is off`
	FoundLockOffWhy      Sentence = `开启后，不认识的设备登录时要多验证一步。 ‖ With it on, a device that is not known is asked for more.`
	FoundLockOffDo       Sentence = `去开启 ‖ Switch it on`
	FoundFindable        Sentence = `别人可以用号码搜到你 ‖ People can find you by a number`
	FoundFindableWhy     Sentence = `知道你 QQ 号的人能找到这个账号。不需要就关掉。 ‖ Whoever knows your QQ number can find this account. If you do not need that, switch it off.`
	FoundFindableDo      Sentence = `去关闭 ‖ Switch it off`
	FoundReview          Sentence = `有一个季度没有看过登录设备了 ‖ Devices not looked at for a quarter`
	FoundReviewWhy       Sentence = `一共 {n} 台。看看有没有不认识的。 ‖ There are {n}. See whether you know them all.`
	FoundReviewDo        Sentence = `看看设备 ‖ Look at the devices`
	FoundNoBiometric     Sentence = `没有用指纹、面容或声音保护 ‖ No fingerprint, face or voice protects it`
	FoundNoBiometricWhy  Sentence = `开启声音锁，或登记这台设备的指纹或面容。 ‖ Switch the voice lock on, or set up this device's fingerprint or face.`
	FoundNoBiometricDo   Sentence = `去开启 ‖ Choose one`
	FoundListOff         Sentence = `商户账号可以从任何设备登录 ‖ A merchant's account, signed in to from anywhere`
	FoundListOffWhy      Sentence = `只允许从指定的设备登录，别人拿到密码也进不来。 ‖ Let it be signed in to from named devices only: whoever else has the login stays outside.`
	FoundListOffDo       Sentence = `选择设备 ‖ Name the devices`

	CheckScore          Sentence = `{of} 项中 {n} 项已就绪 ‖ {n} of {of} in order`
	CheckReady          Sentence = `已就绪 ‖ in order`
	CheckMissing        Sentence = `还缺 ‖ missing`
	CheckUnknown        Sentence = `未知 ‖ unknown`
	ItemTwoWays         Sentence = `两种以上互不相干的登录方式 ‖ Two independent ways to sign in`
	ItemStrongFactor    Sentence = `可靠的验证方式 ‖ A strong way to show that it is you`
	ItemDeviceLock      Sentence = `登录设备锁 ‖ Device lock`
	ItemNotFound        Sentence = `别人不能用号码搜到你 ‖ Nobody finds you by a number`
	ItemNoPasswordFree  Sentence = `没有免密支付 ‖ No payments without a password`
	ItemDevicesReviewed Sentence = `这个季度看过登录设备 ‖ Devices looked at this quarter`
	ItemBiometric       Sentence = `指纹、面容或声音保护 ‖ A fingerprint, face or voice protects it`
	ItemNamedDevices    Sentence = `只允许指定的设备登录 ‖ Signed in to from named devices only`

	UncheckedPhone    Sentence = `手机号上次验证的时间（没有记录） ‖ When a phone was last proven (not on record)`
	UncheckedDevice   Sentence = `设备上次使用的时间（没有记录） ‖ When a device was last used (not on record)`
	UncheckedProvider Sentence = `已解绑的渠道那边授权是否收回（还没有答复） ‖ Whether a provider has withdrawn its permission (no answer yet)`
	UncheckedSwitches Sentence = `其他服务里的开关（没有问到，或没有回应） ‖ Switches at other services (not asked, or no answer)`
	UncheckedServices Sentence = `各项服务里依赖登录方式的内容（在每种登录方式的页面上询问） ‖ What hangs on each sign-in method at other services (asked on its own page)`
)

// Verdict words how an account stands, by package aftercare's word for it.
func Verdict(v string) Sentence {
	switch v {
	case "urgent":
		return CheckUrgent
	case "advised":
		return CheckAdvised
	}
	return CheckGood
}

// Found words a finding of package aftercare: its name, why it matters, and what its button says.
func Found(f string) (name, why, do Sentence) {
	switch f {
	case "frozen":
		return FoundFrozen, FoundFrozenWhy, FoundFrozenDo
	case "no_way_in":
		return FoundNoWay, FoundNoWayWhy, FoundNoWayDo
	case "unknown_sign_in":
		return FoundStranger, FoundStrangerWhy, FoundStrangerDo
	case "sim_swapped":
		return FoundSwapped, FoundSwappedWhy, FoundSwappedDo
	case "one_way_in":
		return FoundOneWay, FoundOneWayWhy, FoundOneWayDo
	case "residue":
		return FoundResidue, FoundResidueWhy, FoundResidueDo
	case "grant":
		return FoundGrant, FoundGrantWhy, FoundGrantDo
	case "no_strong_factor":
		return FoundNoFactor, FoundNoFactorWhy, FoundNoFactorDo
	case "phone_stale":
		return FoundPhoneOld, FoundPhoneOldWhy, FoundPhoneOldDo
	case "way_suspended":
		return FoundSuspended, FoundSuspendedWhy, FoundSuspendedDo
	}
	return foundAfter(f)
}

// foundAfter continues Found with what an owner can have in order.
func foundAfter(f string) (name, why, do Sentence) {
	switch f {
	case "password_free":
		return FoundPasswordFree, FoundPasswordFreeWhy, FoundPasswordFreeDo
	case "device_lock_off":
		return FoundLockOff, FoundLockOffWhy, FoundLockOffDo
	case "found_by_number":
		return FoundFindable, FoundFindableWhy, FoundFindableDo
	case "review_due":
		return FoundReview, FoundReviewWhy, FoundReviewDo
	case "no_biometric":
		return FoundNoBiometric, FoundNoBiometricWhy, FoundNoBiometricDo
	case "list_off":
		return FoundListOff, FoundListOffWhy, FoundListOffDo
	}
	return FoundUnused, FoundUnusedWhy, FoundUnusedDo
}

// Item words what a well-kept account has in order.
func Item(i string) Sentence {
	switch i {
	case "two_ways":
		return ItemTwoWays
	case "strong_factor":
		return ItemStrongFactor
	case "device_lock":
		return ItemDeviceLock
	case "not_found":
		return ItemNotFound
	case "no_password_free":
		return ItemNoPasswordFree
	case "devices_reviewed":
		return ItemDevicesReviewed
	case "biometric":
		return ItemBiometric
	}
	return ItemNamedDevices
}

// Ready words how an item stands.
func Ready(state string) Sentence {
	switch state {
	case "ready":
		return CheckReady
	case "missing":
		return CheckMissing
	}
	return CheckUnknown
}

// NotChecked words what a check-up could not look at.
func NotChecked(u string) Sentence {
	switch u {
	case "phone_age":
		return UncheckedPhone
	case "device_use":
		return UncheckedDevice
	case "provider":
		return UncheckedProvider
	case "services":
		return UncheckedSwitches
	}
	return UncheckedServices
}
