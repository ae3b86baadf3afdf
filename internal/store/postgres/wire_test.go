package postgres

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// wire stands between a store and its server. It counts round trips, and can cut the line.
type wire struct {
	turns atomic.Int64 // times something was written and then something read

	mu      sync.Mutex
	cutAt   []byte // cut once, when this is written
	deliver bool   // let the server have it, and answer, before the cut

	keepAt []byte        // the answer to this is kept back once
	kept   chan struct{} // closed when the server has answered
	letGo  chan struct{} // closed to let the answer through
}

func (w *wire) dial(config *pgxpool.Config) {
	dial := config.ConnConfig.DialFunc
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return &line{Conn: conn, wire: w}, err
	}
}

// cut arranges for the line to break when a statement is called.
func (w *wire) cut(statement string, deliver bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cutAt, w.deliver = []byte("\x00"+statement+"\x00"), deliver
}

// keep arranges for the next answer to a statement to be kept back: kept tells when the server has given it.
func (w *wire) keep(statement string) (kept <-chan struct{}, letGo func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keepAt, w.kept, w.letGo = []byte("\x00"+statement+"\x00"), make(chan struct{}), make(chan struct{})
	return w.kept, func() { close(w.letGo) }
}

func (w *wire) keeps(p []byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.keepAt == nil || !bytes.Contains(p, w.keepAt) {
		return false
	}
	w.keepAt = nil
	return true
}

func (w *wire) cuts(p []byte) (cut, deliver bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cutAt == nil || !bytes.Contains(p, w.cutAt) {
		return false, false
	}
	w.cutAt = nil
	return true, w.deliver
}

type line struct {
	net.Conn
	wire  *wire
	wrote atomic.Bool
	keeps atomic.Bool
}

func (l *line) Write(p []byte) (int, error) {
	l.wrote.Store(true)
	if l.wire.keeps(p) {
		l.keeps.Store(true)
	}
	cut, deliver := l.wire.cuts(p)
	switch {
	case !cut:
		return l.Conn.Write(p)
	case deliver:
		l.Conn.Write(p)
		l.awaitReady()
	}
	l.Conn.Close()
	return len(p), nil
}

// awaitReady reads and loses what the server answers, up to its "ready for query", which ends every pipeline.
func (l *line) awaitReady() {
	var seen []byte
	buffer := make([]byte, 8192)
	for !bytes.HasSuffix(seen, []byte("Z\x00\x00\x00\x05I")) {
		n, err := l.Conn.Read(buffer)
		if err != nil {
			return
		}
		seen = append(seen, buffer[:n]...)
	}
}

