package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// Place is where a sealed value or a secret's hash lives. It is bound into it, so that whoever can write the database
// cannot move one person's value into another's row, or one field's into another field.
type Place struct {
	Owner string // the ID of the row's account, or of the row itself where it belongs to none
	Field string // "table.column", a constant of the caller
}

// bytes is the place as it is authenticated: each part behind its length, so that no two places read the same.
func (p Place) bytes(b []byte) []byte { return appendParts(b, p.Owner, p.Field) }

func appendParts(b []byte, parts ...string) []byte {
	for _, part := range parts {
		b = binary.BigEndian.AppendUint64(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}

// ErrNotOpened is the answer when the value was altered, comes from another place or was sealed by keys that are
// not in this ring. Which of these it was cannot be told, and need not be.
var ErrNotOpened = errors.New("keyring: a sealed value cannot be opened: altered, moved, or sealed under keys that are not here")

// A sealed value is
//
//	version 1 │ generation, 4 bytes │ nonce, 24 bytes │ ciphertext │ tag, 16 bytes
//
// and its header and place are authenticated with it.
const (
	sealedVersion = 1
	headerSize    = 1 + len(generationID{})
	nonceSize     = 24
	tagSize       = 16

	// Overhead is by how many bytes a sealed value is longer than what is in it.
	Overhead = headerSize + nonceSize + tagSize
)

// Seal encrypts plain for one place, under the active generation. It costs a microsecond or two and touches nothing outside
// the process. There is no practical bound on the number of values: nonces are random and long enough.
func (k *Keyring) Seal(place Place, plain []byte) ([]byte, error) {
	r := k.ring()
	sealed, err := r.sealers[r.active].seal(r.random, r.active, place.bytes, plain)
	if err != nil {
		return nil, fmt.Errorf("keyring: seal %s: %w", place.Field, err)
	}
	return sealed, nil
}

// Open decrypts what was sealed for this place under any generation of the ring, or answers [ErrNotOpened].
func (k *Keyring) Open(place Place, sealed []byte) ([]byte, error) {
	id, ok := generationOf(sealed)
	if !ok {
		return nil, ErrNotOpened
	}
	s, ok := k.ring().sealers[id]
	if !ok {
		return nil, ErrNotOpened
	}
	return s.open(place.bytes, sealed)
}

// Reseal brings a sealed value under the active generation. It answers false, and the value itself, where it already is.
func (k *Keyring) Reseal(place Place, sealed []byte) ([]byte, bool, error) {
	if id, ok := generationOf(sealed); ok && id == k.ring().active {
		return sealed, false, nil
	}
	plain, err := k.Open(place, sealed)
	if err != nil {
		return nil, false, err
	}
	sealed, err = k.Seal(place, plain)
	return sealed, err == nil, err
}

// Generation names the key a value was sealed under, so that rows left to reseal can be found; "" if it is no sealed value.
func Generation(sealed []byte) string {
	id, ok := generationOf(sealed)
	if !ok {
		return ""
	}
	return hex.EncodeToString(id[:])
}

// Active names the generation that seals now.
func (k *Keyring) Active() string { return k.ring().content.Active }

func generationOf(sealed []byte) (generationID, bool) {
	if len(sealed) < Overhead || sealed[0] != sealedVersion {
		return generationID{}, false
	}
	return generationID(sealed[1:headerSize]), true
}

// wrap seals a data key under a key-encryption key.
func wrap(random io.Reader, id generationID, key, dataKey []byte) ([]byte, error) {
	s, err := newSealer(key)
	if err != nil {
		return nil, err
	}
	return s.seal(random, id, wrapping, dataKey)
}

func unwrap(id generationID, key, wrapped []byte) ([]byte, error) {
	s, err := newSealer(key)
	if err != nil {
		return nil, err
	}
	if got, ok := generationOf(wrapped); !ok || got != id {
		return nil, ErrNotOpened
	}
	return s.open(wrapping, wrapped)
}

// wrapping is the place of data keys. It has no parts, so no Place reads like it.
func wrapping(b []byte) []byte { return append(b, "data key"...) }

// sealer is XAES-256-GCM (C2SP) under one key: AES-256-GCM under a key derived for each message from the first half of a
// 24-byte nonce. Plain AES-GCM with random 12-byte nonces would be unsafe after some 2³² values, which a busy service
// reaches.
type sealer struct {
	block cipher.Block
	k1    [aes.BlockSize]byte // CMAC's first subkey
}

func newSealer(key []byte) (*sealer, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("a key has %d bytes, not %d", len(key), keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	s := &sealer{block: block}
	block.Encrypt(s.k1[:], s.k1[:])
	var carry byte
	for i := len(s.k1) - 1; i >= 0; i-- {
		s.k1[i], carry = s.k1[i]<<1|carry, s.k1[i]>>7
	}
	s.k1[len(s.k1)-1] ^= carry * 0x87
	return s, nil
}

// aead derives the cipher for messages whose nonce begins with these 12 bytes.
func (s *sealer) aead(prefix []byte) (cipher.AEAD, error) {
	var key [keySize]byte
	for i := range 2 {
		half := key[i*aes.BlockSize : (i+1)*aes.BlockSize]
		copy(half, []byte{0, byte(i + 1), 'X', 0})
		copy(half[4:], prefix)
		for j := range half {
			half[j] ^= s.k1[j]
		}
		s.block.Encrypt(half, half)
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal writes header, nonce and ciphertext; place appends what else is authenticated behind the header.
func (s *sealer) seal(random io.Reader, id generationID, place func([]byte) []byte, plain []byte) ([]byte, error) {
	out := make([]byte, headerSize+nonceSize, Overhead+len(plain))
	out[0] = sealedVersion
	copy(out[1:], id[:])
	nonce := out[headerSize:]
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("draw a nonce: %w", err)
	}
	aead, err := s.aead(nonce[:nonceSize/2])
	if err != nil {
		return nil, err
	}
	return aead.Seal(out, nonce[nonceSize/2:], plain, authenticated(out, place)), nil
}

func (s *sealer) open(place func([]byte) []byte, sealed []byte) ([]byte, error) {
	nonce := sealed[headerSize : headerSize+nonceSize]
	aead, err := s.aead(nonce[:nonceSize/2])
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nonce[nonceSize/2:], sealed[headerSize+nonceSize:], authenticated(sealed, place))
	if err != nil {
		return nil, ErrNotOpened
	}
	return plain, nil
}

func authenticated(sealed []byte, place func([]byte) []byte) []byte {
	return place(append(make([]byte, 0, 128), sealed[:headerSize]...))
}
