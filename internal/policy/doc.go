// Package policy is the law of how much is enough: it reads a policy pack, and answers every situation with a
// [jieling.Decision] and with the texts that a plan shows. It fetches nothing, knows no clock and changes nothing; the
// engine gathers a [Situation], the pack turns it into [Facts], and [Pack.Decide] looks the answer up.
//
//	pack, err := policy.Shipped("qq-wechat")
//	facts, err := pack.Facts(policy.Situation{Platform: jieling.Android, Goal: jieling.Unlink, …})
//	decision := pack.Decide(facts) // what is asked, and why
//	sheet := pack.Sheet(facts)     // path, steps, what hangs on it, what stays
//
// # A pack is a total table
//
// Every fact that a condition may look at has a finite domain. [Load] evaluates each condition once over the few facts it
// names, and over those of their values that it tells apart, into a truth table. Conditions that look at the same facts are
// gathered into groups; each group has a digit for every combination of its facts, and the digits together are the key of a
// situation's answer: the set of rows that apply. An answer is built when it is first met, and kept. So deciding is a look-up
// for each of a few groups, there is no situation without an answer, loading takes milliseconds however many facts there
// are, and what a proof walks is what runs.
//
// # The format
//
// A pack is one YAML document without anchors, aliases or tags. Its keys are all required but the last, in any order:
//
//	pack, version, environment   the name and version that decisions carry; the language of conditions, 1
//	title                        bilingual, as every text: zh-CN and en
//	facts                        name → values, and rising, unset, otherwise (below)
//	platforms                    name, title, start (F1), key_verification (F2), comparison (F5)
//	factors                      name, title, hint, by, takes and demands of every factor a requirement names
//	joiners                      the words between factors: any, all
//	reasons                      name, title, advice, raises (F6); the last one stands for none given
//	scenarios                    name, title, when, cells: one cell for every platform (V1–V3)
//	rules                        when, and wait, guard, require, replacement, need_phone, backup or refuse
//	detours                      for, require, text: what does instead of a factor that is not set up or lost (V8)
//	losses                       name, title, when, hands: the factors that fall into wrong hands together
//	dependents                   module, change, title, detail, indirectly, remedy, irreversible, backup (D1–D5, I1–I3)
//	risks                        title, cells: level and why for every platform (R1–R3)
//	advice                       when, text: what to do before (R4)
//	replacements                 provider, title, effort, security_cost, completeness, note, warning (A1–A4)
//	ranking                      kinds, order: every replacement in its place, for every kind of account (A4, A5)
//	afterwards                   what stays, what is left to clear (F3, F4)
//	steps                        part, when, text: the steps of one unbinding
//	playbooks                    name, for, when, title, lead, steps: what is done in which order in a special case (P1–P3)
//
// A row carries verified, the day it was last compared with the products it speaks of, and id, the requirement it answers.
//
// Facts named platform, declared and reason need no declaration: their values are the pack's platforms, scenarios and reasons.
// For the others, values lists the domain ([false, true] makes a yes-or-no fact); rising says that each value is riskier than
// the one before; unset is the value where nothing is known, and without it the fact must be given; otherwise stands for
// every value not listed, and without it such a value is an error.
//
// Facts about risk that the service itself measures are listed in [Signals]; a pack declares those it looks at with the levels
// given there. No rising fact may be unset to its safest value.
//
// A factor is by the person, who set it up beforehand (which goes without saying), by anyone with a session, by staff or by
// the organisation that manages the account; the last two say how long they take. What passing a factor demands besides is
// part of it: who holds a factor in a loss and not what it demands holds nothing.
//
// A detour lets its requirement stand in for the factors it names. Of several for one factor each is at least as strong as
// the one before; the first that the situation does not ask for anyway is offered, and the last asks for something that no
// cell or rule asks for.
//
// A scenario applies if it is the first, if the person declared it, if the reason raises it or if its condition holds. Every
// scenario that applies adds its cell to the requirement, so that a scenario can add and never take away; the last one that
// applies names the decision. Rules add likewise: requirements are joined by all-of, the longest wait and guard count, and
// one refusal is enough.
//
// A playbook is for scenarios: the first whose condition holds and of whose scenarios one applies goes with the decision. Each of its
// steps says who does it (automatic, user, staff, third_party), whether it is for safety or for function, and which steps it waits for;
// those stand before it. An automatic step says what the service does; exactly one removes the login. Any other may say by which check
// it is found out that it is done; without one somebody's word counts. Every step of function waits for every step of safety (P4).
//
// # Conditions
//
// Conditions are CEL, environment 1: facts are compared with their own values (==, != and in; <, <=, > and >= where the fact is
// rising, in the order of its values) and joined by &&, || and !, or chosen by ?:. Nothing else is in the language, so every
// condition ends; the pack is refused where one names a fact or value that does not exist, always holds, or never does.
package policy
