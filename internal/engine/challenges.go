package engine

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/store"
)

// soak is how old a factor must be that nobody but the person's own session vouches for, before a case counts it.
const soak = 24 * time.Hour

// Challenge asks for a factor of a case. A new challenge of a factor kills the one before it.
func (e *Engine) Challenge(ctx context.Context, by jieling.Actor, idem Idem, in NewChallenge) (ChallengeView, error) {
	s, err := e.Store.Load(ctx, store.Need{Case: in.Case, With: store.Enrolments | store.Devices})
	if err != nil {
		return ChallengeView{}, translate(err)
	}
	if err := foundCase(s, by); err != nil {
		return ChallengeView{}, err
	}
	if err := askable(s, in.Factor); err != nil {
		return ChallengeView{}, err
	}
	if in.Factor == jieling.AccountFreeze {
		if err := comesLast(*s.Case); err != nil {
			return ChallengeView{}, err
		}
	}
	if s.Case.Waits(in.Factor) {
		return ChallengeView{}, jieling.Refuse(jieling.CodeConflict, "已经提交，正在等待答复，不需要再次提交。", "This was handed in already and waits for an answer; there is no need to do it again.")
	}
	if in.Factor == jieling.SMSCode {
		if err := e.ownNumber(ctx, s); err != nil {
			return ChallengeView{}, err
		}
	}
	return e.issueTo(ctx, by, idem, s, jieling.Challenge{Case: in.Case, Factor: in.Factor, Purpose: jieling.ForCase}, in, "", nil)
}

// askable reports whether the case asks for the factor at this moment.
func askable(s store.Snapshot, f jieling.Factor) error {
	switch {
	case frozenTo(s):
		return frozen()
	case !s.Case.Decision.Asks(f):
		return jieling.Refuse(jieling.CodeNotAsked, "这次解绑不需要这种验证。", "This case does not ask for that factor.")
	case s.Case.Waits(f):
		return alreadyHandedIn()
	}
	switch casework.Next(*s.Case) {
	case casework.MoveStep, casework.MoveReplace, casework.MoveBackUp, casework.MoveVerify, casework.MoveAwait, casework.MoveConfirm:
		return nil
	}
	return jieling.Refuse(jieling.CodeConflict, "现在不需要验证。请回到解绑单查看。", "Nothing needs verifying now. Read the case again.")
}

// issueTo makes a challenge outside any transaction, then keeps it in one. address, where there is one, is a phone or a mailbox
// that is being bound; prepare, where there is one, changes more in the transaction.
func (e *Engine) issueTo(ctx context.Context, by jieling.Actor, idem Idem, s store.Snapshot, ch jieling.Challenge, in NewChallenge, address string, prepare func(*work) error) (ChallengeView, error) {
	f, ok := e.Factors[ch.Factor]
	if !ok {
		return ChallengeView{}, jieling.Refuse(jieling.CodeNotEnrolled, "这里还不能使用这种验证方式，请选择另一种。", "This factor is not available here. Choose another.")
	}
	ch.ID = newID[jieling.ChallengeID](e, "chl", s.Now)
	ask, err := e.ask(s, &ch, in)
	if err != nil {
		return ChallengeView{}, err
	}
	switch {
	case address == "":
	case ch.Factor == jieling.EmailCode:
		ask.Mailbox = address
	default:
		ask.Number = address
	}
	if ask.Belongs, err = e.belonging(ctx, s, ch.Factor, acting(by, s.Case)); err != nil {
		return ChallengeView{}, err
	}
	issued, err := f.Issue(ctx, ask)
	if err != nil {
		return ChallengeView{}, err
	}
	var out jieling.Challenge
	need := store.Need{Case: ch.Case, With: store.Challenges | store.Budgets}
	err = e.do(ctx, by, idem, need, func(w *work) (string, error) {
		if err := foundCase(w.Snapshot, by); err != nil {
			return "", err
		}
		if frozenTo(w.Snapshot) {
			return "", frozen()
		}
		if err := w.held(); err != nil {
			return "", err
		}
		if err := w.spendIssue(ch.Factor, issued.Send != nil); err != nil {
			return "", err
		}
		if prepare != nil {
			if err := prepare(w); err != nil {
				return "", err
			}
		}
		var err error
		if out, err = w.keep(ch, issued); err != nil || ch.Factor != jieling.AdminApproval {
			return string(out.ID), err
		}
		return string(out.ID), w.submit(out, jieling.ByOrganisation)
	}, func(s store.Snapshot, a store.Answer) error {
		i := slices.IndexFunc(s.Challenges, func(c jieling.Challenge) bool { return string(c.ID) == a.Ref })
		if i < 0 {
			return jieling.Refuse(jieling.CodeChallengeUsed, "上次的验证已经结束，请重新获取。", "That challenge has ended. Ask for a new one.")
		}
		out = s.Challenges[i]
		return nil
	})
	return ChallengeView{Challenge: out, Public: out.Public}, err
}

