package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// raceLine is what the race found (S14): accounts with exactly two login identities, and two removals at once, one of each.
type raceLine struct {
	Store  string `json:"store"`
	Target string `json:"target"`
	Pairs  int    `json:"pairs"`
	// Lost and Lied must be zero: accounts that were left with none, and removals that were acknowledged while the identity is
	// still linked. Stuck counts pairs of which neither was carried out: safe, and no use to anybody.
	Lost  int `json:"left_with_none"`
	Lied  int `json:"acknowledged_but_linked"`
	Stuck int `json:"neither_removed"`
	// NaivePairs went through the control, which counts and then deletes; NaiveLost of them were left with none.
	NaivePairs int  `json:"naive_pairs"`
	NaiveLost  int  `json:"naive_left_with_none"`
	Met        bool `json:"met"`
}

// raceWidth is how many pairs run at once.
const raceWidth = 8

// race runs the pairs against the service, and against the control on the bare tables. The control must fail in half of its
// pairs: where it does not, the race was no race and proves nothing.
func (b benchCommand) race(ctx context.Context, g *benchGround, report *benchReport) (err error) {
	s, err := b.stage(ctx, g, "race", seeding{accounts: b.Pairs, ways: []jieling.Provider{jieling.QQ, jieling.QQ}, cases: 2})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	headers := "Authorization: Bearer " + s.ours.key + "\r\n"
	done, err := pairs(ctx, s.ours.addr, s.stock, func(a stocked, way int) []byte { return s.ours.confirm(headers, a.ways[way]) })
	if err != nil {
		return fmt.Errorf("the race: %w", err)
	}
	line := raceLine{Store: g.store, Target: "T7", Pairs: len(s.stock), NaivePairs: len(s.stock)}
	for i, a := range s.stock {
		if err := line.judge(ctx, s.ours.app.store, a, done[i]); err != nil {
			return err
		}
	}
	if _, err := pairs(ctx, s.least.addr, s.stock, func(a stocked, way int) []byte { return bareRemoval("/naive", a, way) }); err != nil {
		return fmt.Errorf("the control: %w", err)
	}
	for _, a := range s.stock {
		n, err := s.bare.left(ctx, string(a.account))
		if err != nil {
			return err
		}
		if n == 0 {
			line.NaiveLost++
		}
	}
	line.Met = line.Lost == 0 && line.Lied == 0 && 2*line.NaiveLost >= line.NaivePairs
	report.Race = append(report.Race, line)
	progress("%s: race of %d pairs: %d left with none, %d acknowledged but linked; the naive control lost %d", g.store, line.Pairs, line.Lost, line.Lied, line.NaiveLost)
	if 2*line.NaiveLost < line.NaivePairs {
		return fmt.Errorf("the naive control lost only %d of %d pairs, so the race was none", line.NaiveLost, line.NaivePairs)
	}
	return nil
}

// judge looks at what an account is left with after both removals were answered.
func (l *raceLine) judge(ctx context.Context, st store.Store, a stocked, done [2]bool) error {
	s, err := st.Load(ctx, store.Need{Account: a.account})
	if err != nil {
		return err
	}
	linked := map[jieling.BindingID]bool{}
	for _, b := range s.Bindings {
		linked[b.ID] = b.Usable()
	}
	left := 0
	for way, w := range a.ways {
		if linked[w.binding] {
			left++
		}
		if linked[w.binding] && done[way] {
			l.Lied++
		}
	}
	switch left {
	case 0:
		l.Lost++
	case len(a.ways):
		l.Stuck++
	}
	return nil
}

// pairs sends both removals of every account at once, each on a connection of its own, and reports which were acknowledged.
func pairs(ctx context.Context, addr string, stock []stocked, removal func(a stocked, way int) []byte) ([][2]bool, error) {
	done := make([][2]bool, len(stock))
	var next atomic.Int64
	var wait sync.WaitGroup
	errs := make([]error, raceWidth)
	for i := range errs {
		wait.Go(func() {
			var callers [2]*caller
			for way := range callers {
				c, err := call(ctx, addr)
				if err != nil {
					errs[i] = err
					return
				}
				defer c.conn.Close()
				callers[way] = c
			}
			for n := int(next.Add(1)) - 1; n < len(stock) && errs[i] == nil && ctx.Err() == nil; n = int(next.Add(1)) - 1 {
				done[n], errs[i] = atOnce(callers, [2][]byte{removal(stock[n], 0), removal(stock[n], 1)})
			}
		})
	}
	wait.Wait()
	return done, errors.Join(append(errs, ctx.Err())...)
}

// atOnce sends both before it reads an answer.
func atOnce(callers [2]*caller, removal [2][]byte) (done [2]bool, err error) {
	for way, c := range callers {
		if err := c.send(removal[way]); err != nil {
			return done, err
		}
	}
	for way, c := range callers {
		status, err := c.answer()
		if err != nil {
			return done, err
		}
		if status/100 == 5 {
			return done, fmt.Errorf("a removal was answered with status %d", status)
		}
		done[way] = status/100 == 2
	}
	return done, nil
}
