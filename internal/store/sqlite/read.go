package sqlite

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// Load reads a snapshot of one moment without waiting for the writer.
func (s *Store) Load(ctx context.Context, need store.Need) (sn store.Snapshot, err error) {
	err = s.readOnce(ctx, "load", func(c *conn) (err error) {
		sn, _, err = c.snapshot(need, s.now())
		return err
	})
	sn.Now = s.now()
	return sn, err
}

// Resolve is one query by the index of identities and the account's key.
func (s *Store) Resolve(ctx context.Context, provider jieling.Provider, index [32]byte) (store.Resolved, error) {
	now := s.now()
	return first(s, ctx, "resolve", func(r *row) (store.Resolved, error) {
		return store.Resolved{
			Account: jieling.AccountID(r.text()), Binding: jieling.BindingID(r.text()), State: jieling.BindingState(r.text()),
			Said:     jieling.NoticeKind(r.text()),
			QuickOff: r.bool(), QuickAsks: int(r.int()), Frozen: r.bool(), Epoch: r.int(), GuardedUntil: r.time(),
			DeviceLock: r.bool(), NamedOnly: r.bool(), LetIn: r.text(), Now: now,
		}, nil
	}, string(provider), index[:])
}

// Unlinked is one query by an index of its own.
func (s *Store) Unlinked(ctx context.Context, provider jieling.Provider, index [32]byte) (store.Unlinked, error) {
	return first(s, ctx, "unlinked", func(r *row) (store.Unlinked, error) {
		return store.Unlinked{Account: jieling.AccountID(r.text()), Binding: jieling.BindingID(r.text())}, nil
	}, string(provider), index[:])
}

// FindAccount looks the product's own name up.
func (s *Store) FindAccount(ctx context.Context, externalID string) (jieling.AccountID, error) {
	return first(s, ctx, "find account", readID[jieling.AccountID], externalID)
}

// Session finds a live session and whether its account is frozen.
func (s *Store) Session(ctx context.Context, hash [32]byte) (store.Session, error) {
	return first(s, ctx, "session", readSession, hash[:], moment(s.now()))
}

// Effects lists effects by the time they are for.
func (s *Store) Effects(ctx context.Context, account jieling.AccountID, state jieling.EffectState, limit int) ([]jieling.Effect, error) {
	if account == "" {
		return all(s, ctx, "effects", readEffect, string(state), int64(limit))
	}
	return all(s, ctx, "effects of account", readEffect, string(account), string(state), int64(limit))
}

// Cases lists an account's cases by their IDs, which sort by age.
func (s *Store) Cases(ctx context.Context, account jieling.AccountID, limit int) (cases []jieling.Case, err error) {
	err = s.readOnce(ctx, "cases", func(c *conn) error {
		found, err := c.cases("cases", string(account), int64(limit))
		cases = casesOf(found)
		return err
	})
	return cases, err
}

// Events lists what happened to a case.
func (s *Store) Events(ctx context.Context, c jieling.CaseID, after int64) ([]jieling.Event, error) {
	return all(s, ctx, "events", readEvent, string(c), after)
}

// lastID sorts after the ID of every case.
const lastID = "~"

// Openings walks over cases by their IDs, which sort by age.
func (s *Store) Openings(ctx context.Context, before jieling.CaseID, limit int) ([]jieling.Event, error) {
	return all(s, ctx, "openings", readEvent, cmp.Or(string(before), lastID), int64(limit))
}

// Keys lists the API keys that are not revoked, by name.
func (s *Store) Keys(ctx context.Context) ([]store.Key, error) { return all(s, ctx, "keys", readKey) }

// Accounts walks over account IDs.
func (s *Store) Accounts(ctx context.Context, after jieling.AccountID, limit int) ([]jieling.AccountID, error) {
	return all(s, ctx, "accounts", readID[jieling.AccountID], string(after), int64(limit))
}

// snapshot reads what need names, and says what the located case's basis is. It must be called within a transaction, so that
// it is of one moment.
func (c *conn) snapshot(need store.Need, now time.Time) (store.Snapshot, *kept, error) {
	l := loading{c: c, now: now}
	account := l.locate(need)
	if account != "" {
		l.account(account, need)
		l.parts(account, need.With)
	}
	if !need.Idem.Zero() {
		l.sn.Replay = pick(&l, "answer", readAnswer, need.Idem.Caller, need.Idem.Key)
	}
	return l.sn, l.located, l.err
}

