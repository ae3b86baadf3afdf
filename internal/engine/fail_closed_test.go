package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/participant"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/store"
	"github.com/jieling-id/jieling/internal/store/sqlite"
)

var errDown = errors.New("the dependency is down")

// fragile is a store that fails when it is told to.
type fragile struct {
	store.Store
	down     atomic.Bool // everything fails
	unheard  atomic.Bool // changes are carried out, and their outcome is lost
	sessions atomic.Bool // sessions cannot be read
}

func (f *fragile) Update(ctx context.Context, need store.Need, decide func(store.Snapshot) (store.Change, error)) error {
	if f.down.Load() {
		return errDown
	}
	err := f.Store.Update(ctx, need, decide)
	if f.unheard.Load() && err == nil {
		return store.ErrUnknown
	}
	return err
}

func (f *fragile) Load(ctx context.Context, need store.Need) (store.Snapshot, error) {
	if f.down.Load() {
		return store.Snapshot{}, errDown
	}
	return f.Store.Load(ctx, need)
}

func (f *fragile) Resolve(ctx context.Context, p jieling.Provider, index [32]byte) (store.Resolved, error) {
	if f.down.Load() {
		return store.Resolved{}, errDown
	}
	return f.Store.Resolve(ctx, p, index)
}

func (f *fragile) Session(ctx context.Context, hash [32]byte) (store.Session, error) {
	if f.sessions.Load() {
		return store.Session{}, errDown
	}
	return f.Store.Session(ctx, hash)
}

// failing is a factor, a provider and a sender that fails, or does not finish.
type failing struct {
	factor.Factor
	issue, pending bool
}

func (f failing) Issue(ctx context.Context, ask factor.Ask) (factor.Issued, error) {
	if f.issue {
		return factor.Issued{}, errDown
	}
	return f.Factor.Issue(ctx, ask)
}

func (f failing) Check(context.Context, jieling.Challenge, []byte, []factor.Enrolled, factor.Answer) (factor.Verdict, error) {
	if f.pending {
		return factor.Verdict{Pending: true}, nil
	}
	return factor.Verdict{Passed: true}, errDown // what comes with an error is nothing
}

// AuthorizeURL implements provider.Provider.
func (failing) AuthorizeURL(string, string) string { return "" }

// Identify implements provider.Provider.
func (failing) Identify(context.Context, string, string) (provider.Identity, error) {
	return provider.Identity{Subject: subject + "lin"}, errDown
}

func newFragileWorld(t *testing.T, parties ...string) (*world, *fragile) {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), inbox: &inbox{}, parties: map[string]*party{}}
	st, err := sqlite.Open(filepath.Join(t.TempDir(), "jieling.db"), sqlite.Config{Offset: w.offset})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	f := &fragile{Store: st}
	w.over(f, parties...)
	w.quickly()
	return w, f
}

