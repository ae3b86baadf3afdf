package storetest

import (
	"errors"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// tally counts answers by their code; success is "".
func tally(errs []error) map[jieling.Code]int {
	count := map[jieling.Code]int{}
	for _, err := range errs {
		count[jieling.CodeOf(err)]++
	}
	return count
}

// passesOnce answers one challenge rightly 200 times at once (S8).
func passesOnce(x exam) {
	a, b := x.register(2)
	q := x.challenge(x.open(a.ID, b[0].ID), 1000)
	errs := make([]error, 200)
	together(len(errs), func(i int) {
		errs[i] = x.s.Update(x.ctx(), store.Need{Challenge: q.ID}, func(sn store.Snapshot) (store.Change, error) {
			if sn.Challenge.State != jieling.ChallengeOpen {
				return store.Change{}, jieling.Refuse(jieling.CodeChallengeUsed, "已用过。", "It was used.")
			}
			ch := begin(*sn.Account, "pass")
			passed := *sn.Challenge
			passed.State = jieling.ChallengePassed
			ch.Challenges = []jieling.Challenge{passed}
			return ch, nil
		})
	})
	x.equal("200 right answers to one challenge", map[jieling.Code]int{"": 1, jieling.CodeChallengeUsed: 199}, tally(errs))
	if v := x.version(a.ID); v != 3 {
		x.t.Errorf("the account is at version %d, want 3: registered, opened, passed", v)
	}
}

// guessesWithinLimit guesses wrongly 200 times at once; a guess that was let through is one that would be evaluated (S26).
func guessesWithinLimit(x exam) {
	const limit = 5
	a, b := x.register(2)
	q := x.challenge(x.open(a.ID, b[0].ID), limit)
	errs := make([]error, 200)
	together(len(errs), func(i int) {
		errs[i] = x.s.Update(x.ctx(), store.Need{Challenge: q.ID, With: store.Budgets}, func(sn store.Snapshot) (store.Change, error) {
			if sn.Challenge.Guesses >= sn.Challenge.Limit {
				return store.Change{}, jieling.Refuse(jieling.CodeTooMany, "次数过多。", "Too many.")
			}
			guessed := *sn.Challenge
			guessed.Guesses++
			spent := jieling.Budget{Account: a.ID, Factor: guessed.Factor, Since: epoch()}
			if len(sn.Budgets) > 0 {
				spent = sn.Budgets[0]
			}
			spent.Wrong++
			return store.Change{Challenges: []jieling.Challenge{guessed}, Budgets: []jieling.Budget{spent}}, nil
		})
	})
	x.equal("200 guesses", map[jieling.Code]int{"": limit, jieling.CodeTooMany: 200 - limit}, tally(errs))
	sn := x.load(store.Need{Challenge: q.ID, With: store.Budgets})
	if sn.Challenge.Guesses != limit || len(sn.Budgets) != 1 || sn.Budgets[0].Wrong != limit {
		x.t.Errorf("the challenge counts %d and the budgets read %+v, want %d in each", sn.Challenge.Guesses, sn.Budgets, limit)
	}
}

// ticketOnce hands one ticket in 50 times at once; it opens one session (S8).
func ticketOnce(x exam) {
	a, _ := x.register(1)
	ticket := store.Ticket{Hash: newHash(), Account: a.ID, Platform: jieling.Web, Next: "/", ExpiresAt: epoch()}
	x.must(x.write(store.Need{Account: a.ID}, func(store.Snapshot) store.Change { return store.Change{Ticket: &ticket} }))

	sessions := make([]store.Session, 50)
	errs := make([]error, len(sessions))
	together(len(sessions), func(i int) {
		sessions[i] = x.session(a.ID, "")
		errs[i] = x.s.Update(x.ctx(), store.Need{Ticket: ticket.Hash}, func(sn store.Snapshot) (store.Change, error) {
			if !sn.Ticket.UsedAt.IsZero() {
				return store.Change{}, jieling.Refuse(jieling.CodeChallengeUsed, "已用过。", "It was used.")
			}
			used := *sn.Ticket
			used.UsedAt = sn.Now
			return store.Change{Ticket: &used, Sessions: sessions[i : i+1]}, nil
		})
	})
	x.equal("50 uses of one ticket", map[jieling.Code]int{"": 1, jieling.CodeChallengeUsed: 49}, tally(errs))
	for i, s := range sessions {
		_, err := x.s.Session(x.ctx(), s.Hash)
		if open := err == nil; open != (errs[i] == nil) {
			x.t.Errorf("a use of the ticket was answered %v, but its session is open: %v", errs[i], open)
		}
	}
}

// session is a session that lives a day by the store's own clock.
func (x exam) session(a jieling.AccountID, b jieling.BindingID) store.Session {
	return store.Session{
		ID: newID[jieling.SessionID]("ses"), Hash: newHash(), Account: a, Binding: b, Platform: jieling.Web,
		CreatedAt: epoch(), ExpiresAt: x.now().Add(24 * time.Hour),
	}
}

// now asks the store for its clock. It is the zero time where the store cannot answer; the caller's own call then says why.
func (x exam) now() time.Time {
	sn, err := x.s.Load(x.ctx(), store.Need{})
	if err != nil {
		return time.Time{}
	}
	return sn.Now
}

// sessionsEnd opens sessions in every way and ends them in every way (S9).
func sessionsEnd(x exam) {
	a, b := x.register(2)
	other, _ := x.register(1)
	change := func(ch store.Change) {
		x.t.Helper()
		x.must(x.write(store.Need{Account: a.ID}, func(store.Snapshot) store.Change { return ch }))
	}
	through0, through1, handed, foreign := x.session(a.ID, b[0].ID), x.session(a.ID, b[1].ID), x.session(a.ID, ""), x.session(other.ID, "")
	expired, ended := x.session(a.ID, ""), x.session(a.ID, "")
	expired.ExpiresAt = x.now()
	change(store.Change{Sessions: []store.Session{through0, through1, handed, expired, ended}})
	x.must(x.write(store.Need{Account: other.ID}, func(store.Snapshot) store.Change {
		return store.Change{Sessions: []store.Session{foreign}}
	}))
	ended.EndedAt = epoch()
	change(store.Change{Sessions: []store.Session{ended}})
	x.live("after opening", []bool{true, true, true, true, false, false}, through0, through1, handed, foreign, expired, ended)

	change(store.Change{EndSessions: b[0].ID})
	x.live("after one binding's sessions ended", []bool{false, true, true, true}, through0, through1, handed, foreign)

	x.must(x.s.Update(x.ctx(), store.Need{Account: a.ID}, freeze))
	if got, err := x.s.Session(x.ctx(), handed.Hash); err != nil || !got.Frozen {
		x.t.Errorf("the session of a frozen account reads frozen=%v (%v), want true", got.Frozen, err)
	}
	if got, err := x.s.Session(x.ctx(), foreign.Hash); err != nil || got.Frozen {
		x.t.Errorf("the session of another account reads frozen=%v (%v), want false", got.Frozen, err)
	}

	waits, foreignWaits := x.ticket(a.ID), x.ticket(other.ID)
	renewed := x.session(a.ID, "")
	change(store.Change{EndAllSessions: true, Sessions: []store.Session{renewed}})
	x.live("after all ended and one was opened in the same change", []bool{false, false, true, true}, through1, handed, renewed, foreign)
	if x.load(store.Need{Ticket: waits.Hash}).Ticket.UsedAt.IsZero() {
		x.t.Error("a hand-off that waited can still be used")
	}
	if !x.load(store.Need{Ticket: foreignWaits.Hash}).Ticket.UsedAt.IsZero() {
		x.t.Error("another account's hand-off ended too")
	}
}

func (x exam) live(when string, want []bool, sessions ...store.Session) {
	x.t.Helper()
	got := make([]bool, len(sessions))
	for i, s := range sessions {
		_, err := x.s.Session(x.ctx(), s.Hash)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			x.t.Fatal(err)
		}
		got[i] = err == nil
	}
	x.equal(when+", alive", want, got)
}

