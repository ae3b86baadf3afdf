package secevent_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/provider/providertest"
	"github.com/jieling-id/jieling/internal/provider/secevent"
)

var newKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

const (
	google = "https://accounts.google.com/"
	apple  = "https://appleid.apple.com"
	ours   = "123.apps.example"
)

// issuer publishes keys, and counts who asks.
type issuer struct {
	*httptest.Server
	asked atomic.Int64
	names atomic.Pointer[[]string]
	away  atomic.Bool
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{}
	i.names.Store(&[]string{"k1"})
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		i.asked.Add(1)
		if i.away.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		var set jose.JSONWebKeySet
		for _, name := range *i.names.Load() {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: newKey().Public(), KeyID: name, Algorithm: "RS256", Use: "sig"})
		}
		_ = json.NewEncoder(w).Encode(set)
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) listener(t *testing.T, is string, asApple bool) *secevent.Listener {
	t.Helper()
	l, err := secevent.New(secevent.Config{
		Name: jieling.Text{ZH: "签发方", EN: "the issuer"}, Issuer: is, Audience: []string{"other", ours}, KeysURL: i.URL, Apple: asApple,
		Now: func() time.Time { return providertest.At },
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// signed signs claims; change may alter what the header says.
func signed(t *testing.T, claims any, header map[jose.HeaderKey]any, alg jose.SignatureAlgorithm, key any) string {
	t.Helper()
	options := &jose.SignerOptions{ExtraHeaders: header}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	text, ok := claims.(string)
	if !ok {
		body, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		text = string(body)
	}
	out, err := signer.Sign([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	compact, err := out.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

// pushed makes the call of a token; typ "" leaves the type out.
func pushed(t *testing.T, message, typ string) provider.Call {
	t.Helper()
	header := map[jose.HeaderKey]any{"kid": "k1"}
	if typ != "" {
		header["typ"] = typ
	}
	return provider.Call{
		Method: http.MethodPost, Query: url.Values{}, Header: http.Header{"Content-Type": {"application/secevent+jwt"}},
		Body: []byte(signed(t, message, header, jose.RS256, newKey())),
	}
}

// claims writes a token's claims: those of every one, and more. iat stands in for its time.
func claims(jti, more string) string {
	return fmt.Sprintf(`{"iss":%q,"aud":%q,"iat":IAT,"jti":%q,%s}`, google, ours, jti, more)
}

// timed puts the time into a message.
func timed(message string, at time.Time) string {
	return strings.ReplaceAll(message, "IAT", fmt.Sprint(at.Unix()))
}

const (
	riscBase = "https://schemas.openid.net/secevent/risc/event-type/"
	caepBase = "https://schemas.openid.net/secevent/caep/event-type/"
)

// byIssuer is a good exam's part that both forms have.
func exam(t *testing.T, i *issuer, typ string) providertest.NoticeExam {
	return providertest.NoticeExam{
		Listener: i.listener(t, google, false), Horizon: secevent.Horizon, Reply: provider.Reply{Status: http.StatusAccepted},
		Sign: func(t *testing.T, message string, at time.Time) provider.Call {
			return pushed(t, timed(message, at), typ)
		},
	}
}

// TestNotices_Standard is the form of the Shared Signals Framework.
func TestNotices_Standard(t *testing.T) {
	said := func(k jieling.NoticeKind, at time.Time) *jieling.ProviderNotice {
		return &jieling.ProviderNotice{Kind: k, Subject: "1000001", At: at}
	}
	of := func(jti, uri, more string) string {
		return claims(jti, fmt.Sprintf(`"sub_id":{"format":"iss_sub","iss":%q,"sub":"1000001"},"events":{%q:{%s}}`, google, uri, more))
	}
	with := func(subject string) string {
		return claims("s"+fmt.Sprint(len(subject)), fmt.Sprintf(`"sub_id":%s,"events":{%q:{}}`, subject, riscBase+"account-purged"))
	}
	e := exam(t, newIssuer(t), "secevent+jwt")
	at := time.UnixMilli(1699990000500).UTC()
	e.Good = map[string]providertest.Told{
		"purged":          providertest.Says(of("1", riscBase+"account-purged", ""), said(jieling.AccountDeleted, providertest.At)),
		"disabled":        providertest.Says(of("2", riscBase+"account-disabled", `"reason":"bulk-account"`), said(jieling.AccountDisabled, providertest.At)),
		"hijacked":        providertest.Says(of("3", riscBase+"account-disabled", `"reason":"hijacking"`), said(jieling.AccountHijacked, providertest.At)),
		"enabled":         providertest.Says(of("4", riscBase+"account-enabled", ""), said(jieling.AccountEnabled, providertest.At)),
		"compromised":     providertest.Says(of("5", riscBase+"credential-compromise", `"credential_type":"password","event_timestamp":1699990000.5`), said(jieling.CredentialCompromised, at)),
		"change required": providertest.Says(of("6", riscBase+"account-credential-change-required", ""), said(jieling.CredentialCompromised, providertest.At)),
		"session revoked": providertest.Says(of("7", caepBase+"session-revoked", ""), said(jieling.SessionsRevoked, providertest.At)),
		"complex, by its user": providertest.Says(with(fmt.Sprintf(`{"format":"complex","user":{"format":"iss_sub","iss":%q,"sub":"1000001"},"tenant":{"format":"opaque","id":"t"}}`, google)),
			said(jieling.AccountDeleted, providertest.At)),
		"verification":         providertest.Says(claims("8", `"sub_id":{"format":"opaque","id":"stream"},"events":{"https://schemas.openid.net/secevent/ssf/event-type/verification":{"state":"x"}}`), nil),
		"an event of tomorrow": providertest.Says(of("9", riscBase+"account-teleported", ""), nil),
		"S5: a mailbox":        providertest.Says(with(`{"format":"email","email":"lin@example.com"}`), nil),
		"S5: another issuer's": providertest.Says(with(`{"format":"iss_sub","iss":"https://accounts.google.com","sub":"1000001"}`), nil),
		"nobody":               providertest.Says(with(`{"format":"iss_sub","iss":"`+google+`"}`), nil),
	}
	e.Foreign = map[string]string{
		"another issuer":   strings.Replace(of("1", riscBase+"account-purged", ""), `"iss":"`+google, `"iss":"https://accounts.google.com`, 1),
		"another audience": strings.Replace(of("1", riscBase+"account-purged", ""), ours, "else.apps.example", 1),
		"no audience":      strings.Replace(of("1", riscBase+"account-purged", ""), `"aud":"`+ours+`",`, "", 1),
		"one that expires": strings.Replace(of("1", riscBase+"account-purged", ""), `"jti"`, `"exp":1800000000,"jti"`, 1),
		"one with a sub":   strings.Replace(of("1", riscBase+"account-purged", ""), `"jti"`, `"sub":"1000001","jti"`, 1),
	}
	e.Unreadable = map[string]string{
		"no name":   strings.Replace(of("1", riscBase+"account-purged", ""), `"jti":"1",`, "", 1),
		"no events": claims("1", `"sub_id":{"format":"iss_sub","iss":"`+google+`","sub":"1000001"}`), "an event that is none": claims("1", `"sub_id":{},"events":{"x":1}`),
		"words": "hello", "events in a list": claims("1", `"sub_id":{},"events":[]`),
	}
	e.Tampered = map[string]func(*provider.Call){
		"another content type": func(c *provider.Call) { c.Header.Set("Content-Type", "application/json") },
		"no type": func(c *provider.Call) {
			*c = pushed(t, timed(of("1", riscBase+"account-purged", ""), providertest.At), "")
		},
		"an ID token's type": func(c *provider.Call) {
			*c = pushed(t, timed(of("1", riscBase+"account-purged", ""), providertest.At), "JWT")
		},
		"no algorithm": func(c *provider.Call) {
			parts := strings.Split(string(c.Body), ".")
			c.Body = []byte("eyJhbGciOiJub25lIiwia2lkIjoiazEifQ." + parts[1] + ".")
		},
		"an algorithm of one secret": func(c *provider.Call) {
			c.Body = []byte(signed(t, timed(of("1", riscBase+"account-purged", ""), providertest.At), map[jose.HeaderKey]any{"kid": "k1", "typ": "secevent+jwt"}, jose.HS256, []byte(strings.Repeat("k", 32))))
		},
		"a stranger's key of the same name": func(c *provider.Call) {
			key, err := rsa.GenerateKey(rand.Reader, 2048)
			if err != nil {
				t.Fatal(err)
			}
			c.Body = []byte(signed(t, timed(of("1", riscBase+"account-purged", ""), providertest.At), map[jose.HeaderKey]any{"kid": "k1", "typ": "secevent+jwt"}, jose.RS256, key))
		},
	}
	e.Notices(t)
}

// TestNotices_Google is the form from before the standard.
func TestNotices_Google(t *testing.T) {
	of := func(jti, uri, more string) string {
		return claims(jti, fmt.Sprintf(`"events":{%q:{"subject":{"subject_type":"iss-sub","iss":%q,"sub":"1000001"}%s}}`, uri, google, more))
	}
	said := func(k jieling.NoticeKind) *jieling.ProviderNotice {
		return &jieling.ProviderNotice{Kind: k, Subject: "1000001", At: providertest.At}
	}
	e := exam(t, newIssuer(t), "")
	e.Good = map[string]providertest.Told{
		"hijacked":       providertest.Says(of("1", riscBase+"account-disabled", `,"reason":"hijacking"`), said(jieling.AccountHijacked)),
		"tokens revoked": providertest.Says(of("2", "https://schemas.openid.net/secevent/oauth/event-type/tokens-revoked", ""), said(jieling.ConsentWithdrawn)),
		"signed out":     providertest.Says(of("3", riscBase+"sessions-revoked", ""), said(jieling.SessionsRevoked)),
		"by its claims":  providertest.Says(strings.Replace(of("4", riscBase+"account-enabled", ""), "iss-sub", "id_token_claims", 1), said(jieling.AccountEnabled)),
		"a single token": providertest.Says(claims("5", `"events":{"https://schemas.openid.net/secevent/oauth/event-type/token-revoked":{"subject":{"subject_type":"oauth_token","token":"x"}}}`), nil),
		"verification":   providertest.Says(claims("6", `"events":{"`+riscBase+`verification":{"state":"x"}}`), nil),
	}
	e.Foreign = map[string]string{"another issuer": strings.Replace(of("1", riscBase+"account-disabled", ""), google, "https://evil.example/", 1)}
	e.Unreadable = map[string]string{"an ID token": claims("1", `"sub":"1000001","email":"lin@example.com","exp":1800000000`)}
	e.Notices(t)
}

// TestNotices_Apple: the event is JSON in a text, booleans are texts, and the deletion has two spellings.
func TestNotices_Apple(t *testing.T) {
	of := func(jti, kind string) string {
		inner, err := json.Marshal(fmt.Sprintf(`{"type":%q,"sub":"001000.aaaa.0001","event_time":1699990000123,"email":"x@privaterelay.appleid.com","is_private_email":"true"}`, kind))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf(`{"iss":%q,"aud":%q,"iat":IAT,"exp":1800000000,"jti":%q,"events":%s}`, apple, ours, jti, inner)
	}
	said := func(k jieling.NoticeKind) *jieling.ProviderNotice {
		return &jieling.ProviderNotice{Kind: k, Subject: "001000.aaaa.0001", At: time.UnixMilli(1699990000123).UTC()}
	}
	i := newIssuer(t)
	providertest.NoticeExam{
		Listener: i.listener(t, apple, true), Horizon: secevent.Horizon, Reply: provider.Reply{Status: http.StatusOK},
		Sign: func(t *testing.T, message string, at time.Time) provider.Call {
			body, err := json.Marshal(map[string]string{"payload": signed(t, timed(message, at), map[jose.HeaderKey]any{"kid": "k1"}, jose.RS256, newKey())})
			if err != nil {
				t.Fatal(err)
			}
			return provider.Call{Method: http.MethodPost, Query: url.Values{}, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
		},
		Good: map[string]providertest.Told{
			"consent revoked":  providertest.Says(of("1", "consent-revoked"), said(jieling.ConsentWithdrawn)),
			"deleted":          providertest.Says(of("2", "account-delete"), said(jieling.AccountDeleted)),
			"deleted, too":     providertest.Says(of("3", "account-deleted"), said(jieling.AccountDeleted)),
			"the relay is off": providertest.Says(of("4", "email-disabled"), nil), "the relay is on": providertest.Says(of("5", "email-enabled"), nil),
			"an event of tomorrow": providertest.Says(of("6", "account-teleported"), nil),
		},
		Foreign:    map[string]string{"another app": strings.Replace(of("1", "consent-revoked"), ours, "com.example.else", 1), "another issuer": strings.Replace(of("1", "consent-revoked"), apple, google, 1)},
		Unreadable: map[string]string{"words": "hello", "no event": `{"iss":"` + apple + `","aud":"` + ours + `","iat":IAT,"jti":"1"}`, "nobody": strings.Replace(of("1", "consent-revoked"), "001000.aaaa.0001", "", 1)},
		Tampered:   map[string]func(*provider.Call){"another content type": func(c *provider.Call) { c.Header.Set("Content-Type", "text/plain") }},
	}.Notices(t)
}

// Keys are asked for once and kept; an unknown name has them asked for anew, but not whenever a stranger likes; and an issuer that is away
// makes no verdict: the call comes again (S30).
func TestS30_KeysThatCannotBeHadMakeNoVerdict(t *testing.T) {
	i := newIssuer(t)
	now := providertest.At
	l, err := secevent.New(secevent.Config{Issuer: google, Audience: []string{ours}, KeysURL: i.URL, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	hear := func(kid string) error {
		t.Helper()
		message := claims("1", fmt.Sprintf(`"sub_id":{"format":"iss_sub","iss":%q,"sub":"1000001"},"events":{%q:{}}`, google, riscBase+"account-purged"))
		call := pushed(t, "x", "")
		call.Body = []byte(signed(t, timed(message, now), map[jose.HeaderKey]any{"kid": kid, "typ": "secevent+jwt"}, jose.RS256, newKey()))
		got, err := l.Hear(t.Context(), call)
		if (err == nil) != (len(got.Notices) == 1) {
			t.Errorf("%v with %d notices", err, len(got.Notices))
		}
		return err
	}
	i.away.Store(true)
	if err := hear("k1"); jieling.CodeOf(err) != jieling.CodeDependency {
		t.Errorf("away: %v", err)
	}
	i.away.Store(false)
	for range 3 {
		if err := hear("k1"); err != nil {
			t.Errorf("again: %v", err)
		}
	}
	if n := i.asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
	i.names.Store(&[]string{"k2"})
	for range 3 {
		if err := hear("k2"); jieling.CodeOf(err) != jieling.CodeSignature {
			t.Errorf("a name nobody knows yet: %v", err)
		}
	}
	if n := i.asked.Load(); n != 2 {
		t.Errorf("asked %d times for strange names", n)
	}
	now = now.Add(time.Minute)
	if err := hear("k2"); err != nil || i.asked.Load() != 3 {
		t.Errorf("after a while: %v, asked %d times", err, i.asked.Load())
	}
	if err := hear("k1"); jieling.CodeOf(err) != jieling.CodeSignature {
		t.Errorf("a key that is published no more: %v", err)
	}
	now = now.Add(2 * time.Hour)
	i.away.Store(true)
	if err := hear("k2"); jieling.CodeOf(err) != jieling.CodeDependency {
		t.Errorf("keys that are old and cannot be had anew: %v", err)
	}
}

// A refusal is answered in RFC 8935's words.
func TestARefusalIsAnsweredAsTheTransmitterReadsIt(t *testing.T) {
	i := newIssuer(t)
	l := i.listener(t, google, false)
	for want, call := range map[string]provider.Call{
		"invalid_request":  {Method: http.MethodPost, Header: http.Header{"Content-Type": {"application/secevent+jwt"}}, Body: []byte("x")},
		"invalid_issuer":   pushed(t, timed(strings.Replace(claims("1", `"events":{}`), google, "https://else.example", 1), providertest.At), "secevent+jwt"),
		"invalid_audience": pushed(t, timed(strings.Replace(claims("1", `"events":{}`), ours, "else", 1), providertest.At), "secevent+jwt"),
	} {
		got, err := l.Hear(t.Context(), call)
		var said struct{ Err, Description string }
		if err == nil || got.Reply.Status != http.StatusBadRequest || json.Unmarshal(got.Reply.Body, &said) != nil || said.Err != want || said.Description == "" {
			t.Errorf("%s: %d %s (%v)", want, got.Reply.Status, got.Reply.Body, err)
		}
	}
}

func TestAConfigurationIsWhole(t *testing.T) {
	for what, bad := range map[string]secevent.Config{
		"no issuer": {Audience: []string{"a"}, KeysURL: "https://a.example/"}, "no audience": {Issuer: "a", KeysURL: "https://a.example/"},
		"an empty audience": {Issuer: "a", Audience: []string{""}, KeysURL: "https://a.example/"}, "keys in the clear": {Issuer: "a", Audience: []string{"a"}, KeysURL: "http://a.example/"},
		"no keys": {Issuer: "a", Audience: []string{"a"}},
	} {
		if _, err := secevent.New(bad); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
}
