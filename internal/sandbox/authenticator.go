package sandbox

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/fxamacker/cbor/v2"
)

// Authenticator is a software WebAuthn platform authenticator, with the part of the browser in front of it: it answers the
// options a page would hand to navigator.credentials with the JSON the page would send back. Its keys are ES256, its
// attestation "none", and its sign counter counts. It lives in memory and is safe for concurrent use.
type Authenticator struct {
	// Origin is the page's origin, such as "http://localhost:8420"; the relying party's ID must be its host or a suffix of it.
	Origin string
	// Unverified makes the authenticator report presence only: the owner was not checked by face, finger or PIN. Options that
	// require verification are then refused, unless Force is set.
	Unverified bool
	// Force answers even where a real browser would refuse, to prove that the server checks for itself.
	Force bool

	mu   sync.Mutex
	keys []*passkey
}

type passkey struct {
	id, user []byte
	rp       string
	key      *ecdsa.PrivateKey
	count    uint32
}

// Flags of the authenticator data (WebAuthn §6.1).
const (
	flagUP = 1 << 0 // somebody was there
	flagUV = 1 << 2 // and it was the owner
	flagAT = 1 << 6 // a new credential follows
)

// creationOptions and requestOptions are PublicKeyCredentialCreationOptions and …RequestOptions as JSON, as far as an
// authenticator looks at them.
type creationOptions struct {
	RP struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	Challenge string `json:"challenge"`
	Params    []struct {
		Alg int `json:"alg"`
	} `json:"pubKeyCredParams"`
	Exclude   []descriptor `json:"excludeCredentials"`
	Selection struct {
		UserVerification string `json:"userVerification"`
	} `json:"authenticatorSelection"`
}

type requestOptions struct {
	RPID             string       `json:"rpId"`
	Challenge        string       `json:"challenge"`
	Allow            []descriptor `json:"allowCredentials"`
	UserVerification string       `json:"userVerification"`
}

type descriptor struct {
	ID string `json:"id"`
}

// Credential is the JSON of a PublicKeyCredential (its toJSON), for both ceremonies.
type Credential struct {
	ID         string             `json:"id"`
	RawID      string             `json:"rawId"`
	Type       string             `json:"type"`
	Attachment string             `json:"authenticatorAttachment"`
	Response   CredentialResponse `json:"response"`
	Extensions struct{}           `json:"clientExtensionResults"`
}

// CredentialResponse holds base64url without padding, as all binary fields of WebAuthn's JSON do.
type CredentialResponse struct {
	ClientData  string   `json:"clientDataJSON"`
	Attestation string   `json:"attestationObject,omitempty"`
	Transports  []string `json:"transports,omitempty"`
	AuthData    string   `json:"authenticatorData,omitempty"`
	Signature   string   `json:"signature,omitempty"`
	UserHandle  string   `json:"userHandle,omitempty"`
}

