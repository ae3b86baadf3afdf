package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/store"
)

const (
	holdFor   = 24 * time.Hour // as long as a stranger's word may stop an owner, and no longer
	holdEvery = 30 * 24 * time.Hour
	holdAgain = 30 * time.Second // two asks within this time are one: a gateway sends one number no two messages in it
)

// holdCode is the challenge of somebody who is not signed in and asks for a hold; heldBy counts the holds a number asked for. Both have
// budgets of their own: nobody can use up what the owner needs to verify.
const holdCode jieling.Factor = "hold_code"

func heldBy(b jieling.BindingID) jieling.Factor { return jieling.Factor("hold/" + string(b)) }

// held refuses what a hold stops. A person and their product meet the same answer; staff or the product, having verified the owner,
// lifts it as they lift a freeze.
func (w *work) held() error {
	if !w.Account.Held(w.Now) {
		return nil
	}
	err := jieling.Refuse(jieling.CodeFrozen, "有人用你绑定的手机号申请暂停改动。可以照常登录，暂停结束后再继续；急用请在 App 里联系客服。",
		"Somebody asked, with a number of yours, that nothing be changed for now. You can sign in as ever; go on once it is over, or ask support in the app.")
	err.After = w.Account.HeldUntil.Sub(w.Now)
	return err
}

// AskHold sends a code to a number, if it is a way into some account, or was one until lately, and may ask for a hold now. The answer is the same whether it is
// or not: whoever types numbers learns nothing, and the code goes to the number's holder alone (S11).
func (e *Engine) AskHold(ctx context.Context, phone, lang string) error {
	account, binding, err := e.holder(ctx, phone)
	if err != nil || account == "" {
		return err
	}
	id := newID[jieling.ChallengeID](e, "chl", time.Now())
	f, ok := e.Factors[jieling.SMSCode]
	if !ok {
		return nil
	}
	issued, err := f.Issue(ctx, factor.Ask{
		Challenge: id, Number: phone, Lang: lang, Now: time.Now(), Random: e.random,
		What: jieling.Text{ZH: "暂停账号的改动", EN: "pausing changes to your account"},
	})
	if err != nil {
		return err
	}
	by := jieling.Actor{Kind: jieling.ActorPerson, Name: "number"}
	return quiet(e.do(ctx, by, Idem{}, store.Need{Account: account, With: store.Challenges | store.Budgets | holdParts}, func(w *work) (string, error) {
		if w.Account.Frozen && !w.frozenForACase() || w.Account.Held(w.Now) || !w.speaks(binding) || w.spent(binding) || w.justAsked(binding) {
			return "", tooMany(0)
		}
		if err := w.spendIssue(holdCode, true); err != nil {
			return "", err
		}
		return "", w.sendHoldCode(id, binding, issued)
	}, nil))
}

// justAsked reports that a code is on its way to a number already. A second one would end it, and not arrive itself.
func (w *work) justAsked(b jieling.BindingID) bool {
	return slices.ContainsFunc(w.Challenges, func(ch jieling.Challenge) bool {
		return ch.Factor == holdCode && ch.Binding == b && ch.Epoch == w.Account.Epoch && w.Now.Sub(ch.IssuedAt) < holdAgain
	})
}

// sendHoldCode keeps the challenge, ends the one before it, and sends its code.
func (w *work) sendHoldCode(id jieling.ChallengeID, to jieling.BindingID, issued factor.Issued) error {
	for _, old := range slices.Clone(w.Challenges) {
		if old.Factor == holdCode {
			old.State, old.Secret = jieling.ChallengeDead, nil
			w.putChallenge(old)
		}
	}
	secret, err := w.e.Keys.Seal(answerOf(id), issued.Secret)
	if err != nil {
		return err
	}
	payload, err := w.sealMessage(id, *issued.Send)
	if err != nil {
		return err
	}
	w.putChallenge(jieling.Challenge{
		ID: id, Account: w.Account.ID, Binding: to, Factor: holdCode, Purpose: jieling.ForCase, State: jieling.ChallengeOpen, Limit: issued.Limit,
		IssuedAt: w.Now, ExpiresAt: w.Now.Add(issued.TTL), Epoch: w.Account.Epoch, Public: issued.Public, Secret: secret,
	})
	w.effect(jieling.Effect{
		Key: string(id) + "/deliver", Kind: jieling.EffectDeliver, Account: w.Account.ID, Target: issued.Send.Channel, Subject: string(id), Payload: payload,
	})
	return nil
}

