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

// reads bounds calls of the API so that the reserve stays free.
func (l limits) reads(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, l.left())
}

// lastWrites is a context for what must be written even if the work's own
// context has just ended.
func (l limits) lastWrites(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), max(time.Second, l.deadline.Sub(l.now())-l.reserve/4))
}

// leaseTime is how long a lease that is acquired now must last: until after
// the invocation has ended.
func (l limits) leaseTime() time.Duration { return l.deadline.Sub(l.now()) + l.policy.Margin }

// nextLook is when the sweep will have looked at the lane again.
func (l limits) nextLook() time.Time { return l.now().Add(l.policy.NextLook).UTC() }
