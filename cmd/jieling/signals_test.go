package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/gate"
)

// partner is a receiver of security events that knows the specifications and nothing of ours: it discovers the transmitter, fetches
// its keys and verifies tokens by the standard library alone.
type partner struct {
	t      *testing.T
	http   *http.Client
	base   string
	key    string
	config map[string]any   // the discovery document
	pushed chan pushedToken // to its own server
	server *httptest.Server
	busy   chan struct{} // each makes the server refuse one token
}

type pushedToken struct {
	token, authorization string
	refused              bool
}

// token is a security event token that was verified.
type token struct {
	Iss    string                    `json:"iss"`
	Aud    string                    `json:"aud"`
	JTI    string                    `json:"jti"`
	IAT    int64                     `json:"iat"`
	SubID  map[string]any            `json:"sub_id"`
	Events map[string]map[string]any `json:"events"`
	all    map[string]any
}

// is names the one event of a token.
func (k token) is() string {
	for typ := range k.Events {
		return typ[strings.LastIndex(typ, "/")+1:]
	}
	return ""
}

// transmitter runs the whole service behind TLS, with somebody who receives behind TLS, too.
func transmitter(t *testing.T) (*app, *partner) {
	t.Helper()
	p := &partner{t: t, pushed: make(chan pushedToken, 64), busy: make(chan struct{}, 8)}
	p.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Content-Type") != "application/secevent+jwt" || r.Header.Get("Accept") != "application/json" {
			t.Errorf("a token came as %v", r.Header)
		}
		got := pushedToken{token: string(body), authorization: r.Header.Get("Authorization")}
		select {
		case <-p.busy:
			got.refused = true
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			w.WriteHeader(http.StatusAccepted)
		}
		p.pushed <- got
	}))
	t.Cleanup(p.server.Close)

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	names := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, names, names, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	ours, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(ours)
	p.http = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}

	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.base = fmt.Sprintf("https://localhost:%d", ln.Addr().(*net.TCPAddr).Port)
	dir := t.TempDir()
	a, err := assemble(t.Context(), config{
		BaseURL: p.base, DB: "sqlite:" + filepath.Join(dir, "jieling.db"), Keys: filepath.Join(dir, "keys.json"), Pack: "qq-wechat", Name: "test",
		Events: eventsConfig{
			Networks: []string{"127.0.0.0/8"}, Roots: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.server.Certificate().Raw})),
		},
	}, assembly{log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	secure := tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	go func() { served <- a.serve(ctx, secure, a.handler) }()
	t.Cleanup(func() {
		p.http.CloseIdleConnections()
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		a.close()
	})
	p.key = a.signalsKey(t, "partner", engine.ScopeSignals)
	p.config = map[string]any{}
	if status := p.call(http.MethodGet, p.base+"/.well-known/ssf-configuration", nil, &p.config); status != http.StatusOK {
		t.Fatalf("discovery: %d", status)
	}
	return a, p
}

func (a *app) signalsKey(t *testing.T, name string, scopes ...string) string {
	t.Helper()
	secret, row, err := gate.NewKey(name, scopes, time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.store.PutKey(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	return secret
}

// call makes a request with JSON and reads JSON.
func (p *partner) call(method, url string, in, out any) int {
	p.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		p.t.Fatal(err)
	}
	if in == nil {
		body = nil
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.http.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if out != nil && len(text) > 0 {
		if err := json.Unmarshal(text, out); err != nil {
			p.t.Fatalf("%s %s: %d %s", method, url, resp.StatusCode, text)
		}
	}
	return resp.StatusCode
}

// at is an endpoint of the discovery document.
func (p *partner) at(name string) string {
	p.t.Helper()
	url, ok := p.config[name].(string)
	if !ok {
		p.t.Fatalf("the transmitter has no %s: %v", name, p.config)
	}
	return url
}

// verify checks a token by the transmitter's published keys, and that it keeps the rules of security event tokens.
func (p *partner) verify(compact string) token {
	p.t.Helper()
	var set struct {
		Keys []struct{ Kid, Kty, Alg, N, E string }
	}
	p.call(http.MethodGet, p.at("jwks_uri"), nil, &set)
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		p.t.Fatalf("no compact JWS: %q", compact)
	}
	var raw [3][]byte
	for i, part := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			p.t.Fatal(err)
		}
	}
	var head struct{ Typ, Alg, Kid string }
	var out token
	if json.Unmarshal(raw[0], &head) != nil || json.Unmarshal(raw[1], &out) != nil || json.Unmarshal(raw[1], &out.all) != nil {
		p.t.Fatalf("%s %s", raw[0], raw[1])
	}
	if head.Typ != "secevent+jwt" || head.Alg != "RS256" {
		p.t.Errorf("the header is %s", raw[0])
	}
	digest, good := sha256.Sum256([]byte(parts[0]+"."+parts[1])), false
	for _, k := range set.Keys {
		n, _ := base64.RawURLEncoding.DecodeString(k.N)
		e, _ := base64.RawURLEncoding.DecodeString(k.E)
		public := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
		good = good || k.Kid == head.Kid && public.N.BitLen() >= 2048 && rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], raw[2]) == nil
	}
	if !good {
		p.t.Errorf("no published key verifies %s", raw[0])
	}
	if out.Iss != p.at("issuer") || out.JTI == "" || out.IAT == 0 || len(out.Events) != 1 || out.all["exp"] != nil || out.all["sub"] != nil || out.SubID == nil {
		p.t.Errorf("claims: %s", raw[1])
	}
	return out
}

