package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
)

// ErrForbidden says that an address is one we do not call for others.
var ErrForbidden = errors.New("an address that is not called")

// Guard keeps calls to addresses that others chose away from our own network (OWASP ASVS 1.3.6, 15.3.2). The zero value lets
// nothing but https to public addresses through.
type Guard struct {
	Private []netip.Prefix // networks that are not public and may be called nonetheless, there also without TLS
	Roots   *x509.CertPool // to trust instead of the system's; nil: the system's
}

// Check reads an address somebody chose. It must be an absolute https URL of at most 2,048 bytes without user and fragment; http
// only to an address of Private, written as a number or as localhost. What a name resolves to is not asked here: it may be
// another thing by the time it is called, and then the client sees to it.
func (g Guard) Check(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || len(raw) > 2048 || u.Host == "" || u.Hostname() == "":
		return nil, errors.New("must be an absolute URL of at most 2048 bytes")
	case u.User != nil || u.Fragment != "":
		return nil, errors.New("must hold no user and no fragment")
	case u.Scheme != "https" && !(u.Scheme == "http" && g.home(u.Hostname())):
		return nil, errors.New("must be https")
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !g.allows(addr) {
		return nil, errors.New("must be a public address")
	}
	return u, nil
}

// home reports that a host, as it is written, is in a network that may be called without TLS.
func (g Guard) home(host string) bool {
	if host == "localhost" {
		host = "127.0.0.1"
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && g.listed(addr.Unmap())
}

func (g Guard) listed(addr netip.Addr) bool {
	return slices.ContainsFunc(g.Private, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// allows reports that an address may be called.
func (g Guard) allows(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if g.listed(addr) {
		return true
	}
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !slices.ContainsFunc(inner[:], func(p netip.Prefix) bool { return p.Contains(addr) })
}

// inner are the networks that are global by their form and not by their use, and those that carry an IPv4 address in an IPv6 one.
var inner = [...]netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("fec0::/10"),
}

// Client makes a client that looks at every address when it is about to connect to it, after its name was resolved. It goes
// through no proxy, which would resolve names by itself, and keeps no connection: addresses are many, and called seldom.
func (g Guard) Client() *Client {
	dial := net.Dialer{Timeout: Timeout / 2, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !g.allows(at.Addr()) {
			return ErrForbidden
		}
		return nil
	}}
	c := New()
	c.http.Transport = &http.Transport{
		DialContext:            dial.DialContext,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{RootCAs: g.Roots},
		TLSHandshakeTimeout:    Timeout / 2,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        Timeout,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return c
}

// Reason says in a few words why a call gave no answer: safe to show to whoever chose the address, and nothing that would make
// us their eyes in a network.
func Reason(err error) string {
	certificate, badCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case errors.Is(err, ErrForbidden):
		return "the address is not one that is called"
	case errors.Is(err, ErrRedirect):
		return "it answered with a redirect, which is not followed"
	case errors.Is(err, ErrTooLarge):
		return "it answered too much"
	case errors.Is(err, context.DeadlineExceeded):
		return "it did not answer in time"
	case badCertificate && certificate != nil:
		return "its certificate is not trusted"
	}
	return "it could not be reached"
}
