package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lane"
	"sslvpnchange/internal/record"
	"sslvpnchange/internal/sslvpn"
)

// settle finds out whether a modification that may have been sent was taken,
// and sends it again, under the same token, where it was not.
func (d *drain) settle(ctx context.Context, hold *lane.Hold) step {
	in := d.st.Intent
	server, v := d.lookServer(ctx)
	switch {
	case v.wait != nil:
		return d.rests(ctx, unsettled, v.wait)
	case v.failure != nil:
		return d.failsWith(v.failure, nil)
	case !v.denied && shows(server.Settings, in.Asked):
		d.pacer().Reset()
		return step{to: accepted}
	}
	gateway, v := d.lookGateway(ctx)
	switch {
	case v.wait != nil:
		return d.rests(ctx, unsettled, v.wait)
	case v.failure != nil:
		return d.failsWith(v.failure, nil)
	case !v.denied && gateway.Status != sslvpn.GatewayActive && !d.overdue():
		return d.rests(ctx, unsettled, d.busy("the VPN gateway is "+string(gateway.Status)))
	case !d.Now().Before(in.LastEnd):
		return d.failsWith(&record.Failure{
			Code: "OutcomeUnknown", Class: string(sslvpn.ClassUnknown),
			Message: "the modification was sent and never answered, and did not show on the server before the change expired",
			Hint:    "look at the server; if it still has its old values, submit the change again",
		}, server.Settings)
	}
	if r := in.Refusal; r != nil {
		if d.Now().Sub(r.At) >= d.policy.Doubt {
			return d.concede(r, server.Settings)
		}
		return d.rests(ctx, unsettled, d.busy("the API refuses what may have been taken before: "+r.Failure.Code))
	}
	return d.send(ctx, hold, unsettled)
}

// verify waits until the gateway has worked an accepted modification in, and
// reads it back.
func (d *drain) verify(ctx context.Context) step {
	look := afterwards{begun: d.synchronous(), blind: !d.st.Intent.Readable}
	for {
		if !d.synchronous() {
			if s, verdict := d.awaitGateway(ctx, &look); verdict == leave {
				return s
			} else if verdict == again {
				continue
			}
		}
		d.closeWait()
		if s, done := d.readBack(ctx, look); done {
			return s
		}
	}
}

// afterwards is what was seen since a modification was accepted.
type afterwards struct {
	begun bool      // the gateway was seen at work, or works before it answers
	blind bool      // something may not be read
	asked time.Time // when the gateway was last asked: what it answered held then
}

// settled tells whether an equal read-back proves that the gateway is done:
// right after an acceptance it may not have begun.
func (d *drain) settled(a afterwards) bool {
	// Another worker's acceptance is as old as the generations that tell of it,
	// by the store's clock: the two workers' clocks may differ by minutes.
	return a.begun || d.st.Intent.Aged >= d.policy.Settle+lane.Slack || a.asked.Sub(d.acceptedAt) >= d.policy.Settle
}

// whither is what to do after a look.
type whither int

const (
	onward whither = iota // the gateway is active
	again                 // look once more
	leave                 // the step says where to
)

// awaitGateway looks at the gateway once, and rests while it is at work.
func (d *drain) awaitGateway(ctx context.Context, look *afterwards) (step, whither) {
	look.asked = d.Now()
	gateway, v := d.lookGateway(ctx)
	w := v.wait
	switch {
	case v.failure != nil:
		return d.failsWith(v.failure, nil), leave
	case v.denied:
		look.blind, look.begun = true, true
		return step{}, onward
	case w == nil && gateway.Status == sslvpn.GatewayActive:
		return step{}, onward
	case w == nil:
		look.begun = true
		if d.overdue() {
			return d.failsWith(stuck(gateway), d.st.Intent.After), leave
		}
		w = d.busy("the VPN gateway is working the change in: " + string(gateway.Status))
	}
	if d.rest(ctx, w) {
		return step{}, again
	}
	return step{to: accepted, wait: w}, leave
}

// synchronous tells whether the API works the modification in before it
// answers: it does for the name alone (ModifySslVpnServer, "asynchronous").
func (d *drain) synchronous() bool {
	_, name := d.st.Intent.Patch[change.Name]
	return name && len(d.st.Intent.Patch) == 1
}

// readBack compares the server with what was asked, and decides when that says
// enough.
func (d *drain) readBack(ctx context.Context, look afterwards) (step, bool) {
	in := d.st.Intent
	server, v := d.lookServer(ctx)
	seen := !v.denied && v.wait == nil && shows(server.Settings, in.Asked)
	w := v.wait
	if w == nil && !v.denied && !seen && in.Doubted.IsZero() {
		in.Doubted = d.Now().UTC()
	}
	switch {
	case v.failure != nil:
		return d.failsWith(v.failure, nil), true
	case v.denied && d.settled(look):
		return d.succeeds(in.After, false), true
	case seen && d.settled(look):
		return d.succeeds(server.Settings, !look.blind), true
	case w == nil && !v.denied && !seen && d.Now().Sub(in.Doubted) >= d.policy.Doubt:
		return d.failsWith(mismatch(server.Settings, in.Asked), server.Settings), true
	case w == nil:
		w = d.busy("the VPN gateway is working the change in")
		if seen { // nothing is missing but that it can be believed
			w.exactly = max(d.acceptedAt.Add(d.policy.Settle).Sub(d.Now()), time.Millisecond) // over meanwhile: at once
		}
	}
	if d.rest(ctx, w) {
		return step{}, false
	}
	return step{to: accepted, wait: w}, true
}

// succeeds is the step after which every change that depends on the
// modification is applied.
func (d *drain) succeeds(after change.Settings, verified bool) step {
	d.closeWait()
	return step{decided: d.decide(d.st.Intent, verdict{verified: verified, after: after})}
}

// stuck is the failure of a modification that the API took and the gateway
// never finished.
func stuck(g sslvpn.Gateway) *record.Failure {
	return &record.Failure{
		Code: "GatewayStuck", Class: "unverified",
		Message: "the API took the modification, and the VPN gateway " + g.ID + " is still " + string(g.Status) + " after the change expired",
		Hint:    "look at the gateway in the console, and open a ticket if it stays so",
	}
}

// mismatch is the failure of a modification that the API took and the server
// does not show.
func mismatch(s change.Settings, asked change.Patch) *record.Failure {
	var parts []string
	for _, diff := range change.Diff(s, asked) {
		parts = append(parts, fmt.Sprintf("%s is %q, asked was %q", diff.Field, diff.From, diff.To))
	}
	slices.Sort(parts)
	return &record.Failure{
		Code: "ReadBackMismatch", Class: "unverified",
		Message: "the API took the modification, and the server does not show it: " + strings.Join(parts, "; "),
		Hint:    "somebody else may have changed the server meanwhile; compare with ActionTrail, and submit the change again if it is still wanted",
	}
}
