package reconcile

import (
	"context"
	"log/slog"

	"sslvpnchange/internal/record"
	"sslvpnchange/internal/sslvpn"
)

// takeOver acquires a lane whose last worker left an intent, and brings the
// intent to its end: that worker died, or could not wait for the outcome.
func (d *drain) takeOver(ctx context.Context) (Report, bool, error) {
	in := d.journal.Intent
	if in.Accepted {
		in.Aged += d.journal.head.Age
	}
	if in.Withdrawn {
		in.Watched += d.journal.head.Age
	}
	d.journal.endWait()
	crashed := d.journal.head.Held
	if crashed { // when it died, and what it waited for, is not known
		d.journal.recovered()
	}
	d.charge()
	if err := d.journal.acquire(ctx); err != nil {
		return Report{}, false, err
	}
	d.deps.Log.InfoContext(ctx, "lane taken over", d.journal.fence(), slog.Bool("crashed", crashed))
	if in.Accepted {
		return d.apply(ctx, accepted, nil)
	}
	return d.apply(ctx, unknown, nil)
}

// recover finds out whether a modification that may have been sent was
// accepted, and sends it again, under the same token, if it was not and the policy
// still permits it.
func (m *modification) recover(ctx context.Context) step {
	in := m.journal.Intent
	server, o := m.remote.server(ctx)
	switch {
	case o.wait != nil:
		return step{to: unknown, wait: o.wait}
	case o.failure != nil:
		return m.fails(o.failure, nil)
	case !o.denied && shows(server.Settings, in.Asked):
		return step{to: accepted}
	}
	gateway, o := m.remote.gateway(ctx, in.GatewayID)
	switch {
	case o.wait != nil:
		return step{to: unknown, wait: o.wait}
	case o.failure != nil:
		return m.fails(o.failure, nil)
	case !o.denied && gateway.Status != sslvpn.GatewayActive && !m.overdue():
		return step{to: unknown, wait: m.remote.busy("the VPN gateway is " + string(gateway.Status))}
	case !m.limits.now().Before(in.LastEnd):
		return m.fails(&record.Failure{
			Code: "OutcomeUnknown", Class: string(sslvpn.ClassUnknown),
			Message: "the modification was sent and never answered, and did not show on the server before the change expired",
			Hint:    "look at the server; if it still has its old values, submit the change again",
		}, server.Settings)
	}
	if r := in.Refusal; r != nil {
		if m.limits.now().Sub(r.At) >= m.limits.policy.Doubt {
			return m.concede(r, server.Settings)
		}
		return step{to: unknown, wait: m.remote.busy("the API refuses a modification that it may have accepted before: " + r.Failure.Code)}
	}
	if s, may := m.mayRepeat(ctx); !may {
		return s
	}
	return m.send(ctx, unknown)
}
