// Package ui holds what pages are made of: components in templ, one thing per file, the stylesheets with the design tokens,
// and two small scripts. Components take values and write HTML. They ask nobody anything, decide nothing, and link from no
// step of a case to another: every form of a case posts to the case.
//
// # What holds for every page
//
//   - It works without scripts. Only a passkey needs one (webauthn.js); follow.js saves a person the refreshing.
//   - It carries no inline style and no inline script, so that the policy of package web can forbid both.
//   - It has one h1, a label on every field, the right lang attribute, and nothing that only colour says.
//   - Every form holds a hidden token that is new with every rendering, for idempotency.
//   - tokens.css alone names colours and sizes; page.css uses them. It has four palettes: light, dark, and care mode (长辈版) in both.
//   - A picture is drawn by a component as SVG, coloured by classes alone, and never alone: it has a title and a description, and
//     the list that says the same stands beside it.
//   - The first view, page and everything it loads, is at most 60 KB compressed.
package ui

//go:generate go tool -modfile=../../../tools/go.mod templ generate -log-level warn
