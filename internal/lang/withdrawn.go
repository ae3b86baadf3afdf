package lang

import "github.com/jieling-id/jieling"

// What a provider said of a login, and what to do next: another way in first, then this one anew.
const (
	WithdrawnConsent  Sentence = `授权在 {name} 那边收回了，它现在不能用来登录。 ‖ The permission was taken back at {name}, so it cannot sign in now.`
	WithdrawnDeleted  Sentence = `这个 {name} 账号已在那边注销，不会再回来。 ‖ This account at {name} was deleted there, for good.`
	WithdrawnDisabled Sentence = `{name} 停用了这个账号，它暂时不能用来登录。 ‖ {name} has disabled this account, so it cannot sign in for now.`
	WithdrawnHijacked Sentence = `{name} 认为这个账号曾被他人掌握，已将它停用。 ‖ {name} thinks that somebody else has had this account, and has disabled it.`
	WithdrawnLeft     Sentence = `你已不在这个单位的 {name} 里，它不能再用来登录。 ‖ You are no longer in this organisation's {name}, so it cannot sign in.`
	WithdrawnBack     Sentence = `{name} 说这个账号恢复了。为了安全，用它重新登录一次后才算数。
		‖ {name} says that this account is back. To be safe, it counts again once you have signed in with it anew.`
	WithdrawnSince Sentence = `发生于 ‖ Since`

	WithdrawnSafe  Sentence = `账号和里面的内容都在，没有解绑任何东西。 ‖ Your account and what is in it are safe, and nothing was unlinked.`
	WithdrawnFirst Sentence = `先看看还有没有别的登录方式；没有的话，在产品的 App 里加一种。
		‖ First see that you have another way to sign in; if not, add one in the product's app.`
	WithdrawnRenew   Sentence = `它还是你的？用 {name} 重新登录一次，它就能再用。 ‖ Is it still yours? Sign in with {name} once more and it works again.`
	WithdrawnRenewGo Sentence = `重新验证 {name} ‖ Prove {name} anew`
	WithdrawnGuard   Sentence = `请先到 {name} 找回账号并改密码。{name} 通知我们恢复后，再回到这里重新验证。
		‖ Get the account back at {name} and change its password there. Once {name} tells us that it is back, prove it here anew.`

	HomeStranded Sentence = `唯一能用的登录方式被它的渠道收回了，现在没有可用的登录方式。账号和内容都在：请按下面说的办，或在 App 里联系客服。
		‖ Your only working login was withdrawn by its provider, so there is no way in now. Your account and what is in it are safe: see below what to do, or ask support in the app.`
)

// Withdrawn words what a provider last said of a login.
func Withdrawn(k jieling.NoticeKind) Sentence {
	switch k {
	case jieling.ConsentWithdrawn:
		return WithdrawnConsent
	case jieling.AccountDeleted:
		return WithdrawnDeleted
	case jieling.AccountDisabled:
		return WithdrawnDisabled
	case jieling.AccountHijacked:
		return WithdrawnHijacked
	case jieling.MemberLeft:
		return WithdrawnLeft
	}
	return WithdrawnBack
}