// loading fills a snapshot and stops at the first error.
type loading struct {
	c       *conn
	now     time.Time // when a session is still alive
	sn      store.Snapshot
	located *kept // the case
	err     error
}

// locate loads the rows that are named by their own keys and finds the account by the first key that is set. A row of
// another account is dropped: it would not be under this account's lock.
func (l *loading) locate(need store.Need) jieling.AccountID {
	account, fixed := need.Account, need.Account != ""
	belongs := func(owner jieling.AccountID) bool {
		if !fixed {
			account, fixed = owner, true
		}
		return owner == account
	}
	if need.Case != "" {
		c := l.named(need.Case)
		if belongs(orZero(c).Account) {
			l.locatedCase(c)
		}
	}
	if need.Challenge != "" || need.Code != [32]byte{} {
		q := l.challenge(need)
		if belongs(orZero(q).Account) {
			l.sn.Challenge = q
		}
	}
	if need.Ticket != [32]byte{} {
		t := pick(l, "ticket", readTicket, need.Ticket[:])
		if belongs(orZero(t).Account) {
			l.sn.Ticket = t
		}
	}
	if l.sn.Challenge != nil && l.sn.Case == nil {
		l.locatedCase(l.named(l.sn.Challenge.Case))
	}
	return account
}

func (l *loading) named(id jieling.CaseID) (found *kept) {
	if l.err == nil {
		found, l.err = l.c.named(id)
	}
	return found
}

// locatedCase gives the snapshot a case of its own: what was located is still wanted as it was.
func (l *loading) locatedCase(k *kept) {
	if k != nil {
		c := k.Case
		l.located, l.sn.Case = k, &c
	}
}

func (l *loading) challenge(need store.Need) *jieling.Challenge {
	if need.Challenge != "" {
		return pick(l, "challenge", readChallenge, string(need.Challenge))
	}
	return pick(l, "challenge by code", readChallenge, need.Code[:])
}

// account loads the account with its bindings, and the effect that is reported.
func (l *loading) account(account jieling.AccountID, need store.Need) {
	l.sn.Account = pick(l, "account", readAccount, string(account))
	name := "bindings"
	if need.With&store.Removed != 0 {
		name = "bindings with removed"
	}
	l.sn.Bindings = gather(l, name, readBinding, string(account))
	slices.SortStableFunc(l.sn.Bindings, func(a, b jieling.Binding) int {
		if d := a.CreatedAt.Compare(b.CreatedAt); d != 0 {
			return d
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	if need.Effect != "" {
		if h := pick(l, "effect", readHeld, string(account), string(need.Effect)); h != nil {
			l.sn.Effect, l.sn.EffectIs = &h.Effect, h.is
		}
	}
}

// parts loads the further rows that were asked for.
func (l *loading) parts(account jieling.AccountID, with store.Part) {
	if with&store.OpenCases != 0 {
		if l.err == nil {
			var open []kept
			open, l.err = l.c.cases("open cases", string(account))
			l.sn.Cases = casesOf(open)
		}
	}
	if with&(store.Challenges|store.AllChallenges) != 0 {
		if l.sn.Case != nil && with&store.AllChallenges == 0 {
			l.sn.Challenges = gather(l, "challenges of case", readChallenge, string(account), string(l.sn.Case.ID))
		} else {
			l.sn.Challenges = gather(l, "challenges of account", readChallenge, string(account))
		}
	}
	if with&store.Enrolments != 0 {
		l.sn.Enrolments = gather(l, "enrolments", readEnrolment, string(account))
	}
	if with&store.Devices != 0 {
		l.sn.Devices = gather(l, "devices", readDevice, string(account))
	}
	if with&store.Budgets != 0 {
		l.sn.Budgets = gather(l, "budgets", readBudget, string(account))
	}
	if with&store.Sessions != 0 {
		l.sn.Sessions = gather(l, "live sessions", readSession, string(account), moment(l.now))
	}
	if with&store.Reviews != 0 {
		l.reviews(account)
	}
	if with&store.SignIns != 0 {
		l.sn.SignIns = gather(l, "sign-ins", readSignIn, string(account))
	}
	if with&store.Organised != 0 {
		l.organised(account)
	}
}
