package engine

import (
	"context"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/store"
)

const (
	askAgain  = 24 * time.Hour      // how long a carrier's answer is gone by before it is asked again
	newNumber = 30 * 24 * time.Hour // a number handed out this lately is young (A4)
)

var byCarrier = jieling.Actor{Kind: jieling.ActorParty, Name: "carrier"}

// askCarrier asks the carrier who holds a number. Whatever goes wrong is unknown, and nothing of the number is logged.
func (e *Engine) askCarrier(ctx context.Context, number string, bound time.Time) jieling.Holder {
	if e.Carrier == nil {
		return jieling.HolderUnknown
	}
	h, err := e.Carrier.Holder(ctx, number, bound)
	if err != nil {
		e.Log.Warn("a carrier gave no answer", "code", jieling.CodeOf(err))
		return jieling.HolderUnknown
	}
	return h
}

// holds says who holds the number of a binding: what was said within a day, or what the carrier says now, which is written
// down. That a number has changed hands is never taken back by a later answer.
func (e *Engine) holds(ctx context.Context, now time.Time, b jieling.Binding) (jieling.Holder, error) {
	if b.Holder == jieling.HolderChanged || e.Carrier == nil || b.Holder != jieling.HolderUnknown && now.Sub(b.HolderAt) < askAgain {
		return b.Holder, nil
	}
	number, err := e.Keys.Open(subjectOf(b.ID), b.Subject)
	if err != nil {
		return "", err
	}
	said := e.askCarrier(ctx, string(number), risk.Bound(b))
	if said == jieling.HolderUnknown {
		return said, nil
	}
	return said, e.noteHolder(ctx, b, said)
}

// noteHolder writes a carrier's answer down. A number that changed hands stops being a way in, unless it is the last one,
// which the account keeps in name (S14) while nobody is let in by it; what was opened through it and proven by it is void,
// and the owner is told at every other number (A4).
func (e *Engine) noteHolder(ctx context.Context, b jieling.Binding, said jieling.Holder) error {
	need := store.Need{Account: b.Account, With: store.OpenCases | store.Challenges}
	return e.do(ctx, byCarrier, Idem{}, need, func(w *work) (string, error) {
		is := w.binding(b.ID)
		if is == nil || is.Holder == jieling.HolderChanged || is.State == jieling.BindingPending {
			return "", nil
		}
		w.editBinding(b.ID, func(b *jieling.Binding) { b.Holder, b.HolderAt = said, w.Now })
		verb := "number.holder"
		if said == jieling.HolderChanged {
			verb = "number.changed" // news, which the owner is told of
			w.changedHands(b.ID)
		}
		w.transition(verb, map[string]any{"binding": b.ID, "holder": said})
		return "", nil
	}, nil)
}

func (w *work) changedHands(id jieling.BindingID) {
	w.change.EndSessions = id
	w.restartCases("")
	if waysIn(w.Bindings, id) > 0 {
		w.editBinding(id, func(b *jieling.Binding) { b.State = jieling.BindingSuspended })
	}
	for _, other := range w.Bindings {
		if w.e.channel(other) != "" && other.Usable() && other.ID != id {
			w.effect(jieling.Effect{
				Key: string(id) + "/changed/" + string(other.ID), Kind: jieling.EffectNotify, Account: w.Account.ID, Subject: string(other.ID), Payload: []byte(id),
			})
		}
	}
}

// numberNotice tells the owner, at another number, that one of theirs has changed hands.
func numberNotice(label string) jieling.Text {
	return jieling.Text{
		ZH: "账号安全提醒：手机号 " + label + " 已换机主，不能再用它登录和收验证码。如果它仍是你的号码，请联系客服。",
		EN: "Security notice: the number " + label + " has a new holder and can no longer sign in or receive codes. If it is still yours, contact support.",
	}
}

// codeAddress is the bound number or mailbox that a case's codes go to: a stored one (S11), older than the case, not the one that
// goes, and not one that changed hands (A4).
func codeAddress(s store.Snapshot, by jieling.Provider) *jieling.Binding {
	for i, b := range s.Bindings {
		if b.Provider == by && b.Usable() && b.Holder != jieling.HolderChanged && b.ID != s.Case.Binding && b.CreatedAt.Before(s.Case.OpenedAt) {
			return &s.Bindings[i]
		}
	}
	return nil
}

// ownNumber asks about the number a code is about to go to. Where it has changed hands nothing is sent. Where its SIM was replaced
// the code goes all the same: what it is worth then, and what is asked besides, the policy says when the case is decided.
func (e *Engine) ownNumber(ctx context.Context, s store.Snapshot) error {
	b := codeAddress(s, jieling.Phone)
	if b == nil {
		return nil
	}
	said, err := e.holds(ctx, s.Now, *b)
	if err != nil {
		return translate(err)
	}
	switch said {
	case jieling.HolderChanged:
		return jieling.Refuse(jieling.CodeNotEnrolled, "运营商说这个手机号已换机主，不能再用它验证。请换一种方式。",
			"The carrier says that this number has a new holder, so no code is sent there. Choose another way.")
	case jieling.HolderInvalid:
		return jieling.Refuse(jieling.CodeNotEnrolled, "运营商说这个手机号已停用，收不到验证码。请换一种方式。",
			"The carrier says that this number is out of service, so no code can reach it. Choose another way.")
	}
	_, err = e.simOf(ctx, s.Now, *b)
	return translate(err)
}

// freshNumber asks about a number that is named as a replacement: one that is out of service cannot stay, and one that was
// handed out lately is told to the policy as young.
func (e *Engine) freshNumber(ctx context.Context, now time.Time, number string) (jieling.Holder, error) {
	switch said := e.askCarrier(ctx, number, now.Add(-newNumber)); said {
	case jieling.HolderInvalid:
		return "", jieling.Malformed("subject", "运营商说这个号码没有在使用。请换一个号码。", "The carrier says that this number is not in service. Give another one.")
	case jieling.HolderChanged:
		return jieling.HolderNew, nil
	default:
		return said, nil
	}
}

// byNumber goes on deciding a sign-in by phone: who has the number now need not be who bound it (A4), and who has its SIM need not
// be who had it a week ago (A1). Where neither can be told, more is asked.
func (e *Engine) byNumber(ctx context.Context, out Resolution) (Resolution, error) {
	s, err := e.Store.Load(ctx, store.Need{Account: out.Account})
	if err != nil {
		return Resolution{}, translate(err)
	}
	i := slices.IndexFunc(s.Bindings, func(b jieling.Binding) bool { return b.ID == out.Binding })
	if i < 0 {
		return Resolution{Outcome: Unknown}, nil
	}
	if e.Carrier != nil {
		said, err := e.holds(ctx, s.Now, s.Bindings[i])
		if err != nil {
			return Resolution{}, translate(err)
		}
		switch said {
		case jieling.HolderChanged:
			out.Outcome, out.Reasons = Deny, append(out.Reasons, numberChangedHands)
			return out, nil
		case jieling.HolderUnknown, jieling.HolderInvalid:
			out.Outcome, out.Reasons = StepUp, append(out.Reasons, "number_holder_unknown")
		}
	}
	reason, err := e.bySIM(ctx, s.Now, s.Bindings[i])
	if err != nil {
		return Resolution{}, translate(err)
	}
	if reason != "" {
		out.Outcome, out.Reasons = StepUp, append(out.Reasons, reason)
	}
	return out, nil
}
