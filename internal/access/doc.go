// Package access is the law of who can get into an account: the owner, after something was lost, and everybody else, after
// something was taken. It reasons over an account access graph (Hammann, Radomirović, Sasse and Basin, "User Account Access
// Graphs", CCS 2019): vertices are what can be held or reached, and a rule says that whoever has all of its sources has its
// target. The sources of one rule are needed together, several rules of one target are alternatives.
//
//	template, err := access.Shipped()
//	graph := template.Graph(facts)       // what this account is, in the words of the template
//	net, err := access.Compile(graph)    // made ready to be asked
//	net.Verdict()                        // who gets in, and what locks the owner out
//	access.Compare(graph, change)        // before, during and after a change, and what would help
//
// [Net.From] is accessFrom(S): the least set that holds S and is closed under the rules. Least means that two logins which
// recover only each other are out of reach once both are lost.
//
// # Two laws
//
// Taking a whole alternative away never enlarges what anybody reaches: an unlinking alone raises the risk of a lockout, never
// the risk of a takeover. Taking one source out of a rule and keeping the rule does enlarge it, so [Graph.Apply] refuses a
// change that does (S18). A login that was the second half of a way in takes the whole way with it.
//
// # What is known and what is assumed
//
// How an account is signed in to is known. How its logins are recovered at QQ, WeChat or a mailbox's provider is not: a
// [Template] assumes it, says so rule by rule, and every verdict names the template and its version.
//
// The package fetches nothing, knows no clock and changes nothing.
package access
