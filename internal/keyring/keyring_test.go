package keyring

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
)

var subject = Place{Owner: "acc_1", Field: "binding.subject"}

func newKeyring(t testing.TB) *Keyring {
	t.Helper()
	k, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// fixed is a keyring whose keys are 0, 1, 2…, for values that must never change.
func fixed(t testing.TB) *Keyring {
	t.Helper()
	k, err := New(&counter{})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

type counter struct{ next byte }

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = c.next
		c.next++
	}
	return len(p), nil
}

func seal(t testing.TB, k *Keyring, place Place, plain string) []byte {
	t.Helper()
	sealed, err := k.Seal(place, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// The vectors of the C2SP specification of XAES-256-GCM.
func TestSealerIsXAES256GCM(t *testing.T) {
	for _, tt := range []struct {
		key         byte
		aad, sealed string
	}{
		{1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
		{3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
	} {
		s, err := newSealer(bytes.Repeat([]byte{tt.key}, keySize))
		if err != nil {
			t.Fatal(err)
		}
		aead, err := s.aead([]byte("ABCDEFGHIJKL"))
		if err != nil {
			t.Fatal(err)
		}
		got := hex.EncodeToString(aead.Seal(nil, []byte("MNOPQRSTUVWX"), []byte("XAES-256-GCM"), []byte(tt.aad)))
		if got != tt.sealed {
			t.Errorf("key %d: got %s, want %s", tt.key, got, tt.sealed)
		}
	}
}

func TestSealedIsOpenedAtItsPlaceOnly(t *testing.T) {
	k := newKeyring(t)
	rapid.Check(t, func(t *rapid.T) {
		place := Place{rapid.String().Draw(t, "owner"), rapid.String().Draw(t, "field")}
		other := Place{rapid.String().Draw(t, "owner2"), rapid.String().Draw(t, "field2")}
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed, err := k.Seal(place, plain)
		if err != nil {
			t.Fatal(err)
		}
		if len(sealed) != len(plain)+Overhead {
			t.Fatalf("%d bytes became %d", len(plain), len(sealed))
		}
		got, err := k.Open(place, sealed)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("got %q, %v; want %q", got, err, plain)
		}
		if _, err := k.Open(other, sealed); other != place && !errors.Is(err, ErrNotOpened) {
			t.Fatalf("sealed at %q, opened at %q: %v", place, other, err)
		}
	})
}

func TestPlacesCannotFlowIntoEachOther(t *testing.T) {
	k := newKeyring(t)
	sealed := seal(t, k, Place{"acc_1", "23"}, "x")
	if _, err := k.Open(Place{"acc_12", "3"}, sealed); !errors.Is(err, ErrNotOpened) {
		t.Errorf("got %v", err)
	}
}

func TestAnyFlippedBitIsRefused(t *testing.T) {
	k := newKeyring(t)
	rapid.Check(t, func(t *rapid.T) {
		sealed, err := k.Seal(subject, rapid.SliceOf(rapid.Byte()).Draw(t, "plain"))
		if err != nil {
			t.Fatal(err)
		}
		bit := rapid.IntRange(0, 8*len(sealed)-1).Draw(t, "bit")
		sealed[bit/8] ^= 1 << (bit % 8)
		if got, err := k.Open(subject, sealed); !errors.Is(err, ErrNotOpened) {
			t.Fatalf("bit %d flipped: %q, %v", bit, got, err)
		}
	})
}

// The generation in the header is authenticated: a value cannot be made to look as if another key had sealed it, even
// where two generations hold one data key.
func TestGenerationIsAuthenticated(t *testing.T) {
	k := newKeyring(t)
	sealed := seal(t, k, subject, "x")
	other := generationID{1, 2, 3, 4}
	k.ring().sealers[other] = k.ring().sealers[k.ring().active]
	copy(sealed[1:], other[:])
	if _, err := k.Open(subject, sealed); !errors.Is(err, ErrNotOpened) {
		t.Errorf("got %v", err)
	}
}

func TestTruncatedIsRefused(t *testing.T) {
	k := newKeyring(t)
	sealed := seal(t, k, subject, "o-123")
	for n := range sealed {
		if _, err := k.Open(subject, sealed[:n]); !errors.Is(err, ErrNotOpened) {
			t.Errorf("first %d bytes: %v", n, err)
		}
	}
}

func TestRotationKeepsOldValuesReadable(t *testing.T) {
	old := newKeyring(t)
	sealed := seal(t, old, subject, "o-123")
	now, err := old.RotateSealing()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := now.Open(subject, sealed); err != nil || string(got) != "o-123" {
		t.Errorf("after rotation: %q, %v", got, err)
	}
	if got, want := Generation(seal(t, now, subject, "x")), now.Active(); got != want || want == old.Active() {
		t.Errorf("sealed under %s, active is %s, was %s", got, want, old.Active())
	}
	if _, err := old.Open(subject, seal(t, now, subject, "x")); !errors.Is(err, ErrNotOpened) {
		t.Errorf("the old ring opened what the new one sealed: %v", err)
	}
	if now.BlindIndex("identity", "qq", "1") != old.BlindIndex("identity", "qq", "1") {
		t.Error("rotating the seal moved every blind index")
	}
}

func TestResealMovesToTheActiveGeneration(t *testing.T) {
	old := newKeyring(t)
	sealed := seal(t, old, subject, "o-123")
	now, err := old.RotateSealing()
	if err != nil {
		t.Fatal(err)
	}
	moved, changed, err := now.Reseal(subject, sealed)
	if err != nil || !changed || Generation(moved) != now.Active() {
		t.Fatalf("got %q, %v, %v", Generation(moved), changed, err)
	}
	if got, err := now.Open(subject, moved); err != nil || string(got) != "o-123" {
		t.Errorf("resealed: %q, %v", got, err)
	}
	again, changed, err := now.Reseal(subject, moved)
	if err != nil || changed || !bytes.Equal(again, moved) {
		t.Errorf("second time: changed %v, %v", changed, err)
	}
	if _, _, err := now.Reseal(Place{"acc_2", subject.Field}, sealed); !errors.Is(err, ErrNotOpened) {
		t.Errorf("resealing at another place laundered the value: %v", err)
	}
}

// Blind indexes are stored: this value may never change.
func TestBlindIndexIsStable(t *testing.T) {
	got := fixed(t).BlindIndex("identity", "qq", "o-123")
	if hex.EncodeToString(got[:]) != "2998e7d9df4d7adae4362a2e932ad5b72cef63e102328ca6c96834a95faa59bf" {
		t.Errorf("got %x", got)
	}
}

func TestBlindIndexTellsInputsApart(t *testing.T) {
	k := newKeyring(t)
	seen := map[[32]byte]string{}
	for _, parts := range [][]string{
		{"identity", "qq", "1"},
		{"identity", "q", "q1"},
		{"identity", "qq1"},
		{"identity", "qq", "1", ""},
		{"union", "qq", "1"},
		{"identity", "wechat", "1"},
		{"identity"},
		{"identity", ""},
	} {
		index := k.BlindIndex(parts[0], parts[1:]...)
		if before, ok := seen[index]; ok {
			t.Errorf("%q and %s have one index", parts, before)
		}
		seen[index] = fmt.Sprintf("%q", parts)
	}
	if k.BlindIndex("identity", "qq", "1") == newKeyring(t).BlindIndex("identity", "qq", "1") {
		t.Error("the index does not depend on the key")
	}
}

func TestSecretIsKnownAgainAtItsPlaceOnly(t *testing.T) {
	k, ctx := newKeyring(t), context.Background()
	pin := Place{"acc_1", "factor.pin"}
	hashed, err := k.HashSecret(ctx, pin, "246810")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hashed, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("not the agreed cost: %s", hashed)
	}
	for _, tt := range []struct {
		name   string
		ring   *Keyring
		place  Place
		secret string
		want   bool
	}{
		{"right", k, pin, "246810", true},
		{"wrong", k, pin, "246811", false},
		{"empty", k, pin, "", false},
		{"of another account", k, Place{"acc_2", "factor.pin"}, "246810", false},
		{"in another field", k, Place{"acc_1", "staff.password"}, "246810", false},
		{"without our pepper", newKeyring(t), pin, "246810", false},
	} {
		if got, err := tt.ring.VerifySecret(ctx, tt.place, tt.secret, hashed); err != nil || got != tt.want {
			t.Errorf("%s: got %v, %v", tt.name, got, err)
		}
	}
	if again, _ := k.HashSecret(ctx, pin, "246810"); again == hashed {
		t.Error("two hashes of one secret are equal: no salt")
	}
}

// A hash made with an older cost must stay good; one that would eat the machine must not be run.
func TestStoredCostIsObeyedWithinBounds(t *testing.T) {
	k, ctx := newKeyring(t), context.Background()
	hashed, err := k.HashSecret(ctx, subject, "246810")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "246810", "$2a$10$abc", strings.Replace(hashed, "argon2id", "argon2i", 1), strings.Replace(hashed, "v=19", "v=16", 1),
		strings.Replace(hashed, "m=19456", "m=4194304", 1), strings.Replace(hashed, "m=19456", "m=0", 1),
		strings.Replace(hashed, "t=2", "t=99", 1), strings.Replace(hashed, "t=2", "t=0", 1), strings.Replace(hashed, "p=1", "p=0", 1),
		strings.Replace(hashed, "p=1", "p=300", 1), hashed[:len(hashed)-2], hashed + "$",
	} {
		ok, err := k.VerifySecret(ctx, subject, "246810", bad)
		if err == nil || ok {
			t.Errorf("%q: got %v, %v", bad, ok, err)
		}
		if err != nil && len(bad) > 40 && strings.Contains(err.Error(), bad[40:]) {
			t.Errorf("the error quotes the hash: %v", err)
		}
	}
	if ok, err := k.VerifySecret(ctx, subject, "246810", strings.Replace(hashed, "m=19456", "m=8192", 1)); err != nil || ok {
		t.Errorf("at another cost the hash differs: got %v, %v", ok, err)
	}
}

func TestHashingWaitsItsTurn(t *testing.T) {
	k := newKeyring(t)
	for range maxHashing {
		k.ring().hashing <- struct{}{}
	}
	rotated, err := k.RotateSealing()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, ring := range map[string]*Keyring{"the ring": k, "its rotated sister": rotated} {
		for range 20 { // were there room, either branch could win
			if _, err := ring.HashSecret(ctx, subject, "246810"); !errors.Is(err, context.Canceled) {
				t.Fatalf("%s: hashed beyond the bound: %v", name, err)
			}
		}
	}
	<-k.ring().hashing
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := k.HashSecret(context.Background(), subject, "246810"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestCodeAnswersItsChallengeOnly(t *testing.T) {
	k := newKeyring(t)
	stored := k.CodeMAC("chl_1", "135790")
	for _, tt := range []struct {
		ring      *Keyring
		challenge string
		code      string
		want      bool
	}{
		{k, "chl_1", "135790", true},
		{k, "chl_1", "135791", false},
		{k, "chl_2", "135790", false},
		{k, "chl_11", "35790", false},
		{newKeyring(t), "chl_1", "135790", false},
	} {
		if got := tt.ring.CheckCode(jieling.ChallengeID(tt.challenge), tt.code, stored); got != tt.want {
			t.Errorf("%s %s: got %v", tt.challenge, tt.code, got)
		}
	}
}

func TestSignaturesOutliveRotation(t *testing.T) {
	const name = "jieling.example/audit"
	old := newKeyring(t)
	signed := sign(t, old, name)
	now, err := old.RotateSigning()
	if err != nil {
		t.Fatal(err)
	}
	known, err := now.Verifiers(name)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string][]byte{"before": signed, "after": sign(t, now, name)} {
		if _, err := note.Open(text, known); err != nil {
			t.Errorf("signed %s rotation: %v", what, err)
		}
	}
	before, _ := old.VerifierKey(name)
	verifier, err := note.NewVerifier(before)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(sign(t, now, name), note.VerifierList(verifier)); err == nil {
		t.Error("the old key verifies what the new one signed")
	}
	if _, err := old.Signer("not a name"); err == nil {
		t.Error("a name that no verifier would take was accepted")
	}
}

func sign(t *testing.T, k *Keyring, name string) []byte {
	t.Helper()
	signer, err := k.Signer(name)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: "hello\n"}, signer)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestFileRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring.json")
	k, err := Create(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := k.RotateSealing()
	if err != nil {
		t.Fatal(err)
	}
	if err := rotated.Save(path); err != nil {
		t.Fatal(err)
	}
	opened, err := Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rotated.ring().content, opened.ring().content); diff != "" {
		t.Error("the file does not hold the ring that was saved")
	}
	for _, from := range []*Keyring{k, rotated} {
		if got, err := opened.Open(subject, seal(t, from, subject, "o-123")); err != nil || string(got) != "o-123" {
			t.Errorf("got %q, %v", got, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".keyring-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestCreateNeverOverwrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring.json")
	k, err := LoadOrCreate(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path, nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	again, err := LoadOrCreate(path, nil)
	if err != nil || again.Active() != k.Active() {
		t.Errorf("the second start has other keys: %v", err)
	}
}

// Processes that start at once must end with one set of keys, or each seals what the other cannot read.
func TestStartingTogetherMakesOneKeyring(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring.json")
	rings := make([]*Keyring, 8)
	var wg sync.WaitGroup
	for i := range rings {
		wg.Go(func() {
			k, err := LoadOrCreate(path, nil)
			if err != nil {
				t.Error(err)
			}
			rings[i] = k
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	for _, k := range rings {
		if k.Active() != rings[0].Active() {
			t.Error("two processes made two keyrings")
		}
	}
}

func TestFileOpenToOthersIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring.json")
	if _, err := Create(path, nil); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o666} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, nil); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestDamagedFileIsRefused(t *testing.T) {
	good := newKeyring(t).ring().content
	for name, damage := range map[string]func(*content){
		"newer version":       func(c *content) { c.Version = 2 },
		"no generation":       func(c *content) { c.Generations = nil },
		"active missing":      func(c *content) { c.Active = "00000000" },
		"no active":           func(c *content) { c.Active = "" },
		"generation twice":    func(c *content) { c.Generations = append(c.Generations, c.Generations[0]) },
		"bad generation name": func(c *content) { c.Generations[0].ID = "K1" },
		"wrong data key":      func(c *content) { c.Generations[0].DataKey[40] ^= 1 },
		"no data key":         func(c *content) { c.Generations[0].DataKey = nil },
		"short key":           func(c *content) { c.BlindIndex = c.BlindIndex[1:] },
		"no pepper":           func(c *content) { c.Secrets = nil },
		"no signing key":      func(c *content) { c.Signing = nil },
	} {
		t.Run(name, func(t *testing.T) {
			bad := good
			bad.Generations = slices.Clone(good.Generations)
			bad.Generations[0].DataKey = slices.Clone(bad.Generations[0].DataKey)
			damage(&bad)
			path := filepath.Join(t.TempDir(), "keyring.json")
			data, err := json.Marshal(bad)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(path, nil); err == nil {
				t.Error("opened")
			}
		})
	}
}

func TestKeyringNeverPrintsItself(t *testing.T) {
	k := fixed(t)
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%o", "%c", "%U"} {
		fmt.Fprintf(&out, verb+"\n", k)
		fmt.Fprintf(&out, verb+"\n", *k)
		fmt.Fprintf(&out, verb+"\n", struct{ K *Keyring }{k})
		fmt.Fprintf(&out, verb+"\n", struct{ k *Keyring }{k})
		fmt.Fprintf(&out, verb+"\n", struct{ k Keyring }{*k})
	}
	fmt.Fprintln(&out, k.String(), k.GoString())
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "ring", k, "copy", *k)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "ring", k, "copy", *k)
	if err := json.NewEncoder(&out).Encode(map[string]any{"ring": k, "copy": *k}); err != nil {
		t.Fatal(err)
	}
	// The first key is 0, 1, 2…; in any base and notation a run of it would show.
	for _, leak := range []string{"AAECAw", "BAUGBw", "04050607", "0x4, 0x5", "4 5 6 7", "100 101 110 111", `\x04\x05`, "Generations", k.Active()} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q shows in:\n%s", leak, out.String())
		}
	}
}

func TestKeyringSaysThatItIsRedacted(t *testing.T) {
	k := newKeyring(t)
	asJSON, err := json.Marshal(map[string]any{"ring": k})
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{fmt.Sprintf("%v", k), k.String(), fmt.Sprintf("%+v", *k), fmt.Sprintf("%#v", k), string(asJSON)} {
		if !strings.Contains(got, "redacted") {
			t.Errorf("got %s", got)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	k, plain := newKeyring(b), []byte("o6_bmjrPTlm6_2sgVt7hMZOPfL2M")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Seal(subject, plain); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	k := newKeyring(b)
	sealed := seal(b, k, subject, "o6_bmjrPTlm6_2sgVt7hMZOPfL2M")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Open(subject, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBlindIndex(b *testing.B) {
	k := newKeyring(b)
	b.ReportAllocs()
	for b.Loop() {
		k.BlindIndex("identity", "wechat", "o6_bmjrPTlm6_2sgVt7hMZOPfL2M")
	}
}
