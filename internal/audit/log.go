package audit

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/jieling-id/jieling"
)

// edge is the right-hand edge of a Merkle tree: the roots of its complete subtrees, largest first. Their sizes are the
// binary digits of size. It is all that is needed to grow the tree, so growing reads and keeps O(log n) hashes.
type edge struct {
	size  int64
	roots []tlog.Hash
}

// add puts a leaf at the end and returns the hashes to store for it, in storage order: the leaf's, then that of each
// subtree it completes (RFC 6962 §2.1; tlog.StoredHashes yields the same, but reads storage for every leaf).
func (e *edge) add(leaf tlog.Hash) []tlog.Hash {
	stored := []tlog.Hash{leaf}
	for n := e.size; n&1 == 1; n >>= 1 {
		last := len(e.roots) - 1
		leaf = tlog.NodeHash(e.roots[last], leaf)
		e.roots = e.roots[:last]
		stored = append(stored, leaf)
	}
	e.roots = append(e.roots, leaf)
	e.size++
	return stored
}

// tree is the size and root hash of the whole.
func (e *edge) tree() tlog.Tree {
	if e.size == 0 {
		return tlog.Tree{Hash: sha256.Sum256(nil)}
	}
	root := e.roots[len(e.roots)-1]
	for i := len(e.roots) - 2; i >= 0; i-- {
		root = tlog.NodeHash(e.roots[i], root)
	}
	return tlog.Tree{N: e.size, Hash: root}
}

// openEdge reads the edge of a stored tree and checks that it has the root it should.
func openEdge(tree tlog.Tree, stored tlog.HashReader) (*edge, error) {
	if tree.N == 0 {
		return &edge{}, nil
	}
	var indexes []int64
	for lo := int64(0); lo < tree.N; {
		level := bits.Len64(uint64(tree.N-lo)) - 1
		indexes = append(indexes, tlog.StoredHashIndex(level, lo>>level))
		lo += 1 << level
	}
	roots, err := stored.ReadHashes(indexes)
	if err != nil {
		return nil, fmt.Errorf("audit: read the log's edge at size %d: %w", tree.N, err)
	}
	if len(roots) != len(indexes) {
		return nil, fmt.Errorf("audit: read the log's edge at size %d: got %d hashes of %d", tree.N, len(roots), len(indexes))
	}
	e := &edge{tree.N, slices.Clone(roots)}
	if e.tree() != tree {
		return nil, &Broken{Position: tree.N, Why: "the stored hashes do not give the root that was signed"}
	}
	return e, nil
}

// leaf is an entry's place in the log, by its hash alone, so that the sequencer need not load the rows.
func leaf(hash [sha256.Size]byte) tlog.Hash { return tlog.RecordHash(hash[:]) }

// Append grows the log: old is the tree of the last checkpoint (the zero Tree where there is none), leaves are the [Entry]
// hashes to line up behind it. It returns the hashes to store, the first at index tlog.StoredHashCount(old.N), and the tree
// to sign; the caller commits both together. It refuses with a [*Broken] to build on stored hashes that do not give old's
// root: an altered log must not get a fresh signature. It reads O(log old.N) hashes, in one call.
func Append(old tlog.Tree, stored tlog.HashReader, leaves [][sha256.Size]byte) ([]tlog.Hash, tlog.Tree, error) {
	e, err := openEdge(old, stored)
	if err != nil {
		return nil, tlog.Tree{}, err
	}
	hashes := make([]tlog.Hash, 0, 2*len(leaves))
	for _, hash := range leaves {
		hashes = append(hashes, e.add(leaf(hash))...)
	}
	return hashes, e.tree(), nil
}

