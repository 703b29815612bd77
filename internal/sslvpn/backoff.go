package sslvpn

import (
	"time"

	"github.com/cenkalti/backoff/v4"
)

// The waits between two looks at a busy gateway: full jitter below these
// ceilings. A gateway needs seconds to minutes, and reads are limited to 600 a
// minute per region.
const (
	PollFirst = 2 * time.Second
	PollMax   = 4 * time.Second
)

// Waits describes a backoff.
type Waits struct {
	First time.Duration // ceiling of the first wait
	Max   time.Duration // ceiling of every wait; ceilings double from First to Max
	Until time.Time     // no wait may end later: the deadline less a reserve; zero for no bound
}

// BackOff is exponential backoff with full jitter: each wait is random between
// 0 and its ceiling. It returns backoff.Stop instead of a wait that would end
// after Waits.Until, so that the caller never sleeps into its deadline. It is
// not safe for concurrent use.
//
// To keep that, wrap it in backoff.WithContext and not the other way around:
// backoff.Retry sees the context of its outermost policy only.
type BackOff struct {
	exp   *backoff.ExponentialBackOff
	until time.Time
	hint  time.Duration
}

var _ backoff.BackOff = (*BackOff)(nil)

// NewBackOff makes a backoff. First must be above 0 and not above Max.
func NewBackOff(w Waits) *BackOff {
	return &BackOff{
		until: w.Until,
		exp: backoff.NewExponentialBackOff(
			// A factor of 1 draws from 0 to twice the interval, hence the halves.
			backoff.WithRandomizationFactor(1),
			backoff.WithInitialInterval(w.First/2),
			backoff.WithMaxInterval(w.Max/2),
			backoff.WithMultiplier(2),
			// The library's own bound (15 minutes, kept here as 0: none) knows
			// nothing of the deadline.
			backoff.WithMaxElapsedTime(0),
		),
	}
}

// Hint tells the wait that the API asked for (Error.RetryAfter): the next wait,
// and only that, is at least so long. Jitter comes on top of it, so that
// callers who were told the same do not come back together.
func (b *BackOff) Hint(d time.Duration) { b.hint = max(d, 0) }

// NextBackOff returns the next wait, or backoff.Stop.
func (b *BackOff) NextBackOff() time.Duration {
	wait := b.exp.NextBackOff() + b.hint
	b.hint = 0
	if !b.until.IsZero() && time.Now().Add(wait).After(b.until) {
		return backoff.Stop
	}
	return wait
}

// Reset starts over with the first ceiling and forgets the hint.
func (b *BackOff) Reset() {
	b.exp.Reset()
	b.hint = 0
}
