package executor

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/record"
)

// asked finds the change that an earlier delivery of the message put in line.
// The policy and the server were asked then, and may say something else by now.
func (r *request) asked(ctx context.Context) (ans Answer, found bool, err error) {
	if !r.claimed.Again {
		return Answer{}, false, nil
	}
	rec, pos, err := r.Reconciler.Find(ctx, r.claimed.ID())
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return Answer{}, false, nil // it died before, or was refused
	case err != nil:
		return Answer{}, false, err
	case rec != nil:
		return r.ended(rec), true, nil
	case pos.Entry.Err != nil:
		return Answer{}, false, pos.Entry.Err
	}
	c := pos.Entry.Change
	ans = Answer{Outcome: Taken, Server: r.server(c.Target, nil), Change: r.stands(pos)}
	if c.Approvals == 0 {
		ans.Lanes = []change.Target{c.Target} // it may have died before it rang
	}
	view, err := r.look(ctx, change.Request{Target: c.Target, Patch: c.Patch, Expect: c.Expect})
	if err != nil {
		return Answer{}, false, err
	}
	p, problems := planOf(view)
	ans.Plan = p
	if c.Approvals > 0 && pos.Status == change.Waiting && p.Unseen == nil && len(problems) == 0 {
		p.Code = change.Code(change.PlanDigest(c.ID, p.Before, c.Patch))
	}
	return ans, true, nil
}

// ended shows a change that was taken and has ended since.
func (r *request) ended(rec *record.Record) Answer {
	t := change.Target{RegionID: rec.RegionID, ServerID: rec.ServerID}
	key, _ := objects.RecordKey(rec.ID)
	return Answer{Outcome: Taken, Server: r.server(t, nil), Record: rec, Change: &Change{
		Target: t, ID: rec.ID, Status: rec.Status, Name: r.policy.NameOf(t), Patch: rec.Requested,
		Asker: cmp.Or(rec.Origin.Person, rec.Origin.Actor), Reason: rec.Reason, Ref: rec.Ref,
		Accepted: rec.AcceptedAt, Due: rec.DueAt, Record: key,
	}}
}

// said tells whether an earlier delivery of the message is among the votes.
func (r *request) said(votes []change.Vote) bool {
	return r.claimed.Again && slices.ContainsFunc(votes, func(v change.Vote) bool {
		return v.Account == r.asker.Origin.Actor && v.At.Equal(r.claimed.At)
	})
}

// saidBefore answers a word that an earlier delivery of the message said.
func (r *request) saidBefore(pos *reconcile.Position) Answer {
	t := pos.Entry.Target
	return Answer{Outcome: Taken, Lanes: []change.Target{t}, Server: r.server(t, nil), Change: r.stands(pos)} // likewise
}
