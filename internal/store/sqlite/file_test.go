package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/store"
)

// begin is one transition of an account.
func begin(a jieling.Account) store.Change {
	a.Version++
	e := audit.Entry{Account: a.ID, Seq: a.Version, Actor: "staff:test", Verb: "move", At: time.UnixMicro(1), Detail: []byte("{}")}.After(a.AuditHead)
	a.AuditHead = e.Hash
	return store.Change{Account: &a, Audit: &e}
}

func register(s *Store, id jieling.AccountID) error {
	ch := begin(jieling.Account{ID: id, ExternalID: string(id), Kind: jieling.Personal, CreatedAt: time.UnixMicro(1)})
	return s.Update(context.Background(), store.Need{}, func(store.Snapshot) (store.Change, error) { return ch, nil })
}

func move(s *Store, id jieling.AccountID) error {
	return s.Update(context.Background(), store.Need{Account: id}, func(sn store.Snapshot) (store.Change, error) {
		return begin(*sn.Account), nil
	})
}

func version(t *testing.T, s *Store, id jieling.AccountID) int64 {
	t.Helper()
	sn, err := s.Load(t.Context(), store.Need{Account: id})
	if err != nil {
		t.Fatal(err)
	}
	if sn.Account == nil {
		return 0
	}
	return sn.Account.Version
}

// TestS23_AcknowledgedSurvivesACrash copies the files as they lie on the disk at the moment of an acknowledgement, while the
// store goes on, and opens the copy: what a crash would have left.
func TestS23_AcknowledgedSurvivesACrash(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "a.db"))
	if err := register(s, "acc_1"); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if err := move(s, "acc_1"); err != nil {
			t.Fatal(err)
		}
		left := t.TempDir()
		for _, suffix := range []string{"", "-wal"} {
			data, err := os.ReadFile(filepath.Join(dir, "a.db"+suffix))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(left, "a.db"+suffix), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := version(t, open(t, filepath.Join(left, "a.db")), "acc_1"), int64(i+2); got != want {
			t.Errorf("after a crash the account is at version %d, but %d was acknowledged", got, want)
		}
	}
}

