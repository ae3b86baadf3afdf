package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/provider"
)

// elsewhere is a provider whose word about our grant a test sets.
type elsewhere struct {
	mu      sync.Mutex
	subject string
	grant   provider.GrantState
	away    bool
	asked   int
}

func (p *elsewhere) AuthorizeURL(string, string) string { return "https://provider.example.com/" }

func (p *elsewhere) Identify(context.Context, string, string) (provider.Identity, error) {
	return provider.Identity{Subject: p.subject, Label: "a***", Grant: []byte("token")}, nil
}

func (p *elsewhere) Probe(context.Context, []byte) (provider.GrantState, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if p.away {
		return "", errors.New("no answer")
	}
	return p.grant, nil
}

func (p *elsewhere) say(g provider.GrantState, away bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.grant, p.away = g, away
}

// victim is somebody whose QQ was stolen: QQ, WeChat and a phone are bound, and QQ has given us a grant. What the pack asks of them is a
// payment password alone, so that these tests are about the order of things.
func (w *world) victim(name string) (*owner, *elsewhere) {
	w.t.Helper()
	src, err := policy.ShippedSource("qq-wechat")
	w.ok(err)
	eased := strings.NewReplacer("require: face\n", "require: payment_pin\n", "require: {all_of: [admin_approval, enterprise_certification]}", "require: payment_pin")
	pack, err := policy.Load("eased.yaml", []byte(eased.Replace(string(src))))
	w.ok(err)
	w.UsePack(pack)
	o := w.owner(name, number)
	_, err = w.AddBinding(w.ctx, w.product, engine.Idem{}, o.account, engine.NewBinding{Provider: jieling.WeChat, Subject: "wx" + name})
	w.ok(err)
	qq := &elsewhere{subject: subject + name, grant: provider.GrantStands}
	w.Providers = map[jieling.Provider]provider.Provider{jieling.QQ: qq}
	_, err = w.SignIn(w.ctx, jieling.QQ, "code", jieling.Android, "")
	w.ok(err)
	return o, qq
}

func (o *owner) openAs(s jieling.Scenario) engine.CaseView {
	o.t.Helper()
	v, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, engine.NewCase{
		Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Android, Reason: jieling.ReasonOther, Scenario: s,
	})
	o.ok(err)
	return v
}

func (o *owner) states(id jieling.CaseID) (out []jieling.StepState) {
	o.t.Helper()
	v, err := o.Case(o.ctx, o.by, id)
	o.ok(err)
	for _, s := range v.Playbook.Steps {
		out = append(out, s.State)
	}
	return out
}

func (o *owner) stand(id jieling.CaseID, want ...jieling.StepState) {
	o.t.Helper()
	if diff := cmp.Diff(want, o.states(id)); diff != "" {
		o.t.Fatalf("the steps stand otherwise (-want +got):\n%s", diff)
	}
}

// signsIn says what Resolve answers to each of the victim's logins: QQ, WeChat, phone.
func (o *owner) signsIn(name string, want ...engine.ResolveOutcome) {
	o.t.Helper()
	for i, q := range []engine.ResolveQuery{
		{Provider: jieling.QQ, Subject: subject + name, Network: "known"}, {Provider: jieling.WeChat, Subject: "wx" + name, Network: "known"}, {Provider: jieling.Phone, Subject: number, Network: "known"},
	} {
		got, err := o.Resolve(o.ctx, o.product, q)
		o.ok(err)
		if got.Outcome != want[i] {
			o.t.Fatalf("a sign-in through %s is answered %s (%v), want %s", q.Provider, got.Outcome, got.Reasons, want[i])
		}
	}
}

func (o *owner) takes(id jieling.CaseID, name string) error {
	_, err := o.TakeStep(o.ctx, o.by, engine.Idem{}, id, engine.StepAnswer{Step: name})
	return err
}

func (o *owner) gather(id jieling.CaseID) {
	o.t.Helper()
	v, err := o.BackUp(o.ctx, o.by, engine.Idem{}, id, jieling.BackupDeclined)
	o.ok(err)
	if v.Decision.Replacement && !v.Replaced {
		o.replace(id, number)
	}
	o.prove(id, jieling.PaymentPIN)
}

