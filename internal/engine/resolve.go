package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/store"
)

// Resolve says who an identity opens and what to do with the sign-in. An identity that is not bound, no longer bound, or not
// proven yet is Unknown: the three look alike to whoever asks.
func (e *Engine) Resolve(ctx context.Context, by jieling.Actor, q ResolveQuery) (Resolution, error) {
	if err := may(by, ScopeResolve, ""); err != nil || by.Kind != jieling.ActorProduct {
		return Resolution{}, forbidden()
	}
	return e.resolve(ctx, q)
}

func (e *Engine) resolve(ctx context.Context, q ResolveQuery) (Resolution, error) {
	switch {
	case !providerForm.MatchString(string(q.Provider)):
		return Resolution{}, jieling.Invalid("provider", "must be a provider name: lower-case letters, digits, _ and -")
	case !plain(q.Subject, 256):
		return Resolution{}, jieling.Invalid("subject", "must be 1 to 256 printable characters")
	}
	r, err := e.Store.Resolve(ctx, q.Provider, e.index(q.Provider, q.Subject))
	if errors.Is(err, store.ErrNotFound) {
		return Resolution{Outcome: Unknown}, nil
	}
	if err != nil {
		return Resolution{}, translate(err)
	}
	out := judge(r, q)
	if q.Provider == jieling.Phone && (e.Carrier != nil || e.SIM != nil) && out.Outcome != Deny {
		return e.byNumber(ctx, out)
	}
	return out, nil
}

// numberChangedHands is the reason why a number opens nothing: its carrier says that somebody else has it (A4).
const numberChangedHands = "number_changed_hands"

// quickSignInOff is the reason why a sign-in of one tap does not do: a playbook keeps them off (P1).
const quickSignInOff = "quick_sign_in_off"

// judge decides a sign-in. A frozen account, a suspended binding, one that a playbook is about and a device that is not on the account's
// list are refused; a playbook that keeps quick sign-in off asks for more at any of one tap, the device lock on a device nobody knows,
// and the guarded window on anything but a known network (R5).
func judge(r store.Resolved, q ResolveQuery) Resolution {
	out := Resolution{Account: r.Account, Binding: r.Binding, Outcome: Allow}
	switch {
	case r.Frozen:
		out.Outcome, out.Reasons = Deny, []string{"account_frozen"}
	case r.State == jieling.BindingSuspended:
		out.Outcome, out.Reasons = Deny, []string{"binding_suspended"}
		switch {
		case r.Said != "":
			out.Reasons = append(out.Reasons, string(r.Said))
		case q.Provider == jieling.Phone: // which nothing else withholds
			out.Reasons = append(out.Reasons, numberChangedHands)
		}
		out.renewable = r.Said.Returns() && judge(renewed(r), q).Outcome == Allow
	case r.QuickOff:
		out.Outcome, out.Reasons = Deny, []string{quickSignInOff}
	case r.NamedOnly && !knows(r.LetIn, string(q.DeviceID)):
		out.Outcome, out.Reasons = Deny, []string{"device_not_named"}
	default:
		if r.QuickAsks > 0 && q.Provider != jieling.Phone && q.Provider != jieling.Email {
			out.Outcome, out.Reasons = StepUp, append(out.Reasons, quickSignInOff)
		}
		if r.DeviceLock && !q.familiar(r) {
			out.Outcome, out.Reasons = StepUp, append(out.Reasons, "device_unknown")
		}
		if r.Now.Before(r.GuardedUntil) && q.Network != "known" {
			out.Outcome, out.Reasons = StepUp, append(out.Reasons, "guarded_window")
		}
	}
	return out
}

// renewed is a login as it would be if its provider had not taken it away.
func renewed(r store.Resolved) store.Resolved {
	r.State, r.Said = jieling.BindingActive, ""
	return r
}

// familiar reports that the device lock lets a device in: one of the account's own, or, where the product names none, one that it knows
// itself. A device that was named and is not among them is not familiar, whatever the product calls it: it may be lost.
func (q ResolveQuery) familiar(r store.Resolved) bool {
	if q.DeviceID != "" {
		return knows(r.LetIn, string(q.DeviceID))
	}
	return q.Device == "trusted" || q.Device == "known"
}

// SignInURL is where a person goes to sign in with a provider; state comes back and is the caller's to check. within says that the
// provider's own app has the page open.
func (e *Engine) SignInURL(name jieling.Provider, state string, within bool) (string, error) {
	p, ok := e.Providers[name]
	if !ok {
		return "", unknownProvider()
	}
	if own, ok := p.(provider.Within); ok && within {
		return own.AuthorizeWithinURL(state, e.callback(name)), nil
	}
	return p.AuthorizeURL(state, e.callback(name)), nil
}

