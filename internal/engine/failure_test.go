package engine_test

import (
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

// TestFailure_ALinkProofDoesNotOutliveAnUnlink: elsewhere a proof of linking that was kept has been seen to put a login back after its owner
// had taken it away. Here nothing that once linked it does: neither the product's own request, sent again, nor a question of
// the case that is answered late, nor an undo after its window.
func TestFailure_ALinkProofDoesNotOutliveAnUnlink(t *testing.T) {
	w := newWorld(t, "wallet")
	o := w.owner("lin", number)
	link, linking := engine.NewBinding{Provider: jieling.QQ, Subject: "again"}, engine.Idem{Key: "link", Fingerprint: [32]byte{7}}
	var err error
	o.qq, err = w.AddBinding(w.ctx, w.product, linking, o.account, link)
	w.ok(err)
	w.later(time.Second)
	v := o.ready()
	ch, err := w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.PaymentPIN})
	w.ok(err)
	_, err = w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	w.drain()
	before := o.view()

	_, err = w.AddBinding(w.ctx, w.product, linking, o.account, link)
	w.refused(jieling.CodeNotFound, err) // what that request made is gone, and it makes nothing again
	_, err = w.Answer(w.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(pin)})
	w.refused(jieling.CodeConflict, err)
	w.drain()
	w.later(24*time.Hour + time.Minute)
	_, err = w.Undo(w.ctx, o.by, engine.Idem{}, v.ID)
	w.refused(jieling.CodeConflict, err) // the window is over, also where nobody has closed the case yet
	w.drain()
	_, err = w.Undo(w.ctx, o.by, engine.Idem{}, v.ID)
	w.refused(jieling.CodeCaseClosed, err)

	r, err := w.Resolve(w.ctx, w.product, engine.ResolveQuery{Provider: jieling.QQ, Subject: "again", Network: "known"})
	w.ok(err)
	if r.Outcome != engine.Unknown {
		t.Errorf("the login opens the account again: %+v", r)
	}
	if after := o.view(); after.WaysIn != before.WaysIn || len(after.Bindings) != len(before.Bindings) {
		t.Errorf("%d bindings and %d ways in became %d and %d", len(before.Bindings), before.WaysIn, len(after.Bindings), after.WaysIn)
	}
}

// TestFailure_AThiefDoesNotKeepTheOwnerFromFreezing: elsewhere a freeze was refused to an owner because the thief had changed the account
// before. Here the link that the notice brought to the owner freezes, and puts the login back, whatever a session did meanwhile: signing
// everybody else out, removing the owner's phone.
func TestFailure_AThiefDoesNotKeepTheOwnerFromFreezing(t *testing.T) {
	w := newWorld(t, "wallet")
	o := w.owner("lin", number)
	thief := o.as(o.signIn(o.desk.ID))
	_, token := o.removed()
	w.ok(w.EndOtherSessions(w.ctx, thief, engine.Idem{}, o.account))
	w.ok(w.RemoveDevice(w.ctx, thief, engine.Idem{}, o.account, o.phone.ID))
	w.ok(w.EndOtherSessions(w.ctx, thief, engine.Idem{}, o.account))
	w.drain()
	undone, err := w.NotMe(w.ctx, token)
	if err != nil || !undone {
		t.Fatalf("the owner's link: %v (%v)", undone, err)
	}
	w.drain()
	if a := o.view(); !a.Frozen || a.WaysIn != 2 || len(a.Sessions) != 0 {
		t.Errorf("frozen %v, %d ways in, %d sessions", a.Frozen, a.WaysIn, len(a.Sessions))
	}
}
