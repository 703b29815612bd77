package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"

	"sslvpnchange/internal/lane"
)

// oldRuns is how many dry runs are over when the collection comes. Each takes
// one step of the lane and leaves one claim.
const oldRuns = lane.MinKept + 4

const dryRun = "dryRun: true\n"

// prepareOld has a file and many requests taken, all of them dry runs.
func prepareOld(ctx context.Context, w *world, _ *reaper) error {
	if err := w.Drop("changes/port.yaml", []byte(dryRun+portChange(1195))); err != nil {
		return err
	}
	if err := w.FC().Wait(ctx); err != nil {
		return err
	}
	for i := 1; i < oldRuns; i++ {
		a, err := w.post(ctx, fmt.Sprintf("old-%d", i), dryRun+portChange(1195))
		if err != nil || a.status != http.StatusAccepted {
			return fmt.Errorf("answered %d %s, %w", a.status, a.body, err)
		}
		if err := w.FC().Wait(ctx); err != nil {
			return err
		}
	}
	return w.bucketHas(map[string]int{"lanes/": oldRuns, "claims/": oldRuns - 1, "results/": oldRuns, "receipts/": 1, "queue/": 0})
}

// settleCollected waits until what is old is gone, and nothing else, and then
// has the lane take a change.
func settleCollected(ctx context.Context, w *world) error {
	want := []string{generation(1)}
	for gen := int64(oldRuns); gen > oldRuns-lane.MinKept; gen-- {
		want = append(want, generation(gen))
	}
	slices.Sort(want)
	collected := func() error {
		if got := w.keys("lanes/"); !slices.Equal(got, want) {
			return fmt.Errorf("the lane has %q, want %q", got, want)
		}
		return w.bucketHas(map[string]int{"claims/": 0, "results/": oldRuns, "receipts/": 1, "queue/": 0, "changes/": 1})
	}
	if err := w.settle(ctx, func() bool { return collected() == nil }); err != nil {
		return errors.Join(err, collected())
	}
	a, err := w.post(ctx, "new-1", portChange(1195))
	if err != nil || a.status != http.StatusAccepted {
		return fmt.Errorf("answered %d %s, %w", a.status, a.body, err)
	}
	if err := w.settle(ctx, func() bool { return len(w.keys("results/")) == oldRuns+1 }); err != nil {
		return err
	}
	if s := w.VPC().Snapshot(); s.Effective != 1 {
		return fmt.Errorf("%d effective modifications, want 1", s.Effective)
	}
	if !slices.Contains(w.keys("lanes/"), generation(oldRuns+2)) {
		return fmt.Errorf("the lane did not go on from generation %d: %q", oldRuns, w.keys("lanes/"))
	}
	return nil
}

// generation is the key of a step of the server's lane.
func generation(n int64) string {
	return fmt.Sprintf("lanes/%s/%s/%019d.json", region, serverID, math.MaxInt64-n)
}

// bucketHas compares how many objects there are below some prefixes.
func (w *world) bucketHas(want map[string]int) error {
	var errs []error
	for prefix, n := range want {
		if got := w.keys(prefix); len(got) != n {
			errs = append(errs, fmt.Errorf("below %s: %q, want %d", prefix, got, n))
		}
	}
	return errors.Join(errs...)
}
