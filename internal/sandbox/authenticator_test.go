package sandbox

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

const origin = "http://localhost:8420"

// relyingParty is a real server side, so that what the authenticator says is judged by somebody else's code.
type relyingParty struct {
	*webauthn.WebAuthn
	credentials []webauthn.Credential
}

func newRelyingParty(t *testing.T) *relyingParty {
	t.Helper()
	w, err := webauthn.New(&webauthn.Config{RPID: "localhost", RPDisplayName: "Test", RPOrigins: []string{origin}})
	if err != nil {
		t.Fatal(err)
	}
	return &relyingParty{WebAuthn: w}
}

func (r *relyingParty) WebAuthnID() []byte                         { return []byte("acc_lin") }
func (r *relyingParty) WebAuthnName() string                       { return "lin" }
func (r *relyingParty) WebAuthnDisplayName() string                { return "lin" }
func (r *relyingParty) WebAuthnCredentials() []webauthn.Credential { return r.credentials }

// register runs a registration; the error is the relying party's, or the authenticator's.
func (r *relyingParty) register(t *testing.T, a *Authenticator, options ...webauthn.RegistrationOption) error {
	t.Helper()
	creation, session, err := r.BeginRegistration(r, options...)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := json.Marshal(creation)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := a.Create(asked)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBody(bytes.NewReader(answer))
	if err != nil {
		return err
	}
	made, err := r.CreateCredential(r, *session, parsed)
	if err == nil {
		r.credentials = append(r.credentials, *made)
	}
	return err
}

func (r *relyingParty) signIn(t *testing.T, a *Authenticator, options ...webauthn.LoginOption) (*webauthn.Credential, error) {
	t.Helper()
	assertion, session, err := r.BeginLogin(r, options...)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := json.Marshal(assertion)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := a.Get(asked)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(bytes.NewReader(answer))
	if err != nil {
		return nil, err
	}
	used, err := r.ValidateLogin(r, *session, parsed)
	if err == nil {
		r.credentials[slices.IndexFunc(r.credentials, func(c webauthn.Credential) bool { return bytes.Equal(c.ID, used.ID) })] = *used
	}
	return used, err
}

func platform(uv protocol.UserVerificationRequirement) webauthn.RegistrationOption {
	return webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{AuthenticatorAttachment: protocol.Platform, UserVerification: uv})
}

func TestAuthenticatorRegistersAndSignsIn(t *testing.T) {
	r, a := newRelyingParty(t), &Authenticator{Origin: origin}
	if err := r.register(t, a, platform(protocol.VerificationRequired)); err != nil {
		t.Fatal(err)
	}
	if c := r.credentials[0]; !c.Flags.UserPresent || !c.Flags.UserVerified || c.AttestationType != "none" || c.Authenticator.SignCount != 0 {
		t.Errorf("%+v", c)
	}
	for want := range uint32(3) {
		used, err := r.signIn(t, a, webauthn.WithUserVerification(protocol.VerificationRequired))
		if err != nil {
			t.Fatal(err)
		}
		if used.Authenticator.SignCount != want+1 || used.Authenticator.CloneWarning {
			t.Errorf("sign-in %d: %+v", want+1, used.Authenticator)
		}
	}
	a.Rewind()
	if used, err := r.signIn(t, a); err != nil || !used.Authenticator.CloneWarning {
		t.Errorf("a rewound counter goes unnoticed: %v %+v", err, used)
	}
}

func TestAuthenticatorWithoutVerification(t *testing.T) {
	r, a := newRelyingParty(t), &Authenticator{Origin: origin, Unverified: true}
	if err := r.register(t, a, platform(protocol.VerificationRequired)); err == nil || !strings.Contains(err.Error(), "NotAllowedError") {
		t.Errorf("required verification: %v", err)
	}
	if err := r.register(t, a, platform(protocol.VerificationPreferred)); err != nil {
		t.Fatal(err)
	}
	if r.credentials[0].Flags.UserVerified {
		t.Error("the flag UV is set")
	}
	a.Force = true
	if _, err := r.signIn(t, a, webauthn.WithUserVerification(protocol.VerificationRequired)); err == nil {
		t.Error("the server accepted an unverified owner")
	}
}

func TestAuthenticatorRefusesAsABrowserWould(t *testing.T) {
	r := newRelyingParty(t)
	foreign := &Authenticator{Origin: "http://evil.example"}
	if err := r.register(t, foreign, platform(protocol.VerificationRequired)); err == nil || !strings.Contains(err.Error(), "SecurityError") {
		t.Errorf("foreign origin: %v", err)
	}
	foreign.Force = true
	if err := r.register(t, foreign, platform(protocol.VerificationRequired)); err == nil {
		t.Error("the server accepted a foreign origin")
	}
	a := &Authenticator{Origin: origin}
	if err := r.register(t, a); err != nil {
		t.Fatal(err)
	}
	exclude := webauthn.WithExclusions(webauthn.Credentials(r.credentials).CredentialDescriptors())
	if err := r.register(t, a, exclude); err == nil || !strings.Contains(err.Error(), "InvalidStateError") {
		t.Errorf("a second passkey on the same authenticator: %v", err)
	}
	if _, err := r.signIn(t, &Authenticator{Origin: origin}); err == nil || !strings.Contains(err.Error(), "NotAllowedError") {
		t.Errorf("an authenticator without the passkey: %v", err)
	}
	for name, call := range map[string]func([]byte) ([]byte, error){"Create": a.Create, "Get": a.Get} {
		if _, err := call([]byte("{")); err == nil {
			t.Errorf("%s accepted half an object", name)
		}
	}
	if _, err := a.Create([]byte(`{"rp":{"id":"localhost"},"user":{"id":"AA"},"challenge":"AA","pubKeyCredParams":[{"type":"public-key","alg":-257}]}`)); err == nil {
		t.Error("RSA only was accepted")
	}
}
