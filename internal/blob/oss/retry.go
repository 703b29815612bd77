package oss

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v4"
)

const (
	maxTries = 3
	baseWait = 50 * time.Millisecond
	maxWait  = time.Second
)

// pacer spaces the tries of one operation.
type pacer struct {
	waits backoff.BackOff
	tries int
}

// newPacer counts the first try as begun.
func newPacer() *pacer {
	return &pacer{tries: 1, waits: backoff.NewExponentialBackOff(
		// A factor of 1 around half the wait is full jitter: 0 to the wait.
		backoff.WithInitialInterval(baseWait/2),
		backoff.WithRandomizationFactor(1),
		backoff.WithMultiplier(2),
		backoff.WithMaxInterval(maxWait/2),
		backoff.WithMaxElapsedTime(0),
	)}
}

// next waits for the next try. It reports false, at once, when there is none:
// the tries are used up, the context is done or would be during the wait.
func (p *pacer) next(ctx context.Context) bool {
	if p.tries >= maxTries || ctx.Err() != nil {
		return false
	}
	p.tries++
	wait := p.waits.NextBackOff()
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
