package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/store"
)

// BenchmarkCeilings measures a whole removal and a look-up beside the least SQL that could do the same, on the same server
// in turns, and reports their ratio: what targets T1, T2 and T3 are about. Rates are of this machine; ratios travel.
func BenchmarkCeilings(b *testing.B) {
	url := database(b)
	s := opened(b, url, Config{})
	bare := ceiling(b, url)
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("Unlink/%d", callers), func(b *testing.B) {
			shelves := stock(b, s, 2*rounds*b.N)
			least := func(i int) error { return removeBare(bare, shelves[i]) }
			ours := func(i int) error { return removeWhole(s, shelves[rounds*b.N+i]) }
			compare(b, callers, ours, least)
		})
		b.Run(fmt.Sprintf("Resolve/%d", callers), func(b *testing.B) {
			shelves := stock(b, s, 1000)
			least := func(i int) error { return resolveBare(bare, shelves[i%len(shelves)]) }
			ours := func(i int) error {
				_, err := s.Resolve(context.Background(), jieling.Phone, shelves[i%len(shelves)].kept)
				return err
			}
			compare(b, callers, ours, least)
		})
		b.Run(fmt.Sprintf("Bindings/%d", callers), func(b *testing.B) {
			shelves := stock(b, s, 1000)
			least := func(i int) error { return listBare(bare, shelves[i%len(shelves)]) }
			ours := func(i int) error {
				_, err := s.Load(context.Background(), store.Need{Account: shelves[i%len(shelves)].account})
				return err
			}
			compare(b, callers, ours, least)
		})
	}
}

// rounds is how often the two are measured in turns; their medians count.
const rounds = 5

func compare(b *testing.B, callers int, ours, least func(i int) error) {
	var mine, theirs []float64
	b.ResetTimer()
	for r := range rounds {
		theirs = append(theirs, rate(b, callers, r*b.N, least))
		mine = append(mine, rate(b, callers, r*b.N, ours))
	}
	slices.Sort(mine)
	slices.Sort(theirs)
	b.ReportMetric(mine[rounds/2], "op/s")
	b.ReportMetric(theirs[rounds/2], "ceiling/s")
	b.ReportMetric(mine[rounds/2]/theirs[rounds/2], "ratio")
	b.ReportMetric(0, "ns/op")
}

