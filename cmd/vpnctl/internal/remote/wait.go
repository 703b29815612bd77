package remote

import (
	"context"
	"time"
)

// Polling starts fast, for changes that are done at once, and slows down.
const (
	firstPoll = 500 * time.Millisecond
	slowPoll  = 5 * time.Second
)

// Wait asks until every change has ended, or until ctx ends, and tells each
// answer to progress, if that is not nil. It returns the last answers; a ctx
// that ends is no error, the statuses tell. newID makes delivery ids.
func (c *Client) Wait(ctx context.Context, changes []Change, newID func() string, progress func([]Change)) ([]Change, error) {
	poll := firstPoll
	for {
		left, err := c.ask(ctx, changes, newID)
		if err != nil {
			if ctx.Err() != nil {
				return changes, nil //nolint:nilerr // the time to wait is over
			}
			return changes, err
		}
		if progress != nil {
			progress(changes)
		}
		if left == 0 {
			return changes, nil
		}
		timer := time.NewTimer(poll)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return changes, nil
		}
		poll = min(poll*3/2, slowPoll)
	}
}

// ask asks once for each change whose record is not here yet, and counts those
// that have not ended.
func (c *Client) ask(ctx context.Context, changes []Change, newID func() string) (int, error) {
	left := 0
	for i, ch := range changes {
		if ch.Status.Final() && !ch.AcceptedAt.IsZero() {
			continue
		}
		now, err := c.Change(ctx, ch.ID, newID())
		if err != nil {
			return left, err
		}
		changes[i] = now
		if !now.Status.Final() {
			left++
		}
	}
	return left, nil
}
