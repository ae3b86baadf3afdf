package engine_test

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/store"
	"github.com/jieling-id/jieling/internal/store/sqlite"
)

// atlas places addresses; one it does not have is nowhere, and while it is torn it fails.
type atlas struct {
	places map[string]risk.Where
	torn   bool
}

func (a *atlas) Locate(addr netip.Addr) (risk.Where, error) {
	if a.torn {
		return risk.Where{}, errors.New("torn")
	}
	return a.places[addr.String()], nil
}

const (
	inBeijing, alsoInBeijing = "203.0.113.7", "203.0.113.99"
	inShanghai               = "198.51.100.7"
	inACafe                  = "192.0.2.7"
	day                      = 24 * time.Hour
)

func newAtlas() *atlas {
	beijing := risk.Where{Place: jieling.Place{Country: "CN", Region: "BJ", Point: "39.9,116.4"}}
	return &atlas{places: map[string]risk.Where{
		inBeijing: beijing, alsoInBeijing: beijing, inShanghai: {Place: jieling.Place{Country: "CN", Region: "SH", Point: "31.2,121.5"}},
		inACafe: {Public: true, Place: beijing.Place},
	}}
}

// settled is an owner who has signed in from Beijing for a while, with a phone bound; their requests come from there.
func settled(t *testing.T, parties ...string) (*owner, *atlas) {
	w, maps := newWorld(t, parties...), newAtlas()
	w.Locator = maps
	o := w.owner("settled", number)
	o.cameIn(inBeijing)
	o.later(40 * day)
	o.by.Address = inBeijing
	return o, maps
}

func (o *owner) cameIn(from string) {
	o.t.Helper()
	o.ok(o.ReportSignIn(o.ctx, o.product, engine.Idem{}, o.account, engine.NewSignIn{Binding: o.qq.ID, Device: o.phone.ID, Platform: jieling.Android, Address: from}))
	o.later(time.Second)
}

func (o *owner) ask(by jieling.Actor, c engine.Claims) jieling.Plan {
	o.t.Helper()
	p, err := o.Plan(o.ctx, by, engine.PlanQuery{Account: o.account, Binding: o.qq.ID, Platform: jieling.Android, Claims: c})
	o.ok(err)
	return p
}

func (o *owner) from(address string) jieling.Actor {
	by := o.by
	by.Address = address
	return by
}

func signal(t *testing.T, all []jieling.Signal, name string) jieling.Signal {
	t.Helper()
	i := slices.IndexFunc(all, func(s jieling.Signal) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("no signal %s in %+v", name, all)
	}
	return all[i]
}

func TestV5_AnotherPlaceInTheRecordAsksForAFace(t *testing.T) {
	o, _ := settled(t)
	home := o.ask(o.by, engine.Claims{})
	if s := signal(t, home.Signals, "place"); s.Level != "usual" || s.Source != "geoip" || s.Trust != jieling.Observed || home.Decision.Asks(jieling.Face) {
		t.Fatalf("at home: %+v, asks %+v", s, home.Decision.Requirement)
	}
	away := o.ask(o.from(inShanghai), engine.Claims{})
	if s := signal(t, away.Signals, "place"); s.Level != "other" || s.Why.ZH == "" || !away.Decision.Asks(jieling.Face) {
		t.Errorf("away: %+v, asks %+v", s, away.Decision.Requirement)
	}
	o.cameIn(inShanghai)
	after := o.ask(o.by, engine.Claims{})
	if s := signal(t, after.Signals, "place"); s.Level != "other" || s.Source != "sign_ins" || !after.Decision.Asks(jieling.Face) {
		t.Errorf("at home, after somebody came in elsewhere: %+v, asks %+v", s, after.Decision.Requirement)
	}
	if s := signal(t, after.Signals, "travel"); s.Level != "impossible" {
		t.Errorf("from Shanghai to Beijing within a second: %+v", s)
	}
}

// S15: what the person was shown is not what is gone by. Somebody comes in from elsewhere after the case was opened, and the
// confirmation asks for what is missing now; nothing is removed.
func TestS15_SignalsAreMeasuredAgainWhenItIsConfirmed(t *testing.T) {
	o, _ := settled(t)
	v := o.ready()
	o.cameIn(inShanghai)
	_, err := o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.refused(jieling.CodeVerification, err)
	calm, _ := settled(t)
	v = calm.ready()
	done, err := calm.Confirm(calm.ctx, calm.by, engine.Idem{}, v.ID)
	calm.ok(err)
	if s := signal(t, done.Signals, "place"); done.RemovedAt.IsZero() || s.Level != "usual" || s.Why.EN == "" {
		t.Errorf("in calm: stage %s, %+v", done.Stage, s)
	}
	if s := signal(t, done.Signals, "network"); s.Level != "known" {
		t.Errorf("the network of the sign-in 40 days ago is %+v", s)
	}
}

