package gate

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

const (
	keyPrefix = "jl_"
	keySize   = 32 // bytes of randomness in a key
	keyLen    = len(keyPrefix) + 52
)

// keyText writes a key's random part. A key carries a prefix so that scanners of leaked secrets can know one by sight.
var keyText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewKey makes an API key from 256 random bits. The secret is for the caller, who sees it this once; the store keeps only
// its hash. A plain SHA-256 is enough, because nobody can search 2²⁵⁶ secrets (unlike a person's password).
func NewKey(name string, scopes []string, at time.Time, random io.Reader) (secret string, key store.Key, err error) {
	var b [keySize]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", store.Key{}, fmt.Errorf("make API key %q: %w", name, err)
	}
	secret = keyPrefix + keyText.EncodeToString(b[:])
	return secret, store.Key{Name: name, Hash: HashKey(secret), Scopes: scopes, CreatedAt: at}, nil
}

// HashKey is what the store keeps of a key's secret.
func HashKey(secret string) [32]byte { return sha256.Sum256([]byte(secret)) }

// keyAge is how old what we know of the keys may be when it is used: the second within which a revoked key dies.
const keyAge = time.Second

// keys remembers the API keys that are not revoked.
type keys struct {
	load func(context.Context) ([]store.Key, error)
	now  func() time.Time

	known   atomic.Pointer[keySet]
	reading sync.Mutex
}

type keySet struct {
	asOf   time.Time // when the question was asked, not when it was answered
	byHash map[[32]byte]store.Key
}

// actor finds who a secret belongs to. Where the keys cannot be read it says so (S30): nobody is let in on old knowledge.
func (k *keys) actor(ctx context.Context, secret string) (jieling.Actor, error) {
	if len(secret) != keyLen || !strings.HasPrefix(secret, keyPrefix) {
		return jieling.Actor{}, &jieling.Error{Code: jieling.CodeUnauthenticated}
	}
	set, err := k.fresh(ctx)
	if err != nil {
		return jieling.Actor{}, err
	}
	hash := HashKey(secret)
	key, ok := set.byHash[hash]
	if !ok || subtle.ConstantTimeCompare(key.Hash[:], hash[:]) != 1 {
		return jieling.Actor{}, &jieling.Error{Code: jieling.CodeUnauthenticated}
	}
	return jieling.Actor{Kind: jieling.ActorProduct, Name: key.Name, Scopes: key.Scopes}, nil
}

// fresh gives a set young enough to use. When it is too old, one caller reads and the others wait for the outcome.
func (k *keys) fresh(ctx context.Context) (*keySet, error) {
	if set := k.known.Load(); k.young(set) {
		return set, nil
	}
	k.reading.Lock()
	defer k.reading.Unlock()
	if set := k.known.Load(); k.young(set) {
		return set, nil
	}
	asOf := k.now()
	list, err := k.load(ctx)
	if err != nil {
		return nil, &jieling.Error{Code: jieling.CodeDependency, After: keyAge, Err: fmt.Errorf("read API keys: %w", err)}
	}
	set := &keySet{asOf: asOf, byHash: make(map[[32]byte]store.Key, len(list))}
	for _, key := range list {
		if key.RevokedAt.IsZero() {
			set.byHash[key.Hash] = key
		}
	}
	k.known.Store(set)
	return set, nil
}

// young is false for a set from the future too: a clock that was set back must not keep a revoked key alive.
func (k *keys) young(set *keySet) bool {
	if set == nil {
		return false
	}
	age := k.now().Sub(set.asOf)
	return 0 <= age && age < keyAge
}
