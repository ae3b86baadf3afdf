package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/store"
)

// Freeze stops the account: sign-in, every session, every open case, every challenge. It beats a commit that has not
// happened yet (S13) and is never refused for an account that is frozen already.
func (e *Engine) Freeze(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, why string) (jieling.Account, error) {
	return e.setFrozen(ctx, by, idem, account, why, true)
}

// Unfreeze lifts a freeze. A session alone cannot (it may be the thief's): the product or staff, having verified the owner, does.
func (e *Engine) Unfreeze(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, why string) (jieling.Account, error) {
	if by.Kind == jieling.ActorPerson {
		return jieling.Account{}, forbidden()
	}
	return e.setFrozen(ctx, by, idem, account, why, false)
}

func (e *Engine) setFrozen(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, why string, freeze bool) (jieling.Account, error) {
	var out jieling.Account
	if why != "" && !plain(why, 256) {
		return out, jieling.Invalid("why", "must be at most 256 printable characters")
	}
	need := store.Need{Account: account, With: store.OpenCases | store.Challenges}
	err := e.do(ctx, by, idem, need, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeFreeze); err != nil {
			return "", err
		}
		if w.Account.Frozen != freeze || freeze && w.frozenForACase() || !freeze && w.Account.Held(w.Now) {
			w.freeze(freeze, why)
		}
		out = *w.Account
		return string(account), nil
	}, func(s store.Snapshot, _ store.Answer) error {
		if err := found(s, by, ScopeFreeze); err != nil {
			return err
		}
		out = *s.Account
		return nil
	})
	return out, err
}

func (w *work) freeze(freeze bool, why string) {
	verb, told := "account.unfreeze", toldReleased
	switch {
	case freeze:
		verb, told = "account.freeze", toldFrozen
	case w.Account.Frozen:
		told = toldUnfrozen
	}
	w.change.EndAllSessions = freeze || w.Account.Frozen // those of before, and those that were opened to look at it (S13)
	w.Account.Frozen = freeze
	if !freeze {
		w.Account.HeldUntil = time.Time{}
	}
	w.restartCases("")
	w.tellOfAccount(told)
	w.transition(verb, map[string]any{"why": why})
}

// restartCases makes worthless what the account's open cases hold, but for one that is spared ("": none): their questions at once,
// their proofs through the epoch, of which they learn at their next move, or from the worker (S9, S13). The link in a notice, and
// the code of whoever asks for a hold, die with a freeze alone: they were sent to the owner, and a thief who has a session must not
// be able to call them back.
func (w *work) restartCases(spared jieling.CaseID) {
	w.Account.Epoch++
	w.touched = true
	for _, ch := range slices.Clone(w.Challenges) {
		if spared != "" && ch.Case == spared || sentToOwner(ch) && !w.Account.Frozen {
			ch.Epoch = w.Account.Epoch
		} else {
			ch.State, ch.Secret = jieling.ChallengeDead, nil
		}
		w.putChallenge(ch)
	}
	for _, c := range w.Cases {
		if c.ID == spared {
			continue
		}
		w.learn(c)
	}
}

// learn has the worker tell a case of the account's epoch.
func (w *work) learn(c jieling.Case) {
	w.effect(jieling.Effect{
		Key: fmt.Sprintf("%s/timer/epoch/%d", c.ID, w.Account.Epoch), Kind: jieling.EffectTimer, Account: c.Account, Case: c.ID, Subject: "epoch",
	})
}

// sentToOwner reports that a challenge is no question of a session: it waits for whoever reads the owner's messages.
func sentToOwner(ch jieling.Challenge) bool {
	return ch.Factor == jieling.NoticeLink || ch.Factor == holdCode
}

// catchUp lets the located case learn of freezes and thaws since its last move: whatever it does next, proofs given before
// them are dead (S9, S13). The worker does the same to cases nobody touches.
func (w *work) catchUp() error {
	if w.Case.Epoch == w.Account.Epoch || w.Case.Stage.Terminal() {
		return nil
	}
	if err := w.step(casework.Frozen{Epoch: w.Account.Epoch, Restart: !w.Account.Frozen}); err != nil || w.Account.Frozen {
		return err
	}
	return w.step(casework.Thawed{Epoch: w.Account.Epoch})
}

// killChallenges ends the challenges that are meant, so that nobody answers them any more (S9).
func (w *work) killChallenges(meant func(jieling.Challenge) bool) {
	for _, ch := range slices.Clone(w.Challenges) {
		if meant(ch) {
			ch.State, ch.Secret = jieling.ChallengeDead, nil
			w.putChallenge(ch)
		}
	}
}

// putChallenge writes a challenge, and keeps the snapshot's list to what can still be answered.
func (w *work) putChallenge(ch jieling.Challenge) {
	same := func(x jieling.Challenge) bool { return x.ID == ch.ID }
	if ch.Factor.Reviewed() && ch.State == jieling.ChallengeDead {
		w.lookAgain(ch.Case, ch.ID, w.Now)
	}
	if i := slices.IndexFunc(w.change.Challenges, same); i >= 0 {
		w.change.Challenges[i] = ch
	} else {
		w.change.Challenges = append(w.change.Challenges, ch)
	}
	w.Challenges = slices.DeleteFunc(slices.Clone(w.Challenges), same)
	if ch.State == jieling.ChallengeOpen || ch.State == jieling.ChallengeClaimed {
		w.Challenges = append(w.Challenges, ch)
	}
}
