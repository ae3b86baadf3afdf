package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/store"
)

// herald is a provider that tells what a test has it tell; signatures are its connector's matter.
type herald struct {
	says []jieling.ProviderNotice
	fail error
	deaf bool
}

func (h *herald) Listens() bool { return !h.deaf }

func (h *herald) Hear(context.Context, provider.Call) (provider.Heard, error) {
	if h.fail != nil {
		return provider.Heard{Notices: h.says, Reply: provider.Reply{Status: http.StatusBadRequest}}, h.fail // beside an error nothing counts
	}
	return provider.Heard{Notices: h.says, Other: 1, Reply: provider.Reply{Status: http.StatusOK, Body: []byte("success")}}, nil
}

// visited is an owner with QQ, WeChat, a phone, and a session that came in by WeChat.
type visited struct {
	*owner
	wechat *elsewhere
	herald *herald
	counts map[string]int
	came   engine.SignedIn // by WeChat
	n      int
}

func newVisited(w *world, numbers ...string) *visited {
	w.t.Helper()
	v := &visited{owner: w.owner("lin", numbers...), herald: &herald{}, counts: map[string]int{}, wechat: &elsewhere{subject: "wxlin", grant: provider.GrantStands}}
	_, err := v.change(w.product, engine.SettingsChange{Reminders: no()}) // what is told here is about logins
	w.ok(err)
	w.Counted = func(_ jieling.Provider, outcome string) { v.counts[outcome]++ }
	w.Providers = map[jieling.Provider]provider.Provider{jieling.WeChat: v.wechat}
	w.Listeners = map[jieling.Provider]provider.Listener{jieling.WeChat: v.herald, jieling.Phone: v.herald}
	_, err = v.bind(jieling.WeChat, "wxlin")
	w.ok(err)
	w.later(time.Hour)
	v.came = v.through(jieling.WeChat)
	w.later(time.Hour)
	return v
}

func (v *visited) now() time.Time { v.t.Helper(); return v.view().Now }

// says has the provider tell something that happened just now.
func (v *visited) says(k jieling.NoticeKind, at ...time.Time) provider.Reply {
	v.t.Helper()
	v.n++
	when := v.now()
	if len(at) > 0 {
		when = at[0]
	}
	return v.repeats(jieling.ProviderNotice{ID: fmt.Sprint("n", v.n), Kind: k, Subject: "wxlin", At: when})
}

func (v *visited) repeats(n jieling.ProviderNotice) provider.Reply {
	v.t.Helper()
	v.herald.says = []jieling.ProviderNotice{n}
	reply, err := v.HearProvider(v.ctx, jieling.WeChat, provider.Call{})
	v.ok(err)
	return reply
}

func (v *visited) login() jieling.Binding {
	v.t.Helper()
	for _, b := range v.view().Bindings {
		if b.Provider == jieling.WeChat {
			return b
		}
	}
	v.t.Fatal("WeChat is gone")
	return jieling.Binding{}
}

func (v *visited) arrives() engine.Resolution {
	v.t.Helper()
	r, err := v.Resolve(v.ctx, v.product, engine.ResolveQuery{Provider: jieling.WeChat, Subject: "wxlin", Network: "known"})
	v.ok(err)
	return r
}

// verbs counts the account's audit rows of a verb.
func (v *visited) verbs(verb string) (n int) {
	v.t.Helper()
	rows, _, err := v.Store.AuditChain(v.ctx, v.account)
	v.ok(err)
	for _, r := range rows {
		if r.Verb == verb {
			n++
		}
	}
	return n
}

