package reconcile

import (
	"context"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Old objects are collected every collectEvery, a bounded number of them in each
// sweep. Claims are kept for claimAge: longer than any platform redelivers.
const (
	collectEvery = time.Hour
	collectLanes = 20
	claimPages   = 2
	claimAge     = 30 * 24 * time.Hour
)

// collect deletes old generations of lanes and old claims. It continues where the
// last sweep stopped. Receipts and records are never collected.
func (r *Reconciler) collect(ctx context.Context, st *sweepState) (int, error) {
	if !st.Collecting {
		if r.limits.now().Sub(st.CollectedAt) < collectEvery {
			return 0, nil
		}
		st.Collecting = true
	}
	n, lanesDone, err := r.collectLanes(ctx, st)
	if err != nil {
		return n, err
	}
	m, claimsDone, err := r.collectClaims(ctx, st)
	if err != nil {
		return n + m, err
	}
	if lanesDone && claimsDone {
		st.Collecting, st.CollectedAt = false, r.limits.now().UTC()
	}
	return n + m, nil
}

// collectLanes collects some lanes' old generations after st.LanesAfter.
func (r *Reconciler) collectLanes(ctx context.Context, st *sweepState) (n int, done bool, err error) {
	for range collectLanes {
		// Beyond "<lane>/~" comes the next lane: one listing for each lane.
		page, err := r.deps.Bucket.List(ctx, blob.ListOptions{Prefix: objects.Lanes, After: st.LanesAfter, Max: 1})
		if err != nil {
			return n, false, err
		}
		if len(page.Entries) == 0 {
			st.LanesAfter = ""
			return n, true, nil
		}
		key := page.Entries[0].Key
		dir := key[:strings.LastIndexByte(key, '/')]
		t, ok := change.ParseTarget(strings.TrimPrefix(dir, objects.Lanes))
		if !ok {
			st.LanesAfter = key // a foreign object
			continue
		}
		m, err := lane.Collect(ctx, r.deps.Bucket, t)
		n += m
		if err != nil {
			return n, false, err
		}
		st.LanesAfter = dir + "/~"
	}
	return n, false, nil
}

// collectClaims deletes claims that are too old after st.ClaimsAfter.
func (r *Reconciler) collectClaims(ctx context.Context, st *sweepState) (n int, done bool, err error) {
	for range claimPages {
		page, err := r.deps.Bucket.List(ctx, blob.ListOptions{Prefix: objects.Claims, After: st.ClaimsAfter})
		if err != nil {
			return n, false, err
		}
		var old []string
		for _, e := range page.Entries {
			if page.Now.Sub(e.LastModified) > claimAge {
				old = append(old, e.Key)
			}
		}
		if len(old) > 0 {
			if err := r.deps.Bucket.Delete(ctx, old...); err != nil {
				return n, false, err
			}
			n += len(old)
		}
		if st.ClaimsAfter = page.Next; page.Next == "" {
			return n, true, nil
		}
	}
	return n, false, nil
}
