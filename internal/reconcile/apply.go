package reconcile

import (
	"context"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// phase is what is known of a modification.
type phase string

const (
	planned  phase = "planned"   // certainly not sent under its token
	free     phase = "free"      // planned, and the gateway is free
	fresh    phase = "fresh"     // planned, and the plan is still what it would be now
	unknown  phase = "unsettled" // may have been sent
	accepted phase = "accepted"  // accepted by the API, and not verified yet
)

// step is what to do after a look at a modification: go on in another phase,
// unless another field is set.
type step struct {
	to         phase
	wait       *wait    // go on in that phase after the wait
	leave      bool     // and do not wait in this invocation
	newToken   bool     // the token must not be sent again
	end        *draft   // every change of the batch has ended
	empty      bool     // no change is left for which something is to be sent
	separately []string // the changes that must be sent separately
	shut       *wait    // a window has closed before anything was sent
	replan     bool     // nothing shows of it, and nothing will: plan its changes again
	err        error    // the object store failed, or the lease is lost
}

// modification is an intent that this worker brings to its end.
type modification struct {
	journal *journal // with the intent, and the lease
	remote  *remote
	limits  limits
	log     *slog.Logger
	entries []queue.Entry // the intent's; nil when they were not read
	// mayRepeat decides whether what may have been sent is sent again.
	mayRepeat func(context.Context) (s step, may bool)
	// closed is what a first send waits for; nil if it need not wait.
	closed func() *wait
	jitter func() float64
	known  *known

	stale         bool      // planned before the gateway was busy
	refusals      int       // how often it was sent in vain, and certainly not accepted
	retriedLogin  bool      // sent again after the credentials were refused
	acceptedAt    time.Time // since when this worker knows that it was accepted
	begun         bool      // the gateway was seen at work on it
	unreadable    bool      // something could not be read
	gatewayReadAt time.Time // when the gateway was last read, before the answer
}

// apply brings the intent to its end, or as far as this invocation gets, and
// releases the lane.
func (d *drain) apply(ctx context.Context, at phase, entries []queue.Entry) (Report, bool, error) {
	m := &modification{
		journal: d.journal, remote: d.remote, limits: d.limits, log: d.deps.Log,
		entries: entries, acceptedAt: d.limits.now(), mayRepeat: d.mayRepeat, closed: d.closedIntent,
		jitter: d.deps.Jitter, known: &d.known, stale: entries == nil, // planned by another worker
	}
	for {
		if at != fresh { // it is sent at once: see send
			if err := d.keep(ctx); err != nil {
				return Report{}, false, err
			}
		}
		s := d.look(ctx, m, at)
		switch {
		case s.err != nil:
			return Report{}, false, s.err
		case s.end != nil:
			return d.conclude(ctx, *s.end)
		case s.empty:
			return d.drop(ctx)
		case s.replan:
			return d.replan(ctx)
		case s.shut != nil:
			return d.shut(ctx, s.shut)
		case s.separately != nil:
			return d.separate(ctx, s.separately)
		}
		if waited, err := d.spend(ctx, s); err != nil {
			return Report{}, false, err
		} else if !waited {
			return d.park(ctx, s.to, s.wait)
		}
		if s.to == accepted && at != accepted {
			// What came back for earlier sends says nothing about this one.
			d.journal.Intent.Accepted, d.journal.Intent.Answers = true, nil
			m.acceptedAt = d.limits.now()
			d.waiter.progress()
		}
		at = s.to
	}
}

// look takes a look at a modification in one of its phases.
func (d *drain) look(ctx context.Context, m *modification, at phase) (s step) {
	switch at {
	case planned:
		s = m.awaitFree(ctx)
	case free:
		s = d.refresh(ctx, m)
	case fresh:
		s = m.sendPlanned(ctx)
	case unknown:
		s = m.recover(ctx)
	case accepted:
		s = m.verify(ctx)
	}
	if s.err == nil && s.newToken {
		s.err = d.renewToken(ctx)
	}
	return s
}

// spend spends the wait of a step in this invocation, if there is one. It reports false
// if the lane is to be left instead.
func (d *drain) spend(ctx context.Context, s step) (bool, error) {
	switch {
	case s.wait == nil:
		return true, nil
	case s.leave:
		return false, nil
	default:
		return d.waiter.wait(ctx, &d.journal.Waits, s.wait)
	}
}

// queueAge is how old a listing of the queue, and the policy that was read after it,
// may be when a plan is sent: longer
// than requests take, short against the minutes for which a platform may freeze
// an instance.
const queueAge = 10 * time.Second

// refresh plans again under the lease if the plan may be outdated: others used
// the gateway, a change has expired, or the instance was frozen since it listed
// the queue, so that a change that is due earlier may have been queued again.
func (d *drain) refresh(ctx context.Context, m *modification) step {
	in, now := d.journal.Intent, d.limits.now()
	if !m.stale && now.Sub(d.known.listed) < queueAge && now.Before(in.FirstEnd) {
		return step{to: fresh}
	}
	if a := in.Answers; a != nil && a.Count > 0 && !now.Before(in.LastEnd) && len(contributors(in)) == 1 {
		return m.fails(a.failure(), in.Before)
	}
	d.known.listed = now
	due, err := d.queue.Due(ctx, d.target, now, d.known.open...)
	if err != nil {
		return step{err: err}
	}
	entries, err := d.dropEnded(ctx, due.Entries)
	if err != nil {
		return step{err: err}
	}
	if entries, err = d.whileArmed(ctx, due, entries); err != nil {
		return step{err: err}
	}
	if entries = ready(entries, d.limits.now()); len(entries) == 0 {
		return step{empty: true} // deleted by hand, or an approval has lapsed
	}
	entries, held := d.conditionsMet(ctx, entries)
	if len(entries) == 0 && held.Cause == causeWindow {
		return step{shut: held}
	}
	if len(entries) == 0 {
		return step{to: planned, wait: held, leave: true}
	}
	dr, w := d.draft(ctx, d.mergeable(entries))
	switch {
	case w != nil:
		return step{to: planned, wait: w}
	case dr.result != nil:
		return step{end: &dr}
	}
	m.stale = false
	if in.same(dr.intent) {
		return step{to: fresh}
	}
	dr.intent.StartedAt, dr.intent.Look = in.StartedAt, in.Look
	d.journal.Intent, m.entries = dr.intent, dr.entries
	d.charge()
	if err := d.journal.commit(ctx); err != nil {
		return step{err: err}
	}
	return step{to: free} // the write may have taken long: look at the times once more
}

// renewToken gives the intent a new token, and writes it before anything is sent
// under it.
func (d *drain) renewToken(ctx context.Context) error {
	d.journal.Intent.Sent = false
	d.journal.Intent.Token = token(d.target, d.journal.lease.Token()+1, d.deps.Nonce())
	d.charge()
	return d.journal.commit(ctx)
}

// succeeds is the end at which every change that depends on the modification is
// applied.
func (m *modification) succeeds(after change.Settings, verified bool) step {
	return m.ends(result{verified: verified, after: after})
}

// fails is the end at which every change that depends on the modification has
// failed. After is what the server shows; nil when that is not known.
func (m *modification) fails(f *record.Failure, after change.Settings) step {
	return m.ends(result{failure: f, after: after})
}

func (m *modification) ends(r result) step {
	return step{end: &draft{entries: m.entries, intent: m.journal.Intent, result: &r}}
}

// overdue reports whether it is too late to go on waiting for a modification
// that was sent: its changes have expired, and the gateway has had an hour.
func (m *modification) overdue() bool {
	in, now := m.journal.Intent, m.limits.now()
	return !now.Before(in.LastEnd) && now.Sub(in.StartedAt) >= time.Hour
}

const actionModify = "ModifySslVpnServer"

// gatewayFailure is a failure that the gateway's own report is about.
func gatewayFailure(code string, class sslvpn.Class, message, hint string) *record.Failure {
	return &record.Failure{Code: code, Class: string(class), Message: message, Hint: hint}
}