// S9, S24: what came by a login that its provider took away ends, and nothing else; it opens nothing, stays linked, and its owner is told.
func TestS9_WhatCameByAWithdrawnLoginEnds(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		for _, k := range []jieling.NoticeKind{jieling.ConsentWithdrawn, jieling.AccountDeleted, jieling.AccountDisabled, jieling.AccountHijacked, jieling.MemberLeft} {
			w.inbox.sent = nil
			v := newVisited(w, number)
			desk := v.signIn(v.desk.ID)
			v.by = v.as(desk)
			ticket, err := v.Handoff(v.ctx, v.product, engine.Idem{}, engine.NewHandoff{Account: v.account, Platform: jieling.Web})
			v.ok(err)
			c := v.ready()
			v.says(k)
			if v.live(v.came.Token) || !v.live(desk.Token) {
				t.Errorf("%s: the session by WeChat lives %v, the other %v", k, v.live(v.came.Token), v.live(desk.Token))
			}
			if _, err := v.Redeem(v.ctx, ticket.Token, ""); jieling.CodeOf(err) != jieling.CodeUnauthenticated {
				t.Errorf("%s: a hand-off from before: %v", k, err)
			}
			if got := v.arrives(); got.Outcome != engine.Deny || !slices.Equal(got.Reasons, []string{"binding_suspended", string(k)}) {
				t.Errorf("%s: %+v", k, got)
			}
			if b := v.login(); b.State != jieling.BindingSuspended || b.Said != k || v.view().WaysIn != 2 || !v.view().StrandedAt.IsZero() {
				t.Errorf("%s: %s, %s, %d ways in", k, b.State, b.Said, v.view().WaysIn)
			}
			if n := v.told("withdrawn at its provider"); n != 1 {
				t.Errorf("%s: told %d times", k, n)
			}
			_, err = v.Confirm(v.ctx, v.by, engine.Idem{}, c.ID)
			v.refused(jieling.CodeVerification, err) // what was proven before is void
			if v.verbs("login.withdrawn") != 1 {
				t.Errorf("%s: %d rows", k, v.verbs("login.withdrawn"))
			}
			if risk := !v.login().RiskAt.IsZero(); risk != (k == jieling.AccountHijacked) || risk != v.view().GuardedUntil.After(v.now()) {
				t.Errorf("%s: risk %v, guarded until %v", k, risk, v.view().GuardedUntil)
			}
			w = again(t, w)
		}
	})
}

// again is another world over the same kind of store.
func again(t *testing.T, w *world) *world {
	if strings.HasSuffix(t.Name(), "postgres") {
		return newPostgresWorld(t)
	}
	return newWorld(t)
}

// S14: a provider takes the last way in away. That is written down as it is, the account is marked, and nothing done here could have done it;
// the mark goes with the next way in.
func TestS14_AProviderTakesTheLastWayIn(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		a, err := w.RegisterAccount(w.ctx, w.product, engine.Idem{}, engine.NewAccount{ExternalID: "alone", Kind: jieling.Personal})
		w.ok(err)
		v := &visited{owner: &owner{world: w, account: a.ID, by: w.product}, herald: &herald{}, wechat: &elsewhere{subject: "wxlin", grant: provider.GrantStands}, counts: map[string]int{}}
		w.Providers = map[jieling.Provider]provider.Provider{jieling.WeChat: v.wechat}
		w.Listeners = map[jieling.Provider]provider.Listener{jieling.WeChat: v.herald}
		_, err = v.bind(jieling.WeChat, "wxlin")
		w.ok(err)
		w.later(time.Hour)
		v.says(jieling.ConsentWithdrawn)
		if s := v.view(); s.WaysIn != 0 || s.StrandedAt.IsZero() || v.login().State != jieling.BindingSuspended {
			t.Fatalf("%d ways in, stranded at %v, %s", s.WaysIn, s.StrandedAt, v.login().State)
		}
		since := v.view().StrandedAt
		v.says(jieling.AccountEnabled) // other changes keep the mark
		if s := v.view(); s.WaysIn != 0 || !s.StrandedAt.Equal(since) {
			t.Errorf("%d ways in, stranded at %v", s.WaysIn, s.StrandedAt)
		}
		_, err = v.bind(jieling.Phone, number)
		w.ok(err)
		if s := v.view(); s.WaysIn != 1 || !s.StrandedAt.IsZero() {
			t.Errorf("with a number: %d ways in, stranded at %v", s.WaysIn, s.StrandedAt)
		}
		if _, err := v.SignIn(v.ctx, jieling.WeChat, "code", jieling.Web, ""); err != nil {
			t.Errorf("proven anew: %v", err)
		}
		if s := v.view(); s.WaysIn != 2 || v.login().Said != "" {
			t.Errorf("%d ways in, %q", s.WaysIn, v.login().Said)
		}
	})
}

