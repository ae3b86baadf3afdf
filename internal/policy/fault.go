package policy

// What can be wrong with a pack, or look like a slip in it. Programs may rely on these words: they stay where sentences change.
const (
	packTooLarge      Code = "pack_too_large"
	tooDeep           Code = "nested_too_deep"
	notOneDocument    Code = "not_one_document"
	notYAML           Code = "not_yaml"
	yamlTwice         Code = "key_twice"
	yamlOpen          Code = "bracket_open"
	yamlTab           Code = "tab"
	yamlSyntax        Code = "yaml_syntax"
	wrongShape        Code = "wrong_shape"
	unknownKey        Code = "unknown_key"
	missingKey        Code = "missing_key"
	notName           Code = "not_a_name"
	unknownWord       Code = "unknown_word"
	emptyText         Code = "empty_text"
	notSpan           Code = "not_a_span"
	notDate           Code = "not_a_date"
	taggedCondition   Code = "tagged_condition"
	emptyCondition    Code = "empty_condition"
	otherEnvironment  Code = "other_environment"
	notYesNoValues    Code = "not_yes_no_values"
	askOrRefuse       Code = "ask_or_refuse"
	idleRule          Code = "idle_rule"
	notRequirement    Code = "not_a_requirement"
	thereTwice        Code = "there_twice"
	tooMany           Code = "too_many"
	noScenario        Code = "no_such_scenario"
	takenName         Code = "taken_name"
	notFactName       Code = "not_a_fact_name"
	valueCount        Code = "value_count"
	neverValue        Code = "never_this_value"
	unsetSafest       Code = "unset_is_safest"
	otherLevels       Code = "other_levels"
	levelsRise        Code = "levels_rise"
	firstScenario     Code = "first_scenario_has_when"
	noPlatform        Code = "no_such_platform"
	noCell            Code = "no_cell"
	noFactor          Code = "no_such_factor"
	noDuration        Code = "no_duration"
	waitsForNobody    Code = "waits_for_nobody"
	silentDetour      Code = "detour_without_duration"
	roundItself       Code = "detour_asks_for_itself"
	weakerDetour      Code = "detour_weaker_than_before"
	commonDetour      Code = "detour_asked_anyway"
	weakKey           Code = "key_verification_too_weak"
	noKind            Code = "no_such_account_kind"
	noReplacement     Code = "no_such_replacement"
	leftOut           Code = "ranking_incomplete"
	notRanked         Code = "kind_not_ranked"
	strayMark         Code = "stray_placeholder"
	missingMark       Code = "missing_placeholder"
	verifySteps       Code = "verify_steps"
	idleStep          Code = "step_does_nothing"
	notAutomatic      Code = "step_not_automatic"
	checkedByItself   Code = "automatic_step_checked"
	refusesNothing    Code = "refuses_nothing"
	noStep            Code = "no_such_step"
	laterStep         Code = "step_waits_for_later"
	oneRemoval        Code = "one_removal"
	neverClosed       Code = "opens_what_is_not_closed"
	functionFirst     Code = "function_before_safety"
	noLanguage        Code = "facts_make_no_language"
	scenarioTooWide   Code = "scenario_too_wide"
	conditionTooWide  Code = "condition_too_wide"
	notPlanned        Code = "condition_not_planned"
	notEvaluated      Code = "condition_not_evaluated"
	neverHolds        Code = "condition_never_holds"
	alwaysHolds       Code = "condition_always_holds"
	notYesNo          Code = "not_a_yes_no_fact"
	notComparison     Code = "not_a_comparison"
	inWithoutList     Code = "in_without_list"
	comparesNoFact    Code = "compares_no_fact"
	unordered         Code = "fact_without_order"
	yesNoFact         Code = "yes_no_fact"
	notValue          Code = "not_a_value"
	noOperator        Code = "no_such_operator"
	noFunction        Code = "no_such_function"
	noFact            Code = "no_such_fact"
	notTogether       Code = "types_differ"
	truthWanted       Code = "truth_wanted"
	unreadable        Code = "condition_unreadable"
	tooManySituations Code = "too_many_situations"
	unusedFact        Code = "unused_fact"
	unaskedFactor     Code = "unasked_factor"
	idleRow           Code = "row_changes_nothing"
)

