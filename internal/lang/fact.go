package lang

import "github.com/jieling-id/jieling"

// What policy packs look at. A pack may declare facts of its own, which go by their names.
const (
	FactPlatform     Sentence = `平台 ‖ platform`
	FactDeclared     Sentence = `本人说明的场景 ‖ scenario declared`
	FactReason       Sentence = `原因 ‖ reason`
	FactGoal         Sentence = `要做的事 ‖ what is to be done`
	FactProvider     Sentence = `登录渠道 ‖ provider`
	FactKind         Sentence = `账号类别 ‖ kind of account`
	FactRegion       Sentence = `地区 ‖ region`
	FactLocale       Sentence = `语言 ‖ language`
	FactRegistered   Sentence = `账号是用它注册的 ‖ account registered through it`
	FactLast         Sentence = `最后一种登录途径 ‖ last way in`
	FactNetwork      Sentence = `网络 ‖ network`
	FactDevice       Sentence = `设备 ‖ device`
	FactPlace        Sentence = `登录地点 ‖ place`
	FactTravel       Sentence = `两次登录之间的路程 ‖ journey between sign-ins`
	FactIntegrity    Sentence = `设备完整性 ‖ integrity of the device`
	FactNumberAge    Sentence = `手机号绑定了多久 ‖ how long the number is linked`
	FactSIM          Sentence = `SIM 卡 ‖ SIM card`
	FactHolder       Sentence = `手机号的机主 ‖ holder of the number`
	FactFactorChange Sentence = `验证方式的变动 ‖ change of a factor`
	FactProviderRisk Sentence = `渠道报告的风险 ‖ risk reported by the provider`
	FactManaged      Sentence = `由组织管理 ‖ managed by an organisation`
)

// Fact names what a pack looks at, by the name it has in conditions; "" for a fact of a pack's own.
func Fact(name string) Sentence {
	switch name {
	case "platform":
		return FactPlatform
	case "declared":
		return FactDeclared
	case "reason":
		return FactReason
	case "goal":
		return FactGoal
	case "provider":
		return FactProvider
	case "account_kind":
		return FactKind
	case "region":
		return FactRegion
	case "locale":
		return FactLocale
	case "registered_through":
		return FactRegistered
	case "last_way_in":
		return FactLast
	case "network":
		return FactNetwork
	case "device":
		return FactDevice
	case "place":
		return FactPlace
	case "travel":
		return FactTravel
	case "integrity":
		return FactIntegrity
	case "number_age":
		return FactNumberAge
	case "sim":
		return FactSIM
	case "holder":
		return FactHolder
	case "factor_change":
		return FactFactorChange
	case "provider_risk":
		return FactProviderRisk
	case "managed":
		return FactManaged
	}
	return ""
}

// The values that facts take.
const (
	ValueNo         Sentence = `否 ‖ no`
	ValueYes        Sentence = `是 ‖ yes`
	ValueUnknown    Sentence = `不知道 ‖ not known`
	ValueNone       Sentence = `没有 ‖ none`
	ValueUnlink     Sentence = `解绑 ‖ unlink`
	ValueLink       Sentence = `绑定 ‖ link`
	ValueReplace    Sentence = `换绑 ‖ replace`
	ValueMigrate    Sentence = `迁移 ‖ move`
	ValuePersonal   Sentence = `个人 ‖ personal`
	ValueMerchant   Sentence = `商家 ‖ merchant`
	ValueMember     Sentence = `企业成员 ‖ member of an enterprise`
	ValueMainland   Sentence = `中国大陆 ‖ mainland China`
	ValueAbroad     Sentence = `境外 ‖ abroad`
	ValueFamiliar   Sentence = `熟悉的 ‖ familiar`
	ValueUnfamiliar Sentence = `不熟悉的 ‖ unfamiliar`
	ValuePublic     Sentence = `公共的 ‖ public`
	ValueTrusted    Sentence = `信任的 ‖ trusted`
	ValueNew        Sentence = `新的 ‖ new`
	ValueUsual      Sentence = `平常的 ‖ usual`
	ValueElsewhere  Sentence = `别处 ‖ elsewhere`
	ValuePossible   Sentence = `走得到 ‖ possible`
	ValueImpossible Sentence = `不可能走到 ‖ impossible`
	ValueAttested   Sentence = `经过证明 ‖ attested`
	ValueUnattested Sentence = `没有证明 ‖ not attested`
	ValueRooted     Sentence = `已被破解 ‖ rooted`
	ValueLong       Sentence = `很久 ‖ long`
	ValueShort      Sentence = `不久 ‖ not long`
	ValueSame       Sentence = `没有换 ‖ the same`
	ValueSwapped    Sentence = `换过 ‖ swapped`
	ValueChanged    Sentence = `换了人 ‖ changed`
	ValueRecent     Sentence = `最近有 ‖ recent`
	ValueReported   Sentence = `有 ‖ reported`
	ValueOther      Sentence = `其他 ‖ other`
	ValueOfFact     Sentence = `{fact}：{value} ‖ {fact}: {value}`
)

// Value names what a fact is, by the words conditions use; "" where a pack has a word of its own.
func Value(fact, value string) Sentence {
	switch fact + "=" + value {
	case "network=known":
		return ValueFamiliar
	case "network=unknown":
		return ValueUnfamiliar
	case "device=known":
		return ValueFamiliar
	case "place=other":
		return ValueElsewhere
	case "number_age=recent":
		return ValueShort
	}
	switch value {
	case "false":
		return ValueNo
	case "true":
		return ValueYes
	case "unknown":
		return ValueUnknown
	case "none":
		return ValueNone
	case "other":
		return ValueOther
	case "public":
		return ValuePublic
	case "trusted":
		return ValueTrusted
	case "new":
		return ValueNew
	case "usual":
		return ValueUsual
	case "possible":
		return ValuePossible
	case "impossible":
		return ValueImpossible
	case "attested":
		return ValueAttested
	case "unattested":
		return ValueUnattested
	case "rooted":
		return ValueRooted
	case "old":
		return ValueLong
	case "same":
		return ValueSame
	case "swapped":
		return ValueSwapped
	case "changed":
		return ValueChanged
	case "recent":
		return ValueRecent
	case "reported":
		return ValueReported
	}
	return valueOfAccount(value)
}

// valueOfAccount names what does not speak of risk.
func valueOfAccount(value string) Sentence {
	switch value {
	case "unlink":
		return ValueUnlink
	case "link":
		return ValueLink
	case "replace":
		return ValueReplace
	case "migrate":
		return ValueMigrate
	case "personal":
		return ValuePersonal
	case "merchant":
		return ValueMerchant
	case "enterprise_member":
		return ValueMember
	case "CN":
		return ValueMainland
	case "abroad":
		return ValueAbroad
	}
	return ""
}

// Fact says one fact of a situation, as name and value have it in conditions: 网络：公共的. title is what the pack itself calls the value, "" where it
// does not. What has no words goes by its name.
func (l Lang) Fact(name, value, title string) string {
	fact := name
	if s := Fact(name); s != "" {
		fact = l.Say(s)
	}
	return l.Say(ValueOfFact, "fact", fact, "value", l.ValueOf(name, value, title))
}

// ValueOf says the value alone.
func (l Lang) ValueOf(name, value, title string) string {
	s := Value(name, value)
	switch {
	case title != "":
		return title
	case s != "":
		return l.Say(s)
	case name == "provider":
		return l.Provider(jieling.Provider(value))
	}
	return value
}
