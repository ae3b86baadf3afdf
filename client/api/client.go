package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// New makes a client of the service at baseURL (https://id.example.com, without /v1) that calls with an API key. A call is
// given up on after 30 seconds and one more for each 256 KiB that it carries, or sooner if its context ends; redirects are not followed, because the service makes none.
// The client is safe for concurrent use.
func New(baseURL, apiKey string) (*Client, error) {
	u, err := url.Parse(baseURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("api: the base URL %q is not an absolute http or https URL", baseURL)
	}
	c, err := NewClient(u.JoinPath("v1").String(), key(func() string { return apiKey }), WithClient(caller{http.Client{CheckRedirect: stay}}))
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	return c, nil
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// NewKey makes an idempotency key: 128 random bits as text. Make one for each thing a person does, and keep it until the
// answer is there.
func NewKey() string { return rand.Text() }

// key hands an API key to generated code. It is a function because a client is printed with all that is in it, and of a
// function only its address is.
type key func() string

// ApiKey implements SecuritySource.
func (k key) ApiKey(context.Context, OperationName) (ApiKey, error) { return ApiKey{Token: k()}, nil }

// caller turns refusals into errors before generated code sees them.
type caller struct{ http http.Client }

// Do sends a request. Any answer that is not a success is returned as a *Problem.
func (c caller) Do(r *http.Request) (*http.Response, error) {
	c.http.Timeout = patience(r)
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode/100 == 2 {
		return answer, nil
	}
	defer answer.Body.Close()
	return nil, problemOf(answer)
}

// patience is how long a call may take: what it carries may have a slow way.
func patience(r *http.Request) time.Duration {
	return 30*time.Second + time.Duration(max(r.ContentLength, 0)>>18)*time.Second
}

// problemOf reads a refusal. One that is not a problem document, from a proxy on the way, say, has no Code.
func problemOf(answer *http.Response) *Problem {
	p := &Problem{Title: answer.Status, Status: answer.StatusCode, Detail: "the answer is not a problem document"}
	if kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); kind != "application/problem+json" {
		return p
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return p
	}
	var told Problem
	if err := told.UnmarshalJSON(body); err != nil {
		return p
	}
	return &told
}

// Error implements error: the code, what happened, and which fields were at fault.
func (s *Problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "jieling: %d %s: %s", s.Status, s.Code, s.Detail)
	for _, f := range s.Errors {
		fmt.Fprintf(&b, " (%s: %s)", f.Field, f.Message)
	}
	return b.String()
}

// Wait is how long to wait before trying again, zero where the service did not say.
func (s *Problem) Wait() time.Duration { return time.Duration(s.RetryAfter.Value) * time.Second }
