package webauthn_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// Flags of the authenticator data (WebAuthn level 3, 6.1).
const (
	userPresent    = 0x01
	userVerified   = 0x04
	backupEligible = 0x08
	backupState    = 0x10
	attestedData   = 0x40
)

// device is an authenticator in software whose every word can be bent: ES256, attestation "none".
type device struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	origin  string
	rpID    string
	flags   byte
	counter uint32
	made    statement // nil: it says nothing about itself
}

// statement is what a device says about itself when a key is made, over the bytes it signs for.
type statement func(over []byte) (format string, stmt map[string]any)

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return &device{t: t, key: key, id: id, origin: "https://id.example.test", rpID: "id.example.test", flags: userPresent | userVerified}
}

type options struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
		RPID             string `json:"rpId"`
		UserVerification string `json:"userVerification"`
		Timeout          int    `json:"timeout"`
		Attestation      string `json:"attestation"`
		AllowCredentials []struct {
			ID         string
			Transports []string
		} `json:"allowCredentials"`
		ExcludeCredentials     []struct{ ID string } `json:"excludeCredentials"`
		AuthenticatorSelection struct {
			AuthenticatorAttachment, ResidentKey, UserVerification string
		} `json:"authenticatorSelection"`
	} `json:"publicKey"`
}

func read(t *testing.T, public []byte) (o options) {
	t.Helper()
	if err := json.Unmarshal(public, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func (d *device) clientData(kind, challenge string) []byte {
	return d.json(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
}

func (d *device) authData(extra byte) []byte {
	hash := sha256.Sum256([]byte(d.rpID))
	return binary.BigEndian.AppendUint32(append(hash[:], d.flags|extra), d.counter)
}

// create answers creation options.
func (d *device) create(public []byte) []byte {
	o := read(d.t, public)
	handle, err := base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	d.handle = handle
	auth := append(d.authData(attestedData), make([]byte, 16)...)
	auth = append(binary.BigEndian.AppendUint16(auth, uint16(len(d.id))), d.id...)
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	auth = append(auth, d.cbor(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})...)
	client, format, stmt := d.clientData("webauthn.create", o.PublicKey.Challenge), "none", map[string]any{}
	if d.made != nil {
		hash := sha256.Sum256(client)
		format, stmt = d.made(append(bytes.Clone(auth), hash[:]...))
	}
	return d.answer(map[string]any{
		"clientDataJSON":    b64(client),
		"attestationObject": b64(d.cbor(map[string]any{"fmt": format, "attStmt": stmt, "authData": auth})),
		"transports":        []string{"internal"},
	})
}

// get answers request options.
func (d *device) get(public []byte) []byte {
	client := d.clientData("webauthn.get", read(d.t, public).PublicKey.Challenge)
	hash := sha256.Sum256(client)
	auth := d.authData(0)
	digest := sha256.Sum256(bytes.Join([][]byte{auth, hash[:]}, nil))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(auth), "signature": b64(signature), "userHandle": b64(d.handle),
	})
}

func (d *device) answer(response map[string]any) []byte {
	return d.json(map[string]any{
		"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "authenticatorAttachment": "platform",
		"clientExtensionResults": map[string]any{}, "response": response,
	})
}

func (d *device) json(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *device) cbor(v any) []byte {
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		d.t.Fatal(err)
	}
	b, err := mode.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