// What was measured when the person confirmed is what the worker goes by, together with what the rows say then: time has no
// address of its own.
func TestS15_TheWorkerGoesByTheRowsAndTheConfirmation(t *testing.T) {
	for name, c := range map[string]struct {
		between func(*owner)
		gone    bool
	}{
		"nothing happens":                  {func(*owner) {}, true},
		"somebody comes in from elsewhere": {func(o *owner) { o.cameIn(inShanghai) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			o, _ := settled(t, "pay")
			v := o.ready()
			_, err := o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
			o.ok(err)
			c.between(o)
			o.drain()
			got, err := o.Case(o.ctx, o.by, v.ID)
			o.ok(err)
			if gone := !got.RemovedAt.IsZero(); gone != c.gone {
				t.Errorf("gone: %v, at stage %s, asked %+v", gone, got.Stage, got.Decision.Requirement)
			}
			if s := signal(t, got.Signals, "place"); s.Level != "usual" {
				t.Errorf("the record of the confirmation became %+v", s)
			}
		})
	}
}

// S30: what was seen of whoever began a case is not lost because the product says nothing of where they are when they confirm.
func TestS30_AProductThatFallsSilentTakesNothingBack(t *testing.T) {
	o, _ := settled(t)
	v, err := o.OpenCase(o.ctx, o.product, engine.Idem{}, engine.NewCase{
		Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Android, Device: o.phone.ID, Reason: jieling.ReasonPrivacy,
		Claims: engine.Claims{Address: inShanghai},
	})
	o.ok(err)
	if !v.Decision.Asks(jieling.Face) {
		t.Fatalf("asks %+v", v.Decision.Requirement)
	}
	_, err = o.BackUp(o.ctx, o.product, engine.Idem{}, v.ID, jieling.BackupDeclined)
	o.ok(err)
	o.by = o.product
	o.prove(v.ID, jieling.PaymentPIN)
	_, err = o.Confirm(o.ctx, o.product, engine.Idem{}, v.ID)
	o.refused(jieling.CodeVerification, err)
}

// S30: a file that cannot be read makes the place unknown, and takes nothing back of what the history says.
func TestS30_ASourceThatFailsIsNotSafe(t *testing.T) {
	o, maps := settled(t)
	maps.torn = true
	p := o.ask(o.by, engine.Claims{})
	if s := signal(t, p.Signals, "place"); s.Level != "unknown" || s.Why.EN == "" {
		t.Errorf("%+v", s)
	}
	maps.torn = false
	o.cameIn(inShanghai)
	maps.torn = true
	if s := signal(t, o.ask(o.by, engine.Claims{}).Signals, "place"); s.Level != "other" {
		t.Errorf("with a record of another place: %+v", s)
	}
}

func TestV4_WhatACallerClaimsTalksNothingDown(t *testing.T) {
	o, _ := settled(t)
	for name, c := range map[string]struct {
		by     jieling.Actor
		claims engine.Claims
		signal string
		want   string
	}{
		"a person in a café says that it is known":   {o.from(inACafe), engine.Claims{Network: "known"}, "network", "public"},
		"a person says that the network is public":   {o.by, engine.Claims{Network: "public"}, "network", "public"},
		"a person whom nobody sees says it is known": {o.from(""), engine.Claims{Network: "known"}, "network", "unknown"},
		"a product says so where nothing was seen":   {o.product, engine.Claims{Network: "known"}, "network", "known"},
		"a product says so of an address in a café":  {o.product, engine.Claims{Network: "known", Address: inACafe}, "network", "public"},
		"an app says that it is rooted":              {o.by, engine.Claims{Signals: map[string]string{"integrity": "rooted"}}, "integrity", "rooted"},
		"an app says that it is sound":               {o.by, engine.Claims{Signals: map[string]string{"integrity": "attested"}}, "integrity", "unattested"},
		"a product says that Shanghai is usual":      {o.product, engine.Claims{Address: inShanghai, Signals: map[string]string{"place": "usual"}}, "place", "other"},
		"a person says that their device is trusted": {o.by, engine.Claims{Device: "trusted"}, "device", "known"},
		"a product says that the SIM was swapped":    {o.product, engine.Claims{Signals: map[string]string{"sim": "swapped"}}, "sim", "swapped"},
	} {
		if s := signal(t, o.ask(c.by, c.claims).Signals, c.signal); s.Level != c.want {
			t.Errorf("%s: %+v, want %s", name, s, c.want)
		}
	}
	_, err := o.Plan(o.ctx, o.product, engine.PlanQuery{Account: o.account, Binding: o.qq.ID, Platform: jieling.Android, Claims: engine.Claims{Network: "wired"}})
	o.refused(jieling.CodeInvalid, err)
}

