package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// onPhone opens a case on somebody's phone, as the product's app would.
func (s *staged) onPhone(who string) *walk {
	s.Helper()
	w := s.person(who)
	c, err := w.jl.OpenCase(s.Context(), &sdk.NewCase{
		Account: sdk.AccountID(w.person.ID), Goal: sdk.GoalUnlink, Binding: sdk.BindingID(w.person.QQ), Platform: sdk.Platform(w.person.Platform), Reason: sdk.ReasonPrivacy,
		Device: sdk.NewOptDeviceID(sdk.DeviceID(w.person.Devices["phone"])),
	}, sdk.OpenCaseParams{IdempotencyKey: sdk.NewKey()})
	if err != nil {
		s.Fatal(err)
	}
	w.id = c.ID
	return w
}

// nonce asks for one. The clock moves first, as it does between two looks at a phone.
func (s *staged) nonce(w *walk) string {
	s.Helper()
	s.ahead.Add(int64(time.Second))
	ask, err := w.jl.AskAttestation(s.Context(), sdk.AskAttestationParams{Case: w.id})
	if err != nil || !slices.Equal(ask.Formats, []sdk.AttestationFormat{sdk.AttestationFormatAppAttest, sdk.AttestationFormatPlayIntegrity}) {
		s.Fatalf("%+v, %v", ask, err)
	}
	return ask.Nonce
}

// show shows a statement for a nonce.
func (s *staged) show(w *walk, format sdk.AttestationFormat, nonce, statement string) (*sdk.Case, error) {
	return w.jl.ShowAttestation(s.Context(), &sdk.NewAttestation{Format: format, Nonce: nonce, Statement: statement},
		sdk.ShowAttestationParams{Case: w.id, IdempotencyKey: sdk.NewKey()})
}

// token has the app on an Android phone ask Google for one, and says what the phone is.
func (s *staged) token(who, is, nonce string) string {
	s.Helper()
	reply, err := http.PostForm(s.world.URL(sandbox.Google)+"/phone", url.Values{"person": {who}, "is": {is}})
	if err != nil || reply.StatusCode != http.StatusOK {
		s.Fatalf("%s is %s: %v", who, is, err)
	}
	reply.Body.Close()
	body, err := json.Marshal(map[string]string{"person": who, "request_hash": nonce})
	if err != nil {
		s.Fatal(err)
	}
	reply, err = http.Post(s.world.URL(sandbox.Google)+"/_mint", "application/json", bytes.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	defer reply.Body.Close()
	var said struct{ Token string }
	if err := json.NewDecoder(reply.Body).Decode(&said); err != nil || said.Token == "" {
		s.Fatalf("no token: %v", err)
	}
	return said.Token
}

// says wants a case's integrity, and whether a face is asked for because of it.
func (s *staged) says(c *sdk.Case, err error, level string, face bool) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	i := slices.IndexFunc(c.Signals, func(x sdk.Signal) bool { return x.Name == "integrity" })
	if i < 0 || string(c.Signals[i].Level) != level || c.Signals[i].Trust.Value != sdk.SignalTrustAttested {
		s.Errorf("want %s, signals %+v", level, c.Signals)
	}
	because := slices.ContainsFunc(c.Decision.Reasons, func(b sdk.Because) bool { return b.Rule == "R2" })
	if demandsFace(c.Decision.Requirement) != face || because != face {
		s.Errorf("%s: asks %+v because of %+v", level, c.Decision.Requirement, c.Decision.Reasons)
	}
}

// demandsFace reports whether there is no way round a face check.
func demandsFace(r sdk.Requirement) bool {
	return r.Factor.Value == "face" || slices.ContainsFunc(r.AllOf, demandsFace)
}

// refusedAs wants a problem with a code.
func (s *staged) refusedAs(code string, err error) {
	s.Helper()
	var p *sdk.Problem
	if !errors.As(err, &p) || string(p.Code) != code {
		s.Errorf("%v, want %s", err, code)
	}
}

