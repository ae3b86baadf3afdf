package engine

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/store"
)

// AuditOrigin names the audit log in its signed checkpoints.
const AuditOrigin = "jieling.audit"

// SequenceAudit lines rows that are not in the Merkle log yet up behind it and signs the new size, at most limit rows. It
// reports how many there were; fewer than limit means that the log has caught up (S24).
func (e *Engine) SequenceAudit(ctx context.Context, limit int) (int, error) {
	signer, err := e.Keys.Signer(AuditOrigin)
	if err != nil {
		return 0, err
	}
	return e.Store.Sequence(ctx, limit, func(tail store.LogTail) (store.LogGrowth, error) {
		old, err := treeOf(tail.Size, tail.Hashes)
		if err != nil {
			return store.LogGrowth{}, err
		}
		leaves := make([][32]byte, len(tail.Entries))
		for i, entry := range tail.Entries {
			leaves[i] = entry.Hash
		}
		hashes, grown, err := audit.Append(old, tail.Hashes, leaves)
		if err != nil {
			return store.LogGrowth{}, err
		}
		checkpoint, err := audit.SignCheckpoint(grown, signer)
		return store.LogGrowth{Hashes: hashes, Checkpoint: checkpoint}, err
	})
}

func treeOf(size int64, hashes tlog.HashReader) (tlog.Tree, error) {
	if size == 0 {
		return tlog.Tree{}, nil
	}
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("root of the audit log at %d: %w", size, err)
	}
	return tlog.Tree{N: size, Hash: root}, nil
}
