package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
)

const origin = "jieling.example/audit"

// ledger is the store's side of the bargain, in memory: rows in log order, account heads, stored hashes, the last tree.
type ledger struct {
	entries []audit.Entry
	heads   map[jieling.AccountID]audit.Entry
	hashes  memory
	tree    tlog.Tree
}

type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(m)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		out[i] = m[index]
	}
	return out, nil
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// record adds one transition of an account, as a store's transaction would.
func (l *ledger) record(account jieling.AccountID, detail string) {
	if l.heads == nil {
		l.heads = map[jieling.AccountID]audit.Entry{}
	}
	head := l.heads[account]
	e := audit.Entry{
		Account: account, Seq: head.Seq + 1, Case: "case_1", Actor: "person:ses_1", Verb: "confirm",
		At: noon.Add(time.Duration(len(l.entries)) * time.Second), Detail: []byte(detail),
	}.After(head.Hash)
	l.heads[account] = e
	l.entries = append(l.entries, e)
}

// sequence lines up what was recorded since the last time.
func (l *ledger) sequence(t require) {
	var leaves [][32]byte
	for _, e := range l.entries[l.tree.N:] {
		leaves = append(leaves, e.Hash)
	}
	hashes, tree, err := audit.Append(l.tree, l.hashes, leaves)
	if err != nil {
		t.Fatalf("append %d leaves at %d: %v", len(leaves), l.tree.N, err)
	}
	l.hashes, l.tree = append(l.hashes, hashes...), tree
}

func (l *ledger) chain(account jieling.AccountID) (entries []audit.Entry) {
	for _, e := range l.entries {
		if e.Account == account {
			entries = append(entries, e)
		}
	}
	return entries
}

type require interface{ Fatalf(string, ...any) }

// newLedger records n transitions over a few accounts, sequenced in uneven batches.
func newLedger(t require, n int) *ledger {
	var l ledger
	for i := range n {
		l.record(jieling.AccountID(fmt.Sprintf("acc_%d", i*i%3)), fmt.Sprintf(`{"n":%d}`, i))
		if i%5 == 0 || i == n-1 {
			l.sequence(t)
		}
	}
	return &l
}

func all(entries []audit.Entry) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// mustBreak fails unless err is a Broken at this position.
func mustBreak(t require, err error, position int) {
	var broken *audit.Broken
	if !errors.As(err, &broken) {
		t.Fatalf("got %v, want a fault at position %d", err, position)
	}
	if broken.Position != int64(position) {
		t.Fatalf("fault named at position %d (%v), want %d", broken.Position, err, position)
	}
}

func keys(t *testing.T, seed byte) (note.Signer, note.Verifiers) {
	t.Helper()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	vkey, err := note.NewEd25519VerifierKey(origin, private.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	hash := strings.Split(vkey, "+")[1]
	skey := "PRIVATE+KEY+" + origin + "+" + hash + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, private.Seed()...))
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return signer, note.VerifierList(verifier)
}

// The encoding is a promise to every log ever written: a change of this value orphans them all.
func TestS24_EntryHashIsStable(t *testing.T) {
	e := audit.Entry{
		Account: "acc_1", Seq: 1, Case: "case_1", Actor: "person:ses_1", Verb: "confirm",
		At: noon.Add(1500 * time.Nanosecond), Detail: []byte(`{"a":1}`),
	}
	sum := e.Sum([32]byte{1})
	if got, want := hex.EncodeToString(sum[:]), "0375901749309b17adfcae732d09c50a6ff568637a4de6bb6f9a9cb23e4fd01a"; got != want {
		t.Errorf("Sum = %s, want %s", got, want)
	}
}

func TestS24_StoredTimesAndZonesDoNotChangeTheHash(t *testing.T) {
	e := audit.Entry{Account: "acc_1", Seq: 1, At: noon.Add(1999 * time.Nanosecond)}
	stored := e
	stored.At = e.At.Truncate(time.Microsecond).In(time.FixedZone("Beijing", 8*3600))
	if e.Sum([32]byte{}) != stored.Sum([32]byte{}) {
		t.Error("a moment read back from a store hashes differently")
	}
}

func TestS24_FieldsCannotFlowIntoEachOther(t *testing.T) {
	a := audit.Entry{Account: "acc_1", Actor: "staff:x", Verb: "y"}
	b := audit.Entry{Account: "acc_1", Actor: "staff:", Verb: "xy"}
	if a.Sum([32]byte{}) == b.Sum([32]byte{}) {
		t.Error("two entries with the same text cut differently have one hash")
	}
}

