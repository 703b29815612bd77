package reconcile

import (
	"context"
	"log/slog"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lane"
	"sslvpnchange/internal/queue"
	"sslvpnchange/internal/record"
	"sslvpnchange/internal/sslvpn"
)

// phase says what is known of a modification.
type phase string

const (
	planned   phase = "planned"   // certainly not sent under its token
	unsettled phase = "unsettled" // may have been sent
	accepted  phase = "accepted"  // the API took it; not verified yet
)

// step is where to go from a phase: on to another, unless one of the other
// fields is set.
type step struct {
	to      phase     // go on there; beside wait, what is known when leaving
	decided *decision // every change of the batch has ended
	wait    *wait     // give the lane back until then
	apart   []string  // give up merging: these changes go one by one
	err     error     // the object store failed, or the lane was lost
}

// apply brings an intent to its end, or as far as this invocation gets, and
// gives the lane back. Entries are the intent's, nil when they were not read.
func (d *drain) apply(ctx context.Context, hold *lane.Hold, at phase, entries []queue.Entry) (Report, bool, error) {
	d.entries, d.acceptedAt = entries, time.Time{}
	if at == accepted {
		d.acceptedAt = d.Now()
	}
	for {
		var s step
		switch at {
		case planned:
			s = d.sendWhenFree(ctx, hold)
		case unsettled:
			s = d.settle(ctx, hold)
		case accepted:
			s = d.verify(ctx)
		}
		switch {
		case s.err != nil:
			return Report{}, false, s.err
		case s.decided != nil:
			return d.conclude(ctx, s.decided, d.entries, hold)
		case s.wait != nil:
			return d.park(ctx, hold, s.to, s.wait)
		case s.apart != nil:
			return d.split(ctx, hold, s.apart)
		}
		if at = s.to; at == accepted {
			d.st.Intent.Accepted = true
			if d.acceptedAt.IsZero() {
				d.acceptedAt = d.Now()
			}
		}
	}
}

// conclude gives the lane back with the decision about its batch, the step that
// makes it final, and writes the records that follow from it.
func (d *drain) conclude(ctx context.Context, dec *decision, entries []queue.Entry, hold *lane.Hold) (Report, bool, error) {
	d.st.Intent, d.st.Wait, d.st.Spent = nil, nil, spent{}
	d.counted = false // the next batch has costs of its own
	return d.hand(ctx, dec, entries, hold)
}

// hand gives the lane back with a decision, and completes it.
func (d *drain) hand(ctx context.Context, dec *decision, entries []queue.Entry, hold *lane.Hold) (Report, bool, error) {
	ctx, cancel := d.lastWrites(ctx)
	defer cancel()
	d.st.Decided = dec
	d.st.Past = remember(d.st.Past, dec)
	if hold != nil && len(entries) > d.policy.LongLine {
		return d.finishHeld(ctx, dec, entries, hold)
	}
	if err := d.handBack(ctx, hold); err != nil {
		return Report{}, false, err
	}
	if entries != nil {
		if err := d.finish(ctx, dec, entries); err != nil {
			return Report{}, false, err
		}
		d.Memory.completed(d.target, d.head.Gen)
	}
	return Report{}, true, nil
}

// park gives the lane back with what it waits for. A modification that is
// certainly not sent is forgotten: the next look plans afresh.
func (d *drain) park(ctx context.Context, hold *lane.Hold, at phase, w *wait) (Report, bool, error) {
	ctx, cancel := d.lastWrites(ctx)
	defer cancel()
	if at == planned {
		d.st.Intent = nil
	}
	d.openWait(w)
	d.account()
	if err := d.handBack(ctx, hold); err != nil {
		return Report{}, false, err
	}
	d.log.InfoContext(ctx, "lane waits", slog.String("why", w.Why), slog.String("phase", string(at)), slog.Time("next", w.Next))
	return Report{Standing: Waits, Why: w.Why, Next: w.Next}, false, nil
}

// split gives the lane back with the word that the merged changes go one by
// one from now on.
func (d *drain) split(ctx context.Context, hold *lane.Hold, apart []string) (Report, bool, error) {
	ctx, cancel := d.lastWrites(ctx)
	defer cancel()
	d.st.Intent, d.st.Apart = nil, apart
	d.account()
	d.log.InfoContext(ctx, "merged modification refused, going on one by one", slog.Int("changes", len(apart)))
	return Report{}, true, d.handBack(ctx, hold)
}

// handBack writes the state and leaves the lane free.
func (d *drain) handBack(ctx context.Context, hold *lane.Hold) (err error) {
	if hold == nil {
		d.head, err = d.chain.Update(ctx, d.head, d.st)
	} else {
		d.head, err = hold.Release(ctx, d.st)
	}
	return err
}

// lastWrites is a context for what must be written down even when the work's
// own context has just ended.
func (d *drain) lastWrites(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), max(time.Second, d.Deadline.Sub(d.Now())-d.Reserve/4))
}

// rests is the step after something to wait for: on in the same phase if this
// invocation can outlast it, else away.
func (d *drain) rests(ctx context.Context, at phase, w *wait) step {
	if d.rest(ctx, w) {
		return step{to: at}
	}
	return step{to: at, wait: w}
}

// busy is the wait for a gateway that is at work.
func (d *drain) busy(why string) *wait {
	return &wait{Cause: causeGateway, Why: why, Since: d.Now().UTC(), Next: d.nextLook()}
}

// fails is the step after which every change that depends on the modification
// has failed, and the server is known to be as it was.
func (d *drain) fails(f *record.Failure) step { return d.failsWith(f, d.st.Intent.Before) }

// failsWith is fails where the server is seen to be otherwise; nil after means
// that it cannot be known.
func (d *drain) failsWith(f *record.Failure, after change.Settings) step {
	d.closeWait()
	return step{decided: d.decide(d.st.Intent, verdict{failure: f, after: after})}
}

// overdue tells whether it is too late to go on waiting for a modification
// that was sent: its changes have expired, and the gateway has had an hour.
func (d *drain) overdue() bool {
	in := d.st.Intent
	return !d.Now().Before(in.LastEnd) && d.Now().Sub(in.StartedAt) >= time.Hour
}

const actionModify = "ModifySslVpnServer"

// gatewayFailure is a failure that the gateway's own report tells of.
func gatewayFailure(code string, class sslvpn.Class, message, hint string) *record.Failure {
	return &record.Failure{Code: code, Class: string(class), Message: message, Hint: hint}
}