// rate runs do for b.N numbers from first on, by so many callers, and gives how many a second were done.
func rate(b *testing.B, callers, first int, do func(i int) error) float64 {
	var next atomic.Int64
	var wait sync.WaitGroup
	begun := time.Now()
	for range callers {
		wait.Go(func() {
			for n := int(next.Add(1)); n <= b.N; n = int(next.Add(1)) {
				if err := do(first + n - 1); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	return float64(b.N) / time.Since(begun).Seconds()
}

// shelf is an account with two ways in and an open case to remove one.
type shelf struct {
	account     jieling.AccountID
	binding     jieling.BindingID
	c           jieling.CaseID
	index, kept [32]byte
}

var serial atomic.Int64

func newID[T ~string](prefix string) T {
	sum := sha256.Sum256(fmt.Append(nil, serial.Add(1)))
	return jieling.NewID[T](prefix, time.Now(), [10]byte(sum[:10]))
}

func transition(a jieling.Account, verb string) store.Change {
	a.Version++
	e := audit.Entry{Account: a.ID, Seq: a.Version, Actor: "person:ses_1", Verb: verb, At: time.Now(), Detail: []byte(`{"to":"guarded"}`)}.After(a.AuditHead)
	a.AuditHead = e.Hash
	return store.Change{Account: &a, Audit: &e}
}

func stock(b testing.TB, s *Store, n int) []shelf {
	b.Helper()
	shelves := make([]shelf, n)
	rate := func(i int) error {
		a := jieling.Account{ID: newID[jieling.AccountID]("acc"), Kind: jieling.Personal, Region: "CN", Locale: "zh-CN", CreatedAt: time.Now(), WaysIn: 2}
		a.ExternalID = "user-" + string(a.ID)
		ch := transition(a, "register")
		for i, p := range []jieling.Provider{jieling.QQ, jieling.Phone} {
			id := newID[jieling.BindingID]("bnd")
			ch.Bindings = append(ch.Bindings, jieling.Binding{
				ID: id, Account: a.ID, Provider: p, State: jieling.BindingActive, Label: "12****4821", CreatedAt: a.CreatedAt.Add(time.Duration(i) * time.Second),
				VerifiedAt: a.CreatedAt, Subject: make([]byte, 60), Index: sha256.Sum256([]byte(id)),
			})
		}
		c := openCase(a.ID, ch.Bindings[0].ID)
		ch.Case, ch.Events = &c, []jieling.Event{event(c)}
		shelves[i] = shelf{a.ID, ch.Bindings[0].ID, c.ID, ch.Bindings[0].Index, ch.Bindings[1].Index}
		return s.Update(context.Background(), store.Need{Account: a.ID}, func(store.Snapshot) (store.Change, error) { return ch, nil })
	}
	parallel(b, n, rate)
	return shelves
}

func parallel(b testing.TB, n int, do func(i int) error) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range 64 {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

func openCase(a jieling.AccountID, binding jieling.BindingID) jieling.Case {
	return jieling.Case{
		ID: newID[jieling.CaseID]("case"), Account: a, Goal: jieling.Unlink, Binding: binding, Provider: jieling.QQ, Platform: jieling.IOS,
		Reason: jieling.ReasonPrivacy, Scenario: jieling.Routine, Stage: jieling.StageReady, Version: 1, OpenedAt: time.Now().UTC(),
		Decision: jieling.Decision{Pack: "qq-wechat@1", Requirement: jieling.AllOf(jieling.Need(jieling.SMSCode), jieling.Need(jieling.PaymentPIN))},
		Proofs:   []jieling.Proof{{Factor: jieling.SMSCode, Challenge: "chl_1", At: time.Now().UTC()}, {Factor: jieling.PaymentPIN, Challenge: "chl_2", At: time.Now().UTC()}},
		Legs:     []jieling.Leg{{Participant: "games", Title: jieling.Text{ZH: "游戏", EN: "Games"}, Required: true, State: jieling.LegPrepared}},
	}
}

func event(c jieling.Case) jieling.Event {
	return jieling.Event{
		Case: c.ID, Seq: c.Version, Kind: "moved", Actor: jieling.Actor{Kind: jieling.ActorPerson, Name: "ses_1", Account: c.Account},
		At: time.Now(), Stage: c.Stage, Data: []byte(`{"to":"guarded"}`),
	}
}

// removeWhole is a removal with everything a verb writes: account, binding, case, event, effects, audit, sessions, answer.
func removeWhole(s *Store, from shelf) error {
	idem := store.Idem{Caller: "key:shop", Key: string(from.c), Fingerprint: from.index}
	return s.Update(context.Background(), store.Need{Account: from.account, Case: from.c, Idem: idem}, func(sn store.Snapshot) (store.Change, error) {
		ch := transition(*sn.Account, "remove")
		gone := sn.Bindings[slices.IndexFunc(sn.Bindings, func(b jieling.Binding) bool { return b.ID == from.binding })]
		gone.State, gone.RemovedAt = jieling.BindingRemoved, sn.Now
		c := *sn.Case
		c.Version, c.Stage, c.RemovedAt = c.Version+1, jieling.StageGuarded, sn.Now
		ch.Account.WaysIn--
		ch.Bindings, ch.Case, ch.Events = []jieling.Binding{gone}, &c, []jieling.Event{event(c)}
		for _, kind := range []jieling.EffectKind{jieling.EffectCommit, jieling.EffectNotify} {
			id := newID[jieling.EffectID]("eff")
			ch.Effects = append(ch.Effects, jieling.Effect{ID: id, Key: string(c.ID) + "/" + string(kind), Kind: kind, Account: from.account, Case: c.ID, Target: "games", RunAt: sn.Now})
		}
		ch.EndSessions = from.binding
		ch.Answer = &store.Answer{Fingerprint: idem.Fingerprint, Ref: string(c.ID)}
		return ch, nil
	})
}

// ceiling is a bare pool on tables of its own in the same database's server: the one statement with a guarded counter.
func ceiling(b testing.TB, url string) *pgxpool.Pool {
	b.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		b.Fatal(err)
	}
	config.MaxConns = int32(4 * runtime.NumCPU())
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	execute(b, url, `
		create table bare_audit (id bigint generated always as identity primary key, account text, verb text, at timestamptz default now());
		create table bare_outbox (id bigint generated always as identity primary key, account text, kind text, at timestamptz default now())`)
	return pool
}

func removeBare(pool *pgxpool.Pool, from shelf) error {
	tag, err := pool.Exec(context.Background(), `
		with a as (update accounts set ways_in = ways_in - 1, version = version + 1 where id = $1 and ways_in > 1 returning id),
		     b as (delete from bindings using a where account = a.id and bindings.id = $2 and state = 'active' returning account),
		     l as (insert into bare_audit (account, verb) select account, 'remove' from b)
		insert into bare_outbox (account, kind) select account, 'commit' from b`, string(from.account), string(from.binding))
	if err == nil && tag.RowsAffected() != 1 {
		err = store.ErrStale
	}
	return err
}

func resolveBare(pool *pgxpool.Pool, from shelf) error {
	var account, binding, state string
	var frozen bool
	var epoch int64
	return pool.QueryRow(context.Background(), `
		select b.account, b.id, b.state, a.frozen, a.epoch from bindings b join accounts a on a.id = b.account
		where b.provider = $1 and b.idx = $2 and b.state in ('active', 'suspended')`, string(jieling.Phone), from.kept[:]).Scan(&account, &binding, &state, &frozen, &epoch)
}

func listBare(pool *pgxpool.Pool, from shelf) error {
	rows, err := pool.Query(context.Background(), `
		select id, provider, state, label, verified_at, created_at from bindings where account = $1 and state <> 'removed'`, string(from.account))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, provider, state, label string
		var verified, created time.Time
		if err := rows.Scan(&id, &provider, &state, &label, &verified, &created); err != nil {
			return err
		}
	}
	return rows.Err()
}
