package gate

import (
	"sync"
	"time"

	"github.com/jieling-id/jieling"
)

// Rate bounds how often one caller may come: Burst at once, and PerSecond in the long run. The zero Rate bounds nothing.
type Rate struct {
	PerSecond float64
	Burst     float64
}

// maxCallers bounds the memory that strangers can make us spend on remembering them.
const maxCallers = 1 << 16

// limiter counts callers in the memory of one node. Counts that matter to security (guesses, S26) live in the store; this
// one only keeps a noisy caller from crowding out the others.
type limiter[K comparable] struct {
	rate Rate
	now  func() time.Time

	mu      sync.Mutex
	callers map[K]bucket
}

// bucket is a token bucket: what was left, and when.
type bucket struct {
	left float64
	at   time.Time
}

func newLimiter[K comparable](rate Rate, now func() time.Time) *limiter[K] {
	return &limiter[K]{rate: rate, now: now, callers: map[K]bucket{}}
}

// take counts one request, or refuses it with CodeTooMany and the time until the next would pass.
func (l *limiter[K]) take(caller K) error {
	if l.rate.PerSecond <= 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.filled(caller, now)
	if b.left < 1 {
		return &jieling.Error{Code: jieling.CodeTooMany, After: time.Duration((1 - b.left) / l.rate.PerSecond * float64(time.Second))}
	}
	if len(l.callers) >= maxCallers {
		l.forget(now)
	}
	b.left--
	l.callers[caller] = b
	return nil
}

// filled is a caller's bucket as of now.
func (l *limiter[K]) filled(caller K, now time.Time) bucket {
	b, ok := l.callers[caller]
	if !ok {
		return bucket{left: l.rate.Burst, at: now}
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.left, b.at = min(l.rate.Burst, b.left+passed.Seconds()*l.rate.PerSecond), now
	}
	return b
}

// forget makes room: callers whose bucket is full again first, and if that was not enough, anybody down to half.
func (l *limiter[K]) forget(now time.Time) {
	for caller := range l.callers {
		if l.filled(caller, now).left >= l.rate.Burst {
			delete(l.callers, caller)
		}
	}
	for caller := range l.callers {
		if len(l.callers) <= maxCallers/2 {
			return
		}
		delete(l.callers, caller)
	}
}
