// Package webauthn is the factor device_unlock (设备解锁, V1): the fingerprint, face or screen lock of a device the person set
// up before, through WebAuthn. The service learns that the device verified its user, not by which of the three.
//
// Only credentials that cannot leave their device count. One that syncs between devices (backup eligible) proves an account
// at Apple, Google or a password manager, not a device, and is refused at enrolment and at every answer.
//
// The browser is given {"publicKey": …} as PublicKeyCredential.parseCreationOptionsFromJSON and parseRequestOptionsFromJSON
// take it, and answers with the credential's toJSON().
package webauthn

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	lib "github.com/go-webauthn/webauthn/webauthn"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
)

const (
	ttl       = 120 * time.Second
	limit     = 3
	nonceSize = 16
	maxAnswer = 64 << 10 // bytes of the browser's JSON
)

// Config says who the relying party is.
type Config struct {
	RPID    string   // registrable domain or host the credentials belong to: "id.example.com", "localhost"
	RPName  string   // shown by the device
	Origins []string // where the pages are served from: "https://id.example.com"
	// Roots of the makers of authenticators. nil: devices are asked for no statement about themselves, and nobody vouches for them.
	Roots *x509.CertPool
}

// Factor is device unlock.
type Factor struct {
	party *lib.WebAuthn
	roots *x509.CertPool
}

var _ factor.Ceremony = (*Factor)(nil)

// New checks the configuration.
func New(c Config) (*Factor, error) {
	conveyance := protocol.PreferDirectAttestation
	if c.Roots == nil {
		conveyance, c.Roots = protocol.PreferNoAttestation, x509.NewCertPool() // which trusts nobody
	}
	party, err := lib.New(&lib.Config{
		RPID:                  c.RPID,
		RPDisplayName:         c.RPName,
		RPOrigins:             c.Origins,
		AttestationPreference: conveyance,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			AuthenticatorAttachment: protocol.Platform,
			UserVerification:        protocol.VerificationRequired,
			ResidentKey:             protocol.ResidentKeyRequirementPreferred,
		},
		Timeouts: lib.TimeoutsConfig{
			Login:        lib.TimeoutConfig{Timeout: ttl},
			Registration: lib.TimeoutConfig{Timeout: ttl},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("device unlock: %w", err)
	}
	return &Factor{party, c.Roots}, nil
}

// EnrolOptions makes the browser's creation options; state is what Enrol needs again, sealed by the caller, who also bounds
// its life.
func (f *Factor) EnrolOptions(_ context.Context, account jieling.Account, have []factor.Enrolled) (public, state []byte, err error) {
	owner, err := ownerOf(account, have)
	if err != nil {
		return nil, nil, err
	}
	creation, session, err := f.party.BeginRegistration(owner, lib.WithExclusions(owner.descriptors()))
	if err != nil {
		return nil, nil, fmt.Errorf("enrol device unlock: %w", err)
	}
	if public, err = json.Marshal(creation); err != nil {
		return nil, nil, fmt.Errorf("enrol device unlock: %w", err)
	}
	if state, err = json.Marshal(session); err != nil {
		return nil, nil, fmt.Errorf("enrol device unlock: %w", err)
	}
	return public, state, nil
}

// Enrol checks the browser's attestation response. The device must have verified its user, and the credential must be bound
// to the device.
func (f *Factor) Enrol(_ context.Context, account jieling.Account, state, given []byte) (factor.Kept, error) {
	var session lib.SessionData
	if err := json.Unmarshal(state, &session); err != nil {
		return factor.Kept{}, errors.New("enrol device unlock: the ceremony's state cannot be read")
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(bounded(given))
	if err != nil {
		return factor.Kept{}, unreadable()
	}
	credential, err := f.party.CreateCredential(&owner{account: account}, session, parsed)
	switch {
	case err != nil:
		return factor.Kept{}, factor.Malformed(
			"设备解锁没有设置成功。请在这台设备上重试，并用指纹、面容或锁屏密码确认。",
			"Device unlock could not be set up. Please try again on this device and confirm with fingerprint, face or screen lock.")
	case !deviceBound(*credential) || credential.Authenticator.Attachment == protocol.CrossPlatform:
		return factor.Kept{}, factor.Malformed(
			"这个通行密钥会同步到其他设备，不能证明就是这台设备。请换用只保存在本机的方式，或选择其他验证方式。",
			"This passkey syncs to other devices, so it cannot prove that it is this one. Use one that stays on the device, or choose another way to verify.")
	}
	kept, err := json.Marshal(credential)
	if err != nil {
		return factor.Kept{}, fmt.Errorf("enrol device unlock: %w", err)
	}
	return factor.Kept{Secret: kept, Label: label.In(account.Locale)}, nil
}

var label = jieling.Text{ZH: "设备解锁（指纹、面容或锁屏密码）", EN: "Device unlock (fingerprint, face or screen lock)"}

// asked is what a challenge keeps. It holds all that the signed value is made of, except the challenge's own ID.
type asked struct {
	Nonce   []byte   `json:"nonce"`
	Digest  []byte   `json:"digest"`
	Allowed [][]byte `json:"allowed"` // IDs of the credentials that may answer
}

// signed is what the device signs: a hash over fresh randomness, the challenge's ID and the digest of what is approved, so
// that one signature answers one challenge for one operation (S8). Hashed rather than joined, it has the usual 32 bytes and
// tells the page nothing; the parts are kept, so that a signature can be shown afterwards to be for that operation.
func (a asked) signed(challenge jieling.ChallengeID) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "jieling device_unlock v1\x00%s\x00", challenge)
	h.Write(a.Nonce)
	h.Write(a.Digest)
	return h.Sum(nil)
}

