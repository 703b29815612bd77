package reconcile

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lane"
	"sslvpnchange/internal/sslvpn"
)

// sendWhenFree waits for the gateway and sends the modification.
func (d *drain) sendWhenFree(ctx context.Context, hold *lane.Hold) step {
	gateway, v := d.lookGateway(ctx)
	switch {
	case v.wait != nil:
		return d.rests(ctx, planned, v.wait)
	case v.failure != nil:
		return d.fails(v.failure)
	case v.denied:
		// Nothing to look at: the modification itself is tried, and tells.
	case gateway.Status == sslvpn.GatewayDeleting:
		return d.fails(gatewayFailure("VpnGateway.Deleting", sslvpn.ClassOther,
			"the VPN gateway "+gateway.ID+" is being deleted", "check that SslVpnServerId names the server you mean"))
	case gateway.BusinessStatus == "FinancialLocked":
		e := &sslvpn.Error{Class: sslvpn.ClassLocked, Code: "VpnGateway.FinancialLocked", Message: "The VPN gateway " + gateway.ID + " is locked for an unpaid bill."}
		return d.fails(d.failure(e))
	case gateway.Status != sslvpn.GatewayActive:
		d.stale = true
		return d.rests(ctx, planned, d.busy("the VPN gateway is "+string(gateway.Status)))
	}
	d.closeWait()
	// What was planned before a wait may be old by now: others use the gateway,
	// changes expire, new ones have come and can go along. The same holds where the
	// instance was frozen since it looked at the line: a change that is due earlier
	// may have been put back.
	if d.stale || d.Now().Sub(d.listed) >= lineAge || !d.Now().Before(d.st.Intent.FirstEnd) {
		if s, done := d.redraft(ctx, hold); done {
			return s
		}
	}
	return d.send(ctx, hold, planned)
}

// lineAge is how long a look at the line is good for planning: longer than
// requests take, short against the minutes for which a platform may freeze an
// instance.
const lineAge = 10 * time.Second

// redraft plans afresh under the hold. It says done when there is nothing left
// to send, or the server cannot be looked at.
func (d *drain) redraft(ctx context.Context, hold *lane.Hold) (s step, done bool) {
	d.listed = d.Now()
	due, err := d.line.Due(ctx, d.target, d.listed, d.open...)
	if err != nil {
		return step{err: err}, true
	}
	entries, err := d.dropEnded(ctx, due.Entries)
	if err != nil {
		return step{err: err}, true
	}
	// Somebody took the changes out of line by hand, or an approval has lapsed.
	if entries = d.ready(entries); len(entries) == 0 {
		return step{decided: d.decide(&intent{}, verdict{})}, true
	}
	dr, w := d.draft(ctx, d.batch(entries))
	switch {
	case w != nil:
		return d.rests(ctx, planned, w), true
	case dr.decided != nil:
		d.entries = dr.entries
		return step{decided: dr.decided}, true
	}
	d.stale = false
	if d.st.Intent.same(dr.intent) {
		return step{}, false
	}
	dr.intent.StartedAt = d.st.Intent.StartedAt
	d.st.Intent, d.entries = dr.intent, dr.entries
	d.account()
	if err := hold.Commit(ctx, d.st); err != nil {
		return step{err: err}, true
	}
	return step{}, false
}

// send sends the modification once and sorts what comes back. In phase
// unsettled an earlier send under the same token may have been taken, so the
// token stays whatever happens.
func (d *drain) send(ctx context.Context, hold *lane.Hold, at phase) step {
	if d.left() < d.policy.CallTime {
		return step{to: at, wait: d.busy("this look at the lane ran out of time")}
	}
	if err := hold.Live(d.policy.Margin + d.policy.CallTime); err != nil {
		if errors.Is(err, lane.ErrLost) {
			return step{err: err}
		}
		return step{to: at, wait: d.busy("this look at the lane ran out of time")}
	}
	in := d.st.Intent
	cctx, cancel := context.WithTimeout(ctx, d.policy.CallTime)
	reply, err := d.api.ModifyServer(cctx, sslvpn.Modification{Target: d.target, Patch: in.Patch, ClientToken: in.Token})
	cancel()
	if err == nil {
		d.log.InfoContext(ctx, "modification accepted", slog.Int64("fence", hold.Token()), slog.String("api_request_id", reply.RequestID))
		d.pacer().Reset()
		return step{to: accepted}
	}
	var e *sslvpn.Error
	if !errors.As(err, &e) {
		e = &sslvpn.Error{Class: sslvpn.ClassUnknown, Message: err.Error(), Err: err}
	}
	d.log.InfoContext(ctx, "modification not accepted", slog.String("class", string(e.Class)), slog.String("code", e.Code), slog.String("api_request_id", e.RequestID))
	return d.sorted(ctx, hold, at, e)
}

// sorted says where to go from a send that failed.
func (d *drain) sorted(ctx context.Context, hold *lane.Hold, at phase, e *sslvpn.Error) step {
	switch e.Class {
	case sslvpn.ClassUnknown:
		return d.rests(ctx, unsettled, d.waitFor(e))
	case sslvpn.ClassBusy:
		if at == planned {
			// A definite refusal uses up its token: under it the API may repeat
			// the refusal for as long as it remembers.
			d.st.Intent.Token = token(d.target, hold.Token()+1, d.Nonce())
			d.account()
			if err := hold.Commit(ctx, d.st); err != nil {
				return step{err: err}
			}
			d.stale = true
		}
		return d.rests(ctx, at, d.waitFor(e))
	case sslvpn.ClassThrottled, sslvpn.ClassUnavailable, sslvpn.ClassHeld:
		return d.rests(ctx, at, d.waitFor(e))
	case sslvpn.ClassCredentials:
		if !d.retriedLogin {
			d.retriedLogin = true
			return step{to: at}
		}
		return step{to: at, wait: d.waitFor(e)}
	case sslvpn.ClassLocked, sslvpn.ClassDenied, sslvpn.ClassInvalid, sslvpn.ClassOther:
		return d.refused(ctx, at, e)
	default:
		return d.refused(ctx, at, e)
	}
}

// refused says where to go from a definite refusal.
func (d *drain) refused(ctx context.Context, at phase, e *sslvpn.Error) step {
	r := &refusal{At: d.Now().UTC(), Failure: *d.failure(e)}
	// One offender must not take the others with it; what is wrong with the
	// account or the role is wrong with all of them.
	r.Split = e.Class != sslvpn.ClassLocked && e.Class != sslvpn.ClassDenied && len(contributors(d.st.Intent)) > 1
	if at == planned {
		return d.concede(r, d.st.Intent.Before)
	}
	d.st.Intent.Refusal = r
	return d.rests(ctx, unsettled, d.busy("the API refuses what may have been taken before: "+e.Code))
}

// concede ends an intent that the API refuses.
func (d *drain) concede(r *refusal, after change.Settings) step {
	if r.Split {
		return step{apart: contributors(d.st.Intent)}
	}
	return d.failsWith(&r.Failure, after)
}

// contributors names the changes that depend on an intent's modification.
func contributors(in *intent) []string {
	var ids []string
	for _, o := range in.Outcomes {
		if contributes(o) {
			ids = append(ids, o.ID)
		}
	}
	return ids
}