func (l *line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if n > 0 && l.keeps.Swap(false) {
		close(l.wire.kept)
		<-l.wire.letGo
	}
	if n > 0 && l.wrote.Swap(false) {
		l.wire.turns.Add(1)
	}
	if errors.Is(err, net.ErrClosed) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// TestT2_RoundTrips counts on the wire: two for every verb, one for every reading.
func TestT2_RoundTrips(t *testing.T) {
	var w wire
	s := opened(t, database(t), Config{Conns: 2, Committers: 1}, w.dial)
	from := stock(t, s, 1)[0]
	ctx := context.Background()
	dialled(t, s)
	idem := store.Idem{Caller: "key:shop", Key: "k", Fingerprint: [32]byte{1}}
	need := store.Need{Case: from.c, Idem: idem, With: store.OpenCases | store.Challenges | store.Enrolments | store.Devices | store.Budgets}
	again := func(sn store.Snapshot) (store.Change, error) {
		if sn.Replay == nil {
			t.Error("the first request is not remembered")
		}
		return store.Change{Replayed: true}, nil
	}
	for _, step := range []struct {
		name  string
		trips int64
		do    func() error
	}{
		{"removal", 2, func() error { return removeWhole(s, from) }},
		{"verb with every part", 2, func() error { return s.Update(ctx, need, everything(from, idem)) }},
		{"replay", 2, func() error { return s.Update(ctx, need, again) }},
		{"resolve", 1, func() error { _, err := s.Resolve(ctx, jieling.Phone, from.kept); return err }},
		{"load an account", 1, func() error { _, err := s.Load(ctx, store.Need{Account: from.account}); return err }},
		{"load everything", 1, func() error { _, err := s.Load(ctx, need); return err }},
	} {
		before := w.turns.Load()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if trips := w.turns.Load() - before; trips != step.trips {
			t.Errorf("%s took %d round trips, want %d", step.name, trips, step.trips)
		}
	}
}

// dialled opens every connection that the store may have. A verb is answered a moment before its connection is free again, and whoever
// came in that moment would dial another one, whose round trips are not its own.
func dialled(t *testing.T, s *Store) {
	t.Helper()
	for range s.pool.Config().MaxConns {
		conn, err := s.pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
	}
}

// everything writes a row of every kind.
func everything(from shelf, idem store.Idem) func(store.Snapshot) (store.Change, error) {
	return func(sn store.Snapshot) (store.Change, error) {
		ch := transition(*sn.Account, "everything")
		ch.Challenges = []jieling.Challenge{{
			ID: newID[jieling.ChallengeID]("chl"), Account: from.account, Case: from.c, Purpose: jieling.ForCase, State: jieling.ChallengeOpen,
		}}
		ch.Enrolments = []jieling.Enrolment{{ID: newID[jieling.FactorID]("fac"), Account: from.account, Factor: jieling.Face}}
		ch.Devices = []jieling.Device{{ID: newID[jieling.DeviceID]("dev"), Account: from.account, Platform: jieling.IOS}}
		ch.Budgets = []jieling.Budget{{Account: from.account, Factor: jieling.Face}}
		ch.Sessions = []store.Session{{ID: newID[jieling.SessionID]("ses"), Account: from.account, Platform: jieling.IOS}}
		ch.Ticket = &store.Ticket{Hash: idem.Fingerprint, Account: from.account, Platform: jieling.IOS}
		ch.Answer = &store.Answer{Fingerprint: idem.Fingerprint}
		return ch, nil
	}
}

// TestS23_LostAtCommit cuts the line at COMMIT, before the server has it and after it answered. The caller is told the same;
// asking again under the same key finds the truth, and the account moves once.
func TestS23_LostAtCommit(t *testing.T) {
	for name, deliver := range map[string]bool{"before the server has it": false, "after the server answered": true} {
		t.Run(name, func(t *testing.T) {
			var w wire
			s := opened(t, database(t), Config{}, w.dial)
			from := stock(t, s, 1)[0]
			w.cut("commit", deliver)
			if err := removeWhole(s, from); !errors.Is(err, store.ErrUnknown) {
				t.Fatalf("a commit whose answer was lost is answered %v, want ErrUnknown", err)
			}
			idem := store.Idem{Caller: "key:shop", Key: string(from.c)}
			done := false
			err := s.Update(context.Background(), store.Need{Account: from.account, Idem: idem}, func(sn store.Snapshot) (store.Change, error) {
				if done = sn.Replay != nil; done {
					return store.Change{Replayed: true}, nil
				}
				return store.Change{}, nil
			})
			if err != nil || done != deliver {
				t.Errorf("asked again, it was done: %v (%v), want %v", done, err, deliver)
			}
		})
	}
}

// TestLostBeforeCommit cuts the line while a verb is read: nothing can have happened, so it is done again on a new line.
func TestLostBeforeCommit(t *testing.T) {
	var w wire
	s := opened(t, database(t), Config{}, w.dial)
	from := stock(t, s, 1)[0]
	for _, deliver := range []bool{false, true} {
		w.cut("resolve", deliver)
		if _, err := s.Resolve(context.Background(), jieling.Phone, from.kept); err != nil {
			t.Errorf("resolving over a line that broke: %v", err)
		}
	}
	w.cut("lock_accounts", false)
	if err := removeWhole(s, from); err != nil {
		t.Errorf("removing over a line that broke before the commit: %v", err)
	}
}
