package gate

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

// Idempotency makes a request's idempotency from its Idempotency-Key header and its content. The header may be quoted, as
// draft-ietf-httpapi-idempotency-key-header writes it, or bare. No header is no idempotency; a key that is not 1 to 255
// visible ASCII characters is CodeInvalid.
func Idempotency(header, method, path string, body []byte) (engine.Idem, error) {
	if header == "" {
		return engine.Idem{}, nil
	}
	key := header
	if len(key) >= 2 && key[0] == '"' && key[len(key)-1] == '"' {
		key = key[1 : len(key)-1]
	}
	if len(key) < 1 || len(key) > 255 || strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' }) {
		return engine.Idem{}, jieling.Invalid("Idempotency-Key", "must be 1 to 255 visible ASCII characters")
	}
	return engine.Idem{Key: key, Fingerprint: Fingerprint(method, path, body)}, nil
}

// Fingerprint tells requests apart: the hash of method, path (with the IDs in it) and body, each with its length before it.
func Fingerprint(method, path string, body []byte) (sum [32]byte) {
	h := sha256.New()
	var n [8]byte
	for _, part := range [...][]byte{[]byte(method), []byte(path), body} {
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	h.Sum(sum[:0])
	return sum
}
