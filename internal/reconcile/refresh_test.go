package reconcile_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// What was planned before a gateway was busy is planned afresh when it is free.
func TestAPlanIsMadeAfreshAfterAWaitForTheGateway(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		meanwhile func(*harness)
		status    change.Status
		sent      int
		port      int
	}{
		"nothing happened":                  {func(*harness) {}, change.Applied, 1, 1195},
		"somebody else has set the same":    {func(h *harness) { h.setPort(1195) }, change.Unchanged, 0, 1195},
		"somebody else has set another":     {func(h *harness) { h.setPort(1999) }, change.Applied, 1, 1195},
		"another change sets it once more":  {func(h *harness) { h.set(change.Port, change.Number(1300)) }, change.Superseded, 1, 1300},
		"the server is busy with questions": {func(h *harness) { h.fault(vpc.Fault{Action: readServer, Kind: vpc.FaultThrottle}) }, change.Applied, 1, 1195},
		"the server may not be read any more": {
			func(h *harness) {
				h.fault(vpc.Fault{Action: readServer, Kind: vpc.FaultError, Status: 404, Code: "InvalidSslVpnServerId.NotFound"})
			}, change.Failed, 0, 1194,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			id := h.set(change.Port, change.Number(1195))
			h.busyFor(time.Hour)
			h.drain(afterCall(readGateway, 2, func() {
				tt.meanwhile(h)
				h.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
			}))
			h.ends(id, tt.status)
			if h.sent() != tt.sent || h.port() != tt.port {
				t.Errorf("sent %d times, port %d; want %d, %d", h.sent(), h.port(), tt.sent, tt.port)
			}
			h.queueEmpty()
		})
	}
}

// A change that is queued again while a worker is frozen, between its read of the
// queue and the modification, keeps its place before those that are due later.
func TestAWorkerThatWasFrozenReadsTheQueueAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	later := h.set(change.Port, change.Number(1195))
	var earlier string
	h.drain(afterCall(readServer, 1, func() {
		h.Clock.Advance(15 * time.Second)
		earlier = h.submit(func(c *change.Change) {
			c.Patch = change.Patch{change.Port: change.Number(1300)}
			c.AcceptedAt = c.AcceptedAt.Add(-time.Hour)
			c.DueAt = c.AcceptedAt
		})
	}))
	h.ends(earlier, change.Superseded)
	h.ends(later, change.Applied)
	if h.sent() != 1 || h.port() != 1195 {
		t.Errorf("sent %d times, port %d", h.sent(), h.port())
	}
}

func TestChangesDeletedByHandAreNotSent(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	h.busyFor(time.Hour)
	rep := h.drain(afterCall(readGateway, 2, func() {
		if err := queue.New(h.Store).Remove(t.Context(), h.Keys(t.Context(), "queue/")...); err != nil {
			t.Error(err)
		}
		h.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	}))
	if rep.Standing != reconcile.Empty || h.sent() != 0 || h.port() != 1194 {
		t.Errorf("the drain reports %+v; sent %d times, port %d", rep, h.sent(), h.port())
	}
	h.pending(id)
	h.set(change.Port, change.Number(1196)) // the lane goes on
	h.drain()
	if h.port() != 1196 {
		t.Errorf("port %d", h.port())
	}
}

func TestAGatewayThatIsBeingDeletedFailsTheChange(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	h.gateway(func(g *vpc.Gateway) { g.Status = "deleting" })
	h.drain()
	rec := h.ends(id, change.Failed)
	if rec.Error.Code != "VpnGateway.Deleting" || rec.Error.Hint == "" || h.sent() != 0 {
		t.Errorf("error %+v, sent %d times", rec.Error, h.sent())
	}
	if rec.After[change.Port] != change.Number(1194) {
		t.Errorf("after is %v", rec.After)
	}
}

func TestAGatewayThatDoesNotAnswerIsAskedAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(vpc.Fault{Action: readGateway, Kind: vpc.FaultThrottle})
	id := h.set(change.Port, change.Number(1195))
	h.drain()
	h.ends(id, change.Applied)
	h.modifies(1)
}