func (e *Engine) callback(p jieling.Provider) string {
	return e.BaseURL + "/signin/" + string(p) + "/callback"
}

func unknownProvider() *jieling.Error {
	return jieling.Refuse(jieling.CodeProviderUnknown, "不支持这个登录渠道。", "This provider is not set up here.")
}

// SignIn trades a provider's code for a session. It obeys what Resolve says: an identity that was unlinked opens nothing. One that its
// provider took away is proven anew by this, where the provider lets its holder in again, and by nothing else.
// address is where the person is, as the gate saw it; it is not kept.
func (e *Engine) SignIn(ctx context.Context, provider jieling.Provider, code string, platform jieling.Platform, address string) (SignedIn, error) {
	p, ok := e.Providers[provider]
	if !ok {
		return SignedIn{}, unknownProvider()
	}
	who, err := p.Identify(ctx, code, e.callback(provider))
	if err != nil {
		e.noteWarning(ctx, provider, err)
		return SignedIn{}, err
	}
	r, err := e.resolve(ctx, ResolveQuery{Provider: provider, Subject: who.Subject})
	if err != nil {
		return SignedIn{}, err
	}
	var takenAt time.Time
	switch {
	case r.renewable:
		if takenAt, err = e.renewal(ctx, r, p, who.Grant); err != nil {
			return SignedIn{}, err
		}
	case r.Outcome != Allow:
		return SignedIn{}, refusedSignIn(r)
	}
	var out SignedIn
	by := jieling.Actor{Kind: jieling.ActorParty, Name: string(provider), Account: r.Account}
	err = e.do(ctx, by, Idem{}, store.Need{Account: r.Account, With: store.SignIns | sweepParts}, func(w *work) (string, error) {
		b := w.binding(r.Binding)
		if w.Account == nil || b == nil || !b.Usable() && !(b.Withdrawn() && b.Said.Returns() && b.SaidAt.Equal(takenAt)) {
			return "", refusedSignIn(Resolution{Outcome: Unknown})
		}
		if w.Account.Frozen {
			return "", refusedSignIn(Resolution{Outcome: Deny, Reasons: []string{"account_frozen"}})
		}
		if w.Account.Settings.NamedOnly || w.Account.Settings.DeviceLock { // switched on since it was resolved
			return "", refusedSignIn(Resolution{Outcome: StepUp, Reasons: []string{"device_unknown"}})
		}
		grant, err := e.Keys.Seal(grantOf(b.ID), who.Grant)
		if err != nil {
			return "", err
		}
		first := !b.Proven()
		b.LastUsedAt, b.Grant = w.Now, grant
		verb := "sign_in"
		if b.Withdrawn() {
			b.State, b.Said, b.SaidAt, verb = jieling.BindingActive, "", time.Time{}, "login.renewed"
			w.tellAgain(toldAnew)
		}
		w.putBinding(*b)
		w.transition(verb, map[string]any{"binding": b.ID, "provider": provider, "platform": platform})
		if first {
			if err := w.sweep(b.ID); err != nil {
				return "", err
			}
		}
		out = w.open(b.ID, "", platform)
		w.remember(by, b.ID, "", platform, address)
		return "", nil
	}, nil)
	return out, err
}

func refusedSignIn(r Resolution) *jieling.Error {
	switch {
	case slices.Contains(r.Reasons, "account_frozen"):
		return frozen()
	case slices.Contains(r.Reasons, quickSignInOff):
		return jieling.Refuse(jieling.CodeForbidden, "账号正在处置中，暂时不能这样快捷登录。请用手机号等其他方式登录。",
			"The account is being secured, and signing in this way is off meanwhile. Sign in another way, by phone for instance.")
	case slices.Contains(r.Reasons, "binding_suspended"):
		return jieling.Refuse(jieling.CodeForbidden, "这种登录方式已被它的渠道停用，暂时不能登录。请用其他方式登录，或联系客服。",
			"This login was withdrawn by its provider and cannot sign in for now. Sign in another way, or ask support.")
	case slices.Contains(r.Reasons, "device_not_named"):
		return notNamed()
	case slices.Contains(r.Reasons, "device_unknown"):
		return jieling.Refuse(jieling.CodeVerification, "账号开启了登录设备锁，请从已登录的设备进入。", "The device lock is on. Come in from a device that is signed in.")
	case r.Outcome == StepUp:
		return jieling.Refuse(jieling.CodeVerification, "账号在保护期内，请从已登录的设备进入。", "The account is in its guarded window. Come in from a device that is signed in.")
	}
	return jieling.Refuse(jieling.CodeNotFound, "这个身份没有绑定任何账号，或已经解绑。请用其他方式登录。", "No account has this login, or it was unlinked. Sign in another way.")
}
