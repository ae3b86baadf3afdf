package sqlite

import (
	"errors"
	"fmt"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// coherent refuses a change that does not hang together, before any of it is written: what the schema cannot see because it
// needs what was read, or more than one table.
func coherent(read jieling.Account, need store.Need, ch store.Change) error {
	if err := transition(read, ch); err != nil {
		return err
	}
	if err := store.Stranding(read, ch); err != nil {
		return err
	}
	if err := owned(owner(read, ch), ch); err != nil {
		return err
	}
	if (ch.Answer != nil || ch.Replayed) && need.Idem.Zero() {
		return errors.New("an answer needs an idempotency key to be remembered under")
	}
	if ch.Report != nil && need.Effect == "" {
		return errors.New("a report needs the effect it is about")
	}
	return nil
}

// transition checks that the account's row follows the one read and brings the audit row that belongs to it (S24).
func transition(read jieling.Account, ch store.Change) error {
	a, e := ch.Account, ch.Audit
	switch {
	case a == nil && e == nil:
		if len(ch.Bindings)+len(ch.Events)+len(ch.Enrolments)+len(ch.Devices)+len(ch.Managed) > 0 || ch.Case != nil || ch.Organisation != nil || ch.Membership != nil || ch.Erase != "" {
			return errors.New("such a change is a transition: it needs the account's row and its audit row")
		}
		return nil
	case a == nil || e == nil:
		return errors.New("the account's row and its audit row come together")
	case a.Version != read.Version+1 || read.ID != "" && a.ID != read.ID:
		return fmt.Errorf("account: %w", store.ErrStale)
	case e.Account != a.ID || e.Seq != a.Version || e.Hash != a.AuditHead:
		return errors.New("the audit row is not that of the account's row")
	case e.Prev != read.AuditHead:
		return fmt.Errorf("audit head: %w", store.ErrStale)
	default:
		return nil
	}
}

// owner is the account whose lock the verb holds.
func owner(read jieling.Account, ch store.Change) jieling.AccountID {
	if ch.Account != nil {
		return ch.Account.ID
	}
	return read.ID
}

// owned checks that every row is of the account whose lock is held.
func owned(account jieling.AccountID, ch store.Change) error {
	var owners []jieling.AccountID
	for _, b := range ch.Bindings {
		owners = append(owners, b.Account)
	}
	for _, q := range ch.Challenges {
		owners = append(owners, q.Account)
	}
	for _, e := range ch.Enrolments {
		owners = append(owners, e.Account)
	}
	for _, d := range ch.Devices {
		owners = append(owners, d.Account)
	}
	for _, b := range ch.Budgets {
		owners = append(owners, b.Account)
	}
	for _, e := range ch.Effects {
		owners = append(owners, e.Account)
	}
	for _, r := range ch.Reviews {
		owners = append(owners, r.Account)
	}
	for _, s := range ch.Sessions {
		owners = append(owners, s.Account)
	}
	for _, s := range ch.SignIns {
		owners = append(owners, s.Account)
	}
	for _, d := range ch.Managed {
		owners = append(owners, d.Account)
	}
	if ch.Organisation != nil {
		owners = append(owners, ch.Organisation.Keeper)
	}
	if ch.Membership != nil {
		owners = append(owners, ch.Membership.Account)
	}
	if ch.Ticket != nil {
		owners = append(owners, ch.Ticket.Account)
	}
	if ch.Case != nil {
		owners = append(owners, ch.Case.Account)
	}
	for _, o := range owners {
		if o != account || o == "" {
			return errors.New("a row belongs to an account whose lock is not held")
		}
	}
	for _, e := range ch.Events {
		if ch.Case == nil || e.Case != ch.Case.ID {
			return errors.New("an event belongs to a case that is not in the change")
		}
	}
	return nil
}
