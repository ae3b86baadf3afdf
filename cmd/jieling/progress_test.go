package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling/internal/lang"
)

// Nothing is said within a second, then once a second how far it is.
func TestJourney_SpeaksOnceASecond(t *testing.T) {
	var said strings.Builder
	w := newJourney(&said, lang.EN, 200)
	at := w.last
	w.now = func() time.Time { return at }
	r := w.over(strings.NewReader(strings.Repeat("x", 200)))
	for n := 1; n <= 20; n++ { // two and a half steps a second
		at = at.Add(400 * time.Millisecond)
		if _, err := io.CopyN(io.Discard, r, 10); err != nil {
			t.Fatal(err)
		}
		if w.at(n); n < 3 && said.Len() > 0 {
			t.Errorf("after %d steps: %q", n, said.String())
		}
	}
	want := []string{"3 cases so far, 15 %", "6 cases so far, 30 %", "9 cases so far, 45 %", "12 cases so far, 60 %", "15 cases so far, 75 %", "18 cases so far, 90 %"}
	if got := strings.Split(strings.TrimSpace(said.String()), "\n"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", got)
	}
	said.Reset()
	w.size, w.lang, at = 0, lang.ZH, at.Add(time.Second)
	if w.at(21); said.String() != "已处理 21 个案件\n" {
		t.Errorf("where the size is not known: %q", said.String())
	}
}
