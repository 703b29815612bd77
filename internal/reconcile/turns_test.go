package reconcile_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// Lanes whose gateways stay busy must not use up the invocation.
func TestAttackBusyLanesLeaveTimeForOthers(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var lanes []change.Target
	for i := range 4 {
		target := h.Server(fmt.Sprintf("vss-busy%d", i))
		h.fault(vpc.Fault{Action: "ModifySslVpnServer", Server: target.ServerID, Kind: vpc.FaultError, Status: 400, Code: "VpnGateway.Configuring", Times: -1})
		lanes = append(lanes, target)
	}
	lanes = append(lanes, h.server)
	for _, target := range lanes {
		h.submit(func(c *change.Change) {
			c.Target, c.Patch = target, change.Patch{change.Port: change.Number(1195)}
		})
	}
	reports, err := h.reconciler(func(d *reconcile.Deps, p *reconcile.Policy) {
		d.Deadline, d.Reserve = h.Clock.Now().Add(6*time.Second), 500*time.Millisecond
		p.MaxLanes, p.CallTime = 1, time.Second
	}).DrainAll(t.Context(), lanes)
	if err != nil {
		t.Fatal(err)
	}
	if len(reports) != len(lanes) || reports[len(lanes)-1].Ended != 1 {
		t.Errorf("got %+v", reports)
	}
}
