package backoff

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// Config describes a sequence of waits.
type Config struct {
	First   time.Duration    // ceiling of the first wait; above 0
	Max     time.Duration    // ceiling of every wait, not below First; ceilings double from First to Max
	Retries int              // how many waits there are at most; 0 for no bound
	Until   time.Time        // no wait ends later: the deadline less a reserve; zero for no bound
	Now     func() time.Time // the clock that Until refers to; nil for time.Now
	Jitter  func() float64   // random in [0, 1); nil for a random source of its own
}

// Waits is a sequence of waits. Make one with New for each thing that is
// repeated. It is not safe for concurrent use.
type Waits struct {
	cfg        Config
	ceilings   *backoff.ExponentialBackOff // nil before the first wait: most things need none
	retryAfter time.Duration
	used       int
}

// New makes a sequence of waits.
func New(cfg Config) *Waits {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Jitter == nil {
		cfg.Jitter = rand.Float64
	}
	return &Waits{cfg: cfg}
}

// RetryAfter makes the next wait, and only that one, at least d long. Jitter is
// added to d, so that callers with the same d do not return together.
func (w *Waits) RetryAfter(d time.Duration) { w.retryAfter = max(d, 0) }

// Next returns the next wait. It reports false when there is none: Retries are
// used up, or the wait would end after Until.
func (w *Waits) Next() (time.Duration, bool) {
	after := w.retryAfter
	w.retryAfter = 0
	if w.cfg.Retries > 0 && w.used >= w.cfg.Retries {
		return 0, false
	}
	w.used++
	wait := time.Duration(w.cfg.Jitter()*float64(w.ceiling())) + after
	if !w.cfg.Until.IsZero() && w.cfg.Now().Add(wait).After(w.cfg.Until) {
		return 0, false
	}
	return wait, true
}

// Wait waits for the next wait's time. It reports false when nothing should be
// repeated: there is no next wait, or the context has ended or would end before
// the wait does. In the last case it returns at once.
func (w *Waits) Wait(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	wait, ok := w.Next()
	if !ok {
		return false
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return false
	}
	return Sleep(ctx, wait)
}

// Reset starts over: with the first ceiling, no RetryAfter and all retries.
func (w *Waits) Reset() { w.ceilings, w.retryAfter, w.used = nil, 0, 0 }

func (w *Waits) ceiling() time.Duration {
	if w.ceilings == nil {
		w.ceilings = backoff.NewExponentialBackOff(
			backoff.WithInitialInterval(w.cfg.First),
			backoff.WithMaxInterval(w.cfg.Max),
			backoff.WithMultiplier(2),
			// The library's jitter has no injectable source of randomness, so it
			// provides the ceilings alone.
			backoff.WithRandomizationFactor(0),
			backoff.WithMaxElapsedTime(0), // none: Until and Retries are the bounds
		)
	}
	return w.ceilings.NextBackOff()
}

// Sleep waits for d. It reports false when the context ended first.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