// Hold stops every change of an account for a day, for whoever holds a number of it and is not signed in: proofs given so far are
// worth nothing, questions end, and no login comes or goes. Signing in goes on, so that a stranger with a number shuts nobody out
// (a soft freeze). The answer tells nothing.
func (e *Engine) Hold(ctx context.Context, phone, code string) error {
	account, binding, err := e.holder(ctx, phone)
	if err != nil || account == "" {
		return err
	}
	by := jieling.Actor{Kind: jieling.ActorPerson, Name: "number"}
	need := store.Need{Account: account, With: store.Challenges | store.Budgets | holdParts}
	return quiet(e.do(ctx, by, Idem{}, need, func(w *work) (string, error) {
		i := slices.IndexFunc(w.Challenges, func(ch jieling.Challenge) bool { return ch.Factor == holdCode && ch.Binding == binding })
		if i < 0 || !w.speaks(binding) || w.spent(binding) {
			return "", tooMany(0)
		}
		ch := w.Challenges[i]
		if !w.Now.Before(ch.ExpiresAt) || ch.Guesses >= ch.Limit || ch.Epoch != w.Account.Epoch {
			return "", tooMany(0)
		}
		ch.Guesses++
		w.putChallenge(ch)
		passed, err := e.matches(ctx, ch, code)
		if err != nil || !passed {
			return "", err
		}
		ch.State, ch.Secret = jieling.ChallengePassed, nil
		w.putChallenge(ch)
		w.Account.HeldUntil = w.Now.Add(holdFor)
		if w.frozenForACase() { // which is stopped now, and must not leave the account shut
			w.Account.Frozen = false
		}
		w.change.Budgets = append(w.change.Budgets, jieling.Budget{Account: account, Factor: heldBy(binding), Since: w.Now, Wrong: 1})
		w.restartCases("")
		w.tellOfAccount(toldHeld)
		w.transition("account.hold", map[string]any{"binding": binding})
		return "", nil
	}, nil))
}

// matches compares a code with a challenge's. The guess was counted under the same lock.
func (e *Engine) matches(ctx context.Context, ch jieling.Challenge, code string) (bool, error) {
	secret, err := e.Keys.Open(answerOf(ch.ID), ch.Secret)
	if err != nil {
		return false, err
	}
	v, err := e.Factors[jieling.SMSCode].Check(ctx, ch, secret, nil, factor.Answer{Given: []byte(code)})
	if jieling.CodeOf(err) == jieling.CodeInvalid {
		return false, nil
	}
	return v.Passed, err
}

// holdParts is what is looked at to see whether a number may ask.
const holdParts = store.Removed | store.OpenCases

// speaks reports that whoever holds a number may ask for a hold: it is a way in, or it was one and can still be put back, since a thief
// removes the owner's number first. One that changed hands says nothing of the owner (A4).
func (w *work) speaks(id jieling.BindingID) bool {
	b := w.binding(id)
	if b == nil || b.Holder == jieling.HolderChanged {
		return false
	}
	return b.Usable() || slices.ContainsFunc(w.Cases, func(c jieling.Case) bool {
		return c.Binding == id && !c.RemovedAt.IsZero() && w.Now.Before(c.GuardUntil)
	})
}

// holder finds the account a number is a way into, or was last, unless it is one into another by now; "" where there is none. Both
// are looked up for every number, so that none takes longer.
func (e *Engine) holder(ctx context.Context, phone string) (jieling.AccountID, jieling.BindingID, error) {
	if !phoneForm.MatchString(phone) {
		return "", "", jieling.Invalid("phone", "must be a phone number in E.164, like +8613800000000")
	}
	index := e.index(jieling.Phone, phone)
	was, missed := e.Store.Unlinked(ctx, jieling.Phone, index)
	if missed != nil && !errors.Is(missed, store.ErrNotFound) {
		return "", "", translate(missed)
	}
	is, err := e.Store.Resolve(ctx, jieling.Phone, index)
	if errors.Is(err, store.ErrNotFound) {
		return was.Account, was.Binding, nil
	}
	return is.Account, is.Binding, translate(err)
}

// spent reports that a number asked for its one hold of these thirty days.
func (w *work) spent(b jieling.BindingID) bool {
	return slices.ContainsFunc(w.Budgets, func(x jieling.Budget) bool { return x.Factor == heldBy(b) && w.Now.Sub(x.Since) < holdEvery })
}

// quiet keeps what a stranger must not learn: only a failure of ours is told.
func quiet(err error) error {
	switch jieling.CodeOf(err) {
	case jieling.CodeTooMany, jieling.CodeNotFound, jieling.CodeFrozen:
		return nil
	}
	return err
}
