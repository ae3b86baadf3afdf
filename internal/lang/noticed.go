package lang

import "github.com/jieling-id/jieling"

// What was measured of a situation, and where it comes from. The sentence of each level comes with the signal.
const (
	NoticedTitle   Sentence = `我们注意到的情况 ‖ What we noticed`
	NoticedLead    Sentence = `要做哪些验证，依据的就是这些。不知道的，不会当作安全。 ‖ What is asked of you goes by this. What is not known is never taken for safe.`
	NoticedSome    Sentence = `{n} 项需要留意 ‖ {n} to look at`
	NoticedNothing Sentence = `没有需要留意的 ‖ Nothing stands out`
	NoticedUnknown Sentence = `不知道的 ‖ What is not known`
	NoticedFine    Sentence = `正常的 {n} 项 ‖ As usual: {n}`
	NoticedFrom    Sentence = `来源：{source}（{trust}） ‖ Source: {source} ({trust})`
	NoticedSee     Sentence = `看看我们注意到的情况 ‖ See what we noticed`

	StandsOut  Sentence = `需要留意 ‖ Stands out`
	InBetween  Sentence = `一般 ‖ In between`
	NotKnown   Sentence = `不知道 ‖ Not known`
	LooksUsual Sentence = `正常 ‖ As usual`
)

// Signal names a risk signal, or "" for one that is not ours.
func Signal(name string) Sentence {
	switch name {
	case "place":
		return SignalPlace
	case "travel":
		return SignalTravel
	case "network":
		return SignalNetwork
	case "device":
		return SignalDevice
	case "integrity":
		return SignalIntegrity
	case "number_age":
		return SignalNumberAge
	case "sim":
		return SignalSIM
	case "holder":
		return SignalHolder
	case "factor_change":
		return SignalFactors
	case "provider_risk":
		return SignalProvider
	}
	return ""
}

// The names of risk signals.
const (
	SignalPlace     Sentence = `所在的地方 ‖ Place`
	SignalTravel    Sentence = `两次登录之间的路程 ‖ Distance between sign-ins`
	SignalNetwork   Sentence = `网络 ‖ Network`
	SignalDevice    Sentence = `设备 ‖ Device`
	SignalIntegrity Sentence = `设备和 App 是否完好 ‖ Device and app`
	SignalNumberAge Sentence = `手机号用了多久 ‖ Age of the number`
	SignalSIM       Sentence = `SIM 卡 ‖ SIM card`
	SignalHolder    Sentence = `手机号的机主 ‖ Holder of the number`
	SignalFactors   Sentence = `验证方式的改动 ‖ Changes to your ways of verifying`
	SignalProvider  Sentence = `登录渠道的提醒 ‖ Warnings from the provider`
)

// Source words where a signal comes from, or "" for a place that is not ours.
func Source(source string) Sentence {
	switch source {
	case "sign_ins":
		return SourceSignIns
	case "geoip":
		return SourceAddress
	case "devices":
		return SourceDevices
	case "factors":
		return SourceFactors
	case "bindings":
		return SourceBindings
	case "carrier":
		return SourceCarrier
	case "provider":
		return SourceProvider
	case "caller":
		return SourceApp
	case "play_integrity":
		return SourceGoogle
	case "app_attest":
		return SourceApple
	case "webauthn":
		return SourceUnlock
	}
	return ""
}

// Where signals come from.
const (
	SourceSignIns  Sentence = `登录记录 ‖ sign-in history`
	SourceAddress  Sentence = `网络地址 ‖ network address`
	SourceDevices  Sentence = `账号的设备 ‖ devices of the account`
	SourceFactors  Sentence = `验证方式的设置记录 ‖ record of your ways of verifying`
	SourceBindings Sentence = `登录方式的绑定记录 ‖ record of your sign-in methods`
	SourceCarrier  Sentence = `运营商 ‖ the carrier`
	SourceProvider Sentence = `登录渠道 ‖ the provider of the login`
	SourceApp      Sentence = `你的应用提供 ‖ the app you came from`
	SourceGoogle   Sentence = `Google 对这台设备的证明 ‖ Google, about this device`
	SourceApple    Sentence = `Apple 对这台设备的证明 ‖ Apple, about this device`
	SourceUnlock   Sentence = `这台设备制造商的证明 ‖ the maker of this device`
)

// Trust words how far a source is trusted.
func Trust(t jieling.Trust) Sentence {
	switch t {
	case jieling.Attested:
		return TrustAttested
	case jieling.Observed:
		return TrustObserved
	}
	return TrustClaimed
}

// The degrees of trust.
const (
	TrustClaimed  Sentence = `由应用声明 ‖ stated by the app`
	TrustObserved Sentence = `本服务观察到 ‖ seen by this service`
	TrustAttested Sentence = `由第三方证明 ‖ vouched for by a third party`
)
