package engine_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

// removed unlinks QQ and gives the token of the notice that was sent.
func (o *owner) removed() (engine.CaseView, string) {
	o.t.Helper()
	v := o.ready()
	_, err := o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	v, err = o.Case(o.ctx, o.by, v.ID)
	o.ok(err)
	m := o.inbox.sent[len(o.inbox.sent)-1]
	if len(m.Link) != 22 || m.To != number || !strings.HasSuffix(m.Text.ZH, "/u/"+m.Link) || !strings.HasSuffix(m.Text.EN, "http://localhost/u/"+m.Link) {
		o.t.Fatalf("the notice: %+v", m)
	}
	return v, m.Link
}

// Whoever gets the notice and did not do it takes it back and freezes the account in one step, once, without signing in.
func TestANoticeIsDeniedInOneStep(t *testing.T) {
	w := newWorld(t, "pay")
	o := w.owner("lin", number)
	session := o.signIn(o.phone.ID)
	c, token := o.removed()
	for range 2 { // a scanner that fetches the link changes nothing
		n, err := w.Notice(w.ctx, token)
		if err != nil || !n.Alive || !n.Undo || n.Binding.ID != o.qq.ID || !n.RemovedAt.Equal(c.RemovedAt) {
			t.Fatalf("%+v (%v)", n, err)
		}
	}
	if len(c.Open) > 0 {
		t.Errorf("the case asks for what a notice asked: %+v", c.Open)
	}
	for range 2 { // a double tap
		undone, err := w.NotMe(w.ctx, token)
		if err != nil || !undone {
			t.Fatalf("%v (%v)", undone, err)
		}
	}
	a := o.view()
	if !a.Frozen || a.WaysIn != 2 || len(a.Sessions) != 0 || a.Epoch != 1 {
		t.Errorf("frozen %v, %d ways in, %d sessions, epoch %d", a.Frozen, a.WaysIn, len(a.Sessions), a.Epoch)
	}
	_, _, err := w.Session(w.ctx, session.Token)
	w.refused(jieling.CodeUnauthenticated, err)
	w.drain()
	if c, err = w.Case(w.ctx, o.by, c.ID); err != nil || c.Stage != jieling.StageCompensated {
		t.Errorf("the case ended %s (%v)", c.Stage, err)
	}
	n, err := w.Notice(w.ctx, token)
	if err != nil || n.Alive || n.Binding.ID != "" {
		t.Errorf("a used link still tells: %+v (%v)", n, err)
	}
	rows, err := w.Activity(w.ctx, o.by, o.account, engine.DeedLink, 0, 50)
	if err != nil || !rows.Deeds[0].Restored && !rows.Deeds[1].Restored {
		t.Errorf("the record does not say that it came back: %v (%v)", verbs(rows), err)
	}
}

// S9: a link dies with a freeze, with its case and with time; and it is good for nothing but what it says.
func TestS9_ANoticesLinkDies(t *testing.T) {
	for name, end := range map[string]func(w *world, o *owner, c engine.CaseView){
		"a freeze": func(w *world, o *owner, _ engine.CaseView) {
			_, err := w.Freeze(w.ctx, w.product, engine.Idem{}, o.account, "")
			w.ok(err)
			_, err = w.Unfreeze(w.ctx, w.product, engine.Idem{}, o.account, "")
			w.ok(err)
		},
		"an undo": func(w *world, o *owner, c engine.CaseView) {
			_, err := w.Undo(w.ctx, o.by, engine.Idem{}, c.ID)
			w.ok(err)
			w.drain()
		},
		"the end of the case": func(w *world, _ *owner, _ engine.CaseView) { w.later(25 * time.Hour); w.drain() },
		"time":                func(w *world, _ *owner, _ engine.CaseView) { w.later(72*time.Hour + time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			o := w.owner("lin", number)
			c, token := o.removed()
			end(w, o, c)
			before := o.view()
			if n, err := w.Notice(w.ctx, token); err != nil || n.Alive || !n.RemovedAt.IsZero() {
				t.Errorf("%+v (%v)", n, err)
			}
			_, err := w.NotMe(w.ctx, token)
			w.refused(jieling.CodeChallengeUsed, err)
			if after := o.view(); after.Version != before.Version {
				t.Error("a dead link changed the account")
			}
		})
	}
	w := newWorld(t)
	o := w.owner("lin", number)
	_, token := o.removed()
	for _, other := range []string{"", token[:21], token + "A", strings.Map(otherCase, token), "hof_" + token} {
		_, err := w.NotMe(w.ctx, other)
		w.refused(jieling.CodeChallengeUsed, err)
	}
	_, err := w.Redeem(w.ctx, token, "")
	w.refused(jieling.CodeUnauthenticated, err)
	_, err = w.Approval(w.ctx, o.onPhone(), token)
	w.refused(jieling.CodeNotFound, err)
}

// otherCase is a letter as a reader who makes no difference between large and small ones could write it.
func otherCase(r rune) rune {
	if unicode.IsUpper(r) {
		return unicode.ToLower(r)
	}
	return unicode.ToUpper(r)
}