func TestS24_AnUntouchedLogVerifies(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 64, 511, 512, 513, 1300} {
		l := newLedger(t, n)
		if err := audit.VerifyLog(all(l.entries), l.hashes, l.tree); err != nil {
			t.Errorf("%d entries: %v", n, err)
		}
		for account, head := range l.heads {
			if err := audit.VerifyChain(account, l.chain(account), head.Hash); err != nil {
				t.Errorf("%d entries, %s: %v", n, account, err)
			}
		}
	}
}

// The tree must be RFC 6962's, or nobody else's tools can check our proofs.
func TestS24_TheTreeIsTheStandardOne(t *testing.T) {
	l := newLedger(t, 100)
	var want memory
	for i, e := range l.entries {
		hashes, err := tlog.StoredHashes(int64(i), e.Hash[:], want)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, hashes...)
	}
	if !slices.Equal(l.hashes, want) {
		t.Error("stored hashes differ from tlog's")
	}
	root, err := tlog.TreeHash(100, want)
	if err != nil {
		t.Fatal(err)
	}
	if l.tree != (tlog.Tree{N: 100, Hash: root}) {
		t.Error("root differs from tlog's")
	}
}

// fields are all that an entry holds; each knows how to change one byte or bit of itself.
var fields = []struct {
	name string
	size func(audit.Entry) int
	flip func(e *audit.Entry, at int, mask byte)
}{
	{"Account", func(e audit.Entry) int { return len(e.Account) }, func(e *audit.Entry, at int, m byte) { e.Account = flip(e.Account, at, m) }},
	{"Seq", func(audit.Entry) int { return 8 }, func(e *audit.Entry, at int, m byte) { e.Seq ^= int64(m) << (8 * at) }},
	{"Case", func(e audit.Entry) int { return len(e.Case) }, func(e *audit.Entry, at int, m byte) { e.Case = flip(e.Case, at, m) }},
	{"Actor", func(e audit.Entry) int { return len(e.Actor) }, func(e *audit.Entry, at int, m byte) { e.Actor = flip(e.Actor, at, m) }},
	{"Verb", func(e audit.Entry) int { return len(e.Verb) }, func(e *audit.Entry, at int, m byte) { e.Verb = flip(e.Verb, at, m) }},
	{"At", func(audit.Entry) int { return 6 }, func(e *audit.Entry, at int, m byte) {
		e.At = time.UnixMicro(e.At.UnixMicro() ^ int64(m)<<(8*at))
	}},
	{"Detail", func(e audit.Entry) int { return len(e.Detail) }, func(e *audit.Entry, at int, m byte) {
		e.Detail = slices.Clone(e.Detail)
		e.Detail[at] ^= m
	}},
	{"Prev", func(audit.Entry) int { return 32 }, func(e *audit.Entry, at int, m byte) { e.Prev[at] ^= m }},
	{"Hash", func(audit.Entry) int { return 32 }, func(e *audit.Entry, at int, m byte) { e.Hash[at] ^= m }},
}

func flip[T ~string](s T, at int, mask byte) T {
	b := []byte(s)
	b[at] ^= mask
	return T(b)
}

func TestS24_AnyChangedByteIsFoundAndItsEntryNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger(t, rapid.IntRange(1, 40).Draw(t, "entries"))
		i := rapid.IntRange(0, len(l.entries)-1).Draw(t, "entry")
		field := rapid.SampledFrom(fields).Draw(t, "field")
		at := rapid.IntRange(0, field.size(l.entries[i])-1).Draw(t, "byte")
		mask := rapid.ByteRange(1, 255).Draw(t, "mask")

		account := l.entries[i].Account
		chain := l.chain(account)
		inChain := slices.IndexFunc(chain, func(e audit.Entry) bool { return e.Hash == l.entries[i].Hash })
		field.flip(&chain[inChain], at, mask)
		field.flip(&l.entries[i], at, mask)

		mustBreak(t, audit.VerifyLog(all(l.entries), l.hashes, l.tree), i)
		mustBreak(t, audit.VerifyChain(account, chain, l.heads[account].Hash), inChain)
	})
}

