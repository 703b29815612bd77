package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// impatient is an invocation that waits for next to nothing.
func impatient(_ *reconcile.Deps, p *reconcile.Policy) { p.WaitBudget = 50 * time.Millisecond }

func TestAGatewayThatIsBusyForLongerThanAnInvocationLives(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	if err := h.VPC.Busy("vpn-of-"+h.server.ServerID, time.Hour); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		rep := h.drain(impatient)
		if rep.Standing != reconcile.Waits || !strings.Contains(rep.Why, "updating") {
			t.Fatalf("the drain reports %+v", rep)
		}
	}
	_, pos, err := h.reconciler().Find(t.Context(), id)
	if err != nil || pos == nil || pos.Status != change.Waiting || !strings.Contains(pos.Why, "updating") {
		t.Errorf("its position is %+v, %v", pos, err)
	}
	if pos != nil && pos.Next.Sub(h.Clock.Now()) > 75*time.Second {
		t.Errorf("the next look is %v away", pos.Next.Sub(h.Clock.Now()))
	}
	late := h.set(change.Cipher, change.Text("AES-256-CBC"))
	h.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	h.drain()
	rec := h.ends(id, change.Applied)
	h.ends(late, change.Applied)
	if h.sent() != 1 {
		t.Errorf("%d modifications sent for a gateway that was busy throughout", h.sent())
	}
	if rec.Cost.Invocations != 4 || rec.Waited.Gateway == 0 {
		t.Errorf("cost %+v, waited %+v", rec.Cost, rec.Waited)
	}
}

func TestAModificationThatOutlivesItsInvocationIsVerifiedByALaterOne(t *testing.T) {
	t.Parallel()
	h := newHarness(t, cloudtest.Configuring(time.Hour))
	id := h.set(change.Port, change.Number(1195))
	if rep := h.drain(impatient); rep.Standing != reconcile.Waits {
		t.Fatalf("the drain reports %+v", rep)
	}
	h.pending(id)
	_, pos, err := h.reconciler().Find(t.Context(), id)
	if err != nil || pos == nil || pos.Status != change.Applying {
		t.Errorf("its position is %+v, %v", pos, err)
	}
	h.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	h.drain()
	if rec := h.ends(id, change.Applied); !rec.Verified || len(rec.Attempts) != 1 {
		t.Errorf("verified %v after %+v", rec.Verified, rec.Attempts)
	}
	if h.sent() != 1 {
		t.Errorf("sent %d times", h.sent())
	}
	h.queueEmpty()
}

func TestChangesThatComeWhileOneIsAppliedGoTogetherInTheNextRound(t *testing.T) {
	t.Parallel()
	h := newHarness(t, cloudtest.Configuring(300*time.Millisecond))
	ids := []string{h.set(change.Port, change.Number(1195))}
	done := make(chan reconcile.Report)
	go func() { done <- h.drain() }()
	for h.sent() == 0 {
		select {
		case <-t.Context().Done():
			return
		case <-time.After(time.Millisecond):
		}
	}
	for i := range 9 {
		ids = append(ids, h.set(change.Port, change.Number(1300+i)))
	}
	if rep := <-done; rep.Ended != 10 {
		t.Errorf("the drain reports %+v", rep)
	}
	for i, id := range ids {
		want := change.Superseded
		if i == 0 || i == 9 {
			want = change.Applied
		}
		h.ends(id, want)
	}
	if h.sent() != 2 || h.port() != 1308 {
		t.Errorf("%d modifications for ten changes, port %d", h.sent(), h.port())
	}
}

func TestAChangeThatExpiresWhileItWaitsIsNotSent(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.submit(func(c *change.Change) {
		c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, h.Clock.Now().Add(time.Hour)
	})
	if err := h.VPC.Busy("vpn-of-"+h.server.ServerID, time.Hour); err != nil {
		t.Fatal(err)
	}
	h.drain(impatient)
	h.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	h.Clock.Advance(time.Hour)
	h.drain()
	rec := h.ends(id, change.Expired)
	if h.sent() != 0 || !strings.Contains(rec.Error.Message, "gateway") {
		t.Errorf("%d sent, error %+v", h.sent(), rec.Error)
	}
}

func TestAnInvocationThatIsEndingSendsNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	rep := h.drain(func(d *reconcile.Deps, p *reconcile.Policy) {
		d.Deadline = d.Now().Add(d.Reserve + 900*time.Millisecond)
	})
	if rep.Standing != reconcile.Waits || h.sent() != 0 {
		t.Errorf("the drain reports %+v, %d sent", rep, h.sent())
	}
	h.drain()
	h.ends(id, change.Applied)
}

func TestALeasedLaneIsSkipped(t *testing.T) {
	t.Parallel()
	h := newHarness(t, cloudtest.Configuring(200*time.Millisecond))
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
	if rep := h.drain(); rep.Standing != reconcile.Leased {
		t.Errorf("a second worker reports %+v", rep)
	}
	<-done
	h.ends(id, change.Applied)
	h.modifies(1)
}

func TestAShortInvocationGivesCallsLessTimeAndStillApplies(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	h.drain(func(d *reconcile.Deps, p *reconcile.Policy) {
		p.CallTime = reconcile.DefaultPolicy().CallTime
		d.Deadline = d.Now().Add(p.CallTime)
	})
	h.ends(id, change.Applied)
}
