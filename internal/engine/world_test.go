package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/access"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/participant"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/store"
	"github.com/jieling-id/jieling/internal/store/sqlite"
)

// world is an engine over a real store and keyring, with parties that play their part in memory: tests of this package are
// about verbs; the wire is tested where it is spoken.
type world struct {
	*engine.Engine
	t       testing.TB
	ctx     context.Context
	product jieling.Actor
	inbox   *inbox
	parties map[string]*party
	mu      sync.Mutex
	ahead   time.Duration
}

// later moves the store's clock forward.
func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

func (w *world) offset() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ahead
}

// inbox keeps what was sent to people.
type inbox struct {
	mu   sync.Mutex
	sent []jieling.Message
}

func (i *inbox) Send(_ context.Context, _ string, m jieling.Message) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.sent = append(i.sent, m)
	return nil
}

// code is the latest one sent to a number.
func (i *inbox) code(to string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, m := range slices.Backward(i.sent) {
		if m.To == to && m.Code != "" {
			return m.Code
		}
	}
	return ""
}

// party is a participant whose answers a test sets.
type party struct {
	mu      sync.Mutex
	answers map[participant.Op]participant.Outcome
	silent  bool
	did     []participant.Op
	residue bool
}

func (p *party) Describe(ctx context.Context, _ participant.Who) ([]jieling.Dependent, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.silent {
		return nil, errors.New("no answer")
	}
	return []jieling.Dependent{{ID: "x", Module: "payment", Change: jieling.Lost, Count: 2, Title: jieling.Text{ZH: "自动扣款", EN: "auto-payments"}}}, nil
}

func (p *party) Do(_ context.Context, op participant.Op, _ participant.Step) (participant.Outcome, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.silent {
		return participant.Outcome{}, errors.New("no answer")
	}
	p.did = append(p.did, op)
	if a, ok := p.answers[op]; ok {
		return a, nil
	}
	switch op {
	case participant.Prepare:
		return participant.Outcome{State: participant.Prepared}, nil
	case participant.Commit:
		return participant.Outcome{State: participant.Committed}, nil
	case participant.Compensate:
		return participant.Outcome{State: participant.Compensated}, nil
	case participant.Cleanup:
		p.residue = false
		return participant.Outcome{State: participant.Cleared}, nil
	}
	if p.residue {
		return participant.Outcome{State: participant.Residue, Residues: []jieling.Residue{{ID: "real_name", Cleanable: true}}}, nil
	}
	return participant.Outcome{State: participant.Clean}, nil
}

func newWorld(t testing.TB, parties ...string) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), inbox: &inbox{}, parties: map[string]*party{}}
	st, err := sqlite.Open(filepath.Join(t.TempDir(), "jieling.db"), sqlite.Config{Offset: w.offset})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return w.over(st, parties...)
}

func (w *world) over(st store.Store, parties ...string) *world {
	keys, err := keyring.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	pack, err := policy.Shipped("qq-wechat")
	if err != nil {
		w.t.Fatal(err)
	}
	template, err := access.Shipped()
	if err != nil {
		w.t.Fatal(err)
	}
	var hands []engine.Participant
	for _, name := range parties {
		w.parties[name] = &party{answers: map[participant.Op]participant.Outcome{}}
		hands = append(hands, engine.Participant{Hand: w.parties[name], Config: participant.Config{
			Name: name, Title: jieling.Text{ZH: name, EN: name}, Required: name != "optional",
		}})
	}
	w.product = jieling.Actor{Kind: jieling.ActorProduct, Name: "test", Scopes: []string{engine.ScopeAdmin}}
	w.Engine = engine.New(engine.Config{
		Store: st, Keys: keys, Pack: pack, Access: template, Participants: hands, Sender: w.inbox, BaseURL: "http://localhost", Patience: time.Minute,
		Factors: map[jieling.Factor]factor.Factor{
			jieling.PaymentPIN: factor.PIN{Keys: keys}, jieling.SMSCode: factor.SMS{Keys: keys}, jieling.QRApproval: factor.QR{Keys: keys}, jieling.DeviceLock: factor.DeviceLock{},
			jieling.AdminApproval: factor.AdminApproval{}, jieling.EnterpriseCertification: factor.Certification{},
			jieling.EnterpriseCertificate: factor.Certificate{}, jieling.MDM: factor.MDM{},
			jieling.DocumentReview: factor.Review{Of: jieling.DocumentReview, Retention: week},
			jieling.VideoInterview: factor.Review{Of: jieling.VideoInterview, Retention: week},
		},
		Reviewing: engine.Reviewing{MeetingHosts: []string{"meet.example.com"}},
	})
	return w
}

const week = 7 * 24 * time.Hour

// owner is an account with a QQ login, and what its owner has.
type owner struct {
	*world
	account jieling.AccountID
	qq      jieling.Binding
	phone   jieling.Device // trusted, signed in
	desk    jieling.Device
	by      jieling.Actor // at the desk
}

