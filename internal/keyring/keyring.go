// Package keyring keeps the keys of the service and does with them all that needs a key: it seals personal data, makes
// blind indexes to look sealed data up by, hashes what people know (PINs) and are sent (codes), and signs audit checkpoints.
//
//	person's data ──Seal(place)──► sealed bytes in a row          opened only at the same place
//	identity      ──BlindIndex───► 32 bytes in an index           equal for equal input, meaningless without the key
//	PIN           ──HashSecret───► argon2id, peppered             slow on purpose, two at a time
//	one-time code ──CodeMAC──────► 32 bytes, bound to a challenge fast, because a code lives for minutes
//	checkpoint    ──Signer───────► signed note
//	claims        ──SignToken────► JWS, for others to verify      by the published TokenKeys
//
// Every purpose has a key of its own. A keyring lives in one file that only the service's user can read; whoever has the
// database alone has nothing, and whoever has both has everything, so back the two up apart. A [Keyring] never changes and
// is safe for concurrent use: rotation returns another, which opens everything the old one could. It never prints itself.
//
// The package decides nothing: not what is personal, not how often a PIN may be tried, not when to rotate.
package keyring

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// keySize is that of every symmetric key here, in bytes.
const keySize = 32

// Keyring is a set of keys, ready for use. Make one with [New], [Open], [Create] or [LoadOrCreate].
type Keyring struct {
	// A function, because package fmt cannot look into one. Where a keyring is an unexported field of something printed,
	// fmt may not call String, and with some verbs it follows pointers down to the keys.
	ring func() *ring
}

// ring is what a Keyring hides.
type ring struct {
	content content
	sealers map[generationID]*sealer
	active  generationID
	random  io.Reader
	hashing chan struct{} // a place in it is the right to run argon2
	tokens  []jose.JSONWebKey
}

// generationID names the key that something was sealed under, in the open, at its front. It is random, so that two
// operators who rotate copies of one file do not give two keys one name.
type generationID [4]byte

// content is the file. Its form is versioned by the field Version, never by guessing.
type content struct {
	Version     int          `json:"version"`
	Active      string       `json:"active"` // ID of the generation that seals
	Generations []generation `json:"generations"`
	BlindIndex  []byte       `json:"blind_index"` // cannot be rotated without computing every index anew
	Secrets     []byte       `json:"secrets"`     // the pepper of PINs; cannot be rotated without asking every person
	Codes       []byte       `json:"codes"`
	Signing     [][]byte     `json:"signing"`          // ed25519 seeds; the last one signs, the others only verify
	Tokens      [][]byte     `json:"tokens,omitempty"` // RSA keys in PKCS #8; the last one signs, all are published
}

// generation is one key-encryption key and the data key it wraps. Data is sealed under the data key alone; the step between
// is there so that a key-encryption key can move into hardware, or change, without a row being rewritten.
type generation struct {
	ID      string `json:"id"` // 8 hex digits
	Key     []byte `json:"key"`
	DataKey []byte `json:"data_key"` // sealed under Key
}

// New makes a keyring with fresh keys from random; nil stands for the system's source. The reader is kept, for nonces and
// salts, and must be safe for concurrent use.
func New(random io.Reader) (*Keyring, error) {
	random = orSystem(random)
	keys, err := draw(random, 4)
	if err != nil {
		return nil, err
	}
	first, err := newGeneration(random)
	if err != nil {
		return nil, err
	}
	return load(content{
		Version:     1,
		Active:      first.ID,
		Generations: []generation{first},
		BlindIndex:  keys[0],
		Secrets:     keys[1],
		Codes:       keys[2],
		Signing:     [][]byte{keys[3]},
	}, random)
}

func orSystem(random io.Reader) io.Reader {
	if random == nil {
		return rand.Reader
	}
	return random
}

// draw takes n keys from random.
func draw(random io.Reader, n int) ([][]byte, error) {
	keys := make([][]byte, n)
	for i := range keys {
		keys[i] = make([]byte, keySize)
		if _, err := io.ReadFull(random, keys[i]); err != nil {
			return nil, fmt.Errorf("keyring: draw a key: %w", err)
		}
	}
	return keys, nil
}

func newGeneration(random io.Reader) (generation, error) {
	var id generationID
	if _, err := io.ReadFull(random, id[:]); err != nil {
		return generation{}, fmt.Errorf("keyring: draw a key's name: %w", err)
	}
	keys, err := draw(random, 2)
	if err != nil {
		return generation{}, err
	}
	wrapped, err := wrap(random, id, keys[0], keys[1])
	if err != nil {
		return generation{}, err
	}
	return generation{ID: hex.EncodeToString(id[:]), Key: keys[0], DataKey: wrapped}, nil
}

