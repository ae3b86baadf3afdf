// Package outbound makes one careful HTTP call to a party that is not ours: a login provider, a vendor, a participant. It
// bounds the time and the size of the answer, follows no redirect, and gives errors that are safe to log: what was asked
// travels in URLs that hold secrets (QQ and WeChat put theirs into the query), so no error carries a URL or anything the
// party sent. Where a party wants an access token first, [Access] gets one and keeps it.
//
// It does not retry and does not judge a status. Addresses that others choose are called by the client of a [Guard], which
// cannot be pointed at our own network.
package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

const (
	// Timeout ends a call whose context allows more.
	Timeout = 10 * time.Second
	// BodyLimit is the largest answer that is read, in bytes after decompression.
	BodyLimit = 1 << 20
)

// The ways in which a party answers what is no answer.
var (
	ErrRedirect = errors.New("answered with a redirect, which is not followed")
	ErrTooLarge = fmt.Errorf("answered more than %d bytes", BodyLimit)
	ErrNoAnswer = errors.New("gave no complete HTTP answer")
)

// Client calls parties. It keeps connections open between calls; one is enough for a connector.
type Client struct{ http http.Client }

// New makes a client.
func New() *Client {
	return &Client{http.Client{
		Timeout:       Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: Timeout / 2}).DialContext,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    Timeout / 2,
			MaxIdleConnsPerHost:    16,
			IdleConnTimeout:        90 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		},
	}}
}

// Reply is a complete answer.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends req and reads the whole answer. Errors name the host and the cause and nothing else; those of req's context can
// be told with errors.Is.
func (c *Client) Do(req *http.Request) (Reply, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return Reply{}, fmt.Errorf("%s: %w", req.URL.Host, bare(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return Reply{}, fmt.Errorf("%s: %w", req.URL.Host, ErrRedirect)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, BodyLimit+1))
	switch {
	case err != nil:
		return Reply{}, fmt.Errorf("%s: %w", req.URL.Host, bare(err))
	case len(body) > BodyLimit:
		return Reply{}, fmt.Errorf("%s: %w", req.URL.Host, ErrTooLarge)
	}
	return Reply{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

// bare keeps the part of a transport's error that cannot hold a URL or words of the party. net/http wraps everything into a
// *url.Error with the whole URL, and quotes a malformed answer.
func bare(err error) error {
	if network, ok := errors.AsType[*net.OpError](err); ok && !network.Timeout() {
		return network
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return certificate
	}
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded), ok && timeout.Timeout():
		return context.DeadlineExceeded
	}
	return ErrNoAnswer
}

// Base reads a party's base URL from configuration. It must be absolute, https, or http to this machine itself ("localhost"
// or a loopback address), and carry no user, query or fragment. The error does not repeat the URL.
func Base(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("base URL: it cannot be parsed")
	case !Safe(u):
		return nil, errors.New("base URL: it must be https with a host, or http to localhost")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("base URL: it must not hold a user, query or fragment")
	}
	return u, nil
}

// Safe reports whether u goes over TLS or stays on this machine.
func Safe(u *url.URL) bool {
	host := u.Hostname()
	if u.Scheme == "https" {
		return host != ""
	}
	addr, err := netip.ParseAddr(host)
	return u.Scheme == "http" && (host == "localhost" || err == nil && addr.IsLoopback())
}
