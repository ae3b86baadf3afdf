package engine

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/store"
)

// FreshProof shows that whoever asks is the owner and does not only hold their session. The zero value shows nothing.
type FreshProof struct {
	Challenge jieling.ChallengeID // of AskProof
	Given     []byte              // the answer to it
}

// FreshFactors are the factors a fresh proof can be given with, the more convenient one first.
var FreshFactors = [...]jieling.Factor{jieling.DeviceUnlock, jieling.PaymentPIN, jieling.SMSCode}

// proofsOf lists those of them that a person has: set up, and not only by the session that asks (S4).
func (e *Engine) proofsOf(s store.Snapshot, by jieling.Actor) (out []jieling.Factor) {
	for _, f := range FreshFactors {
		switch {
		case e.Factors[f] == nil:
		case f == jieling.SMSCode && settledNumber(s) != nil, f != jieling.SMSCode && slices.ContainsFunc(s.Enrolments, func(en jieling.Enrolment) bool {
			return en.Factor == f && settled(en, s) && fits(en, by.Device)
		}):
			out = append(out, f)
		}
	}
	return out
}

// settled reports that an enrolment is older than whatever a thief could have brought along with a session.
func settled(en jieling.Enrolment, s store.Snapshot) bool {
	return !onlyASession(en, s.Devices) || s.Now.Sub(en.CreatedAt) >= soak
}

// settledNumber is the number a code goes to: a stored one (S11), the one that has been the account's the longest.
func settledNumber(s store.Snapshot) *jieling.Binding {
	for i, b := range s.Bindings {
		if b.Provider == jieling.Phone && b.Usable() && b.Holder != jieling.HolderChanged {
			return &s.Bindings[i]
		}
	}
	return nil
}

// AskProof makes a question whose answer is a fresh proof of one change. It ends the one before it.
func (e *Engine) AskProof(ctx context.Context, by jieling.Actor, account jieling.AccountID, f jieling.Factor, lang string) (ChallengeView, error) {
	if by.Kind != jieling.ActorPerson {
		return ChallengeView{}, forbidden()
	}
	s, err := e.Store.Load(ctx, store.Need{Account: account, With: store.Enrolments | store.Devices})
	if err != nil {
		return ChallengeView{}, translate(err)
	}
	if err := found(s, by, ScopeAccounts); err != nil {
		return ChallengeView{}, err
	}
	if !slices.Contains(e.proofsOf(s, by), f) {
		return ChallengeView{}, jieling.Refuse(jieling.CodeNotEnrolled, "不能用这种方式验证。请换一种，或在 App 里联系客服。",
			"This way of verifying is not set up, or too new. Choose another, or ask support in the app.")
	}
	ch := jieling.Challenge{ID: newID[jieling.ChallengeID](e, "chl", s.Now), Account: account, Factor: f, Purpose: jieling.ForCase, State: jieling.ChallengeOpen}
	ask, err := e.freshAsk(s, &ch, by, lang)
	if err != nil {
		return ChallengeView{}, err
	}
	issued, err := e.Factors[f].Issue(ctx, ask)
	if err != nil {
		return ChallengeView{}, err
	}
	err = e.do(ctx, by, Idem{}, store.Need{Account: account, With: store.Challenges | store.Budgets}, func(w *work) (string, error) {
		if w.Account.Frozen {
			return "", frozen()
		}
		if err := w.spendIssue(f, issued.Send != nil); err != nil {
			return "", err
		}
		w.killChallenges(func(old jieling.Challenge) bool { return fresh(old) })
		var err error
		ch, err = w.keepFresh(ch, issued)
		return string(ch.ID), err
	}, nil)
	return ChallengeView{Challenge: ch, Public: ch.Public}, err
}

// fresh reports that a challenge is the question of a fresh proof: one that belongs to no case and was sent to nobody else.
func fresh(ch jieling.Challenge) bool {
	return ch.Case == "" && slices.Contains(FreshFactors[:], ch.Factor)
}

func (e *Engine) freshAsk(s store.Snapshot, ch *jieling.Challenge, by jieling.Actor, lang string) (factor.Ask, error) {
	all, err := e.enrolled(s, ch.Factor)
	ask := factor.Ask{
		Challenge: ch.ID, Account: *s.Account, Device: by.Device, Lang: lang, Now: s.Now, Random: e.random,
		Enrolled: freshEnrolled(all, s, by.Device), Digest: sha256.Sum256([]byte("settings\x00" + string(s.Account.ID) + "\x00" + string(ch.ID))),
		What: jieling.Text{ZH: "更改账号的安全设置", EN: "changing the security settings of your account"},
	}
	if b := settledNumber(s); err == nil && ch.Factor == jieling.SMSCode && b != nil {
		var number []byte
		number, err = e.Keys.Open(subjectOf(b.ID), b.Subject)
		ask.Number, ch.Binding = string(number), b.ID
	}
	return ask, err
}

func freshEnrolled(all []factor.Enrolled, s store.Snapshot, device jieling.DeviceID) []factor.Enrolled {
	return slices.DeleteFunc(all, func(en factor.Enrolled) bool { return !settled(en.Enrolment, s) || !fits(en.Enrolment, device) })
}

// keepFresh writes the question down, and sends what is to be sent.
func (w *work) keepFresh(ch jieling.Challenge, issued factor.Issued) (jieling.Challenge, error) {
	secret, err := w.e.Keys.Seal(answerOf(ch.ID), issued.Secret)
	if err != nil {
		return ch, err
	}
	ch.IssuedAt, ch.ExpiresAt, ch.Limit, ch.Epoch = w.Now, w.Now.Add(issued.TTL), issued.Limit, w.Account.Epoch
	ch.Public, ch.Secret = issued.Public, secret
	w.putChallenge(ch)
	if issued.Send == nil {
		return ch, nil
	}
	payload, err := w.sealMessage(ch.ID, *issued.Send)
	w.effect(jieling.Effect{
		Key: string(ch.ID) + "/deliver", Kind: jieling.EffectDeliver, Account: w.Account.ID, Target: issued.Send.Channel, Subject: string(ch.ID), Payload: payload,
	})
	return ch, err
}

