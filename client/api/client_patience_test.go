package api

import (
	"bytes"
	"net/http"
	"testing"
	"time"
)

// A call that carries four pictures is given as long as a slow line takes for them; one that carries nothing is not waited for.
func TestALargeCallIsGivenLonger(t *testing.T) {
	for size, want := range map[int]time.Duration{0: 30 * time.Second, 100: 30 * time.Second, 1 << 18: 31 * time.Second, 44 << 20: 206 * time.Second} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost", bytes.NewReader(make([]byte, size)))
		if err != nil {
			t.Fatal(err)
		}
		if got := patience(r); got != want {
			t.Errorf("%d bytes: %s", size, got)
		}
	}
}
