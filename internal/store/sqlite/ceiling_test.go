package sqlite

import (
	"context"
	"maps"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/store"
)

// BenchmarkCeiling is what the Unlink benchmark is measured against (T5): the least SQL a durable removal can be, on the
// same file and settings, by the same group commit: read the account, take the binding, count down under the guard, one
// audit row, one effect. There is no decision, no case, no history and no idempotency in it.
func BenchmarkCeiling(b *testing.B) {
	b.Run("16", func(b *testing.B) {
		s := open(b, filepath.Join(b.TempDir(), "jieling.db"))
		accounts := bareAccounts(b, s, b.N)
		s.writer.c.queries = maps.Clone(s.writer.c.queries)
		maps.Copy(s.writer.c.queries, bareQueries)
		var next atomic.Int64
		b.SetParallelism(16)
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				a := accounts[next.Add(1)-1]
				if err := s.writer.do(context.Background(), func(c *conn) error { return bareUnlink(c, a) }); err != nil {
					b.Error(err)
					return
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "op/s")
	})
}

type bare struct {
	account jieling.Account
	ways    []jieling.Binding
	effect  string
}

// bareAccounts writes n accounts with two ways in each.
func bareAccounts(b *testing.B, s *Store, n int) []bare {
	b.Helper()
	out := make([]bare, n)
	now := time.Now()
	for i := range out {
		r := [10]byte{byte(i), byte(i >> 8), byte(i >> 16)}
		a := jieling.Account{ID: jieling.NewID[jieling.AccountID]("acc", now, r), Kind: jieling.Personal, CreatedAt: now, WaysIn: 2, Version: 1}
		a.ExternalID = string(a.ID)
		out[i] = bare{account: a, effect: string(jieling.NewID[jieling.EffectID]("eff", now, r))}
		for w := range byte(2) {
			r[9] = w
			out[i].ways = append(out[i].ways, jieling.Binding{
				ID: jieling.NewID[jieling.BindingID]("bnd", now, r), Account: a.ID, Provider: jieling.QQ, State: jieling.BindingActive,
				Subject: []byte("sealed"), Label: "12****4821", CreatedAt: now, Index: [32]byte{byte(i), byte(i >> 8), byte(i >> 16), w},
			})
		}
	}
	err := s.writer.do(context.Background(), func(c *conn) error {
		for _, x := range out {
			w := writing{c: c}
			ch := store.Change{Account: &x.account, Bindings: x.ways, Audit: new(audit.Entry)}
			ch.Audit.Account, ch.Audit.Seq, ch.Audit.At = x.account.ID, 1, now
			if err := w.account(ch); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return out
}

var bareQueries = map[string]string{
	"bare read":    `SELECT ways_in, version, audit_head FROM accounts WHERE id = ?`,
	"bare remove":  `UPDATE bindings SET state = 'removed', removed_at = ? WHERE account = ? AND id = ? AND state = 'active'`,
	"bare account": `UPDATE accounts SET ways_in = ways_in - 1, version = version + 1, audit_head = ? WHERE id = ?`,
	"bare audit":   `INSERT INTO audit (account, seq, case_id, actor, verb, at, detail, prev, hash) VALUES (?, 2, '', '', '', ?, ?, ?, ?)`,
	"bare effect":  `INSERT INTO effects (id, key, kind, account, case_id, target, subject, payload, run_at, attempt, last_error, state) VALUES (?, ?, 'notify', ?, '', '', '', NULL, ?, 0, '', 'due')`,
}

func bareUnlink(c *conn, x bare) error {
	id, now, zero := string(x.account.ID), time.Now().UnixMicro(), make([]byte, 32)
	read := func(r *row) error { r.int(); r.int(); r.hash(); return nil }
	if err := c.each("bare read", read, id); err != nil {
		return err
	}
	if err := c.run("bare remove", now, id, string(x.ways[0].ID)); err != nil {
		return err
	}
	if err := c.run("bare account", zero, id); err != nil {
		return err
	}
	if err := c.run("bare audit", id, now, []byte("{}"), zero, zero); err != nil {
		return err
	}
	return c.run("bare effect", x.effect, x.effect, id, now)
}
