package reconcile

import (
	"context"

	"sslvpnchange/internal/change"
)

// Woken is a lane for which a wake-up came.
type Woken struct {
	Target change.Target
	// Gen is the generation of the lane's chain to which the wake-up belongs; 0: none. A
	// wake-up of an older generation than the newest one ends: another chain of wake-ups
	// has replaced its own.
	Gen int64
}

// DrainWoken drains the lanes of wake-ups whose moment has come. A lane that still waits
// for the same, and whose wait costs one look, is looked at without a lease and without
// a write.
func (r *Reconciler) DrainWoken(ctx context.Context, lanes []Woken) ([]Report, error) {
	targets := make([]change.Target, len(lanes))
	for i, l := range lanes {
		targets[i] = l.Target
	}
	return r.DrainAll(ctx, targets)
}
