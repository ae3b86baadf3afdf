package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
)

const (
	lookEvery   = time.Second
	followFor   = 15 * time.Minute // then the browser asks again by itself
	beatEvery   = 15               // looks between two signs of life
	writeWithin = 10 * time.Second
)

// outline tells apart two moments of a case that look different: its history, and its open questions with their states.
func outline(c engine.CaseView) string {
	h := sha256.New()
	fmt.Fprint(h, c.Version, c.Next, c.Stage)
	for _, ch := range c.Open {
		fmt.Fprint(h, ch.ID, ch.State)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// follow tells a page that its case looks different from what it shows (server-sent events). It sends no content: the page
// fetches itself again, by the way that checks everything.
func follow(v *visit) {
	c, err := v.Engine.Case(v.ctx(), v.by, v.caseID())
	if err != nil {
		v.problem(err)
		return
	}
	out := http.NewResponseController(v.w)
	v.w.Header().Set("Content-Type", "text/event-stream")
	v.w.WriteHeader(http.StatusOK)
	seen := v.r.URL.Query().Get("seen")
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	until := time.Now().Add(followFor)
	for n := 0; time.Now().Before(until); n++ {
		now := outline(c)
		if !tell(v.w, out, seen != now, c.Next == casework.MoveEnded, n%beatEvery == 0) || c.Next == casework.MoveEnded {
			return
		}
		seen = now
		select {
		case <-v.ctx().Done():
			return
		case <-look.C:
		}
		if c, err = v.Engine.Case(v.ctx(), v.by, v.caseID()); err != nil {
			return
		}
	}
}

// tell writes what there is to tell and reports whether the page is still there.
func tell(w io.Writer, out *http.ResponseController, changed, ended, beat bool) bool {
	said := ""
	if beat {
		said = ": here\n\n"
	}
	if changed {
		said += "event: change\ndata: {}\n\n"
	}
	if ended {
		said += "event: end\ndata: {}\n\n"
	}
	if said == "" {
		return true
	}
	_ = out.SetWriteDeadline(time.Now().Add(writeWithin)) // not every writer has one
	if _, err := io.WriteString(w, said); err != nil {
		return false
	}
	return out.Flush() == nil
}
