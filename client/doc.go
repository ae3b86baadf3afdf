// Package client is what a product written in Go needs to live beside Jieling. It imports nothing else of this module and
// nothing outside the standard library for the part described here.
//
// # Taking part in an unbinding
//
// A product's own systems (its wallet, its games, its mini-programs) own things that hang on a login identity. When that
// identity is taken off an account they take part in the unbinding through six small signed HTTP calls, all
// POST {base}/{op} with JSON:
//
//	describe    what hangs on this binding?            changes nothing
//	prepare     could you let go of it?                changes nothing that a person can see
//	commit      let go of it                           the only call that takes something away
//	compensate  take that back                         after a commit it restores, after a prepare it releases
//	verify      what still points at the binding?      changes nothing, tells the truth as of now
//	cleanup     clear this one residue                 a second, separate clean-up
//
// A product implements [Participant] and serves it with [Handler], which checks the signature, the size and the shape of
// each request and answers errors as RFC 9457 problems. [Ledger] keeps the bookkeeping that makes repeated, late and
// reordered calls harmless; a product with a database keeps the same rules in its own transaction with [Progress.Next].
// [CheckConformance] asks a running participant everything that the contract promises and reports what it saw instead.
//
// What this package does not do: it decides nothing about who may unbind, it stores nothing on disk, and it retries
// nothing. Deciding and retrying are Jieling's part, storing is the product's.
package client