// Two providers at the same moment take an account's two ways in: both are written down.
func TestS14_TwoProvidersAtOnce(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		v := newVisited(w)
		qq := &herald{says: []jieling.ProviderNotice{{ID: "q1", Kind: jieling.AccountDeleted, Subject: subject + "lin", At: v.now()}}}
		w.Listeners[jieling.QQ], w.Counted = qq, func(jieling.Provider, string) {}
		v.herald.says = []jieling.ProviderNotice{{ID: "w1", Kind: jieling.ConsentWithdrawn, Subject: "wxlin", At: v.now()}}
		errs := make(chan error, 2)
		for _, p := range []jieling.Provider{jieling.QQ, jieling.WeChat} {
			go func() {
				_, err := w.HearProvider(w.ctx, p, provider.Call{})
				errs <- err
			}()
		}
		w.ok(errors.Join(<-errs, <-errs))
		if s := v.view(); s.WaysIn != 0 || s.StrandedAt.IsZero() {
			t.Errorf("%d ways in, stranded at %v", s.WaysIn, s.StrandedAt)
		}
	})
}

// A login that was taken away counts again once its holder signs in with it anew, where the provider lets them; a notice alone gives nothing back.
func TestAWithdrawnLoginIsProvenAnew(t *testing.T) {
	for k, back := range map[jieling.NoticeKind]bool{
		jieling.ConsentWithdrawn: true, jieling.AccountDisabled: true, jieling.MemberLeft: true, jieling.AccountDeleted: false, jieling.AccountHijacked: false,
	} {
		v := newVisited(newWorld(t), number)
		v.says(k)
		v.later(time.Hour)
		v.wechat.say(provider.GrantWithdrawn, false) // the grant that was just given does not stand: withdrawn in the meantime
		if _, err := v.SignIn(v.ctx, jieling.WeChat, "code", jieling.Web, ""); jieling.CodeOf(err) != jieling.CodeForbidden {
			t.Errorf("%s: with a grant that does not stand: %v", k, err)
		}
		v.wechat.say("", true) // S30
		if _, err := v.SignIn(v.ctx, jieling.WeChat, "code", jieling.Web, ""); err == nil {
			t.Errorf("%s: with nobody to ask: let in", k)
		}
		v.wechat.say(provider.GrantStands, false)
		_, err := v.SignIn(v.ctx, jieling.WeChat, "code", jieling.Web, "")
		if (err == nil) != back || (v.login().State == jieling.BindingActive) != back {
			t.Errorf("%s: %v, %s", k, err, v.login().State)
		}
		v.later(time.Hour)
		v.says(jieling.AccountEnabled)
		if usable := v.login().Usable(); usable != back {
			t.Errorf("%s: usable %v by a notice", k, usable)
		}
		v.later(25 * time.Hour) // the guarded window of one that was stolen is over
		_, err = v.SignIn(v.ctx, jieling.WeChat, "code", jieling.Web, "")
		if back = k != jieling.AccountDeleted; (err == nil) != back || (v.arrives().Outcome == engine.Allow) != back {
			t.Errorf("%s, and given back: %v, %+v", k, err, v.arrives())
		}
		if n := v.told("proven anew"); back != (n == 1) {
			t.Errorf("%s: told %d times", k, n)
		}
	}
}

// Signing in anew does not get around a freeze, or what keeps other sign-ins out.
func TestS13_NothingIsProvenAnewDuringAFreeze(t *testing.T) {
	v := newVisited(newWorld(t), number)
	v.says(jieling.ConsentWithdrawn)
	_, err := v.Freeze(v.ctx, v.product, engine.Idem{}, v.account, "")
	v.ok(err)
	_, err = v.SignIn(v.ctx, jieling.WeChat, "code", jieling.Web, "")
	v.refused(jieling.CodeFrozen, err)
	_, err = v.Unfreeze(v.ctx, v.product, engine.Idem{}, v.account, "")
	v.ok(err)
	_, err = v.change(v.product, engine.SettingsChange{DeviceLock: yes()})
	v.ok(err)
	if _, err = v.SignIn(v.ctx, jieling.WeChat, "code", jieling.Web, ""); err == nil || v.login().Usable() {
		t.Errorf("on a device nobody knows: %v", err)
	}
}

// relapse is a provider at which something happens while it is asked whether a grant stands.
type relapse struct {
	*elsewhere
	then func()
}

