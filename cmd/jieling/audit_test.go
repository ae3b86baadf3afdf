package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/keyring"
)

// TestS24_OneChangedByteIsFound changes one byte of each column of a row of the audit log in turn, behind the store's back
// and its triggers', and has the log verified each time.
func TestS24_OneChangedByteIsFound(t *testing.T) {
	for _, change := range []string{
		"actor = 'p' || substr(actor, 2) || 'x'", "verb = substr(verb, 1, length(verb) - 1) || '!'", "at = at + 1",
		"detail = cast(replace(cast(detail AS text), 'qq', 'qr') AS blob)", "case_id = 'case_x'",
		"hash = " + otherByte("hash"), "prev = " + otherByte("prev"),
	} {
		t.Run(change, func(t *testing.T) {
			dir := t.TempDir()
			file, keys := filepath.Join(dir, "jieling.db"), filepath.Join(dir, "keys.json")
			if err := makeHistory(t, file, keys); err != nil {
				t.Fatal(err)
			}
			if err := verifyFile(t, file, keys); err != nil {
				t.Fatalf("before: %v", err)
			}
			if err := tamper(file, fmt.Sprintf("UPDATE audit SET %s WHERE verb = 'binding.add' AND rowid = 2", change)); err != nil {
				t.Fatal(err)
			}
			err := verifyFile(t, file, keys)
			if broken, ok := errors.AsType[*audit.Broken](err); !ok {
				t.Fatalf("after: %v", err)
			} else {
				t.Log(broken)
			}
			if code := run([]string{"audit", "verify", "--db", "sqlite:" + file, "--keys", keys}); code != 1 {
				t.Errorf("the command ended with %d", code)
			}
		})
	}
}

// otherByte is a column whose first byte is another one, whatever it was.
func otherByte(column string) string {
	return fmt.Sprintf("cast(CASE substr(%[1]s, 1, 1) WHEN x'00' THEN x'01' ELSE x'00' END || substr(%[1]s, 2) AS blob)", column)
}

func verifyFile(t *testing.T, file, keys string) error {
	t.Helper()
	st, err := openStore(t.Context(), "sqlite:"+file, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	ring, err := keyring.Open(keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = verifyAudit(t.Context(), st, ring)
	return err
}
