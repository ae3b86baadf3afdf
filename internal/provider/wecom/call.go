package wecom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/jieling-id/jieling/internal/provider"
)

// The errcodes that mean something to us.
const (
	tokenBad     = 40014
	codeBad      = 40029
	tokenLate    = 42001
	codeUsed     = 42022
	notTrusted   = 50001 // the page to come back to is not on the app's trusted domain
	notAllowed   = 60020 // our IP address is not on the app's list
	notAMember   = 60111
	tokenRenewed = time.Minute // before it runs out
)

// failure is what went wrong with one call: WeCom's errcode, where it gave one, and the error for the log.
type failure struct {
	code int
	err  error
}

// onCode tells, for a sign-in, the person's case from ours. What the operator must mend is said to the log.
func (f failure) onCode() error {
	switch f.code {
	case codeBad, codeUsed:
		return provider.BadCode(name, f.err)
	case notTrusted:
		return provider.Away(name, fmt.Errorf("%w: the centre's domain is not among the app's trusted domains", f.err))
	}
	return provider.Away(name, f.err)
}

// tokenCache holds the app's access token. WeCom gives the same token again while it is good, and limits how often it is asked.
type tokenCache struct {
	mu    sync.Mutex
	value string
	until time.Time
}

// access gives the app's token. stale is one that WeCom no longer takes, "" where none was tried.
func (p *Provider) access(ctx context.Context, stale string) (string, failure) {
	p.token.mu.Lock()
	defer p.token.mu.Unlock()
	now := p.config.Now()
	if p.token.value != "" && p.token.value != stale && now.Before(p.token.until) {
		return p.token.value, failure{}
	}
	var told struct {
		Token   string `json:"access_token"`
		Seconds int    `json:"expires_in"`
	}
	query := url.Values{"corpid": {p.config.CorpID}, "corpsecret": {p.config.Secret}}
	if e := p.once(ctx, http.MethodGet, "/cgi-bin/gettoken", query, nil, &told); e.err != nil {
		return "", failure{err: e.err} // its errcode is about us, never about the person
	}
	if told.Token == "" {
		return "", failure{err: errors.New("/cgi-bin/gettoken: the answer has no token")}
	}
	p.token.value, p.token.until = told.Token, now.Add(time.Duration(told.Seconds)*time.Second-tokenRenewed)
	return told.Token, failure{}
}

// call makes one call with the app's token, and once more with a new one where WeCom says that it was no longer good.
func (p *Provider) call(ctx context.Context, method, path string, query url.Values, body, out any) failure {
	stale := ""
	for {
		token, e := p.access(ctx, stale)
		if e.err != nil {
			return e
		}
		query.Set("access_token", token)
		e = p.once(ctx, method, path, query, body, out)
		if stale != "" || e.code != tokenBad && e.code != tokenLate {
			return e
		}
		stale = token
	}
}

// once makes one call. errcode is required, so that an empty object is no yes.
func (p *Provider) once(ctx context.Context, method, path string, query url.Values, in, out any) failure {
	body, err := json.Marshal(in)
	if err != nil {
		return failure{err: fmt.Errorf("%s: the request cannot be made", path)}
	}
	u := p.api.JoinPath(path)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return failure{err: fmt.Errorf("%s: the request cannot be made", path)}
	}
	if in == nil {
		req.Body, req.ContentLength = http.NoBody, 0
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	reply, err := p.client.Do(req)
	if err != nil {
		return failure{err: fmt.Errorf("%s: %w", path, err)}
	}
	tidy := provider.Tidy(reply.Body)
	var said struct {
		Code *int `json:"errcode"`
	}
	switch {
	case json.Unmarshal(tidy, &said) != nil || said.Code == nil:
		return failure{err: fmt.Errorf("%s: the answer has another shape", path)}
	case *said.Code == notAllowed:
		return failure{code: notAllowed, err: fmt.Errorf("%s: errcode %d: our IP address is not among the app's trusted ones", path, notAllowed)}
	case *said.Code != 0:
		return failure{code: *said.Code, err: fmt.Errorf("%s: errcode %d", path, *said.Code)}
	case json.Unmarshal(tidy, out) != nil:
		return failure{err: fmt.Errorf("%s: the answer has another shape", path)}
	}
	return failure{}
}
