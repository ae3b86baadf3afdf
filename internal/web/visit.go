package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// visit is one request on its way through a handler.
type visit struct {
	*pages
	w    http.ResponseWriter
	r    *http.Request
	by   jieling.Actor // the zero actor where nobody is signed in
	page ui.Page       // what its answer will stand in
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// anybody serves a page that needs nobody signed in.
func (p *pages) anybody(serve func(*visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := p.receive(w, r)
		if r.Method == http.MethodPost {
			if err := r.ParseForm(); err != nil {
				v.problem(jieling.Refuse(jieling.CodeTooLarge, lang.ProblemTooLarge.In(lang.ZH), lang.ProblemTooLarge.In(lang.EN)))
				return
			}
		}
		serve(v)
	}
}

// owner serves a page that needs the account's owner; anybody else is told how to come in.
func (p *pages) owner(serve func(*visit)) http.HandlerFunc {
	return p.anybody(func(v *visit) {
		if v.by.Kind != jieling.ActorPerson {
			v.problem(&jieling.Error{Code: jieling.CodeUnauthenticated, Public: lang.SignInLead.Text()})
			return
		}
		serve(v)
	})
}

// receive finds out the language and makes the page around the answer.
func (p *pages) receive(w http.ResponseWriter, r *http.Request) *visit {
	// Our own origin must reach us with a form: a browser that sends no Sec-Fetch-Site is known by it. Nobody else is told.
	w.Header().Set("Referrer-Policy", "same-origin")
	at := gate.VisitOf(r.Context())
	v := &visit{pages: p, w: w, r: r, by: at.Actor}
	v.page = ui.Page{
		Lang: v.language(), Care: v.care(), Path: withoutChoices(r.URL), Assets: p.assets, Idem: token(), Nonce: at.Nonce,
		Signed: at.Actor.Kind == jieling.ActorPerson,
	}
	return v
}

const langCookie = "jieling-lang"

// language obeys, in this order, the address, an earlier choice, and the browser. A choice in the address is remembered.
func (v *visit) language() lang.Lang {
	asked := v.r.URL.Query().Get("lang")
	if lang.Lang(asked).Known() {
		v.choose(langCookie, asked)
	}
	chosen := ""
	if c, err := v.r.Cookie(langCookie); err == nil && len(c.Value) <= 16 {
		chosen = c.Value
	}
	accept := v.r.Header.Get("Accept-Language")
	if len(accept) > 256 {
		accept = ""
	}
	if len(asked) > 16 {
		asked = ""
	}
	return lang.Match(asked, chosen, accept)
}

const careCookie = "jieling-care"

// care obeys the address, then an earlier choice. A choice in the address is remembered.
func (v *visit) care() bool {
	asked := v.r.URL.Query().Get("care")
	if asked == "on" || asked == "off" {
		v.choose(careCookie, asked)
		return asked == "on"
	}
	c, err := v.r.Cookie(careCookie)
	return err == nil && c.Value == "on"
}

// choose keeps how a person likes their pages, for a year. It says nothing of who they are.
func (v *visit) choose(name, value string) {
	http.SetCookie(v.w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 60 * 60, Secure: v.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// withoutChoices is an address without what chooses how it looks, so that a switch can choose anew.
func withoutChoices(u *url.URL) string {
	q := u.Query()
	q.Del("lang")
	q.Del("care")
	if len(q) == 0 {
		return u.EscapedPath()
	}
	return u.EscapedPath() + "?" + q.Encode()
}

// token draws 128 random bits: a form's token, or a sign-in's state.
func token() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// show answers with a page. It is written out whole before the first byte leaves, so that a failure is still a clean one.
func (v *visit) show(status int, title lang.Sentence, c func(ui.Page) templ.Component) {
	if v.page.Title == "" {
		v.page.Title = v.page.Say(title)
	}
	var out bytes.Buffer
	if err := c(v.page).Render(v.ctx(), &out); err != nil {
		v.Gate.Complain(gate.VisitOf(v.ctx()), err)
		http.Error(v.w, v.page.Say(lang.ProblemTitle), http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", string(v.page.Lang))
	v.w.Header().Set("Vary", "Accept-Language, Cookie")
	v.w.WriteHeader(status)
	_, _ = out.WriteTo(v.w) // the reader has gone
}

// then sends the person to the page that shows what has come of it.
func (v *visit) then(path string) { http.Redirect(v.w, v.r, path, http.StatusSeeOther) }

// remember keeps a short-lived secret in this browser.
func (v *visit) remember(name, value string, life time.Duration) {
	http.SetCookie(v.w, &http.Cookie{
		Name: v.cookieName(name), Value: value, Path: "/", MaxAge: int(life / time.Second), Secure: v.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// recall gives such a secret back and forgets it.
func (v *visit) recall(name string) string {
	c, err := v.r.Cookie(v.cookieName(name))
	if err != nil {
		return ""
	}
	http.SetCookie(v.w, &http.Cookie{
		Name: v.cookieName(name), Path: "/", MaxAge: -1, Secure: v.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return c.Value
}

// cookieName adds the prefix that makes a browser insist on https and on our exact host; plain http cannot carry it.
func (v *visit) cookieName(name string) string {
	if v.Secure {
		return "__Host-" + name
	}
	return name
}