// Issue asks the account's devices; a person without one set up is told so.
func (f *Factor) Issue(_ context.Context, ask factor.Ask) (factor.Issued, error) {
	owner, err := ownerOf(ask.Account, ask.Enrolled)
	if err != nil {
		return factor.Issued{}, err
	}
	if len(owner.credentials) == 0 {
		return factor.Issued{}, jieling.Refuse(jieling.CodeNotEnrolled,
			"你还没有在任何设备上设置设备解锁。请先在常用设备上设置，或换一种验证方式。",
			"Device unlock is not set up on any of your devices. Set it up on one first, or choose another way to verify.")
	}
	a := asked{Nonce: ask.Random(nonceSize), Digest: ask.Digest[:]}
	for _, c := range owner.credentials {
		a.Allowed = append(a.Allowed, c.ID)
	}
	assertion, _, err := f.party.BeginLogin(owner, lib.WithChallenge(a.signed(ask.Challenge)), lib.WithAllowedCredentials(owner.descriptors()))
	if err != nil {
		return factor.Issued{}, fmt.Errorf("issue device unlock: %w", err)
	}
	public, err := json.Marshal(assertion)
	if err != nil {
		return factor.Issued{}, fmt.Errorf("issue device unlock: %w", err)
	}
	secret, err := json.Marshal(a)
	if err != nil {
		return factor.Issued{}, fmt.Errorf("issue device unlock: %w", err)
	}
	return factor.Issued{Public: public, Secret: secret, TTL: ttl, Limit: limit}, nil
}

// Check verifies the browser's assertion: challenge, origin, relying party, signature, user present and verified, credential
// one of those asked and still enrolled, bound to its device, and its counter risen since the last time (a copied key would
// repeat it). Update is the credential with its new counter and flags.
func (f *Factor) Check(_ context.Context, ch jieling.Challenge, secret []byte, enrolled []factor.Enrolled, answer factor.Answer) (factor.Verdict, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(bounded(answer.Given))
	if err != nil {
		return factor.Verdict{}, unreadable()
	}
	var a asked
	if err := json.Unmarshal(secret, &a); err != nil || len(a.Nonce) != nonceSize || len(a.Digest) != sha256.Size {
		return factor.Verdict{}, errors.New("check device unlock: what was kept cannot be read")
	}
	owner, err := ownerOf(jieling.Account{ID: ch.Account}, enrolled)
	if err != nil {
		return factor.Verdict{}, err
	}
	owner.keep(a.Allowed)
	credential, err := f.party.ValidateLogin(owner, owner.session(f.party.Config.RPID, a.signed(ch.ID)), parsed)
	if err != nil || credential.Authenticator.CloneWarning || !deviceBound(*credential) {
		return factor.Verdict{}, nil
	}
	update, err := json.Marshal(credential)
	if err != nil {
		return factor.Verdict{}, fmt.Errorf("check device unlock: %w", err)
	}
	return factor.Verdict{Passed: true, Enrol: owner.enrolment(credential.ID), Update: update, Vouched: f.vouched(*credential)}, nil
}

