// Package providertest is the exam every connector to a login provider must pass: it identifies a person who said yes,
// tells a used code from a provider that is away, never takes nonsense for an answer (S30), and tells no secret in an error.
package providertest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
)

// Redirect is where the exam's people come back to.
const Redirect = "https://id.example.test/back"

// Exam describes a connector and the party behind it to the examiner.
type Exam struct {
	// New makes the connector for a party at this URL.
	New func(t *testing.T, base string) provider.Provider
	// Party is a party that plays fair.
	Party string
	// SignIn has a person say yes at the address, and gives where they were sent back to.
	SignIn func(t *testing.T, authorize string) *url.URL
	// Withdraw has that person take the grant back at the provider.
	Withdraw func(t *testing.T)
	// Foreign makes a grant that the provider never gave out of one that it gave; nil replaces its access_token.
	Foreign func(t *testing.T, grant []byte) []byte
	// Want is who they are; Grant is not compared.
	Want provider.Identity
	// Secrets must never show in an error.
	Secrets []string
}

// Run holds the exam.
func Run(t *testing.T, e Exam) {
	t.Run("a person who said yes is identified", e.identifies)
	t.Run("a code is good once", e.once)
	t.Run("the grant stands until it is taken back", e.probes)
	t.Run("S30: nonsense is no answer", e.nonsense)
	t.Run("S30: silence is no answer", e.silence)
}

// signIn takes a person through and gives the code they come back with.
func (e Exam) signIn(t *testing.T, p provider.Provider) string {
	t.Helper()
	const state = "a state/with?odd&signs=1"
	back := e.SignIn(t, p.AuthorizeURL(state, Redirect))
	if got := back.Query().Get("state"); got != state || !strings.HasPrefix(back.String(), Redirect+"?") {
		t.Fatalf("came back to %s", back)
	}
	return back.Query().Get("code")
}

func (e Exam) identifies(t *testing.T) {
	p := e.New(t, e.Party)
	got, err := p.Identify(t.Context(), e.signIn(t, p), Redirect)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e.Want, got, cmpopts.IgnoreFields(provider.Identity{}, "Grant")); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(got.Label, got.Subject) {
		t.Error("the label shows the subject")
	}
}

func (e Exam) once(t *testing.T) {
	p := e.New(t, e.Party)
	code := e.signIn(t, p)
	if _, err := p.Identify(t.Context(), code, Redirect); err != nil {
		t.Fatal(err)
	}
	for what, bad := range map[string]string{"used": code, "unknown": "NEVERGIVEN", "empty": ""} {
		_, err := p.Identify(t.Context(), bad, Redirect)
		if jieling.CodeOf(err) != jieling.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
		e.discreet(t, err, code)
	}
}

func (e Exam) probes(t *testing.T) {
	p := e.New(t, e.Party)
	who, err := p.Identify(t.Context(), e.signIn(t, p), Redirect)
	if err != nil {
		t.Fatal(err)
	}
	prober := p.(provider.Prober)
	expect := func(want provider.GrantState) {
		t.Helper()
		if got, err := prober.Probe(t.Context(), who.Grant); err != nil || got != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	expect(provider.GrantStands)
	e.Withdraw(t)
	expect(provider.GrantWithdrawn)
	if e.Foreign == nil {
		e.Foreign = unknownTo
	}
	who.Grant = e.Foreign(t, who.Grant)
	expect(provider.GrantExpired)
	for _, damaged := range []string{"", "{}", "null", "<>"} {
		if state, err := prober.Probe(t.Context(), []byte(damaged)); err == nil || state != "" {
			t.Errorf("a damaged grant %q: %q", damaged, state)
		}
	}
}

// unknownTo makes a grant with a token the provider never gave.
func unknownTo(t *testing.T, grant []byte) []byte {
	t.Helper()
	var fields map[string]string
	if err := json.Unmarshal(grant, &fields); err != nil {
		t.Fatal(err)
	}
	fields["access_token"] = strings.Repeat("x", len(fields["access_token"]))
	changed, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func (e Exam) nonsense(t *testing.T) {
	honest := e.New(t, e.Party)
	who, err := honest.Identify(t.Context(), e.signIn(t, honest), Redirect)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	write := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = io.WriteString(w, body) }
	}
	for what, party := range map[string]http.HandlerFunc{
		"a page instead":  write(http.StatusOK, "<html><body>maintenance</body></html>"),
		"broken":          write(http.StatusBadGateway, "<html>502</html>"),
		"nothing":         write(http.StatusOK, ""),
		"null":            write(http.StatusOK, "null"),
		"an empty object": write(http.StatusOK, "{}"),
		"a list":          write(http.StatusOK, "[]"),
		"cut off":         write(http.StatusOK, `{"access_token":"AT`),
		"half a callback": write(http.StatusOK, `callback( {"openid":"x"}`),
		"wrong types":     write(http.StatusOK, `{"access_token":1,"openid":{},"client_id":[],"errcode":"0"}`),
		"too much":        write(http.StatusOK, `{"access_token":"`+strings.Repeat("x", 2<<20)+`"}`),
		"an echo":         func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.String()) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"?"+r.URL.RawQuery, http.StatusTemporaryRedirect)
		},
	} {
		t.Run(what, func(t *testing.T) {
			srv := httptest.NewServer(party)
			defer srv.Close()
			p := e.New(t, srv.URL)
			e.away(t, t.Context(), p, who.Grant)
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		e.away(t, t.Context(), e.New(t, "http://127.0.0.1:1"), who.Grant)
	})
}

func (e Exam) silence(t *testing.T) {
	honest := e.New(t, e.Party)
	who, err := honest.Identify(t.Context(), e.signIn(t, honest), Redirect)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer srv.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	e.away(t, ctx, e.New(t, srv.URL), who.Grant)
}

// away expects that neither question is answered.
func (e Exam) away(t *testing.T, ctx context.Context, p provider.Provider, grant []byte) {
	t.Helper()
	who, err := p.Identify(ctx, "CODE-OF-A-PERSON", Redirect)
	if jieling.CodeOf(err) != jieling.CodeDependency || who.Subject != "" {
		t.Errorf("Identify: %q, %v", who.Subject, err)
	}
	state, probeErr := p.(provider.Prober).Probe(ctx, grant)
	if jieling.CodeOf(probeErr) != jieling.CodeDependency || state != "" {
		t.Errorf("Probe: %q, %v", state, probeErr)
	}
	var fields map[string]string
	_ = json.Unmarshal(grant, &fields)
	e.discreet(t, errors.Join(err, probeErr), "CODE-OF-A-PERSON", fields["access_token"], fields["openid"])
}

func (e Exam) discreet(t *testing.T, err error, secrets ...string) {
	t.Helper()
	for _, secret := range append(secrets, e.Secrets...) {
		if secret != "" && err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("an error tells %q: %v", secret, err)
		}
	}
}
