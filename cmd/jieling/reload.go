package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/web"
)

// packGlance is how often the pack's file is looked at.
const packGlance = 5 * time.Second

// followPack reads the pack again when its file changed or a SIGHUP asks for it, until ctx ends. A shipped pack never changes.
func (a *app) followPack(ctx context.Context, name string) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	glance := time.NewTicker(packGlance)
	defer glance.Stop()
	seen, _ := os.ReadFile(name)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			seen = a.rereadPack(name, nil)
		case <-glance.C:
			if isFile(name) {
				seen = a.rereadPack(name, seen)
			}
		}
	}
}

// isFile reports that a pack is named by its file; other names are those of shipped packs.
func isFile(pack string) bool { return strings.ContainsAny(pack, "./") }

// rereadPack puts the pack in force as it is in its file now, whole or not at all. It returns what it saw, so that the same
// text is not judged twice; seen nil judges in any case. A pack that is broken or not proven changes nothing and raises the
// alarm: an error in the log, and the counter that operators watch.
func (a *app) rereadPack(name string, seen []byte) []byte {
	src, err := packSource(name)
	if err == nil && seen != nil && bytes.Equal(src, seen) {
		return seen
	}
	before := a.engine.PackInForce().ID()
	var pack *policy.Pack
	if err == nil {
		pack, err = provenPack(name, src)
	}
	a.metrics.PackRead(err == nil)
	if err != nil {
		a.reading.Store(&web.Reading{At: a.reading.Load().At, RefusedAt: time.Now(), Refused: whyRefused(err)})
		a.log.Error("the policy pack was refused; the old one stays in force", "pack", name, "in_force", before, "error", err)
		return src
	}
	a.engine.UsePack(pack)
	a.reading.Store(&web.Reading{At: time.Now()})
	a.log.Info("the policy pack is in force", "pack", pack.ID(), "before", before)
	return src
}

// unprovenError is a pack that does not hold what it claims.
type unprovenError struct {
	pack, name string
	proof      policy.Proof
}

// Error is in English, as logs are.
func (e *unprovenError) Error() string { return e.in(lang.EN) }

func (e *unprovenError) in(l lang.Lang) string {
	return l.Say(lang.PackUnproven, "pack", e.pack, "claim", claimed(l, e.proof), "row", e.proof.Row,
		"counter", l.Read(e.proof.Counter.What.Text()), "file", e.name)
}

// whyRefused says in both languages why a pack was not taken. Why a file could not be read stands in the log.
func whyRefused(err error) jieling.Text {
	var broken *policy.LoadError
	var unproven *unprovenError
	switch {
	case errors.As(err, &broken):
		return jieling.Text{ZH: broken.In(string(lang.ZH)), EN: broken.In(string(lang.EN))}
	case errors.As(err, &unproven):
		return jieling.Text{ZH: unproven.in(lang.ZH), EN: unproven.in(lang.EN)}
	}
	return lang.PackUnread.Text()
}

// provenPack reads a pack that the service may work with: sound, and proven in everything it claims.
func provenPack(name string, src []byte) (*policy.Pack, error) {
	pack, err := policy.Load(name, src)
	if err != nil {
		return nil, err
	}
	for _, claim := range pack.Claims() {
		if proof := claim.Prove(); !proof.Holds {
			return nil, &unprovenError{pack.ID(), name, proof}
		}
	}
	return pack, nil
}

// packSource reads a pack's file, or the text of a shipped pack.
func packSource(name string) ([]byte, error) {
	if !isFile(name) {
		src, err := policy.ShippedSource(name)
		if err != nil {
			return nil, &misuseError{err}
		}
		return src, nil
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, misuse("read the pack: %w", err)
	}
	return src, nil
}