// ask gathers what a factor needs to make a challenge. Number and mailbox are stored ones (S11), and never those of the binding that
// goes.
func (e *Engine) ask(s store.Snapshot, ch *jieling.Challenge, in NewChallenge) (factor.Ask, error) {
	enrolled, err := e.enrolled(s, ch.Factor)
	if err != nil {
		return factor.Ask{}, err
	}
	ask := factor.Ask{
		Challenge: ch.ID, Account: *s.Account, Case: s.Case.ID, Enrolled: counted(enrolled, s), What: e.action(s), Lang: in.Lang, Return: in.Return,
		Digest: digest(*s.Case), Device: s.Case.Device, Now: s.Now, Random: e.random,
	}
	by, coded := codedBy[ch.Factor]
	if !coded || ch.Purpose == jieling.ForReplacement {
		return ask, nil
	}
	if b := codeAddress(s, by); b != nil {
		address, err := e.Keys.Open(subjectOf(b.ID), b.Subject)
		if err != nil {
			return ask, err
		}
		ch.Binding = b.ID
		if by == jieling.Email {
			ask.Mailbox = string(address)
		} else {
			ask.Number = string(address)
		}
	}
	return ask, nil
}

// codedBy says through which identities a code goes.
var codedBy = map[jieling.Factor]jieling.Provider{jieling.SMSCode: jieling.Phone, jieling.EmailCode: jieling.Email}

// counted keeps the enrolments that may speak for this case: older than it, and, where only a session vouched for them, older by
// the soak. A thief who signs in cannot bring a factor along.
func counted(all []factor.Enrolled, s store.Snapshot) []factor.Enrolled {
	return slices.DeleteFunc(all, func(en factor.Enrolled) bool {
		latest := s.Case.OpenedAt
		if onlyASession(en.Enrolment, s.Devices) {
			latest = latest.Add(-soak)
		}
		return !en.CreatedAt.Before(latest)
	})
}

// onlyASession reports that nobody but a person's own session vouched for a factor: it was set up on a device nobody trusts.
func onlyASession(en jieling.Enrolment, devices []jieling.Device) bool {
	return en.Factor == jieling.DeviceUnlock && !slices.ContainsFunc(devices, func(d jieling.Device) bool { return d.ID == en.Device && d.Trusted })
}

// digest names what a challenge is minted for: a proof of anything else does not fit (S8).
func digest(c jieling.Case) [32]byte {
	return sha256.Sum256([]byte(strings.Join([]string{string(c.ID), string(c.Account), string(c.Binding), string(c.Goal), c.Decision.Pack}, "\x00")))
}

// keep writes a challenge: the ones of its factor before it die, its answer is sealed, its message goes out as an effect.
func (w *work) keep(ch jieling.Challenge, issued factor.Issued) (jieling.Challenge, error) {
	for _, old := range w.Challenges {
		if old.Factor == ch.Factor && old.Purpose == ch.Purpose {
			old.State, old.Secret = jieling.ChallengeDead, nil
			w.putChallenge(old)
		}
	}
	secret, err := w.e.Keys.Seal(answerOf(ch.ID), issued.Secret)
	if err != nil {
		return ch, err
	}
	ch.Account, ch.State, ch.IssuedAt, ch.ExpiresAt = w.Account.ID, jieling.ChallengeOpen, w.Now, w.Now.Add(issued.TTL)
	ch.Limit, ch.Epoch, ch.Pack = issued.Limit, w.Account.Epoch, w.Case.Decision.Pack
	ch.Public, ch.Secret, ch.Code = issued.Public, secret, issued.Code
	w.putChallenge(ch)
	if issued.Send == nil {
		return ch, nil
	}
	payload, err := w.sealMessage(ch.ID, *issued.Send)
	if err != nil {
		return ch, err
	}
	w.effect(jieling.Effect{
		Key: string(ch.ID) + "/deliver", Kind: jieling.EffectDeliver, Account: w.Account.ID, Case: ch.Case, Target: issued.Send.Channel, Subject: string(ch.ID), Payload: payload,
	})
	return ch, nil
}

