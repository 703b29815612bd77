package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
)

// Woken is a lane for which a wake-up came.
type Woken struct {
	Target change.Target
	// Gen names the lane's chain of wake-ups to which this one belongs, by a generation; 0:
	// none. If the lane has another one by now, the wake-up ends.
	Gen int64
}

// DrainWoken drains the lanes of wake-ups whose moment has come. A lane whose gateway is
// still updating is looked at without a lease and without a write.
func (r *Reconciler) DrainWoken(ctx context.Context, lanes []Woken) ([]Report, error) {
	visits := make([]visit, len(lanes))
	for i, l := range lanes {
		visits[i] = visit{target: l.Target, by: byWake, gen: l.Gen}
	}
	return r.drainAll(ctx, visits)
}

// visitor is what made an invocation visit a lane.
type visitor int

const (
	byEvent visitor = iota // or by a request
	bySweep
	byWake
)

// visit is one drain of a lane.
type visit struct {
	target change.Target
	by     visitor
	gen    int64     // of the wake-up; 0: none
	until  time.Time // the end of the lane's turn; zero for none
}

func visits(lanes []change.Target, by visitor) []visit {
	out := make([]visit, len(lanes))
	for i, t := range lanes {
		out[i] = visit{target: t, by: by}
	}
	return out
}

// again reports whether a drain is the visit of a wake-up whose chain goes on.
func (v visit) again() bool { return v.by == byWake && v.gen != 0 }

// sweepAhead is how far ahead a moment is at most for which the sweep asks for a wake-up
// once more: the next sweep but one would be late.
const sweepAhead = 90 * time.Second

// leaseEnd is how long after the end of a lease a wake-up comes.
const leaseEnd = 100 * time.Millisecond

// coming is a wake-up that is on its way.
type coming struct {
	at    time.Time
	chain int64
}

// chainFor is the chain whose wake-up comes at a moment ahead; 0: none does.
func (c *coming) chainFor(at, now time.Time) int64 {
	if c == nil || !c.at.Equal(at) || !now.Before(at) {
		return 0
	}
	return c.chain
}

// expect notes the wake-up of the lane's wait, which is on its way.
func (j *journal) expect() {
	if w := j.Waits.Wait; w != nil && !j.head.Held {
		j.coming = &coming{at: w.Next, chain: j.chainOf(w)}
	}
}

// chainOf is the chain of wake-ups of a wait in the newest generation.
func (j *journal) chainOf(w *wait) int64 {
	if w != nil && w.Chain != 0 {
		return w.Chain
	}
	return j.head.Gen
}

// withWakeUp completes the report of a drain: it says which wake-up is wanted, if any. A step
// that waits has set Report.WakeAt.
//
// A lane has one chain of wake-ups, named by the generation in which its wait was first
// written with the moment of the next wake-up. Whoever writes another moment begins a
// chain, and the next wake-up of the old chain ends. Whoever writes nothing, or the same
// moment, asks for nothing, except for the chain itself, which goes on, and the sweep,
// which repairs chains.
func (d *drain) withWakeUp(rep Report) Report {
	now, at := d.limits.now(), rep.WakeAt
	rep.WakeAt, rep.Gen = time.Time{}, 0
	if !d.limits.policy.Wakes {
		return rep
	}
	head, w := d.journal.head, d.journal.Waits.Wait
	if rep.Standing == Empty {
		d.deps.Memory.goesOn(d.target)
	}
	begins := head.Gen != d.opened && (w == nil || w.Chain == 0)
	if a := d.journal.Armed; a != nil && a.ID == d.undo && at.Sub(now) > sweepAhead && (w == nil || !at.Equal(w.Next)) {
		begins = false // the sweep asks before the undo is due; each of many drains would add a wake-up until then
	}
	switch {
	case rep.Standing == Leased:
		if left := head.Remaining; head.Held && left > 0 && d.visit.by != byWake && d.deps.Memory.first(d.target, now, left) {
			rep.WakeAt = now.Add(left + leaseEnd)
		}
	case at.IsZero():
	case begins, d.visit.again(), d.visit.by == bySweep && at.Sub(now) <= sweepAhead:
		rep.WakeAt, rep.Gen = at, d.journal.chainOf(w)
	}
	return rep
}

// drainAll drains lanes, MaxLanes at once. If there are more, they take turns: the
// more of them there are, the shorter each may wait in this invocation. With
// Policy.Wakes no lane waits for long, and one that waits lets another one work.
func (r *Reconciler) drainAll(ctx context.Context, visits []visit) ([]Report, error) {
	reports := make([]Report, len(visits))
	failed := make([]error, len(visits))
	// Errors are kept by lane: one lane's must not stop the others.
	_ = fanout.Each(ctx, len(visits), r.begun(), func(ctx context.Context, i int) error {
		if r.limits.left() > r.limits.policy.CallTime/2 && ctx.Err() == nil {
			v := visits[i]
			v.until = r.limits.turn(len(visits) - i)
			reports[i], failed[i] = r.drain(ctx, v)
		}
		return nil
	})
	out := make([]Report, 0, len(visits))
	for _, rep := range reports {
		if rep.Lane != "" {
			out = append(out, rep)
		}
	}
	return out, errors.Join(failed...)
}

// With Policy.Wakes no lane waits for long, so an invocation works on more lanes at a time.
// It begins more than it works on, because a lane pauses for a second after its
// modification. The numbers are factors of Policy.MaxLanes, and their limits.
const (
	worksMore  = 4
	beginsMore = 32
	mostWorked = 64 // connections cost memory
	mostBegun  = 256
)

// begun is how many lanes an invocation has begun at most.
func (r *Reconciler) begun() int {
	if r.limits.policy.Wakes {
		return min(beginsMore*r.limits.policy.MaxLanes, mostBegun)
	}
	return r.limits.policy.MaxLanes
}

// newPlaces makes the places of an invocation.
func newPlaces(p Policy) places {
	if p.Wakes {
		p.MaxLanes = min(worksMore*p.MaxLanes, mostWorked)
	}
	return make(places, max(1, p.MaxLanes))
}

// places are the lanes on which an invocation works at a time; nil: any number.
type places chan struct{}

// enter waits for a place. It reports false when the context ended first.
func (p places) enter(ctx context.Context) bool {
	select {
	case p <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (p places) leave() {
	if p != nil {
		<-p
	}
}

// again waits for a place after leave: whoever has worked has something to write.
func (p places) again() {
	if p != nil {
		p <- struct{}{}
	}
}
