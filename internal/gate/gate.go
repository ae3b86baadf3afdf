package gate

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/store"
)

// MaxBody is the most that a request's body may hold, in bytes. Documents have a door of their own.
const MaxBody = 1 << 20

// MaxDocuments is the most where people hand in documents: four pictures of 8 MiB, and what is around them.
const MaxDocuments = 33 << 20

// Config is what a gate works with. Fields without a remark are required.
type Config struct {
	Keys     func(context.Context) ([]store.Key, error)                                    // every key that is not revoked
	Sessions func(ctx context.Context, token string) (jieling.Actor, store.Session, error) // a person's session by its cookie
	Secure   bool                                                                          // people reach us by https: cookies and headers insist on it
	Proxies  []netip.Prefix                                                                // our own reverse proxies, whose X-Forwarded-For counts; may be empty
	PerKey   Rate                                                                          // of one API key; zero means no bound
	PerHost  Rate                                                                          // of one address, for pages and for callers without a valid key; zero means no bound
	Served   func(route, method string, status int, took time.Duration)                    // told of every answer; nil: nobody counts
	Now      func() time.Time                                                              // nil means time.Now
	Random   io.Reader                                                                     // nil means crypto/rand
	Log      *slog.Logger                                                                  // nil means slog.Default
}

// Gate is the porch that both doors, pages and API, stand behind. It is safe for concurrent use.
type Gate struct {
	keys     keys
	sessions func(context.Context, string) (jieling.Actor, store.Session, error)
	origin   *http.CrossOriginProtection
	perKey   *limiter[string]
	perHost  *limiter[netip.Prefix]
	secure   bool
	proxies  []netip.Prefix
	served   func(string, string, int, time.Duration)
	now      func() time.Time
	random   io.Reader
	log      *slog.Logger
}

// New makes a gate.
func New(c Config) *Gate {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Served == nil {
		c.Served = func(string, string, int, time.Duration) {}
	}
	return &Gate{
		keys:     keys{load: c.Keys, now: c.Now},
		sessions: c.Sessions,
		origin:   http.NewCrossOriginProtection(),
		perKey:   newLimiter[string](c.PerKey, c.Now),
		perHost:  newLimiter[netip.Prefix](c.PerHost, c.Now),
		secure:   c.Secure,
		proxies:  c.Proxies,
		served:   c.Served,
		now:      c.Now,
		random:   c.Random,
		log:      c.Log,
	}
}

// Program recognises a product back end by the API key in "Authorization: Bearer jl_…" and counts the request against the
// key's rate. A caller without a valid key is CodeUnauthenticated and counts against its address's rate; a valid key never
// does, so that strangers cannot lock a product out (ASVS 6.1.1).
func (g *Gate) Program(r *http.Request) (jieling.Actor, error) {
	actor, err := g.keys.actor(r.Context(), bearer(r))
	if err != nil {
		return jieling.Actor{}, g.stranger(r, err)
	}
	return actor, g.perKey.take(actor.Name)
}

// stranger counts a caller nobody recognised.
func (g *Gate) stranger(r *http.Request, err error) error {
	if limited := g.perHost.take(VisitOf(r.Context()).Address); limited != nil {
		return limited
	}
	return err
}

// What a call may ask for beside the scopes of API keys.
const (
	ScopeOpen  = "open"  // anybody: where somebody signs in
	ScopeStaff = "staff" // a member's session, and no key
)

// Caller recognises who makes a call, and checks that they may make it: a product by its API key, a member of staff by the token of
// their session, both in "Authorization: Bearer". Either is CodeForbidden where the other is meant. member is [Staff.Member].
func (g *Gate) Caller(r *http.Request, scope string, member func(context.Context, string) (jieling.Actor, error)) (jieling.Actor, error) {
	if scope == ScopeOpen {
		return jieling.Actor{}, g.perHost.take(VisitOf(r.Context()).Address)
	}
	secret := bearer(r)
	if secret == "" || strings.HasPrefix(secret, keyPrefix) {
		actor, err := g.Program(r)
		if err != nil {
			return jieling.Actor{}, err
		}
		return actor, Allow(actor, scope)
	}
	actor, err := member(r.Context(), secret)
	switch {
	case jieling.CodeOf(err) == jieling.CodeUnauthenticated:
		return jieling.Actor{}, g.stranger(r, err)
	case err != nil:
		return jieling.Actor{}, err
	}
	return actor, Allow(actor, scope)
}

// bearer is the secret in a request's Authorization, "" where there is none.
func bearer(r *http.Request) string {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || len(secret) > 256 {
		return ""
	}
	return secret
}

// Allow checks that an actor may begin to ask for something under a scope. People have no scopes: what they may touch is
// their own account, which the engine checks.
func Allow(actor jieling.Actor, scope string) error {
	switch {
	case (scope == ScopeStaff) != (actor.Kind == jieling.ActorStaff):
		return jieling.Refuse(jieling.CodeForbidden, "工作人员的会话和 API 密钥各有各的入口，这里不接受这一种。", "A member's session and an API key each have calls of their own; this one takes the other.")
	case actor.Kind == jieling.ActorStaff, actor.Kind == jieling.ActorPerson,
		slices.Contains(actor.Scopes, scope),
		slices.Contains(actor.Scopes, engine.ScopeAdmin):
		return nil
	}
	return jieling.Refuse(jieling.CodeForbidden, "该密钥没有“"+scope+"”权限。", "This key does not have the scope "+scope+".")
}
