package jieling

// Channels a message goes by.
const (
	BySMS   = "sms"
	ByEmail = "email"
)

// Message is something to deliver to a person: a code, or a notice of what was done to their account.
type Message struct {
	Channel string // BySMS or ByEmail
	To      string // E.164, or one mailbox: a stored address, never one taken from the request that sends it (S11)
	Text    Text
	Code    string // the one-time code inside Text, for gateways that take templates; empty for a notice
	Minutes int    // how long the code is valid
	Link    string // the token of the link inside Text by which a notice can be denied; 22 characters, a secret
	About   string // what a notice is about, for gateways that take templates: "QQ"; at most 12 characters
}
