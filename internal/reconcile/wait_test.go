package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/cloudtest"
	"sslvpnchange/internal/dev/localcloud/vpc"
	"sslvpnchange/internal/reconcile"
)

// impatient is an invocation that waits for next to nothing.
func impatient(_ *reconcile.Deps, p *reconcile.Policy) { p.WaitBudget = 50 * time.Millisecond }

func TestAGatewayThatIsBusyForLongerThanAnInvocationLives(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	if err := b.VPC.Busy("vpn-of-"+b.server.ServerID, time.Hour); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		rep := b.drain(impatient)
		if rep.Standing != reconcile.Waits || !strings.Contains(rep.Why, "updating") {
			t.Fatalf("the drain reports %+v", rep)
		}
	}
	_, pos, err := b.reconciler().Find(t.Context(), id)
	if err != nil || pos == nil || pos.Status != change.Waiting || !strings.Contains(pos.Why, "updating") {
		t.Errorf("its position is %+v, %v", pos, err)
	}
	if pos != nil && pos.Next.Sub(b.Clock.Now()) > 75*time.Second {
		t.Errorf("the next look is %v away", pos.Next.Sub(b.Clock.Now()))
	}
	late := b.set(change.Cipher, change.Text("AES-256-CBC"))
	b.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	b.drain()
	rec := b.ends(id, change.Applied)
	b.ends(late, change.Applied)
	if b.sent() != 1 {
		t.Errorf("%d modifications sent for a gateway that was busy throughout", b.sent())
	}
	if rec.Cost.Invocations != 4 || rec.Waited.Gateway == 0 {
		t.Errorf("cost %+v, waited %+v", rec.Cost, rec.Waited)
	}
}

func TestAModificationThatOutlivesItsInvocationIsVerifiedByALaterOne(t *testing.T) {
	t.Parallel()
	b := newBench(t, cloudtest.Configuring(time.Hour))
	id := b.set(change.Port, change.Number(1195))
	if rep := b.drain(impatient); rep.Standing != reconcile.Waits {
		t.Fatalf("the drain reports %+v", rep)
	}
	b.pending(id)
	_, pos, err := b.reconciler().Find(t.Context(), id)
	if err != nil || pos == nil || pos.Status != change.Applying {
		t.Errorf("its position is %+v, %v", pos, err)
	}
	b.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	b.drain()
	if rec := b.ends(id, change.Applied); !rec.Verified || len(rec.Attempts) != 1 {
		t.Errorf("verified %v after %+v", rec.Verified, rec.Attempts)
	}
	if b.sent() != 1 {
		t.Errorf("sent %d times", b.sent())
	}
	b.lineEmpty()
}

func TestChangesThatComeWhileOneIsAppliedGoTogetherInTheNextRound(t *testing.T) {
	t.Parallel()
	b := newBench(t, cloudtest.Configuring(300*time.Millisecond))
	ids := []string{b.set(change.Port, change.Number(1195))}
	done := make(chan reconcile.Report)
	go func() { done <- b.drain() }()
	for b.sent() == 0 {
		select {
		case <-t.Context().Done():
			return
		case <-time.After(time.Millisecond):
		}
	}
	for i := range 9 {
		ids = append(ids, b.set(change.Port, change.Number(1300+i)))
	}
	if rep := <-done; rep.Ended != 10 {
		t.Errorf("the drain reports %+v", rep)
	}
	for i, id := range ids {
		want := change.Superseded
		if i == 0 || i == 9 {
			want = change.Applied
		}
		b.ends(id, want)
	}
	if b.sent() != 2 || b.port() != 1308 {
		t.Errorf("%d modifications for ten changes, port %d", b.sent(), b.port())
	}
}

func TestAChangeThatExpiresWhileItWaitsIsNotSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.submit(func(c *change.Change) {
		c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, b.Clock.Now().Add(time.Hour)
	})
	if err := b.VPC.Busy("vpn-of-"+b.server.ServerID, time.Hour); err != nil {
		t.Fatal(err)
	}
	b.drain(impatient)
	b.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	b.Clock.Advance(time.Hour)
	b.drain()
	rec := b.ends(id, change.Expired)
	if b.sent() != 0 || !strings.Contains(rec.Error.Message, "gateway") {
		t.Errorf("%d sent, error %+v", b.sent(), rec.Error)
	}
}

func TestAnInvocationThatIsEndingSendsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	rep := b.drain(func(d *reconcile.Deps, p *reconcile.Policy) {
		d.Deadline = d.Now().Add(d.Reserve + 900*time.Millisecond)
	})
	if rep.Standing != reconcile.Waits || b.sent() != 0 {
		t.Errorf("the drain reports %+v, %d sent", rep, b.sent())
	}
	b.drain()
	b.ends(id, change.Applied)
}

func TestALaneThatIsHeldIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, cloudtest.Configuring(200*time.Millisecond))
	id := b.set(change.Port, change.Number(1195))
	done := make(chan reconcile.Report)
	go func() { done <- b.drain() }()
	for b.sent() == 0 {
		select {
		case <-t.Context().Done():
			return
		case <-time.After(time.Millisecond):
		}
	}
	if rep := b.drain(); rep.Standing != reconcile.Leased {
		t.Errorf("a second worker reports %+v", rep)
	}
	<-done
	b.ends(id, change.Applied)
	b.modifies(1)
}

func TestAShortInvocationGivesCallsLessTimeAndStillApplies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	b.drain(func(d *reconcile.Deps, p *reconcile.Policy) {
		p.CallTime = reconcile.DefaultPolicy().CallTime
		d.Deadline = d.Now().Add(p.CallTime)
	})
	b.ends(id, change.Applied)
}
