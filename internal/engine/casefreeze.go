package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/store"
)

// lifted is the timer of an account whose freeze for a case is over.
const lifted = "lifted"

// frozenFor reports that an account is frozen for this very case: its proof of the freeze is from the account's present epoch, which
// every other freeze and thaw moves on.
func frozenFor(a jieling.Account, c *jieling.Case) bool {
	return a.Frozen && c != nil && c.Epoch == a.Epoch && c.Proved(jieling.AccountFreeze)
}

// frozenTo reports that the located case, or where none is located everything, stands still because the account is frozen.
func frozenTo(s store.Snapshot) bool { return s.Account.Frozen && !frozenFor(*s.Account, s.Case) }

// frozenForACase reports that the account is frozen for one of its open cases and for nothing else. The verb has to have loaded them.
func (w *work) frozenForACase() bool {
	return slices.ContainsFunc(w.Cases, func(c jieling.Case) bool { return frozenFor(*w.Account, &c) })
}

// comesLast refuses to freeze an account for a case before everything else that the case asks is proven: whoever has nothing but a
// session must not be able to shut its owner out, and the phone that approves has to be signed in until then.
func comesLast(c jieling.Case) error {
	proven := func(f jieling.Factor) bool { return f == jieling.AccountFreeze || c.Proved(f) }
	if c.Decision.Met(proven) {
		return nil
	}
	return jieling.Refuse(jieling.CodeVerification, "冻结账号是最后一步。请先完成其他验证。", "Freezing the account comes last. Finish the other checks first.")
}

// freezeForCase shuts the account for everybody but the located case (V2): other sessions and unused hand-offs end, other cases begin
// again, nobody signs in. The case keeps what was proven for it, and the session that asked stays.
func (w *work) freezeForCase() error {
	if err := comesLast(*w.Case); err != nil {
		return err
	}
	w.change.EndAllSessions = true
	for _, s := range w.Sessions {
		if s.ID == w.session() {
			w.change.Sessions = append(w.change.Sessions, s) // written after all have ended
		}
	}
	w.restartCases(w.Case.ID)
	w.Account.Frozen = true
	w.tellOfAccount(toldForCase)
	return w.step(casework.Carried{Epoch: w.Account.Epoch})
}

// liftWhenDone ends a freeze for the located case in the very transaction in which the case is carried out or ends, whichever way:
// nothing can leave the account shut. What else has to learn of it does so by an effect.
func (w *work) liftWhenDone() error {
	if c := w.Case; !frozenFor(*w.Account, c) || !c.Stage.Terminal() && c.Stage != jieling.StageGuarded {
		return nil
	}
	w.Account.Frozen = false
	w.Account.Epoch++
	w.effect(jieling.Effect{
		Key: fmt.Sprintf("%s/timer/%s/%d", w.Case.ID, lifted, w.Account.Epoch), Kind: jieling.EffectTimer, Account: w.Account.ID, Case: w.Case.ID, Subject: lifted,
	})
	if w.Case.Stage.Terminal() {
		return nil
	}
	return w.step(casework.Carried{Epoch: w.Account.Epoch})
}

// actLifted tells the owner that a freeze for a case is over, wakes the cases that stood still, and keeps what was sent to the owner
// worth something. A freeze or a thaw that came in between has seen to it already.
func (e *Engine) actLifted(ctx context.Context, eff jieling.Effect) error {
	need := store.Need{Account: eff.Account, Effect: eff.ID, With: store.OpenCases | store.AllChallenges}
	return e.do(ctx, byClock, Idem{}, need, func(w *work) (string, error) {
		w.change.Report = &store.Report{Attempt: eff.Attempt, State: jieling.EffectDone}
		if w.Account == nil || eff.Key != fmt.Sprintf("%s/timer/%s/%d", eff.Case, lifted, w.Account.Epoch) {
			return "", nil
		}
		for _, ch := range slices.Clone(w.Challenges) {
			if sentToOwner(ch) && ch.Epoch == w.Account.Epoch-1 {
				ch.Epoch = w.Account.Epoch
				w.putChallenge(ch)
			}
		}
		for _, c := range w.Cases {
			if c.Epoch != w.Account.Epoch {
				w.learn(c)
			}
		}
		w.tellOfAccount(toldLifted)
		return "", nil
	}, nil)
}
