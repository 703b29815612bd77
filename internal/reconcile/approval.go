package reconcile

import (
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

// ready is the part of the due entries that lack no approval.
func ready(entries []queue.Entry, now time.Time) []queue.Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e queue.Entry) bool {
		return e.Err == nil && !plan.Ready(e.Change, e.CastVotes(), now)
	})
}

// untilSeparate is the first part of the entries that may be merged. A change
// that was approved is sent separately: people approved exactly its plan. So is one
// with a condition, one that is to be confirmed, one that overrides a freeze, and an undo.
func untilSeparate(entries []queue.Entry, now time.Time) []queue.Entry {
	separate := func(e queue.Entry) bool {
		return (e.Approvals > 0 || e.Idle > 0 || !e.Confirm.IsZero() || e.Override != "" || e.Undoes != nil) && !plan.Ends(e.Change, e.CastVotes(), now)
	}
	switch i := slices.IndexFunc(entries, separate); i {
	case -1:
		return entries
	case 0:
		return entries[:1]
	default:
		return entries[:i]
	}
}

// votesOn are the votes on a batch by change, as a plan takes them.
func votesOn(batch []queue.Entry) map[string][]change.Vote {
	out := map[string][]change.Vote{}
	for _, e := range batch {
		if len(e.Votes) > 0 {
			out[e.ID] = e.CastVotes()
		}
	}
	return out
}

// withdrawn is the part of the entries that somebody cancelled or rejected.
func withdrawn(entries []queue.Entry) []queue.Entry {
	var out []queue.Entry
	for _, e := range entries {
		if _, ok := plan.Withdrawn(e.Change, e.CastVotes()); ok {
			out = append(out, e)
		}
	}
	return out
}

// approvals are the changes that need approval, as the last round saw them.
func (d *drain) approvals() Approvals {
	out := Approvals{Ended: d.records.approved}
	for _, e := range d.known.read {
		if e.Err == nil && e.Approvals > 0 && !slices.ContainsFunc(out.Ended, func(c change.Change) bool { return c.ID == e.ID }) {
			c := e.Change
			c.Reply = nil
			out.Waiting = append(out.Waiting, c)
		}
	}
	for _, key := range d.known.later {
		if c, ok := objects.ParseEntryKey(key); ok {
			out.Later = append(out.Later, c.ID)
		}
	}
	return out
}

// Plus adds the changes of another lane.
func (a Approvals) Plus(other Approvals) Approvals {
	return Approvals{
		Waiting: slices.Concat(a.Waiting, other.Waiting), Ended: slices.Concat(a.Ended, other.Ended), Later: slices.Concat(a.Later, other.Later),
	}
}

// IDs are the ids of all of them.
func (a Approvals) IDs() []string {
	out := slices.Clone(a.Later)
	for _, c := range slices.Concat(a.Ended, a.Waiting) {
		out = append(out, c.ID)
	}
	return out
}
