package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/goccy/go-yaml"
)

// processLine is what the service is as a process of its own, with its worker (T9, T10).
type processLine struct {
	Store      string  `json:"store"`
	ColdMillis float64 `json:"cold_start_ms"` // from exec to the first answer of /readyz; the median
	ColdSlow   float64 `json:"cold_start_slowest_ms"`
	IdleMiB    float64 `json:"idle_rss_mib"`
	Resolves   int     `json:"resolves"`
	BusyMiB    float64 `json:"rss_after_resolves_mib"`
	BinaryMB   float64 `json:"binary_mb"`
}

const (
	coldStarts   = 5
	fullResolves = 100_000
)

// process starts `jieling serve` as a child on a database that is filled, several times.
func (b benchCommand) process(ctx context.Context, g *benchGround, report *benchReport) error {
	self, err := b.executable()
	if err != nil {
		return err
	}
	info, err := os.Stat(self)
	if err != nil {
		return err
	}
	c, s, err := b.processStage(ctx, g)
	if err != nil {
		return err
	}
	line := processLine{Store: g.store, BinaryMB: float64(info.Size()) / 1e6}
	var cold []time.Duration
	for range coldStarts {
		child, err := startChild(ctx, self, c)
		if err != nil {
			return err
		}
		cold = append(cold, child.took)
		if err := child.stop(); err != nil {
			return err
		}
	}
	slices.Sort(cold)
	line.ColdMillis, line.ColdSlow = millis(cold[len(cold)/2]), millis(cold[len(cold)-1])
	child, err := startChild(ctx, self, c)
	if err != nil {
		return err
	}
	err = line.memory(ctx, child, s, time.Duration(b.Seconds*float64(10*time.Second)))
	if err := errors.Join(err, child.stop()); err != nil {
		return err
	}
	report.Process = append(report.Process, line)
	return nil
}

func (b benchCommand) executable() (string, error) {
	if b.self != "" {
		return b.self, nil
	}
	return os.Executable()
}

// processStage fills a database and writes the child's configuration. The service it comes back with is the child's to be:
// its address is not known yet, its key and stock are.
func (b benchCommand) processStage(ctx context.Context, g *benchGround) (config string, s *bothSides, err error) {
	db, err := g.fresh(ctx, "process")
	if err != nil {
		return "", nil, err
	}
	keys := filepath.Join(g.dir, "process.keys")
	filling, err := startService(ctx, db, keys)
	if err != nil {
		return "", nil, err
	}
	s = &bothSides{ours: &service{key: filling.key}}
	s.stock, err = seed(ctx, filling.app, seeding{accounts: min(b.Accounts, 2000), ways: commitWays})
	if err := errors.Join(err, filling.close()); err != nil {
		return "", nil, err
	}
	text, err := yaml.Marshal(map[string]string{"listen": "127.0.0.1:0", "base_url": "http://localhost", "db": db, "keys": keys})
	if err != nil {
		return "", nil, err
	}
	config = filepath.Join(g.dir, "serve.yaml")
	return config, s, os.WriteFile(config, text, 0o600)
}

// memory reads the child's resident set before and after look-ups by sixteen clients, for at most so long.
func (l *processLine) memory(ctx context.Context, child *child, s *bothSides, lasts time.Duration) error {
	time.Sleep(time.Second) // an idle second: the worker has looked around, the collector has not been asked
	var err error
	if l.IdleMiB, err = child.resident(); err != nil {
		return err
	}
	s.ours.addr = child.addr
	begun := time.Now()
	d, err := drive(ctx, s.ours.asks(s.stock)["resolve"], 16, bound{count: fullResolves, lasts: lasts})
	if err != nil {
		return err
	}
	l.Resolves = min(fullResolves, int(d.rate*time.Since(begun).Seconds()))
	l.BusyMiB, err = child.resident()
	return err
}

// child is a service of its own process.
type child struct {
	cmd  *exec.Cmd
	addr string
	took time.Duration // until it was ready
	log  *bytes.Buffer
}

// startChild starts it on a port that is free, and waits until it is ready.
func startChild(ctx context.Context, self, config string) (*child, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(config)
	if err != nil {
		return nil, err
	}
	own := filepath.Join(filepath.Dir(config), "serve-once.yaml")
	if err := os.WriteFile(own, bytes.ReplaceAll(text, []byte("127.0.0.1:0"), []byte(addr)), 0o600); err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, self, "serve", "--config", own), addr: addr, log: new(bytes.Buffer)}
	begun := time.Now()
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s serve: %w", self, err)
	}
	for time.Since(begun) < time.Minute {
		r, err := http.Get("http://" + addr + "/readyz")
		if err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				c.took = time.Since(begun)
				return c, nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	return nil, errors.Join(fmt.Errorf("%s serve was not ready in time", self), c.stop())
}

// freeAddress is one that nobody listens at, and that stays free while nobody does: its port is below those that a system gives to whoever
// asks for any (Linux from 32768 up, others from 49152).
func freeAddress() (addr string, err error) {
	for range 100 {
		addr = fmt.Sprint("127.0.0.1:", 12000+rand.IntN(8000))
		var ln net.Listener
		if ln, err = net.Listen("tcp", addr); err == nil {
			return addr, ln.Close()
		}
	}
	return "", fmt.Errorf("find a free port: %w", err)
}

func (c *child) stop() error {
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return c.cmd.Wait()
}

// resident is the memory the child has in RAM, as Linux tells it.
func (c *child) resident() (mib float64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the child's memory: %w", err)
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmRSS:")); ok {
			kib, err := strconv.ParseFloat(string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte("kB")))), 64)
			return kib / 1024, err
		}
	}
	return 0, errors.New("/proc does not say how much memory the child has")
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