// TestS30_AnErrorNeverPermits breaks each dependency in turn, where a yes of it would let something happen. After it is
// mended, nothing has.
func TestS30_AnErrorNeverPermits(t *testing.T) {
	none := engine.Idem{}
	challenge := func(o *owner, v engine.CaseView) (engine.ChallengeView, error) {
		return o.Challenge(o.ctx, o.by, none, engine.NewChallenge{Case: v.ID, Factor: jieling.PaymentPIN})
	}
	answer := func(o *owner, f factor.Factor) error {
		v := o.open(jieling.Android)
		ch, err := challenge(o, v)
		o.ok(err)
		o.Factors[jieling.PaymentPIN] = f
		got, err := o.Answer(o.ctx, o.by, none, engine.NewAnswer{Challenge: ch.ID, Given: []byte(pin)})
		if err == nil && got.Pending {
			err = errDown
		}
		return err
	}
	for name, attempt := range map[string]func(*owner, *fragile) error{
		"the store, at the confirmation": func(o *owner, f *fragile) error {
			v := o.ready()
			f.down.Store(true)
			_, err := o.Confirm(o.ctx, o.by, none, v.ID)
			return err
		},
		"the store, at the challenge": func(o *owner, f *fragile) error {
			v := o.open(jieling.Android)
			f.down.Store(true)
			_, err := challenge(o, v)
			return err
		},
		"the factor, when it is asked": func(o *owner, f *fragile) error {
			v := o.open(jieling.Android)
			o.Factors[jieling.PaymentPIN] = failing{Factor: o.Factors[jieling.PaymentPIN], issue: true}
			_, err := challenge(o, v)
			return err
		},
		"the factor, when it checks": func(o *owner, _ *fragile) error {
			return answer(o, failing{Factor: o.Factors[jieling.PaymentPIN]})
		},
		"the factor, when it has not finished": func(o *owner, _ *fragile) error {
			return answer(o, failing{Factor: o.Factors[jieling.PaymentPIN], pending: true})
		},
		"the provider, at sign-in": func(o *owner, _ *fragile) error {
			o.Providers = map[jieling.Provider]provider.Provider{jieling.QQ: failing{}}
			_, err := o.SignIn(o.ctx, jieling.QQ, "code", jieling.Web, "")
			return err
		},
		"the store, at a resolve": func(o *owner, f *fragile) error {
			f.down.Store(true)
			r, err := o.Resolve(o.ctx, o.product, engine.ResolveQuery{Provider: jieling.QQ, Subject: subject + "lin", Network: "known"})
			if r.Outcome == engine.Allow {
				o.t.Error("a resolve that could not be made says allow")
			}
			return err
		},
		"the store, at a session": func(o *owner, f *fragile) error {
			h, err := o.Handoff(o.ctx, o.product, none, engine.NewHandoff{Account: o.account, Platform: jieling.Web})
			o.ok(err)
			in, err := o.Redeem(o.ctx, h.Token, "")
			o.ok(err)
			f.sessions.Store(true)
			by, _, err := o.Session(o.ctx, in.Token)
			if by.Account != "" {
				o.t.Error("a session that could not be read stands for somebody")
			}
			return err
		},
		"the policy, at the confirmation": func(o *owner, _ *fragile) error {
			v := o.ready()
			o.UsePack(strange(o.t))
			_, err := o.Confirm(o.ctx, o.by, none, v.ID)
			return err
		},
		"the policy, at opening": func(o *owner, _ *fragile) error {
			o.UsePack(strange(o.t))
			_, err := o.OpenCase(o.ctx, o.by, none, engine.NewCase{
				Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Android, Reason: jieling.ReasonPrivacy,
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, f := newFragileWorld(t)
			o := w.owner("lin", number)
			if err := attempt(o, f); err == nil {
				t.Error("it was answered with success")
			}
			f.down.Store(false)
			o.untouched()
		})
	}
}

// untouched checks that QQ still opens the account, and that no case moved past its questions.
func (o *owner) untouched() {
	o.t.Helper()
	s, err := o.Store.Load(o.ctx, store.Need{Account: o.account, With: store.OpenCases})
	o.ok(err)
	if s.Account.WaysIn != 2 {
		o.t.Errorf("%d ways in are left", s.Account.WaysIn)
	}
	for _, c := range s.Cases {
		if !c.ConfirmedAt.IsZero() || !c.RemovedAt.IsZero() {
			o.t.Errorf("the case is %s", c.Stage)
		}
		if c.Stage != jieling.StageReady && len(c.Proofs) > 0 {
			o.t.Errorf("the case holds %d proofs", len(c.Proofs))
		}
	}
}

// strange is a pack that cannot judge anything of ours.
func strange(t testing.TB) *policy.Pack {
	t.Helper()
	pack, err := policy.Load("tiny.yaml", tinyPack(t))
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

// TestS30_AParticipantsErrorIsNoYes lets a required participant fail in each way before the commit point: none of them may
// let the removal through.
func TestS30_AParticipantsErrorIsNoYes(t *testing.T) {
	for name, spoil := range map[string]func(*party){
		"silence":             func(p *party) { p.silent = true },
		"a refusal":           func(p *party) { p.answers[participant.Prepare] = participant.Outcome{State: participant.Refused} },
		"never finished":      func(p *party) { p.answers[participant.Prepare] = participant.Outcome{State: participant.Pending} },
		"another step's yes":  func(p *party) { p.answers[participant.Prepare] = participant.Outcome{State: participant.Committed} },
		"no answer at all":    func(p *party) { p.answers[participant.Prepare] = participant.Outcome{} },
		"an unknown answer":   func(p *party) { p.answers[participant.Prepare] = participant.Outcome{State: "fine"} },
		"a verdict too early": func(p *party) { p.answers[participant.Prepare] = participant.Outcome{State: participant.Clean} },
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := newFragileWorld(t, "wallet", "pay")
			o := w.owner("lin", number)
			v := o.ready()
			spoil(w.parties["pay"])
			_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
			w.ok(err)
			for range 8 { // each failed try waits a little longer
				w.drain()
				w.later(time.Minute)
			}
			v, err = w.Case(w.ctx, o.by, v.ID)
			w.ok(err)
			if v.Stage != jieling.StageCompensated || !v.RemovedAt.IsZero() || v.Binding.State != jieling.BindingActive {
				t.Errorf("the case is %s, the binding %s", v.Stage, v.Binding.State)
			}
		})
	}
}

// TestS23_AnOutcomeNobodyHeardIsAskedForAgain loses the answer of a commit that went through. The caller is told that it is
// not known, and learns by the same key that it was done, once.
func TestS23_AnOutcomeNobodyHeardIsAskedForAgain(t *testing.T) {
	w, f := newFragileWorld(t)
	o := w.owner("lin", number)
	v := o.ready()
	idem := engine.Idem{Key: "k", Fingerprint: [32]byte{1}}
	f.unheard.Store(true)
	_, err := w.Confirm(w.ctx, o.by, idem, v.ID)
	w.refused(jieling.CodeDependency, err)
	f.unheard.Store(false)
	again, err := w.Confirm(w.ctx, o.by, idem, v.ID)
	w.ok(err)
	if again.Stage != jieling.StageGuarded || again.Version != v.Version+1 {
		t.Errorf("the repeat says %s at version %d, want guarded at %d", again.Stage, again.Version, v.Version+1)
	}
}

func tinyPack(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "policy", "testdata", "tiny.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
