package audit

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// maxCheckpoint bounds what is parsed, in bytes; a checkpoint with a few co-signatures is below 1 KiB.
const maxCheckpoint = 64 << 10

// SignCheckpoint writes the signed statement "the log of this origin has this size and root" in the form of C2SP
// tlog-checkpoint: three lines (origin, size, root in base64), a blank line, the signature. The origin is the signer's name.
func SignCheckpoint(tree tlog.Tree, signer note.Signer) ([]byte, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), tree.N, tree.Hash)
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return nil, fmt.Errorf("audit: sign checkpoint of size %d: %w", tree.N, err)
	}
	return signed, nil
}

// OpenCheckpoint checks the signature and the form of a checkpoint and returns its tree. The text must be of this origin and
// signed by at least one of keys bearing that name; keys may hold retired ones, so that old checkpoints stay readable.
func OpenCheckpoint(signed []byte, origin string, keys note.Verifiers) (tlog.Tree, error) {
	if len(signed) > maxCheckpoint {
		return tlog.Tree{}, fmt.Errorf("audit: open checkpoint: %d bytes are too many", len(signed))
	}
	n, err := note.Open(signed, keys)
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("audit: open checkpoint: %w", err)
	}
	if !signedBy(n, origin) {
		return tlog.Tree{}, fmt.Errorf("audit: open checkpoint: not signed as %q", origin)
	}
	tree, err := parseCheckpoint(n.Text, origin)
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("audit: open checkpoint: %w", err)
	}
	return tree, nil
}

// signedBy finds the origin's signature among those that verified. package note also takes base64 whose unused last bits
// are not zero; we do not, so that a checkpoint has one form and any changed byte of it shows.
func signedBy(n *note.Note, origin string) bool {
	return slices.ContainsFunc(n.Sigs, func(sig note.Signature) bool {
		_, err := base64.StdEncoding.Strict().DecodeString(sig.Base64)
		return sig.Name == origin && err == nil
	})
}

// parseCheckpoint reads the three lines. The format would allow more; we write none, so more is not ours.
func parseCheckpoint(text, origin string) (tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tlog.Tree{}, errors.New("not the three lines of a checkpoint")
	}
	if lines[0] != origin {
		return tlog.Tree{}, fmt.Errorf("it is of the log %q, not %q", lines[0], origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, errors.New("its size is not a plain decimal number")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != sha256.Size {
		return tlog.Tree{}, errors.New("its root is not 32 bytes in base64")
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(root)}, nil
}

// ProveEntry shows that the entry at position (from 0) is in the log of the given size, in at most log₂ size hashes.
func ProveEntry(size, position int64, stored tlog.HashReader) (tlog.RecordProof, error) {
	proof, err := tlog.ProveRecord(size, position, stored)
	if err != nil {
		return nil, fmt.Errorf("audit: prove entry %d of %d: %w", position, size, err)
	}
	return proof, nil
}

// CheckEntry verifies a proof of [ProveEntry] against a checkpoint's tree, after recomputing the entry's own hash.
func CheckEntry(proof tlog.RecordProof, tree tlog.Tree, position int64, e Entry) error {
	if e.Hash != e.Sum(e.Prev) {
		return e.broken(position, "its content is not what was sealed")
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, position, leaf(e.Hash)); err != nil {
		return fmt.Errorf("audit: check entry %d of %d: %w", position, tree.N, err)
	}
	return nil
}

// ProveGrowth shows that the log of size now begins with the log of size old, unchanged. Any log begins with the empty one,
// so for old = 0 the proof is empty.
func ProveGrowth(old, now int64, stored tlog.HashReader) (tlog.TreeProof, error) {
	if old == 0 && now >= 0 {
		return tlog.TreeProof{}, nil
	}
	proof, err := tlog.ProveTree(now, old, stored)
	if err != nil {
		return nil, fmt.Errorf("audit: prove growth from %d to %d: %w", old, now, err)
	}
	return proof, nil
}

// CheckGrowth verifies a proof of [ProveGrowth] between the trees of two checkpoints, the older first.
func CheckGrowth(proof tlog.TreeProof, old, now tlog.Tree) error {
	if old.N == 0 && now.N >= 0 && len(proof) == 0 {
		return nil
	}
	if err := tlog.CheckTree(proof, now.N, now.Hash, old.N, old.Hash); err != nil {
		return fmt.Errorf("audit: check growth from %d to %d: %w", old.N, now.N, err)
	}
	return nil
}
