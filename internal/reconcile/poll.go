package reconcile

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// A lane that waits for its gateway is looked at by wake-ups, which cost a listing and a
// call of the API each: they take no lease and write nothing until the gateway is free.

// pollAfter is the time until the next look at a gateway that has been waited for.
func (p Policy) pollAfter(waited time.Duration) time.Duration {
	every := min(max(waited/pollShare, p.MinPoll), p.MaxWakePoll)
	if waited < 2*p.MinPoll {
		every = p.MinPoll / 2 // some updates take a second or two
	}
	return every.Truncate(time.Second) // the platform's delays are whole seconds
}

// pollShare is how many times the time between two looks fits into the time for which a
// gateway has been updating: most updates take less than a minute, and the later a lane
// is ready, the less it matters when exactly that is seen.
const pollShare = 32

// nextPoll is the time until the next look at the lane's gateway, spread where many lanes
// of the region wait: the quota of the API is shared.
func (d *drain) nextPoll(w *wait) time.Duration {
	now, p := d.limits.now(), d.limits.policy
	every := p.pollAfter(now.Sub(w.Since))
	if many := d.deps.Memory.waiting(d.target, now) * int(time.Second) / p.PollsPerSecond; time.Duration(many) > every {
		every = d.spread(time.Duration(many)).Truncate(time.Second)
	}
	return every
}

// spread is a random time around another one.
func (d *drain) spread(around time.Duration) time.Duration {
	return around*3/4 + time.Duration(d.random()*float64(around)/2)
}

// random is in [0, 1).
func (d *drain) random() float64 {
	if d.deps.Jitter == nil {
		return rand.Float64() //nolint:gosec // G404: waits are no secret
	}
	return d.deps.Jitter()
}

// woken is the look of a wake-up, or of a request that waits. It reports whether the visit
// has ended with it: the lane's chain was replaced, or its gateway is still updating.
func (d *drain) woken(ctx context.Context) (Report, bool) {
	if p := d.limits.policy; p.Wakes && p.LeaveUndos && !d.journal.head.Held && d.journal.load() == nil {
		return d.stillBusy(ctx) // a request waits, which looks at its lanes twice a second
	}
	if !d.visit.again() {
		return Report{}, false
	}
	if d.journal.head.Held { // its worker asks for a wake-up
		return Report{Standing: Replaced}, true
	}
	if d.journal.load() != nil { // what cannot be read is reported by the round
		return Report{}, false
	}
	if d.journal.chainOf(d.journal.Waits.Wait) != d.visit.gen {
		return Report{Standing: Replaced}, true
	}
	return d.stillBusy(ctx)
}

// stillBusy looks at the gateway that a lane waits for. It reports whether the wait goes
// on; false also if there is more to it than that, so that a worker has to look.
func (d *drain) stillBusy(ctx context.Context) (Report, bool) {
	w := d.journal.Waits.Wait
	if !d.limits.policy.Wakes || d.journal.head.Held || d.journal.lease != nil || w == nil || w.Cause != causeGateway || w.Gateway == "" {
		return Report{}, false
	}
	now, next := d.limits.now(), d.nextPoll(w)
	if d.limits.policy.LeaveUndos || d.visit.by == byEvent && d.deps.Memory.looked(d.target, now, next) {
		return Report{Standing: Waits, Why: w.Why, Next: w.Next}, true // the lane's wake-ups look at the gateway
	}
	d.deps.Memory.waits(d.target, now)
	gateway, o := d.remote.gateway(ctx, w.Gateway)
	switch {
	case o.wait != nil && o.wait.Cause == causeThrottle:
		next = d.spread(max(2*next, o.wait.atLeast+next))
	case o.wait != nil && o.wait.Cause == causeBreaker:
		next = max(next, o.wait.Next.Sub(d.limits.now()))
	case o != (obstacle{}), gateway.Status == sslvpn.GatewayActive, gateway.Status == sslvpn.GatewayDeleting:
		return Report{}, false
	}
	at := d.limits.now().Add(next)
	rep := Report{Standing: Waits, Why: w.Why, Next: at.UTC()}
	if d.visit.again() {
		rep.WakeAt = at
	}
	return rep, true
}

// renewAfter is how old a generation is whose chain of wake-ups the sweep replaces: it
// cannot see whether the chain is alive.
const renewAfter = 50 * time.Second

// renewed is stillBusy for the sweep: if the wait has lasted, it writes the state again, so
// that the chain of wake-ups ends if it is alive, and begins another one.
func (d *drain) renewed(ctx context.Context, entries []queue.Entry) (rep Report, waits bool, err error) {
	if !d.limits.policy.Wakes {
		return Report{}, false, nil
	}
	old := d.visit.by == bySweep && d.journal.head.Age >= max(renewAfter, 2*d.nextPollOf())
	if old && d.mayEnd(entries) {
		return Report{}, false, nil
	}
	if d.visit.again() { // it has looked
		return Report{}, false, nil
	}
	rep, waits = d.stillBusy(ctx)
	if !old || !waits {
		return rep, waits, nil
	}
	if d.journal.Intent != nil {
		d.journal.age()
	}
	d.charge()
	rep.WakeAt = rep.Next
	return rep, true, d.journal.release(ctx)
}

// nextPollOf is nextPoll of the lane's wait, 0 without one.
func (d *drain) nextPollOf() time.Duration {
	if w := d.journal.Waits.Wait; w != nil {
		return d.nextPoll(w)
	}
	return 0
}

// mayEnd reports whether a change that waits for the gateway ends without it: a worker has
// to look.
func (d *drain) mayEnd(entries []queue.Entry) bool {
	if in := d.journal.Intent; in != nil {
		return !d.limits.now().Before(in.LastEnd)
	}
	return slices.ContainsFunc(entries, d.endsUnsent)
}

// schedule sets when a lane that is parked is looked at again, with Policy.Wakes.
func (d *drain) schedule(w *wait) {
	now := d.limits.now()
	waited := now.Sub(w.Since)
	d.deps.Memory.waits(d.target, now)
	switch {
	case w.Hold && w.Cause != causeThrottle, w.exactly > 0 && w.Cause != causeGateway: // it says when
	case w.exactly > 0:
		w.Next = now.Add(w.exactly).UTC() // this invocation has waited for long enough
	case w.Cause == causeGateway:
		w.Next = now.Add(d.nextPoll(w)).UTC()
	case w.Cause == causeThrottle:
		// All lanes get the same hint, which says when there is room for one call.
		crowd := time.Duration(d.deps.Memory.waiting(d.target, now)) * time.Second / throttledPerSecond
		w.Next = now.Add(w.atLeast + d.spread(max(d.limits.policy.MinPoll, min(waited, d.limits.policy.MaxThrottle), crowd))).UTC()
	case w.Cause == causeBreaker:
		w.Next = now.Add(max(w.atLeast, d.nextPoll(w))).UTC()
	}
}

// throttledPerSecond is how many lanes of a region try again in a second that the API
// throttles: its quota of modifications is the smallest, two a second.
const throttledPerSecond = 2