func deviceBound(c lib.Credential) bool { return !c.Flags.BackupEligible && !c.Flags.BackupState }

// bounded keeps a decoder from being fed more than a browser ever says; nothing is what cannot be read.
func bounded(given []byte) []byte {
	if len(given) > maxAnswer {
		return nil
	}
	return given
}

func unreadable() error {
	return factor.Malformed("没有收到设备的确认结果。请重试。", "The device's answer could not be read. Please try again.")
}

// owner is an account as the library wants to see a user. Its handle is the account's ID: opaque, and the same for every
// credential of the account.
type owner struct {
	account     jieling.Account
	credentials []lib.Credential
	enrolments  []jieling.FactorID // of the credentials, by position
}

// ownerOf opens the account's credentials that are bound to a device.
func ownerOf(account jieling.Account, enrolled []factor.Enrolled) (*owner, error) {
	o := &owner{account: account}
	for _, e := range enrolled {
		var c lib.Credential
		if err := json.Unmarshal(e.Open, &c); err != nil {
			return nil, fmt.Errorf("device unlock: enrolment %s cannot be read", e.ID)
		}
		if deviceBound(c) {
			o.credentials = append(o.credentials, c)
			o.enrolments = append(o.enrolments, e.ID)
		}
	}
	return o, nil
}

// keep leaves only the credentials with these IDs.
func (o *owner) keep(ids [][]byte) {
	left := owner{account: o.account}
	for i, c := range o.credentials {
		if slices.ContainsFunc(ids, func(id []byte) bool { return slices.Equal(id, c.ID) }) {
			left.credentials = append(left.credentials, c)
			left.enrolments = append(left.enrolments, o.enrolments[i])
		}
	}
	*o = left
}

func (o *owner) enrolment(credential []byte) jieling.FactorID {
	return o.enrolments[slices.IndexFunc(o.credentials, func(c lib.Credential) bool { return slices.Equal(c.ID, credential) })]
}

// session is the library's record of what was asked.
func (o *owner) session(rpID string, challenge []byte) lib.SessionData {
	s := lib.SessionData{
		Challenge:        protocol.URLEncodedBase64(challenge).String(),
		RelyingPartyID:   rpID,
		UserID:           o.WebAuthnID(),
		UserVerification: protocol.VerificationRequired,
	}
	for _, c := range o.credentials {
		s.AllowedCredentialIDs = append(s.AllowedCredentialIDs, c.ID)
	}
	return s
}

// descriptors names the credentials to the browser, on this device only: no phone over Bluetooth, no key on a string.
func (o *owner) descriptors() []protocol.CredentialDescriptor {
	list := make([]protocol.CredentialDescriptor, 0, len(o.credentials))
	for _, c := range o.credentials {
		d := c.Descriptor()
		d.Transport = []protocol.AuthenticatorTransport{protocol.Internal}
		list = append(list, d)
	}
	return list
}

// WebAuthnID, WebAuthnName, WebAuthnDisplayName and WebAuthnCredentials are the library's view of a user.
func (o *owner) WebAuthnID() []byte                    { return []byte(o.account.ID) }
func (o *owner) WebAuthnName() string                  { return o.account.ExternalID }
func (o *owner) WebAuthnDisplayName() string           { return o.account.ExternalID }
func (o *owner) WebAuthnCredentials() []lib.Credential { return o.credentials }
