package remote

import (
	"context"
	"time"
)

// Polling starts fast, for changes that end quickly, and slows down.
const (
	firstPoll = 500 * time.Millisecond
	slowPoll  = 5 * time.Second
)

// Wait polls until every change has ended or ctx ends, and passes each answer to
// progress if that is not nil. It returns the last answers. The end of ctx is
// not an error: the statuses show it. newID makes delivery ids.
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

// ask polls each change without a record once, and counts those that have not
// ended.
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