// next is the next token that was pushed and taken.
func (p *partner) next() token {
	p.t.Helper()
	got := <-p.pushed
	if got.refused || got.authorization != "Bearer of-the-partner" {
		p.t.Errorf("pushed: %+v", got)
	}
	return p.verify(got.token)
}

// product acts for the product on one account.
type product struct {
	t  *testing.T
	a  *app
	id jieling.AccountID
}

func (a *app) productAccount(t *testing.T) product {
	t.Helper()
	by := jieling.Actor{Kind: jieling.ActorProduct, Name: "shop", Scopes: []string{engine.ScopeAdmin}}
	account, err := a.engine.RegisterAccount(t.Context(), by, engine.Idem{}, engine.NewAccount{ExternalID: "u-1", Kind: jieling.Personal})
	if err != nil {
		t.Fatal(err)
	}
	return product{t, a, account.ID}
}

func (p product) freeze(yes bool) {
	p.t.Helper()
	by := jieling.Actor{Kind: jieling.ActorProduct, Name: "shop", Scopes: []string{engine.ScopeAdmin}}
	do := p.a.engine.Unfreeze
	if yes {
		do = p.a.engine.Freeze
	}
	if _, err := do(p.t.Context(), by, engine.Idem{}, p.id, ""); err != nil {
		p.t.Fatal(err)
	}
}

