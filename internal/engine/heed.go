package engine

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/store"
)

// What providers tell of their own accord is evidence about one login, and never the owner's command: nothing is unlinked by it, and nobody
// is locked out by it who was not locked out at the provider before. (What owners are told is in notice.go and tell.go.)

// What became of a notice, for whoever counts. A provider is answered the same whichever it was (S27).
const (
	heededDone     = "applied"
	heededRepeated = "repeated"
	heededStale    = "stale"   // something newer is known
	heededUnknown  = "unknown" // nobody here has that login
	heededOther    = "other"   // of a kind that is no matter here
	heededForged   = "refused"
)

// HearProvider takes in a call of a provider: it is checked by the provider's connector, and what it says is written down before it is
// answered (S23). A provider that is not listened to does not exist (CodeNotFound).
func (e *Engine) HearProvider(ctx context.Context, name jieling.Provider, in provider.Call) (provider.Reply, error) {
	l, ok := e.Listeners[name]
	if !ok || !l.Listens() {
		return provider.Reply{}, notFound()
	}
	heard, err := l.Hear(ctx, in)
	if err != nil {
		if jieling.CodeOf(err) != jieling.CodeDependency {
			e.Counted(name, heededForged)
		}
		e.Log.Warn("a provider's notice was refused", "provider", name, "code", jieling.CodeOf(err), "error", err)
		return heard.Reply, err
	}
	for _, n := range heard.Notices {
		outcome, err := e.heed(ctx, name, n)
		if err != nil {
			return provider.Reply{}, err // it comes again
		}
		e.Counted(name, outcome)
	}
	for range heard.Other {
		e.Counted(name, heededOther)
	}
	return heard.Reply, nil
}

// heedParts is what a notice may end.
const heedParts = sweepParts | store.Organised | store.Removed

// heed applies one notice, once for its ID. A login that was unlinked is told of as long as it can be put back.
func (e *Engine) heed(ctx context.Context, from jieling.Provider, n jieling.ProviderNotice) (outcome string, err error) {
	account, id, err := e.holderOf(ctx, from, n.Subject)
	if errors.Is(err, store.ErrNotFound) {
		return heededUnknown, nil
	}
	if err != nil {
		return "", translate(err)
	}
	s, err := e.Store.Load(ctx, store.Need{Account: account, With: store.OpenCases})
	if err != nil {
		return "", translate(err)
	}
	need := store.Need{Account: account, With: heedParts}
	if i := slices.IndexFunc(s.Cases, func(c jieling.Case) bool { return c.Binding == id }); i >= 0 {
		need.Case = s.Cases[i].ID
	}
	hash := sha256.Sum256([]byte(n.ID))
	by := jieling.Actor{Kind: jieling.ActorParty, Name: string(from), Account: account}
	idem := Idem{Key: "notice/" + base64.RawURLEncoding.EncodeToString(hash[:]), Fingerprint: hash}
	err = e.do(ctx, by, idem, need, func(w *work) (string, error) {
		outcome = heededStale
		if b := w.binding(id); w.Account != nil && b != nil && !outlived(*b, n) {
			outcome = heededDone
			return outcome, w.heed(*b, n)
		}
		return outcome, nil
	}, func(store.Snapshot, store.Answer) error {
		outcome = heededRepeated
		return nil
	})
	return outcome, err
}

// holderOf finds whose login an identity is, or was.
func (e *Engine) holderOf(ctx context.Context, p jieling.Provider, subject string) (jieling.AccountID, jieling.BindingID, error) {
	r, err := e.Store.Resolve(ctx, p, e.index(p, subject))
	if !errors.Is(err, store.ErrNotFound) {
		return r.Account, r.Binding, err
	}
	u, err := e.Store.Unlinked(ctx, p, e.index(p, subject))
	return u.Account, u.Binding, err
}

// clocks is by how much a provider's clock may be behind ours: its times are whole seconds.
const clocks = time.Minute

// outlived reports that a notice is about something older than what is known of a login. What happened before it was bound was somebody
// else's; an earlier state that arrives late is over; and where its provider let the holder in since, it had not taken the login away. A
// warning is different: whoever came in since may be who it warns of. What is about as old counts: a login that is withheld once too often
// is proven anew in a moment.
func outlived(b jieling.Binding, n jieling.ProviderNotice) bool {
	at, state := n.At.Add(clocks), n.Kind.Withdraws() || n.Kind == jieling.AccountEnabled
	switch {
	case n.Kind == jieling.NumberReassigned:
		return at.Before(risk.Bound(b))
	case at.Before(b.CreatedAt), state && n.At.Before(b.SaidAt):
		return true
	}
	return state && n.Kind != jieling.AccountHijacked && (at.Before(b.LastUsedAt) || at.Before(b.VerifiedAt))
}