// TestS23_AReplayIsAWrite looks at the row itself: the contract shows only the answer.
func TestS23_AReplayIsAWrite(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	need := store.Need{Idem: store.Idem{Caller: "key:shop", Key: "k", Fingerprint: [32]byte{1}}}
	for range 4 {
		err := s.Update(t.Context(), need, func(sn store.Snapshot) (store.Change, error) {
			if sn.Replay != nil {
				return store.Change{Replayed: true}, nil
			}
			return store.Change{Answer: &store.Answer{Fingerprint: [32]byte{1}, Ref: "x"}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := column(t, s, "SELECT replays FROM answers"); got != 3 {
		t.Errorf("3 replays wrote %d times", got)
	}
	err := s.Update(t.Context(), store.Need{Idem: store.Idem{Caller: "x", Key: "y"}}, func(store.Snapshot) (store.Change, error) {
		return store.Change{Replayed: true}, nil
	})
	if !errors.Is(err, store.ErrStale) {
		t.Errorf("a replay of nothing is answered %v, want ErrStale", err)
	}
}

// column reads one number.
func column(t *testing.T, s *Store, sql string) (n int64) {
	t.Helper()
	err := s.read(t.Context(), "test", func(c *conn) error {
		mine := &conn{c: c.c, queries: map[string]string{"q": sql}, prepared: map[string]statement{}}
		got, err := one(mine, "q", func(r *row) (int64, error) { return r.int(), nil })
		n = orZero(got)
		return errors.Join(err, mine.prepared["q"].Close())
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSchema_HoldsAgainstAnyProgram writes past the store, as another program on the file could.
func TestSchema_HoldsAgainstAnyProgram(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	if err := register(s, "acc_1"); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"INSERT INTO bindings (account, id, provider, state, label, created_at, idx) VALUES ('acc_1', 'bnd_1', 'qq', 'active', '', 1, zeroblob(32))",
		"INSERT INTO cases (id, account, stage, goal, platform, body, mark) VALUES ('case_1', 'acc_1', 'open', 'unlink', 'web', '{\"stage\":\"open\"}', zeroblob(16))",
		"INSERT INTO sign_ins VALUES ('acc_1', 'sgn_1', 1, '', '', '', 'known', NULL, '', '', '')",
		"INSERT INTO events VALUES ('case_1', 1, 'opened', 'clock', '', '', '', 1, 'open', NULL)",
		"UPDATE accounts SET ways_in = 1, had_way_in = 1",
	} {
		if err := raw(s, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for _, sql := range []string{
		"UPDATE accounts SET ways_in = 0",
		"UPDATE accounts SET ways_in = -1, had_way_in = 0",
		"UPDATE audit SET verb = 'nothing'",
		"DELETE FROM audit",
		"UPDATE sign_ins SET country = 'CN'",
		"UPDATE events SET kind = 'nothing'",
		"DELETE FROM events",
		"DELETE FROM bindings",
		"DELETE FROM accounts",
		"UPDATE cases SET stage = 'closed'", // its body says otherwise
		"UPDATE cases SET body = '{\"stage\":\"closed\"}'",
		"UPDATE accounts SET frozen = 'yes'",
		"INSERT INTO bindings (account, id, provider, state, label, created_at, idx) VALUES ('acc_1', 'bnd_2', 'qq', 'suspended', '', 1, zeroblob(32))",
		"INSERT INTO bindings (account, id, provider, state, label, created_at, idx) VALUES ('acc_9', 'bnd_3', 'qq', 'active', '', 1, randomblob(32))",
		"INSERT INTO log_head (one, size) VALUES (2, 0)",
	} {
		if raw(s, sql) == nil {
			t.Errorf("the schema let through: %s", sql)
		}
	}
}

func raw(s *Store, sql string) error {
	return s.writer.do(context.Background(), func(c *conn) error { return c.script(sql) })
}

// TestF9_AFullDiskIsAnErrorAndPasses fills the file up to its limit among many callers. What was acknowledged is there, what
// was not is not, and with room again all goes on.
func TestF9_AFullDiskIsAnErrorAndPasses(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	for i := range 8 {
		if err := register(s, jieling.AccountID(fmt.Sprint("acc_", i))); err != nil {
			t.Fatal(err)
		}
	}
	limit := func(pages int64) {
		if err := raw(s, fmt.Sprint("PRAGMA max_page_count = ", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(column(t, s, "PRAGMA page_count") + 8)
	var acknowledged [8]int64
	var wait sync.WaitGroup
	for i := range acknowledged {
		wait.Go(func() {
			for move(s, jieling.AccountID(fmt.Sprint("acc_", i))) == nil {
				acknowledged[i]++
			}
		})
	}
	wait.Wait()
	limit(1 << 30)
	for i, n := range acknowledged {
		id := jieling.AccountID(fmt.Sprint("acc_", i))
		if got := version(t, s, id); got != n+1 {
			t.Errorf("%s is at version %d after %d acknowledged moves", id, got, n)
		}
		if err := move(s, id); err != nil {
			t.Errorf("with room again: %v", err)
		}
		chain, head, err := s.AuditChain(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if err := audit.VerifyChain(id, chain, head); err != nil {
			t.Error(err)
		}
	}
}

// TestUpdate_TwoProcesses opens one file twice, as a rolling restart does: the accounts' lock holds between them.
func TestUpdate_TwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	stores := []*Store{open(t, path), open(t, path)}
	if err := register(stores[0], "acc_1"); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Go(func() {
			for range 25 {
				if err := move(stores[i%2], "acc_1"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if got := version(t, stores[0], "acc_1"); got != 101 {
		t.Errorf("100 moves through two stores left version %d, want 101", got)
	}
}

// TestClose_UnderLoad closes while callers are at work: each gets an answer, and none that was given is lost.
func TestClose_UnderLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s, err := Open(path, Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := register(s, "acc_1"); err != nil {
		t.Fatal(err)
	}
	var done atomic.Int64
	var wait sync.WaitGroup
	warm := make(chan struct{}, 1000)
	for range 8 {
		wait.Go(func() {
			for {
				if err := move(s, "acc_1"); err != nil {
					if !errors.Is(err, errClosed) {
						t.Error(err)
					}
					return
				}
				done.Add(1)
				select {
				case warm <- struct{}{}:
				default:
				}
			}
		})
	}
	for range 20 {
		<-warm
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wait.Wait()
	if _, err := s.FindAccount(t.Context(), "acc_1"); !errors.Is(err, errClosed) {
		t.Errorf("a closed store is read with %v", err)
	}
	if got := version(t, open(t, path), "acc_1"); got != done.Load()+1 {
		t.Errorf("%d moves were acknowledged, and the account is at version %d", done.Load(), got)
	}
}

func TestConfig_OffsetMovesTheClock(t *testing.T) {
	var offset atomic.Int64
	s, err := Open(filepath.Join(t.TempDir(), "a.db"), Config{Offset: func() time.Duration { return time.Duration(offset.Load()) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before, err := s.Load(t.Context(), store.Need{})
	if err != nil {
		t.Fatal(err)
	}
	offset.Store(int64(24 * time.Hour))
	after, err := s.Load(t.Context(), store.Need{})
	if err != nil {
		t.Fatal(err)
	}
	if moved := after.Now.Sub(before.Now); moved < 24*time.Hour || moved > 25*time.Hour {
		t.Errorf("a day's offset moved the clock by %v", moved)
	}
}

func TestOpen_OnlyWhatIsSafe(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{"", ":memory:", filepath.Join(dir, "missing", "a.db"), dir} {
		if s, err := Open(path, Config{}); err == nil {
			t.Errorf("%q was opened", path)
			s.Close()
		}
	}
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte("this is no database, whatever its name says, and long enough to show it"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(garbage, Config{}); err == nil {
		t.Error("a file that is no database was opened")
		s.Close()
	}
	odd := filepath.Join(dir, "解铃 100%20?#.db")
	open(t, odd)
	if _, err := os.Stat(odd); err != nil {
		t.Errorf("the file is not where it was asked for: %v", err)
	}
}

// TestOpen_SettingsAreReadBack holds every connection against the settings, and a setting that did not take against Open.
func TestOpen_SettingsAreReadBack(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	check := func(c *conn) error {
		for _, want := range settings {
			if got, err := c.pragma(want.pragma); err != nil || got != want.reads {
				t.Errorf("%s reads %q (%v), want %q", want.pragma, got, err, want.reads)
			}
		}
		return nil
	}
	if err := errors.Join(s.read(t.Context(), "test", check), s.writer.do(t.Context(), check)); err != nil {
		t.Fatal(err)
	}
	if err := s.read(t.Context(), "test", func(c *conn) error { return c.script("DELETE FROM tickets") }); err == nil {
		t.Error("a reader wrote")
	}
	if err := s.read(t.Context(), "test", func(c *conn) error { return c.set("synchronous", "OFF", "2") }); err == nil {
		t.Error("a setting that reads otherwise was accepted")
	}
}

func TestMigrate_EachOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	var applied [4][]string
	var wait sync.WaitGroup
	for i := range applied {
		wait.Go(func() {
			var err error
			if applied[i], err = Migrate(path); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	var names []string
	for _, a := range applied {
		names = append(names, a...)
	}
	slices.Sort(names) // they take turns, and any may be next
	var want []string
	files, err := fs.Glob(migrationFiles, "migration/*.sql")
	if err != nil {
		t.Fatalf("%d migrations, %v", len(files), err)
	}
	for _, file := range files {
		want = append(want, filepath.Base(file))
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("four at once carried out (-want +got):\n%s", diff)
	}
	if got := column(t, open(t, path), "SELECT count(*) FROM migrations"); got != int64(len(want)) {
		t.Errorf("the file names %d migrations, want %d", got, len(want))
	}
}