// ticket is a hand-off nobody has used.
func (x exam) ticket(a jieling.AccountID) store.Ticket {
	x.t.Helper()
	t := store.Ticket{Hash: newHash(), Account: a, Platform: jieling.Web, Next: "/", ExpiresAt: x.now().Add(time.Hour)}
	x.must(x.write(store.Need{Account: a}, func(store.Snapshot) store.Change { return store.Change{Ticket: &t} }))
	return t
}

// sessionsListed lists an account's live sessions: not the ended, not the expired, not another's, newest first.
func sessionsListed(x exam) {
	a, b := x.register(1)
	other, _ := x.register(1)
	first, second, ended, expired, foreign := x.session(a.ID, b[0].ID), x.session(a.ID, ""), x.session(a.ID, ""), x.session(a.ID, ""), x.session(other.ID, "")
	second.CreatedAt = first.CreatedAt.Add(time.Minute)
	ended.EndedAt, expired.ExpiresAt = epoch(), x.now()
	for id, sessions := range map[jieling.AccountID][]store.Session{a.ID: {first, ended, second, expired}, other.ID: {foreign}} {
		x.must(x.write(store.Need{Account: id}, func(store.Snapshot) store.Change { return store.Change{Sessions: sessions} }))
	}
	need := store.Need{Account: a.ID, With: store.Sessions}
	x.equal("listed", []store.Session{second, first}, x.load(need).Sessions)
	x.must(x.s.Update(x.ctx(), need, func(sn store.Snapshot) (store.Change, error) {
		x.equal("listed under the lock", []store.Session{second, first}, sn.Sessions)
		return store.Change{}, nil
	}))
	if got := x.load(store.Need{Account: a.ID}).Sessions; got != nil {
		x.t.Errorf("nobody asked for %d sessions", len(got))
	}
}

// resolveIsFresh asks after each freeze and each thaw: an answer is never older than the call.
func resolveIsFresh(x exam) {
	a, b := x.register(1)
	for i := range crowd(200) {
		frozen := i%2 == 0
		until := epoch().Add(time.Duration(i) * time.Hour)
		x.must(x.write(store.Need{Account: a.ID}, func(sn store.Snapshot) store.Change {
			ch := begin(*sn.Account, "freeze")
			ch.Account.Frozen, ch.Account.Epoch, ch.Account.GuardedUntil = frozen, sn.Account.Epoch+1, until
			return ch
		}))
		together(4, func(int) {
			r, err := x.s.Resolve(x.ctx(), b[0].Provider, b[0].Index)
			want := store.Resolved{
				Account: a.ID, Binding: b[0].ID, State: jieling.BindingActive, Frozen: frozen, Epoch: int64(i + 1), GuardedUntil: until, Now: r.Now,
			}
			if err != nil || r != want {
				x.t.Errorf("resolved %+v (%v) after change %d, want %+v", r, err, i+1, want)
			}
		})
	}
}
