package reconcile_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// reads is a bucket that counts readings of entries, and fails them on demand.
type reads struct {
	reconcile.Bucket

	mu     sync.Mutex
	byKey  map[string]int
	broken bool
}

var errBroken = errors.New("the store does not answer")

func (r *reads) Get(ctx context.Context, key string, o blob.GetOptions) (blob.Object, error) {
	if strings.HasPrefix(key, "queue/") {
		r.mu.Lock()
		r.byKey[key]++
		broken := r.broken
		r.mu.Unlock()
		if broken {
			return blob.Object{}, errBroken
		}
	}
	return r.Bucket.Get(ctx, key, o)
}

// longQueue queues more changes than are read without a lease.
func longQueue(h *harness) []string {
	var ids []string
	for i := range reconcile.DefaultPolicy().LongQueue + 1 {
		ids = append(ids, h.set(change.Port, change.Number(1200+i)))
	}
	return ids
}

// Of many workers that come to a long queue at once, one reads it, once.
func TestALongQueueIsReadOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ids := longQueue(h)
	r := &reads{Bucket: h.Store, byKey: map[string]int{}}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := h.reconciler(func(d *reconcile.Deps, _ *reconcile.Policy) { d.Bucket = r }).Drain(t.Context(), h.server)
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, id := range ids[:len(ids)-1] {
		h.ends(id, change.Superseded)
	}
	h.ends(ids[len(ids)-1], change.Applied)
	h.modifies(1)
	h.queueEmpty()
	for key, n := range r.byKey {
		if n > 1 {
			t.Errorf("%s was read %d times", key, n)
		}
	}
	if len(r.byKey) != len(ids) {
		t.Errorf("%d entries were read", len(r.byKey))
	}
}

// A lane that was acquired for a long queue is released if the queue cannot be
// read: the next worker need not wait until the lease expires.
func TestALaneWhoseQueueCannotBeReadIsReleased(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ids := longQueue(h)
	r := &reads{Bucket: h.Store, byKey: map[string]int{}, broken: true}
	_, err := h.reconciler(func(d *reconcile.Deps, _ *reconcile.Policy) { d.Bucket = r }).Drain(t.Context(), h.server)
	if !errors.Is(err, errBroken) {
		t.Fatalf("the drain fails with %v", err)
	}
	if rep := h.drain(); rep.Ended != len(ids) {
		t.Errorf("the next look reports %+v", rep)
	}
	h.queueEmpty()
}

// A lane with a long queue in which nothing can be done is acquired once in a
// drain, and released.
func TestALongQueueThatWaitsForApprovalIsAcquiredOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var ids []string
	for i := range reconcile.DefaultPolicy().LongQueue + 1 {
		ids = append(ids, h.submit(func(c *change.Change) {
			c.Patch, c.Approvals = change.Patch{change.Port: change.Number(1200 + i)}, 1
		}))
	}
	if rep := h.drain(); rep.Standing != reconcile.Waits || rep.Ended != 0 {
		t.Errorf("the look reports %+v", rep)
	}
	if steps := h.Keys(t.Context(), objects.LanePrefix(h.server)); len(steps) != 2 {
		t.Errorf("the lane took %d steps: %q", len(steps), steps)
	}
	h.pending(ids[0])
}
