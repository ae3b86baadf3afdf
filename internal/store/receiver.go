package store

import (
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
)

// Happening is a row of the audit log with the product's name for its account.
type Happening struct {
	audit.Entry
	ExternalID string
}

// ReceiverKind says how events get to a receiver.
type ReceiverKind string

// The kinds of receivers.
const (
	ByWebhook ReceiverKind = "webhook" // brought to it, as Standard Webhooks
	ByPush    ReceiverKind = "push"    // brought to it, as security event tokens (RFC 8935)
	ByPoll    ReceiverKind = "poll"    // fetched by it, as security event tokens (RFC 8936)
)

// ReceiverState says whether a receiver is told.
type ReceiverState string

// The states of receivers.
const (
	ReceiverEnabled  ReceiverState = "enabled"
	ReceiverPaused   ReceiverState = "paused"   // told later: the log keeps everything
	ReceiverDisabled ReceiverState = "disabled" // not told, and never of what happens meanwhile
)

// Receiver is a reader of the log: what happened from Position on it has not been told yet.
type Receiver struct {
	ID       string // whk_… or str_…
	Kind     ReceiverKind
	Owner    string // the API key that made it
	State    ReceiverState
	Position int64
	Body     []byte // JSON, the engine's: what it wants to be told, and where; secrets in it are sealed
	Version  int64

	Behind  int64 // read only: rows of the log from Position on
	Waiting int   // read only: deliveries on its queue, up to [ManyWaiting]
	Dead    int   // read only: deliveries that were given up on, up to [ManyWaiting]
}

// ManyWaiting is how much is counted on a queue.
const ManyWaiting = 4096

// DeliveryState says how far a delivery is.
type DeliveryState string

// The states of deliveries.
const (
	DeliveryDue  DeliveryState = "due"
	DeliveryDone DeliveryState = "done"
	DeliveryDead DeliveryState = "dead" // given up on, which was an alarm (L5)
)

// Delivery is one event on its way to one receiver. It is made once, and every attempt sends the same.
type Delivery struct {
	Receiver  string
	Seq       int64  // its place on the receiver's queue: the order of the log
	Event     string // evt_…
	Type      string
	Account   jieling.AccountID
	Body      []byte
	State     DeliveryState
	RunAt     time.Time // not before
	Attempt   int
	Lease     time.Time
	Status    int    // what the receiver answered last; 0: nothing
	Error     string // safe to show
	QueuedAt  time.Time
	SettledAt time.Time
}

// Settled is how a delivery went.
type Settled struct {
	Receiver string
	Event    string
	From     DeliveryState // "" means due
	Attempt  int           // 0: whichever
	State    DeliveryState
	After    time.Duration // when State is due: how long from now until the next try
	Status   int
	Error    string
}

// DeliveryQuery asks for deliveries: newest first, or what waits longest first.
type DeliveryQuery struct {
	Receiver string
	State    DeliveryState // "": any
	Before   int64         // a Seq to begin under; 0 begins at the newest
	Oldest   bool          // oldest first, and Before is not read
	Limit    int
}

// DeliveriesKept is how long what is settled can be looked up.
const DeliveriesKept = 7 * 24 * time.Hour
