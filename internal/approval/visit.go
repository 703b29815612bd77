package approval

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/backoff"
	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// visit is one look at a request.
type visit struct {
	*Approvals

	request request
	chain   *lane.Chain
	state   *state
	lease   *lane.Lease // nil: not acquired yet
}

// visit brings the rooms of a request up to date. Unless something has happened, it
// looks before it acquires the lease, which costs a write.
func (a *Approvals) visit(ctx context.Context, name string, happened bool) error {
	r, err := a.readRequest(ctx, name)
	if errors.Is(err, blob.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	w := lane.Worker{Store: a.Bucket, Owner: a.Owner, Now: a.Now, Nonce: a.Nonce, Memory: a.Memory}
	v := &visit{Approvals: a, request: r, chain: lane.OpenAt(w, objects.ApprovalPrefix(name), "approval request "+name)}
	// The worker that has the lease may have read the state before what happened: it
	// will not look again.
	for until := a.Now().Add(a.times.Yield); ; {
		head, err := v.chain.Head(ctx)
		if err != nil {
			return err
		}
		if v.state, err = decodeState(head.State); err != nil {
			return err
		}
		if !v.state.ClosedAt.IsZero() {
			return a.remove(ctx, name)
		}
		if !head.Leased() {
			if err = v.begin(ctx, head, happened); !errors.Is(err, lane.ErrLost) {
				return err
			}
		}
		if !a.Now().Before(until) || !backoff.Sleep(ctx, lookAgain+time.Duration(a.Jitter()*float64(lookAgain))) {
			a.Log.InfoContext(ctx, "approval request is being worked on, the sweep looks again", slog.String("request", name))
			return nil
		}
	}
}

// lookAgain is the wait for another worker's lease, at least.
const lookAgain = 500 * time.Millisecond

// begin acquires the lease, works and releases it. Without an event it looks first
// whether there is anything to do.
func (v *visit) begin(ctx context.Context, head lane.Head, happened bool) error {
	if !happened && !head.Held {
		if idle, err := v.postpone(ctx, head); idle || err != nil {
			return err
		}
	}
	v.state.Next = v.Now().UTC() // of a worker that dies, the work is due
	if head.Held {
		v.state.doubtAll(v.Now()) // of one that died, an update may be on its way
	}
	lease, err := v.chain.Acquire(ctx, head, v.times.Lease, v.state.stored())
	if err != nil {
		return err
	}
	v.lease = lease
	seen, failed := v.run(ctx)
	closed := failed == nil && v.ended(seen)
	if closed {
		if failed = v.conclude(ctx, seen); failed == nil {
			v.state.ClosedAt = v.Now().UTC()
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrites)
	defer cancel()
	if _, err := lease.Release(last, v.state.stored()); err != nil || failed != nil {
		return errors.Join(failed, err)
	}
	if closed {
		return v.remove(last, v.request.Name)
	}
	return nil
}

// postpone sets when to look again at a request for which there is nothing to do. It
// reports false if there is something.
func (v *visit) postpone(ctx context.Context, head lane.Head) (idle bool, err error) {
	seen, err := v.look(ctx, false)
	if err != nil || v.pending(seen) {
		return false, err
	}
	v.schedule(seen)
	if head.Gen%collectEvery == 0 {
		if _, err := lane.CollectAt(ctx, v.Bucket, objects.ApprovalPrefix(v.request.Name)); err != nil {
			return false, err
		}
	}
	_, err = v.chain.Update(ctx, head, v.state.stored())
	return true, err
}

const (
	lastWrites   = 5 * time.Second // bounds the writes after the last message, which are made even when the time is over
	collectEvery = 64              // generations
	maxRounds    = 8               // of one visit
)

// run tells the rooms until nothing has changed meanwhile.
func (v *visit) run(ctx context.Context) (sight, error) {
	for range maxRounds {
		seen, err := v.look(ctx, true)
		if err != nil {
			return seen, err
		}
		sent := v.tell(ctx, seen)
		v.schedule(seen)
		if !sent {
			return seen, nil
		}
		// The handle of a message that was just posted must not be lost.
		if err := v.lease.Commit(ctx, v.state.stored()); err != nil {
			return seen, err
		}
		now, err := v.read(ctx, v.request, seen.policy)
		if err != nil {
			return seen, err
		}
		if phases(now) == phases(seen.changes) && !v.owesNews(seen) {
			return seen, nil
		}
	}
	v.state.Next = v.Now().UTC()
	return sight{}, errors.New("the approval request changes all the time")
}

// owesNews reports whether a room is to be told by a message what its card could not be
// updated with, a moment ago.
func (v *visit) owesNews(seen sight) bool {
	return slices.ContainsFunc(v.state.Rooms, func(r *room) bool { return v.next(r, seen) == news })
}

// sight is what a look at a request has found.
type sight struct {
	policy  *policy.Policy // nil where it cannot be read
	changes []Change
	early   bool // changes of the document may be on their way into the queue
}

// look reads the policy and the changes of the request, and their plans.
func (v *visit) look(ctx context.Context, plans bool) (sight, error) {
	p, err := v.Policy(ctx)
	if err != nil {
		v.Log.WarnContext(ctx, "policy not usable, rooms are told when it is", slog.String("request", v.request.Name), slog.Any("error", err))
		p = nil
	}
	seen := sight{policy: p}
	if seen.changes, err = v.read(ctx, v.request, p); err != nil {
		return seen, err
	}
	missing := slices.ContainsFunc(seen.changes, func(c Change) bool { return c.Phase == Missing })
	seen.early = missing && v.Now().Sub(v.request.At) < v.times.Arrival
	if plans {
		v.addPlans(ctx, seen.changes)
	}
	if p != nil {
		v.assign(seen)
	}
	return seen, nil
}

// assign says which room is told about which changes. A room that was told keeps its
// changes.
func (v *visit) assign(seen sight) {
	for _, r := range v.state.Rooms {
		if !r.Told && !r.Over {
			r.Changes = nil
		}
	}
	for _, c := range seen.changes {
		for _, of := range seen.policy.Rooms(c.Target) {
			if r := v.state.find(of); !r.Told && !r.Over {
				r.Changes = append(r.Changes, c.ID)
			}
		}
	}
	// A room that the policy does not name any more was not told, and is not.
	v.state.Rooms = slices.DeleteFunc(v.state.Rooms, func(r *room) bool { return !r.Told && !r.Over && len(r.Changes) == 0 })
}

// of are the changes that a room is told about.
func (s sight) of(r *room) []Change {
	var out []Change
	for _, c := range s.changes {
		if slices.Contains(r.Changes, c.ID) {
			out = append(out, c)
		}
	}
	return out
}

// preference is a room as the policy has it; nil where it does not any more.
func (s sight) preference(r *room) *policy.Room {
	if s.policy == nil {
		return nil
	}
	for _, c := range s.of(r) {
		for _, of := range s.policy.Rooms(c.Target) {
			if r.is(of) {
				return &of
			}
		}
	}
	return nil
}

// remove deletes a request that is closed.
func (a *Approvals) remove(ctx context.Context, name string) error {
	if err := a.Bucket.Delete(ctx, objects.OpenApprovalKey(name)); err != nil {
		return fmt.Errorf("close the approval request %s: %w", name, err)
	}
	return nil
}

func waits(changes []Change) bool {
	return slices.ContainsFunc(changes, func(c Change) bool { return c.Phase == Waits })
}

func over(changes []Change) bool {
	return !slices.ContainsFunc(changes, func(c Change) bool { return c.Phase != Ended })
}
