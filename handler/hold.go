package handler

import (
	"context"
	"errors"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// holdInterval is the time between two looks for the record that a request waits for:
// the answer comes within half a second of the record. A look is one request to OSS.
const holdInterval = 250 * time.Millisecond

// hold answers a request for a change that has not ended, with Prefer: wait: when it
// ends, or when the time is over. It only reads; the drains do the work. Where too many
// requests wait already, the answer is that of a request that does not wait.
func (c *invocation) hold(ctx context.Context, s Services, pos *reconcile.Position, wait time.Duration) response {
	release, may := func() {}, false
	if wait > 0 {
		release, may = s.Intake.PermitRequest(ctx)
	}
	if !may {
		return reply(200, pos)
	}
	defer release()
	rc := s.Reconciler(-1)
	if err := ended(ctx, rc, pos.ID, min(wait, c.inv.Deadline.Sub(c.Now())-c.inv.Reserve)); err != nil {
		return c.unavailable(ctx, err)
	}
	rec, now, err := rc.Find(ctx, pos.ID)
	switch {
	case err != nil:
		return c.unavailable(ctx, err)
	case rec != nil:
		return applied(reply(200, rec), wait)
	default:
		return applied(reply(200, now), wait)
	}
}

// ended returns when the record of a change is there, or when the time is over.
func ended(ctx context.Context, rc *reconcile.Reconciler, id string, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for pause(ctx, holdInterval) {
		_, err := rc.Record(ctx, id)
		switch {
		case errors.Is(err, blob.ErrNotFound):
		case ctx.Err() != nil:
			return nil // the time is over, whatever the store said
		default:
			return err
		}
	}
	return nil
}
