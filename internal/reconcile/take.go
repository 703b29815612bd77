package reconcile

import (
	"context"
	"errors"
	"log/slog"

	"sslvpnchange/internal/lane"
	"sslvpnchange/internal/queue"
)

// takeFirst takes a lane whose line is long, before the line is read: of the
// workers that come to it at once one reads it, and the others leave. That costs
// two requests; each of the others would make two for every change, for nothing.
// It gives no hold where the line is short, where there is something else to do
// first (an intent to take up, or a wait), or where it was for nothing before.
func (d *drain) takeFirst(ctx context.Context, line queue.Listing) (*lane.Hold, error) {
	if line.New(d.read) <= d.policy.LongLine || d.barren || d.st.Intent != nil || d.leftAlone() {
		return nil, nil //nolint:nilnil // No hold is an answer.
	}
	// The last decision stays in the lane: its records may be missing yet.
	hold, err := d.acquire(ctx)
	if err == nil {
		d.log.InfoContext(ctx, "lane taken for its line", slog.Int64("fence", hold.Token()))
	}
	return hold, err
}

// acquire takes the lane until the invocation ends, with what it remembers.
func (d *drain) acquire(ctx context.Context) (*lane.Hold, error) {
	return d.chain.Acquire(ctx, d.head, d.Deadline.Sub(d.Now())+d.policy.Margin, d.st)
}

// leftAlone tells whether the lane waits for something that is not even to be
// looked at before its time.
func (d *drain) leftAlone() bool {
	w := d.st.Wait
	return w != nil && w.Hold && d.Now().Before(w.Next)
}

// finishHeld is the end of a long batch: the decision is final by a step that
// keeps the lane, so that nobody else completes it meanwhile; the lane is given
// back when its records are there, and need not be looked for.
func (d *drain) finishHeld(ctx context.Context, dec *decision, entries []queue.Entry, hold *lane.Hold) (Report, bool, error) {
	if err := hold.Commit(ctx, d.st); err != nil {
		return Report{}, false, err
	}
	if err := d.finish(ctx, dec, entries); err != nil {
		d.giveUp(ctx, hold)
		return Report{}, false, err
	}
	d.st.Decided = nil
	return Report{}, true, d.handBack(ctx, hold)
}

// giveUp gives the lane back as it is, so that the next look need not wait until
// the hold expires. That it does is no promise.
func (d *drain) giveUp(ctx context.Context, hold *lane.Hold) {
	ctx, cancel := d.lastWrites(ctx)
	defer cancel()
	if _, err := hold.Release(ctx, d.st); err != nil && !errors.Is(err, lane.ErrLost) {
		d.log.WarnContext(ctx, "lane not given back", slog.Any("error", err))
	}
}
