package engine

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/store"
)

const (
	handoffTTL = 5 * time.Minute
	sessionTTL = 12 * time.Hour
)

// Handoff makes a one-time ticket with which the product sends a signed-in person to the centre.
func (e *Engine) Handoff(ctx context.Context, by jieling.Actor, idem Idem, in NewHandoff) (Handoff, error) {
	var out Handoff
	if by.Kind != jieling.ActorProduct {
		return out, forbidden()
	}
	if err := checkPlatform(in.Platform); err != nil {
		return out, err
	}
	if in.Next == "" {
		in.Next = "/"
	}
	if !ownPath(in.Next) {
		return out, jieling.Invalid("next", "must be a path on this site, beginning with a single /")
	}
	// A ticket is never said again: a repeat gets one of its own, and both end in five minutes.
	err := e.do(ctx, by, Idem{}, store.Need{Account: in.Account, With: store.Devices}, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeCases); err != nil {
			return "", err
		}
		if in.Device != "" && !slices.ContainsFunc(w.Devices, func(d jieling.Device) bool { return d.ID == in.Device }) {
			return "", jieling.Invalid("device", "is not a device of this account")
		}
		if err := w.admits(in.Device); err != nil {
			return "", err
		}
		token, hash := e.token("hof")
		out = Handoff{Token: token, ExpiresAt: w.Now.Add(handoffTTL)}
		w.change.Ticket = &store.Ticket{Hash: hash, Account: in.Account, Device: in.Device, Platform: in.Platform, Next: in.Next, ExpiresAt: out.ExpiresAt}
		return "", nil
	}, nil)
	return out, err
}

// ownPath reports that a path cannot lead anywhere but to our own site.
func ownPath(p string) bool {
	return strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "//") && !strings.ContainsAny(p, "\\\r\n\t") && len(p) <= 512
}

// token makes a secret of 256 bits and the hash that is kept of it.
func (e *Engine) token(prefix string) (string, [32]byte) {
	t := prefix + "_" + base64.RawURLEncoding.EncodeToString(e.random(32))
	return t, sha256.Sum256([]byte(t))
}

// Redeem turns a ticket into a session, once. address is where the person is, as the gate saw it; it is not kept.
func (e *Engine) Redeem(ctx context.Context, token, address string) (SignedIn, error) {
	var out SignedIn
	hash := sha256.Sum256([]byte(token))
	by := jieling.Actor{Kind: jieling.ActorClock, Name: "handoff"}
	err := e.do(ctx, by, Idem{}, store.Need{Ticket: hash, With: store.Devices | store.SignIns}, func(w *work) (string, error) {
		t := w.Ticket
		if w.Account == nil || t == nil || !t.UsedAt.IsZero() || !w.Now.Before(t.ExpiresAt) {
			return "", jieling.Refuse(jieling.CodeUnauthenticated, "这个入口已经用过或已过期。请回到 App 重新打开。", "This link was used already or is too old. Open it again from the app.")
		}
		if err := w.admits(t.Device); err != nil { // the list may be younger than the ticket
			return "", err
		}
		t.UsedAt = w.Now
		w.change.Ticket = t
		out = w.open("", t.Device, t.Platform)
		w.seen(t.Device)
		if w.Account.Settings.RemindAt.IsZero() && len(w.Devices) > 0 { // an account from before there were reminders
			w.remindIn(aftercare.Quarter)
		}
		w.remember(by, "", t.Device, t.Platform, address)
		w.transition("sign_in", map[string]any{"device": t.Device, "platform": t.Platform})
		out.Next = t.Next
		return "", nil
	}, nil)
	return out, err
}

// open makes a session of the work's account.
func (w *work) open(through jieling.BindingID, device jieling.DeviceID, platform jieling.Platform) SignedIn {
	token, hash := w.e.token("ses")
	s := store.Session{
		ID: newID[jieling.SessionID](w.e, "ses", w.Now), Hash: hash, Account: w.Account.ID, Binding: through, Device: device, Platform: platform,
		CreatedAt: w.Now, ExpiresAt: w.Now.Add(sessionTTL),
	}
	w.change.Sessions = append(w.change.Sessions, s)
	return SignedIn{Token: token, Session: s.ID, Account: w.Account.ID, Next: "/", Expires: s.ExpiresAt}
}

// NewSignIn is a sign-in the product has let through.
type NewSignIn struct {
	Binding  jieling.BindingID // the login that was used; "" where it was none of the account's
	Device   jieling.DeviceID
	Platform jieling.Platform
	Address  string // the person's IP address; it is not kept
}

