package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/store"
)

type auditEntry = audit.Entry

// auditAlways takes each half of a transition away from the other (S24).
func auditAlways(x exam) {
	a, b := x.register(2)
	c := x.open(a.ID, b[0].ID)
	for name, spoil := range map[string]func(*store.Change){
		"an account row without an entry": func(ch *store.Change) { ch.Audit = nil },
		"an entry without an account row": func(ch *store.Change) { ch.Account = nil },
		"an entry of another number":      func(ch *store.Change) { reseal(ch, func(e *auditEntry) { e.Seq++ }) },
		"an entry of another account":     func(ch *store.Change) { reseal(ch, func(e *auditEntry) { e.Account = "acc_x" }) },
		"an entry whose hash is no head":  func(ch *store.Change) { ch.Account.AuditHead = newHash() },
		"an entry on another head":        func(ch *store.Change) { reseal(ch, func(e *auditEntry) { e.Prev = newHash() }) },
		"a binding alone":                 func(ch *store.Change) { *ch = store.Change{Bindings: b} },
		"a case alone":                    func(ch *store.Change) { *ch = store.Change{Case: &c} },
		"an enrolment alone": func(ch *store.Change) {
			*ch = store.Change{Enrolments: []jieling.Enrolment{{ID: "fac_x", Account: a.ID, Factor: jieling.Face, CreatedAt: epoch()}}}
		},
	} {
		if err := x.write(store.Need{Case: c.ID}, func(sn store.Snapshot) store.Change {
			ch := begin(*sn.Account, "spoil")
			spoil(&ch)
			return ch
		}); err == nil {
			x.t.Errorf("%s was accepted", name)
		}
	}
	entries, head, err := x.s.AuditChain(x.ctx(), a.ID)
	x.must(err)
	if err := audit.VerifyChain(a.ID, entries, head); err != nil || len(entries) != 2 || x.version(a.ID) != 2 {
		x.t.Errorf("after refused changes there are %d entries: %v", len(entries), err)
	}
}

// grow lines the entries up and writes a checkpoint nobody signed: size and root.
func grow(tail store.LogTail) (store.LogGrowth, error) {
	old := tlog.Tree{N: tail.Size}
	if tail.Size > 0 {
		root, err := tlog.TreeHash(tail.Size, tail.Hashes)
		if err != nil {
			return store.LogGrowth{}, err
		}
		old.Hash = root
	}
	leaves := make([][32]byte, len(tail.Entries))
	for i, e := range tail.Entries {
		leaves[i] = e.Hash
	}
	hashes, tree, err := audit.Append(old, tail.Hashes, leaves)
	return store.LogGrowth{Hashes: hashes, Checkpoint: fmt.Appendf(nil, "%d\n%s\n", tree.N, tree.Hash)}, err
}

// chainsAndLog lets accounts move while several sequencers work, and then holds chains, log, hashes and checkpoint against
// one another.
func chainsAndLog(x exam) {
	if cp, hashes, err := x.s.AuditHead(x.ctx()); err != nil || cp != nil || len(hashes) > 0 {
		x.t.Errorf("the head of an empty log is %q, %d hashes (%v)", cp, len(hashes), err)
	}
	if n, err := x.s.Sequence(x.ctx(), 5, grow); err != nil || n != 0 {
		x.t.Errorf("with nothing to append Sequence gave %d, %v", n, err)
	}
	accounts := make([]jieling.AccountID, 6)
	for i := range accounts {
		a, _ := x.register(1)
		accounts[i] = a.ID
	}
	moves := crowd(200)
	var mu sync.Mutex
	appended := 0
	together(len(accounts)+3, func(i int) {
		for range moves / 10 {
			if i < len(accounts) {
				x.move(accounts[i])
				continue
			}
			n, err := x.s.Sequence(x.ctx(), 7, grow)
			if err != nil || n > 7 {
				x.t.Errorf("Sequence appended %d of at most 7: %v", n, err)
			}
			mu.Lock()
			appended += n
			mu.Unlock()
		}
	})
	for {
		n, err := x.s.Sequence(x.ctx(), 7, grow)
		x.must(err)
		if n == 0 {
			break
		}
		appended += n
	}
	if want := len(accounts) * (1 + moves/10); appended != want {
		x.t.Errorf("%d rows were appended of %d written", appended, want)
	}
	x.verifyLog(appended)
	for _, a := range accounts {
		entries, head, err := x.s.AuditChain(x.ctx(), a)
		x.must(err)
		if err := audit.VerifyChain(a, entries, head); err != nil || len(entries) != 1+moves/10 {
			x.t.Errorf("the chain of %d entries: %v", len(entries), err)
		}
	}
}

