// Package gate stands at the door: it finds out who is asking and what they may begin to ask, before a handler runs.
//
//	any request ── Admit ──► id, headers, panics caught, one line in the access log
//	a program   ── Program ► API key → jieling.Actor; its scopes; its rate
//	a person    ── Pages ──► session cookie → jieling.Actor; same origin; content security policy; their address's rate
//	a refusal   ── Refuse ─► RFC 9457 problem in the caller's language, from one table of codes
//
// What was found out travels as a [Visit] in the request's context. The gate holds no rule of the product: whether an actor
// may do something to an account is decided in package engine, which also checks scopes again. It writes no body, no query
// string and no credential to a log.
package gate
