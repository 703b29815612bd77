package reconcile

import (
	"context"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/backoff"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
)

// keep renews the lease if it is time to, in the course of the work: a worker that does
// not get on does not keep its lane. The new generation has the state as it is, so what is
// in the state must be true whenever keep is called: of a decision whose records are being
// written it must not be dropped before they are there.
func (d *drain) keep(ctx context.Context) error {
	if !d.journal.renewalDue() {
		return nil
	}
	if d.journal.Intent != nil {
		d.charge()
	}
	return d.journal.commit(ctx)
}

// portion is how many things are read or written between two looks at the lease.
const portion = 8 * parallel

// each calls do for 0 to n-1, some at once, and keep in between.
func each(ctx context.Context, n int, keep func(context.Context) error, do func(ctx context.Context, i int) error) error {
	for from := 0; from < n; from += portion {
		if from > 0 {
			if err := keep(ctx); err != nil {
				return err
			}
		}
		err := fanout.Each(ctx, min(portion, n-from), parallel, func(ctx context.Context, i int) error { return do(ctx, from+i) })
		if err != nil {
			return err
		}
	}
	return nil
}

// leftBehind is when the lease of another worker expires that has probably died, because
// it has not renewed it; zero if it may be alive. A long lease is that of an earlier
// version, which does not renew.
func (d *drain) leftBehind() time.Time {
	head, lease := d.journal.head, d.limits.policy.Lease
	if head.Age < lease/renewals+time.Second || head.Remaining > lease {
		return time.Time{}
	}
	return d.limits.now().Add(head.Remaining)
}

// takeOverDead drains the lanes that workers have left behind, when their leases have
// expired. Without wake-ups the next look would be that of the next sweep. The sweep
// waits for less than the rest of such a lease, and only if there is one.
func (r *Reconciler) takeOverDead(ctx context.Context, reports []Report) error {
	var lanes []change.Target
	var last time.Time
	for _, rep := range reports {
		if !rep.dead.IsZero() {
			lanes, last = append(lanes, rep.Target), later(last, rep.dead)
		}
	}
	wait := last.Sub(r.limits.now()) + leaseEnd
	if p := r.limits.policy; len(lanes) == 0 || p.Wakes || p.WaitBudget <= 0 || wait > r.limits.left()-p.CallTime || !backoff.Sleep(ctx, max(wait, 0)) {
		return nil
	}
	_, err := r.drainAll(ctx, visits(lanes, bySweep))
	return err
}
