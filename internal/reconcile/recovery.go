package reconcile

import (
	"context"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// takeOver acquires a lane whose last worker left an intent, and brings the
// intent to its end: that worker died, or could not wait for the outcome.
func (d *drain) takeOver(ctx context.Context) (Report, bool, error) {
	in := d.journal.Intent
	crashed := d.journal.head.Held
	d.journal.age()
	d.journal.endWait()
	d.charge()
	if err := d.journal.acquire(ctx); err != nil {
		return Report{}, false, err
	}
	d.deps.Log.InfoContext(ctx, "lane taken over", d.journal.fence(), slog.Bool("crashed", crashed))
	switch {
	case in.Accepted:
		return d.apply(ctx, accepted, nil)
	case in.Answers.Definite:
		return d.apply(ctx, planned, nil)
	default:
		return d.apply(ctx, unknown, nil)
	}
}

// recover finds out whether a modification that may have been sent was
// accepted. If it was not, it is sent again after a pause, under the same token, if
// the policy still permits it; or it has failed, or is dropped: see answers.
func (m *modification) recover(ctx context.Context) step {
	in, begun := m.journal.Intent, m.limits.now()
	server, o := m.remote.server(ctx)
	switch {
	case o.wait != nil:
		return step{to: unknown, wait: o.wait}
	case o.failure != nil:
		return m.fails(o.failure, nil)
	case !o.denied && shows(server.Settings, in.Asked):
		return step{to: accepted}
	}
	unchanged := !o.denied && in.unchanged(server.Settings)
	foreign := !o.denied && in.Readable && !unchanged
	gateway, o := m.remote.gateway(ctx, in.GatewayID)
	unchanged = unchanged && !o.denied && gateway.Status == sslvpn.GatewayActive
	switch {
	case o.wait != nil:
		return step{to: unknown, wait: o.wait}
	case o.failure != nil:
		return m.fails(o.failure, nil)
	case !o.denied && gateway.Status != sslvpn.GatewayActive && !m.overdue():
		in.Answers.Unchanged = false // it may be at work on this modification
		return step{to: unknown, wait: m.remote.busy("the VPN gateway is " + string(gateway.Status))}
	}
	in.Answers.Unchanged = unchanged
	seen := sight{
		at: begun, unchanged: unchanged, foreign: foreign && !o.denied,
		expired: !m.limits.now().Before(in.LastEnd), withdrawn: m.known.withdrew(in), undo: in.undoes(),
	}
	act, until := in.Answers.decide(seen, m.limits.policy)
	switch act {
	case forget:
		return step{replan: true}
	case fail:
		return m.concede(&refusal{Failure: *in.Answers.failure(), Separately: len(contributors(in)) > 1}, server.Settings)
	case giveUp:
		return m.fails(in.Answers.unknown(seen), server.Settings)
	case standBy:
		return m.standBy(unknown, until)
	case sendAgain:
	}
	if r := in.Refusal; r != nil {
		if m.limits.now().Sub(r.At) >= m.limits.policy.Doubt {
			return m.concede(r, server.Settings)
		}
		return step{to: unknown, wait: m.remote.busy("the API refuses a modification that it may have accepted before: " + r.Failure.Code)}
	}
	s, may := m.mayRepeat(ctx)
	switch {
	case may:
		return m.send(ctx, unknown)
	case s.replan && !unchanged:
		// It may have taken effect, if somebody else modified the server since.
		return m.fails(notRepeated(), server.Settings)
	}
	return s
}

// notRepeated is the failure of a modification that must not be sent again and does
// not show, on a server that has not its old settings either.
func notRepeated() *record.Failure {
	return &record.Failure{
		Code: "OutcomeUnknown", Class: string(sslvpn.ClassUnknown),
		Message: "the modification was sent and never answered; it is not sent again, because the policy no longer permits it or its queue entry " +
			"cannot be read; the server has neither its old nor its new settings, or cannot be read",
		Hint: "look at the server; somebody else may have modified it",
	}
}

// standBy is the step until the server is read again. Long waits leave the lane
// free, so that its changes can be cancelled.
func (m *modification) standBy(at phase, until time.Time) step {
	now := m.limits.now()
	w := &wait{
		Cause: causeFailing, Why: m.journal.Intent.Answers.why(), Since: now.UTC(), Next: until.UTC(),
		exactly: max(until.Sub(now), time.Millisecond),
	}
	w.Hold = w.exactly > m.limits.policy.LongPause
	return step{to: at, wait: w, leave: w.Hold}
}