// The advice that several faults share.
const (
	exampleZH = `用一个事实和它的取值比较，例如 platform == "web"`
	exampleEN = `compare a fact with one of its values: platform == "web"`
)

// faults are the sentences of the list above: what is wrong, and what to write instead. {0}, {1} and {2} are what it speaks of.
var faults = map[Code]struct{ what, instead sentence }{
	packTooLarge:   {sentence{"策略包超过了 {0} KiB", "the pack is larger than {0} KiB"}, sentence{"拆成两份", "split it in two"}},
	tooDeep:        {sentence{"括号、短横或标记嵌套超过了 {0} 层", "brackets, dashes or marks are nested deeper than {0}"}, sentence{"把层次改浅", "flatten the document"}},
	notOneDocument: {sentence{"这不是一份 YAML 文档", "this is not one YAML document"}, sentence{"一个文件里只写一份策略包", "write one pack in one file"}},
	notYAML:        {sentence{"这不是 YAML", "this is not YAML"}, sentence{"先改成正确的 YAML", "mend it first"}},
	yamlTwice:      {sentence{"同一个键写了两次", "{0}"}, sentence{"只留一个", "keep one of them"}},
	yamlOpen:       {sentence{"括号没有配对，或者少了逗号", "{0}"}, sentence{"检查缩进、引号和括号", "check indentation, quotes and brackets"}},
	yamlTab:        {sentence{"这里不能用制表符", "{0}"}, sentence{"用空格缩进", "check indentation, quotes and brackets"}},
	yamlSyntax:     {sentence{"这里的写法不是 YAML", "{0}"}, sentence{"检查缩进、引号和括号", "check indentation, quotes and brackets"}},
	wrongShape:     {sentence{"这里应该是{0}，写的却是{1}", "{0} is wanted and this is {1}"}, sentence{"{2}", "{2}"}},
	unknownKey:     {sentence{"{1}里没有 {0} 这个键", "unknown key {0} in {1}"}, sentence{"{2}", "{2}"}},
	missingKey:     {sentence{"{0}缺少 {1}", "{0} has no {1}"}, sentence{"加上 {1} 这个键", "add the key {1}"}},
	notName:        {sentence{"{0} 不能当名字", "{0} is not a name"}, sentence{"最多用 64 个字母、数字、点、短横和下划线", "use up to 64 letters, digits, dots, dashes and underscores"}},
	unknownWord:    {sentence{"这里没有 {0} 这个词", "{0} is not known here"}, sentence{"{1}", "{1}"}},
	emptyText:      {sentence{"文字是空的", "the text is empty"}, sentence{"写一句话", "write a sentence"}},
	notSpan:        {sentence{"这不是一分钟到一年之间的时长", "this is not a time between a minute and a year"}, sentence{"写小时或分钟：24h、90m", "write hours or minutes: 24h, 90m"}},
	notDate:        {sentence{"这不是日期", "this is not a date"}, sentence{"写年月日：2026-11-22", "write year, month and day: 2026-11-22"}},
	taggedCondition: {
		sentence{"YAML 会把开头的 ! 当成标签", "YAML takes a leading ! for a tag"},
		sentence{"给条件加上引号：'!last_way_in'", "put the condition in quotes: '!last_way_in'"},
	},
	emptyCondition:   {sentence{"条件是空的", "the condition is empty"}, sentence{"总是适用的条目不用写 when", "leave when out for a row that always applies"}},
	otherEnvironment: {sentence{"没有这一版的条件语言", "this language of conditions is not known"}, sentence{"写 1", "write 1"}},
	notYesNoValues:   {sentence{"这不是“是与否”事实的取值", "these are not the values of a yes-or-no fact"}, sentence{"写 [false, true]", "write [false, true]"}},
	askOrRefuse: {
		sentence{"一格要么提出要求，要么拒绝", "a cell asks for something or refuses"},
		sentence{"require 和 refuse: true 只写一个", "write either require or refuse: true"},
	},
	idleRule: {
		sentence{"这条规则什么都没有要求", "the rule asks for nothing"},
		sentence{"加上 require、wait、guard、replacement、need_phone、backup 或 refuse", "add require, wait, guard, replacement, need_phone, backup or refuse"},
	},
	notRequirement: {
		sentence{"这不是一项验证要求", "this is not one requirement"},
		sentence{"写一种验证方式的名字、{all_of: [a, b]} 或 {any_of: [a, b]}", "write a factor's name, {all_of: [a, b]} or {any_of: [a, b]}"},
	},
	thereTwice:  {sentence{"{0} {1} 出现了两次", "the {0} {1} is there twice"}, sentence{"只留一个，或者给另一个改名", "keep one of them or rename the other"}},
	tooMany:     {sentence{"策略包里有 {0} 个{1}", "the pack has {0} {1}"}, sentence{"最多写 {2} 个", "write at most {2}"}},
	noScenario:  {sentence{"没有 {0} 这个场景", "there is no scenario {0}"}, sentence{"{1}", "{1}"}},
	takenName:   {sentence{"事实不能叫 {0}", "a fact cannot be named {0}"}, sentence{"换一个名字；策略包本来就有的不用声明", "choose another name, or leave it out if the pack has it anyway"}},
	notFactName: {sentence{"{0} 不能当事实的名字", "{0} is not a fact's name"}, sentence{"用小写字母、数字和下划线", "use small letters, digits and underscores"}},
	valueCount:  {sentence{"事实 {0} 的取值有 {1} 个", "the fact {0} has {1} values"}, sentence{"声明 2 到 64 个", "declare 2 to 64"}},
	neverValue:  {sentence{"{0} 不会是 {1}", "{0} is never {1}"}, sentence{"{2}", "{2}"}},
	unsetSafest: {
		sentence{"什么都不知道时，{0} 会被当成最安全的", "where nothing is known, {0} would count as the safest"},
		sentence{"给 unset 选一个风险更高的取值", "choose a riskier value for unset"},
	},
	otherLevels: {sentence{"{0} 是按别的级别测量的", "{0} is measured in other levels"}, sentence{"写 values: [{1}]", "write values: [{1}]"}},
	levelsRise: {
		sentence{"{0} 的级别是按风险从低到高排的", "the levels of {0} are in the order of their risk"},
		sentence{"加上 rising: true", "add rising: true"},
	},
	firstScenario: {sentence{"第一个场景总是适用", "the first scenario always applies"}, sentence{"去掉 when", "leave when out"}},
	noPlatform:    {sentence{"没有 {0} 这个平台", "there is no platform {0}"}, sentence{"{1}", "{1}"}},
	noCell:        {sentence{"{0} {1} 没有 {2} 这一格", "the {0} {1} has no cell for {2}"}, sentence{"加上 {2} 这一格，写明 {3}", "add the cell {2} with {3}"}},
	noFactor:      {sentence{"没有 {0} 这种验证方式", "there is no factor {0}"}, sentence{"{1}", "{1}"}},
	noDuration:    {sentence{"没有人知道 {0} 要等多久", "nobody knows how long {0} takes"}, sentence{"加上 takes: 72h", "add takes: 72h"}},
	waitsForNobody: {
		sentence{"{0} 不用等任何人", "{0} waits for nobody"},
		sentence{"去掉 takes，或者写明由谁办：staff 或 organisation", "leave takes out, or say by whom: staff or organisation"},
	},
	silentDetour: {
		sentence{"替代验证没有说要等多久", "the detour does not say how long it takes"},
		sentence{"两种语言的文字里都写上 {takes}", "write {takes} into the text, in both languages"},
	},
	roundItself: {sentence{"{0} 的替代验证又要求它自己", "the way round {0} asks for it"}, sentence{"要求别的", "ask for something else"}},
	weakerDetour: {
		sentence{"{0} 的这个替代验证比前一个弱", "the way round {0} is weaker than the one before it"},
		sentence{"把前一个要求的也都要求上", "let it ask for all that the one before asks for"},
	},
	commonDetour: {
		sentence{"{0} 的最后一个替代验证，只要求了本来就要求的", "the last way round {0} asks only for what is asked anyway"},
		sentence{"加上一种没有任何格子和规则要求的验证方式", "add a factor that no cell or rule asks for"},
	},
	weakKey: {
		sentence{"平台 {0} 的关键验证达不到场景 {1} 里它那一格的要求", "the key verification of {0} does not meet its cell in scenario {1}"},
		sentence{"改其中一个，让通过关键验证的人也通过那一格", "make one of them accept the other"},
	},
	noKind:        {sentence{"没有 {0} 这类账号", "there is no kind of account {0}"}, sentence{"{1}", "{1}"}},
	noReplacement: {sentence{"渠道 {0} 没有对应的替代登录方式", "there is no replacement for provider {0}"}, sentence{"{1}", "{1}"}},
	leftOut:       {sentence{"排序里漏了 {0}", "the ranking leaves out {0}"}, sentence{"加进 order", "add it to the order"}},
	notRanked:     {sentence{"{0} 类账号没有排序", "accounts of kind {0} are not ranked"}, sentence{"把 {0} 加进某个排序的 kinds", "add {0} to the kinds of a ranking"}},
	strayMark: {
		sentence{"{0} 只在 part: {1} 的步骤里有意义", "{0} has a meaning only in a step with part: {1}"},
		sentence{"去掉它，或者加上 part", "leave it out, or add the part"},
	},
	missingMark: {sentence{"part: {0} 的步骤，两种语言里都要有 {1}", "a step with part: {0} needs {1} in both languages"}, sentence{"写进文字里", "add it to the text"}},
	verifySteps: {
		sentence{"part: verify 的步骤有 {0} 个", "the steps have {0} with part: verify"},
		sentence{"只写一个，每种验证方式会重复用它", "write exactly one; it is repeated for every factor"},
	},
	idleStep:        {sentence{"步骤 {0} 是自动的，却什么也不做", "the step {0} is automatic and does nothing"}, sentence{"加上 does", "add does"}},
	notAutomatic:    {sentence{"步骤 {0} 有 does，却不是自动的", "the step {0} has does and is not automatic"}, sentence{"写 who: automatic，或去掉 does", "write who: automatic, or leave does out"}},
	checkedByItself: {sentence{"步骤 {0} 由服务自己完成，不用核实", "the service does step {0} itself, and has nothing to find out"}, sentence{"去掉 check", "leave check out"}},
	refusesNothing:  {sentence{"步骤 {0} 要核实邮箱，却没有拒绝任何域名", "the step {0} checks mailboxes and refuses no domain"}, sentence{"加上 refuses: [qq.com]", "add refuses: [qq.com]"}},
	noStep:          {sentence{"处置流程里没有 {0} 这一步", "the playbook has no step {0}"}, sentence{"{1}", "{1}"}},
	laterStep:       {sentence{"步骤 {0} 要等排在后面的 {1}", "the step {0} waits for {1}, which does not stand before it"}, sentence{"按先后排列；每一步只等前面的", "put the steps in their order; a step waits for what stands before it"}},
	oneRemoval:      {sentence{"处置流程 {0} 里有 {1} 步解绑", "the playbook {0} has {1} steps that remove the login"}, sentence{"正好写一步 does: remove", "write exactly one with does: remove"}},
	neverClosed:     {sentence{"前面没有关闭快捷登录", "nothing before it closed the quick sign-in"}, sentence{"先写一步 does: close_quick_sign_in", "put a step with does: close_quick_sign_in before it"}},
	functionFirst: {
		sentence{"功能步骤 {0} 不等安全步骤 {1}：先保安全，再谈功能", "the step of function {0} does not wait for the step of safety {1}: safety comes first"},
		sentence{"在它的 after 里加上 {1}，或其后的一步", "add {1}, or a step after it, to its after"},
	},
	noLanguage:       {sentence{"这些事实组不成条件语言", "the facts do not make a language: {0}"}, sentence{"给它们改名", "rename them"}},
	scenarioTooWide:  {sentence{"这个场景要区分的情况超过了 {0} 种", "the scenario tells more than {0} situations apart"}, sentence{"让 when 少看几个事实", "look at fewer facts in when"}},
	conditionTooWide: {sentence{"这个条件要区分的情况超过了 {0} 种", "the condition tells more than {0} situations apart"}, sentence{"拆成几条", "split it into several rows"}},
	notPlanned:       {sentence{"这个条件排不出计算步骤", "the condition cannot be planned: {0}"}, sentence{"写得简单些", "write it more simply"}},
	notEvaluated:     {sentence{"这个条件算不出结果", "the condition cannot be evaluated: {0}"}, sentence{"写得简单些", "write it more simply"}},
	neverHolds:       {sentence{"这个条件永远不成立", "the condition never holds"}, sentence{"改正它，或者去掉这一条", "correct it, or leave the row out"}},
	alwaysHolds:      {sentence{"这个条件总是成立", "the condition always holds"}, sentence{"去掉 when", "leave when out"}},
	notYesNo:         {sentence{"{0} 不是“是与否”的事实", "{0} is not a yes-or-no fact"}, sentence{"和一个取值比较：{0} == {1}", "compare it with a value: {0} == {1}"}},
	notComparison:    {sentence{"这既不是事实，也不是比较", "this is neither a fact nor a comparison"}, sentence{exampleZH, exampleEN}},
	inWithoutList: {
		sentence{"in 后面不是列表", "in is not followed by a list"},
		sentence{`把取值写进方括号：platform in ["android", "ios"]`, `write the values in brackets: platform in ["android", "ios"]`},
	},
	comparesNoFact: {sentence{"这里没有比较任何事实", "this compares no fact"}, sentence{exampleZH, exampleEN}},
	unordered: {
		sentence{"{0} 的取值没有顺序", "{0} has no order"},
		sentence{"用 ==、!= 或 in 比较，或者声明 rising: true", "compare it with ==, != or in, or declare it rising: true"},
	},
	yesNoFact:   {sentence{"{0} 是“是与否”的事实", "{0} is a yes-or-no fact"}, sentence{"写 {0} 或 !{0}", "write {0} or !{0}"}},
	notValue:    {sentence{"这不是 {0} 的取值", "this is not a value of {0}"}, sentence{"{1}", "{1}"}},
	noOperator:  {sentence{"条件里没有 {0} 这个运算符", "conditions have no operator {0}"}, sentence{exampleZH, exampleEN}},
	noFunction:  {sentence{"条件里没有 {0} 这个函数", "conditions have no function {0}"}, sentence{exampleZH, exampleEN}},
	noFact:      {sentence{"没有 {0} 这个事实", "there is no fact {0}"}, sentence{"{1}", "{1}"}},
	notTogether: {sentence{"这两种不能放在一起比较：{0}", "these do not go together: {0}"}, sentence{exampleZH, exampleEN}},
	truthWanted: {sentence{"这里应该能判断真假", "true or false is wanted here"}, sentence{exampleZH, exampleEN}},
	unreadable: {
		sentence{"条件读不懂", "the condition cannot be read: {0}"},
		sentence{"用 && 和 || 连接比较，用 == 比较，取值加引号", "join comparisons with && and ||, compare with == and put values in quotes"},
	},
	tooManySituations: {
		sentence{"这些条件要区分的情况多得数不过来", "the conditions tell more situations apart than can be counted"},
		sentence{"让条件少看几个事实或取值", "let conditions look at fewer facts or values"},
	},
	unusedFact:    {sentence{"没有条件用到 {0}", "no condition looks at {0}"}, sentence{"用上它，或者去掉", "use it, or leave it out"}},
	unaskedFactor: {sentence{"没有地方要求 {0}", "nobody is asked for {0}"}, sentence{"要求它，或者去掉", "ask for it, or leave it out"}},
	idleRow: {
		sentence{"{0}{1}不会改变任何决定", "{0} changes no decision{1}"},
		sentence{"同时适用的其他条目已经要求这么多；去掉它，或者让它要求更多", "what else applies asks for as much already; leave it out, or let it ask for more"},
	},
}
