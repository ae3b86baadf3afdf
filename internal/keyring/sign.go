package keyring

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Signer signs notes, such as audit checkpoints, under a name: letters, digits and punctuation without spaces or "+", by
// custom a domain and a path ("jieling.example/audit").
func (k *Keyring) Signer(name string) (note.Signer, error) {
	key := k.signingKey()
	public, err := verifierKey(name, key)
	if err != nil {
		return nil, err
	}
	// Package note takes a private key only as text: the public one's name and hash, then the algorithm (1) and the seed.
	hash := strings.Split(public, "+")[1]
	private := base64.StdEncoding.EncodeToString(append([]byte{1}, key.Seed()...))
	signer, err := note.NewSigner("PRIVATE+KEY+" + name + "+" + hash + "+" + private)
	if err != nil {
		return nil, fmt.Errorf("keyring: signer %q: %w", name, err)
	}
	return signer, nil
}

// Verifiers knows every signing key this ring ever had, under the name, so that old signatures stay good.
func (k *Keyring) Verifiers(name string) (note.Verifiers, error) {
	var list []note.Verifier
	for _, seed := range k.ring().content.Signing {
		public, err := verifierKey(name, ed25519.NewKeyFromSeed(seed))
		if err != nil {
			return nil, err
		}
		verifier, err := note.NewVerifier(public)
		if err != nil {
			return nil, fmt.Errorf("keyring: verifier %q: %w", name, err)
		}
		list = append(list, verifier)
	}
	return note.VerifierList(list...), nil
}

// VerifierKey is the public half of the key that signs, as text to hand to whoever keeps our checkpoints.
func (k *Keyring) VerifierKey(name string) (string, error) {
	return verifierKey(name, k.signingKey())
}

func verifierKey(name string, key ed25519.PrivateKey) (string, error) {
	public, err := note.NewEd25519VerifierKey(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		return "", fmt.Errorf("keyring: verifier %q: %w", name, err)
	}
	return public, nil
}

// signingKey is the one that signs now.
func (k *Keyring) signingKey() ed25519.PrivateKey {
	seeds := k.ring().content.Signing
	return ed25519.NewKeyFromSeed(seeds[len(seeds)-1])
}