func (p relapse) Probe(ctx context.Context, grant []byte) (provider.GrantState, error) {
	p.then()
	return p.elsewhere.Probe(ctx, grant)
}

// S30: a sign-in does not bring back what was taken away while it was under way, and not in a guarded window, where the centre lets nobody in
// whose network nobody knows.
func TestS30_NothingComesBackByTheWay(t *testing.T) {
	v := newVisited(newWorld(t), number)
	v.says(jieling.ConsentWithdrawn)
	v.later(time.Hour)
	v.Providers[jieling.WeChat] = relapse{v.wechat, func() { v.says(jieling.ConsentWithdrawn) }}
	if _, err := v.SignIn(v.ctx, jieling.WeChat, "code", jieling.Web, ""); err == nil || v.login().Usable() {
		t.Errorf("taken away meanwhile: %v, %s", err, v.login().State)
	}
	v.Providers[jieling.WeChat] = v.wechat
	v.later(time.Hour)
	v.through(jieling.WeChat)
	v.says(jieling.CredentialCompromised)
	v.says(jieling.ConsentWithdrawn)
	if _, err := v.SignIn(v.ctx, jieling.WeChat, "code", jieling.Web, ""); err == nil || v.login().Usable() {
		t.Errorf("in a guarded window: %v, %s", err, v.login().State)
	}
}

// The same notice again changes nothing, and neither does an older state that comes late, or what happened before the login was its holder's.
func TestS20_LateAndRepeatedNoticesChangeNothing(t *testing.T) {
	v := newVisited(newWorld(t), number)
	began := v.now()
	v.later(time.Hour)
	n := jieling.ProviderNotice{ID: "once", Kind: jieling.ConsentWithdrawn, Subject: "wxlin", At: v.now()}
	first := v.repeats(n)
	version := v.view().Version
	for range 3 {
		if again := v.repeats(n); string(again.Body) != string(first.Body) || again.Status != first.Status {
			t.Errorf("answered %+v, then %+v", first, again)
		}
	}
	if got := v.view().Version; got != version || v.counts["applied"] != 1 || v.counts["repeated"] != 3 || v.told("withdrawn at its provider") != 1 {
		t.Errorf("version %d, then %d; %v", version, got, v.counts)
	}
	v.says(jieling.AccountEnabled, began) // older than the withdrawal
	if v.login().Said != jieling.ConsentWithdrawn || v.counts["stale"] != 1 {
		t.Errorf("an older state counts: %s, %v", v.login().Said, v.counts)
	}
	v.later(time.Hour)
	v.through(jieling.WeChat)
	v.says(jieling.AccountDisabled, began) // from before the holder came back
	v.says(jieling.ConsentWithdrawn, v.view().CreatedAt.Add(-time.Hour))
	if !v.login().Usable() || v.counts["stale"] != 3 {
		t.Errorf("what is over counts: %s, %v", v.login().State, v.counts)
	}
	v.says(jieling.CredentialCompromised, v.login().CreatedAt.Add(-time.Hour)) // of whoever had it before
	if v.counts["stale"] != 4 || v.view().GuardedUntil.After(v.now()) {
		t.Errorf("what was before it was bound counts: %v", v.counts)
	}
	v.later(time.Hour)
	v.through(jieling.WeChat)
	v.says(jieling.ConsentWithdrawn, v.now().Add(-30*time.Second)) // clocks differ, and are not believed to give a login back
	if v.login().Usable() {
		t.Error("a new one does not count")
	}
}

// S27: whoever asks cannot tell a login that is here from one that is not, and nothing is kept of the other.
func TestS27_AnUnknownLoginIsAnsweredAlike(t *testing.T) {
	v := newVisited(newWorld(t), number)
	known := v.says(jieling.ConsentWithdrawn)
	unknown := v.repeats(jieling.ProviderNotice{ID: "x", Kind: jieling.ConsentWithdrawn, Subject: "wxnobody", At: v.now()})
	if known.Status != unknown.Status || string(known.Body) != string(unknown.Body) || known.ContentType != unknown.ContentType {
		t.Errorf("%+v and %+v", known, unknown)
	}
	if v.counts["unknown"] != 1 || v.counts["applied"] != 1 || v.counts["other"] != 2 {
		t.Errorf("%v", v.counts)
	}
	// S5: the subject is exact, and the same one elsewhere is another.
	v2 := newVisited(newWorld(t), number)
	for _, subject := range []string{"WXLIN", "wxlin ", "wxli", number} {
		v2.repeats(jieling.ProviderNotice{ID: subject, Kind: jieling.ConsentWithdrawn, Subject: subject, At: v2.now()})
	}
	if !v2.login().Usable() || v2.counts["unknown"] != 4 {
		t.Errorf("%s, %v", v2.login().State, v2.counts)
	}
}