// ReportSignIn adds a sign-in at the product to the account's history, which later situations are compared with (V5). It is
// no move of the account: nothing but the history changes.
func (e *Engine) ReportSignIn(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, in NewSignIn) error {
	if by.Kind != jieling.ActorProduct {
		return forbidden()
	}
	if in.Platform != "" {
		if err := checkPlatform(in.Platform); err != nil {
			return err
		}
	}
	if _, err := netip.ParseAddr(in.Address); in.Address != "" && err != nil {
		return jieling.Invalid("address", "must be an IP address")
	}
	return e.do(ctx, by, idem, store.Need{Account: account, With: store.Devices | store.SignIns}, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeResolve); err != nil {
			return "", err
		}
		if b := w.binding(in.Binding); in.Binding != "" && (b == nil || !b.Usable()) {
			return "", jieling.Invalid("binding", "is not a login of this account that can be used")
		}
		if in.Device != "" && !slices.ContainsFunc(w.Devices, func(d jieling.Device) bool { return d.ID == in.Device }) {
			return "", jieling.Invalid("device", "is not a device of this account")
		}
		w.remember(by, in.Binding, in.Device, in.Platform, in.Address)
		return string(w.change.SignIns[0].ID), nil
	}, repeated(by, ScopeResolve))
}

// Session says who a cookie's token stands for. CodeUnauthenticated where nobody.
func (e *Engine) Session(ctx context.Context, token string) (jieling.Actor, store.Session, error) {
	s, err := e.Store.Session(ctx, sha256.Sum256([]byte(token)))
	if err != nil {
		if e := translate(err); jieling.CodeOf(e) != jieling.CodeNotFound {
			return jieling.Actor{}, s, e
		}
		return jieling.Actor{}, s, jieling.Refuse(jieling.CodeUnauthenticated, "登录已过期，请重新打开。", "You are not signed in any more. Open the page again from the app.")
	}
	return jieling.Actor{Kind: jieling.ActorPerson, Name: string(s.ID), Account: s.Account, Device: s.Device}, s, nil
}

// SignOut ends a session. Ending one that has ended is no error.
func (e *Engine) SignOut(ctx context.Context, token string) error {
	by, s, err := e.Session(ctx, token)
	if err != nil {
		return nil
	}
	return e.do(ctx, by, Idem{}, store.Need{Account: s.Account}, func(w *work) (string, error) {
		s.EndedAt = w.Now
		w.change.Sessions = append(w.change.Sessions, s)
		return "", nil
	}, nil)
}

// EndSession signs the account out in one place. A session that is not this account's, or has ended, is CodeNotFound.
func (e *Engine) EndSession(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, id jieling.SessionID) error {
	return e.do(ctx, by, idem, store.Need{Account: account, With: store.Sessions}, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeAccounts); err != nil {
			return "", err
		}
		ended := w.endSessions(func(s store.Session) bool { return s.ID == id })
		if len(ended) == 0 {
			return "", notFound()
		}
		w.transition("session.end", map[string]any{"session": id, "on": ended[0].Device, "platform": ended[0].Platform})
		return string(id), nil
	}, repeated(by, ScopeAccounts))
}

// EndOtherSessions signs the account out everywhere but where the actor sits (a product sits nowhere): every other session,
// hand-offs nobody used yet, questions that can still be answered, and the proofs of cases that are not carried out yet (S9).
func (e *Engine) EndOtherSessions(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID) error {
	need := store.Need{Account: account, With: store.Sessions | store.Challenges | store.OpenCases}
	return e.do(ctx, by, idem, need, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeAccounts); err != nil {
			return "", err
		}
		w.change.EndAllSessions = true
		for _, s := range w.Sessions {
			if by.Kind == jieling.ActorPerson && string(s.ID) == by.Name {
				w.change.Sessions = append(w.change.Sessions, s) // written after all have ended
			}
		}
		w.restartCases("")
		w.transition("session.end_others", map[string]any{"ended": len(w.Sessions) - len(w.change.Sessions)})
		return "", nil
	}, repeated(by, ScopeAccounts))
}

// endSessions ends the live sessions that are meant, and gives them.
func (w *work) endSessions(meant func(store.Session) bool) (ended []store.Session) {
	for _, s := range w.Sessions {
		if meant(s) {
			s.EndedAt = w.Now
			ended = append(ended, s)
		}
	}
	w.change.Sessions = append(w.change.Sessions, ended...)
	return ended
}
