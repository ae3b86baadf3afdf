package engine_test

import (
	"slices"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
)

// verbs lists what a stretch of the record says, newest first.
func verbs(a engine.Activity) (out []string) {
	for _, d := range a.Deeds {
		out = append(out, d.Verb)
	}
	return out
}

// The record is read backwards, kind by kind and page by page, and tells what, by whom, on which device and about what.
func TestTheRecordTellsWhatHappened(t *testing.T) {
	w := newWorld(t, "pay")
	o := w.owner("lin", number)
	o.by = o.as(o.signIn(o.desk.ID))
	v := o.ready()
	_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	w.drain()

	read := func(kind engine.DeedKind, before int64, limit int) engine.Activity {
		t.Helper()
		a, err := w.Activity(w.ctx, o.by, o.account, kind, before, limit)
		w.ok(err)
		return a
	}
	all := read("", 0, 100)
	if all.Before != 0 || slices.Contains(verbs(all), "case.describe") {
		t.Errorf("the whole record goes on at %d: %v", all.Before, verbs(all))
	}
	for _, d := range all.Deeds {
		if lang.Deed(d.Verb) == "" && d.Verb != "sign_in" && !d.Unlinked {
			t.Errorf("there are no words for %s", d.Verb)
		}
	}
	gone := all.Deeds[0]
	if !gone.Unlinked || gone.Binding.ID != o.qq.ID || gone.Binding.Label != o.qq.Label || gone.Kind != engine.DeedLink || gone.By != jieling.ActorParty {
		t.Errorf("the latest is not that the binding went: %+v", gone)
	}
	if got := verbs(read(engine.DeedSignIn, 0, 10)); !slices.Equal(got, []string{"sign_in"}) {
		t.Errorf("signing in: %v", got)
	}
	if proved := read(engine.DeedCheck, 0, 1).Deeds[0]; proved.Factor != jieling.PaymentPIN || proved.Device != o.desk.ID || proved.Case != v.ID || proved.By != jieling.ActorPerson {
		t.Errorf("the check: %+v", proved)
	}
	for _, d := range read(engine.DeedOthers, 0, 100).Deeds {
		if d.By == jieling.ActorPerson {
			t.Errorf("%s was done by the person", d.Verb)
		}
	}
	var paged []string
	for before := int64(0); ; {
		page := read("", before, 2)
		paged = append(paged, verbs(page)...)
		if before = page.Before; before == 0 {
			break
		}
	}
	if !slices.Equal(paged, verbs(all)) {
		t.Errorf("in pages %v, at once %v", paged, verbs(all))
	}
	_, err = w.Activity(w.ctx, o.by, o.account, "gossip", 0, 1)
	w.refused(jieling.CodeInvalid, err)
	_, err = w.Activity(w.ctx, w.owner("sun", "+8613800000009").by, o.account, "", 0, 1) // S3
	w.refused(jieling.CodeNotFound, err)
}
