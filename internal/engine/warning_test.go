package engine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/provider"
)

// watchful is a provider that knows one person, and says of them what a test wants.
type watchful struct {
	subject     string
	held, warns bool
	away        error
}

func (*watchful) AuthorizeURL(string, string) string { return "" }

func (p *watchful) Identify(context.Context, string, string) (provider.Identity, error) {
	if p.held {
		e := jieling.Refuse(jieling.CodeForbidden, "受限。", "Restricted.")
		e.Err = &provider.Warning{Subject: p.subject}
		return provider.Identity{}, e
	}
	return provider.Identity{Subject: p.subject, Label: "x", Grant: []byte("token")}, nil
}

func (p *watchful) Warned(context.Context, []byte) (bool, error) { return p.warns, p.away }

// P1: what the provider itself says against an identity is heard: where it lets the person no further, and where it is asked
// when a case is opened. A provider that cannot be asked warns of nothing, and vouches for nothing.
func TestP1_AProvidersWarningIsHeard(t *testing.T) {
	setUp := func() (*owner, *watchful) {
		w := newWorld(t)
		o := w.owner("watched", number)
		p := &watchful{subject: subject + "watched"}
		w.Providers = map[jieling.Provider]provider.Provider{jieling.QQ: p}
		_, err := w.SignIn(w.ctx, jieling.QQ, "code", jieling.Web, "")
		w.ok(err)
		return o, p
	}
	level := func(o *owner) string { return signal(t, o.ask(o.by, engine.Claims{}).Signals, "provider_risk").Level }

	o, p := setUp()
	if got := level(o); got != "none" {
		t.Errorf("let in just now: %s", got)
	}
	p.held = true
	_, err := o.SignIn(o.ctx, jieling.QQ, "code", jieling.Web, "")
	o.refused(jieling.CodeForbidden, err)
	if got := level(o); got != "reported" {
		t.Errorf("held back at the sign-in: %s", got)
	}

	o, p = setUp()
	p.warns = true
	v := o.open(jieling.Android)
	if s := signal(t, v.Signals, "provider_risk"); s.Level != "reported" || s.Trust != jieling.Attested || v.Decision.Scenario != jieling.Stolen {
		t.Errorf("warned when it was opened: %+v, %s", s, v.Decision.Scenario)
	}

	o, p = setUp()
	o.later(2 * day)
	p.warns, p.away = true, errors.New("away")
	v = o.open(jieling.Android)
	if got := level(o); got != "unknown" || v.Decision.Scenario != jieling.Routine {
		t.Errorf("not to be asked: %s, %s", got, v.Decision.Scenario)
	}
}
