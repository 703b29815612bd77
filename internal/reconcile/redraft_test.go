package reconcile_test

import (
	"testing"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/vpc"
	"sslvpnchange/internal/queue"
	"sslvpnchange/internal/reconcile"
)

// What was planned before a gateway was busy is planned afresh when it is free.
func TestAPlanIsMadeAfreshAfterAWaitForTheGateway(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		meanwhile func(*bench)
		status    change.Status
		sent      int
		port      int
	}{
		"nothing happened":                  {func(*bench) {}, change.Applied, 1, 1195},
		"somebody else has set the same":    {func(b *bench) { b.setPort(1195) }, change.Unchanged, 0, 1195},
		"somebody else has set another":     {func(b *bench) { b.setPort(1999) }, change.Applied, 1, 1195},
		"another change sets it once more":  {func(b *bench) { b.set(change.Port, change.Number(1300)) }, change.Superseded, 1, 1300},
		"the server is busy with questions": {func(b *bench) { b.fault(vpc.Fault{Action: readServer, Kind: vpc.FaultThrottle}) }, change.Applied, 1, 1195},
		"the server may not be read any more": {
			func(b *bench) {
				b.fault(vpc.Fault{Action: readServer, Kind: vpc.FaultError, Status: 404, Code: "InvalidSslVpnServerId.NotFound"})
			}, change.Failed, 0, 1194,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			id := b.set(change.Port, change.Number(1195))
			b.busyFor(time.Hour)
			b.drain(afterCall(readGateway, 2, func() {
				tt.meanwhile(b)
				b.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
			}))
			b.ends(id, tt.status)
			if b.sent() != tt.sent || b.port() != tt.port {
				t.Errorf("sent %d times, port %d; want %d, %d", b.sent(), b.port(), tt.sent, tt.port)
			}
			b.lineEmpty()
		})
	}
}

// A change that is put back while a worker is frozen, between its look at the
// line and the modification, keeps its place before those that are due later.
func TestAWorkerThatWasFrozenLooksAtTheLineAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	later := b.set(change.Port, change.Number(1195))
	var earlier string
	b.drain(afterCall(readServer, 1, func() {
		b.Clock.Advance(15 * time.Second)
		earlier = b.submit(func(c *change.Change) {
			c.Patch = change.Patch{change.Port: change.Number(1300)}
			c.AcceptedAt = c.AcceptedAt.Add(-time.Hour)
			c.DueAt = c.AcceptedAt
		})
	}))
	b.ends(earlier, change.Superseded)
	b.ends(later, change.Applied)
	if b.sent() != 1 || b.port() != 1195 {
		t.Errorf("sent %d times, port %d", b.sent(), b.port())
	}
}

func TestChangesTakenOutOfLineByHandAreNotSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	b.busyFor(time.Hour)
	rep := b.drain(afterCall(readGateway, 2, func() {
		if err := queue.New(b.Store).Remove(t.Context(), b.Keys(t.Context(), "queue/")...); err != nil {
			t.Error(err)
		}
		b.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	}))
	if rep.Standing != reconcile.Empty || b.sent() != 0 || b.port() != 1194 {
		t.Errorf("the drain reports %+v; sent %d times, port %d", rep, b.sent(), b.port())
	}
	b.pending(id)
	b.set(change.Port, change.Number(1196)) // the lane goes on
	b.drain()
	if b.port() != 1196 {
		t.Errorf("port %d", b.port())
	}
}

func TestAGatewayThatIsBeingDeletedFailsTheChange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	b.gateway(func(g *vpc.Gateway) { g.Status = "deleting" })
	b.drain()
	rec := b.ends(id, change.Failed)
	if rec.Error.Code != "VpnGateway.Deleting" || rec.Error.Hint == "" || b.sent() != 0 {
		t.Errorf("error %+v, sent %d times", rec.Error, b.sent())
	}
	if rec.After[change.Port] != change.Number(1194) {
		t.Errorf("after is %v", rec.After)
	}
}

func TestAGatewayThatDoesNotAnswerIsAskedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault(vpc.Fault{Action: readGateway, Kind: vpc.FaultThrottle})
	id := b.set(change.Port, change.Number(1195))
	b.drain()
	b.ends(id, change.Applied)
	b.modifies(1)
}
