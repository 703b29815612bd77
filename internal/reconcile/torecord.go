package reconcile

import (
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// toRecord renders the record of one change, from stored values alone, so that
// every worker renders the same.
func toRecord(dec *decision, it item, e queue.Entry) record.Record {
	rec := record.Record{
		ID: it.ID, Status: it.Status, RegionID: e.RegionID, ServerID: e.ServerID, GatewayID: dec.GatewayID,
		Ref: e.Ref, Reason: e.Reason, RequestedBy: e.RequestedBy, Origin: e.Origin, Identity: e.Identity,
		Requested: e.Patch, Expect: e.Expect, Confirm: e.Confirm.String(), When: change.Idle(e.Idle), Override: e.Override, Before: dec.Before, After: dec.After,
		Changed: it.Changed, Verified: dec.Verified, Attempts: dec.Cost.Attempts,
		SupersededBy: it.SupersededBy, Problems: it.Problems, Error: it.Failure, Votes: it.Votes,
		AcceptedAt: e.AcceptedAt, DueAt: e.DueAt, StartedAt: dec.StartedAt, FinishedAt: dec.FinishedAt,
		Waited: waited(dec, e.DueAt), Version: dec.Version, ProofWanted: wantsProof(dec, it, e),
		Cost: record.Cost{
			VPCCalls: dec.Cost.VPCCalls, OSSRequests: dec.Cost.OSSRequests, Invocations: dec.Cost.Invocations,
		},
	}
	if a := dec.Armed; a != nil && a.Of == it.ID {
		rec.Undo = &record.Undo{ID: a.ID, DueAt: a.Due}
	}
	if e.Undoes != nil {
		rec.Undoes = e.Undoes.Of
	}
	rec.Impact = impactOf(dec, it, e)
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
			Message: rec.Error.Message + lastWait(dec, it, e),
		}
		if e.Undoes != nil {
			rec.Error.Hint = "the change that it undoes still stands: undo it with rollback"
		}
	}
	if rec.Status == change.Cancelled && e.Undoes != nil {
		rec.Problems = nil // that it was confirmed is no problem
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

// impactOf is what a change did, or would have done, to the people who were connected.
func impactOf(dec *decision, it item, e queue.Entry) *record.Impact {
	if len(it.Changed) == 0 {
		return nil
	}
	out := &record.Impact{Class: impact.ClassOf(it.Changed), Certificates: e.Certificates}
	if dec.MaxConnections > 0 {
		connected := dec.Connected
		out.Connected, out.MaxConnections = &connected, dec.MaxConnections
	}
	return out
}

// lastWait names what a change last waited for: approvals, else what its lane
// waited for.
func lastWait(dec *decision, it item, e queue.Entry) string {
	due := e.DueAt
	if it.Failure.Message != expiredMessage {
		return "" // it says so already
	}
	if len(it.Votes) < e.Approvals {
		return "; it needed to be approved by " + people(e.Approvals) + ", and was not in time"
	}
	for _, s := range slices.Backward(dec.Waits) {
		if s.To.After(due) {
			return "; it last waited for: " + string(s.Cause)
		}
	}
	return ""
}

// waited divides the time between being due and the end by what was waited for.
func waited(dec *decision, due time.Time) record.Waited {
	var w record.Waited
	for _, s := range dec.Waits {
		from, to := later(s.From, due), earlier(s.To, dec.FinishedAt)
		if !from.Before(to) {
			continue
		}
		ms := to.Sub(from).Milliseconds()
		switch s.Cause {
		case causeGateway:
			w.Gateway += ms
		case causeBreaker, causeFailing:
			w.Breaker += ms
		case causeThrottle:
			w.Throttle += ms
		case causeWindow:
			w.Window += ms
		case causeRecovery:
			w.Recovery += ms
		case causeLogin, causePolicy, causeClients:
			if from = later(from, dec.StartedAt); from.Before(to) { // what is before that is counted below
				w.Queue += to.Sub(from).Milliseconds()
			}
		}
	}
	if dec.StartedAt.After(due) {
		w.Queue += max(0, dec.StartedAt.Sub(due).Milliseconds()-before(dec.Waits, due, dec.StartedAt))
	}
	return w
}

// countsAsQueue reports whether a record counts a wait as time in the queue.
func (c cause) countsAsQueue() bool {
	return c == causeLogin || c == causePolicy || c == causeClients
}

// before is how long past waits took between two moments, in milliseconds,
// without those that count as time in the queue.
func before(past []pastWait, from, to time.Time) int64 {
	var ms int64
	for _, s := range past {
		a, b := later(s.From, from), earlier(s.To, to)
		if a.Before(b) && !s.Cause.countsAsQueue() {
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
