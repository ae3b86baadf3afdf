package engine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/transfer"
)

var arriving = transfer.Person{
	ExternalID: "u1", Kind: jieling.Merchant, Region: "SG", Locale: "en", RegisteredThrough: jieling.QQ,
	Logins: []transfer.Login{
		{Provider: jieling.Phone, Subject: "+6591234567"}, {Provider: jieling.QQ, Subject: "8F1E60A2", Union: "UID_1", VerifiedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
	},
}

// Somebody is taken in whole or not at all, can sign in by what they brought, and comes out as they came in.
func TestWhoIsTakenInComesOutTheSame(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		if got, err := w.TakeIn(w.ctx, w.product, arriving); err != nil || got != engine.Arrived {
			t.Fatalf("%s, %v", got, err)
		}
		r, err := w.Resolve(w.ctx, w.product, engine.ResolveQuery{Provider: jieling.QQ, Subject: "8F1E60A2"})
		w.ok(err)
		a, err := w.Account(w.ctx, w.product, r.Account)
		w.ok(err)
		if r.Outcome != engine.Allow || a.WaysIn != 2 || a.Bindings[1].Proven() {
			t.Errorf("%+v, %d ways in", r, a.WaysIn)
		}
		out, err := w.LetOut(w.ctx, w.product, r.Account)
		w.ok(err)
		if diff := cmp.Diff(arriving, out); diff != "" {
			t.Error(diff)
		}
		rows, err := w.Store.AuditTail(w.ctx, r.Account, 0, 9)
		w.ok(err)
		if len(rows) != 2 || rows[0].Verb != "account.export" || rows[1].Verb != "account.import" {
			t.Errorf("on record: %+v", rows)
		}
		deeds, err := w.Activity(w.ctx, w.product, r.Account, "", 0, 9)
		w.ok(err)
		if len(deeds.Deeds) != 2 {
			t.Errorf("their owner reads %d of it", len(deeds.Deeds))
		}

		taken := arriving
		taken.ExternalID = "u2"
		_, err = w.TakeIn(w.ctx, w.product, taken)
		w.refused(jieling.CodeBindingExists, err)
		_, err = w.FindAccount(w.ctx, w.product, "u2")
		w.refused(jieling.CodeNotFound, err)
	})
}

// S7: who is there already is left as they are; a login that was unlinked here does not come back from an old file.
func TestS7_AnUnlinkedLoginDoesNotComeBackFromAFile(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin", number)
		file, err := w.LetOut(w.ctx, w.product, o.account)
		w.ok(err)
		for range 2 {
			if got, err := w.TakeIn(w.ctx, w.product, file); err != nil || got != engine.There {
				t.Fatalf("%s, %v", got, err)
			}
		}
		for _, other := range [][]transfer.Login{file.Logins[:1], append(file.Logins[:1:1], transfer.Login{Provider: jieling.QQ, Subject: "another"}), nil} {
			p := file
			p.Logins = other
			if got, err := w.TakeIn(w.ctx, w.product, p); err != nil || got != engine.Differs {
				t.Errorf("with %+v: %s, %v", other, got, err)
			}
		}
		o.later(time.Hour)
		v := o.ready()
		_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
		o.ok(err)
		o.drain()
		for _, wait := range []time.Duration{0, 48 * time.Hour} { // while it can be undone, and when it is forgotten
			o.later(wait)
			o.drain()
			if got, err := w.TakeIn(w.ctx, w.product, file); err != nil || got != engine.Differs {
				t.Errorf("%s, %v", got, err)
			}
			if r, err := w.Resolve(w.ctx, w.product, engine.ResolveQuery{Provider: jieling.QQ, Subject: subject + "lin"}); err != nil || r.Outcome != engine.Unknown {
				t.Errorf("%v later the login gives %+v, %v", wait, r, err)
			}
		}
		now, err := w.LetOut(w.ctx, w.product, o.account)
		w.ok(err)
		if len(now.Logins) != 1 || now.Logins[0].Provider != jieling.Phone {
			t.Errorf("let out with %+v", now.Logins)
		}
	})
}

// A login that nobody has proven yet opens nothing here, and is not let out to open something elsewhere.
func TestS16_WhatIsNotProvenIsNotLetOut(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin")
	_, err := o.Replacement(o.ctx, o.by, engine.Idem{}, o.open(jieling.Android).ID, engine.NewBinding{Provider: jieling.Phone, Subject: number}, "en")
	o.ok(err)
	if p, err := w.LetOut(w.ctx, w.product, o.account); err != nil || len(p.Logins) != 1 || p.Logins[0].Provider != jieling.QQ {
		t.Errorf("%+v, %v", p.Logins, err)
	}
}

// Nobody but an operator takes people in or lets them out, and what a person brings is checked as if it were added.
func TestTransferIsForOperators(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	for _, by := range []jieling.Actor{o.by, {Kind: jieling.ActorProduct, Name: "shop", Scopes: []string{engine.ScopeAccounts, engine.ScopeCases}}, {Kind: jieling.ActorStaff, Scopes: []string{"operator"}}} {
		_, err := w.LetOut(w.ctx, by, o.account)
		w.refused(jieling.CodeForbidden, err)
		_, err = w.TakeIn(w.ctx, by, arriving)
		w.refused(jieling.CodeForbidden, err)
	}
	for name, spoil := range map[string]func(*transfer.Person){
		"no name":        func(p *transfer.Person) { p.ExternalID = "" },
		"a kind":         func(p *transfer.Person) { p.Kind = "robot" },
		"a region":       func(p *transfer.Person) { p.Region = "Singapore" },
		"no subject":     func(p *transfer.Person) { p.Logins = []transfer.Login{{Provider: jieling.QQ}} },
		"not a number":   func(p *transfer.Person) { p.Logins = []transfer.Login{{Provider: jieling.Phone, Subject: "91234567"}} },
		"not a provider": func(p *transfer.Person) { p.Logins = []transfer.Login{{Provider: "Q Q", Subject: "x"}} },
		"not one mailbox": func(p *transfer.Person) {
			p.Logins = []transfer.Login{{Provider: jieling.Email, Subject: "a@b.example, c@d.example"}}
		},
	} {
		p := arriving
		spoil(&p)
		if _, err := w.TakeIn(w.ctx, w.product, p); jieling.CodeOf(err) != jieling.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	twice := arriving
	twice.Logins = append(twice.Logins[:1:1], twice.Logins[0])
	if got, err := w.TakeIn(w.ctx, w.product, twice); err != nil || got != engine.Arrived {
		t.Errorf("a login named twice: %s, %v", got, err)
	}
	if got, err := w.TakeIn(w.ctx, w.product, twice); err != nil || got != engine.There {
		t.Errorf("again: %s, %v", got, err)
	}
}