// S30: what a connector refuses changes nothing, whatever it read; and nobody is listened to who is not set up.
func TestS30_WhatIsRefusedChangesNothing(t *testing.T) {
	v := newVisited(newWorld(t), number)
	version := v.view().Version
	v.herald.says = []jieling.ProviderNotice{{ID: "x", Kind: jieling.ConsentWithdrawn, Subject: "wxlin", At: v.now()}}
	v.herald.fail = provider.Forged(jieling.Text{ZH: "微信", EN: "WeChat"}, "a test")
	reply, err := v.HearProvider(v.ctx, jieling.WeChat, provider.Call{})
	v.refused(jieling.CodeSignature, err)
	if reply.Status != http.StatusBadRequest || v.counts["refused"] != 1 {
		t.Errorf("%+v, %v", reply, v.counts)
	}
	v.herald.fail, v.herald.deaf = nil, true
	_, err = v.HearProvider(v.ctx, jieling.WeChat, provider.Call{})
	v.refused(jieling.CodeNotFound, err)
	_, err = v.HearProvider(v.ctx, jieling.QQ, provider.Call{})
	v.refused(jieling.CodeNotFound, err)
	if v.view().Version != version {
		t.Error("something changed")
	}
}

// Sessions revoked there end those that came by it here, and nothing else: neither the login nor younger sessions.
func TestS9_SessionsRevokedAtTheProviderEndHere(t *testing.T) {
	v := newVisited(newWorld(t), number)
	desk := v.signIn(v.desk.ID)
	at := v.now()
	v.later(time.Hour)
	young := v.through(jieling.WeChat)
	v.says(jieling.SessionsRevoked, at)
	if v.live(v.came.Token) || !v.live(desk.Token) || !v.live(young.Token) || !v.login().Usable() || v.arrives().Outcome != engine.Allow {
		t.Errorf("lives: %v, %v, %v; %s", v.live(v.came.Token), v.live(desk.Token), v.live(young.Token), v.login().State)
	}
}

// A warning is a risk and a guarded window; it takes no login away, and it counts although somebody came in since: that may be who it warns of.
func TestS9_AWarningOfTheProviderGuards(t *testing.T) {
	v := newVisited(newWorld(t), number)
	at := v.now()
	v.later(time.Hour)
	thief := v.through(jieling.WeChat)
	v.later(time.Hour)
	v.says(jieling.CredentialCompromised, at)
	if v.live(thief.Token) || !v.login().Usable() || v.login().RiskAt.IsZero() || v.view().WaysIn != 3 {
		t.Errorf("lives %v, %s, %v", v.live(thief.Token), v.login().State, v.login().RiskAt)
	}
	r, err := v.Resolve(v.ctx, v.product, engine.ResolveQuery{Provider: jieling.WeChat, Subject: "wxlin", Network: "unknown"})
	v.ok(err)
	if r.Outcome != engine.StepUp || v.told("somebody else may have it") != 1 {
		t.Errorf("%+v", r)
	}
}

