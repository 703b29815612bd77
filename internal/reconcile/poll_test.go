package reconcile_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// withWakes is an invocation that can set wake-ups.
func withWakes(_ *reconcile.Deps, p *reconcile.Policy) {
	p.Wakes, p.ShortWait = true, 100*time.Millisecond
}

// wake drains the lane as the wake-up of a report does, which is asked for.
func (h *harness) wake(rep reconcile.Report, edit ...func(*reconcile.Deps, *reconcile.Policy)) reconcile.Report {
	h.t.Helper()
	if rep.WakeAt.IsZero() || rep.Gen == 0 {
		h.t.Fatalf("no wake-up is wanted: %+v", rep)
	}
	h.pass(max(0, rep.WakeAt.Sub(h.Clock.Now())))
	out, err := h.reconciler(append([]func(*reconcile.Deps, *reconcile.Policy){withWakes}, edit...)...).DrainWoken(h.t.Context(), []reconcile.Woken{{Target: rep.Target, Gen: rep.Gen}})
	if err != nil || len(out) != 1 {
		h.t.Fatalf("%+v, %v", out, err)
	}
	return out[0]
}

func (h *harness) generations() int { h.t.Helper(); return len(h.Keys(h.t.Context(), "lanes/")) }

// busy has the gateway updated by somebody else for an hour.
func (h *harness) busy() {
	h.t.Helper()
	if err := h.VPC.Busy("vpn-of-"+h.server.ServerID, time.Hour); err != nil {
		h.t.Fatal(err)
	}
}

// A lane that waits before its modification is looked at with one call of the API, and
// nothing is written until the gateway is free.
func TestWakeUpsLookAtABusyGatewayWithoutALease(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	h.busy()
	rep := h.drain(withWakes)
	if rep.Standing != reconcile.Waits {
		t.Fatalf("the drain reports %+v", rep)
	}
	calls, written := len(h.VPC.Calls("")), h.generations()
	for range 5 {
		before := rep
		if rep = h.wake(rep); rep.Standing != reconcile.Waits || rep.Gen != before.Gen {
			t.Fatalf("after %+v the wake-up reports %+v", before, rep)
		}
		if ahead := rep.WakeAt.Sub(before.WakeAt); ahead < time.Second || ahead > 3*time.Second {
			t.Errorf("the next look is %v after the last one", ahead)
		}
	}
	if n := len(h.VPC.Calls("")) - calls; n != 5 || h.generations() != written {
		t.Errorf("%d calls and %d generations for five looks", n, h.generations()-written)
	}
	h.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	h.wake(rep)
	if rec := h.ends(id, change.Applied); rec.Waited.Gateway < 5_000 {
		t.Errorf("waited %+v", rec.Waited)
	}
	h.modifies(1)
}

// A modification that the gateway is at work on is looked at likewise, and verified by the
// first wake-up after it has finished.
func TestWakeUpsLookAtAGatewayThatAppliesAModification(t *testing.T) {
	t.Parallel()
	h := newHarness(t, cloudtest.Configuring(time.Hour))
	id := h.set(change.Port, change.Number(1195))
	rep := h.drain(withWakes)
	written := h.generations()
	for range 3 {
		rep = h.wake(rep)
	}
	if h.pending(id); h.generations() != written {
		t.Errorf("%d generations are written by looks", h.generations()-written)
	}
	h.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	h.wake(rep)
	if rec := h.ends(id, change.Applied); !rec.Verified {
		t.Errorf("record %+v", rec)
	}
	h.modifies(1)
}

// A wake-up of a chain that was replaced ends: one chain for each lane.
func TestAWakeUpOfAnOlderGenerationEnds(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.set(change.Port, change.Number(1195))
	h.busy()
	old := h.drain(withWakes)
	h.pass(time.Minute)
	rep := h.sweepsWithWakes()
	if rep.Gen <= old.Gen {
		t.Fatalf("the sweep begins no chain: %+v after %+v", rep, old)
	}
	calls := len(h.VPC.Calls(""))
	if out := h.wake(old); out.Standing != reconcile.Replaced || !out.WakeAt.IsZero() || len(h.VPC.Calls("")) != calls {
		t.Errorf("the older wake-up reports %+v", out)
	}
	if out := h.wake(rep); out.Standing != reconcile.Waits || out.Gen != rep.Gen || out.WakeAt.IsZero() {
		t.Errorf("the newer one reports %+v", out)
	}
}

