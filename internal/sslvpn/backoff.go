package sslvpn

import (
	"math/rand/v2"
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
	First  time.Duration    // ceiling of the first wait
	Max    time.Duration    // ceiling of every wait; ceilings double from First to Max
	Until  time.Time        // no wait may end later: the deadline less a reserve; zero for no bound
	Now    func() time.Time // the clock that Until goes by; nil for time.Now
	Jitter func() float64   // random in [0, 1); nil for a random source of its own
}

// BackOff is exponential backoff with full jitter: each wait is random between
// 0 and its ceiling. It returns backoff.Stop instead of a wait that would end
// after Waits.Until, so that the caller never sleeps into its deadline. It is
// not safe for concurrent use.
//
// To keep that, wrap it in backoff.WithContext and not the other way around:
// backoff.Retry sees the context of its outermost policy only.
type BackOff struct {
	exp  *backoff.ExponentialBackOff
	w    Waits
	hint time.Duration
}

var _ backoff.BackOff = (*BackOff)(nil)

// NewBackOff makes a backoff. First must be above 0 and not above Max.
func NewBackOff(w Waits) *BackOff {
	if w.Now == nil {
		w.Now = time.Now
	}
	if w.Jitter == nil {
		w.Jitter = rand.Float64
	}
	return &BackOff{
		w: w,
		exp: backoff.NewExponentialBackOff(
			backoff.WithInitialInterval(w.First),
			backoff.WithMaxInterval(w.Max),
			backoff.WithMultiplier(2),
			// The library's jitter is half of what is wanted, and cannot be
			// repeated: see NextBackOff.
			backoff.WithRandomizationFactor(0),
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
	wait := time.Duration(b.w.Jitter()*float64(b.exp.NextBackOff())) + b.hint
	b.hint = 0
	if !b.w.Until.IsZero() && b.w.Now().Add(wait).After(b.w.Until) {
		return backoff.Stop
	}
	return wait
}

// Reset starts over with the first ceiling and forgets the hint.
func (b *BackOff) Reset() {
	b.exp.Reset()
	b.hint = 0
}