// auditTail reads an account's rows backwards, in pages.
func auditTail(x exam) {
	a, _ := x.register(1)
	other, _ := x.register(1)
	for range 6 {
		x.move(a.ID)
		x.move(other.ID)
	}
	chain, _, err := x.s.AuditChain(x.ctx(), a.ID)
	x.must(err)
	slices.Reverse(chain)
	var read []audit.Entry
	for before := int64(0); ; before = read[len(read)-1].Seq {
		page, err := x.s.AuditTail(x.ctx(), a.ID, before, 3)
		x.must(err)
		if len(page) > 3 {
			x.t.Errorf("%d rows where three were asked for", len(page))
		}
		if read = append(read, page...); len(page) < 3 {
			break
		}
	}
	x.equal("the chain backwards", chain, read)
	if none, err := x.s.AuditTail(x.ctx(), "acc_x", 0, 3); err != nil || len(none) > 0 {
		x.t.Errorf("the tail of nobody: %v, %v", none, err)
	}
}

func (x exam) move(a jieling.AccountID) {
	if err := x.write(store.Need{Account: a}, func(sn store.Snapshot) store.Change { return begin(*sn.Account, "move") }); err != nil {
		x.t.Errorf("moving %s: %v", a, err)
	}
}

// verifyLog reads the whole log in pages and verifies it against its own head.
func (x exam) verifyLog(size int) {
	x.t.Helper()
	checkpoint, hashes, err := x.s.AuditHead(x.ctx())
	x.must(err)
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			if index >= int64(len(hashes)) {
				return nil, fmt.Errorf("hash %d of %d", index, len(hashes))
			}
			out[i] = hashes[index]
		}
		return out, nil
	})
	tree := tlog.Tree{N: int64(size)}
	tree.Hash, err = tlog.TreeHash(tree.N, reader)
	x.must(err)
	if want := fmt.Appendf(nil, "%d\n%s\n", tree.N, tree.Hash); !bytes.Equal(checkpoint, want) || int64(len(hashes)) != tlog.StoredHashCount(tree.N) {
		x.t.Errorf("the checkpoint over %d hashes reads %q, want %q", len(hashes), checkpoint, want)
	}
	if err := audit.VerifyLog(x.logged(), reader, tree); err != nil {
		x.t.Error(err)
	}
}

func (x exam) logged() iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		for from := int64(0); ; {
			page, err := x.s.AuditLog(x.ctx(), from, 10)
			if err != nil {
				yield(audit.Entry{}, err)
				return
			}
			if len(page) == 0 {
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
			}
			from += int64(len(page))
		}
	}
}

func growthFails(x exam) {
	x.register(1)
	no := errors.New("no signing key")
	if _, err := x.s.Sequence(x.ctx(), 5, func(store.LogTail) (store.LogGrowth, error) { return store.LogGrowth{}, no }); !errors.Is(err, no) {
		x.t.Errorf("a growth that failed is answered %v", err)
	}
	if rows, err := x.s.AuditLog(x.ctx(), 0, 10); err != nil || len(rows) > 0 {
		x.t.Errorf("a row that is not in the log was read from it: %+v, %v", rows, err)
	}
	x.register(1)
	if n, err := x.s.Sequence(x.ctx(), 5, grow); err != nil || n != 2 {
		x.t.Errorf("afterwards Sequence gave %d, %v, want both rows", n, err)
	}
	x.verifyLog(2)
}

// eventsWithoutGaps appends one event at a time, reads from each, and tries to leave a gap and to write over one.
func eventsWithoutGaps(x exam) {
	a, b := x.register(1)
	c := x.open(a.ID, b[0].ID)
	push := func(seqs ...int64) error {
		return x.write(store.Need{Case: c.ID}, func(sn store.Snapshot) store.Change {
			ch := begin(*sn.Account, "move")
			moved := *sn.Case
			for _, seq := range seqs {
				moved.Version = seq
				ch.Events = append(ch.Events, newEvent(moved))
			}
			ch.Case = &moved
			return ch
		})
	}
	x.must(push(2, 3))
	x.must(push(4))
	for _, wrong := range [][]int64{{6}, {4}, {1}, {0}, {5, 7}, {5, 5}} {
		if push(wrong...) == nil {
			x.t.Errorf("events %v were appended after 4", wrong)
		}
	}
	for after := range int64(5) {
		events, err := x.s.Events(x.ctx(), c.ID, after)
		x.must(err)
		var got []int64
		for _, e := range events {
			got = append(got, e.Seq)
		}
		x.equal(fmt.Sprintf("events after %d", after), []int64{1, 2, 3, 4}[after:], got)
	}
	if sn := x.load(store.Need{Case: c.ID}); sn.Case.Version != 4 || sn.Account.Version != 4 {
		x.t.Errorf("the case is at version %d and the account at %d, want 4 and 4", sn.Case.Version, sn.Account.Version)
	}
}
