package reconcile

import (
	"context"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

// Scan reads queued changes: see queue.Scan.
func (r *Reconciler) Scan(ctx context.Context, s queue.Scan) (entries []queue.Entry, more bool, err error) {
	return r.queue.Scan(ctx, s)
}

// Positions returns how far queued changes are. It reads the state of each lane at most
// once, and only of lanes whose changes wait for it: two requests for each.
func (r *Reconciler) Positions(ctx context.Context, entries []queue.Entry) ([]*Position, error) {
	out := make([]*Position, len(entries))
	var lanes []change.Target
	var behind []*Position // changes that wait for their lanes
	for i, e := range entries {
		out[i] = newPosition(e)
		if r.waitsForItself(out[i]) {
			continue
		}
		behind = append(behind, out[i])
		if !slices.Contains(lanes, e.Target) {
			lanes = append(lanes, e.Target)
		}
	}
	states, heads := make([]state, len(lanes)), make([]lane.Head, len(lanes))
	err := fanout.Each(ctx, len(lanes), parallel, func(ctx context.Context, i int) (err error) {
		states[i], heads[i], err = r.remembered(ctx, lanes[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, pos := range behind {
		i := slices.Index(lanes, pos.Entry.Target)
		pos.Next = r.limits.nextLook().Truncate(time.Second)
		r.standsInLane(pos, heads[i], states[i])
	}
	return out, nil
}

// newPosition is the position of a change of which nothing else is known.
func newPosition(e queue.Entry) *Position {
	return &Position{
		ID: e.ID, Status: change.Queued, AcceptedAt: e.AcceptedAt, DueAt: e.DueAt, ExpiresAt: e.ExpiresAt, Entry: e,
		Confirm: e.Confirm, When: change.Idle(e.Idle), Proof: e.Proof, Override: e.Override, Assistant: e.Origin.Assistant,
	}
}
