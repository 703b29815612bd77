package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// verify looks whether the gateway has finished with an accepted modification,
// and reads it back.
func (m *modification) verify(ctx context.Context) step {
	m.unreadable = m.unreadable || !m.journal.Intent.Readable
	if m.journal.Intent.Patch.Synchronous() {
		m.begun = true
	} else if s, finished := m.gatewayFinished(ctx); !finished {
		return s
	}
	m.journal.endWait()
	return m.readBack(ctx)
}

// gatewayFinished reports whether the gateway is at work no more, or cannot be
// read. Otherwise it returns what to do.
func (m *modification) gatewayFinished(ctx context.Context) (step, bool) {
	in := m.journal.Intent
	m.gatewayReadAt = m.limits.now()
	gateway, o := m.remote.gateway(ctx, in.GatewayID)
	switch {
	case o.failure != nil:
		return m.fails(o.failure, nil), false
	case o.wait != nil:
		return step{to: accepted, wait: o.wait}, false
	case o.denied:
		m.unreadable, m.begun = true, true
		return step{}, true
	case gateway.Status == sslvpn.GatewayActive:
		return step{}, true
	}
	m.begun = true
	if m.overdue() {
		return m.fails(stuck(gateway), in.After), false
	}
	return step{to: accepted, wait: m.remote.busy("the VPN gateway is applying the change: " + string(gateway.Status))}, false
}

// readBack compares the server with what was asked for, and ends the intent if
// that is conclusive.
func (m *modification) readBack(ctx context.Context) step {
	in := m.journal.Intent
	server, o := m.remote.server(ctx)
	if o.failure != nil {
		return m.fails(o.failure, nil)
	}
	if o.wait != nil {
		return step{to: accepted, wait: o.wait}
	}
	seen := !o.denied && shows(server.Settings, in.Asked)
	if !o.denied && !seen && in.Doubted.IsZero() {
		in.Doubted = m.limits.now().UTC()
	}
	switch {
	case o.denied && m.conclusive():
		return m.succeeds(in.After, false)
	case seen && m.conclusive():
		return m.succeeds(server.Settings, !m.unreadable)
	case !o.denied && !seen && m.limits.now().Sub(in.Doubted) >= m.limits.policy.Doubt:
		return m.fails(mismatch(server.Settings, in.Asked), server.Settings)
	}
	w := m.remote.busy("the VPN gateway is applying the change")
	if seen {
		// It shows, and counts as soon as the gateway would have begun. If that time
		// has already passed, look again immediately.
		w.exactly = max(m.acceptedAt.Add(m.limits.policy.StartDelay).Sub(m.limits.now()), time.Millisecond)
	}
	return step{to: accepted, wait: w}
}

// conclusive reports whether an equal read-back proves that the gateway has
// finished: right after the acceptance it may not have begun.
func (m *modification) conclusive() bool {
	delay := m.limits.policy.StartDelay
	// How long ago another worker's send was accepted is known by the store's clock
	// alone: the clocks of two workers may differ by minutes.
	return m.begun || m.journal.Intent.Aged >= delay+lane.Slack || m.gatewayReadAt.Sub(m.acceptedAt) >= delay
}

// stuck is the failure of a modification that the API accepted and the gateway
// never finished.
func stuck(g sslvpn.Gateway) *record.Failure {
	return &record.Failure{
		Code: "GatewayStuck", Class: "unverified",
		Message: "the API accepted the modification, and the VPN gateway " + g.ID + " is still " + string(g.Status) + " after the change expired",
		Hint:    "look at the gateway in the console, and open a ticket if it stays so",
	}
}

// mismatch is the failure of a modification that the API accepted and the
// server does not show.
func mismatch(s change.Settings, asked change.Patch) *record.Failure {
	var parts []string
	for _, diff := range change.Diff(s, asked) {
		parts = append(parts, fmt.Sprintf("%s is %q, asked was %q", diff.Field, diff.From, diff.To))
	}
	slices.Sort(parts)
	return &record.Failure{
		Code: "ReadBackMismatch", Class: "unverified",
		Message: "the API accepted the modification, and the server does not show it: " + strings.Join(parts, "; "),
		Hint:    "somebody else may have changed the server meanwhile; compare with ActionTrail, and submit the change again if it is still wanted",
	}
}
