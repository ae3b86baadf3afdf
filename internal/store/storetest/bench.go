package storetest

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// Bench measures what the hall does most: resolving, and a whole removal (read under the lock, decide, binding, account,
// audit, case with its event, effect, answer under a key, commit), by one caller and by 16 for each processor.
func Bench(b *testing.B, open func(b *testing.B) store.Store) {
	b.Run("Resolve/1", func(b *testing.B) { benchResolve(b, open(b)) })
	b.Run("Resolve/16", func(b *testing.B) { b.SetParallelism(16); benchResolve(b, open(b)) })
	b.Run("Unlink/1", func(b *testing.B) { benchUnlink(b, open(b)) })
	b.Run("Unlink/16", func(b *testing.B) { b.SetParallelism(16); benchUnlink(b, open(b)) })
}

// shop is an account ready for one removal.
type shop struct {
	account jieling.Account
	ways    []jieling.Binding
	c       jieling.Case
}

// stock registers n accounts with two ways in and an open case each.
func stock(b *testing.B, s store.Store, n int) []shop {
	b.Helper()
	shops := make([]shop, n)
	workers(32, n, func(i int) {
		a := newAccount()
		a.WaysIn = 2
		ways := []jieling.Binding{newBinding(a.ID, jieling.QQ, jieling.BindingActive), newBinding(a.ID, jieling.Phone, jieling.BindingActive)}
		c := newCase(a.ID, ways[0].ID)
		c.Version = 1
		ch := begin(a, "register")
		ch.Bindings, ch.Case, ch.Events = ways, &c, []jieling.Event{newEvent(c)}
		if err := s.Update(b.Context(), store.Need{}, func(store.Snapshot) (store.Change, error) { return ch, nil }); err != nil {
			b.Error(err)
		}
		shops[i] = shop{*ch.Account, ways, c}
	})
	if b.Failed() {
		b.FailNow()
	}
	return shops
}

// inTurn runs do once for each of the shops, by as many callers as the benchmark has, and reports the rate.
func inTurn(b *testing.B, shops []shop, do func(context.Context, int, shop) error) {
	var next atomic.Int64
	b.ReportAllocs()
	b.ResetTimer()
	if b.N == 1 {
		return
	}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := int(next.Add(1))
			if err := do(context.Background(), i, shops[i%len(shops)]); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "op/s")
}

func benchResolve(b *testing.B, s store.Store) {
	inTurn(b, stock(b, s, 1000), func(ctx context.Context, _ int, from shop) error {
		_, err := s.Resolve(ctx, from.ways[1].Provider, from.ways[1].Index)
		return err
	})
}

func benchUnlink(b *testing.B, s store.Store) {
	inTurn(b, stock(b, s, b.N), func(ctx context.Context, _ int, from shop) error {
		idem := store.Idem{Caller: "key:shop", Key: string(from.c.ID), Fingerprint: from.ways[0].Index}
		return s.Update(ctx, store.Need{Case: from.c.ID, Idem: idem}, func(sn store.Snapshot) (store.Change, error) {
			ch, err := unlink(from.ways[0].ID)(sn)
			if err != nil {
				return ch, err
			}
			c := *sn.Case
			c.Version, c.Stage = c.Version+1, jieling.StageGuarded
			ch.Case, ch.Events = &c, []jieling.Event{newEvent(c)}
			ch.Effects = []jieling.Effect{newEffect(from.account.ID)}
			ch.EndSessions = from.ways[0].ID
			ch.Answer = &store.Answer{Fingerprint: idem.Fingerprint, Ref: string(c.ID)}
			return ch, nil
		})
	})
}
