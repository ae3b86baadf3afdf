// Package web is the door for people: the security centre, the one page of a case, the phone's side of an approval, and the
// entrances. A handler parses, makes one engine call, and answers; no rule of the product is held here, and every sentence is
// in package lang.
//
//	GET  /                           the centre, or how to come in
//	GET  /handoff?token=…            POST redeems the ticket: link scanners fetch pages, people press buttons
//	GET  /signin/{provider}          to the provider, with a state bound to this browser; …/callback comes back
//	GET  /bindings/{binding}         one sign-in method: what hangs on it, and what can be done about it
//	GET  /bindings/{binding}/unlink  the reason; POST opens a case
//	GET  /bindings/{binding}/stolen  the freeze, offered before anything is unlinked because of a theft
//	GET  /cases/{case}               whatever comes next; POST does it
//	GET  /cases/{case}/events        server-sent: something changed
//	GET  /cases/{case}/calendar.ics  the end of the waiting period, or of the guarded window
//	GET  /cases/{case}/report        for keeping and printing
//	GET  /approve/{code}             the phone; POST claims, approves, rejects
//	GET  /checkup                    how the account stands: a verdict in words, and cards that lead to where it is dealt with
//	GET  /activity                   what happened, by kind (?kind=) and in stretches (?before=)
//	GET  /devices                    where the account is signed in; POST ends one sign-in, removes one device
//	GET  /devices/others             POST signs out everywhere else
//	GET  /devices/enrol              POST enrols this device
//	GET  /u/{token}                  the link in a notice, without signing in; POST takes back what it tells of, and freezes
//	GET  /freeze                     POST freezes; without a session, a number and its code pause changes for a day
//	POST /signout
//
// # What holds for all of them
//
//   - A GET changes nothing. (Coming back from a provider opens a session: its protocol knows no other way.)
//   - A POST that succeeds answers 303 to the page that shows what has come of it; steps never link to one another. A POST that
//     is refused shows the same page again with a code, a sentence and a next step.
//   - A form carries a token that is new with every rendering. Token, path and content together are the request's idempotency
//     key, so that a double tap, a reload and a second tab do a thing once, and a changed answer is a new request.
//   - Nothing needs scripts but a passkey.
//   - Language and care mode (长辈版) are chosen in the address (?lang=, ?care=on|off) and remembered in this browser.
//   - Whoever is turned away at the door, by rate or because another site sent them, is told on a page as well.
package web