const (
	pin     = "204816"
	number  = "+8613800000001"
	subject = "8F1E60A2"
)

// owner registers an account through QQ; with a number it has a phone bound as well.
func (w *world) owner(name string, bound ...string) *owner {
	w.t.Helper()
	o := &owner{world: w}
	a, err := w.RegisterAccount(w.ctx, w.product, engine.Idem{}, engine.NewAccount{ExternalID: name, Kind: jieling.Personal, RegisteredThrough: jieling.QQ})
	w.ok(err)
	o.account = a.ID
	o.qq, err = w.AddBinding(w.ctx, w.product, engine.Idem{}, a.ID, engine.NewBinding{Provider: jieling.QQ, Subject: subject + name})
	w.ok(err)
	for _, n := range bound {
		_, err = w.AddBinding(w.ctx, w.product, engine.Idem{}, a.ID, engine.NewBinding{Provider: jieling.Phone, Subject: n})
		w.ok(err)
	}
	_, err = w.Enrol(w.ctx, w.product, engine.Idem{}, a.ID, engine.NewFactor{Factor: jieling.PaymentPIN, Given: []byte(pin)})
	w.ok(err)
	o.phone, err = w.AddDevice(w.ctx, w.product, engine.Idem{}, a.ID, engine.NewDevice{Name: "phone", Platform: jieling.Android, Trusted: true})
	w.ok(err)
	o.desk, err = w.AddDevice(w.ctx, w.product, engine.Idem{}, a.ID, engine.NewDevice{Name: "desk", Platform: jieling.Web})
	w.ok(err)
	o.by = jieling.Actor{Kind: jieling.ActorPerson, Name: "ses_" + name, Account: a.ID, Device: o.desk.ID}
	w.later(time.Second)
	return o
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) refused(code jieling.Code, err error) {
	w.t.Helper()
	if jieling.CodeOf(err) != code {
		w.t.Fatalf("got %v, want %s", err, code)
	}
}

// drain does every effect that is due, as a worker would.
func (w *world) drain() {
	w.t.Helper()
	for {
		due, err := w.Store.Claim(w.ctx, time.Minute, 16)
		w.ok(err)
		if len(due) == 0 {
			return
		}
		for _, eff := range due {
			w.ok(w.Act(w.ctx, eff))
		}
	}
}

func (o *owner) open(p jieling.Platform) engine.CaseView {
	o.t.Helper()
	v, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, engine.NewCase{Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: p, Reason: jieling.ReasonPrivacy})
	o.ok(err)
	return v
}

// replace binds a phone and proves that it works.
func (o *owner) replace(id jieling.CaseID, to string) {
	o.t.Helper()
	ch, err := o.Replacement(o.ctx, o.by, engine.Idem{}, id, engine.NewBinding{Provider: jieling.Phone, Subject: to}, "en")
	o.ok(err)
	o.drain()
	_, err = o.Answer(o.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(o.inbox.code(to))})
	o.ok(err)
}

// prove passes a factor.
func (o *owner) prove(id jieling.CaseID, f jieling.Factor) engine.CaseView {
	o.t.Helper()
	ch, err := o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: id, Factor: f, Lang: "en"})
	o.ok(err)
	o.drain()
	var out engine.Answered
	switch f {
	case jieling.PaymentPIN:
		out, err = o.Answer(o.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(pin)})
	case jieling.SMSCode:
		out, err = o.Answer(o.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(o.inbox.code(number))})
	case jieling.QRApproval:
		o.approve(ch)
		v, err := o.Case(o.ctx, o.by, id)
		o.ok(err)
		return v
	default:
		out, err = o.Answer(o.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(`{}`)})
	}
	o.ok(err)
	return out.Case
}

func (o *owner) onPhone() jieling.Actor {
	by := o.by
	by.Device, by.Name = o.phone.ID, "ses_phone"
	return by
}

func (o *owner) approve(ch engine.ChallengeView) {
	o.t.Helper()
	var shown factor.QRPublic
	o.ok(json.Unmarshal(ch.Public, &shown))
	seen, err := o.ClaimApproval(o.ctx, o.onPhone(), shown.Code)
	o.ok(err)
	if !slices.Contains(seen.Numbers, shown.Number) {
		o.t.Fatalf("the phone offers %v, the screen shows %d", seen.Numbers, shown.Number)
	}
	_, err = o.Approve(o.ctx, o.onPhone(), engine.Idem{}, shown.Code, engine.Approving{Number: shown.Number, Unlock: []byte(pin)})
	o.ok(err)
}

// ready brings the routine case on android to where only the confirmation is missing.
func (o *owner) ready() engine.CaseView {
	o.t.Helper()
	v := o.open(jieling.Android)
	if !v.Replaced && v.Decision.Replacement {
		o.replace(v.ID, number)
	}
	if v.Decision.Backup {
		_, err := o.BackUp(o.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
		o.ok(err)
	}
	return o.prove(v.ID, jieling.PaymentPIN)
}
