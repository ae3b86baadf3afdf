package gate

import (
	"testing"
	"time"
)

func TestStrangersCannotFillTheMemory(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	l := newLimiter[int](Rate{PerSecond: 1, Burst: 1}, func() time.Time { return now })
	for i := range 3 * maxCallers {
		if err := l.take(i); err != nil {
			t.Fatal(err)
		}
		if len(l.callers) > maxCallers {
			t.Fatalf("%d callers are remembered", len(l.callers))
		}
	}
}
