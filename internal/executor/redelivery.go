package executor

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// queuedBefore finds the change that an earlier delivery of the message queued.
// Policy and server were read then, and may be different now.
func (r *request) queuedBefore(ctx context.Context) (ans Answer, found bool, err error) {
	if !r.claimed.Again {
		return Answer{}, false, nil
	}
	rec, pos, err := r.Reconciler.Find(ctx, r.claimed.ID())
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return Answer{}, false, nil // the delivery was interrupted before, or refused
	case err != nil:
		return Answer{}, false, err
	case rec != nil:
		return r.ended(rec), true, nil
	case pos.Entry.Err != nil:
		return Answer{}, false, pos.Entry.Err
	}
	c := pos.Entry.Change
	ans = Answer{Outcome: Accepted, Server: r.server(c.Target, nil), Change: r.position(pos)}
	if c.Approvals == 0 {
		ans.Lanes = []change.Target{c.Target} // the delivery may have been interrupted before it woke the lane
	}
	if ans.Plan, _, err = r.planOfQueued(ctx, c); err != nil {
		return Answer{}, false, err
	}
	if c.Approvals == 0 || pos.Status != change.Waiting {
		ans.Plan.Code = ""
	}
	return ans, true, nil
}

// ended describes a change that has ended since an earlier delivery queued it, or
// voted on it.
func (r *request) ended(rec *record.Record) Answer {
	t := change.Target{RegionID: rec.RegionID, ServerID: rec.ServerID}
	key, _ := objects.RecordKey(rec.ID)
	return Answer{Outcome: Accepted, Server: r.server(t, nil), Record: rec, Change: &Change{
		Target: t, ID: rec.ID, Status: rec.Status, Name: r.policy.NameOf(t), Patch: rec.Requested,
		Requester: cmp.Or(rec.Origin.Person, rec.Origin.Actor), Assistant: rec.Origin.Assistant, Reason: rec.Reason, Ref: rec.Ref,
		Accepted: rec.AcceptedAt, Due: rec.DueAt, Record: key, Undoes: rec.Undoes,
	}}
}

// voted reports whether an earlier delivery of the message is among the votes.
func (r *request) voted(votes []change.Vote) bool {
	return r.claimed.Again && slices.ContainsFunc(votes, func(v change.Vote) bool {
		return v.Account == r.from.Origin.Actor && v.At.Equal(r.claimed.At)
	})
}

// votedEarlier finds the vote that an earlier delivery of the message stored.
func (r *request) votedEarlier(ctx context.Context) (ans Answer, found bool, err error) {
	rec, pos, err := r.find(ctx)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return Answer{}, false, nil
	case err != nil:
		return Answer{}, false, err
	case rec != nil:
		return r.ended(rec), r.voted(rec.Votes), nil
	case pos.Entry.Err != nil:
		return Answer{}, false, pos.Entry.Err
	case r.voted(pos.Entry.CastVotes()):
		return r.votedBefore(pos), true, nil
	default:
		return Answer{}, false, nil
	}
}

// votedBefore answers a vote that an earlier delivery of the message stored. That
// delivery may have been interrupted before it woke the lane.
func (r *request) votedBefore(pos *reconcile.Position) Answer {
	t := pos.Entry.Target
	return Answer{Outcome: Accepted, Lanes: []change.Target{t}, Server: r.server(t, nil), Change: r.position(pos)}
}