// A partner discovers, creates a stream, verifies it, and is pushed tokens that it can verify: again with the same jti where it was
// busy, never of what it left out, later of what happened while it was paused, and never of what happened while it was disabled.
func TestSSF_PushOverTheWire(t *testing.T) {
	a, p := transmitter(t)
	account := a.productAccount(t)
	var made struct {
		ID        string         `json:"stream_id"`
		Aud       string         `json:"aud"`
		Delivered []string       `json:"events_delivered"`
		Delivery  map[string]any `json:"delivery"`
	}
	wanted := map[string]any{
		"delivery":         map[string]any{"method": "urn:ietf:rfc:8935", "endpoint_url": p.server.URL, "authorization_header": "Bearer of-the-partner"},
		"events_requested": []string{event.AccountDisabled, event.AccountEnabled, event.SessionRevoked, "urn:example:unknown"}, "unknown_member": 1,
	}
	if status := p.call(http.MethodPost, p.at("configuration_endpoint"), wanted, &made); status != http.StatusCreated || len(made.Delivered) != 3 || made.Delivery["authorization_header"] != nil {
		t.Fatalf("create: %d %+v", status, made)
	}
	if status := p.call(http.MethodPost, p.at("configuration_endpoint"), wanted, nil); status != http.StatusConflict {
		t.Errorf("a second stream: %d", status)
	}
	ask := func(endpoint string, want int, in map[string]any) {
		t.Helper()
		in["stream_id"] = made.ID
		if status := p.call(http.MethodPost, p.at(endpoint), in, nil); status != want {
			t.Errorf("%s %v: %d, want %d", endpoint, in, status, want)
		}
	}
	ask("verification_endpoint", http.StatusNoContent, map[string]any{"state": "xyz"})
	if got := p.next(); got.is() != "verification" || got.Events[event.StreamVerification]["state"] != "xyz" || got.SubID["format"] != "opaque" || got.SubID["id"] != made.ID || got.Aud != made.Aud {
		t.Errorf("verification: %+v", got)
	}
	ask("verification_endpoint", http.StatusTooManyRequests, map[string]any{})

	p.busy <- struct{}{}
	account.freeze(true)
	refused := p.verify((<-p.pushed).token)
	got := p.next()
	if got.is() != "account-disabled" || got.JTI != refused.JTI || got.SubID["format"] != "iss_sub" || got.SubID["iss"] != p.base || got.SubID["sub"] != string(account.id) {
		t.Errorf("frozen: %+v after %+v", got, refused)
	}
	if got := p.next(); got.is() != "session-revoked" || got.Events[event.SessionRevoked]["initiating_entity"] != "system" {
		t.Errorf("sessions: %+v", got)
	}
	told := func(want ...string) {
		t.Helper()
		for _, w := range want {
			if got := p.next().is(); got != w {
				t.Errorf("told %s, want %s", got, w)
			}
		}
	}
	subject := map[string]any{"format": "opaque", "id": "u-1"}
	ask("remove_subject_endpoint", http.StatusNoContent, map[string]any{"subject": subject})
	account.freeze(false)
	a.settled(t, made.ID)
	ask("add_subject_endpoint", http.StatusOK, map[string]any{"subject": subject})
	account.freeze(true)
	told("account-disabled", "session-revoked")

	ask("status_endpoint", http.StatusOK, map[string]any{"status": "paused", "reason": "a break"})
	account.freeze(false)
	ask("status_endpoint", http.StatusOK, map[string]any{"status": "enabled"})
	told("account-enabled", "session-revoked")

	ask("status_endpoint", http.StatusOK, map[string]any{"status": "disabled"})
	account.freeze(true)
	a.sequenced(t)
	ask("status_endpoint", http.StatusOK, map[string]any{"status": "enabled"})
	account.freeze(false)
	told("account-enabled", "session-revoked")
	if status := p.call(http.MethodDelete, p.at("configuration_endpoint")+"?stream_id="+made.ID, nil, nil); status != http.StatusNoContent {
		t.Errorf("delete: %d", status)
	}
}

// sequenced lines everything up that was committed.
func (a *app) sequenced(t *testing.T) {
	t.Helper()
	for {
		if n, err := a.engine.SequenceAudit(t.Context(), 256); err != nil {
			t.Fatal(err)
		} else if n == 0 {
			return
		}
	}
}

// settled waits until a receiver was told of everything that was committed.
func (a *app) settled(t *testing.T, id string) {
	t.Helper()
	for a.sequenced(t); ; {
		all, err := a.store.Receivers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			if r.ID == id && r.Behind == 0 && r.Waiting == 0 {
				return
			}
		}
	}
}

// A partner that polls is given of one account one token at a time, again until it acknowledges it; what it refuses is a dead letter;
// and a poll that waits is answered as soon as there is something.
func TestSSF_PollOverTheWire(t *testing.T) {
	a, p := transmitter(t)
	var made struct {
		ID       string            `json:"stream_id"`
		Delivery map[string]string `json:"delivery"`
	}
	if status := p.call(http.MethodPost, p.at("configuration_endpoint"), map[string]any{"format": "opaque", "events_requested": []string{event.AccountDisabled, event.AccountEnabled}}, &made); status != http.StatusCreated || made.Delivery["method"] != "urn:ietf:rfc:8936" {
		t.Fatalf("create: %d %+v", status, made)
	}
	type answer struct {
		Sets map[string]string `json:"sets"`
		More bool              `json:"moreAvailable"`
	}
	poll := func(in map[string]any) (tokens []token, more bool) {
		t.Helper()
		var out answer
		if status := p.call(http.MethodPost, made.Delivery["endpoint_url"], in, &out); status != http.StatusOK || out.Sets == nil {
			t.Fatalf("poll: %d %+v", status, out)
		}
		for jti, compact := range out.Sets {
			k := p.verify(compact)
			if k.JTI != jti {
				t.Errorf("%s is under %s", k.JTI, jti)
			}
			tokens = append(tokens, k)
		}
		return tokens, out.More
	}
	if got, more := poll(map[string]any{"returnImmediately": true}); len(got) > 0 || more {
		t.Errorf("nothing has happened: %+v", got)
	}
	account := a.productAccount(t)
	account.freeze(true)
	account.freeze(false)
	first, _ := poll(map[string]any{}) // waits until it is there
	if len(first) != 1 || first[0].is() != "account-disabled" || first[0].SubID["format"] != "opaque" || first[0].SubID["id"] != "u-1" {
		t.Fatalf("first: %+v", first)
	}
	a.sequenced(t)
	again, _ := poll(map[string]any{"returnImmediately": true})
	if len(again) != 1 || again[0].JTI != first[0].JTI {
		t.Errorf("not acknowledged: %+v", again)
	}
	if got, more := poll(map[string]any{"maxEvents": 0, "ack": []string{first[0].JTI, first[0].JTI, "unknown"}}); len(got) > 0 || more {
		t.Errorf("an acknowledgement alone: %+v", got)
	}
	second, _ := poll(map[string]any{})
	if len(second) != 1 || second[0].is() != "account-enabled" {
		t.Fatalf("second: %+v", second)
	}
	poll(map[string]any{"maxEvents": 0, "setErrs": map[string]any{second[0].JTI: map[string]any{"err": "invalid_key", "description": "x"}}})
	all, err := a.store.Receivers(t.Context())
	if err != nil || all[0].Dead != 1 || all[0].Waiting != 0 {
		t.Errorf("refused: %+v, %v", all, err)
	}
}