// Whoever rewrites an entry can recompute every hash that follows from it. The stored hashes, and failing those the
// checkpoint, still give it away.
func TestS24_ARecomputedHistoryIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger(t, rapid.IntRange(1, 40).Draw(t, "entries"))
		i := rapid.IntRange(0, len(l.entries)-1).Draw(t, "entry")
		forged := &ledger{}
		for j, e := range l.entries {
			detail := string(e.Detail)
			if j == i {
				detail = `{"n":"forged"}`
			}
			forged.record(e.Account, detail)
		}
		forged.sequence(t)

		mustBreak(t, audit.VerifyLog(all(forged.entries), l.hashes, l.tree), i)
		mustBreak(t, audit.VerifyLog(all(forged.entries), forged.hashes, l.tree), len(l.entries))
		account := l.entries[i].Account
		chain := forged.chain(account)
		mustBreak(t, audit.VerifyChain(account, chain, l.heads[account].Hash), len(chain))
	})
}

func TestS24_MissingSwappedAndExtraEntriesAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "entries")
		l := newLedger(t, n)
		i := rapid.IntRange(0, n-2).Draw(t, "i")
		j := rapid.IntRange(i+1, n-1).Draw(t, "j")

		missing := slices.Delete(slices.Clone(l.entries), j, j+1)
		mustBreak(t, audit.VerifyLog(all(missing), l.hashes, l.tree), j)

		swapped := slices.Clone(l.entries)
		swapped[i], swapped[j] = swapped[j], swapped[i]
		mustBreak(t, audit.VerifyLog(all(swapped), l.hashes, l.tree), i)

		repeated := slices.Insert(slices.Clone(l.entries), j, l.entries[i])
		mustBreak(t, audit.VerifyLog(all(repeated), l.hashes, l.tree), j)

		more := &ledger{entries: slices.Clone(l.entries), heads: l.heads}
		more.record("acc_1", `{}`)
		mustBreak(t, audit.VerifyLog(all(more.entries), l.hashes, l.tree), n)
	})
}

// An account whose rows and head were all deleted leaves no broken chain; only the log knows.
func TestS24_AVanishedAccountIsFound(t *testing.T) {
	l := newLedger(t, 30)
	first := slices.IndexFunc(l.entries, func(e audit.Entry) bool { return e.Account == "acc_1" })
	rest := slices.DeleteFunc(slices.Clone(l.entries), func(e audit.Entry) bool { return e.Account == "acc_1" })
	mustBreak(t, audit.VerifyLog(all(rest), l.hashes, l.tree), first)
}

func TestS24_AChainGivenToAnotherAccountIsFound(t *testing.T) {
	l := newLedger(t, 30)
	mustBreak(t, audit.VerifyChain("acc_0", l.chain("acc_1"), l.heads["acc_1"].Hash), 0)
}

func TestS24_AChangedStoredHashIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger(t, rapid.IntRange(1, 40).Draw(t, "entries"))
		index := rapid.IntRange(0, len(l.hashes)-1).Draw(t, "index")
		l.hashes[index][rapid.IntRange(0, 31).Draw(t, "byte")] ^= rapid.ByteRange(1, 255).Draw(t, "mask")
		level, n := tlog.SplitStoredHashIndex(int64(index))
		mustBreak(t, audit.VerifyLog(all(l.entries), l.hashes, l.tree), int(n+1)<<level-1)
	})
}

// A sequencer that extended a changed tree would sign the change.
func TestS24_AnAlteredLogIsNotExtended(t *testing.T) {
	l := newLedger(t, 13)
	l.hashes[tlog.StoredHashIndex(2, 2)][0] ^= 1
	_, _, err := audit.Append(l.tree, l.hashes, [][32]byte{{1}})
	mustBreak(t, err, 13)
}