// submit lays a question before those who decide on it: the case waits for them, and does not expire meanwhile.
func (w *work) submit(ch jieling.Challenge, to jieling.Decider) error {
	if err := w.catchUp(); err != nil {
		return err
	}
	w.transition("case.submit", map[string]any{"factor": ch.Factor, "challenge": ch.ID, "to": to})
	if err := w.step(casework.Submitted{Factor: ch.Factor, Challenge: ch.ID, To: to, Until: ch.ExpiresAt, TTL: w.e.CaseTTL}); err != nil {
		return err
	}
	if to == jieling.ByOrganisation {
		w.look(ch.ID, w.Now)
	}
	return nil
}

func (w *work) sealMessage(id jieling.ChallengeID, m jieling.Message) ([]byte, error) {
	plain, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return w.e.Keys.Seal(answerOf(id), plain)
}

func wrongAnswer(left int) *jieling.Error {
	if left > 0 {
		n := string(rune('0' + min(left, 9)))
		return jieling.Refuse(jieling.CodeWrongAnswer, "不正确，还可以试 "+n+" 次。", "That is not right. "+n+" more tries.")
	}
	return jieling.Refuse(jieling.CodeWrongAnswer, "不正确，这次验证已用完。请重新获取，或换一种方式。", "That is not right, and this challenge is used up. Ask for a new one, or use another factor.")
}

// Answer answers a challenge. A guess is counted in a transaction of its own before the answer is looked at, so that
// parallel and interrupted answers never buy more guesses than allowed (S26); a pass is accepted in a second one, exactly
// once (S8).
func (e *Engine) Answer(ctx context.Context, by jieling.Actor, idem Idem, in NewAnswer) (Answered, error) {
	if len(in.Given) > 64<<10 {
		return Answered{}, jieling.Invalid("answer", "must be at most 64 KiB")
	}
	s, counted, err := e.reserve(ctx, by, idem, store.Need{Challenge: in.Challenge}, (*work).answerableHere)
	if err != nil {
		return Answered{}, err
	}
	answer := factor.Answer{Given: in.Given, Device: by.Device}
	if answer.Belongs, err = e.belonging(ctx, s, s.Challenge.Factor, acting(by, s.Case)); err != nil {
		return Answered{}, err
	}
	v, err := e.check(ctx, s, answer)
	if err != nil || v.Pending {
		if counted && ctx.Err() == nil {
			e.release(ctx, by, s)
		}
		return Answered{Pending: v.Pending, Case: e.view(s)}, err
	}
	return e.settle(ctx, by, idem, s, v)
}

// verdict is a factor's, or nothing where the challenge had ended before it could be asked.
type verdict struct {
	factor.Verdict
	none     bool
	unlocked jieling.Factor // what was asked besides and was right: its guess is given back
}

// live reports that a challenge can still take an answer, its time and guesses aside.
func live(ch jieling.Challenge) bool {
	return ch.State == jieling.ChallengeOpen || ch.State == jieling.ChallengeClaimed
}

// reserve counts the guess before it is made. One request counts one guess, however often and at how many moments at once it
// is sent: its reservation has a key of its own beside the request's, so that the answer can still be remembered under that.
// A repeat is looked at again and costs nothing, which buys nothing either: its fingerprint holds it to the same answer.
func (e *Engine) reserve(ctx context.Context, by jieling.Actor, idem Idem, need store.Need, allowed func(*work) error) (out store.Snapshot, counted bool, err error) {
	if idem.Key != "" {
		idem.Key = fmt.Sprintf("guess/%x", sha256.Sum256([]byte(idem.Key)))
	}
	need.With = store.Budgets | store.Enrolments | store.Devices | store.Challenges
	err = e.do(ctx, by, idem, need, func(w *work) (string, error) {
		if err := foundCase(w.Snapshot, by); err != nil {
			return "", err
		}
		if err := allowed(w); err != nil {
			return "", err
		}
		ch, b := *w.Challenge, w.budget(w.Challenge.Factor)
		if b.Wrong >= wrongPerWindow {
			return "", tooMany(b.Since.Add(window).Sub(w.Now))
		}
		ch.Guesses++
		b.Wrong++
		w.putChallenge(ch)
		w.change.Budgets = append(w.change.Budgets, b)
		out, counted = w.Snapshot, true
		out.Challenge = &ch
		return string(ch.ID), nil
	}, func(s store.Snapshot, _ store.Answer) error {
		out, counted = s, false
		if s.Challenge == nil {
			return notFound()
		}
		return foundCase(s, by)
	})
	return out, counted, err
}