// heed is what a notice leads to.
func (w *work) heed(b jieling.Binding, n jieling.ProviderNotice) error {
	switch {
	case n.Kind.Withdraws():
		return w.takeAway(b, n)
	case n.Kind == jieling.AccountEnabled:
		w.givenBack(b, n)
	case n.Kind == jieling.CredentialCompromised && b.State == jieling.BindingActive:
		w.distrust(b.ID)
		w.endDerived(b.ID)
		w.tell(toldWarned, keyOf(n))
		w.transition("login.warned", detailOf(b, n))
		return w.restartAll()
	case n.Kind == jieling.SessionsRevoked && b.State != jieling.BindingRemoved:
		w.endSessions(func(s store.Session) bool { return s.Binding == b.ID && !s.CreatedAt.After(n.At.Add(clocks)) })
		w.transition("login.signed_out", detailOf(b, n))
	case n.Kind == jieling.NumberReassigned && b.State != jieling.BindingRemoved:
		w.reassigned(b)
	case n.Kind == jieling.ApprovalChanged:
		w.readAgain(n.Ref)
	}
	return nil
}

func detailOf(b jieling.Binding, n jieling.ProviderNotice) map[string]any {
	return map[string]any{"binding": b.ID, "provider": b.Provider, "said": n.Kind, "since": n.At}
}

// keyOf is what a notice is told to the owner under, once.
func keyOf(n jieling.ProviderNotice) string {
	sum := sha256.Sum256([]byte(n.ID))
	return "heard/" + base64.RawURLEncoding.EncodeToString(sum[:12])
}

// takeAway writes down that a login is no way in at its provider any more, which is true whatever is left (S14): everything that came by it
// ends (S9), what open cases hold is void, and the owner is told at every contact. Its case learns that the permission is gone, the third
// truth of removal. The login stays: unlinking it is its owner's to decide.
func (w *work) takeAway(b jieling.Binding, n jieling.ProviderNotice) error {
	w.transition("login.withdrawn", detailOf(b, n))
	b.Said, b.SaidAt = n.Kind, n.At
	if b.State == jieling.BindingRemoved { // it is put back as what it is now, if at all
		w.putBinding(b)
		return w.confirmUpstream()
	}
	b.State, w.taken = jieling.BindingSuspended, true
	w.putBinding(b)
	if n.Kind == jieling.AccountHijacked {
		w.distrust(b.ID)
	}
	w.endDerived(b.ID)
	if o := w.Organisation; n.Kind == jieling.MemberLeft && w.Membership != nil && o != nil && strings.HasPrefix(n.Subject, o.CorpID+"/") {
		w.leave()
		w.note("left", o.ID)
	}
	w.tell(toldTaken, keyOf(n))
	if err := w.restartAll(); err != nil {
		return err
	}
	return w.confirmUpstream()
}

// givenBack writes down that a login could be a way in again. It is one once its holder has signed in with it: the notice does not say who
// has it now.
func (w *work) givenBack(b jieling.Binding, n jieling.ProviderNotice) {
	if b.Said == "" || b.Said == jieling.AccountDeleted {
		return
	}
	b.Said, b.SaidAt = jieling.AccountEnabled, n.At
	w.putBinding(b)
	w.transition("login.enabled", detailOf(b, n))
}

// distrustFor is how long an account is guarded after a provider has warned of a login.
const distrustFor = 24 * time.Hour

// distrust takes a warning down: a risk of the login, and a guarded window for the account.
func (w *work) distrust(id jieling.BindingID) {
	w.editBinding(id, func(b *jieling.Binding) { b.RiskAt = w.Now })
	if until := w.Now.Add(distrustFor); until.After(w.Account.GuardedUntil) {
		w.Account.GuardedUntil = until
	}
}

// endDerived ends the sessions that came by a login, and hand-offs that nobody used yet: a product does not say by which login whoever asked
// for one came (S9).
func (w *work) endDerived(id jieling.BindingID) {
	w.change.EndAllSessions = true
	for _, s := range w.Sessions {
		if s.Binding != id {
			w.change.Sessions = append(w.change.Sessions, s) // written after all have ended
		}
	}
}

