package reconcile

import (
	"context"
	"log/slog"
	"time"

	"sslvpnchange/internal/backoff"
	"sslvpnchange/internal/lane"
)

// pacer spaces out the looks of one drain.
func (d *drain) pacer() *backoff.Waits {
	if d.pace == nil {
		d.pace = d.backOff(d.policy.MaxPoll)
	}
	return d.pace
}

// throttlePacer spaces out what the API has asked for less of. Its hint says
// when there is room for one call, and all lanes are told the same: their waits
// grow further than those for a gateway.
func (d *drain) throttlePacer() *backoff.Waits {
	if d.throttlePace == nil {
		d.throttlePace = d.backOff(d.policy.MaxThrottle)
	}
	return d.throttlePace
}

func (d *drain) backOff(most time.Duration) *backoff.Waits {
	return backoff.New(backoff.Config{
		First: d.policy.FirstPoll, Max: most, Until: d.Deadline.Add(-d.Reserve), Now: d.Now, Jitter: d.Jitter,
	})
}

// rest waits in this invocation until the next look. It says false, at once,
// when the invocation cannot outlast the wait: it has no budget or time left,
// or what it waits for is better left alone (an open breaker, credentials that
// only another invocation brings).
func (d *drain) rest(ctx context.Context, w *wait) bool {
	if w.Cause == causeLogin || (w.Hold && w.Cause == causeBreaker) {
		return false
	}
	p := d.pacer()
	if w.Cause == causeThrottle {
		p = d.throttlePacer()
	}
	delay, ok := w.exactly, true
	if delay <= 0 {
		p.RetryAfter(w.after)
		delay, ok = p.Next()
	}
	if !ok || delay > d.patience || delay > d.left()-d.policy.CallTime {
		return false
	}
	d.log.DebugContext(ctx, "waiting", slog.String("why", w.Why), slog.Duration("delay", delay))
	d.openWait(w)
	if !backoff.Sleep(ctx, delay) {
		return false
	}
	d.patience -= delay
	return true
}

// openWait remembers since when the lane waits for what.
func (d *drain) openWait(w *wait) {
	if old := d.st.Wait; old != nil && old.Cause == w.Cause {
		w.Since = old.Since
	} else {
		d.closeWait()
	}
	d.st.Wait = w
}

// closeWait turns an open wait into a past one: the lane goes on.
func (d *drain) closeWait() {
	w := d.st.Wait
	if w == nil {
		return
	}
	d.st.Stalls = addStall(d.st.Stalls, stall{Cause: w.Cause, From: w.Since, To: d.Now().UTC()})
	d.st.Wait = nil
}

// leave writes down why a lane waits in which nothing is begun.
func (d *drain) leave(ctx context.Context, w *wait, hold *lane.Hold) (Report, bool, error) {
	d.openWait(w)
	d.account()
	if err := d.handBack(ctx, hold); err != nil {
		return Report{}, false, err
	}
	d.log.InfoContext(ctx, "lane waits", slog.String("why", w.Why), slog.Time("next", w.Next))
	return Report{Standing: Waits, Why: w.Why, Next: w.Next}, false, nil
}
