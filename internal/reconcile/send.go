package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/logline"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// awaitFree looks at the gateway, which takes one modification at a time.
func (m *modification) awaitFree(ctx context.Context) step {
	in := m.journal.Intent
	gateway, o := m.remote.gateway(ctx, in.GatewayID)
	switch {
	case o.wait != nil:
		return step{to: planned, wait: o.wait}
	case o.failure != nil:
		return m.fails(o.failure, in.Before)
	case o.denied:
		// The modification is sent nevertheless: the API refuses it if the gateway is
		// busy.
	case gateway.Status == sslvpn.GatewayDeleting:
		return m.fails(gatewayFailure("VpnGateway.Deleting", sslvpn.ClassOther,
			"the VPN gateway "+gateway.ID+" is being deleted", "check that SslVpnServerId names the server you mean"), in.Before)
	case gateway.BusinessStatus == "FinancialLocked":
		e := &sslvpn.Error{Class: sslvpn.ClassLocked, Code: "VpnGateway.FinancialLocked", Message: "The VPN gateway " + gateway.ID + " is locked for an unpaid bill."}
		return m.fails(m.remote.failure(e), in.Before)
	case gateway.Status != sslvpn.GatewayActive:
		m.stale = true
		return step{to: planned, wait: m.remote.busy("the VPN gateway is " + string(gateway.Status))}
	}
	m.journal.endWait()
	return step{to: free}
}

// sendPlanned sends a modification that was certainly not accepted, unless the API
// has refused it as often and as long as makes its answer final.
func (m *modification) sendPlanned(ctx context.Context) step {
	in := m.journal.Intent
	if in.Answers != nil {
		// The server was read just now: the plan is as before.
		act, until := in.Answers.decide(sight{at: m.limits.now(), unchanged: in.Readable, undo: in.undoes()}, m.limits.policy)
		switch act {
		case fail:
			return m.concede(&refusal{Failure: *in.Answers.failure(), Separately: len(contributors(in)) > 1}, in.Before)
		case standBy:
			return m.standBy(planned, until)
		case sendAgain, forget, giveUp:
		}
	}
	return m.send(ctx, planned)
}

// send sends the modification once. In phase unknown an earlier send under the
// same token may have been accepted, so the token stays whatever the answer is.
func (m *modification) send(ctx context.Context, at phase) step {
	in := m.journal.Intent
	err := m.journal.live()
	if errors.Is(err, lane.ErrLost) {
		return step{err: err}
	}
	if m.limits.left() < m.limits.policy.CallTime {
		return step{to: at, wait: m.remote.busy("the invocation has too little time left"), leave: true}
	}
	if err != nil {
		// Look once more after the renewal: it may have taken long.
		return step{to: at, err: m.journal.commit(ctx)}
	}
	switch w := m.closed(); {
	case w != nil && at == planned:
		return step{shut: w}
	case w != nil && !in.Sent: // it closed a moment ago, and nothing may have been sent yet
		return step{to: at}
	}
	reply, e := m.remote.modify(ctx, sslvpn.Modification{Target: m.remote.target, Patch: in.Patch, ClientToken: in.Token})
	if e == nil {
		in.Sent = true
		m.log.InfoContext(ctx, "modification accepted", m.journal.fence(), m.sent(), logline.Settings(in.Patch), slog.String("api_request_id", reply.RequestID))
		return step{to: accepted}
	}
	m.log.InfoContext(ctx, "modification not accepted", m.sent(), logline.Settings(in.Patch), slog.String("class", string(e.Class)), slog.String("code", e.Code), slog.String("api_request_id", e.RequestID))
	return m.notAccepted(at, e)
}

// sent names the changes of the modification, for log lines.
func (m *modification) sent() slog.Attr {
	ids := contributors(m.journal.Intent)
	return slog.String("change", strings.Join(ids[:min(len(ids), 10)], ","))
}

