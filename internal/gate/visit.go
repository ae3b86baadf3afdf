package gate

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"golang.org/x/text/language"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

// Visit is what is known of one request. There is one per request, made by [Gate.Admit]; whoever learns more writes it here.
type Visit struct {
	ID      string        // Request-Id of the answer, and of every line in the log
	Route   string        // the pattern that matched, such as /v1/cases/{case}; "" until one did
	Actor   jieling.Actor // zero until somebody was recognised
	Idem    engine.Idem   // zero where no key was given
	Nonce   string        // of the content security policy; only pages have one
	Address netip.Prefix  // whose rate this request counts against: one IPv4 address, one IPv6 /64

	language string // Accept-Language as it came; only refusals look at it
}

// From is the visitor's address as text, an IPv6 one without its lower half; "" where it is not known.
func (v *Visit) From() string {
	if !v.Address.IsValid() {
		return ""
	}
	return v.Address.Addr().String()
}

type visitKey struct{}

// VisitOf gives the request's visit. Outside of [Gate.Admit] it is an empty one.
func VisitOf(ctx context.Context) *Visit {
	if v, ok := ctx.Value(visitKey{}).(*Visit); ok {
		return v
	}
	return &Visit{}
}

// Lang is the language the caller reads: "en" or "zh-CN", which is also the answer where nothing was asked for.
func (v *Visit) Lang() string { return Lang(v.language) }

// languages in the order of preference; the first is taken where nothing fits.
var languages = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// Lang picks "zh-CN" or "en" from an Accept-Language header (RFC 9110, 12.5.4).
func Lang(accept string) string {
	if accept == "" || len(accept) > 256 {
		return "zh-CN"
	}
	if _, i := language.MatchStrings(languages, accept); i == 1 {
		return "en"
	}
	return "zh-CN"
}

// address finds whose request this is. A forwarding header counts only when the peer is one of our own proxies, and in it
// only what the last of them wrote (ASVS 4.1.3): everything further left is the caller's own claim.
func (g *Gate) address(r *http.Request) netip.Prefix {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{}
	}
	addr := peer.Addr().Unmap()
	if len(g.proxies) == 0 {
		return network(addr)
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for g.trusted(addr) && len(hops) > 0 {
		last, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1]))
		if err != nil {
			break
		}
		addr, hops = last.Unmap(), hops[:len(hops)-1]
	}
	return network(addr)
}

func (g *Gate) trusted(addr netip.Addr) bool {
	for _, p := range g.proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// network is an address as its owner holds it: a single IPv4 address, but a whole IPv6 /64, of which one person has 2⁶⁴.
func network(addr netip.Addr) netip.Prefix {
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