// answerableHere is answerable for answers given where the case was begun: a QR approval is answered on the phone only (S12).
func (w *work) answerableHere() error {
	if w.Challenge != nil && w.Challenge.Factor.Reviewed() {
		return factor.ByStaff()
	}
	if w.Challenge != nil && w.Challenge.Factor == jieling.QRApproval {
		return jieling.Refuse(jieling.CodeConflict, "请用已登录的手机扫码确认。", "This one is approved on the signed-in phone, by scanning the code.")
	}
	return w.answerable()
}

// answerable reports whether the located challenge can take a guess now, for this account and no other.
func (w *work) answerable() error {
	ch := w.Challenge
	switch {
	case ch == nil:
		return notFound()
	case frozenTo(w.Snapshot):
		return frozen()
	case ch.State == jieling.ChallengePassed:
		return jieling.Refuse(jieling.CodeChallengeUsed, "这次验证已经通过，不需要再次提交。", "This challenge was passed already; there is nothing more to answer.")
	case ch.State == jieling.ChallengeDead || ch.State == jieling.ChallengeFailed || ch.Epoch != w.Account.Epoch:
		return jieling.Refuse(jieling.CodeChallengeUsed, "这次验证已失效。请重新获取。", "This challenge can no longer be answered. Ask for a new one.")
	case !w.Now.Before(ch.ExpiresAt):
		return jieling.Refuse(jieling.CodeChallengeExpired, "验证已过期。请重新获取。", "The challenge is too old. Ask for a new one.")
	case ch.Guesses >= ch.Limit:
		return tooMany(0)
	}
	return nil
}

func (e *Engine) check(ctx context.Context, s store.Snapshot, answer factor.Answer) (verdict, error) {
	if !live(*s.Challenge) {
		return verdict{none: true}, nil // a repeat that comes after its challenge: only what is remembered can be said
	}
	f, ok := e.Factors[s.Challenge.Factor]
	if !ok {
		return verdict{}, jieling.Refuse(jieling.CodeNotEnrolled, "这里还不能使用这种验证方式。", "This factor is not available here.")
	}
	secret, err := e.Keys.Open(answerOf(s.Challenge.ID), s.Challenge.Secret)
	if err != nil {
		return verdict{}, err
	}
	enrolled, err := e.enrolled(s, s.Challenge.Factor)
	if err != nil {
		return verdict{}, err
	}
	v, err := f.Check(ctx, *s.Challenge, secret, counted(enrolled, s), answer)
	return verdict{Verdict: v}, err
}

// release gives a guess back that was not made: the vendor was down, had not finished, or the answer had no shape. When this
// fails the guess stays spent, which is the safe side.
func (e *Engine) release(ctx context.Context, by jieling.Actor, s store.Snapshot) {
	err := e.do(context.WithoutCancel(ctx), by, Idem{}, store.Need{Challenge: s.Challenge.ID, With: store.Budgets}, func(w *work) (string, error) {
		if w.Challenge == nil || w.Challenge.Guesses == 0 || w.Challenge.State != jieling.ChallengeOpen {
			return "", nil
		}
		ch, b := *w.Challenge, w.budget(w.Challenge.Factor)
		ch.Guesses--
		b.Wrong = max(0, b.Wrong-1)
		w.putChallenge(ch)
		w.change.Budgets = append(w.change.Budgets, b)
		return "", nil
	}, nil)
	if err != nil {
		e.Log.Warn("a guess that was not made stays counted", "challenge", s.Challenge.ID, "code", jieling.CodeOf(err))
	}
}

