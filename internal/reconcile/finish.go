package reconcile

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/fanout"
	"sslvpnchange/internal/plan"
	"sslvpnchange/internal/queue"
	"sslvpnchange/internal/record"
)

// verdict is how the modification of an intent came out.
type verdict struct {
	failure  *record.Failure // nil: applied
	verified bool
	after    change.Settings // as seen afterwards; nil when not known
}

// decide says how every change of an intent ended.
func (d *drain) decide(in *intent, v verdict) *decision {
	d.account()
	dec := &decision{
		Before: in.Before, After: v.after, GatewayID: in.GatewayID,
		Verified: v.verified && v.failure == nil, StartedAt: in.StartedAt, FinishedAt: d.Now().UTC(),
		Stalls: d.st.Stalls, Spent: d.st.Spent,
	}
	if len(in.Patch) > 0 {
		dec.Token = in.Token
	}
	for i, o := range in.Outcomes {
		it := item{Outcome: o, Key: in.Keys[i]}
		if contributes(o) {
			dec.Merged = append(dec.Merged, o.ID)
			if v.failure != nil {
				it.Status, it.Failure = change.Failed, v.failure
				it.Changed = seen(o.Changed, v.after)
			}
		}
		if it.Failure == nil {
			it.Failure = explain(it.Outcome)
		}
		dec.Items = append(dec.Items, it)
	}
	return dec
}

// seen is the part of what a failed change wanted that shows all the same.
func seen(diffs []change.Difference, after change.Settings) []change.Difference {
	var out []change.Difference
	for _, diff := range diffs {
		if v, ok := after[diff.Field]; ok && change.Equal(diff.Field, v, diff.To) {
			out = append(out, diff)
		}
	}
	return out
}

