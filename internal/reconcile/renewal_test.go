package reconcile_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// passes lets time pass for the function and the store.
func (h *harness) passes(d time.Duration) {
	h.Clock.Advance(d)
	h.OSS.Advance(d)
}

// lasting is an invocation of ten minutes.
func lasting(d *reconcile.Deps, _ *reconcile.Policy) { d.Deadline = d.Deadline.Add(9 * time.Minute) }

// leaseWrites is the number of generations that the lane has had.
func (h *harness) leaseWrites() int { return len(h.Keys(h.t.Context(), "lanes/")) }

// A worker that waits for longer than a lease lasts keeps it, and nobody else gets the
// lane meanwhile.
func TestAWorkerThatWaitsRenewsItsLease(t *testing.T) {
	t.Parallel()
	for _, step := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second} {
		t.Run(step.String(), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			id := h.set(change.Port, change.Number(1195))
			looks := int(3*time.Minute/step) + 1
			var others []reconcile.Report
			h.drain(lasting, watch(func(action string, n int) {
				switch {
				case action == modify:
					h.busyFor(time.Hour)
				case action != readGateway || n == 1:
				case n > looks:
					h.busyFor(0)
				default:
					h.passes(step)
					others = append(others, h.drain())
				}
			}))
			rec := h.ends(id, change.Applied)
			for i, rep := range others {
				if rep.Standing != reconcile.Leased {
					t.Errorf("another worker that comes at look %d reports %+v", i, rep)
				}
			}
			// Two generations, and one each time that a third of the lease is over.
			want := 2 + min(looks-1, int(3*time.Minute/(15*time.Second)))
			if n := h.leaseWrites(); n < 2+3 || n > want {
				t.Errorf("%d generations, at most %d expected", n, want)
			}
			if rec.Waited.Gateway < (110*time.Second).Milliseconds() || rec.Waited.Recovery != 0 || h.sent() != 1 {
				t.Errorf("waited %+v, sent %d times", rec.Waited, h.sent())
			}
		})
	}
}

// A worker that waits dies: after the lease another one goes on, and the record has how
// long the worker waited, and for how long its lease blocked the lane.
func TestAWorkerThatDiesWhileItWaitsIsReplacedWithinAMinute(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	m := &mortal{}
	m.left.Store(1 << 30)
	_, err := h.reconciler(lasting, kill(m), watch(func(action string, n int) {
		switch {
		case action == modify:
			h.busyFor(time.Hour)
		case action == readGateway && n > 1:
			if h.passes(20 * time.Second); n > 6 {
				m.left.Store(0)
			}
		}
	})).Drain(t.Context(), h.server)
	if err == nil {
		t.Fatal("the worker lives on")
	}
	h.passes(20 * time.Second)
	rep := h.drain(func(_ *reconcile.Deps, p *reconcile.Policy) { p.Wakes = true })
	if wake := rep.WakeAt.Sub(h.Clock.Now()); rep.Standing != reconcile.Leased || wake < time.Second || wake > 45*time.Second+2*lane.Slack || rep.Gen != 0 {
		t.Fatalf("the next worker reports %+v", rep)
	}
	h.passes(rep.WakeAt.Sub(h.Clock.Now()) + time.Second)
	h.busyFor(0)
	h.drain()
	rec := h.ends(id, change.Applied)
	recovery := time.Duration(rec.Waited.Recovery) * time.Millisecond
	gateway := time.Duration(rec.Waited.Gateway) * time.Millisecond
	if recovery < 45*time.Second || recovery > 60*time.Second || gateway < 75*time.Second || gateway > 125*time.Second || h.sent() != 1 {
		t.Errorf("recovery %v, gateway %v, sent %d times", recovery, gateway, h.sent())
	}
}

// After a renewal whose outcome is not known the worker stops, whether it landed or not.
func TestAWorkerStopsAfterARenewalWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for _, landed := range []bool{false, true} {
		h := newHarness(t)
		id := h.set(change.Port, change.Number(1195))
		h.busyFor(time.Hour)
		cut := &cutRenewals{Bucket: h.Store, landed: landed}
		_, err := h.reconciler(lasting, func(d *reconcile.Deps, _ *reconcile.Policy) {
			d.Bucket, d.Records = cut, record.NewRecords(cut)
		}, watch(func(action string, n int) {
			if action == readGateway {
				h.passes(20 * time.Second)
				h.busyFor(0)
			}
		})).Drain(t.Context(), h.server)
		if !errors.Is(err, errBroken) {
			t.Fatalf("landed %v: the drain says %v", landed, err)
		}
		if h.sent() != 0 || cut.writes != 2 {
			t.Errorf("landed %v: sent %d times, %d generations written", landed, h.sent(), cut.writes)
		}
		if rep := h.drain(); rep.Standing != reconcile.Leased {
			t.Errorf("landed %v: the next worker reports %+v", landed, rep)
		}
		h.passes(reconcile.DefaultPolicy().Lease + 2*lane.Slack)
		h.drain()
		h.ends(id, change.Applied)
		h.modifies(1)
	}
}

// cutRenewals is a bucket that does not answer the second generation and later ones.
type cutRenewals struct {
	reconcile.Bucket

	landed bool
	writes int
}

