// Package jieling holds the words of Jieling (解铃), the service in which a product links, unlinks, replaces and recovers
// the login identities of its users.
//
// An [Account] is what stays. A [Binding] is one login identity on it: a provider and the subject that provider knows the
// person by. Whatever hangs on a binding is a [Dependent] and belongs to a participant, one of the product's own systems.
// Taking a binding away is a [Case]: it is planned ([Plan]), asked for in proportion to its risk ([Decision],
// [Requirement], [Factor]), carried out through [Effect]s at every participant, and watched afterwards (the guarded
// window). What a removal leaves behind is a [Residue], and a case says so until it is cleared.
//
// The package imports the standard library only and does nothing but name, validate and compare: every rule lives one
// floor above, every act further up. The Chinese words beside the English ones are the glossary of docs/reference/glossary.md.
package jieling
