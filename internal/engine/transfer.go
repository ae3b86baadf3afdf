package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
	"github.com/jieling-id/jieling/internal/transfer"
)

// Arrival is what became of somebody who was to be taken in.
type Arrival string

// The arrivals.
const (
	Arrived Arrival = "added"   // the account is new, and has every login that was named
	There   Arrival = "there"   // it was there already, with the same logins
	Differs Arrival = "differs" // it was there already, and what was named is not what it has: it was left as it is
)

// TakeIn makes an account with all its logins in one transaction, for an operator who brings them from another server. Who is there
// already is left alone, whatever was named: a login that was unlinked here must not come back because an old file is read again. An
// identity that opens another account is CodeBindingExists, and then nothing of the account is made.
func (e *Engine) TakeIn(ctx context.Context, by jieling.Actor, p transfer.Person) (Arrival, error) {
	if by.Kind != jieling.ActorProduct || may(by, ScopeAdmin, "") != nil {
		return "", forbidden()
	}
	in, logins, err := arriving(p)
	if err != nil {
		return "", err
	}
	switch known, err := e.Store.FindAccount(ctx, in.ExternalID); {
	case err == nil:
		return e.compare(ctx, known, logins)
	case !errors.Is(err, store.ErrNotFound):
		return "", translate(err)
	}
	id := newID[jieling.AccountID](e, "acc", time.Now())
	err = e.do(ctx, by, Idem{}, store.Need{Account: id}, func(w *work) (string, error) {
		w.Account = in.account(id, w.Now)
		for _, l := range logins {
			b, err := e.newBinding(w, l, jieling.BindingActive)
			if err != nil {
				return "", err
			}
			if b.VerifiedAt = l.VerifiedAt.UTC().Truncate(time.Microsecond); b.VerifiedAt.After(w.Now) {
				b.VerifiedAt = w.Now
			}
			w.putBinding(b)
		}
		w.transition("account.import", map[string]any{"kind": in.Kind, "logins": len(logins)})
		return string(id), nil
	}, nil)
	if jieling.CodeOf(err) == jieling.CodeConflict { // somebody else made it in between
		if known, missed := e.Store.FindAccount(ctx, in.ExternalID); missed == nil {
			return e.compare(ctx, known, logins)
		}
	}
	if err != nil {
		return "", err
	}
	return Arrived, nil
}

// arriving checks somebody as if they were registered and their logins added one by one.
func arriving(p transfer.Person) (NewAccount, []NewBinding, error) {
	if p.Kind == "" {
		p.Kind = jieling.Personal
	}
	in, err := NewAccount{ExternalID: p.ExternalID, Kind: p.Kind, Region: p.Region, Locale: p.Locale, RegisteredThrough: p.RegisteredThrough}.checked()
	if err != nil {
		return in, nil, err
	}
	var logins []NewBinding
	for _, l := range p.Logins {
		b := NewBinding{Provider: l.Provider, Subject: l.Subject, Union: l.Union, VerifiedAt: l.VerifiedAt}
		if err := b.check(); err != nil {
			return in, nil, err
		}
		if !slices.ContainsFunc(logins, func(x NewBinding) bool { return x.Provider == b.Provider && x.Subject == b.Subject }) {
			logins = append(logins, b)
		}
	}
	return in, logins, nil
}

// compare looks at an account that is there already.
func (e *Engine) compare(ctx context.Context, id jieling.AccountID, logins []NewBinding) (Arrival, error) {
	s, err := e.Store.Load(ctx, store.Need{Account: id})
	if err != nil {
		return "", translate(err)
	}
	usable := 0
	for _, b := range s.Bindings {
		if b.Usable() {
			usable++
		}
	}
	for _, l := range logins {
		index := e.index(l.Provider, l.Subject)
		if !slices.ContainsFunc(s.Bindings, func(b jieling.Binding) bool { return b.Usable() && b.Provider == l.Provider && b.Index == index }) {
			return Differs, nil
		}
	}
	if usable != len(logins) {
		return Differs, nil
	}
	return There, nil
}

// LetOut gives an account with its usable logins in the clear, ordered by provider and subject, for an operator who takes them to another server. It leaves a row in
// the account's audit chain, which its owner reads among what happened to the account.
func (e *Engine) LetOut(ctx context.Context, by jieling.Actor, id jieling.AccountID) (transfer.Person, error) {
	var p transfer.Person
	if by.Kind != jieling.ActorProduct || may(by, ScopeAdmin, "") != nil {
		return p, forbidden()
	}
	err := e.do(ctx, by, Idem{}, store.Need{Account: id}, func(w *work) (string, error) {
		if w.Account == nil {
			return "", notFound()
		}
		p = transfer.Person{
			ExternalID: w.Account.ExternalID, Kind: w.Account.Kind, Region: w.Account.Region, Locale: w.Account.Locale, RegisteredThrough: w.Account.RegisteredThrough,
		}
		for _, b := range w.Bindings {
			if !b.Usable() {
				continue
			}
			l, err := e.inTheClear(b)
			if err != nil {
				return "", err
			}
			p.Logins = append(p.Logins, l)
		}
		slices.SortFunc(p.Logins, func(a, b transfer.Login) int {
			return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Subject, b.Subject))
		})
		w.transition("account.export", map[string]any{"logins": len(p.Logins)})
		return "", nil
	}, nil)
	return p, err
}

func (e *Engine) inTheClear(b jieling.Binding) (transfer.Login, error) {
	subject, err := e.Keys.Open(subjectOf(b.ID), b.Subject)
	if err != nil {
		return transfer.Login{}, err
	}
	l := transfer.Login{Provider: b.Provider, Subject: string(subject), VerifiedAt: b.VerifiedAt}
	if b.Union != nil {
		union, err := e.Keys.Open(unionOf(b.ID), b.Union)
		if err != nil {
			return l, err
		}
		l.Union = string(union)
	}
	return l, nil
}
