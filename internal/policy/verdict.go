package policy

// What a proof can find, and the titles of the situations it puts side by side.
const (
	notWithin         Code = "not_within"
	asksNothing       Code = "asks_nothing"
	lessForMore       Code = "less_for_more_risk"
	deadEnd           Code = "dead_end"
	refusedEverywhere Code = "refused_everywhere"
	easierDetour      Code = "easier_detour"
	oneLoss           Code = "falls_to_one_loss"
	neverThrough      Code = "never_through"
	functionEarly     Code = "function_early"

	theSituation Code = "the_situation"
	calmer       Code = "calmer"
	riskier      Code = "riskier"
	setUp        Code = "set_up"
	nothingSetUp Code = "nothing_set_up"
	here         Code = "here"
	andThere     Code = "and_there"
	asAsked      Code = "as_asked"
	byDetour     Code = "by_detour"
	theOwner     Code = "the_owner"
	whoHas       Code = "who_has"
)

// verdicts are the sentences of the list above.
var verdicts = map[Code]sentence{
	notWithin:         {"走了 {0} 步还没有证明出来：让同一个条件少看几个事实", "this could not be proven within {0} steps: let conditions look at fewer facts together"},
	asksNothing:       {"既没有要求什么，也没有拒绝", "nothing is asked and nothing is refused"},
	lessForMore:       {"{0} 比 {1} 风险更高，要求却更少", "{0} is riskier than {1}, and less is asked"},
	deadEnd:           {"死路：没有{0}的人过不去，也没有别的方式可以替代", "a dead end: nobody who lacks {0} gets through, and nothing stands in"},
	refusedEverywhere: {"每个平台都拒绝，等于完全没有办法", "refused on every platform, so there is no way at all"},
	easierDetour:      {"对得手的人来说，{0}的替代验证比{0}本身更容易。得手的是：{1}", "the way round {0} is easier than {0} itself for who has {1}"},
	oneLoss:           {"一次失控就交出了全部要求：{0}", "everything that is asked falls to one loss: {0}"},
	neverThrough:      {"处置流程“{0}”走不到头：剩下的步骤互相等待", "the playbook “{0}” never ends: the steps that are left wait for each other"},
	functionEarly:     {"处置流程“{0}”里，功能步骤“{1}”可以排在安全步骤“{2}”前面", "in the playbook “{0}” the step of function “{1}” can come before the step of safety “{2}”"},

	theSituation: {"这种情况", "the situation"},
	calmer:       {"风险较低", "calmer"},
	riskier:      {"风险较高", "riskier"},
	setUp:        {"设置过的人", "who has set it up"},
	nothingSetUp: {"什么都没设置的人", "who has set nothing up"},
	here:         {"这里", "here"},
	andThere:     {"那里", "and there"},
	asAsked:      {"按要求验证", "as it is asked"},
	byDetour:     {"用替代验证", "by the detour"},
	theOwner:     {"账号的主人", "the owner"},
	whoHas:       {"得手的人：{0}", "who has {0}"},
}