// R2: an app that says it is rooted is believed, and what it said when the case was opened holds until it is carried out.
func TestR2_ARootedDeviceAsksForAFaceToTheEnd(t *testing.T) {
	o, _ := settled(t)
	if o.ask(o.product, engine.Claims{}).Decision.Asks(jieling.Face) {
		t.Fatal("a face is asked for anyway")
	}
	rooted := engine.Claims{Signals: map[string]string{"integrity": "rooted"}}
	v, err := o.OpenCase(o.ctx, o.product, engine.Idem{}, engine.NewCase{
		Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Android, Reason: jieling.ReasonPrivacy, Claims: rooted,
	})
	o.ok(err)
	if s := signal(t, v.Signals, "integrity"); !v.Decision.Asks(jieling.Face) || s.Trust != jieling.Claimed {
		t.Fatalf("asks %+v on %+v", v.Decision.Requirement, s)
	}
	_, err = o.BackUp(o.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
	o.ok(err)
	o.prove(v.ID, jieling.PaymentPIN)
	_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.refused(jieling.CodeVerification, err)
}

// A sign-in leaves where it was from, roughly, and never the address: not in a row, and so not in the file.
func TestV5_TheHistoryHoldsNoAddress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jieling.db")
	w := &world{t: t, ctx: t.Context(), inbox: &inbox{}, parties: map[string]*party{}}
	st, err := sqlite.Open(path, sqlite.Config{Offset: w.offset})
	w.ok(err)
	w.over(st)
	w.Locator = newAtlas()
	o := w.owner("private")
	ticket, err := w.Handoff(w.ctx, w.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Android, Device: o.phone.ID})
	w.ok(err)
	_, err = w.Redeem(w.ctx, ticket.Token, inBeijing)
	w.ok(err)
	o.cameIn(alsoInBeijing)
	s, err := w.Store.Load(w.ctx, store.Need{Account: o.account, With: store.SignIns})
	w.ok(err)
	if len(s.SignIns) != 2 {
		t.Fatalf("%d sign-ins", len(s.SignIns))
	}
	for _, in := range s.SignIns {
		if in.Device != o.phone.ID || in.Platform != jieling.Android || in.Place.Region != "BJ" || in.Net == [32]byte{} || in.Network != "unknown" {
			t.Errorf("%+v", in)
		}
	}
	if s.SignIns[0].Net != s.SignIns[1].Net {
		t.Error("two addresses of one network are kept as two")
	}
	w.ok(st.Close())
	for _, file := range []string{path, path + "-wal"} {
		content, err := os.ReadFile(file)
		if err == nil && (bytes.Contains(content, []byte(inBeijing)) || bytes.Contains(content, []byte(alsoInBeijing)) || bytes.Contains(content, []byte("203.0.113"))) {
			t.Errorf("%s holds the address", filepath.Base(file))
		}
	}
}

func TestReportSignIn_IsTheProductsToSay(t *testing.T) {
	w := newWorld(t)
	o, other := w.owner("own"), w.owner("other")
	err := w.ReportSignIn(w.ctx, o.by, engine.Idem{}, o.account, engine.NewSignIn{})
	w.refused(jieling.CodeForbidden, err)
	for field, in := range map[string]engine.NewSignIn{
		"address": {Address: "home"}, "device": {Device: other.phone.ID}, "binding": {Binding: other.qq.ID}, "platform": {Platform: "fridge"},
	} {
		err := w.ReportSignIn(w.ctx, w.product, engine.Idem{}, o.account, in)
		var told *jieling.Error
		if !errors.As(err, &told) || told.Code != jieling.CodeInvalid || told.Fields[0].Field != field {
			t.Errorf("%+v: %v", in, err)
		}
	}
	before, err := w.Account(w.ctx, w.product, o.account)
	w.ok(err)
	key := engine.Idem{Key: "once"}
	for range 2 {
		w.ok(w.ReportSignIn(w.ctx, w.product, key, o.account, engine.NewSignIn{}))
	}
	s, err := w.Store.Load(w.ctx, store.Need{Account: o.account, With: store.SignIns})
	w.ok(err)
	if len(s.SignIns) != 1 || s.Account.Version != before.Version {
		t.Errorf("%d sign-ins, version %d after %d", len(s.SignIns), s.Account.Version, before.Version)
	}
}