const (
	waits, ready, done, failed, declined = jieling.StepWaiting, jieling.StepReady, jieling.StepDone, jieling.StepFailed, jieling.StepDeclined
)

// TestP1_AStolenQQ goes the whole way: nothing is removed before the provider itself says that the QQ is shut out, quick sign-in is off from
// the moment the case is opened to its last step, and the case does not close before the login protection is back on.
func TestP1_AStolenQQ(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, qq := w.victim("li")
		o.signsIn("li", engine.Allow, engine.Allow, engine.Allow)
		v := o.openAs(jieling.Stolen)
		o.signsIn("li", engine.Deny, engine.StepUp, engine.Allow)
		if _, err := o.SignIn(o.ctx, jieling.QQ, "code", jieling.Android, ""); jieling.CodeOf(err) != jieling.CodeForbidden {
			t.Fatalf("the thief signs in: %v", err)
		}
		if v.Next != casework.MoveStep {
			t.Fatalf("next is %s", v.Next)
		}
		o.drain()
		o.stand(v.ID, done, ready, waits, waits, waits)
		o.gather(v.ID)
		_, err := o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
		o.refused(jieling.CodeStep, err)
		o.refused(jieling.CodeStepUnseen, o.takes(v.ID, "freeze-qq"))
		qq.say(provider.GrantWithdrawn, false)
		o.later(time.Minute)
		o.drain() // nobody came back to say so
		o.stand(v.ID, done, done, ready, waits, waits)
		if s := o.stepOf(v.ID, "freeze-qq"); s.By != jieling.ByProvider {
			t.Fatalf("the freeze counts by the word of %q", s.By)
		}
		_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
		o.ok(err)
		o.drain()
		o.signsIn("li", engine.Unknown, engine.StepUp, engine.Allow)
		o.later(100 * time.Hour)
		o.drain()
		if now, err := o.Case(o.ctx, o.by, v.ID); err != nil || now.Stage != jieling.StageGuarded || now.Next != casework.MoveStep {
			t.Fatalf("with the protection off it is %s, next %s (%v)", now.Stage, now.Next, err)
		}
		o.ok(o.takes(v.ID, "login-protection"))
		if s := o.stepOf(v.ID, "login-protection"); s.By != jieling.ByWord {
			t.Fatalf("a word is shown as %q", s.By)
		}
		o.stand(v.ID, done, done, done, done, done)
		o.signsIn("li", engine.Unknown, engine.Allow, engine.Allow)
		if now, err := o.Case(o.ctx, o.by, v.ID); err != nil || now.Stage != jieling.StageClosed {
			t.Fatalf("at the end it is %s (%v)", now.Stage, err)
		}
	})
}

func (o *owner) stepOf(id jieling.CaseID, name string) jieling.Step {
	o.t.Helper()
	v, err := o.Case(o.ctx, o.by, id)
	o.ok(err)
	return *v.Playbook.Step(name)
}

// P1: a provider that cannot be asked leaves it to the person's word, which is shown as that, and is taken back into account when it can.
func TestP1_WhomNobodyCanAskLeavesItToTheirWord(t *testing.T) {
	w := newWorld(t)
	o, qq := w.victim("li")
	qq.say("", true)
	v := o.openAs(jieling.Stolen)
	for range 12 {
		o.later(time.Minute)
		o.drain()
	}
	o.stand(v.ID, done, failed, waits, waits, waits)
	o.ok(o.takes(v.ID, "freeze-qq"))
	if s := o.stepOf(v.ID, "freeze-qq"); s.By != jieling.ByWord {
		t.Fatalf("a word is shown as %q", s.By)
	}
	o.stand(v.ID, done, done, ready, waits, waits)
}

