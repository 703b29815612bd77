package approval

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// read reads how far the changes of a request are, without their plans.
func (a *Approvals) read(ctx context.Context, r request, p *policy.Policy) ([]Change, error) {
	out := make([]Change, len(r.Changes))
	err := fanout.Each(ctx, len(out), parallel, func(ctx context.Context, i int) (err error) {
		out[i], err = a.readChange(ctx, r.Changes[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		c := &out[i]
		c.Server = c.ServerID
		if p != nil {
			c.Server = p.NameOf(c.Target)
			if c.Record == nil { // people see it also where the policy says so since
				c.Origin.Assistant = p.Assisted(c.Change)
			}
			if c.Phase != Ended && c.Phase != Missing {
				c.Approvers = p.Approvers(c.Change)
				c.Window = a.window(p, c.Change)
			}
		}
	}
	return out, nil
}

// window says whether a change may be sent when it is due, and when that changes.
func (a *Approvals) window(p *policy.Policy, c change.Change) *change.Gate {
	if c.DryRun || c.Undoes != nil {
		return nil
	}
	at := a.Now()
	if c.DueAt.After(at) {
		at = c.DueAt
	}
	return p.Gate(c.Request, at).Shown()
}

// readChange reads how far a change is. The record counts: it is written before the
// queue entry is deleted.
func (a *Approvals) readChange(ctx context.Context, of requested) (Change, error) {
	out := Change{Change: change.Change{Request: change.Request{Target: of.Target}, ID: of.ID, Approvals: of.Need}, Phase: Missing}
	var e queue.Entry
	var rec record.Record
	var inQueue, inRecords error
	var both sync.WaitGroup
	both.Go(func() { e, inQueue = a.queue.At(ctx, of.Key) })
	both.Go(func() { rec, inRecords = a.Records.Read(ctx, of.ID) })
	both.Wait()
	if errors.Is(inQueue, blob.ErrNotFound) && errors.Is(inRecords, blob.ErrNotFound) {
		rec, inRecords = a.Records.Read(ctx, of.ID) // it may have ended between the two
	}
	switch {
	case inRecords == nil:
		out.Phase, out.Record = Ended, &rec
		return out, nil
	case !errors.Is(inRecords, blob.ErrNotFound):
		return Change{}, inRecords
	case errors.Is(inQueue, blob.ErrNotFound):
		return out, nil
	case inQueue != nil:
		return Change{}, inQueue
	case e.Err != nil: // it ends with a record that says so
		out.Phase = Ending
		return out, nil //nolint:nilerr // the error is about the entry
	}
	out.Change, out.Reply = e.Change, nil
	votes, now := e.CastVotes(), a.Now()
	counted := plan.CountApprovals(e.Change, votes, now)
	for _, v := range counted.Agreed {
		out.Agreed = append(out.Agreed, v.Person)
	}
	switch {
	case plan.Ends(e.Change, votes, now):
		out.Phase = Ending
		out.Withdrawn = withdrawnBy(votes)
	case counted.Ready():
		out.Phase = Approved
	default:
		out.Phase = Waits
	}
	return out, nil
}

// withdrawnBy is the vote that ends a change; nil for one that expired.
func withdrawnBy(votes []change.Vote) *change.Vote {
	i := slices.IndexFunc(votes, func(v change.Vote) bool { return v.Kind == change.Cancel || v.Kind == change.Rejection })
	if i < 0 {
		return nil
	}
	return &votes[i]
}

// phases is a text that differs when something has become of the changes.
func phases(changes []Change) string {
	var b strings.Builder
	for _, c := range changes {
		b.WriteString(c.ID + " " + string(c.Phase) + " " + strings.Join(c.Agreed, ","))
		if c.Record != nil {
			b.WriteString(" " + string(c.Record.Status))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// maxPlans bounds the changes of a request whose plans are shown.
const maxPlans = 5

// MaxShown is how many changes a card shows in full. Of more, it lists the first and
// says how to list the others.
const MaxShown = maxPlans

// addPlans plans the first changes that wait.
func (a *Approvals) addPlans(ctx context.Context, changes []Change) {
	n := 0
	var servers [][]*Change // the API is asked about a server for one change at a time
	at := map[change.Target]int{}
	for i := range changes {
		c := &changes[i]
		if c.Phase != Waits || n == maxPlans {
			continue
		}
		n++
		k, known := at[c.Target]
		if !known {
			k = len(servers)
			at[c.Target], servers = k, append(servers, nil)
		}
		servers[k] = append(servers[k], c)
	}
	_ = fanout.Each(ctx, len(servers), maxPlans, func(ctx context.Context, i int) error {
		for _, c := range servers[i] {
			c.Plan = a.Plan(ctx, c.Change)
		}
		return nil // what cannot be read is said in the card
	})
}
