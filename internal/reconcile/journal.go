package reconcile

import (
	"context"
	"errors"
	"log/slog"

	"github.com/sslvpn-change/sslvpn-change/internal/lane"
)

// journal is the state that a lane remembers, as one worker reads and writes
// it. What the worker alters in the state is stored by the next write.
type journal struct {
	state

	chain  *lane.Chain
	limits limits
	log    *slog.Logger
	head   lane.Head   // as it was before the lease was acquired
	coming *coming     // a wake-up that is on its way; nil: none is known
	lease  *lane.Lease // nil: this worker has none
}

// open reads the newest generation of the chain.
func (j *journal) open(ctx context.Context) (err error) {
	j.head, err = j.chain.Head(ctx)
	return err
}

// load sets the state to what the head says. If it is held, its worker died.
func (j *journal) load() (err error) {
	j.state, err = readState(j.head)
	if err == nil && j.head.Held {
		j.recovered()
	}
	return err
}

// stored is the stored form of the state at this moment.
func (j *journal) stored() storedState {
	if in := j.Intent; in != nil && in.Answers != nil {
		in.Answers.At = j.limits.now()
	}
	return j.state.stored()
}

// acquire writes the state and acquires the lease.
func (j *journal) acquire(ctx context.Context) (err error) {
	j.lease, err = j.chain.Acquire(ctx, j.head, j.limits.leaseTime(), j.stored())
	return err
}

// commit writes the state under the lease, which it renews, or acquires if this worker
// has none.
func (j *journal) commit(ctx context.Context) error {
	if j.lease == nil {
		return j.acquire(ctx)
	}
	return j.lease.Renew(ctx, j.limits.leaseTime(), j.stored())
}

// renewalDue reports whether the lease should be renewed: a third of it is over, and it does
// not last until the invocation has ended.
func (j *journal) renewalDue() bool {
	return j.lease != nil && j.limits.leaseTime()-j.lease.Left() >= j.limits.policy.Lease/renewals
}

// renewals is how many times a lease could be renewed in the time that it lasts.
const renewals = 3

// release writes the state and leaves the lane free, whether this worker has
// the lease or nobody.
func (j *journal) release(ctx context.Context) (err error) {
	if w := j.Waits.Wait; w != nil {
		w.Chain = j.coming.chainFor(w.Next, j.limits.now())
	}
	if j.lease == nil {
		j.head, err = j.chain.Update(ctx, j.head, j.stored())
		return err
	}
	j.head, err = j.lease.Release(ctx, j.stored())
	j.lease = nil
	return err
}

// abandon releases the lease after an error, so that the next worker need not
// wait until it expires. If it fails, the lease expires.
func (j *journal) abandon(ctx context.Context) {
	if j.lease == nil {
		return
	}
	ctx, cancel := j.limits.lastWrites(ctx)
	defer cancel()
	if err := j.release(ctx); err != nil && !errors.Is(err, lane.ErrLost) {
		j.log.WarnContext(ctx, "lane not given back", slog.Any("error", err))
	}
}

// age moves the times that the intent goes by on, by the age of the head. Whoever
// writes the next generation with the intent calls it first.
func (j *journal) age() {
	in, age := j.Intent, j.head.Age
	if in.Accepted {
		in.Aged += age
	} else {
		in.Answers = in.Answers.takenOver(j.limits.now(), age, j.head.Held, j.limits.policy)
	}
	if in.Withdrawn {
		in.Watched += age
	}
}

// fence is the fencing token of the lease.
func (j *journal) fence() slog.Attr { return slog.Int64("fence", j.lease.Token()) }

// live fails unless the lease lasts long enough for a modification: with
// lane.ErrLost, or with lane.ErrEnding.
func (j *journal) live() error {
	return j.lease.Live(j.limits.policy.Margin + j.limits.policy.CallTime)
}

// endWait records that the lane goes on after a wait.
func (j *journal) endWait() { j.Waits.end(j.limits.now()) }

// recovered records the time for which a dead worker blocked the lane: since it last wrote
// that it has the lease. What it waited for then ended there.
func (j *journal) recovered() {
	now := j.limits.now().UTC()
	died := now.Add(-j.head.Age)
	j.Waits.end(died)
	j.Waits.add(pastWait{Cause: causeRecovery, From: died, To: now})
}
