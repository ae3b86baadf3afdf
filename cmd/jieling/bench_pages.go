package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

// pageLine is how long one page takes to be answered while removals are being committed beside it. It has no ceiling: what counts is
// whether a person waits.
type pageLine struct {
	Store   string  `json:"store"`
	What    string  `json:"what"`
	Clients int     `json:"clients"`
	Pages   float64 `json:"pages_per_second"`
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"` // the median of the rounds'
	Worst   float64 `json:"p99_ms_worst_round"`
	Commits float64 `json:"commits_per_second_beside"`
	Want    float64 `json:"want_p99_ms"`
	Met     bool    `json:"met"`
}

const (
	pageWant    = 100.0 // milliseconds at the 99th percentile
	pagePeople  = 64    // signed in, on accounts that the removals leave alone
	pageClients = 4     // people who ask at the same time
	loadClients = 16
)

// pages measures the pages a person meets most, as somebody signed in, with sixteen clients committing removals all the while.
func (b benchCommand) pages(ctx context.Context, g *benchGround, report *benchReport) (err error) {
	s, err := b.stage(ctx, g, "pages", seeding{accounts: b.Accounts + pagePeople, ways: commitWays, cases: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	people, err := s.ours.signIn(ctx, s.stock[b.Accounts:])
	if err != nil {
		return err
	}
	kinds := []struct {
		what string
		path func(stocked) string
	}{
		{"centre", func(stocked) string { return "/" }},
		{"sign-in method", func(a stocked) string { return "/bindings/" + string(a.ways[1].binding) }},
		{"reason", func(a stocked) string { return "/bindings/" + string(a.ways[1].binding) + "/unlink" }},
		{"case", func(a stocked) string { return "/cases/" + string(a.ways[0].c) }},
	}
	share := b.Accounts / (b.Rounds * len(kinds))
	for i, kind := range kinds {
		ask := asking{s.ours.addr, func(n int) []byte {
			p := people[n%len(people)]
			return request("GET", kind.path(p.stocked), "Cookie: jieling="+p.session+"\r\n", "")
		}}
		line := pageLine{Store: g.store, What: kind.what, Clients: pageClients, Want: pageWant}
		var rounds, beside []driven
		for round := range b.Rounds {
			page, load, err := b.beside(ctx, s, ask, (i*b.Rounds+round)*share, share, fmt.Sprintf("%s-page-%d-%d.pprof", g.store, i, round))
			if err != nil {
				return fmt.Errorf("%s: %w", kind.what, err)
			}
			rounds, beside = append(rounds, page), append(beside, load)
		}
		line.fold(rounds, beside)
		report.Pages = append(report.Pages, line)
		progress("%s: page %s: p50 %.1f ms, p99 %.1f ms, beside %.0f commits/s", g.store, line.What, line.P50, line.P99, line.Commits)
	}
	return nil
}

// person is somebody with a session.
type person struct {
	stocked
	session string
}

// signIn hands people over as the product does, and has them come in.
func (s *service) signIn(ctx context.Context, stock []stocked) (people []person, err error) {
	by := jieling.Actor{Kind: jieling.ActorProduct, Name: "bench", Scopes: []string{engine.ScopeAdmin}}
	for _, a := range stock {
		ticket, err := s.app.engine.Handoff(ctx, by, engine.Idem{}, engine.NewHandoff{Account: a.account, Platform: jieling.Android})
		if err != nil {
			return nil, err
		}
		in, err := s.app.engine.Redeem(ctx, ticket.Token, "")
		if err != nil {
			return nil, err
		}
		people = append(people, person{a, in.Token})
	}
	return people, nil
}

// beside asks for a page for as long as the removals go on, at most the time a look-up is measured.
func (b benchCommand) beside(ctx context.Context, s *bothSides, page asking, from, count int, profile string) (pages, load driven, err error) {
	lasts := time.Duration(b.Seconds * float64(time.Second))
	if _, err := drive(ctx, page, pageClients, bound{count: 5 * pageClients, lasts: lasts}); err != nil { // to warm up
		return pages, load, err
	}
	over := make(chan struct{})
	var wait sync.WaitGroup
	var failed error
	wait.Go(func() {
		defer close(over)
		load, failed = drive(ctx, s.ours.asks(s.stock)["commit"], loadClients, bound{from: from, count: count, lasts: lasts})
	})
	err = profiled(b.profile(profile), func() error {
		pages, err = drive(ctx, page, pageClients, bound{count: math.MaxInt, lasts: lasts, over: over})
		return err
	})
	wait.Wait()
	return pages, load, errors.Join(err, failed)
}

func (l *pageLine) fold(pages, beside []driven) {
	rate := func(d driven) float64 { return d.rate }
	p99 := each(pages, func(d driven) float64 { return millis(d.p99) })
	l.Pages, l.Commits, l.P50 = median(each(pages, rate)), median(each(beside, rate)), median(each(pages, func(d driven) float64 { return millis(d.p50) }))
	l.P99, l.Worst = median(p99), slices.Max(p99)
	l.Met = l.P99 <= l.Want
}
