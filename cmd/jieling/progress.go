package main

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/jieling-id/jieling/internal/lang"
)

// journey tells, beside what a command answers with, how far it has come through much: when a second has passed, and then every second.
// Whoever is done sooner hears nothing.
type journey struct {
	to   io.Writer
	lang lang.Lang
	now  func() time.Time
	size int64 // of what is read, in bytes; 0: not known
	last time.Time
	read atomic.Int64

	soFar, percent lang.Sentence // how it is told, without the size and with it
}

func newJourney(to io.Writer, l lang.Lang, size int64) *journey {
	return &journey{to: to, lang: l, now: time.Now, size: size, last: time.Now(), soFar: lang.ToolSoFar, percent: lang.ToolPercent}
}

// at says that n are done.
func (w *journey) at(n int) {
	now := w.now()
	if now.Sub(w.last) < time.Second {
		return
	}
	w.last = now
	if w.size > 0 {
		fmt.Fprintln(w.to, w.lang.Say(w.percent, "n", fmt.Sprint(n), "percent", fmt.Sprint(100*w.read.Load()/w.size)))
		return
	}
	fmt.Fprintln(w.to, w.lang.Say(w.soFar, "n", fmt.Sprint(n)))
}

// over counts what is read of r.
func (w *journey) over(r io.Reader) io.Reader { return io.TeeReader(r, counting{w}) }

type counting struct{ *journey }

// Write counts.
func (c counting) Write(b []byte) (int, error) {
	c.read.Add(int64(len(b)))
	return len(b), nil
}
