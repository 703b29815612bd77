package reconcile

import (
	"context"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/index"
)

// mergeEvery is how often the sweep looks whether there is something to merge in the
// index. While there is, each sweep does one merge.
const mergeEvery = time.Hour

// mergeIndex merges rows of the index.
func (r *Reconciler) mergeIndex(ctx context.Context, st *sweepState) (merged bool, err error) {
	if r.limits.now().Sub(st.MergedAt) < mergeEvery {
		return false, nil
	}
	merged, more, err := index.New(r.deps.Bucket, r.deps.Log).Merge(ctx)
	if err == nil && !more {
		st.MergedAt = r.limits.now().UTC()
	}
	return merged, err
}
