package risk

import "github.com/jieling-id/jieling"

var blind = jieling.Text{ZH: "暂时查不到网络地址所在的地方。", EN: "The place of the network address cannot be looked up at the moment."}

// sentence says why a signal is at its level.
func sentence(name, level string) jieling.Text { return sentences[name][level] }

var sentences = map[string]map[string]jieling.Text{
	"place": {
		"usual":   {ZH: "在常用的地方。", EN: "A place this account is used to."},
		"unknown": {ZH: "不知道在什么地方，或还没有可比较的登录记录。", EN: "The place is not known, or there is no sign-in to compare it with."},
		"other":   {ZH: "不在常用的地方，或最近有异地登录。", EN: "Not a place this account is used to, or there was a sign-in from elsewhere lately."},
	},
	"travel": {
		"possible":   {ZH: "与上次登录的地点和时间相符。", EN: "It fits where and when the account was signed in before."},
		"unknown":    {ZH: "不知道两次登录之间的距离。", EN: "The distance between sign-ins is not known."},
		"impossible": {ZH: "两次登录相距太远，这么短的时间到不了。", EN: "Two sign-ins lie too far apart for the time between them."},
	},
	"network": {
		"known":   {ZH: "这个网络以前用过。", EN: "This network was used before."},
		"unknown": {ZH: "没见过这个网络。", EN: "This network was not seen before."},
		"public":  {ZH: "公共网络，或隐藏来源的网络。", EN: "A public network, or one that hides who is behind it."},
	},
	"device": {
		"trusted": {ZH: "可信设备。", EN: "A trusted device."},
		"known":   {ZH: "登录过的设备。", EN: "A device that was signed in on before."},
		"new":     {ZH: "没有登记过的设备，或不知道是哪台设备。", EN: "A device that is not registered, or nobody knows which one."},
	},
	"integrity": {
		"attested":   {ZH: "系统厂商证明设备和 App 是完好的。", EN: "The platform's maker vouches for the device and the app."},
		"unattested": {ZH: "没有设备完整性证明。", EN: "Nothing vouches for the device and the app."},
		"rooted":     {ZH: "设备可能已被 root 或越狱，或 App 被改动过。", EN: "The device may be rooted or jailbroken, or the app was changed."},
	},
	"number_age": {
		"old":     {ZH: "手机号已绑定很久。", EN: "The number has been bound for a long time."},
		"unknown": {ZH: "不知道手机号用了多久。", EN: "How long the number has been in use is not known."},
		"recent":  {ZH: "手机号绑定不久，或刚放号不久。", EN: "The number was bound, or handed out, only lately."},
	},
	"sim": {
		"same":    {ZH: "SIM 卡没有换过。", EN: "The SIM was not replaced."},
		"unknown": {ZH: "不知道 SIM 卡是否换过。", EN: "Whether the SIM was replaced is not known."},
		"swapped": {ZH: "最近补换过 SIM 卡。", EN: "The SIM was replaced lately."},
	},
	"holder": {
		"same":    {ZH: "运营商说手机号还是原来的机主。", EN: "The carrier says that the number has the same holder."},
		"unknown": {ZH: "不知道手机号是否换了机主。", EN: "Whether the number has changed hands is not known."},
		"changed": {ZH: "运营商说手机号已重新放号，换了机主。", EN: "The carrier says that the number was handed out again and has another holder."},
	},
	"factor_change": {
		"none":    {ZH: "验证方式最近没有改动。", EN: "No way of verifying was set up or removed lately."},
		"unknown": {ZH: "不知道验证方式最近是否改动过。", EN: "Whether a way of verifying was changed lately is not known."},
		"recent":  {ZH: "验证方式刚刚改动过。", EN: "A way of verifying was set up, changed or removed just now."},
	},
	"provider_risk": {
		"none":     {ZH: "登录渠道没有报告风险。", EN: "The provider reports no risk."},
		"unknown":  {ZH: "不知道登录渠道那边有没有风险。", EN: "Whether the provider sees a risk is not known."},
		"reported": {ZH: "登录渠道报告这个身份有风险或已被冻结。", EN: "The provider reports the identity as at risk or frozen."},
	},
}
