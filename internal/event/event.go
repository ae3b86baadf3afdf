// Package event is what machines outside are told: words, the catalogue of them, and one pure function from a row of the audit
// log to what there is to tell of it.
//
//	audit row (in the log's order) ──Project──► events ──► each receiver's queue ──Courier──► the receiver
//
// Every transition of an account has exactly one audit row, written in its own transaction (S24), and the log lines the rows
// of all accounts up without gaps, each account's own in their order. So what is told is read from the log, and nothing is
// written for it where people wait: what was rolled back has no row, and what has a row is told (S25).
//
// The package decides what is told and in which words. It does not know receivers, HTTP or signatures: the couriers are in
// the folders below.
package event

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
)

// Event is one thing that happened to an account, as others are told it.
type Event struct {
	ID   string    `json:"-"` // evt_…, the same however often it is told
	Type Type      `json:"type"`
	At   time.Time `json:"timestamp"`
	Data Data      `json:"data"`
}

// Data is what an event says. It names the account by our ID and the product's, and what it concerns by our IDs: never a
// number, a mailbox or a provider's name for a person.
type Data struct {
	Account    jieling.AccountID `json:"account"`
	ExternalID string            `json:"external_id"`
	Version    int64             `json:"version"` // of the account after it: grows with each transition
	By         jieling.ActorKind `json:"by"`      // the kind of who did it

	Case         jieling.CaseID         `json:"case,omitempty"`
	Stage        jieling.Stage          `json:"stage,omitempty"`
	Binding      jieling.BindingID      `json:"binding,omitempty"`
	Provider     jieling.Provider       `json:"provider,omitempty"`
	Device       jieling.DeviceID       `json:"device,omitempty"`
	Lost         *bool                  `json:"lost,omitempty"`
	Trusted      *bool                  `json:"trusted,omitempty"`
	Compliant    *bool                  `json:"compliant,omitempty"`
	Was          *bool                  `json:"was_compliant,omitempty"`
	Factor       jieling.Factor         `json:"factor,omitempty"`
	Enrolment    jieling.FactorID       `json:"enrolment,omitempty"`
	Sessions     SignedOut              `json:"sessions,omitempty"`
	DeviceLock   *bool                  `json:"device_lock,omitempty"`
	NamedOnly    *bool                  `json:"named_only,omitempty"`
	Participant  string                 `json:"participant,omitempty"`
	Said         jieling.NoticeKind     `json:"said,omitempty"` // by a provider
	Organisation jieling.OrganisationID `json:"organisation,omitempty"`
	Role         jieling.OrgRole        `json:"role,omitempty"`
}

// The facts that every audit row says of what its transition changed, by their keys in the row's detail.
const (
	FactFrozen    = "frozen"     // true or false: the account is now, and was not before
	FactStage     = "stage"      // where the row's case now stands, and did not before
	FactLinks     = "links"      // [Link]s
	FactDropped   = "dropped"    // [Dropped] factors
	FactSignedOut = "signed_out" // [SignedOut]
)

// Link is a binding that is in another state than before; Was is empty for one that is new.
type Link struct {
	Binding  jieling.BindingID    `json:"binding"`
	Provider jieling.Provider     `json:"provider"`
	Was      jieling.BindingState `json:"was,omitempty"`
	Is       jieling.BindingState `json:"is"`
}

// Dropped is a factor that proves nothing any more.
type Dropped struct {
	Factor jieling.Factor   `json:"factor"`
	ID     jieling.FactorID `json:"id"`
}

// SignedOut says which of an account's sessions are over.
type SignedOut string

// Which sessions ended.
const (
	SignedOutAll    SignedOut = "all"
	SignedOutOthers SignedOut = "others" // all but that of who did it
	SignedOutLogin  SignedOut = "login"  // those that were opened through the login concerned
	SignedOutSome   SignedOut = "some"   // some of them: one, those of one device, or those that came by one login
)

// Receiver is whom a courier goes to, with its secrets opened.
type Receiver struct {
	URL           string
	Secrets       []string // that sign, each for itself: two while a rotated one is still good
	Authorization string   // sent as it is, where the receiver asked for it
}

// Parcel is an event as it is sent: the body was made once, so that every attempt sends the same.
type Parcel struct {
	ID   string
	Body []byte
	At   time.Time // of this attempt
}

// Answer is what a receiver said.
type Answer struct {
	Status int           // 0: nothing
	After  time.Duration // it asks to be left alone for so long
}

// Courier brings an event to a receiver, over a wire that both know. A nil error means that the receiver has it; any other is
// safe to show to the receiver's owner.
type Courier interface {
	Deliver(ctx context.Context, to Receiver, p Parcel) (Answer, error)
}

// ErrGone says that a receiver wants no more.
var ErrGone = errors.New("it answered that it is gone (410)")

// id names the n-th event of an audit row. It is made of the row's hash, so whoever reads the log makes the same.
func id(e audit.Entry, n int) string {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(append([]byte("jieling event v1"), e.Hash[:]...), uint64(n)))
	return jieling.NewID[string]("evt", e.At, [10]byte(sum[:10]))
}
