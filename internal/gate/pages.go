package gate

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
)

// Pages wraps the door for people: everything of [Gate.Admit], their address's rate, a content security policy with a nonce
// for our own scripts, no state-changing request from another site, a bounded body, and their session where they have one.
// A page that needs somebody signed in looks at the visit's actor itself, because it knows where to send the others.
//
// The handler reports the pattern that matched by setting Visit.Route; an http.ServeMux does it by itself (Request.Pattern).
//
// Whoever is turned away at the door itself is told by refuse where they read HTML, and by [Gate.Refuse] otherwise. A nil
// refuse leaves all of it to the latter.
func (g *Gate) Pages(next http.Handler, refuse Refusal) http.Handler {
	return g.pages(next, refuse, MaxBody)
}

// Documents is Pages for the address where people hand in documents: its body may have [MaxDocuments] bytes.
func (g *Gate) Documents(next http.Handler, refuse Refusal) http.Handler {
	return g.pages(next, refuse, MaxDocuments)
}

func (g *Gate) pages(next http.Handler, refuse Refusal, most int64) http.Handler {
	return g.Admit(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visit := VisitOf(r.Context())
		if err := g.enter(w, r, visit); err != nil {
			if refuse == nil || !readsPages(r) {
				g.Refuse(w, r, err)
			} else {
				refuse(w, r, err)
			}
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		next.ServeHTTP(w, r)
		if visit.Route == "" {
			visit.Route = r.Pattern
		}
	}))
}

// Refusal tells a caller why they were turned away. It must not assume a session, and logs with [Gate.Complain].
type Refusal func(w http.ResponseWriter, r *http.Request, err error)

// readsPages reports that a caller asked for HTML by name (RFC 9110, 12.5.1), as browsers do for what they show.
func readsPages(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// enter checks what holds for every page. The policy comes first: the page that says no is a page too.
func (g *Gate) enter(w http.ResponseWriter, r *http.Request, visit *Visit) error {
	if err := g.policy(w, visit); err != nil {
		return err
	}
	if err := g.perHost.take(visit.Address); err != nil {
		return err
	}
	if err := g.origin.Check(r); err != nil {
		return jieling.Refuse(jieling.CodeForbidden,
			"请求来自其他网站，已拒绝。请从本站页面重新操作。", "The request came from another site and was refused. Start again from our own page.")
	}
	actor, err := g.Person(r)
	if err == nil {
		visit.Actor = actor
		return nil
	}
	if jieling.CodeOf(err) == jieling.CodeUnauthenticated {
		return nil
	}
	return err
}

// policy lets a page load our own style, images and connections, and scripts that carry the nonce; nobody may frame it (ASVS
// 3.4.3, 3.4.6) and forms go nowhere else.
func (g *Gate) policy(w http.ResponseWriter, visit *Visit) error {
	var b [16]byte
	if _, err := io.ReadFull(g.random, b[:]); err != nil {
		return fmt.Errorf("make a nonce: %w", err)
	}
	visit.Nonce = base64.RawStdEncoding.EncodeToString(b[:])
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+visit.Nonce+"'; style-src 'self'; img-src 'self' data:; "+
		"font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	return nil
}

// cookieName is what a person's session travels in. The prefix __Host- makes a browser insist on https, on our exact host
// and on the whole site; over plain http, which only a demo on loopback uses, a browser would not take it.
func (g *Gate) cookieName() string {
	if g.secure {
		return "__Host-jieling"
	}
	return "jieling"
}

// Person recognises a person by their session cookie, or answers CodeUnauthenticated.
func (g *Gate) Person(r *http.Request) (jieling.Actor, error) {
	token := g.SessionToken(r)
	if token == "" {
		return jieling.Actor{}, &jieling.Error{Code: jieling.CodeUnauthenticated}
	}
	actor, _, err := g.sessions(r.Context(), token)
	actor.Address = VisitOf(r.Context()).From()
	return actor, err
}

// SessionToken gives the token in a person's cookie, "" where there is none. It is a secret.
func (g *Gate) SessionToken(r *http.Request) string {
	c, err := r.Cookie(g.cookieName())
	if err != nil || len(c.Value) > 256 {
		return ""
	}
	return c.Value
}

// SignIn gives a person the cookie of a session just opened.
func (g *Gate) SignIn(w http.ResponseWriter, token string, expires time.Time) {
	http.SetCookie(w, g.cookie(token, expires, 0))
}

// SignOut takes the cookie away; ending the session is the engine's part.
func (g *Gate) SignOut(w http.ResponseWriter) { http.SetCookie(w, g.cookie("", time.Time{}, -1)) }

// cookie is Lax and not Strict, because people come back to us from providers' pages by a link and must still be signed in.
func (g *Gate) cookie(value string, expires time.Time, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: g.cookieName(), Value: value, Path: "/", Expires: expires, MaxAge: maxAge,
		Secure: g.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}