// load checks a keyring's content and makes it ready, so that nothing can fail later for the keys' sake.
func load(c content, random io.Reader) (*Keyring, error) {
	if c.Version != 1 {
		return nil, fmt.Errorf("keyring: its version is %d, this program knows 1; use the program that wrote it, or a newer one", c.Version)
	}
	for _, key := range append([][]byte{c.BlindIndex, c.Secrets, c.Codes}, c.Signing...) {
		if len(key) != keySize {
			return nil, fmt.Errorf("keyring: a key has %d bytes, not %d; restore the file from its backup", len(key), keySize)
		}
	}
	if len(c.Signing) == 0 {
		return nil, errors.New("keyring: no signing key; restore the file from its backup")
	}
	r := &ring{content: c, sealers: map[generationID]*sealer{}, random: random, hashing: make(chan struct{}, maxHashing)}
	var err error
	if r.tokens, err = readTokenKeys(c.Tokens); err != nil {
		return nil, err
	}
	for _, g := range c.Generations {
		id, s, err := g.sealer()
		if err != nil {
			return nil, fmt.Errorf("keyring: generation %q: %w", g.ID, err)
		}
		if r.sealers[id] != nil {
			return nil, fmt.Errorf("keyring: generation %q is there twice", g.ID)
		}
		r.sealers[id] = s
		if g.ID == c.Active {
			r.active = id
		}
	}
	if r.sealers[r.active] == nil {
		return nil, fmt.Errorf("keyring: its active generation %q is missing; restore the file from its backup", c.Active)
	}
	return &Keyring{func() *ring { return r }}, nil
}

// sealer unwraps the data key, once for the life of the process.
func (g generation) sealer() (generationID, *sealer, error) {
	var id generationID
	raw, err := hex.DecodeString(g.ID)
	if err != nil || len(raw) != len(id) || hex.EncodeToString(raw) != g.ID {
		return id, nil, errors.New("its name is not 8 hex digits")
	}
	copy(id[:], raw)
	key, err := unwrap(id, g.Key, g.DataKey)
	if err != nil {
		return id, nil, err
	}
	s, err := newSealer(key)
	return id, s, err
}

// RotateSealing returns a keyring that seals under new keys and still opens what this one sealed: [Keyring.AddSealing] and
// [Keyring.Activate] at once, for a single node. [Keyring.Reseal] the rows at leisure.
func (k *Keyring) RotateSealing() (*Keyring, error) {
	next, err := k.AddSealing()
	if err != nil {
		return nil, err
	}
	return next.Activate()
}

// AddSealing returns a keyring that opens what the next keys seal, and seals under the present ones still. Every node has to have it
// before one of them seals under the next: what a node cannot open it cannot work with.
func (k *Keyring) AddSealing() (*Keyring, error) {
	if k.Next() != "" {
		return nil, fmt.Errorf("keyring: generation %s is waiting to be activated", k.Next())
	}
	g, err := newGeneration(k.ring().random)
	if err != nil {
		return nil, err
	}
	c := k.ring().content
	c.Generations = append(slices.Clip(c.Generations), g)
	return k.with(c)
}

// Activate returns a keyring that seals under the generation that was added last.
func (k *Keyring) Activate() (*Keyring, error) {
	if k.Next() == "" {
		return nil, errors.New("keyring: no generation is waiting to be activated")
	}
	c := k.ring().content
	c.Active = k.Next()
	return k.with(c)
}

// Next names the generation that was added and does not seal yet; "" where there is none.
func (k *Keyring) Next() string {
	c := k.ring().content
	if last := c.Generations[len(c.Generations)-1].ID; last != c.Active {
		return last
	}
	return ""
}

// Generations names every generation that can be opened, oldest first.
func (k *Keyring) Generations() (names []string) {
	for _, g := range k.ring().content.Generations {
		names = append(names, g.ID)
	}
	return names
}

// RotateSigning returns a keyring that signs with a new key and still verifies what this one signed. Whoever keeps our
// checkpoints needs the new verifier key ([Keyring.VerifierKey]).
func (k *Keyring) RotateSigning() (*Keyring, error) {
	keys, err := draw(k.ring().random, 1)
	if err != nil {
		return nil, err
	}
	c := k.ring().content
	c.Signing = append(slices.Clip(c.Signing), keys[0])
	return k.with(c)
}

// with makes the content ready and keeps the bound on hashing common to the old keyring and the new.
func (k *Keyring) with(c content) (*Keyring, error) {
	next, err := load(c, k.ring().random)
	if err != nil {
		return nil, err
	}
	next.ring().hashing = k.ring().hashing
	return next, nil
}

// redacted is all that a keyring says of itself.
const redacted = "keyring(redacted)"

// String implements fmt.Stringer and gives nothing away.
func (k Keyring) String() string { return redacted }

// GoString implements fmt.GoStringer and gives nothing away.
func (k Keyring) GoString() string { return redacted }

// MarshalJSON implements json.Marshaler and gives nothing away; only Save writes keys.
func (k Keyring) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }
