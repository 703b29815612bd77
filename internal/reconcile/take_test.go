package reconcile_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/reconcile"
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

// longLine puts more changes in line than are read at one go.
func longLine(b *bench) []string {
	var ids []string
	for i := range reconcile.DefaultPolicy().LongQueue + 1 {
		ids = append(ids, b.set(change.Port, change.Number(1200+i)))
	}
	return ids
}

// Of many workers that come to a long line at once, one reads it, once.
func TestALongLineIsReadOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ids := longLine(b)
	r := &reads{Bucket: b.Store, byKey: map[string]int{}}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := b.reconciler(func(d *reconcile.Deps, _ *reconcile.Policy) { d.Bucket = r }).Drain(t.Context(), b.server)
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, id := range ids[:len(ids)-1] {
		b.ends(id, change.Superseded)
	}
	b.ends(ids[len(ids)-1], change.Applied)
	b.modifies(1)
	b.lineEmpty()
	for key, n := range r.byKey {
		if n > 1 {
			t.Errorf("%s was read %d times", key, n)
		}
	}
	if len(r.byKey) != len(ids) {
		t.Errorf("%d entries were read", len(r.byKey))
	}
}

// A lane that was taken for its line is given back when the line cannot be read:
// the next look need not wait for the hold to expire.
func TestALaneWhoseLineCannotBeReadIsGivenBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ids := longLine(b)
	r := &reads{Bucket: b.Store, byKey: map[string]int{}, broken: true}
	_, err := b.reconciler(func(d *reconcile.Deps, _ *reconcile.Policy) { d.Bucket = r }).Drain(t.Context(), b.server)
	if !errors.Is(err, errBroken) {
		t.Fatalf("the drain fails with %v", err)
	}
	if rep := b.drain(); rep.Ended != len(ids) {
		t.Errorf("the next look reports %+v", rep)
	}
	b.lineEmpty()
}

// A long line in which nothing can be done is taken once in a look, and left.
func TestALongLineThatWaitsForPeopleIsTakenOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var ids []string
	for i := range reconcile.DefaultPolicy().LongQueue + 1 {
		ids = append(ids, b.submit(func(c *change.Change) {
			c.Patch, c.Approvals = change.Patch{change.Port: change.Number(1200 + i)}, 1
		}))
	}
	if rep := b.drain(); rep.Standing != reconcile.Waits || rep.Ended != 0 {
		t.Errorf("the look reports %+v", rep)
	}
	if steps := b.Keys(t.Context(), objects.LanePrefix(b.server)); len(steps) != 2 {
		t.Errorf("the lane took %d steps: %q", len(steps), steps)
	}
	b.pending(ids[0])
}