// settle writes the verdict down. A pass is worth something only while the challenge can still take it.
func (e *Engine) settle(ctx context.Context, by jieling.Actor, idem Idem, s store.Snapshot, v verdict) (Answered, error) {
	var out Answered
	need := store.Need{Challenge: s.Challenge.ID, With: store.Budgets | store.Enrolments | store.Devices | store.Challenges}
	if mayProve(s) || s.Challenge.Factor == jieling.AccountFreeze {
		need.With |= sweepParts
	}
	err := e.do(ctx, by, idem, need, func(w *work) (string, error) {
		if err := w.settleable(); err != nil {
			return "", err
		}
		ref := string(w.Challenge.ID)
		ch, b := *w.Challenge, w.budget(w.Challenge.Factor)
		if v.none {
			return "", w.answered()
		}
		if v.unlocked != "" {
			right := w.budget(v.unlocked)
			right.Wrong = max(0, right.Wrong-1)
			w.change.Budgets = append(w.change.Budgets, right)
		}
		if !v.Passed {
			if ch.Guesses >= ch.Limit && ch.State == jieling.ChallengeOpen {
				ch.State, ch.Secret = jieling.ChallengeFailed, nil
				w.putChallenge(ch)
			}
			return ref, &committedRefusal{wrongAnswer(ch.Limit - ch.Guesses)}
		}
		if err := w.answered(); err != nil {
			return "", err
		}
		b.Wrong = max(0, b.Wrong-1)
		ch.State, ch.Secret = jieling.ChallengePassed, nil
		w.putChallenge(ch)
		w.change.Budgets = append(w.change.Budgets, b)
		if err := w.updateEnrolment(v); err != nil {
			return "", err
		}
		if err := w.accept(ch, v.Until); err != nil {
			return "", err
		}
		if err := w.vouch(v); err != nil {
			return "", err
		}
		out.Case = e.view(w.Snapshot)
		return ref, nil
	}, func(s store.Snapshot, _ store.Answer) error {
		out.Case = e.view(s)
		return nil
	})
	return out, err
}

// settleable refuses a verdict for a challenge that is gone.
func (w *work) settleable() error {
	if w.Account == nil || w.Case == nil || w.Challenge == nil {
		return notFound()
	}
	return nil
}

// answered refuses a second pass, a late one, and one from before a freeze (S8, S9).
func (w *work) answered() error {
	switch ch := w.Challenge; {
	case frozenTo(w.Snapshot):
		return frozen()
	case !live(*ch) || ch.Epoch != w.Account.Epoch:
		return jieling.Refuse(jieling.CodeChallengeUsed, "这次验证已经用过或已失效。", "This challenge was used already or can no longer be answered.")
	case !w.Now.Before(ch.ExpiresAt):
		return jieling.Refuse(jieling.CodeChallengeExpired, "验证已过期。请重新获取。", "The challenge is too old. Ask for a new one.")
	}
	return nil
}

func (w *work) updateEnrolment(v verdict) error {
	if v.Update == nil {
		return nil
	}
	i := slices.IndexFunc(w.Enrolments, func(en jieling.Enrolment) bool { return en.ID == v.Enrol })
	if i < 0 {
		return notFound()
	}
	en := w.Enrolments[i]
	var err error
	if en.Secret, err = w.e.Keys.Seal(secretOf(en.ID), v.Update); err != nil {
		return err
	}
	w.change.Enrolments = append(w.change.Enrolments, en)
	return nil
}

// accept lets a passed challenge count: as a proof of the case, or as the proof that a new login works.
// until is when a proof stops counting; zero: never.
func (w *work) accept(ch jieling.Challenge, until time.Time) error {
	if err := w.catchUp(); err != nil {
		return err
	}
	if ch.Purpose == jieling.ForReplacement {
		return w.activate(ch.Binding)
	}
	w.transition("case.prove", map[string]any{"factor": ch.Factor, "challenge": ch.ID})
	if ch.Factor == jieling.DeviceLock {
		w.forceLock()
	}
	if err := w.proven(ch.Binding); err != nil {
		return err
	}
	if err := w.step(casework.Proved{Proof: jieling.Proof{Factor: ch.Factor, Challenge: ch.ID, At: w.Now, Until: until, Epoch: w.Account.Epoch}}); err != nil {
		return err
	}
	if ch.Factor == jieling.AccountFreeze {
		return w.freezeForCase()
	}
	return nil
}
