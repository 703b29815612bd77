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

// landing is a fault of a modification, and after how long the modification cannot take
// effect any more.
type landing struct {
	fault vpc.Fault
	after time.Duration
}

func landings() map[string]landing {
	return map[string]landing{
		"after an answer":    {failing(500, "UnknownError", -1), 10 * time.Second},
		"without any answer": {vpc.Fault{Action: modify, Kind: vpc.FaultReset, Times: -1}, 2 * time.Minute},
	}
}

// Somebody else changes a setting that the API has answered with errors: whether the
// modification took effect before cannot be seen any more. It is sent again until
// somebody cancels the change; then its outcome is unknown, and the lane is free.
func TestACancelAfterSomebodyElseModifiedTheServer(t *testing.T) {
	t.Parallel()
	for name, tt := range landings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.fault(tt.fault)
			id := h.set(change.Port, change.Number(1195))
			h.drain(paced)
			h.setPort(1999)
			behind := h.set(change.Port, change.Number(1196))
			h.cancels(id)
			sent := h.sent()
			h.drain(paced)
			h.pending(id) // what was sent may still take effect
			h.pass(tt.after - 2*time.Second)
			h.drain(paced)
			h.pending(id)
			h.VPC.ClearFaults()
			h.pass(3 * time.Second)
			h.drain(paced)
			rec := h.ends(id, change.Failed)
			if rec.Error.Code != "OutcomeUnknown" || !strings.Contains(rec.Error.Message, "neither its old nor the new") {
				t.Errorf("it ended with %+v", rec.Error)
			}
			h.ends(behind, change.Applied)
			if h.queueEmpty(); h.sent() != sent+1 {
				t.Errorf("sent %d times after it was cancelled", h.sent()-sent-1)
			}
		})
	}
}

// A change that the API does not accept can be cancelled, and the one behind it goes
// on.
func TestAChangeThatFailsCanBeCancelled(t *testing.T) {
	t.Parallel()
	for name, tt := range landings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.fault(tt.fault)
			bad := h.set(change.ClientIPPool, change.Text("172.16.0.0/24"))
			h.drain(paced)
			right := h.set(change.ClientIPPool, change.Text("10.40.0.0/24"))
			pos := h.position(bad)
			if pos.Status != change.Waiting || pos.Cause != reconcile.CauseFailing || !strings.Contains(pos.Why, "still has its old settings") {
				t.Errorf("it stands as %+v", pos)
			}
			h.cancels(bad)
			sent := h.sent()
			h.drain(paced)
			h.pending(bad) // what was sent may still take effect
			h.pass(tt.after - 2*time.Second)
			h.drain(paced)
			h.pending(bad)
			h.VPC.ClearFaults()
			h.pass(3 * time.Second)
			h.drain(paced)
			if rec := h.ends(bad, change.Cancelled); len(rec.Attempts) == 0 || rec.Verified || rec.Error.Code != "Cancelled" {
				t.Errorf("attempts %+v, error %+v", rec.Attempts, rec.Error)
			}
			h.ends(right, change.Applied)
			calls := h.VPC.Calls(modify)
			if len(calls) != sent+1 || calls[sent].Params["ClientIpPool"] != "10.40.0.0/24" {
				t.Errorf("%d sends after it was cancelled, the last is %v", len(calls)-sent, calls[len(calls)-1].Params)
			}
			h.queueEmpty()
		})
	}
}

// What took effect although the API answered with an error is applied, whoever
// cancelled it meanwhile.
func TestACancelAfterTheEffectIsTooLate(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(failing(500, "UnknownError", -1))
	id := h.set(change.Port, change.Number(1195))
	h.drain(paced)
	h.cancels(id)
	h.setPort(1195)
	h.pass(time.Minute)
	h.drain(paced)
	h.ends(id, change.Applied)
}

// A modification that was refused as busy and then accepted is not dropped: a cancel
// while the gateway is at work on it is too late.
func TestACancelAfterARefusalAndAnAcceptanceIsTooLate(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]vpc.Fault{
		"refused":             {failing(400, "SystemBusy", 2)},
		"refused, then lost":  {failing(400, "SystemBusy", 2), {Action: modify, Kind: vpc.FaultReset, Commit: true, Times: 1}},
		"lost, then accepted": {{Action: modify, Kind: vpc.FaultReset, Times: 1}},
		"an error, as well":   {failing(400, "VpnGateway.Configuring", 1), failing(500, "UnknownError", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, cloudtest.Configuring(time.Hour))
			h.fault(faults...)
			leaves := func(d *reconcile.Deps, p *reconcile.Policy) {
				paced(d, p)
				p.WaitBudget = 0
			}
			id := h.set(change.Port, change.Number(1195))
			for range 15 {
				h.drain(leaves)
				h.pass(time.Minute)
			}
			h.modifies(1)
			if pos := h.position(id); pos.Status != change.Applying {
				t.Errorf("it stands as %+v", pos)
			}
			h.cancels(id)
			h.drain(leaves)
			h.pending(id)
			if err := h.VPC.UpdateGateway("vpn-of-"+h.server.ServerID, func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} }); err != nil {
				t.Fatal(err)
			}
			h.drain(leaves)
			h.ends(id, change.Applied)
			h.modifies(1)
			h.queueEmpty()
		})
	}
}

// Merged changes of which one is cancelled are planned again without it.
func TestOneOfMergedChangesThatFailIsCancelled(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(failing(500, "UnknownError", 1))
	bad, good := h.set(change.ClientIPPool, change.Text("172.16.0.0/24")), h.set(change.Port, change.Number(1195))
	h.drain(paced)
	h.cancels(bad)
	h.pass(time.Minute)
	h.drain(paced)
	h.ends(bad, change.Cancelled)
	if rec := h.ends(good, change.Applied); rec.ClientToken == h.VPC.Calls(modify)[0].Params["ClientToken"] {
		t.Error("another modification has the token of the first")
	}
	if s, _ := h.VPC.Server(h.server.ServerID); s.ClientIPPool != "10.30.30.0/24" || s.Port != 1195 {
		t.Errorf("the server is %+v", s)
	}
}

// A cancel that comes while a worker pauses between two sends is seen before the
// next one.
func TestACancelDuringAPauseStopsTheNextSend(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(failing(500, "UnknownError", -1))
	id := h.set(change.Port, change.Number(1195))
	h.drain(afterCall(modify, 1, func() {
		h.cancels(id)
		h.Clock.Advance(11 * time.Second)
	}))
	h.pass(time.Minute)
	h.drain()
	h.ends(id, change.Cancelled)
	if h.sent() != 1 {
		t.Errorf("sent %d times", h.sent())
	}
}

// A change that waits behind one that fails is cancelled at once, and the other one
// goes on as before.
func TestACancelBehindAModificationThatFails(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(failing(500, "UnknownError", 3))
	first := h.set(change.Port, change.Number(1195))
	h.sweeps(1)
	h.drain(paced)
	behind := h.set(change.Cipher, change.Text("none"))
	h.cancels(behind)
	sent := h.sent()
	h.drain(paced)
	if rec := h.ends(behind, change.Cancelled); rec.ClientToken != "" || rec.Verified {
		t.Errorf("the record is %+v", rec)
	}
	h.pending(first)
	if h.sent() != sent {
		t.Error("sent within the pause")
	}
	h.sweeps(3)
	h.ends(first, change.Applied)
	h.oneToken(h.sent())
	h.modifies(1)
	h.queueEmpty()
}