func TestS24_AnUnreadableLogIsNotCalledTampered(t *testing.T) {
	l := newLedger(t, 13)
	gone := errors.New("disk gone")
	noRows := func(yield func(audit.Entry, error) bool) { yield(audit.Entry{}, gone) }
	noHashes := tlog.HashReaderFunc(func([]int64) ([]tlog.Hash, error) { return nil, gone })
	_, _, appendErr := audit.Append(l.tree, noHashes, nil)
	for name, err := range map[string]error{
		"entries": audit.VerifyLog(noRows, l.hashes, l.tree),
		"hashes":  audit.VerifyLog(all(l.entries), noHashes, l.tree),
		"append":  appendErr,
	} {
		var broken *audit.Broken
		if !errors.Is(err, gone) || errors.As(err, &broken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestS24_CheckpointHasTheFormOfC2SP(t *testing.T) {
	l := newLedger(t, 5)
	signer, _ := keys(t, 1)
	signed, err := audit.SignCheckpoint(l.tree, signer)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%s\n5\n%s\n\n— %s ", origin, l.tree.Hash, origin)
	if !strings.HasPrefix(string(signed), want) {
		t.Errorf("got %q, want it to begin with %q", signed, want)
	}
}

// Several keys, because what the last byte of a signature tolerates depends on its value.
func TestS24_AnyChangedByteOfACheckpointIsFound(t *testing.T) {
	l := newLedger(t, 5)
	for seed := range byte(16) {
		signer, known := keys(t, seed)
		signed, err := audit.SignCheckpoint(l.tree, signer)
		if err != nil {
			t.Fatal(err)
		}
		if tree, err := audit.OpenCheckpoint(signed, origin, known); err != nil || tree != l.tree {
			t.Fatalf("untouched: %v, %v", tree, err)
		}
		for i := range signed {
			for _, mask := range []byte{1, 2, 3, 0x20, 0x80} {
				changed := slices.Clone(signed)
				changed[i] ^= mask
				if _, err := audit.OpenCheckpoint(changed, origin, known); err == nil {
					t.Errorf("byte %d ^ %#x: opened", i, mask)
				}
			}
		}
	}
}

func TestS24_AForeignCheckpointIsRefused(t *testing.T) {
	l := newLedger(t, 5)
	signer, known := keys(t, 1)
	impostor, _ := keys(t, 2)
	forged, err := audit.SignCheckpoint(l.tree, impostor)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := audit.OpenCheckpoint(forged, origin, known); err == nil {
		t.Error("a checkpoint signed by another key under our name was opened")
	}
	other, err := note.Sign(&note.Note{Text: "jieling.example/other\n5\n" + l.tree.Hash.String() + "\n"}, signer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := audit.OpenCheckpoint(other, origin, known); err == nil {
		t.Error("a checkpoint of another log was opened")
	}
}

func TestS24_ASignedTextThatIsNoCheckpointIsRefused(t *testing.T) {
	signer, known := keys(t, 1)
	root := newLedger(t, 1).tree.Hash.String()
	for _, text := range []string{
		origin + "\n", origin + "\n1\n", origin + "\n-1\n" + root + "\n", origin + "\n01\n" + root + "\n",
		origin + "\n1\n" + root[4:] + "\n", origin + "\n1\n" + root + "\nmore\n",
	} {
		signed, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			t.Fatal(err)
		}
		if tree, err := audit.OpenCheckpoint(signed, origin, known); err == nil {
			t.Errorf("%q was read as %v", text, tree)
		}
	}
}

func TestS24_EveryEntryCanBeProvenAndNoOther(t *testing.T) {
	l := newLedger(t, 23)
	for i, e := range l.entries {
		proof, err := audit.ProveEntry(l.tree.N, int64(i), l.hashes)
		if err != nil {
			t.Fatal(err)
		}
		if err := audit.CheckEntry(proof, l.tree, int64(i), e); err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
		if err := audit.CheckEntry(proof, l.tree, int64(i), l.entries[(i+1)%23]); err == nil {
			t.Errorf("entry %d: the proof also fits another", i)
		}
		e.Verb = "cancel"
		mustBreak(t, audit.CheckEntry(proof, l.tree, int64(i), e), i)
	}
}

func TestS24_GrowthIsProvenAndARewriteIsNot(t *testing.T) {
	l := newLedger(t, 23)
	for size := range int64(24) {
		old := newLedger(t, int(size))
		proof, err := audit.ProveGrowth(size, l.tree.N, l.hashes)
		if err != nil {
			t.Fatal(err)
		}
		if err := audit.CheckGrowth(proof, old.tree, l.tree); err != nil {
			t.Errorf("from %d: %v", size, err)
		}
		if size == 0 {
			continue
		}
		rewritten := tlog.Tree{N: size, Hash: old.tree.Hash}
		rewritten.Hash[0] ^= 1
		if err := audit.CheckGrowth(proof, rewritten, l.tree); err == nil {
			t.Errorf("from %d: a log that never was is proven to have grown", size)
		}
	}
}
