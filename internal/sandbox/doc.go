// Package sandbox is the outside world of the demo and of tests: QQ, WeChat with a phone for each person, an SMS carrier, a
// face-check vendor, Google as it vouches for phones, and six systems of the product that take part in unbindings. Each is its
// own HTTP server on its own port and speaks the wire protocol its real counterpart documents, so that a connector cannot tell
// which it talks to. Each has a page on which a person plays the other side, and a switch that makes it slow, broken, refusing,
// repeating, lying or silent. Two makers are no servers, because nobody asks them: [Authenticator] and [Apple].
//
// The package imports the public SDK, as any outside product would, and nothing else of this module: what the sandbox knows
// about Jieling is what the documentation says. It keeps everything in memory and belongs on a loopback address: whoever
// reaches a page may act for every person in it. What the real parties do beyond their documented protocols (captchas, real
// faces, real money) is not imitated.
//
// Paths that begin with an underscore are hooks for scripts, the same at every party: GET /_state, GET and POST /_fault, and at
// participants GET /_ledger.
package sandbox