// sweepsWithWakes sweeps with wake-ups, and returns the report of the only lane.
func (h *harness) sweepsWithWakes() reconcile.Report {
	h.t.Helper()
	rep, err := h.reconciler(withWakes).Sweep(h.t.Context(), nil)
	if err != nil || len(rep.Lanes) != 1 {
		h.t.Fatalf("%+v, %v", rep, err)
	}
	return rep.Lanes[0]
}

// An event and a sweep that find a chain at work look, and add no wake-up.
func TestWhoWritesNothingAsksForNoWakeUp(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.set(change.Port, change.Number(1195))
	h.busy()
	h.drain(withWakes)
	written := h.generations()
	h.pass(20 * time.Second)
	for name, rep := range map[string]reconcile.Report{"event": h.drain(withWakes), "sweep": h.sweepsWithWakes()} {
		if rep.Standing != reconcile.Waits || !rep.WakeAt.IsZero() {
			t.Errorf("the %s reports %+v", name, rep)
		}
	}
	if h.generations() != written {
		t.Errorf("%d generations written", h.generations()-written)
	}
}

// A change that expires while its gateway is updating ends within a minute or so, although
// wake-ups look at the gateway alone.
func TestTheSweepEndsWhatExpiresWhileWakeUpsLookAtTheGateway(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.submit(func(c *change.Change) {
		c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, h.Clock.Now().Add(30*time.Second)
	})
	h.busy()
	h.drain(withWakes)
	h.pass(time.Minute)
	h.sweepsWithWakes()
	if rec := h.ends(id, change.Expired); rec.Waited.Gateway == 0 {
		t.Errorf("waited %+v", rec.Waited)
	}
}

// A lane that is leased is woken when the lease ends, once.
func TestALeasedLaneIsWokenWhenItsLeaseEnds(t *testing.T) {
	t.Parallel()
	h := newHarness(t, cloudtest.Configuring(300*time.Millisecond))
	id := h.set(change.Port, change.Number(1195))
	done := make(chan reconcile.Report)
	go func() { done <- h.drain() }()
	for h.sent() == 0 {
		select {
		case <-t.Context().Done():
			return
		case <-time.After(time.Millisecond):
		}
	}
	memory := &reconcile.Memory{}
	remembers := func(d *reconcile.Deps, _ *reconcile.Policy) { d.Memory = memory }
	first, second := h.drain(withWakes, remembers), h.drain(withWakes, remembers)
	if left := first.WakeAt.Sub(h.Clock.Now()); first.Standing != reconcile.Leased || first.Gen != 0 || left <= 0 || left > 3*time.Minute {
		t.Errorf("the first drain reports %+v", first)
	}
	if second.Standing != reconcile.Leased || !second.WakeAt.IsZero() {
		t.Errorf("the second drain reports %+v", second)
	}
	<-done
	h.ends(id, change.Applied)
}

// An undo is woken at its time; no invocation waits for it.
func TestAnUndoHasAWakeUp(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.confirmable(change.Patch{change.Port: change.Number(1195)})
	rep := h.drain(withWakes)
	rec := h.ends(id, change.Applied)
	if !rep.WakeAt.Equal(rec.Undo.DueAt.Add(change.UndoGrace)) || rep.Gen == 0 {
		t.Fatalf("the drain reports %+v of an undo that is due at %v", rep, rec.Undo.DueAt)
	}
	if again := h.drain(withWakes); !again.WakeAt.IsZero() {
		t.Errorf("another drain asks once more: %+v", again)
	}
	if out := h.wake(rep); out.Ended != 1 || h.port() != 1194 {
		t.Errorf("the wake-up reports %+v, port %d", out, h.port())
	}
}

// Drains that write while a change is to be confirmed add no wake-up for its undo: the
// sweep asks shortly before.
func TestAnUndoHasFewWakeUps(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.confirmable(change.Patch{change.Port: change.Number(1195)})
	due := h.drain(withWakes).WakeAt
	h.ends(id, change.Applied)
	for range 3 {
		written := h.generations()
		dry := h.submit(func(c *change.Change) { c.Patch, c.DryRun = change.Patch{change.Port: change.Number(1196)}, true })
		if rep := h.drain(withWakes); !rep.WakeAt.IsZero() || h.generations() == written {
			t.Fatalf("a drain that writes reports %+v", rep)
		}
		h.ends(dry, change.Planned)
	}
	h.pass(due.Sub(h.Clock.Now()) - time.Minute)
	rep := h.sweepsWithWakes()
	if !rep.WakeAt.Equal(due) {
		t.Fatalf("the sweep reports %+v, and the undo is due at %v", rep, due)
	}
	if out := h.wake(rep); out.Ended != 1 || h.port() != 1194 {
		t.Errorf("the wake-up reports %+v, port %d", out, h.port())
	}
}

