package reconcile

import (
	"context"
	"time"
)

// limits are what bounds the work of one invocation: its clock, its deadline
// and the policy.
type limits struct {
	policy   Policy
	now      func() time.Time
	deadline time.Time     // when the platform ends the invocation
	reserve  time.Duration // kept free before the deadline for the last writes
}

// left is the time that work may still take.
func (l limits) left() time.Duration { return l.deadline.Sub(l.now()) - l.reserve }

// turn is until when a lane may wait in this invocation, if so many lanes have not had
// their turn yet, this one included; zero for the last ones, which may use what is left.
func (l limits) turn(lanes int) time.Time {
	p := l.policy
	turns := (lanes + p.MaxLanes - 1) / p.MaxLanes
	if turns <= 1 {
		return time.Time{}
	}
	// It must be long enough for a second attempt.
	return l.now().Add(max((l.left()-p.CallTime)/time.Duration(turns), p.FirstPoll+p.MaxPoll))
}

// reads bounds calls of the API so that the reserve stays free, and so that a read that
// is retried does not outlast the lease: it is renewed when a third is over, and two reads
// may follow each other.
func (l limits) reads(ctx context.Context) (context.Context, context.CancelFunc) {
	most := l.left()
	if p := l.policy; p.Lease > 0 {
		most = min(most, max(p.Lease/4, p.CallTime+time.Second))
	}
	return context.WithTimeout(ctx, most)
}

// lastWrites is a context for what must be written even if the work's own
// context has just ended.
func (l limits) lastWrites(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), max(time.Second, l.deadline.Sub(l.now())-l.reserve/4))
}

// leaseTime is how long a lease lasts that is acquired or renewed now. It need not last
// longer than until after the invocation has ended.
func (l limits) leaseTime() time.Duration {
	return min(l.policy.Lease, max(0, l.deadline.Sub(l.now())+l.policy.Margin))
}

// nextLook is when the sweep will have looked at the lane again.
func (l limits) nextLook() time.Time { return l.now().Add(l.policy.NextLook).UTC() }