// VerifyLog reads the whole log again: entries in log order, the stored hashes and the tree of a checkpoint (from
// [OpenCheckpoint]) must agree. One changed byte in any entry, and an entry missing, exchanged or added, is found; the
// error is then a [*Broken] naming the first entry where the three part. An error that entries or stored yields ends the
// check and is returned as it is, wrapped. It keeps one chain end per account in memory, and nothing per entry.
func VerifyLog(entries iter.Seq2[Entry, error], stored tlog.HashReader, signed tlog.Tree) error {
	v := verifier{stored: stored, ends: map[jieling.AccountID]end{}}
	for e, err := range entries {
		if err != nil {
			return fmt.Errorf("audit: read entry at position %d: %w", v.edge.size, err)
		}
		if v.edge.size == signed.N {
			return firstOf(v.compare(), e.broken(signed.N, fmt.Sprintf("the checkpoint ends before it, at %d entries", signed.N)))
		}
		if err := v.next(e); err != nil {
			return err
		}
	}
	if err := v.compare(); err != nil {
		return err
	}
	return v.finish(signed)
}

// verifier is a log being read again.
type verifier struct {
	stored tlog.HashReader
	edge   edge
	ends   map[jieling.AccountID]end

	pending []Entry     // entries whose hashes are not yet compared with the stored ones
	hashes  []tlog.Hash // what they should have stored
}

// batch is how many entries are compared with storage at a time: enough to make the reads few, small enough to keep.
const batch = 512

func (v *verifier) next(e Entry) error {
	if why := v.ends[e.Account].flaw(e); why != "" {
		// An entry before this one may be the cause and show only in the stored hashes; then that one is the first.
		return firstOf(v.compare(), e.broken(v.edge.size, why))
	}
	v.ends[e.Account] = end{e.Seq, e.Hash}
	v.hashes = append(v.hashes, v.edge.add(leaf(e.Hash))...)
	v.pending = append(v.pending, e)
	if len(v.pending) == batch {
		return v.compare()
	}
	return nil
}

// compare holds the pending entries against the stored hashes and forgets them.
func (v *verifier) compare() error {
	if len(v.pending) == 0 {
		return nil
	}
	first := v.edge.size - int64(len(v.pending))
	indexes := make([]int64, len(v.hashes))
	for i := range indexes {
		indexes[i] = tlog.StoredHashCount(first) + int64(i)
	}
	stored, err := v.stored.ReadHashes(indexes)
	if err != nil {
		return fmt.Errorf("audit: read stored hashes %d to %d: %w", indexes[0], indexes[len(indexes)-1], err)
	}
	if len(stored) != len(indexes) {
		return fmt.Errorf("audit: read stored hashes %d to %d: got %d", indexes[0], indexes[len(indexes)-1], len(stored))
	}
	for i, hash := range v.hashes {
		if stored[i] != hash {
			return v.differs(first, indexes[i])
		}
	}
	v.pending, v.hashes = v.pending[:0], v.hashes[:0]
	return nil
}

// differs names the entry that wrote the stored hash at index.
func (v *verifier) differs(first, index int64) *Broken {
	level, n := tlog.SplitStoredHashIndex(index)
	if level == 0 {
		return v.pending[n-first].broken(n, "the log holds another entry here")
	}
	last := (n+1)<<level - 1
	return v.pending[last-first].broken(last, fmt.Sprintf("the stored hash over entries %d to %d was changed", n<<level, last))
}

// finish holds the whole against the checkpoint.
func (v *verifier) finish(signed tlog.Tree) error {
	tree := v.edge.tree()
	switch {
	case tree.N < signed.N:
		return &Broken{Position: tree.N, Why: fmt.Sprintf("the log ends here, but the checkpoint counts %d entries", signed.N)}
	case tree.Hash != signed.Hash && signed.N > 0:
		return &Broken{Position: tree.N, Why: "entries and stored hashes agree with each other, but not with the signed root; both were rewritten, or the checkpoint is another log's"}
	default:
		return nil
	}
}

// firstOf prefers the fault found earlier in the log.
func firstOf(earlier error, later *Broken) error {
	if earlier != nil {
		return earlier
	}
	return later
}
