package handler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// tell brings requests for approval up to date, of changes that the drains have seen. The
// lanes are released by now, so no lane waits for it. It returns how many requests it
// looked at.
func (c *invocation) tell(ctx context.Context, s Services, drained []reconcile.Report) int {
	if s.Approvals == nil {
		return 0
	}
	var all reconcile.Approvals
	leased := false
	for _, rep := range drained {
		all = all.Plus(rep.Approvals)
		leased = leased || rep.Standing == reconcile.Leased
	}
	n, err := s.Approvals.Changed(ctx, all.IDs(), slices.Concat(all.Ended, all.Waiting))
	if leased { // another worker holds the lease, and nobody has read its queue here
		more, failed := s.Approvals.Sweep(ctx)
		n, err = n+more, errors.Join(err, failed)
	}
	c.logApprovals(ctx, err)
	return n
}

// slowDrain is how long new requests for approval wait for the drain of their lanes.
const slowDrain = time.Second

// drainAndTell drains woken lanes. If that takes long, because a gateway is at work, it
// asks people meanwhile for the approvals that are new, if there may be any: nobody should
// wait for a gateway to be asked.
func (c *invocation) drainAndTell(ctx context.Context, s Services, lanes []change.Target, asks bool) (out []reconcile.Report, asked int, err error) {
	if s.Approvals == nil || !asks {
		out, err = drainWoken(ctx, s.Reconciler(-1), lanes)
		return out, 0, err
	}
	drained := make(chan struct{})
	c.beside(func() {
		timer := time.NewTimer(slowDrain)
		defer timer.Stop()
		select {
		case <-drained:
			return
		case <-timer.C:
		}
		select {
		case <-drained:
		default:
			asked = c.tellAll(ctx, s)
		}
	}, func() {
		defer close(drained)
		out, err = drainWoken(ctx, s.Reconciler(-1), lanes)
	})
	return out, asked, err
}

// tellAll is tell for the sweep: it looks at every request that is due.
func (c *invocation) tellAll(ctx context.Context, s Services) int {
	if s.Approvals == nil {
		return 0
	}
	n, err := s.Approvals.Sweep(ctx)
	c.logApprovals(ctx, err)
	return n
}

// tellEnded is tell after a sweep, which has looked at what waits by itself.
func (c *invocation) tellEnded(ctx context.Context, s Services, drained []reconcile.Report) int {
	if s.Approvals == nil {
		return 0
	}
	var all reconcile.Approvals
	for _, rep := range drained {
		all = all.Plus(rep.Approvals)
	}
	n, err := s.Approvals.Changed(ctx, reconcile.Approvals{Ended: all.Ended}.IDs(), slices.Concat(all.Ended, all.Waiting))
	c.logApprovals(ctx, err)
	return n
}

// digests posts the digests that are due.
func (c *invocation) digests(ctx context.Context, s Services) int {
	if s.Digests == nil || ctx.Err() != nil {
		return 0
	}
	n, err := s.Digests(ctx)
	if err != nil {
		c.log.WarnContext(ctx, "digest not posted, the next sweep tries again unless it was claimed", slog.Any("error", err))
	}
	return n
}

func (c *invocation) logApprovals(ctx context.Context, err error) {
	if err != nil {
		c.log.WarnContext(ctx, "rooms not told about approvals, the sweep tries again", slog.Any("error", err))
	}
}

// beside runs two functions at the same time. A panic of one is raised in the caller's
// goroutine, where it is answered.
func (*invocation) beside(one, other func()) {
	var wg sync.WaitGroup
	var panicked any
	wg.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				panicked = fmt.Sprintf("%v\n%s", p, debug.Stack())
			}
		}()
		one()
	})
	func() {
		defer wg.Wait()
		other()
	}()
	if panicked != nil {
		panic(panicked)
	}
}