// A wait whose moment stays the same keeps its wake-up, however often it is written.
func TestAWaitThatIsWrittenAgainKeepsItsWakeUp(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	returning := func(d *reconcile.Deps, p *reconcile.Policy) {
		withWakes(d, p)
		p.Return, p.LongQueue = 10*time.Minute, 0
	}
	h.set(change.Compress, change.Flag(true))
	h.drain(returning)
	h.connected(0)
	id := h.submit(func(c *change.Change) { c.Patch, c.Idle = change.Patch{change.Port: change.Number(1195)}, 5 })
	rep := h.drain(returning)
	if rep.WakeAt.IsZero() || rep.Gen == 0 {
		t.Fatalf("the drain reports %+v", rep)
	}
	written := h.generations()
	h.pass(time.Minute)
	again := h.drain(returning)
	if again.Standing != reconcile.Waits || !again.WakeAt.IsZero() || h.generations() == written {
		t.Fatalf("the second drain reports %+v, %d generations", again, h.generations()-written)
	}
	h.pending(id)
	if out := h.wake(rep, returning); out.Ended != 1 {
		t.Errorf("the wake-up reports %+v", out)
	}
	h.ends(id, change.Applied)
}

// A request that waits for its changes leaves a lane that waits to the lane's wake-ups: it
// makes one request for each look, and no call.
func TestARequestThatWaitsLeavesTheGatewayToWakeUps(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	h.busy()
	memory := &reconcile.Memory{}
	waits := func(d *reconcile.Deps, p *reconcile.Policy) {
		withWakes(d, p)
		d.Memory, p.LeaveUndos = memory, true
	}
	rep := h.drain(waits)
	if rep.WakeAt.IsZero() {
		t.Fatalf("the request's drain reports %+v", rep)
	}
	calls, requests := len(h.VPC.Calls("")), h.OSS.State().Requests
	for range 5 {
		if out := h.drain(waits); out.Standing != reconcile.Waits || !out.WakeAt.IsZero() {
			t.Errorf("the request's next drain reports %+v", out)
		}
	}
	if c, r := len(h.VPC.Calls(""))-calls, h.OSS.State().Requests-requests; c != 0 || r != 5 {
		t.Errorf("%d calls and %d requests for five looks", c, r)
	}
	h.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	h.wake(rep)
	h.ends(id, change.Applied)
}

// A gateway that works for a moment only is seen by the invocation that sent the change.
func TestAQuickGatewayNeedsNoWakeUp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		works time.Duration
		waits bool
	}{"quick": {20 * time.Millisecond, false}, "slow": {time.Hour, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			if err := h.VPC.Control(vpc.GatewayControl{ID: "vpn-of-" + h.server.ServerID, Configuring: &tt.works}); err != nil {
				t.Fatal(err)
			}
			h.set(change.Port, change.Number(1195))
			rep := h.drain(func(d *reconcile.Deps, p *reconcile.Policy) {
				withWakes(d, p)
				p.ShortWait = 2 * time.Second
			})
			if h.modifies(1); (rep.Standing == reconcile.Waits) != tt.waits || rep.WakeAt.IsZero() == tt.waits || (rep.Ended == 1) == tt.waits {
				t.Errorf("the drain reports %+v", rep)
			}
		})
	}
}

// A worker that has no time left to wait leaves a lane until the moment at which it would
// have looked again, and not until the next sweep.
func TestALaneIsLeftForAsLongAsItsWorkerWouldHaveWaited(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if err := h.VPC.Control(vpc.GatewayControl{ID: "vpn-of-" + h.server.ServerID, Configuring: new(time.Duration)}); err != nil {
		t.Fatal(err)
	}
	h.set(change.Port, change.Number(1195))
	rep := h.drain(func(d *reconcile.Deps, p *reconcile.Policy) {
		withWakes(d, p)
		p.ShortWait = time.Millisecond
	})
	if ahead := rep.WakeAt.Sub(h.Clock.Now()); rep.Standing != reconcile.Waits || ahead > 2*time.Second {
		t.Fatalf("%s ahead: %+v", ahead, rep)
	}
	h.pass(time.Second)
	if rep = h.wake(rep); rep.Ended != 1 {
		t.Errorf("the wake-up reports %+v", rep)
	}
}