func (c *cutRenewals) Create(ctx context.Context, key string, data []byte) error {
	if !strings.HasPrefix(key, "lanes/") {
		return c.Bucket.Create(ctx, key, data)
	}
	if c.writes++; c.writes == 1 {
		return c.Bucket.Create(ctx, key, data)
	}
	if c.landed {
		if err := c.Bucket.Create(ctx, key, data); err != nil {
			return err
		}
	}
	return errBroken
}

// If the looks before a send have taken long, the lease is renewed before it, and the
// worker looks once more.
func TestTheLeaseIsRenewedBeforeASend(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultReset})
	slow := false
	h.drain(lasting, func(_ *reconcile.Deps, p *reconcile.Policy) { p.CallTime = 10 * time.Second }, watch(func(action string, n int) {
		if action == modify && n == 1 {
			slow = true
		}
		if slow && action == readGateway {
			slow = false
			h.passes(25 * time.Second) // less than a modification needs is left
		}
	}))
	rec := h.ends(id, change.Applied)
	if rec.Waited.Recovery != 0 || h.leaseWrites() != 3 {
		t.Errorf("waited %+v, %d generations", rec.Waited, h.leaseWrites())
	}
	h.oneToken(2)
	if reads := len(h.VPC.Calls(readServer)); reads < 4 { // plan, recovery, once more after the renewal, read-back
		t.Errorf("the server was read %d times", reads)
	}
}

// An earlier version holds the lease for as long as its invocation lasts: that counts.
func TestALeaseOfAnEarlierVersionCounts(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	w := lane.Worker{Store: h.Store, Owner: "earlier", Now: h.Clock.Now, Nonce: func() string { return "n" }}
	if _, err := lane.Open(w, h.server).Acquire(t.Context(), lane.Head{}, 315*time.Second, struct{}{}); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		h.passes(50 * time.Second)
		if rep := h.drain(); rep.Standing != reconcile.Leased {
			t.Fatalf("the lane reports %+v", rep)
		}
	}
	h.pending(id)
	h.passes(20 * time.Second)
	h.drain()
	if rec := h.ends(id, change.Applied); rec.Waited.Recovery < (300 * time.Second).Milliseconds() {
		t.Errorf("waited %+v", rec.Waited)
	}
}

// A decision stays in the lane until its records are written: the lease is renewed
// meanwhile, in the worker that decided and in the one that completes its decision.
func TestARenewalKeepsTheDecisionWhoseRecordsAreWritten(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var ids []string
	for i := range 150 {
		ids = append(ids, h.set(change.Port, change.Number(1200+i)))
	}
	for worker := range 2 {
		before := h.leaseWrites()
		dying := &slowRecorder{Bucket: h.Store, slow: func() { h.passes(20 * time.Second) }, dies: 140}
		_, err := h.reconciler(lasting, func(d *reconcile.Deps, _ *reconcile.Policy) {
			d.Bucket, d.Records = dying, record.NewRecords(dying)
		}).Drain(t.Context(), h.server)
		if !errors.Is(err, errDead) {
			t.Fatalf("worker %d lives on: %v", worker, err)
		}
		if n := h.leaseWrites() - before; n < 2 {
			t.Fatalf("worker %d wrote %d generations", worker, n)
		}
		h.passes(reconcile.DefaultPolicy().Lease + 2*lane.Slack)
	}
	h.drain()
	for _, id := range ids[:len(ids)-1] {
		h.ends(id, change.Superseded)
	}
	h.ends(ids[len(ids)-1], change.Applied)
	h.modifies(1)
	h.queueEmpty()
}

// slowRecorder is a worker's bucket: the first record takes long, and after some records
// the worker dies.
type slowRecorder struct {
	reconcile.Bucket

	slow    func()
	dies    int64
	records atomic.Int64
}

func (s *slowRecorder) Create(ctx context.Context, key string, data []byte) error {
	if !strings.HasPrefix(key, "results/") {
		if s.records.Load() >= s.dies {
			return errDead
		}
		return s.Bucket.Create(ctx, key, data)
	}
	switch n := s.records.Add(1); {
	case n >= s.dies:
		return errDead
	case n == 1:
		s.slow()
	}
	return s.Bucket.Create(ctx, key, data)
}

// A sweep that finds a lease that was not renewed waits until it has expired.
func TestASweepTakesOverADeadWorkersLane(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		age  time.Duration // of the lease, by the store's clock
		ttl  time.Duration
		ends bool
	}{
		"a lease that was renewed a moment ago": {5 * time.Second, 45 * time.Second, false},
		"a lease that was not renewed":          {45 * time.Second, 45 * time.Second, true},
		"a lease of an earlier version":         {100 * time.Second, 315 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			id := h.set(change.Port, change.Number(1195))
			w := lane.Worker{Store: h.Store, Owner: "other", Now: h.Clock.Now, Nonce: func() string { return "n" }}
			if _, err := lane.Open(w, h.server).Acquire(t.Context(), lane.Head{}, tt.ttl, struct{}{}); err != nil {
				t.Fatal(err)
			}
			h.passes(tt.age)
			rep, err := h.reconciler().Sweep(t.Context(), nil)
			if err != nil || len(rep.Lanes) != 1 || rep.Lanes[0].Standing != reconcile.Leased {
				t.Fatalf("the sweep reports %+v, %v", rep, err)
			}
			if !tt.ends {
				h.pending(id)
				return
			}
			h.ends(id, change.Applied)
		})
	}
}
