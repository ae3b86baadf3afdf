// Package notify is the contract for messages to people: codes, and notices of what was done to their account. It renders
// nothing and decides nothing; a sender delivers what it is given, to the stored address it is given (S11).
package notify

import (
	"context"
	"errors"
	"fmt"

	"github.com/jieling-id/jieling"
)

// Sender delivers messages. Send is idempotent by id as far as its gateway can be; an error that wraps [ErrFinal] means that
// trying again will not help.
type Sender interface {
	Send(ctx context.Context, id string, m jieling.Message) error
}

// ErrFinal marks an error that a further try cannot mend: the gateway refuses the number, the template, the signature.
var ErrFinal = errors.New("will not be delivered")

// Final reports whether a further try cannot mend err.
func Final(err error) bool { return errors.Is(err, ErrFinal) }

// ByChannel sends a message by the sender of its channel.
type ByChannel map[string]Sender

// Send implements [Sender]. A message of a channel nobody serves will not be delivered.
func (b ByChannel) Send(ctx context.Context, id string, m jieling.Message) error {
	s, ok := b[m.Channel]
	if !ok {
		return fmt.Errorf("nothing is set up to send by %s: %w", m.Channel, ErrFinal)
	}
	return s.Send(ctx, id, m)
}
