package reconcile

import (
	"context"
	"sync"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/fanout"
	"sslvpnchange/internal/lane"
	"sslvpnchange/internal/queue"
)

// Scan reads queued changes: see queue.Scan.
func (r *Reconciler) Scan(ctx context.Context, s queue.Scan) (entries []queue.Entry, more bool, err error) {
	return r.queue.Scan(ctx, s)
}

// Positions returns how far queued changes are. It reads the state of each lane at most
// once, and only of lanes whose changes wait for it: two requests for each.
func (r *Reconciler) Positions(ctx context.Context, entries []queue.Entry) ([]*Position, error) {
	lanes := map[change.Target]func() (state, lane.Head, error){}
	for _, e := range entries {
		if lanes[e.Target] == nil {
			lanes[e.Target] = onceLane(func() (state, lane.Head, error) { return r.remembered(ctx, e.Target) })
		}
	}
	out := make([]*Position, len(entries))
	err := fanout.Each(ctx, len(entries), parallel, func(_ context.Context, i int) (err error) {
		out[i], err = r.positionIn(entries[i], lanes[entries[i].Target])
		return err
	})
	return out, err
}

// onceLane is sync.OnceValue for what is known of a lane.
func onceLane(read func() (state, lane.Head, error)) func() (state, lane.Head, error) {
	var once sync.Once
	var st state
	var head lane.Head
	var err error
	return func() (state, lane.Head, error) {
		once.Do(func() { st, head, err = read() })
		return st, head, err
	}
}