// F4, the third truth: a case learns from the provider itself that the permission is gone; a token that ran out takes that back no more. What
// was unlinked and withdrawn comes back as what it is.
func TestF4_ACaseLearnsThatThePermissionIsGone(t *testing.T) {
	w := newWorld(t)
	o, qq := w.victim("lin")
	h := &herald{}
	w.Listeners = map[jieling.Provider]provider.Listener{jieling.QQ: h}
	w.later(time.Hour)
	v := o.ready()
	_, err := o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	if v, err = o.Case(o.ctx, o.by, v.ID); err != nil || v.RemovedAt.IsZero() || v.Upstream != jieling.UpstreamUserAction {
		t.Fatalf("removed %v, upstream %q (%v)", v.RemovedAt, v.Upstream, err)
	}
	o.later(10 * time.Minute)
	h.says = []jieling.ProviderNotice{{ID: "x", Kind: jieling.ConsentWithdrawn, Subject: subject + "lin", At: o.view().Now}}
	_, err = o.HearProvider(o.ctx, jieling.QQ, provider.Call{})
	o.ok(err)
	confirmed := func() {
		t.Helper()
		if v, err = o.Case(o.ctx, o.by, v.ID); err != nil || v.Upstream != jieling.UpstreamConfirmed {
			t.Fatalf("upstream %q (%v)", v.Upstream, err)
		}
	}
	confirmed()
	qq.say(provider.GrantExpired, false)
	_, err = o.Probe(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	confirmed()
	_, err = o.Undo(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	i := slices.IndexFunc(o.view().Bindings, func(b jieling.Binding) bool { return b.Provider == jieling.QQ })
	if i < 0 || o.view().Bindings[i].State != jieling.BindingSuspended || o.view().Bindings[i].Said != jieling.ConsentWithdrawn {
		t.Errorf("put back as %+v", o.view().Bindings)
	}
}

// A4: a carrier tells that a number has a new holder. It is as if it had been asked: the number opens nothing, also where somebody proved it since.
func TestA4_ACarrierTellsThatANumberChangedHands(t *testing.T) {
	v := newVisited(newWorld(t), number, otherNumber)
	since := v.now()
	tell := func(id string, at time.Time) {
		t.Helper()
		v.herald.says = []jieling.ProviderNotice{{ID: id, Kind: jieling.NumberReassigned, Subject: number, At: at}}
		_, err := v.HearProvider(v.ctx, jieling.Phone, provider.Call{})
		v.ok(err)
	}
	v.later(time.Hour)
	tell("before it was bound", since.Add(-30*day))
	if b := v.bound(number); b.Holder == jieling.HolderChanged || !b.Usable() {
		t.Errorf("the holder of before: %s, %s", b.Holder, b.State)
	}
	tell("since", since)
	if b := v.bound(number); b.Holder != jieling.HolderChanged || b.Usable() || v.resolvePhone(number).Outcome != engine.Deny || v.resolvePhone(otherNumber).Outcome != engine.Allow {
		t.Errorf("%s, %s", b.Holder, b.State)
	}
	v.drain()
	if len(v.inbox.sent) != 1 || v.inbox.sent[0].To != otherNumber || v.verbs("number.changed") != 1 {
		t.Errorf("told %+v", v.inbox.sent)
	}
}

// A member who left is off-boarded: the membership ends, and so does what the organisation had to say. Another organisation's word counts for nothing.
func TestV6_WhoLeftIsOffBoarded(t *testing.T) {
	for subject, left := range map[string]bool{"ww1/zhouke": true, "ww2/zhouke": false} {
		f, _ := newWorld(t).atWeCom()
		h := &herald{}
		f.Listeners = map[jieling.Provider]provider.Listener{jieling.WeCom: h}
		if !left {
			_, err := f.member.bind(jieling.WeCom, subject)
			f.ok(err)
		}
		v := f.begin(jieling.Android)
		_, err := f.ask(v.ID, jieling.AdminApproval)
		f.ok(err)
		h.says = []jieling.ProviderNotice{{ID: "x", Kind: jieling.MemberLeft, Subject: subject, At: f.member.view().Now}}
		_, err = f.HearProvider(f.ctx, jieling.WeCom, provider.Call{})
		f.ok(err)
		members, err := f.Members(f.ctx, f.product, f.org.ID, "")
		f.ok(err)
		is := slices.ContainsFunc(members, func(m store.Member) bool { return m.Account == f.member.account })
		if is == left || (f.member.view().Kind == jieling.EnterpriseMember) == left || f.member.view().WaysIn < 2 {
			t.Errorf("%s: a member %v, %s", subject, is, f.member.view().Kind)
		}
	}
}

// V3: a notice about an approval has it read again at once, waited for or given, and is believed in nothing.
func TestV3_ANoticeHasTheApprovalReadAgain(t *testing.T) {
	f, there := newWorld(t).atWeCom()
	h := &herald{}
	f.Listeners = map[jieling.Provider]provider.Listener{jieling.WeCom: h}
	v := f.begin(jieling.Android)
	_, err := f.ask(v.ID, jieling.AdminApproval)
	f.ok(err)
	f.drain()
	number := 0
	tell := func() {
		t.Helper()
		number++
		h.says = []jieling.ProviderNotice{{ID: fmt.Sprint(number), Kind: jieling.ApprovalChanged, Subject: "ww1/zhouke", Ref: "2026", At: f.member.view().Now}}
		_, err := f.HearProvider(f.ctx, jieling.WeCom, provider.Call{})
		f.ok(err)
		f.drain()
		v = f.now(v.ID)
	}
	tell()
	if v.Proved(jieling.AdminApproval) || !v.Waits(jieling.AdminApproval) {
		t.Fatal("the notice itself was believed")
	}
	there.says = provider.Approval{State: provider.ApprovalGiven, By: []string{"ww1/wumin"}}
	if tell(); !v.Proved(jieling.AdminApproval) {
		t.Error("it was not read again")
	}
	there.says.State = provider.ApprovalWithdrawn
	if tell(); v.Proved(jieling.AdminApproval) {
		t.Error("it was taken back and counts all the same")
	}
}

// A product that has proven a login anew gives it back; what it had proven before, and what cannot come back, it does not.
func TestAProductVouchesAnew(t *testing.T) {
	for k, back := range map[jieling.NoticeKind]bool{jieling.ConsentWithdrawn: true, jieling.AccountEnabled: true, jieling.AccountHijacked: false, jieling.AccountDeleted: false} {
		v := newVisited(newWorld(t), number)
		at := v.now()
		if k == jieling.AccountEnabled {
			v.says(jieling.AccountDisabled)
		}
		v.says(k)
		v.later(time.Hour)
		vouch := func(verified time.Time) error {
			_, err := v.AddBinding(v.ctx, v.product, engine.Idem{}, v.account, engine.NewBinding{Provider: jieling.WeChat, Subject: "wxlin", VerifiedAt: verified})
			return err
		}
		for what, early := range map[string]time.Time{"not said": {}, "before": at.Add(-time.Hour), "to come": v.now().Add(time.Hour)} {
			if err := vouch(early); jieling.CodeOf(err) != jieling.CodeBindingExists {
				t.Errorf("%s, proven %s: %v", k, what, err)
			}
		}
		id := v.login().ID
		if err := vouch(v.now().Add(-time.Minute)); (err == nil) != back || v.login().Usable() != back || v.login().ID != id {
			t.Errorf("%s: %v, %s", k, err, v.login().State)
		}
		if back != (v.told("proven anew") == 1) {
			t.Errorf("%s: told %d times", k, v.told("proven anew"))
		}
		if back {
			v.says(jieling.ConsentWithdrawn, at) // from before the product proved it
			if !v.login().Usable() {
				t.Errorf("%s: an older notice counts", k)
			}
		}
	}
}

// A login that its provider took away can be unlinked like any other, and an undo puts it back as what it is.
func TestAWithdrawnLoginIsUnlinkedByACase(t *testing.T) {
	w := newWorld(t)
	o, _ := w.victim("lin")
	h := &herald{says: []jieling.ProviderNotice{{ID: "x", Kind: jieling.AccountDeleted, Subject: subject + "lin", At: o.view().Now}}}
	w.Listeners = map[jieling.Provider]provider.Listener{jieling.QQ: h}
	_, err := o.HearProvider(o.ctx, jieling.QQ, provider.Call{})
	o.ok(err)
	w.later(time.Minute)
	v := o.ready()
	_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	if v, err = o.Case(o.ctx, o.by, v.ID); err != nil || v.RemovedAt.IsZero() || slices.ContainsFunc(o.view().Bindings, func(b jieling.Binding) bool { return b.Provider == jieling.QQ }) {
		t.Fatalf("%s, %+v (%v)", v.Stage, o.view().Bindings, err)
	}
	_, err = o.Undo(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	if i := slices.IndexFunc(o.view().Bindings, func(b jieling.Binding) bool { return b.Provider == jieling.QQ }); i < 0 || o.view().Bindings[i].Usable() {
		t.Errorf("put back as %+v", o.view().Bindings)
	}
}
