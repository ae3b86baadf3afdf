// Package lang holds every sentence a person reads on a page, in both languages of the product, and the way moments,
// distances in time and lists are said. It decides nothing and knows nothing of HTML; sentences that belong to a policy pack,
// a participant or an error come as [jieling.Text] from there and are not repeated here.
//
// A [Sentence] is a typed constant that holds both languages, so that none can be forgotten and the compiler knows every
// key. Together they are the one key list; a test walks all of them in both languages and fails on a missing half, on
// placeholders that differ, and on a key that no page uses.
//
// Words for the same thing are the same everywhere (the glossary of the architecture page): 解绑 is "unlink", 登录方式 is
// "sign-in method", 等待期 is "waiting period", 保护期 is "guarded window", 紧急冻结 is "emergency freeze".
package lang
