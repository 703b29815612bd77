package reconcile

import (
	"context"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// conclude decides how every change of a batch ended, and releases the lane.
func (d *drain) conclude(ctx context.Context, dr draft) (Report, bool, error) {
	d.journal.endWait()
	dec := d.decide(dr.intent, *dr.result)
	d.journal.Intent, d.journal.Cost = nil, cost{}
	d.meter.nextBatch()
	return d.release(ctx, dec, dr.entries)
}

// endWithdrawn ends changes that somebody cancelled or rejected, without a look
// at the server: it must work while the API is down. What the lane waits for,
// the changes behind them go on waiting for.
func (d *drain) endWithdrawn(ctx context.Context, gone []queue.Entry) (rep Report, again bool, err error) {
	if gone, err = d.dropEnded(ctx, gone); err != nil {
		return Report{}, false, err
	}
	if len(gone) == 0 {
		if d.journal.lease != nil {
			d.known.idle = true
			err = d.journal.release(ctx)
		}
		return Report{}, true, err
	}
	in := &intent{StartedAt: d.limits.now().UTC()}
	for _, e := range gone {
		o, _ := plan.Withdrawn(e.Change, e.CastVotes())
		in.Keys, in.Outcomes = append(in.Keys, e.Key), append(in.Outcomes, o)
	}
	dec := d.decide(in, result{})
	if w := d.journal.Waits.Wait; w != nil { // they waited for it as well
		ws := waits{Past: dec.Waits}
		ws.add(pastWait{Cause: w.Cause, From: w.Since, To: dec.FinishedAt})
		dec.Waits = ws.Past
	}
	return d.release(ctx, dec, gone)
}

// decide makes the decision about a batch from its intent and the result of the
// modification.
func (d *drain) decide(in *intent, res result) *decision {
	d.charge()
	dec := decide(in, res)
	dec.FinishedAt = d.limits.now().UTC()
	for _, it := range dec.Items {
		if it.Failure != nil {
			it.Failure.Message += d.known.lastCount(it)
		}
	}
	dec.Armed = arm(d.target, in, res, dec.FinishedAt)
	dec.Waits, dec.Cost = slices.Clone(d.journal.Waits.Past), d.journal.Cost
	dec.Version = d.deps.Version
	return dec
}

func decide(in *intent, res result) *decision {
	dec := &decision{
		Before: in.Before, After: res.after, GatewayID: in.GatewayID, Connected: in.Connected, MaxConnections: in.MaxConnections,
		Verified: res.verified && res.failure == nil, StartedAt: in.StartedAt,
	}
	if len(in.Patch) > 0 {
		dec.Token, dec.Look = in.Token, in.Look
	}
	for i, o := range in.Outcomes {
		it := item{Outcome: o, Key: in.Keys[i]}
		if contributes(o) {
			dec.Merged = append(dec.Merged, o.ID)
			if res.failure != nil {
				it.Status, it.Failure = change.Failed, res.failure
				it.Changed = shown(o.Changed, res.after)
			}
		}
		if it.Failure == nil {
			it.Failure = explain(it.Outcome)
		}
		dec.Items = append(dec.Items, it)
	}
	return dec
}

// shown is the part of what a failed change asked for that the server shows nevertheless.
func shown(diffs []change.Difference, after change.Settings) []change.Difference {
	var out []change.Difference
	for _, diff := range diffs {
		if v, ok := after[diff.Field]; ok && change.Equal(diff.Field, v, diff.To) {
			out = append(out, diff)
		}
	}
	return out
}

// expiredMessage is the message of a change that expired, before what it last waited for.
const expiredMessage = "the change expired before it could be applied"

// explain is the failure of a change that ended without being sent.
func explain(o plan.Outcome) *record.Failure {
	switch o.Status {
	case change.Rejected, change.Failed:
		p := o.Problems[0]
		return &record.Failure{Code: p.Rule, Class: string(o.Status), Message: p.Message, Hint: p.Hint}
	case change.Expired:
		return &record.Failure{
			Code: "Expired", Class: string(change.Expired), Message: expiredMessage,
			Hint: "submit the change again, with a later expiresAt",
		}
	case change.Cancelled:
		if len(o.Problems) > 0 {
			p := o.Problems[0]
			return &record.Failure{Code: "Confirmed", Class: string(change.Cancelled), Message: p.Message, Hint: p.Hint}
		}
		f := &record.Failure{
			Code: "Cancelled", Class: string(change.Cancelled), Message: "the change was cancelled before it was applied",
			Hint: "submit the change again if it is wanted after all",
		}
		if len(o.Votes) > 0 {
			f.Message += ", by " + o.Votes[0].Person
			if o.Votes[0].Reason != "" {
				f.Message += ": " + o.Votes[0].Reason
			}
		}
		return f
	case change.Queued, change.Waiting, change.Applying, change.Applied, change.Unchanged,
		change.Planned, change.Superseded:
		return nil
	default:
		return nil
	}
}
