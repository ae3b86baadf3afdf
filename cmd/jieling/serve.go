package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
)

type serveCommand struct {
	Config existing `arg:"required" placeholder:"FILE" help:"Configuration (docs/reference/configuration.md)."`
}

// Help teaches the command.
func (serveCommand) Help() string {
	return `Example: jieling serve --config /etc/jieling.yaml

Several nodes may share one PostgreSQL; none of them leads. Stop with SIGTERM: what is in hand is finished first.

The policy pack is read again when its file changes, and at once with SIGHUP; a broken one is refused and the old stays in force.`
}

// Run serves until it is told to stop.
func (s serveCommand) Run(ctx context.Context) error {
	c, err := loadConfig(string(s.Config))
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	a, err := assemble(ctx, c, assembly{log: log})
	if err != nil {
		return err
	}
	defer a.close()
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	debug.FreeOSMemory() // loading and proving the pack leaves several times as much behind as serving takes
	log.Info("jieling is up", "address", ln.Addr().String(), "base_url", c.BaseURL, "pack", a.engine.PackInForce().ID(), "version", version)
	go a.followPack(ctx, c.Pack)
	return a.serve(ctx, ln, a.handler)
}