// P1: whatever ends the case lets quick sign-in be again: a cancellation, and an undo that brings the login back.
func TestP1_QuickSignInComesBack(t *testing.T) {
	w := newWorld(t)
	o, qq := w.victim("li")
	v := o.openAs(jieling.Stolen)
	_, err := o.Cancel(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.signsIn("li", engine.Allow, engine.Allow, engine.Allow)
	v = o.openAs(jieling.Stolen)
	qq.say(provider.GrantWithdrawn, false)
	o.drain()
	o.gather(v.ID)
	_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	o.ok(o.takes(v.ID, "login-protection"))
	o.signsIn("li", engine.Unknown, engine.Allow, engine.Allow)
	_, err = o.Undo(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	o.signsIn("li", engine.Allow, engine.Allow, engine.Allow)
}

// TestP2_EnterpriseAndPersonalMixed goes the whole way: the link goes before the login, the administrator's part and the mailbox come after
// it, and a personal QQ mailbox is taken neither in the case nor for a member of an organisation.
func TestP2_EnterpriseAndPersonalMixed(t *testing.T) {
	w := newWorld(t)
	o, _ := w.victim("wang")
	w.Factors[jieling.EmailCode] = factor.Email{Keys: w.Keys}
	v, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, engine.NewCase{
		Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Android, Reason: jieling.ReasonOrganisation,
	})
	o.ok(err)
	o.stand(v.ID, ready, waits, waits, waits)
	o.signsIn("wang", engine.Allow, engine.Allow, engine.Allow) // nothing was stolen
	o.refused(jieling.CodeStep, o.takes(v.ID, "admin-reset"))
	for mailbox, want := range map[string]jieling.Code{"10001@QQ.com": jieling.CodeInvalid, "wang@vip.qq.com": jieling.CodeInvalid, "wang@example.com": ""} {
		if _, err := o.Replacement(o.ctx, o.by, engine.Idem{}, v.ID, engine.NewBinding{Provider: jieling.Email, Subject: mailbox}, "en"); jieling.CodeOf(err) != want {
			t.Errorf("%s in the case: %v", mailbox, err)
		}
	}
	o.gather(v.ID)
	_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.refused(jieling.CodeStep, err)
	o.ok(o.takes(v.ID, "personal-link"))
	_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	o.stand(v.ID, done, done, ready, waits)
	o.later(30 * time.Hour)
	o.drain()
	o.ok(o.takes(v.ID, "admin-reset"))
	o.drain()
	o.stand(v.ID, done, done, done, done)
	if s := o.stepOf(v.ID, "work-mailbox"); s.By != jieling.ByAccount {
		t.Errorf("the mailbox counts by the word of %q", s.By)
	}
	if now, err := o.Case(o.ctx, o.by, v.ID); err != nil || now.Stage != jieling.StageClosed {
		t.Errorf("at the end it is %s (%v)", now.Stage, err)
	}
}

func TestP2_APersonalMailboxIsNoEnterpriseAddress(t *testing.T) {
	w := newWorld(t)
	for mailbox, want := range map[string]jieling.Code{"a@qq.com": jieling.CodeInvalid, "a@foxmail.com": jieling.CodeInvalid, "a@example.com": ""} {
		for kind, want := range map[jieling.AccountKind]jieling.Code{jieling.EnterpriseMember: want, jieling.Personal: ""} {
			a, err := w.RegisterAccount(w.ctx, w.product, engine.Idem{}, engine.NewAccount{ExternalID: mailbox + string(kind), Kind: kind})
			w.ok(err)
			_, err = w.AddBinding(w.ctx, w.product, engine.Idem{}, a.ID, engine.NewBinding{Provider: jieling.Email, Subject: string(kind[:1]) + mailbox})
			if jieling.CodeOf(err) != want {
				t.Errorf("%s for an account of kind %s: %v", mailbox, kind, err)
			}
		}
	}
}

// TestP3_AcrossBorders: the region first, found out from the account; then the removal; then the phone abroad, bound and proven within the
// case, or left out knowingly.
func TestP3_AcrossBorders(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, _ := w.victim("he")
		_, err := w.SetRegion(w.ctx, w.product, engine.Idem{}, o.account, "GB")
		w.ok(err)
		v := o.openAs(jieling.CrossBorder)
		o.stand(v.ID, ready, waits, waits)
		o.gather(v.ID)
		_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
		o.refused(jieling.CodeStep, err)
		o.refused(jieling.CodeStepUnseen, o.takes(v.ID, "region"))
		_, err = o.TakeStep(o.ctx, o.by, engine.Idem{}, v.ID, engine.StepAnswer{Step: "region", Declined: true})
		o.refused(jieling.CodeConflict, err)
		if _, err := w.SetRegion(w.ctx, o.by, engine.Idem{}, o.account, "CN"); jieling.CodeOf(err) != jieling.CodeForbidden {
			t.Fatalf("a person sets the region: %v", err)
		}
		a, err := w.SetRegion(w.ctx, w.product, engine.Idem{}, o.account, "CN")
		w.ok(err)
		if a.Region != "CN" {
			t.Fatalf("the region is %s", a.Region)
		}
		o.drain()
		o.stand(v.ID, done, ready, waits)
		if s := o.stepOf(v.ID, "region"); s.By != jieling.ByAccount {
			t.Fatalf("the region counts by the word of %q", s.By)
		}
		_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
		o.ok(err)
		o.drain()
		o.stand(v.ID, done, done, ready)
		o.refused(jieling.CodeStepUnseen, o.takes(v.ID, "phone-abroad"))
		o.replace(v.ID, "+447700900123")
		o.drain()
		o.stand(v.ID, done, done, done)
	})
}

