package executor

import (
	"cmp"
	"context"
	"errors"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/listing"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// MaxListed bounds the changes that an answer lists.
const MaxListed = 10

// status shows a change, a server with its queue, or all queued changes.
func (r *request) status(ctx context.Context) (Answer, error) {
	switch {
	case r.cmd.Change != "":
		return r.changeStatus(ctx)
	case r.cmd.Server != "":
		return r.serverStatus(ctx)
	default:
		return r.queueStatus(ctx)
	}
}

func (r *request) changeStatus(ctx context.Context) (Answer, error) {
	rec, pos, err := r.find(ctx)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return Answer{}, r.noChange()
	case err != nil:
		return Answer{}, err
	case rec != nil:
		t := change.Target{RegionID: rec.RegionID, ServerID: rec.ServerID}
		if err := r.mayFind(t, rec.Origin); err != nil {
			return Answer{}, err
		}
		return Answer{Outcome: Shown, Server: r.server(t, nil), Record: rec}, nil
	}
	c := pos.Entry.Change
	if err := r.mayFind(c.Target, c.Origin); err != nil {
		return Answer{}, err
	}
	ans := Answer{Outcome: Shown, Server: r.server(c.Target, nil), Change: r.position(pos)}
	ans.May = r.mayWith(c)
	if pos.Approval != nil && pos.Status == change.Waiting {
		// Approvers see the plan here, and the code that approves it.
		ans.Plan, ans.Problems, err = r.planOfQueued(ctx, c)
	}
	return ans, err
}

func (r *request) serverStatus(ctx context.Context) (Answer, error) {
	t, err := r.readable(ctx)
	if err != nil {
		return Answer{}, err
	}
	view, err := r.preview(ctx, change.Request{Target: t})
	if err != nil {
		return Answer{}, err
	}
	ans := Answer{Outcome: Shown, Server: r.server(t, view.Before)}
	if view.Unseen {
		ans.Plan, _ = planOf(view)
	} else if len(view.Problems) > 0 {
		return ans.refuse(NotFound, view.Problems...), nil
	}
	waiting, err := r.Reconciler.Waiting(ctx, t, MaxListed)
	if err != nil {
		return Answer{}, err
	}
	ans.Queue = r.positions(waiting)
	return ans, nil
}

// readable finds the server that the command names, for somebody who may read
// it.
func (r *request) readable(ctx context.Context) (change.Target, error) {
	t, err := r.target(ctx)
	if err == nil {
		err = r.may(policy.Read, t, nil)
	}
	return t, err
}

// MaxStates bounds the servers that are read for a list, and readsAtOnce the reads at
// the same time: the API allows 600 reads a minute for a region.
const (
	MaxStates   = 20
	readsAtOnce = 5
)

// servers lists the servers that the sender may see, with what the first of them do now.
func (r *request) servers(ctx context.Context) (Answer, error) {
	ans := Answer{Outcome: Shown, Servers: []Server{}}
	for _, s := range r.policy.ServersFor(r.who) {
		ans.Servers = append(ans.Servers, *r.server(s.Target, nil))
	}
	ctx, cancel := context.WithTimeout(ctx, PreviewTime)
	defer cancel()
	err := fanout.Each(ctx, min(len(ans.Servers), MaxStates), readsAtOnce, func(ctx context.Context, i int) error {
		state := r.Reconciler.State(ctx, ans.Servers[i].Target)
		ans.Servers[i].State = &state
		return nil
	})
	return ans, err
}

func (r *request) queueStatus(ctx context.Context) (Answer, error) {
	ans := Answer{Outcome: Shown, Queue: []Change{}}
	page, err := r.listFor(ctx, []change.Status{listing.Waits}, func(c Change) { ans.Queue = append(ans.Queue, c) })
	ans.Page = page
	return ans, err
}

// listFor is the list that the command asks for; by default of changes with one of these
// statuses. Waits is called for each change that waits.
func (r *request) listFor(ctx context.Context, statuses []change.Status, waits func(Change)) (*listing.Page, error) {
	if len(r.cmd.Statuses) > 0 {
		statuses = r.cmd.Statuses
	}
	return r.list(ctx, listing.Query{
		Statuses: statuses, Server: r.cmd.Server, RegionID: r.cmd.Region, By: r.cmd.By, Since: r.cmd.Since, Limit: cmp.Or(r.cmd.Limit, MaxListed), Cursor: r.cmd.More,
	}, waits)
}

// position describes a queued change with where it stands.
func (r *request) position(pos *reconcile.Position) *Change {
	var approvals []change.Vote
	if pos.Approval != nil {
		approvals = pos.Approval.Agreed
	}
	c := r.queued(pos.Entry.Change, pos.Status, approvals)
	c.Due = pos.DueAt // of an undo, people may have moved it
	c.Cause, c.Why, c.Next, c.Connected, c.WaitsFor, c.Behind = pos.Cause, pos.Why, pos.Next, pos.Connected, pos.WaitsFor, pos.Behind
	c.Window = nil
	if pos.Status != change.Applying { // what was sent is finished
		c.Window = r.gate(pos.Entry.Request, pos.Entry.Undoes != nil, pos.DueAt)
	}
	return c
}

// positions describes the changes that the sender may see.
func (r *request) positions(waiting []*reconcile.Position) []Change {
	out := make([]Change, 0, len(waiting))
	for _, pos := range waiting {
		if r.policy.May(r.who, policy.Read, pos.Entry.Target, nil) == nil {
			out = append(out, *r.position(pos))
		}
	}
	return out
}

// history lists the last changes that ended. Those of one server are remembered by its
// lane; the others come from the index.
func (r *request) history(ctx context.Context) (Answer, error) {
	if c := r.cmd; c.Server == "" || len(c.Statuses) > 0 || c.By != "" || c.Since != (change.Bound{}) || c.More != "" {
		page, err := r.listFor(ctx, []change.Status{listing.Ends}, func(Change) {})
		return Answer{Outcome: Shown, Page: page}, err
	}
	t, err := r.readable(ctx)
	if err != nil {
		return Answer{}, err
	}
	past, err := r.Reconciler.Past(ctx, t)
	if err != nil {
		return Answer{}, err
	}
	limit := MaxListed
	if r.cmd.Limit > 0 {
		limit = r.cmd.Limit
	}
	past = past[:min(len(past), limit)]
	records := make([]*record.Record, len(past))
	err = fanout.Each(ctx, len(past), len(past)+1, func(ctx context.Context, i int) error {
		rec, err := r.Records.Read(ctx, past[i].ID)
		if errors.Is(err, blob.ErrNotFound) {
			return nil // it is being written
		}
		records[i] = &rec
		return err
	})
	if err != nil {
		return Answer{}, err
	}
	ans := Answer{Outcome: Shown, Server: r.server(t, nil), History: []record.Record{}}
	for _, rec := range records {
		if rec != nil {
			ans.History = append(ans.History, *rec)
		}
	}
	return ans, nil
}
