package lang

// What the command line says of policy packs. Places that stand in columns are kept short.
const (
	ToolRemark          Sentence = `{place}: 提醒：{what}；{instead} ‖ {place}: remark: {what}; {instead}`
	ToolGood            Sentence = `{pack} 没有问题：{n} 个条目，用时 {ms} 毫秒。接着证明它：jieling policy prove {file} ‖ {pack} is good: {n} rows, in {ms} ms. Prove it next: jieling policy prove {file}`
	ToolAsks            Sentence = `要求 ‖ asks`
	ToolWait            Sentence = `等待 ‖ wait`
	ToolGuarded         Sentence = `之后保护 ‖ guarded after`
	ToolFirst           Sentence = `在此之前 ‖ first`
	ToolRefusal         Sentence = `拒绝 ‖ REFUSED`
	ToolBecause         Sentence = `依据 ‖ because`
	ToolInstead         Sentence = `替代 ‖ instead`
	ToolNotNow          Sentence = `不适用 ‖ not now`
	ToolInsteadOf       Sentence = `代替{factors}：{text} ‖ of {factors}: {text}`
	ToolExplained       Sentence = `决定并解释用时 {ms} 毫秒。 ‖ Decided and explained in {ms} ms.`
	ToolPhone           Sentence = `绑定并验证手机号 ‖ a phone bound and proven`
	ToolWayIn           Sentence = `有另一种登录途径 ‖ another way in`
	ToolBackup          Sentence = `备份，或明确放弃 ‖ a backup made or declined`
	ToolNothing         Sentence = `没有 ‖ nothing`
	ToolSpace           Sentence = `{pack} · {n} 种情况 · 读取用时 {ms} 毫秒 ‖ {pack} · {n} situations · loaded in {ms} ms`
	ToolHolds           Sentence = `成立 ‖ holds`
	ToolFails           Sentence = `不成立 ‖ FAILS`
	ToolProven          Sentence = `对每一种情况都证明了，用时 {ms} 毫秒。 ‖ Proven for every situation, in {ms} ms.`
	ToolNotProven       Sentence = `没有证明完整，用时 {ms} 毫秒。 ‖ NOT proven. It took {ms} ms.`
	ToolSituation       Sentence = `情况 ‖ situation`
	ToolWaits           Sentence = `等待 ‖ waits`
	ToolGuard           Sentence = `保护 ‖ guarded`
	ToolRules           Sentence = `规则 ‖ by rules`
	ToolHas             Sentence = `手里有 ‖ has`
	ToolRefused         Sentence = `拒绝 ‖ refused`
	ToolWaitsFor        Sentence = `等待 {span} ‖ waits {span}`
	ToolGuardedFor      Sentence = `保护 {span} ‖ guarded {span}`
	ToolFirstly         Sentence = `在此之前：{what} ‖ first {what}`
	ToolSoFar           Sentence = `已处理 {n} 个案件 ‖ {n} cases so far`
	ToolPercent         Sentence = `已处理 {n} 个案件，{percent} % ‖ {n} cases so far, {percent} %`
	ToolAccounts        Sentence = `已处理 {n} 个账号 ‖ {n} accounts so far`
	ToolAccountsPercent Sentence = `已处理 {n} 个账号，{percent} % ‖ {n} accounts so far, {percent} %`
	ToolImported        Sentence = `读取 {n} 条记录，用时 {ms} 毫秒：新建 {added} 个账号，{there} 个已存在且一致，{differs} 个已存在但不同（未改动），{refused} 条被拒绝。
		‖ {n} records read in {ms} ms: {added} accounts added, {there} there already and the same, {differs} there already and different (left as they are), {refused} refused.`
	ToolGoneOn   Sentence = `前 {n} 条上次已处理，这次从其后继续。 ‖ {n} records were done by an earlier run; this one went on from there.`
	ToolLeftOut  Sentence = `未带入：{what}，共 {n} 处 ‖ Left out: {what}, {n} times`
	ToolExported Sentence = `已导出 {n} 个账号，用时 {ms} 毫秒。文件里有明文的手机号、邮箱和标识，请妥善保管。
		‖ {n} accounts written in {ms} ms. The file holds numbers, mailboxes and identifiers in the clear: keep it safe.`
	ToolResealed Sentence = `{n} 个账号已检查，{values} 个值已改用密钥 {generation} 密封，用时 {ms} 毫秒。 ‖ {n} accounts looked at, {values} values sealed anew under {generation}, in {ms} ms.`
	ToolNext     Sentence = `后面还有，接着列：--after {case} ‖ There is more; go on with --after {case}`
	ToolTotals   Sentence = `{pack} 重放了 {n} 个记录下来的案件，用时 {ms} 毫秒：{same} 个要求不变，{more} 个更多，{less} 个更少，{other} 个不同，{unjudged} 个无法判断。
		‖ {pack}, asked about {n} recorded cases in {ms} ms: {same} as before, {more} asked for more, {less} for less, {other} for something else, {unjudged} could not be judged.`
)