// Create makes a passkey for creation options, bare or wrapped in {"publicKey":…}, and gives the credential's JSON. Errors are
// what a browser would refuse with: a foreign relying party, no ES256 among the algorithms, a passkey that is there already.
func (a *Authenticator) Create(options []byte) ([]byte, error) {
	var o creationOptions
	if err := unwrap(options, &o); err != nil {
		return nil, fmt.Errorf("creation options: %w", err)
	}
	rp, err := a.relyingParty(o.RP.ID)
	if err != nil {
		return nil, err
	}
	user, err := base64.RawURLEncoding.DecodeString(o.User.ID)
	if err != nil {
		return nil, fmt.Errorf("creation options: user.id: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.mayCreate(o, rp); err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	p := &passkey{id: make([]byte, 32), user: user, rp: rp, key: key}
	_, _ = rand.Read(p.id) // never fails
	attestation, err := a.attest(p)
	if err != nil {
		return nil, err
	}
	a.keys = append(a.keys, p)
	return json.Marshal(p.credential(CredentialResponse{
		ClientData: encode(a.clientData("webauthn.create", o.Challenge)), Attestation: encode(attestation), Transports: []string{"internal"},
	}))
}

func (a *Authenticator) mayCreate(o creationOptions, rp string) error {
	if err := a.mayVerify(o.Selection.UserVerification); err != nil {
		return err
	}
	const es256 = -7
	supported := false
	for _, p := range o.Params {
		supported = supported || p.Alg == es256
	}
	if !supported {
		return errors.New("NotSupportedError: ES256 is not among pubKeyCredParams")
	}
	if a.find(rp, o.Exclude) != nil {
		return errors.New("InvalidStateError: a passkey of excludeCredentials is already here")
	}
	return nil
}

func (a *Authenticator) mayVerify(wanted string) error {
	if wanted == "required" && a.Unverified && !a.Force {
		return errors.New("NotAllowedError: the owner cannot be verified")
	}
	return nil
}

// Get signs in with request options, bare or wrapped in {"publicKey":…}, and gives the assertion's JSON. With an empty
// allowCredentials it takes the newest passkey of the relying party.
func (a *Authenticator) Get(options []byte) ([]byte, error) {
	var o requestOptions
	if err := unwrap(options, &o); err != nil {
		return nil, fmt.Errorf("request options: %w", err)
	}
	rp, err := a.relyingParty(o.RPID)
	if err != nil {
		return nil, err
	}
	if err := a.mayVerify(o.UserVerification); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.choose(rp, o.Allow)
	if p == nil {
		return nil, errors.New("NotAllowedError: no passkey for this relying party")
	}
	p.count++
	authData := a.authData(p, 0)
	clientData := a.clientData("webauthn.get", o.Challenge)
	hash := sha256.Sum256(clientData)
	digest := sha256.Sum256(append(bytes.Clone(authData), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, p.key, digest[:])
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return json.Marshal(p.credential(CredentialResponse{
		ClientData: encode(clientData), AuthData: encode(authData), Signature: encode(signature), UserHandle: encode(p.user),
	}))
}

// Rewind sets every sign counter back to zero, as on a cloned authenticator.
func (a *Authenticator) Rewind() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.keys {
		p.count = 0
	}
}

// relyingParty settles the relying party's ID the way a browser does: it must be the origin's host or a parent of it.
func (a *Authenticator) relyingParty(id string) (string, error) {
	origin, err := url.Parse(a.Origin)
	if err != nil || origin.Hostname() == "" {
		return "", fmt.Errorf("origin %q is not an origin", a.Origin)
	}
	host := origin.Hostname()
	if id == "" {
		id = host
	}
	if id != host && !strings.HasSuffix(host, "."+id) && !a.Force {
		return "", fmt.Errorf("SecurityError: relying party %q is not of %s", id, a.Origin)
	}
	return id, nil
}

func (a *Authenticator) find(rp string, among []descriptor) *passkey {
	for _, d := range among {
		for _, p := range a.keys {
			if p.rp == rp && encode(p.id) == d.ID {
				return p
			}
		}
	}
	return nil
}

func (a *Authenticator) choose(rp string, allowed []descriptor) *passkey {
	if len(allowed) > 0 {
		return a.find(rp, allowed)
	}
	for i := len(a.keys) - 1; i >= 0; i-- {
		if a.keys[i].rp == rp {
			return a.keys[i]
		}
	}
	return nil
}

func (a *Authenticator) authData(p *passkey, extra byte) []byte {
	flags := byte(flagUP) | extra
	if !a.Unverified {
		flags |= flagUV
	}
	hash := sha256.Sum256([]byte(p.rp))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), p.count)
}

// attest makes the attestation object: the authenticator data with the new public key as a COSE key (RFC 9053), and no
// statement about where it came from.
func (a *Authenticator) attest(p *passkey) ([]byte, error) {
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		return nil, fmt.Errorf("CBOR: %w", err)
	}
	point, err := p.key.PublicKey.Bytes() // 0x04, x, y
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	cose, err := mode.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	data := a.authData(p, flagAT)
	data = append(data, make([]byte, 16)...) // the AAGUID of nobody in particular
	data = binary.BigEndian.AppendUint16(data, uint16(len(p.id)))
	data = append(append(data, p.id...), cose...)
	return mode.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
}

func (a *Authenticator) clientData(ceremony, challenge string) []byte {
	data, err := json.Marshal(struct {
		Type        string `json:"type"`
		Challenge   string `json:"challenge"`
		Origin      string `json:"origin"`
		CrossOrigin bool   `json:"crossOrigin"`
	}{ceremony, challenge, a.Origin, false})
	if err != nil {
		return nil // impossible: strings and a bool
	}
	return data
}

func (p *passkey) credential(r CredentialResponse) Credential {
	return Credential{ID: encode(p.id), RawID: encode(p.id), Type: "public-key", Attachment: "platform", Response: r}
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unwrap(options []byte, into any) error {
	var wrapped struct {
		PublicKey json.RawMessage `json:"publicKey"`
	}
	if err := json.Unmarshal(options, &wrapped); err != nil {
		return err
	}
	if wrapped.PublicKey != nil {
		options = wrapped.PublicKey
	}
	return json.Unmarshal(options, into)
}
