package reconcile

import (
	"context"
	"encoding/json"
	"slices"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lane"
	"sslvpnchange/internal/plan"
	"sslvpnchange/internal/queue"
)

// ready is the part of the due changes that nobody else must agree to.
func (d *drain) ready(entries []queue.Entry) []queue.Entry {
	now := d.Now()
	return slices.DeleteFunc(slices.Clone(entries), func(e queue.Entry) bool {
		return e.Err == nil && !plan.Ready(e.Change, e.Ballot(), now)
	})
}

// together is the first part of a batch that one modification may carry: what
// people agreed to goes alone, because they agreed to exactly that.
func (d *drain) together(entries []queue.Entry) []queue.Entry {
	now := d.Now()
	alone := func(e queue.Entry) bool {
		return e.Approvals > 0 && !plan.Ends(e.Change, e.Ballot(), now)
	}
	switch i := slices.IndexFunc(entries, alone); i {
	case -1:
		return entries
	case 0:
		return entries[:1]
	default:
		return entries[:i]
	}
}

// ballots are the votes on a batch, as a plan takes them.
func ballots(batch []queue.Entry) map[string][]change.Vote {
	out := map[string][]change.Vote{}
	for _, e := range batch {
		if len(e.Votes) > 0 {
			out[e.ID] = e.Ballot()
		}
	}
	return out
}

// withdrawn is the part of the entries that somebody took out of line.
func withdrawn(entries []queue.Entry) []queue.Entry {
	var out []queue.Entry
	for _, e := range entries {
		if _, ok := plan.Withdrawn(e.ID, e.Ballot()); ok {
			out = append(out, e)
		}
	}
	return out
}

// endWithdrawn ends changes that somebody took out of line, without a look at
// the server: that must work while the API is down, too. What the lane waits
// for, the changes behind them go on waiting for.
func (d *drain) endWithdrawn(ctx context.Context, gone []queue.Entry, hold *lane.Hold) (rep Report, again bool, err error) {
	if len(gone) == 0 {
		if hold != nil {
			d.barren = true
			err = d.handBack(ctx, hold)
		}
		return Report{}, true, err
	}
	in := &intent{StartedAt: d.Now().UTC()}
	for _, e := range gone {
		o, _ := plan.Withdrawn(e.ID, e.Ballot())
		in.Keys, in.Outcomes = append(in.Keys, e.Key), append(in.Outcomes, o)
	}
	dec := d.decide(in, verdict{})
	if w := d.st.Wait; w != nil { // they waited for it as well
		dec.Stalls = addStall(slices.Clone(dec.Stalls), stall{Cause: w.Cause, From: w.Since, To: dec.FinishedAt})
	}
	return d.hand(ctx, dec, gone, hold)
}

// dropStray deletes votes on changes that have ended.
func (d *drain) dropStray(ctx context.Context, keys []string) error {
	var old []string
	for _, key := range keys {
		d.requests.Add(1)
		ended, err := d.Records.Exists(ctx, queue.VotedOn(key))
		if err != nil {
			return err
		}
		if ended {
			old = append(old, key)
		}
	}
	return d.line.Remove(ctx, old...)
}

// owe notes who is to be told how a change ended: who asked, and whoever voted
// from elsewhere.
func (d *drain) owe(ctx context.Context, e queue.Entry) error {
	var replies []json.RawMessage
	if len(e.Reply) > 0 {
		replies = append(replies, e.Reply)
	}
	for _, v := range e.Votes {
		if len(v.Reply) > 0 {
			replies = append(replies, v.Reply)
		}
	}
	if len(replies) == 0 || d.Outbox == nil {
		return nil
	}
	d.requests.Add(1)
	return d.Outbox.Owe(ctx, d.target, e.ID, replies)
}
