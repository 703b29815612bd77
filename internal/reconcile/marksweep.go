package reconcile

import "context"

// MarkSweep marks the sweep's state, so that the next sweep shows by it that there was
// one: it begins to collect old objects anew, as every hour, and writes the state.
// Nothing depends on the mark; a sweep under way may overwrite it.
func (r *Reconciler) MarkSweep(ctx context.Context) error {
	st := r.readSweep(ctx)
	st.Collecting, st.CollectedAt = false, sweepState{}.CollectedAt
	return r.writeSweep(ctx, st)
}

// Swept reports whether there was a sweep since MarkSweep.
func (r *Reconciler) Swept(ctx context.Context) bool {
	st := r.readSweep(ctx)
	return st.Collecting || !st.CollectedAt.IsZero()
}