// explain says why a change ended that was never sent.
func explain(o plan.Outcome) *record.Failure {
	switch o.Status {
	case change.Rejected, change.Failed:
		p := o.Problems[0]
		return &record.Failure{Code: p.Rule, Class: string(o.Status), Message: p.Message, Hint: p.Hint}
	case change.Expired:
		return &record.Failure{
			Code: "Expired", Class: string(change.Expired), Message: "the change expired before it could be applied",
			Hint: "submit the change again, with a later expiresAt",
		}
	case change.Cancelled:
		f := &record.Failure{
			Code: "Cancelled", Class: string(change.Cancelled), Message: "the change was cancelled before it was sent",
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

// finish writes the records that follow from a decision, then takes the
// changes out of line. It may run any number of times, at any number of places.
func (d *drain) finish(ctx context.Context, dec *decision, entries []queue.Entry) error {
	items := make(map[string]item, len(dec.Items))
	for _, it := range dec.Items {
		items[it.Key] = it
	}
	var keys []string
	var mine []queue.Entry
	for _, e := range entries {
		if _, ok := items[e.Key]; ok {
			keys = append(keys, e.Keys()...)
			mine = append(mine, e)
		}
	}
	// Each is rendered when it is written: it names all that it was merged with.
	err := fanout.Each(ctx, len(mine), parallel, func(ctx context.Context, i int) error {
		// Who asked is owed an answer from before the entry that says where to.
		if err := d.owe(ctx, mine[i]); err != nil {
			return err
		}
		return d.Records.Write(ctx, toRecord(dec, items[mine[i].Key], mine[i]))
	})
	if err != nil {
		return fmt.Errorf("end changes: %w", err)
	}
	for _, e := range mine {
		it := items[e.Key]
		d.log.InfoContext(ctx, "change ended", slog.String("change", it.ID), slog.String("status", string(it.Status)))
		if d.Outbox != nil {
			d.Outbox.Recorded(it.ID)
		}
	}
	d.ended += len(mine)
	return d.line.Remove(ctx, keys...)
}

// toRecord renders how one change ended. Everything in it is stored, so that
// every worker renders the same.
func toRecord(dec *decision, it item, e queue.Entry) record.Record {
	rec := record.Record{
		ID: it.ID, Status: it.Status, RegionID: e.RegionID, ServerID: e.ServerID, GatewayID: dec.GatewayID,
		Ref: e.Ref, Reason: e.Reason, RequestedBy: e.RequestedBy, Origin: e.Origin, Identity: e.Identity,
		Requested: e.Patch, Expect: e.Expect, Before: dec.Before, After: dec.After,
		Changed: it.Changed, Verified: dec.Verified, Attempts: dec.Spent.Attempts,
		SupersededBy: it.SupersededBy, Problems: it.Problems, Error: it.Failure, Votes: it.Votes,
		AcceptedAt: e.AcceptedAt, DueAt: e.DueAt, StartedAt: dec.StartedAt, FinishedAt: dec.FinishedAt,
		Waited: waited(dec, e.DueAt),
		Cost: record.Cost{
			VPCCalls: dec.Spent.VPCCalls, OSSRequests: dec.Spent.OSSRequests, Invocations: dec.Spent.Invocations,
		},
	}
	if rec.Requested == nil { // the stored entry cannot be read
		rec.Requested = change.Patch{}
	}
	if rec.Changed == nil {
		rec.Changed = []change.Difference{}
	}
	if rec.Attempts == nil {
		rec.Attempts = []record.Attempt{}
	}
	if rec.Status == change.Expired && rec.Error != nil {
		rec.Error = &record.Failure{
			Code: rec.Error.Code, Class: rec.Error.Class, Hint: rec.Error.Hint,
			Message: rec.Error.Message + lastStall(dec, it, e),
		}
	}
	for _, id := range dec.Merged {
		if id != it.ID && it.Failure == nil && (it.Status == change.Applied || it.Status == change.Superseded) {
			rec.MergedWith = append(rec.MergedWith, id)
		}
	}
	switch it.Status {
	case change.Applied, change.Superseded:
		rec.ClientToken = dec.Token
	case change.Failed:
		rec.Verified = false
		if e.Err == nil {
			rec.ClientToken = dec.Token
		}
	case change.Unchanged:
		// Nothing was sent for it, and the server was seen to have it.
	case change.Queued, change.Waiting, change.Applying, change.Planned,
		change.Rejected, change.Expired, change.Cancelled:
		rec.Verified = false
	}
	return rec
}

// lastStall names what a change last waited for: people, else what its lane did.
func lastStall(dec *decision, it item, e queue.Entry) string {
	due := e.DueAt
	if len(it.Votes) < e.Approvals {
		return "; it needed to be approved by " + people(e.Approvals) + ", and was not in time"
	}
	for _, s := range slices.Backward(dec.Stalls) {
		if s.To.After(due) {
			return "; it last waited for: " + string(s.Cause)
		}
	}
	return ""
}

// waited shares out the time between being due and the end.
func waited(dec *decision, due time.Time) record.Waited {
	var w record.Waited
	for _, s := range dec.Stalls {
		from, to := later(s.From, due), earlier(s.To, dec.FinishedAt)
		if !from.Before(to) {
			continue
		}
		ms := to.Sub(from).Milliseconds()
		switch s.Cause {
		case causeGateway:
			w.Gateway += ms
		case causeBreaker:
			w.Breaker += ms
		case causeThrottle:
			w.Throttle += ms
		case causeLogin, causeRecovery:
			if from = later(from, dec.StartedAt); from.Before(to) { // before that, with the rest
				w.Queue += to.Sub(from).Milliseconds()
			}
		}
	}
	if dec.StartedAt.After(due) {
		w.Queue += max(0, dec.StartedAt.Sub(due).Milliseconds()-before(dec.Stalls, due, dec.StartedAt))
	}
	return w
}

// inLine tells whether a wait has no part of its own in a record.
func (c cause) inLine() bool { return c == causeLogin || c == causeRecovery }

// before is how long stalls took between two moments, in milliseconds, but for
// those that count as waiting in line.
func before(stalls []stall, from, to time.Time) int64 {
	var ms int64
	for _, s := range stalls {
		a, b := later(s.From, from), earlier(s.To, to)
		if a.Before(b) && !s.Cause.inLine() {
			ms += b.Sub(a).Milliseconds()
		}
	}
	return ms
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