// Every clause that a request can break is answered by the status the specification names for it.
func TestSSF_RefusesByClause(t *testing.T) {
	a, p := transmitter(t)
	keys := map[string]string{
		"": p.key, "none": "", "unknown": "jl_" + strings.Repeat("0", 52), "another scope": a.signalsKey(t, "other-scope", engine.ScopeEvents), "another receiver": a.signalsKey(t, "other", engine.ScopeSignals),
	}
	var made map[string]any
	if status := p.call(http.MethodPost, p.at("configuration_endpoint"), map[string]any{}, &made); status != http.StatusCreated {
		t.Fatal(status)
	}
	id := made["stream_id"].(string)
	push := func(url string) map[string]any {
		return map[string]any{"stream_id": id, "delivery": map[string]any{"method": "urn:ietf:rfc:8935", "endpoint_url": url}}
	}
	poll := p.base + "/ssf/streams/" + id + "/poll"
	for _, c := range []struct {
		name, as, method, url string
		in                    any
		want                  int
	}{
		{"create without a key", "none", "POST", p.at("configuration_endpoint"), map[string]any{}, 401},
		{"create with an unknown key", "unknown", "POST", p.at("configuration_endpoint"), map[string]any{}, 401},
		{"create under another scope", "another scope", "POST", p.at("configuration_endpoint"), map[string]any{}, 403},
		{"create a second", "", "POST", p.at("configuration_endpoint"), map[string]any{}, 409},
		{"create by a method nobody knows", "another receiver", "POST", p.at("configuration_endpoint"), map[string]any{"delivery": map[string]any{"method": "urn:ietf:rfc:9999"}}, 400},
		{"create in a format nobody knows", "another receiver", "POST", p.at("configuration_endpoint"), map[string]any{"format": "email"}, 400},
		{"create from no object", "another receiver", "POST", p.at("configuration_endpoint"), []int{1}, 400},
		{"too large", "another receiver", "POST", p.at("configuration_endpoint"), map[string]any{"description": strings.Repeat("a", 65<<10)}, 413},
		{"a description too long", "another receiver", "POST", p.at("configuration_endpoint"), map[string]any{"description": strings.Repeat("a", 257)}, 400},
		{"read of an unknown stream", "", "GET", p.at("configuration_endpoint") + "?stream_id=str_x", nil, 404},
		{"read of another's stream", "another receiver", "GET", p.at("configuration_endpoint") + "?stream_id=" + id, nil, 404},
		{"update without a stream", "", "PATCH", p.at("configuration_endpoint"), map[string]any{"format": "opaque"}, 400},
		{"update of an unknown stream", "", "PATCH", p.at("configuration_endpoint"), map[string]any{"stream_id": "str_x"}, 404},
		{"update of another's stream", "another receiver", "PATCH", p.at("configuration_endpoint"), map[string]any{"stream_id": id}, 404},
		{"update with another iss", "", "PATCH", p.at("configuration_endpoint"), map[string]any{"stream_id": id, "iss": "https://other.example"}, 400},
		{"update with another aud", "", "PUT", p.at("configuration_endpoint"), map[string]any{"stream_id": id, "aud": "https://other.example"}, 400},
		{"update with aud of another form", "", "PATCH", p.at("configuration_endpoint"), map[string]any{"stream_id": id, "aud": []string{made["aud"].(string)}}, 400},
		{"push to plain http", "", "PATCH", p.at("configuration_endpoint"), push("http://shop.example/"), 400},
		{"push into a network", "", "PATCH", p.at("configuration_endpoint"), push("https://10.0.0.1/"), 400},
		{"push to the metadata service", "", "PATCH", p.at("configuration_endpoint"), push("https://169.254.169.254/"), 400},
		{"delete of another's stream", "another receiver", "DELETE", p.at("configuration_endpoint") + "?stream_id=" + id, nil, 404},
		{"delete of no stream", "", "DELETE", p.at("configuration_endpoint"), nil, 404},
		{"status of another's stream", "another receiver", "GET", p.at("status_endpoint") + "?stream_id=" + id, nil, 404},
		{"status nobody knows", "", "POST", p.at("status_endpoint"), map[string]any{"stream_id": id, "status": "asleep"}, 400},
		{"status of an unknown stream", "", "POST", p.at("status_endpoint"), map[string]any{"stream_id": "str_x", "status": "paused"}, 404},
		{"status without a key", "none", "POST", p.at("status_endpoint"), map[string]any{"stream_id": id, "status": "paused"}, 401},
		{"a subject of no format", "", "POST", p.at("add_subject_endpoint"), map[string]any{"stream_id": id, "subject": map[string]any{}}, 400},
		{"a subject on another's stream", "another receiver", "POST", p.at("add_subject_endpoint"), map[string]any{"stream_id": id, "subject": map[string]any{"format": "opaque", "id": "x"}}, 404},
		{"a subject nobody has", "", "POST", p.at("remove_subject_endpoint"), map[string]any{"stream_id": id, "subject": map[string]any{"format": "opaque", "id": "nobody"}}, 204},
		{"a subject of another issuer", "", "POST", p.at("add_subject_endpoint"), map[string]any{"stream_id": id, "subject": map[string]any{"format": "iss_sub", "iss": "https://x", "sub": "y"}}, 200},
		{"verification of another's stream", "another receiver", "POST", p.at("verification_endpoint"), map[string]any{"stream_id": id}, 404},
		{"verification with too much state", "", "POST", p.at("verification_endpoint"), map[string]any{"stream_id": id, "state": strings.Repeat("a", 1025)}, 400},
		{"poll of another's stream", "another receiver", "POST", poll, map[string]any{"returnImmediately": true}, 404},
		{"poll without a key", "none", "POST", poll, map[string]any{"returnImmediately": true}, 401},
		{"poll for fewer than none", "", "POST", poll, map[string]any{"maxEvents": -1}, 400},
		{"acknowledgement of no form", "", "POST", poll, map[string]any{"ack": "jti"}, 400},
		{"an address nobody has", "", "GET", p.base + "/ssf/unknown", nil, 404},
	} {
		p.key = keys[c.as]
		var said struct{ Status int }
		if got := p.call(c.method, c.url, c.in, &said); got != c.want || got >= 400 && said.Status != c.want {
			t.Errorf("%s: %d %+v, want %d", c.name, got, said, c.want)
		}
	}
	p.key = keys[""]
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, poll, strings.NewReader("maxEvents=1"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.key)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if resp, err := p.http.Do(req); err != nil || resp.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("a form: %v, %v", resp, err)
	} else {
		resp.Body.Close()
	}
	var still []map[string]any
	if p.call(http.MethodGet, p.at("configuration_endpoint"), nil, &still); len(still) != 1 || still[0]["stream_id"] != id || still[0]["format"] != "iss_sub" {
		t.Errorf("what was refused changed something: %v", still)
	}
	var legacy map[string]any
	if p.call(http.MethodGet, p.base+"/.well-known/risc-configuration", nil, &legacy); legacy["issuer"] != p.base {
		t.Errorf("the older address of the document: %v", legacy)
	}
	if methods := fmt.Sprint(p.config["delivery_methods_supported"]); !strings.Contains(methods, "8935") || !strings.Contains(methods, "8936") || p.config["spec_version"] != "1_0" || !slices.Contains([]any{"ALL"}, p.config["default_subjects"]) {
		t.Errorf("the document: %v", p.config)
	}
}
