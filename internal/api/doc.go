// Package api is the door for programs: the HTTP API under /v1, as openapi.yaml describes it.
//
//	openapi.yaml ──ogen──► oas (generated: routes, decoding, validation, encoding)
//	                        ▲
//	request ─► gate.Admit ─► front ─► oas ─► handlers ─► one engine verb ─► wire
//	           who, log      key, scope,     thin: parse → one call → answer
//	                         body, idempotency
//
// The document comes first: what it says is what oas checks, and a test holds both against the routes. The front does what a
// generated server cannot: it authenticates before a byte of the body is read, bounds the body, refuses text that two
// programs could read differently (duplicate fields, text not in NFC, control characters), and follows a case as
// server-sent events. Beside the API stand the operators' addresses, /healthz, /readyz and /metrics, and /docs: the document
// as a page to read, which needs no script and loads nothing from elsewhere.
//
// No rule of the product lives here, and nothing of a body is ever logged.
package api
