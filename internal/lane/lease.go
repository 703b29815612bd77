package lane

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrEnding says that too little of a lease is left for what the caller wants
// to do under it.
var ErrEnding = errors.New("lease of the lane is ending")

// Lease is this worker's exclusive right to a lane. It is not safe for
// concurrent use.
type Lease struct {
	chain *Chain
	gen   int64
	since time.Time // before the generation that acquired or renewed the lease was written
	ttl   time.Duration
	lost  bool
}

// Token is the fencing token: it grows with every generation of the lane.
func (l *Lease) Token() int64 { return l.gen }

// Live fails with ErrEnding unless the lease lasts for at least need more, and
// with ErrLost after it ended. Call it before every request that changes
// something outside the chain.
func (l *Lease) Live(need time.Duration) error {
	if l.lost {
		return ErrLost
	}
	if left := l.Left(); left < need {
		return fmt.Errorf("%w: %s left of %s", ErrEnding, left.Round(time.Millisecond), l.ttl)
	}
	return nil
}

// Left is how much longer the lease lasts. It is negative when the lease has expired.
func (l *Lease) Left() time.Duration { return l.ttl - l.used() }

// used is how much of the lease is over.
func (l *Lease) used() time.Duration {
	now := l.chain.worker.Now()
	// A frozen instance's monotonic clock stands still while its wall clock goes
	// on; a wall clock may be set back while the monotonic clock goes on.
	return max(now.Sub(l.since), now.Round(0).Sub(l.since.Round(0)))
}

// Commit writes a new state and keeps the lease, until when it lasts anyway. After an
// error the outcome is either ErrLost or unknown: stop working on the lane, and leave it
// to the next worker.
func (l *Lease) Commit(ctx context.Context, state any) error {
	if err := l.step(ctx, l.gen+1, held, max(0, l.ttl-l.used()), state); err != nil {
		return fmt.Errorf("commit %s: %w", l.chain.name, err)
	}
	return nil
}

// Renew is Commit that restarts the lease: it lasts for ttl, counted from before the
// request was sent. A lease that has expired can be renewed for as long as nobody has
// acquired the lane: the chain decides. After an error nothing may be done under the
// lease, not even for the rest of the time that it had.
func (l *Lease) Renew(ctx context.Context, ttl time.Duration, state any) error {
	asked := l.chain.worker.Now()
	if err := l.step(ctx, l.gen+1, held, ttl, state); err != nil {
		return fmt.Errorf("renew the lease of %s: %w", l.chain.name, err)
	}
	l.since, l.ttl = asked, ttl
	return nil
}

// Release writes a new state and frees the lane. It returns the head that it
// wrote. The lease has ended, whether Release succeeds or not.
func (l *Lease) Release(ctx context.Context, state any) (Head, error) {
	if l.lost {
		return Head{}, fmt.Errorf("release %s: %w", l.chain.name, ErrLost)
	}
	l.lost = true
	head, err := l.chain.free(ctx, l.gen+1, state)
	if err != nil {
		return Head{}, fmt.Errorf("release %s: %w", l.chain.name, err)
	}
	return head, nil
}

func (l *Lease) step(ctx context.Context, gen int64, k kind, ttl time.Duration, state any) error {
	if l.lost {
		return ErrLost
	}
	if _, err := l.chain.create(ctx, gen, k, ttl, state); err != nil {
		l.lost = true
		return err
	}
	l.gen = gen
	return nil
}
