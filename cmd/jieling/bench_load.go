package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// asking is what one side is asked: the n-th request, whole as it goes over the wire.
type asking struct {
	addr    string
	request func(n int) []byte
}

// bound ends a measurement: after so many requests, or so long, whichever comes first.
type bound struct {
	from, count int
	lasts       time.Duration
	over        <-chan struct{} // it ends when this is closed, but not before everybody had an answer; nil: never
}

// driven is what a measurement found.
type driven struct {
	rate float64 // answers a second
	p50  time.Duration
	p99  time.Duration
	cpu  time.Duration // processor time an answer, asking it included
}

// drive asks with so many clients, each on a connection of its own and one request at a time. Any answer but 2xx ends it as
// an error: what is not done is not counted as fast.
func drive(ctx context.Context, a asking, clients int, until bound) (driven, error) {
	conns := make([]*caller, clients)
	for i := range conns {
		c, err := call(ctx, a.addr)
		if err != nil {
			return driven{}, err
		}
		defer c.conn.Close()
		conns[i] = c
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	took, errs := make([][]time.Duration, clients), make([]error, clients)
	runtime.GC() // what the other side left behind is not swept on this one's time
	before, begun := spent(), time.Now()
	ends := begun.Add(until.lasts)
	for i, c := range conns {
		wait.Go(func() {
			for n := int(next.Add(1)) - 1; n < until.count; n = int(next.Add(1)) - 1 {
				sent := time.Now()
				if ctx.Err() != nil || len(took[i]) > 0 && (sent.After(ends) || until.ended()) { // everybody asks once, however slow the machine
					return
				}
				if errs[i] = c.ask(a.request(until.from + n)); errs[i] != nil {
					return
				}
				took[i] = append(took[i], time.Since(sent))
			}
		})
	}
	wait.Wait()
	elapsed, used := time.Since(begun), spent()-before
	all := slices.Concat(took...)
	if err := errors.Join(append(errs, ctx.Err())...); err != nil {
		return driven{}, err
	}
	if len(all) == 0 {
		return driven{}, errors.New("nothing was answered in time")
	}
	slices.Sort(all)
	return driven{
		rate: float64(len(all)) / elapsed.Seconds(), p50: all[(len(all)-1)/2], p99: all[int(math.Ceil(0.99*float64(len(all))))-1],
		cpu: used / time.Duration(len(all)),
	}, nil
}

func (b bound) ended() bool {
	select {
	case <-b.over:
		return true
	default:
		return false
	}
}

// caller is one client's connection. It is leaner than http.Client, so that less of the machine goes to asking.
type caller struct {
	conn net.Conn
	in   *bufio.Reader
}

func call(ctx context.Context, addr string) (*caller, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &caller{conn: conn, in: bufio.NewReader(conn)}, nil
}

// ask sends a request and waits for an answer that says it was done.
func (c *caller) ask(request []byte) error {
	if err := c.send(request); err != nil {
		return err
	}
	status, err := c.answer()
	if err == nil && status/100 != 2 {
		err = fmt.Errorf("answered with status %d", status)
	}
	return err
}

func (c *caller) send(request []byte) error {
	if err := c.conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	_, err := c.conn.Write(request)
	return err
}

func (c *caller) answer() (status int, err error) {
	r, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	_, err = io.Copy(io.Discard, r.Body)
	return r.StatusCode, err
}

// request puts a request together; what is the same in all of them is made once, by the caller.
func request(method, path, headers, body string) []byte {
	return fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: bench\r\n%sContent-Length: %d\r\n\r\n%s", method, path, headers, len(body), body)
}

// comparison is one path beside its ceiling, at so many clients.
type comparison struct {
	target, what string
	clients      int
	ours, least  asking
	count        int // requests at a time that use something up; 0: as many as there is time for
	first        int
	want         float64 // the ratio of the target; 0: there is none
	wantP99      float64
}

// compare measures both in turns, round by round, changing who begins.
func (b benchCommand) compare(ctx context.Context, store string, c comparison) (benchLine, error) {
	line := benchLine{Store: store, Target: c.target, What: c.what, Clients: c.clients, Want: c.want, WantP99: c.wantP99}
	lasts := time.Duration(b.Seconds * float64(time.Second))
	warm := bound{from: c.first, count: math.MaxInt, lasts: lasts / 8}
	until := bound{from: c.first, count: math.MaxInt, lasts: lasts}
	if c.count > 0 {
		warm.count, until.count, until.lasts = max(1, c.count/20), c.count-max(1, c.count/20), time.Hour
		until.from += warm.count
	}
	var mine, theirs []driven
	for round := range b.Rounds {
		sides := []func() error{
			func() error { return c.side(ctx, c.least, warm, until, &theirs, "") },
			func() error {
				return c.side(ctx, c.ours, warm, until, &mine, b.profile(fmt.Sprintf("%s-%s-%d-%d.pprof", store, c.what, c.clients, round)))
			},
		}
		if round%2 == 1 {
			slices.Reverse(sides)
		}
		for _, side := range sides {
			if err := side(); err != nil {
				return line, err
			}
		}
		warm.from, until.from = warm.from+c.count, until.from+c.count
	}
	line.fold(mine, theirs)
	return line, nil
}

// side warms one side up and measures it.
func (c comparison) side(ctx context.Context, a asking, warm, until bound, out *[]driven, profile string) error {
	if _, err := drive(ctx, a, c.clients, warm); err != nil {
		return err
	}
	return profiled(profile, func() error {
		d, err := drive(ctx, a, c.clients, until)
		*out = append(*out, d)
		return err
	})
}

// profiled writes a CPU profile of what is done into a file, where there is one to write.
func profiled(file string, do func() error) error {
	if file == "" {
		return do()
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return do()
}

func (b benchCommand) profile(name string) string {
	if b.Profile == "" {
		return ""
	}
	return filepath.Join(b.Profile, name)
}

// comparisons lists what is measured. A removal uses its account up, so the accounts of a round are shared out among the
// comparisons: a fifth for one client, the rest for sixteen.
func comparisons(s *bothSides, store string, perRound int) []comparison {
	ours, least := s.ours.asks(s.stock), bareAsks(s.least.addr, s.stock)
	alone := max(2, perRound/5)
	rounds := len(s.stock) / perRound
	unlink := func(clients, first, count int) comparison {
		return comparison{what: "commit", clients: clients, ours: ours["commit"], least: least["commit"], first: first, count: count}
	}
	one, many := unlink(1, 0, alone), unlink(16, rounds*alone, perRound-alone)
	if store == "postgres" {
		one.target, one.want = "T2", 0.6
		many.target, many.want, many.wantP99 = "T1", 1.0, 1.5
	} else {
		many.target, many.want = "T5", 0.8
	}
	var out []comparison
	for _, c := range []struct {
		what    string
		clients int
		target  string
		want    float64
	}{
		{"resolve", 1, "T3", 0.9}, {"resolve", 16, "T3", 0.9}, {"resolve", 64, "T3", 1.5}, {"list", 1, "T4", 0.8}, {"list", 16, "T4", 0.8},
	} {
		if store != "postgres" && c.want > 1 { // what SQLite reads it reads in this process: there are no questions to put together
			c.target, c.want = "", 0
		}
		out = append(out, comparison{what: c.what, clients: c.clients, target: c.target, want: c.want, ours: ours[c.what], least: least[c.what]})
	}
	return append(out, one, many)
}
