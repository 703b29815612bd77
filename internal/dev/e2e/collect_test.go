package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/lane"
)

// oldRuns is how many dry runs have ended before the collection. Each writes one
// generation of the lane and two claims: of the delivery and of its token.
const oldRuns = lane.MinKept + 4

const dryRun = "dryRun: true\n"

// prepareOld submits a file and many requests, all of them dry runs.
func prepareOld(ctx context.Context, h *harness, _ *reaper) error {
	if err := h.Drop("changes/port.yaml", []byte(dryRun+portChange(1195))); err != nil {
		return err
	}
	if err := h.FC().Wait(ctx); err != nil {
		return err
	}
	for i := 1; i < oldRuns; i++ {
		a, err := h.post(ctx, fmt.Sprintf("old-%d", i), dryRun+portChange(1195))
		if err != nil || a.status != http.StatusAccepted {
			return fmt.Errorf("answered %d %s, %w", a.status, a.body, err)
		}
		if err := h.FC().Wait(ctx); err != nil {
			return err
		}
	}
	return h.bucketHas(map[string]int{"lanes/": oldRuns, "claims/": 2 * (oldRuns - 1), "results/": oldRuns, "receipts/": 1, "queue/": 0})
}

// settleCollected waits until the old objects, and nothing else, have been
// deleted, and then applies a change.
func settleCollected(ctx context.Context, h *harness) error {
	want := []string{generation(1)}
	for gen := int64(oldRuns); gen > oldRuns-lane.MinKept; gen-- {
		want = append(want, generation(gen))
	}
	slices.Sort(want)
	collected := func() error {
		if got := h.keys("lanes/"); !slices.Equal(got, want) {
			return fmt.Errorf("the lane has %q, want %q", got, want)
		}
		return h.bucketHas(map[string]int{"claims/": 0, "results/": oldRuns, "receipts/": 1, "queue/": 0, "changes/": 1})
	}
	if err := h.settle(ctx, func() bool { return collected() == nil }); err != nil {
		return errors.Join(err, collected())
	}
	a, err := h.post(ctx, "new-1", portChange(1195))
	if err != nil || a.status != http.StatusAccepted {
		return fmt.Errorf("answered %d %s, %w", a.status, a.body, err)
	}
	if err := h.settle(ctx, func() bool { return len(h.keys("results/")) == oldRuns+1 }); err != nil {
		return err
	}
	if s := h.VPC().Snapshot(); s.Effective != 1 {
		return fmt.Errorf("%d effective modifications, want 1", s.Effective)
	}
	if !slices.Contains(h.keys("lanes/"), generation(oldRuns+2)) {
		return fmt.Errorf("the lane did not go on from generation %d: %q", oldRuns, h.keys("lanes/"))
	}
	return nil
}

// generation returns the key of a generation of the server's lane.
func generation(n int64) string {
	return fmt.Sprintf("lanes/%s/%s/%019d.json", region, serverID, math.MaxInt64-n)
}

// bucketHas compares the number of objects below some prefixes.
func (h *harness) bucketHas(want map[string]int) error {
	var errs []error
	for prefix, n := range want {
		if got := h.keys(prefix); len(got) != n {
			errs = append(errs, fmt.Errorf("below %s: %q, want %d", prefix, got, n))
		}
	}
	return errors.Join(errs...)
}