// prudent is a change of how an account may be entered: what it needs, whether it opens the account wider than it is, and what it does.
type prudent struct {
	need store.Need
	// exacting reports that the change asks for a fresh proof on what this transaction reads; it may refuse the change altogether.
	exacting func(*work) (bool, error)
	act      func(*work) (string, error)
	again    repeat
}

// prudently carries such a change out. What makes the account safer is done at once. Anything else a person has to prove afresh (S4), with
// a proof that is used up by it (S8); a product vouches for its owner.
func (e *Engine) prudently(ctx context.Context, by jieling.Actor, idem Idem, proof FreshProof, p prudent) error {
	p.need.With |= store.Enrolments | store.Devices | store.Challenges | store.Budgets | store.OpenCases | store.Sessions
	var checked verdict
	if proof.Challenge != "" && by.Kind == jieling.ActorPerson {
		s, err := e.reserveFresh(ctx, by, idem, p.need, proof)
		if err != nil {
			return err
		}
		if checked, err = e.checkFresh(ctx, s, proof, by); err != nil {
			return err
		}
	}
	return e.do(ctx, by, idem, p.need, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeAccounts); err != nil {
			return "", err
		}
		if w.Account.Frozen {
			return "", frozen()
		}
		exacting, err := p.exacting(w)
		if err != nil {
			return "", err
		}
		if by.Kind == jieling.ActorPerson && (exacting || proof.Challenge != "") {
			if err := w.takeFresh(proof, checked); err != nil {
				return "", err
			}
		}
		return p.act(w)
	}, p.again)
}

// reserveFresh counts the guess before it is looked at (S26). A request that is sent again counts it once.
func (e *Engine) reserveFresh(ctx context.Context, by jieling.Actor, idem Idem, need store.Need, proof FreshProof) (store.Snapshot, error) {
	if idem.Key != "" {
		idem.Key = fmt.Sprintf("guess/%x", sha256.Sum256([]byte(idem.Key)))
	}
	var out store.Snapshot
	err := e.do(ctx, by, idem, need, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeAccounts); err != nil {
			return "", err
		}
		i, err := w.freshOpen(proof)
		if err != nil {
			return "", err
		}
		ch, b := w.Challenges[i], w.budget(w.Challenges[i].Factor)
		switch {
		case b.Wrong >= wrongPerWindow:
			return "", tooMany(b.Since.Add(window).Sub(w.Now))
		case ch.Guesses >= ch.Limit:
			return "", tooMany(0)
		}
		ch.Guesses++
		b.Wrong++
		out = w.Snapshot
		w.putChallenge(ch)
		w.change.Budgets = append(w.change.Budgets, b)
		out.Challenge = &ch
		return string(ch.ID), nil
	}, func(s store.Snapshot, _ store.Answer) error {
		out = s
		return found(s, by, ScopeAccounts)
	})
	return out, err
}

// freshOpen finds the question that is answered, while it can be.
func (w *work) freshOpen(proof FreshProof) (int, error) {
	i := slices.IndexFunc(w.Challenges, func(ch jieling.Challenge) bool { return ch.ID == proof.Challenge && fresh(ch) })
	switch {
	case i < 0 || w.Challenges[i].Epoch != w.Account.Epoch:
		return i, jieling.Refuse(jieling.CodeChallengeUsed, "这次验证已经用过或已失效。请重新获取。", "This challenge was used already or can no longer be answered. Ask for a new one.")
	case !w.Now.Before(w.Challenges[i].ExpiresAt):
		return i, jieling.Refuse(jieling.CodeChallengeExpired, "验证已过期。请重新获取。", "The challenge is too old. Ask for a new one.")
	}
	return i, nil
}

func (e *Engine) checkFresh(ctx context.Context, s store.Snapshot, proof FreshProof, by jieling.Actor) (verdict, error) {
	if s.Challenge == nil { // the repeat of a request: what is remembered says what came of it, and where nothing is, nothing was proven
		return verdict{none: true}, nil
	}
	ch := *s.Challenge
	secret, err := e.Keys.Open(answerOf(ch.ID), ch.Secret)
	if err != nil {
		return verdict{}, err
	}
	all, err := e.enrolled(s, ch.Factor)
	if err != nil {
		return verdict{}, err
	}
	v, err := e.Factors[ch.Factor].Check(ctx, ch, secret, freshEnrolled(all, s, by.Device), factor.Answer{Given: proof.Given, Device: by.Device})
	return verdict{Verdict: v}, err
}

// takeFresh uses a proof up, or says what is missing.
func (w *work) takeFresh(proof FreshProof, v verdict) error {
	if proof.Challenge == "" {
		return jieling.Refuse(jieling.CodeVerification, "这项改动会放宽账号的保护，需要先验证是你本人。", "This makes the account less protected, so show first that it is you.")
	}
	i, err := w.freshOpen(proof)
	if err != nil {
		return err
	}
	ch, b := w.Challenges[i], w.budget(w.Challenges[i].Factor)
	if !v.Passed {
		return &committedRefusal{wrongAnswer(ch.Limit - ch.Guesses)}
	}
	b.Wrong = max(0, b.Wrong-1)
	ch.State, ch.Secret = jieling.ChallengePassed, nil
	w.putChallenge(ch)
	w.change.Budgets = append(w.change.Budgets, b)
	return w.updateEnrolment(v)
}