func TestP3_ThePhoneAbroadCanBeLeftOut(t *testing.T) {
	w := newWorld(t)
	o, _ := w.victim("he")
	v := o.openAs(jieling.CrossBorder)
	o.ok(o.takes(v.ID, "region"))
	o.gather(v.ID)
	_, err := o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	o.later(30 * time.Hour)
	o.drain()
	_, err = o.TakeStep(o.ctx, o.by, engine.Idem{}, v.ID, engine.StepAnswer{Step: "phone-abroad", Declined: true})
	o.ok(err)
	o.stand(v.ID, done, done, declined)
	if now, _ := o.Case(o.ctx, o.by, v.ID); now.Stage != jieling.StageClosed {
		t.Fatalf("it is %s", now.Stage)
	}
}

// TestP6_SurvivesRestarts kills the process between any two steps, with everything that was due in its hands: the next one goes on where the
// playbook stood, nothing is done twice, and the history folds to the case.
func TestP6_SurvivesRestarts(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, qq := w.victim("li")
		v := o.openAs(jieling.Stolen)
		restart := func() {
			t.Helper()
			_, err := w.Store.Claim(w.ctx, time.Minute, 64) // in the hands of the one that dies
			w.ok(err)
			before, err := o.Case(o.ctx, o.by, v.ID)
			w.ok(err)
			pack := w.PackInForce()
			w.Engine = engine.New(w.Engine.Config)
			w.UsePack(pack)
			now, err := o.Case(o.ctx, o.by, v.ID)
			w.ok(err)
			if diff := cmp.Diff(before.Playbook, now.Playbook); diff != "" {
				t.Fatalf("the playbook stands otherwise after a restart:\n%s", diff)
			}
			w.later(2 * time.Minute) // its leases lapse
		}
		restart()
		o.stand(v.ID, done, ready, waits, waits, waits)
		qq.say(provider.GrantWithdrawn, false)
		restart()
		o.drain()
		o.stand(v.ID, done, done, ready, waits, waits)
		o.gather(v.ID)
		restart()
		_, err := o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
		o.ok(err)
		restart()
		o.drain()
		o.stand(v.ID, done, done, done, ready, waits)
		restart()
		key := engine.Idem{Key: "once", Fingerprint: [32]byte{1}}
		for range 2 { // the answer was lost, and the person presses again
			_, err = o.TakeStep(o.ctx, o.by, key, v.ID, engine.StepAnswer{Step: "login-protection"})
			o.ok(err)
			restart()
		}
		o.stand(v.ID, done, done, done, done, done)
		events, err := o.Events(o.ctx, o.by, v.ID, 0)
		o.ok(err)
		said := map[string]int{}
		for _, e := range events {
			if e.Kind == "step_done" {
				said[string(e.Data)]++
			}
		}
		for step, n := range said {
			if n != 1 {
				t.Errorf("%s %d times", step, n)
			}
		}
		if len(said) != 2 {
			t.Errorf("the history has %v", said)
		}
		folded, err := casework.Replay(events)
		o.ok(err)
		now, err := o.Case(o.ctx, o.by, v.ID)
		o.ok(err)
		now.Signals = folded.Signals // the sentences are put to them when they are read
		if diff := cmp.Diff(folded, now.Case); diff != "" {
			t.Errorf("the history folds to another case:\n%s", diff)
		}
	})
}
