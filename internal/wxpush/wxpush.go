// Package wxpush opens what WeChat and WeCom send of their own: a signature over a sorted list (SHA-1, as they define it), and around the
// message AES-256-CBC with a padding to 32 bytes and the name of whom it is for. It knows no message.
package wxpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1" //nolint:gosec // their signature is defined over it
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Key is what an app shares with its platform.
type Key struct {
	token    string
	aes      []byte
	receiver string
}

var tokenForm = regexp.MustCompile(`^[A-Za-z0-9_-]{3,32}$`)

// NewKey reads a token (3 to 32 letters and digits), an EncodingAESKey (43 characters of base64) and whom messages are for: an app ID or a
// corp ID.
func NewKey(token, encodingAESKey, receiver string) (Key, error) {
	key, err := base64.StdEncoding.DecodeString(encodingAESKey + "=")
	switch {
	case !tokenForm.MatchString(token):
		return Key{}, errors.New("the token must be 3 to 32 letters and digits")
	case err != nil || len(key) != 32:
		return Key{}, errors.New("the EncodingAESKey must be 43 characters of base64")
	case receiver == "":
		return Key{}, errors.New("whom messages are for is missing")
	}
	return Key{token, key, receiver}, nil
}

// Sign is the signature over a timestamp, a nonce and what is sealed; sealed is "" where nothing is.
func (k Key) Sign(timestamp, nonce, sealed string) string {
	parts := []string{k.token, timestamp, nonce, sealed}
	slices.Sort(parts) // "" sorts first and adds nothing
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// Signed reports whether a signature is that, in a time that tells nothing.
func (k Key) Signed(signature, timestamp, nonce, sealed string) bool {
	return timestamp != "" && nonce != "" && subtle.ConstantTimeCompare([]byte(signature), []byte(k.Sign(timestamp, nonce, sealed))) == 1
}

const (
	paddedTo = 32 // bytes; a padding is 1 to 32 of them, twice the cipher's block
	before   = 16 // random bytes before the length
)

// Open gives the message that is sealed, where it is for us. An error says which part was not as it must be, and nothing of the content.
func (k Key) Open(sealed string) ([]byte, error) {
	text, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(text) == 0 || len(text)%aes.BlockSize != 0 {
		return nil, errors.New("what is sealed is not base64 of whole blocks")
	}
	block, err := aes.NewCipher(k.aes)
	if err != nil {
		return nil, fmt.Errorf("the key: %w", err)
	}
	cipher.NewCBCDecrypter(block, k.aes[:aes.BlockSize]).CryptBlocks(text, text)
	pad := int(text[len(text)-1])
	if pad < 1 || pad > paddedTo || pad > len(text) {
		return nil, errors.New("the padding is none")
	}
	for _, b := range text[len(text)-pad:] {
		if int(b) != pad {
			return nil, errors.New("the padding is none")
		}
	}
	text = text[:len(text)-pad]
	if len(text) < before+4 {
		return nil, errors.New("what is sealed is too short")
	}
	length, rest := int64(binary.BigEndian.Uint32(text[before:])), text[before+4:]
	if length > int64(len(rest)) {
		return nil, errors.New("the length is more than there is")
	}
	if string(rest[length:]) != k.receiver {
		return nil, errors.New("it is for somebody else")
	}
	return rest[:length], nil
}