// R2 over the wire, on Android: a nonce of the API, a token that Google seals for it, and Google asked what is in it. What a phone
// is decides what the case asks; a statement for something else, or a Google that is away, decides nothing.
func TestR2_GoogleVouchesForAPhoneOverTheWire(t *testing.T) {
	s := newStaged(t)
	const format = sdk.AttestationFormatPlayIntegrity
	lin, sun := s.onPhone("lin"), s.onPhone("sun")

	nonce := s.nonce(lin)
	token := s.token("lin", "sound", nonce)
	c, err := s.show(lin, format, nonce, token)
	s.says(c, err, "attested", false)
	_, err = s.show(lin, format, nonce, token)
	s.refusedAs("challenge_used", err)

	nonce = s.nonce(lin)
	_, err = s.show(lin, format, nonce, s.token("lin", "sound", s.nonce(sun)))
	s.refusedAs("invalid_argument", err)
	_, err = s.show(sun, format, nonce, s.token("sun", "sound", nonce))
	s.refusedAs("invalid_argument", err)
	for _, broken := range []sandbox.Fault{{Mode: sandbox.FaultError, Op: "decodeIntegrityToken"}, {Mode: sandbox.FaultRefuse, Op: "decodeIntegrityToken"}} {
		s.fault(sandbox.Google, broken)
		_, err = s.show(lin, format, nonce, s.token("lin", "rooted", nonce))
		s.refusedAs("dependency_unavailable", err)
	}
	s.fault(sandbox.Google, sandbox.Fault{Mode: sandbox.FaultNone})

	c, err = s.show(lin, format, nonce, s.token("lin", "rooted", nonce))
	s.says(c, err, "rooted", true)
	nonce = s.nonce(lin)
	c, err = s.show(lin, format, nonce, s.token("lin", "sound", nonce))
	s.says(c, err, "rooted", true) // a bad word stands

	nonce = s.nonce(sun)
	c, err = s.show(sun, format, nonce, s.token("sun", "basic", nonce))
	s.says(c, err, "unattested", false)
	nonce = s.nonce(sun)
	c, err = s.show(sun, format, nonce, s.token("sun", "changed", nonce))
	s.says(c, err, "rooted", true)

	for _, secret := range []string{token, "ya29.", "assertion"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// R2 over the wire, on an iPhone: the key is attested once, and answers for the phone from then on, counting.
func TestR2_AppleVouchesForAPhoneOverTheWire(t *testing.T) {
	s := newStaged(t)
	const format = sdk.AttestationFormatAppAttest
	w := s.onPhone("chen")
	phone, err := s.apple.Install(demoApp)
	if err != nil {
		t.Fatal(err)
	}
	shown := func(make func(string) ([]byte, error)) (*sdk.Case, error) {
		nonce := s.nonce(w)
		raw, err := make(nonce)
		if err != nil {
			t.Fatal(err)
		}
		return s.show(w, format, nonce, base64.StdEncoding.EncodeToString(raw))
	}
	_, err = shown(phone.Assert)
	s.refusedAs("invalid_argument", err) // of a key nobody has attested
	c, err := shown(phone.Attest)
	s.says(c, err, "attested", false)
	c, err = shown(phone.Assert)
	s.says(c, err, "attested", false)
	stranger, err := s.apple.Install(demoApp)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // counting on, past the phone's own
		_, err = shown(stranger.Assert)
	}
	s.refusedAs("invalid_argument", err)
	other, err := s.apple.Install("SANDBOX001.com.example.other")
	if err != nil {
		t.Fatal(err)
	}
	_, err = shown(other.Attest)
	s.refusedAs("invalid_argument", err)
}

// The doctor reads the papers of both makers, and asks Google for access and for nothing else.
func TestTheDoctorLooksAtWhoVouches(t *testing.T) {
	world, err := sandbox.Start(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	dir := t.TempDir()
	var c config
	if c.Attest, err = (&demo{world: world}).makers(dir); err != nil {
		t.Fatal(err)
	}
	want := func(play, app bool) {
		t.Helper()
		got := doctorCommand{}.attest(t.Context(), c)
		if len(got) != 2 || got[0].OK != play || got[1].OK != app {
			t.Errorf("%+v, want %v, %v", got, play, app)
		}
		for _, f := range got {
			if strings.Contains(f.Note, "PRIVATE") {
				t.Errorf("a key is shown: %s", f.Note)
			}
		}
	}
	want(true, true)
	misbehave(t, world, sandbox.Google, sandbox.Fault{Mode: sandbox.FaultRefuse, Op: "token"})
	want(false, true)
	misbehave(t, world, sandbox.Google, sandbox.Fault{Mode: sandbox.FaultNone})
	if err := os.WriteFile(filepath.Join(dir, "apple-root.pem"), []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Attest.PlayIntegrity.ServiceAccount = filepath.Join(dir, "nowhere.json")
	want(false, false)
	c.Attest.PlayIntegrity.URL, c.Attest.PlayIntegrity.ServiceAccount = "", ""
	want(false, false)
	if c.Attest.PlayIntegrity.DecryptionKey, c.Attest.PlayIntegrity.VerificationKey, err = world.GoogleKeys(); err != nil {
		t.Fatal(err)
	}
	world.Close() // nobody is asked
	want(true, false)
	c.Attest = attestConfig{}
	if got := (doctorCommand{}).attest(t.Context(), c); got != nil {
		t.Errorf("looked at nobody and found %+v", got)
	}
}

// A configuration is read as the reference says, and a paper that cannot be read stops the start and says which.
func TestTheMakersInAConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "jieling.yaml")
	text := `
base_url: https://id.example.com
db: sqlite:x.db
keys: keys.json
attest:
  play_integrity:
    url: https://playintegrity.googleapis.com
    service_account: /nowhere/google.json
    package: com.example.app
    certificates: ["14:6D:E9:83:C5:73:06:50:D8:EE:B9:95:2F:34:FC:64:16:A0:83:42:E6:1D:BE:A8:8A:04:96:B2:3F:CF:44:E5"]
    max_age: 2m
  app_attest: {app_id: TEAM000001.com.example.app, root: /nowhere/apple.pem}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := loadConfig(file)
	if err != nil || c.Attest.PlayIntegrity.MaxAge != 2*time.Minute || len(c.Attest.PlayIntegrity.Certificates) != 1 || c.Attest.AppAttest.AppID != "TEAM000001.com.example.app" {
		t.Fatalf("%+v, %v", c.Attest, err)
	}
	for part, drop := range map[string]func(*config){
		"attest.play_integrity: service_account": func(c *config) { c.Attest.AppAttest = nil },
		"attest.app_attest: root":                func(c *config) { c.Attest.PlayIntegrity = nil },
	} {
		one := c
		drop(&one)
		if err := one.attesters(&engine.Config{}, nil); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v, want %s", err, part)
		}
	}
}
