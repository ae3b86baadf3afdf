package keyring

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/jieling-id/jieling"
)

// BlindIndex makes the value under which sealed data is looked up: equal for equal input, and meaningless without the key.
// The purpose keeps indexes apart that have the same parts, so that equality shows only within one of them. Parts are used
// as they are: the caller normalises (NFC, E.164, lower case) before.
func (k *Keyring) BlindIndex(purpose string, parts ...string) [sha256.Size]byte {
	return mac(k.ring().content.BlindIndex, append([]string{purpose}, parts...)...)
}

// CodeMAC is what is stored of a one-time code: bound to its challenge, so that a code answers that one alone. Codes are
// short and live for minutes; the key, not slowness, is what keeps them from being guessed out of the database.
func (k *Keyring) CodeMAC(challenge jieling.ChallengeID, code string) [sha256.Size]byte {
	return mac(k.ring().content.Codes, string(challenge), code)
}

// CheckCode reports, in constant time, whether code is the one whose CodeMAC this is.
func (k *Keyring) CheckCode(challenge jieling.ChallengeID, code string, want [sha256.Size]byte) bool {
	got := k.CodeMAC(challenge, code)
	return hmac.Equal(got[:], want[:])
}

func mac(key []byte, parts ...string) (sum [sha256.Size]byte) {
	h := hmac.New(sha256.New, key)
	h.Write(appendParts(make([]byte, 0, 128), parts...))
	h.Sum(sum[:0])
	return sum
}

// cost is what argon2id is asked to spend.
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// currentCost is what new hashes are made with: OWASP's second choice for argon2id.
func currentCost() cost { return cost{memory: 19 * 1024, passes: 2, lanes: 1} }

// bearable reports that a stored hash asks for no more than verifying may cost, and for no nonsense.
func (c cost) bearable() bool {
	return 8 <= c.memory && c.memory <= 64*1024 && 1 <= c.passes && c.passes <= 10 && 1 <= c.lanes && c.lanes <= 4
}

// maxHashing bounds how many secrets are hashed at a time, and with it the memory that a flood of guesses can take.
const maxHashing = 2

const (
	saltSize = 16
	hashSize = 32
)

// HashSecret hashes what a person knows, a PIN or a password, for one place, as a PHC string with argon2id. The key goes in
// first (a pepper), because a six-digit PIN has no strength of its own: without the keyring the hash cannot be searched.
// At most two run at a time; others wait until ctx ends.
func (k *Keyring) HashSecret(ctx context.Context, place Place, secret string) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(k.ring().random, salt); err != nil {
		return "", fmt.Errorf("keyring: draw a salt: %w", err)
	}
	c := currentCost()
	hash, err := k.argon2(ctx, c, place, secret, salt)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(hash)), nil
}

// VerifySecret reports whether hashed is of this secret at this place. A wrong secret is false without an error; an error
// means that the question could not be answered. It waits like [Keyring.HashSecret].
func (k *Keyring) VerifySecret(ctx context.Context, place Place, secret, hashed string) (bool, error) {
	c, salt, want, err := parsePHC(hashed)
	if err != nil {
		return false, fmt.Errorf("keyring: verify a secret at %s: %w", place.Field, err)
	}
	got, err := k.argon2(ctx, c, place, secret, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func (k *Keyring) argon2(ctx context.Context, c cost, place Place, secret string, salt []byte) ([]byte, error) {
	r := k.ring()
	select {
	case r.hashing <- struct{}{}:
		defer func() { <-r.hashing }()
	case <-ctx.Done():
		return nil, fmt.Errorf("keyring: wait to hash a secret: %w", ctx.Err())
	}
	peppered := mac(r.content.Secrets, place.Owner, place.Field, secret)
	return argon2.IDKey(peppered[:], salt, c.passes, c.memory, c.lanes, hashSize), nil
}

// parsePHC reads a hash of HashSecret. It never answers with a piece of the hash, because errors are logged.
func parsePHC(hashed string) (c cost, salt, hash []byte, err error) {
	fields := strings.Split(hashed, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" {
		return c, nil, nil, errors.New("the stored hash is not argon2id")
	}
	if fields[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errors.New("the stored hash is of another version of argon2")
	}
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil {
		return c, nil, nil, errors.New("the stored hash does not say its cost")
	}
	if !c.bearable() {
		return c, nil, nil, errors.New("the stored hash asks for a cost out of bounds")
	}
	salt, saltErr := base64.RawStdEncoding.Strict().DecodeString(fields[4])
	hash, hashErr := base64.RawStdEncoding.Strict().DecodeString(fields[5])
	if saltErr != nil || hashErr != nil || len(salt) < saltSize || len(hash) != hashSize {
		return c, nil, nil, errors.New("the stored hash is damaged")
	}
	return c, salt, hash, nil
}