// notAccepted is the step after a send that failed.
func (m *modification) notAccepted(at phase, e *sslvpn.Error) step {
	in := m.journal.Intent
	switch e.Class {
	case sslvpn.ClassUnknown:
		in.Sent = true
		m.answered(e)
		return step{to: unknown, wait: m.remote.waitFor(e)}
	case sslvpn.ClassBusy:
		if at == planned {
			// A definite refusal uses up its token: the API may repeat the refusal for
			// as long as it remembers the token.
			m.stale = true
			if e.Answered() {
				m.answered(e)
				s := m.standBy(planned, in.Answers.Next)
				s.newToken = true
				return s
			}
			return step{to: planned, wait: m.pausing(m.remote.waitFor(e)), newToken: true}
		}
		m.answered(e)
		return step{to: at, wait: m.remote.waitFor(e)}
	case sslvpn.ClassUnavailable:
		if at == unknown {
			m.answered(e)
			return step{to: at, wait: m.remote.waitFor(e)}
		}
		return step{to: at, wait: m.pausing(m.remote.waitFor(e))}
	case sslvpn.ClassThrottled, sslvpn.ClassCircuitOpen:
		return step{to: at, wait: m.remote.waitFor(e)}
	case sslvpn.ClassCredentials:
		if !m.retriedLogin {
			m.retriedLogin = true
			return step{to: at}
		}
		return step{to: at, wait: m.remote.waitFor(e), leave: true}
	case sslvpn.ClassLocked, sslvpn.ClassDenied, sslvpn.ClassInvalid, sslvpn.ClassOther:
		return m.refused(at, e)
	default:
		return m.refused(at, e)
	}
}

// pausing makes the wait after a send that was not accepted longer each time. The lane
// is not worked off before by others either, who would send again at once.
func (m *modification) pausing(w *wait) *wait {
	m.refusals++
	w.atLeast = max(w.atLeast, pause(m.refusals, m.limits.policy, m.jitter))
	if next := m.limits.now().UTC().Add(min(w.atLeast, m.limits.policy.LongPause)); !w.Hold || w.Next.Before(next) {
		w.Hold, w.Next = true, next
	}
	return w
}

// answered adds what came back for a send to the intent.
func (m *modification) answered(e *sslvpn.Error) {
	in := m.journal.Intent
	in.Answers = in.Answers.add(e, *m.remote.failure(e), m.limits.now(), m.limits.policy, m.jitter)
}

// refused is the step after a definite refusal.
func (m *modification) refused(at phase, e *sslvpn.Error) step {
	in := m.journal.Intent
	r := &refusal{At: m.limits.now().UTC(), Failure: *m.remote.failure(e)}
	r.Failure.Hint = companionHint(in, e, r.Failure.Hint)
	// One offender must not fail the others. What is wrong with the account or the
	// role is wrong for all of them.
	r.Separately = e.Class != sslvpn.ClassLocked && e.Class != sslvpn.ClassDenied && len(contributors(in)) > 1
	if at == planned {
		return m.concede(r, in.Before)
	}
	in.Refusal = r
	return step{to: unknown, wait: m.remote.busy("the API refuses a modification that it may have accepted before: " + e.Code)}
}

// concede accepts a refusal as the outcome of the modification.
func (m *modification) concede(r *refusal, after change.Settings) step {
	if r.Separately {
		return step{separately: contributors(m.journal.Intent)}
	}
	return m.fails(&r.Failure, after)
}

// companionHint is the hint of a refusal. If the API refuses a setting that nobody
// asked for, it was sent along because the API checks it together with others.
func companionHint(in *intent, e *sslvpn.Error, hint string) string {
	f := sslvpn.RefusedField(e.Code, e.Message)
	v, sent := in.Patch[f]
	if _, asked := in.Asked[f]; !sent || asked {
		return hint
	}
	var with []string
	for _, other := range in.Asked.Fields() {
		if slices.Contains(other.Companions(in.After), f) {
			with = append(with, string(other))
		}
	}
	return fmt.Sprintf("The change does not set %s: it was sent along with %s, with the value that the server already has (%s), "+
		"because the API checks them together, and the API refuses that value: %s. Set %s too, and submit the change again.",
		f, strings.Join(with, " and "), v, f.Setting().Advice, f)
}
