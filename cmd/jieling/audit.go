package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/store"
)

// noAccount locates nothing: a load of it tells the database's time.
var noAccount = store.Need{Account: "acc_00000000000000000000000000"}

type auditCommand struct {
	Verify *auditVerifyCommand `arg:"subcommand" help:"Check every row, every account's chain, the Merkle log and its signature."`
	Export *auditExportCommand `arg:"subcommand" help:"Write the log out as JSON lines, with its signed checkpoint."`
}

type auditVerifyCommand struct {
	DB   string   `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
	Keys existing `arg:"required" placeholder:"FILE" help:"The keyring that signed."`
	JSON bool     `help:"As JSON."`
}

// Help teaches the command.
func (auditVerifyCommand) Help() string {
	return `Example: jieling audit verify --db sqlite:/var/lib/jieling/jieling.db --keys /var/lib/jieling/keys.json

Exit 1 names the first row that is not as it was written. One changed byte is found.`
}

// verified is what the check saw.
type verified struct {
	OK       bool   `json:"ok"`
	Rows     int64  `json:"rows"`     // in the Merkle log, under the checkpoint
	Waiting  int64  `json:"waiting"`  // in their account's chain, not yet in the log
	Accounts int    `json:"accounts"` // whose chains were walked
	Problem  string `json:"problem,omitempty"`
}

// Run verifies.
func (v auditVerifyCommand) Run(ctx context.Context) error {
	st, err := openStore(ctx, v.DB, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	keys, err := keyring.Open(string(v.Keys), nil)
	if err != nil {
		return err
	}
	seen, err := verifyAudit(ctx, st, keys)
	var broken *audit.Broken
	switch {
	case errors.As(err, &broken) || errors.Is(err, errCheckpoint):
		seen.Problem, err = err.Error(), nil // said below, once
	case err != nil:
		return err
	default:
		seen.OK = true
	}
	if v.JSON {
		err = printJSON(seen)
	} else if seen.OK {
		fmt.Printf("The audit log is as it was written: %d rows under the signed checkpoint, %d waiting, %d accounts.\n", seen.Rows, seen.Waiting, seen.Accounts)
	} else {
		fmt.Printf("The audit log is NOT as it was written: %s\n", seen.Problem)
	}
	if err == nil && !seen.OK {
		return errNo
	}
	return err
}

var errCheckpoint = errors.New("the checkpoint is not ours, or was changed")

// verifyAudit checks the log, then every account's chain. A change between the two reads is a change since: it is not there yet.
func verifyAudit(ctx context.Context, st store.Store, keys *keyring.Keyring) (verified, error) {
	var seen verified
	signed, hashes, err := st.AuditHead(ctx)
	if err != nil {
		return seen, err
	}
	var tree tlog.Tree
	if signed != nil {
		verifiers, err := keys.Verifiers(engine.AuditOrigin)
		if err != nil {
			return seen, err
		}
		if tree, err = audit.OpenCheckpoint(signed, engine.AuditOrigin, verifiers); err != nil {
			return seen, fmt.Errorf("%w: %v", errCheckpoint, err)
		}
	}
	if err := audit.VerifyLog(logged(ctx, st, tree.N), stored(hashes), tree); err != nil {
		return seen, err
	}
	seen.Rows = tree.N
	var rows int64
	for after := jieling.AccountID(""); ; {
		ids, err := st.Accounts(ctx, after, 500)
		if err != nil || len(ids) == 0 {
			seen.Waiting = rows - seen.Rows
			return seen, err
		}
		for _, id := range ids {
			chain, head, err := st.AuditChain(ctx, id)
			if err != nil {
				return seen, err
			}
			if err := audit.VerifyChain(id, chain, head); err != nil {
				return seen, err
			}
			rows += int64(len(chain))
			seen.Accounts++
		}
		after = ids[len(ids)-1]
	}
}

// logged reads the log in its order, up to a size.
func logged(ctx context.Context, st store.Store, size int64) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		for from := int64(0); from < size; {
			rows, err := st.AuditLog(ctx, from, int(min(1000, size-from)))
			if err != nil {
				yield(audit.Entry{}, err)
				return
			}
			if len(rows) == 0 {
				return
			}
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
			from += int64(len(rows))
		}
	}
}

// stored reads hashes that are all at hand.
func stored(hashes []tlog.Hash) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, at := range indexes {
			if at < 0 || at >= int64(len(hashes)) {
				return nil, fmt.Errorf("the stored hash %d is missing", at)
			}
			out[i] = hashes[at]
		}
		return out, nil
	})
}

type auditExportCommand struct {
	DB string `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
}

// Help teaches the command.
func (auditExportCommand) Help() string {
	return `Example: jieling audit export --db sqlite:/var/lib/jieling/jieling.db > audit.jsonl

The last line is the signed checkpoint. Keep it where this machine cannot write: it is what finds a database rewritten as a whole.`
}

// Run writes the log out.
func (x auditExportCommand) Run(ctx context.Context) error {
	st, err := openStore(ctx, x.DB, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	signed, hashes, err := st.AuditHead(ctx)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	enc := json.NewEncoder(out)
	n := 0
	for row, err := range logged(ctx, st, sizeOf(len(hashes))) {
		if err != nil {
			return err
		}
		n++
		if err := enc.Encode(exported(row)); err != nil {
			return err
		}
	}
	if err := enc.Encode(map[string]any{"checkpoint": string(signed), "rows": n}); err != nil {
		return err
	}
	return out.Flush()
}

// sizeOf is the size of the log that this many stored hashes belong to.
func sizeOf(hashes int) int64 {
	n := int64(0)
	for tlog.StoredHashCount(n) < int64(hashes) {
		n++
	}
	return n
}

func exported(e audit.Entry) map[string]any {
	return map[string]any{
		"account": e.Account, "seq": e.Seq, "case": e.Case, "actor": e.Actor, "verb": e.Verb, "at": e.At.UTC(), "detail": json.RawMessage(e.Detail),
		"prev": fmt.Sprintf("%x", e.Prev), "hash": fmt.Sprintf("%x", e.Hash),
	}
}