// restartAll makes void what open cases hold; the located one learns of it at once.
func (w *work) restartAll() error {
	w.restartCases("")
	if w.Case == nil {
		return nil
	}
	return w.catchUp()
}

// confirmUpstream has the located case know that the provider itself says the permission is gone.
func (w *work) confirmUpstream() error {
	if w.Case == nil || w.Case.Stage.Terminal() || w.Case.Upstream == jieling.UpstreamConfirmed {
		return nil
	}
	return w.step(casework.Probed{Upstream: jieling.UpstreamConfirmed})
}

// leave ends the membership: the organisation no longer has them, and has no more say.
func (w *work) leave() {
	m := *w.Membership
	m.EndedAt = w.Now
	w.Membership, w.change.Membership, w.Account.Kind = &m, &m, m.Was
}

// reassigned notes that a number has a new holder, as if the carrier had been asked (A4).
func (w *work) reassigned(b jieling.Binding) {
	if b.Holder == jieling.HolderChanged {
		return
	}
	w.editBinding(b.ID, func(b *jieling.Binding) { b.Holder, b.HolderAt = jieling.HolderChanged, w.Now })
	w.changedHands(b.ID)
	w.transition("number.changed", map[string]any{"binding": b.ID, "holder": jieling.HolderChanged})
}

// readAgain has an approval read at the provider now instead of at the next time it is due: one that is waited for, and one that was given
// and may have been taken back. What the notice says of it is not taken; the state at the provider counts.
func (w *work) readAgain(number string) {
	read := func(c jieling.CaseID, ch jieling.ChallengeID) {
		w.effect(jieling.Effect{
			Key: fmt.Sprintf("%s/petition/%s", ch, w.Now.UTC().Format(time.RFC3339Nano)), Kind: jieling.EffectProbe, Account: w.Account.ID,
			Case: c, Target: string(jieling.WeCom), Subject: string(ch), RunAt: w.Now,
		})
	}
	for _, ch := range w.Challenges {
		if ch.Factor == jieling.AdminApproval && petitionOf(ch).Number == number {
			read(ch.Case, ch.ID)
		}
	}
	for _, c := range w.Cases {
		for _, p := range c.Proofs {
			if p.Factor == jieling.AdminApproval && c.RemovedAt.IsZero() {
				read(c.ID, p.Challenge)
			}
		}
	}
}

// withheld is the account's own login that a product vouches for anew: one that its provider had taken away, and can let its holder have again,
// which the product has proven after that and not before.
func (w *work) withheld(in NewBinding) *jieling.Binding {
	for _, b := range w.Bindings {
		if b.Provider == in.Provider && b.Index == w.e.index(in.Provider, in.Subject) && b.Withdrawn() && b.Said.Returns() &&
			in.VerifiedAt.After(b.SaidAt) && !in.VerifiedAt.After(w.Now) {
			return &b
		}
	}
	return nil
}

// renew makes a login that its provider had taken away a way in again, and tells the owner.
func (w *work) renew(b jieling.Binding, verified time.Time) {
	b.State, b.Said, b.SaidAt, b.VerifiedAt = jieling.BindingActive, "", time.Time{}, verified
	w.tellAgain(toldAnew)
	w.putBinding(b)
	w.recheck(w.Cases...)
	w.transition("login.renewed", map[string]any{"binding": b.ID, "provider": b.Provider})
}

// renewal asks a provider whether the grant that somebody just gave stands, of a login that it had taken away, and gives since when it had:
// a sign-in that was begun before must not bring back what was withdrawn in the meantime (S30).
func (e *Engine) renewal(ctx context.Context, r Resolution, p provider.Provider, grant []byte) (time.Time, error) {
	s, err := e.Store.Load(ctx, store.Need{Account: r.Account})
	if err != nil {
		return time.Time{}, translate(err)
	}
	i := slices.IndexFunc(s.Bindings, func(b jieling.Binding) bool { return b.ID == r.Binding })
	prober, ok := p.(provider.Prober)
	if i < 0 || !ok {
		return time.Time{}, refusedSignIn(r)
	}
	state, err := prober.Probe(ctx, grant)
	switch {
	case err != nil:
		return time.Time{}, err
	case state != provider.GrantStands:
		return time.Time{}, refusedSignIn(r)
	}
	return s.Bindings[i].SaidAt, nil
}
